//! `/proc/stat`: what the CPUs did since boot, and how often the kernel was entered.
//!
//! Format (proc(5), kernel `fs/proc/stat.c`): a line `cpu` with the sums, one line `cpuN` for each CPU
//! that is online, then `intr`, `ctxt`, `btime`, `processes`, `procs_running`, `procs_blocked` and
//! `softirq`. The kernel renders the file in one piece.

use crate::error::{ParseError, Problem};
use crate::scan::Scan;

const SOURCE: &str = "/proc/stat";

/// Times of one CPU or of all, in clock ticks since boot (`sysconf(_SC_CLK_TCK)` in a second).
///
/// Single values go back at times: the kernel computes `idle` and `iowait` anew for each reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CpuTimes {
    /// In user mode, `guest` included.
    pub user: u64,
    /// In user mode at low priority, `guest_nice` included.
    pub nice: u64,
    /// In kernel mode.
    pub system: u64,
    /// Doing nothing.
    pub idle: u64,
    /// Doing nothing while a task waits for a disk. Since Linux 2.5.41.
    pub iowait: Option<u64>,
    /// Serving interrupts. Since Linux 2.6.0.
    pub irq: Option<u64>,
    /// Serving soft interrupts. Since Linux 2.6.0.
    pub softirq: Option<u64>,
    /// Taken by the hypervisor for other guests. Since Linux 2.6.11.
    pub steal: Option<u64>,
    /// Running guests; part of `user`. Since Linux 2.6.24.
    pub guest: Option<u64>,
    /// Running guests at low priority; part of `nice`. Since Linux 2.6.33.
    pub guest_nice: Option<u64>,
}

/// One CPU that is online.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// The CPU's number. CPUs that are offline have no row.
    pub cpu: u32,
    /// Its times.
    pub times: CpuTimes,
}

/// The lines below those of the CPUs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stat {
    /// Interrupts served since boot, all kinds.
    pub intr: u64,
    /// Context switches since boot, all CPUs.
    pub ctxt: u64,
    /// When the system booted, in seconds since the epoch.
    pub btime: u64,
    /// Processes and threads started since boot.
    pub processes: Option<u64>,
    /// Tasks that run or could run now. Since Linux 2.5.45.
    pub procs_running: Option<u64>,
    /// Tasks that wait for a disk now. Since Linux 2.5.45.
    pub procs_blocked: Option<u64>,
    /// Soft interrupts since boot, all kinds. Since Linux 2.6.31.
    pub softirq: Option<u64>,
}

/// Decodes the first line, the sums over all CPUs. The rest of the file need not be there.
///
/// # Errors
/// When the first line is not a complete line of CPU times.
pub fn parse_cpu(input: &[u8]) -> Result<CpuTimes, ParseError> {
    let mut line = Scan::new(SOURCE, input);
    if line.word() != b"cpu" {
        return Err(ParseError::new(SOURCE, "cpu", 0, Problem::Missing));
    }
    times(&mut line)
}

/// The CPUs that are online, in the order of the file.
pub fn rows(input: &[u8]) -> impl Iterator<Item = Result<Row, ParseError>> {
    let mut scan = Scan::new(SOURCE, input);
    // The CPUs come first; the rest may be long and holds no row.
    core::iter::from_fn(move || scan.line().filter(|line| line.rest().starts_with(b"cpu")))
        .filter(|line| line.rest().get(3).is_some_and(|&b| b != b' ' && b != b'\t'))
        .map(|mut line| {
            line.skip(3);
            Ok(Row {
                cpu: line.number("cpu")?,
                times: times(&mut line)?,
            })
        })
}

/// Decodes the lines that follow those of the CPUs.
///
/// # Errors
/// When `intr`, `ctxt` or `btime` is missing, or the number of a known line is malformed.
pub fn parse(input: &[u8]) -> Result<Stat, ParseError> {
    let mut scan = Scan::new(SOURCE, input);
    let (mut intr, mut ctxt, mut btime) = (None, None, None);
    let (mut processes, mut procs_running, mut procs_blocked) = (None, None, None);
    let mut softirq = None;
    while let Some(mut line) = scan.line() {
        let (name, value): (_, &mut Option<u64>) = match line.word() {
            b"intr" => ("intr", &mut intr),
            b"ctxt" => ("ctxt", &mut ctxt),
            b"btime" => ("btime", &mut btime),
            b"processes" => ("processes", &mut processes),
            b"procs_running" => ("procs_running", &mut procs_running),
            b"procs_blocked" => ("procs_blocked", &mut procs_blocked),
            b"softirq" => ("softirq", &mut softirq),
            _ => continue,
        };
        *value = Some(line.number(name)?);
    }
    let missing = |name| move || scan_end(input, name);
    Ok(Stat {
        intr: intr.ok_or_else(missing("intr"))?,
        ctxt: ctxt.ok_or_else(missing("ctxt"))?,
        btime: btime.ok_or_else(missing("btime"))?,
        processes,
        procs_running,
        procs_blocked,
        softirq,
    })
}

#[cold]
fn scan_end(input: &[u8], field: &'static str) -> ParseError {
    ParseError::new(SOURCE, field, input.len(), Problem::Missing)
}

#[inline]
fn times(line: &mut Scan<'_>) -> Result<CpuTimes, ParseError> {
    Ok(CpuTimes {
        user: line.number("user")?,
        nice: line.number("nice")?,
        system: line.number("system")?,
        idle: line.number("idle")?,
        iowait: line.optional("iowait")?,
        irq: line.optional("irq")?,
        softirq: line.optional("softirq")?,
        steal: line.optional("steal")?,
        guest: line.optional("guest")?,
        guest_nice: line.optional("guest_nice")?,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Values in the order of the columns; those that follow are not there.
    fn cpu_times(values: &[u64]) -> CpuTimes {
        let at = |n: usize| values.get(n).copied();
        CpuTimes {
            user: values[0],
            nice: values[1],
            system: values[2],
            idle: values[3],
            iowait: at(4),
            irq: at(5),
            softirq: at(6),
            steal: at(7),
            guest: at(8),
            guest_nice: at(9),
        }
    }

    fn check_cpu(input: &str, expect: Option<&[u64]>) {
        assert_eq!(
            parse_cpu(input.as_bytes()).ok(),
            expect.map(cpu_times),
            "{input:?}"
        );
    }

    #[test]
    fn the_first_line_of_every_kernel() {
        // 2.4
        check_cpu("cpu  1 2 3 4\ncpu0 1 2 3 4\n", Some(&[1, 2, 3, 4]));
        // 2.6.9
        check_cpu("cpu  1 2 3 4 5 6 7\n", Some(&[1, 2, 3, 4, 5, 6, 7]));
        // 2.6.18
        check_cpu("cpu  1 2 3 4 5 6 7 8\n", Some(&[1, 2, 3, 4, 5, 6, 7, 8]));
        // 2.6.32
        check_cpu(
            "cpu  1 2 3 4 5 6 7 8 9\n",
            Some(&[1, 2, 3, 4, 5, 6, 7, 8, 9]),
        );
        // 3.10 to 6.x, and one with a column from the future
        check_cpu(
            "cpu  1 2 3 4 5 6 7 8 9 10\n",
            Some(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
        );
        check_cpu(
            "cpu  1 2 3 4 5 6 7 8 9 10 11 x\n",
            Some(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
        );
        check_cpu("cpu 18446744073709551615 0 0 0", Some(&[u64::MAX, 0, 0, 0]));
        check_cpu("cpu 18446744073709551616 0 0 0", None);
        check_cpu("cpu  1 2 3\n4\n", None);
        check_cpu("cpu  1 2 3 4 x\n", None);
        check_cpu("cpu0 1 2 3 4\n", None);
        check_cpu("", None);
    }

    fn check_rows(input: &str, expect: &[Option<(u32, &[u64])>]) {
        let got: Vec<_> = rows(input.as_bytes()).map(Result::ok).collect();
        let expect: Vec<_> = expect
            .iter()
            .map(|row| {
                row.map(|(cpu, values)| Row {
                    cpu,
                    times: cpu_times(values),
                })
            })
            .collect();
        assert_eq!(got, expect, "{input:?}");
    }

    #[test]
    fn cpus_that_are_offline_leave_gaps_and_a_bad_row_is_skipped() {
        check_rows(
            "cpu  5 5 5 5\ncpu0 1 2 3 4\ncpu2 1 2 3 4 5\nintr 7\ncpu9 1 1 1 1\n",
            &[Some((0, &[1, 2, 3, 4])), Some((2, &[1, 2, 3, 4, 5]))],
        );
        check_rows(
            "cpu  5 5 5 5\ncpux 1 2 3 4\ncpu1 1 2 3\ncpu4095 1 2 3 4\n",
            &[None, None, Some((4095, &[1, 2, 3, 4]))],
        );
        check_rows("cpu  1 2 3 4\n", &[]);
        check_rows("", &[]);
    }

    #[test]
    fn the_lines_below_the_cpus() {
        let text = "cpu  1 2 3 4\ncpu0 1 2 3 4\nintr 100 1 2 3\nctxt 5\nbtime 1700000000\n\
            processes 9\nprocs_running 2\nprocs_blocked 18446744073709551615\nsoftirq 11 1 2\nnew 1\n";
        let full = Stat {
            intr: 100,
            ctxt: 5,
            btime: 1_700_000_000,
            processes: Some(9),
            procs_running: Some(2),
            procs_blocked: Some(u64::MAX),
            softirq: Some(11),
        };
        assert_eq!(parse(text.as_bytes()), Ok(full));
        assert_eq!(
            parse(b"intr 100\nctxt 5\nbtime 1700000000\n"),
            Ok(Stat {
                processes: None,
                procs_running: None,
                procs_blocked: None,
                softirq: None,
                ..full
            })
        );
        let error = parse(b"intr 100\nctxt 5\n").unwrap_err();
        assert_eq!((error.field(), error.offset()), ("btime", 16));
        assert!(parse(b"intr 100\nctxt x\nbtime 1\n").is_err());
        assert!(parse(b"").is_err());
    }

    proptest! {
        #[test]
        fn stat_round_trips(
            columns in 4_usize..=10,
            cpus in proptest::collection::btree_map(0_u32..9000, proptest::array::uniform10(any::<u64>()), 0..20),
            intr in any::<u64>(), ctxt in any::<u64>(), btime in any::<u64>(),
        ) {
            let line = |values: &[u64]| values.iter().map(|v| format!(" {v}")).collect::<String>();
            let mut text = format!("cpu {}\n", line(&[7; 10][..columns]));
            for (cpu, values) in &cpus {
                text += &format!("cpu{cpu}{}\n", line(&values[..columns]));
            }
            text += &format!("intr {intr} 1 2\nctxt {ctxt}\nbtime {btime}\n");
            prop_assert_eq!(parse_cpu(text.as_bytes()), Ok(cpu_times(&[7; 10][..columns])));
            let got: Vec<_> = rows(text.as_bytes()).map(Result::unwrap).collect();
            let expect: Vec<_> = cpus
                .iter()
                .map(|(&cpu, values)| Row { cpu, times: cpu_times(&values[..columns]) })
                .collect();
            prop_assert_eq!(got, expect);
            let stat = parse(text.as_bytes()).unwrap();
            prop_assert_eq!((stat.intr, stat.ctxt, stat.btime), (intr, ctxt, btime));
        }

        #[test]
        fn stat_never_panics(input in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = (parse_cpu(&input), parse(&input), rows(&input).count());
            let text = [b"cpu0 ".as_slice(), &input].concat();
            let _ = rows(&text).count();
        }
    }
}
