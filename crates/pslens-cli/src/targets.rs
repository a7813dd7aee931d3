//! The processes that a tool was told to act on, and what became of each.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use pslens::process::{self, Attribute, AttributeSet};
use pslens::{ErrorKind, Pid, Process};
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::args::pid;
use crate::context::Context;
use crate::exit::{Exit, Result, explained};
use crate::output::{self, json};
use crate::select;

/// Processes by number and by user.
#[derive(Debug, clap::Args)]
pub(crate) struct Targets {
    /// Act on these running processes.
    #[arg(short, long = "pid", value_name = "PID", num_args = 1.., value_delimiter = ',', value_parser = pid)]
    pids: Vec<Pid>,
    /// Act on the processes that these users started: names or numbers.
    #[arg(short, long = "user", visible_alias = "uid", value_name = "USER", num_args = 1.., value_delimiter = ',')]
    users: Vec<String>,
}

impl Targets {
    /// True if no process was named, so that the tool is about its own or a new one.
    pub(crate) const fn is_empty(&self) -> bool {
        self.pids.is_empty() && self.users.is_empty()
    }

    /// Everybody who was named, once each. A user without processes is noted.
    pub(crate) fn find(&self, tool: &str) -> Result<Found> {
        let mut found = Found::by_pid(&self.pids);
        let users: BTreeSet<u32> = select::user_ids(tool, &self.users)?.into_iter().collect();
        for user in users {
            let theirs = of_user(user)?;
            if theirs.is_empty() {
                output::note(&format!("{tool}: no process belongs to user {user}"));
                found.exit = Exit::NotFound;
            }
            for process in theirs {
                // Who was named by number as well stays that.
                let found = found.processes.entry(process.pid());
                found.or_insert(Candidate::Found(process));
            }
        }
        Ok(found)
    }
}

/// The processes that the user with this number started.
fn of_user(uid: u32) -> Result<Vec<Process>> {
    let ids = AttributeSet::of(&[Attribute::Uids]);
    // Those that cannot be looked at are nobody's.
    let infos = process::all_with(ids)?.filter_map(pslens::Result::ok);
    let theirs = infos.filter(|info| info.uids.value().is_some_and(|uids| uids.real == uid));
    Ok(theirs.map(|info| info.process).collect())
}

/// Processes in the order of their numbers, and numbers that lead to none.
#[derive(Debug)]
pub(crate) struct Found {
    processes: BTreeMap<Pid, Candidate>,
    exit: Exit,
}

/// A process to act on.
#[derive(Debug)]
enum Candidate {
    /// Its number was given.
    Named(std::result::Result<Process, Trouble>),
    /// It belonged to a user. If it ends before its turn nobody misses it.
    Found(Process),
}

impl Found {
    pub(crate) fn by_pid(pids: &[Pid]) -> Self {
        let processes = pids
            .iter()
            .map(|&pid| (pid, Candidate::Named(process_with(pid))));
        Self {
            processes: processes.collect(),
            exit: Exit::Success,
        }
    }

    /// The program itself.
    pub(crate) fn own() -> Result<Self> {
        let own = Process::current()?;
        Ok(Self {
            processes: BTreeMap::from([(own.pid(), Candidate::Found(own))]),
            exit: Exit::Success,
        })
    }

    /// A program that was just started in this one's place.
    #[cfg(windows)]
    pub(crate) fn started(process: Process) -> Self {
        Self {
            processes: BTreeMap::from([(process.pid(), Candidate::Found(process))]),
            exit: Exit::Success,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.processes.len()
    }

    /// Acts on each. What fails is noted, and the others are acted on all the same.
    pub(crate) fn each<T>(
        self,
        tool: &str,
        mut act: impl FnMut(&Process) -> pslens::Result<T>,
    ) -> Outcomes<T> {
        let mut list = Vec::with_capacity(self.processes.len());
        for (pid, candidate) in self.processes {
            let (process, is_named) = match candidate {
                Candidate::Named(process) => (process, true),
                Candidate::Found(process) => (Ok(process), false),
            };
            let result =
                process.and_then(|process| act(&process).map_err(|error| Trouble::of(pid, &error)));
            if let Err(trouble) = &result {
                if trouble.is_gone && !is_named {
                    continue;
                }
                output::note(&format!("{tool}: {}", trouble.text));
            }
            list.push(Outcome { pid, result });
        }
        let exits = list.iter().map(|outcome| match &outcome.result {
            Ok(_) => Exit::Success,
            Err(trouble) => trouble.exit,
        });
        Outcomes {
            exit: together(exits, self.exit),
            list,
        }
    }
}

/// The process with this number, or why there is none.
pub(crate) fn process_with(pid: Pid) -> std::result::Result<Process, Trouble> {
    match select::by_number(pid) {
        Ok(Some(process)) => Ok(process),
        Ok(None) => Err(Trouble::gone(pid)),
        Err(error) => Err(Trouble::of(pid, &error)),
    }
}

/// How a tool ends whose work on each process ended so, and that had trouble `before`.
pub(crate) fn together(exits: impl IntoIterator<Item = Exit>, before: Exit) -> Exit {
    let mut exits: Vec<Exit> = exits.into_iter().collect();
    exits.sort_unstable_by_key(|exit| *exit as u8);
    exits.dedup();
    match exits.as_slice() {
        [] | [Exit::Success] => before,
        // All alike; or nothing worse than that some do not exist.
        [only] => *only,
        [Exit::Success, Exit::NotFound] => Exit::NotFound,
        _ => Exit::PartlyFailed,
    }
}

/// Why nothing could be done with a process.
#[derive(Debug)]
pub(crate) struct Trouble {
    pub(crate) exit: Exit,
    pub(crate) text: String,
    /// It ended before anything was done.
    is_gone: bool,
}

impl Trouble {
    /// In JSON.
    pub(crate) const fn word(&self) -> &'static str {
        match self.exit {
            Exit::NotFound => "not-found",
            Exit::Denied => "denied",
            _ => "failed",
        }
    }

    fn gone(pid: Pid) -> Self {
        Self {
            exit: Exit::NotFound,
            text: format!("there is no process {pid}"),
            is_gone: true,
        }
    }

    pub(crate) fn of(pid: Pid, error: &pslens::Error) -> Self {
        if error.kind() == ErrorKind::NoSuchProcess && !error.is_pid_reused() {
            return Self::gone(pid);
        }
        Self {
            exit: Exit::of(error.kind()),
            text: explained(error),
            is_gone: false,
        }
    }
}

/// What a tool found out about a process, or did to it.
#[derive(Debug)]
pub(crate) struct Outcome<T> {
    pub(crate) pid: Pid,
    pub(crate) result: std::result::Result<T, Trouble>,
}

/// That of every process, and how the tool ends.
#[derive(Debug)]
pub(crate) struct Outcomes<T> {
    pub(crate) list: Vec<Outcome<T>>,
    pub(crate) exit: Exit,
}

impl<T> Outcomes<T> {
    /// What did not fail.
    pub(crate) fn done(&self) -> impl Iterator<Item = (Pid, &T)> {
        let done = self.list.iter();
        done.filter_map(|outcome| Some((outcome.pid, outcome.result.as_ref().ok()?)))
    }
}

/// A property of a process that was read, or changed.
#[derive(Debug)]
pub(crate) struct Setting<T> {
    pub(crate) now: T,
    /// What it was before, if it was changed.
    pub(crate) former: Option<T>,
}

impl<T> Outcomes<Setting<T>> {
    /// Writes the answer: an object for each process, with the property under psutil's name of it, or
    /// `line` for each with which nothing failed.
    pub(crate) fn write(
        &self,
        name: &'static str,
        context: &Context,
        line: impl Fn(Pid, &Setting<T>) -> Option<String>,
    ) -> Result<Exit>
    where
        T: Serialize,
    {
        let mut out = output::stdout();
        if context.json {
            let objects = self.list.iter().map(|outcome| Object { name, outcome });
            json::write(objects, &mut out)?;
        } else {
            for text in self.done().filter_map(|(pid, setting)| line(pid, setting)) {
                writeln!(out, "{text}")?;
            }
        }
        out.flush()?;
        Ok(self.exit)
    }
}

/// One object of the JSON answer.
struct Object<'a, T> {
    name: &'static str,
    outcome: &'a Outcome<Setting<T>>,
}

impl<T: Serialize> Serialize for Object<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let (setting, trouble) = match &self.outcome.result {
            Ok(setting) => (Some(setting), None),
            Err(trouble) => (None, Some(trouble)),
        };
        let mut map = serializer.serialize_map(Some(5))?;
        map.serialize_entry("pid", &self.outcome.pid)?;
        map.serialize_entry(self.name, &setting.map(|setting| &setting.now))?;
        map.serialize_entry(
            "former",
            &setting.and_then(|setting| setting.former.as_ref()),
        )?;
        let result = trouble.map_or("done", Trouble::word);
        map.serialize_entry("result", result)?;
        map.serialize_entry("message", &trouble.map(|trouble| &trouble.text))?;
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_exit_status_for_many_processes() {
        use Exit::{Denied, Failed, NotFound, PartlyFailed, Success};
        let check = |exits: &[Exit], before: Exit, expect: Exit| {
            let found = together(exits.iter().copied(), before);
            assert_eq!(found, expect, "{exits:?}");
        };
        check(&[], NotFound, NotFound);
        check(&[Success, Success], Success, Success);
        check(&[Success], NotFound, NotFound);
        check(&[Success, NotFound], Success, NotFound);
        check(&[NotFound], Success, NotFound);
        check(&[Denied, Denied], Success, Denied);
        check(&[Denied, Success], Success, PartlyFailed);
        check(&[Denied, NotFound, Failed], Success, PartlyFailed);
    }
}
