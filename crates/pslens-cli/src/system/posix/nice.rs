//! Niceness.

/// Understands what `--to` sets.
pub(crate) fn parse(text: &str) -> Result<i32, String> {
    let nice = text.parse().ok().filter(|nice| (-20..=19).contains(nice));
    nice.ok_or_else(|| "accepted: -20 (first) to 19 (last)".to_owned())
}

/// What is so much nicer; the ends of the scale are not left.
pub(crate) fn changed(former: i32, by: i32) -> i32 {
    former.saturating_add(by).clamp(-20, 19)
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
