//! The tree of pages, and the streams of the file: what each shows, where it shows it.

use std::collections::BTreeSet;

use super::document::{Document, damaged_object};
use super::filter;
use super::font::Fonts;
use super::object::{Dict, Object};
use super::shown::{Shown, shown};
use crate::card;
use crate::inspect::Search;
use crate::refusal::Refusal;
use crate::verdict::{Place, What};

/// Levels of the tree: writers make it as flat as thirty children a node, so that a million pages have four.
const LEVELS_MAX: usize = 32;

/// Forms inside forms.
const FORMS_MAX: usize = 16;

/// How many pages there are, once everything on them was searched.
pub(super) fn inspect(document: &Document<'_>, search: &mut Search<'_>) -> Result<u32, Refusal> {
    let root = document
        .trailers
        .first()
        .and_then(|trailer| document.value(trailer, "Root"));
    let catalog = root
        .and_then(Object::dict)
        .ok_or_else(|| damaged_object(0, "no catalog"))?;
    let Some(Object::Ref(top)) = catalog.find("Pages") else {
        return Err(damaged_object(0, "no pages"));
    };
    let mut walk = Walk {
        document,
        nodes: BTreeSet::new(),
        streams: BTreeSet::new(),
        leaves: 0,
        budget: document.budget,
    };
    walk.node(*top, None, 0, search)?;
    let said = document
        .find(*top)
        .and_then(|(node, _)| document.value(node.dict()?, "Count")?.size());
    let pages = walk.leaves;
    if said.and_then(|said| u32::try_from(said).ok()) != Some(pages) || pages == 0 {
        return Err(damaged_object(*top, "not as many pages as it says"));
    }
    walk.others(search)?;
    Ok(pages)
}

struct Walk<'d, 'a> {
    document: &'d Document<'a>,
    nodes: BTreeSet<u32>,
    /// Numbers of streams that were read as part of a page.
    streams: BTreeSet<u32>,
    leaves: u32,
    budget: u64,
}

impl<'d> Walk<'d, '_> {
    fn node(
        &mut self,
        number: u32,
        inherited: Option<&'d Dict>,
        level: usize,
        search: &mut Search<'_>,
    ) -> Result<(), Refusal> {
        if !self.nodes.insert(number) || level > LEVELS_MAX {
            return Err(damaged_object(number, "the pages go in a circle"));
        }
        let node = self
            .document
            .find(number)
            .and_then(|(object, _)| object.dict());
        let node = node.ok_or_else(|| damaged_object(number, "a page that is not there"))?;
        let own = self
            .document
            .value(node, "Resources")
            .and_then(Object::dict);
        let resources = own.or(inherited);
        match self.document.value(node, "Kids") {
            Some(Object::Array(kids)) if node.names("Type", "Pages") => {
                for kid in kids {
                    let Object::Ref(kid) = kid else {
                        return Err(damaged_object(number, "a child that is no reference"));
                    };
                    self.node(*kid, resources, level + 1, search)?;
                }
                Ok(())
            }
            None if node.names("Type", "Page") => self.page(number, node, resources, search),
            _ => Err(damaged_object(
                number,
                "neither a page nor a branch of pages",
            )),
        }
    }

    fn page(
        &mut self,
        number: u32,
        page: &Dict,
        resources: Option<&'d Dict>,
        search: &mut Search<'_>,
    ) -> Result<(), Refusal> {
        self.leaves += 1;
        if self.leaves > search.limits.pages_max {
            return Err(Refusal::Pages {
                pages: self.leaves,
                pages_max: search.limits.pages_max,
            });
        }
        let parts: Vec<&Object> = match page.find("Contents") {
            None => Vec::new(),
            Some(one @ Object::Ref(_)) => match self.document.deref(one) {
                Object::Array(items) => items.iter().collect(),
                _ => vec![one],
            },
            Some(Object::Array(items)) => items.iter().collect(),
            Some(_) => return Err(damaged_object(number, "contents that are no streams")),
        };
        // Parts are one stream that was cut anywhere between two tokens (7.8.2).
        let mut content = Vec::new();
        for part in parts {
            let Object::Ref(part) = part else {
                return Err(damaged_object(number, "contents that are no streams"));
            };
            content.extend(self.stream(*part, search)?);
            content.push(b'\n');
        }
        let place = Place::Page(self.leaves);
        self.content(&content, resources, &place, 0, search)
    }

    /// A stream of content, decoded.
    fn stream(&mut self, number: u32, search: &mut Search<'_>) -> Result<Vec<u8>, Refusal> {
        let found = self.document.find(number);
        let Some((Object::Dict(dict), Some(stream))) = found else {
            return Err(damaged_object(number, "no stream where one is needed"));
        };
        self.streams.insert(number);
        filter::decoded(
            number,
            dict,
            stream,
            |object| self.document.deref(object),
            search,
        )
    }

    fn content(
        &mut self,
        content: &[u8],
        resources: Option<&'d Dict>,
        place: &Place,
        depth: usize,
        search: &mut Search<'_>,
    ) -> Result<(), Refusal> {
        let fonts = Fonts::of(self.document, resources, search)?;
        let damaged = || Refusal::unreadable(search.kind, place.clone(), "its content");
        let Shown {
            texts,
            forms,
            unread,
        } = shown(content, &fonts, &mut self.budget).ok_or_else(damaged)?;
        if unread {
            search.found(What::UnreadText, place.clone());
        }
        for text in texts {
            search.text(place, &text)?;
        }
        let named = resources
            .and_then(|resources| self.document.value(resources, "XObject"))
            .and_then(Object::dict);
        for form in forms {
            let Some(Object::Ref(number)) = named.and_then(|named| named.find(&form)) else {
                continue;
            };
            self.form(*number, resources, place, depth, search)?;
        }
        Ok(())
    }

    fn form(
        &mut self,
        number: u32,
        resources: Option<&'d Dict>,
        place: &Place,
        depth: usize,
        search: &mut Search<'_>,
    ) -> Result<(), Refusal> {
        let dict = self
            .document
            .find(number)
            .and_then(|(object, _)| object.dict());
        let Some(dict) = dict.filter(|dict| dict.names("Subtype", "Form")) else {
            return Ok(());
        };
        // The same letterhead on every page is read once.
        if self.streams.contains(&number) {
            return Ok(());
        }
        if depth >= FORMS_MAX {
            return Err(damaged_object(number, "forms go too deep"));
        }
        let own = self
            .document
            .value(dict, "Resources")
            .and_then(Object::dict);
        let content = self.stream(number, search)?;
        self.content(&content, own.or(resources), place, depth + 1, search)
    }

    /// Every stream that no page shows: pictures, metadata, annotations' looks, older versions, and what nobody knows.
    fn others(&mut self, search: &mut Search<'_>) -> Result<(), Refusal> {
        let document = self.document;
        let fonts = font_files(document);
        for object in &document.objects {
            let (Object::Dict(dict), Some(stream)) = (&object.value, object.stream) else {
                continue;
            };
            let number = object.number;
            let structure = dict.names("Type", "XRef") || dict.names("Type", "ObjStm");
            if structure
                || self.streams.contains(&number) && self.is_current(number, stream)
                || fonts.contains(&number)
            {
                continue;
            }
            if dict.names("Subtype", "Image") {
                picture(document, number, dict, search)?;
                continue;
            }
            let decoded = filter::decoded(
                number,
                dict,
                stream,
                |object| document.deref(object),
                search,
            )?;
            let text = crate::bytes::text(&decoded);
            if dict.names("Type", "Metadata") {
                search.metadata("xmp", &text)?;
                continue;
            }
            self.unnamed(number, dict, &decoded, &text, search)?;
        }
        Ok(())
    }

    /// Whether the newest object of this number is this stream, and not an older one.
    fn is_current(&self, number: u32, stream: &[u8]) -> bool {
        let current = self.document.find(number).and_then(|(_, current)| current);
        current.is_some_and(|current| std::ptr::eq(current, stream))
    }

    /// Perhaps content, perhaps a table of numbers: shown text is searched if it reads as content, and otherwise whole
    /// runs of digits only, because numbers in a row are what every table is made of.
    fn unnamed(
        &mut self,
        number: u32,
        dict: &'d Dict,
        decoded: &[u8],
        text: &str,
        search: &mut Search<'_>,
    ) -> Result<(), Refusal> {
        let place = Place::Object(number);
        for hit in card::hits(text, search.limits) {
            if hit.until - hit.from == hit.digits.len() {
                search.card(&hit, &place);
            }
        }
        let own = self
            .document
            .value(dict, "Resources")
            .and_then(Object::dict);
        let fonts = Fonts::of(self.document, own, search)?;
        if let Some(shown) = shown(decoded, &fonts, &mut self.budget) {
            for text in shown.texts {
                search.text(&place, &text)?;
            }
        }
        Ok(())
    }
}

/// Programs of fonts, which hold shapes.
fn font_files(document: &Document<'_>) -> BTreeSet<u32> {
    let alone = document.objects.iter().map(|object| &object.value);
    let packed = document.packed.values().flatten().map(|(_, value)| value);
    alone
        .chain(packed)
        .filter_map(Object::dict)
        .flat_map(|dict| ["FontFile", "FontFile2", "FontFile3"].map(|key| dict.find(key)))
        .filter_map(|value| match value {
            Some(Object::Ref(number)) => Some(*number),
            _ => None,
        })
        .collect()
}

fn picture(
    document: &Document<'_>,
    number: u32,
    dict: &Dict,
    search: &mut Search<'_>,
) -> Result<(), Refusal> {
    let side = |key: &str| {
        document
            .value(dict, key)?
            .size()
            .and_then(|side| u32::try_from(side).ok())
    };
    let sides = side("Width").zip(side("Height"));
    let (width, height) =
        sides.ok_or_else(|| damaged_object(number, "a picture without a size"))?;
    search.pixels(width, height)?;
    search.found(What::UnreadImage, Place::Object(number));
    Ok(())
}
