//! The records of a returned entry, as they stand in its file: a dishonor repeats them, and no fact holds them.

use super::say::RECORD_PREFIX;
use dispute::fact::Span;
use dispute::reference::{RefKind, Reference};
use wire_nacha::{Addenda, Batch, File, Group, Line};

/// The file header, batch header, entry and addenda 99 of the entry in which the span stands. Empty when it stands in no returned
/// entry of a file of 94-character records.
pub(super) fn quote(body: &[u8], span: Span) -> Vec<Reference> {
    let file = wire_nacha::read(body);
    let found = file
        .batches
        .iter()
        .find_map(|batch| Some((batch, group_at(&file, batch, span)?)));
    let Some((batch, group)) = found else {
        return Vec::new();
    };
    let addenda = group.addenda().find_map(|addenda| match addenda {
        Addenda::Return(addenda) => Some(addenda.line()),
        _ => None,
    });
    let records = [
        file.header.map(|header| header.line()),
        batch.header.map(|header| header.line()),
        Some(group.entry.line()),
        addenda,
    ];
    records.into_iter().flatten().filter_map(alias).collect()
}

fn group_at<'f, 'a>(file: &'f File<'a>, batch: &'f Batch<'a>, span: Span) -> Option<Group<'f, 'a>> {
    let holds = |line: Line<'_>| {
        let line = line.span();
        Span::new(line.start, line.end).holds(Span {
            until: span.from,
            ..span
        })
    };
    file.entries(batch).find(|group| {
        holds(group.entry.line()) || group.addenda().any(|addenda| holds(addenda.line()))
    })
}

fn alias(line: Line<'_>) -> Option<Reference> {
    let record = std::str::from_utf8(line.bytes()).ok()?;
    Some(Reference {
        kind: RefKind::Alias,
        value: format!("{RECORD_PREFIX}{record}"),
    })
}
