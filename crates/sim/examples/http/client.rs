//! A small HTTP/1.1 client over kept connections, and timetables of requests.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// When requests leave, over how many connections.
pub struct Timetable {
    /// `None`: each connection asks again as soon as it was answered.
    every: Option<Duration>,
    lasts: Duration,
    connections: u64,
}

/// What came of it.
#[derive(Default)]
pub struct Run {
    /// Microseconds from when a request was to leave until its answer was read, of those that were answered well; sorted.
    micros: Vec<u64>,
    pub answered: u64,
    /// Answered with anything but 2xx, or not at all.
    pub refused: u64,
    took: Duration,
}

impl Timetable {
    pub fn of(per_second: u64, seconds: u64, connections: u64) -> Timetable {
        Timetable {
            every: Some(Duration::from_nanos(1_000_000_000 / per_second)),
            lasts: Duration::from_secs(seconds),
            connections,
        }
    }

    pub fn unpaced(lasts: Duration, connections: u64) -> Timetable {
        Timetable {
            every: None,
            lasts,
            connections,
        }
    }

    /// Sends what `ask` gives for each number in turn.
    pub fn run(&self, address: &str, ask: impl Fn(u64) -> Vec<u8> + Sync) -> Run {
        let next = AtomicU64::new(0);
        let begun = Instant::now();
        let mut all = thread::scope(|scope| {
            let lane = || {
                let mut connection = Connection::to(address);
                let mut own = Run::default();
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let due = match self.every {
                        Some(every) => begun + every * u32::try_from(number).unwrap(),
                        None => Instant::now(),
                    };
                    if due >= begun + self.lasts {
                        return own;
                    }
                    let request = ask(number);
                    thread::sleep(due.saturating_duration_since(Instant::now()));
                    own.note(connection.send(&request), due);
                }
            };
            let lanes: Vec<_> = (0..self.connections).map(|_| scope.spawn(lane)).collect();
            let mut all = Run::default();
            for lane in lanes {
                all.take(lane.join().unwrap());
            }
            all
        });
        all.took = begun.elapsed();
        all.micros.sort_unstable();
        all
    }
}

impl Run {
    fn note(&mut self, status: u16, due: Instant) {
        if (200..300).contains(&status) {
            self.answered += 1;
            let micros = due.elapsed().as_micros();
            self.micros.push(u64::try_from(micros).unwrap());
        } else {
            self.refused += 1;
        }
    }

    fn take(&mut self, other: Run) {
        self.micros.extend(other.micros);
        self.answered += other.answered;
        self.refused += other.refused;
    }

    /// Answered a second.
    pub fn rate(&self) -> f64 {
        self.answered as f64 / self.took.as_secs_f64()
    }

    /// In milliseconds; infinite where nothing was answered.
    pub fn percentile(&self, percent: f64) -> f64 {
        let last = self.micros.len().saturating_sub(1);
        let at = (last as f64 * percent / 100.0).round() as usize;
        self.micros
            .get(at)
            .map_or(f64::INFINITY, |micros| *micros as f64 / 1e3)
    }
}

/// One kept connection, opened again when it breaks.
pub struct Connection {
    address: String,
    stream: Option<TcpStream>,
    read: Vec<u8>,
}

impl Connection {
    pub fn to(address: &str) -> Connection {
        Connection {
            address: address.to_owned(),
            stream: None,
            read: Vec::new(),
        }
    }

    /// Sends a request and reads its answer. The status; 0 when there was none.
    pub fn send(&mut self, request: &[u8]) -> u16 {
        match self.exchange(request) {
            Some(status) => status,
            None => {
                self.stream = None;
                0
            }
        }
    }

    fn exchange(&mut self, request: &[u8]) -> Option<u16> {
        if self.stream.is_none() {
            let stream = TcpStream::connect(&self.address).ok()?;
            stream.set_nodelay(true).ok()?;
            stream
                .set_read_timeout(Some(Duration::from_secs(30)))
                .ok()?;
            self.stream = Some(stream);
        }
        let stream = self.stream.as_mut()?;
        stream.write_all(request).ok()?;
        self.read.clear();
        let mut buffer = [0_u8; 16_384];
        loop {
            let count = stream.read(&mut buffer).ok().filter(|count| *count > 0)?;
            self.read.extend_from_slice(&buffer[..count]);
            if let Some(length) = whole(&self.read)
                && self.read.len() >= length
            {
                let status = self.read.get(9..12)?;
                return std::str::from_utf8(status).ok()?.parse().ok();
            }
        }
    }
}

/// How long an answer is by its head, once that is there.
fn whole(read: &[u8]) -> Option<usize> {
    let head = read.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&read[..head]).ok()?;
    let line = text.lines().find_map(|line| {
        line.to_ascii_lowercase()
            .strip_prefix("content-length:")
            .map(str::to_owned)
    });
    let length: usize = line.map_or(0, |line| line.trim().parse().unwrap());
    Some(head + length)
}
