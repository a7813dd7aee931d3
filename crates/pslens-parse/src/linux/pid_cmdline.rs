//! `/proc/[pid]/cmdline`: the argument vector, as far as the process left it alone.
//!
//! Format (proc(5), kernel `fs/proc/base.c`): each argument ends with a NUL byte. Programs may write
//! over this memory to show a title instead (`setproctitle`, Chrome, nginx); then the text is one
//! string, with blanks between what used to be arguments, and may lack the last NUL.

/// Iterates over the arguments. Nothing for kernel threads and zombies, whose file is empty.
///
/// - Text that ends with NUL is split at NULs; arguments may be empty.
/// - A single such argument that holds blanks is a title: it is split at blanks.
/// - Text that does not end with NUL was rewritten: it is split at blanks.
pub fn arguments(input: &[u8]) -> impl Iterator<Item = &[u8]> {
    let (text, separator) = match input {
        [text @ .., 0] if text.contains(&0) || !text.contains(&b' ') => (text, 0),
        [text @ .., 0] => (text, b' '),
        [text @ .., b' '] => (text, b' '),
        text => (text, b' '),
    };
    // An empty file has no argument, where an empty string would have one.
    let all = if input.is_empty() { 0 } else { usize::MAX };
    text.split(move |&byte| byte == separator).take(all)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(input: &[u8], expect: &[&[u8]]) {
        let got: Vec<_> = arguments(input).collect();
        assert_eq!(got, expect, "{}", String::from_utf8_lossy(input));
    }

    #[test]
    fn pid_cmdline_in_every_shape() {
        check(b"", &[]);
        check(b"/sbin/init\0", &[b"/sbin/init"]);
        check(b"sh\0-c\0echo a b\0", &[b"sh", b"-c", b"echo a b"]);
        check(b"prog\0\0\0x\0", &[b"prog", b"", b"", b"x"]);
        check(b"\0", &[b""]);
        check(b"\0\0", &[b"", b""]);
        check(b"a\xff\n\0b\0", &[b"a\xff\n", b"b"]);
    }

    #[test]
    fn pid_cmdline_rewritten_in_place() {
        check(
            b"nginx: worker process\0",
            &[b"nginx:", b"worker", b"process"],
        );
        check(b"sshd: root@pts/0", &[b"sshd:", b"root@pts/0"]);
        check(b"title ", &[b"title"]);
        check(b"a  b", &[b"a", b"", b"b"]);
        check(
            b"chrome --type=x\0--y z",
            &[b"chrome", b"--type=x\0--y", b"z"],
        );
        check(b"title", &[b"title"]);
        check(b" ", &[b""]);
        // Padding after a title that was shorter than the arguments it replaced.
        check(b"my title\0\0\0", &[b"my title", b"", b""]);
    }

    proptest! {
        #[test]
        fn pid_cmdline_round_trips(
            arguments_in in proptest::collection::vec(
                proptest::collection::vec(any::<u8>().prop_filter("ends an argument", |b| *b != 0), 0..20),
                2..10,
            ),
        ) {
            let mut text = Vec::new();
            for argument in &arguments_in {
                text.extend_from_slice(argument);
                text.push(0);
            }
            prop_assert_eq!(arguments(&text).map(<[u8]>::to_vec).collect::<Vec<_>>(), arguments_in);
        }

        #[test]
        fn pid_cmdline_never_panics(input in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(arguments(&input).count() <= input.len() + 1);
        }
    }
}
