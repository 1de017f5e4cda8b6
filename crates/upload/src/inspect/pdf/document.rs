//! What the cross-reference makes of the objects that stand in the file.

use std::collections::{BTreeMap, BTreeSet};

use super::filter;
use super::object::{Dict, Lexer, Object};
use super::scan::{Indirect, Scan, scan};
use crate::bytes::{count, size};
use crate::inspect::Search;
use crate::kind::Kind;
use crate::refusal::Refusal;
use crate::verdict::Place;

/// Cross-reference sections one behind another: one per time that the file was saved.
const SECTIONS_MAX: usize = 200;

/// A chain of references from one object to the next; writers make one.
const REFERENCES_MAX: usize = 8;

#[derive(Clone, Copy)]
enum Location {
    Free,
    /// Where it stands in the file.
    At(usize),
    /// Inside an object stream, and which of its objects.
    Inside(u32, usize),
}

pub(super) struct Document<'a> {
    pub(super) objects: Vec<Indirect<'a>>,
    /// Objects inside object streams: the stream's place among `objects`, then number and value in order.
    pub(super) packed: BTreeMap<usize, Vec<(u32, Object)>>,
    /// Every trailer, newest first; the dictionary of a cross-reference stream is one.
    pub(super) trailers: Vec<Dict>,
    locations: BTreeMap<u32, Location>,
    /// Places in `objects` by where they stand in the file.
    by_place: BTreeMap<usize, usize>,
    pub(super) budget: u64,
}

const NULL: Object = Object::Null;

impl<'a> Document<'a> {
    pub(super) fn read(
        content: &'a [u8],
        search: &mut Search<'_>,
    ) -> Result<Document<'a>, Refusal> {
        let scan = scan(content, search)?;
        let by_place = (0..)
            .zip(&scan.objects)
            .map(|(index, object)| (object.at, index))
            .collect();
        let Scan {
            objects,
            tables,
            newest,
            budget,
        } = scan;
        let mut document = Document {
            objects,
            packed: BTreeMap::new(),
            trailers: Vec::new(),
            locations: BTreeMap::new(),
            by_place,
            budget,
        };
        let tables = tables.into_iter().map(|table| (table.at, table)).collect();
        document.sections(content, newest, tables, search)?;
        if document
            .trailers
            .iter()
            .any(|trailer| trailer.find("Encrypt").is_some())
        {
            return Err(Refusal::Encrypted);
        }
        document.unpack(search)?;
        document.agrees()?;
        Ok(document)
    }

    /// Follows the sections from the newest to the oldest; what a newer one says holds.
    fn sections(
        &mut self,
        content: &[u8],
        newest: usize,
        tables: BTreeMap<usize, super::scan::Table>,
        search: &mut Search<'_>,
    ) -> Result<(), Refusal> {
        let mut ahead = vec![newest];
        let mut seen = BTreeSet::new();
        while let Some(at) = ahead.pop() {
            let white = content.get(at..).unwrap_or_default().iter();
            let at = at
                + white
                    .take_while(|byte| super::object::is_white(**byte))
                    .count();
            if !seen.insert(at) || seen.len() > SECTIONS_MAX {
                return Err(search.unreadable(at, "cross-references go in a circle"));
            }
            let trailer = if let Some(table) = tables.get(&at) {
                for (number, place) in &table.entries {
                    let location = place.map_or(Location::Free, Location::At);
                    self.locations.entry(*number).or_insert(location);
                }
                table.trailer.clone()
            } else if let Some(index) = self.by_place.get(&at).copied() {
                self.section_stream(index, search)?
            } else {
                return Err(search.unreadable(at, "no cross-reference where one is said to be"));
            };
            // The older one last on the stack is the next; a hybrid file's stream belongs to this section (7.5.8.4).
            for key in ["Prev", "XRefStm"] {
                if let Some(said) = trailer.find(key) {
                    let place = said
                        .size()
                        .ok_or_else(|| search.unreadable(at, "a place that is no number"))?;
                    ahead.push(place);
                }
            }
            self.trailers.push(trailer);
        }
        Ok(())
    }

    /// A cross-reference stream (7.5.8): rows of three numbers, of the widths that it says.
    fn section_stream(&mut self, index: usize, search: &mut Search<'_>) -> Result<Dict, Refusal> {
        let damaged = |at: usize| {
            Refusal::unreadable(
                Kind::Pdf,
                Place::byte(at),
                "a cross-reference stream is damaged",
            )
        };
        let object = self.objects.get(index).ok_or_else(|| damaged(0))?;
        let at = object.at;
        let (Object::Dict(dict), Some(stream)) = (&object.value, object.stream) else {
            return Err(damaged(at));
        };
        if !dict.names("Type", "XRef") {
            return Err(damaged(at));
        }
        let dict = dict.clone();
        let bytes = filter::decoded(object.number, &dict, stream, |object| object, search)?;
        let rows = rows(&dict, &bytes).ok_or_else(|| damaged(at))?;
        for (number, location) in rows {
            self.locations.entry(number).or_insert(location);
        }
        Ok(dict)
    }

    /// Opens every object stream (7.5.7) and reads as many objects as it says.
    fn unpack(&mut self, search: &mut Search<'_>) -> Result<(), Refusal> {
        let mut packed = BTreeMap::new();
        let mut budget = self.budget;
        for (index, object) in self.objects.iter().enumerate() {
            let (Object::Dict(dict), Some(stream)) = (&object.value, object.stream) else {
                continue;
            };
            if !dict.names("Type", "ObjStm") {
                continue;
            }
            let bytes = filter::decoded(object.number, dict, stream, |o| self.deref(o), search)?;
            let header = |key: &str| {
                dict.find(key)
                    .map(|said| self.deref(said))
                    .and_then(Object::size)
            };
            let inside = header("N")
                .zip(header("First"))
                .and_then(|(many, first)| inside(&bytes, many, first, &mut budget))
                .ok_or_else(|| damaged_object(object.number, "an object stream is damaged"))?;
            packed.insert(index, inside);
        }
        self.packed = packed;
        self.budget = budget;
        Ok(())
    }

    /// Whatever is said to stand somewhere stands there.
    fn agrees(&self) -> Result<(), Refusal> {
        for (number, location) in &self.locations {
            let stands = match location {
                Location::Free => true,
                Location::At(_) | Location::Inside(..) => self.find(*number).is_some(),
            };
            if !stands {
                return Err(damaged_object(
                    *number,
                    "it is not where the cross-reference says",
                ));
            }
        }
        Ok(())
    }

    /// The object of this number, and its stream, as the newest cross-reference has it.
    pub(super) fn find(&self, number: u32) -> Option<(&Object, Option<&'a [u8]>)> {
        match self.locations.get(&number)? {
            Location::Free => None,
            Location::At(place) => {
                let object = self.objects.get(*self.by_place.get(place)?)?;
                (object.number == number).then_some((&object.value, object.stream))
            }
            Location::Inside(stream, index) => {
                let Some(Location::At(place)) = self.locations.get(stream) else {
                    return None;
                };
                let (found, value) = self.packed.get(self.by_place.get(place)?)?.get(*index)?;
                (*found == number).then_some((value, None))
            }
        }
    }

    /// What a reference leads to; null where it leads nowhere (7.3.10).
    pub(super) fn deref<'o>(&'o self, object: &'o Object) -> &'o Object {
        let mut object = object;
        for _ in 0..REFERENCES_MAX {
            let Object::Ref(number) = object else {
                return object;
            };
            object = self.find(*number).map_or(&NULL, |(value, _)| value);
        }
        &NULL
    }

    /// The value of a key, followed.
    pub(super) fn value<'o>(&'o self, dict: &'o Dict, key: &str) -> Option<&'o Object> {
        dict.find(key).map(|value| self.deref(value))
    }
}

pub(super) fn damaged_object(number: u32, what: &str) -> Refusal {
    Refusal::unreadable(Kind::Pdf, Place::Object(number), what)
}

fn rows(dict: &Dict, bytes: &[u8]) -> Option<Vec<(u32, Location)>> {
    let Object::Array(widths) = dict.find("W")? else {
        return None;
    };
    let widths: Vec<usize> = widths.iter().map(Object::size).collect::<Option<_>>()?;
    let [kind, second, third] = widths.as_slice() else {
        return None;
    };
    // A number of eight bytes addresses every file there is.
    if widths.iter().any(|width| *width > 8) || widths.iter().sum::<usize>() == 0 {
        return None;
    }
    let index = match dict.find("Index") {
        None => vec![0, dict.find("Size")?.size()?],
        Some(Object::Array(items)) => items.iter().map(Object::size).collect::<Option<_>>()?,
        Some(_) => return None,
    };
    let mut rows = bytes.chunks_exact(kind + second + third);
    let mut found = Vec::new();
    for range in index.chunks(2) {
        let [first, many] = range else { return None };
        for number in *first..first.checked_add(*many)? {
            let row = rows.next()?;
            let (a, rest) = row.split_at_checked(*kind)?;
            let (b, c) = rest.split_at_checked(*second)?;
            let kind = if a.is_empty() { 1 } else { big(a) };
            let location = match kind {
                0 => Location::Free,
                1 => Location::At(size(u32::try_from(big(b)).ok()?)),
                2 => Location::Inside(u32::try_from(big(b)).ok()?, usize::try_from(big(c)).ok()?),
                _ => return None,
            };
            found.push((u32::try_from(number).ok()?, location));
        }
    }
    // Rows that no number has would be read by nobody.
    (rows.next().is_none() && rows.remainder().is_empty()).then_some(found)
}

fn big(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0, |number, byte| (number << 8) | u64::from(*byte))
}

fn inside(bytes: &[u8], many: usize, first: usize, budget: &mut u64) -> Option<Vec<(u32, Object)>> {
    if count(many) > *budget {
        return None;
    }
    let mut header = Lexer {
        bytes: bytes.get(..first)?,
        at: 0,
        budget: *budget,
    };
    let mut found = Vec::new();
    for _ in 0..many {
        header.skip_white();
        let number = u32::try_from(header.unsigned()?).ok()?;
        header.skip_white();
        let offset = usize::try_from(header.unsigned()?).ok()?;
        let mut lexer = Lexer {
            bytes,
            at: first.checked_add(offset)?,
            budget: *budget,
        };
        found.push((number, lexer.object()?));
        *budget = lexer.budget;
    }
    Some(found)
}
