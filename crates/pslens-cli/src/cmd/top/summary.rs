//! The upper part of the screen: the machine in meters and graphs, as much of it as there is room for.

use std::time::SystemTime;

use pslens::cpu::{PerCpu, TimesPercent};
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::draw::Model;
use super::history::Series;
use super::pen::Pen;
use super::sample::{Answer, PARTS, busy};
use crate::output::text::append;
use crate::output::time;
use crate::output::units;
use crate::output::{Align, Cell, Layout, Sizes};

/// How much of the machine is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Size {
    /// Two lines of numbers.
    Small,
    /// A meter per line.
    Medium,
    /// Graphs of several lines.
    Large,
}

/// Lines of a graph on large screens, its heading among them.
const PANEL: u16 = 6;

/// The narrowest meter of a CPU: number, bar, percent.
const CORE: u16 = 12;

/// Lines for meters of CPUs on large screens, at most.
const MOST_CORES: u16 = 4;

/// The widest one: more would not say more.
const WIDEST_CORE: u16 = 50;

impl Size {
    const fn of(area: Rect) -> Self {
        match (area.width, area.height) {
            (100.., 36..) => Self::Large,
            (60.., 18..) => Self::Medium,
            _ => Self::Small,
        }
    }
}

/// How many lines the summary takes of a screen.
pub(super) fn height(area: Rect, cpus: usize, cores: bool) -> u16 {
    match Size::of(area) {
        Size::Small => 2,
        Size::Medium => 6,
        Size::Large if cores => {
            let bars = core_lines(area.width, cpus);
            let dots = cpus.div_ceil(usize::from(area.width));
            // Bars as long as they leave room for processes.
            let lines = if bars <= MOST_CORES {
                bars
            } else {
                u16::try_from(dots).unwrap_or(u16::MAX)
            };
            2 + PANEL + lines.min(MOST_CORES)
        }
        Size::Large => 2 + PANEL,
    }
}

/// Lines that meters of so many CPUs take.
fn core_lines(width: u16, cpus: usize) -> u16 {
    let beside = usize::from((width / CORE).max(1));
    u16::try_from(cpus.div_ceil(beside)).unwrap_or(u16::MAX)
}

/// Draws it.
pub(super) fn draw(pen: &mut Pen<'_>, area: Rect, whole: Rect, model: &Model<'_>) {
    let line = |at: u16| Rect {
        y: area.y + at,
        height: 1,
        ..area
    };
    match Size::of(whole) {
        Size::Small => small(pen, [line(0), line(1)], model),
        size => {
            title(pen, line(0), model);
            tasks(pen, line(1), model);
            let rest = Rect {
                y: area.y + 2,
                height: area.height.saturating_sub(2),
                ..area
            };
            match size {
                Size::Large => large(pen, rest, model),
                _ => medium(pen, rest, model),
            }
        }
    }
}

/// `pslens top  2026-11-22 11:03:22  up 3-04:05:06  load 0.52 0.61 0.70`.
fn title(pen: &mut Pen<'_>, line: Rect, model: &Model<'_>) {
    let mut text = std::mem::take(&mut pen.scratch);
    text.clear();
    text.push_str("pslens top");
    if let Some(now) = model.clock.now {
        text.push_str("  ");
        time::push(&mut text, now, time::Style::Full, model.clock);
        push_uptime(&mut text, now, &model.sample.system.boot);
    }
    text.push_str("  load ");
    push_load(&mut text, model);
    pen.put(line, &text, pen.theme.title());
    text.clear();
    if model.state.frozen {
        text.push_str("FROZEN");
    } else {
        append(&mut text, format_args!("every {:?}", model.state.delay));
    }
    let style = if model.state.frozen {
        pen.theme.alarm()
    } else {
        pen.theme.dim()
    };
    pen.aligned(line, &text, Align::Right, style);
    pen.scratch = text;
}

fn push_uptime(text: &mut String, now: SystemTime, boot: &Answer<SystemTime>) {
    text.push_str("  up ");
    match boot {
        Ok(boot) => units::push_elapsed(text, now.duration_since(*boot).unwrap_or_default()),
        Err(missing) => push_cell(text, &(*missing).into()),
    }
}

fn push_load(text: &mut String, model: &Model<'_>) {
    match &model.sample.system.load {
        Ok(load) => append(
            text,
            format_args!("{:.2} {:.2} {:.2}", load.one, load.five, load.fifteen),
        ),
        Err(missing) => push_cell(text, &(*missing).into()),
    }
}

fn push_cell(text: &mut String, cell: &Cell<'_>) {
    let layout = Layout {
        sizes: Sizes::Human,
        ..Layout::RAW
    };
    cell.push(text, layout, &crate::context::Clock::at(None));
}

fn push_percent(text: &mut String, percent: &Answer<f64>) {
    match percent {
        Ok(percent) => append(text, format_args!("{percent:.1}%")),
        Err(missing) => push_cell(text, &(*missing).into()),
    }
}

/// `1.2M/s`.
fn push_rate(text: &mut String, rate: &Answer<f64>) {
    match rate {
        Ok(rate) => {
            units::push_rate(text, *rate, Sizes::Human);
            text.push_str("/s");
        }
        Err(missing) => push_cell(text, &(*missing).into()),
    }
}

/// `213 tasks  1 running  212 sleeping  0 stopped  0 zombie`, and what the CPUs spent their time on.
fn tasks(pen: &mut Pen<'_>, line: Rect, model: &Model<'_>) {
    let tasks = &model.sample.tasks;
    let mut text = std::mem::take(&mut pen.scratch);
    text.clear();
    append(
        &mut text,
        format_args!(
            "{} tasks  {} running  {} sleeping  {} stopped  {} zombie",
            tasks.all, tasks.running, tasks.sleeping, tasks.stopped, tasks.zombie
        ),
    );
    if line.width >= 100 {
        text.push_str("   CPU:");
        for (name, part) in PARTS {
            append(&mut text, format_args!("  {name} "));
            push_percent(&mut text, &model.sample.system.cpu(part));
        }
    }
    pen.put(line, &text, Style::new());
    pen.scratch = text;
}

/// Two lines for screens that have no more.
fn small(pen: &mut Pen<'_>, lines: [Rect; 2], model: &Model<'_>) {
    let system = &model.sample.system;
    let mut text = std::mem::take(&mut pen.scratch);
    text.clear();
    text.push_str("CPU ");
    push_percent(&mut text, &system.cpu_percent());
    text.push_str(" Mem ");
    push_percent(&mut text, &percent(&system.memory, |memory| memory.percent));
    text.push_str(" Swap ");
    push_percent(&mut text, &percent(&system.swap, |swap| swap.percent));
    pen.put(lines[0], &text, pen.theme.title());
    text.clear();
    if model.state.frozen {
        text.push_str("FROZEN ");
    }
    append(&mut text, format_args!("{} tasks ", model.sample.tasks.all));
    text.push_str("load ");
    push_load(&mut text, model);
    pen.put(lines[1], &text, Style::new());
    pen.scratch = text;
}

fn percent<T>(answer: &Answer<T>, part: impl FnOnce(&T) -> f64) -> Answer<f64> {
    answer.as_ref().map(part).map_err(|missing| *missing)
}

/// Left all CPUs and each, right memory, swap, disk and network.
fn medium(pen: &mut Pen<'_>, area: Rect, model: &Model<'_>) {
    let left = Rect {
        width: area.width / 2 - 1,
        ..area
    };
    let right = Rect {
        x: area.x + area.width / 2,
        width: area.width - area.width / 2,
        ..area
    };
    let system = &model.sample.system;
    let of = |area: Rect, at: u16| Rect {
        y: area.y + at,
        height: 1,
        ..area
    };
    let mut text = String::new();
    push_percent(&mut text, &system.cpu_percent());
    let series = &model.history.cpu;
    meter(pen, of(left, 0), "CPU", &text, 7, Some((series, 100.0)));
    let cores = Rect {
        y: left.y + 1,
        height: left.height.saturating_sub(1),
        ..left
    };
    if model.state.cores {
        draw_cores(pen, cores, model);
    }
    text.clear();
    push_memory(&mut text, model);
    let series = &model.history.memory;
    meter(pen, of(right, 0), "Mem", &text, 17, Some((series, 100.0)));
    text.clear();
    push_swap(&mut text, model);
    meter(pen, of(right, 1), "Swap", &text, 17, None);
    let flows = [
        (
            "Disk",
            &system.disk,
            &model.history.disk_read,
            &model.history.disk_write,
            "r",
            "w",
        ),
        (
            "Net",
            &system.net,
            &model.history.net_received,
            &model.history.net_sent,
            "in",
            "out",
        ),
    ];
    for (at, (name, flow, read, written, reads, writes)) in flows.into_iter().enumerate() {
        let y = 2 + u16::try_from(at).unwrap_or_default();
        let line = of(right, y);
        let half = |second: bool| Rect {
            x: if second {
                line.x + 5 + (line.width - 5) / 2
            } else {
                line.x
            },
            width: if second {
                (line.width - 5).div_ceil(2)
            } else {
                5 + (line.width - 5) / 2
            },
            ..line
        };
        text.clear();
        append(&mut text, format_args!("{reads} "));
        push_rate(&mut text, &flow.read);
        meter(pen, half(false), name, &text, 11, Some((read, 0.0)));
        text.clear();
        append(&mut text, format_args!("{writes} "));
        push_rate(&mut text, &flow.written);
        meter(pen, half(true), "", &text, 12, Some((written, 0.0)));
    }
}

fn push_memory(text: &mut String, model: &Model<'_>) {
    match &model.sample.system.memory {
        Ok(memory) => {
            units::push_bytes(text, memory.used, Sizes::Human);
            text.push('/');
            units::push_bytes(text, memory.total, Sizes::Human);
            append(text, format_args!(" {:.0}%", memory.percent));
        }
        Err(missing) => push_cell(text, &(*missing).into()),
    }
}

fn push_swap(text: &mut String, model: &Model<'_>) {
    match &model.sample.system.swap {
        Ok(swap) if swap.total == 0 => text.push_str("none"),
        Ok(swap) => {
            units::push_bytes(text, swap.used, Sizes::Human);
            text.push('/');
            units::push_bytes(text, swap.total, Sizes::Human);
            append(text, format_args!(" {:.0}%", swap.percent));
        }
        Err(missing) => push_cell(text, &(*missing).into()),
    }
}

/// A label, what is measured, and behind it as much of a graph as fits. `top` 0 means the largest value.
fn meter(
    pen: &mut Pen<'_>,
    line: Rect,
    label: &str,
    text: &str,
    width: u16,
    graph: Option<(&Series, f64)>,
) {
    let label_width = if label.is_empty() { 0 } else { 5 };
    pen.put(line, label, pen.theme.label());
    let value = Rect {
        x: line.x + label_width,
        width: line.width.saturating_sub(label_width),
        ..line
    };
    pen.put(value, text, Style::new());
    if let Some((series, top)) = graph {
        let graph = Rect {
            x: value.x + width,
            width: value.width.saturating_sub(width + 1),
            ..line
        };
        pen.graph(graph, series, top);
    }
}

/// Graphs of several lines, side by side, and below them each CPU.
fn large(pen: &mut Pen<'_>, area: Rect, model: &Model<'_>) {
    let system = &model.sample.system;
    let width = area.width / 4;
    let panel = |at: u16, from: u16, height: u16| Rect {
        x: area.x + at * width,
        y: area.y + from,
        width: width - 1,
        height,
    };
    let history = model.history;
    let mut text = String::new();
    push_percent(&mut text, &system.cpu_percent());
    meter(pen, panel(0, 0, 1), "CPU", &text, 0, None);
    pen.graph(panel(0, 1, PANEL - 2), &history.cpu, 100.0);
    text.clear();
    push_memory(&mut text, model);
    text.push_str("  swap ");
    push_swap(&mut text, model);
    meter(pen, panel(1, 0, 1), "Mem", &text, 0, None);
    pen.graph(panel(1, 1, PANEL - 2), &history.memory, 100.0);
    let flows = [
        (
            2,
            "Disk",
            &system.disk,
            &history.disk_read,
            &history.disk_write,
            "read",
            "written",
        ),
        (
            3,
            "Net",
            &system.net,
            &history.net_received,
            &history.net_sent,
            "in",
            "out",
        ),
    ];
    for (at, name, flow, read, written, reads, writes) in flows {
        text.clear();
        append(&mut text, format_args!("{reads} "));
        push_rate(&mut text, &flow.read);
        append(&mut text, format_args!("  {writes} "));
        push_rate(&mut text, &flow.written);
        meter(pen, panel(at, 0, 1), name, &text, 0, None);
        let half = (PANEL - 2) / 2;
        pen.graph(panel(at, 1, half), read, 0.0);
        pen.graph(panel(at, 1 + half, half), written, 0.0);
    }
    if model.state.cores {
        let cores = Rect {
            y: area.y + PANEL,
            height: area.height.saturating_sub(PANEL),
            ..area
        };
        draw_cores(pen, cores, model);
    }
}

/// A bar per CPU, or a character per CPU where there is no room for bars.
fn draw_cores(pen: &mut Pen<'_>, area: Rect, model: &Model<'_>) {
    let Ok(cpus) = &model.sample.system.cpus else {
        return;
    };
    if area.height == 0 {
        return;
    }
    if core_lines(area.width, cpus.len()) > area.height {
        return draw_core_dots(pen, area, cpus);
    }
    let rows = usize::from(area.height);
    let beside = cpus.len().div_ceil(rows).max(1);
    let width = (area.width / u16::try_from(beside).unwrap_or(u16::MAX).max(1)).min(WIDEST_CORE);
    let mut text = String::new();
    for (at, cpu) in cpus.iter().enumerate() {
        let (row, column) = (at / beside, at % beside);
        let place = |offset: u16, wide: u16| Rect {
            x: area.x + u16::try_from(column).unwrap_or_default() * width + offset,
            y: area.y + u16::try_from(row).unwrap_or_default(),
            width: wide,
            height: 1,
        };
        let percent = busy(&cpu.value);
        text.clear();
        append(&mut text, format_args!("{:>3}", cpu.cpu));
        pen.put(place(0, 3), &text, pen.theme.label());
        text.clear();
        append(&mut text, format_args!("{percent:>3.0}%"));
        pen.put(place(width.saturating_sub(5), 4), &text, Style::new());
        pen.bar(place(4, width.saturating_sub(10)), percent / 100.0);
    }
}

fn draw_core_dots(pen: &mut Pen<'_>, area: Rect, cpus: &[PerCpu<TimesPercent>]) {
    for (at, cpu) in cpus.iter().enumerate() {
        let width = usize::from(area.width.max(1));
        let (Ok(x), Ok(y)) = (u16::try_from(at % width), u16::try_from(at / width)) else {
            return;
        };
        if y >= area.height {
            return;
        }
        pen.level(area.x + x, area.y + y, busy(&cpu.value) / 100.0);
    }
}
