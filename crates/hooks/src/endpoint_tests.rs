//! The table of every state and happening, then the times and counts at its edges.

use super::*;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

fn now() -> Instant {
    Instant::parse("2026-11-23T00:00:00Z").unwrap()
}

fn before(seconds: i64) -> Instant {
    now().plus_seconds(-seconds)
}

fn run(failures: u32, since: Instant) -> Option<Run> {
    Some(Run { failures, since })
}

fn heard(class: Class) -> Happening {
    Happening::Heard {
        class,
        not_before: None,
    }
}

/// One of every state, in the middle of its life.
fn states() -> [Health; 7] {
    [
        Health::Enabled {
            failing: run(2, before(60)),
        },
        Health::Slowed {
            until: before(1),
            times: 2,
            failing: run(2, before(60)),
        },
        Health::Releasing {
            next_at: before(1),
            failing: run(1, before(60)),
        },
        Health::Disabled {
            since: before(600),
            probes: 1,
            probe_at: before(1),
        },
        Health::Probing {
            since: before(600),
            probes: 1,
            lost_at: now().plus_seconds(9),
        },
        Health::Gone { since: before(600) },
        Health::Stopped { since: before(600) },
    ]
}

fn word(health: &Health) -> String {
    health.to_string().split(' ').next().unwrap().to_string()
}

#[test]
fn every_state_has_its_answer_to_everything_that_happens() {
    let happenings = [
        Happening::Begun,
        heard(Class::Delivered),
        heard(Class::Failed),
        heard(Class::Slow),
        heard(Class::Gone),
        Happening::Drained,
        Happening::Stop,
        Happening::Start,
    ];
    // A plus: what is due is held. A minus: what is held is released.
    let want = "\
        enabled:   enabled   enabled    enabled   slowed    gone+   enabled   stopped+ enabled\n\
        slowed:    slowed    releasing  slowed    slowed    gone+   slowed    stopped+ slowed\n\
        releasing: releasing releasing  releasing slowed    gone+   enabled   stopped+ releasing\n\
        disabled:  probing   releasing- disabled  disabled  gone    disabled  stopped  releasing-\n\
        probing:   probing   releasing- disabled  disabled  gone    probing   stopped  releasing-\n\
        gone:      gone      gone       gone      gone      gone    gone      stopped  releasing-\n\
        stopped:   stopped   stopped    stopped   stopped   stopped stopped   stopped  releasing-";
    for (health, row) in states().into_iter().zip(want.lines()) {
        let mut cells = row.split_whitespace();
        assert_eq!(cells.next().unwrap(), word(&health) + ":");
        for happening in happenings {
            let (next, queue) = health.after(now(), happening);
            let mark = match queue {
                Queue::Keep => "",
                Queue::Hold => "+",
                Queue::Release => "-",
            };
            let got = word(&next) + mark;
            assert_eq!(got, cells.next().unwrap(), "{health} {happening:?}");
        }
    }
}

#[test]
fn texts_of_every_state_are_read_back() {
    for health in states() {
        assert_eq!(health.to_string().parse(), Ok(health));
    }
    assert_eq!(Health::ENABLED.to_string(), "enabled");
    assert_eq!("enabled".parse(), Ok(Health::ENABLED));
    for text in [
        "",
        "well",
        "enabled failing",
        "enabled failing 0 since 2026-11-23T00:00:00Z",
        "gone since yesterday",
        "gone since 2026-11-23T00:00:00Z now",
        "disabled since 2026-11-23T00:00:00Z",
    ] {
        assert!(text.parse::<Health>().is_err(), "{text}");
    }
}

/// Whether one more failure disables an endpoint that failed so often since then.
#[track_caller]
fn check_given_up(failures: u32, since_seconds: i64, want: bool) {
    let failing = run(failures, before(since_seconds));
    let slowed = Health::Slowed {
        until: now(),
        times: 1,
        failing,
    };
    for health in [Health::Enabled { failing }, slowed] {
        for class in [Class::Failed, Class::Slow] {
            let (next, queue) = health.after(now(), heard(class));
            let disabled = matches!(next, Health::Disabled { .. });
            assert_eq!(disabled, want, "{next}");
            assert_eq!(queue == Queue::Hold, want);
        }
    }
}

#[test]
fn only_long_and_repeated_failure_disables() {
    check_given_up(4, 3 * 86_400, true);
    check_given_up(4, 3 * 86_400 - 1, false);
    check_given_up(3, 30 * 86_400, false);
    check_given_up(10_000, 86_400, false);
}

#[test]
fn one_success_ends_a_run() {
    let failing = run(100, before(3 * 86_400));
    let (next, _) = Health::Enabled { failing }.after(now(), heard(Class::Delivered));
    assert_eq!(next, Health::ENABLED);
}

#[test]
fn probes_come_at_growing_intervals_until_one_succeeds() {
    let mut health = disabled(now());
    let mut at = now();
    let mut pauses = Vec::new();
    for _ in 0..9 {
        let Gate::Wait { until } = health.gate(at, 0) else {
            panic!("{health} is open at once");
        };
        pauses.push(at.seconds_until(until) / 60);
        at = until;
        assert_eq!(health.gate(at, 0), Gate::Probe);
        health = health.after(at, Happening::Begun).0;
        // One alone.
        assert!(matches!(health.gate(at, 1), Gate::Wait { .. }));
        health = health.after(at, heard(Class::Failed)).0;
    }
    assert_eq!(pauses, [5, 10, 20, 40, 80, 160, 320, 360, 360]);
    let probing = health.after(at, Happening::Begun).0;
    let (released, queue) = probing.after(at, heard(Class::Delivered));
    assert_eq!((released, queue), (releasing(at), Queue::Release));
}

#[test]
fn a_probe_whose_process_died_is_begun_again() {
    let probing = disabled(before(600)).after(now(), Happening::Begun).0;
    let lost_at = now().plus_seconds(LEASE_SECONDS);
    assert_eq!(probing.gate(now(), 0), Gate::Wait { until: lost_at });
    assert_eq!(probing.gate(lost_at, 0), Gate::Probe);
    let again = probing.after(lost_at, Happening::Begun).0;
    assert!(matches!(again, Health::Probing { probes: 1, .. }));
}

#[test]
fn what_was_held_is_released_at_its_pace() {
    let mut health = releasing(now());
    for n in 0..4 {
        let at = plus_ms(now(), n * RELEASE_EVERY_MS);
        assert_eq!(health.gate(at, 0), Gate::Go);
        health = health.after(at, Happening::Begun).0;
        let until = plus_ms(at, RELEASE_EVERY_MS);
        assert_eq!(health.gate(at, 0), Gate::Wait { until });
        health = health.after(at, heard(Class::Delivered)).0;
        assert_eq!(health.gate(at, 0), Gate::Wait { until });
    }
    assert_eq!(health.after(now(), Happening::Drained).0, Health::ENABLED);
}

#[test]
fn a_release_ends_after_three_failures_in_a_row() {
    let mut health = releasing(now());
    for class in [Class::Failed, Class::Failed, Class::Delivered] {
        health = health.after(now(), heard(class)).0;
    }
    for _ in 0..2 {
        health = health.after(now(), heard(Class::Failed)).0;
        assert!(matches!(health, Health::Releasing { .. }), "{health}");
    }
    let (closed, queue) = health.after(now(), heard(Class::Failed));
    assert_eq!((closed, queue), (disabled(now()), Queue::Hold));
}

#[test]
fn a_person_who_enables_waits_out_what_was_under_way() {
    let stopped = Health::Stopped { since: now() };
    let (next, _) = stopped.after(now(), Happening::Start);
    let until = now().plus_seconds(LEASE_SECONDS);
    assert_eq!(next.gate(now(), 0), Gate::Wait { until });
}

#[test]
fn slowing_down_grows_and_follows_retry_after() {
    let mut health = Health::ENABLED;
    let mut pauses = Vec::new();
    let mut at = now();
    for _ in 0..9 {
        health = health.after(at, heard(Class::Slow)).0;
        // The others that were under way say the same, and it counts once.
        health = health.after(at, heard(Class::Slow)).0;
        let Gate::Wait { until } = health.gate(at, 0) else {
            panic!("{health} is open");
        };
        pauses.push(at.seconds_until(until));
        at = until;
        assert_eq!(health.gate(until, 0), Gate::Go);
        assert_eq!(health.gate(until, 1), Gate::Full);
    }
    assert_eq!(pauses, [30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600]);
    let asked = now().plus_seconds(7_200);
    let happening = Happening::Heard {
        class: Class::Slow,
        not_before: Some(asked),
    };
    let (next, _) = Health::ENABLED.after(now(), happening);
    assert_eq!(next.gate(now(), 0), Gate::Wait { until: asked });
}

#[test]
fn an_endpoint_that_is_well_has_eight_under_way() {
    assert_eq!(Health::ENABLED.gate(now(), 7), Gate::Go);
    assert_eq!(Health::ENABLED.gate(now(), 8), Gate::Full);
    for health in [
        Health::Gone { since: now() },
        Health::Stopped { since: now() },
    ] {
        assert_eq!(health.gate(now().plus_days(400), 0), Gate::Shut);
    }
}

#[track_caller]
fn check_rest(failures: u32, failed_ago: Option<i64>, rests: bool) {
    let health = Health::Enabled {
        failing: run(failures, before(60)),
    };
    assert_eq!(health.rests(failed_ago.map(before), now()), rests);
}

#[test]
fn who_goes_on_failing_rests_a_moment_after_each_failure() {
    check_rest(REST_AFTER_FAILURES, Some(0), true);
    check_rest(REST_AFTER_FAILURES, Some(REST_SECONDS), false);
    check_rest(REST_AFTER_FAILURES, None, false);
    check_rest(REST_AFTER_FAILURES - 1, Some(0), false);
    // Other states have pauses of their own.
    for health in states().into_iter().skip(1) {
        assert!(!health.rests(Some(now()), now()));
    }
}
