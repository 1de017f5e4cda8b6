//! A local server that follows a script: one step for every connection, in order.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// What is done with one connection; returns what it received.
pub(crate) type Script = Box<dyn FnOnce(TcpStream) -> Vec<u8> + Send>;

pub(crate) struct Server {
    address: SocketAddr,
    listener: TcpListener,
    received: Receiver<Vec<u8>>,
    thread: JoinHandle<()>,
}

impl Server {
    pub(crate) fn start(scripts: Vec<Script>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let accepting = listener.try_clone().unwrap();
        let (report, received) = channel();
        let thread = thread::spawn(move || {
            for script in scripts {
                let (stream, _) = accepting.accept().unwrap();
                // A test that ended early no longer listens.
                let _ = report.send(script(stream));
            }
        });
        Server {
            address,
            listener,
            received,
            thread,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn tls_url(&self) -> String {
        format!("https://{}", self.address)
    }

    /// What the next connection received.
    pub(crate) fn received(&self) -> Vec<u8> {
        self.received.recv().unwrap()
    }

    /// Ends the server and checks that nobody connected beyond its script.
    #[track_caller]
    pub(crate) fn check_no_more(self) {
        self.thread.join().unwrap();
        check_silent(&self.listener);
    }
}

/// Checks that nobody is waiting to be accepted.
#[track_caller]
pub(crate) fn check_silent(listener: &TcpListener) {
    listener.set_nonblocking(true).unwrap();
    let waiting = listener.accept().map_err(|error| error.kind());
    assert!(matches!(waiting, Err(ErrorKind::WouldBlock)), "{waiting:?}");
}

/// Reads one request, answers it with this text, and closes.
pub(crate) fn answer(reply: &str) -> Script {
    let reply = reply.to_owned();
    Box::new(move |mut stream| {
        let request = read_request(&mut stream);
        // A client that has read enough may be gone.
        let _ = stream.write_all(reply.as_bytes());
        request
    })
}

/// One request by its own length.
pub(crate) fn read_request(stream: &mut TcpStream) -> Vec<u8> {
    let mut all = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&all).into_owned();
        if let Some((head, _)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "));
            let length: usize = length.map_or(0, |length| length.parse().unwrap());
            if all.len() >= head.len() + 4 + length {
                return all;
            }
        }
        let got = stream.read(&mut chunk).unwrap();
        assert_ne!(got, 0, "the request broke off: {text}");
        all.extend_from_slice(&chunk[..got]);
    }
}

/// Writes piece after piece until the other side is gone.
pub(crate) fn write_until_refused(
    stream: &mut TcpStream,
    mut next: impl FnMut(&mut TcpStream) -> Vec<u8>,
) {
    loop {
        let piece = next(stream);
        if stream.write_all(&piece).is_err() {
            return;
        }
    }
}

/// Waits so long for the other side to say something, which it does not.
pub(crate) fn pace(stream: &mut TcpStream, wait: Duration) {
    stream.set_read_timeout(Some(wait)).unwrap();
    let _ = stream.read(&mut [0; 1]);
}
