//! Counting while it arrives: nothing slips past, also not together.

use std::sync::Arc;
use std::thread;

use upload::{Limits, Quota, Refusal, Request};

fn limits() -> Limits {
    Limits {
        file_bytes_max: 100,
        request_bytes_max: 150,
        request_files_max: 3,
        ..Limits::dispute_evidence()
    }
}

#[test]
fn a_file_is_refused_at_the_byte_that_is_too_many() {
    let request = Request::new(&limits(), None);
    let mut meter = request.file(None).expect("the first file");
    meter.take(60).expect("60 of 100");
    meter.take(40).expect("100 of 100");
    assert_eq!(meter.take(1), Err(Refusal::TooLarge { bytes_max: 100 }));
    assert_eq!(meter.bytes(), 100);
    assert_eq!(
        meter.take(usize::MAX),
        Err(Refusal::TooLarge { bytes_max: 100 })
    );
}

#[test]
fn a_declared_length_refuses_early_and_proves_nothing() {
    let request = Request::new(&limits(), None);
    assert_eq!(
        request.file(Some(101)).err(),
        Some(Refusal::TooLarge { bytes_max: 100 })
    );
    let mut meter = request.file(Some(1)).expect("declared small");
    assert!(meter.take(101).is_err());
}

#[test]
fn the_files_of_a_request_share_its_limits() {
    let request = Request::new(&limits(), None);
    let mut first = request.file(None).expect("first");
    let mut second = request.file(None).expect("second");
    first.take(100).expect("100 of 150");
    second.take(50).expect("150 of 150");
    assert_eq!(
        second.take(1).map_err(|refusal| refusal.code()),
        Err("DP-4002")
    );
    request.file(None).expect("third");
    assert_eq!(
        request.file(None).map_err(|refusal| refusal.code()).err(),
        Some("DP-4002")
    );
}

#[test]
fn what_is_not_kept_is_given_back() {
    let quota = Quota::new(100, 10);
    let request = Request::new(&limits(), Some(Arc::clone(&quota)));
    let mut dropped = request.file(None).expect("first");
    dropped.take(80).expect("90 of 100");
    assert_eq!(quota.bytes_taken(), 90);
    drop(dropped);
    assert_eq!(quota.bytes_taken(), 10);
    let mut kept = request.file(None).expect("second");
    kept.take(50).expect("60 of 100");
    kept.keep();
    assert_eq!(quota.bytes_taken(), 60);
    quota.give_back(50);
    assert_eq!(quota.bytes_taken(), 10);
}

#[test]
fn a_refused_piece_is_counted_nowhere() {
    let quota = Quota::new(20, 0);
    let request = Request::new(&limits(), Some(Arc::clone(&quota)));
    let mut meter = request.file(None).expect("first");
    let full = Refusal::Quota {
        bytes_max: 20,
        bytes_free: 20,
    };
    assert_eq!(meter.take(21), Err(full.clone()));
    assert!(full.retryable());
    assert_eq!((quota.bytes_taken(), meter.bytes()), (0, 0));
    meter.take(20).expect("20 of 20");
}

#[test]
fn uploads_in_parallel_do_not_slip_past_the_quota_together() {
    let quota = Quota::new(1000, 0);
    let uploads: Vec<_> = (0..8)
        .map(|_| {
            let request = Request::new(&limits(), Some(Arc::clone(&quota)));
            thread::spawn(move || {
                let mut kept = 0;
                for _ in 0..3 {
                    let mut meter = request.file(None).expect("three files");
                    let taken = (0..50).take_while(|_| meter.take(1).is_ok()).count();
                    kept += taken;
                    meter.keep();
                }
                kept
            })
        })
        .collect();
    let kept: usize = uploads
        .into_iter()
        .map(|upload| upload.join().expect("no panic"))
        .sum();
    // Eight requests of 150 bytes would be 1,200.
    assert_eq!(kept, 1000);
    assert_eq!(quota.bytes_taken(), 1000);
}
