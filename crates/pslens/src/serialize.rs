//! How values without a JSON counterpart are written: psutil's names, base units, exact bytes.
//!
//! Durations are seconds, time stamps are seconds since the epoch. Text that is not UTF-8 is written
//! as bytes, which is an array of numbers in JSON: nothing is lost and nothing passes for other text.

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

    #[cfg(unix)]
    #[test]
    fn bytes_that_are_not_text_stay_exact() {
        use std::os::unix::ffi::OsStrExt;
        let row = Row {
            name: OsStr::from_bytes(b"a\xff"),
            time: Duration::from_millis(1500),
            started: SystemTime::UNIX_EPOCH - Duration::from_secs(1),
        };
        assert_eq!(
            serde_json::to_string(&row).unwrap(),
            r#"{"name":[97,255],"time":1.5,"started":-1.0}"#
        );
    }
}
