//! A cursor over ASCII text: the words, numbers and lines that every text format of the kernel is made of.

use crate::error::{ParseError, Problem};

/// A position in the text of one kernel source.
///
/// Nothing here allocates or panics. Text is bytes; only digits, blanks and line ends have a meaning.
#[derive(Debug, Clone)]
pub struct Scan<'a> {
    source: &'static str,
    /// The whole input, so that errors can say where they are.
    start: usize,
    rest: &'a [u8],
}

/// Integers that kernel text may hold.
pub trait Number: Sized {
    /// Adds a decimal digit to `self`, `None` on overflow.
    #[must_use]
    fn push(self, digit: u8, radix: u8) -> Option<Self>;
    /// Zero of this type.
    const ZERO: Self;
}

macro_rules! number {
    ($($type:ty),*) => {$(
        impl Number for $type {
            const ZERO: Self = 0;
            #[inline]
            fn push(self, digit: u8, radix: u8) -> Option<Self> {
                self.checked_mul(Self::from(radix))?.checked_add(Self::from(digit))
            }
        }
    )*};
}
number!(u8, u16, u32, u64, u128, i64);

impl<'a> Scan<'a> {
    /// Starts at the beginning of `input`, the text of `source` (`/proc/meminfo`).
    #[inline]
    #[must_use]
    pub const fn new(source: &'static str, input: &'a [u8]) -> Self {
        Self {
            source,
            start: 0,
            rest: input,
        }
    }

    /// What has not been consumed.
    #[inline]
    #[must_use]
    pub const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// True at the end of the text.
    #[inline]
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Bytes consumed so far.
    #[inline]
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.start
    }

    /// An error about `field` at this position.
    #[cold]
    #[must_use]
    pub const fn error(&self, field: &'static str, problem: Problem) -> ParseError {
        ParseError::new(self.source, field, self.start, problem)
    }

    /// Consumes `count` bytes, or all that is left.
    #[inline]
    pub fn skip(&mut self, count: usize) -> &'a [u8] {
        let (head, tail) = self
            .rest
            .split_at_checked(count)
            .unwrap_or((self.rest, &[]));
        self.start = self.start.saturating_add(head.len());
        self.rest = tail;
        head
    }

    /// Consumes blanks and tabs (not line ends).
    #[inline]
    pub fn skip_blanks(&mut self) {
        let blanks = self
            .rest
            .iter()
            .take_while(|&&b| b == b' ' || b == b'\t')
            .count();
        self.skip(blanks);
    }

    /// Consumes `byte` if it is next.
    #[inline]
    pub fn eat(&mut self, byte: u8) -> bool {
        let found = self.rest.first() == Some(&byte);
        if found {
            self.skip(1);
        }
        found
    }

    /// Consumes up to and including `byte`; the bytes before it. Without `byte`: everything.
    #[inline]
    pub fn until(&mut self, byte: u8) -> &'a [u8] {
        let length = memchr(byte, self.rest).unwrap_or(self.rest.len());
        let head = self.skip(length);
        self.eat(byte);
        head
    }

    /// Consumes one line with its line end; the line without it. `None` at the end of the text.
    #[inline]
    pub fn line(&mut self) -> Option<Scan<'a>> {
        if self.rest.is_empty() {
            return None;
        }
        let start = self.start;
        let rest = self.until(b'\n');
        Some(Scan {
            source: self.source,
            start,
            rest,
        })
    }

    /// Skips blanks, then consumes the bytes up to the next blank, tab or line end. May be empty.
    #[inline]
    pub fn word(&mut self) -> &'a [u8] {
        self.skip_blanks();
        let length = self
            .rest
            .iter()
            .take_while(|&&b| !matches!(b, b' ' | b'\t' | b'\n'))
            .count();
        self.skip(length)
    }

    /// Skips blanks, then consumes a decimal number; an error that names `field` if there is none.
    ///
    /// # Errors
    /// `Missing` at the end of the line, `Malformed` without a digit, `OutOfRange` on overflow.
    #[inline]
    pub fn number<N: Number>(&mut self, field: &'static str) -> Result<N, ParseError> {
        self.radix(field, 10)
    }

    /// Skips blanks, then consumes a hexadecimal number without prefix.
    ///
    /// # Errors
    /// As [`Scan::number`].
    #[inline]
    pub fn hex<N: Number>(&mut self, field: &'static str) -> Result<N, ParseError> {
        self.radix(field, 16)
    }

    /// Skips blanks, then consumes an octal number.
    ///
    /// # Errors
    /// As [`Scan::number`].
    #[inline]
    pub fn octal<N: Number>(&mut self, field: &'static str) -> Result<N, ParseError> {
        self.radix(field, 8)
    }

    /// Skips blanks, then consumes a decimal number with an optional minus sign.
    ///
    /// # Errors
    /// As [`Scan::number`].
    #[inline]
    pub fn signed(&mut self, field: &'static str) -> Result<i64, ParseError> {
        self.skip_blanks();
        if self.eat(b'-') {
            // The lowest number has no positive twin: count downwards from zero.
            let at = self.clone();
            let magnitude: u64 = self.digits(field, 10)?;
            return 0_i64
                .checked_sub_unsigned(magnitude)
                .ok_or_else(|| at.error(field, Problem::OutOfRange));
        }
        self.digits(field, 10)
    }

    /// Skips a decimal number if one follows; `None` at the end of the line.
    ///
    /// For columns that newer kernels append.
    ///
    /// # Errors
    /// `Malformed` if something other than a number follows, `OutOfRange` on overflow.
    #[inline]
    pub fn optional<N: Number>(&mut self, field: &'static str) -> Result<Option<N>, ParseError> {
        self.skip_blanks();
        if matches!(self.rest.first(), None | Some(b'\n')) {
            return Ok(None);
        }
        self.digits(field, 10).map(Some)
    }

    #[inline]
    fn radix<N: Number>(&mut self, field: &'static str, radix: u8) -> Result<N, ParseError> {
        self.skip_blanks();
        self.digits(field, radix)
    }

    #[inline]
    fn digits<N: Number>(&mut self, field: &'static str, radix: u8) -> Result<N, ParseError> {
        let mut value = N::ZERO;
        let mut count = 0_usize;
        for &byte in self.rest {
            let Some(digit) = digit(byte, radix) else {
                break;
            };
            value = value
                .push(digit, radix)
                .ok_or_else(|| self.error(field, Problem::OutOfRange))?;
            count = count.saturating_add(1);
        }
        if count == 0 {
            let problem = match self.rest.first() {
                None | Some(b'\n') => Problem::Missing,
                Some(_) => Problem::Malformed,
            };
            return Err(self.error(field, problem));
        }
        self.skip(count);
        Ok(value)
    }
}

#[inline]
fn digit(byte: u8, radix: u8) -> Option<u8> {
    let value = match byte {
        b'0'..=b'9' => byte.wrapping_sub(b'0'),
        b'a'..=b'f' => byte.wrapping_sub(b'a').wrapping_add(10),
        b'A'..=b'F' => byte.wrapping_sub(b'A').wrapping_add(10),
        _ => return None,
    };
    (value < radix).then_some(value)
}

/// Position of the first `needle`.
#[inline]
#[must_use]
pub fn memchr(needle: u8, haystack: &[u8]) -> Option<usize> {
    haystack.iter().position(|&byte| byte == needle)
}

/// Position of the last `needle`.
#[inline]
#[must_use]
pub fn memrchr(needle: u8, haystack: &[u8]) -> Option<usize> {
    haystack.iter().rposition(|&byte| byte == needle)
}

/// `text` without leading and trailing blanks, tabs and line ends.
#[inline]
#[must_use]
pub const fn trim(text: &[u8]) -> &[u8] {
    text.trim_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(text: &str) -> Scan<'_> {
        Scan::new("test", text.as_bytes())
    }

    #[test]
    fn numbers_stop_at_the_first_other_byte() {
        let mut s = scan("  12kB 0x1f");
        assert_eq!(s.number::<u32>("a"), Ok(12));
        assert_eq!(s.word(), b"kB");
        assert_eq!(s.offset(), 6);
    }

    #[test]
    fn overflow_is_an_error_and_not_a_wrap() {
        assert_eq!(
            scan("256").number::<u8>("a").unwrap_err().problem(),
            Problem::OutOfRange
        );
        assert_eq!(
            scan("18446744073709551615").number::<u64>("a"),
            Ok(u64::MAX)
        );
        assert_eq!(scan("-9223372036854775808").signed("a"), Ok(i64::MIN));
        assert!(scan("-9223372036854775809").signed("a").is_err());
    }

    #[test]
    fn missing_and_malformed_are_told_apart() {
        assert_eq!(
            scan("").number::<u8>("a").unwrap_err().problem(),
            Problem::Missing
        );
        assert_eq!(
            scan("x").number::<u8>("a").unwrap_err().problem(),
            Problem::Malformed
        );
        assert_eq!(scan(" \n").optional::<u8>("a"), Ok(None));
    }

    #[test]
    fn lines_keep_their_offset() {
        let mut s = scan("a 1\nb x\n");
        s.line();
        let mut second = s.line().unwrap();
        second.word();
        assert_eq!(second.number::<u8>("b").unwrap_err().offset(), 6);
        assert!(s.line().is_none());
    }
}
