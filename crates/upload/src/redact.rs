//! Removing card numbers where that is sound.

use crate::inspect;
use crate::limits::Limits;
use crate::refusal::Refusal;

pub(crate) fn redact(
    name: &str,
    declared: Option<&str>,
    content: &[u8],
    limits: &Limits,
) -> Result<Vec<u8>, Refusal> {
    let verdict = inspect::examine(name, declared, content, limits)?;
    let found: Vec<_> = verdict
        .findings
        .into_iter()
        .filter(|finding| finding.what.is_card_data())
        .collect();
    if found.is_empty() {
        Ok(content.to_vec())
    } else {
        Err(Refusal::RedactionUnsafe { found })
    }
}
