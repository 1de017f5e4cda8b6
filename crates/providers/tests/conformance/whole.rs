//! Every byte in one record, every fact and reject in a record of fitting fate, every fact readable from its own line.

use adapter::{Adapter, Decoded, Fate};
use dispute::fact::Span;

/// Asserts all of it for one decoded document of `length` bytes.
pub fn check(adapter: &dyn Adapter, decoded: &Decoded, length: usize, name: &str) {
    partition(decoded, length, name);
    for located in &decoded.facts {
        let line = dispute::text::render(&located.fact);
        let back = dispute::text::parse(&line);
        assert_eq!(back.as_ref(), Ok(&located.fact), "{name}: {line}");
        assert_eq!(
            located.fact.scope.provider,
            adapter.name(),
            "{name}: {line}"
        );
        let fits = |fate: &Fate| matches!(fate, Fate::Understood | Fate::Rejected);
        assert!(
            lies(decoded, located.span, fits),
            "{name}: {} {line}",
            located.span
        );
    }
    for reject in &decoded.rejects {
        let fits = |fate: &Fate| matches!(fate, Fate::Rejected);
        assert!(lies(decoded, reject.span, fits), "{name}: {reject:?}");
        assert!(!reject.detail.is_empty(), "{name}: {reject:?} says nothing");
    }
    for record in &decoded.records {
        let spans_of_facts = || decoded.facts.iter().map(|located| located.span);
        let spans_of_rejects = || decoded.rejects.iter().map(|reject| reject.span);
        let kept = match &record.fate {
            Fate::Understood => spans_of_facts().any(|span| record.span.holds(span)),
            Fate::Rejected => spans_of_rejects().any(|span| record.span.holds(span)),
            Fate::OtherBusiness(what) => !what.is_empty(),
            Fate::Framing => true,
        };
        assert!(
            kept,
            "{name}: {record:?} is empty of what its fate promises"
        );
    }
}

fn lies(decoded: &Decoded, span: Span, fits: impl Fn(&Fate) -> bool) -> bool {
    let mut records = decoded.records.iter();
    records.any(|record| record.span.holds(span) && fits(&record.fate))
}

fn partition(decoded: &Decoded, length: usize, name: &str) {
    let mut at = 0;
    for record in &decoded.records {
        let span = record.span;
        assert_eq!(span.from, at, "{name}: gap or overlap before {record:?}");
        // An empty document may be one empty record.
        assert!(
            span.until > at || length == 0,
            "{name}: {record:?} is empty"
        );
        at = span.until;
    }
    assert_eq!(at as usize, length, "{name}: the records end early or late");
}
