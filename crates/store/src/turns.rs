//! The queue of those who write one SQLite file.
//!
//! SQLite lets whoever asks at the right moment write, and the others sleep up to a tenth of a second between asking: one that
//! writes without pause keeps them out for seconds. Within this process writers come in order instead, and those at the door
//! first: a provider waits for them, and nobody waits for the books. Between processes SQLite's own lock decides as ever.

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

/// The queue of each open file.
static QUEUES: Mutex<BTreeMap<PathBuf, Weak<Turns>>> = Mutex::new(BTreeMap::new());

/// So many turns in a row the door may have while others wait: the books follow a storm of documents and do not stop for it.
const AT_DOOR_MAX: u32 = 32;

/// After a turn of the door the books wait so long for its next, which callers send when they have their answers. A turn of the
/// books takes up to half a second, and would else stand between any two of the door.
const LINGER: Duration = Duration::from_millis(2);

/// Far beyond every wait.
const FOREVER: Duration = Duration::from_secs(3_600);

/// What a writer writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Writer {
    /// Documents only.
    Door,
    Books,
}

/// Who waits for one file, and whether somebody writes.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    queue: Mutex<Queue>,
    moved: Condvar,
}

#[derive(Debug, Default)]
struct Queue {
    taken: bool,
    tickets: u64,
    door: VecDeque<u64>,
    books: VecDeque<u64>,
    /// Turns of the door since the last of the books, and when the last of them ended.
    at_door: u32,
    left_door: Option<Instant>,
}

/// The right to write; given on when dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    turns: Arc<Turns>,
    writer: Writer,
}

impl Turns {
    /// The queue of a file. Two paths to one file have one queue.
    pub(crate) fn of(path: &Path) -> Arc<Turns> {
        // Where it cannot be told, SQLite's own lock still holds.
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let mut queues = QUEUES.lock().unwrap_or_else(PoisonError::into_inner);
        queues.retain(|_, turns| turns.strong_count() > 0);
        if let Some(turns) = queues.get(&path).and_then(Weak::upgrade) {
            return turns;
        }
        let turns = Arc::new(Turns::default());
        queues.insert(path, Arc::downgrade(&turns));
        turns
    }

    /// Waits for a turn; `None` when the time is over.
    pub(crate) fn take(self: &Arc<Turns>, writer: Writer, at_most: Duration) -> Option<Turn> {
        let asked = Instant::now();
        let mut queue = self.queue();
        let ticket = queue.stand_in_line(writer);
        while queue.next(Instant::now()) != Some(ticket) {
            let left = at_most.saturating_sub(asked.elapsed());
            if left.is_zero() {
                break;
            }
            // Nobody says when the books have waited long enough for the door.
            let wait = match queue.next(asked + FOREVER) == Some(ticket) {
                true => left.min(LINGER),
                false => left,
            };
            let waited = self.moved.wait_timeout(queue, wait);
            (queue, _) = waited.unwrap_or_else(PoisonError::into_inner);
        }
        let taken = queue.next(Instant::now()) == Some(ticket);
        queue.leave_line(ticket, writer, taken);
        drop(queue);
        if !taken {
            // Who stood behind may be the first now.
            self.moved.notify_all();
        }
        taken.then(|| Turn {
            turns: Arc::clone(self),
            writer,
        })
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    fn stand_in_line(&mut self, writer: Writer) -> u64 {
        self.tickets += 1;
        match writer {
            Writer::Door => self.door.push_back(self.tickets),
            Writer::Books => self.books.push_back(self.tickets),
        }
        self.tickets
    }

    /// Whose turn it is; nobody's while somebody writes.
    fn next(&self, now: Instant) -> Option<u64> {
        let (door, books) = (self.door.front(), self.books.front());
        let enough = self.at_door >= AT_DOOR_MAX;
        let lately = |left: Instant| now.saturating_duration_since(left) < LINGER;
        let first = match (door, books) {
            (Some(_), Some(_)) if enough => books,
            (Some(_), _) => door,
            (None, Some(_)) if !enough && self.left_door.is_some_and(lately) => None,
            (None, books) => books,
        };
        first.filter(|_| !self.taken).copied()
    }

    fn leave_line(&mut self, ticket: u64, writer: Writer, taken: bool) {
        let line = match writer {
            Writer::Door => &mut self.door,
            Writer::Books => &mut self.books,
        };
        line.retain(|other| *other != ticket);
        if taken {
            self.taken = true;
            self.at_door = match writer {
                Writer::Door => self.at_door.saturating_add(1),
                Writer::Books => 0,
            };
            self.left_door = None;
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut queue = self.turns.queue();
        queue.taken = false;
        queue.left_door = (self.writer == Writer::Door).then(Instant::now);
        drop(queue);
        self.turns.moved.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The order in which those who wait have their turns.
    #[track_caller]
    fn check(waiting: &[Writer], expected: &[u64]) {
        let mut queue = Queue::default();
        for writer in waiting {
            queue.stand_in_line(*writer);
        }
        let mut order = Vec::new();
        let now = Instant::now();
        while let Some(ticket) = queue.next(now) {
            let writer = match queue.door.contains(&ticket) {
                true => Writer::Door,
                false => Writer::Books,
            };
            queue.leave_line(ticket, writer, true);
            assert_eq!(queue.next(now), None, "one at a time");
            queue.taken = false;
            order.push(ticket);
        }
        assert_eq!(order, expected, "{waiting:?}");
    }

    #[test]
    fn the_door_goes_first_and_the_books_are_not_forgotten() {
        use Writer::{Books, Door};
        check(&[], &[]);
        check(&[Books, Books], &[1, 2]);
        check(&[Books, Door, Books, Door], &[2, 4, 1, 3]);
        let storm: Vec<Writer> = core::iter::once(Books).chain([Door; 34]).collect();
        let turns: Vec<u64> = (2..=33).chain([1, 34, 35]).collect();
        check(&storm, &turns);
    }

    #[test]
    fn the_books_wait_a_moment_for_the_doors_next_turn() {
        let left = Instant::now();
        let mut queue = Queue {
            left_door: Some(left),
            ..Queue::default()
        };
        let books = queue.stand_in_line(Writer::Books);
        assert_eq!(queue.next(left), None);
        assert_eq!(queue.next(left + LINGER), Some(books));
        let door = queue.stand_in_line(Writer::Door);
        assert_eq!(queue.next(left), Some(door));
        queue.at_door = AT_DOOR_MAX;
        assert_eq!(queue.next(left), Some(books));
    }

    #[test]
    fn who_waited_too_long_stands_in_nobodys_way() {
        let turns = Arc::new(Turns::default());
        let first = turns.take(Writer::Books, Duration::ZERO);
        assert!(first.is_some());
        assert!(turns.take(Writer::Door, Duration::ZERO).is_none());
        drop(first);
        assert!(turns.take(Writer::Books, Duration::ZERO).is_some());
    }
}
