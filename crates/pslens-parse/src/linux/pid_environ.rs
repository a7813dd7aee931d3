//! `/proc/[pid]/environ`: the environment that a process was started with.
//!
//! Format (proc(5), kernel `fs/proc/base.c`): `NAME=value` strings, each ended by a NUL byte. What the
//! process changed later is not here, except where it wrote over this memory.

/// Iterates over names and values, in the order of the file; a name may occur twice.
///
/// An empty string ends the environment. Strings without a name or without `=` are skipped, and so is
/// one that lacks its NUL: its end was overwritten or cut.
pub fn variables(input: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    input
        .split_inclusive(|&byte| byte == 0)
        .map_while(|string| string.strip_suffix(b"\0"))
        .take_while(|string| !string.is_empty())
        .filter_map(|string| {
            let equals = string.iter().position(|&byte| byte == b'=')?;
            let (name, value) = string.split_at_checked(equals)?;
            (!name.is_empty()).then_some((name, value.get(1..)?))
        })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(input: &[u8], expect: &[(&[u8], &[u8])]) {
        let got: Vec<_> = variables(input).collect();
        assert_eq!(got, expect, "{}", String::from_utf8_lossy(input));
    }

    #[test]
    fn pid_environ_in_every_shape() {
        check(b"", &[]);
        check(b"A=1\0B=2\0", &[(b"A", b"1"), (b"B", b"2")]);
        check(b"A=\0B=x=y\0", &[(b"A", b""), (b"B", b"x=y")]);
        check(b"A=1\0A=2\0", &[(b"A", b"1"), (b"A", b"2")]);
        check(b"A=1\nB=2\xff\0", &[(b"A", b"1\nB=2\xff")]);
    }

    #[test]
    fn pid_environ_of_programs_that_wrote_over_it() {
        check(b"garbage\0A=1\0=x\0", &[(b"A", b"1")]);
        check(b"A=1\0\0B=2\0", &[(b"A", b"1")]);
        check(b"\0A=1\0", &[]);
        check(b"A=1\0B=2", &[(b"A", b"1")]);
    }

    proptest! {
        #[test]
        fn pid_environ_round_trips(
            pairs in proptest::collection::vec(("[^=\0]{1,10}", "[^\0]{0,20}"), 0..10),
        ) {
            let text: String = pairs.iter().map(|(name, value)| format!("{name}={value}\0")).collect();
            let got: Vec<_> = variables(text.as_bytes()).collect();
            let expect: Vec<_> = pairs.iter().map(|(n, v)| (n.as_bytes(), v.as_bytes())).collect();
            prop_assert_eq!(got, expect);
        }

        #[test]
        fn pid_environ_never_panics(input in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(variables(&input).all(|(name, _)| !name.is_empty()));
        }
    }
}
