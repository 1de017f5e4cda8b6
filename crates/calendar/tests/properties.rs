//! What holds for every date, instant, zone, calendar and limit.
#![allow(clippy::unwrap_used)]

use calendar::{Calendar, CivilTime, Date, Instant, Limit, Moment, Roll, Unit, Zone};
use proptest::prelude::{Just, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::sample::select;

const UNITS: [Unit; 9] = [
    Unit::CalendarDay,
    Unit::BusinessDay,
    Unit::BankingDay,
    Unit::TargetDay,
    Unit::BacsWorkingDay,
    Unit::Hour,
    Unit::Week,
    Unit::Month,
    Unit::Year,
];

fn instants() -> impl Strategy<Value = Instant> {
    (Instant::MIN.unix_micros()..=Instant::MAX.unix_micros())
        .prop_map(|micros| Instant::from_unix_micros(micros).unwrap())
}

/// The whole time line.
fn dates() -> impl Strategy<Value = Date> {
    (0..=Date::MIN.days_until(Date::MAX)).prop_map(|days| Date::MIN.plus_days(days))
}

/// 1990 to 2089, where clocks change and business happens.
fn near_dates() -> impl Strategy<Value = Date> {
    (0..36_500_i64).prop_map(|days| Date::parse("1990-01-01").unwrap().plus_days(days))
}

fn times() -> impl Strategy<Value = CivilTime> {
    (0..24_u8, 0..60_u8, 0..60_u8)
        .prop_map(|(hour, minute, second)| CivilTime::new(hour, minute, second).unwrap())
}

fn zones() -> impl Strategy<Value = Zone> {
    select(Zone::ALL.to_vec())
}

fn calendars() -> impl Strategy<Value = Calendar> {
    select(Calendar::ALL.to_vec())
}

fn moments() -> impl Strategy<Value = Moment> {
    prop_oneof![
        instants().prop_map(Moment::At),
        (dates(), zones()).prop_map(|(date, zone)| Moment::On { date, zone })
    ]
}

fn limits() -> impl Strategy<Value = Limit> {
    let values = prop_oneof![0..200_u32, any::<u32>()];
    let calendar = prop_oneof![Just(None), calendars().prop_map(Some)];
    let cutoff = prop_oneof![Just(None), times().prop_map(Some)];
    let roll = select(vec![Roll::Stay, Roll::Following, Roll::Preceding]);
    (
        values,
        select(UNITS.to_vec()),
        calendar,
        zones(),
        cutoff,
        roll,
    )
        .prop_map(|(value, unit, calendar, zone, cutoff, roll)| Limit {
            value,
            unit,
            calendar,
            zone,
            cutoff,
            roll,
        })
}

proptest! {
    #[test]
    fn instants_read_back_as_written(instant in instants()) {
        prop_assert_eq!(Instant::parse(&instant.to_string()), Ok(instant));
    }

    #[test]
    fn instants_sort_as_their_whole_second_texts(a in instants(), b in instants()) {
        let (a, b) = (a.unix_seconds(), b.unix_seconds());
        let text = |seconds| Instant::from_unix_seconds(seconds).unwrap().to_string();
        prop_assert_eq!(a.cmp(&b), text(a).cmp(&text(b)));
    }

    #[test]
    fn offsets_do_not_change_the_instant(instant in instants(), minutes in -1_439..=1_439_i64) {
        let wall = instant.plus_seconds(minutes * 60);
        if wall.plus_seconds(-minutes * 60) == instant {
            let sign = if minutes < 0 { '-' } else { '+' };
            let (hours, minutes) = (minutes.abs() / 60, minutes.abs() % 60);
            let text = format!("{}{sign}{hours:02}:{minutes:02}", wall.to_string().trim_end_matches('Z'));
            prop_assert_eq!(Instant::parse(&text), Ok(instant));
        }
    }

    #[test]
    fn reading_never_panics(text in "\\PC{0,40}", near in "[-0-9T:Z+@ .]{0,30}") {
        for text in [text, near] {
            for read in [Instant::parse(&text).is_ok(), Date::parse(&text).is_ok(), Moment::parse(&text).is_ok()] {
                prop_assert!(!read || text.len() >= 10, "{}", text);
            }
            prop_assert!(Date::parse_yymmdd(&text).is_err() || text.len() == 6);
            prop_assert!(CivilTime::parse(&text).is_err() || text.len() >= 5);
        }
    }

    #[test]
    fn dates_read_back_as_written(date in dates()) {
        prop_assert_eq!(Date::parse(&date.to_string()), Ok(date));
        prop_assert_eq!(Date::new(date.year(), date.month(), date.day()), Ok(date));
    }

    #[test]
    fn short_dates_read_back_within_their_century(days in 0..36_524_i64) {
        let date = Date::parse("1969-01-01").unwrap().plus_days(days);
        let text: String = date.to_string().chars().skip(2).filter(char::is_ascii_digit).collect();
        prop_assert_eq!(Date::parse_yymmdd(&text), Ok(date));
    }

    #[test]
    fn julian_days_read_back_near_their_date(date in near_dates(), away in -181..=181_i64) {
        prop_assert_eq!(Date::from_julian(date.day_of_year(), date.plus_days(away)), Ok(date));
    }

    #[test]
    fn days_and_months_are_inverse_where_they_can_be(date in near_dates(), days in -9_000..9_000_i64, months in -300..300_i32) {
        prop_assert_eq!(date.days_until(date.plus_days(days)), days);
        let back = date.plus_months(months).plus_months(-months);
        prop_assert!(back <= date && back.days_until(date) <= 3);
        prop_assert!(date.day() > 28 || back == date);
    }

    #[test]
    fn walls_show_the_date_they_came_from(date in near_dates(), time in times(), zone in zones()) {
        let at = zone.to_instant(date, time);
        prop_assert_eq!(at.date_in(zone), date);
        prop_assert!(zone.start_of_day(date) <= at && at <= zone.end_of_day(date));
        prop_assert_eq!(zone.start_of_day(date).plus_seconds(-1), zone.end_of_day(date.plus_days(-1)));
    }

    #[test]
    fn moments_read_back_as_written(moment in moments()) {
        prop_assert_eq!(Moment::parse(&moment.to_string()), Ok(moment));
        prop_assert!(moment.earliest_instant() <= moment.latest_instant());
    }

    #[test]
    fn counted_business_days_are_found_again(calendar in calendars(), start in near_dates(), count in -60..60_i64) {
        let end = calendar.plus_business_days(start, count);
        prop_assert_eq!(calendar.business_days_between(start, end), count);
        prop_assert!(count == 0 || calendar.is_business_day(end));
    }

    #[test]
    fn holidays_are_in_date_order_within_their_year(calendar in calendars(), year in 1990..2100_i32) {
        let days = calendar.holidays(year);
        prop_assert!(days.is_sorted());
        for (date, name) in days {
            prop_assert_eq!(date.year(), year);
            prop_assert!(calendar.holiday(date).is_some(), "{} {}", date, name);
            prop_assert!(!calendar.is_business_day(date));
        }
    }

    #[test]
    fn limits_end_on_their_due_day_and_never_before_the_start(limit in limits(), date in near_dates(), time in times()) {
        let start = limit.zone.to_instant(date, time);
        let due = limit.due(start);
        if limit.unit != Unit::Hour {
            // A due day at the very end of the time line may lie past the last instant.
            let due_on = limit.due_on(date);
            prop_assert!(due.date_in(limit.zone) == due_on || due == Instant::MAX);
            prop_assert!(due_on >= date || limit.roll == Roll::Preceding);
            prop_assert!(due_on == Date::MAX || limit.value == 0 || limit.roll != Roll::Stay || due_on > date);
        } else {
            prop_assert!(due >= start);
        }
    }

    #[test]
    fn later_starts_are_never_due_earlier(limit in limits(), date in near_dates(), later in 0..40_i64) {
        prop_assert!(limit.due_on(date) <= limit.due_on(date.plus_days(later)));
    }
}
