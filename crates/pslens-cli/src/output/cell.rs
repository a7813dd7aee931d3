//! One value in a table: how it is compared and how it is written.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::ffi::{OsStr, OsString};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use pslens::process::Field;

use super::time::{self, Style};
use super::{Layout, text, units};
use crate::context::Clock;

/// A value, or why there is none.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell<'a> {
    /// The system or the process does not have it.
    Unknown,
    Denied,
    /// The kernel's answer could not be understood.
    Failed,
    Text(Cow<'a, OsStr>),
    Number(i64),
    Count(u64),
    Bytes(u64),
    Percent(f64),
    /// So many per second, or a plain share.
    Float(f64),
    /// The same, where small ones count.
    Hundredths(f64),
    /// Bytes per second, or on average.
    BytesRate(f64),
    /// CPU time with a fraction.
    Seconds(Duration),
    /// A short time in seconds, shown in thousandths of them.
    Milliseconds(f64),
    /// CPU time as a clock shows it.
    CpuTime(Duration),
    /// CPU time in minutes and seconds.
    CpuMinutes(Duration),
    Elapsed(Duration),
    Time(SystemTime, Style),
    /// All parts of a value that has parts.
    Parts(Vec<Self>),
}

impl<'a> Cell<'a> {
    /// The cell of a field: `value` says what is shown of it, if anything is.
    pub(crate) fn of<T>(field: &'a Field<T>, value: impl FnOnce(&'a T) -> Option<Self>) -> Self {
        match field {
            Field::Value(found) => value(found).unwrap_or(Self::Unknown),
            Field::Denied => Self::Denied,
            Field::Failed(_) => Self::Failed,
            _ => Self::Unknown,
        }
    }

    pub(crate) fn text(text: &'a (impl AsRef<OsStr> + ?Sized)) -> Self {
        Self::Text(Cow::Borrowed(text.as_ref()))
    }

    pub(crate) fn word(text: &'static str) -> Self {
        Self::Text(Cow::Borrowed(OsStr::new(text)))
    }

    /// A text that was put together for the table.
    pub(crate) fn owned(text: impl Into<OsString>) -> Self {
        Self::Text(Cow::Owned(text.into()))
    }

    /// A text that may be missing.
    pub(crate) fn some_text(text: Option<&'a (impl AsRef<OsStr> + ?Sized)>) -> Self {
        text.map_or(Self::Unknown, Self::text)
    }

    /// A number of bytes that may be unknown.
    pub(crate) fn bytes(bytes: Option<u64>) -> Self {
        bytes.map_or(Self::Unknown, Self::Bytes)
    }

    /// A quotient that may be unknown, as the kind of cell that it is.
    pub(crate) fn quotient(number: Option<f64>, kind: fn(f64) -> Self) -> Self {
        number.map_or(Self::Unknown, kind)
    }

    /// A number that may be unknown.
    pub(crate) fn count(number: Option<impl Into<u64>>) -> Self {
        number.map_or(Self::Unknown, |number| Self::Count(number.into()))
    }

    pub(crate) fn is_missing(&self) -> bool {
        matches!(self, Self::Unknown | Self::Denied | Self::Failed)
    }

    /// The order of two cells of the same column; what is not known comes last either way.
    pub(crate) fn compare(&self, other: &Self, downwards: bool) -> Ordering {
        match (self.is_missing(), other.is_missing()) {
            (true, true) => Ordering::Equal,
            (mine, theirs) if mine != theirs => mine.cmp(&theirs),
            _ if downwards => other.compare_values(self),
            _ => self.compare_values(other),
        }
    }

    fn compare_values(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (Self::Number(a), Self::Number(b)) => a.cmp(b),
            (Self::Count(a), Self::Count(b)) | (Self::Bytes(a), Self::Bytes(b)) => a.cmp(b),
            (Self::Percent(a), Self::Percent(b))
            | (Self::Float(a), Self::Float(b))
            | (Self::Hundredths(a), Self::Hundredths(b))
            | (Self::Milliseconds(a), Self::Milliseconds(b))
            | (Self::BytesRate(a), Self::BytesRate(b)) => a.total_cmp(b),
            (Self::Seconds(a), Self::Seconds(b))
            | (Self::CpuTime(a), Self::CpuTime(b))
            | (Self::CpuMinutes(a), Self::CpuMinutes(b))
            | (Self::Elapsed(a), Self::Elapsed(b)) => a.cmp(b),
            (Self::Time(a, _), Self::Time(b, _)) => a.cmp(b),
            (Self::Parts(a), Self::Parts(b)) => a
                .iter()
                .zip(b)
                .map(|(a, b)| a.compare(b, false))
                .find(|order| order.is_ne())
                .unwrap_or(Ordering::Equal),
            // A column of several kinds has numbers first, then words ("unlimited").
            _ => match (self.number(), other.number()) {
                (Some(a), Some(b)) => a.total_cmp(&b),
                (a, b) => b.is_some().cmp(&a.is_some()),
            },
        }
    }

    pub(crate) fn push(&self, out: &mut String, layout: Layout, clock: &Clock) {
        match self {
            Self::Unknown => out.push('-'),
            Self::Denied => out.push('?'),
            Self::Failed => out.push('!'),
            Self::Text(text) if text.is_empty() => out.push('-'),
            Self::Text(text) => text::push(out, text),
            Self::Number(number) => text::append(out, format_args!("{number}")),
            Self::Count(number) => text::append(out, format_args!("{number}")),
            Self::Bytes(bytes) => units::push_bytes(out, *bytes, layout.sizes),
            Self::Percent(number) | Self::Float(number) => {
                text::append(out, format_args!("{number:.1}"));
            }
            Self::Hundredths(number) => text::append(out, format_args!("{number:.2}")),
            Self::Milliseconds(time) => text::append(out, format_args!("{:.2}", time * 1000.0)),
            Self::BytesRate(rate) => units::push_rate(out, *rate, layout.sizes),
            Self::Seconds(time) => text::append(out, format_args!("{:.2}", time.as_secs_f64())),
            Self::CpuTime(time) => units::push_cpu_time(out, *time),
            Self::CpuMinutes(time) => {
                let seconds = time.as_secs();
                text::append(out, format_args!("{}:{:02}", seconds / 60, seconds % 60));
            }
            Self::Elapsed(time) => units::push_elapsed(out, *time),
            Self::Time(at, style) => {
                if !time::push(out, *at, *style, clock) {
                    out.push('-');
                }
            }
            Self::Parts(parts) => {
                for (at, part) in parts.iter().enumerate() {
                    if at > 0 {
                        out.push('/');
                    }
                    part.push(out, layout, clock);
                }
            }
        }
    }
}

impl Cell<'_> {
    /// The value as a number in base units: bytes, seconds, percent; what is text has none.
    pub(crate) fn number(&self) -> Option<f64> {
        Some(match self {
            Self::Number(number) => *number as f64,
            Self::Count(number) | Self::Bytes(number) => *number as f64,
            Self::Percent(number)
            | Self::Float(number)
            | Self::Hundredths(number)
            | Self::BytesRate(number)
            | Self::Milliseconds(number) => *number,
            Self::Seconds(time)
            | Self::CpuTime(time)
            | Self::CpuMinutes(time)
            | Self::Elapsed(time) => time.as_secs_f64(),
            Self::Time(at, _) => at.duration_since(UNIX_EPOCH).ok()?.as_secs_f64(),
            Self::Unknown | Self::Denied | Self::Failed | Self::Text(_) | Self::Parts(_) => {
                return None;
            }
        })
    }

    /// Appends the value for a program: base units, not rounded; nothing for what is not known. Text is
    /// escaped as on a terminal.
    pub(crate) fn push_raw(&self, out: &mut String) {
        match self {
            Self::Unknown | Self::Denied | Self::Failed => {}
            Self::Number(number) => text::append(out, format_args!("{number}")),
            Self::Count(number) | Self::Bytes(number) => {
                text::append(out, format_args!("{number}"));
            }
            Self::Text(text) => text::push(out, text),
            Self::Parts(parts) => {
                for (at, part) in parts.iter().enumerate() {
                    if at > 0 {
                        out.push('/');
                    }
                    part.push_raw(out);
                }
            }
            other => {
                if let Some(number) = other.number() {
                    text::append(out, format_args!("{number}"));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_comes_last_either_way() {
        for downwards in [false, true] {
            let mut cells = [
                Cell::Unknown,
                Cell::Count(2),
                Cell::Denied,
                Cell::Count(1),
                Cell::Count(3),
            ];
            cells.sort_by(|a, b| a.compare(b, downwards));
            let expect = if downwards { [3, 2, 1] } else { [1, 2, 3] };
            assert_eq!(cells[..3], expect.map(Cell::Count));
        }
    }

    #[test]
    fn numbers_come_before_words() {
        let mut cells = [
            Cell::word("unlimited"),
            Cell::Count(1024),
            Cell::Bytes(20),
            Cell::Float(30.5),
        ];
        cells.sort_by(|a, b| a.compare(b, false));
        let expect = [
            Cell::Bytes(20),
            Cell::Float(30.5),
            Cell::Count(1024),
            Cell::word("unlimited"),
        ];
        assert_eq!(cells, expect);
    }
}
