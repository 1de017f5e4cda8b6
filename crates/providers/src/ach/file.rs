//! An ACH file of 94-character records: its entries that came back become facts, all others are other business.

use super::answer::{self, Answer, Step, Word};
use super::problem::{self, Trouble};
use super::setting::{Made, Setting};
use crate::draft::Draft;
use adapter::{Decoded, Fate, Inbound, Reject};
use dispute::fact::Span;
use std::borrow::Cow;
use wire_nacha::{
    Addenda, Batch, Code, Direction, Entry, Field, File, Form, Group, Located, Record,
};

/// The form of a file with returns or notices, of one with neither, and of one without any entry.
pub(super) const RETURNS: &str = "returns";
pub(super) const ENTRIES: &str = "entries";
pub(super) const ZERO_FILE: &str = "zero-file";

pub(super) fn decode(inbound: &Inbound<'_>) -> Decoded {
    let body = inbound.body;
    let file = wire_nacha::read(body);
    let problems = wire_nacha::verify(&file);
    let mut troubles = problem::troubles(&file, &problems);
    if problems
        .iter()
        .any(|problem| matches!(problem.code, Code::NotNacha | Code::EmptyFile))
    {
        let unread = troubles.swap_remove(0).reject;
        return Decoded::rejected(
            "unknown",
            body.len(),
            Reject {
                span: Span::new(0, body.len()),
                ..unread
            },
        );
    }
    let made = file
        .header
        .and_then(|header| Made::of(header.created_on().date(), header.created_at_local().time()));
    let mut sheet = Sheet {
        inbound,
        file: &file,
        troubles: &troubles,
        draft: Draft::new(form(&file), body.len()),
        other: None,
    };
    for batch in &file.batches {
        sheet.batch(batch, made);
    }
    sheet.finish()
}

fn form(file: &File<'_>) -> &'static str {
    let is_entry = |located: &&Located<Record<'_>>| matches!(located.record, Record::Entry(_));
    let answers = |located: &Located<Record<'_>>| match located.record {
        Record::Addenda(addenda) => step(addenda).is_some(),
        _ => false,
    };
    if file.records.iter().any(answers) {
        RETURNS
    } else if file.records.iter().any(|located| is_entry(&located)) {
        ENTRIES
    } else {
        ZERO_FILE
    }
}

/// The step that an addenda makes of its entry; `None` for those of forward entries.
fn step(addenda: Addenda<'_>) -> Option<Step> {
    match addenda {
        Addenda::Change(_) => Some(Step::Change),
        Addenda::RefusedChange(_) => Some(Step::RefusedChange),
        Addenda::Return(_) | Addenda::IatReturn(_) => Some(Step::Return),
        Addenda::Dishonored(_) => Some(Step::Dishonored),
        Addenda::Contested(_) => Some(Step::Contested),
        _ => None,
    }
}

/// The companies that its batches name.
pub(super) fn companies(body: &[u8]) -> Vec<String> {
    let file = wire_nacha::read(body);
    let headers = file.batches.iter().filter_map(|batch| batch.header);
    headers
        .filter_map(|header| filled(header.company_id()))
        .map(|company| company.text.into_owned())
        .collect()
}

/// The file while it is worked through, front to back.
struct Sheet<'s, 'a> {
    inbound: &'s Inbound<'a>,
    file: &'s File<'a>,
    /// What is left of them.
    troubles: &'s [Trouble],
    draft: Draft,
    /// Forward entries that follow one another: one record of the result.
    other: Option<(Span, String)>,
}

impl<'s, 'a> Sheet<'s, 'a> {
    fn batch(&mut self, batch: &Batch<'a>, made: Option<Made>) {
        let company = batch.header.map(|header| latin(header.company_id()).text);
        let settled = batch
            .header
            .and_then(|header| header.settled_on().day_of_year());
        let setting = Setting::of(
            self.inbound,
            company.as_deref().unwrap_or_default(),
            made,
            settled,
        );
        let sec = batch
            .header
            .map(|header| latin(header.sec()).text.to_ascii_lowercase());
        let sec = sec
            .filter(|sec| !sec.is_empty())
            .unwrap_or_else(|| "entry".to_owned());
        let file = self.file;
        for group in file.entries(batch) {
            self.group(group, &setting, &sec, batch.form);
        }
    }

    fn group(&mut self, group: Group<'s, 'a>, setting: &Setting, sec: &str, form: Form) {
        let whole = self.extent(group);
        self.lines_before(whole);
        let mine = self.troubles.partition_point(|trouble| {
            let at = trouble.reject.span.from;
            at < whole.until || at == self.end() && at == whole.until
        });
        let (mine, rest) = self
            .troubles
            .split_at_checked(mine)
            .unwrap_or((&[], self.troubles));
        self.troubles = rest;
        let withheld = mine.iter().any(|trouble| trouble.withholds);
        let rejects = self.draft.reject_count();
        mine.iter().for_each(|trouble| self.reject(&trouble.reject));
        let answered = group
            .addenda()
            .filter_map(|addenda| Some((step(addenda)?, addenda)))
            .max_by_key(|(step, _)| *step);
        if let Some((step, addenda)) = answered
            && !withheld
        {
            let answer = read(group, step, addenda, form, sec, whole);
            answer::state(&mut self.draft, setting, &answer);
        }
        let fate = match (self.draft.reject_count() > rejects, answered) {
            (true, _) => Fate::Rejected,
            (false, Some(_)) => Fate::Understood,
            (false, None) => return self.forward(whole, sec),
        };
        self.draft.mark(whole, fate);
    }

    /// Offset of the end of the document.
    fn end(&self) -> u32 {
        Span::new(self.inbound.body.len(), self.inbound.body.len()).until
    }

    /// From the entry up to the record after its last addenda, delimiters included.
    fn extent(&self, group: Group<'_, '_>) -> Span {
        let next = group
            .index
            .saturating_add(1)
            .saturating_add(group.records.len());
        let until = self
            .file
            .records
            .get(next)
            .map_or(self.inbound.body.len(), |located| located.span().start);
        Span::new(group.entry.line().span().start, until)
    }

    /// Forward entries that touch are one record: a batch of a hundred thousand says once that it is other business.
    fn forward(&mut self, whole: Span, sec: &str) {
        match &mut self.other {
            Some((run, kind)) if run.until == whole.from && kind == sec => run.until = whole.until,
            _ => {
                self.flush();
                self.other = Some((whole, sec.to_owned()));
            }
        }
    }

    fn flush(&mut self) {
        if let Some((run, kind)) = self.other.take() {
            self.draft.mark(run, Fate::OtherBusiness(kind));
        }
    }

    fn reject(&mut self, reject: &Reject) {
        self.draft.reject_with_hint(
            reject.span,
            reject.code,
            reject.detail.clone(),
            &reject.hint,
        );
    }

    /// Rejects the lines outside entries that stand before this one: headers, controls, strays.
    fn lines_before(&mut self, whole: Span) {
        while let Some((trouble, rest)) = self.troubles.split_first() {
            if trouble.reject.span.from >= whole.from {
                return;
            }
            self.troubles = rest;
            self.line(trouble);
        }
    }

    fn line(&mut self, trouble: &Trouble) {
        let offset =
            usize::try_from(trouble.reject.span.from).expect("offsets of 32 bits fit usize");
        let index = problem::record_at(self.file, offset).unwrap_or(0);
        let start = self
            .file
            .records
            .get(index)
            .map_or(0, |located| located.span().start);
        let next = self.file.records.get(index.saturating_add(1));
        let until = next.map_or(self.inbound.body.len(), |located| located.span().start);
        self.draft.mark(Span::new(start, until), Fate::Rejected);
        self.reject(&trouble.reject);
    }

    fn finish(mut self) -> Decoded {
        self.flush();
        while let Some((trouble, rest)) = self.troubles.split_first() {
            self.troubles = rest;
            self.line(trouble);
        }
        self.draft.finish()
    }
}

/// A field's text. Bytes that are not UTF-8 are read as Latin-1, which never fails: facts use only names and references.
fn latin(field: Field<'_>) -> Word<'_> {
    let span = Span::new(field.span().start, field.span().end);
    let text = match field.text() {
        Some(text) => Cow::Borrowed(text),
        None => Cow::Owned(
            field
                .trimmed()
                .iter()
                .map(|byte| char::from(*byte))
                .collect(),
        ),
    };
    Word { text, span }
}

/// The field's text when it is not blank.
fn filled(field: Field<'_>) -> Option<Word<'_>> {
    (!field.is_blank()).then(|| latin(field))
}

/// A field of digits, as digits.
fn digits(field: Field<'_>) -> Option<Word<'_>> {
    field.number().map(|_| latin(field))
}

/// What the entry and its addenda say. The group's records were verified: an amount or a direction that does not read withholds it.
fn read<'a>(
    group: Group<'_, 'a>,
    step: Step,
    addenda: Addenda<'a>,
    form: Form,
    sec: &str,
    whole: Span,
) -> Answer<'a> {
    let entry = group.entry;
    let amount = entry.amount();
    let unlisted = group.addenda().filter_map(|addenda| match addenda {
        Addenda::Other(_) => Some(latin(
            wire_nacha::PaymentAddenda::of(addenda.line()).addenda_type(),
        )),
        _ => None,
    });
    let mut answer = Answer {
        step,
        code: latin(wire_nacha::ReturnAddenda::of(addenda.line()).return_code()),
        original_trace: latin(wire_nacha::ReturnAddenda::of(addenda.line()).original_trace()),
        original_rdfi: digits(wire_nacha::ReturnAddenda::of(addenda.line()).original_rdfi()),
        trace: entry.trace().and_then(digits),
        earlier: Vec::new(),
        return_code: None,
        dishonored_code: None,
        amount: (
            amount.number().unwrap_or(0),
            Span::new(amount.span().start, amount.span().end),
        ),
        direction: moved(entry, form),
        merchant: merchant(entry, sec),
        corrected: None,
        information: None,
        unlisted: unlisted.collect(),
        whole,
    };
    match addenda {
        Addenda::Change(it) => answer.corrected = filled(it.corrected_data()),
        Addenda::Return(it) => answer.information = filled(it.information()),
        Addenda::IatReturn(it) => answer.information = filled(it.information()),
        Addenda::Dishonored(it) => {
            answer.earlier.extend(digits(it.return_trace()));
            answer.return_code = digits(it.return_code());
        }
        Addenda::Contested(it) => {
            answer.earlier.extend(
                digits(it.return_trace())
                    .into_iter()
                    .chain(digits(it.dishonored_trace())),
            );
            answer.return_code = digits(it.return_code());
            answer.dishonored_code = digits(it.dishonored_code());
        }
        _ => {}
    }
    answer
}

/// Which way the returned money went; accounting advices move none of their own.
fn moved(entry: Entry<'_>, form: Form) -> Option<Direction> {
    entry.direction().filter(|_| form != Form::Advice)
}

/// The originator's identification of the payment. In these classes the positions hold a name, a card's expiry or a check's place.
fn merchant<'a>(entry: Entry<'a>, sec: &str) -> Option<Word<'a>> {
    let elsewhere = matches!(sec, "cie" | "shr" | "pop");
    entry
        .individual_id()
        .filter(|_| !elsewhere)
        .and_then(filled)
}
