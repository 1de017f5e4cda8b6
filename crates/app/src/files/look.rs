//! What was found in a file when it was brought: kept beside it, so that nobody has to open it again to judge it.

use super::file_id;
use crate::disputes::Dispute;
use crate::{Desk, Error};
use dispute::case::Case;
use dispute::said::EvidenceContent;
use dispute::strength::FileLook;
use std::collections::BTreeMap;

/// What is known of the files of a draft, by digest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Looks(BTreeMap<String, Look>);

/// What is known of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look {
    pub file: FileLook,
    /// What a person should know before it is sent on, each with its place: `link at page 2`.
    pub told: Vec<String>,
}

impl Looks {
    /// Nothing is known of any file.
    pub fn none() -> Looks {
        Looks(BTreeMap::new())
    }

    pub fn of(&self, digest: &str) -> Option<&Look> {
        self.0.get(digest)
    }

    pub fn file(&self, digest: &str) -> Option<FileLook> {
        self.of(digest).map(|look| look.file)
    }
}

const PAGES: &str = "docket.pages";
const WIDTH: &str = "docket.width";
const HEIGHT: &str = "docket.height";
const LINKS: &str = "docket.links";
const TOLD: &str = "docket.told";

/// As it is kept among the words on the file's row.
pub(super) fn words(look: &Look) -> BTreeMap<String, String> {
    let mut words = BTreeMap::new();
    let mut put = |name: &str, value: String| words.insert(name.to_owned(), value);
    if let Some(pages) = look.file.pages {
        put(PAGES, pages.to_string());
    }
    if let Some((width, height)) = look.file.pixels {
        put(WIDTH, width.to_string());
        put(HEIGHT, height.to_string());
    }
    put(LINKS, look.file.links.to_string());
    put(TOLD, look.told.join("\n"));
    words
}

/// What stands among the words; `None` when nobody looked.
pub(super) fn read(words: &BTreeMap<String, String>) -> Option<Look> {
    let number = |name: &str| words.get(name)?.parse::<u32>().ok();
    let links = words.get(LINKS)?;
    Some(Look {
        file: FileLook {
            pages: number(PAGES),
            pixels: number(WIDTH).zip(number(HEIGHT)),
            links: links == "true",
        },
        told: words
            .get(TOLD)
            .map(|told| told.lines().map(str::to_owned).collect())
            .unwrap_or_default(),
    })
}

/// The files of a draft: digest and name.
fn files(case: &Case) -> impl Iterator<Item = (&str, &str)> {
    case.evidence
        .slots
        .values()
        .filter_map(|content| match content {
            EvidenceContent::File { digest, name, .. } => Some((digest.as_str(), name.as_str())),
            _ => None,
        })
}

impl Desk {
    /// What is known of the files of a case's draft.
    ///
    /// # Errors
    /// When the store fails.
    pub fn looks(&mut self, case: &Case) -> Result<Looks, Error> {
        if files(case).next().is_none() {
            return Ok(Looks::none());
        }
        let (merchant, live) = self.owner(case)?;
        let one = (merchant.as_deref(), live, case);
        let mut found = self.looks_of(&mut std::iter::once(one))?;
        Ok(found.pop().unwrap_or_default())
    }

    /// The same for every dispute of a page, in one look-up.
    pub(crate) fn put_looks(&mut self, disputes: &mut [Dispute]) -> Result<(), Error> {
        let found = self.looks_of(
            &mut disputes
                .iter()
                .map(|dispute| (dispute.merchant.as_deref(), dispute.live, &dispute.case)),
        )?;
        for (dispute, looks) in disputes.iter_mut().zip(found) {
            dispute.looks = looks;
        }
        Ok(())
    }

    fn looks_of<'a>(
        &mut self,
        cases: &mut dyn Iterator<Item = (Option<&'a str>, bool, &'a Case)>,
    ) -> Result<Vec<Looks>, Error> {
        let wanted: Vec<Vec<(String, String)>> = cases
            .map(|(merchant, live, case)| {
                let named = files(case).map(|(digest, name)| {
                    let id = file_id(merchant, live, digest, name);
                    (id, digest.to_owned())
                });
                named.collect()
            })
            .collect();
        let ids: Vec<String> = wanted.iter().flatten().map(|(id, _)| id.clone()).collect();
        if ids.is_empty() {
            return Ok(wanted.iter().map(|_| Looks::none()).collect());
        }
        let words = self.metadata(&ids)?;
        let of_case = |files: Vec<(String, String)>| {
            let known = files
                .into_iter()
                .filter_map(|(id, digest)| Some((digest, read(words.get(&id)?)?)));
            Looks(known.collect())
        };
        Ok(wanted.into_iter().map(of_case).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_of_a_look_reads_back() {
        for (pages, pixels) in [(None, None), (Some(3), None), (None, Some((640, 480)))] {
            let look = Look {
                file: FileLook {
                    pages,
                    pixels,
                    links: pages.is_some(),
                },
                told: vec![String::from("link at page 2")],
            };
            assert_eq!(read(&words(&look)), Some(look));
        }
        assert_eq!(read(&BTreeMap::new()), None);
    }
}
