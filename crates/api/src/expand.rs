//! `expand[]`: what a caller wants to see whole instead of by its id, path by path.

use crate::Error;
use crate::call::Call;

/// As Stripe's: `data.` of a list counts.
const DEPTH_MAX: usize = 4;

/// What a path leads through: kinds of objects, by what of them can be shown whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    Account,
    Charge,
    Dispute,
    /// The files of a dispute's answer.
    Evidence,
    File,
    Intent,
    Link,
    Movement,
    Warning,
    /// Nothing that any document tells of: always null here, and expanded null stays null.
    Untold,
    /// Objects of which nothing is expanded.
    Whole,
}

impl Of {
    /// The fields that can be expanded, and what is behind each.
    fn fields(self) -> &'static [(&'static str, Of)] {
        match self {
            Of::Account | Of::File | Of::Whole | Of::Untold => &[],
            Of::Charge => &[
                ("payment_intent", Of::Intent),
                ("application", Of::Untold),
                ("application_fee", Of::Untold),
                ("balance_transaction", Of::Untold),
                ("customer", Of::Untold),
                ("failure_balance_transaction", Of::Untold),
                ("on_behalf_of", Of::Untold),
                ("review", Of::Untold),
                ("source_transfer", Of::Untold),
            ],
            Of::Dispute => &[
                ("charge", Of::Charge),
                ("payment_intent", Of::Intent),
                ("evidence", Of::Evidence),
                ("docket", Of::Whole),
            ],
            Of::Evidence => &[
                ("cancellation_policy", Of::File),
                ("customer_communication", Of::File),
                ("customer_signature", Of::File),
                ("duplicate_charge_documentation", Of::File),
                ("receipt", Of::File),
                ("refund_policy", Of::File),
                ("service_documentation", Of::File),
                ("shipping_documentation", Of::File),
                ("uncategorized_file", Of::File),
            ],
            Of::Intent => &[
                ("latest_charge", Of::Charge),
                ("application", Of::Untold),
                ("customer", Of::Untold),
                ("on_behalf_of", Of::Untold),
                ("payment_method", Of::Untold),
                ("review", Of::Untold),
            ],
            Of::Link => &[("file", Of::File)],
            Of::Movement => &[("source", Of::Dispute)],
            Of::Warning => &[("charge", Of::Charge), ("payment_intent", Of::Intent)],
        }
    }

    /// Whether a path leads from here to something that can be expanded.
    fn leads(self, path: &str) -> bool {
        let (first, rest) = match path.split_once('.') {
            Some((first, rest)) => (first, Some(rest)),
            None => (path, None),
        };
        let next = self.fields().iter().find(|(name, _)| *name == first);
        match (next, rest) {
            (None, _) => false,
            (Some((_, Of::Evidence)), None) => false,
            (Some(_), None) | (Some((_, Of::Untold)), Some(_)) => true,
            (Some((_, next)), Some(rest)) => next.leads(rest),
        }
    }

    /// What a refusal proposes: what is not always null.
    fn proposed(self, before: &str) -> Vec<String> {
        let fields = self.fields().iter();
        let told = fields.filter(|(_, next)| !matches!(next, Of::Untold | Of::Evidence));
        told.map(|(name, _)| format!("'{before}{name}'")).collect()
    }
}

/// The paths that a caller asked for, from one object on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expand(Vec<String>);

impl Expand {
    /// Reads it; what cannot be expanded is refused. In lists each begins with `data.`.
    pub fn read(call: &mut Call, list: bool, of: Of) -> Result<Expand, Error> {
        let asked = call.params.texts("expand")?;
        Expand::of(asked, list, of)
    }

    fn of(mut asked: Vec<String>, list: bool, of: Of) -> Result<Expand, Error> {
        for path in &mut asked {
            if path.split('.').count() > DEPTH_MAX {
                let words =
                    format!("You cannot expand more than {DEPTH_MAX} levels of a property: {path}");
                return Err(Error::invalid(words).param("expand"));
            }
            let own = match list {
                true => path.strip_prefix("data.").unwrap_or_default(),
                false => path.as_str(),
            };
            if !of.leads(own) {
                return Err(refused(path, list, of));
            }
            *path = own.to_owned();
        }
        Ok(Expand(asked))
    }

    pub fn none() -> Expand {
        Expand(Vec::new())
    }

    /// What is asked of the object in this field; `None` when it is to be shown by its id.
    pub fn under(&self, field: &str) -> Option<Expand> {
        let inner = |path: &String| {
            let rest = path.strip_prefix(field)?;
            match rest.strip_prefix('.') {
                Some(deeper) => Some(Some(deeper.to_owned())),
                None => rest.is_empty().then_some(None),
            }
        };
        let found: Vec<Option<String>> = self.0.iter().filter_map(inner).collect();
        (!found.is_empty()).then(|| Expand(found.into_iter().flatten().collect()))
    }

    pub fn has(&self, field: &str) -> bool {
        self.under(field).is_some()
    }
}

fn refused(path: &str, list: bool, of: Of) -> Error {
    let proposed = of.proposed(if list { "data." } else { "" });
    let words = match proposed.is_empty() {
        true => format!("This property cannot be expanded ({path})."),
        false => format!(
            "This property cannot be expanded ({path}). You may want to try expanding {}.",
            proposed.join(" or ")
        ),
    };
    Error::invalid(words).param("expand")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(of: Of, list: bool, path: &str, want: &str) {
        let got = match Expand::of(vec![path.to_owned()], list, of) {
            Ok(expand) => expand.0.join(" "),
            Err(error) => format!("! {}", error.message),
        };
        assert!(got.starts_with(want), "{path}: {got}");
    }

    #[test]
    fn paths_lead_from_object_to_object() {
        check(Of::Dispute, false, "charge", "charge");
        check(Of::Dispute, true, "data.charge", "charge");
        check(
            Of::Dispute,
            true,
            "data.charge.payment_intent",
            "charge.payment_intent",
        );
        check(
            Of::Dispute,
            false,
            "charge.payment_intent.latest_charge",
            "charge.",
        );
        check(
            Of::Dispute,
            false,
            "charge.customer.default_source",
            "charge.customer",
        );
        check(Of::Dispute, false, "evidence.receipt", "evidence.receipt");
        check(Of::Movement, true, "data.source.charge", "source.charge");
        check(Of::Link, false, "file", "file");
    }

    #[test]
    fn what_leads_nowhere_is_refused() {
        check(
            Of::Dispute,
            true,
            "charge",
            "! This property cannot be expanded (charge). You may want to try expanding 'data.charge'",
        );
        check(
            Of::Dispute,
            true,
            "data",
            "! This property cannot be expanded (data).",
        );
        check(
            Of::Dispute,
            false,
            "",
            "! This property cannot be expanded ().",
        );
        check(
            Of::Dispute,
            false,
            "charge.",
            "! This property cannot be expanded (charge.).",
        );
        check(
            Of::Dispute,
            false,
            "charges",
            "! This property cannot be expanded (charges).",
        );
        check(
            Of::Dispute,
            false,
            "evidence",
            "! This property cannot be expanded (evidence).",
        );
        check(
            Of::Dispute,
            false,
            "evidence.billing_address",
            "! This property cannot be",
        );
        check(
            Of::Dispute,
            true,
            "data.a.b.c.d",
            "! You cannot expand more than 4 levels",
        );
        check(
            Of::Account,
            false,
            "x",
            "! This property cannot be expanded (x).",
        );
    }

    #[test]
    fn each_object_hears_what_is_asked_of_it() {
        let asked = ["charge.payment_intent", "charge", "payment_intent.customer"];
        let expand = Expand(asked.map(str::to_owned).to_vec());
        let charge = expand.under("charge").unwrap();
        assert!(charge.has("payment_intent") && !charge.has("charge"));
        assert!(expand.has("payment_intent") && !expand.has("customer") && !expand.has("char"));
    }
}
