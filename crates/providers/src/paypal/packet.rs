//! A packet as the parts of PayPal's evidence request.

use super::lookup;
use adapter::{Packet, Part};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// 50 MiB a call, 10 MiB a file. <https://developer.paypal.com/platforms/disputes/reference/supported-file-types-sizes>
pub(super) const TOTAL_BYTES_MAX: u64 = 50 * 1024 * 1024;
pub(super) const FILE_BYTES_MAX: u64 = 10 * 1024 * 1024;
/// `notes` of one piece of evidence, Disputes API v1.
pub(super) const NOTES_CHARACTERS_MAX: u32 = 2_000;
/// `documents` of one piece of evidence, Disputes API v1.
const DOCUMENTS_MAX: usize = 100;
pub(super) const MEDIA_TYPES: &[&str] =
    &["image/jpeg", "image/gif", "image/png", "application/pdf"];

/// Slots without a type of their own are sent as this one.
const OTHER: &str = "OTHER";

/// What goes under one evidence type.
struct Piece {
    notes: Vec<String>,
    documents: Vec<Value>,
    tracking: Vec<Value>,
    refunds: Vec<String>,
}

/// The parts of `provide-evidence` and `appeal`: the JSON that names the evidence, then the files. The error says which
/// limit the packet breaks; nothing was sent.
pub(super) fn evidence(packet: &Packet) -> Result<Vec<Part>, String> {
    limits(packet)?;
    let mut pieces: BTreeMap<&str, Piece> = BTreeMap::new();
    for (slot, text) in &packet.texts {
        let kind = type_of(slot);
        let piece = pieces.entry(kind).or_insert_with(Piece::none);
        match slot.as_str() {
            "tracking_number" if tracking(text).is_some() => piece.tracking.extend(tracking(text)),
            "credit_issued_proof" if is_transaction(text) => {
                piece.refunds.push(text.trim().to_owned())
            }
            _ => piece.notes.push(note(slot, text, kind)),
        }
    }
    for attachment in &packet.attachments {
        let piece = pieces
            .entry(type_of(&attachment.slot))
            .or_insert_with(Piece::none);
        piece.documents.push(json!({ "name": attachment.name }));
    }
    let mut evidences = Vec::with_capacity(pieces.len());
    for (kind, piece) in pieces {
        evidences.push(piece.render(kind)?);
    }
    if evidences.is_empty() {
        return Err("the packet is empty".to_owned());
    }
    Ok(parts(
        &json!({ "evidences": evidences }),
        packet,
        "evidence-file",
    ))
}

/// The parts of `provide-supporting-info`: all texts as one note, then the files.
pub(super) fn supporting(packet: &Packet) -> Result<Vec<Part>, String> {
    limits(packet)?;
    let notes: Vec<String> = packet
        .texts
        .iter()
        .map(|(slot, text)| note(slot, text, OTHER))
        .collect();
    let notes = notes.join("\n");
    fits("supporting information", &notes)?;
    if notes.is_empty() && packet.attachments.is_empty() {
        return Err("the packet is empty".to_owned());
    }
    Ok(parts(
        &json!({ "notes": notes }),
        packet,
        "supporting-document",
    ))
}

impl Piece {
    fn none() -> Piece {
        Piece {
            notes: Vec::new(),
            documents: Vec::new(),
            tracking: Vec::new(),
            refunds: Vec::new(),
        }
    }

    fn render(self, kind: &str) -> Result<Value, String> {
        let mut fields = serde_json::Map::new();
        fields.insert("evidence_type".to_owned(), json!(kind));
        let mut known = serde_json::Map::new();
        if !self.tracking.is_empty() {
            known.insert("tracking_info".to_owned(), json!(self.tracking));
        }
        if !self.refunds.is_empty() {
            known.insert("refund_ids".to_owned(), json!(self.refunds));
        }
        if !known.is_empty() {
            fields.insert("evidence_info".to_owned(), Value::Object(known));
        }
        if self.documents.len() > DOCUMENTS_MAX {
            let count = self.documents.len();
            return Err(format!(
                "{kind} has {count} documents, PayPal takes {DOCUMENTS_MAX}"
            ));
        }
        if !self.documents.is_empty() {
            fields.insert("documents".to_owned(), json!(self.documents));
        }
        let notes = self.notes.join("\n");
        fits(kind, &notes)?;
        if !notes.is_empty() {
            fields.insert("notes".to_owned(), json!(notes));
        }
        Ok(Value::Object(fields))
    }
}

fn limits(packet: &Packet) -> Result<(), String> {
    let size = |content: &Vec<u8>| u64::try_from(content.len()).unwrap_or(u64::MAX);
    let mut total: u64 = 0;
    for attachment in &packet.attachments {
        let (name, bytes) = (&attachment.name, size(&attachment.content));
        if bytes > FILE_BYTES_MAX {
            return Err(format!(
                "file `{name}` has {bytes} bytes, PayPal takes {FILE_BYTES_MAX}"
            ));
        }
        if !MEDIA_TYPES.contains(&attachment.media_type.as_str()) {
            return Err(format!(
                "file `{name}` is {}, PayPal takes {}",
                attachment.media_type,
                MEDIA_TYPES.join(", ")
            ));
        }
        total = total.saturating_add(bytes);
    }
    if total > TOTAL_BYTES_MAX {
        return Err(format!(
            "the files have {total} bytes together, PayPal takes {TOTAL_BYTES_MAX}"
        ));
    }
    Ok(())
}

fn fits(what: &str, notes: &str) -> Result<(), String> {
    let count = notes.chars().count();
    if u32::try_from(count).is_ok_and(|count| count <= NOTES_CHARACTERS_MAX) {
        Ok(())
    } else {
        Err(format!(
            "the notes of {what} have {count} characters, PayPal takes {NOTES_CHARACTERS_MAX}"
        ))
    }
}

fn parts(input: &Value, packet: &Packet, file_part: &str) -> Vec<Part> {
    let mut parts = vec![Part {
        name: "input".to_owned(),
        file_name: None,
        media_type: Some("application/json".to_owned()),
        content: input.to_string().into_bytes(),
    }];
    for (index, attachment) in packet.attachments.iter().enumerate() {
        // Several parts of one name are not promised to be kept apart.
        let name = if index == 0 {
            file_part.to_owned()
        } else {
            format!("{file_part}-{}", index + 1)
        };
        parts.push(Part {
            name,
            file_name: Some(attachment.name.clone()),
            media_type: Some(attachment.media_type.clone()),
            content: attachment.content.clone(),
        });
    }
    parts
}

fn type_of(slot: &str) -> &'static str {
    lookup::find(lookup::EVIDENCE_TYPES, [slot])
        .and_then(|cells| cells.first().copied())
        .unwrap_or(OTHER)
}

/// Under OTHER many slots share one note, so each says what it is.
fn note(slot: &str, text: &str, kind: &str) -> String {
    if kind == OTHER && slot != "rebuttal_letter" {
        format!("{}: {text}", slot.replace('_', " "))
    } else {
        text.to_owned()
    }
}

/// `FEDEX 122533485`: a carrier in PayPal's spelling and the number. Anything else stays a note.
fn tracking(text: &str) -> Option<Value> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let [carrier, number] = words.as_slice() else {
        return None;
    };
    let spelled = carrier.len() > 1
        && carrier
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    (spelled && *carrier != OTHER)
        .then(|| json!({ "carrier_name": carrier, "tracking_number": number }))
}

/// PayPal's transaction ids have 17 letters and digits.
fn is_transaction(text: &str) -> bool {
    let text = text.trim();
    text.len() == 17
        && text
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}
