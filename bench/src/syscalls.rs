//! `--syscalls`: system calls of one row's work, counted by strace attached to this very process.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};

use crate::args::Args;
use crate::measure::{Contender, Who};
use crate::python::Drivers;
use crate::rows::{self, Needs, ROWS};
use crate::{plan, work_directory, world};

pub fn run(args: &Args) -> Result<()> {
    let directory = work_directory()?;
    println!("system calls of one call; for rows about N processes also per process");
    for (needs, size) in plan(args) {
        // Waiting rows start threads and helpers; their calls are not a property of the row.
        let countable = !matches!(needs, Needs::Exits | Needs::Thousand);
        let wanted: Vec<_> = ROWS
            .iter()
            .filter(|row| countable && row.needs == needs && args.wants(row.name))
            .collect();
        if wanted.is_empty() {
            continue;
        }
        let world = world(needs, size)?;
        for definition in wanted {
            let row = rows::build(definition, size, &world, &Drivers::default(), |who| {
                args.takes_part(who)
            })?;
            for (who, mut contender) in row.contenders {
                if !matches!(who, Who::Floor | Who::Pslens) {
                    continue;
                }
                let calls = count(contender.as_mut(), &directory)
                    .with_context(|| format!("{}: {}", definition.name, who.name()))?;
                let total: i64 = calls.values().sum();
                let rows = contender.answer()?;
                let processes = rows.rows as f64 + rows.sums.get("others").copied().unwrap_or(0.0);
                print!("{:<15}{:<8}{total:>8}", definition.name, who.name());
                if needs == Needs::Processes {
                    print!("{:>7.2}", total as f64 / processes);
                }
                let mut calls: Vec<_> =
                    calls.into_iter().filter(|(_, calls)| *calls != 0).collect();
                calls.sort_by_key(|(_, calls)| std::cmp::Reverse(*calls));
                let list: Vec<String> = calls
                    .iter()
                    .map(|(name, calls)| format!("{name} {calls}"))
                    .collect();
                println!("  {}", list.join(", "));
            }
        }
    }
    Ok(())
}

/// Calls of one repetition: what four more of them add, so that attaching does not count.
fn count(contender: &mut dyn Contender, directory: &Path) -> Result<BTreeMap<String, i64>> {
    contender.time(1)?;
    let mut calls = traced(contender, 5, directory)?;
    for (name, once) in traced(contender, 1, directory)? {
        *calls.entry(name).or_default() -= once;
    }
    for calls in calls.values_mut() {
        *calls = (*calls + 2).div_euclid(4);
    }
    Ok(calls)
}

fn traced(
    contender: &mut dyn Contender,
    repetitions: u32,
    directory: &Path,
) -> Result<BTreeMap<String, i64>> {
    let output = directory.join("strace.txt");
    let mut strace = Command::new("strace")
        .args(["-c", "-o"])
        .arg(&output)
        .args(["-p", &std::process::id().to_string()])
        .stderr(Stdio::piped())
        .spawn()
        .context("strace is not installed")?;
    let mut line = String::new();
    BufReader::new(strace.stderr.take().context("strace has no output")?).read_line(&mut line)?;
    ensure!(line.contains("attached"), "strace says: {}", line.trim());
    contender.time(repetitions)?;
    let id = rustix::process::Pid::from_child(&strace);
    rustix::process::kill_process(id, rustix::process::Signal::INT)?;
    strace.wait()?;
    let mut calls = BTreeMap::new();
    for line in std::fs::read_to_string(&output)?.lines() {
        let fields: Vec<&str> = line.split_whitespace().collect();
        if let [_, _, _, count, .., name] = fields.as_slice()
            && *name != "total"
            && let Ok(count) = count.parse::<i64>()
        {
            calls.insert((*name).to_owned(), count);
        }
    }
    Ok(calls)
}
