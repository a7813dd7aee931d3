//! What every tool needs to know besides its own arguments.

use std::cell::OnceCell;
use std::io::IsTerminal;
use std::path::Path;
use std::time::SystemTime;

use clap::ColorChoice;
use jiff::tz::TimeZone;
use pslens::Root;

use crate::args::Global;
use crate::exit::{Exit, Failure, Result};
use crate::output::{Layout, Sizes};

/// The options of every tool, checked, and the moment at which it was called.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) json: bool,
    /// What is read about processes, memory, mounts and sockets is the running system's.
    pub(crate) running: bool,
    pub(crate) layout: Layout,
    pub(crate) clock: Clock,
}

/// The present, and local time.
#[derive(Debug)]
pub(crate) struct Clock {
    /// `None` if what is read is not the running system: nobody knows when it was captured.
    pub(crate) now: Option<SystemTime>,
    zone: OnceCell<TimeZone>,
}

impl Clock {
    pub(crate) fn at(now: Option<SystemTime>) -> Self {
        Self {
            now,
            zone: OnceCell::new(),
        }
    }

    pub(crate) fn zone(&self) -> &TimeZone {
        // Read at the first time that is shown: most tables show none.
        self.zone.get_or_init(TimeZone::system)
    }
}

impl Context {
    /// The same at this moment.
    pub(crate) fn now(&self) -> Self {
        let layout = Layout {
            width: terminal_width(),
            ..self.layout
        };
        let mut context = self.with(layout);
        context.clock.now = self.running.then(SystemTime::now);
        context
    }

    /// The same for tables that look different.
    pub(crate) fn with(&self, layout: Layout) -> Self {
        Self {
            layout,
            clock: Clock {
                now: self.clock.now,
                zone: self.clock.zone.clone(),
            },
            ..*self
        }
    }

    /// The same with sizes in the units that a tool's own options ask for, if they do.
    pub(crate) fn with_sizes(&self, sizes: Option<Sizes>) -> Self {
        self.with(Layout {
            sizes: sizes.unwrap_or(self.layout.sizes),
            ..self.layout
        })
    }

    pub(crate) fn new(global: &Global) -> Result<Self> {
        choose_root(global.procfs.as_deref(), global.sysfs.as_deref())?;
        // Another sysfs beside the running system's procfs makes nobody's present unknown.
        let running = match &global.procfs {
            Some(procfs) => Root::at(procfs, "/sys")?.is_running_system(),
            None => true,
        };
        Ok(Self {
            json: global.json,
            running,
            layout: Layout {
                sizes: match global.bytes {
                    true => Layout::RAW.sizes,
                    false => Sizes::Human,
                },
                header: !global.no_header,
                width: terminal_width(),
                color: is_colored(global.color),
            },
            clock: Clock::at(running.then(SystemTime::now)),
        })
    }
}

#[cfg(test)]
impl Context {
    /// Of a captured machine, without headings.
    pub(crate) fn captured() -> Self {
        Self {
            json: false,
            running: false,
            layout: Layout {
                sizes: Sizes::Human,
                header: false,
                width: None,
                color: false,
            },
            clock: Clock::at(None),
        }
    }
}

fn choose_root(procfs: Option<&Path>, sysfs: Option<&Path>) -> Result<()> {
    if procfs.is_none() && sysfs.is_none() {
        return Ok(());
    }
    for (option, path) in [("--procfs", procfs), ("--sysfs", sysfs)] {
        if let Some(path) = path
            && !path.is_dir()
        {
            let message = format!("{option}: '{}' is not a directory", path.display());
            return Err(Failure::message(Exit::NotFound, message));
        }
    }
    let procfs = procfs.unwrap_or(Path::new("/proc"));
    let sysfs = sysfs.unwrap_or(Path::new("/sys"));
    Ok(Root::set_current(Root::at(procfs, sysfs)?)?)
}

/// Colours are for terminals, and for those who do not object to them (<https://no-color.org>).
fn is_colored(choice: ColorChoice) -> bool {
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => {
            let objection = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
            let dumb = std::env::var_os("TERM").is_some_and(|terminal| terminal == "dumb");
            !objection && !dumb && std::io::stdout().is_terminal()
        }
    }
}

/// The width of the terminal that the table goes to, if it goes to one.
fn terminal_width() -> Option<usize> {
    if !std::io::stdout().is_terminal() {
        return None;
    }
    terminal_size::terminal_size().map(|(width, _)| usize::from(width.0))
}
