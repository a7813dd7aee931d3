//! How values without a JSON counterpart are written: psutil's names, base units, exact bytes.
//!
//! Durations are seconds, time stamps are seconds since the epoch. Text that is not UTF-8 is written
//! as bytes, which is an array of numbers in JSON: nothing is lost and nothing passes for other text. On Windows
//! these are lone surrogates, whose bytes are those that UTF-8 would have for them.

use std::ffi::OsStr;
use std::path::Path;
use std::time::{Duration, SystemTime};

use serde::{Serialize, Serializer};

/// Seconds, as a float.
pub(crate) fn seconds<S: Serializer>(time: &Duration, s: S) -> Result<S::Ok, S::Error> {
    s.serialize_f64(time.as_secs_f64())
}

/// Seconds, or null.
pub(crate) fn seconds_option<S: Serializer>(
    time: &Option<Duration>,
    s: S,
) -> Result<S::Ok, S::Error> {
    time.map(|time| time.as_secs_f64()).serialize(s)
}

/// Seconds since the epoch, negative before it.
pub(crate) fn epoch<S: Serializer>(time: &SystemTime, s: S) -> Result<S::Ok, S::Error> {
    s.serialize_f64(since_epoch(*time))
}

/// Text, or the bytes of what is not UTF-8.
pub(crate) fn text<S: Serializer>(text: impl AsRef<OsStr>, s: S) -> Result<S::Ok, S::Error> {
    match text.as_ref().to_str() {
        Some(text) => s.serialize_str(text),
        None => s.serialize_bytes(text.as_ref().as_encoded_bytes()),
    }
}

/// Text or bytes, or null.
pub(crate) fn text_option<S: Serializer, T: AsRef<OsStr>>(
    value: &Option<T>,
    s: S,
) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => text(value, s),
        None => s.serialize_none(),
    }
}

/// A path, as [`text`].
pub(crate) fn path<S: Serializer>(path: impl AsRef<Path>, s: S) -> Result<S::Ok, S::Error> {
    text(path.as_ref(), s)
}

fn since_epoch(time: SystemTime) -> f64 {
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => after.as_secs_f64(),
        Err(before) => -before.duration().as_secs_f64(),
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;

    #[derive(Serialize)]
    struct Row<'a> {
        #[serde(serialize_with = "text")]
        name: &'a OsStr,
        #[serde(serialize_with = "seconds")]
        time: Duration,
        #[serde(serialize_with = "epoch")]
        started: SystemTime,
    }

    /// "a" and what is no text, and how it is written.
    #[cfg(unix)]
    fn not_text() -> (OsString, &'static str) {
        use std::os::unix::ffi::OsStringExt;
        (OsString::from_vec(b"a\xff".to_vec()), "[97,255]")
    }

    #[cfg(windows)]
    fn not_text() -> (OsString, &'static str) {
        use std::os::windows::ffi::OsStringExt;
        let text = OsString::from_wide(&[0x61, 0xd800]);
        (text, "[97,237,160,128]")
    }

    #[test]
    fn what_is_not_text_stays_exact() {
        let (name, bytes) = not_text();
        let row = Row {
            name: &name,
            time: Duration::from_millis(1500),
            started: SystemTime::UNIX_EPOCH - Duration::from_secs(1),
        };
        assert_eq!(
            serde_json::to_string(&row).unwrap(),
            format!(r#"{{"name":{bytes},"time":1.5,"started":-1.0}}"#)
        );
    }
}
