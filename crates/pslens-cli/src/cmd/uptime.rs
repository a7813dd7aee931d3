//! `pslens uptime`: how long the system has been running, and how busy it is.

use std::time::{Duration, SystemTime};

use pslens::ErrorKind;
use pslens::host::{self, LoadAverage};
use serde::Serialize;

use crate::args::LEGEND;
use crate::context::Context;
use crate::exit::{Exit, Result};
use crate::listing::Watch;
use crate::output::time::{self, Style};
use crate::output::{json, text};

/// How long the system has been running, who uses it, and how busy it is.
///
/// One line: the time, how long ago the system was booted, how many logins there are, and how many tasks
/// ran or waited to run on average over the last 1, 5 and 15 minutes. The kernel tells the moment of
/// boot to the second.
#[derive(Debug, clap::Args)]
#[command(after_help = LEGEND, after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// Only how long it is up, in words.
    #[arg(short, long)]
    pretty: bool,
    /// Only since when it is up.
    #[arg(short, long, conflicts_with = "pretty")]
    since: bool,
    #[command(flatten)]
    watch: Watch,
}

const EXAMPLES: &str = "\
Examples:
  pslens uptime          10:15:36 up 6:05, 2 users, load average: 0.52, 0.41, 0.40
  pslens uptime -p       up 6 hours, 5 minutes
  pslens uptime -s       2026-11-22 04:10:32
  pslens uptime --json   all of it

With --procfs of another system nobody knows what time it is there, nor who is
logged in.
In tables - is unknown, ? is denied (ask as root).
Exit status: 0 done, 2 wrong usage, 3 denied, 5 other failures.";

/// The answer.
#[derive(Debug, Serialize)]
struct Data {
    #[serde(serialize_with = "json::epoch")]
    boot_time: SystemTime,
    /// How long ago that was.
    #[serde(serialize_with = "json::seconds")]
    uptime: Option<Duration>,
    /// How many terminals somebody is logged in at.
    users: Option<usize>,
    /// Windows keeps none.
    load_average: Option<LoadAverage>,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit> {
    args.watch.repeat(context, |context, out| {
        let data = ask(context)?;
        if context.json {
            json::write([data], out)?;
        } else {
            let mut line = if args.since {
                moment(data.boot_time, Style::Full, context)
            } else if args.pretty {
                format!("up {}", data.uptime.map_or("-".to_owned(), in_words))
            } else {
                line(&data, context)
            };
            line.push('\n');
            out.write_all(line.as_bytes())?;
        }
        Ok(Exit::Success)
    })
}

fn ask(context: &Context) -> Result<Data> {
    let boot_time = host::boot_time()?;
    let users = known(host::users())?;
    Ok(Data {
        boot_time,
        // A clock that was set back while we asked: just booted.
        uptime: (context.clock.now).map(|now| now.duration_since(boot_time).unwrap_or_default()),
        users: users.map(|users| users.len()),
        load_average: known(host::load_average())?,
    })
}

/// `None` for what this system does not have.
fn known<T>(answer: pslens::Result<T>) -> pslens::Result<Option<T>> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.kind() == ErrorKind::Unsupported => Ok(None),
        Err(error) => Err(error),
    }
}

/// A point in time; `-` if no calendar has it.
fn moment(time: SystemTime, style: Style, context: &Context) -> String {
    let mut written = String::new();
    if !time::push(&mut written, time, style, &context.clock) {
        written.push('-');
    }
    written
}

/// `10:15:36 up 6:05, 2 users, load average: 0.52, 0.41, 0.40`.
fn line(data: &Data, context: &Context) -> String {
    let now = context.clock.now;
    let mut line = now.map_or("-".to_owned(), |now| moment(now, Style::Clock, context));
    let uptime = data.uptime.map_or("-".to_owned(), in_digits);
    let users = match data.users {
        Some(1) => "1 user".to_owned(),
        Some(users) => format!("{users} users"),
        None => "- users".to_owned(),
    };
    text::append(
        &mut line,
        format_args!(" up {uptime}, {users}, load average: "),
    );
    match &data.load_average {
        Some(load) => {
            let LoadAverage {
                one, five, fifteen, ..
            } = load;
            text::append(&mut line, format_args!("{one:.2}, {five:.2}, {fifteen:.2}"));
        }
        None => line.push('-'),
    }
    line
}

/// Days, hours and minutes.
fn parts(uptime: Duration) -> (u64, u64, u64) {
    let minutes = uptime.as_secs() / 60;
    (minutes / (24 * 60), minutes / 60 % 24, minutes % 60)
}

/// `5 min`, `6:05`, `2 days, 6:05`.
fn in_digits(uptime: Duration) -> String {
    let (days, hours, minutes) = parts(uptime);
    let of_today = match hours {
        0 => format!("{minutes} min"),
        _ => format!("{hours}:{minutes:02}"),
    };
    match days {
        0 => of_today,
        1 => format!("1 day, {of_today}"),
        _ => format!("{days} days, {of_today}"),
    }
}

/// `2 weeks, 1 day, 6 hours, 5 minutes`.
fn in_words(uptime: Duration) -> String {
    let (days, hours, minutes) = parts(uptime);
    let parts = [
        (days / 365, "year"),
        (days % 365 / 7, "week"),
        (days % 365 % 7, "day"),
        (hours, "hour"),
        (minutes, "minute"),
    ];
    let mut words = Vec::new();
    for (number, unit) in parts {
        match number {
            0 => {}
            1 => words.push(format!("1 {unit}")),
            _ => words.push(format!("{number} {unit}s")),
        }
    }
    if words.is_empty() {
        words.push("0 minutes".to_owned());
    }
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_in_the_original() {
        let check = |minutes: u64, digits: &str, words: &str| {
            let uptime = Duration::from_secs(minutes * 60 + 59);
            assert_eq!(in_digits(uptime), digits);
            assert_eq!(in_words(uptime), words);
        };
        let (hour, day) = (60, 24 * 60);
        check(0, "0 min", "0 minutes");
        check(1, "1 min", "1 minute");
        check(6 * hour + 5, "6:05", "6 hours, 5 minutes");
        check(day, "1 day, 0 min", "1 day");
        check(day + hour, "1 day, 1:00", "1 day, 1 hour");
        check(
            15 * day + 20 * hour,
            "15 days, 20:00",
            "2 weeks, 1 day, 20 hours",
        );
        check(400 * day, "400 days, 0 min", "1 year, 5 weeks");
    }
}
