//! The terminal, and how it is given back: at the end, after an error, after a panic.

use std::io::{self, BufWriter, Stdout};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::buffer::Buffer;
use ratatui::crossterm::cursor::{Hide, Show};
use ratatui::crossterm::event::{DisableMouseCapture, EnableMouseCapture};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use ratatui::layout::Rect;

/// The terminal while it is ours.
#[derive(Debug)]
pub(super) struct Screen {
    terminal: Terminal<CrosstermBackend<BufWriter<Stdout>>>,
    /// It is ours. Whoever makes this false gives it back: giving it back twice moves the cursor.
    ours: Arc<AtomicBool>,
}

impl Screen {
    pub(super) fn open() -> io::Result<Self> {
        let ours = Arc::new(AtomicBool::new(false));
        let in_panic = Arc::clone(&ours);
        let report = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            leave(&in_panic);
            report(panic);
        }));
        enter(&ours)?;
        // One write per screen, however much changed.
        let out = BufWriter::with_capacity(64 << 10, io::stdout());
        let terminal = Terminal::new(CrosstermBackend::new(out)).inspect_err(|_| leave(&ours))?;
        Ok(Self { terminal, ours })
    }

    /// How large it is.
    pub(super) fn area(&self) -> io::Result<Rect> {
        Ok(self.terminal.size()?.into())
    }

    /// Writes what has changed since the last time.
    pub(super) fn draw(&mut self, draw: impl FnOnce(&mut Buffer)) -> io::Result<()> {
        self.terminal.draw(|frame| draw(frame.buffer_mut()))?;
        Ok(())
    }

    /// Gives the terminal back for a while.
    pub(super) fn leave(&self) {
        leave(&self.ours);
    }

    /// Takes the terminal again, and draws everything the next time. What others left there is gone.
    pub(super) fn enter(&mut self) -> io::Result<()> {
        enter(&self.ours)?;
        self.redraw()
    }

    /// Forgets what is on the terminal: the next time everything is drawn.
    pub(super) fn redraw(&mut self) -> io::Result<()> {
        let area = self.area()?;
        self.terminal.resize(area)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        leave(&self.ours);
    }
}

fn enter(ours: &AtomicBool) -> io::Result<()> {
    enable_raw_mode()?;
    ours.store(true, Ordering::SeqCst);
    execute!(io::stdout(), EnterAlternateScreen, EnableMouseCapture, Hide)
        .inspect_err(|_| leave(ours))
}

fn leave(ours: &AtomicBool) {
    if ours.swap(false, Ordering::SeqCst) {
        // A terminal that has gone needs nothing back.
        let _ = execute!(
            io::stdout(),
            DisableMouseCapture,
            LeaveAlternateScreen,
            Show
        );
        let _ = disable_raw_mode();
    }
}
