//! Decimal numbers, for the texts that are read most often. Everything else uses [`crate::scan`].

use super::find;

const ONES: u64 = 0x0101_0101_0101_0101;
const TOP_BITS: u64 = ONES.wrapping_mul(0x80);

/// The number at the start of `text`, `None` without digits or on overflow; and what follows it.
#[inline(always)]
pub(super) fn leading(text: &[u8]) -> (Option<u64>, &[u8]) {
    // Most fields of most processes are one digit.
    if let [digit @ b'0'..=b'9', rest @ ..] = text
        && rest.first() == Some(&b' ')
    {
        return (Some(u64::from(digit.wrapping_sub(b'0'))), rest);
    }
    let mut value = 0_u64;
    let mut rest = text;
    while let [byte, tail @ ..] = rest {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            break;
        }
        // Cannot wrap up to 19 digits; longer numbers are looked at again.
        value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
        rest = tail;
    }
    match text.len().wrapping_sub(rest.len()) {
        1..=19 => (Some(value), rest),
        0 => (None, rest),
        length => (text.get(..length).and_then(checked), rest),
    }
}

/// The value of many digits, `None` on overflow.
#[cold]
#[inline(never)]
fn checked(digits: &[u8]) -> Option<u64> {
    digits.iter().try_fold(0_u64, |value, byte| {
        value
            .checked_mul(10)?
            .checked_add(u64::from(byte.wrapping_sub(b'0')))
    })
}

/// The value of blanks followed by digits, eight bytes in all; `None` if they are anything else.
#[inline(always)]
pub(super) const fn aligned(text: u64) -> Option<u64> {
    // 0xff for each blank: they must be the lowest bytes, which come first, and not all of them.
    let blanks = (find::equal(text, b' ') >> 7).wrapping_mul(0xff);
    if blanks & blanks.wrapping_add(1) != 0 || blanks == u64::MAX {
        return None;
    }
    // With this bit a blank is the digit 0.
    let digits = (text | (blanks & ONES.wrapping_mul(0x10))) ^ ONES.wrapping_mul(0x30);
    if others(digits) != 0 {
        return None;
    }
    Some(eight(digits))
}

/// Marks the top bit of bytes above 9, of the first such byte at least.
#[inline(always)]
const fn others(digits: u64) -> u64 {
    // A byte from 10 to 127 gets its top bit from the sum; only bytes above carry into the next one.
    (digits | digits.wrapping_add(ONES.wrapping_mul(0x76))) & TOP_BITS
}

/// The number that eight digits (bytes from 0 to 9) make; the first digit is the lowest byte.
#[inline(always)]
const fn eight(digits: u64) -> u64 {
    // Pairs, then fours, then all eight.
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = pairs.wrapping_mul(100).wrapping_add(pairs >> 16) & 0x0000_ffff_0000_ffff;
    fours.wrapping_mul(10_000).wrapping_add(fours >> 32) & 0xffff_ffff
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, value: Option<u64>, rest: &str) {
        assert_eq!(
            leading(text.as_bytes()),
            (value, rest.as_bytes()),
            "{text:?}"
        );
    }

    #[test]
    fn numbers_of_every_length() {
        for length in 1..=20 {
            let digits = &"12345678901234567890"[..length];
            for rest in ["", " ", " 9 followed by more", "/", ":", "\u{7f}", "é"] {
                check(&format!("{digits}{rest}"), digits.parse().ok(), rest);
            }
        }
        check("", None, "");
        check("x", None, "x");
        check("-12345678", None, "-12345678");
        check("18446744073709551615", Some(u64::MAX), "");
        check("18446744073709551616 ", None, " ");
        check("99999999999999999999999999 ", None, " ");
        check("000000000000000000000000005 ", Some(5), " ");
    }

    proptest! {
        #[test]
        fn numbers_round_trip(number: u64, shift in 0_u32..64, rest in "[^0-9]?[0-9 ]{0,12}") {
            let number = number >> shift;
            let rest = if rest.starts_with(|c: char| c.is_ascii_digit()) { format!(" {rest}") } else { rest };
            let text = format!("{number}{rest}");
            prop_assert_eq!(leading(text.as_bytes()), (Some(number), rest.as_bytes()));
        }

        #[test]
        fn numbers_end_where_digits_end(text in proptest::collection::vec(prop_oneof![b'0'..=b'9', any::<u8>()], 0..24)) {
            let (value, rest) = leading(&text);
            let length = text.iter().take_while(|b| b.is_ascii_digit()).count();
            let plain = std::str::from_utf8(&text[..length]).unwrap();
            prop_assert_eq!(value, plain.parse().ok());
            prop_assert_eq!(rest, &text[length..]);
        }

        #[test]
        fn eight_columns_are_a_number(number in 0_u64..100_000_000) {
            let text = format!("{number:8}");
            prop_assert_eq!(aligned(u64::from_le_bytes(text.as_bytes().try_into().unwrap())), Some(number));
        }

        #[test]
        fn eight_bytes_never_mislead(bytes in proptest::array::uniform8(prop_oneof![Just(b' '), b'0'..=b'9', any::<u8>()])) {
            let blanks = bytes.iter().take_while(|&&byte| byte == b' ').count();
            let expect = std::str::from_utf8(&bytes[blanks..]).ok()
                .filter(|plain| plain.bytes().all(|byte| byte.is_ascii_digit()))
                .and_then(|plain| plain.parse().ok());
            prop_assert_eq!(aligned(u64::from_le_bytes(bytes)), expect);
        }
    }
}
