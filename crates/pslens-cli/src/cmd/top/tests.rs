//! The screen of a captured machine, driven by keys and clicks as a terminal would send them.

use std::time::{Duration, SystemTime};

use pslens::process::{AttributeSet, Field};
use pslens::{Pid, Root};
use pslens_fixtures::{Machine, materialise};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{
    KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};
use ratatui::layout::Rect;
use ratatui::style::Color;

use super::detail::Content;
use super::draw::{self, Areas, Model, Regions};
use super::history::History;
use super::sample::{Flow, Sample, Sampler};
use super::state::{Effect, Overlay, State, View};
use super::table::{self, Place};
use super::theme::{Depth, Theme};
use super::{column, keys};
use crate::context::Clock;
use crate::output::{Layout, Sizes};

/// A screen without a terminal.
struct Desk {
    _machine: Machine,
    sample: Sample,
    history: History,
    state: State,
    order: Vec<Place>,
    content: Option<Content>,
    regions: Regions,
    terminal: Terminal<TestBackend>,
    theme: Theme,
}

const COLOURS: Theme = Theme {
    depth: Depth::True,
    unicode: true,
};

impl Desk {
    /// The machine as it was captured; its processes are made busy, each differently.
    fn new(width: u16, height: u16) -> Self {
        let machine = materialise("kernel-6.18");
        let root = Root::at(machine.proc(), machine.sys()).unwrap();
        let mut sampler = Sampler::new(&root);
        sampler.sample(AttributeSet::EMPTY).unwrap();
        work(&machine);
        let mut sample = sampler.sample(all()).unwrap();
        let flow = |read: f64, written: f64| Flow {
            read: Ok(read),
            written: Ok(written),
        };
        sample.system.disk = flow(95_000.0, 0.0);
        sample.system.net = flow(123_456_789.0, 4_096.0);
        for (at, row) in sample.rows.iter_mut().enumerate() {
            row.info.cpu_percent = Field::Value(Some(12.5 * (at % 9) as f64));
            row.info.username = Field::Value("root".into());
        }
        let mut history = History::default();
        for step in 0..200_u32 {
            let wave = f64::from(step % 20) * 5.0;
            history.cpu.push((step != 190).then_some(wave));
            history.memory.push(Some(40.0));
            history.disk_read.push(Some(wave * 1000.0));
            history.net_sent.push(Some(0.0));
        }
        let mut desk = Self {
            _machine: machine,
            sample,
            history,
            state: State::default(),
            order: Vec::new(),
            content: None,
            regions: Regions::default(),
            terminal: Terminal::new(TestBackend::new(width, height)).unwrap(),
            theme: COLOURS,
        };
        desk.settle();
        desk
    }

    fn area(&self) -> Rect {
        self.terminal.size().unwrap().into()
    }

    fn with<T>(&mut self, act: impl FnOnce(&mut State, &View<'_>, &Regions) -> T) -> T {
        let area = self.area();
        let areas = Areas::of(area, self.sample.system.cpu_count, self.state.cores);
        let view = View {
            rows: &self.sample.rows,
            order: &self.order,
            columns: &column::fitting(area.width),
            page: areas.map_or(1, |areas| areas.page()),
            lines: self.content.as_ref().map_or(0, Content::height),
            height: usize::from(area.height),
        };
        act(&mut self.state, &view, &self.regions)
    }

    fn settle(&mut self) {
        let style = draw::style(&self.state, self.sample.system.cpu_count);
        self.order = table::arrange(&self.sample.rows, &self.state, style);
        self.with(|state, view, _| state.settle(view));
        self.draw();
    }

    fn key(&mut self, code: KeyCode) -> Option<Effect> {
        let key = KeyEvent::new(code, KeyModifiers::NONE);
        let effect = self.with(|state, view, _| keys::press(state, key, view));
        self.settle();
        effect
    }

    fn type_text(&mut self, text: &str) {
        for character in text.chars() {
            self.key(KeyCode::Char(character));
        }
    }

    fn mouse(&mut self, kind: MouseEventKind, column: u16, row: u16) -> Option<Effect> {
        let event = MouseEvent {
            kind,
            column,
            row,
            modifiers: KeyModifiers::NONE,
        };
        let effect = self.with(|state, view, regions| keys::mouse(state, event, view, regions));
        self.settle();
        effect
    }

    fn click(&mut self, column: u16, row: u16) -> Option<Effect> {
        self.mouse(MouseEventKind::Down(MouseButton::Left), column, row)
    }

    fn draw(&mut self) {
        let layout = Layout {
            sizes: Sizes::Human,
            ..Layout::RAW
        };
        let clock = Clock::at(None);
        let model = Model {
            sample: &self.sample,
            order: &self.order,
            history: &self.history,
            state: &self.state,
            content: self.content.as_ref(),
            theme: self.theme,
            layout,
            clock: &clock,
        };
        let mut regions = Regions::default();
        self.terminal
            .draw(|frame| regions = draw::draw(frame.buffer_mut(), &model))
            .unwrap();
        self.regions = regions;
    }

    fn screen(&self) -> String {
        let buffer = self.terminal.backend().buffer();
        let width = usize::from(buffer.area.width);
        let lines = buffer.content.chunks(width).map(|line| {
            let line: String = line.iter().map(|cell| cell.symbol()).collect();
            format!("{}\n", line.trim_end())
        });
        lines.collect()
    }

    /// The numbers of the processes, from the first row on.
    fn pids(&self) -> Vec<u32> {
        let rows = self.order.iter().map(|place| &self.sample.rows[place.row]);
        rows.map(|row| row.info.pid().as_u32()).collect()
    }

    fn selected(&self) -> Option<u32> {
        self.state.selected.as_ref().map(|it| it.pid().as_u32())
    }

    /// The row of the screen on which the table's row `at` is.
    fn line_of(&self, at: usize) -> u16 {
        let row = u16::try_from(at - self.state.scroll).unwrap();
        self.regions.table.rows.y + row
    }
}

/// Both CPUs work for a second: the first all the time, the second a quarter of it.
fn work(machine: &Machine) {
    let path = machine.proc().join("stat");
    let before = std::fs::read_to_string(&path).unwrap();
    let after = before.lines().map(|line| {
        let mut words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let mut add = |word: usize, ticks: u64| {
            words[word] = (words[word].parse::<u64>().unwrap() + ticks).to_string();
        };
        if line.starts_with("cpu0") {
            add(1, 100);
        } else if line.starts_with("cpu1") {
            add(3, 25);
            add(4, 75);
        }
        words.join(" ") + "\n"
    });
    std::fs::write(&path, after.collect::<String>()).unwrap();
}

fn all() -> AttributeSet {
    let columns: Vec<&column::Column> = column::COLUMNS.iter().collect();
    column::needs(&columns, true).with(pslens::process::Attribute::Uids)
}

#[test]
fn screens_of_every_size() {
    for (width, height) in [(40, 10), (80, 24), (200, 50)] {
        let desk = Desk::new(width, height);
        insta::assert_snapshot!(format!("screen_{width}x{height}"), desk.screen());
    }
    let mut tree = Desk::new(80, 24);
    for (child, parent) in [(12836, 12835), (12835, 12829), (12832, 12829), (2, 2)] {
        let mut rows = tree.sample.rows.iter_mut();
        let row = rows.find(|row| row.info.pid().as_u32() == child);
        row.unwrap().info.ppid = Field::Value(parent.into());
    }
    tree.type_text("tcI1");
    insta::assert_snapshot!("screen_80x24_tree", tree.screen());
    let mut help = Desk::new(80, 24);
    help.key(KeyCode::F(1));
    insta::assert_snapshot!("screen_80x24_help", help.screen());
    let mut signals = Desk::new(80, 24);
    signals.type_text("k");
    insta::assert_snapshot!("screen_80x24_signals", signals.screen());
}

#[test]
fn cpus_that_have_no_room_for_bars_have_a_character_each() {
    for (width, height, cpus) in [(80, 24, 12), (80, 24, 256), (200, 50, 60), (200, 50, 256)] {
        let mut desk = Desk::new(width, height);
        let two = desk.sample.system.cpus.clone().unwrap();
        let all = (0..cpus).map(|number| {
            let mut cpu = two[number as usize % 2].clone();
            cpu.cpu = number;
            cpu
        });
        desk.sample.system.cpus = Ok(all.collect());
        desk.sample.system.cpu_count = cpus as usize;
        desk.settle();
        let screen = desk.screen();
        let upper: Vec<&str> = screen.lines().take(12).collect();
        insta::assert_snapshot!(format!("cpus_{width}x{height}_{cpus}"), upper.join("\n"));
    }
}

#[test]
fn without_colours_and_unicode_the_screen_has_neither() {
    let mut desk = Desk::new(80, 24);
    let coloured = |desk: &Desk| {
        let buffer = desk.terminal.backend().buffer();
        let mut cells = buffer.content.iter();
        cells.any(|cell| cell.fg != Color::Reset || cell.bg != Color::Reset)
    };
    assert!(coloured(&desk));
    desk.theme = Theme {
        depth: Depth::Plain,
        unicode: false,
    };
    for key in ['t', 'k'] {
        desk.key(KeyCode::Char(key));
        assert!(!coloured(&desk));
        assert!(desk.screen().is_ascii(), "{}", desk.screen());
    }
}

#[test]
fn a_screen_that_is_too_small_says_so_on_one_line() {
    for (width, height) in [(39, 10), (40, 9), (10, 1), (1, 1)] {
        let desk = Desk::new(width, height);
        let screen = desk.screen();
        let said = "too small: 40x10 at least";
        let said = &said[..said.len().min(usize::from(width))];
        assert_eq!(screen.trim_end(), said.trim_end(), "{width}x{height}");
    }
}

#[test]
fn no_size_is_drawn_beyond_its_edges() {
    for (width, height) in [
        (40, 10),
        (59, 17),
        (60, 18),
        (99, 36),
        (100, 35),
        (100, 36),
        (511, 11),
    ] {
        let mut desk = Desk::new(width, height);
        for key in [
            KeyCode::Char('t'),
            KeyCode::End,
            KeyCode::Enter,
            KeyCode::End,
            KeyCode::Char('k'),
            KeyCode::End,
            KeyCode::Esc,
            KeyCode::Char('?'),
            KeyCode::End,
        ] {
            desk.key(key);
        }
    }
}

#[test]
fn keys_of_top_sort_and_turn_round() {
    let mut desk = Desk::new(80, 24);
    let sort = |desk: &Desk| (desk.state.sort.column.name, desk.state.sort.downwards);
    assert_eq!(sort(&desk), ("cpu_percent", true));
    for (key, expect) in [
        ('N', ("pid", false)),
        ('N', ("pid", true)),
        ('M', ("memory_percent", true)),
        ('T', ("cpu_times", true)),
        ('R', ("cpu_times", false)),
        ('<', ("memory_percent", true)),
        ('<', ("cpu_percent", true)),
        ('>', ("memory_percent", true)),
        ('P', ("cpu_percent", true)),
    ] {
        desk.key(KeyCode::Char(key));
        assert_eq!(sort(&desk), expect, "{key}");
    }
    // At the ends nothing is beside.
    for _ in 0..20 {
        desk.key(KeyCode::Char('>'));
    }
    assert_eq!(sort(&desk).0, "command");
    desk.key(KeyCode::Char('N'));
    let mut sorted = desk.pids();
    sorted.sort_unstable();
    assert_eq!(desk.pids(), sorted);
    // Any column, also one that is not shown.
    desk.key(KeyCode::F(6));
    desk.key(KeyCode::Down);
    desk.key(KeyCode::Enter);
    assert_eq!(sort(&desk), ("ppid", false));
}

#[test]
fn a_filter_works_while_it_is_typed() {
    let mut desk = Desk::new(80, 24);
    let everybody = desk.pids();
    let first = &desk.sample.rows[0].info;
    let name = first.name.value().unwrap().to_str().unwrap().to_owned();
    desk.key(KeyCode::Char('/'));
    desk.type_text(&name.to_uppercase());
    assert!(!desk.pids().is_empty() && desk.pids().len() < everybody.len());
    assert!(
        desk.screen()
            .contains(&format!("Filter: {}", name.to_uppercase()))
    );
    desk.type_text("no such process");
    assert_eq!(desk.pids(), [0_u32; 0]);
    for _ in 0.."no such process".len() {
        desk.key(KeyCode::Backspace);
    }
    assert!(!desk.pids().is_empty());
    desk.key(KeyCode::Enter);
    assert!(desk.pids().len() < everybody.len());
    assert!(desk.screen().contains("= all"));
    // The keys mean again what they did.
    desk.key(KeyCode::Char('='));
    assert_eq!(desk.pids(), everybody);
    // Giving up shows everybody.
    desk.key(KeyCode::Char('/'));
    desk.type_text("nobody at all");
    desk.key(KeyCode::Esc);
    assert_eq!(desk.pids(), everybody);
}

#[test]
fn users_are_chosen_by_name_or_number() {
    let mut desk = Desk::new(80, 24);
    let everybody = desk.pids().len();
    for (typed, found) in [
        ("root", true),
        ("0", true),
        ("nobody,0", true),
        ("no one", false),
    ] {
        desk.key(KeyCode::Char('u'));
        desk.type_text(typed);
        desk.key(KeyCode::Enter);
        assert_eq!(!desk.pids().is_empty(), found, "{typed}");
    }
    desk.key(KeyCode::Char('u'));
    desk.type_text("*");
    desk.key(KeyCode::Enter);
    assert_eq!(desk.pids().len(), everybody);
}

#[test]
fn the_selection_stays_with_its_process_and_moves_on_when_it_is_gone() {
    let mut desk = Desk::new(80, 24);
    assert_eq!(desk.selected(), None);
    desk.key(KeyCode::Down);
    desk.key(KeyCode::Down);
    let selected = desk.selected().unwrap();
    assert_eq!(desk.pids()[1], selected);
    desk.key(KeyCode::Char('N'));
    assert_eq!(desk.selected(), Some(selected));
    let at = desk.state.cursor.unwrap();
    assert_eq!(desk.pids()[at], selected);
    // It ends: its neighbour is selected.
    desk.sample
        .rows
        .retain(|row| row.info.pid().as_u32() != selected);
    desk.settle();
    assert_eq!(
        desk.selected(),
        Some(desk.pids()[at.min(desk.pids().len() - 1)])
    );
    // Everybody ends.
    desk.sample.rows.clear();
    desk.settle();
    assert_eq!(desk.state.cursor, None);
    for key in [KeyCode::Down, KeyCode::Enter, KeyCode::End, KeyCode::PageUp] {
        desk.key(key);
    }
    desk.type_text("k");
    assert!(desk.screen().contains("there is no process here"));
}

#[test]
fn a_signal_goes_to_the_process_that_was_selected() {
    let mut desk = Desk::new(80, 24);
    desk.type_text("N");
    desk.key(KeyCode::Down);
    let selected = desk.selected().unwrap();
    desk.key(KeyCode::F(9));
    assert!(desk.screen().contains(&format!("Signal for {selected} (")));
    // While the menu is open the process gives way to others.
    desk.sample.rows.remove(0);
    desk.settle();
    desk.type_text("9");
    let Some(Effect::Signal(target, signal)) = desk.key(KeyCode::Enter) else {
        panic!("no signal");
    };
    assert_eq!(
        (target.process.pid(), signal.as_raw()),
        (Pid::from(selected), 9)
    );
    // TERM is offered; Esc sends nothing.
    desk.type_text("k");
    desk.key(KeyCode::Esc);
    assert_eq!(desk.key(KeyCode::Down), None);
    desk.type_text("k15");
    assert!(matches!(desk.key(KeyCode::Enter), Some(Effect::Signal(_, it)) if it.as_raw() == 15));
}

#[test]
fn nice_values_and_delays_are_checked() {
    let mut desk = Desk::new(80, 24);
    desk.key(KeyCode::Down);
    let mut renice = |typed: &str| {
        desk.type_text("r");
        desk.type_text(typed);
        desk.key(KeyCode::Enter)
    };
    assert!(matches!(renice("5"), Some(Effect::Nice(_, 5))));
    assert!(matches!(renice("-20"), Some(Effect::Nice(_, -20))));
    for wrong in ["20", "-21", "x", "1.5"] {
        assert_eq!(renice(wrong), None, "{wrong}");
    }
    assert!(desk.screen().contains("whole numbers from -20 to 19"));
    desk.type_text("d0.5");
    desk.key(KeyCode::Enter);
    assert_eq!(desk.state.delay, Duration::from_millis(500));
    for wrong in ["0", "-1", "soon"] {
        desk.type_text("d");
        desk.type_text(wrong);
        desk.key(KeyCode::Enter);
        assert_eq!(desk.state.delay, Duration::from_millis(500));
        assert!(desk.screen().contains("accepted: seconds"), "{wrong}");
    }
}

#[test]
fn the_mouse_sorts_selects_opens_and_scrolls() {
    let mut desk = Desk::new(80, 24);
    let heading = desk.regions.table.headings.y;
    desk.click(0, heading);
    assert_eq!(desk.state.sort.column.name, "pid");
    desk.click(79, heading);
    assert_eq!(desk.state.sort.column.name, "command");
    desk.click(5, desk.line_of(3));
    assert_eq!(desk.selected(), Some(desk.pids()[3]));
    desk.mouse(MouseEventKind::ScrollDown, 5, 12);
    assert_eq!(
        desk.selected(),
        Some(desk.pids()[6.min(desk.pids().len() - 1)])
    );
    desk.mouse(MouseEventKind::ScrollUp, 5, 12);
    desk.click(5, desk.line_of(desk.state.cursor.unwrap()));
    assert!(desk.state.inspected.is_some());
    let (place, tab) = desk.regions.tabs[2];
    desk.click(place.x + 1, place.y);
    assert_eq!(desk.state.inspected.as_ref().unwrap().tab, tab);
    desk.key(KeyCode::Esc);
    // In a menu a click chooses, a second one does it, one beside it does nothing.
    desk.type_text("k");
    let menu = desk.regions.menu;
    desk.click(menu.x, menu.y);
    let first = desk.regions.menu_first;
    assert!(matches!(&desk.state.overlay, Some(Overlay::Menu(menu)) if menu.at <= first));
    desk.type_text("k");
    desk.click(0, 0);
    assert_eq!(desk.state.overlay, None);
}

#[test]
fn text_that_is_longer_than_the_screen_stops_at_its_end() {
    let mut desk = Desk::new(80, 24);
    desk.key(KeyCode::Down);
    desk.key(KeyCode::Enter);
    desk.content = Some(Content::Lines {
        heading: false,
        lines: (0..100).map(|line| format!("line {line}")).collect(),
    });
    desk.key(KeyCode::End);
    desk.key(KeyCode::Down);
    assert!(desk.screen().contains("line 99"));
    desk.key(KeyCode::Up);
    assert!(!desk.screen().contains("line 99"));
    desk.key(KeyCode::Home);
    assert!(desk.screen().contains("line 0\n"));
}

#[test]
fn names_do_not_act_on_the_terminal() {
    let mut desk = Desk::new(80, 24);
    desk.sample.rows[0].info.name = Field::Value("a\x1b[31m\nb\u{202e}".into());
    desk.sample.rows[0].info.cpu_percent = Field::Value(Some(1e9));
    desk.settle();
    let screen = desk.screen();
    assert!(screen.contains("a\\x1b[31m"), "{screen}");
    desk.type_text("k");
    assert!(desk.screen().contains("(a\\x1b[31m\\nb\\u{202e})"));
}

#[test]
fn an_interrupted_clock_is_no_problem() {
    let mut desk = Desk::new(80, 24);
    desk.sample.system.boot = Ok(SystemTime::now() + Duration::from_secs(3600));
    desk.settle();
}
