//! What a PDF can do beside being read, and what stands in it beside its pages. Looked for in every object of the file.

use super::document::Document;
use super::object::{Dict, Object, is_white};
use crate::inspect::{Search, code_in};
use crate::refusal::Refusal;
use crate::verdict::{Place, What};

/// Keys that lead to something that acts or to another file (12.6, 7.11, 12.7.8, 13).
const KEYS: &[&str] = &[
    "AA",
    "EF",
    "EmbeddedFiles",
    "JS",
    "JavaScript",
    "RichMediaContent",
    "RichMediaSettings",
    "XFA",
];

/// Types of actions, annotations and streams that act, as said by the keys `S`, `Subtype` and `Type`.
const TYPES: &[&str] = &[
    "3D",
    "EmbeddedFile",
    "FileAttachment",
    "GoTo3DView",
    "GoToE",
    "GoToR",
    "Hide",
    "ImportData",
    "JavaScript",
    "Launch",
    "Movie",
    "Rendition",
    "ResetForm",
    "RichMedia",
    "RichMediaExecute",
    "Screen",
    "SetOCGState",
    "Sound",
    "SubmitForm",
    "Thread",
];

pub(super) fn inspect(
    document: &Document<'_>,
    content: &[u8],
    search: &mut Search<'_>,
) -> Result<(), Refusal> {
    let alone = document
        .objects
        .iter()
        .map(|object| (object.number, &object.value));
    let packed = document
        .packed
        .values()
        .flatten()
        .map(|(number, value)| (*number, value));
    for (number, value) in alone.chain(packed) {
        let mut look = Look {
            document,
            content,
            number,
        };
        look.object("", value, search)?;
    }
    for trailer in &document.trailers {
        let mut look = Look {
            document,
            content,
            number: 0,
        };
        look.dict(trailer, search)?;
    }
    for object in &document.objects {
        if let (Some(_), Object::Dict(dict)) = (object.stream, &object.value)
            && dict.find("F").is_some()
        {
            return Err(acts("a stream in another file", object.number));
        }
    }
    Ok(())
}

fn acts(what: &str, number: u32) -> Refusal {
    Refusal::Active {
        what: what.to_owned(),
        place: Place::Object(number),
    }
}

struct Look<'d, 'a> {
    document: &'d Document<'a>,
    content: &'d [u8],
    /// Of the object that is looked at, for the place.
    number: u32,
}

impl Look<'_, '_> {
    /// Nesting is bounded by the reader of objects.
    fn object(
        &mut self,
        key: &str,
        value: &Object,
        search: &mut Search<'_>,
    ) -> Result<(), Refusal> {
        match value {
            Object::Dict(dict) => self.dict(dict, search),
            Object::Array(items) => items
                .iter()
                .try_for_each(|item| self.object(key, item, search)),
            Object::Text(bytes) => self.text(key, &characters(bytes), search),
            Object::Name(name) => self.text(key, &crate::bytes::text(name), search),
            _ => Ok(()),
        }
    }

    fn dict(&mut self, dict: &Dict, search: &mut Search<'_>) -> Result<(), Refusal> {
        for (key, value) in &dict.0 {
            let key = String::from_utf8_lossy(key);
            self.text("key", &key, search)?;
            if KEYS.contains(&key.as_ref()) {
                return Err(acts(&key, self.number));
            }
            if key == "OpenAction" && !self.is_destination(value) {
                return Err(acts("OpenAction", self.number));
            }
            if let (Object::Name(name), "S" | "Subtype" | "Type") = (value, key.as_ref()) {
                let name = String::from_utf8_lossy(name);
                if TYPES.contains(&name.as_ref()) {
                    return Err(acts(&name, self.number));
                }
                if name == "URI" {
                    search.found(What::Link, Place::Object(self.number));
                }
            }
            self.object(&key, value, search)?;
        }
        if let Some(range) = dict.find("ByteRange") {
            self.signature(range, search)?;
        }
        Ok(())
    }

    /// A place to show first: an array that begins with a page. It does nothing, and half of all writers say it.
    fn is_destination(&self, value: &Object) -> bool {
        let Object::Array(items) = self.document.deref(value) else {
            return false;
        };
        match items.as_slice() {
            [Object::Ref(_), Object::Name(fit), rest @ ..] => {
                let fits = fit == b"XYZ" || fit.starts_with(b"Fit");
                fits && rest
                    .iter()
                    .all(|item| matches!(item, Object::Number(_) | Object::Real(_) | Object::Null))
            }
            _ => false,
        }
    }

    /// A signature covers the file to its end, apart from itself (12.8.1); what was added later was not signed.
    fn signature(&self, range: &Object, search: &mut Search<'_>) -> Result<(), Refusal> {
        let Object::Array(items) = self.document.deref(range) else {
            return Err(Refusal::ChangedAfterSigning);
        };
        let numbers: Option<Vec<usize>> = items.iter().map(Object::size).collect();
        let covered = match numbers.as_deref() {
            Some([0, first, second, length]) if first <= second => second.checked_add(*length),
            _ => None,
        };
        let after = covered.and_then(|until| self.content.get(until..));
        match after {
            Some(after) if after.iter().all(|byte| is_white(*byte)) => {
                search.found(What::Signature, Place::Object(self.number));
                Ok(())
            }
            _ => Err(Refusal::ChangedAfterSigning),
        }
    }

    fn text(&self, key: &str, text: &str, search: &mut Search<'_>) -> Result<(), Refusal> {
        // Shorter than the shortest card number and than any code: most names are.
        if text.len() < 5 {
            return Ok(());
        }
        if let Some(code) = code_in(text.as_bytes()) {
            return Err(acts(code, self.number));
        }
        let key = format!("pdf {} of object {}", crate::name::shown(key), self.number);
        search.text(&Place::Metadata(key), text)
    }
}

/// A text string's characters: UTF-16 or UTF-8 where a mark says so (7.9.2.2), otherwise bytes.
pub(super) fn characters(bytes: &[u8]) -> String {
    let units = |rest: &[u8], unit: fn([u8; 2]) -> u16| -> String {
        let units: Vec<u16> = rest
            .as_chunks::<2>()
            .0
            .iter()
            .map(|two| unit(*two))
            .collect();
        String::from_utf16_lossy(&units)
    };
    match bytes {
        [0xFE, 0xFF, rest @ ..] => units(rest, u16::from_be_bytes),
        [0xFF, 0xFE, rest @ ..] => units(rest, u16::from_le_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] => crate::bytes::text(rest),
        _ => crate::bytes::text(bytes),
    }
}
