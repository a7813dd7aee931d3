//! Names on a terminal: anybody chooses them, so nothing in them may act there.

use std::ffi::OsStr;
use std::fmt::Write;

/// Appends `text` with everything visible that would move the cursor, change a colour, reorder the
/// line or hide itself: `\n`, `\x1b`, `\u{202e}`, and `\xff` for a byte that is not UTF-8.
pub(crate) fn push(out: &mut String, text: &OsStr) {
    let bytes = text.as_encoded_bytes();
    if bytes.iter().all(|byte| matches!(byte, b' '..=b'~'))
        && let Some(plain) = text.to_str()
    {
        out.push_str(plain);
        return;
    }
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            push_char(out, character);
        }
        for byte in chunk.invalid() {
            append(out, format_args!("\\x{byte:02x}"));
        }
    }
}

fn push_char(out: &mut String, character: char) {
    match character {
        '\n' => out.push_str("\\n"),
        '\t' => out.push_str("\\t"),
        '\r' => out.push_str("\\r"),
        '\0'..='\x1f' | '\x7f' => append(out, format_args!("\\x{:02x}", u32::from(character))),
        _ if acts_on_a_terminal(character) => {
            append(out, format_args!("\\u{{{:x}}}", u32::from(character)));
        }
        _ => out.push(character),
    }
}

/// Control characters beyond ASCII, line separators, marks of direction, and what has no width.
fn acts_on_a_terminal(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// Appends formatted text; a `String` never refuses.
pub(crate) fn append(out: &mut String, arguments: std::fmt::Arguments<'_>) {
    let _ = out.write_fmt(arguments);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_name_acts() {
        let check = |text: &str, expect: &str| {
            let mut out = String::new();
            push(&mut out, text.as_ref());
            assert_eq!(out, expect);
        };
        check("plain name", "plain name");
        check("zwei Wörter", "zwei Wörter");
        check("a\nb\tc\rd", "a\\nb\\tc\\rd");
        check("\x1b[31mred\x07\x7f", "\\x1b[31mred\\x07\\x7f");
        check("\u{9b}31m", "\\u{9b}31m");
        check("abc\u{202e}cba\u{200b}", "abc\\u{202e}cba\\u{200b}");
    }

    #[cfg(unix)]
    #[test]
    fn bytes_that_are_not_text_are_shown_as_bytes() {
        use std::os::unix::ffi::OsStrExt;
        let mut out = String::new();
        push(&mut out, OsStr::from_bytes(b"a\xff\xfe\xc3\xa9"));
        assert_eq!(out, "a\\xff\\xfeé");
    }
}
