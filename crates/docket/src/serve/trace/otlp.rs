//! Telling spans to a collector: OTLP over HTTP in binary protobuf, in batches, from a thread of its own.
//!
//! The six message types that a span needs are written here by hand (`opentelemetry-proto`, `trace/v1/trace.proto`, whose
//! field numbers never change); see decision 0019. Nothing waits for the collector: what it does not take in time is dropped.

use reqwest::blocking::Client;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Spans that may wait to be told; some 10 MB at most. Beyond it they are dropped.
const WAITING_MAX: usize = 16_384;
/// The usual bound of collectors' clients.
const BATCH_MAX: usize = 512;
const TELL_EVERY: Duration = Duration::from_secs(1);
/// A collector that takes longer than this for a batch is down.
const ANSWERED_WITHIN: Duration = Duration::from_secs(5);
/// A collector that is down is complained of so often.
const COMPLAIN_EVERY: Duration = Duration::from_secs(60);

/// A finished span.
#[derive(Clone, Debug)]
pub struct Span {
    pub trace: u128,
    pub id: u64,
    /// 0: none.
    pub parent: u64,
    pub name: &'static str,
    /// Whether it stands for work that somebody outside asked for.
    pub root: bool,
    pub began_at: SystemTime,
    pub took: Duration,
    pub words: Vec<(&'static str, Word)>,
}

/// The value of an attribute.
#[derive(Clone, Debug)]
pub enum Word {
    Text(String),
    Number(i64),
}

enum Said {
    Ended(Box<Span>),
    /// Tell everything and answer.
    Flush(SyncSender<()>),
}

/// The way to a collector.
#[derive(Clone)]
pub struct Exporter(SyncSender<Said>);

impl Exporter {
    /// `endpoint` is the collector's base, such as `http://127.0.0.1:4318`; spans go to `/v1/traces` below it.
    pub fn start(endpoint: &str) -> Result<Exporter, String> {
        let client = Client::builder()
            .timeout(ANSWERED_WITHIN)
            .no_proxy()
            .build()
            .map_err(|error| error.to_string())?;
        let url = format!("{}/v1/traces", endpoint.trim_end_matches('/'));
        let (tell, told) = sync_channel(WAITING_MAX);
        std::thread::spawn(move || {
            Telling {
                client,
                url,
                waiting: Vec::new(),
                complained: None,
            }
            .run(&told);
        });
        Ok(Exporter(tell))
    }

    /// Never waits.
    pub fn tell(&self, span: Span) {
        match self.0.try_send(Said::Ended(Box::new(span))) {
            // More than a collector can take: a trace with holes is better than a request that waits.
            Ok(()) | Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {}
        }
    }

    /// Waits until what was told before has been sent, or given up.
    pub fn flush(&self) {
        let (done, heard) = sync_channel(1);
        if self.0.send(Said::Flush(done)).is_ok() {
            let _told_or_gone = heard.recv_timeout(ANSWERED_WITHIN * 2);
        }
    }
}

struct Telling {
    client: Client,
    url: String,
    waiting: Vec<Span>,
    complained: Option<Instant>,
}

impl Telling {
    fn run(mut self, told: &Receiver<Said>) {
        let mut since = Instant::now();
        loop {
            let left = TELL_EVERY.saturating_sub(since.elapsed());
            match told.recv_timeout(left) {
                Ok(Said::Ended(span)) => self.waiting.push(*span),
                Ok(Said::Flush(done)) => {
                    self.send();
                    // Whoever asked may have stopped waiting.
                    let _heard = done.send(());
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return self.send(),
            }
            if self.waiting.len() >= BATCH_MAX || since.elapsed() >= TELL_EVERY {
                self.send();
                since = Instant::now();
            }
        }
    }

    fn send(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        let spans = std::mem::take(&mut self.waiting);
        let sent = self
            .client
            .post(&self.url)
            .header("content-type", "application/x-protobuf")
            .body(request(&spans))
            .send();
        let trouble = match sent {
            Ok(answer) if answer.status().is_success() => return,
            Ok(answer) => format!("it answered {}", answer.status().as_u16()),
            Err(error) => error.without_url().to_string(),
        };
        if self
            .complained
            .is_none_or(|at| at.elapsed() >= COMPLAIN_EVERY)
        {
            self.complained = Some(Instant::now());
            tracing::warn!(trouble, spans = spans.len(), "the collector took no spans");
        }
    }
}

/// `ExportTraceServiceRequest`: one resource, one scope, these spans.
fn request(spans: &[Span]) -> Vec<u8> {
    let mut scope_spans = Message::default();
    scope_spans.message(1, Message::default().text(1, "docket"));
    for one in spans {
        scope_spans.message(2, &mut span(one));
    }
    let mut resource = Message::default();
    let named = [
        ("service.name", "docket"),
        ("service.version", env!("CARGO_PKG_VERSION")),
    ];
    for (key, value) in named {
        resource.message(1, &mut attribute(key, &Word::Text(value.to_owned())));
    }
    let mut resource_spans = Message::default();
    resource_spans
        .message(1, &mut resource)
        .message(2, &mut scope_spans);
    let mut request = Message::default();
    request.message(1, &mut resource_spans);
    request.0
}

/// `Span`. Its kind is server (2) for a request and internal (1) otherwise.
fn span(span: &Span) -> Message {
    let mut message = Message::default();
    message
        .bytes(1, &span.trace.to_be_bytes())
        .bytes(2, &span.id.to_be_bytes());
    if span.parent != 0 {
        message.bytes(4, &span.parent.to_be_bytes());
    }
    let began = span.began_at.duration_since(UNIX_EPOCH).unwrap_or_default();
    let nanos = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
    message
        .text(5, span.name)
        .number(6, if span.root { 2 } else { 1 })
        .fixed(7, nanos(began))
        .fixed(8, nanos(began + span.took));
    for (key, value) in &span.words {
        message.message(9, &mut attribute(key, value));
    }
    let failed = span
        .words
        .iter()
        .any(|(key, value)| *key == "status" && matches!(value, Word::Number(500..)));
    if failed {
        // `Status` with the code for an error.
        message.message(15, Message::default().number(3, 2));
    }
    message
}

/// `KeyValue` with an `AnyValue`.
fn attribute(key: &str, value: &Word) -> Message {
    let mut any = Message::default();
    match value {
        Word::Text(text) => any.text(1, text),
        // A negative number takes ten bytes, as protobuf has it for `int64`.
        Word::Number(number) => any.number(3, u64::from_ne_bytes(number.to_ne_bytes())),
    };
    let mut pair = Message::default();
    pair.text(1, key).message(2, &mut any);
    pair
}

/// A protobuf message being written.
#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    fn varint(&mut self, mut number: u64) {
        loop {
            let low = u8::try_from(number & 0x7f).expect("seven bits fit a byte");
            number >>= 7;
            if number == 0 {
                return self.0.push(low);
            }
            self.0.push(low | 0x80);
        }
    }

    fn number(&mut self, field: u64, number: u64) -> &mut Message {
        self.varint(field << 3);
        self.varint(number);
        self
    }

    fn fixed(&mut self, field: u64, number: u64) -> &mut Message {
        self.varint((field << 3) | 1);
        self.0.extend_from_slice(&number.to_le_bytes());
        self
    }

    fn bytes(&mut self, field: u64, bytes: &[u8]) -> &mut Message {
        self.varint((field << 3) | 2);
        self.varint(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        self.0.extend_from_slice(bytes);
        self
    }

    fn text(&mut self, field: u64, text: &str) -> &mut Message {
        self.bytes(field, text.as_bytes())
    }

    fn message(&mut self, field: u64, inner: &mut Message) -> &mut Message {
        let bytes = std::mem::take(&mut inner.0);
        self.bytes(field, &bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_the_wire_format_has_them() {
        let written = |number| {
            let mut message = Message::default();
            message.number(1, number);
            message.0
        };
        assert_eq!(written(0), [8, 0]);
        assert_eq!(written(150), [8, 0x96, 1]);
        assert_eq!(written(u64::MAX).len(), 11);
        let mut message = Message::default();
        message.text(2, "testing");
        assert_eq!(message.0, b"\x12\x07testing");
    }
}
