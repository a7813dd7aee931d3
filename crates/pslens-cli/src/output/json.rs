//! JSON: one array, an object on each line.

use std::io::{self, Write};

use serde::Serialize;

/// Writes `rows` as one array. Each object has its own line, so that `grep` and `diff` work on it.
pub(crate) fn write<T: Serialize>(
    rows: impl IntoIterator<Item = T>,
    out: &mut impl Write,
) -> io::Result<()> {
    let mut before = "[\n";
    for row in rows {
        out.write_all(before.as_bytes())?;
        serde_json::to_writer(&mut *out, &row)?;
        before = ",\n";
    }
    out.write_all(if before == "[\n" { b"[]\n" } else { b"\n]\n" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn always_one_array() {
        let check = |rows: &[u8], expect: &str| {
            let mut out = Vec::new();
            write(rows, &mut out).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), expect);
        };
        check(&[], "[]\n");
        check(&[1], "[\n1\n]\n");
        check(&[1, 2], "[\n1,\n2\n]\n");
    }
}
