//! The loop: measure, draw, wait for a key, do what it says.

use std::io::{self, IsTerminal};
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use pslens::process::{Attribute, AttributeSet};
use pslens::{ErrorKind, Process, Root};
use ratatui::crossterm::event::Event as Input;
use ratatui::layout::Rect;

use super::detail::{self, Content, Tab};
use super::draw::{self, Areas, Model, Regions};
use super::events::{self, Event};
use super::history::History;
use super::sample::{Sample, Sampler};
use super::screen::Screen;
use super::state::{Effect, State, Target, View};
use super::table::{self, Place};
use super::theme::Theme;
use super::{Args, column, keys};
use crate::context::Context;
use crate::exit::{Exit, Failure, Result, explained};
use crate::output::{Layout, Sizes};

/// How soon there is something to compare with.
pub(super) const FIRST: Duration = Duration::from_millis(250);

/// How soon something is measured that an action may have changed. Sooner, CPU use would be a guess: it is counted in hundredths of a second.
const SOON: Duration = Duration::from_millis(500);

/// Columns of a screen have no room for anything but short sizes.
const LAYOUT: Layout = Layout {
    sizes: Sizes::Human,
    ..Layout::RAW
};

pub(super) fn run(args: &Args, context: &Context) -> Result<Exit> {
    if !io::stdout().is_terminal() {
        let message = "top: stdout is not a terminal; accepted: --batch or --json";
        return Err(Failure::message(Exit::Usage, message.to_owned()));
    }
    let events = events::listen()?;
    let mut screen = Screen::open()?;
    let mut session = Session::new(args, context, screen.area()?)?;
    let mut changed = true;
    loop {
        if session.is_due() {
            session.measure()?;
            changed = true;
            if args.iterations.is_some_and(|most| session.samples > most) {
                return Ok(Exit::Success);
            }
        }
        if changed {
            let mut regions = Regions::default();
            let drawn = screen.draw(|buffer| regions = session.draw(buffer));
            if drawn.is_err() {
                break;
            }
            session.regions = regions;
        }
        let first = match events.recv_timeout(session.patience()) {
            Ok(event) => event,
            Err(RecvTimeoutError::Timeout) => {
                changed = false;
                // Who reads the keys does not notice a terminal that has gone.
                if !io::stdout().is_terminal() {
                    break;
                }
                continue;
            }
            Err(RecvTimeoutError::Disconnected) => break,
        };
        changed = true;
        // What came meanwhile changes the same screen.
        for event in std::iter::once(first).chain(events.try_iter()) {
            match event {
                Event::End(signal) => {
                    drop(screen);
                    events::end(signal)?;
                    return Ok(Exit::Success);
                }
                Event::Stop => pause(&mut screen)?,
                Event::Continue => screen.enter()?,
                Event::Input(input) => match session.input(&input, screen.area()?) {
                    Some(Effect::Quit) => return Ok(Exit::Success),
                    Some(Effect::Suspend) => pause(&mut screen)?,
                    Some(Effect::Redraw) => screen.redraw()?,
                    Some(Effect::Signal(target, signal)) => session.signal(&target, signal),
                    Some(Effect::Nice(target, nice)) => session.renice(&target, nice),
                    None => {}
                },
            }
        }
    }
    // The terminal has gone, and with it whoever could be told.
    Ok(Exit::Success)
}

/// Stops, with the terminal as it was before; goes on where it was.
fn pause(screen: &mut Screen) -> io::Result<()> {
    screen.leave();
    events::stop()?;
    screen.enter()
}

/// Everything that lasts from one screen to the next.
struct Session<'a> {
    context: &'a Context,
    /// The present, at the last sample.
    moment: Context,
    state: State,
    theme: Theme,
    sampler: Sampler,
    sample: Sample,
    taken: Instant,
    samples: u64,
    history: History,
    order: Vec<Place>,
    area: Rect,
    regions: Regions,
    content: Option<(Process, Tab, Content)>,
    /// Something is to be measured before its time.
    hurried: bool,
}

impl<'a> Session<'a> {
    fn new(args: &Args, context: &'a Context, area: Rect) -> Result<Self> {
        let mut sampler = Sampler::new(Root::current());
        let state = args.state();
        let sample = sampler.sample(wanted(&state))?;
        let mut session = Self {
            context,
            moment: context.now(),
            state,
            theme: Theme::detect(context.layout.color, |name| std::env::var_os(name)),
            sampler,
            sample,
            taken: Instant::now(),
            samples: 1,
            history: History::default(),
            order: Vec::new(),
            area,
            regions: Regions::default(),
            content: None,
            hurried: false,
        };
        session.arrange();
        Ok(session)
    }

    /// How long until the next sample, counted from the last one.
    fn interval(&self) -> Duration {
        let delay = self.state.delay;
        if self.samples == 1 {
            delay.min(FIRST)
        } else if self.hurried {
            delay.min(SOON)
        } else {
            delay
        }
    }

    fn is_due(&self) -> bool {
        !self.state.frozen && self.taken.elapsed() >= self.interval()
    }

    /// How long a key is waited for.
    fn patience(&self) -> Duration {
        if self.state.frozen {
            return self.state.delay;
        }
        self.interval().saturating_sub(self.taken.elapsed())
    }

    fn measure(&mut self) -> Result<()> {
        self.taken = Instant::now();
        self.sample = self.sampler.sample(wanted(&self.state))?;
        self.samples += 1;
        self.hurried = false;
        self.moment = self.context.now();
        self.history.push(&self.sample.system);
        self.content = None;
        self.arrange();
        Ok(())
    }

    /// Puts the table in order again, and the selection where its process is. Reads what is missing for
    /// that, and for the rows on the screen.
    fn arrange(&mut self) {
        let wanted = wanted(&self.state);
        for row in &mut self.sample.rows {
            self.sampler.complete(row, wanted);
        }
        let style = draw::style(&self.state, self.sample.system.cpu_count);
        self.order = table::arrange(&self.sample.rows, &self.state, style);
        let columns = column::fitting(self.area.width);
        let (state, view) = self.parts(&columns);
        state.settle(&view);
        let page = view.page;
        let shown = column::needs(&columns, self.state.command_line);
        for place in self.order.iter().skip(self.state.scroll).take(page) {
            if let Some(row) = self.sample.rows.get_mut(place.row) {
                self.sampler.complete(row, shown);
            }
        }
        self.look_closer();
    }

    /// Reads what the view of a process shows, if it has not been read yet.
    fn look_closer(&mut self) {
        let Some(inspected) = &mut self.state.inspected else {
            self.content = None;
            return;
        };
        let (process, tab) = (&inspected.target.process, inspected.tab);
        let known = self.content.as_ref();
        if known.is_none_or(|(whose, which, _)| whose != process || *which != tab) {
            let content = detail::read(process, tab, LAYOUT, &self.moment.clock);
            self.content = Some((process.clone(), tab, content));
        }
    }

    /// What the user changes, and what is on the screen meanwhile.
    fn parts<'b>(
        &'b mut self,
        columns: &'b [&'static column::Column],
    ) -> (&'b mut State, View<'b>) {
        let cpus = self.sample.system.cpu_count;
        let areas = Areas::of(self.area, cpus, self.state.cores);
        let content = self.content.as_ref().map(|(.., content)| content);
        let view = View {
            rows: &self.sample.rows,
            order: &self.order,
            columns,
            page: areas.map_or(1, |areas| areas.page()),
            lines: content.map_or(0, Content::height),
            height: usize::from(self.area.height),
        };
        (&mut self.state, view)
    }

    fn input(&mut self, input: &Input, area: Rect) -> Option<Effect> {
        self.area = area;
        let columns = column::fitting(area.width);
        let regions = std::mem::take(&mut self.regions);
        let (state, view) = self.parts(&columns);
        let effect = match input {
            Input::Key(key) => keys::press(state, *key, &view),
            Input::Mouse(mouse) => keys::mouse(state, *mouse, &view, &regions),
            _ => None,
        };
        self.regions = regions;
        self.arrange();
        effect
    }

    fn signal(&mut self, target: &Target, signal: pslens::process::Signal) {
        let label = &target.label;
        match target.process.send_signal(signal) {
            Ok(()) => self.state.say(format!("{signal} was sent to {label}")),
            Err(error) => self.state.complain(refusal(&error, label)),
        }
        self.hurried = true;
    }

    fn renice(&mut self, target: &Target, nice: i32) {
        let label = &target.label;
        match target.process.set_nice(nice) {
            Ok(()) => self
                .state
                .say(format!("{label} has the nice value {nice} now")),
            Err(error) => self.state.complain(refusal(&error, label)),
        }
        self.hurried = true;
    }

    fn draw(&self, buffer: &mut ratatui::buffer::Buffer) -> Regions {
        let model = Model {
            sample: &self.sample,
            order: &self.order,
            history: &self.history,
            state: &self.state,
            content: self.content.as_ref().map(|(.., content)| content),
            theme: self.theme,
            layout: LAYOUT,
            clock: &self.moment.clock,
        };
        draw::draw(buffer, &model)
    }
}

/// Why nothing was done to a process.
fn refusal(error: &pslens::Error, label: &str) -> String {
    match error.kind() {
        ErrorKind::NoSuchProcess => format!("{label} has ended; nothing was done"),
        ErrorKind::AccessDenied => format!("{label}: denied; nothing was done"),
        _ => format!("{label}: {}", explained(error)),
    }
}

/// What has to be known of every process: what is sorted and filtered by. Of those on the screen more is
/// read.
fn wanted(state: &State) -> AttributeSet {
    let filtered = !state.filter.is_empty();
    let set = column::needs(&[state.sort.column], filtered && state.command_line);
    match (state.users.is_empty(), filtered) {
        (false, _) => set.with(Attribute::Username).with(Attribute::Uids),
        (true, true) => set.with(Attribute::Username),
        (true, false) => set,
    }
}
