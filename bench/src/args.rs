//! The command line.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail, ensure};

use crate::measure::Who;

pub const HELP: &str = "\
Measures pslens beside psutil, sysinfo, procfs, netstat2 and a hand-written floor.

  --rows a,b              only these rows (see --list)
  --processes 100,1000    sizes of the process rows [100,1000,10000]
  --sockets N             connected sockets of the TCP rows [10000]
  --mappings N            mappings of the memory rows [5000]
  --rounds N              rounds per row [15]
  --quick                 few rounds, small sizes: a check that everything agrees
  --without a,b           leave contenders out (psutil, sysinfo, procfs, netstat2, pslens-py)
  --python                only the Python half: psutil, pslens from Python, and what it stands on
                          (pslens from Rust, the floor)
  --json FILE             where the results go [target directory/pslens-bench.json]
  --syscalls              count system calls of floor and pslens per row with strace
  --trials                measure the alternatives the floor was chosen from
  --programs              the program pslens beside the originals (ps, ss, free), whole processes
  --program FILE          the pslens that --programs measures [built from this repository]
  --list                  print the names of the rows
";

/// Who says nothing about Python.
const RUST_RIVALS: [Who; 3] = [Who::Sysinfo, Who::Procfs, Who::Netstat2];

#[derive(Debug)]
pub struct Args {
    pub rows: Option<Vec<String>>,
    pub processes: Vec<usize>,
    pub sockets: usize,
    pub mappings: usize,
    pub rounds: u32,
    pub quick: bool,
    pub without: Vec<String>,
    pub json: Option<PathBuf>,
    pub syscalls: bool,
    pub trials: bool,
    pub programs: bool,
    pub program: Option<PathBuf>,
    pub list: bool,
    pub help: bool,
}

impl Args {
    pub fn parse(arguments: impl Iterator<Item = String>) -> Result<Self> {
        let mut args = Self {
            rows: None,
            processes: vec![100, 1_000, 10_000],
            sockets: 10_000,
            mappings: 5_000,
            rounds: 15,
            quick: false,
            without: Vec::new(),
            json: None,
            syscalls: false,
            trials: false,
            programs: false,
            program: None,
            list: false,
            help: false,
        };
        let mut sizes = false;
        let mut arguments = arguments;
        while let Some(argument) = arguments.next() {
            let mut value = || {
                arguments
                    .next()
                    .with_context(|| format!("{argument} needs a value"))
            };
            match argument.as_str() {
                "--rows" => args.rows = Some(list(&value()?)),
                "--processes" => {
                    sizes = true;
                    args.processes = list(&value()?)
                        .iter()
                        .map(|size| {
                            size.parse()
                                .with_context(|| format!("--processes: {size:?} is not a number"))
                        })
                        .collect::<Result<_>>()?;
                }
                "--sockets" => args.sockets = value()?.parse().context("--sockets: a number")?,
                "--mappings" => args.mappings = value()?.parse().context("--mappings: a number")?,
                "--rounds" => args.rounds = value()?.parse().context("--rounds: a number")?,
                "--quick" => args.quick = true,
                "--without" => args.without.extend(list(&value()?)),
                "--python" => args
                    .without
                    .extend(RUST_RIVALS.map(|who| who.name().to_owned())),
                "--json" => args.json = Some(value()?.into()),
                "--syscalls" => args.syscalls = true,
                "--trials" => args.trials = true,
                "--programs" => args.programs = true,
                "--program" => args.program = Some(value()?.into()),
                "--list" => args.list = true,
                "--help" | "-h" => args.help = true,
                other => bail!("unknown argument {other:?}\n\n{HELP}"),
            }
        }
        for name in &args.without {
            ensure!(
                Who::ALL.iter().any(|who| who.name() == name),
                "no contender is called {name}"
            );
        }
        if args.quick {
            args.rounds = args.rounds.min(3);
            args.sockets = args.sockets.min(1_000);
            args.mappings = args.mappings.min(500);
            if !sizes {
                args.processes = vec![100];
            }
        }
        Ok(args)
    }

    pub fn takes_part(&self, who: Who) -> bool {
        !self.without.iter().any(|left_out| left_out == who.name())
    }

    pub fn wants(&self, row: &str) -> bool {
        self.rows
            .as_ref()
            .is_none_or(|rows| rows.iter().any(|wanted| wanted == row))
    }
}

fn list(text: &str) -> Vec<String> {
    text.split(',')
        .map(str::trim)
        .filter(|item| !item.is_empty())
        .map(str::to_owned)
        .collect()
}
