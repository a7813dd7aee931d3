//! `--batch`: samples as plain text, or as JSON.

use std::io::Write;
use std::time::{SystemTime, UNIX_EPOCH};

use pslens::Root;
use pslens::cpu::{PerCpu, TimesPercent};
use pslens::host::LoadAverage;
use pslens::memory::{SwapMemory, VirtualMemory};
use pslens::process::{Attribute, AttributeSet, Info};
use serde::Serialize;

use super::column::{self, Column};
use super::sample::{ALWAYS, Answer, PARTS, Sample, Sampler, Tasks};
use super::session::FIRST;
use super::state::State;
use super::table::{self, Place};
use super::theme::Theme;
use super::{Args, draw, tree};
use crate::context::Context;
use crate::exit::{Exit, Result};
use crate::output::{self, Cell, Table, json, text, time, units};

/// As wide as the table is made where nobody says how wide it may be.
const WIDTH: u16 = 110;

/// What JSON has of every process.
const ATTRIBUTES: AttributeSet = ALWAYS
    .with(Attribute::Cmdline)
    .with(Attribute::MemoryInfo)
    .with(Attribute::MemoryPercent)
    .with(Attribute::Uids)
    .with(Attribute::Username);

pub(super) fn run(args: &Args, context: &Context) -> Result<Exit> {
    let state = args.state();
    let width = context
        .layout
        .width
        .and_then(|width| u16::try_from(width).ok());
    let columns = column::fitting(width.unwrap_or(WIDTH));
    let attributes = if context.json {
        ATTRIBUTES
    } else {
        let mut shown = columns.clone();
        shown.push(state.sort.column);
        column::needs(&shown, state.command_line)
            .with(Attribute::Username)
            .with(Attribute::Uids)
    };
    let mut sampler = Sampler::new(Root::current());
    // Rates need something to compare with.
    sampler.sample(attributes)?;
    std::thread::sleep(state.delay.min(FIRST));
    let mut left = args.samples(context.json);
    let mut out = output::stdout();
    let mut unreadable = 0;
    loop {
        let sample = sampler.sample(attributes)?;
        let context = context.now();
        unreadable = sample.unreadable.max(unreadable);
        let style = draw::style(&state, sample.system.cpu_count);
        let order = table::arrange(&sample.rows, &state, style);
        if context.json {
            write_json(&sample, &order, &context, &mut out)?;
        } else {
            write_text(&sample, &order, &columns, &state, &context, &mut out)?;
        }
        out.flush()?;
        left = left.map(|left| left.saturating_sub(1));
        if left == Some(0) {
            break;
        }
        if !context.json {
            out.write_all(b"\n")?;
        }
        std::thread::sleep(state.delay);
    }
    if unreadable > 0 {
        output::note(&format!("top: {unreadable} processes could not be read"));
        return Ok(Exit::PartlyFailed);
    }
    Ok(Exit::Success)
}

fn write_text(
    sample: &Sample,
    order: &[Place],
    columns: &[&'static Column],
    state: &State,
    context: &Context,
    out: &mut dyn Write,
) -> Result<()> {
    if context.layout.header {
        let head = head(sample, context);
        out.write_all(head.as_bytes())?;
    }
    let style = draw::style(state, sample.system.cpu_count);
    let theme = Theme::detect(false, |name| std::env::var_os(name));
    let headings = columns.iter().map(|column| (column.heading, column.align));
    let mut table = Table::new(headings);
    for place in order {
        let Some(row) = sample.rows.get(place.row) else {
            continue;
        };
        for column in columns {
            table.cell(|text| {
                if column.names_the_process() {
                    tree::push_branch(text, &place.branch, theme);
                }
                column::push(text, &column.cell(row, style), context.layout);
            });
        }
    }
    let mut out = out;
    table.write(context.layout, &mut out)?;
    Ok(())
}

/// The machine in seven lines, and an empty one.
fn head(sample: &Sample, context: &Context) -> String {
    let system = &sample.system;
    let mut head = String::from("pslens top");
    let cell = |head: &mut String, cell: &Cell<'_>| cell.push(head, context.layout, &context.clock);
    if let Some(now) = context.clock.now {
        head.push_str("  ");
        time::push(&mut head, now, time::Style::Full, &context.clock);
        if let Ok(boot) = &system.boot {
            head.push_str("  up ");
            units::push_elapsed(&mut head, now.duration_since(*boot).unwrap_or_default());
        }
    }
    head.push_str("  load ");
    match &system.load {
        Ok(load) => text::append(
            &mut head,
            format_args!("{:.2} {:.2} {:.2}", load.one, load.five, load.fifteen),
        ),
        Err(missing) => cell(&mut head, &(*missing).into()),
    }
    let tasks = &sample.tasks;
    text::append(
        &mut head,
        format_args!(
            "\n{} tasks  {} running  {} sleeping  {} stopped  {} zombie\nCPU  ",
            tasks.all, tasks.running, tasks.sleeping, tasks.stopped, tasks.zombie
        ),
    );
    for (at, (name, part)) in PARTS.into_iter().enumerate() {
        if at > 0 {
            head.push_str("  ");
        }
        head.push_str(name);
        head.push(' ');
        cell(&mut head, &percent(system.cpu(part)));
    }
    let sizes = |head: &mut String, name: &str, sizes: [(&str, Option<u64>); 3]| {
        head.push('\n');
        head.push_str(name);
        for (at, (name, size)) in sizes.into_iter().enumerate() {
            head.push_str(if at > 0 { "  " } else { "" });
            head.push_str(name);
            head.push(' ');
            cell(head, &Cell::bytes(size));
        }
    };
    let memory = system.memory.as_ref().ok();
    sizes(
        &mut head,
        "Mem  ",
        [
            ("total", memory.map(|it| it.total)),
            ("used", memory.map(|it| it.used)),
            ("available", memory.map(|it| it.available)),
        ],
    );
    let swap = system.swap.as_ref().ok();
    sizes(
        &mut head,
        "Swap ",
        [
            ("total", swap.map(|it| it.total)),
            ("used", swap.map(|it| it.used)),
            ("free", swap.map(|it| it.free)),
        ],
    );
    let rate = |rate: Answer<f64>| rate.map_or_else(Cell::from, Cell::BytesRate);
    for (reads, flow, writes) in [
        ("\nDisk read ", &system.disk, "  written "),
        ("\nNet  in ", &system.net, "  out "),
    ] {
        head.push_str(reads);
        cell(&mut head, &rate(flow.read));
        head.push_str(writes);
        cell(&mut head, &rate(flow.written));
    }
    head.push_str("\n\n");
    head
}

fn percent(percent: Answer<f64>) -> Cell<'static> {
    percent.map_or_else(Cell::from, Cell::Percent)
}

/// One array: the machine, then the processes.
fn write_json(
    sample: &Sample,
    order: &[Place],
    context: &Context,
    out: &mut dyn Write,
) -> Result<()> {
    let system = Object::System(Box::new(Machine::of(sample, context)));
    let processes = order.iter().filter_map(|place| sample.rows.get(place.row));
    let processes = processes.map(|row| Object::Process { info: &row.info });
    let mut out = out;
    json::write(std::iter::once(system).chain(processes), &mut out)?;
    Ok(())
}

/// An object of the answer.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Object<'a> {
    System(Box<Machine<'a>>),
    Process {
        #[serde(flatten)]
        info: &'a Info,
    },
}

#[derive(Debug, Serialize)]
struct Machine<'a> {
    time: Option<f64>,
    boot_time: Option<f64>,
    load_average: Option<&'a LoadAverage>,
    cpu_percent: Option<f64>,
    cpus: Option<&'a [PerCpu<TimesPercent>]>,
    virtual_memory: Option<&'a VirtualMemory>,
    swap_memory: Option<&'a SwapMemory>,
    disk_read_rate: Option<f64>,
    disk_write_rate: Option<f64>,
    net_receive_rate: Option<f64>,
    net_send_rate: Option<f64>,
    tasks: &'a Tasks,
}

impl<'a> Machine<'a> {
    fn of(sample: &'a Sample, context: &Context) -> Self {
        let system = &sample.system;
        let seconds = |time: SystemTime| {
            let since = time.duration_since(UNIX_EPOCH);
            since.ok().map(|since| since.as_secs_f64())
        };
        Self {
            time: context.clock.now.and_then(seconds),
            boot_time: system.boot.as_ref().ok().copied().and_then(seconds),
            load_average: system.load.as_ref().ok(),
            cpu_percent: system.cpu_percent().ok(),
            cpus: system.cpus.as_deref().ok(),
            virtual_memory: system.memory.as_ref().ok(),
            swap_memory: system.swap.as_ref().ok(),
            disk_read_rate: system.disk.read.ok(),
            disk_write_rate: system.disk.written.ok(),
            net_receive_rate: system.net.read.ok(),
            net_send_rate: system.net.written.ok(),
            tasks: &sample.tasks,
        }
    }
}
