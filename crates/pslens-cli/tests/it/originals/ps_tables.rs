//! The tables of `ps aux`, `ps -ef` and their kin beside ps(1): headings, and every value of every process
//! that is the same before and after.

use std::collections::{BTreeMap, BTreeSet};

use super::{Comparison, is_close, original};
use crate::program::answer;

/// Lines by process and thread: the cells under their headings.
type Rows = BTreeMap<(String, String), Vec<(String, String)>>;

/// What stands under the last heading goes to the end of the line; no other cell has blanks.
fn rows(table: &str) -> Rows {
    let mut lines = table.lines();
    let headings: Vec<&str> = lines.next().unwrap().split_whitespace().collect();
    let mut rows = Rows::new();
    for line in lines {
        let mut rest = line.trim_start();
        let mut cells = Vec::new();
        for heading in &headings {
            let (cell, after) = match rest.split_once(' ') {
                Some(parts) if cells.len() + 1 < headings.len() => parts,
                _ => (rest, ""),
            };
            cells.push(((*heading).to_owned(), cell.to_owned()));
            rest = after.trim_start();
        }
        let of = |heading: &str| {
            let cell = cells.iter().find(|(name, _)| name == heading);
            cell.map(|(_, cell)| cell.clone()).unwrap_or_default()
        };
        let thread = of("LWP") + &of("SPID");
        rows.insert((of("PID"), thread), cells);
    }
    rows
}

fn headings(rows: &Rows) -> Vec<&str> {
    let cells = rows.values().next().unwrap();
    cells.iter().map(|(heading, _)| &**heading).collect()
}

/// Seconds or minutes of `1:02`, `01:02:03`, `2-03:04:05`.
fn clock(text: &str) -> Option<f64> {
    let (days, rest) = match text.split_once('-') {
        Some((days, rest)) => (days.parse::<f64>().ok()?, rest),
        None => (0.0, text),
    };
    let mut parts = rest.split(':').map(|part| part.parse::<f64>().ok());
    let sum = parts.try_fold(0.0, |sum, part| Some(sum * 60.0 + part?))?;
    Some(days * 86_400.0 + sum)
}

fn near(ours: &str, theirs: &str, tolerance: f64) -> bool {
    match (ours.parse(), theirs.parse()) {
        (Ok(ours), Ok(theirs)) => is_close(ours, [theirs; 2], tolerance),
        _ => false,
    }
}

/// Whether a cell says the same as that of ps(1).
fn same(heading: &str, ours: &str, theirs: &str) -> bool {
    match heading {
        // What pslens does not know, and says so; and what changes all the time.
        "F" | "PRI" | "ADDR" | "SZ" | "WCHAN" => ours == "-",
        "PSR" => ours.parse::<u32>().is_ok(),
        // Where real-time scheduling is in force ps does not show what nice says.
        "NI" if theirs == "-" => ours.parse::<i32>().is_ok(),
        "TTY" if theirs == "?" => ours == "-",
        // Sessions, the foreground and locked pages are not known.
        "STAT" => {
            ours == theirs.trim_end_matches(['s', 'l', '+', 'L']).to_owned()
                + if theirs.contains('l') { "l" } else { "" }
        }
        // ps cuts names of users.
        "USER" | "UID" => match theirs.strip_suffix('+') {
            Some(begin) => ours.starts_with(begin),
            None => ours == theirs,
        },
        // Compared where the time is known that they are a share of.
        "%CPU" | "C" => ours.parse::<f64>().is_ok(),
        "%MEM" => near(ours, theirs, 0.2),
        // ps takes less trouble to be exact: the kernel keeps some pages back for each CPU.
        "RSS" => near(
            ours,
            theirs,
            1024.0 + theirs.parse::<f64>().unwrap_or(0.0) * 0.05,
        ),
        "TIME" => match (clock(ours), clock(theirs)) {
            (Some(ours), Some(theirs)) => is_close(ours, [theirs; 2], 1.0),
            _ => false,
        },
        // The moment of boot is known to the second, which can be that of the next minute.
        "START" | "STIME" => match (clock(ours), clock(theirs)) {
            (Some(ours), Some(theirs)) => is_close(ours, [theirs; 2], 1.0),
            _ => ours == theirs,
        },
        "CMD" | "COMMAND" => {
            // What cannot be printed is written in another way, and a worker's name goes on with its work.
            let plain =
                ours.bytes().all(|byte| matches!(byte, b' '..=b'~')) && !ours.contains('\\');
            let worker = theirs.contains("kworker/");
            // ps has the name as the kernel cut it where it shows names.
            !plain || worker || ours.trim_end().starts_with(theirs.trim_end())
        }
        _ => ours == theirs,
    }
}

/// Whether the average use over the life is that of ps(1), which counts the life in whole seconds: of who
/// is young and busy nothing can be said.
fn same_use(ours: &str, theirs: &str, time: &str) -> bool {
    let (Ok(share), Some(time)) = (theirs.parse::<f64>(), clock(time)) else {
        return false;
    };
    let a_second_more_or_less = share * share / 100.0 / time.max(0.01);
    // Printed as a whole number, or with one digit.
    near(ours, theirs, 1.0 + a_second_more_or_less)
}

/// Compares a table; a process may change just between the readings and back again, but not every time.
fn compare(test: &str, ours: &[&str], theirs: &[&str]) {
    let mut wrong: Option<BTreeSet<String>> = None;
    let mut found = Vec::new();
    for _ in 0..5 {
        let Some(before) = original(test, "ps", theirs) else {
            return;
        };
        let mine = rows(&answer(["ps"].iter().chain(ours)));
        let Some(after) = original(test, "ps", theirs) else {
            return;
        };
        let (before, after) = (rows(&before), rows(&after));
        assert_eq!(headings(&mine), headings(&before), "{ours:?}");
        let mut comparison = 0;
        let mut now = BTreeSet::new();
        found.clear();
        for (key, cells) in &before {
            let (Some(second), Some(mine)) = (after.get(key), mine.get(key)) else {
                // Whoever is there before and after is there in between.
                if after.contains_key(key) {
                    now.insert(format!("{key:?} is missing"));
                }
                continue;
            };
            let not_compared: &[&str] = match key {
                (_, thread) if thread.is_empty() => &[],
                // Of the first thread ps has the time of all.
                (process, thread) if process == thread => &["C", "TIME"],
                // These are known of the first thread only.
                _ => &["C", "STIME"],
            };
            for ((heading, first), ((_, second), (_, mine))) in
                cells.iter().zip(second.iter().zip(mine))
            {
                if not_compared.contains(&heading.as_str()) {
                    continue;
                }
                if first == second {
                    comparison += 1;
                    let time = cells.iter().find(|(heading, _)| heading == "TIME");
                    let used = match (heading.as_str(), time) {
                        ("%CPU" | "C", Some((_, time))) => same_use(mine, first, time),
                        _ => true,
                    };
                    if !used || !same(heading, mine, first) {
                        now.insert(format!("{key:?} {heading}"));
                        found.push(format!("{key:?} {heading}: {mine:?} is not {first:?}"));
                    }
                }
            }
        }
        if let Some(earlier) = &wrong {
            now.retain(|what| earlier.contains(what));
        }
        if now.is_empty() {
            let mut all = Comparison::of("ps");
            all.add(comparison);
            return all.finish();
        }
        wrong = Some(now);
    }
    panic!("{ours:?}: {wrong:#?}\n{found:#?}");
}

#[test]
fn ps_aux() {
    compare("originals::ps_tables::ps_aux", &["aux"], &["auxww"]);
}

#[test]
fn ps_ax_and_axl() {
    let test = "originals::ps_tables::ps_ax_and_axl";
    compare(test, &["ax"], &["axww"]);
    compare(test, &["axl"], &["axlww"]);
}

#[test]
fn ps_ef_and_its_kin() {
    let test = "originals::ps_tables::ps_ef_and_its_kin";
    compare(test, &["-ef"], &["-efww"]);
    compare(test, &["-eF"], &["-eFww"]);
    compare(test, &["-el"], &["-el"]);
    compare(test, &["-elf"], &["-elfww"]);
}

#[test]
fn threads_of_all_processes() {
    let test = "originals::ps_tables::threads_of_all_processes";
    compare(test, &["-eLf"], &["-eLfww"]);
    compare(test, &["-efT"], &["-efTww"]);
}

#[test]
fn columns_of_ones_own() {
    let test = "originals::ps_tables::columns_of_ones_own";
    let columns = "pid=PID,ppid=PPID,user:32=USER,uid=UID,ruid=RUID,gid=GID,ni=NI,nlwp=NLWP,s=S,pcpu=%CPU,\
        pmem=%MEM,tname=TTY,time=TIME,args=COMMAND";
    // ps takes a heading to the end of its word.
    let each = columns.split(',').flat_map(|column| ["-o", column]);
    let theirs: Vec<&str> = ["-eww"].into_iter().chain(each).collect();
    compare(test, &["-eo", columns], &theirs);
}
