//! Work on many rows dealt out to the machine's cores: opening what is sealed, reading lines, questions about a whole desk.

use rayon::prelude::*;
use std::num::NonZero;
use std::thread;

/// How many threads this machine runs at once.
pub(crate) fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// Does `work` to all items, in shares of at least `least` a thread, and gives the results in the order of the items. The
/// same results, and of several errors the same first one, as one call with all items would give.
pub(crate) fn deal<T: Send, U: Send, E: Send>(
    items: Vec<T>,
    least: usize,
    work: impl Fn(Vec<T>) -> Result<Vec<U>, E> + Send + Sync,
) -> Result<Vec<U>, E> {
    let lanes = cores().min(items.len() / least.max(1));
    if lanes < 2 {
        return work(items);
    }
    let mut done = Vec::with_capacity(items.len());
    let share = items.len().div_ceil(lanes);
    let mut items = items.into_iter();
    let shares: Vec<Vec<T>> = (0..lanes)
        .map(|_| items.by_ref().take(share).collect())
        .collect();
    let worked: Vec<_> = shares.into_par_iter().map(work).collect();
    for lane in worked {
        done.extend(lane?);
    }
    Ok(done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(items: Vec<u32>, expected: Result<Vec<u32>, u32>) {
        let double = |share: Vec<u32>| {
            let one = |item: u32| {
                if item % 7 == 6 {
                    Err(item)
                } else {
                    Ok(item * 2)
                }
            };
            share.into_iter().map(one).collect()
        };
        for least in [0, 1, 2, 1_000] {
            assert_eq!(deal(items.clone(), least, double), expected, "{least}");
        }
    }

    #[test]
    fn results_come_in_order_and_the_first_error_wins() {
        check(Vec::new(), Ok(Vec::new()));
        check((0..6).collect(), Ok((0..6).map(|item| item * 2).collect()));
        check((0..100).collect(), Err(6));
    }
}
