//! A merchant with ten thousand disputes: the pages stay small and quick to walk through, and nothing is cut without being
//! said. The rows are written by the database itself; the same are measured by the example `pages`.

use crate::browser::{clients, node};
use crate::goldens::{door, morning, serve};
use crate::run::demo_desk;
use access::policy::Role;
use access::{MerchantId, Mode, Tenant};
use app::entrance::Doer;
use app::{Desk, Opening, Place};
use dispute::fact::Scope;

/// Names of every kind stand among the accounts: a long one, one from right to left.
const ROWS: &str = "BEGIN;
    CREATE TEMP TABLE v AS
    WITH RECURSIVE g (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM g WHERE n < 10000)
    SELECT n, 'dp_' || printf('%026d', n) AS id, (n * 7919) % 10007 AS h,
        (SELECT max(respond_by_at) FROM cases) AS latest, (SELECT max(opened_at) FROM cases) AS newest FROM g;
    INSERT INTO cases (id, family, provider, account, dispute, stage, status, closed, reason, network, disputed_minor,
        disputed_currency, respond_by, respond_by_at, money, opened_at, changed_at, assigned_to, digest)
    SELECT id, 'fam' || substr(id, 3), 'stripe', 'rows',
        CASE n % 1000 WHEN 7 THEN 'du_' || n || substr(printf('%0150d', 0), 1, 150) WHEN 9 THEN char(1502, 1495, 1500, 1511, 1514) || n
            ELSE 'du_' || n END,
        'chargeback', 'ours', 0, CASE h % 5 WHEN 0 THEN 'duplicate' ELSE 'fraudulent' END, 'visa', 500 + h,
        CASE h % 11 WHEN 0 THEN 'EUR' ELSE 'USD' END, '2026-12-01T00:00:00Z', latest + (h % 100 - 50) * 3600000000, 'taken',
        newest - n * 60000000, newest, '', '' FROM v;
    INSERT INTO case_refs (case_id, kind, value, provider, account) SELECT id, 'dispute', 'du_' || n, 'stripe', 'rows' FROM v;
    INSERT INTO obligations (id, case_id, provider, account, duty, debtor, creditor, amount_minor, amount_currency, due_by,
        due_by_at, basis, standing)
    SELECT 'ob_' || n, id, 'stripe', 'rows', 'respond/chargeback', 'merchant', 'provider', 500 + h,
        CASE h % 11 WHEN 0 THEN 'EUR' ELSE 'USD' END, '2026-12-01T00:00:00Z', latest + (h % 100 - 50) * 3600000000,
        'the provider says so', 'open' FROM v;
    DROP TABLE v;
    COMMIT;";

#[test]
fn ten_thousand_rows_are_walked_searched_and_kept() {
    let Some(clients) = clients() else { return };
    let (_folder, dir) = demo_desk();
    let file = format!("{dir}/desk.db");
    let raw = rusqlite::Connection::open(file).expect("the desk's file");
    raw.execute_batch(ROWS).expect("the rows are written");
    drop(raw);
    let place = Place::Folder(dir.into());
    let merchant = member(&place);
    let analyst = door(&place, "analyst");
    let origin = serve(&place);
    let mut arguments = [merchant, analyst]
        .map(|link| format!("{origin}{link}"))
        .to_vec();
    arguments.push(clients);
    let found = node("rows.mjs", &arguments);
    assert_eq!(found.trim_end(), "0 findings");
}

/// A person of the merchant whose the rows are, and the way in.
fn member(place: &Place) -> String {
    let mut desk = Desk::open(place, Opening::Existing).expect("the demonstration's desk opens");
    let by = Doer::at_the_shell("test", Mode::Live, morning());
    let id = "mer_rows";
    let scope = Scope {
        provider: String::from("stripe"),
        account: String::from("rows"),
    };
    desk.add_merchant(&by, Some(id), "Merchant 1")
        .expect("nobody has the name");
    desk.own_account(&by, id, &scope, Mode::Live)
        .expect("nobody has the account");
    let tenant = Tenant::Merchant(MerchantId::parse(id).expect("a merchant's id"));
    let invited = desk
        .invite(
            &by,
            "member@example.com",
            "Sample member",
            Role::MerchantMember,
            &tenant,
        )
        .expect("nobody is there yet");
    let link = desk
        .demonstration_link(&by, &invited.person.id)
        .expect("they are there");
    format!("/enter/{}", link.token.expose())
}
