//! Exif 2.32 inside an image: a small TIFF whose text is searched and whose position is told.

use super::Search;
use super::tiff::{Directory, Reader, Value};
use crate::bytes::text;
use crate::refusal::Refusal;
use crate::verdict::{Place, What};

/// Tags that lead to further directories: Exif, GPS, interoperability.
const EXIF: u16 = 0x8769;
const GPS: u16 = 0x8825;
const INTEROPERABILITY: u16 = 0xA005;

/// Directories of one block: two images, with three further each.
const DIRECTORIES_MAX: usize = 8;

/// `block` begins with its byte order.
pub(super) fn inspect(block: &[u8], search: &mut Search<'_>) -> Result<(), Refusal> {
    let damaged = || {
        let place = Place::Metadata("exif".to_owned());
        Refusal::unreadable(search.kind, place, "exif is damaged")
    };
    let reader = Reader::new(block).ok_or_else(damaged)?;
    let mut ahead = vec![reader.first().ok_or_else(damaged)?];
    let mut seen = Vec::new();
    let mut directories = Vec::new();
    while let Some(at) = ahead.pop() {
        if seen.contains(&at) || seen.len() >= DIRECTORIES_MAX {
            return Err(damaged());
        }
        seen.push(at);
        let directory = reader.directory(at).ok_or_else(damaged)?;
        for tag in [EXIF, GPS, INTEROPERABILITY] {
            ahead.extend(directory.number(tag));
        }
        ahead.extend(directory.next);
        directories.push(directory);
    }
    for directory in &directories {
        tell(directory, search)?;
    }
    Ok(())
}

/// Text and positions of one directory.
pub(super) fn tell(directory: &Directory<'_>, search: &mut Search<'_>) -> Result<(), Refusal> {
    for entry in &directory.entries {
        let key = format!("exif {:#06x}", entry.tag);
        match (entry.tag, &entry.value) {
            (GPS, _) => search.found(What::Position, Place::Metadata("exif gps".to_owned())),
            // Text for Windows is UTF-16, little end first.
            (0x9C9B..=0x9C9F, Value::Bytes(bytes)) => {
                let units: Vec<u16> = bytes
                    .as_chunks::<2>()
                    .0
                    .iter()
                    .map(|two| u16::from_le_bytes(*two))
                    .collect();
                search.metadata(&key, &String::from_utf16_lossy(&units))?;
            }
            (_, Value::Text(bytes)) => search.metadata(&key, &text(bytes))?,
            // Maker's notes and comments: undefined bytes that hold text as often as not.
            (_, Value::Bytes(bytes)) if bytes.len() >= 13 => {
                search.text(&Place::Metadata(key), &text(bytes))?;
                if entry.tag == 0x9286 {
                    search.metadata("exif comment", &text(bytes))?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}
