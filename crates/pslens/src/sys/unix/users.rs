//! Login records: who is logged in.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::time::{Duration, SystemTime};

use pslens_parse::unix::utmpx::{self, Layout, Order, Row, USER_PROCESS, Width};

use crate::host::User;
use crate::process::Pid;

/// What the C library of this machine writes; the file may come from a glibc though we are musl.
const NATIVE: Layout = Layout {
    width: if cfg!(target_arch = "aarch64") {
        Width::Wide
    } else {
        Width::Narrow
    },
    order: if cfg!(target_endian = "big") {
        Order::Big
    } else {
        Order::Little
    },
};

/// The users in a file of login records. Records that are damaged are left out.
pub(crate) fn decode(records: &[u8]) -> Vec<User> {
    utmpx::rows(records, Layout::of(records, NATIVE))
        .filter_map(|row| user(&row.ok()?))
        .collect()
}

fn user(row: &Row<'_>) -> Option<User> {
    if row.kind != USER_PROCESS || row.user.is_empty() {
        return None;
    }
    let text = |bytes: &[u8]| OsString::from_vec(bytes.to_vec());
    let some = |bytes: &[u8]| (!bytes.is_empty()).then(|| text(bytes));
    Some(User {
        name: text(row.user),
        terminal: some(row.line),
        host: some(row.host),
        started: time(row.tv_sec, row.tv_usec)?,
        pid: u32::try_from(row.pid)
            .ok()
            .filter(|&pid| pid > 0)
            .map(Pid::from),
    })
}

fn time(seconds: i64, micros: i64) -> Option<SystemTime> {
    let micros = u64::try_from(micros).ok().filter(|&us| us < 1_000_000)?;
    let whole = Duration::from_secs(seconds.unsigned_abs());
    let start = if seconds < 0 {
        SystemTime::UNIX_EPOCH.checked_sub(whole)
    } else {
        SystemTime::UNIX_EPOCH.checked_add(whole)
    };
    start?.checked_add(Duration::from_micros(micros))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A record as glibc writes it on x86-64.
    fn record(kind: u8, user: &[u8], line: &[u8], host: &[u8]) -> Vec<u8> {
        let mut record = vec![0; 384];
        record[0] = kind;
        record[4..8].copy_from_slice(&1234_i32.to_le_bytes());
        record[8..8 + line.len()].copy_from_slice(line);
        record[44..44 + user.len()].copy_from_slice(user);
        record[76..76 + host.len()].copy_from_slice(host);
        record[340..344].copy_from_slice(&1_700_000_000_u32.to_le_bytes());
        record[344..348].copy_from_slice(&500_000_i32.to_le_bytes());
        record
    }

    #[test]
    fn users_are_the_logins_among_the_records() {
        let full = [b'x'; 32];
        let file = [
            record(2, b"reboot", b"~", b"6.18.0"),
            record(7, b"alice", b"pts/0", b"192.0.2.7"),
            record(7, &full, b"tty1", b""),
            record(8, b"gone", b"pts/1", b""),
            record(7, b"", b"pts/2", b""),
            record(7, b"display\xff", b"", b":0"),
        ]
        .concat();
        let users = decode(&file);
        let brief: Vec<_> = users
            .iter()
            .map(|user| {
                (
                    user.name.as_encoded_bytes(),
                    user.terminal.as_deref().map(|t| t.as_encoded_bytes()),
                    user.host.as_deref().map(|h| h.as_encoded_bytes()),
                )
            })
            .collect();
        assert_eq!(
            brief,
            [
                (
                    b"alice".as_slice(),
                    Some(b"pts/0".as_slice()),
                    Some(b"192.0.2.7".as_slice())
                ),
                (&full, Some(b"tty1"), None),
                (b"display\xff", None, Some(b":0")),
            ]
        );
        let user = users.first().unwrap();
        assert_eq!(user.pid, Some(Pid::from(1234)));
        assert_eq!(
            user.started,
            SystemTime::UNIX_EPOCH + Duration::from_millis(1_700_000_000_500)
        );
    }

    #[test]
    fn odd_times_and_records() {
        assert_eq!(time(0, -1), None);
        assert_eq!(
            time(-1, 0),
            Some(SystemTime::UNIX_EPOCH - Duration::from_secs(1))
        );
        assert!(decode(&[7; 1000]).len() <= 2);
    }
}
