//! The data keys that seal an account's documents at rest.

use crate::{Desk, Error};
use dispute::fact::Scope;
use serde::Serialize;
use store::Store;

/// What a rotation did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Rotated {
    /// Transactions, each of which sealed at most so many rows as asked for.
    pub rounds: u64,
}

impl Desk {
    /// Gives an account a new data key and seals all its rows with it. Other processes go on meanwhile; a rotation that was
    /// interrupted is finished by the next call.
    pub fn rotate_keys(
        &mut self,
        provider: &str,
        account: &str,
        batch: u32,
    ) -> Result<Rotated, Error> {
        let scope = Scope {
            provider: provider.to_owned(),
            account: account.to_owned(),
        };
        let intake = self
            .engine
            .store
            .intake()
            .map_err(Error::store("counting documents"))?;
        if !intake.iter().any(|row| row.scope == scope) {
            return Err(Error::NoSuchAccount {
                provider: scope.provider,
                name: scope.account,
            });
        }
        let mut rounds = 0;
        loop {
            rounds += 1;
            let left = self
                .engine
                .store
                .rotate_key(&scope, batch.max(1))
                .map_err(Error::store("rotating a key"))?;
            if left == 0 {
                return Ok(Rotated { rounds });
            }
        }
    }
}
