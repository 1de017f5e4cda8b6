//! Sending, exactly once in effect.
//!
//! Before anything leaves, the desk writes down that the send is in doubt. The answer then settles it; a crash, a timeout
//! or an answer that proves nothing leaves it in doubt, and only reading the provider's object back can settle it then
//! (invariant 7). So a send that may have arrived is never repeated.

use crate::carry::{Carried, Carrier};
use crate::command::Opened;
use crate::decode::with_inbound;
use crate::timers::own_document;
use crate::{BATCH_DOCUMENTS, Engine, Error};
use adapter::{
    Answer, Attachment, Exchange, Instruction, Packet, Receipt, Reply, Step, Verb, Wanted,
};
use calendar::{Calendar, Instant};
use dispute::case::{Case, dishonor_code};
use dispute::evidence::packet_digest;
use dispute::fact::{Fact, Scope};
use dispute::reference::{RefKind, References};
use dispute::said::{EvidenceContent, Said, Sending};
use dispute::status::{Authority, Party, Stage};
use store::{NewDocument, OutboxRow, Store, Way};

/// Between two tries at the same thing: doubled each time from one minute, never more than an hour, so that a provider's
/// outage costs few calls and its end is noticed within the hour.
const RETRY_SECONDS_FIRST: i64 = 60;
const RETRY_SECONDS_MAX: i64 = 3_600;

/// No conversation in any adapter needs more requests than a packet has files, plus two; this only stops an adapter that
/// never finishes.
const EXCHANGES_MAX: usize = 64;

/// How a conversation with a provider ended.
pub(crate) struct Conversation {
    pub answer: Answer,
    pub exchanges: Vec<Exchange>,
}

impl<S: Store> Engine<S> {
    /// Sends everything that is due.
    pub(crate) fn send_due(
        &mut self,
        now: Instant,
        carrier: &mut dyn Carrier,
    ) -> Result<u32, Error> {
        let due = self
            .store
            .outbox_due(now, BATCH_DOCUMENTS)
            .map_err(Error::store("reading the outbox"))?;
        let mut sent = 0;
        for row in due {
            if !carrier.reaches(&row.scope) {
                continue;
            }
            self.send(&row, now, carrier)?;
            sent += 1;
        }
        Ok(sent)
    }

    fn send(
        &mut self,
        row: &OutboxRow,
        now: Instant,
        carrier: &mut dyn Carrier,
    ) -> Result<(), Error> {
        let opened = self.open(row.case.as_str())?;
        let (verb, stage) = row.verb.split_once('/').unwrap_or((row.verb.as_str(), ""));
        let Some(stage) = Stage::parse(stage) else {
            return self.later(row, now, "the outbox row names no stage");
        };
        match verb {
            "submit" => {
                let opened = self.asked_first(opened, stage, now, carrier)?;
                match self.packet(&opened, stage) {
                    Ok(packet) => {
                        let wanted = Wanted::Submit(packet);
                        let instruction = instruction(row, &opened.case, stage, wanted);
                        self.deliver(row, &opened, &instruction, now, carrier)
                    }
                    Err(Error::MissingFile { digest }) => {
                        let why = format!("the file {digest} is not in the store");
                        self.later(row, now, &why)
                    }
                    Err(error) => Err(error),
                }
            }
            "accept" => self.deliver(
                row,
                &opened,
                &instruction(row, &opened.case, stage, Wanted::Accept),
                now,
                carrier,
            ),
            "dishonor" => {
                let instruction = self.refusal(row, &opened, stage, now)?;
                self.deliver(row, &opened, &instruction, now, carrier)
            }
            _ => self.resolve(row, &opened, stage, now, carrier),
        }
    }

    /// Delivers an answer: doubt first, then the send, then what became of it.
    fn deliver(
        &mut self,
        row: &OutboxRow,
        opened: &Opened,
        instruction: &Instruction,
        now: Instant,
        carrier: &mut dyn Carrier,
    ) -> Result<(), Error> {
        let (case, stage) = (&opened.case, instruction.stage);
        // What the adapter cannot say at all never leaves, so there is no doubt to write down first.
        let adapter = self.adapter(&row.scope.provider)?;
        if let Step::Unable(unable) = adapter.proceed(instruction, &[]) {
            return self.record(row, case, stage, Sending::Refused(unable.why), now);
        }
        // The doubt is the claim to this send. Whoever else took the answer back, or sends it, was first: nothing leaves.
        let doubt = sent(row, case, stage, Sending::InDoubt, now);
        let first = match self.say(opened, Way::Desk, "transport", doubt, now) {
            Ok(appended) => !appended.duplicate,
            Err(error) if error.is_conflict() => false,
            Err(error) => return Err(error),
        };
        self.absorb(now)?;
        if !first {
            return Ok(());
        }
        let conversation = self.converse(&row.scope, instruction, now, carrier)?;
        let sending = match &conversation.answer {
            Answer::Accepted => Sending::Accepted,
            Answer::Refused(words) => Sending::Refused(words.clone()),
            Answer::Again { why, .. } => {
                tracing::warn!(case = %row.case, why, "a send certainly did not take effect");
                Sending::NotReceived
            }
            // The doubt is on record already.
            Answer::InDoubt(_) => return Ok(()),
        };
        if matches!(sending, Sending::Accepted) {
            self.keep_replies(&row.scope, instruction, &conversation.exchanges, now)?;
        }
        self.record(row, case, stage, sending, now)?;
        if let Answer::Again { after_seconds, why } = &conversation.answer {
            self.postpone(&row.case, row.attempt, *after_seconds, why, now)?;
        }
        Ok(())
    }

    /// Reads the case back and lets the provider's object say whether it has our answer.
    fn resolve(
        &mut self,
        row: &OutboxRow,
        opened: &Opened,
        stage: Stage,
        now: Instant,
        carrier: &mut dyn Carrier,
    ) -> Result<(), Error> {
        let sent = if row.digest.is_empty() {
            instruction(row, &opened.case, stage, Wanted::Accept)
        } else if dishonor_code(&row.digest).is_some() {
            self.refusal(row, opened, stage, now)?
        } else {
            let packet = self.packet(opened, stage)?;
            instruction(row, &opened.case, stage, Wanted::Submit(packet))
        };
        let read = Instruction {
            wanted: Wanted::ReadBack,
            ..sent.clone()
        };
        let conversation = self.converse(&row.scope, &read, now, carrier)?;
        let Some(reply) = last_reply(&conversation) else {
            return self.later(row, now, &words(&conversation.answer));
        };
        let receipt = self.adapter(&row.scope.provider)?.receipt(&sent, &reply);
        match receipt {
            Receipt::Received => {
                self.keep_replies(&row.scope, &read, &conversation.exchanges, now)?;
                self.record(row, &opened.case, stage, Sending::Accepted, now)
            }
            Receipt::NotReceived => {
                self.keep_replies(&row.scope, &read, &conversation.exchanges, now)?;
                self.record(row, &opened.case, stage, Sending::NotReceived, now)
            }
            Receipt::Unclear(why) => self.later(row, now, &why),
        }
    }

    /// The instruction to refuse a return: with the records of it that the answer repeats and no fact holds, read again from
    /// the document that told of it.
    fn refusal(
        &mut self,
        row: &OutboxRow,
        opened: &Opened,
        stage: Stage,
        now: Instant,
    ) -> Result<Instruction, Error> {
        let wanted = Wanted::Dishonor {
            code: dishonor_code(&row.digest).unwrap_or_default().to_owned(),
            // Files of this rail are dated by the day of the Federal Reserve.
            on: now.date_in(Calendar::UsFed.zone()),
        };
        let mut instruction = instruction(row, &opened.case, stage, wanted);
        let told = opened.facts.iter().filter(|told| {
            told.fact.case().as_ref() == Some(&opened.case.id)
                && matches!(&told.fact.said, Said::Phase(phase) if phase.stage == stage)
        });
        let Some(told) = told.max_by_key(|told| (told.fact.true_at, &told.id)) else {
            return Ok(instruction);
        };
        let stored = self.store.document(&told.document);
        let stored = stored.map_err(Error::store("reading the document of a return"))?;
        if let Some(stored) = stored {
            let adapter = self.adapter(&row.scope.provider)?;
            let quoted = with_inbound(&stored.document, |inbound| {
                adapter.quote(inbound, told.span)
            });
            for reference in quoted {
                instruction.refs = instruction.refs.and(reference.kind, &reference.value);
            }
        }
        Ok(instruction)
    }

    /// Carries a conversation to its end.
    pub(crate) fn converse(
        &mut self,
        scope: &Scope,
        instruction: &Instruction,
        now: Instant,
        carrier: &mut dyn Carrier,
    ) -> Result<Conversation, Error> {
        let adapter = self.adapter(&scope.provider)?;
        let mut exchanges: Vec<Exchange> = Vec::new();
        loop {
            let request = match adapter.proceed(instruction, &exchanges) {
                Step::Send(request) if exchanges.len() < EXCHANGES_MAX => request,
                Step::Send(_) => {
                    let answer = Answer::InDoubt(format!("no end after {EXCHANGES_MAX} requests"));
                    return Ok(Conversation { answer, exchanges });
                }
                Step::Finished(answer) => return Ok(Conversation { answer, exchanges }),
                Step::Unable(unable) => {
                    return Ok(Conversation {
                        answer: Answer::Refused(unable.why),
                        exchanges,
                    });
                }
            };
            let reply = match carrier.carry(scope, &request, now) {
                Carried::Reply(reply) => Some(reply),
                // The request that never left had no effect; those before it in this conversation only staged things.
                Carried::NotSent(why) => {
                    let answer = Answer::Again {
                        after_seconds: None,
                        why,
                    };
                    return Ok(Conversation { answer, exchanges });
                }
                Carried::Lost(_) => None,
            };
            exchanges.push(Exchange { request, reply });
        }
    }

    /// Keeps the objects that came back: the answer is another inbound document.
    ///
    /// Some answers do not say what they are about, so the question's dispute and stage go with them as headers.
    pub(crate) fn keep_replies(
        &mut self,
        scope: &Scope,
        instruction: &Instruction,
        exchanges: &[Exchange],
        now: Instant,
    ) -> Result<(), Error> {
        let bodies = exchanges
            .iter()
            .filter_map(|exchange| exchange.reply.as_ref())
            .filter(|reply| (200..300).contains(&reply.status) && !reply.body.is_empty());
        let mut documents: Vec<NewDocument> = Vec::new();
        for reply in bodies {
            documents.push(self.observed(answer_document(scope, instruction, reply, now))?);
        }
        if documents.is_empty() {
            return Ok(());
        }
        self.store
            .append(&documents)
            .map_err(Error::store("keeping an answer"))?;
        Ok(())
    }

    /// Writes down what became of a send, and derives the case anew.
    fn record(
        &mut self,
        row: &OutboxRow,
        case: &Case,
        stage: Stage,
        sending: Sending,
        now: Instant,
    ) -> Result<(), Error> {
        let fact = sent(row, case, stage, sending, now);
        let document = own_document(&row.scope, Way::Desk, "transport", &[fact], now);
        self.store
            .append(&[document])
            .map_err(Error::store("keeping a send"))?;
        self.absorb(now)?;
        Ok(())
    }

    /// The case with the provider's own requirements, asked for now if it states any and nobody has asked before: some
    /// providers take an answer only under a defence of theirs.
    fn asked_first(
        &mut self,
        opened: Opened,
        stage: Stage,
        now: Instant,
        carrier: &mut dyn Carrier,
    ) -> Result<Opened, Error> {
        let verbs = self
            .adapter(&opened.case.scope.provider)?
            .capabilities()
            .verbs;
        if !verbs.contains(&Verb::Requirements) || defence(&opened, stage).is_some() {
            return Ok(opened);
        }
        let name = opened.case.id.to_string();
        self.ask_requirements(&name, now, carrier)?;
        self.open(&name)
    }

    /// The packet, exactly as sealed: texts from the draft and files from the store, checked against the seal.
    pub(crate) fn packet(&mut self, opened: &Opened, stage: Stage) -> Result<Packet, Error> {
        let case = &opened.case;
        let digest = packet_digest(&case.evidence.slots);
        let mut packet = Packet {
            digest,
            texts: Vec::new(),
            attachments: Vec::new(),
            defence: defence(opened, stage),
        };
        for (slot, content) in &case.evidence.slots {
            match content {
                EvidenceContent::Text(text) => packet.texts.push((slot.clone(), text.clone())),
                EvidenceContent::File {
                    digest,
                    name,
                    media_type,
                    ..
                } => {
                    let content = self.store.blob(&case.scope, digest);
                    let content = content.map_err(Error::store("reading a file"))?;
                    let missing = || Error::MissingFile {
                        digest: digest.clone(),
                    };
                    packet.attachments.push(Attachment {
                        slot: slot.clone(),
                        name: name.clone(),
                        media_type: media_type.clone(),
                        digest: digest.clone(),
                        content: content.ok_or_else(missing)?,
                    });
                }
                EvidenceContent::Cleared => {}
            }
        }
        Ok(packet)
    }

    /// Asks the provider what it would take as evidence for this case, and keeps what it says. `false` when this provider
    /// cannot be asked, or did not answer; our own table stands in then.
    pub fn ask_requirements(
        &mut self,
        name: &str,
        now: Instant,
        carrier: &mut dyn Carrier,
    ) -> Result<bool, Error> {
        let opened = self.open(name)?;
        let scope = opened.case.scope.clone();
        let verbs = self.adapter(&scope.provider)?.capabilities().verbs;
        if !verbs.contains(&Verb::Requirements) || !carrier.reaches(&scope) {
            return Ok(false);
        }
        let instruction = Instruction {
            idempotency_key: String::new(),
            account: scope.account.clone(),
            refs: opened.case.refs.clone(),
            stage: opened.case.status.stage().unwrap_or(Stage::Chargeback),
            wanted: Wanted::Requirements,
        };
        let conversation = self.converse(&scope, &instruction, now, carrier)?;
        let told = matches!(conversation.answer, Answer::Accepted);
        if told {
            self.keep_replies(&scope, &instruction, &conversation.exchanges, now)?;
            self.absorb(now)?;
        }
        Ok(told)
    }

    /// Puts a row off, a little longer each time.
    fn later(&mut self, row: &OutboxRow, now: Instant, why: &str) -> Result<(), Error> {
        let not_before = now.plus_seconds(backoff(row.tries));
        self.store
            .outbox_retry(&row.id, not_before, why)
            .map_err(Error::store("putting a send off"))
    }

    /// Puts off the next attempt at something that certainly did not take effect.
    fn postpone(
        &mut self,
        case: &dispute::id::CaseId,
        attempt: u32,
        after_seconds: Option<u32>,
        why: &str,
        now: Instant,
    ) -> Result<(), Error> {
        let rows = self
            .store
            .outbox_all(BATCH_DOCUMENTS)
            .map_err(Error::store("reading the outbox"))?;
        let seconds = after_seconds.map_or_else(|| backoff(attempt), i64::from);
        for row in rows
            .iter()
            .filter(|row| row.case == *case && row.attempt > attempt)
        {
            let not_before = now.plus_seconds(seconds);
            self.store
                .outbox_retry(&row.id, not_before, why)
                .map_err(Error::store("putting a send off"))?;
        }
        Ok(())
    }
}

/// The provider's own defence that the draft argues best: the one whose required slots are all filled, else the last it
/// named. `None` when it named none.
fn defence(opened: &Opened, stage: Stage) -> Option<String> {
    let filled = &opened.case.evidence.slots;
    let named = opened.facts.iter().filter_map(|row| match &row.fact.said {
        Said::Requires {
            stage: at,
            defence,
            slots,
        } if *at == stage && row.fact.case().as_ref() == Some(&opened.case.id) => {
            let mut required = slots.iter().filter(|slot| slot.required);
            let complete = required.all(|slot| filled.contains_key(&slot.slot));
            Some((complete, row.fact.true_at, defence))
        }
        _ => None,
    });
    named.max().map(|(_, _, defence)| defence.clone())
}

/// The statement of what became of a send.
fn sent(row: &OutboxRow, case: &Case, stage: Stage, sending: Sending, now: Instant) -> Fact {
    // Never before the asking, whatever this machine's clock says: what is sent follows what was asked for.
    let asked_at = case.answer_at(stage).map_or(now, |answer| answer.asked_at);
    Fact {
        true_at: asked_at.max(now),
        sequence: 0,
        authority: Authority::Own,
        by: Party::Desk,
        scope: row.scope.clone(),
        refs: References::none().and(RefKind::Dispute, &case.dispute),
        said: Said::Sent {
            stage,
            digest: row.digest.clone(),
            sending,
            attempt: row.attempt,
        },
    }
}

fn backoff(tries: u32) -> i64 {
    let factor = 1_i64
        .checked_shl(tries.min(16))
        .unwrap_or(RETRY_SECONDS_MAX);
    (RETRY_SECONDS_FIRST * factor).min(RETRY_SECONDS_MAX)
}

fn words(answer: &Answer) -> String {
    match answer {
        Answer::Accepted => String::from("the answer held no object"),
        Answer::Refused(words) | Answer::InDoubt(words) => words.clone(),
        Answer::Again { why, .. } => why.clone(),
    }
}

fn last_reply(conversation: &Conversation) -> Option<Reply> {
    let finished = matches!(conversation.answer, Answer::Accepted);
    let last = conversation.exchanges.last().filter(|_| finished)?;
    last.reply.clone()
}

pub(crate) fn instruction(
    row: &OutboxRow,
    case: &Case,
    stage: Stage,
    wanted: Wanted,
) -> Instruction {
    Instruction {
        idempotency_key: row.id.to_string(),
        account: row.scope.account.clone(),
        refs: case.refs.clone(),
        stage,
        wanted,
    }
}

fn answer_document(
    scope: &Scope,
    instruction: &Instruction,
    reply: &Reply,
    now: Instant,
) -> NewDocument {
    let mut headers = reply.headers.clone();
    if let Some(dispute) = instruction.refs.dispute() {
        headers.push((String::from("Docket-Dispute"), dispute.to_owned()));
        headers.push((
            String::from("Docket-Stage"),
            instruction.stage.name().to_owned(),
        ));
    }
    NewDocument {
        scope: scope.clone(),
        way: Way::Api,
        name: String::from("answer"),
        headers,
        body: reply.body.clone(),
        received_at: now,
        verdict: String::from("unsigned"),
        verdict_detail: String::new(),
        trusted: true,
    }
}
