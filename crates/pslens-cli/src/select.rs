//! Which processes are meant: what pgrep, pidof and killall have in common.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::time::{Duration, SystemTime};

use pslens::process::{self, AttributeSet, Info, Status};
use pslens::{ErrorKind, Pid, Process, host};
use regex::bytes::{Regex, RegexBuilder};

use crate::context::Context;
use crate::exit::{Exit, Failure, Result, explained};
use crate::output;
use crate::system::{names, paths};

/// Every process but this one, in the order of their numbers. Those that cannot be read are noted, and
/// the exit status then says so.
pub(crate) fn others(
    tool: &str,
    attributes: AttributeSet,
    context: &Context,
) -> Result<(Vec<Info>, Exit)> {
    let mut exit = Exit::Success;
    let mut infos = Vec::new();
    for info in process::all_with(attributes)? {
        match info {
            Ok(info) if context.running && info.pid() == this() => {}
            Ok(info) => infos.push(info),
            Err(error) => {
                // One line is a hint, a thousand are a flood.
                if exit == Exit::Success {
                    output::note(&format!("{tool}: {}", explained(&error)));
                }
                exit = Exit::PartlyFailed;
            }
        }
    }
    Ok((infos, exit))
}

/// The process with this number, if there is one. The number of a thread is none, though the same doors
/// open for it.
pub(crate) fn by_number(pid: Pid) -> pslens::Result<Option<Process>> {
    if !process::pid_exists(pid)? {
        return Ok(None);
    }
    match Process::new(pid) {
        Ok(process) => Ok(Some(process)),
        Err(error) if error.kind() == ErrorKind::NoSuchProcess => Ok(None),
        Err(error) => Err(error),
    }
}

/// The number of this process.
pub(crate) fn this() -> Pid {
    Pid::from(std::process::id())
}

/// Those who started this process: `%PPID` of pidof is the first.
pub(crate) fn ancestors() -> Result<Vec<Pid>> {
    let parents = Process::current()?.parents()?;
    Ok(parents.iter().map(Process::pid).collect())
}

/// Acting is for the running system only.
pub(crate) fn refuse_captures(tool: &str, context: &Context) -> Result<()> {
    if context.running {
        return Ok(());
    }
    let message = format!("{tool}: the processes of another --procfs can only be looked at");
    Err(Failure::message(Exit::Usage, message))
}

/// The numbers of users who were given by name or number.
pub(crate) fn user_ids(tool: &str, users: &[String]) -> Result<Vec<u32>> {
    users.iter().map(|user| user_id(tool, user)).collect()
}

fn user_id(tool: &str, user: &str) -> Result<u32> {
    if let Ok(id) = user.parse() {
        return Ok(id);
    }
    host::user_id(user)?.ok_or_else(|| {
        let message = format!(
            "{tool}: no user is called '{user}'; accepted: names of users (of this system, so not \
             with another --procfs) and numbers"
        );
        Failure::message(Exit::NotFound, message)
    })
}

/// A regular expression for names and command lines, which can hold any bytes.
pub(crate) fn pattern(tool: &str, typed: &str, ignore_case: bool, whole: bool) -> Result<Regex> {
    let expression = if whole {
        format!("^(?:{typed}){}$", names::ENDING)
    } else {
        typed.to_owned()
    };
    let built = RegexBuilder::new(&expression)
        .case_insensitive(ignore_case || names::ANY_CASE)
        .unicode(false)
        .build();
    built.map_err(|error| {
        // The first line of these is a heading, the last says what is wrong.
        let error = error.to_string();
        let reason = error.lines().last().unwrap_or_default().trim();
        let message = format!("{tool}: '{typed}' is not a regular expression: {reason}");
        Failure::message(Exit::Usage, message)
    })
}

/// The name of a process, if it is known.
pub(crate) fn name(info: &Info) -> Option<&OsStr> {
    info.name.value().map(OsString::as_os_str)
}

/// The words of its command line; none of a kernel thread and a zombie. Empty ones at the end are what
/// is left where a process has written its own title.
pub(crate) fn words(info: &Info) -> &[OsString] {
    let mut words = info.cmdline.value().map_or(&[][..], Vec::as_slice);
    while let [rest @ .., last] = words
        && last.is_empty()
    {
        words = rest;
    }
    words
}

/// The command line as one text, or the name in brackets, as ps(1) and pgrep(1) have it.
pub(crate) fn command(info: &Info) -> OsString {
    let words = words(info);
    if words.is_empty() {
        let mut command = OsString::from("[");
        command.push(name(info).unwrap_or(OsStr::new("?")));
        command.push("]");
        return command;
    }
    words.join(OsStr::new(" "))
}

pub(crate) fn is_zombie(info: &Info) -> bool {
    info.status.value() == Some(&Status::Zombie)
}

/// What follows the last slash.
pub(crate) fn base_name(word: &OsStr) -> &OsStr {
    Path::new(word).file_name().unwrap_or(word)
}

/// The name of a script beyond what the kernel keeps of it: its interpreter was given it as a word.
pub(crate) fn name_in_command(info: &Info) -> Option<&OsStr> {
    let kept = name(info).filter(|name| Some(name.len()) == names::KEPT)?;
    let mut words = words(info).iter().take(2).map(|word| base_name(word));
    words.find(|word| starts_with(word, kept))
}

/// True of names that the kernel does not keep as a whole, or that it may have cut from others.
pub(crate) fn may_be_cut(name: &OsStr) -> bool {
    names::KEPT.is_some_and(|kept| name.len() >= kept)
}

/// True if `kept` is all that the kernel has of the name `typed`.
pub(crate) fn is_cut_from(kept: &OsStr, typed: &OsStr) -> bool {
    Some(kept.len()) == names::KEPT && starts_with(typed, kept)
}

fn starts_with(text: &OsStr, start: &OsStr) -> bool {
    let bytes = text.as_encoded_bytes();
    bytes.starts_with(start.as_encoded_bytes())
}

/// Whether the process executes this file, given by any path.
pub(crate) fn executes(info: &Info, file: &Path) -> bool {
    let exe = info.exe.value().and_then(Option::as_deref);
    exe.is_some_and(|exe| exe == file || paths::resolved(file).is_some_and(|file| exe == file))
}

/// How long ago it was started; `None` where the present is unknown.
pub(crate) fn age(info: &Info, now: Option<SystemTime>) -> Option<Duration> {
    let start = info.create_time.value()?;
    // The clock may have been set back.
    Some(now?.duration_since(*start).unwrap_or_default())
}

/// An age as killall(1) has it: a number and one of s m h d w M y; seconds without.
pub(crate) fn age_from(typed: &str) -> std::result::Result<Duration, String> {
    let number = typed.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let unit = match typed.get(number.len()..) {
        Some("" | "s") => Some(1.0),
        Some("m") => Some(60.0),
        Some("h") => Some(3600.0),
        Some("d") => Some(86_400.0),
        Some("w") => Some(7.0 * 86_400.0),
        // A twelfth of a year, and a year of the calendar.
        Some("M") => Some(365.2425 / 12.0 * 86_400.0),
        Some("y") => Some(365.2425 * 86_400.0),
        _ => None,
    };
    let age = unit.and_then(|unit| Some(number.parse::<f64>().ok()? * unit));
    age.and_then(|age| Duration::try_from_secs_f64(age).ok())
        .ok_or_else(|| "accepted: a number and s, m, h, d, w, M or y, such as 90s or 2h".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_have_units() {
        for (typed, seconds) in [
            ("5s", 5),
            ("1.5m", 90),
            ("2h", 7200),
            ("3", 3),
            ("1w", 604_800),
        ] {
            assert_eq!(age_from(typed), Ok(Duration::from_secs(seconds)), "{typed}");
        }
        for wrong in ["", "s", "-1s", "5 s", "5x", "5ss", "nan", "inf", "1e300y"] {
            assert!(age_from(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn patterns_match_bytes_and_whole_names_if_they_must() {
        let matches = |typed: &str, case: bool, whole: bool, text: &[u8]| {
            pattern("pgrep", typed, case, whole).unwrap().is_match(text)
        };
        assert!(matches("b.c", false, false, b"ab\xffcd"));
        assert!(!matches("a|b", false, true, b"ab"));
        assert!(matches("a|B", true, true, b"b"));
        assert!(pattern("pgrep", "(", false, false).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_long_name_is_recognised_by_its_beginning() {
        let cut = |kept: &str, typed: &str| is_cut_from(kept.as_ref(), typed.as_ref());
        assert!(cut("a-very-long-nam", "a-very-long-name"));
        assert!(!cut("a-very-long-nam", "a-very-long-man"));
        assert!(!cut("a-very", "a-very-long-name"));
    }
}
