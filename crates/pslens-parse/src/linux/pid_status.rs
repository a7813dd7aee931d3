//! `/proc/[pid]/status`: what `stat` and `statm` say and more, as lines `Key:\tvalue`.
//!
//! Format (proc(5), kernel `fs/proc/array.c`, `fs/proc/task_mmu.c`). The first line is the name, which
//! the kernel prints with `\n` for a line end and `\\` for a backslash: no name can start a line of its
//! own, so a process *called* `Uid:\t0` has that text in its first line and nowhere else. Keys are
//! looked for only where a line starts, after the first one.

use super::find;
use crate::error::{ParseError, Problem};
use crate::scan::Scan;

const SOURCE: &str = "/proc/[pid]/status";

/// The lines that have a use. Sizes are kB as printed; `None`: the line is not there, which is the
/// case for all memory lines of kernel threads and zombies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Status<'a> {
    /// `Name`, still escaped: see [`Status::comm`].
    pub name: &'a [u8],
    /// `State`: one of `RSDZTtXxKWPI`.
    pub state: u8,
    /// `Tgid`: the process this thread belongs to.
    pub tgid: u32,
    /// `Pid`: the thread, equal to `tgid` for the main one.
    pub pid: u32,
    /// `PPid`; 0 if there is none in this pid namespace.
    pub ppid: u32,
    /// `TracerPid`: who traces it, 0 for nobody. Since Linux 2.4.
    pub tracer_pid: Option<u32>,
    /// `Uid`: real, effective, saved, file system.
    pub uid: [u32; 4],
    /// `Gid`: real, effective, saved, file system.
    pub gid: [u32; 4],
    /// `FDSize`: slots in the descriptor table, which is not the number of open descriptors.
    pub fd_size: Option<u32>,
    /// `NSpid`: the pid in each pid namespace from the reader's inwards, tab separated. Since Linux 4.1.
    pub nspid: Option<&'a [u8]>,
    /// `Threads`; 0 while the process is being reaped. Since Linux 2.6.
    pub threads: u32,
    /// `VmPeak`: highest `VmSize`. Since Linux 2.6.15.
    pub vm_peak: Option<u64>,
    /// `VmSize`: virtual memory.
    pub vm_size: Option<u64>,
    /// `VmLck`: locked memory.
    pub vm_lck: Option<u64>,
    /// `VmPin`: pinned memory. Since Linux 3.2.
    pub vm_pin: Option<u64>,
    /// `VmHWM`: highest `VmRSS`. Since Linux 2.6.15.
    pub vm_hwm: Option<u64>,
    /// `VmRSS`: resident memory, approximately.
    pub vm_rss: Option<u64>,
    /// `RssAnon`: resident anonymous memory. Since Linux 4.5.
    pub rss_anon: Option<u64>,
    /// `RssFile`: resident file mappings. Since Linux 4.5.
    pub rss_file: Option<u64>,
    /// `RssShmem`: resident shared memory. Since Linux 4.5.
    pub rss_shmem: Option<u64>,
    /// `VmSwap`: swapped out anonymous memory. Since Linux 2.6.34.
    pub vm_swap: Option<u64>,
    /// `HugetlbPages`: memory in huge pages, not part of `vm_rss`. Since Linux 4.4.
    pub hugetlb_pages: Option<u64>,
    /// `CapInh`: inheritable capabilities, one bit each.
    pub cap_inh: Option<u64>,
    /// `CapPrm`: permitted capabilities.
    pub cap_prm: Option<u64>,
    /// `CapEff`: effective capabilities.
    pub cap_eff: Option<u64>,
    /// `CapBnd`: bounding set. Since Linux 2.6.26.
    pub cap_bnd: Option<u64>,
    /// `CapAmb`: ambient capabilities. Since Linux 4.3.
    pub cap_amb: Option<u64>,
    /// `NoNewPrivs`: 1 if `execve` cannot add privileges. Since Linux 4.10.
    pub no_new_privs: Option<u32>,
    /// `Seccomp`: 0 off, 1 strict, 2 filter. Since Linux 3.8.
    pub seccomp: Option<u32>,
    /// `Cpus_allowed_list`: the CPUs it may run on (`0-3,8`). Since Linux 2.6.26.
    pub cpus_allowed_list: Option<&'a [u8]>,
    /// `voluntary_ctxt_switches` of this thread. Since Linux 2.6.23.
    pub voluntary_ctxt_switches: Option<u64>,
    /// `nonvoluntary_ctxt_switches` of this thread. Since Linux 2.6.23.
    pub nonvoluntary_ctxt_switches: Option<u64>,
}

impl<'a> Status<'a> {
    /// The bytes of the name, with the kernel's escapes undone.
    pub fn comm(&self) -> impl Iterator<Item = u8> + 'a {
        let mut bytes = self.name.iter().copied();
        core::iter::from_fn(move || match bytes.next()? {
            // A lone backslash cannot come from the kernel; it stands for itself.
            b'\\' => Some(match bytes.next() {
                Some(b'n') => b'\n',
                Some(other) => other,
                None => b'\\',
            }),
            byte => Some(byte),
        })
    }
}

/// Decodes the whole text.
///
/// Of a key that occurs twice the first one counts.
///
/// # Errors
/// When the first line is not `Name`, when `State`, `Tgid`, `Pid`, `PPid`, `Uid`, `Gid` or `Threads`
/// is missing, or a known line is malformed.
pub fn parse(input: &[u8]) -> Result<Status<'_>, ParseError> {
    let missing = |field| ParseError::new(SOURCE, field, input.len(), Problem::Missing);
    let (first, mut rest) = find::line(input);
    let name = first
        .strip_prefix(b"Name:")
        .ok_or_else(|| ParseError::new(SOURCE, "Name", 0, Problem::Missing))?;
    let mut status = Status {
        name: name.strip_prefix(b"\t").unwrap_or(name),
        ..Status::default()
    };
    let (mut state, mut tgid, mut pid, mut ppid) = (None, None, None, None);
    let (mut uid, mut gid, mut threads) = (None, None, None);

    while !rest.is_empty() {
        let at = rest;
        let (line, next) = find::line(rest);
        rest = next;
        let Some((key, text)) =
            find::first(b':', line).and_then(|colon| line.split_at_checked(colon))
        else {
            continue;
        };
        let text = text.get(1..).unwrap_or_default();
        let value = Value { input, at, text };
        match key {
            b"State" => value.once(&mut state, "State", Value::letter)?,
            b"Tgid" => value.once(&mut tgid, "Tgid", Value::small)?,
            b"Pid" => value.once(&mut pid, "Pid", Value::small)?,
            b"PPid" => value.once(&mut ppid, "PPid", Value::small)?,
            b"TracerPid" => value.once(&mut status.tracer_pid, "TracerPid", Value::small)?,
            b"Uid" => value.once(&mut uid, "Uid", Value::ids)?,
            b"Gid" => value.once(&mut gid, "Gid", Value::ids)?,
            b"FDSize" => value.once(&mut status.fd_size, "FDSize", Value::small)?,
            b"NSpid" => value.once(&mut status.nspid, "NSpid", Value::bytes)?,
            b"Threads" => value.once(&mut threads, "Threads", Value::small)?,
            b"VmPeak" => value.once(&mut status.vm_peak, "VmPeak", Value::number)?,
            b"VmSize" => value.once(&mut status.vm_size, "VmSize", Value::number)?,
            b"VmLck" => value.once(&mut status.vm_lck, "VmLck", Value::number)?,
            b"VmPin" => value.once(&mut status.vm_pin, "VmPin", Value::number)?,
            b"VmHWM" => value.once(&mut status.vm_hwm, "VmHWM", Value::number)?,
            b"VmRSS" => value.once(&mut status.vm_rss, "VmRSS", Value::number)?,
            b"RssAnon" => value.once(&mut status.rss_anon, "RssAnon", Value::number)?,
            b"RssFile" => value.once(&mut status.rss_file, "RssFile", Value::number)?,
            b"RssShmem" => value.once(&mut status.rss_shmem, "RssShmem", Value::number)?,
            b"VmSwap" => value.once(&mut status.vm_swap, "VmSwap", Value::number)?,
            b"HugetlbPages" => {
                value.once(&mut status.hugetlb_pages, "HugetlbPages", Value::number)?;
            }
            b"CapInh" => value.once(&mut status.cap_inh, "CapInh", Value::hex)?,
            b"CapPrm" => value.once(&mut status.cap_prm, "CapPrm", Value::hex)?,
            b"CapEff" => value.once(&mut status.cap_eff, "CapEff", Value::hex)?,
            b"CapBnd" => value.once(&mut status.cap_bnd, "CapBnd", Value::hex)?,
            b"CapAmb" => value.once(&mut status.cap_amb, "CapAmb", Value::hex)?,
            b"NoNewPrivs" => value.once(&mut status.no_new_privs, "NoNewPrivs", Value::small)?,
            b"Seccomp" => value.once(&mut status.seccomp, "Seccomp", Value::small)?,
            b"Cpus_allowed_list" => value.once(
                &mut status.cpus_allowed_list,
                "Cpus_allowed_list",
                Value::bytes,
            )?,
            b"voluntary_ctxt_switches" => value.once(
                &mut status.voluntary_ctxt_switches,
                "voluntary_ctxt_switches",
                Value::number,
            )?,
            b"nonvoluntary_ctxt_switches" => value.once(
                &mut status.nonvoluntary_ctxt_switches,
                "nonvoluntary_ctxt_switches",
                Value::number,
            )?,
            _ => {}
        }
    }

    status.state = state.ok_or_else(|| missing("State"))?;
    status.tgid = tgid.ok_or_else(|| missing("Tgid"))?;
    status.pid = pid.ok_or_else(|| missing("Pid"))?;
    status.ppid = ppid.ok_or_else(|| missing("PPid"))?;
    status.uid = uid.ok_or_else(|| missing("Uid"))?;
    status.gid = gid.ok_or_else(|| missing("Gid"))?;
    status.threads = threads.ok_or_else(|| missing("Threads"))?;
    Ok(status)
}

/// Decodes only `Uid` and `Gid`, which come early: for those who want nothing else, a sixth of the work.
///
/// # Errors
/// When one of the two lines is missing or malformed, or the first line is not `Name`.
pub fn ids(input: &[u8]) -> Result<([u32; 4], [u32; 4]), ParseError> {
    let missing = |field| ParseError::new(SOURCE, field, input.len(), Problem::Missing);
    let (name, mut rest) = find::line(input);
    if !name.starts_with(b"Name:") {
        return Err(ParseError::new(SOURCE, "Name", 0, Problem::Missing));
    }
    let (mut uid, mut gid) = (None, None);
    while !rest.is_empty() {
        let at = rest;
        let (line, next) = find::line(rest);
        rest = next;
        if let Some(text) = line.strip_prefix(b"Uid:") {
            Value { input, at, text }.once(&mut uid, "Uid", Value::ids)?;
        } else if let Some(text) = line.strip_prefix(b"Gid:") {
            Value { input, at, text }.once(&mut gid, "Gid", Value::ids)?;
        }
        if let (Some(uid), Some(gid)) = (uid, gid) {
            return Ok((uid, gid));
        }
    }
    Err(missing(if uid.is_none() { "Uid" } else { "Gid" }))
}

/// What follows the colon of one line.
#[derive(Clone, Copy)]
struct Value<'a> {
    input: &'a [u8],
    /// From the start of this line on: where errors are.
    at: &'a [u8],
    text: &'a [u8],
}

impl<'a> Value<'a> {
    /// Fills `slot` with what `get` makes of the text, unless an earlier line did.
    #[inline]
    fn once<T>(
        self,
        slot: &mut Option<T>,
        field: &'static str,
        get: impl FnOnce(&mut Scan<'a>, &'static str) -> Result<T, ParseError>,
    ) -> Result<(), ParseError> {
        if slot.is_none() {
            let value = get(&mut Scan::new(SOURCE, self.text), field).map_err(|error| {
                let line = self.input.len().saturating_sub(self.at.len());
                ParseError::new(SOURCE, field, line, error.problem())
            })?;
            *slot = Some(value);
        }
        Ok(())
    }

    fn number(scan: &mut Scan<'a>, field: &'static str) -> Result<u64, ParseError> {
        scan.number(field)
    }

    fn small(scan: &mut Scan<'a>, field: &'static str) -> Result<u32, ParseError> {
        scan.number(field)
    }

    fn hex(scan: &mut Scan<'a>, field: &'static str) -> Result<u64, ParseError> {
        scan.hex(field)
    }

    fn letter(scan: &mut Scan<'a>, field: &'static str) -> Result<u8, ParseError> {
        match scan.word() {
            [state, ..] if state.is_ascii_alphabetic() => Ok(*state),
            [] => Err(scan.error(field, Problem::Missing)),
            _ => Err(scan.error(field, Problem::Malformed)),
        }
    }

    fn ids(scan: &mut Scan<'a>, field: &'static str) -> Result<[u32; 4], ParseError> {
        let mut ids = [0; 4];
        for id in &mut ids {
            *id = Self::id(scan, field)?;
        }
        Ok(ids)
    }

    /// Older kernels (3.10, 4.4) print ids signed: the highest half has a minus sign.
    fn id(scan: &mut Scan<'a>, field: &'static str) -> Result<u32, ParseError> {
        let printed = scan.signed(field)?;
        u32::try_from(printed)
            .ok()
            .or_else(|| i32::try_from(printed).ok().map(i32::cast_unsigned))
            .ok_or_else(|| scan.error(field, Problem::OutOfRange))
    }

    fn bytes(scan: &mut Scan<'a>, _: &'static str) -> Result<&'a [u8], ParseError> {
        Ok(scan.rest().trim_ascii())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const V2_6_32: &str = "Name:\tmingetty\nState:\tS (sleeping)\nTgid:\t2210\nPid:\t2210\nPPid:\t1\nTracerPid:\t0\n\
        Uid:\t0\t-2\t0\t0\nGid:\t0\t0\t0\t0\nUtrace:\t0\nFDSize:\t64\nGroups:\t\nVmPeak:\t    4060 kB\n\
        VmSize:\t    4056 kB\nVmLck:\t       0 kB\nVmHWM:\t     540 kB\nVmRSS:\t     536 kB\nVmData:\t     180 kB\n\
        VmStk:\t      88 kB\nVmExe:\t      12 kB\nVmLib:\t    1640 kB\nVmPTE:\t      36 kB\nVmSwap:\t       0 kB\n\
        Threads:\t1\nSigQ:\t0/7424\nSigPnd:\t0000000000000000\nCapInh:\t0000000000000000\n\
        CapPrm:\tffffffffffffffff\nCapEff:\tffffffffffffffff\nCapBnd:\tffffffffffffffff\nCpus_allowed:\t3\n\
        Cpus_allowed_list:\t0-1\nMems_allowed:\t00000000,00000001\nMems_allowed_list:\t0\n\
        voluntary_ctxt_switches:\t9\nnonvoluntary_ctxt_switches:\t2\n";
    const KTHREAD_4_4: &str = "Name:\tkworker/0:0H\nState:\tS (sleeping)\nTgid:\t5\nNgid:\t0\nPid:\t5\nPPid:\t2\n\
        TracerPid:\t0\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nFDSize:\t64\nGroups:\t\nNStgid:\t5\nNSpid:\t5\nNSpgid:\t0\n\
        NSsid:\t0\nThreads:\t1\nSigQ:\t0/15707\nCapEff:\t0000003fffffffff\nSeccomp:\t0\nCpus_allowed:\t1\n\
        Cpus_allowed_list:\t0\nvoluntary_ctxt_switches:\t6\nnonvoluntary_ctxt_switches:\t0\n";
    const V6_18: &str = "Name:\tcat\nUmask:\t0022\nState:\tR (running)\nTgid:\t8677\nNgid:\t0\nPid:\t8677\nPPid:\t8673\n\
        TracerPid:\t77\nUid:\t1000\t4294967294\t1000\t1000\nGid:\t100\t101\t102\t103\nFDSize:\t256\nGroups:\t4 24 \n\
        NStgid:\t8677\t1\nNSpid:\t8677\t1\nNSpgid:\t8673\t1\nNSsid:\t5528\t1\nKthread:\t0\nVmPeak:\t    3060 kB\n\
        VmSize:\t    3050 kB\nVmLck:\t       1 kB\nVmPin:\t       2 kB\nVmHWM:\t    1764 kB\nVmRSS:\t    1760 kB\n\
        RssAnon:\t     112 kB\nRssFile:\t    1652 kB\nRssShmem:\t       3 kB\nVmData:\t     360 kB\nVmSwap:\t       4 kB\n\
        HugetlbPages:\t    2048 kB\nCoreDumping:\t0\nTHP_enabled:\t1\nuntag_mask:\t0xffffffffffffffff\nThreads:\t7\n\
        SigQ:\t0/96365\nCapInh:\t0000000000000000\nCapPrm:\t000001fffeffffff\nCapEff:\t000001fffeffffff\n\
        CapBnd:\t000001fffeffffff\nCapAmb:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2\nSeccomp_filters:\t1\n\
        Cpus_allowed:\t3\nCpus_allowed_list:\t0-1,4\nMems_allowed_list:\t0\nvoluntary_ctxt_switches:\t18446744073709551615\n\
        nonvoluntary_ctxt_switches:\t3\nx86_Thread_features:\t\n";

    fn v2_6_32() -> Status<'static> {
        Status {
            name: b"mingetty",
            state: b'S',
            tgid: 2210,
            pid: 2210,
            ppid: 1,
            tracer_pid: Some(0),
            uid: [0, u32::MAX - 1, 0, 0],
            fd_size: Some(64),
            threads: 1,
            vm_peak: Some(4060),
            vm_size: Some(4056),
            vm_lck: Some(0),
            vm_hwm: Some(540),
            vm_rss: Some(536),
            vm_swap: Some(0),
            cap_inh: Some(0),
            cap_prm: Some(u64::MAX),
            cap_eff: Some(u64::MAX),
            cap_bnd: Some(u64::MAX),
            cpus_allowed_list: Some(b"0-1"),
            voluntary_ctxt_switches: Some(9),
            nonvoluntary_ctxt_switches: Some(2),
            ..Status::default()
        }
    }

    fn check(input: &[u8], expect: Result<Status<'_>, (&str, Problem)>) {
        let got = parse(input).map_err(|e| (e.field(), e.problem()));
        match got {
            Ok(status) => assert_eq!(ids(input), Ok((status.uid, status.gid))),
            Err(bad @ ("Name" | "Uid" | "Gid", _)) => {
                assert_eq!(ids(input).map_err(|e| (e.field(), e.problem())), Err(bad));
            }
            Err(_) => {}
        }
        assert_eq!(got, expect, "{}", String::from_utf8_lossy(input));
    }

    #[test]
    fn pid_status_of_every_kernel() {
        check(V2_6_32.as_bytes(), Ok(v2_6_32()));
        check(
            KTHREAD_4_4.as_bytes(),
            Ok(Status {
                name: b"kworker/0:0H",
                state: b'S',
                tgid: 5,
                pid: 5,
                ppid: 2,
                tracer_pid: Some(0),
                fd_size: Some(64),
                nspid: Some(b"5"),
                threads: 1,
                cap_eff: Some(0x3f_ffff_ffff),
                seccomp: Some(0),
                cpus_allowed_list: Some(b"0"),
                voluntary_ctxt_switches: Some(6),
                nonvoluntary_ctxt_switches: Some(0),
                ..Status::default()
            }),
        );
        check(
            V6_18.as_bytes(),
            Ok(Status {
                name: b"cat",
                state: b'R',
                tgid: 8677,
                pid: 8677,
                ppid: 8673,
                tracer_pid: Some(77),
                uid: [1000, u32::MAX - 1, 1000, 1000],
                gid: [100, 101, 102, 103],
                fd_size: Some(256),
                nspid: Some(b"8677\t1"),
                threads: 7,
                vm_peak: Some(3060),
                vm_size: Some(3050),
                vm_lck: Some(1),
                vm_pin: Some(2),
                vm_hwm: Some(1764),
                vm_rss: Some(1760),
                rss_anon: Some(112),
                rss_file: Some(1652),
                rss_shmem: Some(3),
                vm_swap: Some(4),
                hugetlb_pages: Some(2048),
                cap_inh: Some(0),
                cap_prm: Some(0x1ff_feff_ffff),
                cap_eff: Some(0x1ff_feff_ffff),
                cap_bnd: Some(0x1ff_feff_ffff),
                cap_amb: Some(0),
                no_new_privs: Some(1),
                seccomp: Some(2),
                cpus_allowed_list: Some(b"0-1,4"),
                voluntary_ctxt_switches: Some(u64::MAX),
                nonvoluntary_ctxt_switches: Some(3),
            }),
        );
    }

    #[test]
    fn pid_status_name_cannot_pass_for_a_line() {
        for name in [
            "Uid:\\t0",
            "Uid:\t0\t0\t0\t0",
            "x\\nUid:\t0\t0\t0",
            ":",
            "",
            " ",
            "Name:\t",
            "a\rUid:\t7",
        ] {
            let text = V2_6_32.replace("mingetty", name);
            check(
                text.as_bytes(),
                Ok(Status {
                    name: name.as_bytes(),
                    ..v2_6_32()
                }),
            );
        }
        let comm = |name: &str| {
            let text = V2_6_32.replace("mingetty", name);
            parse(text.as_bytes()).unwrap().comm().collect::<Vec<_>>()
        };
        assert_eq!(comm(r"x\n\\)( Uid:"), b"x\n\\)( Uid:");
        assert_eq!(comm(r"\\n"), b"\\n");
        assert_eq!(comm("a\\"), b"a\\");
    }

    #[test]
    fn pid_status_that_is_not_one() {
        let without = |key: &str| -> String {
            V2_6_32
                .split_inclusive('\n')
                .filter(|l| !l.starts_with(key))
                .collect()
        };
        for key in [
            "Name", "State", "Tgid", "Pid", "PPid", "Uid", "Gid", "Threads",
        ] {
            check(
                without(&format!("{key}:")).as_bytes(),
                Err((key, Problem::Missing)),
            );
        }
        for (from, to, field, problem) in [
            (
                "Uid:\t0\t-2\t0\t0",
                "Uid:\t0\t-2\t0",
                "Uid",
                Problem::Missing,
            ),
            ("Uid:\t0", "Uid:\t4294967296", "Uid", Problem::OutOfRange),
            ("Uid:\t0", "Uid:\t-2147483649", "Uid", Problem::OutOfRange),
            ("Gid:\t0", "Gid:\tx", "Gid", Problem::Malformed),
            ("State:\tS", "State:\t5", "State", Problem::Malformed),
            ("Threads:\t1", "Threads:\t", "Threads", Problem::Missing),
            (
                "VmRSS:\t     536",
                "VmRSS:\t18446744073709551616",
                "VmRSS",
                Problem::OutOfRange,
            ),
            ("CapPrm:\tf", "CapPrm:\tff", "CapPrm", Problem::OutOfRange),
        ] {
            check(V2_6_32.replace(from, to).as_bytes(), Err((field, problem)));
        }
        check(b"", Err(("Name", Problem::Missing)));
        check(b"\nName:\tx\n", Err(("Name", Problem::Missing)));
    }

    #[test]
    fn pid_status_first_of_two_counts() {
        let text = format!("{V2_6_32}Uid:\t7\t7\t7\t7\nName:\tother\nVmRSS:\tx\n");
        check(text.as_bytes(), Ok(v2_6_32()));
    }

    #[test]
    fn pid_status_error_names_the_line() {
        let text = V2_6_32.replace("Gid:\t0", "Gid:\t?");
        assert_eq!(
            parse(text.as_bytes()).unwrap_err().offset(),
            text.find("Gid").unwrap()
        );
    }

    proptest! {
        #[test]
        fn pid_status_round_trips(
            comm in proptest::collection::vec(any::<u8>().prop_filter("ends a name", |b| *b != 0), 0..15),
            state in proptest::sample::select(b"RSDZTtXxKWPI".to_vec()),
            ids in any::<(u32, u32, u32, u32)>(),
            uid in any::<[u32; 4]>(),
            gid in any::<[u32; 4]>(),
            memory in proptest::option::of(any::<(u64, u64, u64)>()),
            switches in proptest::option::of(any::<(u64, u64)>()),
            signed in any::<bool>(),
        ) {
            let mut text = b"Name:\t".to_vec();
            for byte in &comm {
                match byte {
                    b'\n' => text.extend_from_slice(b"\\n"),
                    b'\\' => text.extend_from_slice(b"\\\\"),
                    other => text.push(*other),
                }
            }
            let list = |ids: [u32; 4]| ids.map(|id| if signed { (id as i32).to_string() } else { id.to_string() }).join("\t");
            text.extend_from_slice(format!(
                "\nState:\t{} (x)\nTgid:\t{}\nPid:\t{}\nPPid:\t{}\nUid:\t{}\nGid:\t{}\n",
                char::from(state), ids.0, ids.1, ids.2, list(uid), list(gid),
            ).as_bytes());
            if let Some((hwm, rss, swap)) = memory {
                text.extend_from_slice(format!("VmHWM:\t{hwm:8} kB\nVmRSS:\t{rss:8} kB\nVmSwap:\t{swap:8} kB\n").as_bytes());
            }
            text.extend_from_slice(format!("Threads:\t{}\n", ids.3).as_bytes());
            if let Some((voluntary, forced)) = switches {
                text.extend_from_slice(format!("voluntary_ctxt_switches:\t{voluntary}\nnonvoluntary_ctxt_switches:\t{forced}\n").as_bytes());
            }
            let got = parse(&text).unwrap();
            prop_assert_eq!(super::ids(&text), Ok((uid, gid)));
            prop_assert_eq!(got.comm().collect::<Vec<_>>(), comm);
            prop_assert_eq!((got.state, got.tgid, got.pid, got.ppid, got.threads), (state, ids.0, ids.1, ids.2, ids.3));
            prop_assert_eq!((got.uid, got.gid), (uid, gid));
            prop_assert_eq!(got.vm_hwm.zip(got.vm_rss).zip(got.vm_swap), memory.map(|(a, b, c)| ((a, b), c)));
            prop_assert_eq!(got.voluntary_ctxt_switches.zip(got.nonvoluntary_ctxt_switches), switches);
        }

        #[test]
        fn pid_status_never_panics(input in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = parse(&input);
            let _ = ids(&input);
        }

        #[test]
        fn pid_status_damaged_never_panics(at in 0_usize..1300, byte in any::<u8>(), cut in 0_usize..1400) {
            let mut text = V6_18.as_bytes().to_vec();
            if let Some(slot) = text.get_mut(at) { *slot = byte; }
            text.truncate(cut);
            if let Ok(status) = parse(&text) {
                let _ = status.comm().count();
            }
        }
    }
}
