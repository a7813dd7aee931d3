//! What there is to know about a process in one line each.

use std::ffi::OsStr;

use pslens::process::{Attribute, AttributeSet, Ids, Info};

use crate::context::Clock;
use crate::output::time::Style;
use crate::output::{Cell, Layout};
use crate::system::nice;

/// What has to be read for it.
pub(super) const NEEDS: AttributeSet = AttributeSet::of(&[
    Attribute::Cmdline,
    Attribute::CpuAffinity,
    Attribute::CpuNum,
    Attribute::CpuTimes,
    Attribute::CreateTime,
    Attribute::Cwd,
    Attribute::Exe,
    Attribute::Gids,
    Attribute::IoCounters,
    Attribute::Ionice,
    Attribute::MemoryFootprint,
    Attribute::MemoryInfoEx,
    Attribute::Name,
    Attribute::Nice,
    Attribute::NumCtxSwitches,
    Attribute::NumFds,
    Attribute::NumThreads,
    Attribute::PageFaults,
    Attribute::Ppid,
    Attribute::Status,
    Attribute::Terminal,
    Attribute::Uids,
    Attribute::Username,
]);

/// A line for everything that has one value.
pub(super) fn lines(info: &Info, layout: Layout, clock: &Clock) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = |label: &str, cells: &[Cell<'_>]| {
        let mut line = format!("{label:<14}");
        for (at, cell) in cells.iter().enumerate() {
            if at > 0 {
                line.push_str("  ");
            }
            match cell {
                Cell::Denied => line.push_str("? (denied)"),
                cell => cell.push(&mut line, layout, clock),
            }
        }
        lines.push(line);
    };
    let cell = Cell::of;
    line("Name", &[cell(&info.name, |name| Some(Cell::text(name)))]);
    line(
        "Command line",
        &[Cell::of(&info.cmdline, |words| {
            Some(Cell::owned(words.join(OsStr::new(" "))))
        })],
    );
    line(
        "Program",
        &[Cell::of(&info.exe, |path| path.as_ref().map(Cell::text))],
    );
    line(
        "Directory",
        &[Cell::of(&info.cwd, |path| path.as_ref().map(Cell::text))],
    );
    line(
        "Parent",
        &[Cell::of(&info.ppid, |ppid| {
            Some(Cell::Count(ppid.as_u32().into()))
        })],
    );
    line(
        "Status",
        &[Cell::of(&info.status, |status| {
            Some(Cell::word(status.as_str()))
        })],
    );
    line(
        "Started",
        &[Cell::of(&info.create_time, |time| {
            Some(Cell::Time(*time, Style::Full))
        })],
    );
    line(
        "Terminal",
        &[Cell::of(&info.terminal, |path| {
            path.as_ref().map(Cell::text)
        })],
    );
    let ids = |ids: &Ids| {
        let words = format!(
            "real {}, effective {}, saved {}",
            ids.real, ids.effective, ids.saved
        );
        Some(Cell::owned(words))
    };
    line(
        "User",
        &[
            Cell::of(&info.username, |name| Some(Cell::text(name))),
            Cell::of(&info.uids, ids),
        ],
    );
    line("Groups", &[Cell::of(&info.gids, ids)]);
    line(
        "Nice",
        &[Cell::of(&info.nice, |nice| Some(nice::cell(*nice)))],
    );
    line(
        "I/O priority",
        &[Cell::of(&info.ionice, |io| {
            Some(Cell::owned(io.to_string()))
        })],
    );
    line(
        "Last CPU",
        &[Cell::of(&info.cpu_num, |cpu| {
            cpu.map(|cpu| Cell::Count(cpu.into()))
        })],
    );
    line(
        "May run on",
        &[Cell::of(&info.cpu_affinity, |cpus| {
            Some(Cell::owned(format!("{} CPUs", cpus.len())))
        })],
    );
    line(
        "CPU time",
        &[Cell::of(&info.cpu_times, |times| {
            let (user, system) = (times.user.as_secs_f64(), times.system.as_secs_f64());
            Some(Cell::owned(format!(
                "user {user:.2} s, system {system:.2} s"
            )))
        })],
    );
    line(
        "Switches",
        &[Cell::of(&info.num_ctx_switches, |switches| {
            let involuntary = switches.involuntary.map(|it| format!(", involuntary {it}"));
            let involuntary = involuntary.unwrap_or_default();
            Some(Cell::owned(format!(
                "voluntary {}{involuntary}",
                switches.voluntary
            )))
        })],
    );
    line(
        "Threads",
        &[Cell::of(&info.num_threads, |it| {
            Some(Cell::Count((*it).into()))
        })],
    );
    line(
        "Descriptors",
        &[Cell::of(&info.num_fds, |it| {
            Some(Cell::Count((*it).into()))
        })],
    );
    line(
        "Memory",
        &[Cell::of(&info.memory_info_ex, |memory| {
            Some(sizes(
                &[
                    ("resident", Some(memory.info.rss)),
                    ("virtual", Some(memory.info.vms)),
                    ("shared", memory.info.shared),
                    ("largest", memory.peak_rss),
                    ("swapped", memory.swap),
                ],
                layout,
            ))
        })],
    );
    line(
        "Footprint",
        &[Cell::of(&info.memory_footprint, |memory| {
            Some(sizes(
                &[("own", Some(memory.uss)), ("proportional", memory.pss)],
                layout,
            ))
        })],
    );
    line(
        "Page faults",
        &[Cell::of(&info.page_faults, |faults| {
            Some(Cell::owned(format!(
                "minor {}, major {}",
                faults.minor, faults.major
            )))
        })],
    );
    line(
        "Input, output",
        &[Cell::of(&info.io_counters, |io| {
            Some(sizes(
                &[("read", io.read_bytes), ("written", io.write_bytes)],
                layout,
            ))
        })],
    );
    lines
}

/// `resident 1.2M, shared -`.
fn sizes(parts: &[(&str, Option<u64>)], layout: Layout) -> Cell<'static> {
    let mut out = String::new();
    for (name, size) in parts {
        if !out.is_empty() {
            out.push_str(", ");
        }
        out.push_str(name);
        out.push(' ');
        Cell::bytes(*size).push(&mut out, layout, &Clock::at(None));
    }
    Cell::owned(out)
}
