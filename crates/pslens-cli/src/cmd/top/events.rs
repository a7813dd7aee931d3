//! Keys, the mouse and signals, in one queue.

use std::io;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use ratatui::crossterm::event::{self, Event as Input};

/// Something happened outside.
#[derive(Debug)]
#[cfg_attr(
    not(unix),
    expect(dead_code, reason = "where there are no signals keys say it all")
)]
pub(super) enum Event {
    Input(Input),
    /// The program is to end: the number of the signal that says so.
    End(i32),
    /// It is to stop, as Ctrl-Z says.
    Stop,
    /// It was continued, and somebody else had the terminal.
    Continue,
}

/// Starts to listen. The threads last as long as the program.
pub(super) fn listen() -> io::Result<Receiver<Event>> {
    let (sender, receiver) = channel();
    signals(sender.clone())?;
    thread::Builder::new()
        .name("input".to_owned())
        .spawn(move || {
            while let Ok(input) = event::read() {
                if sender.send(Event::Input(input)).is_err() {
                    return;
                }
            }
        })?;
    Ok(receiver)
}

#[cfg(unix)]
fn signals(sender: Sender<Event>) -> io::Result<()> {
    use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};
    let mut signals =
        signal_hook::iterator::Signals::new([SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP])?;
    thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || {
            for signal in signals.forever() {
                let event = match signal {
                    SIGTSTP => Event::Stop,
                    SIGCONT => Event::Continue,
                    signal => Event::End(signal),
                };
                if sender.send(event).is_err() {
                    return;
                }
            }
        })?;
    Ok(())
}

#[cfg(not(unix))]
fn signals(_: Sender<Event>) -> io::Result<()> {
    Ok(())
}

/// Stops this process until somebody continues it.
#[cfg(unix)]
pub(super) fn stop() -> io::Result<()> {
    signal_hook::low_level::raise(signal_hook::consts::SIGSTOP)
}

/// There is no such thing here.
#[cfg(not(unix))]
pub(super) fn stop() -> io::Result<()> {
    Ok(())
}

/// Ends this process as the signal would have.
#[cfg(unix)]
pub(super) fn end(signal: i32) -> io::Result<()> {
    signal_hook::low_level::emulate_default_handler(signal)
}

/// Nobody sends any here.
#[cfg(not(unix))]
pub(super) fn end(_: i32) -> io::Result<()> {
    Ok(())
}
