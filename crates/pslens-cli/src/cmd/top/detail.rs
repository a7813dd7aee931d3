//! Everything about one process, a tab at a time. Only the tab that is open is read.

use std::io::Write;

use pslens::net::{Address, ConnectionKind};
use pslens::process::{Attribute, AttributeSet, Field, Info, Limit, Resource};
use pslens::{Error, ErrorKind, Process};

use super::overview;
use crate::context::Clock;
use crate::exit::explained;
use crate::output::{Align, Cell, Layout, Table, text};

/// A part of what is known about a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tab {
    Overview,
    Threads,
    Files,
    Sockets,
    Maps,
    Environment,
    Limits,
}

impl Tab {
    pub(super) const ALL: [Self; 7] = [
        Self::Overview,
        Self::Threads,
        Self::Files,
        Self::Sockets,
        Self::Maps,
        Self::Environment,
        Self::Limits,
    ];

    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Threads => "Threads",
            Self::Files => "Files",
            Self::Sockets => "Sockets",
            Self::Maps => "Maps",
            Self::Environment => "Environ",
            Self::Limits => "Limits",
        }
    }

    /// The next one, or the one before; the last is beside the first.
    pub(super) fn beside(self, step: isize) -> Self {
        let count = Self::ALL.len();
        let at = Self::ALL.iter().position(|tab| *tab == self);
        let at = at.unwrap_or_default().checked_add_signed(step);
        Self::ALL[at.unwrap_or(count - 1) % count]
    }

    const fn attributes(self) -> AttributeSet {
        match self {
            Self::Overview => overview::NEEDS,
            Self::Threads => AttributeSet::of(&[Attribute::Threads]),
            Self::Files => AttributeSet::of(&[Attribute::OpenFiles]),
            Self::Maps => AttributeSet::of(&[Attribute::MemoryMaps]),
            Self::Environment => AttributeSet::of(&[Attribute::Environ]),
            // Asked for one by one.
            Self::Sockets | Self::Limits => AttributeSet::EMPTY,
        }
    }
}

/// What a tab shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Content {
    /// Lines, the first of which names their columns if there is a heading.
    Lines { heading: bool, lines: Vec<String> },
    /// Why there is nothing to show.
    Nothing(String),
}

impl Content {
    /// How many lines it has.
    pub(super) fn height(&self) -> usize {
        match self {
            Self::Lines { lines, .. } => lines.len(),
            Self::Nothing(_) => 1,
        }
    }
}

const DENIED: &str = "denied: only its user and root may see this";

/// Reads what a tab shows of a process.
pub(super) fn read(process: &Process, tab: Tab, layout: Layout, clock: &Clock) -> Content {
    let result = match tab {
        Tab::Sockets => sockets(process),
        Tab::Limits => limits(process),
        tab => process
            .info(tab.attributes())
            .map(|info| shown(&info, tab, layout, clock)),
    };
    result.unwrap_or_else(|error| Content::Nothing(reason(&error)))
}

fn reason(error: &Error) -> String {
    match error.kind() {
        ErrorKind::NoSuchProcess => "the process has ended".to_owned(),
        ErrorKind::ZombieProcess => ZOMBIE.to_owned(),
        ErrorKind::AccessDenied => DENIED.to_owned(),
        _ => explained(error),
    }
}

const ZOMBIE: &str = "a zombie has none any more: it has ended, and its parent has not asked how";

fn shown(info: &Info, tab: Tab, layout: Layout, clock: &Clock) -> Content {
    match tab {
        Tab::Overview => Content::Lines {
            heading: false,
            lines: overview::lines(info, layout, clock),
        },
        Tab::Threads => field(&info.threads, |threads| {
            let mut table = Grid::new(&["TID", "USER", "SYSTEM"], &["NAME"]);
            for thread in threads {
                table.cell(&Cell::Count(thread.id.into()), layout);
                table.cell(&Cell::Seconds(thread.user_time), layout);
                table.cell(&Cell::Seconds(thread.system_time), layout);
                table.cell(&Cell::some_text(thread.name.as_ref()), layout);
            }
            table.lines()
        }),
        Tab::Files => field(&info.open_files, |files| {
            let mut table = Grid::new(&["FD", "MODE", "POSITION"], &["PATH"]);
            for file in files {
                table.cell(&Cell::count(file.fd), layout);
                let mode = file
                    .mode
                    .map_or(Cell::Unknown, |mode| Cell::word(mode.as_str()));
                table.cell(&mode, layout);
                table.cell(&Cell::count(file.position), layout);
                table.text(|out| {
                    text::push(out, file.path.as_os_str());
                    if file.deleted == Some(true) {
                        out.push_str(" (deleted)");
                    }
                });
            }
            table.lines()
        }),
        Tab::Maps => field(&info.memory_maps, |maps| {
            let mut table = Grid::new(
                &["ADDRESS", "MODE", "SIZE", "RSS", "PSS", "DIRTY"],
                &["PATH"],
            );
            for map in maps {
                match &map.address {
                    Some(at) => {
                        table.text(|out| text::append(out, format_args!("{:x}", at.start)));
                        table.text(|out| {
                            let flag = |on: bool, letter: char| if on { letter } else { '-' };
                            out.push(flag(at.read, 'r'));
                            out.push(flag(at.write, 'w'));
                            out.push(flag(at.execute, 'x'));
                            out.push(if at.shared { 's' } else { 'p' });
                        });
                    }
                    None => {
                        table.cell(&Cell::Unknown, layout);
                        table.cell(&Cell::Unknown, layout);
                    }
                }
                let dirty = map.private_dirty.zip(map.shared_dirty);
                for size in [
                    Some(map.size),
                    Some(map.rss),
                    map.pss,
                    dirty.map(|(private, shared)| private.saturating_add(shared)),
                ] {
                    table.cell(&Cell::bytes(size), layout);
                }
                table.cell(&Cell::text(&map.path), layout);
            }
            table.lines()
        }),
        Tab::Environment => field(&info.environ, |variables| {
            let line = |(name, value): &(std::ffi::OsString, std::ffi::OsString)| {
                let mut line = String::new();
                text::push(&mut line, name);
                line.push('=');
                text::push(&mut line, value);
                line
            };
            Content::Lines {
                heading: false,
                lines: variables.iter().map(line).collect(),
            }
        }),
        // Not attributes.
        Tab::Sockets | Tab::Limits => Content::Nothing(String::new()),
    }
}

/// What is known of a field, or why nothing is.
fn field<T>(field: &Field<Vec<T>>, show: impl FnOnce(&[T]) -> Content) -> Content {
    Content::Nothing(match field {
        Field::Value(list) if list.is_empty() => "there are none".to_owned(),
        Field::Value(list) => return show(list),
        Field::Denied => DENIED.to_owned(),
        Field::Zombie => ZOMBIE.to_owned(),
        Field::Failed(error) => explained(error),
        _ => "this system does not tell".to_owned(),
    })
}

fn sockets(process: &Process) -> pslens::Result<Content> {
    let sockets = process.net_connections(ConnectionKind::All)?;
    if sockets.is_empty() {
        return Ok(Content::Nothing("there are none".to_owned()));
    }
    let mut table = Grid::new(&[], &["KIND", "LOCAL", "REMOTE", "STATE"]);
    for socket in &sockets {
        let kind = format!("{:?}/{:?}", socket.family, socket.socket_type).to_lowercase();
        table.text(|out| out.push_str(&kind));
        for address in [&socket.local, &socket.remote] {
            table.text(|out| match address {
                Some(Address::Unix(name)) => text::push(out, name),
                Some(address) => text::append(out, format_args!("{address}")),
                None => out.push('-'),
            });
        }
        table.text(|out| out.push_str(socket.status.as_str()));
    }
    Ok(table.lines())
}

fn limits(process: &Process) -> pslens::Result<Content> {
    let mut table = Grid::new(&["SOFT", "HARD"], &["LIMIT"]);
    for resource in Resource::ALL {
        let limits = match process.rlimit(*resource) {
            Err(error) if error.kind() == ErrorKind::Unsupported => continue,
            limits => limits?,
        };
        for limit in [limits.soft, limits.hard] {
            table.text(|out| match limit {
                Limit::At(value) => text::append(out, format_args!("{value}")),
                Limit::Unlimited => out.push_str("unlimited"),
            });
        }
        table.text(|out| out.push_str(resource.name()));
    }
    Ok(table.lines())
}

/// Lines whose cells stand in columns.
struct Grid(Table);

impl Grid {
    /// Numbers first, then words.
    fn new(numbers: &[&str], words: &[&str]) -> Self {
        let numbers = numbers.iter().map(|heading| (*heading, Align::Right));
        let words = words.iter().map(|heading| (*heading, Align::Left));
        Self(Table::new(numbers.chain(words)))
    }

    fn cell(&mut self, cell: &Cell<'_>, layout: Layout) {
        self.0.cell(|out| cell.push(out, layout, &Clock::at(None)));
    }

    fn text(&mut self, write: impl FnOnce(&mut String)) {
        self.0.cell(write);
    }

    fn lines(self) -> Content {
        let layout = Layout {
            header: true,
            ..Layout::RAW
        };
        let mut written = Vec::new();
        // A vector takes everything.
        let _ = self
            .0
            .write(layout, &mut written)
            .and_then(|()| written.flush());
        let written = String::from_utf8_lossy(&written);
        Content::Lines {
            heading: true,
            lines: written.lines().map(str::to_owned).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tabs_go_round() {
        for tab in Tab::ALL {
            assert_eq!(tab.beside(1).beside(-1), tab);
        }
        assert_eq!(Tab::Overview.beside(-1), Tab::Limits);
        assert_eq!(Tab::Limits.beside(1), Tab::Overview);
    }

    #[test]
    fn why_there_is_nothing_is_said() {
        let show = |threads: &Field<Vec<u8>>| {
            field(threads, |_| Content::Lines {
                heading: false,
                lines: Vec::new(),
            })
        };
        assert_eq!(show(&Field::Denied), Content::Nothing(DENIED.to_owned()));
        assert_eq!(show(&Field::Zombie), Content::Nothing(ZOMBIE.to_owned()));
        assert!(
            matches!(show(&Field::Value(vec![])), Content::Nothing(it) if it == "there are none")
        );
        assert!(matches!(
            show(&Field::Value(vec![1])),
            Content::Lines { .. }
        ));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn every_tab_of_this_process_has_something_to_show() {
        let me = Process::current().unwrap();
        let layout = Layout {
            sizes: crate::output::Sizes::Human,
            ..Layout::RAW
        };
        let file = tempfile::NamedTempFile::new().unwrap();
        let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap().to_string();
        for (tab, expect) in [
            (Tab::Overview, "Command line"),
            (Tab::Threads, &*std::process::id().to_string()),
            (Tab::Files, file.path().to_str().unwrap()),
            (Tab::Sockets, &address),
            (Tab::Maps, "[stack]"),
            (Tab::Environment, "CARGO_MANIFEST_DIR="),
            (Tab::Limits, "RLIMIT_NOFILE"),
        ] {
            let Content::Lines { lines, .. } = read(&me, tab, layout, &Clock::at(None)) else {
                panic!("{tab:?} is empty");
            };
            assert!(
                lines.iter().any(|line| line.contains(expect)),
                "{tab:?}: {lines:?}"
            );
        }
    }
}
