//! `application/x-www-form-urlencoded` with brackets, as Stripe's SDKs write it, and its typed reading.
//!
//! `evidence[receipt]=file_1&expand[]=charge&created[gte]=5` is a tree. What is not read by anybody is an unknown parameter,
//! and refused by name: a misspelt `evidense` must not pass for "nothing to change".

use crate::Error;
use std::collections::BTreeMap;

/// More names than every parameter of the largest request (27 evidence fields, two prior transactions of 13 fields each, 50
/// metadata keys) with as much room again.
const KEYS_MAX: usize = 400;
/// `evidence[enhanced_evidence][visa_compelling_evidence_3][prior_undisputed_transactions][0][shipping_address][city]` is
/// seven levels, the deepest that Stripe has.
const DEPTH_MAX: usize = 8;
/// A metadata key has at most 40 characters, percent-decoded; every name of Stripe's, brackets included, fits.
const NAME_BYTES_MAX: usize = 256;

/// One value, or a hash of them. Arrays are hashes of their positions until somebody reads them as arrays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    Text(String),
    Hash(BTreeMap<Step, Node>),
}

/// One level of a name. Positions sort as numbers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    At(u32),
    Name(String),
}

/// What is left to read at one level, and what that level is called.
#[derive(Clone, Debug)]
pub struct Params {
    prefix: String,
    left: BTreeMap<Step, Node>,
}

/// Decodes a query or a body.
pub fn decode(text: &[u8]) -> Result<Params, Error> {
    of_pairs(pairs(text)?)
}

/// Names and values of a query or a body, in order, percent-decoded.
pub fn pairs(text: &[u8]) -> Result<Vec<(String, String)>, Error> {
    let mut decoded = Vec::new();
    let pairs = text
        .split(|byte| *byte == b'&')
        .filter(|pair| !pair.is_empty());
    for pair in pairs {
        if decoded.len() == KEYS_MAX {
            return Err(Error::invalid(format!(
                "A request has at most {KEYS_MAX} parameters."
            )));
        }
        let mut halves = pair.splitn(2, |byte| *byte == b'=');
        let name = percent(halves.next().unwrap_or_default())?;
        let value = percent(halves.next().unwrap_or_default())?;
        decoded.push((name, value));
    }
    Ok(decoded)
}

/// Parameters that came as parts of a multipart body, with names of the same form.
pub fn of_pairs(pairs: Vec<(String, String)>) -> Result<Params, Error> {
    let mut root = BTreeMap::new();
    for (name, value) in pairs {
        insert(&mut root, &name, value)?;
    }
    Ok(Params {
        prefix: String::new(),
        left: root,
    })
}

fn percent(bytes: &[u8]) -> Result<String, Error> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter().copied();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => out.push(b' '),
            b'%' => {
                let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
                let pair = (digit(rest.next()), digit(rest.next()));
                let (Some(high), Some(low)) = pair else {
                    return Err(Error::invalid(
                        "Invalid form encoding: `%` is followed by two hexadecimal digits.",
                    ));
                };
                out.push(u8::try_from(high * 16 + low).expect("two hexadecimal digits fit"));
            }
            other => out.push(other),
        }
    }
    let text = String::from_utf8(out)
        .map_err(|_| Error::invalid("Invalid form encoding: the text is not UTF-8."))?;
    if text.contains('\0') {
        return Err(Error::invalid("Invalid form encoding: it holds a NUL."));
    }
    Ok(text)
}

/// `a[b][]` as its steps; the position of `[]` is the next free one.
fn steps(name: &str) -> Result<Vec<Option<Step>>, Error> {
    let refuse = || Error::invalid(format!("Invalid parameter name: {}", shortened(name)));
    if name.is_empty() || name.len() > NAME_BYTES_MAX {
        return Err(refuse());
    }
    let (first, mut rest) = match name.split_once('[') {
        Some((first, _)) => (first, name.get(first.len()..).unwrap_or_default()),
        None => (name, ""),
    };
    if first.is_empty() || first.contains(']') {
        return Err(refuse());
    }
    let mut steps = vec![Some(Step::Name(first.to_owned()))];
    while !rest.is_empty() {
        let (inside, after) = rest
            .strip_prefix('[')
            .and_then(|rest| rest.split_once(']'))
            .ok_or_else(refuse)?;
        if inside.contains('[') {
            return Err(refuse());
        }
        steps.push(match inside {
            "" => None,
            position if position.bytes().all(|byte| byte.is_ascii_digit()) => {
                Some(Step::At(position.parse().map_err(|_| refuse())?))
            }
            name => Some(Step::Name(name.to_owned())),
        });
        rest = after;
    }
    if steps.len() > DEPTH_MAX {
        return Err(Error::invalid(format!(
            "Parameters are nested at most {DEPTH_MAX} levels deep: {}",
            shortened(name)
        )));
    }
    Ok(steps)
}

fn insert(root: &mut BTreeMap<Step, Node>, name: &str, value: String) -> Result<(), Error> {
    let mut steps = steps(name)?;
    let last = steps.pop().flatten();
    let mut level = root;
    for step in steps {
        let step = step.unwrap_or_else(|| Step::At(next(level)));
        let node = level
            .entry(step)
            .or_insert_with(|| Node::Hash(BTreeMap::new()));
        match node {
            Node::Hash(inner) => level = inner,
            Node::Text(_) => return Err(twice(name)),
        }
    }
    let step = last.unwrap_or_else(|| Step::At(next(level)));
    match level.insert(step, Node::Text(value)) {
        None => Ok(()),
        // Which of two values is meant cannot be known; frameworks differ, and so attackers use it.
        Some(_) => Err(twice(name)),
    }
}

fn next(level: &BTreeMap<Step, Node>) -> u32 {
    u32::try_from(level.len()).unwrap_or(u32::MAX)
}

fn twice(name: &str) -> Error {
    Error::invalid(format!(
        "The parameter is given more than once: {}",
        shortened(name)
    ))
    .param(shortened(name))
}

fn shortened(name: &str) -> String {
    name.chars().take(80).collect()
}

impl Params {
    /// No parameters.
    pub fn none() -> Params {
        Params {
            prefix: String::new(),
            left: BTreeMap::new(),
        }
    }

    /// The parameter as it was written, for error objects.
    pub fn named(&self, name: &str) -> String {
        match self.prefix.as_str() {
            "" => name.to_owned(),
            prefix => format!("{prefix}[{name}]"),
        }
    }

    fn take(&mut self, name: &str) -> Option<Node> {
        self.left.remove(&Step::Name(name.to_owned()))
    }

    /// A text; empty is a text too, and says "unset" where something can be unset.
    pub fn text(&mut self, name: &str) -> Result<Option<String>, Error> {
        match self.take(name) {
            None => Ok(None),
            Some(Node::Text(text)) => Ok(Some(text)),
            Some(Node::Hash(_)) => {
                let param = self.named(name);
                Err(
                    Error::invalid(format!("Invalid string: expected a text in {param}"))
                        .param(param),
                )
            }
        }
    }

    /// A text that is not empty.
    pub fn word(&mut self, name: &str) -> Result<Option<String>, Error> {
        let text = self.text(name)?;
        if text.as_deref() == Some("") {
            let param = self.named(name);
            let message = format!("You passed an empty string for '{param}'.");
            return Err(Error::invalid(message)
                .code("parameter_invalid_empty")
                .param(param));
        }
        Ok(text)
    }

    pub fn boolean(&mut self, name: &str) -> Result<Option<bool>, Error> {
        match self.text(name)?.as_deref() {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(other) => {
                let message = format!("Invalid boolean: {}", shortened(other));
                Err(Error::invalid(message).param(self.named(name)))
            }
        }
    }

    pub fn integer(&mut self, name: &str) -> Result<Option<i64>, Error> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        let parsed = text.parse::<i64>();
        parsed.map(Some).map_err(|_| {
            Error::invalid(format!("Invalid integer: {}", shortened(&text)))
                .code("parameter_invalid_integer")
                .param(self.named(name))
        })
    }

    /// A hash, whose own parameters are read and finished apart. An empty text is an empty hash.
    pub fn hash(&mut self, name: &str) -> Result<Option<Params>, Error> {
        let prefix = self.named(name);
        match self.take(name) {
            None => Ok(None),
            Some(Node::Hash(left)) => Ok(Some(Params { prefix, left })),
            Some(Node::Text(text)) if text.is_empty() => Ok(Some(Params {
                prefix,
                left: BTreeMap::new(),
            })),
            Some(Node::Text(_)) => {
                Err(Error::invalid(format!("Invalid hash: {prefix}")).param(prefix))
            }
        }
    }

    /// Either a text or a hash: `created=5` and `created[gte]=5`.
    pub fn text_or_hash(&mut self, name: &str) -> Option<Result<String, Params>> {
        let prefix = self.named(name);
        match self.take(name)? {
            Node::Text(text) => Some(Ok(text)),
            Node::Hash(left) => Some(Err(Params { prefix, left })),
        }
    }

    /// An array of texts, by `[]` or by positions.
    pub fn texts(&mut self, name: &str) -> Result<Vec<String>, Error> {
        let param = self.named(name);
        let refuse = || Error::invalid(format!("Invalid array: {param}")).param(param.clone());
        match self.take(name) {
            None => Ok(Vec::new()),
            Some(Node::Text(text)) if text.is_empty() => Ok(Vec::new()),
            Some(Node::Text(_)) => Err(refuse()),
            Some(Node::Hash(items)) => items
                .into_iter()
                .map(|item| match item {
                    (Step::At(_), Node::Text(text)) => Ok(text),
                    _ => Err(refuse()),
                })
                .collect(),
        }
    }

    /// An array of hashes, by positions.
    pub fn hashes(&mut self, name: &str) -> Result<Vec<Params>, Error> {
        let param = self.named(name);
        let refuse = || Error::invalid(format!("Invalid array: {param}")).param(param.clone());
        match self.take(name) {
            None => Ok(Vec::new()),
            Some(Node::Text(text)) if text.is_empty() => Ok(Vec::new()),
            Some(Node::Text(_)) => Err(refuse()),
            Some(Node::Hash(items)) => items
                .into_iter()
                .map(|item| match item {
                    (Step::At(at), Node::Hash(left)) => Ok(Params {
                        prefix: format!("{param}[{at}]"),
                        left,
                    }),
                    _ => Err(refuse()),
                })
                .collect(),
        }
    }

    /// Every remaining pair, for hashes whose keys are the caller's own.
    pub fn pairs(self) -> Result<Vec<(String, String)>, Error> {
        let prefix = self.prefix;
        self.left
            .into_iter()
            .map(|(step, node)| {
                let name = match step {
                    Step::At(at) => at.to_string(),
                    Step::Name(name) => name,
                };
                match node {
                    Node::Text(text) => Ok((name, text)),
                    Node::Hash(_) => {
                        let param = format!("{prefix}[{name}]");
                        Err(Error::invalid(format!("Invalid string: {param}")).param(param))
                    }
                }
            })
            .collect()
    }

    /// Every remaining pair; an array is its name several times.
    pub fn flat(self) -> Result<Vec<(String, String)>, Error> {
        let prefix = self.prefix;
        let mut pairs = Vec::new();
        for (step, node) in self.left {
            let name = match step {
                Step::At(at) => at.to_string(),
                Step::Name(name) => name,
            };
            match node {
                Node::Text(text) => pairs.push((name, text)),
                Node::Hash(items) => {
                    for item in items {
                        let (Step::At(_), Node::Text(text)) = item else {
                            let param = format!("{prefix}[{name}]");
                            return Err(
                                Error::invalid(format!("Invalid array: {param}")).param(param)
                            );
                        };
                        pairs.push((name.clone(), text));
                    }
                }
            }
        }
        Ok(pairs)
    }

    /// Whether anything is left.
    pub fn is_empty(&self) -> bool {
        self.left.is_empty()
    }

    /// Everything was read; whatever is left is not a parameter of this request.
    pub fn finish(self) -> Result<(), Error> {
        match self.left.keys().next() {
            None => Ok(()),
            Some(step) => {
                let name = match step {
                    Step::At(at) => at.to_string(),
                    Step::Name(name) => shortened(name),
                };
                Err(Error::unknown_parameter(&self.named(&name)))
            }
        }
    }
}

#[cfg(test)]
mod tests;
