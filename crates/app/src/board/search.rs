//! One box that finds anything: a case by any reference, by what it is about or by its amount; a document, an account, a
//! merchant, a rule. What it cannot find by, it says.

use super::{rules, scope_name};
use crate::shape::{Amount, At, By};
use crate::{Desk, Error, ingest};
use money::{Currency, Money};
use store::{CaseQuery, CaseRow, Store};

/// Lines of one group.
const SHOWN: u32 = 20;

/// What was found.
#[derive(Clone, Debug)]
pub struct Found {
    pub groups: Vec<Group>,
    /// What the text looks like and nothing can be found by, and why.
    pub not_kept: Option<&'static str>,
}

/// Hits of one kind.
#[derive(Clone, Debug)]
pub struct Group {
    pub title: &'static str,
    pub hits: Vec<Hit>,
    /// There are more than are listed.
    pub more: bool,
}

/// One hit.
#[derive(Clone, Debug)]
pub enum Hit {
    Case(CaseHit),
    Document {
        id: String,
        words: String,
        at: At,
    },
    /// `provider/account`, and the merchant whose it is.
    Account {
        scope: String,
        merchant: Option<String>,
    },
    Rule(&'static rules::Rule),
}

/// A case, briefly.
#[derive(Clone, Debug)]
pub struct CaseHit {
    pub case: String,
    pub dispute: String,
    pub provider: String,
    pub account: String,
    pub stage: String,
    pub status: String,
    pub reason: String,
    pub disputed: Option<Amount>,
    pub respond_by: Option<By>,
    pub assigned_to: String,
    pub opened_at: At,
}

impl From<CaseRow> for CaseHit {
    fn from(row: CaseRow) -> CaseHit {
        CaseHit {
            case: row.id.to_string(),
            dispute: row.dispute,
            provider: row.scope.provider,
            account: row.scope.account,
            stage: row.stage,
            status: row.status,
            reason: row.reason,
            disputed: row.disputed.map(Amount),
            respond_by: row.respond_by.map(By),
            assigned_to: row.assigned_to,
            opened_at: row.opened_at.into(),
        }
    }
}

impl Desk {
    /// A page of cases, briefly, newest first, and whether there are more.
    ///
    /// # Errors
    /// When the store fails.
    pub fn list_cases(&mut self, query: &CaseQuery) -> Result<(Vec<CaseHit>, bool), Error> {
        let page = self
            .registry()
            .list_cases(query)
            .map_err(Error::store("listing cases"))?;
        Ok((
            page.rows.into_iter().map(CaseHit::from).collect(),
            page.more,
        ))
    }

    /// Everything that this text names.
    ///
    /// # Errors
    /// When the store fails.
    pub fn search(&mut self, text: &str) -> Result<Found, Error> {
        let text = text.trim();
        let mut groups = Vec::new();
        if text.is_empty() {
            return Ok(Found {
                groups,
                not_kept: None,
            });
        }
        let seen = self.cases_by_reference(text, &mut groups)?;
        self.cases_by_amount(text, &seen, &mut groups)?;
        self.cases_of_somebody(text, &mut groups)?;
        self.document_of(text, &mut groups)?;
        self.accounts_named(text, &mut groups)?;
        let hits = rules::find("", "", text);
        add(&mut groups, "Rules", hits.into_iter().map(Hit::Rule), false);
        let four = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
        let last4 = "No card digits are kept outside the sealed documents, the last four neither. \
            The provider finds the payment by them; its reference finds the case here.";
        Ok(Found {
            groups,
            not_kept: four.then_some(last4),
        })
    }

    /// Those whose id or reference it is, then those of which it is the beginning.
    fn cases_by_reference(
        &mut self,
        text: &str,
        groups: &mut Vec<Group>,
    ) -> Result<Vec<String>, Error> {
        let named = self
            .registry()
            .case_named(text)
            .map_err(Error::store("finding a case"))?;
        let exact = CaseQuery {
            reference: Some(text.to_owned()),
            ..CaseQuery::newest(SHOWN)
        };
        let (mut hits, mut more) = self.list_cases(&exact)?;
        if let Some(row) = named
            && !hits.iter().any(|hit| hit.case == row.id.as_str())
        {
            hits.insert(0, row.into());
        }
        let mut seen: Vec<String> = hits.iter().map(|hit| hit.case.clone()).collect();
        add(
            groups,
            "Cases with this reference",
            hits.into_iter().map(Hit::Case),
            more,
        );
        let beginning = CaseQuery {
            text: Some(text.to_owned()),
            ..CaseQuery::newest(SHOWN)
        };
        (hits, more) = self.list_cases(&beginning)?;
        hits.retain(|hit| !seen.contains(&hit.case));
        seen.extend(hits.iter().map(|hit| hit.case.clone()));
        add(
            groups,
            "Cases with a reference that begins so",
            hits.into_iter().map(Hit::Case),
            more,
        );
        Ok(seen)
    }

    fn cases_by_amount(
        &mut self,
        text: &str,
        seen: &[String],
        groups: &mut Vec<Group>,
    ) -> Result<(), Error> {
        let mut hits = Vec::new();
        let mut any_more = false;
        for wanted in amounts(text) {
            let Ok(minor) = i64::try_from(wanted.minor) else {
                continue;
            };
            let query = CaseQuery {
                amount: Some((minor, minor)),
                currency: wanted.currency.map(|currency| currency.code().to_owned()),
                ..CaseQuery::newest(SHOWN)
            };
            let (found, more) = self.list_cases(&query)?;
            any_more |= more;
            // Of another exponent the same minor units are another amount.
            let same = found.into_iter().filter(|hit| {
                let disputed = hit.disputed;
                !seen.contains(&hit.case)
                    && disputed
                        .is_some_and(|amount| amount.0.currency().exponent() == wanted.exponent)
            });
            hits.extend(same);
        }
        add(
            groups,
            "Cases of this amount",
            hits.into_iter().map(Hit::Case),
            any_more,
        );
        Ok(())
    }

    fn cases_of_somebody(&mut self, text: &str, groups: &mut Vec<Group>) -> Result<(), Error> {
        let query = CaseQuery {
            assigned_to: Some(text.to_owned()),
            ..CaseQuery::newest(SHOWN)
        };
        let (hits, more) = self.list_cases(&query)?;
        add(
            groups,
            "Cases assigned to this person",
            hits.into_iter().map(Hit::Case),
            more,
        );
        Ok(())
    }

    fn document_of(&mut self, text: &str, groups: &mut Vec<Group>) -> Result<(), Error> {
        let Some(id) = dispute::id::DocumentId::parse(text) else {
            return Ok(());
        };
        let stored = self
            .engine
            .store
            .document(&id)
            .map_err(Error::store("reading a document"))?;
        let hit = stored.map(|stored| Hit::Document {
            id: stored.id.to_string(),
            words: format!(
                "{} {} of {}/{}",
                ingest::fate_name(stored.fate),
                stored.form,
                stored.document.scope.provider,
                stored.document.scope.account
            ),
            at: stored.document.received_at.into(),
        });
        add(groups, "Documents", hit.into_iter(), false);
        Ok(())
    }

    /// Accounts by their own name or provider's, and those of a merchant with this in its name.
    fn accounts_named(&mut self, text: &str, groups: &mut Vec<Group>) -> Result<(), Error> {
        let wanted = text.to_lowercase();
        let store = self.registry();
        let merchants = store
            .merchants()
            .map_err(Error::store("reading merchants"))?;
        let owned = store
            .owned()
            .map_err(Error::store("reading whose accounts they are"))?;
        let scopes = store.scopes().map_err(Error::store("listing accounts"))?;
        let mut hits = Vec::new();
        for scope in scopes {
            let own = owned.iter().find(|own| own.scope == scope);
            let merchant = own.and_then(|own| merchants.iter().find(|one| one.id == own.merchant));
            let name = scope_name(&scope);
            let hit = name.to_lowercase().contains(&wanted)
                || merchant
                    .is_some_and(|one| one.name.to_lowercase().contains(&wanted) || one.id == text);
            if hit {
                hits.push(Hit::Account {
                    scope: name,
                    merchant: merchant.map(|one| one.name.clone()),
                });
            }
        }
        add(groups, "Accounts", hits.into_iter(), false);
        Ok(())
    }
}

fn add(groups: &mut Vec<Group>, title: &'static str, hits: impl Iterator<Item = Hit>, more: bool) {
    let shown = usize::try_from(SHOWN).unwrap_or(usize::MAX);
    let mut hits: Vec<Hit> = hits.collect();
    let more = more || hits.len() > shown;
    hits.truncate(shown);
    if !hits.is_empty() {
        groups.push(Group { title, hits, more });
    }
}

/// An amount that a text can mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Meant {
    minor: i128,
    exponent: u8,
    currency: Option<Currency>,
}

/// What amounts a text can mean: `12.34`, `12.34 USD`, `USD 1,234.50`. Without a currency, one for every exponent that has
/// room for its decimals.
fn amounts(text: &str) -> Vec<Meant> {
    let mut figure = String::new();
    let mut code = String::new();
    for character in text
        .chars()
        .filter(|character| !matches!(character, ',' | ' ' | '\''))
    {
        match character.is_ascii_digit() || character == '.' {
            true => figure.push(character),
            false => code.push(character.to_ascii_uppercase()),
        }
    }
    if !figure.bytes().any(|byte| byte.is_ascii_digit()) {
        return Vec::new();
    }
    if !code.is_empty() {
        let money = Currency::find(&code).and_then(|currency| Money::parse(&figure, currency).ok());
        return money
            .map(|money| Meant {
                minor: money.minor(),
                exponent: money.currency().exponent(),
                currency: Some(money.currency()),
            })
            .into_iter()
            .collect();
    }
    let (whole, decimals) = figure.split_once('.').unwrap_or((&figure, ""));
    let meant = |exponent: u8| {
        let room = usize::from(exponent).checked_sub(decimals.len())?;
        let minor = format!("{whole}{decimals}{}", "0".repeat(room));
        Some(Meant {
            minor: minor.parse().ok()?,
            exponent,
            currency: None,
        })
    };
    // ISO 4217 has exponents 0, 2, 3 and 4; those of 4 are units of account that no card is charged in.
    [2, 0, 3].into_iter().filter_map(meant).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, want: &[(i128, u8, Option<&str>)]) {
        let found: Vec<_> = amounts(text)
            .into_iter()
            .map(|meant| {
                let code = meant.currency.map(|currency| currency.code());
                (meant.minor, meant.exponent, code)
            })
            .collect();
        assert_eq!(found, want, "{text}");
    }

    #[test]
    fn an_amount_is_understood_with_and_without_currency() {
        check("12.34", &[(1234, 2, None), (12340, 3, None)]);
        check("12", &[(1200, 2, None), (12, 0, None), (12000, 3, None)]);
        check("12.34 usd", &[(1234, 2, Some("USD"))]);
        check("JPY 1,200", &[(1200, 0, Some("JPY"))]);
        check("1.234 KWD", &[(1234, 3, Some("KWD"))]);
    }

    #[test]
    fn what_is_no_amount_means_none() {
        check("", &[]);
        check("abc", &[]);
        check("12.345 USD", &[]);
        check("dp_1", &[]);
        check("1.2.3", &[]);
    }
}
