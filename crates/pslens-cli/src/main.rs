//! `pslens`: one program for ps, top, lsof, netstat, df and their kin.
//!
//! Each tool is one file (or folder) in `cmd/`: its arguments, whose documentation is its help; the columns
//! of its table, which `listing/` sorts, filters and writes; and `run`, which asks the library. Nothing in
//! this crate reads the operating system.

#![forbid(unsafe_code)]

mod args;
mod cmd;
mod context;
mod exit;
mod forest;
mod letters;
mod listing;
mod output;
mod select;
mod signals;
mod spelling;
mod system;
mod targets;

use std::io::Write;
use std::process::ExitCode;

use crate::args::Cli;
use crate::context::Context;
use crate::exit::Exit;

fn main() -> ExitCode {
    system::start();
    let cli = match Cli::of(std::env::args_os()) {
        Ok(cli) => cli,
        Err(error) => return refuse(&error),
    };
    let done = Context::new(&cli.global).and_then(|context| cli.tool.run(&context));
    match done {
        Ok(exit) => exit.into(),
        // Who reads has seen enough (`pslens ps | head`).
        Err(failure) if failure.is_broken_pipe() => Exit::Success.into(),
        Err(failure) => {
            output::note(&failure.to_string());
            failure.exit().into()
        }
    }
}

/// Help and version go to stdout; a mistake is one line on stderr.
fn refuse(error: &clap::Error) -> ExitCode {
    use clap::error::ErrorKind;
    if !error.use_stderr() {
        // A reader that has gone has seen enough.
        let _ = error.print();
        return Exit::Success.into();
    }
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        let _ = error.print();
        return Exit::Usage.into();
    }
    let _ = writeln!(std::io::stderr(), "pslens: {}", args::one_line(error));
    Exit::Usage.into()
}
