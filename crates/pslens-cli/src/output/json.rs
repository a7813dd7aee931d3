//! JSON: one array, an object on each line.

use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::time::{Duration, SystemTime};

use serde::{Serialize, Serializer};

/// Writes `rows` as one array. Each object has its own line, so that `grep` and `diff` work on it.
pub(crate) fn write<T: Serialize>(
    rows: impl IntoIterator<Item = T>,
    out: &mut (impl Write + ?Sized),
) -> io::Result<()> {
    let mut before = "[\n";
    for row in rows {
        out.write_all(before.as_bytes())?;
        serde_json::to_writer(&mut *out, &row)?;
        before = ",\n";
    }
    out.write_all(if before == "[\n" { b"[]\n" } else { b"\n]\n" })
}

/// Text as the library writes it: what is not UTF-8 is an array of its bytes.
pub(crate) fn text<S: Serializer>(
    text: impl AsRef<OsStr>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match text.as_ref().to_str() {
        Some(text) => serializer.serialize_str(text),
        None => serializer.collect_seq(text.as_ref().as_encoded_bytes()),
    }
}

/// Text, or null.
#[expect(
    clippy::ref_option,
    reason = "serde calls it with a reference to the field"
)]
pub(crate) fn some_text<S: Serializer>(
    value: &Option<OsString>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match value {
        None => serializer.serialize_none(),
        Some(value) => text(value, serializer),
    }
}

/// For `serialize_with`: seconds, or null.
pub(crate) fn seconds<S: Serializer>(
    time: &Option<Duration>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    time.map(|time| time.as_secs_f64()).serialize(serializer)
}

/// For `serialize_with`: seconds since the epoch, negative before it.
pub(crate) fn epoch<S: Serializer>(time: &SystemTime, serializer: S) -> Result<S::Ok, S::Error> {
    let seconds = match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => after.as_secs_f64(),
        Err(before) => -before.duration().as_secs_f64(),
    };
    serializer.serialize_f64(seconds)
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

    #[cfg(unix)]
    #[test]
    fn bytes_that_are_not_text_stay_exact() {
        use std::os::unix::ffi::OsStrExt;
        let check = |bytes: &[u8], expect: &str| {
            let mut out = Vec::new();
            let mut serializer = serde_json::Serializer::new(&mut out);
            text(OsStr::from_bytes(bytes), &mut serializer).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), expect);
        };
        check(b"eth0", "\"eth0\"");
        check(b"a\xff", "[97,255]");
    }
}
