//! What kill and killall have in common: how signals are typed, listed and sent to many processes.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::time::Duration;

use pslens::process::{self, Signal};
use pslens::{Pid, Process};
use serde::Serialize;

use crate::context::Context;
use crate::exit::{Exit, Result};
use crate::output::{self, json, text};
use crate::spelling;
use crate::system;
use crate::targets::{Trouble, together};

/// A signal by name (with or without SIG) or number.
pub(crate) fn signal(typed: &str) -> std::result::Result<Signal, String> {
    typed.parse().map_err(|_| {
        let names: Vec<&str> = names().collect();
        let upper = typed.to_ascii_uppercase();
        let name = upper.strip_prefix("SIG").unwrap_or(&upper);
        let meant = spelling::suggestion(name, names.iter().copied());
        let names = names.join(", ");
        format!("no such signal{meant} Accepted: {names}, RTMIN+n, RTMAX-n, or a number")
    })
}

/// What `kill -l` lists.
fn names() -> impl Iterator<Item = &'static str> {
    let named = Signal::NAMED.iter();
    named
        .filter(|signal| system::signals::exists(**signal))
        .filter_map(short)
}

/// `KILL`; `None` for signals without a name.
fn short(signal: &Signal) -> Option<&'static str> {
    signal.name()?.strip_prefix("SIG")
}

/// The signal in `-9`, `-KILL` or `-SIGKILL`, which stand for `--signal`; also what was meant to be one.
/// Small letters are options, where they may be.
pub(crate) fn in_option(word: &OsStr, small_letters: bool) -> Option<&str> {
    let typed = word.to_str()?.strip_prefix('-')?;
    let looks_like_one = match typed.as_bytes() {
        [first, ..] if first.is_ascii_digit() => true,
        // A single letter is an option, two may be two.
        [_, _, _, ..] => typed
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()),
        _ => false,
    };
    let is_one = (small_letters || typed.starts_with(|first: char| first.is_ascii_uppercase()))
        && typed.parse::<Signal>().is_ok();
    (looks_like_one || is_one).then_some(typed)
}

/// Replaces the signal among the options by `--signal=`. What follows an option in `with_value` is none,
/// nor is what follows a signal or the first operand: the number of a process group.
pub(crate) fn modernised(
    arguments: Vec<OsString>,
    with_value: &[&str],
    small_letters: bool,
) -> Vec<OsString> {
    let mut may_follow = true;
    let mut is_value = false;
    let words = arguments.into_iter().map(|word| {
        let signal = in_option(&word, small_letters).filter(|_| may_follow);
        if is_value {
            is_value = false;
        } else if let Some(signal) = signal {
            may_follow = false;
            return format!("--signal={signal}").into();
        } else {
            is_value = with_value.iter().any(|option| word == *option);
            may_follow &= word != "--" && word.as_encoded_bytes().starts_with(b"-");
        }
        word
    });
    words.collect()
}

/// All signals with their numbers, the real-time ones too.
fn all() -> impl Iterator<Item = Signal> {
    let numbered = (1..).map_while(|number| Signal::from_raw(number).ok());
    numbered.filter(|signal| system::signals::exists(*signal))
}

/// A signal in a list.
#[derive(Debug, Serialize)]
pub(crate) struct Named {
    signal: Signal,
    signal_name: String,
}

impl Named {
    pub(crate) fn of(signal: Signal) -> Self {
        Self {
            signal,
            signal_name: signal.to_string(),
        }
    }
}

/// Prints the names, or (`table`) the numbers and names.
pub(crate) fn list(table: bool, context: &Context) -> Result<Exit> {
    let mut out = output::stdout();
    if context.json {
        json::write(all().filter(is_in_use).map(Named::of), &mut out)?;
    } else {
        let (columns, names): (usize, Vec<String>) = if table {
            let row = |signal: Signal| format!("{:>2} {:<11}", signal.as_raw(), unprefixed(signal));
            (5, all().filter(is_in_use).map(row).collect())
        } else {
            (16, names().map(str::to_owned).collect())
        };
        for row in names.chunks(columns) {
            writeln!(out, "{}", row.join(" ").trim_end())?;
        }
    }
    out.flush()?;
    Ok(Exit::Success)
}

/// The C library keeps some for itself, which have no name.
fn is_in_use(signal: &Signal) -> bool {
    signal.to_string().starts_with("SIG")
}

fn unprefixed(signal: Signal) -> String {
    let name = signal.to_string();
    name.strip_prefix("SIG").unwrap_or(&name).to_owned()
}

/// A signal, and its name if it was given by number, its number if it was given by name. A number above
/// 128 is what a shell has as the exit status of what a signal ended.
pub(crate) fn translated(typed: &str) -> std::result::Result<(Signal, String), String> {
    let Ok(number) = typed.parse::<i32>() else {
        let signal = signal(typed)?;
        return Ok((signal, signal.as_raw().to_string()));
    };
    let signal = match number.checked_sub(128).filter(|number| *number > 0) {
        Some(number) => signal(&number.to_string())?,
        None => signal(typed)?,
    };
    Ok((signal, unprefixed(signal)))
}

/// A process that is to be signalled, or a number that leads to none.
#[derive(Debug)]
pub(crate) struct Target {
    pid: Pid,
    name: Option<OsString>,
    process: std::result::Result<Process, Trouble>,
}

impl Target {
    pub(crate) fn new(pid: Pid, process: std::result::Result<Process, Trouble>) -> Self {
        let found = process.as_ref().ok();
        Self {
            pid,
            name: found.and_then(|process| process.name().ok()),
            process,
        }
    }

    pub(crate) fn of(process: Process) -> Self {
        Self::new(process.pid(), Ok(process))
    }
}

/// What is sent, and what happens then.
#[derive(Debug)]
pub(crate) struct Order<'a> {
    pub(crate) tool: &'a str,
    pub(crate) signal: Signal,
    pub(crate) wait: Wait,
    /// Sent to those that are left when the waiting is over, which are then waited for again.
    pub(crate) then: Option<Signal>,
    /// Say what was done.
    pub(crate) verbose: bool,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Wait {
    No,
    AtMost(Duration),
    Forever,
}

/// What was done to a process.
#[derive(Debug, Serialize)]
pub(crate) struct Deed {
    pid: Pid,
    #[serde(serialize_with = "json::some_text")]
    name: Option<OsString>,
    signal: Signal,
    signal_name: String,
    result: &'static str,
    /// Why it was not sent.
    message: Option<String>,
    /// Whether the process was gone in the end; null if nobody waited.
    ended: Option<bool>,
    /// The second signal, if it was sent.
    then: Option<Signal>,
    #[serde(skip)]
    exit: Exit,
}

impl Order<'_> {
    /// Does it to every target, whatever happens to the others, and tells.
    pub(crate) fn carry_out(&self, targets: Vec<Target>, context: &Context) -> Result<Exit> {
        let mut processes = Vec::new();
        let mut deeds = Vec::new();
        for target in targets {
            let pid = target.pid;
            let sent = target.process.and_then(|process| {
                let sent = process.send_signal(self.signal);
                sent.map_err(|error| Trouble::of(pid, &error))?;
                Ok(process)
            });
            let trouble = sent.as_ref().err();
            if let Some(trouble) = trouble {
                output::note(&format!("{}: {}", self.tool, trouble.text));
            }
            deeds.push(Deed {
                pid,
                name: target.name,
                signal: self.signal,
                signal_name: self.signal.to_string(),
                result: trouble.map_or("done", Trouble::word),
                message: trouble.map(|trouble| trouble.text.clone()),
                ended: None,
                then: None,
                exit: trouble.map_or(Exit::Success, |trouble| trouble.exit),
            });
            processes.push(sent.ok());
        }
        self.wait(&processes, &mut deeds)?;
        self.tell(&deeds, context)?;
        let exits = deeds.iter().map(|deed| deed.exit);
        Ok(together(exits, Exit::Success))
    }

    /// Waits for those that were signalled; `processes` and `deeds` are in the same order.
    fn wait(&self, processes: &[Option<Process>], deeds: &mut [Deed]) -> Result<()> {
        let timeout = match self.wait {
            Wait::No => return Ok(()),
            Wait::AtMost(timeout) => Some(timeout),
            Wait::Forever => None,
        };
        let until_gone = |processes: Vec<Process>| -> Result<HashSet<Process>> {
            let waited = process::wait_all(processes, timeout, |_, _| {})?;
            Ok(waited.alive.into_iter().collect())
        };
        let mut left = until_gone(processes.iter().flatten().cloned().collect())?;
        if let Some(then) = self.then {
            for (process, deed) in processes.iter().zip(&mut *deeds) {
                let process = process.as_ref().filter(|process| left.contains(process));
                // One that ended just now has what it was to get.
                if process.is_some_and(|process| process.send_signal(then).is_ok()) {
                    deed.then = Some(then);
                }
            }
            left = until_gone(left.into_iter().collect())?;
        }
        for (process, deed) in processes.iter().zip(deeds) {
            deed.ended = process.as_ref().map(|process| !left.contains(process));
            if deed.ended == Some(false) {
                deed.exit = Exit::PartlyFailed;
                output::note(&format!("{}: process {} still runs", self.tool, deed.pid));
            }
        }
        Ok(())
    }

    fn tell(&self, deeds: &[Deed], context: &Context) -> Result<()> {
        let mut out = output::stdout();
        if context.json {
            json::write(deeds, &mut out)?;
        } else if self.verbose {
            for deed in deeds.iter().filter(|deed| deed.message.is_none()) {
                writeln!(out, "{}", deed.line())?;
            }
        }
        out.flush()?;
        Ok(())
    }
}

impl Deed {
    fn line(&self) -> String {
        let mut line = format!("{} sent to {}", self.signal, self.pid);
        if let Some(name) = &self.name {
            line.push_str(" (");
            text::push(&mut line, name);
            line.push(')');
        }
        if let Some(then) = self.then {
            text::append(&mut line, format_args!(", then {then}"));
        }
        if self.ended == Some(true) {
            line.push_str(", which ended");
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    fn rewritten(line: &str, small_letters: bool) -> String {
        let words = line.split(' ').map(OsString::from).collect();
        let words = modernised(words, &["-s", "--then"], small_letters);
        words.join(OsStr::new(" ")).into_string().unwrap()
    }

    // Real-time signals are among them.
    #[cfg(unix)]
    #[test]
    fn signals_among_the_options_are_recognised() {
        for (line, expect) in [
            ("-9 1", "--signal=9 1"),
            ("-KILL 1", "--signal=KILL 1"),
            ("-SIGRTMIN+3 1", "--signal=SIGRTMIN+3 1"),
            // A slip is one too, and told what is near.
            ("-KIL 1", "--signal=KIL 1"),
            ("-L", "-L"),
            ("-s -9 1", "-s -9 1"),
            ("--then HUP -1 1", "--then HUP --signal=1 1"),
            // Beyond the first operand a number is a process group.
            ("-9 -- -9", "--signal=9 -- -9"),
            ("-9 -9", "--signal=9 -9"),
            ("1 -9", "1 -9"),
            ("-io 1", "-io 1"),
        ] {
            assert_eq!(rewritten(line, false), expect);
        }
        assert_eq!(rewritten("-hup 1", true), "--signal=hup 1");
        assert_eq!(rewritten("-l", true), "-l");
    }

    // Where most signals do not exist, nobody is told to send them.
    #[cfg(unix)]
    #[test]
    fn a_slip_is_told_what_was_meant() {
        for (typed, meant) in [("KIL", "KILL"), ("sigtrem", "TERM"), ("HPU", "HUP")] {
            let said = signal(typed).unwrap_err();
            assert!(
                said.contains(&format!("did you mean '{meant}'?")),
                "{typed}: {said}"
            );
        }
        assert!(signal("99").unwrap_err().contains("Accepted: HUP, INT"));
    }

    #[test]
    fn names_and_numbers_are_translated() {
        for (typed, expect) in [
            ("9", "KILL"),
            ("137", "KILL"),
            ("TERM", "15"),
            ("sigterm", "15"),
        ] {
            assert_eq!(translated(typed).unwrap().1, expect);
        }
        for wrong in ["", "-1", "128", "1000", "FOO", "x"] {
            assert!(translated(wrong).is_err(), "{wrong}");
        }
    }
}
