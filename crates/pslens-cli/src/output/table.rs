//! Columns of text.
//!
//! Every cell but the last is padded to the width of its column, so a cell that is as wide as its owner
//! likes would widen every line: whoever starts a program chooses its arguments. What stands in a column
//! is therefore cut at [`WIDEST`]; what stands at the end of a line, which nothing has to line up with, is
//! not, and may be a command line of megabytes.

use std::io::{self, Write};

use unicode_truncate::UnicodeTruncateStr;
use unicode_width::UnicodeWidthStr;

use super::Layout;

/// As wide as the longest path. What is cut here ends with `…`.
const WIDEST: usize = 4096;

/// What the last column keeps, however narrow the terminal is.
const NARROWEST: usize = 8;

/// How a terminal is told to write in bold, and no longer to.
const BOLD: &str = "\x1b[1m";
const PLAIN: &str = "\x1b[0m";

/// On which side of its column a cell stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// Cells in rows of the same length.
#[derive(Debug)]
pub(crate) struct Table {
    columns: Vec<Column>,
    headings: Cells,
    cells: Cells,
}

#[derive(Debug)]
struct Column {
    align: Align,
    /// The cells stand at the end of the line: words in the last column. Numbers line up even there.
    ends: bool,
    /// That of the widest cell without the heading.
    width: usize,
}

/// The texts of many cells in one string: tables of 10,000 rows are usual.
#[derive(Debug, Default)]
struct Cells {
    text: String,
    cells: Vec<Extent>,
}

/// Where a cell ends, the next one beginning there, and how wide it is on a terminal.
#[derive(Debug, Clone, Copy)]
struct Extent {
    end: usize,
    width: usize,
}

impl Table {
    /// A table without rows.
    pub(crate) fn new<S: AsRef<str>>(columns: impl IntoIterator<Item = (S, Align)>) -> Self {
        let mut table = Self {
            columns: Vec::new(),
            headings: Cells::default(),
            cells: Cells::default(),
        };
        for (heading, align) in columns {
            table
                .headings
                .push(|text| text.push_str(heading.as_ref()), false);
            table.columns.push(Column {
                align,
                ends: false,
                width: 0,
            });
        }
        if let Some(last) = table.columns.last_mut() {
            last.ends = last.align == Align::Left;
        }
        table
    }

    /// Adds the next cell, which `write` appends to the string that it is given. The text must have
    /// gone through [`super::text::push`] if anybody else chose it.
    pub(crate) fn cell(&mut self, write: impl FnOnce(&mut String)) {
        let at = self.cells.cells.len().checked_rem(self.columns.len());
        if let Some(column) = at.and_then(|at| self.columns.get_mut(at)) {
            let width = self.cells.push(write, !column.ends);
            column.width = column.width.max(width);
        }
    }

    /// Writes the lines.
    pub(crate) fn write(mut self, layout: Layout, out: &mut impl Write) -> io::Result<()> {
        let mut line = String::new();
        if layout.header {
            for (column, heading) in self.columns.iter_mut().zip(&self.headings.cells) {
                column.width = column.width.max(heading.width);
            }
            if layout.color {
                out.write_all(BOLD.as_bytes())?;
            }
            self.write_rows(&self.headings, layout, &mut line, out)?;
            if layout.color {
                out.write_all(PLAIN.as_bytes())?;
            }
        }
        self.write_rows(&self.cells, layout, &mut line, out)
    }

    fn write_rows(
        &self,
        cells: &Cells,
        layout: Layout,
        line: &mut String,
        out: &mut impl Write,
    ) -> io::Result<()> {
        let mut begin = 0;
        for row in cells.cells.chunks_exact(self.columns.len().max(1)) {
            line.clear();
            let mut used = 0;
            for (column, cell) in self.columns.iter().zip(row) {
                let text = cells.text.get(begin..cell.end).unwrap_or_default();
                begin = cell.end;
                let padding = column.width.saturating_sub(cell.width);
                match (column.ends, column.align) {
                    (true, _) => line.push_str(fitting(text, cell.width, used, layout.width)),
                    (false, Align::Left) => {
                        line.push_str(text);
                        pad(line, padding);
                    }
                    (false, Align::Right) => {
                        pad(line, padding);
                        line.push_str(text);
                    }
                }
                line.push(' ');
                used += column.width + 1;
            }
            line.truncate(line.trim_end_matches(' ').len());
            line.push('\n');
            out.write_all(line.as_bytes())?;
        }
        Ok(())
    }
}

/// As much of `text` as there is room for in a terminal of which `used` columns are taken.
fn fitting(text: &str, width: usize, used: usize, terminal: Option<usize>) -> &str {
    let Some(terminal) = terminal else {
        return text;
    };
    let left = terminal.saturating_sub(used).max(NARROWEST);
    if width <= left {
        text
    } else {
        text.unicode_truncate(left).0
    }
}

fn pad(line: &mut String, blanks: usize) {
    line.extend(std::iter::repeat_n(' ', blanks));
}

impl Cells {
    /// Adds a cell and returns its width; one that must stand in a column is cut.
    fn push(&mut self, write: impl FnOnce(&mut String), cut: bool) -> usize {
        let begin = self.text.len();
        write(&mut self.text);
        let text = self.text.get(begin..).unwrap_or_default();
        let mut width = if text.is_ascii() {
            text.len()
        } else {
            text.width()
        };
        if cut && width > WIDEST {
            let (kept, kept_width) = text.unicode_truncate(WIDEST - 1);
            width = kept_width + 1;
            self.text.truncate(begin + kept.len());
            self.text.push('…');
        }
        self.cells.push(Extent {
            end: self.text.len(),
            width,
        });
        width
    }
}

#[cfg(test)]
mod tests {
    use super::super::Sizes;
    use super::*;

    const LAYOUT: Layout = Layout {
        sizes: Sizes::Human,
        header: true,
        width: None,
        color: false,
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
    fn only_the_names_of_columns_are_bold() {
        let layout = Layout {
            color: true,
            ..LAYOUT
        };
        assert_eq!(
            written(layout),
            "\x1b[1m  PID USER NAME\n\x1b[0m    1 root init\n12345 ä    a long name 日本\n"
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
        assert!(
            lines
                .iter()
                .all(|line| line.width() == WIDEST + " PID".len())
        );
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
