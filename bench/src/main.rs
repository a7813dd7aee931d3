//! Measures pslens, from Rust and from Python, beside psutil, sysinfo, procfs, netstat2 and a hand-written floor.
//!
//! docs/BENCHMARKS.md has the method and results.

mod args;
mod contenders;
mod floor;
mod measure;
mod population;
mod programs;
mod python;
mod report;
mod rows;
mod syscalls;

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail, ensure};

use crate::args::{Args, HELP};
use crate::contenders::World;
use crate::measure::{Measured, measure};
use crate::population::{Exits, Mappings, Sleepers, Sockets};
use crate::python::Drivers;
use crate::rows::{Definition, Needs, ROWS};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, kind, size] = arguments.as_slice()
        && flag == "--helper"
    {
        return population::helper(kind, size.parse()?);
    }
    let args = Args::parse(arguments.into_iter())?;
    if args.help {
        print!("{HELP}");
        return Ok(());
    }
    if args.list {
        for definition in ROWS {
            println!("{:<16} {}", definition.name, definition.what);
        }
        return Ok(());
    }
    for wanted in args.rows.iter().flatten() {
        ensure!(
            ROWS.iter().any(|row| row.name == wanted),
            "no row is called {wanted}: --list names them"
        );
    }
    if args.trials {
        return floor::trials::run(&args);
    }
    if args.programs {
        return programs::run(&args);
    }
    if args.syscalls {
        return syscalls::run(&args);
    }
    run(&args)
}

/// Where the virtual environment and the results go.
pub fn work_directory() -> Result<PathBuf> {
    let executable = std::env::current_exe()?;
    let target = executable
        .ancestors()
        .nth(2)
        .context("the program is not in a target directory")?;
    let directory = target.join("pslens-bench");
    std::fs::create_dir_all(&directory)?;
    Ok(directory)
}

fn run(args: &Args) -> Result<()> {
    if cfg!(debug_assertions) {
        bail!("built without optimisation: cargo run --release");
    }
    let directory = work_directory()?;
    let drivers = Drivers::start(&directory, |who| args.takes_part(who))?;
    let mut results = Vec::new();
    let mut failed = Vec::new();
    for (needs, size) in plan(args) {
        let wanted: Vec<&'static Definition> = ROWS
            .iter()
            .filter(|row| row.needs == needs && args.wants(row.name))
            .collect();
        if wanted.is_empty() {
            continue;
        }
        let world = world(needs, size)?;
        for definition in wanted {
            eprintln!("{} {size} ...", definition.name);
            let shown = if needs == Needs::OneProcess || needs == Needs::Exits {
                0
            } else {
                size
            };
            let row = rows::build(definition, shown, &world, &drivers, |who| {
                args.takes_part(who)
            })?;
            if row.contenders.is_empty() {
                continue;
            }
            match measure(row, args.rounds, if args.quick { 4 } else { 1 }) {
                Ok(measured) => results.push(measured),
                Err(error) => {
                    eprintln!("NOT MEASURED: {error:#}");
                    failed.push(format!("{error:#}"));
                }
            }
        }
    }
    results.sort_by_key(|result: &Measured| {
        (
            ROWS.iter().position(|row| row.name == result.row),
            result.size,
        )
    });
    print!("{}", report::table(&results));
    let path = args
        .json
        .clone()
        .unwrap_or_else(|| directory.join("results.json"));
    let machine = serde_json::json!({
        "kernel": std::fs::read_to_string("/proc/sys/kernel/osrelease")?.trim(),
        "cpus": std::thread::available_parallelism()?.get(),
        "rounds": args.rounds,
    });
    std::fs::write(
        &path,
        serde_json::to_string_pretty(&serde_json::json!({
            "machine": machine, "rows": results, "not_measured": failed,
        }))?,
    )?;
    eprintln!("\nwritten: {}", path.display());
    ensure!(
        failed.is_empty(),
        "{} rows were not measured: the contenders disagree (see above)",
        failed.len()
    );
    Ok(())
}

/// What is set up, one after the other, so that nothing stands in the way of the next.
pub fn plan(args: &Args) -> Vec<(Needs, usize)> {
    let mut plan = vec![
        (Needs::OneProcess, 1),
        (Needs::Exits, 1),
        (Needs::Mappings, args.mappings),
        (Needs::Sockets, args.sockets),
        (Needs::Thousand, if args.quick { 100 } else { 1_000 }),
    ];
    plan.extend(args.processes.iter().map(|size| (Needs::Processes, *size)));
    plan
}

/// Starts what the rows need.
pub fn world(needs: Needs, size: usize) -> Result<World> {
    let mut world = World::default();
    match needs {
        Needs::Processes | Needs::OneProcess | Needs::Thousand => {
            world.sleepers = Some(Sleepers::start(size)?)
        }
        Needs::Sockets => world.sockets = Some(Sockets::start(size)?),
        Needs::Mappings => world.mappings = Some(Mappings::start(size)?),
        Needs::Exits => world.exits = Some(Exits::start()?),
    }
    Ok(world)
}
