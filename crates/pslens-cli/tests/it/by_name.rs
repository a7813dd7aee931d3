//! pgrep, pidof, kill, killall, wait and pstree, on processes that these tests have started.

use std::ffi::OsStr;
use std::io::Write;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Output, Stdio};

use insta::assert_snapshot;
use pslens_fixtures::materialise;
use serde_json::{Value, json};

use crate::program::{answer, objects, pslens, skip, stderr, stdout, told};
use crate::puppet::{Puppet, unique};

const TERM: Option<i32> = Some(15);
const KILL: Option<i32> = Some(9);

/// A shell gives what runs in the background no input unless it is told to.
const WITH_CHILD: &str = "exec 3<&0; sh -c 'echo ready; read wait <&3; :' & read wait; :";

fn ask<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Output {
    pslens(args).output().unwrap()
}

/// The exit status, when nothing was printed.
fn silent<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Option<i32> {
    let output = ask(args);
    assert_eq!(stdout(&output), "");
    assert_eq!(stderr(&output), "");
    output.status.code()
}

fn lines(text: &str) -> Vec<&str> {
    text.lines().collect()
}

mod pgrep {
    use super::*;

    #[test]
    fn finds_by_name_and_command_line() {
        let puppet = Puppet::start();
        let (pid, name) = (puppet.pid(), puppet.name.as_str());
        let alone = format!("{pid}\n");
        let part = &name[1..name.len() - 1];
        for args in [
            &[name][..],
            &[part],
            &["-x", name],
            &["-ix", &name.to_uppercase()],
            &["-f", &format!("{name} -c echo ready")],
            &["-fx", &format!(".*/{name} -c .*")],
            &["-x", name, "-U", "0,65534", "-u", "0,65534"],
        ] {
            if args.contains(&"-U") && !rustix::process::geteuid().is_root() {
                continue;
            }
            assert_eq!(answer(["pgrep"].iter().chain(args)), alone, "{args:?}");
        }
        assert_eq!(answer(["pgrep", "-l", name]), format!("{pid} {name}\n"));
        let full = answer(["pgrep", "-a", name]);
        assert!(full.starts_with(&format!("{pid} /")), "{full}");
        assert!(
            full.ends_with(&format!("/{name} -c echo ready; read wait; :\n")),
            "{full}"
        );
        for args in [
            &["-x", part][..],
            &["-x", name, "-P", "1"],
            &["-x", name, "-t", "no-tty"],
        ] {
            let nobody = silent(["pgrep"].iter().chain(args));
            assert_eq!(nobody, Some(1), "{args:?}");
        }
    }

    #[test]
    fn says_how_many_and_which_is_the_newest() {
        let first = Puppet::start();
        let name = first.name.as_str();
        // Processes that were started within the same tick are told apart by their numbers, which may
        // begin anew.
        let mut second = first.namesake();
        while second.number() < first.number() {
            second = first.namesake();
        }
        assert_eq!(answer(["pgrep", "-c", name]), "2\n");
        let both = format!("{},{}\n", first.pid(), second.pid());
        assert_eq!(answer(["pgrep", "-d,", name]), both);
        assert_eq!(answer(["pgrep", "-n", name]), format!("{}\n", second.pid()));
        assert_eq!(answer(["pgrep", "-o", name]), format!("{}\n", first.pid()));
        let mine = std::process::id().to_string();
        assert_eq!(answer(["pgrep", "-d,", "-P", &mine, name]), both);
        assert_eq!(silent(["pgrep", "-O", "1h", name]), Some(1));
        let others = answer(["pgrep", "-v", name]);
        let others = lines(&others);
        assert!(others.contains(&"1") && !others.contains(&&*first.pid()));
        let output = ask(["pgrep", "-c", &unique()]);
        assert_eq!(
            (stdout(&output).as_str(), output.status.code()),
            ("0\n", Some(1))
        );
    }

    #[test]
    fn never_finds_itself() {
        // The command line of nobody else has this.
        let unique = unique();
        assert_eq!(silent(["pgrep", "-f", &unique]), Some(1));
    }

    #[test]
    fn tells_states_and_users() {
        let puppet = Puppet::start();
        let name = puppet.name.as_str();
        let uid = rustix::process::geteuid().as_raw().to_string();
        for args in [
            ["-u", &uid],
            ["-U", &uid],
            ["-r", "S"],
            ["--status", "sleeping"],
        ] {
            let found = answer(["pgrep", name].iter().chain(&args));
            assert_eq!(found, format!("{}\n", puppet.pid()), "{args:?}");
        }
        for args in [["-u", "4000000000"], ["-U", "4000000000"], ["-r", "Z,T"]] {
            assert_eq!(
                silent(["pgrep", name].iter().chain(&args)),
                Some(1),
                "{args:?}"
            );
        }
        let output = ask(["pgrep", "-u", "no such user"]);
        assert_eq!(output.status.code(), Some(1));
        assert!(stderr(&output).contains("no user is called 'no such user'"));
    }
}

mod pidof {
    use super::*;

    #[test]
    fn finds_programs() {
        let first = Puppet::start();
        let second = first.namesake();
        let mut pids = [first.number(), second.number()];
        pids.sort_unstable();
        let [low, high] = pids.map(|pid| pid.to_string());
        let name = first.name.as_str();
        assert_eq!(answer(["pidof", name]), format!("{high} {low}\n"));
        assert_eq!(
            answer(["pidof", "-S", ", ", name]),
            format!("{high}, {low}\n")
        );
        assert_eq!(answer(["pidof", "-s", name]), format!("{high}\n"));
        assert_eq!(answer(["pidof", "-o", &high, name]), format!("{low}\n"));
        assert_eq!(
            answer(["pidof", "-o", &high, &unique(), name]),
            format!("{low}\n")
        );
        assert_eq!(silent(["pidof", "-q", name]), Some(0));
        assert_eq!(
            silent(["pidof", "-o", &format!("{low},{high}"), name]),
            Some(1)
        );
        let copy = Puppet::with_own_file();
        let found = answer([OsStr::new("pidof"), copy.path.as_os_str()]);
        assert_eq!(found, format!("{}\n", copy.pid()));
        let objects = objects(["pidof", "--json", name]);
        assert_eq!(objects.len(), 2);
        assert_eq!(objects[0]["pid"], json!(high.parse::<u32>().unwrap()));
    }

    #[test]
    fn finds_scripts_if_it_is_asked_to() {
        let folder = tempfile::tempdir().unwrap();
        let script = folder.path().join(unique());
        std::fs::write(&script, "echo ready; read wait; :").unwrap();
        // The shell that it becomes has the script as its second word.
        let puppet = Puppet::running(&format!("exec sh {}", script.display()));
        let name = script.file_name().unwrap();
        assert_eq!(silent([OsStr::new("pidof"), name]), Some(1));
        let found = answer([OsStr::new("pidof"), OsStr::new("-x"), name]);
        assert_eq!(found, format!("{}\n", puppet.pid()));
    }

    #[test]
    fn leaves_out_who_has_started_it_and_zombies() {
        let this = std::env::current_exe().unwrap();
        let mine = std::process::id().to_string();
        let all = answer([OsStr::new("pidof"), this.as_os_str()]);
        assert!(all.split_whitespace().any(|pid| pid == mine));
        let output = ask([
            OsStr::new("pidof"),
            OsStr::new("-o"),
            OsStr::new("%PPID"),
            this.as_os_str(),
        ]);
        assert!(!stdout(&output).split_whitespace().any(|pid| pid == mine));

        let mut puppet = Puppet::start();
        puppet.release();
        let pid = puppet.pid();
        assert_eq!(silent(["wait", "-q", &pid]), Some(0));
        assert_eq!(silent(["pidof", &puppet.name]), Some(1));
        assert_eq!(answer(["pidof", "-z", &puppet.name]), format!("{pid}\n"));
    }
}

mod kill {
    use super::*;

    #[test]
    fn sends_the_signal_that_is_named() {
        for (args, signal) in [
            (&[][..], TERM),
            (&["-9"], KILL),
            (&["-KILL"], KILL),
            (&["-SIGKILL"], KILL),
            (&["-kill"], KILL),
            (&["-s", "KILL"], KILL),
            (&["-s9"], KILL),
            (&["-n", "9"], KILL),
            (&["--signal", "sigkill"], KILL),
            (&["--wait", "60"], TERM),
            (&["--tree", "-9"], KILL),
        ] {
            let mut puppet = Puppet::start();
            let pid = puppet.pid();
            let line = ["kill"].iter().chain(args).copied().chain([pid.as_str()]);
            assert_eq!(silent(line), Some(0), "{args:?}");
            assert_eq!(puppet.status().signal(), signal, "{args:?}");
        }
    }

    #[test]
    fn signal_0_only_looks() {
        let mut puppet = Puppet::start();
        assert_eq!(silent(["kill", "-0", &puppet.pid()]), Some(0));
        assert!(puppet.is_running());
        let pid = puppet.pid();
        drop(puppet);
        let output = ask(["kill", "-0", &pid]);
        assert_eq!(output.status.code(), Some(1));
        assert_eq!(
            stderr(&output),
            format!("pslens: kill: there is no process {pid}\n")
        );
    }

    #[test]
    fn goes_on_after_one_that_is_not_there() {
        let mut puppet = Puppet::start();
        let output = ask(["kill", "--json", "4294967295", &puppet.pid()]);
        assert_eq!(output.status.code(), Some(1));
        assert_eq!(puppet.status().signal(), TERM);
        let deeds: Vec<Value> = serde_json::from_str(&stdout(&output)).unwrap();
        assert_eq!(deeds[0]["result"], "done");
        assert_eq!(deeds[0]["message"], Value::Null);
        assert_eq!(deeds[0]["name"], puppet.name.as_str());
        assert_eq!(deeds[0]["signal"], 15);
        assert_eq!(deeds[1]["pid"], 4_294_967_295_u32);
        assert_eq!(deeds[1]["result"], "not-found");
        assert_eq!(deeds[1]["message"], "there is no process 4294967295");
    }

    #[test]
    fn waits_and_then_sends_another() {
        let mut puppet = Puppet::running("trap '' TERM; echo ready; read wait; :");
        let pid = puppet.pid();
        let output = ask(["kill", "--wait", "0.05", &pid]);
        assert_eq!(output.status.code(), Some(4));
        assert_eq!(
            stderr(&output),
            format!("pslens: kill: process {pid} still runs\n")
        );
        assert!(puppet.is_running());
        let said = answer(["kill", "-v", "--wait", "0.05", "--then", "KILL", &pid]);
        // How long the machine takes to end it is not known.
        let sent = format!("SIGTERM sent to {pid} ({}), then SIGKILL", puppet.name);
        assert!(said.starts_with(&sent), "{said}");
        assert_eq!(puppet.status().signal(), KILL);
    }

    #[test]
    fn takes_the_whole_tree_from_below() {
        let mut puppet = Puppet::running(
            "exec 3<&0
            sh -c 'sh -c \"echo ready; read wait <&3; :\" & read wait <&3; :' &
            read wait; :",
        );
        let pid = puppet.pid();
        let tree = objects(["pstree", "--json", &pid]);
        let tree: Vec<String> = tree
            .iter()
            .map(|process| process["pid"].to_string())
            .collect();
        assert_eq!(tree.len(), 3, "{tree:?}");
        // Who is named and also below another one is signalled once.
        let said = answer(["kill", "-v", "--tree", "-KILL", &pid, &tree[1]]);
        let pids = said.lines().map(|line| line.split(' ').nth(3).unwrap());
        assert!(
            pids.eq(tree.iter().rev()),
            "{said} is not {tree:?} backwards"
        );
        assert_eq!(puppet.status().signal(), KILL);
    }

    #[test]
    fn groups_and_mistakes_do_nothing() {
        let mut puppet = Puppet::start();
        let pid = puppet.pid();
        let group = format!("-{pid}");
        for (args, part) in [
            (&["-9", &group][..], "process groups are not supported"),
            (&["--", &group], "process groups are not supported"),
            (&[&pid, "-1"], "process groups are not supported"),
            (&[&pid, "0"], "groups are not supported"),
            (&[&pid, "x"], "this is not a number"),
            (&["-KIL", &pid], "did you mean 'KILL'?"),
            (&["-s", "FOO", &pid], "Accepted: HUP, INT"),
            (&["-99", &pid], "no such signal"),
            (&["--then", "KILL", &pid], "--wait"),
            (&[], "PID"),
        ] {
            let output = ask(["kill"].iter().chain(args));
            let said = stderr(&output);
            assert_eq!(output.status.code(), Some(2), "{args:?}: {said}");
            assert_eq!(said.lines().count(), 1, "{args:?}: {said}");
            assert!(said.contains(part), "{args:?}: {said} lacks {part}");
        }
        assert!(puppet.is_running());
    }

    #[test]
    fn somebody_elses_process_is_denied() {
        const TEST: &str = "by_name::kill::somebody_elses_process_is_denied";
        let mut puppet = Puppet::start();
        let pid = puppet.pid();
        let mut command = pslens(["kill", &pid]);
        if !rustix::process::geteuid().is_root() {
            return skip(TEST, "needs root, to be somebody else");
        }
        let Ok(output) = command.uid(65_534).current_dir("/").output() else {
            return skip(TEST, "another user may not start the program");
        };
        assert_eq!(output.status.code(), Some(3), "{output:?}");
        let said = stderr(&output);
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(
            said.contains(&format!("pid {pid}: access denied")),
            "{said}"
        );
        assert!(puppet.is_running());
    }

    #[test]
    fn lists_signals() {
        assert!(answer(["kill", "-l"]).starts_with("HUP INT QUIT ILL TRAP ABRT "));
        assert_eq!(
            answer(["kill", "-l", "9", "137", "TERM"]),
            "KILL\nKILL\n15\n"
        );
        assert!(answer(["kill", "-L"]).contains(" 9 KILL "));
        let listed = objects(["kill", "-l", "--json"]);
        assert!(listed.contains(&json!({"signal": 15, "signal_name": "SIGTERM"})));
        assert_eq!(ask(["kill", "-l", "FOO"]).status.code(), Some(2));
    }
}

mod killall {
    use super::*;

    #[test]
    fn signals_all_of_a_name_and_nobody_else() {
        let mut first = Puppet::start();
        let mut second = first.namesake();
        let mut other = Puppet::called(&format!("{}x", first.name));
        assert_eq!(silent(["killall", &first.name]), Some(0));
        assert_eq!(first.status().signal(), TERM);
        assert_eq!(second.status().signal(), TERM);
        assert!(other.is_running());
    }

    #[test]
    fn understands_the_options_of_the_original() {
        for (args, signal) in [
            (&["-9", "NAME"][..], KILL),
            (&["-s", "KILL", "NAME"], KILL),
            (&["-KILL", "-w", "NAME"], KILL),
            (&["--wait=60", "NAME"], TERM),
            (&["-I", "UPPER"], TERM),
            (&["-r", "^NAME$"], TERM),
            (&["-y", "1h", "NAME"], TERM),
            (&["-u", "UID", "NAME"], TERM),
            (&["-e", "NAME"], TERM),
        ] {
            let mut puppet = Puppet::start();
            let uid = rustix::process::geteuid().as_raw().to_string();
            let words = args.iter().map(|word| {
                word.replace("NAME", &puppet.name)
                    .replace("UPPER", &puppet.name.to_uppercase())
                    .replace("UID", &uid)
            });
            let words: Vec<String> = ["killall".to_owned()].into_iter().chain(words).collect();
            assert_eq!(silent(&words), Some(0), "{args:?}");
            assert_eq!(puppet.status().signal(), signal, "{args:?}");
        }
    }

    #[test]
    fn leaves_alone_what_is_not_meant() {
        let mut puppet = Puppet::start();
        let name = puppet.name.clone();
        let upper = name.to_uppercase();
        let part = &name[1..];
        for args in [
            &[upper.as_str()][..],
            &[part],
            &["-o", "1h", &name],
            &["-u", "4000000000", &name],
            &["/nowhere/at/all"],
        ] {
            let output = ask(["killall"].iter().chain(args));
            assert_eq!(output.status.code(), Some(1), "{args:?}");
            let said = stderr(&output);
            assert!(
                said.starts_with("pslens: killall: no process is called '"),
                "{said}"
            );
            let quietly = ["killall", "-q"].iter().chain(args);
            assert_eq!(silent(quietly), Some(1), "{args:?}");
        }
        assert!(puppet.is_running());
    }

    #[test]
    fn a_path_means_the_file_that_is_executed() {
        let mut copy = Puppet::with_own_file();
        let mut link = Puppet::start();
        let path = copy.path.as_os_str();
        assert_eq!(silent([OsStr::new("killall"), path]), Some(0));
        assert_eq!(copy.status().signal(), TERM);
        assert!(link.is_running());
    }

    #[test]
    fn long_names_are_meant_as_a_whole() {
        let start = format!("{}-{}", unique(), "a".repeat(12));
        let [this, that] = ["this", "that"].map(|end| format!("{start}-{end}"));
        let (mut meant, mut other) = (Puppet::called(&this), Puppet::called(&that));
        assert_eq!(silent(["killall", &this]), Some(0));
        assert_eq!(meant.status().signal(), TERM);
        assert!(other.is_running());
        // What the kernel keeps of the name is not the name.
        assert_eq!(ask(["killall", &start[..15]]).status.code(), Some(1));
        assert!(other.is_running());
    }

    #[test]
    fn what_is_left_of_a_long_name_is_enough_unless_it_must_be_exact() {
        let name = format!("{}-{}", unique(), "a".repeat(12));
        let mut puppet = Puppet::disguised(&name);
        assert_eq!(ask(["killall", "-e", &name]).status.code(), Some(1));
        assert!(puppet.is_running());
        assert_eq!(silent(["killall", &name]), Some(0));
        assert_eq!(puppet.status().signal(), TERM);
    }

    #[test]
    fn asks_before_it_acts() {
        let mut puppet = Puppet::start();
        let asked = |reply: &str| {
            let mut command = pslens(["killall", "-i", &puppet.name]);
            command.stdin(Stdio::piped()).stderr(Stdio::piped());
            let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
            child
                .stdin
                .take()
                .unwrap()
                .write_all(reply.as_bytes())
                .unwrap();
            let output = child.wait_with_output().unwrap();
            let question = format!("Send SIGTERM to {} ({})? (y/N) ", puppet.name, puppet.pid());
            assert_eq!(stderr(&output), question);
            assert_eq!(stdout(&output), "");
            assert_eq!(output.status.code(), Some(0));
        };
        for no in ["n\n", "\n", ""] {
            asked(no);
        }
        asked("y\n");
        assert_eq!(puppet.status().signal(), TERM);
    }

    #[test]
    fn says_what_was_done() {
        let puppet = Puppet::start();
        let (pid, name) = (puppet.pid(), puppet.name.as_str());
        let said = answer(["killall", "-v", "-0", name]);
        assert_eq!(said, format!("0 sent to {pid} ({name})\n"));
        let output = ask(["killall", "--json", "-w", name, &unique()]);
        assert_eq!(output.status.code(), Some(1));
        let deeds: Vec<Value> = serde_json::from_str(&stdout(&output)).unwrap();
        assert_eq!(deeds.len(), 1);
        assert_eq!(deeds[0]["pid"].to_string(), pid);
        assert_eq!(deeds[0]["ended"], true);
    }
}

mod wait {
    use super::*;

    #[test]
    fn ends_when_the_processes_do() {
        let (mut first, mut second) = (Puppet::start(), Puppet::start());
        let mut command = pslens(["wait", &first.pid(), &second.pid()]);
        let mut waiting = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut told = std::io::BufReader::new(waiting.stdout.take().unwrap());
        let mut line = || {
            let mut line = String::new();
            std::io::BufRead::read_line(&mut told, &mut line).unwrap();
            line.split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        assert_eq!(line(), ["PID", "ENDED", "STATUS", "NAME"]);
        second.release();
        let row = line();
        assert_eq!(row[0], second.pid());
        assert_eq!(row[3..], ["-", &second.name]);
        assert!(waiting.try_wait().unwrap().is_none());
        first.release();
        assert_eq!(line()[0], first.pid());
        assert_eq!(line(), [""; 0]);
        assert_eq!(waiting.wait().unwrap().code(), Some(0));
    }

    #[test]
    fn gives_up_when_it_is_told_to() {
        let (mut ends, runs) = (Puppet::start(), Puppet::start());
        ends.release();
        let output = ask(["wait", "--json", "-t", "0.3", &ends.pid(), &runs.pid()]);
        assert_eq!(output.status.code(), Some(4));
        let note = format!("pslens: wait: still running: {}\n", runs.pid());
        assert_eq!(stderr(&output), note);
        let rows: Vec<Value> = serde_json::from_str(&stdout(&output)).unwrap();
        let row = |puppet: &Puppet| {
            let mine = |row: &&Value| row["pid"] == puppet.number();
            rows.iter().find(mine).unwrap().clone()
        };
        assert!(row(&ends)["exited_at"].as_f64().unwrap() > 1.7e9);
        assert_eq!(row(&runs)["exited_at"], Value::Null);
        assert_eq!(row(&runs)["name"], runs.name.as_str());
    }

    #[test]
    fn the_first_can_be_enough() {
        let (mut ends, runs) = (Puppet::start(), Puppet::start());
        ends.release();
        let rows = objects(["wait", "--any", "--json", &ends.pid(), &runs.pid()]);
        let ended: Vec<&Value> = rows
            .iter()
            .filter(|row| !row["exited_at"].is_null())
            .collect();
        assert_eq!(ended.len(), 1);
        assert_eq!(ended[0]["pid"], ends.number());
    }

    #[test]
    fn nobody_is_not_waited_for() {
        let output = ask(["wait", "-q", "4294967295"]);
        assert_eq!(output.status.code(), Some(1));
        assert_eq!(
            stderr(&output),
            "pslens: wait: there is no process 4294967295\n"
        );
    }

    /// A shell that becomes `wait` leaves it its children, whose status can be known.
    #[test]
    fn tells_how_children_ended() {
        let mut shell = std::process::Command::new("sh");
        let output = shell
            .args(["-c", "sh -c 'exit 3' & exec \"$0\" wait --json $!"])
            .arg(env!("CARGO_BIN_EXE_pslens"))
            .output()
            .unwrap();
        let rows: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(rows[0]["returncode"], 3);
    }
}

mod pstree {
    use super::*;

    #[test]
    fn draws_the_processes_of_a_captured_machine() {
        for name in ["kernel-4.4", "laptop"] {
            let machine = materialise(name);
            let drawn = [
                &["pstree"][..],
                &["pstree", "0"],
                &["pstree", "0", "-pu"],
                &["pstree", "0", "-a", "-U", "-n"],
                &["pstree", "0", "--json"],
            ]
            .map(|args| told(&machine, args));
            assert_snapshot!(format!("pstree_{name}"), drawn.join("\n"));
        }
    }

    #[test]
    fn begins_where_it_is_told_to() {
        let puppet = Puppet::start();
        let pid = puppet.pid();
        assert_eq!(answer(["pstree", &pid]), format!("{}\n", puppet.name));
        assert_eq!(
            answer(["pstree", "-p", &pid]),
            format!("{}({pid})\n", puppet.name)
        );
        let above = answer(["pstree", "-sp", &pid]);
        let mine = format!("({})---{}({pid})\n", std::process::id(), puppet.name);
        assert!(above.ends_with(&mine), "{above}");
        let objects = objects(["pstree", "-s", "--json", &pid]);
        let depths: Vec<u64> = objects
            .iter()
            .map(|o| o["depth"].as_u64().unwrap())
            .collect();
        assert!(
            depths.iter().copied().eq(0..depths.len() as u64),
            "{depths:?}"
        );
        assert_eq!(objects.last().unwrap()["pid"], puppet.number());
    }

    /// A terminal of 30 columns, which script(1) provides.
    #[test]
    fn lines_are_cut_on_a_terminal_only() {
        const TEST: &str = "by_name::pstree::lines_are_cut_on_a_terminal_only";
        let puppet = Puppet::running(WITH_CHILD);
        let pid = puppet.pid();
        let program = env!("CARGO_BIN_EXE_pslens");
        let ask = |options: &str| {
            let line = format!("stty rows 20 cols 30; '{program}' pstree {options} {pid}");
            let mut script = std::process::Command::new("script");
            script
                .args(["-qec", &line, "/dev/null"])
                .stdin(Stdio::null());
            let output = script.env("LC_ALL", "C.UTF-8").output().ok()?;
            Some(stdout(&output).replace("\r\n", "\n"))
        };
        let Some(plain) = ask("") else {
            return skip(TEST, "no script(1)");
        };
        assert_eq!(plain, format!("{}───sh\n", puppet.name));
        let cut = ask("-a").unwrap();
        let widths: Vec<usize> = cut.lines().map(|line| line.chars().count()).collect();
        assert_eq!(widths, [30, 30], "{cut}");
        assert!(cut.lines().all(|line| line.ends_with('+')), "{cut}");
        let whole = ask("-Aal").unwrap();
        assert!(
            whole.ends_with("  `-sh -c echo ready; read wait <&3; :\n"),
            "{whole}"
        );
    }

    #[test]
    fn processes_stand_out_where_there_are_colours() {
        let puppet = Puppet::running(WITH_CHILD);
        let (pid, name) = (puppet.pid(), puppet.name.as_str());
        let drawn = |color: &str| answer(["pstree", "-H", &pid, "--color", color, &pid]);
        assert_eq!(drawn("always"), format!("\x1b[1m{name}\x1b[m---sh\n"));
        assert_eq!(drawn("auto"), format!("{name}---sh\n"));
    }

    #[test]
    fn nobody_has_no_tree() {
        for (start, said) in [
            ("4294967295", "there is no process 4294967295"),
            ("no such user", "no user is called 'no such user'"),
            ("4000000000000", "no process has a number so large"),
        ] {
            let output = ask(["pstree", start]);
            assert!(stderr(&output).contains(said), "{}", stderr(&output));
            assert_ne!(output.status.code(), Some(0));
            assert_eq!(stdout(&output), "");
        }
    }
}

#[test]
fn captured_processes_are_found_by_name() {
    for name in ["kernel-4.4", "laptop"] {
        let machine = materialise(name);
        let found = [
            &["pgrep", "-l", "."][..],
            &["pgrep", "-a", "s"],
            &["pgrep", "-f", "-c", "."],
            &["pgrep", "-U", "0", "-d", " ", ""],
            &["pgrep", "-x", "systemd", "--json"],
            &["pgrep", "-x", "nobody here"],
            &["pgrep", "-A", "systemd"],
            &["pgrep", "-O", "1h", "systemd"],
            &["pidof", "systemd"],
            &["pidof", "systemd", "--json"],
            &["pidof", "-o", "%PPID", "systemd"],
        ]
        .map(|args| told(&machine, args));
        assert_snapshot!(format!("by_name_{name}"), found.join("\n"));
    }
}

#[test]
fn rights_are_not_who_started_it_and_terminals_have_names() {
    let machine = materialise("kernel-4.4");
    let path = machine.proc().join("411/status");
    let status = std::fs::read_to_string(path).unwrap();
    let uids = status
        .lines()
        .find(|line| line.starts_with("Uid:"))
        .unwrap();
    // Started by 1000, with the rights of root.
    machine.write(
        "proc/411/status",
        status.replace(uids, "Uid:\t1000\t0\t0\t0"),
    );
    let found = |args: &[&str]| {
        let told = told(&machine, &[&["pgrep", "-d", " "], args].concat());
        told.lines().nth(1).unwrap().to_owned()
    };
    assert_eq!(found(&["-u", "0"]), "1 2 411");
    assert_eq!(found(&["-U", "0"]), "1 2");
    assert_eq!(found(&["-U", "1000", "-P", "1"]), "411 1601 1702 1803");
    assert_eq!(found(&["-U", "1000", "-u", "0"]), "411");
    assert_eq!(found(&["-t", "pts/1"]), "1601");
    assert_eq!(found(&["-t", "tty1,/dev/pts/1"]), "1601");
    assert_eq!(found(&["-r", "Z"]), "1500");
    let tree = told(&machine, &["pstree", "-u", "0"]);
    assert!(tree.contains("|-sshd\n"), "{tree}");
    assert!(tree.contains("|-nginx(33)---defunct\n"), "{tree}");
    // What is above all that is shown is not root's.
    let tree = told(&machine, &["pstree", "-u", "1500"]);
    assert!(tree.contains("\ndefunct(33)\n"), "{tree}");
}

#[test]
fn a_hostile_name_stays_in_its_line() {
    let part = unique();
    let name = format!("{part}\x1b\n");
    let mut puppet = Puppet::called(&name);
    let pid = puppet.pid();
    let shown = format!("{part}\\x1b\\n");
    for args in [
        &["pgrep", "-l", &part][..],
        &["pgrep", "-a", &part],
        &["pstree", &pid],
        &["pstree", "-a", &pid],
        &["kill", "-v", "-0", &pid],
        &["killall", "-v", "-0", &name],
    ] {
        let said = answer(args);
        assert_eq!(said.matches('\n').count(), 1, "{args:?}: {said:?}");
        assert!(
            said.ends_with('\n') && !said.contains('\x1b'),
            "{args:?}: {said:?}"
        );
        assert!(said.contains(&shown), "{args:?}: {said:?}");
    }
    let mut command = pslens(["killall", "-i", &name]);
    let output = command.stdin(Stdio::null()).output().unwrap();
    let question = stderr(&output);
    assert!(
        question.contains(&shown) && !question.contains(['\x1b', '\n']),
        "{question:?}"
    );
    assert!(puppet.is_running());
    puppet.release();
    let said = answer(["--no-header", "wait", &pid]);
    assert!(said.ends_with(&format!(" {shown}\n")), "{said:?}");
    let said = stderr(&ask(["killall", "\x1b[31m"]));
    assert!(!said.contains('\x1b'), "{said:?}");
}

#[test]
fn captured_processes_are_not_acted_on() {
    let machine = materialise("kernel-4.4");
    for args in [&["kill", "1"][..], &["killall", "systemd"], &["wait", "1"]] {
        let told = told(&machine, args);
        assert!(told.contains("can only be looked at"), "{told}");
        assert!(told.ends_with("exit status 2\n"), "{told}");
    }
}

#[test]
fn help_has_examples_and_exit_statuses() {
    for tool in ["pgrep", "pidof", "kill", "killall", "wait", "pstree"] {
        let help = answer([tool, "--help"]);
        for part in ["Usage: pslens ", "Examples:", "Exit status: 0 "] {
            assert!(help.contains(part), "{tool}: {help} lacks {part}");
        }
    }
}

#[test]
fn mistakes_are_one_line() {
    for (line, part) in [
        ("pgrep", "PATTERN"),
        ("pgrep (", "'(' is not a regular expression"),
        ("pgrep -n -o x", "--newest"),
        ("pgrep -P x", "numbers of processes"),
        ("pgrep -O x x", "s, m, h, d, w, M or y"),
        ("pgrep -r Q x", "no such state"),
        ("pidof", "PROGRAM"),
        ("pidof -o x x", "or %PPID"),
        ("killall", "NAME"),
        ("killall -r (", "'(' is not a regular expression"),
        ("killall -s KIL x", "did you mean 'KILL'?"),
        ("killall -o 5x x", "s, m, h, d, w, M or y"),
        ("killall --then KILL x", "--wait"),
        ("killall -w --then KILL x", "--wait=SECONDS"),
        ("wait", "PID"),
        ("wait x", "this is not a number"),
        ("wait -t 0 1", "more than 0"),
        ("pstree -A -U", "--ascii"),
        ("pstree -t -T", "--thread-names"),
        ("pstree -H x", "this is not a number"),
    ] {
        let output = ask(line.split(' '));
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{line}: {said}");
        assert_eq!(said.lines().count(), 1, "{line}: {said}");
        assert!(said.contains(part), "{line}: {said} lacks {part}");
        assert_eq!(stdout(&output), "", "{line}");
    }
}
