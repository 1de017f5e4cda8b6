//! A packet's figures against the limits of its provider and its network. The limits are the adapter's own and those of the
//! rule files (`dispute::rules::evidence_limits`); each is named by whose it is.

use crate::files::Looks;
use adapter::{Capabilities, Verb};
use dispute::case::Case;
use dispute::network::Network;
use dispute::rejection::Rejection;
use dispute::rules::{Confidence, EvidenceLimit, evidence_limits};
use dispute::said::EvidenceContent;
use serde::Serialize;

/// Rules of a programme inside a network. A case does not say its programme, so they bind nobody here.
const OF_A_PROGRAMME: &[&str] = &["network.amex_optblue", "network.diners_old"];

/// What a packet comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Figures {
    pub files: u64,
    /// Of all files together; the provider's envelope is not counted, as its limits do not count it.
    pub bytes: u64,
    /// Of all files: an image is one.
    pub pages: u64,
    /// Files whose pages nobody counted; each stands as one page.
    pub uncounted: u64,
    /// Of all texts together.
    pub characters: u64,
}

/// One limit, and how far it is used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Bound {
    /// `pages`, `bytes`, `files`, `characters`, or `bytes in NAME`.
    pub what: String,
    pub found: u64,
    pub limit: u64,
    /// Whose limit it is.
    pub by: String,
}

struct File<'a> {
    name: &'a str,
    media_type: &'a str,
    bytes: u64,
    pages: Option<u64>,
}

fn files<'a>(case: &'a Case, looks: &'a Looks) -> impl Iterator<Item = File<'a>> {
    let slots = case.evidence.slots.values();
    slots.filter_map(|content| match content {
        EvidenceContent::File {
            digest,
            name,
            media_type,
            bytes,
        } => {
            let told = looks.file(digest).and_then(|look| look.pages);
            let image = media_type.starts_with("image/").then_some(1);
            Some(File {
                name,
                media_type,
                bytes: *bytes,
                pages: told.map(u64::from).or(image),
            })
        }
        _ => None,
    })
}

pub(super) fn figures(case: &Case, looks: &Looks) -> Figures {
    let mut figures = Figures::default();
    for file in files(case, looks) {
        figures.files += 1;
        figures.bytes = figures.bytes.saturating_add(file.bytes);
        figures.pages = figures.pages.saturating_add(file.pages.unwrap_or(1));
        figures.uncounted += u64::from(file.pages.is_none());
    }
    for content in case.evidence.slots.values() {
        if let EvidenceContent::Text(text) = content {
            let characters = u64::try_from(text.chars().count()).unwrap_or(u64::MAX);
            figures.characters = figures.characters.saturating_add(characters);
        }
    }
    figures
}

fn capabilities(case: &Case) -> Option<&'static Capabilities> {
    providers::list::find(&case.scope.provider).map(|adapter| adapter.capabilities())
}

/// Kinds of files that the provider takes.
pub(super) fn media_types(case: &Case) -> Vec<&'static str> {
    capabilities(case).map_or_else(Vec::new, |capabilities| {
        capabilities.limits.media_types.to_vec()
    })
}

/// The tightest limit for one file, of those that bind one file or all together.
pub(super) fn file_bytes_most(case: &Case) -> Option<(u64, String)> {
    let of_rules = rules(case).flat_map(|rule| {
        let by = rule.applies_to.first().copied().unwrap_or(rule.id);
        [rule.bytes_each, rule.bytes_total].map(|most| most.map(|most| (most, by.to_owned())))
    });
    let of_provider = capabilities(case).into_iter().flat_map(|capabilities| {
        let limits = &capabilities.limits;
        let by = case.scope.provider.clone();
        [limits.file_bytes, limits.total_bytes].map(|most| most.map(|most| (most, by.clone())))
    });
    of_rules.chain(of_provider).flatten().min()
}

/// Whether the provider states its own requirements for each case and has not been asked for this one's.
pub(super) fn asked_first(case: &Case) -> bool {
    case.evidence.defences.is_empty()
        && capabilities(case).is_some_and(|can| can.verbs.contains(&Verb::Requirements))
}

/// The rules that bind this case's packet. What nobody read in a source (low confidence) stops no answer.
fn rules(case: &Case) -> impl Iterator<Item = &'static EvidenceLimit> {
    let provider = case.scope.provider.clone();
    let network = case
        .network
        .as_ref()
        .map(|network| network.name().to_owned());
    evidence_limits()
        .iter()
        .filter(|rule| rule.confidence != Confidence::Low)
        .filter(|rule| !OF_A_PROGRAMME.contains(&rule.id))
        .filter(move |rule| {
            rule.applies_to
                .iter()
                .any(|who| *who == provider || network.as_deref() == Some(*who))
        })
}

/// Every limit with its use, the tightest of each kind first.
pub(super) fn bounds(case: &Case, looks: &Looks) -> Vec<Bound> {
    let figures = figures(case, looks);
    let files: Vec<File<'_>> = files(case, looks).collect();
    let mut bounds = Vec::new();
    let mut put = |what: &str, found: u64, limit: Option<u64>, by: &str| {
        if let Some(limit) = limit {
            bounds.push(Bound {
                what: what.to_owned(),
                found,
                limit,
                by: by.to_owned(),
            });
        }
    };
    let mastercard = case.network == Some(Network::Mastercard);
    let mut pages_of_mastercard = None;
    for rule in rules(case) {
        let by = rule.applies_to.first().copied().unwrap_or(rule.id);
        let own = (mastercard && rule.pages_mastercard.is_some()).then_some(rule.pages_mastercard);
        pages_of_mastercard = pages_of_mastercard.or(rule.pages_mastercard);
        put("pages", figures.pages, own.unwrap_or(rule.pages), by);
        put("bytes", figures.bytes, rule.bytes_total, by);
        put("files", figures.files, rule.files, by);
        put("characters", figures.characters, rule.characters, by);
        for file in &files {
            put(
                &format!("bytes in {}", file.name),
                file.bytes,
                rule.bytes_each,
                by,
            );
        }
    }
    if let Some(capabilities) = capabilities(case) {
        let (limits, by) = (&capabilities.limits, case.scope.provider.as_str());
        let pages = limits.pages.map(u64::from);
        // An adapter's one figure may be Mastercard's, which binds nobody else.
        let binds = mastercard || pages != pages_of_mastercard;
        put("pages", figures.pages, pages.filter(|_| binds), by);
        put("bytes", figures.bytes, limits.total_bytes, by);
        for file in &files {
            put(
                &format!("bytes in {}", file.name),
                file.bytes,
                limits.file_bytes,
                by,
            );
        }
    }
    bounds.sort_by(|one, other| (&one.what, one.limit).cmp(&(&other.what, other.limit)));
    bounds.dedup_by(|one, other| one.what == other.what);
    bounds
}

/// The first limit that the packet exceeds, or the first file of a kind that its provider does not take.
pub(super) fn over(case: &Case, looks: &Looks) -> Option<Rejection> {
    let exceeded = bounds(case, looks)
        .into_iter()
        .find(|bound| bound.found > bound.limit);
    if let Some(bound) = exceeded {
        return Some(Rejection::PacketOverLimit {
            what: bound.what,
            found: bound.found,
            limit: bound.limit,
            by: bound.by,
        });
    }
    let taken = capabilities(case)?.limits.media_types;
    if taken.is_empty() {
        return None;
    }
    let stranger = files(case, looks).find(|file| !taken.contains(&file.media_type))?;
    Some(Rejection::FileKindNotTaken {
        name: stranger.name.to_owned(),
        media_type: stranger.media_type.to_owned(),
        by: format!("{} takes {}", case.scope.provider, taken.join(", ")),
    })
}
