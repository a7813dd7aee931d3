//! How what is known about a process is laid out: labelled values, and lists.

use std::io::{self, Write};

use pslens::process::Field;
use unicode_truncate::UnicodeTruncateStr;

use super::known::Known;
use super::section::Section;
use crate::context::Context;
use crate::output::{Align, Cell, Layout, Table, text};

/// How much of a long list is shown if not all of it is wanted.
pub(super) const USUAL: usize = 10;

/// As wide as the longest label and two blanks.
const LABEL: usize = 22;

/// What a value may fill of a line, however narrow the terminal is.
const NARROWEST: usize = 16;

/// Writes `sections`, of long lists the first `most`.
pub(super) fn write(
    known: &Known,
    sections: &[Section],
    most: usize,
    context: &Context,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut report = Report {
        known,
        most,
        context,
        out,
    };
    report.title()?;
    for section in sections {
        writeln!(report.out)?;
        report.section(*section)?;
    }
    Ok(())
}

/// What is written, and where to.
pub(super) struct Report<'a> {
    pub(super) known: &'a Known,
    /// How much of a list is shown.
    pub(super) most: usize,
    pub(super) context: &'a Context,
    out: &'a mut dyn Write,
}

/// A value, or the reason why there is none.
pub(super) type Said<'a> = Result<Cell<'a>, &'static str>;

const UNKNOWN: &str = "unknown";

/// Why a field has no value.
pub(super) fn reason<T>(field: &Field<T>) -> &'static str {
    match field {
        Field::Denied => "denied: ask as root",
        Field::Zombie => "gone with its memory: this is a zombie",
        Field::Unsupported => "unknown: this system does not tell",
        Field::Failed(_) => "unknown: the system's answer could not be understood",
        _ => UNKNOWN,
    }
}

pub(super) fn said<'a, T>(
    field: &'a Field<T>,
    value: impl FnOnce(&'a T) -> Option<Cell<'a>>,
) -> Said<'a> {
    match field {
        Field::Value(found) => value(found).ok_or(UNKNOWN),
        missing => Err(reason(missing)),
    }
}

pub(super) fn count<T: Copy + Into<u64>>(field: &Field<T>) -> Said<'_> {
    said(field, |number| Some(Cell::Count((*number).into())))
}

impl Report<'_> {
    fn title(&mut self) -> io::Result<()> {
        let info = &self.known.info;
        let mut title = format!("Process {}", info.pid());
        if let Some(name) = info.name.value() {
            title.push_str(" (");
            text::push(&mut title, name);
            title.push(')');
        }
        self.heading(&title)
    }

    pub(super) fn heading(&mut self, heading: &str) -> io::Result<()> {
        if self.context.layout.color {
            writeln!(self.out, "\x1b[1m{heading}\x1b[0m")
        } else {
            writeln!(self.out, "{heading}")
        }
    }

    /// One value behind its label.
    pub(super) fn line(&mut self, label: &str, value: Said<'_>) -> io::Result<()> {
        let mut text = String::new();
        match value {
            Ok(cell) => cell.push(&mut text, self.context.layout, &self.context.clock),
            Err(reason) => text.push_str(reason),
        }
        self.folded(&format!("  {label:LABEL$}"), &text)
    }

    /// A line that stands for a list, or of one.
    pub(super) fn instead(&mut self, what: &str) -> io::Result<()> {
        self.folded("  ", what)
    }

    /// `text` behind `before`, in as many lines as it needs on a terminal.
    fn folded(&mut self, before: &str, text: &str) -> io::Result<()> {
        let room = self.context.layout.width;
        let room = room.map(|width| width.saturating_sub(before.len()).max(NARROWEST));
        let mut before = before.to_owned();
        for piece in pieces(text, room) {
            writeln!(self.out, "{before}{piece}")?;
            before = " ".repeat(before.len());
        }
        Ok(())
    }

    /// The first lines of a list, and how many there are more.
    pub(super) fn list<T>(
        &mut self,
        columns: &[(&str, Align)],
        rows: &[T],
        cells: impl Fn(&T) -> Vec<Cell<'_>>,
    ) -> io::Result<()> {
        const INDENT: &str = "  ";
        let mut table = Table::new(columns.iter().copied());
        for row in rows.iter().take(self.most) {
            for cell in cells(row) {
                table.cell(|out| cell.push(out, self.context.layout, &self.context.clock));
            }
        }
        let layout = Layout {
            width: self
                .context
                .layout
                .width
                .map(|width| width.saturating_sub(INDENT.len())),
            ..self.context.layout
        };
        let mut lines = Vec::new();
        table.write(layout, &mut lines)?;
        for line in lines.split_inclusive(|byte| *byte == b'\n') {
            self.out.write_all(INDENT.as_bytes())?;
            self.out.write_all(line)?;
        }
        match rows.len().saturating_sub(self.most) {
            0 => Ok(()),
            more => self.instead(&format!("and {more} more (--all)")),
        }
    }
}

/// `text` in pieces as wide as there is room; one piece where nobody knows the width.
fn pieces(text: &str, room: Option<usize>) -> Vec<&str> {
    let Some(room) = room else {
        return vec![text];
    };
    let mut pieces = Vec::new();
    let mut rest = text;
    loop {
        let (piece, _) = rest.unicode_truncate(room);
        pieces.push(piece);
        match rest.get(piece.len()..) {
            Some(more) if !more.is_empty() && !piece.is_empty() => rest = more,
            _ => return pieces,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_is_folded_where_the_terminal_ends() {
        let check = |text: &str, room: Option<usize>, expect: &[&str]| {
            assert_eq!(pieces(text, room), expect);
        };
        check("", Some(4), &[""]);
        check("abcd", Some(4), &["abcd"]);
        check("abcdefghi", Some(4), &["abcd", "efgh", "i"]);
        check("abcdefghi", None, &["abcdefghi"]);
        // A character of two columns is not halved.
        check("a日本語", Some(4), &["a日", "本語"]);
    }
}
