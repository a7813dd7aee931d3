//! Characters on the screen: text, bars, graphs and frames.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr;

use super::history::Series;
use super::theme::Theme;
use crate::output::Align;

/// How many columns a text takes.
pub(super) fn width(text: &str) -> u16 {
    u16::try_from(text.width()).unwrap_or(u16::MAX)
}

/// Puts characters onto the screen. What does not fit into its place is cut.
#[derive(Debug)]
pub(super) struct Pen<'a> {
    pub(super) buffer: &'a mut Buffer,
    pub(super) theme: Theme,
    /// A string that is used again for every cell.
    pub(super) scratch: String,
}

/// Eighths of a character, from below.
const LEVELS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
const PLAIN_LEVELS: [&str; 8] = [".", ".", ":", "-", "=", "+", "*", "#"];

impl Pen<'_> {
    /// Writes on the first line of `place`.
    pub(super) fn put(&mut self, place: Rect, text: &str, style: Style) {
        let place = place.intersection(self.buffer.area);
        if place.is_empty() {
            return;
        }
        let width = usize::from(place.width);
        self.buffer
            .set_stringn(place.x, place.y, text, width, style);
    }

    /// Writes at the left or the right of `place`. What is cut says so.
    pub(super) fn aligned(&mut self, place: Rect, text: &str, align: Align, style: Style) {
        let width = width(text);
        let left = match align {
            Align::Left => 0,
            Align::Right => place.width.saturating_sub(width),
        };
        let inner = Rect {
            x: place.x + left,
            width: place.width - left,
            ..place
        };
        self.put(inner, text, style);
        if width > place.width && place.width > 0 {
            let end = Rect {
                x: place.right() - 1,
                width: 1,
                ..place
            };
            self.put(end, if self.theme.unicode { "…" } else { "+" }, style);
        }
    }

    pub(super) fn fill(&mut self, place: Rect, style: Style) {
        self.buffer.set_style(place, style);
    }

    /// An empty frame with a title, over whatever was there.
    pub(super) fn frame(&mut self, place: Rect, title: &str) {
        let [
            across,
            down,
            upper_left,
            upper_right,
            lower_left,
            lower_right,
        ] = if self.theme.unicode {
            ["─", "│", "┌", "┐", "└", "┘"]
        } else {
            ["-", "|", "+", "+", "+", "+"]
        };
        let style = self.theme.label();
        for y in place.y..place.bottom() {
            for x in place.x..place.right() {
                let left = x == place.x;
                let right = x + 1 == place.right();
                let upper = y == place.y;
                let lower = y + 1 == place.bottom();
                let symbol = match (upper, lower, left, right) {
                    (true, _, true, _) => upper_left,
                    (true, _, _, true) => upper_right,
                    (_, true, true, _) => lower_left,
                    (_, true, _, true) => lower_right,
                    (true, ..) | (_, true, ..) => across,
                    (_, _, true, _) | (.., true) => down,
                    _ => " ",
                };
                if let Some(cell) = self.buffer.cell_mut((x, y)) {
                    cell.reset();
                    cell.set_symbol(symbol).set_style(style);
                }
            }
        }
        let inner = Rect {
            x: place.x + 1,
            width: place.width.saturating_sub(2),
            ..place
        };
        self.put(inner, &format!(" {title} "), self.theme.title());
    }

    /// A graph with the newest value at the right. `top` is the value that fills the place; 0 means the
    /// largest that is shown.
    pub(super) fn graph(&mut self, place: Rect, series: &Series, top: f64) {
        let top = if top > 0.0 {
            top
        } else {
            series.max(usize::from(place.width))
        };
        let columns = (place.x..place.right()).rev();
        for (x, value) in columns.zip(series.newest_first()) {
            let Some(value) = value else {
                continue;
            };
            let share = if top > 0.0 { value / top } else { 0.0 };
            // How far the column reaches, in lines; what is not nothing can be seen.
            let reach = (share * f64::from(place.height)).max(if value > 0.0 { 0.01 } else { 0.0 });
            for line in 0..place.height {
                let here = reach - f64::from(line);
                if here > 0.0 {
                    let y = place.bottom() - 1 - line;
                    self.block(x, y, here, share);
                }
            }
        }
    }

    /// A character that is filled to a share.
    pub(super) fn level(&mut self, x: u16, y: u16, share: f64) {
        self.block(x, y, share, share);
    }

    fn block(&mut self, x: u16, y: u16, filled: f64, share: f64) {
        let levels = if self.theme.unicode {
            &LEVELS
        } else {
            &PLAIN_LEVELS
        };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and 8"
        )]
        let eighths = (filled.clamp(0.0, 1.0) * 8.0).ceil() as usize;
        let symbol = levels[eighths.saturating_sub(1).min(7)];
        if let Some(cell) = self.buffer.cell_mut((x, y)) {
            cell.set_symbol(symbol).set_style(self.theme.share(share));
        }
    }

    /// A bar from the left.
    pub(super) fn bar(&mut self, place: Rect, share: f64) {
        let symbol = if self.theme.unicode { "■" } else { "|" };
        let style = self.theme.share(share);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and the width"
        )]
        let filled = (share.clamp(0.0, 1.0) * f64::from(place.width)).round() as u16;
        for x in 0..place.width {
            let (symbol, style) = if x < filled {
                (symbol, style)
            } else {
                ("·", self.theme.dim())
            };
            let symbol = if self.theme.unicode || x < filled {
                symbol
            } else {
                "."
            };
            if let Some(cell) = self.buffer.cell_mut((place.x + x, place.y)) {
                cell.set_symbol(symbol).set_style(style);
            }
        }
    }
}
