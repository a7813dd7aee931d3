//! `lsof`, `pmap` and `procinfo`: on the machines of the fixtures, and told wrong things.

use insta::assert_snapshot;
use pslens_fixtures::materialise;
use serde_json::Value;

use crate::program::{answer, objects, pslens, refused, skip, stderr, stdout, told};

const MACHINES: [&str; 3] = ["kernel-2.6.32", "kernel-4.4", "kernel-6.18"];

/// One that has files, sockets and a directory; on the last machine with odd names.
fn somebody(machine: &str) -> &'static str {
    match machine {
        "kernel-6.18" => "12829",
        _ => "1601",
    }
}

#[test]
fn tables() {
    for name in MACHINES {
        let machine = materialise(name);
        let pid = somebody(name);
        let mut told_all = String::new();
        for args in [
            &["lsof"][..],
            &[
                "lsof",
                "-i",
                "-U",
                "--columns",
                "pid,fd,protocol,laddr,raddr,status,inode",
            ],
            &["lsof", "-a", "-p", pid, "-d", "^mem,^txt", "--bytes"],
            &["pmap", pid],
            &["pmap", "-x", pid, "2", "--sort", "-rss", "--top", "3"],
            &["pmap", "-Xg", "--bytes", pid],
            &["pmap", "-q", "-p", pid, "--filter", "mode~x"],
            &["pmap", "--csv", "--columns", "pid,rss,path", pid],
            &["procinfo", pid],
            // A kernel thread.
            &[
                "procinfo",
                "2",
                "-s",
                "identity,memory,files,environment,maps",
            ],
        ] {
            told_all.push_str(&told(&machine, args));
            told_all.push('\n');
        }
        assert_snapshot!(format!("per_process_{name}"), told_all);
    }
}

#[test]
fn json() {
    for name in ["kernel-4.4", "kernel-6.18"] {
        let machine = materialise(name);
        let mut told_all = String::new();
        for args in [
            &["lsof", "--json"][..],
            &["pmap", "--json", somebody(name)],
            &["procinfo", "--json", somebody(name), "2"],
        ] {
            told_all.push_str(&told(&machine, args));
            told_all.push('\n');
        }
        assert_snapshot!(format!("per_process_json_{name}"), told_all);
    }
}

#[test]
fn a_zombie_reads_sensibly() {
    let machine = materialise("kernel-4.4");
    let mut told_all = String::new();
    for args in [
        &["procinfo", "1500"][..],
        &["pmap", "1500"],
        &["pmap", "1500", "411", "--top", "2"],
        &["lsof", "-p", "1500"],
    ] {
        told_all.push_str(&told(&machine, args));
        told_all.push('\n');
    }
    assert_snapshot!("per_process_zombie", told_all);
}

#[test]
fn who_is_not_there_is_said_and_the_rest_is_shown() {
    let machine = materialise("kernel-4.4");
    for args in [
        &["lsof", "-p", "1601,77777"][..],
        &["pmap", "1601", "77777"],
        &["procinfo", "1601", "77777"],
    ] {
        let told = told(&machine, args);
        assert!(told.contains("there is no process 77777\n"), "{told}");
        assert!(told.ends_with("exit status 1\n"), "{told}");
        assert!(told.lines().count() > 8, "{told}");
    }
}

/// What options of lsof choose, by descriptors of the machine of Linux 4.4.
#[test]
fn choices_add_up_or_narrow_down() {
    let machine = materialise("kernel-4.4");
    let check = |options: &[&str], expect: &[&str]| {
        let procfs = machine.proc();
        let procfs = procfs.to_str().unwrap();
        let head = ["lsof", "--procfs", procfs, "--csv", "--no-header"];
        let columns = ["--columns", "pid,fd"];
        let all = head.iter().chain(&columns).chain(options);
        let output = pslens(all).output().unwrap();
        let found = stdout(&output);
        let found: Vec<&str> = found.lines().collect();
        assert_eq!(found, expect, "{options:?} {}", stderr(&output));
        let status = if expect.is_empty() { 1 } else { 0 };
        assert_eq!(output.status.code(), Some(status), "{options:?}");
    };
    check(&["/var/log/nginx/access.log"], &["1203,1w"]);
    check(&["-t", "/var/log/nginx/access.log"], &["1203"]);
    check(&["+D", "/var/log"], &["1203,1w"]);
    check(&["+d", "/var/log"], &[]);
    check(&["+d", "/var/log/nginx"], &["1203,1w"]);
    check(&["/var/log/nginx"], &[]);
    let home = ["1601,cwd", "1601,txt", "1601,mem", "1601,3w", "1601,4u"];
    check(&["/home"], &home);
    check(&["/dev/sda2"], &home);
    check(&["-a", "/home", "/run", "-d", "4"], &["1601,4u"]);
    check(&["+L1"], &["1601,mem", "1601,3w", "1803,txt"]);
    check(&["-a", "-p", "411", "-d", "0-1"], &["411,0u", "411,1u"]);
    check(
        &["-a", "-p", "411,1702", "-d", "cwd"],
        &["411,cwd", "1702,cwd"],
    );
    check(
        &["-a", "-c", "ngi", "-d", "txt,4"],
        &["1203,txt", "1203,4r"],
    );
    check(&["-a", "-c", "/^NG/i", "-d", "cwd"], &["1203,cwd"]);
    check(
        &["-a", "-u", "1000", "-d", "cwd"],
        &["1601,cwd", "1702,cwd", "1803,cwd"],
    );
    check(
        &["-a", "-u", "^1000,^33", "-p", "^1,^2", "-d", "txt"],
        &["411,txt"],
    );
    // Without -a they add up.
    check(
        &["-d", "cwd", "/var/log/nginx/access.log", "-c", "^java"],
        &[
            "1,cwd", "2,cwd", "411,cwd", "1203,cwd", "1203,1w", "1601,cwd", "1803,cwd",
        ],
    );
}

#[test]
fn wrong_usage_is_one_line_and_status_2() {
    let check = refused;
    check("lsof -p abc", &["'abc'", "numbers of processes"]);
    check("lsof -p ^abc", &["'^abc'", "numbers of processes"]);
    check("lsof -i :http", &["':http'", "not a number", "tcp:443"]);
    check("lsof -i sctp", &["'sctp'", "no such protocol"]);
    check("lsof -s tcp:LISTN", &["did you mean 'LISTEN'?"]);
    check("lsof -s udp:idle", &["only TCP has states"]);
    check("lsof -d rtd", &["'rtd'", "cwd, txt, mem"]);
    check("lsof -c /(/", &["'/(/'", "/REGEX/"]);
    check("lsof --sort siez", &["did you mean 'size'?"]);
    check("lsof -F", &["-F"]);
    check("pmap", &["PID"]);
    check("pmap x", &["'x'", "numbers of processes"]);
    check("pmap -A 2,1 1", &["'2,1'", "hexadecimal"]);
    check("pmap -x -X 1", &["--extended", "--all"]);
    check("pmap --sort rsss 1", &["did you mean 'rss'?"]);
    check("procinfo", &["PID"]);
    check(
        "procinfo -s memroy 1",
        &["'memroy'", "did you mean 'memory'?", "environment, maps"],
    );
}

#[test]
fn help_has_examples_legend_and_exit_statuses() {
    for tool in ["lsof", "pmap", "procinfo"] {
        let help = answer([tool, "--help"]);
        for part in [
            "Usage: pslens ",
            "Examples:",
            "Exit status: 0 done",
            "- is unknown",
        ] {
            assert!(help.contains(part), "{tool}: {help} lacks {part}");
        }
        assert!(
            help.lines().all(|line| line.chars().count() <= 100),
            "{help}"
        );
    }
}

/// Everything in it at 80 columns, but what is as long as somebody chose it.
#[test]
fn procinfo_of_this_test_has_every_part() {
    let pid = std::process::id().to_string();
    let report = answer(["procinfo", &pid]);
    for heading in [
        "Identity",
        "State",
        "User",
        "CPU",
        "Memory",
        "IO",
        "Files",
        "Sockets",
        "Threads",
        "Limits",
        "Environment",
        "Maps",
    ] {
        assert!(report.lines().any(|line| line == heading), "{report}");
    }
    let words = |label: &str| -> Vec<String> {
        let line = report
            .lines()
            .find(|line| line.starts_with(&format!("  {label} ")));
        let line = line.unwrap_or_else(|| panic!("no {label}: {report}"));
        line.split_whitespace().map(str::to_owned).collect()
    };
    assert_eq!(words("pid"), ["pid", &pid]);
    let program = std::env::current_exe().unwrap();
    assert_eq!(words("program")[1], program.to_str().unwrap());
    let directory = std::env::current_dir().unwrap();
    assert_eq!(words("directory")[1], directory.to_str().unwrap());

    let found = objects(["procinfo", "--json", &pid]);
    let [object] = &found[..] else {
        panic!("{found:?}");
    };
    assert_eq!(object["pid"], std::process::id());
    assert_eq!(object["exe"], program.to_str().unwrap());
    assert_eq!(object["parents"][0]["pid"], object["ppid"]);
    assert_ne!(object["limits"]["RLIMIT_NOFILE"]["soft"], Value::Null);
    assert!(object["descriptors"].as_array().unwrap().len() > 2);
}

/// Another user's process: what everybody may see is shown, and what was denied is said so.
#[test]
fn what_is_denied_is_said() {
    use std::os::unix::process::CommandExt;

    const TEST: &str = "per_process::what_is_denied_is_said";
    const NOBODY: u32 = 65534;
    if !rustix::process::geteuid().is_root() {
        return skip(TEST, "only root may become another user");
    }
    let pid = std::process::id().to_string();
    let ask = |args: &[&str]| {
        pslens(args.iter().chain(&[&*pid]))
            .uid(NOBODY)
            .gid(NOBODY)
            .output()
    };
    let Ok(lsof) = ask(&["lsof", "-p"]) else {
        return skip(TEST, "the program is where nobody else may start it");
    };
    assert_eq!(
        stderr(&lsof),
        "pslens: lsof: 1 process could not be looked at; ask as root\n"
    );
    assert_eq!(lsof.status.code(), Some(4));
    let quiet = ask(&["lsof", "-w", "-p"]).unwrap();
    assert_eq!(stderr(&quiet), "");
    assert_eq!(quiet.status.code(), Some(4));

    let pmap = ask(&["pmap"]).unwrap();
    assert!(stderr(&pmap).contains("memory_maps"), "{}", stderr(&pmap));
    assert_eq!(pmap.status.code(), Some(3));

    let procinfo = ask(&["procinfo"]).unwrap();
    assert_eq!(stderr(&procinfo), "");
    assert_eq!(procinfo.status.code(), Some(0));
    let report = stdout(&procinfo);
    for part in ["Files", "Sockets", "Environment", "Maps"] {
        let denied = format!("\n{part}\n  denied: ask as root\n");
        assert!(report.contains(&denied), "{part}: {report}");
    }
    assert!(report.contains("\n  status                "), "{report}");
    let json = ask(&["procinfo", "--json"]).unwrap();
    let found: Vec<Value> = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(found[0]["environ"], Value::Null);
    assert_ne!(found[0]["cmdline"], Value::Null);
}

#[test]
fn a_user_that_nobody_knows_is_said() {
    let output = pslens(["lsof", "-u", "no such user"]).output().unwrap();
    assert_eq!(
        stderr(&output),
        "pslens: lsof: -u: there is no user 'no such user'\n"
    );
    assert_eq!(output.status.code(), Some(1));
}
