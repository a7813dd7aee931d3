//! Which processes and which of their files were asked for.

use pslens::Pid;
use pslens::process::Info;
use regex::Regex;

use super::Args;
use super::internet::{Internet, State};
use super::place::Places;
use super::row::{Row, Use};

/// Something to choose, or with `^` in front to leave out.
#[derive(Debug, Clone)]
pub(super) struct Choice<T> {
    value: T,
    out: bool,
}

impl<T> Choice<T> {
    pub(super) const fn value(&self) -> &T {
        &self.value
    }
}

/// Makes a parser of choices out of one of values.
pub(super) fn choice<T: Clone + Send + Sync + 'static>(
    parse: fn(&str) -> std::result::Result<T, String>,
) -> impl Fn(&str) -> std::result::Result<Choice<T>, String> + Clone + Send + Sync + 'static {
    move |typed| {
        let (out, typed) = match typed.strip_prefix('^') {
            Some(rest) => (true, rest),
            None => (false, typed),
        };
        parse(typed).map(|value| Choice { value, out })
    }
}

/// `Some` if anything was chosen: whether one of the choices holds.
fn verdict<T>(choices: &[Choice<T>], mut holds: impl FnMut(&T) -> bool) -> Option<bool> {
    let mut chosen = choices.iter().filter(|choice| !choice.out).peekable();
    chosen.peek()?;
    Some(chosen.any(|choice| holds(&choice.value)))
}

fn is_left_out<T>(choices: &[Choice<T>], mut holds: impl FnMut(&T) -> bool) -> bool {
    let mut out = choices.iter().filter(|choice| choice.out);
    out.any(|choice| holds(&choice.value))
}

pub(super) fn user(typed: &str) -> std::result::Result<String, String> {
    match typed {
        "" => Err("a user is missing; accepted: names or numbers of users, ^ in front".to_owned()),
        user => Ok(user.to_owned()),
    }
}

/// How the name of a process begins, or what it matches.
#[derive(Debug, Clone)]
pub(super) enum Command {
    Prefix(String),
    Pattern(Regex),
}

pub(super) fn command(typed: &str) -> std::result::Result<Command, String> {
    let accepted = "accepted: how the name of a command begins, or /REGEX/ or /REGEX/i";
    let pattern = |pattern: &str| {
        Regex::new(pattern).map(Command::Pattern).map_err(|error| {
            let error = error.to_string();
            format!("{}; {accepted}", error.lines().last().unwrap_or_default())
        })
    };
    match typed
        .strip_prefix('/')
        .and_then(|rest| rest.rsplit_once('/'))
    {
        Some((regex, "")) => pattern(regex),
        Some((regex, "i")) => pattern(&format!("(?i){regex}")),
        Some(_) => Err(format!("no such modifier; {accepted}")),
        None if typed.is_empty() => Err(format!("a name is missing; {accepted}")),
        None => Ok(Command::Prefix(typed.to_owned())),
    }
}

impl Command {
    fn accepts(&self, info: &Info) -> bool {
        info.name.value().is_some_and(|name| match self {
            Self::Prefix(prefix) => name.as_encoded_bytes().starts_with(prefix.as_bytes()),
            Self::Pattern(pattern) => pattern.is_match(&name.to_string_lossy()),
        })
    }
}

/// How a process holds a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Held {
    As(Use),
    /// By descriptors from the first to the last.
    By(u32, u32),
}

pub(super) fn held(typed: &str) -> std::result::Result<Held, String> {
    for way in [Use::Cwd, Use::Txt, Use::Mem] {
        if typed == way.as_str() {
            return Ok(Held::As(way));
        }
    }
    if typed == "fd" {
        return Ok(Held::By(0, u32::MAX));
    }
    let (first, last) = typed.split_once('-').unwrap_or((typed, typed));
    match (first.parse(), last.parse()) {
        (Ok(first), Ok(last)) if first <= last => Ok(Held::By(first, last)),
        _ => Err(
            "accepted: cwd, txt, mem, fd (all descriptors), numbers, ranges such as 3-9".to_owned(),
        ),
    }
}

impl Held {
    fn accepts(self, row: &Row) -> bool {
        match self {
            Self::As(way) => row.way == way,
            Self::By(first, last) => row.fd.is_some_and(|fd| (first..=last).contains(&fd)),
        }
    }
}

/// All of it.
#[derive(Debug)]
pub(super) struct Wanted {
    pids: Vec<Choice<Pid>>,
    users: Vec<Choice<String>>,
    commands: Vec<Choice<Command>>,
    internet: Vec<Internet>,
    state: Option<State>,
    unix: bool,
    deleted: bool,
    held: Vec<Choice<Held>>,
    places: Places,
    /// Everything must hold, instead of anything.
    all: bool,
}

/// What the choices of processes say about one of them.
pub(super) type Verdicts = Vec<bool>;

impl Wanted {
    pub(super) fn of(args: &Args, places: Places) -> Self {
        Self {
            pids: args.pids.clone(),
            users: args.users.clone(),
            commands: args.commands.clone(),
            internet: args.internet.clone(),
            state: args.state.clone(),
            unix: args.unix,
            deleted: args.deleted,
            held: args.fds.clone(),
            places,
            all: args.and,
        }
    }

    /// What the choices of processes say; `None` if one leaves it out.
    pub(super) fn process(&self, info: &Info) -> Option<Verdicts> {
        let pid = |pid: &Pid| *pid == info.pid();
        let user = |user: &String| {
            let name = info.username.value().is_some_and(|name| name == &**user);
            let real = info.uids.value().map(|uids| uids.real);
            name || (real.is_some() && real == user.parse().ok())
        };
        let command = |command: &Command| command.accepts(info);
        let left_out = is_left_out(&self.pids, pid)
            || is_left_out(&self.users, user)
            || is_left_out(&self.commands, command);
        if left_out {
            return None;
        }
        let verdicts = [
            verdict(&self.pids, pid),
            verdict(&self.users, user),
            verdict(&self.commands, command),
        ];
        Some(verdicts.into_iter().flatten().collect())
    }

    /// Whether a process may have anything that is wanted.
    pub(super) fn may_have(&self, process: &Verdicts) -> bool {
        if self.all {
            process.iter().all(|holds| *holds)
        } else {
            process.is_empty() || process.contains(&true) || self.chooses_files()
        }
    }

    /// Whether mapped files may be wanted of such a process.
    pub(super) fn wants_maps(&self, process: &Verdicts) -> bool {
        let only_sockets = !self.internet.is_empty() || self.unix;
        if self.all {
            return !only_sockets;
        }
        let by_file = self.deleted || !self.places.is_empty() || !self.held.is_empty();
        process.contains(&true) || by_file || (process.is_empty() && !only_sockets)
    }

    pub(super) fn row(&self, process: &Verdicts, row: &Row) -> bool {
        let socket = row.connection.as_ref();
        if let (Some(state), Some(socket)) = (&self.state, socket)
            && !state.accepts(socket)
        {
            return false;
        }
        let held = |held: &Held| held.accepts(row);
        if is_left_out(&self.held, held) {
            return false;
        }
        let internet = || {
            let mut which = self.internet.iter();
            which.any(|which| socket.is_some_and(|socket| which.accepts(socket)))
        };
        let verdicts = [
            verdict(&self.held, held),
            (!self.internet.is_empty()).then(internet),
            self.unix.then(|| row.is_local_socket()),
            self.deleted.then(|| row.deleted == Some(true)),
            (!self.places.is_empty())
                .then(|| row.place().is_some_and(|path| self.places.hold(path))),
        ];
        let mut all = process
            .iter()
            .copied()
            .chain(verdicts.into_iter().flatten());
        if self.all || !self.is_choosy() {
            all.all(|holds| holds)
        } else {
            all.any(|holds| holds)
        }
    }

    /// Whether anything was chosen.
    pub(super) fn is_choosy(&self) -> bool {
        let processes = self.pids.iter().any(|choice| !choice.out)
            || self.users.iter().any(|choice| !choice.out)
            || self.commands.iter().any(|choice| !choice.out);
        processes || self.chooses_files()
    }

    fn chooses_files(&self) -> bool {
        self.unix
            || self.deleted
            || !self.internet.is_empty()
            || !self.places.is_empty()
            || self.held.iter().any(|choice| !choice.out)
    }

    /// The numbers that were asked for, in order.
    pub(super) fn named_pids(&self) -> Vec<Pid> {
        let chosen = self.pids.iter().filter(|choice| !choice.out);
        let mut pids: Vec<Pid> = chosen.map(|choice| choice.value).collect();
        pids.sort_unstable();
        pids.dedup();
        pids
    }

    /// Whether this very process was asked for.
    pub(super) fn names(&self, pid: Pid) -> bool {
        self.named_pids().contains(&pid)
    }

    /// The only processes that can be wanted, if they were named by number.
    pub(super) fn only_pids(&self) -> Option<Vec<Pid>> {
        let pids = self.named_pids();
        let others = self.chooses_files() || !self.users.is_empty() || !self.commands.is_empty();
        (!pids.is_empty() && (self.all || !others)).then_some(pids)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_to_hold_a_file_are_words_numbers_and_ranges() {
        assert_eq!(held("cwd"), Ok(Held::As(Use::Cwd)));
        assert_eq!(held("fd"), Ok(Held::By(0, u32::MAX)));
        assert_eq!(held("3"), Ok(Held::By(3, 3)));
        assert_eq!(held("3-9"), Ok(Held::By(3, 9)));
        for wrong in ["", "9-3", "rtd", "-1", "3-"] {
            assert!(held(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn commands_begin_so_or_match() {
        assert!(matches!(command("ngin"), Ok(Command::Prefix(_))));
        assert!(matches!(command("/^ng/"), Ok(Command::Pattern(_))));
        assert!(matches!(command("/^NG/i"), Ok(Command::Pattern(_))));
        assert!(command("/(/").unwrap_err().contains("/REGEX/"));
        assert!(command("/a/q").is_err());
        assert!(command("").is_err());
    }
}
