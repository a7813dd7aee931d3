//! `--programs`: the program `pslens` beside the originals, from the start of the process to its end.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, bail, ensure};

use crate::args::Args;
use crate::measure::{Timing, timing};
use crate::report::duration;
use crate::rows::Needs;
use crate::{work_directory, world};

/// Two command lines with the same answer.
struct Pair {
    needs: Needs,
    original: &'static str,
    pslens: &'static str,
}

const PAIRS: &[Pair] = &[
    Pair {
        needs: Needs::OneProcess,
        original: "free",
        pslens: "free",
    },
    Pair {
        needs: Needs::OneProcess,
        original: "uptime",
        pslens: "uptime",
    },
    Pair {
        needs: Needs::Processes,
        original: "ps -eo pid,comm",
        pslens: "ps -eo pid,comm",
    },
    Pair {
        needs: Needs::Processes,
        original: "ps -eo pid,ppid,user,stat,rss,vsz,nlwp,time,lstart,comm,args",
        pslens: "ps -eo pid,ppid,user,stat,rss,vsz,nlwp,time,lstart,comm,args",
    },
    Pair {
        needs: Needs::Processes,
        original: "ps aux",
        pslens: "ps aux",
    },
    Pair {
        needs: Needs::Processes,
        original: "ps -ef",
        pslens: "ps -ef",
    },
    Pair {
        needs: Needs::Sockets,
        original: "ss -tanp",
        pslens: "netstat -tanp",
    },
];

/// The answers may differ by headings and by what comes and goes between them: lines, and a share of all.
const LINES_APART: usize = 20;
const SHARE_APART: usize = 50;

pub fn run(args: &Args) -> Result<()> {
    let program = match &args.program {
        Some(program) => program.clone(),
        None => built()?,
    };
    println!(
        "| Original | pslens | size | original, minimum | median | pslens, minimum | median | of the minima | paired |"
    );
    println!("|---|---|---:|---:|---:|---:|---:|---:|---:|");
    let mut sizes = vec![(Needs::OneProcess, 1), (Needs::Sockets, args.sockets)];
    sizes.extend(args.processes.iter().map(|size| (Needs::Processes, *size)));
    for (needs, size) in sizes {
        let _world = world(needs, size)?;
        for pair in PAIRS.iter().filter(|pair| pair.needs == needs) {
            println!("{}", measured(pair, size, &program, args.rounds)?);
        }
    }
    Ok(())
}

/// The program of this repository.
fn built() -> Result<PathBuf> {
    let target = work_directory()?.join("program");
    let status = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args([
            "build",
            "--quiet",
            "--release",
            "--package",
            "pslens-cli",
            "--target-dir",
        ])
        .arg(&target)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
        .status()
        .context("cannot start cargo")?;
    ensure!(status.success(), "pslens-cli cannot be built");
    Ok(target.join("release/pslens"))
}

/// A line of the table: in every round both run, now the one first and now the other.
fn measured(pair: &Pair, size: usize, program: &Path, rounds: u32) -> Result<String> {
    let mut words = pair.original.split(' ');
    let mut original = Command::new(words.next().unwrap_or_default());
    original.args(words);
    let mut pslens = Command::new(program);
    pslens.args(pair.pslens.split(' '));
    let mut both = [original, pslens];
    let [theirs, ours] = [lines(&mut both[0])?, lines(&mut both[1])?];
    ensure!(
        theirs.abs_diff(ours) <= LINES_APART + theirs / SHARE_APART,
        "{}: {theirs} lines, of pslens {ours}: that is not the same work",
        pair.original
    );
    let mut times = [Vec::new(), Vec::new()];
    for round in 0..rounds {
        for turn in [round % 2, (round + 1) % 2] {
            let turn = turn as usize;
            times[turn].push(once(&mut both[turn])?);
        }
    }
    let mut paired: Vec<f64> = times[0]
        .iter()
        .zip(&times[1])
        .map(|(theirs, ours)| ours / theirs)
        .collect();
    paired.sort_by(f64::total_cmp);
    let paired = paired.get(paired.len() / 2).context("no rounds")?;
    let [theirs, ours]: [Timing; 2] = times.map(|rounds| timing(rounds, 1));
    let size = match pair.needs {
        Needs::OneProcess => "-".to_owned(),
        _ => size.to_string(),
    };
    Ok(format!(
        "| `{}` | `{}` | {size} | {} | {} | {} | {} | {:.2} | {paired:.2} |",
        pair.original,
        pair.pslens,
        duration(theirs.minimum_ns),
        duration(theirs.median_ns),
        duration(ours.minimum_ns),
        duration(ours.median_ns),
        ours.minimum_ns / theirs.minimum_ns,
    ))
}

fn lines(command: &mut Command) -> Result<usize> {
    let output = command
        .output()
        .with_context(|| format!("cannot start {command:?}"))?;
    ensure!(output.status.success(), "{command:?}: {output:?}");
    Ok(output.stdout.split(|byte| *byte == b'\n').count())
}

/// Nanoseconds from before the start to after the end.
fn once(command: &mut Command) -> Result<f64> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let start = Instant::now();
    let status = command.status()?;
    let elapsed = start.elapsed();
    if !status.success() {
        bail!("{command:?}: {status}");
    }
    Ok(elapsed.as_nanos() as f64)
}
