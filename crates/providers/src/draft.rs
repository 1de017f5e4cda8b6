//! A decoded document while it is being put together.

use adapter::{Decoded, Fate, Located, Record, Reject, RejectCode};
use calendar::Instant;
use dispute::fact::{Fact, Scope, Span};
use dispute::reference::References;
use dispute::said::Said;
use dispute::status::{Authority, Party};

/// What the statements of one record have in common.
#[derive(Clone, Debug)]
pub struct Voice {
    pub scope: Scope,
    pub refs: References,
    pub by: Party,
    pub authority: Authority,
    pub true_at: Instant,
    pub sequence: u64,
}

/// Facts, rejects and records of one document, collected in any order.
#[derive(Debug)]
pub struct Draft {
    form: String,
    length: usize,
    marks: Vec<Record>,
    facts: Vec<Located>,
    rejects: Vec<Reject>,
}

impl Draft {
    /// An empty draft of a document of `length` bytes.
    pub fn new(form: &str, length: usize) -> Draft {
        Draft {
            form: form.to_owned(),
            length,
            marks: Vec::new(),
            facts: Vec::new(),
            rejects: Vec::new(),
        }
    }

    /// States a fact with the voice of its record.
    pub fn say(&mut self, voice: &Voice, span: Span, said: Said) {
        let fact = Fact {
            true_at: voice.true_at,
            sequence: voice.sequence,
            authority: voice.authority,
            by: voice.by,
            scope: voice.scope.clone(),
            refs: voice.refs.clone(),
            said,
        };
        self.facts.push(Located { fact, span });
    }

    /// Keeps what no table maps, word for word, as a fact of its own: it becomes a drift finding, never an error (F-15).
    pub fn drift(&mut self, voice: &Voice, span: Span, field: &str, value: &str) {
        // A drifting value may be anything, so it is cut at 200 characters; the bytes stay in the document.
        let value: String = value.chars().take(200).collect();
        self.say(
            voice,
            span,
            Said::Drifted {
                field: field.to_owned(),
                value,
            },
        );
    }

    /// Records what could not be read.
    pub fn reject(&mut self, span: Span, code: RejectCode, detail: impl Into<String>) {
        self.rejects.push(Reject {
            span,
            code,
            detail: detail.into(),
            hint: String::new(),
        });
    }

    /// Records what could not be read, and what to do about it.
    pub fn reject_with_hint(
        &mut self,
        span: Span,
        code: RejectCode,
        detail: impl Into<String>,
        hint: &str,
    ) {
        self.rejects.push(Reject {
            span,
            code,
            detail: detail.into(),
            hint: hint.to_owned(),
        });
    }

    /// Marks what became of a stretch. Stretches must not overlap; what is never marked is framing.
    pub fn mark(&mut self, span: Span, fate: Fate) {
        self.marks.push(Record { span, fate });
    }

    /// How many rejects there are so far: to see whether reading a record added one.
    pub fn reject_count(&self) -> usize {
        self.rejects.len()
    }

    /// How many facts there are so far.
    pub fn fact_count(&self) -> usize {
        self.facts.len()
    }

    /// Puts the document together: records in order, the gaps between them framing, so that every byte is accounted for.
    pub fn finish(mut self) -> Decoded {
        self.marks.sort_by_key(|record| record.span);
        let end = Span::new(self.length, self.length);
        let mut records: Vec<Record> = Vec::with_capacity(self.marks.len() * 2 + 1);
        let mut at = 0_u32;
        let closing = Record {
            span: end,
            fate: Fate::Framing,
        };
        for record in self.marks.into_iter().chain([closing]) {
            if record.span.from > at {
                records.push(Record {
                    span: Span {
                        from: at,
                        until: record.span.from,
                    },
                    fate: Fate::Framing,
                });
            }
            let span = Span {
                from: record.span.from.max(at),
                until: record.span.until.min(end.until),
            };
            if span.from < span.until {
                at = span.until;
                records.push(Record {
                    span,
                    fate: record.fate,
                });
            }
        }
        Decoded {
            form: self.form,
            records,
            facts: self.facts,
            rejects: self.rejects,
        }
    }
}
