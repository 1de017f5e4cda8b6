//! Forms as SDKs and as attackers write them.

use super::*;

fn rendered(nodes: &BTreeMap<Step, Node>) -> String {
    let parts: Vec<String> = nodes
        .iter()
        .map(|(step, node)| {
            let name = match step {
                Step::At(at) => at.to_string(),
                Step::Name(name) => name.clone(),
            };
            match node {
                Node::Text(text) => format!("{name}={text}"),
                Node::Hash(inner) => format!("{name}{{{}}}", rendered(inner)),
            }
        })
        .collect();
    parts.join(" ")
}

#[track_caller]
fn check(form: &str, want: &str) {
    let got = match decode(form.as_bytes()) {
        Ok(params) => rendered(&params.left),
        Err(error) => format!("! {}", error.message),
    };
    assert_eq!(got, want, "{form}");
}

#[test]
fn names_are_trees() {
    check("", "");
    check("a=1&b=", "a=1 b=");
    check("a=x+y%20z%2B", "a=x y z+");
    check(
        "expand[]=charge&expand[]=payment_intent",
        "expand{0=charge 1=payment_intent}",
    );
    check("expand[10]=k&expand[9]=j", "expand{9=j 10=k}");
    check("expand%5B0%5D=charge", "expand{0=charge}");
    check("created[gte]=1&created[lt]=2", "created{gte=1 lt=2}");
    check(
        "evidence[enhanced_evidence][visa_compelling_evidence_3][prior_undisputed_transactions][0][charge]=ch_1",
        "evidence{enhanced_evidence{visa_compelling_evidence_3{prior_undisputed_transactions{0{charge=ch_1}}}}}",
    );
    check("metadata[caf%C3%A9]=1", "metadata{café=1}");
}

#[test]
fn what_cannot_be_one_tree_is_refused() {
    check("a=1&a=2", "! The parameter is given more than once: a");
    check(
        "a=1&a[b]=2",
        "! The parameter is given more than once: a[b]",
    );
    check("a[b]=1&a=2", "! The parameter is given more than once: a");
    check(
        "a[0]=1&a[0]=2",
        "! The parameter is given more than once: a[0]",
    );
    check("a[=1", "! Invalid parameter name: a[");
    check("a]=1", "! Invalid parameter name: a]");
    check("[a]=1", "! Invalid parameter name: [a]");
    check("a[b]c=1", "! Invalid parameter name: a[b]c");
    check("a[b[c]]=1", "! Invalid parameter name: a[b[c]]");
    check("=1", "! Invalid parameter name: ");
    check(
        "a[99999999999]=1",
        "! Invalid parameter name: a[99999999999]",
    );
    check(
        "a=%",
        "! Invalid form encoding: `%` is followed by two hexadecimal digits.",
    );
    check(
        "a=%zz",
        "! Invalid form encoding: `%` is followed by two hexadecimal digits.",
    );
    check("a=%ff", "! Invalid form encoding: the text is not UTF-8.");
    check("a=%00", "! Invalid form encoding: it holds a NUL.");
    check(
        "a[b][c][d][e][f][g][h][i]=1",
        "! Parameters are nested at most 8 levels deep: a[b][c][d][e][f][g][h][i]",
    );
    let many: String = (0..401).map(|n| format!("k{n}=1&")).collect();
    check(&many, "! A request has at most 400 parameters.");
    let long = "a".repeat(257);
    check(
        &format!("{long}=1"),
        &format!("! Invalid parameter name: {}", "a".repeat(80)),
    );
}

#[test]
fn what_nobody_reads_is_named() {
    let mut params = decode(b"limit=3&evidence[receit]=x&foo=1").unwrap();
    assert_eq!(params.integer("limit").unwrap(), Some(3));
    let evidence = params.hash("evidence").unwrap().unwrap();
    let error = evidence.finish().unwrap_err();
    assert_eq!(
        error.message,
        "Received unknown parameter: evidence[receit]"
    );
    assert_eq!(error.param.as_deref(), Some("evidence[receit]"));
    assert_eq!(
        params.finish().unwrap_err().message,
        "Received unknown parameter: foo"
    );
}

#[test]
fn types_are_told_with_the_parameter() {
    let mut params = decode(b"limit=ten&submit=yes&charge=&metadata=x&expand=charge").unwrap();
    let error = params.integer("limit").unwrap_err();
    assert_eq!(
        (error.message.as_str(), error.code),
        ("Invalid integer: ten", Some("parameter_invalid_integer"))
    );
    assert_eq!(
        params.boolean("submit").unwrap_err().message,
        "Invalid boolean: yes"
    );
    assert_eq!(
        params.word("charge").unwrap_err().code,
        Some("parameter_invalid_empty")
    );
    assert_eq!(
        params.hash("metadata").unwrap_err().message,
        "Invalid hash: metadata"
    );
    assert_eq!(
        params.texts("expand").unwrap_err().message,
        "Invalid array: expand"
    );
}
