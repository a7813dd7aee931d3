//! Searching text eight bytes at a time: the tables of a process are long and their lines short.
//!
//! Only what the hot parsers need; everything else uses [`crate::scan`].

const LOW_BITS: u64 = 0x7f7f_7f7f_7f7f_7f7f;

/// The top bit of each byte of `word` that equals `needle`, and of no other byte.
#[inline(always)]
pub(super) const fn equal(word: u64, needle: u8) -> u64 {
    let pattern = u64::from_le_bytes([needle; 8]);
    let difference = word ^ pattern;
    // Adding 0x7f to seven bits never carries into the next byte, so no byte is reported wrongly.
    !((difference & LOW_BITS).wrapping_add(LOW_BITS) | difference | LOW_BITS)
}

/// Position of the first `needle`.
#[inline]
pub(super) fn first(needle: u8, text: &[u8]) -> Option<usize> {
    let mut position = 0_usize;
    let mut rest = text;
    while let Some((chunk, tail)) = rest.split_first_chunk::<8>() {
        let hits = equal(u64::from_le_bytes(*chunk), needle);
        if hits != 0 {
            return Some(position.wrapping_add(byte_index(hits.trailing_zeros())));
        }
        position = position.wrapping_add(8);
        rest = tail;
    }
    let tail = rest.iter().position(|&byte| byte == needle)?;
    Some(position.wrapping_add(tail))
}

/// Position of the last `needle`.
#[inline]
pub(super) fn last(needle: u8, text: &[u8]) -> Option<usize> {
    let mut rest = text;
    // Without a way out of the loop over one chunk, all of it is compared at once.
    while let Some((head, chunk)) = rest.split_last_chunk::<32>() {
        if chunk
            .iter()
            .fold(false, |hit, &byte| hit | (byte == needle))
        {
            break;
        }
        rest = head;
    }
    while let Some((head, chunk)) = rest.split_last_chunk::<8>() {
        let hits = equal(u64::from_le_bytes(*chunk), needle);
        if hits != 0 {
            let from_end = byte_index(hits.leading_zeros());
            return Some(head.len().wrapping_add(7_usize.wrapping_sub(from_end)));
        }
        rest = head;
    }
    rest.iter().rposition(|&byte| byte == needle)
}

/// What follows the `count`-th `needle`; `None` if there are fewer.
#[inline]
pub(super) fn after(count: u32, needle: u8, text: &[u8]) -> Option<&[u8]> {
    let mut left = count;
    let mut rest = text;
    while let Some((chunk, tail)) = rest.split_first_chunk::<8>() {
        let here = equal(u64::from_le_bytes(*chunk), needle).count_ones();
        if here >= left {
            break;
        }
        left = left.wrapping_sub(here);
        rest = tail;
    }
    while left > 0 {
        let (&byte, tail) = rest.split_first()?;
        left = left.wrapping_sub(u32::from(byte == needle));
        rest = tail;
    }
    Some(rest)
}

/// Splits `text` before and after its first line end; without one, all of it is the line.
#[inline]
pub(super) fn line(text: &[u8]) -> (&[u8], &[u8]) {
    let length = first(b'\n', text).unwrap_or(text.len());
    let (line, rest) = text.split_at_checked(length).unwrap_or((text, &[]));
    (line, rest.get(1..).unwrap_or_default())
}

/// Which byte of a word a bit belongs to.
#[inline(always)]
fn byte_index(bit: u32) -> usize {
    // At most 64 / 8: the conversion cannot fail.
    usize::try_from(bit / 8).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn words_find_what_bytes_find(
            text in proptest::collection::vec(prop_oneof![Just(b' '), Just(b'!'), Just(0xa0), any::<u8>()], 0..70),
            count in 0_u32..12,
        ) {
            prop_assert_eq!(first(b' ', &text), text.iter().position(|&b| b == b' '));
            prop_assert_eq!(last(b' ', &text), text.iter().rposition(|&b| b == b' '));
            let mut blanks = text.iter().enumerate().filter(|&(_, &b)| b == b' ');
            let expect = match count {
                0 => Some(text.as_slice()),
                n => blanks.nth(n as usize - 1).map(|(at, _)| &text[at + 1..]),
            };
            prop_assert_eq!(after(count, b' ', &text), expect);
        }
    }

    #[test]
    fn lines_may_lack_their_end() {
        assert_eq!(line(b"a\nb"), (&b"a"[..], &b"b"[..]));
        assert_eq!(line(b"b"), (&b"b"[..], &b""[..]));
        assert_eq!(line(b"\n\n"), (&b""[..], &b"\n"[..]));
        assert_eq!(line(b""), (&b""[..], &b""[..]));
    }
}
