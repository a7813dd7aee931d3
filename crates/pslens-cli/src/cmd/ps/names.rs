//! The names that `ps` has for columns, beside psutil's.

/// Names that `ps` has for columns of ours.
pub(super) const ALIASES: &[(&str, &str)] = &[
    ("%mem", "memory_percent"),
    ("args", "command"),
    ("cmd", "command"),
    ("comm", "name"),
    ("cputime", "time"),
    ("egid", "gids.effective"),
    ("euid", "uids.effective"),
    ("gid", "gids.effective"),
    ("maj_flt", "page_faults.major"),
    ("majflt", "page_faults.major"),
    ("min_flt", "page_faults.minor"),
    ("minflt", "page_faults.minor"),
    ("ni", "nice"),
    ("nlwp", "num_threads"),
    ("pcpu", "%cpu"),
    ("pmem", "memory_percent"),
    ("psr", "cpu_num"),
    ("pss", "memory_footprint.pss"),
    ("rgid", "gids.real"),
    ("rss", "memory_info.rss"),
    ("rssize", "memory_info.rss"),
    ("rsz", "memory_info.rss"),
    ("ruid", "uids.real"),
    ("ruser", "username"),
    ("s", "state"),
    ("sgid", "gids.saved"),
    ("start", "started"),
    ("start_time", "started"),
    ("stime", "started"),
    ("spid", "lwp"),
    ("suid", "uids.saved"),
    ("svuid", "uids.saved"),
    ("thcount", "num_threads"),
    ("tgid", "pid"),
    ("tid", "lwp"),
    ("tname", "tty"),
    ("tt", "tty"),
    ("ucmd", "name"),
    ("ucomm", "name"),
    ("uid", "uids.effective"),
    ("uname", "euser"),
    ("user", "euser"),
    ("uss", "memory_footprint.uss"),
    ("vms", "memory_info.vms"),
    ("vsize", "memory_info.vms"),
    ("vsz", "memory_info.vms"),
];

/// What `ps` has and pslens does not, and the column that is nearest, if any is near.
const NOT_KNOWN: &[(&[&str], Option<&str>)] = &[
    (&["pgid", "pgrp"], Some("ppid")),
    (&["sid", "sess", "session", "tpgid"], Some("tty")),
    (&["wchan", "nwchan"], Some("status")),
    (
        &[
            "pri", "priority", "opri", "intpri", "rtprio", "cls", "class", "policy", "sched",
        ],
        Some("nice"),
    ),
    (&["sz", "size"], Some("vsz")),
    (&["trs"], Some("memory_info.text")),
    (&["drs"], Some("memory_info.data")),
    (&["group", "egroup"], Some("egid")),
    (&["rgroup"], Some("rgid")),
    (&["sgroup"], Some("sgid")),
    (&["suser", "svuser", "fuser"], Some("suid")),
    (&["bsdstart"], Some("start")),
    (&["cp"], Some("%cpu")),
    (
        &[
            "addr", "blocked", "caught", "cgroup", "eip", "esp", "f", "flag", "flags", "fgid",
            "fuid", "ignored", "label", "lsession", "machine", "ouid", "pending", "seat", "slice",
            "stackp", "supgid", "supgrp", "unit",
        ],
        None,
    ),
];

/// Why there is no column of that name, if `ps` has one.
pub(super) fn why_not(typed: &str) -> Option<String> {
    let (_, nearest) = NOT_KNOWN.iter().find(|(names, _)| names.contains(&typed))?;
    let why = "ps(1) knows this, pslens does not";
    Some(match nearest {
        Some(nearest) => format!("{why}; the nearest is '{nearest}'"),
        None => format!("{why}; ps --help lists the columns"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_known_not_to_be() {
        for (names, _) in NOT_KNOWN {
            for name in *names {
                assert!(ALIASES.iter().all(|(alias, _)| alias != name), "{name}");
            }
        }
        assert!(why_not("wchan").is_some_and(|why| why.contains("'status'")));
        assert_eq!(why_not("rss"), None);
    }
}
