//! The environment of a process: strings `NAME=value` in UTF-16, each ended by a NUL, an empty one at the
//! end (documented with `CreateProcess`).
//!
//! Names that start with `=` are not variables: `=C:` is the directory that drive `C:` is at, `=ExitCode`
//! what the command processor last saw.

use super::Wide;

/// Iterates over names and values, in the order of the block, which is that of the names.
///
/// An empty string ends the block. Strings without a name or without `=` are skipped, and so is one that
/// lacks its NUL.
pub fn variables(block: Wide<'_>) -> impl Iterator<Item = (Wide<'_>, Wide<'_>)> {
    let mut rest = block;
    core::iter::from_fn(move || {
        let string = rest.until_nul();
        // Without a NUL behind it, it is the rest, and cut.
        let after = string.0.len().checked_add(2)?;
        rest = Wide(rest.0.get(after..)?);
        (!string.is_empty()).then_some(string)
    })
    .filter_map(|string| {
        let equals = string.units().position(|unit| unit == u16::from(b'='))?;
        let (name, value) = string.0.split_at_checked(equals.checked_mul(2)?)?;
        (!name.is_empty()).then_some((Wide(name), Wide(value.get(2..)?)))
    })
}

/// Whether the block has its end, so that no more of it need be read.
#[must_use]
pub fn is_complete(block: Wide<'_>) -> bool {
    let mut previous = 0;
    block
        .units()
        .any(|unit| core::mem::replace(&mut previous, unit) == 0 && unit == 0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bytes(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    fn check(block: &str, complete: bool, expect: &[(&str, &str)]) {
        let bytes = bytes(block);
        let got: Vec<_> = variables(Wide(&bytes))
            .map(|(name, value)| (name.to_string(), value.to_string()))
            .collect();
        let got: Vec<_> = got.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        assert_eq!(got, expect, "{block:?}");
        assert_eq!(is_complete(Wide(&bytes)), complete, "{block:?}");
    }

    #[test]
    fn environment_block_in_every_shape() {
        check("", false, &[]);
        check("\0", true, &[]);
        check("\0\0", true, &[]);
        check("A=1\0B=2\0\0", true, &[("A", "1"), ("B", "2")]);
        check(
            "Path=C:\\x;y\0é=\u{1f600}\0\0rest=1\0\0",
            true,
            &[("Path", "C:\\x;y"), ("é", "\u{1f600}")],
        );
        check("A=\0B=x=y\0\0", true, &[("A", ""), ("B", "x=y")]);
        check("A=1\0a=2\0\0", true, &[("A", "1"), ("a", "2")]);
    }

    #[test]
    fn environment_block_holds_what_is_no_variable() {
        check("=C:=C:\\dir\0=::=::\\\0A=1\0\0", true, &[("A", "1")]);
        check("=\0garbage\0A=1\0\0", true, &[("A", "1")]);
    }

    #[test]
    fn environment_block_that_is_cut() {
        check("A=1\0B=2\0", false, &[("A", "1"), ("B", "2")]);
        check("A=1\0B=2", false, &[("A", "1")]);
        check("A=1", false, &[]);
        let mut odd = bytes("A=1\0\0");
        odd.pop();
        assert_eq!(variables(Wide(&odd)).count(), 1);
        assert!(!is_complete(Wide(&odd)));
    }

    #[test]
    fn environment_block_need_not_be_well_formed() {
        let units = [0xdc00, u16::from(b'='), 0xd800, 0, 0];
        let bytes: Vec<u8> = units.into_iter().flat_map(u16::to_le_bytes).collect();
        let (name, value) = variables(Wide(&bytes)).next().unwrap();
        assert_eq!(name.units().collect::<Vec<_>>(), [0xdc00]);
        assert_eq!(value.units().collect::<Vec<_>>(), [0xd800]);
    }

    proptest! {
        #[test]
        fn environment_block_round_trips(
            pairs in proptest::collection::vec(("[^=\0]{1,10}", "[^\0]{0,20}"), 0..10),
        ) {
            let text: String = pairs.iter().map(|(name, value)| format!("{name}={value}\0")).collect();
            let bytes = bytes(&format!("{text}\0"));
            let got: Vec<_> = variables(Wide(&bytes))
                .map(|(name, value)| (name.to_string(), value.to_string()))
                .collect();
            prop_assert_eq!(got, pairs);
            prop_assert!(is_complete(Wide(&bytes)));
        }

        #[test]
        fn environment_block_says_no_more_once_it_is_complete(
            input in proptest::collection::vec(prop_oneof![Just(0_u8), Just(b'='), any::<u8>()], 0..60),
            cut in 0..60_usize,
        ) {
            let start = Wide(&input[..cut.min(input.len())]);
            if is_complete(start) {
                prop_assert!(variables(start).eq(variables(Wide(&input))));
            }
            prop_assert!(variables(Wide(&input)).all(|(name, _)| !name.is_empty()));
        }
    }
}
