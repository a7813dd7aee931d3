//! What the users of ps(1) type: its tables, and letters without a hyphen.

use std::ffi::OsString;

use clap::ValueEnum;
use pslens::Pid;

use super::column::Column;
use super::threads::Threads;
use crate::args::pid;
use crate::exit::{Exit, Failure, Result};

/// A table of ps(1): its columns in their order, under their headings, with sizes in units of 1024 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Form {
    /// As `ps ax`; -o takes its place.
    Ax,
    /// As `ps aux`.
    Aux,
    /// As `ps axl`.
    Axl,
    /// As `ps -ef`.
    Ef,
    /// As `ps -eF`.
    #[value(name = "eF")]
    ExtraFull,
    /// As `ps -el`.
    El,
    /// As `ps -elf`.
    Elf,
}

/// Which table.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Tables of ps(1)")]
pub(super) struct Forms {
    /// The table of ps -ef.
    #[arg(short)]
    full: bool,
    /// The table of ps -eF.
    #[arg(short = 'F')]
    extra_full: bool,
    /// The table of ps -el; with -f that of ps -elf.
    #[arg(short)]
    long: bool,
    /// The table of ps called so.
    #[arg(long, value_name = "FORM", conflicts_with_all = ["full", "extra_full", "long"])]
    traditional: Option<Form>,
    #[command(flatten)]
    not_known: NotKnown,
}

/// Options of ps(1) that are refused with a reason.
#[derive(Debug, Clone, clap::Args)]
struct NotKnown {
    #[arg(short = 'a', hide = true)]
    all_but_leaders: bool,
    #[arg(short = 'd', hide = true)]
    no_leaders: bool,
    #[arg(short = 'j', hide = true)]
    jobs: bool,
    #[arg(short = 'g', hide = true, value_name = "SESSION")]
    group: Option<OsString>,
    #[arg(short = 's', hide = true, value_name = "SESSION")]
    session: Option<OsString>,
    #[arg(short = 'M', hide = true)]
    security: bool,
}

impl Forms {
    /// The table that was asked for, if any.
    pub(super) fn form(&self) -> Result<Option<Form>> {
        self.not_known.refused()?;
        Ok(
            match (self.traditional, self.extra_full, self.long, self.full) {
                (None, false, false, false) => None,
                (Some(form), ..) => Some(form),
                (None, true, ..) => Some(Form::ExtraFull),
                (None, false, true, true) => Some(Form::Elf),
                (None, false, true, false) => Some(Form::El),
                (None, false, false, true) => Some(Form::Ef),
            },
        )
    }
}

impl NotKnown {
    fn refused(&self) -> Result<()> {
        let sessions = "does not know sessions and process groups";
        for (given, option, why) in [
            (
                self.all_but_leaders,
                "-a",
                format!(
                    "{sessions}; accepted: -e for all processes, a for those that have a terminal"
                ),
            ),
            (
                self.no_leaders,
                "-d",
                format!("{sessions}; accepted: -e for all processes"),
            ),
            (self.jobs, "-j", format!("{sessions}; accepted: -f, -F, -l")),
            (
                self.group.is_some(),
                "-g",
                format!("{sessions}; accepted: -G for groups of users"),
            ),
            (
                self.session.is_some(),
                "-s",
                format!("{sessions}; accepted: -t for terminals"),
            ),
            (
                self.security,
                "-M",
                "does not know security labels; accepted: -f, -F, -l".to_owned(),
            ),
        ] {
            if given {
                let message = format!("ps: {option}: pslens {why}");
                return Err(Failure::message(Exit::Usage, message));
            }
        }
        Ok(())
    }
}

/// A column of a table by our name for it, and its heading; no name for what pslens does not know.
type Heading = (&'static str, &'static str);

/// Of threads: in a table only if it has rows for them.
const SPID: Heading = ("spid", "SPID");
const LWP: Heading = ("lwp", "LWP");
const NLWP: Heading = ("nlwp", "NLWP");

const AX: &[Heading] = &[
    ("pid", "PID"),
    SPID,
    LWP,
    NLWP,
    ("tty", "TTY"),
    ("stat", "STAT"),
    ("bsdtime", "TIME"),
    ("command", "COMMAND"),
];

const AUX: &[Heading] = &[
    ("user", "USER"),
    ("pid", "PID"),
    SPID,
    LWP,
    NLWP,
    ("%cpu", "%CPU"),
    ("%mem", "%MEM"),
    ("vsz", "VSZ"),
    ("rss", "RSS"),
    ("tty", "TTY"),
    ("stat", "STAT"),
    ("started", "START"),
    ("bsdtime", "TIME"),
    ("command", "COMMAND"),
];

const AXL: &[Heading] = &[
    ("", "F"),
    ("uid", "UID"),
    ("pid", "PID"),
    SPID,
    ("ppid", "PPID"),
    LWP,
    NLWP,
    ("", "PRI"),
    ("nice", "NI"),
    ("vsz", "VSZ"),
    ("rss", "RSS"),
    ("", "WCHAN"),
    ("stat", "STAT"),
    ("tty", "TTY"),
    ("bsdtime", "TIME"),
    ("command", "COMMAND"),
];

const EF: &[Heading] = &[
    ("user", "UID"),
    ("pid", "PID"),
    SPID,
    ("ppid", "PPID"),
    LWP,
    ("c", "C"),
    NLWP,
    ("started", "STIME"),
    ("tty", "TTY"),
    ("time", "TIME"),
    ("command", "CMD"),
];

const EXTRA_FULL: &[Heading] = &[
    ("user", "UID"),
    ("pid", "PID"),
    SPID,
    ("ppid", "PPID"),
    LWP,
    ("c", "C"),
    NLWP,
    ("", "SZ"),
    ("rss", "RSS"),
    ("cpu_num", "PSR"),
    ("started", "STIME"),
    ("tty", "TTY"),
    ("time", "TIME"),
    ("command", "CMD"),
];

const EL: &[Heading] = &[
    ("", "F"),
    ("state", "S"),
    ("uid", "UID"),
    ("pid", "PID"),
    SPID,
    ("ppid", "PPID"),
    LWP,
    ("c", "C"),
    ("", "PRI"),
    ("nice", "NI"),
    ("", "ADDR"),
    ("", "SZ"),
    ("", "WCHAN"),
    ("tty", "TTY"),
    ("time", "TIME"),
    ("name", "CMD"),
];

const ELF: &[Heading] = &[
    ("", "F"),
    ("state", "S"),
    ("user", "UID"),
    ("pid", "PID"),
    SPID,
    ("ppid", "PPID"),
    LWP,
    ("c", "C"),
    NLWP,
    ("", "PRI"),
    ("nice", "NI"),
    ("", "ADDR"),
    ("", "SZ"),
    ("", "WCHAN"),
    ("started", "STIME"),
    ("tty", "TTY"),
    ("time", "TIME"),
    ("command", "CMD"),
];

impl Form {
    /// The columns, with those of threads if there are rows for them.
    pub(super) fn columns(self, threads: &Threads) -> std::result::Result<Vec<Column>, String> {
        let table = match self {
            Self::Ax => AX,
            Self::Aux => AUX,
            Self::Axl => AXL,
            Self::Ef => EF,
            Self::ExtraFull => EXTRA_FULL,
            Self::El => EL,
            Self::Elf => ELF,
        };
        let shown = table.iter().filter(|(name, _)| threads.shows(name));
        let named = |(name, heading): &Heading| {
            if name.is_empty() {
                return Ok(Column::nothing(heading));
            }
            let column: Column = name.parse()?;
            Ok(column.headed(heading))
        };
        shown.map(named).collect()
    }
}

/// A word without an option: numbers of processes.
#[derive(Debug, Clone)]
pub(super) struct Pids(pub(super) Vec<Pid>);

/// Understands such a word. Letters that [`modernised`] could not translate end up here as well.
pub(super) fn pids(text: &str) -> std::result::Result<Pids, String> {
    const ACCEPTED: &str =
        "accepted: numbers of processes, or letters of ps(1) such as aux, axf, axl, axo";
    if text.starts_with(|first: char| first.is_ascii_digit()) {
        let pids: std::result::Result<_, _> = text.split(',').map(pid).collect();
        return pids.map(Pids);
    }
    let wrong = match text.chars().find(|letter| !FLAGS.contains(*letter)) {
        Some('j' | 'X' | 's' | 'v') => "that table of ps(1) shows what pslens does not know",
        Some('c') => "the names of programs are in the column comm",
        Some('e') => "environments are in the column environ",
        Some('m') => "for threads there is H",
        Some('n') => "for numbers there are the columns uid and gid",
        Some('T') => "for the processes of a terminal there is t TTY",
        Some('k' | 'o' | 'p' | 'q' | 't' | 'U') => "its last letter needs a value",
        _ => "these are neither numbers nor letters that ps knows",
    };
    Err(format!("{wrong}; {ACCEPTED}"))
}

/// Letters without values. Two of them ask for what is there anyway: `g` all processes, `w` long lines.
const FLAGS: &str = "afghlruwxH";

/// Letters that take the rest of their word, or else the next word, as a value.
const WITH_VALUE: &str = "koptqU";

/// Options whose value may be the next word.
const SHORT_WITH_VALUE: &str = "opqCuUGtgs";
const LONG_WITH_VALUE: &[&str] = &[
    "color",
    "columns",
    "command",
    "filter",
    "format",
    "pid",
    "ppid",
    "procfs",
    "quick-pid",
    "real-group",
    "Group",
    "real-user",
    "User",
    "sort",
    "sysfs",
    "times",
    "top",
    "traditional",
    "tty",
    "user",
    "watch",
];

/// The words of a command line with letters as in `ps aux k -rss`, which clap has no words for, replaced.
pub(crate) fn modernised(arguments: Vec<OsString>) -> Vec<OsString> {
    let mut words = Vec::new();
    let mut letters = Letters::default();
    let mut rest = arguments.into_iter().peekable();
    while let Some(word) = rest.next() {
        let text = word.to_str().unwrap_or_default();
        if text == "--" {
            words.push(word);
            break;
        }
        if let Some(cluster) = cluster(text) {
            let next = rest.peek().and_then(|next| next.to_str());
            if let Some((read, took_next)) = letters.and(cluster, next, &mut words) {
                letters = read;
                if took_next {
                    rest.next();
                }
                continue;
            }
        }
        let value = takes_next(text).then(|| rest.next()).flatten();
        words.push(word);
        words.extend(value);
    }
    // What follows `--` are operands.
    let at = words
        .iter()
        .position(|word| word == "--")
        .unwrap_or(words.len());
    words.splice(at..at, letters.options().map(OsString::from));
    words.extend(rest);
    words
}

/// The letters of `aux`; of `-aux` and `-axo` too, as `-x` is no option, and `ps` itself takes it so.
fn cluster(text: &str) -> Option<&str> {
    let letters = text.strip_prefix('-').unwrap_or(text);
    if letters.len() < text.len() {
        let end = letters.find(|letter| WITH_VALUE.contains(letter));
        let flags = letters.get(..end.unwrap_or(letters.len()))?;
        if !flags.contains('x') || flags.contains(|letter| !FLAGS.contains(letter)) {
            return None;
        }
    }
    letters
        .starts_with(|first: char| first.is_ascii_alphabetic())
        .then_some(letters)
}

fn takes_next(option: &str) -> bool {
    match (option.strip_prefix("--"), option.strip_prefix('-')) {
        (Some(long), _) => LONG_WITH_VALUE.contains(&long),
        // The first letter with a value takes what follows it in its word.
        (None, Some(short)) => {
            short.find(|letter| SHORT_WITH_VALUE.contains(letter)) == short.len().checked_sub(1)
        }
        (None, None) => false,
    }
}

/// Letters that mean something together.
#[derive(Debug, Clone, Copy, Default)]
struct Letters {
    a: bool,
    x: bool,
    u: bool,
    l: bool,
}

impl Letters {
    /// These and a `cluster` of them; options are added to `words`. True if the last letter took `next`
    /// as its value, `None` if it is no cluster.
    fn and(
        mut self,
        cluster: &str,
        next: Option<&str>,
        words: &mut Vec<OsString>,
    ) -> Option<(Self, bool)> {
        let mut options: Vec<String> = Vec::new();
        let mut took_next = false;
        for (at, letter) in cluster.char_indices() {
            match letter {
                'a' => self.a = true,
                'x' => self.x = true,
                'u' => self.u = true,
                'l' => self.l = true,
                'f' => options.push("--tree".into()),
                'h' => options.push("--no-header".into()),
                'r' => options.push("--filter=status=running".into()),
                'w' => options.push("--wide".into()),
                'H' => options.push("--threads".into()),
                'g' => {}
                'k' | 'o' | 'p' | 'q' | 't' | 'U' => {
                    let value = match cluster.get(at + 1..)? {
                        "" => {
                            took_next = true;
                            next?
                        }
                        value => value,
                    };
                    let option = match letter {
                        'k' => "--sort=",
                        'o' => "--format=",
                        't' => "--tty=",
                        'U' => "--user=",
                        _ => "--pid=",
                    };
                    options.push(format!("{option}{value}"));
                    break;
                }
                _ => return None,
            }
        }
        words.extend(options.into_iter().map(OsString::from));
        Some((self, took_next))
    }

    fn options(self) -> impl Iterator<Item = &'static str> {
        let processes = match (self.a, self.x) {
            (false, false) => None,
            (true, true) => Some("-e"),
            (true, false) => Some("--with-tty"),
            (false, true) => Some("--mine"),
        };
        let form = match (self.u, self.l, processes) {
            (true, ..) => Some("--traditional=aux"),
            (false, true, _) => Some("--traditional=axl"),
            (false, false, Some(_)) => Some("--traditional=ax"),
            (false, false, None) => None,
        };
        processes.into_iter().chain(form)
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::args::Cli;

    #[test]
    fn letters_become_options() {
        let check = |typed: &str, expect: &str| {
            let words = typed.split(' ').map(OsString::from).collect();
            let found = modernised(words);
            let expect: Vec<OsString> = expect.split(' ').map(OsString::from).collect();
            assert_eq!(found, expect, "{typed}");
        };
        check("aux", "-e --traditional=aux");
        check("axu", "-e --traditional=aux");
        check("-aux", "-e --traditional=aux");
        check("-ax", "-e --traditional=ax");
        check("a u x", "-e --traditional=aux");
        check("auxww", "--wide --wide -e --traditional=aux");
        check("ax", "-e --traditional=ax");
        check("a", "--with-tty --traditional=ax");
        check("x", "--mine --traditional=ax");
        check("u", "--traditional=aux");
        check("axl", "-e --traditional=axl");
        check("axf", "--tree -e --traditional=ax");
        check("-e f", "-e --tree");
        check("hr", "--no-header --filter=status=running");
        check("auxH", "--threads -e --traditional=aux");
        check("axo pid,comm", "--format=pid,comm -e --traditional=ax");
        check("axopid,comm", "--format=pid,comm -e --traditional=ax");
        check("-axo pid,comm", "--format=pid,comm -e --traditional=ax");
        check("aux k -rss", "--sort=-rss -e --traditional=aux");
        check("auxk-rss", "--sort=-rss -e --traditional=aux");
        check("aux --sort -rss", "--sort -rss -e --traditional=aux");
        check("p 1,2", "--pid=1,2");
        check("U root t pts/0", "--user=root --tty=pts/0");
        check("aux -- 1", "-e --traditional=aux -- 1");
    }

    #[test]
    fn what_is_no_letter_stays() {
        for typed in [
            "-ef",
            "-eo pid,ax",
            "-u aux",
            "-fu ax",
            "-C x",
            "--sort ax",
            "--user=x a1",
            "1",
            "1,2 3",
            "-p 1 2",
            "-A --no-header",
            "auxj",
            "-auxj",
            "xo",
            "-- aux",
            "-x1",
        ] {
            let words: Vec<OsString> = typed.split(' ').map(OsString::from).collect();
            assert_eq!(modernised(words.clone()), words, "{typed}");
        }
    }

    #[test]
    fn options_with_values_are_those_that_clap_knows() {
        let command = Cli::command();
        let ps = command.find_subcommand("ps").unwrap();
        let mut short = String::new();
        let mut long = Vec::new();
        for argument in ps.get_arguments().chain(command.get_arguments()) {
            if !argument.get_action().takes_values() || argument.is_positional() {
                continue;
            }
            short.extend(argument.get_short_and_visible_aliases().unwrap_or_default());
            long.extend(argument.get_long_and_visible_aliases().unwrap_or_default());
        }
        for letter in short.chars() {
            assert!(SHORT_WITH_VALUE.contains(letter), "{letter}");
        }
        for name in long {
            assert!(LONG_WITH_VALUE.contains(&name), "{name}");
        }
    }

    #[test]
    fn every_table_has_columns() {
        for form in Form::value_variants() {
            let plain = form.columns(&Threads::default()).unwrap();
            assert!(plain.len() > 4, "{form:?}");
            let threads = Threads {
                with_spid: true,
                ..Threads::default()
            };
            let spid = form.columns(&threads).unwrap();
            assert_eq!(spid.len(), plain.len() + 1, "{form:?}");
        }
    }
}
