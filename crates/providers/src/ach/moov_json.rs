//! The JSON in which moov-io/ach, a widely used open-source library, writes ACH files: the same entries under names.
//!
//! Go reads names without regard to case, so this does too. The controls in it are not compared with the entries: the library works them
//! out anew and writes files whose controls are stale.

use super::answer::{self, Answer, Step, Word};
use super::codes;
use super::setting::{Made, Setting};
use crate::draft::Draft;
use crate::json::{self, Object, Value};
use adapter::{Decoded, Fate, Inbound, Reject, RejectCode};
use calendar::Date;
use dispute::fact::Span;
use std::borrow::Cow;

/// The form of a file with returns or notices, and of one with neither.
pub(super) const RETURNS: &str = "moov-json-returns";
pub(super) const ENTRIES: &str = "moov-json";

/// The addenda that answer an entry, the furthest step first.
const STEPS: [(&str, Step); 5] = [
    ("addenda99Contested", Step::Contested),
    ("addenda99Dishonored", Step::Dishonored),
    ("addenda99", Step::Return),
    ("addenda98Refused", Step::RefusedChange),
    ("addenda98", Step::Change),
];

/// Whether the document is JSON at all: ACH records open with a digit.
pub(super) fn is_json(body: &[u8]) -> bool {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    body.trim_ascii_start().first() == Some(&b'{')
}

pub(super) fn decode(inbound: &Inbound<'_>) -> Decoded {
    let length = inbound.body.len();
    let value = match json::read(inbound.body) {
        Ok(value) => value,
        Err(reject) => return Decoded::rejected(ENTRIES, length, reject),
    };
    let Some(file) = value.object().and_then(ach_file) else {
        let detail = "a JSON object without `fileHeader` and `batches`, expected an ACH file";
        let code = RejectCode::UnknownForm;
        let reject = Reject {
            span: value.span(),
            code,
            detail: detail.to_owned(),
            hint: String::new(),
        };
        return Decoded::rejected("unknown", length, reject);
    };
    let entries = entries(inbound, &file);
    if entries.is_empty() {
        return Decoded::other(ENTRIES, length);
    }
    let answered = entries
        .iter()
        .any(|entry| addenda(&entry.object).is_some() || came_back(&entry.object));
    let mut draft = Draft::new(if answered { RETURNS } else { ENTRIES }, length);
    entries
        .iter()
        .for_each(|entry| read_entry(&mut draft, entry));
    draft.finish()
}

/// The companies of its batches; empty when it is no ACH file.
pub(super) fn companies(body: &[u8]) -> Vec<String> {
    let file = json::read(body)
        .ok()
        .and_then(|value| value.object())
        .and_then(ach_file);
    let batches = file.as_ref().map(batches).unwrap_or_default();
    batches
        .iter()
        .filter_map(|batch| company(&header(batch)?))
        .collect()
}

/// The file itself, or the one that an answer or event of the library's servers wraps.
fn ach_file(object: Object<'_>) -> Option<Object<'_>> {
    let is_file = |object: &Object<'_>| {
        let arrays = [
            "batches",
            "IATBatches",
            "ReturnEntries",
            "NotificationOfChange",
        ];
        let batched = arrays.iter().any(|name| items(object, name).is_some());
        inner(object, "fileHeader").is_some() || batched
    };
    if is_file(&object) {
        return Some(object);
    }
    let wrapped = inner(&object, "file").or_else(|| inner(&inner(&object, "event")?, "file"));
    wrapped.filter(is_file)
}

/// `ReturnEntries` and `NotificationOfChange` repeat batches, so they count only where the batches themselves are left out.
fn batches<'a>(file: &Object<'a>) -> Vec<Object<'a>> {
    let read = |names: [&str; 2]| {
        let values = names
            .into_iter()
            .flat_map(|name| items(file, name).unwrap_or_default());
        values
            .filter_map(|value| value.object())
            .collect::<Vec<_>>()
    };
    let batches = read(["batches", "IATBatches"]);
    if batches.is_empty() {
        read(["ReturnEntries", "NotificationOfChange"])
    } else {
        batches
    }
}

fn header<'a>(batch: &Object<'a>) -> Option<Object<'a>> {
    inner(batch, "batchHeader").or_else(|| inner(batch, "IATBatchHeader"))
}

fn company(header: &Object<'_>) -> Option<String> {
    let company = text(header, "companyIdentification")
        .or_else(|| text(header, "originatorIdentification"))?;
    Some(company.text.trim().to_owned()).filter(|company| !company.is_empty())
}

/// One entry with what its batch says.
struct Placed<'a> {
    object: Object<'a>,
    setting: Setting,
    sec: String,
    /// Accounting advices move no money of their own.
    advice: bool,
}

fn entries<'a>(inbound: &Inbound<'_>, file: &Object<'a>) -> Vec<Placed<'a>> {
    let made = inner(file, "fileHeader").and_then(|header| made(&header));
    let mut found = Vec::new();
    for batch in batches(file) {
        let header = header(&batch);
        let company = header.as_ref().and_then(company).unwrap_or_default();
        let settled = header
            .as_ref()
            .and_then(|header| text(header, "settlementDate"));
        let settled = settled
            .and_then(|day| day.text.trim().parse().ok())
            .filter(|day| (1..=366).contains(day));
        let setting = Setting::of(inbound, &company, made, settled);
        let sec = header
            .as_ref()
            .and_then(|header| text(header, "standardEntryClassCode"));
        let sec = sec
            .map(|sec| sec.text.trim().to_ascii_lowercase())
            .filter(|sec| !sec.is_empty());
        let sec = sec.unwrap_or_else(|| "entry".to_owned());
        for name in ["entryDetails", "IATEntryDetails", "advEntryDetails"] {
            for object in items(&batch, name)
                .unwrap_or_default()
                .iter()
                .filter_map(Value::object)
            {
                let (setting, sec) = (setting.clone(), sec.clone());
                found.push(Placed {
                    object,
                    setting,
                    sec,
                    advice: name == "advEntryDetails",
                });
            }
        }
    }
    found
}

/// The library writes `YYMMDD` and `HHMM`, and reads RFC 3339 as well.
fn made(header: &Object<'_>) -> Option<Made> {
    let date = text(header, "fileCreationDate")?.text;
    let date = match date.get(..10) {
        Some(day) => Date::parse(day).ok()?,
        None => Date::parse_yymmdd(date.trim()).ok()?,
    };
    let time = text(header, "fileCreationTime").map(|time| time.text.replace(':', ""));
    let time = time.as_deref().and_then(|time| {
        time.split_once('T')
            .map_or(Some(time), |(_, time)| time.get(..4))
    });
    let time =
        time.and_then(|time| Some((time.get(..2)?.parse().ok()?, time.get(2..4)?.parse().ok()?)));
    let year = u16::try_from(date.year()).ok()?;
    Made::of(Some((year, date.month(), date.day())), time)
}

fn addenda<'a>(entry: &Object<'a>) -> Option<(Step, Object<'a>)> {
    STEPS
        .into_iter()
        .find_map(|(name, step)| Some((step, inner(entry, name)?)))
}

/// Whether the entry says itself that it came back.
fn came_back(entry: &Object<'_>) -> bool {
    let category = text(entry, "category").map(|category| category.text);
    category.is_some_and(|category| {
        let category = category.to_ascii_lowercase();
        ["return", "noc", "dishonored"]
            .iter()
            .any(|word| category.starts_with(word))
    })
}

fn read_entry(draft: &mut Draft, entry: &Placed<'_>) {
    let span = entry.object.span();
    let before = draft.reject_count();
    match addenda(&entry.object) {
        Some((step, addenda)) => {
            if let Some(answer) = read_answer(draft, entry, step, &addenda) {
                answer::state(draft, &entry.setting, &answer);
            }
        }
        None if came_back(&entry.object) => {
            let detail = "the entry's category says that it came back, and it has no `addenda98` or `addenda99`";
            draft.reject(span, RejectCode::MissingField, detail);
        }
        None => return draft.mark(span, Fate::OtherBusiness(entry.sec.clone())),
    }
    let fate = if draft.reject_count() > before {
        Fate::Rejected
    } else {
        Fate::Understood
    };
    draft.mark(span, fate);
}

fn read_answer<'a>(
    draft: &mut Draft,
    entry: &Placed<'a>,
    step: Step,
    addenda: &Object<'a>,
) -> Option<Answer<'a>> {
    let code_name = match step {
        Step::Change => "changeCode",
        Step::RefusedChange => "refusedChangeCode",
        Step::Return => "returnCode",
        Step::Dishonored => "dishonoredReturnReasonCode",
        Step::Contested => "contestedReturnCode",
    };
    let late = matches!(step, Step::Dishonored | Step::Contested);
    let (trace_name, rdfi_name) = if late {
        (
            "originalEntryTraceNumber",
            "originalReceivingDFIIdentification",
        )
    } else {
        ("originalTrace", "originalDFI")
    };
    let code = needed(draft, addenda, code_name);
    let original_trace = needed(draft, addenda, trace_name);
    let amount = whole(draft, &entry.object, "amount", RejectCode::Amount);
    let transaction = whole(
        draft,
        &entry.object,
        "transactionCode",
        RejectCode::FieldType,
    );
    let (code, original_trace, amount, transaction) =
        (code?, original_trace?, amount?, transaction?);
    let direction = wire_nacha::direction(transaction.0);
    if direction.is_none() {
        let detail = format!("transaction code {} has no direction", transaction.0);
        draft.reject(transaction.1, RejectCode::FieldType, detail);
        return None;
    }
    if !listed(step, &code.text) {
        let detail = format!(
            "code `{}` is on no list",
            money::Excerpt::of(&code.text).as_str()
        );
        draft.reject(code.span, RejectCode::FieldType, detail);
    }
    let earlier = [
        text(addenda, "returnTraceNumber"),
        text(addenda, "dishonoredReturnTraceNumber"),
    ];
    let two = |name| text(addenda, name).filter(|code| digits(code).is_some());
    Some(Answer {
        step: by_code(step, &code.text),
        original_trace,
        original_rdfi: text(addenda, rdfi_name).as_ref().and_then(digits),
        trace: trace(&entry.object).or_else(|| trace(addenda)),
        earlier: earlier.iter().flatten().filter_map(digits).collect(),
        return_code: two("returnReasonCode"),
        dishonored_code: two("dishonoredReturnReasonCode").filter(|_| step == Step::Contested),
        amount,
        direction: direction.filter(|_| !entry.advice),
        merchant: merchant(entry),
        corrected: text(addenda, "correctedData"),
        information: text(addenda, "addendaInformation"),
        unlisted: Vec::new(),
        whole: entry.object.span(),
        code,
    })
}

fn listed(step: Step, code: &str) -> bool {
    if step == Step::Change {
        codes::asks_change(code)
    } else {
        codes::known(code).is_some()
    }
}

/// Before the library had addenda of their own for them, it wrote later steps as plain returns.
fn by_code(step: Step, code: &str) -> Step {
    match (step, code) {
        (Step::Return, "R61" | "R62" | "R67" | "R68" | "R69" | "R70") => Step::Dishonored,
        (Step::Return, "R71" | "R72" | "R73" | "R74" | "R75" | "R76" | "R77") => Step::Contested,
        _ => step,
    }
}

fn trace<'a>(object: &Object<'a>) -> Option<Word<'a>> {
    text(object, "traceNumber").as_ref().and_then(digits)
}

/// As in the file's own records: where the positions hold something else, so does the name.
fn merchant<'a>(entry: &Placed<'a>) -> Option<Word<'a>> {
    let elsewhere = matches!(entry.sec.as_str(), "cie" | "shr" | "pop");
    let word = text(&entry.object, "identificationNumber").filter(|_| !elsewhere)?;
    Some(word).filter(|word| !word.text.trim().is_empty())
}

/// The word trimmed, when it is all digits.
fn digits<'a>(word: &Word<'a>) -> Option<Word<'a>> {
    let trimmed = word.text.trim();
    let all = !trimmed.is_empty() && trimmed.bytes().all(|byte| byte.is_ascii_digit());
    all.then(|| Word {
        text: Cow::Owned(trimmed.to_owned()),
        span: word.span,
    })
}

/// A field by its name, without regard to case unless the name stands as it is.
fn field<'a>(object: &Object<'a>, name: &str) -> Option<Value<'a>> {
    object.field(name).or_else(|| {
        let mut named = object
            .fields()
            .filter(|(key, _)| key.eq_ignore_ascii_case(name));
        match (named.next(), named.next()) {
            (Some((_, value)), None) if !value.is_null() => Some(value),
            _ => None,
        }
    })
}

fn inner<'a>(object: &Object<'a>, name: &str) -> Option<Object<'a>> {
    field(object, name)?.object()
}

fn items<'a>(object: &Object<'a>, name: &str) -> Option<Vec<Value<'a>>> {
    field(object, name)?.items()
}

fn text<'a>(object: &Object<'a>, name: &str) -> Option<Word<'a>> {
    let value = field(object, name)?;
    Some(Word {
        text: value.text()?,
        span: value.span(),
    })
}

/// A string that must be there and not blank.
fn needed<'a>(draft: &mut Draft, object: &Object<'a>, name: &str) -> Option<Word<'a>> {
    let Some(value) = field(object, name) else {
        draft.reject(
            object.span(),
            RejectCode::MissingField,
            format!("field `{name}` is absent"),
        );
        return None;
    };
    match value.text().filter(|_| value.raw().starts_with('"')) {
        Some(text) if !text.trim().is_empty() => {
            let text = Cow::Owned(text.trim().to_owned());
            Some(Word {
                text,
                span: value.span(),
            })
        }
        Some(_) => {
            draft.reject(
                value.span(),
                RejectCode::MissingField,
                format!("field `{name}` is blank"),
            );
            None
        }
        None => {
            draft.reject(
                value.span(),
                RejectCode::FieldType,
                format!("field `{name}` is no string"),
            );
            None
        }
    }
}

/// A bare whole number that is not negative.
fn whole(
    draft: &mut Draft,
    object: &Object<'_>,
    name: &str,
    code: RejectCode,
) -> Option<(u64, Span)> {
    let Some(value) = field(object, name) else {
        draft.reject(
            object.span(),
            RejectCode::MissingField,
            format!("field `{name}` is absent"),
        );
        return None;
    };
    let number = value.raw().parse::<u64>().ok();
    if number.is_none() {
        let found = money::Excerpt::of(value.raw());
        let detail = format!(
            "field `{name}` is {}, expected a whole number",
            found.as_str()
        );
        draft.reject(value.span(), code, detail);
    }
    Some((number?, value.span()))
}
