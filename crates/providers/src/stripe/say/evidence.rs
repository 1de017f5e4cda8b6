//! A packet as Stripe's `evidence` hash: which slot fills which field, and what does not fit, said before anything is sent.

use super::super::capability::CAPABILITIES;
use super::super::codes::rows;
use super::TEXT_CHARACTERS_MAX;
use adapter::{Attachment, Packet};
use dispute::status::Stage;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::LazyLock;

/// What a field of `evidence` takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Takes {
    Text { characters_max: usize },
    File,
}

static FIELDS: LazyLock<BTreeMap<&str, Takes>> = LazyLock::new(|| {
    let table = rows(include_str!("../evidence_fields.csv"));
    table
        .filter_map(|row| match row.as_slice() {
            [field, "text", characters] => Some((
                *field,
                Takes::Text {
                    characters_max: characters.parse().ok()?,
                },
            )),
            [field, "file", _] => Some((*field, Takes::File)),
            _ => None,
        })
        .collect()
});

/// Slot to the field of its text and the field of its file.
static SLOTS: LazyLock<BTreeMap<&str, (&str, &str)>> = LazyLock::new(|| {
    let table = rows(include_str!("../slots.csv"));
    table
        .filter_map(|row| match row.as_slice() {
            [slot, text, file] => Some((*slot, (*text, *file))),
            _ => None,
        })
        .collect()
});

const OTHER_TEXT: &str = "uncategorized_text";
const OTHER_FILE: &str = "uncategorized_file";

/// The field for a slot's text; `None` for a slot on no list.
fn text_field(slot: &str) -> Option<&'static str> {
    if let Some((field, Takes::Text { .. })) = FIELDS.get_key_value(slot) {
        return Some(field);
    }
    let (text, _) = SLOTS
        .get(slot)
        .or_else(|| FIELDS.contains_key(slot).then_some(&("", "")))?;
    Some(if text.is_empty() { OTHER_TEXT } else { text })
}

fn file_field(slot: &str) -> Option<&'static str> {
    if let Some((field, Takes::File)) = FIELDS.get_key_value(slot) {
        return Some(field);
    }
    let (_, file) = SLOTS
        .get(slot)
        .or_else(|| FIELDS.contains_key(slot).then_some(&("", "")))?;
    Some(if file.is_empty() { OTHER_FILE } else { file })
}

/// A form body, in order of its names, so that the same packet is the same bytes.
pub(super) struct Form(BTreeMap<String, String>);

impl Form {
    pub(super) fn empty() -> Form {
        Form(BTreeMap::new())
    }

    /// Puts an uploaded file's id into the field of its slot.
    pub(super) fn name_file(
        &mut self,
        attachment: &Attachment,
        file: String,
    ) -> Result<(), String> {
        let field = file_field(&attachment.slot).ok_or_else(|| no_slot(&attachment.slot))?;
        self.0.insert(format!("evidence[{field}]"), file);
        Ok(())
    }

    /// `application/x-www-form-urlencoded`.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut out = String::new();
        for (name, value) in &self.0 {
            if !out.is_empty() {
                out.push('&');
            }
            percent(name, &mut out);
            out.push('=');
            percent(value, &mut out);
        }
        out.into_bytes()
    }
}

fn percent(text: &str, out: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            write!(out, "%{byte:02X}").expect("writing to a String cannot fail");
        }
    }
}

fn no_slot(slot: &str) -> String {
    format!("no field of Stripe's takes the slot `{slot}`")
}

/// The texts of a packet in their fields, with all limits checked; the files follow as they are uploaded.
pub(super) fn compile(packet: &Packet, stage: Stage) -> Result<Form, String> {
    check_files(&packet.attachments)?;
    let mut fields: BTreeMap<&str, String> = BTreeMap::new();
    for (slot, text) in &packet.texts {
        let field = text_field(slot).ok_or_else(|| no_slot(slot))?;
        // Slots without a field of their own share one, each under its name.
        let shared = field == OTHER_TEXT
            && SLOTS
                .get(slot.as_str())
                .is_some_and(|(own, _)| own.is_empty());
        let words = match shared {
            true => format!("{}:\n{text}", slot.replace('_', " ")),
            false => text.clone(),
        };
        let whole = fields.entry(field).or_default();
        if !whole.is_empty() {
            whole.push_str("\n\n");
        }
        whole.push_str(&words);
    }
    check_texts(&fields)?;
    let mut form = Form::empty();
    for (field, text) in fields {
        form.0.insert(format!("evidence[{field}]"), text);
    }
    if stage == Stage::Compliance {
        let program = compliance(packet.defence.as_deref())?;
        form.0.insert(
            format!("evidence[enhanced_evidence][{program}][fee_acknowledged]"),
            "true".to_owned(),
        );
    }
    if !packet.digest.is_empty() {
        // Read back, it shows which packet Stripe holds.
        form.0.insert(
            format!("metadata[{}]", super::super::receipt::MARK),
            super::super::receipt::mark(stage, &packet.digest),
        );
    }
    form.0.insert("submit".to_owned(), "true".to_owned());
    Ok(form)
}

/// Contesting a compliance case costs a fee that must be acknowledged; the defence says by which network's rules.
fn compliance(defence: Option<&str>) -> Result<&'static str, String> {
    match defence {
        Some("visa_compliance") => Ok("visa_compliance"),
        Some("mastercard_compliance") => Ok("mastercard_compliance"),
        _ => Err("a compliance answer acknowledges the network's fee: choose the defence visa_compliance or mastercard_compliance".to_owned()),
    }
}

fn check_texts(fields: &BTreeMap<&str, String>) -> Result<(), String> {
    let mut total = 0;
    for (field, text) in fields {
        let characters = text.chars().count();
        total += characters;
        let Some(Takes::Text { characters_max }) = FIELDS.get(field) else {
            return Err(no_slot(field));
        };
        if characters > *characters_max {
            return Err(format!(
                "`{field}` has {characters} characters, Stripe takes {characters_max}"
            ));
        }
    }
    let most = usize::try_from(TEXT_CHARACTERS_MAX).expect("150,000 fits every usize");
    if total > most {
        return Err(format!(
            "the texts have {total} characters, Stripe takes {most} together"
        ));
    }
    Ok(())
}

fn check_files(attachments: &[Attachment]) -> Result<(), String> {
    let limits = &CAPABILITIES.limits;
    let most = limits.total_bytes.unwrap_or(u64::MAX);
    let mut total = 0_u64;
    let mut taken = BTreeMap::new();
    for attachment in attachments {
        let name = &attachment.name;
        let field = file_field(&attachment.slot).ok_or_else(|| no_slot(&attachment.slot))?;
        if let Some(other) = taken.insert(field, name) {
            return Err(format!(
                "`{other}` and `{name}` both fill `{field}`, which takes one file: merge them"
            ));
        }
        if !limits.media_types.contains(&attachment.media_type.as_str()) {
            return Err(format!(
                "`{name}` is {}, Stripe takes PDF, JPEG and PNG",
                attachment.media_type
            ));
        }
        total = total.saturating_add(u64::try_from(attachment.content.len()).unwrap_or(u64::MAX));
    }
    if total > most {
        return Err(format!(
            "the files have {total} bytes, Stripe takes {most} together"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_slot_fills_a_field_that_takes_it() {
        assert_eq!(FIELDS.len(), 27);
        assert_eq!(SLOTS.len(), rows(include_str!("../slots.csv")).count());
        for slot in SLOTS.keys().chain(FIELDS.keys()) {
            let text = text_field(slot).and_then(|field| FIELDS.get(field));
            assert!(matches!(text, Some(Takes::Text { .. })), "{slot}: {text:?}");
            let file = file_field(slot).and_then(|field| FIELDS.get(field));
            assert_eq!(file, Some(&Takes::File), "{slot}");
        }
        assert_eq!(text_field("made_up"), None);
    }
}
