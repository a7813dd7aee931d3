//! `pslens free`: how much memory is used.

use std::io::{self, Write};

use pslens::memory::{self, SwapMemory, VirtualMemory};
use serde::Serialize;

use crate::args::LEGEND;
use crate::context::Context;
use crate::exit::{Exit, Result};
use crate::output::{self, Align, Layout, Table, json, units};

/// How much memory and swap is used and free.
///
/// TOTAL is what the kernel can give out, AVAILABLE what programs could get without swapping, USED the
/// difference of the two (free(1) before procps 4.0.2 subtracted free memory and caches instead, which
/// counts shared memory as free). BUFF/CACHE is the block cache, the page cache and the part of the
/// kernel's own caches that can be taken back; SHARED (mostly tmpfs) is a part of it that cannot be.
/// Columns overlap and do not add up.
#[derive(Debug, clap::Args)]
#[command(disable_help_flag = true, after_help = LEGEND, after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// Print help.
    #[arg(long, action = clap::ArgAction::Help)]
    help: Option<bool>,
    /// Sizes in bytes, as --bytes.
    #[arg(short = 'b')]
    in_bytes: bool,
    /// Sizes in K, M, G, which is how they are printed anyway.
    #[arg(short = 'h', long, conflicts_with_all = ["in_bytes", "bytes"])]
    human: bool,
}

const EXAMPLES: &str = "\
Examples:
  pslens free           for people
  pslens free -b        in bytes
  pslens free --json    psutil's virtual_memory() and swap_memory(), two objects

In tables - is unknown: this kernel or container does not tell.
Exit status: 0 done, 2 wrong usage, 3 denied, 5 other failures.";

/// What the library said.
#[derive(Debug)]
pub(crate) struct Data {
    virtual_memory: VirtualMemory,
    swap: SwapMemory,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit> {
    let data = Data {
        virtual_memory: memory::virtual_memory()?,
        swap: memory::swap_memory()?,
    };
    let mut out = output::stdout();
    if context.json {
        json::write(objects(&data), &mut out)?;
    } else {
        let layout = Layout {
            bytes: context.layout.bytes || args.in_bytes,
            ..context.layout
        };
        render(&data, layout, &mut out)?;
    }
    out.flush()?;
    Ok(Exit::Success)
}

/// One object of the JSON answer.
#[derive(Debug, Serialize)]
struct Object<'a> {
    name: &'static str,
    #[serde(flatten)]
    record: Record<'a>,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Record<'a> {
    Virtual(&'a VirtualMemory),
    Swap(&'a SwapMemory),
}

fn objects(data: &Data) -> [Object<'_>; 2] {
    [
        Object {
            name: "virtual",
            record: Record::Virtual(&data.virtual_memory),
        },
        Object {
            name: "swap",
            record: Record::Swap(&data.swap),
        },
    ]
}

fn render(data: &Data, layout: Layout, out: &mut impl Write) -> io::Result<()> {
    let sizes = ["TOTAL", "USED", "FREE", "SHARED", "BUFF/CACHE", "AVAILABLE"];
    let mut table = Table::new(
        std::iter::once(("", Align::Left)).chain(sizes.map(|name| (name, Align::Right))),
    );
    let memory = &data.virtual_memory;
    let cache = match (memory.buffers, memory.cached) {
        (None, None) => None,
        (buffers, cached) => Some(
            buffers
                .unwrap_or_default()
                .saturating_add(cached.unwrap_or_default()),
        ),
    };
    let swap = &data.swap;
    let rows = [
        (
            "Mem:",
            vec![
                Some(memory.total),
                Some(memory.used),
                Some(memory.free),
                memory.shared,
                cache,
                Some(memory.available),
            ],
        ),
        (
            "Swap:",
            vec![Some(swap.total), Some(swap.used), Some(swap.free)],
        ),
    ];
    for (name, values) in rows {
        table.cell(|cell| cell.push_str(name));
        // Swap has no caches: its line ends early, as in free(1).
        for at in 0..sizes.len() {
            table.cell(|cell| match values.get(at) {
                Some(Some(bytes)) => units::push_bytes(cell, *bytes, layout.bytes),
                Some(None) => cell.push('-'),
                None => {}
            });
        }
    }
    table.write(layout, out)
}
