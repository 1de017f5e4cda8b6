//! A fictional provider whose documents are canonical fact lines, so that these tests are about the engine alone.

use adapter::{
    Adapter, Answer, Capabilities, Channel, Decoded, Document, DocumentKind, Exchange, Fate,
    Inbound, Instruction, Limits, Located, Receipt, Record, Reject, RejectCode, Reply, Request,
    Secret, Step, Sweep, Verb, Verdict, Wanted,
};
use calendar::Instant;
use dispute::fact::{Scope, Span};
use dispute::reference::Reference;
use dispute::status::Stage;
use dispute::text;
use engine::{Carried, Carrier};

pub struct Acme;

pub static ALL: &[&dyn Adapter] = &[&Acme];

static CAPABILITIES: Capabilities = Capabilities {
    documents: &[Document {
        form: "lines",
        channel: Channel::Webhook,
        kind: DocumentKind::Disputes,
    }],
    verbs: &[Verb::Submit, Verb::Accept, Verb::ReadBack],
    answers_at: &[Stage::Chargeback],
    sweep: Sweep::None,
    limits: Limits {
        total_bytes: None,
        file_bytes: None,
        text_characters: None,
        pages: None,
        media_types: &[],
        one_file_per_slot: false,
        submissions: Some(1),
        source: "made up for tests",
    },
    signature: "the word `signed` in a header",
    idempotency_seconds: 0,
    reads_per_minute: 60,
};

impl Adapter for Acme {
    fn name(&self) -> &'static str {
        "acme"
    }

    fn capabilities(&self) -> &'static Capabilities {
        &CAPABILITIES
    }

    fn verify(&self, inbound: &Inbound<'_>, secrets: &[Secret], _now: Instant) -> Verdict {
        match (inbound.header("signature"), secrets.first()) {
            (Some("signed"), Some(secret)) => Verdict::Valid {
                label: secret.label.clone(),
            },
            (Some(_), _) => Verdict::Wrong("another word".to_owned()),
            (None, _) => Verdict::Missing("no signature".to_owned()),
        }
    }

    fn account(&self, _inbound: &Inbound<'_>) -> Option<String> {
        None
    }

    fn decode(&self, inbound: &Inbound<'_>) -> Decoded {
        assert!(
            inbound.body != b"poison",
            "acme's decoder met a body that it cannot survive"
        );
        let span = Span::new(0, inbound.body.len());
        let body = String::from_utf8_lossy(inbound.body).into_owned();
        if body.starts_with("holds") {
            let reject = Reject {
                span,
                code: RejectCode::ControlTotal,
                detail: "totals lie".to_owned(),
                hint: String::new(),
            };
            return Decoded::rejected("lines", inbound.body.len(), reject);
        }
        let read: Vec<_> = body
            .lines()
            .filter_map(|line| text::parse(line).ok())
            .collect();
        let facts = read
            .into_iter()
            .map(|fact| Located { fact, span })
            .collect();
        Decoded {
            form: "lines".to_owned(),
            records: vec![Record {
                span,
                fate: Fate::Understood,
            }],
            facts,
            rejects: Vec::new(),
        }
    }

    fn proceed(&self, instruction: &Instruction, so_far: &[Exchange]) -> Step {
        let path = match instruction.wanted {
            Wanted::Submit(_) => "/submit",
            Wanted::Accept => "/accept",
            _ => "/read",
        };
        let Some(exchange) = so_far.last() else {
            return Step::Send(Request::Http {
                base: "api",
                method: "POST",
                path: path.to_owned(),
                headers: Vec::new(),
                body: Vec::new(),
            });
        };
        Step::Finished(match exchange.reply.as_ref().map(|reply| reply.status) {
            Some(200) => Answer::Accepted,
            Some(400) => Answer::Refused("no".to_owned()),
            Some(429) => Answer::Again {
                after_seconds: Some(600),
                why: "slow down".to_owned(),
            },
            _ => Answer::InDoubt("no answer".to_owned()),
        })
    }

    fn quote(&self, _inbound: &Inbound<'_>, _span: Span) -> Vec<Reference> {
        Vec::new()
    }

    fn receipt(&self, _instruction: &Instruction, read_back: &Reply) -> Receipt {
        match read_back.body.as_slice() {
            b"received" => Receipt::Received,
            b"absent" => Receipt::NotReceived,
            _ => Receipt::Unclear("the object does not tell".to_owned()),
        }
    }
}

/// Plays answers in order and remembers what was asked.
pub struct Script {
    pub replies: Vec<Option<(u16, &'static str)>>,
    pub asked: Vec<String>,
}

impl Carrier for Script {
    fn carry(&mut self, _scope: &Scope, request: &Request, _now: Instant) -> Carried {
        if let Request::Http { path, .. } = request {
            self.asked.push(path.clone());
        }
        assert!(
            !self.replies.is_empty(),
            "nothing more was expected to leave"
        );
        match self.replies.remove(0) {
            Some((status, body)) => Carried::Reply(Reply {
                status,
                headers: Vec::new(),
                body: body.as_bytes().to_vec(),
            }),
            None => Carried::Lost("the line went dead".to_owned()),
        }
    }

    fn reaches(&self, _scope: &Scope) -> bool {
        true
    }
}
