//! A mix of everything for a while: reads, lists, webhooks in, and events told to an endpoint on this machine; and the memory
//! of the serving process at its quarters.

use super::client::{Connection, Run, Timetable};
use super::desk::{Desk, Serving};
use super::{Options, load, scattered, show};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

/// Of each kind a second: about a tenth of what the machine could do, so that what grows is not a queue.
const READS: u64 = 50;
const LISTS: u64 = 10;
const WEBHOOKS: u64 = 100;

pub fn run(options: &Options, desk: &mut Desk, serving: &Serving) {
    let (url, told) = receiver();
    let form = format!("url={url}&enabled_events[]=*");
    let mut connection = Connection::to(&serving.address);
    let status = connection.send(&desk.post("/v1/webhook_endpoints", &form));
    let listening = status == 200;
    if !listening {
        println!("  soak: no endpoint could be made (status {status}), so nothing is told");
    }
    let seconds = options.soak.as_secs();
    let first = desk.fresh(WEBHOOKS * seconds);
    let mut megabytes = vec![serving.megabytes()];
    let desk = &*desk;
    let runs = thread::scope(|scope| {
        let paced = |rate, ask: fn(&Desk, i64, u64) -> Vec<u8>| {
            scope.spawn(move || {
                Timetable::of(rate, seconds, 4)
                    .run(&serving.address, |number| ask(desk, first, number))
            })
        };
        let lanes = [
            ("read", paced(READS, read)),
            ("list", paced(LISTS, list)),
            ("webhook", paced(WEBHOOKS, Desk::webhook)),
        ];
        for _quarter in 0..4 {
            thread::sleep(options.soak / 4);
            megabytes.push(serving.megabytes());
        }
        lanes.map(|(name, lane)| (name, lane.join().unwrap()))
    });
    report(&runs);
    forget_endpoints(desk, &serving.address);
    let words: Vec<String> = megabytes.iter().map(u64::to_string).collect();
    println!(
        "  soak of {seconds} s: {} MB resident at its start and quarters; {} events told",
        words.join(", "),
        told.load(Ordering::Relaxed)
    );
}

/// A desk that is kept would go on telling somebody who is gone, and the next run would be measured beside that.
fn forget_endpoints(desk: &Desk, address: &str) {
    let ask = |request: &[u8]| {
        let request = String::from_utf8(request.to_vec()).unwrap();
        let last = request.replacen("\r\n", "\r\nconnection: close\r\n", 1);
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(last.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        answer
    };
    let all = ask(&desk.get("/v1/webhook_endpoints?limit=100"));
    for word in all.split('"').filter(|word| word.starts_with("we_")) {
        ask(&desk.delete(&format!("/v1/webhook_endpoints/{word}")));
    }
}

fn report(runs: &[(&str, Run)]) {
    for (name, run) in runs {
        show(&format!("soak, {name}"), run, None);
    }
}

fn read(desk: &Desk, _: i64, number: u64) -> Vec<u8> {
    let name = load::name(scattered(number, desk.cases));
    desk.get(&format!("/v1/disputes/{name}"))
}

fn list(desk: &Desk, _: i64, number: u64) -> Vec<u8> {
    let after = load::name(scattered(number, desk.cases));
    desk.get(&format!("/v1/disputes?limit=20&starting_after={after}"))
}

/// Somebody who listens: answers 200 to whatever comes, and counts.
fn receiver() -> (String, Arc<AtomicU64>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let told = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&told);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (Ok(mut stream), count) = (stream, Arc::clone(&count)) else {
                continue;
            };
            thread::spawn(move || {
                let wait = stream.set_read_timeout(Some(Duration::from_secs(5)));
                let mut buffer = [0_u8; 65_536];
                // One read is enough of a sender on this machine; whatever follows it is the same event.
                if wait.is_ok() && stream.read(&mut buffer).is_ok_and(|count| count > 0) {
                    count.fetch_add(1, Ordering::Relaxed);
                    let _told = stream.write_all(
                        b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
                    );
                }
            });
        }
    });
    (url, told)
}
