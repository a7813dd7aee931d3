//! Niceness.

use std::cmp::Ordering;

use crate::output::Cell;

/// Understands what `--to` sets.
pub(crate) fn parse(text: &str) -> Result<i32, String> {
    let nice = text.parse().ok().filter(|nice| (-20..=19).contains(nice));
    nice.ok_or_else(|| "accepted: whole numbers from -20 to 19".to_owned())
}

/// What is so much nicer; the ends of the scale are not left.
pub(crate) fn changed(former: i32, by: i32) -> i32 {
    former.saturating_add(by).clamp(-20, 19)
}

/// A step of `top` up or down.
pub(crate) fn stepped(former: i32, step: i32) -> i32 {
    changed(former, step)
}

/// Below the usual niceness and so ahead of others, or above.
pub(crate) fn compare(nice: i32) -> Ordering {
    nice.cmp(&0)
}

/// In tables.
pub(crate) fn cell(nice: i32) -> Cell<'static> {
    Cell::Number(nice.into())
}

/// As nice(1) has it.
pub(crate) fn written(nice: i32) -> String {
    nice.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn niceness_has_two_ends() {
        assert_eq!(parse("-20"), Ok(-20));
        for wrong in ["-21", "20", "x", "below-normal"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
        assert_eq!((changed(10, 40), changed(0, -40)), (19, -20));
    }
}
