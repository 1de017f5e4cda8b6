//! The teller: publishes what became known and sends it to whoever listens, apart from the worker so that a storm of
//! documents does not wait for receivers.

use super::health::Alive;
use super::metrics::Counts;
use crate::command::now;
use api::object::event::Events;
use app::Desk;
use app::deliver::{Heard, Parcel, UnderWay, Verdict, WayOut, random};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// Attempts under way at once. Most of their time is waiting; a receiver has 15 seconds.
const AT_ONCE: usize = 32;
/// How often the desk is looked at. What is held is released at four a second.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// After a round that failed.
const REST: Duration = Duration::from_secs(5);

/// The teller and its thread.
pub struct Teller {
    words: Sender<Word>,
    thread: JoinHandle<()>,
}

/// What the teller waits for.
enum Word {
    /// An attempt ended.
    Heard(Box<(Parcel, Heard)>),
    Stop,
}

struct Rounds {
    desk: Desk,
    way: WayOut,
    /// Names this process among those that publish and send.
    holder: String,
    under_way: UnderWay,
    words: (Sender<Word>, Receiver<Word>),
    counts: Counts,
    _alive: Alive,
}

impl Teller {
    pub fn start(desk: Desk, alive: Alive, counts: Counts) -> Teller {
        let words = channel();
        let way = WayOut::open(&desk.settings.process.webhooks);
        let said = words.0.clone();
        let rounds = Rounds {
            desk,
            way,
            holder: format!("{}/{:08x}", std::process::id(), random()),
            under_way: UnderWay::default(),
            words,
            counts,
            _alive: alive,
        };
        Teller {
            words: said,
            thread: std::thread::spawn(move || rounds.run()),
        }
    }

    /// Begins nothing more and hears out what is under way.
    pub fn stop(self) {
        // A teller that ended in a panic hears nothing any more, which joining it says.
        let _stopping = self.words.send(Word::Stop);
        if self.thread.join().is_err() {
            tracing::error!("the teller ended in a panic");
        }
    }
}

impl Rounds {
    fn run(mut self) {
        let mut stopping = false;
        while !stopping {
            let wait = match self.round() {
                Ok(true) => Duration::ZERO,
                Ok(false) => LOOK_EVERY,
                Err(error) => {
                    let error = error.chain();
                    tracing::error!(error, "a round of telling failed; it is taken again");
                    REST
                }
            };
            // Whoever answered makes room for the next, so that an endpoint is told as fast as it listens.
            let first = self.words.1.recv_timeout(wait).ok();
            let more: Vec<Word> = self.words.1.try_iter().collect();
            for word in first.into_iter().chain(more) {
                stopping |= self.hear(word);
            }
        }
        while self.under_way.count() > 0 {
            let Ok(word) = self.words.1.recv() else {
                break;
            };
            self.hear(word);
        }
        if let Err(error) = self.desk.stop_sending(&self.holder, now()) {
            tracing::error!(
                error = error.chain(),
                "the right to send was not given back"
            );
        }
    }

    /// Whether that was the word to stop.
    fn hear(&mut self, word: Word) -> bool {
        match word {
            Word::Heard(heard) => {
                self.settle(&heard.0, &heard.1);
                false
            }
            Word::Stop => true,
        }
    }

    /// Whether there is more to publish at once.
    fn round(&mut self) -> Result<bool, app::Error> {
        let published = self.desk.publish(&Events, &self.holder, now())?;
        let room = AT_ONCE.saturating_sub(self.under_way.count());
        let parcels = self
            .desk
            .parcels(&Events, &mut self.under_way, &self.holder, now(), room)?;
        let begun = parcels.len();
        for parcel in parcels {
            let (way, words) = (self.way.clone(), self.words.0.clone());
            std::thread::spawn(move || {
                let heard = way.post(&parcel);
                // Nobody listens any more only when the process ends.
                let _heard = words.send(Word::Heard(Box::new((parcel, heard))));
            });
        }
        if published.events > 0 || begun > 0 {
            tracing::info!(
                events = published.events,
                deliveries = published.deliveries,
                begun,
                "told"
            );
        }
        Ok(published.more)
    }

    fn settle(&mut self, parcel: &Parcel, heard: &Heard) {
        let settled = self
            .desk
            .settle(&mut self.under_way, parcel, heard, now(), random());
        match settled {
            Ok(verdict) => {
                self.counts.told(word(verdict));
                tracing::debug!(
                    endpoint = parcel.endpoint,
                    event = parcel.event,
                    number = parcel.number,
                    ?verdict,
                    "heard"
                );
            }
            Err(error) => tracing::error!(
                endpoint = parcel.endpoint,
                event = parcel.event,
                error = error.chain(),
                "an answer was not noted; the event is sent again"
            ),
        }
    }
}

/// What became of an attempt, as a label.
fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Next { .. } => "again",
        Verdict::Delivered => "delivered",
        Verdict::Parked => "parked",
        Verdict::DisableEndpoint => "disabled",
        Verdict::Held => "held",
        Verdict::Overtaken => "overtaken",
    }
}
