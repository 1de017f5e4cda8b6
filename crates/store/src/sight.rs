//! What a connection sees, as tables that stand before those of the database in every reading statement.
//!
//! A common table expression has the name of the table that it narrows, so no statement can forget it: whatever reads
//! `cases` reads the cases of the sight. PostgreSQL keeps the same rules a second time, as policies on the tables.

use crate::Sight;
use std::borrow::Cow;

impl Sight {
    /// The merchant, or nothing where the desk's people look.
    pub(crate) fn merchant(&self) -> &str {
        match self {
            Sight::Merchant { id, .. } => id,
            Sight::All | Sight::Mode { .. } => "",
        }
    }

    /// `live`, `test`, or nothing where both are seen.
    pub(crate) fn mode(&self) -> &'static str {
        match self {
            Sight::All => "",
            Sight::Merchant { live, .. } | Sight::Mode { live } => match live {
                true => "live",
                false => "test",
            },
        }
    }
}

/// How a database says what the sight is, and where its tables are when another table stands before them.
pub(crate) struct Dialect<'a> {
    pub merchant: &'a str,
    pub mode: &'a str,
    /// The schema, with its dot.
    pub own: &'a str,
}

/// By provider account, whose owner and mode the table `owned` tells.
const BY_ACCOUNT: &str = "CASE WHEN {M} <> '' OR {MODE} = 'test' \
    THEN ({t}.provider, {t}.account) IN (SELECT o.provider, o.account FROM {own}owned o \
    WHERE o.live = CASE {MODE} WHEN 'live' THEN 1 ELSE 0 END AND ({M} = '' OR o.merchant = {M})) \
    ELSE {MODE} = 'live' AND ({t}.provider, {t}.account) NOT IN (SELECT o.provider, o.account FROM {own}owned o WHERE o.live = 0) END";

/// By the tenant and mode in the row.
const BY_TENANT: &str =
    "{t}.live = CASE {MODE} WHEN 'live' THEN 1 ELSE 0 END AND ({M} = '' OR {t}.merchant = {M})";

/// Evidence by its account; files that people brought by their merchant.
const BLOB: &str =
    "CASE WHEN {t}.provider = 'docket' THEN {M} = '' OR {t}.account = {M} ELSE {BY_ACCOUNT} END";

const BY_DOCUMENT: &str = "EXISTS (SELECT 1 FROM documents d WHERE d.sequence = {t}.document)";
const BY_ENDPOINT: &str = "EXISTS (SELECT 1 FROM endpoints e WHERE e.id = {t}.endpoint)";
const OF_DESK: &str = "{M} = ''";

/// Every table of which not everybody sees every row, after those that its rule reads. `desk`, `keys` and `secrets`
/// are not among them: one holds counters, the others what opens nothing without the desk's own key.
const SEEN: [(&str, &str); 38] = [
    ("cases", BY_ACCOUNT),
    ("case_refs", BY_ACCOUNT),
    ("documents", BY_ACCOUNT),
    ("facts", BY_ACCOUNT),
    ("refs", BY_ACCOUNT),
    ("entries", BY_ACCOUNT),
    ("obligations", BY_ACCOUNT),
    ("timers", BY_ACCOUNT),
    ("outbox", BY_ACCOUNT),
    ("submissions", BY_ACCOUNT),
    ("findings", BY_ACCOUNT),
    ("blobs", BLOB),
    ("events", BY_ACCOUNT),
    (
        "owned",
        "{M} = '' OR (owned.merchant = {M} AND owned.live = CASE {MODE} WHEN 'live' THEN 1 ELSE 0 END)",
    ),
    ("api_keys", BY_TENANT),
    ("endpoints", BY_TENANT),
    ("files", BY_TENANT),
    ("grants", "{M} = '' OR grants.merchant = {M}"),
    ("merchants", "{M} = '' OR merchants.id = {M}"),
    ("once", "{M} = '' OR once.tenant = {M} || '/' || {MODE}"),
    ("document_bodies", BY_DOCUMENT),
    ("document_states", BY_DOCUMENT),
    ("rejects", BY_DOCUMENT),
    (
        "legs",
        "EXISTS (SELECT 1 FROM entries e WHERE e.sequence = legs.entry)",
    ),
    ("deliveries", BY_ENDPOINT),
    ("attempts", BY_ENDPOINT),
    (
        "file_links",
        "EXISTS (SELECT 1 FROM files f WHERE f.id = file_links.file)",
    ),
    (
        "metadata",
        "EXISTS (SELECT 1 FROM cases c WHERE c.id = metadata.object) \
         OR EXISTS (SELECT 1 FROM files f WHERE f.id = metadata.object) \
         OR EXISTS (SELECT 1 FROM endpoints e WHERE e.id = metadata.object)",
    ),
    (
        "people",
        "{M} = '' OR EXISTS (SELECT 1 FROM grants g WHERE g.person = people.id)",
    ),
    ("sessions", OF_DESK),
    ("errands", OF_DESK),
    ("failures", OF_DESK),
    ("balances", OF_DESK),
    ("leaves", OF_DESK),
    ("checkpoints", OF_DESK),
    ("published", OF_DESK),
    ("leases", OF_DESK),
    ("migration_steps", OF_DESK),
];

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
}

/// The statement, which begins with `SELECT`, after the tables that it reads or that their rules read.
pub(crate) fn narrowed<'a>(sight: &Sight, dialect: &Dialect<'_>, sql: &'a str) -> Cow<'a, str> {
    if *sight == Sight::All {
        return Cow::Borrowed(sql);
    }
    let mut wanted: Vec<&str> = words(sql).collect();
    let mut tables = Vec::new();
    for (table, rule) in SEEN.iter().rev() {
        if wanted.contains(table) {
            wanted.extend(words(rule));
            tables.push(format!(
                "{table} AS NOT MATERIALIZED (SELECT * FROM {}{table} AS {table} WHERE {})",
                dialect.own,
                written(rule, table, dialect)
            ));
        }
    }
    if tables.is_empty() {
        return Cow::Borrowed(sql);
    }
    tables.reverse();
    Cow::Owned(format!("WITH {} {sql}", tables.join(", ")))
}

fn written(rule: &str, table: &str, dialect: &Dialect<'_>) -> String {
    rule.replace("{BY_ACCOUNT}", BY_ACCOUNT)
        .replace("{t}", table)
        .replace("{M}", dialect.merchant)
        .replace("{MODE}", dialect.mode)
        .replace("{own}", dialect.own)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Dialect<'static> = Dialect {
        merchant: "m()",
        mode: "mode()",
        own: "main.",
    };

    #[track_caller]
    fn check(sql: &str, expected: &str) {
        let sight = Sight::Mode { live: true };
        let found = narrowed(&sight, &PLAIN, sql);
        assert_eq!(found, expected);
        assert_eq!(narrowed(&Sight::All, &PLAIN, sql), sql);
    }

    #[test]
    fn what_a_statement_reads_is_narrowed_first() {
        check("SELECT 1 FROM desk", "SELECT 1 FROM desk");
        check(
            "SELECT 1 FROM grants",
            "WITH grants AS NOT MATERIALIZED (SELECT * FROM main.grants AS grants \
             WHERE m() = '' OR grants.merchant = m()) SELECT 1 FROM grants",
        );
    }

    #[test]
    fn a_rule_that_reads_a_table_reads_it_narrowed() {
        let sight = Sight::Mode { live: true };
        let found = narrowed(&sight, &PLAIN, "SELECT 1 FROM people");
        let (grants, people) = (found.find("WITH grants AS"), found.find(", people AS"));
        assert!(grants.is_some() && people.is_some(), "{found}");
    }

    /// Whoever adds a table says who sees its rows.
    #[test]
    fn every_table_has_its_rule() {
        for schema in [
            include_str!("migrations/sqlite/0001_initial.sql"),
            include_str!("migrations/sqlite/0003_registry.sql"),
            include_str!("migrations/sqlite/0004_faces.sql"),
        ] {
            let tables = schema.split("CREATE TABLE ").skip(1);
            for table in tables.filter_map(|rest| words(rest).next()) {
                let free = ["desk", "keys", "secrets"].contains(&table);
                let ruled = SEEN.iter().any(|(name, _)| *name == table);
                assert!(free != ruled, "{table}");
                let policy = format!("('{table}', ");
                let policies = [
                    include_str!("migrations/pg/0003_registry.sql"),
                    include_str!("migrations/pg/0004_faces.sql"),
                ];
                assert!(
                    policies.iter().any(|text| text.contains(&policy)),
                    "{table}"
                );
            }
        }
    }
}
