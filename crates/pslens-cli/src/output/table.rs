//! Columns of text.
//!
//! The library that lays them out pads every cell to the width of its column and wraps what is wider
//! than 65,535. So it gets neither what stands at the end of a line, which nothing has to line up with
//! and which may be a command line of megabytes, nor more than [`WIDEST`] of any other cell: whoever
//! starts a program chooses its arguments, and 10,000 rows as wide as those would be gigabytes.

use std::io::{self, Write};

use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Row, Width, presets};
use unicode_truncate::UnicodeTruncateStr;
use unicode_width::UnicodeWidthStr;

use super::Layout;

/// As wide as the longest path and a blank. What is cut here ends with `…`.
const WIDEST: u16 = 4096;

/// What the last column keeps, however narrow the terminal is.
const NARROWEST: usize = 8;

/// On which side of its column a cell stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

impl From<Align> for CellAlignment {
    fn from(align: Align) -> Self {
        match align {
            Align::Left => Self::Left,
            Align::Right => Self::Right,
        }
    }
}

/// Cells in rows of the same length.
#[derive(Debug)]
pub(crate) struct Table {
    aligns: Vec<Align>,
    header: Line,
    lines: Vec<Line>,
    /// The cells of the row that is not complete.
    cells: Vec<String>,
}

/// A row: the cells that stand in columns, and what follows them.
#[derive(Debug, Default)]
struct Line {
    columns: Row,
    end: String,
}

impl Table {
    /// A table without rows.
    pub(crate) fn new<S: Into<String>>(columns: impl IntoIterator<Item = (S, Align)>) -> Self {
        let (headings, aligns): (Vec<String>, Vec<Align>) = columns
            .into_iter()
            .map(|(heading, align)| (heading.into(), align))
            .unzip();
        Self {
            header: Line::new(headings, &aligns),
            aligns,
            lines: Vec::new(),
            cells: Vec::new(),
        }
    }

    /// Adds the next cell, which `write` appends to the string that it is given. The text must have
    /// gone through [`super::text::push`] if anybody else chose it.
    pub(crate) fn cell(&mut self, write: impl FnOnce(&mut String)) {
        let mut cell = String::new();
        write(&mut cell);
        self.cells.push(cell);
        if self.cells.len() == self.aligns.len() {
            let cells = std::mem::take(&mut self.cells);
            self.lines.push(Line::new(cells, &self.aligns));
        }
    }

    /// Writes the lines.
    pub(crate) fn write(self, layout: Layout, out: &mut impl Write) -> io::Result<()> {
        let mut table = comfy_table::Table::new();
        table
            .load_style(presets::NOTHING)
            .set_content_arrangement(ContentArrangement::Disabled)
            // Cells are cut where they are too wide, not at the end of a word.
            .set_delimiter('\0');
        let mut ends = Vec::with_capacity(self.lines.len() + 1);
        let header = layout.header.then_some(self.header);
        for mut line in header.into_iter().chain(self.lines) {
            line.columns.max_height(1);
            table.add_row(line.columns);
            ends.push(line.end);
        }
        for (column, align) in table.column_iter_mut().zip(self.aligns) {
            column
                .set_padding((0, 1))
                .set_constraint(ColumnConstraint::UpperBoundary(Width::Fixed(WIDEST)))
                .set_cell_alignment(align.into());
        }
        // No lines come out of a table that has its only column at the end of the line.
        let lines = table.lines().chain(std::iter::repeat(String::new()));
        for (mut line, end) in lines.zip(ends) {
            match layout.width {
                Some(width) => {
                    let left = width.saturating_sub(line.width()).max(NARROWEST);
                    line.push_str(end.unicode_truncate(left).0);
                }
                None => line.push_str(&end),
            }
            line.truncate(line.trim_end_matches(' ').len());
            line.push('\n');
            out.write_all(line.as_bytes())?;
        }
        Ok(())
    }
}

impl Line {
    /// Words in the last column are the end of the line; numbers stand in a column even there.
    fn new(mut cells: Vec<String>, aligns: &[Align]) -> Self {
        let end = match aligns.last() {
            Some(Align::Left) => cells.pop().unwrap_or_default(),
            _ => String::new(),
        };
        Self {
            columns: Row::from(cells),
            end,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAYOUT: Layout = Layout {
        bytes: false,
        header: true,
        width: None,
    };

    fn table() -> Table {
        let mut table = Table::new([
            ("PID", Align::Right),
            ("USER", Align::Left),
            ("NAME", Align::Left),
        ]);
        for cell in ["1", "root", "init", "12345", "ä", "a long name 日本"] {
            table.cell(|out| out.push_str(cell));
        }
        table
    }

    fn written(layout: Layout) -> String {
        let mut out = Vec::new();
        table().write(layout, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn columns_line_up_and_nothing_trails() {
        assert_eq!(
            written(LAYOUT),
            "  PID USER NAME\n    1 root init\n12345 ä    a long name 日本\n"
        );
    }

    #[test]
    fn the_last_column_ends_with_the_terminal() {
        let layout = Layout {
            width: Some(24),
            header: false,
            ..LAYOUT
        };
        // A character of two columns is not halved.
        assert_eq!(written(layout), "    1 root init\n12345 ä    a long name\n");
        let layout = Layout {
            width: Some(3),
            ..layout
        };
        assert_eq!(written(layout), "    1 root init\n12345 ä    a long n\n");
    }

    #[test]
    fn a_cell_of_any_width_stays_in_its_line() {
        let mut table = Table::new([("CMD", Align::Left), ("PID", Align::Right)]);
        for cell in [&"x y".repeat(100_000), "1", "sh", "2"] {
            table.cell(|out| out.push_str(cell));
        }
        let mut out = Vec::new();
        table.write(LAYOUT, &mut out).unwrap();
        let out = String::from_utf8(out).unwrap();
        let lines: Vec<&str> = out.lines().collect();
        assert_eq!(lines.len(), 3);
        assert!(lines[1].ends_with("…   1"));
        let width = usize::from(WIDEST);
        assert!(lines.iter().all(|line| line.width() == width + "PID".len()));
        // Nothing is lost at the end of a line.
        let mut table = Table::new([("PID", Align::Right), ("CMD", Align::Left)]);
        let command = "x y".repeat(100_000);
        for cell in ["1", &command] {
            table.cell(|out| out.push_str(cell));
        }
        let mut out = Vec::new();
        table.write(LAYOUT, &mut out).unwrap();
        let expect = format!("PID CMD\n  1 {command}\n");
        assert!(out == expect.as_bytes());
    }

    #[test]
    fn a_single_column_is_a_table() {
        for align in [Align::Left, Align::Right] {
            let mut table = Table::new([("A", align)]);
            table.cell(|out| out.push('1'));
            table.cell(|_| {});
            let mut out = Vec::new();
            table.write(LAYOUT, &mut out).unwrap();
            assert_eq!(out, b"A\n1\n\n");
        }
    }

    #[test]
    fn a_table_without_rows_is_its_header() {
        let table = Table::new([("A", Align::Left), ("B", Align::Right)]);
        let mut out = Vec::new();
        table.write(LAYOUT, &mut out).unwrap();
        assert_eq!(out, b"A B\n");
        let table = Table::new([("A", Align::Left), ("B", Align::Right)]);
        let mut out = Vec::new();
        let layout = Layout {
            header: false,
            ..LAYOUT
        };
        table.write(layout, &mut out).unwrap();
        assert_eq!(out, b"");
    }
}
