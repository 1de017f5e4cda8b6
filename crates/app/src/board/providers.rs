//! What each provider can do, and how its words for why somebody disputes become ours.

use adapter::{Capabilities, DocumentKind, Sweep};

/// What one of them can do, in words and figures.
#[derive(Clone, Debug)]
pub struct Provider {
    pub name: &'static str,
    pub signature: &'static str,
    /// Form, channel, and whether it is about disputes.
    pub documents: Vec<(&'static str, &'static str, bool)>,
    pub verbs: Vec<&'static str>,
    pub answers_at: Vec<&'static str>,
    /// How silent changes are found.
    pub sweep: String,
    /// What is taken in an answer: name and figure.
    pub limits: Vec<(&'static str, String)>,
    pub limits_source: &'static str,
    /// How long it honours an idempotency key, in seconds; 0: it has none.
    pub idempotency_seconds: u32,
    pub reads_per_minute: u32,
    pub reasons: Reasons,
}

/// A provider's own words for reasons, as its folder has them.
#[derive(Clone, Debug)]
pub struct Reasons {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

/// Every provider.
pub fn all() -> Vec<Provider> {
    let listed = providers::list::ALL.iter();
    listed
        .map(|adapter| view(adapter.name(), adapter.capabilities()))
        .collect()
}

/// Every provider's name.
pub fn names() -> Vec<&'static str> {
    let listed = providers::list::ALL.iter();
    listed.map(|adapter| adapter.name()).collect()
}

fn view(name: &'static str, can: &'static Capabilities) -> Provider {
    Provider {
        name,
        signature: can.signature,
        documents: can
            .documents
            .iter()
            .map(|document| {
                let disputes = document.kind == DocumentKind::Disputes;
                (document.form, document.channel.name(), disputes)
            })
            .collect(),
        verbs: can.verbs.iter().map(|verb| verb.name()).collect(),
        answers_at: can.answers_at.iter().map(|stage| stage.name()).collect(),
        sweep: match can.sweep {
            Sweep::EachCase { every_hours } => {
                format!("each open case is read back every {every_hours} h")
            }
            Sweep::None => {
                String::from("no object can be read: the next file is the only other voice")
            }
        },
        limits: limits(can),
        limits_source: can.limits.source,
        idempotency_seconds: can.idempotency_seconds,
        reads_per_minute: can.reads_per_minute,
        reasons: reasons(name),
    }
}

fn limits(can: &Capabilities) -> Vec<(&'static str, String)> {
    let limits = &can.limits;
    let figures = [
        ("bytes in all", limits.total_bytes),
        ("bytes of a file", limits.file_bytes),
        ("characters", limits.text_characters.map(u64::from)),
        ("pages", limits.pages.map(u64::from)),
        ("answers at a stage", limits.submissions.map(u64::from)),
    ];
    let mut said: Vec<(&'static str, String)> = figures
        .into_iter()
        .filter_map(|(what, figure)| Some((what, figure?.to_string())))
        .collect();
    let types = match limits.media_types.is_empty() {
        true => String::from("no files"),
        false => limits.media_types.join(", "),
    };
    said.push(("types of files", types));
    if limits.one_file_per_slot {
        said.push(("files of a slot", String::from("one")));
    }
    said
}

fn reasons(name: &str) -> Reasons {
    let text = providers::list::reasons(name).unwrap_or_default();
    let table = providers::table::read(plain(text).as_bytes(), b',');
    let mut rows = table.rows.into_iter().map(|row| row.cells);
    Reasons {
        columns: rows.next().unwrap_or_default(),
        rows: rows.collect(),
    }
}

/// Without the comments at its head.
fn plain(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.flat_map(|line| [line, "\n"]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_provider_has_its_words_for_reasons() {
        for provider in all() {
            let Reasons { columns, rows } = &provider.reasons;
            assert!(columns.len() > 1, "{}", provider.name);
            assert!(!rows.is_empty(), "{}", provider.name);
            for row in rows {
                assert_eq!(row.len(), columns.len(), "{}: {row:?}", provider.name);
            }
        }
    }
}
