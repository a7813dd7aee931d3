//! `/var/run/utmp`: who is logged in, as the C library of Linux writes it.
//!
//! Format (utmp(5), glibc `bits/utmpx.h`): records of one size, text fields that end in NUL only if
//! they are shorter than their field. Two layouts exist: 384 bytes where the time is in 32 bits (x86,
//! 32-bit ARM, POWER, s390x, RISC-V) and 400 bytes where it is in 64 (AArch64), each in the byte order
//! of the machine that wrote it. Nothing in the file says which; [`Layout::of`] finds out.

use crate::error::{ParseError, Problem};

const SOURCE: &str = "/var/run/utmp";

/// How the records are laid out: a fact about the machine that wrote them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// Width of session and time.
    pub width: Width,
    /// Byte order of numbers.
    pub order: Order,
}

/// Width of `ut_session`, `tv_sec` and `tv_usec`, which decides the size of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Width {
    /// 32 bits: 384 bytes.
    Narrow,
    /// 64 bits: 400 bytes.
    Wide,
}

/// Byte order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The lowest byte comes first.
    Little,
    /// The highest byte comes first.
    Big,
}

/// `ut_type` of a user who is logged in.
pub const USER_PROCESS: i16 = 7;

/// `ut_type` goes from `EMPTY` to `ACCOUNTING`.
const TYPES: core::ops::RangeInclusive<i16> = 0..=9;

/// One record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row<'a> {
    /// `ut_type`: what the record is about; [`USER_PROCESS`] for a login.
    pub kind: i16,
    /// `ut_pid`: the login process. Of a login that ended it may be another process's by now.
    pub pid: i32,
    /// `ut_line`: the terminal without `/dev/`.
    pub line: &'a [u8],
    /// `ut_id`: an abbreviation of the terminal.
    pub id: &'a [u8],
    /// `ut_user`: the login name.
    pub user: &'a [u8],
    /// `ut_host`: where a remote login came from, or the kernel version.
    pub host: &'a [u8],
    /// `ut_session`: the session.
    pub session: i64,
    /// `tv_sec`: when, in seconds since the epoch.
    pub tv_sec: i64,
    /// `tv_usec`: and microseconds.
    pub tv_usec: i64,
}

impl Layout {
    /// Bytes in a record.
    #[must_use]
    pub const fn size(self) -> usize {
        match self.width {
            Width::Narrow => 384,
            Width::Wide => 400,
        }
    }

    /// The layout of a whole file, found by its size and by what its records claim to be.
    ///
    /// `likely` is tried first: the layout of the machine that reads. A layout in which all records
    /// have a known type is preferred to one that merely divides the size.
    #[must_use]
    pub fn of(input: &[u8], likely: Self) -> Self {
        let other_width = match likely.width {
            Width::Narrow => Width::Wide,
            Width::Wide => Width::Narrow,
        };
        let other_order = match likely.order {
            Order::Little => Order::Big,
            Order::Big => Order::Little,
        };
        let candidates = [
            likely,
            Self {
                width: other_width,
                ..likely
            },
            Self {
                order: other_order,
                ..likely
            },
            Self {
                width: other_width,
                order: other_order,
            },
        ];
        let fits = |layout: &Self| {
            input.len().checked_rem(layout.size()) == Some(0)
                && input
                    .chunks_exact(layout.size())
                    .all(|record| layout.short(record, 0).is_some_and(|t| TYPES.contains(&t)))
        };
        candidates.into_iter().find(fits).unwrap_or(likely)
    }

    fn short(self, record: &[u8], at: usize) -> Option<i16> {
        let bytes = *record.get(at..)?.first_chunk()?;
        Some(match self.order {
            Order::Little => i16::from_le_bytes(bytes),
            Order::Big => i16::from_be_bytes(bytes),
        })
    }

    fn int(self, record: &[u8], at: usize) -> Option<i32> {
        let bytes = *record.get(at..)?.first_chunk()?;
        Some(match self.order {
            Order::Little => i32::from_le_bytes(bytes),
            Order::Big => i32::from_be_bytes(bytes),
        })
    }

    fn long(self, record: &[u8], at: usize) -> Option<i64> {
        let bytes = *record.get(at..)?.first_chunk()?;
        Some(match self.order {
            Order::Little => i64::from_le_bytes(bytes),
            Order::Big => i64::from_be_bytes(bytes),
        })
    }

    fn row(self, record: &[u8]) -> Option<Row<'_>> {
        let (session, tv_sec, tv_usec) = match self.width {
            Width::Narrow => (
                i64::from(self.int(record, 336)?),
                // Unsigned since glibc 2.40: good until 2106. No login is older than 1970.
                i64::from(self.int(record, 340)?.cast_unsigned()),
                i64::from(self.int(record, 344)?),
            ),
            Width::Wide => (
                self.long(record, 336)?,
                self.long(record, 344)?,
                self.long(record, 352)?,
            ),
        };
        Some(Row {
            kind: self.short(record, 0)?,
            pid: self.int(record, 4)?,
            line: text(record, 8, 32)?,
            id: text(record, 40, 4)?,
            user: text(record, 44, 32)?,
            host: text(record, 76, 256)?,
            session,
            tv_sec,
            tv_usec,
        })
    }
}

/// The bytes of a text field up to its first NUL, all of them if it has none.
fn text(record: &[u8], at: usize, size: usize) -> Option<&[u8]> {
    let field = record.get(at..)?.get(..size)?;
    field.split(|&byte| byte == 0).next()
}

/// The records of `input`, in the order of the file, whatever their type.
///
/// A rest that is shorter than a record is one error at the end.
pub fn rows(input: &[u8], layout: Layout) -> impl Iterator<Item = Result<Row<'_>, ParseError>> {
    input
        .chunks(layout.size())
        .enumerate()
        .map(move |(number, record)| {
            let offset = number.saturating_mul(layout.size());
            Some(record)
                .filter(|record| record.len() == layout.size())
                .and_then(|record| layout.row(record))
                .ok_or(ParseError::new(SOURCE, "utmp", offset, Problem::Missing))
        })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const X86_64: Layout = Layout {
        width: Width::Narrow,
        order: Order::Little,
    };
    const AARCH64: Layout = Layout {
        width: Width::Wide,
        order: Order::Little,
    };
    const S390X: Layout = Layout {
        width: Width::Narrow,
        order: Order::Big,
    };
    const WIDE_BIG: Layout = Layout {
        width: Width::Wide,
        order: Order::Big,
    };
    const ALL: [Layout; 4] = [X86_64, AARCH64, S390X, WIDE_BIG];

    /// A record as the C library of that machine writes it.
    fn render(row: &Row<'_>, layout: Layout) -> Vec<u8> {
        let number = |value: i64, size: usize| match layout.order {
            Order::Little => value.to_le_bytes()[..size].to_vec(),
            Order::Big => value.to_be_bytes()[8 - size..].to_vec(),
        };
        let mut record = vec![0; layout.size()];
        let mut put = |at: usize, bytes: &[u8]| record[at..at + bytes.len()].copy_from_slice(bytes);
        put(0, &number(row.kind.into(), 2));
        put(4, &number(row.pid.into(), 4));
        put(8, row.line);
        put(40, row.id);
        put(44, row.user);
        put(76, row.host);
        let (size, at) = match layout.width {
            Width::Narrow => (4, [336, 340, 344]),
            Width::Wide => (8, [336, 344, 352]),
        };
        put(at[0], &number(row.session, size));
        put(at[1], &number(row.tv_sec, size));
        put(at[2], &number(row.tv_usec, size));
        record
    }

    const LOGIN: Row<'_> = Row {
        kind: USER_PROCESS,
        pid: 1234,
        line: b"pts/0",
        id: b"ts/0",
        user: b"alice",
        host: b"192.0.2.7",
        session: 1234,
        tv_sec: 1_700_000_000,
        tv_usec: 999_999,
    };

    fn check(input: &[u8], likely: Layout, layout: Layout, expect: &[Option<Row<'_>>]) {
        assert_eq!(Layout::of(input, likely), layout);
        let got: Vec<_> = rows(input, layout).map(Result::ok).collect();
        assert_eq!(got, expect);
    }

    #[test]
    fn every_layout_is_recognised_from_its_bytes() {
        let boot = Row {
            kind: 2,
            line: b"~",
            id: b"~~",
            user: b"reboot",
            host: b"6.18.0",
            ..LOGIN
        };
        for layout in ALL {
            let file = [render(&boot, layout), render(&LOGIN, layout)].concat();
            for likely in ALL {
                check(&file, likely, layout, &[Some(boot), Some(LOGIN)]);
            }
        }
        check(b"", X86_64, X86_64, &[]);
    }

    #[test]
    fn text_need_not_end_in_nul_and_a_torn_record_is_an_error() {
        let full = Row {
            line: &[b'l'; 32],
            user: &[b'\xff'; 32],
            host: &[b'h'; 256],
            ..LOGIN
        };
        let mut file = render(&full, X86_64);
        check(&file, X86_64, X86_64, &[Some(full)]);
        file.extend_from_slice(&render(&LOGIN, X86_64)[..100]);
        check(&file, X86_64, X86_64, &[Some(full), None]);
    }

    #[test]
    fn times_after_2038_fit_the_narrow_layout() {
        let late = Row {
            tv_sec: 4_000_000_000,
            ..LOGIN
        };
        check(&render(&late, X86_64), X86_64, X86_64, &[Some(late)]);
    }

    proptest! {
        #[test]
        fn utmpx_round_trips(
            pid in any::<i32>(), user in "[a-z]{0,32}", line in "[a-z/0-9]{0,32}", host in "[a-z.:0-9]{0,256}",
            session in any::<i32>(), tv_sec in 0_i64..=u32::MAX.into(), tv_usec in 0_i64..1_000_000, which in 0_usize..4,
        ) {
            let row = Row {
                pid,
                user: user.as_bytes(),
                line: line.as_bytes(),
                host: host.as_bytes(),
                session: session.into(),
                tv_sec,
                tv_usec,
                ..LOGIN
            };
            let file = render(&row, ALL[which]);
            let got: Vec<_> = rows(&file, ALL[which]).map(Result::unwrap).collect();
            prop_assert_eq!(got, vec![row]);
        }

        #[test]
        fn utmpx_never_panics(input in proptest::collection::vec(any::<u8>(), 0..1300)) {
            for likely in ALL {
                let _ = rows(&input, Layout::of(&input, likely)).count();
            }
        }
    }
}
