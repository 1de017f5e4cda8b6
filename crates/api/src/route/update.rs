//! Answering disputes: evidence staged, submitted once, or the dispute closed for good.

use super::dispute::{named, on_charge, shown};
use super::metadata;
use crate::Error;
use crate::call::Call;
use crate::expand::{Expand, Of};
use crate::form::Params;
use crate::object::enhanced;
use crate::once;
use crate::reply::Reply;
use crate::tables::{FIELDS, Field, Takes};
use access::policy::{Action, Resource};
use app::disputes::{Amended, Dispute, text_content};
use app::{Desk, Sight};
use dispute::case::Case;
use dispute::command::Command;
use dispute::rejection::Rejection;
use dispute::rules;
use dispute::said::EvidenceContent;
use std::collections::{BTreeMap, BTreeSet};

/// All texts of a dispute together. docs.stripe.com/api/disputes/update
const TEXTS_CHARACTERS_MAX: usize = 150_000;
/// The purpose of files that can be evidence.
const PURPOSE: &str = "dispute_evidence";

/// What a request wants.
struct Wanted {
    saves: Vec<(String, EvidenceContent)>,
    submit: bool,
    metadata: Option<BTreeMap<String, String>>,
    enhanced: Option<BTreeMap<String, String>>,
}

pub(crate) fn update(desk: &mut Desk, call: &mut Call) -> Result<Reply, Error> {
    let dispute = named(desk, call.named(0))?;
    updated(desk, call, &dispute)
}

pub(crate) fn of_charge(desk: &mut Desk, call: &mut Call) -> Result<Reply, Error> {
    let dispute = on_charge(desk, call.named(0))?;
    updated(desk, call, &dispute)
}

pub(crate) fn close(desk: &mut Desk, call: &mut Call) -> Result<Reply, Error> {
    let dispute = named(desk, call.named(0))?;
    closed(desk, call, &dispute)
}

pub(crate) fn close_of_charge(desk: &mut Desk, call: &mut Call) -> Result<Reply, Error> {
    let dispute = on_charge(desk, call.named(0))?;
    closed(desk, call, &dispute)
}

fn updated(desk: &mut Desk, call: &mut Call, dispute: &Dispute) -> Result<Reply, Error> {
    let expand = Expand::read(call, false, Of::Dispute)?;
    let wanted = wanted(desk, call, dispute)?;
    call.finish()?;
    if wanted.submit || !wanted.saves.is_empty() || wanted.enhanced.is_some() {
        call.may(Action::Answer, Resource::Evidence)?;
    }
    if wanted.metadata.is_some() {
        call.may(Action::Note, Resource::Disputes)?;
    }
    desk.look_as(&Sight::All)?;
    let plan = |case: &Case| commands(case, &wanted);
    let actor = call.entered.actor();
    let repeated = repeated(desk, call)?;
    if !repeated
        && let Some((command, rejection)) =
            desk.refusal(&dispute.case.id, &plan, &actor, call.now)?
    {
        return Err(refused(&command, &rejection));
    }
    // Before the effect that counts once: written twice, they say the same.
    if wanted.metadata.is_some() || wanted.enhanced.is_some() {
        let metadata = wanted.metadata.as_ref().unwrap_or(&dispute.metadata);
        let enhanced = wanted.enhanced.as_ref().unwrap_or(&dispute.enhanced);
        desk.write_on(&dispute.case.id, metadata, enhanced, &actor, call.now)?;
    }
    if !commands(&dispute.case, &wanted).is_empty() {
        amend(desk, call, &dispute.case, &plan)?;
    }
    answer(desk, call, &dispute.case, &expand)
}

fn closed(desk: &mut Desk, call: &mut Call, dispute: &Dispute) -> Result<Reply, Error> {
    call.may(Action::Accept, Resource::Disputes)?;
    let expand = Expand::read(call, false, Of::Dispute)?;
    call.finish()?;
    desk.look_as(&Sight::All)?;
    amend(desk, call, &dispute.case, &|_| vec![Command::Accept])?;
    answer(desk, call, &dispute.case, &expand)
}

/// Whether the effect of this very request stands already.
pub(crate) fn repeated(desk: &mut Desk, call: &Call) -> Result<bool, Error> {
    match &call.once {
        None => Ok(false),
        Some(once) => Ok(desk.asked_before(&once.tenant, &once.key)?.is_some()),
    }
}

fn amend(
    desk: &mut Desk,
    call: &Call,
    case: &Case,
    plan: &dyn Fn(&Case) -> Vec<Command>,
) -> Result<(), Error> {
    if repeated(desk, call)? {
        return Ok(());
    }
    let actor = call.entered.actor();
    match desk.amend(&case.id, plan, &actor, call.once.as_ref(), call.now)? {
        Amended::Done(_) => Ok(()),
        Amended::Refused { command, rejection } => Err(refused(&command, &rejection)),
        Amended::Before(row) => match &call.once {
            Some(asked) => once::same(asked, &row),
            None => Ok(()),
        },
    }
}

fn answer(desk: &mut Desk, call: &Call, case: &Case, expand: &Expand) -> Result<Reply, Error> {
    desk.look_as(&call.sight())?;
    let dispute = named(desk, case.id.as_str())?;
    shown(desk, &dispute, call, expand)
}

/// A refusal in the words of the caller's parameters.
fn refused(command: &Command, rejection: &Rejection) -> Error {
    let error = Error::refused(rejection);
    let field = |slot: &str| {
        let found = FIELDS.iter().find(|field| field.slot == slot);
        found.map_or_else(
            || slot.to_owned(),
            |field| format!("evidence[{}]", field.name),
        )
    };
    match (command, rejection) {
        (_, Rejection::SlotsMissing { slots }) => match slots.first() {
            Some(slot) => error.param(field(slot)),
            None => error,
        },
        (Command::SaveEvidence { slot, .. }, _) => error.param(field(slot)),
        (Command::Submit | Command::Seal { .. }, _) => error.param("submit"),
        _ => error,
    }
}

/// The commands that bring a case to what is wanted, each from the version that the one before it makes.
fn commands(case: &Case, wanted: &Wanted) -> Vec<Command> {
    let mut version = case.evidence.version;
    let mut commands = Vec::with_capacity(wanted.saves.len() + 2);
    for (slot, content) in &wanted.saves {
        let there = case.evidence.slots.get(slot);
        let nothing = there.is_none() && *content == EvidenceContent::Cleared;
        if there == Some(content) || nothing {
            continue;
        }
        commands.push(Command::SaveEvidence {
            if_version: version,
            slot: slot.clone(),
            content: content.clone(),
        });
        version = version.saturating_add(1);
    }
    if wanted.submit {
        let sealed = case.evidence.sealed.as_ref().map(|(version, _)| *version);
        if sealed != Some(version) {
            commands.push(Command::Seal {
                if_version: version,
            });
        }
        commands.push(Command::Submit);
    }
    commands
}

fn wanted(desk: &mut Desk, call: &mut Call, dispute: &Dispute) -> Result<Wanted, Error> {
    let metadata = metadata::change(&mut call.params, &dispute.metadata)?;
    let submit = call.params.boolean("submit")?;
    // Stripe's own service may answer by itself; the desk never does, so the wish to be left alone is always met.
    let method = call.params.word("intended_submission_method")?;
    if let Some(method) =
        method.filter(|method| !matches!(method.as_str(), "manual" | "prefer_manual"))
    {
        let words = format!(
            "Invalid intended_submission_method: expected manual or prefer_manual, found {method}."
        );
        return Err(Error::invalid(words).param("intended_submission_method"));
    }
    let Some(mut evidence) = call.params.hash("evidence")? else {
        return Ok(Wanted {
            saves: Vec::new(),
            submit: submit == Some(true),
            metadata,
            enhanced: None,
        });
    };
    let mut enhanced_words = None;
    let mut saves = Vec::new();
    if let Some(mut hash) = evidence.hash("enhanced_evidence")? {
        let words = enhanced_evidence(&mut hash, dispute)?;
        hash.finish()?;
        saves.extend(enhanced_slots(&words));
        enhanced_words = Some(words);
    }
    saves.extend(fields(desk, call, dispute, &mut evidence)?);
    evidence.finish()?;
    total(&dispute.case, &saves)?;
    Ok(Wanted {
        saves,
        submit: submit != Some(false),
        metadata,
        enhanced: enhanced_words,
    })
}

/// The 27 fields, as the slots that they are saved into.
fn fields(
    desk: &mut Desk,
    call: &Call,
    dispute: &Dispute,
    evidence: &mut Params,
) -> Result<Vec<(String, EvidenceContent)>, Error> {
    let mut saves = Vec::new();
    let mut taken = BTreeSet::new();
    for field in FIELDS.iter() {
        let Some(text) = evidence.text(field.name)? else {
            continue;
        };
        let param = evidence.named(field.name);
        let content = match field.takes {
            _ if text.is_empty() => EvidenceContent::Cleared,
            Takes::Text { characters_max } => {
                short_enough(&text, characters_max, &param)?;
                text_content(&param, &text)
                    .map_err(|error| Error::from(error).param(param.clone()))?
            }
            Takes::File => file(desk, call, dispute, &text, &param)?,
        };
        let slot = slot(&dispute.case, field, &content, &mut taken, &param)?;
        saves.push((slot, content));
    }
    Ok(saves)
}

fn short_enough(text: &str, characters_max: usize, param: &str) -> Result<(), Error> {
    let characters = text.chars().count();
    if characters <= characters_max {
        return Ok(());
    }
    Err(Error {
        docket_code: Some("DP-1011"),
        ..Error::invalid(format!(
            "Invalid string: {param} has {characters} characters, at most {characters_max} are taken."
        ))
        .param(param)
    })
}

/// All texts together, those that are there and stay included.
fn total(case: &Case, saves: &[(String, EvidenceContent)]) -> Result<(), Error> {
    let mut slots = case.evidence.slots.clone();
    slots.extend(saves.iter().cloned());
    let texts = slots.values().map(|content| match content {
        EvidenceContent::Text(text) => text.chars().count(),
        _ => 0,
    });
    let characters: usize = texts.sum();
    if characters <= TEXTS_CHARACTERS_MAX {
        return Ok(());
    }
    Err(Error {
        docket_code: Some("DP-1011"),
        ..Error::invalid(format!(
            "The combined character count of all evidence fields is limited to {TEXTS_CHARACTERS_MAX}; with this request \
             it would be {characters}."
        ))
        .param("evidence")
    })
}

/// A file that was brought, as evidence for this dispute.
pub(crate) fn file(
    desk: &mut Desk,
    call: &Call,
    dispute: &Dispute,
    id: &str,
    param: &str,
) -> Result<EvidenceContent, Error> {
    let missing = || Error::missing("file upload", id, param).status(400);
    desk.look_as(&call.sight())?;
    let row = desk.file(id)?.ok_or_else(missing)?;
    if row.purpose != PURPOSE {
        let words = format!(
            "File '{id}' has purpose '{}'; evidence takes files of purpose '{PURPOSE}'.",
            row.purpose
        );
        return Err(Error::invalid(words).param(param));
    }
    desk.look_as(&Sight::All)?;
    let content = desk.as_evidence(&row, dispute, &call.entered.actor(), call.now)?;
    content.ok_or_else(missing)
}

/// Slots that the provider names itself for this very case, in its own words for kinds of documents.
fn own_kinds(case: &Case) -> Option<Vec<&str>> {
    let listed = |slot: &str| rules::slots().iter().any(|known| known.id == slot);
    let needs = &case.evidence.requirements;
    let own = !needs.is_empty() && needs.iter().all(|need| !listed(&need.slot));
    own.then(|| {
        let required = needs.iter().filter(|need| need.required);
        let others = needs.iter().filter(|need| !need.required);
        required
            .chain(others)
            .map(|need| need.slot.as_str())
            .collect()
    })
}

/// The slot that a field is saved into. Where a provider takes documents of its own kinds only, each file fills the next
/// kind that is empty, required ones first: Stripe's clients have no words for them.
fn slot(
    case: &Case,
    field: &Field,
    content: &EvidenceContent,
    taken: &mut BTreeSet<String>,
    param: &str,
) -> Result<String, Error> {
    let Some(kinds) = own_kinds(case) else {
        return Ok(field.slot.to_owned());
    };
    match content {
        EvidenceContent::Cleared => Ok(field.slot.to_owned()),
        EvidenceContent::Text(_) => Err(Error::invalid(format!(
            "For this dispute the provider takes documents only: {}. Upload the text as a file, and name it in evidence[uncategorized_file].",
            kinds.join(", ")
        ))
        .param(param)),
        EvidenceContent::File { .. } => {
            let empty = |kind: &&&str| {
                let there = case.evidence.slots.get(**kind);
                let filled = there.is_some_and(|there| *there != EvidenceContent::Cleared && there != content);
                !taken.contains(**kind) && !filled
            };
            let Some(kind) = kinds.iter().find(empty) else {
                let words = format!("For this dispute the provider takes one document each of: {}. All are filled.", kinds.join(", "));
                return Err(Error::invalid(words).param(param));
            };
            taken.insert((*kind).to_owned());
            Ok((*kind).to_owned())
        }
    }
}

/// What is said for the networks' programmes, on top of what was said before; an empty text unsets.
fn enhanced_evidence(
    hash: &mut Params,
    dispute: &Dispute,
) -> Result<BTreeMap<String, String>, Error> {
    let mut words = dispute.enhanced.clone();
    let eligible = enhanced::eligible(&dispute.case);
    for program in ["mastercard_compliance", enhanced::CE3, "visa_compliance"] {
        let Some(mut said) = hash.hash(program)? else {
            continue;
        };
        let param = hash.named(program);
        if !eligible.contains(&program) {
            return Err(
                Error::invalid(format!("This dispute is not eligible for {program}.")).param(param),
            );
        }
        if program == enhanced::CE3 {
            compelling(&mut said, &mut words)?;
        } else if let Some(fee) = said.boolean("fee_acknowledged")? {
            words.insert(format!("{program}.fee_acknowledged"), fee.to_string());
        }
        said.finish()?;
    }
    Ok(words)
}

fn compelling(said: &mut Params, words: &mut BTreeMap<String, String>) -> Result<(), Error> {
    if let Some(mut hash) = said.hash("disputed_transaction")? {
        transaction(&mut hash, enhanced::DISPUTED, words)?;
        let kind = hash.text("merchandise_or_services")?;
        if let Some(kind) = &kind
            && !matches!(kind.as_str(), "merchandise" | "services")
        {
            let param = hash.named("merchandise_or_services");
            return Err(Error::invalid(format!(
                "Invalid {param}: must be one of merchandise or services"
            ))
            .param(param));
        }
        put(words, enhanced::DISPUTED, "merchandise_or_services", kind);
        hash.finish()?;
    }
    let priors = said.hashes("prior_undisputed_transactions")?;
    if priors.len() > enhanced::PRIORS {
        let param = said.named("prior_undisputed_transactions");
        let words = format!(
            "{param} takes exactly {} transactions, found {}.",
            enhanced::PRIORS,
            priors.len()
        );
        return Err(Error::invalid(words).param(param));
    }
    for (at, mut hash) in priors.into_iter().enumerate() {
        let path = enhanced::prior(at);
        transaction(&mut hash, &path, words)?;
        let charge = hash.word("charge")?.ok_or_else(|| {
            let param = hash.named("charge");
            Error::invalid(format!("Missing required param: {param}."))
                .code("parameter_missing")
                .param(param)
        })?;
        put(words, &path, "charge", Some(charge));
        hash.finish()?;
    }
    Ok(())
}

fn put(words: &mut BTreeMap<String, String>, path: &str, field: &str, value: Option<String>) {
    let name = format!("{path}.{field}");
    match value {
        None => {}
        Some(empty) if empty.is_empty() => {
            words.remove(&name);
        }
        Some(value) => {
            words.insert(name, value);
        }
    }
}

fn transaction(
    hash: &mut Params,
    path: &str,
    words: &mut BTreeMap<String, String>,
) -> Result<(), Error> {
    /// docs.stripe.com/disputes/api/visa-ce3: shorter values are not unique enough to match by.
    const SHORTEST: [(&str, usize); 2] = [
        ("customer_device_fingerprint", 20),
        ("customer_device_id", 15),
    ];
    for field in enhanced::IDENTIFIERS.iter().chain(&["product_description"]) {
        let value = hash.text(field)?;
        let shortest = SHORTEST.iter().find(|(name, _)| name == field);
        if let (Some(value), Some((_, least))) = (&value, shortest)
            && !value.is_empty()
            && value.chars().count() < *least
        {
            let param = hash.named(field);
            let found = value.chars().count();
            let words =
                format!("Invalid {param}: expected at least {least} characters, found {found}.");
            return Err(Error::invalid(words).param(param));
        }
        put(words, path, field, value);
    }
    if let Some(mut address) = hash.hash("shipping_address")? {
        for field in enhanced::ADDRESS {
            put(
                words,
                path,
                &format!("shipping_address.{field}"),
                address.text(field)?,
            );
        }
        address.finish()?;
    }
    Ok(())
}

/// The same in the desk's slots, so that providers without the programme's fields are told it too.
fn enhanced_slots(words: &BTreeMap<String, String>) -> Vec<(String, EvidenceContent)> {
    let slots = [
        ("customer_device_fingerprint", "device_fingerprint"),
        ("customer_device_id", "device_id"),
        ("customer_account_id", "customer_account_login"),
    ];
    let of_disputed = slots.iter().filter_map(|(field, slot)| {
        let value = words.get(&format!("{}.{field}", enhanced::DISPUTED))?;
        Some(((*slot).to_owned(), EvidenceContent::Text(value.clone())))
    });
    let mut saves: Vec<(String, EvidenceContent)> = of_disputed.collect();
    let history: Vec<String> = (0..enhanced::PRIORS)
        .map(enhanced::prior)
        .flat_map(|path| {
            let lines = words.iter().filter_map(move |(name, value)| {
                let field = name.strip_prefix(&path)?.strip_prefix('.')?;
                Some(format!("{field}: {value}"))
            });
            lines.collect::<Vec<String>>()
        })
        .collect();
    if !history.is_empty() {
        let text = EvidenceContent::Text(history.join("\n"));
        saves.push(("order_history_undisputed".to_owned(), text));
    }
    saves
}
