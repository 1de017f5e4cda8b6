//! Lists: a page of what cases hold, forwards or backwards from a cursor, in Stripe's envelope.

use crate::Error;
use crate::call;
use crate::form::Params;
use crate::reply::Reply;
use app::disputes::Dispute;
use app::{CaseQuery, Cursor, Desk};
use calendar::Instant;
use dispute::status::Stage;
use rayon::prelude::*;
use serde_json::{Value, json};

/// As Stripe's: 10 unless said, 1 to 100.
const LIMIT: u32 = 10;
const LIMIT_MAX: u32 = 100;
/// How many pages of cases are looked through for one page of what they hold, all but the first of this many cases: rather
/// than reading a million cases for one request, a list of rare things is refused when nothing was found so far.
const PAGES_MAX: u32 = 20;
const CASES_AT_ONCE: u32 = 200;

/// Where a page begins, and how long it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paging {
    pub limit: u32,
    pub from: From,
}

/// Beside which object a page lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum From {
    Start,
    After(String),
    Before(String),
}

/// Half-open: from the first instant, to before the second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Created {
    pub from: Option<Instant>,
    pub before: Option<Instant>,
}

/// `limit`, `starting_after` and `ending_before`.
pub fn paging(params: &mut Params) -> Result<Paging, Error> {
    let limit = match params.integer("limit")? {
        None => LIMIT,
        Some(asked) => {
            let fits = u32::try_from(asked)
                .ok()
                .filter(|limit| (1..=LIMIT_MAX).contains(limit));
            fits.ok_or_else(|| {
                Error::invalid(format!(
                    "Invalid limit: expected 1 to {LIMIT_MAX}, found {asked}."
                ))
                .code("parameter_invalid_integer")
                .param("limit")
            })?
        }
    };
    let after = params.word("starting_after")?;
    let before = params.word("ending_before")?;
    let from = match (after, before) {
        (Some(_), Some(_)) => {
            return Err(Error::invalid(
                "Received both starting_after and ending_before parameters. Please pass in only one.",
            ));
        }
        (Some(after), None) => From::After(after),
        (None, Some(before)) => From::Before(before),
        (None, None) => From::Start,
    };
    Ok(Paging { limit, from })
}

/// `created`, a second or a range of seconds.
pub fn created(params: &mut Params) -> Result<Created, Error> {
    let second = |seconds: i64| {
        Instant::from_unix_seconds(seconds)
            .ok_or_else(|| Error::invalid(format!("Invalid timestamp: {seconds}")).param("created"))
    };
    let mut created = Created::default();
    let mut range = match params.text_or_hash("created") {
        None => return Ok(created),
        Some(Ok(text)) => {
            let exact: i64 = text.parse().map_err(|_| {
                Error::invalid(format!("Invalid timestamp: {text}")).param("created")
            })?;
            created.from = Some(second(exact)?);
            created.before = Some(second(exact.saturating_add(1))?);
            return Ok(created);
        }
        Some(Err(range)) => range,
    };
    let mut bound = |name: &str, plus: i64| -> Result<Option<Instant>, Error> {
        let Some(seconds) = range.integer(name)? else {
            return Ok(None);
        };
        second(seconds.saturating_add(plus)).map(Some)
    };
    // Every object is of a whole second for callers, so that after a second means from the next one on.
    let lower = [bound("gte", 0)?, bound("gt", 1)?];
    let upper = [bound("lt", 0)?, bound("lte", 1)?];
    created.from = lower.into_iter().flatten().max();
    created.before = upper.into_iter().flatten().min();
    range.finish()?;
    Ok(created)
}

/// Stages that are disputes for Stripe: all but warnings of fraud, which are objects of their own, and corrections of
/// account details, which dispute nothing.
pub fn disputed_stages() -> Vec<String> {
    Stage::ALL
        .iter()
        .filter(|stage| !matches!(stage, Stage::FraudReport | Stage::NoticeOfChange))
        .map(|stage| stage.name().to_owned())
        .collect()
}

/// Every case of these stages.
pub fn query(stages: Vec<String>, created: Created) -> CaseQuery {
    CaseQuery {
        stages,
        opened_from: created.from,
        opened_before: created.before,
        ..CaseQuery::newest(LIMIT_MAX)
    }
}

/// What one case holds of a list: ids and objects, newest first.
pub type Held<'a, T = Value> = dyn Fn(&Dispute) -> Vec<(String, T)> + Sync + 'a;

/// Rendering a dispute takes some 30 microseconds, well above what it costs to hand four to another thread.
const RENDERED_AT_ONCE: usize = 4;

/// Where the object of a cursor lies: the dispute that holds it.
#[derive(Clone, Debug)]
pub struct Place {
    pub dispute: Dispute,
    pub id: String,
}

/// Collects a page. `place` is where the cursor's object lies, which the caller has looked up.
pub fn collect<T: Send>(
    desk: &mut Desk,
    mut query: CaseQuery,
    paging: &Paging,
    place: Option<Place>,
    held: &Held<'_, T>,
) -> Result<(Vec<T>, bool), Error> {
    let limit = usize::try_from(paging.limit).unwrap_or(usize::MAX);
    let backwards = matches!(paging.from, From::Before(_));
    let mut found: Vec<T> = Vec::new();
    if let Some(place) = &place {
        let items = held(&place.dispute);
        let at = items.iter().position(|(id, _)| *id == place.id);
        let values = items.into_iter().map(|(_, value)| value);
        match at {
            Some(at) if backwards => found.extend(values.take(at)),
            Some(at) => found.extend(values.skip(at + 1)),
            None => {}
        }
        query.cursor = match backwards {
            true => Cursor::Before(place.dispute.case.id.clone()),
            false => Cursor::After(place.dispute.case.id.clone()),
        };
    }
    // One more than asked for says whether there are more, and saves a second page to find that out.
    query.limit = paging.limit.saturating_add(1);
    let mut more = false;
    for _page in 0..PAGES_MAX {
        if found.len() > limit {
            break;
        }
        let (disputes, others) = desk.disputes(&query)?;
        more = others;
        let edge = match backwards {
            true => disputes.first(),
            false => disputes.last(),
        };
        let Some(edge) = edge.map(|dispute| dispute.case.id.clone()) else {
            break;
        };
        let held = disputes
            .par_iter()
            .with_min_len(RENDERED_AT_ONCE)
            .flat_map_iter(|dispute| held(dispute).into_iter().map(|(_, value)| value));
        let mut values: Vec<T> = held.collect();
        match backwards {
            true => found.splice(..0, values).for_each(drop),
            false => found.append(&mut values),
        }
        if !others {
            break;
        }
        query.limit = CASES_AT_ONCE;
        query.cursor = match backwards {
            true => Cursor::Before(edge),
            false => Cursor::After(edge),
        };
    }
    if more && found.is_empty() {
        // Clients take an empty page for the end, and would believe that they have everything.
        return Err(sparse(paging.limit));
    }
    let more = more || found.len() > limit;
    let excess = found.len().saturating_sub(limit);
    let page = match backwards {
        true => found.into_iter().skip(excess).collect(),
        false => found.into_iter().take(limit).collect(),
    };
    Ok((page, more))
}

fn sparse(limit: u32) -> Error {
    let others = CASES_AT_ONCE.saturating_mul(PAGES_MAX.saturating_sub(1));
    let read = limit.saturating_add(1).saturating_add(others);
    Error::invalid(format!(
        "Of the {read} cases nearest to where this page begins none holds what is meant: narrow the list by `created`."
    ))
    .param("created")
}

/// An object of a list as its answer shows it, so that a page of a hundred is written by all cores: pretty, and as far in as
/// it stands there. JSON's strings hold no line ends, so each of these is its own.
pub fn line(object: &Value) -> String {
    let text = serde_json::to_string_pretty(object).expect("a JSON value is JSON");
    text.replace('\n', "\n    ")
}

/// The same as the bytes of [`envelope`], of objects that are written already.
pub fn lines(url: &str, data: &[String], more: bool) -> Reply {
    let written: usize = data.iter().map(|line| line.len().saturating_add(6)).sum();
    let around = String::from_utf8(call::bytes(&envelope(url, Vec::new(), more)));
    let around = around.expect("a JSON value is UTF-8");
    let (before, after) = around
        .split_once("[]")
        .expect("an envelope of nothing holds an empty list");
    let mut text = String::with_capacity(written.saturating_add(around.len()).saturating_add(8));
    text.push_str(before);
    text.push('[');
    for (at, line) in data.iter().enumerate() {
        text.push_str(if at == 0 { "\n    " } else { ",\n    " });
        text.push_str(line);
    }
    text.push_str(if data.is_empty() { "]" } else { "\n  ]" });
    text.push_str(after);
    Reply::Written(text.into_bytes())
}

/// Stripe's envelope of a list.
pub fn envelope(url: &str, data: Vec<Value>, more: bool) -> Value {
    json!({ "object": "list", "data": data, "has_more": more, "url": url })
}

/// The dispute that holds a cursor's object, or the refusal that Stripe gives.
pub fn place_of(
    desk: &mut Desk,
    paging: &Paging,
    what: &str,
    find: impl FnOnce(&mut Desk, &str) -> Result<Option<Dispute>, Error>,
) -> Result<Option<Place>, Error> {
    let (id, param) = match &paging.from {
        From::Start => return Ok(None),
        From::After(id) => (id, "starting_after"),
        From::Before(id) => (id, "ending_before"),
    };
    match find(desk, id)? {
        Some(dispute) => Ok(Some(Place {
            dispute,
            id: id.clone(),
        })),
        None => Err(Error::missing(what, id, param).status(400)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(data: Vec<Value>, more: bool) {
        let written: Vec<String> = data.iter().map(line).collect();
        let whole = call::bytes(&envelope("/v1/things", data, more));
        assert_eq!(lines("/v1/things", &written, more), Reply::Written(whole));
    }

    #[test]
    fn objects_written_apart_are_the_bytes_of_the_whole_list() {
        check(Vec::new(), false);
        check(vec![json!({})], true);
        let deep = json!({ "a": [1, { "b": "line\nend [] \u{2028}" }], "c": [], "d": null });
        check(vec![deep.clone(), json!([]), deep], true);
    }
}
