//! Comma-separated values (RFC 4180): the columns of a table, for programs that want no JSON.

use std::io::{self, Write};

use super::Cell;

/// Writes `header`, unless it is left out, and `rows`.
pub(crate) fn write<'a>(
    header: Option<&[&str]>,
    rows: impl IntoIterator<Item = Vec<Cell<'a>>>,
    out: &mut impl Write,
) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    if let Some(header) = header {
        writer.write_record(header).map_err(io::Error::from)?;
    }
    let mut field = String::new();
    for row in rows {
        for cell in &row {
            field.clear();
            cell.push_raw(&mut field);
            writer.write_field(&field).map_err(io::Error::from)?;
        }
        writer
            .write_record(None::<&[u8]>)
            .map_err(io::Error::from)?;
    }
    writer.flush()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn values_are_raw_and_text_is_quoted_and_escaped() {
        let rows = [
            vec![
                Cell::Bytes(5 << 30),
                Cell::Percent(1.25),
                Cell::text("a,\"b\"\n"),
            ],
            vec![
                Cell::Unknown,
                Cell::Seconds(Duration::from_millis(1500)),
                Cell::Denied,
            ],
        ];
        let mut out = Vec::new();
        write(Some(&["size", "share", "name"]), rows, &mut out).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "size,share,name\n5368709120,1.25,\"a,\"\"b\"\"\\n\"\n,1.5,\n"
        );
    }
}
