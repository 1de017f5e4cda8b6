//! Numbers in the 62 letters and digits, in a fixed width, so that equal numbers have one form.

/// In the order of ASCII, so that texts of one width sort as their numbers do.
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BASE: u32 = 62;
const BYTE: u32 = 256;

/// Big-endian bytes as `width` digits; digits that do not fit are a bug of the caller, whose widths are constants.
pub(crate) fn encode(bytes: &[u8], width: usize) -> String {
    let mut number = bytes.to_vec();
    let mut digits = Vec::with_capacity(width);
    for _ in 0..width {
        let mut rest = 0_u32;
        for byte in &mut number {
            let value = rest * BYTE + u32::from(*byte);
            *byte =
                u8::try_from(value / BASE).expect("rest is under 62, so the quotient is under 256");
            rest = value % BASE;
        }
        let digit = usize::try_from(rest).ok().and_then(|rest| DIGITS.get(rest));
        digits.push(char::from(*digit.expect("a remainder of 62 is under 62")));
    }
    assert!(
        number.iter().all(|byte| *byte == 0),
        "the width holds the number"
    );
    digits.iter().rev().collect()
}

/// The bytes again; `None` for other characters, and for a number that does not fit.
pub(crate) fn decode<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut number = [0_u8; N];
    for digit in text.bytes() {
        let place = DIGITS.iter().position(|known| *known == digit)?;
        let mut carry = u32::try_from(place).ok()?;
        for byte in number.iter_mut().rev() {
            let value = u32::from(*byte) * BASE + carry;
            *byte = u8::try_from(value % BYTE).ok()?;
            carry = value / BYTE;
        }
        if carry != 0 {
            return None;
        }
    }
    Some(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_number_has_one_form(bytes in any::<[u8; 24]>()) {
            let text = encode(&bytes, 33);
            prop_assert_eq!(text.len(), 33);
            prop_assert_eq!(decode(&text), Some(bytes));
        }
    }

    #[test]
    fn a_number_that_does_not_fit_is_none() {
        assert_eq!(encode(&[255; 4], 6), "4gfFC3");
        assert_eq!(decode("4gfFC3"), Some([255_u8; 4]));
        assert_eq!(decode::<4>("4gfFC4"), None);
        assert_eq!(decode::<4>("zzzzzz"), None);
        assert_eq!(decode::<4>("00000-"), None);
    }
}
