//! `/sys/block/[disk]/stat`, and the numbers of `/proc/diskstats`: what a block device has done since boot.
//!
//! Format (kernel `Documentation/block/stat.rst`, `Documentation/admin-guide/iostats.rst`): decimal
//! numbers between blanks. Four of them for a partition before Linux 2.6.25, eleven later, four more
//! (discards) since 4.18, two more (flushes) since 5.5.

use crate::error::{ParseError, Problem};
use crate::scan::Scan;

const SOURCE: &str = "/sys/block/[disk]/stat";

/// One sector, whatever the hardware's sectors are.
pub const SECTOR_BYTES: u64 = 512;

/// The counters of one block device. Ticks are milliseconds, sectors are [`SECTOR_BYTES`].
///
/// The kernel counts in 32 or 64 bits, depending on version and machine; counters wrap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stat {
    /// Reads completed.
    pub read_ios: u64,
    /// Reads that were merged into others before they were queued. `None` for partitions before
    /// Linux 2.6.25.
    pub read_merges: Option<u64>,
    /// Sectors read.
    pub read_sectors: u64,
    /// Time that reads took, summed over parallel ones. `None` for partitions before Linux 2.6.25.
    pub read_ticks: Option<u64>,
    /// Writes completed.
    pub write_ios: u64,
    /// Writes merged. `None` for partitions before Linux 2.6.25.
    pub write_merges: Option<u64>,
    /// Sectors written.
    pub write_sectors: u64,
    /// Time that writes took. `None` for partitions before Linux 2.6.25.
    pub write_ticks: Option<u64>,
    /// Requests under way now. `None` for partitions before Linux 2.6.25.
    pub in_flight: Option<u64>,
    /// Time in which at least one request was under way. `None` for partitions before Linux 2.6.25.
    pub io_ticks: Option<u64>,
    /// Time that requests waited, summed. `None` for partitions before Linux 2.6.25.
    pub time_in_queue: Option<u64>,
    /// Discards completed. Since Linux 4.18.
    pub discard_ios: Option<u64>,
    /// Discards merged. Since Linux 4.18.
    pub discard_merges: Option<u64>,
    /// Sectors discarded. Since Linux 4.18.
    pub discard_sectors: Option<u64>,
    /// Time that discards took. Since Linux 4.18.
    pub discard_ticks: Option<u64>,
    /// Flushes completed; not counted for partitions, which show 0. Since Linux 5.5.
    pub flush_ios: Option<u64>,
    /// Time that flushes took. Since Linux 5.5.
    pub flush_ticks: Option<u64>,
}

/// Decodes the text of `/sys/block/[disk]/stat`.
///
/// # Errors
/// When it does not hold four, or at least eleven, numbers.
pub fn parse(input: &[u8]) -> Result<Stat, ParseError> {
    columns(&mut Scan::new(SOURCE, input))
}

/// The numbers from here to the end of the line.
pub(super) fn columns(scan: &mut Scan<'_>) -> Result<Stat, ParseError> {
    let a = scan.number("read I/Os")?;
    let b = scan.number("read merges")?;
    let c = scan.number("read sectors")?;
    let d = scan.number("read ticks")?;
    let Some(write_ios) = scan.optional("write I/Os")? else {
        // A partition of an old kernel: reads, sectors read, writes, sectors written.
        return Ok(Stat {
            read_ios: a,
            read_sectors: b,
            write_ios: c,
            write_sectors: d,
            ..Stat::default()
        });
    };
    let mut stat = Stat {
        read_ios: a,
        read_merges: Some(b),
        read_sectors: c,
        read_ticks: Some(d),
        write_ios,
        write_merges: Some(scan.number("write merges")?),
        write_sectors: scan.number("write sectors")?,
        write_ticks: Some(scan.number("write ticks")?),
        in_flight: Some(scan.number("in_flight")?),
        io_ticks: Some(scan.number("io_ticks")?),
        time_in_queue: Some(scan.number("time_in_queue")?),
        ..Stat::default()
    };
    let Some(discard_ios) = scan.optional("discard I/Os")? else {
        return Ok(stat);
    };
    stat.discard_ios = Some(discard_ios);
    stat.discard_merges = Some(scan.number("discard merges")?);
    stat.discard_sectors = Some(scan.number("discard sectors")?);
    stat.discard_ticks = Some(scan.number("discard ticks")?);
    let Some(flush_ios) = scan.optional("flush I/Os")? else {
        return Ok(stat);
    };
    stat.flush_ios = Some(flush_ios);
    stat.flush_ticks = Some(scan.number("flush ticks")?);
    // Further columns are a newer kernel's.
    if scan
        .rest()
        .first()
        .is_some_and(|byte| !byte.is_ascii_whitespace())
    {
        return Err(scan.error("flush ticks", Problem::Malformed));
    }
    Ok(stat)
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(input: &str, expect: Option<[Option<u64>; 6]>) {
        let got = parse(input.as_bytes()).ok().map(|s| {
            [
                Some(s.read_ios),
                s.read_merges,
                Some(s.write_sectors),
                s.io_ticks,
                s.discard_ticks,
                s.flush_ticks,
            ]
        });
        assert_eq!(got, expect, "{input:?}");
    }

    #[test]
    fn stat_of_every_kernel() {
        // 2.6.18, a partition.
        check(
            "   11   22   33   44\n",
            Some([Some(11), None, Some(44), None, None, None]),
        );
        // 2.6.32.
        check(
            "    1     2    3    4   5    6    7   8   9   10   11\n",
            Some([Some(1), Some(2), Some(7), Some(10), None, None]),
        );
        // 4.18.
        check(
            "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15",
            Some([Some(1), Some(2), Some(7), Some(10), Some(15), None]),
        );
        // 5.5, and one that does not exist yet.
        let latest = Some([Some(1), Some(2), Some(7), Some(10), Some(15), Some(17)]);
        check("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17\n", latest);
        check("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 x\n", latest);
    }

    #[test]
    fn stat_that_ends_early_is_an_error() {
        check("", None);
        check("1 2 3", None);
        check("1 2 3 4 5 6 7 8 9 10", None);
        check("1 2 3 4 5 6 7 8 9 10 11 12 13", None);
        check("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16", None);
        check("1 2 3 4 x 6 7 8 9 10 11", None);
        check("1 2 3 18446744073709551616 5 6 7 8 9 10 11", None);
    }

    /// Any state of a device, as one of the four generations of kernels shows it.
    pub(in crate::linux) fn any_stat() -> impl Strategy<Value = Stat> {
        (any::<[u64; 17]>(), 0..4_u8).prop_map(|(n, generation)| Stat {
            read_ios: n[0],
            read_merges: (generation > 0).then_some(n[1]),
            read_sectors: n[2],
            read_ticks: (generation > 0).then_some(n[3]),
            write_ios: n[4],
            write_merges: (generation > 0).then_some(n[5]),
            write_sectors: n[6],
            write_ticks: (generation > 0).then_some(n[7]),
            in_flight: (generation > 0).then_some(n[8]),
            io_ticks: (generation > 0).then_some(n[9]),
            time_in_queue: (generation > 0).then_some(n[10]),
            discard_ios: (generation > 1).then_some(n[11]),
            discard_merges: (generation > 1).then_some(n[12]),
            discard_sectors: (generation > 1).then_some(n[13]),
            discard_ticks: (generation > 1).then_some(n[14]),
            flush_ios: (generation > 2).then_some(n[15]),
            flush_ticks: (generation > 2).then_some(n[16]),
        })
    }

    /// The columns as the kernel prints them.
    pub(in crate::linux) fn render(s: &Stat) -> String {
        [
            Some(s.read_ios),
            s.read_merges,
            Some(s.read_sectors),
            s.read_ticks,
            Some(s.write_ios),
            s.write_merges,
            Some(s.write_sectors),
            s.write_ticks,
            s.in_flight,
            s.io_ticks,
            s.time_in_queue,
            s.discard_ios,
            s.discard_merges,
            s.discard_sectors,
            s.discard_ticks,
            s.flush_ios,
            s.flush_ticks,
        ]
        .iter()
        .flatten()
        .map(|n| format!("{n:>8}"))
        .collect::<Vec<_>>()
        .join(" ")
    }

    proptest! {
        #[test]
        fn stat_round_trips(stat in any_stat()) {
            prop_assert_eq!(parse(render(&stat).as_bytes()), Ok(stat));
        }

        #[test]
        fn stat_never_panics(input in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&input);
        }
    }
}
