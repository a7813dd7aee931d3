//! `top` as a person uses it: in a terminal (of tmux), with keys that are sent and a screen that is read.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use crate::program::{objects, pslens, skip, stderr, stdout};

/// How long something may take to be seen. Nothing waits so long unless it fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// A terminal with a shell in it.
struct Desk {
    server: String,
}

impl Desk {
    /// `None` where there is no tmux, and the test is skipped.
    fn open(test: &str, width: u16, height: u16) -> Option<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let desk = Self {
            server: format!("pslens-top-{}-{number}", std::process::id()),
        };
        let started = desk
            .tmux()
            .args(["-f", "/dev/null", "new-session", "-d"])
            .args(["-x", &width.to_string(), "-y", &height.to_string()])
            // A shell that prints nothing of its own but what the test asks for.
            .args(["env", "PS1=ready> ", "LC_ALL=C.UTF-8", "TZ=UTC", "sh", "-i"])
            .output();
        match started {
            Ok(output) if output.status.success() => Some(desk),
            other => {
                skip(test, &format!("no tmux: {other:?}"));
                None
            }
        }
    }

    fn tmux(&self) -> Command {
        let mut command = Command::new("tmux");
        command.args(["-L", &self.server]).env_remove("TMUX");
        command
    }

    fn run(&self, args: &[&str]) -> String {
        let output = self.tmux().args(args).output().unwrap();
        assert!(output.status.success(), "{args:?}: {}", stderr(&output));
        stdout(&output)
    }

    /// Starts the program in the shell.
    fn start(&self, arguments: &str) {
        self.until("a shell", |screen| screen.contains("ready>"));
        let program = env!("CARGO_BIN_EXE_pslens");
        self.text(&format!("{program} top {arguments}"));
        self.key("Enter");
    }

    /// Types what is to be taken literally.
    fn text(&self, text: &str) {
        self.run(&["send-keys", "-l", text]);
    }

    /// Presses a key by the name that tmux has for it.
    fn key(&self, key: &str) {
        self.run(&["send-keys", key]);
    }

    fn screen(&self) -> String {
        self.run(&["capture-pane", "-p"])
    }

    /// Reads the screen until it shows what it should.
    fn until(&self, what: &str, holds: impl Fn(&str) -> bool) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let screen = self.screen();
            if holds(&screen) {
                return screen;
            }
            assert!(Instant::now() < deadline, "no {what}:\n{screen}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn shows(&self, text: &str) -> String {
        self.until(text, |screen| screen.contains(text))
    }

    fn shows_no(&self, text: &str) -> String {
        self.until(&format!("screen without {text}"), |screen| {
            !screen.contains(text)
        })
    }

    /// The number of the program in the terminal.
    fn pid(&self) -> String {
        let shell = self.run(&["list-panes", "-F", "#{pane_pid}"]);
        let shell: u32 = shell.trim().parse().unwrap();
        let children = pslens(["ps", "--json", "-o", "pid,ppid,name"])
            .output()
            .unwrap();
        let children: Vec<serde_json::Value> = serde_json::from_slice(&children.stdout).unwrap();
        let mut children = children.iter();
        let child = children.find(|it| it["ppid"] == shell);
        child.unwrap()["pid"].to_string()
    }

    /// The shell answers again, on the screen that it had before.
    fn is_given_back(&self) {
        self.until("prompt", |screen| screen.trim_end().ends_with("ready>"));
        self.text("echo given ba''ck");
        self.key("Enter");
        let screen = self.shows("given back");
        assert!(screen.contains("ready> "), "{screen}");
        assert!(!screen.contains("PID"), "{screen}");
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = self.tmux().arg("kill-server").output();
    }
}

/// A process with a name of its own that does what it is told on its standard input.
struct Puppet(Child);

impl Puppet {
    /// A shell that shows up under `name`. It sleeps until it is told to become somebody else.
    fn named(name: &str) -> Self {
        let script = "echo up; read next; exec sh -c 'echo up; read end' \"$next\"";
        let child = Command::new("sh")
            .args(["-c", script, name])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut puppet = Self(child);
        puppet.is_up();
        puppet
    }

    fn is_up(&mut self) {
        let mut line = String::new();
        let out = self.0.stdout.as_mut().unwrap();
        BufReader::with_capacity(1, out)
            .read_line(&mut line)
            .unwrap();
        assert_eq!(line, "up\n");
    }

    /// Executes another command line.
    fn become_(&mut self, name: &str) {
        let input = self.0.stdin.as_mut().unwrap();
        writeln!(input, "{name}").unwrap();
        self.is_up();
    }

    fn pid(&self) -> String {
        self.0.id().to_string()
    }

    /// The signal that ended it.
    fn signal(&mut self) -> Option<i32> {
        use std::os::unix::process::ExitStatusExt;
        self.0.wait().unwrap().signal()
    }
}

impl Drop for Puppet {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A word that no other process on this machine has in its command line.
fn unique(word: &str) -> String {
    format!(
        "{word}-{}-{:?}",
        std::process::id(),
        std::thread::current().id()
    )
    .replace(['(', ')'], "")
}

#[test]
fn it_fits_every_terminal_and_gives_it_back() {
    const TEST: &str = "top::it_fits_every_terminal_and_gives_it_back";
    for (width, height) in [(40, 10), (80, 24), (200, 50)] {
        let Some(desk) = Desk::open(TEST, width, height) else {
            return;
        };
        desk.start("");
        let screen = desk.until("first comparison", |screen| {
            screen.contains("F1 Help") && screen.contains("%CPU") && !screen.contains("CPU  -")
        });
        assert_eq!(screen.lines().count(), usize::from(height), "{screen}");
        assert_eq!(screen.contains("WRITE/s"), width == 200, "{screen}");
        assert_eq!(screen.contains("Disk"), width > 40, "{screen}");
        desk.key("q");
        desk.is_given_back();
    }
}

#[test]
fn it_follows_the_size_of_the_terminal() {
    const TEST: &str = "top::it_follows_the_size_of_the_terminal";
    let Some(desk) = Desk::open(TEST, 80, 24) else {
        return;
    };
    desk.start("-d 60");
    desk.shows("USER");
    desk.run(&["resize-window", "-x", "200", "-y", "50"]);
    desk.shows("WRITE/s");
    desk.run(&["resize-window", "-x", "40", "-y", "10"]);
    desk.shows_no("USER");
    desk.run(&["resize-window", "-x", "30", "-y", "5"]);
    let screen = desk.shows("too small: 40x10 at least");
    assert_eq!(screen.trim().lines().count(), 1, "{screen}");
    desk.run(&["resize-window", "-x", "80", "-y", "24"]);
    desk.shows("USER");
    desk.key("q");
    desk.is_given_back();
}

#[test]
fn processes_appear_exec_and_vanish_under_it() {
    const TEST: &str = "top::processes_appear_exec_and_vanish_under_it";
    let Some(desk) = Desk::open(TEST, 120, 30) else {
        return;
    };
    let (before, after) = (unique("chrysalis"), unique("butterfly"));
    desk.start("-c -d 0.3");
    desk.shows("COMMAND");
    desk.text("/");
    desk.text(&before);
    desk.shows("Filter: chrysalis");
    let mut puppet = Puppet::named(&before);
    let pid = puppet.pid();
    desk.until("new process", |screen| row_of(screen, &pid).is_some());
    // The number stays, the command line does not.
    puppet.become_(&after);
    desk.until("no such command line", |screen| {
        row_of(screen, &pid).is_none()
    });
    desk.key("C-u");
    desk.text(&after);
    desk.until("new command line", |screen| row_of(screen, &pid).is_some());
    drop(puppet);
    desk.until("end of the process", |screen| {
        row_of(screen, &pid).is_none()
    });
    desk.key("Escape");
    desk.until("everybody", |screen| !screen.contains("Filter:"));
    desk.key("q");
    desk.is_given_back();
}

/// The line of a process in the table.
fn row_of<'a>(screen: &'a str, pid: &str) -> Option<&'a str> {
    let mut lines = screen.lines();
    lines.find(|line| line.split_whitespace().next() == Some(pid))
}

#[test]
fn a_signal_reaches_the_process_that_was_selected_and_nobody_else() {
    const TEST: &str = "top::a_signal_reaches_the_process_that_was_selected_and_nobody_else";
    let Some(desk) = Desk::open(TEST, 100, 30) else {
        return;
    };
    let (name, other) = (unique("victim"), unique("bystander"));
    let (mut victim, mut bystander) = (Puppet::named(&name), Puppet::named(&other));
    let pid = victim.pid();
    desk.start(&format!("-c -d 0.3 -o pid -p {pid},{}", bystander.pid()));
    desk.until("both", |screen| {
        [&pid, &bystander.pid()]
            .iter()
            .all(|pid| row_of(screen, pid).is_some())
    });
    desk.text("/");
    desk.text(&name);
    desk.key("Enter");
    desk.key("Down");
    desk.key("F9");
    desk.shows(&format!("Signal for {pid} ("));
    // Giving up does nothing.
    desk.key("Escape");
    desk.shows_no("Signal for");
    desk.text("k");
    desk.shows("15 SIGTERM");
    desk.key("Enter");
    desk.shows(&format!("SIGTERM was sent to {pid} ("));
    assert_eq!(victim.signal(), Some(15));
    // The menu is opened for the next one, who ends before it is used: nobody is hit.
    desk.text("=");
    desk.key("Down");
    desk.until("next one", |screen| row_of(screen, &pid).is_none());
    assert!(bystander.0.try_wait().unwrap().is_none());
    let pid = bystander.pid();
    desk.text("/");
    desk.text(&other);
    desk.key("Enter");
    desk.until("bystander", |screen| row_of(screen, &pid).is_some());
    desk.key("Home");
    desk.text("k");
    desk.shows(&format!("Signal for {pid} ("));
    bystander.0.kill().unwrap();
    bystander.signal();
    desk.text("9");
    desk.key("Enter");
    desk.shows("has ended; nothing was done");
    desk.key("q");
    desk.is_given_back();
}

#[test]
fn nice_values_are_set() {
    const TEST: &str = "top::nice_values_are_set";
    let Some(desk) = Desk::open(TEST, 100, 30) else {
        return;
    };
    let puppet = Puppet::named(&unique("gentle"));
    let nice = || objects(["ps", "--json", "-o", "nice", "-p", &puppet.pid()])[0]["nice"].clone();
    let before = nice().as_i64().unwrap();
    desk.start(&format!("-p {}", puppet.pid()));
    desk.until("row", |screen| row_of(screen, &puppet.pid()).is_some());
    desk.text("r");
    desk.shows("Nice value for");
    desk.text("19");
    desk.key("Enter");
    desk.shows("has the nice value 19 now");
    assert_eq!(nice(), 19);
    assert_ne!(before, 19);
    desk.text("r");
    desk.shows("Nice value for");
    desk.text("99");
    desk.key("Enter");
    desk.shows("whole numbers from -20 to 19");
}

#[test]
fn details_of_a_process_are_shown_tab_by_tab() {
    const TEST: &str = "top::details_of_a_process_are_shown_tab_by_tab";
    let Some(desk) = Desk::open(TEST, 120, 40) else {
        return;
    };
    let puppet = Puppet::named(&unique("patient"));
    let pid = puppet.pid();
    desk.start(&format!("-d 0.3 -p {pid}"));
    desk.until("row", |screen| row_of(screen, &pid).is_some());
    desk.key("Enter");
    desk.shows("Command line");
    for shown in [
        "TID",
        "there are none",
        "there are none",
        "[stack]",
        "PATH=",
        "RLIMIT_NOFILE",
    ] {
        desk.key("Tab");
        desk.shows(shown);
    }
    desk.key("Escape");
    desk.shows("COMMAND");
    // What is looked at ends.
    desk.key("Enter");
    desk.shows("Command line");
    drop(puppet);
    desk.shows("the process has ended");
    desk.key("q");
    desk.shows("COMMAND");
}

#[test]
fn trees_freezing_sorting_and_help() {
    const TEST: &str = "top::trees_freezing_sorting_and_help";
    let Some(desk) = Desk::open(TEST, 120, 40) else {
        return;
    };
    let first = Puppet::named(&unique("first"));
    let second = Puppet::named(&unique("second"));
    desk.start(&format!(
        "-d 0.3 -o pid -p {},{},{}",
        first.pid(),
        second.pid(),
        std::process::id()
    ));
    let order = |screen: &str| -> Vec<usize> {
        let place = |pid: &str| {
            screen
                .lines()
                .position(|line| line.trim_start().starts_with(pid))
        };
        [&first, &second]
            .iter()
            .filter_map(|it| place(&it.pid()))
            .collect()
    };
    desk.until("order", |screen| matches!(*order(screen), [a, b] if a < b));
    desk.text("N");
    desk.until(
        "reverse order",
        |screen| matches!(*order(screen), [a, b] if a > b),
    );
    desk.key("F5");
    desk.shows("└─");
    desk.text("t");
    desk.shows_no("└─");
    desk.text(" ");
    desk.shows("FROZEN");
    let gone = second.pid();
    drop(second);
    let frozen = desk.screen();
    assert!(row_of(&frozen, &gone).is_some(), "{frozen}");
    desk.text(" ");
    desk.until("end of the process", |screen| {
        row_of(screen, &gone).is_none()
    });
    desk.key("F1");
    desk.shows("filter as you type");
    desk.key("Escape");
    desk.shows_no("filter as you type");
    desk.text("d");
    desk.text("5");
    desk.key("Enter");
    desk.shows("every 5s");
}

#[test]
fn the_mouse_sorts_and_selects() {
    const TEST: &str = "top::the_mouse_sorts_and_selects";
    let Some(desk) = Desk::open(TEST, 80, 24) else {
        return;
    };
    let puppet = Puppet::named(&unique("mouse"));
    desk.start(&format!("-p {} -d 60", puppet.pid()));
    let screen = desk.until("row", |screen| row_of(screen, &puppet.pid()).is_some());
    let row = screen
        .lines()
        .position(|line| line.trim_start().starts_with(&puppet.pid()));
    // A click twice on the row opens it: reports as xterm sends them.
    let click = format!("\x1b[<0;5;{}M", row.unwrap() + 1);
    desk.text(&click);
    desk.text(&click);
    desk.shows("Command line");
}

#[test]
fn signals_end_it_and_leave_the_terminal_as_it_was() {
    const TEST: &str = "top::signals_end_it_and_leave_the_terminal_as_it_was";
    // What the shell says of INT is its own affair: some forget the rest of the line.
    for (signal, said) in [
        ("TERM", "it was 143"),
        ("INT", "ready>"),
        ("HUP", "it was 129"),
    ] {
        let Some(desk) = Desk::open(TEST, 80, 24) else {
            return;
        };
        desk.start("; echo it was $?");
        desk.shows("F1 Help");
        let pid = desk.pid();
        assert!(
            Command::new("kill")
                .args(["-s", signal, &pid])
                .status()
                .unwrap()
                .success()
        );
        desk.shows(said);
        desk.is_given_back();
    }
}

#[test]
fn it_stops_and_goes_on() {
    const TEST: &str = "top::it_stops_and_goes_on";
    let Some(desk) = Desk::open(TEST, 80, 24) else {
        return;
    };
    desk.start("");
    desk.shows("F1 Help");
    for by_key in [true, false] {
        if by_key {
            desk.key("C-z");
        } else {
            let pid = desk.pid();
            assert!(
                Command::new("kill")
                    .args(["-s", "TSTP", &pid])
                    .status()
                    .unwrap()
                    .success()
            );
        }
        desk.until("shell", |screen| {
            screen.contains("Stopped") || screen.trim_end().ends_with("ready>")
        });
        desk.is_given_back();
        desk.text("fg");
        desk.key("Enter");
        desk.shows("F1 Help");
        desk.text("clear");
        desk.key("Escape");
    }
    desk.key("q");
}

#[test]
fn a_terminal_that_goes_away_ends_it() {
    const TEST: &str = "top::a_terminal_that_goes_away_ends_it";
    let Some(desk) = Desk::open(TEST, 80, 24) else {
        return;
    };
    desk.start("-d 0.2");
    desk.shows("F1 Help");
    let pid = desk.pid();
    drop(desk);
    let deadline = Instant::now() + PATIENCE;
    while pslens(["ps", "-p", &pid])
        .output()
        .unwrap()
        .status
        .success()
    {
        assert!(Instant::now() < deadline, "{pid} is still there");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn samples_are_text_or_json() {
    let puppet = Puppet::named(&unique("batch"));
    let pid = puppet.pid();
    let output = pslens(["top", "-b", "-n", "2", "-d", "0.1", "-c", "-p", &pid])
        .output()
        .unwrap();
    assert_eq!(stderr(&output), "");
    let text = stdout(&output);
    assert_eq!(text.matches("pslens top").count(), 2, "{text}");
    assert_eq!(text.matches("PID").count(), 2, "{text}");
    let row = row_of(&text, &pid).unwrap();
    assert!(row.contains("batch-"), "{row}");
    let output = pslens(["top", "--json", "-n", "2", "-d", "0.1", "-p", &pid])
        .output()
        .unwrap();
    let text = stdout(&output);
    let arrays = serde_json::Deserializer::from_str(&text).into_iter::<Vec<serde_json::Value>>();
    let arrays: Vec<_> = arrays.map(Result::unwrap).collect();
    assert_eq!(arrays.len(), 2);
    for array in arrays {
        assert_eq!(array.len(), 2);
        assert_eq!(
            (&array[0]["kind"], &array[1]["kind"]),
            (&"system".into(), &"process".into())
        );
        assert_eq!(array[1]["pid"].to_string(), pid);
        assert_eq!(array[1]["cpu_percent"], 0.0);
        assert!(array[0]["cpu_percent"].is_number());
    }
    let idle = pslens(["top", "-b", "-n", "1", "-i", "-p", &pid])
        .output()
        .unwrap();
    assert!(row_of(&stdout(&idle), &pid).is_none());
}

#[test]
fn mistakes_are_told_on_one_line() {
    for (args, expect) in [
        (&["top"][..], "--batch or --json"),
        (&["top", "-b", "-n", "0"], "--iterations"),
        (&["top", "-b", "-d", "0"], "accepted: seconds"),
        (
            &["top", "-b", "-o", "cpu_prcent"],
            "did you mean 'cpu_percent'?",
        ),
        (&["top", "-b", "-p", "x"], "numbers of processes"),
    ] {
        let output = pslens(args).output().unwrap();
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(said.contains(expect), "{args:?}: {said}");
    }
}

/// Every key that shows something else is pressed again and again, while processes come and go. Memory
/// must not grow once everything has been shown. Ten seconds here; `cargo xtask top-session` takes longer.
#[test]
fn a_session_has_flat_memory() {
    const TEST: &str = "top::a_session_has_flat_memory";
    /// How fast somebody types.
    const TEMPO: Duration = Duration::from_millis(200);
    /// What the allocator may keep beyond what is needed.
    const SLACK: u64 = 2 << 20;
    /// What is known of a process, twice while the next sample is taken.
    const PER_PROCESS: u64 = 4 << 10;
    let processes = || pslens::process::pids().unwrap().len() as u64;
    let minutes = std::env::var("PSLENS_TOP_MINUTES");
    let minutes: f64 = minutes.map_or(1.0 / 6.0, |minutes| minutes.parse().unwrap());
    let Some(desk) = Desk::open(TEST, 200, 50) else {
        return;
    };
    desk.start("");
    desk.shows("F1 Help");
    let pid = desk.pid();
    let look = || {
        let rows = objects(["ps", "--json", "-o", "memory_info,cpu_times", "-p", &pid]);
        let rss = rows[0]["memory_info"]["rss"].as_u64().unwrap();
        let cpu = ["user", "system"].map(|part| rows[0]["cpu_times"][part].as_f64().unwrap());
        (rss, cpu[0] + cpu[1])
    };
    let start = Instant::now();
    let length = Duration::from_secs_f64(minutes * 60.0);
    let keys = [
        "t", "c", "M", "P", "Down", "Enter", "Tab", "Tab", "Tab", "Tab", "Tab", "Escape", "F1",
        "Escape", "End", "F9", "Escape", "t", "c", "1", "1", "I", "I", "Escape",
    ];
    let mut report = String::new();
    let mut settled = None;
    // Others on this machine may start thousands meanwhile.
    let mut most = processes();
    for (pressed, key) in keys.iter().cycle().enumerate() {
        let passed = start.elapsed();
        if passed > length {
            break;
        }
        desk.key(key);
        // Somebody comes and goes.
        Command::new("true").status().unwrap();
        std::thread::sleep(TEMPO);
        if settled.is_none() && pressed > keys.len() && passed > length / 10 {
            settled = Some((look().0, processes()));
        }
        most = most.max(processes());
        if pressed % 240 == 0 {
            let (rss, cpu) = look();
            let minutes = passed.as_secs_f64() / 60.0;
            let now = processes();
            writeln!(
                report,
                "{minutes:5.1} min  {now:>5} processes  {rss:>9} bytes  {cpu:6.2} s CPU"
            )
            .unwrap();
        }
    }
    let (rss, cpu) = look();
    let (settled, few) = settled.unwrap_or((rss, most));
    println!(
        "{report}settled at {settled} bytes with {few} processes, {rss} at the end after {most} at most; \
         {cpu:.2} s CPU"
    );
    let allowed = settled + SLACK + PER_PROCESS * most.saturating_sub(few);
    assert!(
        rss < allowed,
        "{report}{settled} became {rss}, more than {allowed}"
    );
}
