//! `/proc/net/dev`: what every network interface of one network namespace has received and sent.
//!
//! Format (proc(5), kernel `net/core/net-procfs.c`): two lines of headings, then one row per
//! interface, `  eth0: 43371527    2204 ...` with eight columns received and eight sent. Kernels
//! before 3.0 print no blank after the colon.

use crate::error::{ParseError, Problem};
use crate::scan::{Scan, memrchr, trim};

const SOURCE: &str = "/proc/net/dev";

/// One interface. Volumes are bytes; everything counts up since the interface appeared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row<'a> {
    /// The interface's name, which may contain any byte but `/`, `:` and blanks (an alias, `:`).
    pub name: &'a [u8],
    /// The columns under "Receive".
    pub receive: Receive,
    /// The columns under "Transmit".
    pub transmit: Transmit,
}

/// What came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receive {
    /// Bytes.
    pub bytes: u64,
    /// Packets.
    pub packets: u64,
    /// Packets with an error.
    pub errs: u64,
    /// Packets dropped, including those missed for want of a buffer.
    pub drop: u64,
    /// FIFO overruns.
    pub fifo: u64,
    /// Length, overrun, checksum and frame errors.
    pub frame: u64,
    /// Compressed packets.
    pub compressed: u64,
    /// Multicast packets.
    pub multicast: u64,
}

/// What went out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transmit {
    /// Bytes.
    pub bytes: u64,
    /// Packets.
    pub packets: u64,
    /// Packets with an error.
    pub errs: u64,
    /// Packets dropped.
    pub drop: u64,
    /// FIFO underruns.
    pub fifo: u64,
    /// Collisions.
    pub colls: u64,
    /// Carrier, aborted, window and heartbeat errors.
    pub carrier: u64,
    /// Compressed packets.
    pub compressed: u64,
}

/// Decodes the rows of `/proc/net/dev`.
pub fn rows(input: &[u8]) -> impl Iterator<Item = Result<Row<'_>, ParseError>> {
    let mut text = Scan::new(SOURCE, input);
    text.line();
    text.line();
    core::iter::from_fn(move || text.line().map(row))
}

fn row(mut line: Scan<'_>) -> Result<Row<'_>, ParseError> {
    // The last colon: an alias has one in its name, numbers have none.
    let Some(colon) = memrchr(b':', line.rest()) else {
        return Err(line.error("name", Problem::Missing));
    };
    let name = trim(line.skip(colon));
    if name.is_empty() {
        return Err(line.error("name", Problem::Missing));
    }
    line.eat(b':');
    Ok(Row {
        name,
        receive: Receive {
            bytes: line.number("receive bytes")?,
            packets: line.number("receive packets")?,
            errs: line.number("receive errs")?,
            drop: line.number("receive drop")?,
            fifo: line.number("receive fifo")?,
            frame: line.number("receive frame")?,
            compressed: line.number("receive compressed")?,
            multicast: line.number("receive multicast")?,
        },
        transmit: Transmit {
            bytes: line.number("transmit bytes")?,
            packets: line.number("transmit packets")?,
            errs: line.number("transmit errs")?,
            drop: line.number("transmit drop")?,
            fifo: line.number("transmit fifo")?,
            colls: line.number("transmit colls")?,
            carrier: line.number("transmit carrier")?,
            compressed: line.number("transmit compressed")?,
        },
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HEADINGS: &str = "Inter-|   Receive                                                |  Transmit\n face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n";

    fn check(rows_text: &str, expect: &[Option<(&str, u64, u64)>]) {
        let text = format!("{HEADINGS}{rows_text}");
        let got: Vec<_> = rows(text.as_bytes())
            .map(|row| {
                row.ok().map(|row| {
                    let name = String::from_utf8_lossy(row.name).into_owned();
                    (name, row.receive.bytes, row.transmit.bytes)
                })
            })
            .collect();
        let expect: Vec<_> = expect
            .iter()
            .map(|row| row.map(|(name, rx, tx)| (name.to_owned(), rx, tx)))
            .collect();
        assert_eq!(got, expect, "{rows_text:?}");
    }

    #[test]
    fn net_dev_in_every_shape() {
        check(
            "    lo:    3193      29    0    0    0     0          0         0     3194      29    0    0    0     0       0          0\n",
            &[Some(("lo", 3193, 3194))],
        );
        check(
            "  eth0:1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n",
            &[Some(("eth0", 1, 9))],
        );
        check(
            "eth0:7:1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16",
            &[Some(("eth0:7", 1, 9))],
        );
        check(
            "a|b: 18446744073709551615 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17\n",
            &[Some(("a|b", u64::MAX, 9))],
        );
        check(
            "x: 1 2 3\ny: 18446744073709551616 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\nz: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n\n",
            &[None, None, Some(("z", 1, 9)), None],
        );
        check(": 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n", &[None]);
        check("", &[]);
        assert_eq!(rows(b"").count(), 0);
    }

    #[test]
    fn net_dev_columns_are_in_the_order_of_the_headings() {
        let text = format!("{HEADINGS}e: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n");
        let row = rows(text.as_bytes()).next().unwrap().unwrap();
        let (r, t) = (row.receive, row.transmit);
        let received = [
            r.bytes,
            r.packets,
            r.errs,
            r.drop,
            r.fifo,
            r.frame,
            r.compressed,
            r.multicast,
        ];
        let sent = [
            t.bytes,
            t.packets,
            t.errs,
            t.drop,
            t.fifo,
            t.colls,
            t.carrier,
            t.compressed,
        ];
        assert!(received.into_iter().eq(1..=8));
        assert!(sent.into_iter().eq(9..=16));
    }

    proptest! {
        #[test]
        fn net_dev_round_trips(table in proptest::collection::vec(("[^\\s/:\u{0}]{1,15}", proptest::array::uniform16(any::<u64>())), 0..6)) {
            let mut text = HEADINGS.to_owned();
            for (name, numbers) in &table {
                text += &format!("{name:>6}:");
                for number in numbers {
                    text += &format!(" {number:>7}");
                }
                text.push('\n');
            }
            let got: Vec<_> = rows(text.as_bytes()).collect::<Result<_, _>>().unwrap();
            prop_assert_eq!(got.len(), table.len());
            for (row, (name, numbers)) in got.iter().zip(&table) {
                prop_assert_eq!(row.name, name.as_bytes());
                prop_assert_eq!(row.receive.bytes, numbers[0]);
                prop_assert_eq!(row.receive.multicast, numbers[7]);
                prop_assert_eq!(row.transmit.bytes, numbers[8]);
                prop_assert_eq!(row.transmit.compressed, numbers[15]);
            }
        }

        #[test]
        fn net_dev_never_panics(input in proptest::collection::vec(any::<u8>(), 0..400)) {
            rows(&input).for_each(drop);
        }
    }
}
