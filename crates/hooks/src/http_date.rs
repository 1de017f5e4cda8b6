//! Reads the three date forms that RFC 9110 section 5.6.7 asks recipients to take.

use calendar::{Date, Instant};

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` or `Sun Nov  6 08:49:37 1994`. The name of the day
/// is not checked: it adds nothing to the date. `now` says which century two digits mean.
pub(crate) fn parse(text: &str, now: Instant) -> Option<Instant> {
    let rest = match text.split_once(", ") {
        Some((_, rest)) => rest,
        None => return asctime(text),
    };
    let (day, month, year, time) = match rest.split_once('-') {
        Some((day, rest)) => {
            let (month, rest) = rest.split_once('-')?;
            let (year, time) = rest.split_once(' ')?;
            (day, month, century(number(year, 2)?, now)?, time)
        }
        None => {
            let (day, rest) = rest.split_once(' ')?;
            let (month, rest) = rest.split_once(' ')?;
            let (year, time) = rest.split_once(' ')?;
            (day, month, number(year, 4)?, time)
        }
    };
    instant(year, month, number(day, 2)?, time.strip_suffix(" GMT")?)
}

fn asctime(text: &str) -> Option<Instant> {
    let (_, rest) = text.split_once(' ')?;
    let (month, rest) = rest.split_once(' ')?;
    let (day, rest) = rest.trim_start().split_once(' ')?;
    let (time, year) = rest.split_once(' ')?;
    instant(number(year, 4)?, month, number(day, day.len())?, time)
}

fn instant(year: i64, month: &str, day: i64, time: &str) -> Option<Instant> {
    let month = MONTHS.iter().zip(1..).find(|(name, _)| **name == month)?.1;
    let date = Date::new(i32::try_from(year).ok()?, month, u8::try_from(day).ok()?).ok()?;
    let (hour, rest) = time.split_once(':')?;
    let (minute, second) = rest.split_once(':')?;
    let (hour, minute, second) = (number(hour, 2)?, number(minute, 2)?, number(second, 2)?);
    // 60 is a leap second, the same instant as the next minute's start.
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let days = Date::new(1970, 1, 1).ok()?.days_until(date);
    Instant::from_unix_seconds(days * 86_400 + hour * 3_600 + minute * 60 + second)
}

/// RFC 9110: a year more than 50 years ahead is the one of that name in the past.
fn century(two_digits: i64, now: Instant) -> Option<i64> {
    let this_year = i64::from(now.date_in(calendar::Zone::Utc).year());
    let year = this_year - this_year.rem_euclid(100) + two_digits;
    Some(if year > this_year + 50 {
        year - 100
    } else {
        year
    })
}

fn number(text: &str, digits: usize) -> Option<i64> {
    let plain = text.len() == digits && (1..=4).contains(&digits);
    (plain && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[track_caller]
    fn check(text: &str, want: Option<&str>) {
        let now = Instant::parse("2026-11-23T00:00:00Z").unwrap();
        let got = parse(text, now).map(|at| at.to_string());
        assert_eq!(got.as_deref(), want, "{text}");
    }

    #[test]
    fn the_three_forms_are_read() {
        for text in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
        ] {
            check(text, Some("1994-11-06T08:49:37Z"));
        }
        check("Sun Nov 16 08:49:37 1994", Some("1994-11-16T08:49:37Z"));
        check(
            "Monday, 06-Nov-76 08:49:37 GMT",
            Some("2076-11-06T08:49:37Z"),
        );
        check(
            "Monday, 06-Nov-77 08:49:37 GMT",
            Some("1977-11-06T08:49:37Z"),
        );
        check(
            "Sat, 31 Dec 2016 23:59:60 GMT",
            Some("2017-01-01T00:00:00Z"),
        );
    }

    #[test]
    fn other_texts_are_no_dates() {
        for text in [
            "",
            "120",
            "Sun, 06 Nov 1994 08:49:37",
            "Sun, 06 Nov 1994 08:49:37 CET",
            "Sun, 6 Nov 1994 08:49:37 GMT",
            "Sun, 31 Feb 1994 08:49:37 GMT",
            "Sun, 06 nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:00:00 GMT",
            "Sun, 06 Nov 1994 08:60:00 GMT",
            "Sun, 06 Nov 19944 08:00:00 GMT",
            "Sun, +6 Nov 1994 08:00:00 GMT",
            "2026-11-23T00:00:00Z",
        ] {
            check(text, None);
        }
    }
}
