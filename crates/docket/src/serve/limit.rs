//! How much is taken of whom: rates, requests under way, and what one request may cost.
//!
//! All of it is counted in this process's memory: behind a balancer over several processes a key has as many times as much,
//! and a restart forgets. Nothing here decides who somebody is; a key that is none has its address's budget.

pub mod layer;

use app::settings::process::{Limits, Rate};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

const NANOS: u64 = 1_000_000_000;
/// Callers remembered at once, at about 100 bytes each. Beyond it those who rest are forgotten, which costs nothing; if all
/// are busy, newcomers share one budget.
const CALLERS_MAX: usize = 100_000;
/// Requests of one address that may be refused for who sends them: guessing keys is slow, a rotated key is noticed.
const REFUSED: Rate = Rate {
    per_second: 5,
    burst: 50,
};

/// Who asks, as far as a budget is concerned.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Caller {
    /// A well-formed API key or session, by a hash.
    Holder(u64),
    Address(IpAddr),
    /// Whoever came when too many were busy.
    Everybody,
}

/// What a request does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Read,
    Write,
}

/// A budget after a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    pub limit: u64,
    pub remaining: u64,
    /// Whole seconds until it is full again.
    pub full_in: u64,
}

/// Why a request is not taken now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The budget is used up; the next request fits after so many whole seconds.
    Rate { budget: Budget, retry_after: u64 },
    /// Too many requests of this caller are under way.
    Concurrency,
    /// Too many requests of everybody are under way.
    Overload,
    /// Too many requests of this address were refused for who sent them.
    Guessing { retry_after: u64 },
}

/// A token bucket kept as the one instant at which it will be full again (GCRA): nothing has to refill it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bucket {
    /// Nanoseconds since the limiter began.
    full_at: u64,
}

impl Bucket {
    const FULL: Bucket = Bucket { full_at: 0 };

    fn interval(rate: Rate) -> u64 {
        (NANOS / rate.per_second.max(1)).max(1)
    }

    fn budget(self, rate: Rate, now: u64) -> Budget {
        let interval = Bucket::interval(rate);
        let missing = self.full_at.saturating_sub(now);
        Budget {
            limit: rate.burst,
            remaining: rate.burst.saturating_sub(missing.div_ceil(interval)),
            full_in: missing.div_ceil(NANOS),
        }
    }

    /// Takes one token, or says after how many nanoseconds there is one.
    fn take(&mut self, rate: Rate, now: u64) -> Result<(), u64> {
        let interval = Bucket::interval(rate);
        let after = self.full_at.max(now).saturating_add(interval);
        let most = now.saturating_add(interval.saturating_mul(rate.burst));
        if after > most {
            return Err(after.saturating_sub(most));
        }
        self.full_at = after;
        Ok(())
    }
}

#[derive(Clone, Copy, Debug)]
struct Account {
    reads: Bucket,
    writes: Bucket,
    refused: Bucket,
    under_way: usize,
}

impl Account {
    const NEW: Account = Account {
        reads: Bucket::FULL,
        writes: Bucket::FULL,
        refused: Bucket::FULL,
        under_way: 0,
    };

    fn rests(&self, now: u64) -> bool {
        let full = |bucket: Bucket| bucket.full_at <= now;
        self.under_way == 0 && full(self.reads) && full(self.writes) && full(self.refused)
    }
}

#[derive(Debug)]
struct Counted {
    callers: BTreeMap<Caller, Account>,
    under_way: usize,
    /// When those who rest may be looked for again, in nanoseconds.
    sweep_from: u64,
}

/// The limiter of one process.
#[derive(Clone, Debug)]
pub struct Limiter {
    limits: Limits,
    counted: Arc<Mutex<Counted>>,
}

/// One request that was let in; it counts as under way until this is dropped.
#[derive(Debug)]
pub struct Under {
    limiter: Limiter,
    caller: Caller,
    pub budget: Budget,
}

impl Limiter {
    pub fn new(limits: Limits) -> Limiter {
        let counted = Counted {
            callers: BTreeMap::new(),
            under_way: 0,
            sweep_from: 0,
        };
        Limiter {
            limits,
            counted: Arc::new(Mutex::new(counted)),
        }
    }

    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Lets a request in, or says why not. `now` counts nanoseconds from any beginning.
    pub fn enter(
        &self,
        caller: Caller,
        address: IpAddr,
        kind: Kind,
        now: u64,
    ) -> Result<Under, Refusal> {
        let mut counted = self.counted();
        if counted.under_way >= self.limits.under_way {
            return Err(Refusal::Overload);
        }
        if let Some(guessing) = counted.callers.get(&Caller::Address(address)) {
            let mut probe = guessing.refused;
            if let Err(wait) = probe.take(REFUSED, now) {
                let retry_after = wait.div_ceil(NANOS);
                return Err(Refusal::Guessing { retry_after });
            }
        }
        let caller = counted.known(caller, now);
        let account = counted
            .callers
            .entry(caller.clone())
            .or_insert(Account::NEW);
        if account.under_way >= self.limits.per_key {
            return Err(Refusal::Concurrency);
        }
        let (bucket, rate) = match kind {
            Kind::Read => (&mut account.reads, self.limits.reads),
            Kind::Write => (&mut account.writes, self.limits.writes),
        };
        let taken = bucket.take(rate, now);
        let budget = bucket.budget(rate, now);
        if let Err(wait) = taken {
            let retry_after = wait.div_ceil(NANOS);
            return Err(Refusal::Rate {
                budget,
                retry_after,
            });
        }
        account.under_way += 1;
        counted.under_way += 1;
        drop(counted);
        Ok(Under {
            limiter: self.clone(),
            caller,
            budget,
        })
    }

    /// Notes that a request of this address was refused for who sent it.
    pub fn refused(&self, address: IpAddr, now: u64) {
        let mut counted = self.counted();
        let caller = counted.known(Caller::Address(address), now);
        let account = counted.callers.entry(caller).or_insert(Account::NEW);
        // An empty bucket stays empty: this request was let in while it had something.
        let _empty = account.refused.take(REFUSED, now);
    }

    fn counted(&self) -> MutexGuard<'_, Counted> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counted {
    /// The caller, or `Everybody` when there is no room to remember one more.
    fn known(&mut self, caller: Caller, now: u64) -> Caller {
        if self.callers.len() >= CALLERS_MAX && !self.callers.contains_key(&caller) {
            // Looking for those who rest reads all of them, so a crowd of newcomers has it done once a second and not each.
            if now >= self.sweep_from {
                self.sweep_from = now.saturating_add(NANOS);
                self.callers.retain(|_, account| !account.rests(now));
            }
            if self.callers.len() >= CALLERS_MAX {
                return Caller::Everybody;
            }
        }
        caller
    }
}

impl Drop for Under {
    fn drop(&mut self) {
        let mut counted = self.limiter.counted();
        counted.under_way = counted.under_way.saturating_sub(1);
        if let Some(account) = counted.callers.get_mut(&self.caller) {
            account.under_way = account.under_way.saturating_sub(1);
        }
    }
}

/// Rows that a query asks for, times one more than the paths it expands; refused above the bound.
pub fn cost(query: &str) -> u64 {
    let mut rows: u64 = 10;
    let mut paths: u64 = 0;
    for pair in query.split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        if name == "limit" {
            // What is no number is refused where the parameter is read.
            rows = value.parse().unwrap_or(rows);
        } else if name.starts_with("expand") {
            // A path of several steps asks for as many objects.
            let steps = value.split('.').count();
            paths = paths.saturating_add(u64::try_from(steps).unwrap_or(u64::MAX));
        }
    }
    rows.saturating_mul(paths.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    fn limiter() -> Limiter {
        let mut limits = app::settings::Settings::none().process.limits;
        limits.reads = Rate {
            per_second: 10,
            burst: 3,
        };
        limits.per_key = 2;
        limits.under_way = 3;
        limits.request = Duration::from_secs(1);
        Limiter::new(limits)
    }

    fn read(limiter: &Limiter, who: u64, now: u64) -> Result<Under, Refusal> {
        limiter.enter(Caller::Holder(who), HOME, Kind::Read, now)
    }

    #[test]
    fn a_burst_is_taken_and_then_the_rate() {
        let limiter = limiter();
        let now = 5 * NANOS;
        let left: Vec<u64> = (0..3)
            .map(|_| read(&limiter, 1, now).unwrap().budget.remaining)
            .collect();
        assert_eq!(left, [2, 1, 0]);
        let Err(Refusal::Rate {
            budget,
            retry_after,
        }) = read(&limiter, 1, now)
        else {
            panic!("the fourth is taken");
        };
        assert_eq!((budget.limit, budget.remaining, retry_after), (3, 0, 1));
        // A tenth of a second later there is one, and only one; another caller and writes have their own budgets.
        read(&limiter, 1, now + NANOS / 10).unwrap();
        read(&limiter, 1, now + NANOS / 10).unwrap_err();
        read(&limiter, 2, now).unwrap();
        let write = limiter.enter(Caller::Holder(1), HOME, Kind::Write, now);
        assert_eq!(write.unwrap().budget.limit, limiter.limits.writes.burst);
        // After a rest the whole burst is back, and no more.
        assert_eq!(
            read(&limiter, 1, now + 60 * NANOS)
                .unwrap()
                .budget
                .remaining,
            2
        );
    }

    #[test]
    fn requests_under_way_are_bounded_for_each_and_for_all() {
        let limiter = limiter();
        let first = read(&limiter, 1, 0).unwrap();
        let _second = read(&limiter, 1, 0).unwrap();
        assert_eq!(read(&limiter, 1, 0).unwrap_err(), Refusal::Concurrency);
        let _other = read(&limiter, 2, 0).unwrap();
        assert_eq!(read(&limiter, 3, 0).unwrap_err(), Refusal::Overload);
        drop(first);
        read(&limiter, 1, 0).unwrap();
    }

    #[test]
    fn an_address_that_guesses_keys_waits_whatever_key_it_shows() {
        let limiter = limiter();
        for _ in 0..REFUSED.burst {
            read(&limiter, 1, 60 * NANOS).map(drop).unwrap_or_default();
            limiter.refused(HOME, 60 * NANOS);
        }
        let refusal = read(&limiter, 99, 60 * NANOS).unwrap_err();
        assert_eq!(refusal, Refusal::Guessing { retry_after: 1 });
        read(&limiter, 99, 61 * NANOS).unwrap();
    }

    #[test]
    fn memory_is_bounded_however_many_callers_come() {
        let limiter = limiter();
        for who in 0..200_000 {
            let _let_in = read(&limiter, who, 0);
        }
        assert!(limiter.counted().callers.len() <= CALLERS_MAX + 1);
        // Those who rest make room.
        read(&limiter, 999_999, 60 * NANOS).unwrap();
        assert!(limiter.counted().callers.len() < 10);
    }

    #[test]
    fn cost_is_rows_times_what_is_expanded() {
        let check = |query: &str, want: u64| assert_eq!(cost(query), want, "{query}");
        check("", 10);
        check("limit=100", 100);
        check(
            "limit=100&expand[]=data.charge&expand[]=data.balance_transactions",
            500,
        );
        check("limit=100&expand%5B%5D=data.charge.customer", 400);
        check("limit=18446744073709551615&expand[]=a", u64::MAX);
    }
}
