//! The teller: publishes what became known and sends it to whoever listens, apart from the worker so that a storm of
//! documents does not wait for receivers.

use super::health::Alive;
use super::metrics::Counts;
use crate::command::now;
use api::object::event::Events;
use app::Desk;
use app::deliver::{Heard, Parcel, UnderWay, Verdict, WayOut, random};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
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
    stop: SyncSender<()>,
    thread: JoinHandle<()>,
}

type Done = (Parcel, Heard);

struct Rounds {
    desk: Desk,
    way: WayOut,
    /// Names this process among those that publish and send.
    holder: String,
    under_way: UnderWay,
    done: (Sender<Done>, Receiver<Done>),
    counts: Counts,
    _alive: Alive,
}

impl Teller {
    pub fn start(desk: Desk, alive: Alive, counts: Counts) -> Teller {
        let (stop, stopped) = sync_channel(1);
        let way = WayOut::open(&desk.settings.process.webhooks);
        let rounds = Rounds {
            desk,
            way,
            holder: format!("{}/{:08x}", std::process::id(), random()),
            under_way: UnderWay::default(),
            done: channel(),
            counts,
            _alive: alive,
        };
        Teller {
            stop,
            thread: std::thread::spawn(move || rounds.run(&stopped)),
        }
    }

    /// Begins nothing more and hears out what is under way.
    pub fn stop(self) {
        drop(self.stop);
        if self.thread.join().is_err() {
            tracing::error!("the teller ended in a panic");
        }
    }
}

impl Rounds {
    fn run(mut self, stopped: &Receiver<()>) {
        loop {
            let wait = match self.round() {
                Ok(true) => Duration::ZERO,
                Ok(false) => LOOK_EVERY,
                Err(error) => {
                    let error = error.chain();
                    tracing::error!(error, "a round of telling failed; it is taken again");
                    REST
                }
            };
            if stopped.recv_timeout(wait) == Err(RecvTimeoutError::Disconnected) {
                break;
            }
        }
        while self.under_way.count() > 0 {
            let Ok((parcel, heard)) = self.done.1.recv() else {
                break;
            };
            self.settle(&parcel, &heard);
        }
        if let Err(error) = self.desk.stop_sending(&self.holder, now()) {
            tracing::error!(
                error = error.chain(),
                "the right to send was not given back"
            );
        }
    }

    /// Whether there is more to do at once.
    fn round(&mut self) -> Result<bool, app::Error> {
        let finished: Vec<Done> = self.done.1.try_iter().collect();
        for (parcel, heard) in &finished {
            self.settle(parcel, heard);
        }
        let published = self.desk.publish(&Events, &self.holder, now())?;
        let room = AT_ONCE.saturating_sub(self.under_way.count());
        let parcels = self
            .desk
            .parcels(&Events, &mut self.under_way, &self.holder, now(), room)?;
        let begun = parcels.len();
        for parcel in parcels {
            let (way, done) = (self.way.clone(), self.done.0.clone());
            std::thread::spawn(move || {
                let heard = way.post(&parcel);
                // Nobody listens any more only when the process ends.
                let _heard = done.send((parcel, heard));
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
        Ok(published.more || !finished.is_empty())
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
