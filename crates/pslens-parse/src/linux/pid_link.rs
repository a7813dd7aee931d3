//! The links below `/proc/[pid]` (`exe`, `cwd`, `root`, `fd/*`): what `readlink` says about them.
//!
//! Format (proc(5)): an absolute path as the reader's root sees it, or `type:[inode]` for what has no
//! path. Paths are not escaped. Since paths are absolute, none can pass for a socket.

/// The inode number of `socket:[12345]`; `None` for every other target.
#[must_use]
pub fn socket_inode(target: &[u8]) -> Option<u64> {
    inode(target.strip_prefix(b"socket:[")?)
}

/// The inode number of `pipe:[12345]`; `None` for every other target.
#[must_use]
pub fn pipe_inode(target: &[u8]) -> Option<u64> {
    inode(target.strip_prefix(b"pipe:[")?)
}

fn inode(bracketed: &[u8]) -> Option<u64> {
    let digits = bracketed.strip_suffix(b"]")?;
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u64, |value, byte| {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value.checked_mul(10)?.checked_add(u64::from(digit))
    })
}

/// The path without ` (deleted)`; `None` if the target does not end so.
///
/// The mark is text like any other: a file that exists may really be called so. Look for it first.
#[must_use]
pub fn deleted(target: &[u8]) -> Option<&[u8]> {
    target.strip_suffix(b" (deleted)")
}

/// The target up to its first NUL byte; what some kernels return after it is garbage.
#[must_use]
pub fn before_nul(target: &[u8]) -> &[u8] {
    target.split(|&byte| byte == 0).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(target: &[u8], socket: Option<u64>, path: Option<&[u8]>) {
        let shown = String::from_utf8_lossy(target);
        assert_eq!(socket_inode(target), socket, "{shown}");
        assert_eq!(deleted(target), path, "{shown}");
    }

    #[test]
    fn pid_link_of_pipes() {
        assert_eq!(pipe_inode(b"pipe:[12345]"), Some(12345));
        for other in [&b"pipe:[]"[..], b"pipe:[1", b"socket:[1]", b"/pipe:[1]"] {
            assert_eq!(pipe_inode(other), None);
        }
    }

    #[test]
    fn pid_link_of_every_kind() {
        check(b"socket:[12345]", Some(12345), None);
        check(b"socket:[18446744073709551615]", Some(u64::MAX), None);
        check(b"socket:[18446744073709551616]", None, None);
        check(b"socket:[]", None, None);
        check(b"socket:[-1]", None, None);
        check(b"socket:[1] (deleted)", None, Some(b"socket:[1]"));
        check(b"/tmp/socket:[1]", None, None);
        check(b"pipe:[1]", None, None);
        check(b"/a b", None, None);
        check(b"/a b (deleted)", None, Some(b"/a b"));
        check(b"/a (deleted) (deleted)", None, Some(b"/a (deleted)"));
        check(b"/memfd:x (deleted)", None, Some(b"/memfd:x"));
        check(b"", None, None);
    }

    #[test]
    fn pid_link_ends_at_nul() {
        assert_eq!(before_nul(b"/bin/x\0 (deleted)\0"), b"/bin/x");
        assert_eq!(before_nul(b"/bin/x"), b"/bin/x");
        assert_eq!(before_nul(b"\0x"), b"");
        assert_eq!(before_nul(b""), b"");
    }

    proptest! {
        #[test]
        fn pid_link_round_trips(inode: u64, path in "/[^\0]{0,30}") {
            prop_assert_eq!(socket_inode(format!("socket:[{inode}]").as_bytes()), Some(inode));
            let marked = format!("{path} (deleted)");
            prop_assert_eq!(deleted(marked.as_bytes()), Some(path.as_bytes()));
            let ended = format!("{path}\0x");
            prop_assert_eq!(before_nul(ended.as_bytes()), path.as_bytes());
        }

        #[test]
        fn pid_link_never_panics(target in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = (socket_inode(&target), deleted(&target), before_nul(&target));
        }
    }
}
