//! The command line of a process, which Windows passes on as one string, split into arguments.
//!
//! The rules are those of `CommandLineToArgvW` on Windows 10 and 11. C and Rust programs split their own
//! by rules that differ in rare cases: after `""` between quotes those go on quoting, and these do not; and
//! they let quotes in the middle of the program's name quote blanks.
//!
//! 1. The first argument, the program, knows no escapes. If it starts with a quote, the next quote ends it.
//!    If not, any character up to U+0020 does, also at the very start.
//! 2. Other arguments are separated by blanks and tabs, of which those between quotes separate nothing.
//! 3. In front of a quote, 2n backslashes are n of them and the quote quotes; 2n + 1 are n of them and a
//!    quote that is text. In front of anything else they are themselves.
//! 4. A quote right behind one that ended quoting is text (and quoting has ended).
//! 5. What is quoted ends with the line, if not before.

use core::iter::{self, Peekable};

use super::Wide;

const QUOTE: u16 = 0x22;
const BACKSLASH: u16 = 0x5c;
const BLANK: u16 = 0x20;
const TAB: u16 = 0x09;

/// Iterates over the arguments; the line ends at a NUL. An empty line has none.
///
/// (There `CommandLineToArgvW` answers with the path of the program that asks.)
pub fn arguments(line: Wide<'_>) -> impl Iterator<Item = Vec<u16>> + '_ {
    let mut units = line.until_nul().units().peekable();
    let program = units.peek().is_some().then(|| program(&mut units));
    program
        .into_iter()
        .chain(iter::from_fn(move || argument(&mut units)))
}

/// The first argument, and what ends it.
fn program(units: &mut Peekable<impl Iterator<Item = u16>>) -> Vec<u16> {
    if units.next_if_eq(&QUOTE).is_some() {
        units.by_ref().take_while(|&unit| unit != QUOTE).collect()
    } else {
        units.by_ref().take_while(|&unit| unit > BLANK).collect()
    }
}

/// Where an argument is with respect to quotes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quoting {
    Outside,
    Inside,
    /// Outside, and the quote that ended quoting was the last character.
    Ended,
}

/// Any other argument, and the blank that ends it.
fn argument(units: &mut Peekable<impl Iterator<Item = u16>>) -> Option<Vec<u16>> {
    let separates = |unit: u16| unit == BLANK || unit == TAB;
    while units.next_if(|&unit| separates(unit)).is_some() {}
    units.peek()?;

    let mut argument = Vec::new();
    let mut quoting = Quoting::Outside;
    // How many the argument ends with, at the moment.
    let mut backslashes = 0_usize;
    for unit in units {
        if unit == QUOTE {
            let escaped = backslashes % 2 == 1;
            let kept = argument.len().saturating_sub(backslashes.div_ceil(2));
            argument.truncate(kept);
            backslashes = 0;
            match quoting {
                _ if escaped => argument.push(QUOTE),
                Quoting::Outside => quoting = Quoting::Inside,
                Quoting::Inside => quoting = Quoting::Ended,
                Quoting::Ended => {
                    argument.push(QUOTE);
                    quoting = Quoting::Outside;
                }
            }
            continue;
        }
        if quoting != Quoting::Inside {
            if separates(unit) {
                break;
            }
            quoting = Quoting::Outside;
        }
        backslashes = match unit {
            BACKSLASH => backslashes.saturating_add(1),
            _ => 0,
        };
        argument.push(unit);
    }
    Some(argument)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn split(units: impl IntoIterator<Item = u16>) -> Vec<Vec<u16>> {
        let bytes: Vec<u8> = units.into_iter().flat_map(u16::to_le_bytes).collect();
        arguments(Wide(&bytes)).collect()
    }

    fn check(line: &str, expect: &[&str]) {
        let got: Vec<_> = split(line.encode_utf16())
            .iter()
            .map(|argument| String::from_utf16_lossy(argument))
            .collect();
        assert_eq!(got, expect, "{line}");
    }

    #[test]
    fn command_line_of_plain_arguments() {
        check("", &[]);
        check("x", &["x"]);
        check("x ", &["x"]);
        check("x a\tb \t c ", &["x", "a", "b", "c"]);
        check(
            "x 'a b' $c %d% ^& e\rf\ng",
            &["x", "'a", "b'", "$c", "%d%", "^&", "e\rf\ng"],
        );
        check("x a\0b", &["x", "a"]);
    }

    #[test]
    fn command_line_starts_with_a_program_that_knows_no_escapes() {
        check(r#""a b" c"#, &["a b", "c"]);
        check(r#""a b"c d"#, &["a b", "c", "d"]);
        check(r#""a\" b" c"#, &[r"a\", "b c"]);
        check(r#""a b"#, &["a b"]);
        check(r#"a"b c"d e"#, &[r#"a"b"#, "cd e"]);
        check(r#"C:\a\" b"#, &[r#"C:\a\""#, "b"]);
        check(r#""a"" b "#, &["a", " b "]);
        check(r#""a""" b"#, &["a", "", "b"]);
        check(r#""a""""b c"#, &["a", "\"b", "c"]);
        check(" a", &["", "a"]);
        check("\t", &[""]);
        check("\"", &[""]);
        check("a\u{1}b\u{1}c d", &["a", "b\u{1}c", "d"]);
    }

    #[test]
    fn command_line_quotes_quote_blanks() {
        check(r#"x "a b" c"d e"f"#, &["x", "a b", "cd ef"]);
        check(r#"x "" """#, &["x", "", ""]);
        check(r#"x "a b"#, &["x", "a b"]);
        check(r#"x ""#, &["x", ""]);
    }

    #[test]
    fn command_line_backslashes_escape_quotes_only() {
        check(r"x a\b c\\d\ \\\", &["x", r"a\b", r"c\\d\", r"\\\"]);
        check(r#"x \"a \\"b c" \\\"d"#, &["x", "\"a", r"\b c", r#"\"d"#]);
        check(r#"x "a\" b" "c\\" d"#, &["x", r#"a" b"#, r"c\", "d"]);
        check(r#"x "a\b\\" \ "c"#, &["x", r"a\b\", r"\", "c"]);
    }

    #[test]
    fn command_line_quotes_behind_quotes() {
        check(r#"x a""b c"#, &["x", "ab", "c"]);
        check(r#"x a"""b c"#, &["x", "a\"b", "c"]);
        check(r#"x a""""b c" d"#, &["x", "a\"b c", "d"]);
        check(r#"x a"""""b c"#, &["x", "a\"b", "c"]);
        check(r#"x a""""""b c"#, &["x", "a\"\"b", "c"]);
        check(r#"x "a""b c"#, &["x", "a\"b", "c"]);
        check(r#"x "a"" b"#, &["x", "a\"", "b"]);
        check(r#"x "a""" b" c"#, &["x", "a\" b", "c"]);
        check(r#"x "a""""b c"#, &["x", "a\"b", "c"]);
        // A backslash is a character between two quotes.
        check(r#"x "a"\"b c"#, &["x", "a\"b", "c"]);
        check(r#"x "a\""" b"#, &["x", "a\"\"", "b"]);
    }

    #[test]
    fn command_line_need_not_be_well_formed() {
        let line = [0x78, BLANK, 0xdc00, QUOTE, BLANK, 0xd800, QUOTE];
        assert_eq!(split(line), [vec![0x78], vec![0xdc00, BLANK, 0xd800]]);
        assert_eq!(arguments(Wide(&[0x78, 0, 0x20])).count(), 1);
    }

    /// As programs are told to write them (`CommandLineToArgvW`, and what Rust's `Command` does).
    fn quoted(argument: &str) -> String {
        let mut text = String::from("\"");
        let mut backslashes = 0;
        for character in argument.chars() {
            match character {
                '\\' => backslashes += 1,
                '"' => {
                    text.push_str(&"\\".repeat(backslashes + 1));
                    backslashes = 0;
                }
                _ => backslashes = 0,
            }
            text.push(character);
        }
        text.push_str(&"\\".repeat(backslashes));
        text.push('"');
        text
    }

    proptest! {
        #[test]
        fn command_line_round_trips(
            given in proptest::collection::vec("[^\0\"]{0,3}[ \t\"\\\\a]{0,6}[^\0]{0,3}", 0..6),
        ) {
            let line: String = given.iter().map(|argument| format!(" {}", quoted(argument))).collect();
            let got: Vec<_> = split(format!("x{line}").encode_utf16())
                .iter()
                .map(|argument| String::from_utf16(argument).unwrap())
                .collect();
            prop_assert_eq!(&got[1..], given);
        }

        #[test]
        fn command_line_never_panics(input in proptest::collection::vec(any::<u8>(), 0..200)) {
            let units: usize = arguments(Wide(&input)).map(|argument| argument.len()).sum();
            prop_assert!(units <= input.len() / 2);
        }
    }
}
