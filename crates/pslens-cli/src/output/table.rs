//! Columns of text.
//!
//! Rows go into one long string, and lines come out of it: nothing is allocated per cell, so that a
//! table of 10,000 processes takes little besides reading them. Boxes, wrapping and styles, for which
//! there are libraries, are not wanted in what `awk` reads.

use std::io::{self, Write};

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::Layout;

/// On which side of its column a cell stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// Cells in rows of the same length.
#[derive(Debug, Default)]
pub(crate) struct Table {
    headings: Vec<(String, Align)>,
    cells: String,
    /// Where each cell ends, row by row.
    ends: Vec<usize>,
}

impl Table {
    /// A table without rows.
    pub(crate) fn new<S: Into<String>>(columns: impl IntoIterator<Item = (S, Align)>) -> Self {
        Self {
            headings: columns
                .into_iter()
                .map(|(heading, align)| (heading.into(), align))
                .collect(),
            ..Self::default()
        }
    }

    /// Adds the next cell, which `write` appends to the string that it is given. The text must have
    /// gone through [`super::text::push`] if anybody else chose it.
    pub(crate) fn cell(&mut self, write: impl FnOnce(&mut String)) {
        write(&mut self.cells);
        self.ends.push(self.cells.len());
    }

    /// Writes the lines.
    pub(crate) fn write(&self, layout: Layout, out: &mut impl Write) -> io::Result<()> {
        let columns = self.headings.len();
        let mut widths: Vec<usize> = match layout.header {
            true => self.headings.iter().map(|(text, _)| text.width()).collect(),
            false => vec![0; columns],
        };
        for row in self.rows() {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell_width(cell));
            }
        }
        let mut line = String::new();
        let mut write = |row: &mut dyn Iterator<Item = &str>| {
            line.clear();
            self.push_line(&mut line, row, &widths, layout.width);
            line.push('\n');
            out.write_all(line.as_bytes())
        };
        if layout.header {
            write(&mut self.headings.iter().map(|(text, _)| &**text))?;
        }
        self.rows().try_for_each(|mut row| write(&mut row))
    }

    fn rows(&self) -> impl Iterator<Item = impl Iterator<Item = &str>> {
        let mut start = 0;
        self.ends
            .chunks(self.headings.len().max(1))
            .map(move |row| {
                let mut from = start;
                start = row.last().copied().unwrap_or(start);
                row.iter().map(move |&end| {
                    let cell = self.cells.get(from..end).unwrap_or_default();
                    from = end;
                    cell
                })
            })
    }

    fn push_line(
        &self,
        line: &mut String,
        row: &mut dyn Iterator<Item = &str>,
        widths: &[usize],
        limit: Option<usize>,
    ) {
        let mut used = 0;
        let mut columns = self.headings.iter().zip(widths).peekable();
        while let Some(((_, align), &width)) = columns.next() {
            let cell = row.next().unwrap_or_default();
            let last = columns.peek().is_none();
            let padding = width.saturating_sub(cell_width(cell));
            if *align == Align::Right {
                pad(line, padding);
            }
            match limit {
                Some(limit) if last => line.push_str(cut(cell, limit.saturating_sub(used))),
                _ => line.push_str(cell),
            }
            if !last {
                if *align == Align::Left {
                    pad(line, padding);
                }
                line.push(' ');
            }
            used += width + 1;
        }
        // An empty last cell leaves the padding of its neighbour.
        line.truncate(line.trim_end_matches(' ').len());
    }
}

fn cell_width(cell: &str) -> usize {
    // What text::push lets through has one column per byte if it is ASCII.
    if cell.is_ascii() {
        cell.len()
    } else {
        cell.width()
    }
}

fn pad(line: &mut String, columns: usize) {
    line.extend(std::iter::repeat_n(' ', columns));
}

/// The beginning of `cell` that fits into `columns`; at least a few, however narrow the terminal is.
fn cut(cell: &str, columns: usize) -> &str {
    let columns = columns.max(8);
    let mut used = 0;
    for (at, character) in cell.char_indices() {
        used += character.width().unwrap_or(0);
        if used > columns {
            return cell.get(..at).unwrap_or_default();
        }
    }
    cell
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
    fn a_table_without_rows_is_its_header() {
        let table = Table::new([("A", Align::Left), ("B", Align::Right)]);
        let mut out = Vec::new();
        table.write(LAYOUT, &mut out).unwrap();
        assert_eq!(out, b"A B\n");
    }
}
