//! Who is logged in: the sessions that have a user.

use std::io;
use std::time::SystemTime;

use pslens_parse::windows::{Memory, Wide, wts_client_address, wts_session_info, wtsinfo};
use windows_sys::Win32::Foundation::{ERROR_CTX_WINSTATION_NOT_FOUND, ERROR_FILE_NOT_FOUND};
use windows_sys::Win32::System::RemoteDesktop::{WTSClientAddress, WTSSessionInfo, WTSUserName};

use super::errors::code;
use super::ffi::sessions::Sessions;
use super::{Root, time, wide};
use crate::error::{Error, Result};
use crate::host::User;

const OPERATION: &str = "host users";

pub(crate) fn users(_root: &Root) -> Result<Vec<User>> {
    let fail = |error| Error::os(OPERATION, error);
    let Some(sessions) = Sessions::load().map_err(fail)? else {
        return Ok(Vec::new());
    };
    let list = sessions.list().map_err(fail)?;
    let ids = wts_session_info::session_ids(Memory::new(&list, 0));
    // A session that refuses to tell who it is of does not spoil the others.
    let mut refused = None;
    let mut users = Vec::new();
    for session in ids {
        match user(&sessions, session) {
            Ok(user) => users.extend(user),
            // It has ended since.
            Err(Trouble::Os(error)) if is_gone(&error) => {}
            Err(Trouble::Os(error)) => {
                refused.get_or_insert(error);
            }
            Err(Trouble::Parse(error)) => return Err(Error::invalid_data(OPERATION, error)),
        }
    }
    match refused {
        Some(error) if users.is_empty() => Err(fail(error)),
        _ => Ok(users),
    }
}

enum Trouble {
    Os(io::Error),
    Parse(pslens_parse::ParseError),
}

/// The user of a session; services and listeners have none.
fn user(sessions: &Sessions, session: u32) -> Result<Option<User>, Trouble> {
    let ask = |class| sessions.query(session, class).map_err(Trouble::Os);
    let name = ask(WTSUserName)?;
    let name = Wide(&name).until_nul();
    if name.is_empty() {
        return Ok(None);
    }
    let times = ask(WTSSessionInfo)?;
    let times = wtsinfo::parse(Memory::new(&times, 0)).map_err(Trouble::Parse)?;
    let host = ask(WTSClientAddress)?;
    let host = wts_client_address::parse(Memory::new(&host, 0)).map_err(Trouble::Parse)?;
    Ok(started(times).map(|started| User {
        name: wide::text(name),
        terminal: None,
        host: host.map(|address| address.to_string().into()),
        started,
        pid: None,
    }))
}

/// When the user came, last time: a session that was left open is connected to again. Not every kind of
/// session has both times; one with neither is being made, and is nobody's yet.
fn started(times: wtsinfo::Times) -> Option<SystemTime> {
    let known = [times.connect, times.logon]
        .into_iter()
        .find(|&time| time > 0)?;
    time::point(known.cast_unsigned())
}

fn is_gone(error: &io::Error) -> bool {
    matches!(
        code(error),
        Some(ERROR_CTX_WINSTATION_NOT_FOUND | ERROR_FILE_NOT_FOUND)
    )
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// What leads to the session that the caller is in.
    const CURRENT: u32 = u32::MAX;

    #[test]
    fn the_session_of_this_program_has_its_user() {
        let sessions = Sessions::load().unwrap().unwrap();
        let name = sessions.query(CURRENT, WTSUserName).unwrap();
        let name = wide::text(Wide(&name).until_nul());
        assert_eq!(Some(name), std::env::var_os("USERNAME"));
    }

    #[test]
    fn a_user_came_with_the_last_connection_or_else_the_login() {
        let second = |units| SystemTime::UNIX_EPOCH + Duration::from_secs(units);
        let epoch = 116_444_736_000_000_000;
        let of = |connect, logon| started(wtsinfo::Times { connect, logon });
        assert_eq!(of(epoch + 20_000_000, epoch + 10_000_000), Some(second(2)));
        assert_eq!(of(0, epoch + 10_000_000), Some(second(1)));
        assert_eq!(of(0, 0), None);
    }
}
