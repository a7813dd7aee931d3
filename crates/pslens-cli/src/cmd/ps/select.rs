//! Which processes `ps` shows, and reading them.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::Path;

use pslens::process::{self, Attribute, AttributeSet, Cache, Field, Info};
use pslens::{ErrorKind, Pid, Process};

use super::traditional::{self, Pids};
use crate::args::pid;
use crate::exit::{Exit, Result, explained};
use crate::output;
use crate::spelling;
use crate::system::names;

/// Which processes are shown: those that any of these selects; all without any of them.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Which processes")]
pub(super) struct Selection {
    /// All processes, as without it.
    #[arg(short, visible_short_alias = 'A', conflicts_with_all = ["pids", "users"])]
    every: bool,
    /// Those with these numbers, as with -p.
    #[arg(value_name = "PID", value_parser = traditional::pids)]
    operands: Vec<Pids>,
    /// Those with these numbers.
    #[arg(short, visible_short_alias = 'q', long = "pid", alias = "quick-pid", value_name = "PID,...",
        value_delimiter = ',', value_parser = pid, allow_hyphen_values = true)]
    pids: Vec<Pid>,
    /// Those that have the rights of these users: names or numbers.
    #[arg(short, long = "user", value_name = "USER,...", value_delimiter = ',', value_parser = user, allow_hyphen_values = true)]
    users: Vec<String>,
    /// Those that these users started.
    #[arg(short = 'U', long, visible_alias = "User", value_name = "USER,...", value_delimiter = ',', value_parser = user, allow_hyphen_values = true)]
    real_user: Vec<String>,
    /// Those that these groups, by number, started.
    #[arg(
        short = 'G',
        long,
        alias = "Group",
        value_name = "GID,...",
        value_delimiter = ','
    )]
    real_group: Vec<u32>,
    /// Those with these names.
    #[arg(short = 'C', long, value_name = "NAME,...", value_delimiter = ',')]
    command: Vec<String>,
    /// Those with these terminals (pts/0, tty1); - for those without.
    #[arg(
        short,
        long,
        value_name = "TTY,...",
        value_delimiter = ',',
        allow_hyphen_values = true
    )]
    tty: Vec<String>,
    /// The children of these processes.
    #[arg(long, value_name = "PID,...", value_delimiter = ',', value_parser = pid, allow_hyphen_values = true)]
    ppid: Vec<Pid>,
    /// Those that have a terminal (a without x).
    #[arg(long)]
    with_tty: bool,
    /// Your own (x without a).
    #[arg(long)]
    mine: bool,
    /// All others than the selected ones.
    #[arg(short = 'N', long)]
    deselect: bool,
}

fn user(text: &str) -> std::result::Result<String, String> {
    let wrong = match text.as_bytes() {
        [] => "a user is missing",
        [b'-', ..] => "no user is called so",
        _ => return Ok(text.to_owned()),
    };
    Err(format!(
        "{wrong}; accepted: names or numbers of users, separated by commas"
    ))
}

/// One reason to show a process.
#[derive(Debug, Clone, PartialEq)]
enum Test {
    Pid(Pid),
    Parent(Pid),
    EffectiveUser(String),
    RealUser(String),
    RealGroup(u32),
    Name(String),
    /// `None` is to have no terminal.
    Terminal(Option<String>),
    SomeTerminal,
}

impl Selection {
    /// What has to be known of every process.
    pub(super) fn needs(&self) -> AttributeSet {
        let mut needs = AttributeSet::EMPTY;
        for (wanted, attribute) in [
            (!self.ppid.is_empty(), Attribute::Ppid),
            (!self.real_group.is_empty(), Attribute::Gids),
            (!self.command.is_empty(), Attribute::Name),
            (!self.tty.is_empty() || self.with_tty, Attribute::Terminal),
            (self.by_user(), Attribute::Username),
            (self.by_user(), Attribute::Uids),
        ] {
            if wanted {
                needs = needs.with(attribute);
            }
        }
        needs
    }

    const fn by_user(&self) -> bool {
        !self.users.is_empty() || !self.real_user.is_empty() || self.mine
    }

    /// Every reason once, however often it was given.
    fn tests(&self) -> Result<Vec<Test>> {
        let mut tests = Vec::new();
        let mut add = |test| {
            if !tests.contains(&test) {
                tests.push(test);
            }
        };
        self.users
            .iter()
            .cloned()
            .map(Test::EffectiveUser)
            .for_each(&mut add);
        self.real_user
            .iter()
            .cloned()
            .map(Test::RealUser)
            .for_each(&mut add);
        self.real_group
            .iter()
            .copied()
            .map(Test::RealGroup)
            .for_each(&mut add);
        self.command
            .iter()
            .cloned()
            .map(Test::Name)
            .for_each(&mut add);
        for tty in &self.tty {
            add(Test::Terminal(match tty.as_str() {
                "-" | "?" => None,
                tty => Some(tty.strip_prefix("/dev/").unwrap_or(tty).to_owned()),
            }));
        }
        self.ppid
            .iter()
            .copied()
            .map(Test::Parent)
            .for_each(&mut add);
        if self.with_tty {
            add(Test::SomeTerminal);
        }
        if self.mine {
            let me = Process::current()?.uids()?.effective;
            add(Test::EffectiveUser(me.to_string()));
        }
        self.pids().into_iter().map(Test::Pid).for_each(&mut add);
        Ok(tests)
    }

    fn pids(&self) -> BTreeSet<Pid> {
        let operands = self.operands.iter().flat_map(|Pids(pids)| pids);
        self.pids.iter().chain(operands).copied().collect()
    }

    /// Reads the selected processes, in the order of their numbers. Those that were named and do not
    /// exist are noted, those that vanish meanwhile are not missed.
    pub(super) fn read(
        &self,
        attributes: AttributeSet,
        cache: &mut Cache,
        running: bool,
    ) -> Result<(Vec<Info>, Exit)> {
        let tests = self.tests()?;
        let by_number = |test: &Test| matches!(test, Test::Pid(_));
        // The use of CPU is that between two scans.
        if !tests.is_empty()
            && tests.iter().all(by_number)
            && !self.deselect
            && !attributes.contains(Attribute::CpuPercent)
        {
            return by_pid(&self.pids(), attributes);
        }
        let (mut infos, mut exit) = scan(attributes, cache)?;
        if infos.is_empty() && exit == Exit::Success && !running {
            output::note("ps: there are no processes here; is the directory of --procfs a procfs?");
            return Ok((infos, Exit::NotFound));
        }
        if tests.is_empty() {
            return Ok((infos, exit));
        }
        let mut met = vec![false; tests.len()];
        let wanted: Vec<bool> = infos
            .iter()
            .map(|info| selected(info, &tests, &mut met) != self.deselect)
            .collect();
        for (test, met) in tests.iter().zip(met) {
            if !met && !self.deselect {
                output::note(&test.unmet(&infos));
                exit = Exit::NotFound;
            }
        }
        let mut wanted = wanted.into_iter();
        infos.retain(|_| wanted.next() == Some(true));
        Ok((infos, exit))
    }
}

/// Whether any of `tests` selects the process; each that does is `met`.
fn selected(info: &Info, tests: &[Test], met: &mut [bool]) -> bool {
    let mut selected = false;
    for (test, met) in tests.iter().zip(met) {
        if test.holds(info) {
            *met = true;
            selected = true;
        }
    }
    selected
}

impl Test {
    fn holds(&self, info: &Info) -> bool {
        match self {
            Self::Pid(pid) => info.pid() == *pid,
            Self::Parent(pid) => info.ppid.value() == Some(pid),
            Self::EffectiveUser(user) => effective_user(info, user),
            Self::RealUser(user) => real_user(info, user),
            Self::RealGroup(gid) => info.gids.value().is_some_and(|gids| gids.real == *gid),
            Self::Name(name) => info
                .name
                .value()
                .is_some_and(|found| is_called(found, name)),
            Self::Terminal(tty) => match (info.terminal.value(), tty) {
                (Some(Some(path)), Some(tty)) => is_terminal(path, tty),
                (Some(None), None) => true,
                _ => false,
            },
            Self::SomeTerminal => matches!(info.terminal.value(), Some(Some(_))),
        }
    }

    /// What is noted if no process is so.
    fn unmet(&self, infos: &[Info]) -> String {
        match self {
            Self::Pid(pid) => missing(*pid),
            Self::Parent(pid) => format!("ps: --ppid: no process is a child of {pid}"),
            Self::EffectiveUser(user) => no_user("-u", user, infos),
            Self::RealUser(user) => no_user("-U", user, infos),
            Self::RealGroup(gid) => format!("ps: -G: no process belongs to the group {gid}"),
            Self::Name(name) => {
                let names = infos.iter().filter_map(|info| info.name.value()?.to_str());
                let meant = spelling::suggestion(name, names);
                let note = format!("ps: -C: no process is called '{name}'{meant}");
                note.trim_end_matches('.').to_owned()
            }
            Self::Terminal(None) => "ps: -t: every process has a terminal".to_owned(),
            Self::Terminal(Some(tty)) => format!("ps: -t: no process has the terminal '{tty}'"),
            Self::SomeTerminal => "ps: no process has a terminal".to_owned(),
        }
    }
}

fn real_user(info: &Info, user: &str) -> bool {
    let name = info.username.value();
    let uid = info.uids.value().map(|uids| uids.real);
    name.is_some_and(|name| names::is_user(name, user))
        || (uid.is_some() && uid == user.parse().ok())
}

fn effective_user(info: &Info, user: &str) -> bool {
    let uids = match &info.uids {
        Field::Value(uids) => uids,
        // Where users have no numbers the one whose rights it has is the only one that is told.
        Field::Unsupported => return real_user(info, user),
        _ => return false,
    };
    if uids.real == uids.effective {
        return real_user(info, user);
    }
    let name = pslens::host::user_name(uids.effective).ok().flatten();
    name.is_some_and(|name| name == user) || user.parse() == Ok(uids.effective)
}

fn no_user(option: &str, user: &str, infos: &[Info]) -> String {
    let names = infos
        .iter()
        .filter_map(|info| info.username.value()?.to_str());
    let names: BTreeSet<&str> = names.collect();
    let meant = spelling::suggestion(user, names.iter().copied());
    let names = Vec::from_iter(names).join(", ");
    format!("ps: {option}: no process belongs to '{user}'{meant} Users with processes: {names}")
}

/// The kernel may keep but the beginning of a name; whoever knows no more of it means the process as well.
fn is_called(found: &OsStr, name: &str) -> bool {
    let is_beginning = || found.as_encoded_bytes().starts_with(name.as_bytes());
    names::is_same(found, name.as_ref()) || (Some(name.len()) == names::KEPT && is_beginning())
}

/// `pts/0`, `tty1`; as `ps` has it also `0` and `1`.
fn is_terminal(path: &Path, tty: &str) -> bool {
    let Some(path) = path.to_str().and_then(|path| path.strip_prefix("/dev/")) else {
        return false;
    };
    path == tty
        || ["pts/", "tty"]
            .iter()
            .any(|kind| path.strip_prefix(kind) == Some(tty))
}

fn by_pid(pids: &BTreeSet<Pid>, attributes: AttributeSet) -> Result<(Vec<Info>, Exit)> {
    let mut exit = Exit::Success;
    let mut infos = Vec::new();
    for &pid in pids {
        match one(pid, attributes) {
            Ok(Some(info)) => infos.push(info),
            Ok(None) => {
                output::note(&missing(pid));
                exit = Exit::NotFound;
            }
            Err(error) if pids.len() > 1 => {
                output::note(&explained(&error));
                exit = Exit::PartlyFailed;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok((infos, exit))
}

/// The process with this number, if there is one.
fn one(pid: Pid, attributes: AttributeSet) -> pslens::Result<Option<Info>> {
    // The number of a thread opens the same doors; ps(1) does not take it for a process either.
    if !process::pid_exists(pid)? {
        return Ok(None);
    }
    match Process::new(pid).and_then(|process| process.info(attributes)) {
        Ok(info) => Ok(Some(info)),
        Err(error) if error.kind() == ErrorKind::NoSuchProcess => Ok(None),
        Err(error) => Err(error),
    }
}

fn missing(pid: Pid) -> String {
    format!("ps: there is no process {pid}")
}

/// All processes. The cache is for those that are asked again, and takes its time.
fn scan(attributes: AttributeSet, cache: &mut Cache) -> Result<(Vec<Info>, Exit)> {
    if attributes.contains(Attribute::CpuPercent) {
        Ok(readable(cache.scan(attributes)?))
    } else {
        Ok(readable(process::all_with(attributes)?))
    }
}

/// Those that could be read. One note is a hint, a thousand are a flood.
fn readable(all: impl Iterator<Item = pslens::Result<Info>>) -> (Vec<Info>, Exit) {
    let mut infos = Vec::new();
    let mut failures = 0_usize;
    for info in all {
        match info {
            Ok(info) => infos.push(info),
            Err(error) => {
                if failures == 0 {
                    output::note(&explained(&error));
                }
                failures += 1;
            }
        }
    }
    if failures > 1 {
        output::note(&format!("ps: {failures} processes could not be read"));
    }
    let exit = match failures {
        0 => Exit::Success,
        _ => Exit::PartlyFailed,
    };
    (infos, exit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminals_have_short_names() {
        for tty in ["pts/0", "0"] {
            assert!(is_terminal(Path::new("/dev/pts/0"), tty), "{tty}");
        }
        assert!(is_terminal(Path::new("/dev/tty1"), "1"));
        assert!(!is_terminal(Path::new("/dev/pts/10"), "0"));
        assert!(!is_terminal(Path::new("/dev/tty1"), "tty"));
    }

    #[cfg(unix)]
    #[test]
    fn a_name_is_whole_or_as_long_as_the_kernel_keeps_it() {
        let name = OsStr::new("a-very-long-name-of-a-server");
        assert!(is_called(name, "a-very-long-name-of-a-server"));
        assert!(is_called(name, "a-very-long-nam"));
        assert!(!is_called(name, "a-very-long"));
        assert!(!is_called(name, "a-very-long-name"));
    }
}
