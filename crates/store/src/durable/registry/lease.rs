//! Leases: one holder at a time, and a token that grows with every new one.

use super::{Durable, change};
use crate::Error;
use crate::database::{Database, Value};
use crate::rows;
use calendar::Instant;

const DOING: &str = "taking a lease";

/// A holder that renews in time keeps its token. One that comes back after its end gets a new one: somebody may have acted
/// meanwhile in the belief that it was gone.
pub(super) fn take<D: Database>(
    store: &mut Durable<D>,
    name: &str,
    holder: &str,
    now: Instant,
    until: Instant,
) -> Result<Option<u64>, Error> {
    change(store, DOING, None, |database, _| {
        let sql = "SELECT holder, token, until FROM leases WHERE name = $1";
        let token = match database.query(DOING, sql, &[Value::from(name)])?.pop() {
            None => 1,
            Some(mut row) => {
                let before = row.text("holder")?;
                let token: u64 = row.number("token")?;
                let runs = rows::instant(&mut row, "until")? > now;
                match (runs, before == holder) {
                    (true, true) => token,
                    (true, false) => return Ok(None),
                    (false, _) => token.saturating_add(1),
                }
            }
        };
        let sql = "INSERT INTO leases (name, holder, token, until) VALUES ($1, $2, $3, $4) \
            ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, token = excluded.token, \
            until = excluded.until";
        let values = [
            Value::from(name),
            Value::from(holder),
            rows::count(token),
            rows::micros(until),
        ];
        database.execute(DOING, sql, &values)?;
        Ok(Some(token))
    })
}

pub(super) fn holds<D: Database>(
    store: &mut Durable<D>,
    name: &str,
    token: u64,
) -> Result<bool, Error> {
    let sql = "SELECT token FROM leases WHERE name = $1 AND token = $2";
    let values = [Value::from(name), rows::count(token)];
    Ok(!store.database.query(DOING, sql, &values)?.is_empty())
}
