//! Which key means what.

use ratatui::crossterm::event::{
    KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};
use ratatui::layout::Position;

use super::detail::Tab;
use super::draw::Regions;
use super::help;
use super::state::{Action, Effect, Move, Overlay, State, View, scroll};

/// How many lines the wheel moves.
const WHEEL: isize = 3;

/// The keys of the table and of the view of a process, as top(1) and htop(1) have them.
fn action(key: KeyEvent) -> Option<Action> {
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    Some(match key.code {
        KeyCode::Char('c') if control => Action::Quit,
        KeyCode::Char('z') if control => Action::Suspend,
        KeyCode::Char('l') if control => Action::Redraw,
        KeyCode::Char(_) if control => return None,
        KeyCode::Char('q') | KeyCode::F(10) => Action::Quit,
        KeyCode::Char('?' | 'h') | KeyCode::F(1) => Action::Help,
        KeyCode::Char(' ') => Action::Freeze,
        KeyCode::Char('P') => Action::Sort("cpu_percent"),
        KeyCode::Char('M') => Action::Sort("memory_percent"),
        KeyCode::Char('T') => Action::Sort("cpu_times"),
        KeyCode::Char('N') => Action::Sort("pid"),
        KeyCode::F(6) | KeyCode::Char('o') => Action::SortMenu,
        KeyCode::Char('<') => Action::SortLeft,
        KeyCode::Char('>') => Action::SortRight,
        KeyCode::Char('R') => Action::Reverse,
        KeyCode::Char('t' | 'V') | KeyCode::F(5) => Action::Tree,
        KeyCode::Char('c') => Action::CommandLine,
        KeyCode::Char('i') => Action::HideIdle,
        KeyCode::Char('I') => Action::Irix,
        KeyCode::Char('1') => Action::Cores,
        KeyCode::Char('/' | '\\') | KeyCode::F(3 | 4) => Action::Filter,
        KeyCode::Char('u' | 'U') => Action::User,
        KeyCode::Char('d' | 's') => Action::Delay,
        KeyCode::Char('k') | KeyCode::F(9) => Action::SignalMenu,
        KeyCode::Char('r') => Action::Renice,
        KeyCode::F(7) => Action::NiceBy(-1),
        KeyCode::F(8) => Action::NiceBy(1),
        KeyCode::Char('=') => Action::ClearFilters,
        KeyCode::Enter => Action::Detail,
        KeyCode::Esc => Action::Back,
        other => return movement(other).map(Action::Move),
    })
}

fn movement(key: KeyCode) -> Option<Move> {
    Some(match key {
        KeyCode::Up => Move::By(-1),
        KeyCode::Down => Move::By(1),
        KeyCode::PageUp => Move::Page(-1),
        KeyCode::PageDown => Move::Page(1),
        KeyCode::Home => Move::Home,
        KeyCode::End => Move::End,
        _ => return None,
    })
}

/// A key was pressed.
pub(super) fn press(state: &mut State, key: KeyEvent, view: &View<'_>) -> Option<Effect> {
    if key.kind == KeyEventKind::Release {
        return None;
    }
    state.message = None;
    if state.overlay.is_some() {
        return press_in_overlay(state, key, view);
    }
    if let Some(inspected) = &mut state.inspected {
        let tab = match key.code {
            KeyCode::Left | KeyCode::BackTab => Some(inspected.tab.beside(-1)),
            KeyCode::Right | KeyCode::Tab => Some(inspected.tab.beside(1)),
            KeyCode::Char(digit @ '1'..='7') => {
                Tab::ALL.get(digit as usize - '1' as usize).copied()
            }
            _ => None,
        };
        if let Some(tab) = tab {
            inspected.tab = tab;
            inspected.scroll = 0;
            return None;
        }
        if key.code == KeyCode::Char('q') {
            state.inspected = None;
            return None;
        }
    }
    state.act(action(key)?, view)
}

fn press_in_overlay(state: &mut State, key: KeyEvent, view: &View<'_>) -> Option<Effect> {
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    match key.code {
        KeyCode::Char('c') if control => {
            state.cancel();
            return None;
        }
        KeyCode::Char('z' | 'l') if control => return state.act(action(key)?, view),
        KeyCode::Char('u') if control => {
            state.erase_line();
            return None;
        }
        KeyCode::Esc => {
            state.cancel();
            return None;
        }
        KeyCode::Enter => return state.accept(),
        _ => {}
    }
    match (&mut state.overlay, key.code) {
        (Some(Overlay::Help(first)), code) => match movement(code) {
            Some(to) => scroll(first, to, view.page, help::last(view.height)),
            None => state.overlay = None,
        },
        (Some(Overlay::Menu(menu)), code) => match (movement(code), code) {
            (Some(to), _) => menu.go(to, view.page),
            (None, KeyCode::Char(digit @ '0'..='9')) => menu.type_digit(digit),
            (None, KeyCode::Char('q')) => state.cancel(),
            _ => {}
        },
        // The table can be walked through while a filter is typed.
        (Some(Overlay::Filter), code @ (KeyCode::Up | KeyCode::Down)) => {
            return state.act(Action::Move(movement(code)?), view);
        }
        (_, KeyCode::Backspace) => state.erase_character(),
        (_, KeyCode::Char(character)) if !control => state.type_character(character),
        _ => {}
    }
    None
}

/// The mouse did something.
pub(super) fn mouse(
    state: &mut State,
    event: MouseEvent,
    view: &View<'_>,
    regions: &Regions,
) -> Option<Effect> {
    let at = Position::new(event.column, event.row);
    let wheel = match event.kind {
        MouseEventKind::ScrollUp => Some(Move::By(-WHEEL)),
        MouseEventKind::ScrollDown => Some(Move::By(WHEEL)),
        MouseEventKind::Down(MouseButton::Left) => None,
        _ => return None,
    };
    state.message = None;
    match (&mut state.overlay, wheel) {
        (Some(Overlay::Help(first)), Some(to)) => {
            scroll(first, to, view.page, help::last(view.height));
        }
        (Some(Overlay::Help(_)), None) => state.overlay = None,
        (Some(Overlay::Menu(menu)), Some(to)) => menu.go(to, view.page),
        (Some(Overlay::Menu(menu)), None) => {
            if !regions.menu.contains(at) {
                state.cancel();
                return None;
            }
            let line = regions.menu_first + usize::from(at.y - regions.menu.y);
            if menu.at == line {
                return state.accept();
            }
            menu.go(Move::To(line), view.page);
        }
        (_, Some(to)) => return state.act(Action::Move(to), view),
        (_, None) => return click(state, at, view, regions),
    }
    None
}

/// A click that no overlay takes.
fn click(state: &mut State, at: Position, view: &View<'_>, regions: &Regions) -> Option<Effect> {
    if let Some(inspected) = &mut state.inspected {
        let hit = regions.tabs.iter().find(|(area, _)| area.contains(at));
        if let Some((_, tab)) = hit {
            inspected.tab = *tab;
            inspected.scroll = 0;
        }
        return None;
    }
    let table = &regions.table;
    if table.headings.contains(at) {
        let mut columns = table.columns.iter();
        // The blank behind a column belongs to it.
        let hit = columns.find(|(from, to, _)| (*from..=*to).contains(&at.x));
        return state.act(Action::Sort(hit?.2.name), view);
    }
    if table.rows.contains(at) {
        let row = state.scroll + usize::from(at.y - table.rows.y);
        if row >= view.order.len() {
            return None;
        }
        // A second click opens.
        let action = if state.cursor == Some(row) {
            Action::Detail
        } else {
            Action::Move(Move::To(row))
        };
        return state.act(action, view);
    }
    None
}
