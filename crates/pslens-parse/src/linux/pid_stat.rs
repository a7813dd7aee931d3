//! `/proc/[pid]/stat` and `/proc/[pid]/task/[tid]/stat`: one line of numbers about a process or thread.
//!
//! Format (proc(5), kernel `fs/proc/array.c`): `1234 (name) S 1 1234 ...`, exactly one blank between
//! fields. The name is chosen by the process and printed as it is: it may hold blanks, parentheses,
//! line ends and any other byte. It ends at the *last* `)` of the text, because nothing after it can
//! hold one.
//!
//! This is the most often decoded text of all: one pass, and what nobody asks for is skipped eight
//! bytes at a time.

use super::decimal;
use super::find;
use crate::error::{ParseError, Problem};

const SOURCE: &str = "/proc/[pid]/stat";

/// The line, with the names and units of proc(5). Times are clock ticks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stat<'a> {
    /// (1) Process id, or thread id for a thread's file.
    pub pid: u32,
    /// (2) The name, unescaped: up to 15 bytes, more for kernel threads.
    pub comm: &'a [u8],
    /// (3) State: one of `RSDZTtXxKWPI`.
    pub state: u8,
    /// (4) Parent; 0 if it has none in this pid namespace, or is being reaped.
    pub ppid: u32,
    /// (5) Process group; -1 while the process is being reaped.
    pub pgrp: i64,
    /// (6) Session; -1 while the process is being reaped.
    pub session: i64,
    /// (7) Controlling terminal as a device number; 0 for none. The kernel prints it signed.
    pub tty_nr: i64,
    /// (8) Foreground process group of the terminal; -1 without a terminal.
    pub tpgid: i64,
    /// (9) The kernel's `PF_*` flags.
    pub flags: u64,
    /// (10) Minor page faults.
    pub minflt: u64,
    /// (11) Minor page faults of reaped children.
    pub cminflt: u64,
    /// (12) Major page faults.
    pub majflt: u64,
    /// (13) Major page faults of reaped children.
    pub cmajflt: u64,
    /// (14) Time in user mode, ticks.
    pub utime: u64,
    /// (15) Time in the kernel, ticks.
    pub stime: u64,
    /// (16) User time of reaped children, ticks.
    pub cutime: i64,
    /// (17) Kernel time of reaped children, ticks.
    pub cstime: i64,
    /// (18) Priority as the scheduler sees it.
    pub priority: i64,
    /// (19) Nice value, 19 to -20.
    pub nice: i64,
    /// (20) Number of threads; 0 while the process is being reaped, and before Linux 2.6.
    pub num_threads: u32,
    /// (22) Start, ticks after boot. (Field 21 has been 0 since Linux 2.6.17.)
    pub starttime: u64,
    /// (23) Virtual memory, bytes.
    pub vsize: u64,
    /// (24) Resident pages, approximately: `statm` is exact.
    pub rss: i64,
    /// (39) The CPU it last ran on. Since Linux 2.2.8.
    pub processor: Option<u32>,
    /// (40) Real-time priority, 1 to 99; 0 for other policies. Since Linux 2.5.19.
    pub rt_priority: Option<u32>,
    /// (41) Scheduling policy, `SCHED_*`. Since Linux 2.5.19.
    pub policy: Option<u32>,
    /// (42) Time waited for block I/O, ticks; 0 unless delay accounting is on. Since Linux 2.6.18.
    pub delayacct_blkio_ticks: Option<u64>,
    /// (43) Time running a virtual CPU, ticks. Since Linux 2.6.24.
    pub guest_time: Option<u64>,
    /// (52) Exit status as of `waitpid`; 0 unless the reader may trace the process. Since Linux 3.5.
    pub exit_code: Option<i64>,
}

/// Decodes the line.
///
/// # Errors
/// When one of the fields up to (24) is missing or malformed, or a later one is malformed.
pub fn parse(input: &[u8]) -> Result<Stat<'_>, ParseError> {
    let (pid, comm, rest) = head(input)?;
    let mut fields = Fields { input, rest };
    Ok(Stat {
        pid,
        comm,
        state: fields.state()?,
        ppid: fields.small("ppid")?,
        pgrp: fields.signed("pgrp")?,
        session: fields.signed("session")?,
        tty_nr: fields.signed("tty_nr")?,
        tpgid: fields.signed("tpgid")?,
        flags: fields.unsigned("flags")?,
        minflt: fields.unsigned("minflt")?,
        cminflt: fields.unsigned("cminflt")?,
        majflt: fields.unsigned("majflt")?,
        cmajflt: fields.unsigned("cmajflt")?,
        utime: fields.unsigned("utime")?,
        stime: fields.unsigned("stime")?,
        cutime: fields.signed("cutime")?,
        cstime: fields.signed("cstime")?,
        priority: fields.signed("priority")?,
        nice: fields.signed("nice")?,
        num_threads: fields.small("num_threads")?,
        starttime: {
            fields.skip("starttime", 1)?;
            fields.unsigned("starttime")?
        },
        vsize: fields.unsigned("vsize")?,
        rss: fields.signed("rss")?,
        processor: {
            // (25) rsslim to (38) exit_signal: addresses that nobody may see any more, obsolete masks.
            fields.skip_optional(14);
            fields.optional("processor", Fields::small)?
        },
        rt_priority: fields.optional("rt_priority", Fields::small)?,
        policy: fields.optional("policy", Fields::small)?,
        delayacct_blkio_ticks: fields.optional("delayacct_blkio_ticks", Fields::unsigned)?,
        guest_time: fields.optional("guest_time", Fields::unsigned)?,
        exit_code: {
            // (44) cguest_time to (51) env_end.
            fields.skip_optional(8);
            fields.optional("exit_code", Fields::signed)?
        },
    })
}

/// Decodes only state (3), ppid (4) and starttime (22): what tells a process from its successor.
///
/// # Errors
/// When one of the three is missing or malformed.
pub fn identity(input: &[u8]) -> Result<(u8, u32, u64), ParseError> {
    let (_, rest) = name(input)?;
    let mut fields = Fields { input, rest };
    let state = fields.state()?;
    let ppid = fields.small("ppid")?;
    fields.skip("starttime", 17)?;
    Ok((state, ppid, fields.unsigned("starttime")?))
}

/// The bytes up to the end of the name and those after its `)`.
#[inline]
fn name(input: &[u8]) -> Result<(&[u8], &[u8]), ParseError> {
    let missing = || ParseError::new(SOURCE, "comm", 0, Problem::Missing);
    let close = find::last(b')', input).ok_or_else(missing)?;
    let (before, rest) = input.split_at_checked(close).ok_or_else(missing)?;
    Ok((before, rest.get(1..).unwrap_or_default()))
}

/// Fields (1) and (2), and what follows the name.
#[inline]
fn head(input: &[u8]) -> Result<(u32, &[u8], &[u8]), ParseError> {
    let (before, rest) = name(input)?;
    // Nothing before the first "(" but the number and a blank.
    let (pid, after_pid) = decimal::leading(before);
    let pid = pid
        .and_then(|value| u32::try_from(value).ok())
        .ok_or_else(|| ParseError::new(SOURCE, "pid", 0, Problem::Malformed))?;
    let comm = after_pid.strip_prefix(b" (").ok_or_else(|| {
        let at = input.len().saturating_sub(after_pid.len());
        ParseError::new(SOURCE, "comm", at, Problem::Malformed)
    })?;
    Ok((pid, comm, rest))
}

/// The fields after the name. Each starts with its blank.
struct Fields<'a> {
    input: &'a [u8],
    rest: &'a [u8],
}

/// What is wrong at `at`, the end of `input`. Takes no [`Fields`], so that those stay in registers.
#[cold]
#[inline(never)]
fn error(input: &[u8], field: &'static str, at: &[u8]) -> ParseError {
    let problem = match at {
        [] | [b'\n', ..] => Problem::Missing,
        [b'0'..=b'9', ..] => Problem::OutOfRange,
        _ => Problem::Malformed,
    };
    let offset = input.len().saturating_sub(at.len());
    ParseError::new(SOURCE, field, offset, problem)
}

impl<'a> Fields<'a> {
    #[inline(always)]
    fn blank(&self, field: &'static str) -> Result<&'a [u8], ParseError> {
        match self.rest {
            [b' ', tail @ ..] => Ok(tail),
            other => Err(error(self.input, field, other)),
        }
    }

    #[inline(always)]
    fn state(&mut self) -> Result<u8, ParseError> {
        match self.blank("state")? {
            [state, tail @ ..] if state.is_ascii_alphabetic() => {
                self.rest = tail;
                Ok(*state)
            }
            other => Err(error(self.input, "state", other)),
        }
    }

    #[inline(always)]
    fn unsigned(&mut self, field: &'static str) -> Result<u64, ParseError> {
        let text = self.blank(field)?;
        let (value, rest) = decimal::leading(text);
        self.rest = rest;
        value.ok_or_else(|| error(self.input, field, text))
    }

    #[inline(always)]
    fn small(&mut self, field: &'static str) -> Result<u32, ParseError> {
        let at = self.rest;
        let value = self.unsigned(field)?;
        u32::try_from(value).map_err(|_| error(self.input, field, at.get(1..).unwrap_or_default()))
    }

    #[inline(always)]
    fn signed(&mut self, field: &'static str) -> Result<i64, ParseError> {
        let text = self.blank(field)?;
        let (negative, text) = match text {
            [b'-', tail @ ..] => (true, tail),
            _ => (false, text),
        };
        let (magnitude, rest) = decimal::leading(text);
        self.rest = rest;
        magnitude
            .and_then(|value| {
                if negative {
                    0_i64.checked_sub_unsigned(value)
                } else {
                    i64::try_from(value).ok()
                }
            })
            .ok_or_else(|| error(self.input, field, text))
    }

    /// Skips `count` fields in front of `field`, which must exist.
    #[inline(always)]
    fn skip(&mut self, field: &'static str, count: u32) -> Result<(), ParseError> {
        self.skip_optional(count);
        if self.rest.is_empty() {
            return Err(error(self.input, field, &[]));
        }
        Ok(())
    }

    /// Skips `count` fields; to the end if there are fewer.
    #[inline(always)]
    fn skip_optional(&mut self, count: u32) {
        // The blank in front of the next field ends the last one skipped: leave it.
        let next = find::after(count, b' ', self.rest)
            .and_then(|text| find::first(b' ', text).and_then(|at| text.get(at..)));
        self.rest = next.unwrap_or_default();
    }

    /// The next field, `None` at the end of the line.
    #[inline(always)]
    fn optional<T>(
        &mut self,
        field: &'static str,
        get: impl FnOnce(&mut Self, &'static str) -> Result<T, ParseError>,
    ) -> Result<Option<T>, ParseError> {
        if matches!(self.rest, [] | b"\n") {
            return Ok(None);
        }
        get(self, field).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const V2_4: &str = "1 (init) S 0 0 0 0 -1 256 60 49 162 154 0 402 0 1 8 0 0 0 43 1388544 119 4294967295 \
        134512640 134537452 3221225056 3221224016 1074680836 0 0 1467013372 680207875 3222407955 0 0 0 0\n";
    const V2_6_32: &str = "2210 (mingetty) S 1 2210 2210 1025 2210 4202496 246 0 1 0 0 0 0 0 20 0 1 0 2674 4153344 135 \
        18446744073709551615 1 1 0 0 0 0 0 0 0 18446744071581662243 0 0 17 1 0 0 0 0 0\n";
    const V3_10: &str = "957 (sshd) S 1 957 957 0 -1 4202752 1327 66405 2 39 1 6 211 97 20 0 1 0 1201 84688896 311 \
        18446744073709551615 140246301458432 140246302242748 140721944041616 140721944040936 140246265519763 \
        0 0 4096 81925 18446744071581118899 0 0 17 3 0 0 2 0 0 140246304342152 140246304355776 140246320926720 \
        140721944047417 140721944047434 140721944047434 140721944047591 0\n";
    const V6_18: &str = "8675 (cat) R 8673 8673 5528 34816 8675 4194304 102 0 0 0 0 0 0 0 20 0 1 0 147123 3133440 394 \
        18446744073709551615 94528833847296 94528833867177 140731564359632 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 \
        94528833883184 94528833884800 94529173278720 140731564366563 140731564366583 140731564366583 \
        140731564367851 256\n";

    /// pid, comm, state, ppid, starttime, rss, processor, blkio, exit code
    type Expect<'a> = (
        u32,
        &'a [u8],
        u8,
        u32,
        u64,
        i64,
        Option<u32>,
        Option<u64>,
        Option<i64>,
    );

    fn check(input: &[u8], expect: Result<Expect<'_>, (&str, Problem)>) {
        let got = parse(input).map(|s| {
            (
                s.pid,
                s.comm,
                s.state,
                s.ppid,
                s.starttime,
                s.rss,
                s.processor,
                s.delayacct_blkio_ticks,
                s.exit_code,
            )
        });
        let shown = String::from_utf8_lossy(input);
        if let (Ok(want), Ok(id)) = (expect, identity(input)) {
            assert_eq!(id, (want.2, want.3, want.4), "{shown}");
        }
        assert_eq!(got.map_err(|e| (e.field(), e.problem())), expect, "{shown}");
    }

    #[test]
    fn pid_stat_of_every_kernel() {
        check(
            V2_4.as_bytes(),
            Ok((1, b"init", b'S', 0, 43, 119, Some(0), None, None)),
        );
        check(
            V2_6_32.as_bytes(),
            Ok((
                2210,
                b"mingetty",
                b'S',
                1,
                2674,
                135,
                Some(1),
                Some(0),
                None,
            )),
        );
        check(
            V3_10.as_bytes(),
            Ok((957, b"sshd", b'S', 1, 1201, 311, Some(3), Some(2), Some(0))),
        );
        check(
            V6_18.as_bytes(),
            Ok((
                8675,
                b"cat",
                b'R',
                8673,
                147_123,
                394,
                Some(0),
                Some(0),
                Some(256),
            )),
        );
        let stat = parse(V3_10.as_bytes()).unwrap();
        assert_eq!(
            (stat.minflt, stat.cminflt, stat.majflt, stat.cmajflt),
            (1327, 66405, 2, 39)
        );
        assert_eq!(
            (stat.utime, stat.stime, stat.cutime, stat.cstime),
            (1, 6, 211, 97)
        );
        assert_eq!((stat.priority, stat.nice, stat.num_threads), (20, 0, 1));
        assert_eq!(
            (stat.tty_nr, stat.tpgid, stat.flags, stat.vsize),
            (0, -1, 4_202_752, 84_688_896)
        );
        assert_eq!(
            (stat.rt_priority, stat.policy, stat.guest_time),
            (Some(0), Some(0), Some(0))
        );
        assert_eq!(identity(V2_4.as_bytes()), Ok((b'S', 0, 43)));
    }

    #[test]
    fn pid_stat_name_may_contain_anything() {
        for name in [
            &b"a b"[..],
            b"a) R 1 1 1 (b",
            b") Z 0 0 0 0",
            b"(((",
            b")))",
            b"\n1 (x) S 1",
            b"\xff\xfe\x80",
            b"",
            b" ",
            b"kworker/u129:3-events_unbound_with_a_name_much_longer_than_15_b",
        ] {
            let mut line = b"8675 (".to_vec();
            line.extend_from_slice(name);
            line.extend_from_slice(V6_18.strip_prefix("8675 (cat").unwrap().as_bytes());
            check(
                &line,
                Ok((
                    8675,
                    name,
                    b'R',
                    8673,
                    147_123,
                    394,
                    Some(0),
                    Some(0),
                    Some(256),
                )),
            );
        }
    }

    #[test]
    fn pid_stat_that_is_not_one() {
        check(b"", Err(("comm", Problem::Missing)));
        check(b"12 (x", Err(("comm", Problem::Missing)));
        check(b"(x) S 1", Err(("pid", Problem::Malformed)));
        check(b"12(x) S 1", Err(("comm", Problem::Malformed)));
        check(b"12 x) S 1", Err(("comm", Problem::Malformed)));
        check(b"12 (x)", Err(("state", Problem::Missing)));
        check(b"12 (x) 5 1", Err(("state", Problem::OutOfRange)));
        check(b"12 (x) S", Err(("ppid", Problem::Missing)));
        check(b"12 (x) S x", Err(("ppid", Problem::Malformed)));
        check(b"12 (x) S 4294967296", Err(("ppid", Problem::OutOfRange)));
        check(b"4294967296 (x) S 1", Err(("pid", Problem::Malformed)));
        check(
            b"12 (x) S 1 9223372036854775808",
            Err(("pgrp", Problem::OutOfRange)),
        );
        check(
            b"12 (x) S 1 -9223372036854775808 0 0 -1 18446744073709551616",
            Err(("flags", Problem::OutOfRange)),
        );
        assert_eq!(
            identity(b"12 (x) S 1 1 1 1 1 1\n").unwrap_err().field(),
            "starttime"
        );
    }

    #[test]
    fn pid_stat_cut_anywhere_before_rss_is_an_error() {
        let rss = V3_10.find(" 311 ").unwrap();
        for end in 0..=rss {
            assert!(parse(&V3_10.as_bytes()[..end]).is_err(), "{end}");
        }
    }

    fn render(s: &Stat<'_>) -> Vec<u8> {
        let mut line = format!("{} (", s.pid).into_bytes();
        line.extend_from_slice(s.comm);
        line.extend_from_slice(
            format!(
                ") {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} 0 {} {} {} 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 -1",
                char::from(s.state), s.ppid, s.pgrp, s.session, s.tty_nr, s.tpgid, s.flags, s.minflt, s.cminflt,
                s.majflt, s.cmajflt, s.utime, s.stime, s.cutime, s.cstime, s.priority, s.nice, s.num_threads,
                s.starttime, s.vsize, s.rss,
            )
            .as_bytes(),
        );
        // Kernels append columns: every one implies those before it.
        for column in [s.processor, s.rt_priority, s.policy].into_iter().flatten() {
            line.extend_from_slice(format!(" {column}").as_bytes());
        }
        for column in [s.delayacct_blkio_ticks, s.guest_time]
            .into_iter()
            .flatten()
        {
            line.extend_from_slice(format!(" {column}").as_bytes());
        }
        if let Some(code) = s.exit_code {
            line.extend_from_slice(format!(" 0 1 2 3 4 5 6 7 {code}").as_bytes());
        }
        line.push(b'\n');
        line
    }

    proptest! {
        #[test]
        fn pid_stat_round_trips(
            ids in any::<(u32, u32, u32)>(),
            comm in proptest::collection::vec(any::<u8>(), 0..64),
            state in proptest::sample::select(b"RSDZTtXxKWPI".to_vec()),
            signed in any::<(i64, i64, i64, i64, i64, i64)>(),
            unsigned in any::<(u64, u64, u64, u64, u64, u64, u64)>(),
            more in any::<(u64, u64, i64, i64, i64)>(),
            newer in any::<(u32, u32, u32, u64, u64, i64)>(),
            columns in 0_u8..=6,
        ) {
            let stat = Stat {
                pid: ids.0, comm: &comm, state, ppid: ids.1,
                pgrp: signed.0, session: signed.1, tty_nr: signed.2, tpgid: signed.3,
                flags: unsigned.0, minflt: unsigned.1, cminflt: unsigned.2, majflt: unsigned.3,
                cmajflt: unsigned.4, utime: unsigned.5, stime: unsigned.6,
                cutime: signed.4, cstime: signed.5, priority: more.2, nice: more.3, num_threads: ids.2,
                starttime: more.0, vsize: more.1, rss: more.4,
                processor: (columns > 0).then_some(newer.0),
                rt_priority: (columns > 1).then_some(newer.1),
                policy: (columns > 2).then_some(newer.2),
                delayacct_blkio_ticks: (columns > 3).then_some(newer.3),
                guest_time: (columns > 4).then_some(newer.4),
                exit_code: (columns > 5).then_some(newer.5),
            };
            let line = render(&stat);
            prop_assert_eq!(parse(&line), Ok(stat));
            prop_assert_eq!(identity(&line), Ok((stat.state, stat.ppid, stat.starttime)));
        }

        #[test]
        fn pid_stat_never_panics(input in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = parse(&input);
            let _ = identity(&input);
        }

        #[test]
        fn pid_stat_damaged_never_panics(at in 0_usize..330, byte in any::<u8>(), cut in 0_usize..400) {
            let mut line = V3_10.as_bytes().to_vec();
            if let Some(slot) = line.get_mut(at) { *slot = byte; }
            line.truncate(cut);
            let _ = parse(&line);
            let _ = identity(&line);
        }
    }
}
