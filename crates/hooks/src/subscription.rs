//! Which events does an endpoint ask for, and are its settings such that it can be told of them?
//!
//! Judges form only. Where a URL leads is judged by the transport's egress guard, at every connection.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// Characters of a description, as with Stripe.
pub const DESCRIPTION_CHARS_MAX: usize = 5_000;
/// Longer URLs are cut or refused by what stands in front of servers.
pub const URL_BYTES_MAX: usize = 2_048;
/// Patterns of one endpoint.
pub const PATTERNS_MAX: usize = 100;

/// What a pattern names: every event, the events below a name, or one event.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pattern {
    All,
    /// `charge.dispute.*`, kept with its last dot: `charge.dispute.`.
    Below(String),
    Exactly(String),
}

impl Pattern {
    /// Reads `*`, `charge.dispute.*` or `charge.dispute.created`: labels of small letters, digits and `_`. A star stands
    /// alone or for all of the labels at the end.
    pub fn parse(text: &str) -> Option<Pattern> {
        let label = |label: &str| {
            let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
            !label.is_empty() && label.bytes().all(plain)
        };
        let dotted = |name: &str| name.len() <= 120 && name.split('.').all(label);
        match text.strip_suffix(".*") {
            _ if text == "*" => Some(Pattern::All),
            Some(name) => dotted(name).then(|| Pattern::Below(name.to_owned() + ".")),
            None => dotted(text).then(|| Pattern::Exactly(text.to_owned())),
        }
    }

    pub fn matches(&self, event_type: &str) -> bool {
        match self {
            Pattern::All => true,
            Pattern::Below(prefix) => {
                // `charge.dispute.` names what is below it, not itself.
                event_type.len() > prefix.len() && event_type.starts_with(prefix.as_str())
            }
            Pattern::Exactly(name) => name == event_type,
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Pattern::All => f.write_str("*"),
            Pattern::Below(prefix) => write!(f, "{prefix}*"),
            Pattern::Exactly(name) => f.write_str(name),
        }
    }
}

/// Whether any of the patterns asks for the event.
pub fn wants(patterns: &[Pattern], event_type: &str) -> bool {
    patterns.iter().any(|pattern| pattern.matches(event_type))
}

/// An endpoint's settings as somebody gave them.
#[derive(Clone, Copy, Debug)]
pub struct Given<'a> {
    pub url: &'a str,
    pub description: &'a str,
    pub enabled_events: &'a [&'a str],
    /// `None`: the desk's own.
    pub api_version: Option<&'a str>,
}

/// What the settings are judged against.
#[derive(Clone, Copy, Debug)]
pub struct Desk<'a> {
    /// Every type of event that is published.
    pub event_types: &'a [&'a str],
    pub api_versions: &'a [&'a str],
    /// How many endpoints the merchant has, without this one.
    pub endpoints: usize,
    /// How many a merchant may have in one mode; 16 with Stripe.
    pub endpoints_max: usize,
    /// `http` to this machine is allowed: a developer's desk.
    pub loopback: bool,
}

/// Settings in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// In the order given, each once.
    pub patterns: Vec<Pattern>,
    pub api_version: Option<String>,
}

/// What is wrong with one setting. The field's name is the API's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingError {
    pub field: &'static str,
    pub why: String,
}

/// Judges all settings and names every mistake at once.
///
/// # Errors
/// One [`SettingError`] for each mistake, in the order of the fields.
pub fn accept(given: &Given<'_>, desk: &Desk<'_>) -> Result<Accepted, Vec<SettingError>> {
    let mut wrong = Vec::new();
    let mut note = |field, why| wrong.push(SettingError { field, why });
    if desk.endpoints >= desk.endpoints_max {
        let why = alloc::format!(
            "there are {} endpoints, at most {}",
            desk.endpoints,
            desk.endpoints_max
        );
        note("url", why);
    }
    if let Some(why) = against_url(given.url, desk.loopback) {
        note("url", why);
    }
    let chars = given.description.chars().count();
    if chars > DESCRIPTION_CHARS_MAX {
        let why = alloc::format!("has {chars} characters, at most {DESCRIPTION_CHARS_MAX}");
        note("description", why);
    }
    if given
        .description
        .contains(|c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r'))
    {
        note("description", String::from("holds a control character"));
    }
    let patterns = read_patterns(given.enabled_events, desk.event_types, &mut note);
    let api_version = given.api_version.map(str::to_owned);
    if let Some(version) = given.api_version
        && !desk.api_versions.contains(&version)
    {
        let why = alloc::format!(
            "`{}` is not a version of this API: {}",
            shown(version),
            desk.api_versions.join(", ")
        );
        note("api_version", why);
    }
    match wrong.is_empty() {
        true => Ok(Accepted {
            patterns,
            api_version,
        }),
        false => Err(wrong),
    }
}

fn read_patterns(
    texts: &[&str],
    event_types: &[&str],
    note: &mut impl FnMut(&'static str, String),
) -> Vec<Pattern> {
    const FIELD: &str = "enabled_events";
    if texts.is_empty() || texts.len() > PATTERNS_MAX {
        let found = texts.len();
        note(
            FIELD,
            alloc::format!("has {found} patterns, 1 to {PATTERNS_MAX} are expected"),
        );
        return Vec::new();
    }
    let mut patterns: Vec<Pattern> = Vec::new();
    for text in texts {
        match Pattern::parse(text) {
            None => note(
                FIELD,
                alloc::format!("`{}` is neither `*`, `name.*` nor a name", shown(text)),
            ),
            Some(pattern) if !event_types.iter().any(|known| pattern.matches(known)) => note(
                FIELD,
                alloc::format!("`{pattern}` names no event that is published"),
            ),
            Some(pattern) if patterns.contains(&pattern) => {}
            Some(pattern) => patterns.push(pattern),
        }
    }
    patterns
}

/// What is against a URL by its form. Stricter than a reader of URLs: what two readers might read differently is refused.
fn against_url(url: &str, loopback: bool) -> Option<String> {
    if url.len() > URL_BYTES_MAX {
        let found = url.len();
        return Some(alloc::format!("has {found} bytes, at most {URL_BYTES_MAX}"));
    }
    if let Some(c) = url.chars().find(|c| !c.is_ascii_graphic() || *c == '\\') {
        return Some(alloc::format!("has the character {c:?}"));
    }
    let rest = match url.split_once("://") {
        Some(("https", rest)) => rest,
        Some(("http", rest)) if loopback => rest,
        _ => return Some("does not begin with `https://`".to_owned()),
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    [
        (authority.is_empty(), "has no host"),
        (authority.contains('@'), "has user information"),
        (rest.contains('#'), "has a fragment"),
    ]
    .into_iter()
    .find_map(|(found, why)| found.then(|| why.to_owned()))
}

/// As much of somebody's text as a message bears.
fn shown(text: &str) -> String {
    text.chars().take(60).collect()
}

impl fmt::Display for SettingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.why)
    }
}

impl core::error::Error for SettingError {}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    const DESK: Desk<'_> = Desk {
        event_types: &[
            "charge.dispute.closed",
            "charge.dispute.created",
            "docket.finding.opened",
        ],
        api_versions: &["2024-06-20", "2026-07-29.dahlia"],
        endpoints: 0,
        endpoints_max: 16,
        loopback: false,
    };

    const GIVEN: Given<'_> = Given {
        url: "https://merchant-1.example.com/hooks?shop=2",
        description: "",
        enabled_events: &["*"],
        api_version: None,
    };

    /// Every mistake as one line.
    #[track_caller]
    fn check(given: Given<'_>, desk: Desk<'_>, want: &[&str]) {
        let found = accept(&given, &desk).err().unwrap_or_default();
        let found: Vec<String> = found.iter().map(SettingError::to_string).collect();
        assert_eq!(found, want);
    }

    #[test]
    fn patterns_match_whole_labels() {
        for (pattern, event, want) in [
            ("*", "anything", true),
            ("charge.dispute.*", "charge.dispute.created", true),
            ("charge.dispute.*", "charge.dispute.funds.moved", true),
            ("charge.dispute.*", "charge.dispute", false),
            ("charge.dispute.*", "charge.dispute.", false),
            ("charge.dispute.*", "charge.disputed.created", false),
            ("charge.dispute.created", "charge.dispute.created", true),
            ("charge.dispute.created", "charge.dispute.created2", false),
            ("charge.dispute.created", "xcharge.dispute.created", false),
        ] {
            let read = Pattern::parse(pattern).unwrap();
            assert_eq!(read.to_string(), pattern);
            assert_eq!(read.matches(event), want, "{pattern} {event}");
            assert_eq!(wants(&[read], event), want);
        }
        assert!(!wants(&[], "charge.dispute.created"));
    }

    #[test]
    fn texts_that_are_no_pattern_are_refused() {
        for text in [
            "",
            "**",
            ".*",
            "*.created",
            "charge.*.created",
            "charge*",
            "charge.",
            ".charge",
            "charge..dispute",
            "Charge.dispute",
            "charge dispute",
            "charge.dispute.*.*",
            "c\u{e9}",
        ] {
            assert_eq!(Pattern::parse(text), None, "{text}");
        }
    }

    #[test]
    fn settings_in_order_are_accepted_and_each_pattern_once() {
        let given = Given {
            enabled_events: &[
                "charge.dispute.*",
                "docket.finding.opened",
                "charge.dispute.*",
            ],
            api_version: Some("2024-06-20"),
            ..GIVEN
        };
        let accepted = accept(&given, &DESK).unwrap();
        let patterns: Vec<String> = accepted.patterns.iter().map(Pattern::to_string).collect();
        assert_eq!(patterns, ["charge.dispute.*", "docket.finding.opened"]);
        assert_eq!(accepted.api_version.as_deref(), Some("2024-06-20"));
    }

    #[test]
    fn every_mistake_is_named_at_once() {
        let long = "a".repeat(5_001);
        let given = Given {
            url: "http://merchant-1.example.com",
            description: &long,
            enabled_events: &["charge.*.x", "invoice.*", "charge.dispute.created"],
            api_version: Some("2019-01-01"),
        };
        let desk = Desk {
            endpoints: 16,
            ..DESK
        };
        check(
            given,
            desk,
            &[
                "url: there are 16 endpoints, at most 16",
                "url: does not begin with `https://`",
                "description: has 5001 characters, at most 5000",
                "enabled_events: `charge.*.x` is neither `*`, `name.*` nor a name",
                "enabled_events: `invoice.*` names no event that is published",
                "api_version: `2019-01-01` is not a version of this API: 2024-06-20, 2026-07-29.dahlia",
            ],
        );
    }

    #[test]
    fn limits_admit_their_last_value() {
        let long = "\u{e9}".repeat(5_000);
        let given = Given {
            description: &long,
            ..GIVEN
        };
        let desk = Desk {
            endpoints: 15,
            ..DESK
        };
        check(given, desk, &[]);
        let none = Given {
            enabled_events: &[],
            ..GIVEN
        };
        let want = "enabled_events: has 0 patterns, 1 to 100 are expected";
        check(none, DESK, &[want]);
    }

    #[test]
    fn urls_are_judged_by_form() {
        let long = alloc::format!("https://example.com/{}", "a".repeat(2_029));
        for (url, want) in [
            ("", "url: does not begin with `https://`"),
            ("example.com", "url: does not begin with `https://`"),
            ("HTTPS://example.com", "url: does not begin with `https://`"),
            ("ftp://example.com", "url: does not begin with `https://`"),
            ("https://", "url: has no host"),
            ("https:///path", "url: has no host"),
            ("https://?x", "url: has no host"),
            ("https://a@example.com", "url: has user information"),
            ("https://a:b@example.com/", "url: has user information"),
            ("https://example.com/#x", "url: has a fragment"),
            ("https://example.com\\@x", "url: has the character '\\\\'"),
            ("https://example.com/ x", "url: has the character ' '"),
            (
                "https://example.com/\r\nX: y",
                "url: has the character '\\r'",
            ),
            (
                "https://ex\u{e4}mple.com",
                "url: has the character '\u{e4}'",
            ),
            (&long, "url: has 2049 bytes, at most 2048"),
        ] {
            check(Given { url, ..GIVEN }, DESK, &[want]);
        }
        let url = "http://127.0.0.1:8080/x@y";
        let desk = Desk {
            loopback: true,
            ..DESK
        };
        check(Given { url, ..GIVEN }, desk, &[]);
    }
}
