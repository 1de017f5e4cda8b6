//! Digits: numbers, dates and routing check digits.

/// `None` when blank, not all digits, or above `u64::MAX`.
#[inline]
pub(crate) fn parse_digits(bytes: &[u8]) -> Option<u64> {
    let mut value: u64 = 0;
    let mut bad = bytes.is_empty();
    for byte in bytes {
        let digit = byte.wrapping_sub(b'0');
        bad |= digit > 9;
        value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
    }
    // Nineteen digits stay below 10^19 < u64::MAX, so nothing has wrapped.
    if !bad && bytes.len() <= 19 {
        return Some(value);
    }
    parse_digits_slowly(bytes.trim_ascii())
}

fn parse_digits_slowly(bytes: &[u8]) -> Option<u64> {
    if bytes.is_empty() {
        return None;
    }
    bytes.iter().try_fold(0u64, |value, byte| {
        let digit = byte.checked_sub(b'0').filter(|digit| *digit <= 9)?;
        value.checked_mul(10)?.checked_add(u64::from(digit))
    })
}

fn two_digits(bytes: &[u8], at: usize) -> Option<u8> {
    let pair = bytes.get(at..at.checked_add(2)?)?;
    parse_digits(pair)
        .filter(|_| pair.iter().all(u8::is_ascii_digit))
        .and_then(|value| u8::try_from(value).ok())
}

pub(crate) fn parse_date(bytes: &[u8]) -> Option<(u16, u8, u8)> {
    if bytes.len() != 6 {
        return None;
    }
    // The format has two year digits and was born in 1974; no file older than 2000 can hold an open dispute.
    let year = u16::from(two_digits(bytes, 0)?).checked_add(2000)?;
    let month = two_digits(bytes, 2)?;
    let day = two_digits(bytes, 4)?;
    let leap = year.is_multiple_of(4);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return None,
    };
    (1..=days).contains(&day).then_some((year, month, day))
}

pub(crate) fn parse_time(bytes: &[u8]) -> Option<(u8, u8)> {
    if bytes.len() != 4 {
        return None;
    }
    let (hour, minute) = (two_digits(bytes, 0)?, two_digits(bytes, 2)?);
    (hour < 24 && minute < 60).then_some((hour, minute))
}

/// The ninth digit of a routing number from its first eight; `None` unless eight digits are given.
///
/// ABA routing number policy: weights 3, 7, 1 repeat over the digits, and the check digit brings the sum to a multiple of ten.
pub fn check_digit(routing: &[u8]) -> Option<u8> {
    const WEIGHTS: [u32; 8] = [3, 7, 1, 3, 7, 1, 3, 7];
    if routing.len() != WEIGHTS.len() {
        return None;
    }
    let mut sum = 0u32;
    let mut bad = false;
    for (byte, weight) in routing.iter().zip(WEIGHTS) {
        let digit = byte.wrapping_sub(b'0');
        bad |= digit > 9;
        sum = sum.wrapping_add(u32::from(digit).wrapping_mul(weight));
    }
    let digit = 10u32.wrapping_sub(sum % 10) % 10;
    if bad { None } else { u8::try_from(digit).ok() }
}

/// Whether nine digits are a routing number whose check digit agrees.
pub fn routing_checksum_holds(routing: &[u8]) -> bool {
    let Some((last, first)) = routing.split_last() else {
        return false;
    };
    check_digit(first).is_some_and(|digit| last.wrapping_sub(b'0') == digit)
}
