//! PostgreSQL's own wall between tenants: what somebody who can run any statement as the restricted role still cannot read.

use crate::lists::{fill, own_two, query};
use crate::open::Place;
use crate::samples::id;
use postgres::{Client, Config, NoTls};
use std::io::Read;
use store::{Keys, Registry, Sight, Store};

/// Servers that ask for one take it; it opens nothing but a test's own login.
const PASSWORD: &str = "of-this-test-alone";

/// A login that goes when the test ends.
struct Login<'a> {
    place: &'a Place,
    name: String,
}

impl<'a> Login<'a> {
    fn new(place: &'a Place, kind: &str, options: &str) -> Login<'a> {
        let (_, schema) = place.server().unwrap();
        let name = format!("{kind}_{schema}");
        place
            .past(&format!(
                "CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}' {options}"
            ))
            .unwrap();
        Login { place, name }
    }

    fn config(&self) -> Config {
        let mut config: Config = self.place.server().unwrap().0.parse().unwrap();
        config.user(&self.name).password(PASSWORD);
        config
    }

    fn client(&self) -> Client {
        let mut client = self.config().connect(NoTls).unwrap();
        let (_, schema) = self.place.server().unwrap();
        client
            .batch_execute(&format!("SET search_path TO {schema}"))
            .unwrap();
        client
    }

    fn url(&self) -> String {
        let config = self.config();
        let host = match &config.get_hosts()[0] {
            postgres::config::Host::Tcp(host) => host.clone(),
            postgres::config::Host::Unix(path) => path.display().to_string(),
        };
        let (port, database) = (config.get_ports()[0], config.get_dbname().unwrap());
        format!(
            "host={host} port={port} dbname={database} password={PASSWORD} user={}",
            self.name
        )
    }
}

impl Drop for Login<'_> {
    fn drop(&mut self) {
        let schema = self.place.server().unwrap().1;
        let name = &self.name;
        let sql = format!(
            "DROP SCHEMA IF EXISTS {schema} CASCADE; DROP OWNED BY {name}; \
             DROP ROLE IF EXISTS docket_sight_{schema}; DROP ROLE {name}"
        );
        if let Err(error) = self.place.past(&sql) {
            eprintln!("role {name} stays: {error}");
        }
    }
}

/// A desk of two merchants with a case each, and one of the desk's own.
fn desk(store: &mut dyn store::Whole) {
    own_two(store);
    fill(store, &[("acct_1", 1), ("acct_2", 2), ("acct_d", 4)]);
}

fn count(client: &mut Client, sql: &str) -> i64 {
    let sql = format!("SELECT count(*) FROM ({sql}) AS found");
    client.query_one(&sql, &[]).unwrap().get(0)
}

const TABLES: [&str; 12] = [
    "cases",
    "documents",
    "facts",
    "refs",
    "entries",
    "obligations",
    "timers",
    "outbox",
    "submissions",
    "findings",
    "blobs",
    "events",
];

/// What lies behind another table, seen through it.
const BEHIND: [&str; 5] = [
    "SELECT 1 FROM case_refs WHERE value IN ('du_1', 'ch_1', 'du_4')",
    "SELECT 1 FROM legs WHERE path LIKE '%acct_1%'",
    "SELECT 1 FROM leaves",
    "SELECT 1 FROM balances",
    "SELECT 1 FROM pg_stats WHERE tablename = 'cases' AND schemaname = current_schema()",
];

#[test]
fn a_restricted_login_reads_only_its_sight() {
    let Some(place) = Place::pg("a_restricted_login_reads_only_its_sight") else {
        return;
    };
    desk(&mut *place.open());
    let schema = place.server().unwrap().1.to_owned();
    place.past("ANALYZE").unwrap();
    let login = Login::new(&place, "thief", &format!("IN ROLE docket_sight_{schema}"));
    let mut thief = login.client();
    // Without a sight, nothing at all.
    for table in TABLES {
        assert_eq!(
            count(&mut thief, &format!("SELECT 1 FROM {table}")),
            0,
            "{table}"
        );
    }
    let sight = format!(
        "SET docket.merchant = '{}'; SET docket.mode = 'live'",
        id("mer", 2)
    );
    thief.batch_execute(&sight).unwrap();
    assert_eq!(count(&mut thief, "SELECT 1 FROM cases"), 1, "its own");
    assert!(count(&mut thief, "SELECT 1 FROM legs") > 0, "its own");
    let others = |table: &str| format!("SELECT 1 FROM {table} WHERE account <> 'acct_2'");
    let check = |thief: &mut Client, told: &str| {
        for table in TABLES {
            assert_eq!(count(thief, &others(table)), 0, "{told}: {table}");
        }
        for sql in BEHIND {
            assert_eq!(count(thief, sql), 0, "{told}: {sql}");
        }
    };
    check(&mut thief, "plain");
    // Names that stand before the desk's own.
    let trojan = format!(
        "CREATE TEMP TABLE owned AS SELECT 'acme' AS provider, 'acct_1' AS account, '{}' AS merchant, 1::bigint AS live; \
         GRANT ALL ON owned TO PUBLIC; \
         CREATE FUNCTION pg_temp.current_setting(text, boolean) RETURNS text LANGUAGE sql AS 'SELECT ''''::text'; \
         SET search_path TO pg_temp, {schema}, pg_catalog",
        id("mer", 2)
    );
    thief.batch_execute(&trojan).unwrap();
    check(&mut thief, "search path");
    thief
        .batch_execute("CREATE TEMP VIEW seen AS SELECT * FROM cases")
        .unwrap();
    assert_eq!(count(&mut thief, "SELECT 1 FROM seen"), 1);
    // A condition that would tell of a row before the policy hides it.
    let leak = "CREATE FUNCTION pg_temp.leak(text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS \
        $$ BEGIN IF $1 <> 'acct_2' THEN RAISE EXCEPTION 'saw %', $1; END IF; RETURN true; END $$";
    thief.batch_execute(leak).unwrap();
    assert_eq!(
        count(
            &mut thief,
            "SELECT 1 FROM cases WHERE pg_temp.leak(account)"
        ),
        1
    );
    let divided =
        "SELECT 1 FROM cases WHERE 1 / (CASE WHEN account = 'acct_2' THEN 1 ELSE 0 END) = 1";
    assert_eq!(count(&mut thief, divided), 1);
    let mut copied = String::new();
    thief
        .copy_out("COPY cases TO STDOUT")
        .unwrap()
        .read_to_string(&mut copied)
        .unwrap();
    assert!(
        copied.contains("acct_2") && !copied.contains("acct_1"),
        "{copied}"
    );
    // A role that it has is its own; every other, and every change, is refused.
    thief.batch_execute("RESET ROLE").unwrap();
    check(&mut thief, "role reset");
    let refused = [
        "SET ROLE postgres",
        "SET SESSION AUTHORIZATION postgres",
        "SET row_security = off; SELECT 1 FROM cases",
        "ALTER TABLE cases DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE cases NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY sight ON cases",
        "CREATE POLICY mine ON cases USING (true)",
        "UPDATE owned SET merchant = current_setting('docket.merchant')",
        "INSERT INTO owned VALUES ('acme', 'acct_1', current_setting('docket.merchant'), 1)",
        "DELETE FROM cases",
        "TRUNCATE cases",
        "COPY cases FROM STDIN",
        "CREATE TRIGGER mine BEFORE INSERT ON cases FOR EACH ROW EXECUTE FUNCTION append_only()",
        "SELECT pg_read_file('/etc/hostname')",
    ];
    thief
        .batch_execute(&format!("DISCARD TEMP; SET search_path TO {schema}"))
        .unwrap();
    for sql in refused {
        assert!(thief.batch_execute(sql).is_err(), "{sql}");
        thief.batch_execute("RESET row_security").unwrap();
    }
    let there = format!("CREATE TABLE {schema}.mine (x int)");
    assert!(thief.batch_execute(&there).is_err(), "{there}");
    let (views, definers) = (
        "SELECT 1 FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('v', 'm')",
        "SELECT 1 FROM pg_proc WHERE pronamespace = current_schema()::regnamespace AND prosecdef",
    );
    assert_eq!(
        count(&mut thief, views) + count(&mut thief, definers),
        0,
        "nothing reads with its owner's rights"
    );
}

/// A desk of an ordinary owner, not a superuser: FORCE binds it, and the desk works all the same.
#[test]
fn the_owner_is_bound_too() {
    let Some(place) = Place::pg("the_owner_is_bound_too") else {
        return;
    };
    let schema = place.server().unwrap().1.to_owned();
    let owner = Login::new(&place, "owner", "CREATEROLE");
    place
        .past(&format!(
            "CREATE SCHEMA {schema} AUTHORIZATION {}",
            owner.name
        ))
        .unwrap();
    let open =
        || store::pg::Store::connect_in(&owner.url(), &schema, Keys::known_to_everybody()).unwrap();
    let mut store = open();
    store.migrate().unwrap();
    desk(&mut store);
    assert_eq!(store.check().unwrap(), [""; 0]);
    assert_eq!(store.list_cases(&query()).unwrap().rows.len(), 3);
    store
        .look_as(&Sight::Merchant {
            id: id("mer", 1),
            live: true,
        })
        .unwrap();
    assert_eq!(store.list_cases(&query()).unwrap().rows.len(), 1);
    store.look_as(&Sight::All).unwrap();
    assert_eq!(store.list_cases(&query()).unwrap().rows.len(), 3);
    let mut client = owner.client();
    assert_eq!(count(&mut client, "SELECT 1 FROM cases"), 3);
    client
        .batch_execute(&format!(
            "SET docket.merchant = '{}'; SET docket.mode = 'live'",
            id("mer", 1)
        ))
        .unwrap();
    for table in TABLES {
        assert_eq!(
            count(
                &mut client,
                &format!("SELECT 1 FROM {table} WHERE account <> 'acct_1'")
            ),
            0,
            "{table}"
        );
    }
    // Somebody takes the wall down: the check says so.
    place
        .past("ALTER TABLE cases NO FORCE ROW LEVEL SECURITY")
        .unwrap();
    assert_eq!(
        store.check().unwrap(),
        ["row-level security is not in force on table cases"]
    );
}

/// Whose user may not make roles has a desk all the same, is told, and the store itself still filters.
#[test]
fn without_the_right_to_make_roles_the_store_filters_alone() {
    let Some(place) = Place::pg("without_the_right_to_make_roles_the_store_filters_alone") else {
        return;
    };
    let schema = place.server().unwrap().1.to_owned();
    let owner = Login::new(&place, "plain", "");
    place
        .past(&format!(
            "CREATE SCHEMA {schema} AUTHORIZATION {}",
            owner.name
        ))
        .unwrap();
    let mut store =
        store::pg::Store::connect_in(&owner.url(), &schema, Keys::known_to_everybody()).unwrap();
    store.migrate().unwrap();
    desk(&mut store);
    let told = store.check().unwrap();
    assert!(
        told.contains(&"row-level security is not in force on table cases".to_owned()),
        "{told:?}"
    );
    store
        .look_as(&Sight::Merchant {
            id: id("mer", 1),
            live: true,
        })
        .unwrap();
    assert_eq!(store.list_cases(&query()).unwrap().rows.len(), 1);
    assert_eq!(store.documents_from(1, 9).unwrap().len(), 1);
}
