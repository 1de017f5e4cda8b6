//! Disputes as a programming interface shows and changes them: with whose they are, what their owner wrote on them, and
//! every change of one request as one effect.

use crate::files::Looks;
use crate::{Desk, Error, redact};
use calendar::Instant;
use dispute::case::Case;
use dispute::command::Command;
use dispute::fact::Scope;
use dispute::id::CaseId;
use dispute::rejection::Rejection;
use dispute::said::{EvidenceContent, Said};
use engine::command::{Actor, Opened};
use engine::several::{Keeping, Several};
use std::collections::BTreeMap;
use store::{CaseQuery, CaseRow, Leaf, Once, OnceOutcome, Owned, Registry, Seen, Store};

/// A dispute, and what is known of it beside its facts.
#[derive(Clone, Debug)]
pub struct Dispute {
    pub case: Case,
    /// The other cases of the same payment.
    pub linked: Vec<Case>,
    /// Whose it is; `None`: the desk's alone.
    pub merchant: Option<String>,
    pub live: bool,
    /// What its owner wrote on it.
    pub metadata: BTreeMap<String, String>,
    /// What was said for a network's own programme, such as Visa's compelling evidence, by the path of the field.
    pub enhanced: BTreeMap<String, String>,
    /// The issuer's word for the kind of fraud, on a fraud report.
    pub fraud: Option<String>,
    /// What is known of the files of its draft.
    pub looks: Looks,
}

/// What became of a change.
#[derive(Clone, Debug)]
pub enum Amended {
    Done(Box<Case>),
    /// Our rules refuse this command, and so nothing happened.
    Refused {
        command: Box<Command>,
        rejection: Rejection,
    },
    /// The key was used before; nothing happened now.
    Before(Box<Once>),
}

impl Desk {
    /// One page of disputes that this desk sees, newest first, and whether there are more.
    ///
    /// # Errors
    /// When the store fails.
    pub fn disputes(&mut self, query: &CaseQuery) -> Result<(Vec<Dispute>, bool), Error> {
        let page = self
            .registry()
            .list_cases(query)
            .map_err(Error::store("listing cases"))?;
        Ok((self.whole(page.rows)?, page.more))
    }

    /// One page of cases as lists show them, without reading what each is made of.
    ///
    /// # Errors
    /// When the store fails, or the page begins at a case that is not seen ([`Error::NotThere`]).
    pub fn lines(&mut self, query: &CaseQuery) -> Result<store::CasePage, Error> {
        match self.registry().list_cases(query) {
            Err(store::Error::Absent { what }) => Err(Error::NotThere {
                what: "place in this list:",
                name: what,
            }),
            page => page.map_err(Error::store("listing cases")),
        }
    }

    /// The provider accounts that this desk sees as somebody's.
    ///
    /// # Errors
    /// When the store fails.
    pub fn accounts_seen(&mut self) -> Result<Vec<Scope>, Error> {
        let owned = self.owned()?.into_iter();
        Ok(owned.map(|own| own.scope).collect())
    }

    /// The dispute of this id or provider's reference, if this desk sees it.
    ///
    /// # Errors
    /// When the store fails.
    pub fn dispute(&mut self, name: &str) -> Result<Option<Dispute>, Error> {
        let row = self
            .registry()
            .case_named(name)
            .map_err(Error::store("finding a case"))?;
        let Some(row) = row else { return Ok(None) };
        Ok(self.whole(vec![row])?.pop())
    }

    pub(crate) fn whole(&mut self, rows: Vec<CaseRow>) -> Result<Vec<Dispute>, Error> {
        let objects: Vec<String> = rows.iter().map(|row| row.id.to_string()).collect();
        let mut metadata = self.metadata(&objects)?;
        let owned = self.owned()?;
        let mut disputes = Vec::with_capacity(rows.len());
        for opened in self.engine.open_rows(rows)? {
            let words = metadata.remove(opened.case.id.as_str()).unwrap_or_default();
            disputes.push(dispute(opened, words, &owned));
        }
        self.put_looks(&mut disputes)?;
        Ok(disputes)
    }

    /// Whose case it is, and whether it is real: an account that is nobody's is the desk's, and real.
    pub(crate) fn owner(&mut self, case: &Case) -> Result<(Option<String>, bool), Error> {
        let owned = self.owned()?;
        let own = owned.into_iter().find(|own| own.scope == case.scope);
        Ok(own.map_or((None, true), |own| (Some(own.merchant), own.live)))
    }

    /// Whether a case is real, and not its merchant's test.
    ///
    /// # Errors
    /// When there is no such case, or the store fails.
    pub fn is_live(&mut self, name: &str) -> Result<bool, Error> {
        let case = self.case(name)?.case;
        Ok(self.owner(&case)?.1)
    }

    fn owned(&mut self) -> Result<Vec<Owned>, Error> {
        self.registry()
            .owned()
            .map_err(Error::store("reading whose accounts they are"))
    }

    /// Carries out several commands as one effect, under an idempotency key where there is one. `plan` says what to do
    /// with the case as it stands; it is asked again when the case moved meanwhile.
    ///
    /// # Errors
    /// When the store fails, or a text holds a card number.
    pub fn amend(
        &mut self,
        case: &CaseId,
        plan: &dyn Fn(&Case) -> Vec<Command>,
        actor: &Actor,
        once: Option<&Once>,
        now: Instant,
    ) -> Result<Amended, Error> {
        self.retrying(|engine| engine.absorb(now))?;
        let opened = self.case(case.as_str())?.case;
        if let Some((command, rejection)) = self.over_limit(&opened, &plan(&opened))? {
            return Ok(Amended::Refused {
                command: Box::new(command),
                rejection,
            });
        }
        let mut keep = |kept: &mut crate::Kept, document: &store::NewDocument, opened: &Opened| {
            let seen = Seen {
                case: opened.row.id.clone(),
                family: opened.row.family.clone(),
                digest: opened.row.digest.clone(),
                facts: u64::try_from(opened.facts.len()).unwrap_or(u64::MAX),
            };
            let Some(once) = once else {
                return match kept.append_if(document, &seen) {
                    Ok(_) => Ok(Keeping::Kept),
                    Err(store::Error::Conflict { .. }) => Ok(Keeping::Moved),
                    Err(error) => Err(error),
                };
            };
            let documents = std::slice::from_ref(document);
            let outcome = kept.append_once(once, Some(&seen), documents)?;
            Ok(match outcome {
                OnceOutcome::Done(_) => Keeping::Kept,
                OnceOutcome::Moved => Keeping::Moved,
                OnceOutcome::Before(row) => Keeping::Barred(row),
            })
        };
        let several =
            self.retrying(|engine| engine.command_all(case.as_str(), plan, actor, now, &mut keep));
        Ok(match several? {
            Several::Done(case) => Amended::Done(case),
            Several::Rejected {
                command, rejection, ..
            } => Amended::Refused { command, rejection },
            Several::Barred(row) => Amended::Before(row),
        })
    }

    /// Why such a change would be refused now; `None` when it would not.
    ///
    /// # Errors
    /// When the store fails.
    pub fn refusal(
        &mut self,
        case: &CaseId,
        plan: &dyn Fn(&Case) -> Vec<Command>,
        actor: &Actor,
        now: Instant,
    ) -> Result<Option<(Command, Rejection)>, Error> {
        if let Some(refused) = self.engine.permit_all(case.as_str(), plan, actor, now)? {
            return Ok(Some(refused));
        }
        let case = self.case(case.as_str())?.case;
        self.over_limit(&case, &plan(&case))
    }

    /// What people wrote on objects, by object.
    pub(crate) fn metadata(
        &mut self,
        objects: &[String],
    ) -> Result<BTreeMap<String, BTreeMap<String, String>>, Error> {
        let rows = self
            .registry()
            .metadata(objects)
            .map_err(Error::store("reading metadata"))?;
        // What we wrote reads; what somebody changed by hand and does not read is shown as nothing.
        let read = |json: String| serde_json::from_str(&json).unwrap_or_default();
        Ok(rows
            .into_iter()
            .map(|(object, json)| (object, read(json)))
            .collect())
    }

    /// What people wrote on one object.
    ///
    /// # Errors
    /// When the store fails.
    pub fn metadata_of(&mut self, object: &str) -> Result<BTreeMap<String, String>, Error> {
        let mut found = self.metadata(&[object.to_owned()])?;
        Ok(found.remove(object).unwrap_or_default())
    }

    /// Writes on an object, in place of what stood there.
    ///
    /// # Errors
    /// When the store fails, or a word is a card number.
    pub fn write_metadata(
        &mut self,
        object: &str,
        words: &BTreeMap<String, String>,
        actor: &Actor,
        now: Instant,
    ) -> Result<(), Error> {
        for word in words.values() {
            refuse_card_number("metadata", word)?;
        }
        let json = serde_json::to_string(words).expect("a map of texts is JSON");
        let digest = dispute::id::sha256_hex(json.as_bytes());
        let leaf = Leaf(format!(
            "metadata {object} at {now} by {} {digest}",
            actor.name
        ));
        self.registry()
            .put_metadata(object, &json, &leaf)
            .map_err(Error::store("writing metadata"))
    }

    /// Writes on a dispute: its metadata, and what is said for networks' programmes, in place of what stood there.
    ///
    /// # Errors
    /// As for [`Desk::write_metadata`].
    pub fn write_on(
        &mut self,
        case: &CaseId,
        metadata: &BTreeMap<String, String>,
        enhanced: &BTreeMap<String, String>,
        actor: &Actor,
        now: Instant,
    ) -> Result<(), Error> {
        let mut words: BTreeMap<String, String> = metadata
            .iter()
            .filter(|(name, _)| !name.starts_with(ENHANCED))
            .map(|(name, word)| (name.clone(), word.clone()))
            .collect();
        words.extend(
            enhanced
                .iter()
                .map(|(path, word)| (format!("{ENHANCED}{path}"), word.clone())),
        );
        self.write_metadata(case.as_str(), &words, actor, now)
    }

    /// The row of an idempotency key, if it was used.
    ///
    /// # Errors
    /// When the store fails.
    pub fn asked_before(&mut self, tenant: &str, key: &str) -> Result<Option<Once>, Error> {
        self.registry()
            .once(tenant, key)
            .map_err(Error::store("looking up an idempotency key"))
    }

    /// Keeps a request whose effect is no document; `false` when its key was used before.
    ///
    /// # Errors
    /// When the store fails.
    pub fn ask_once(&mut self, once: &Once) -> Result<bool, Error> {
        self.registry()
            .put_once(once)
            .map_err(Error::store("keeping an idempotency key"))
    }

    /// Keeps the answer to a request that has a row.
    ///
    /// # Errors
    /// When the store fails.
    pub fn answered(
        &mut self,
        tenant: &str,
        key: &str,
        status: u16,
        body: &[u8],
    ) -> Result<(), Error> {
        self.registry()
            .answer_once(tenant, key, status, body)
            .map_err(Error::store("keeping an answer"))
    }
}

/// Card numbers are refused where people write.
///
/// # Errors
/// [`Error::CardNumber`].
pub fn refuse_card_number(what: &str, text: &str) -> Result<(), Error> {
    if redact::pans(text) == text && !upload::holds_card_number(text) {
        Ok(())
    } else {
        Err(Error::CardNumber {
            what: what.to_owned(),
        })
    }
}

/// What is said for networks' programmes stands in the row of the metadata, under names that no metadata has.
const ENHANCED: &str = "docket.enhanced:";

fn dispute(opened: Opened, words: BTreeMap<String, String>, owned: &[Owned]) -> Dispute {
    let mut metadata = BTreeMap::new();
    let mut enhanced = BTreeMap::new();
    for (name, word) in words {
        match name.strip_prefix(ENHANCED) {
            Some(path) => enhanced.insert(path.to_owned(), word),
            None => metadata.insert(name, word),
        };
    }
    let own = owned.iter().find(|own| own.scope == opened.case.scope);
    let fraud = opened.facts.iter().rev().find_map(|row| {
        let here = row.fact.case().as_ref() == Some(&opened.case.id);
        match &row.fact.said {
            Said::FraudReported { kind } if here => Some(kind.clone()),
            _ => None,
        }
    });
    Dispute {
        merchant: own.map(|own| own.merchant.clone()),
        // An account that is nobody's is the desk's, and real.
        live: own.is_none_or(|own| own.live),
        metadata,
        enhanced,
        fraud,
        looks: Looks::none(),
        case: opened.case,
        linked: opened.linked,
    }
}

/// The scope under which a tenant's own files are kept, apart from every provider's. Live and test share it: a file's row says
/// which it is, and its bytes are the same.
pub(crate) fn tenant_scope(merchant: Option<&str>) -> Scope {
    Scope {
        provider: String::from("docket"),
        account: merchant.unwrap_or("desk").to_owned(),
    }
}

/// A slot is saved as text; a card number in it is refused.
///
/// # Errors
/// [`Error::CardNumber`].
pub fn text_content(slot: &str, text: &str) -> Result<EvidenceContent, Error> {
    refuse_card_number(slot, text)?;
    Ok(match text.is_empty() {
        true => EvidenceContent::Cleared,
        false => EvidenceContent::Text(text.to_owned()),
    })
}
