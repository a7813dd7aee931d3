//! Who is logged in.

use std::time::SystemTime;

use pslens::{ErrorKind, host};

use crate::evidence;

#[test]
fn users_have_names_and_have_come_before_now() {
    let users = host::users().unwrap();
    for user in &users {
        assert!(!user.name.is_empty(), "{user:?}");
        assert!(user.started < SystemTime::now(), "{user:?}");
        // 1601, to which nothing leads but an unknown time, is far below.
        assert!(user.started > SystemTime::UNIX_EPOCH, "{user:?}");
        assert_eq!((&user.terminal, user.pid), (&None, None));
    }
    match users.is_empty() {
        false => evidence::called("host::users"),
        true => evidence::without_data("host::users", "wine has no sessions to list"),
    }
}

#[test]
fn users_have_no_numbers() {
    let kinds = [
        host::user_name(0).unwrap_err().kind(),
        host::user_id("Administrator").unwrap_err().kind(),
    ];
    assert_eq!(kinds, [ErrorKind::Unsupported; 2]);
}
