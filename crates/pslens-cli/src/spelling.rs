//! Which word somebody probably meant.

/// The one of `words` that is nearest to `typed`, if it is near enough to be meant.
pub(crate) fn nearest<'a>(
    typed: &str,
    words: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    words
        .into_iter()
        .map(|word| {
            (
                strsim::osa_distance(typed, word),
                strsim::jaro_winkler(typed, word),
                word,
            )
        })
        // One slip in a short word makes it look very different.
        .filter(|(slips, likeness, _)| *likeness > 0.75 || (typed.len() > 1 && *slips <= 1))
        .min_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)))
        .map(|(.., word)| word)
}

/// Ends a sentence: "; did you mean 'word'?", or a full stop if nothing is near.
pub(crate) fn suggestion<'a>(typed: &str, words: impl IntoIterator<Item = &'a str>) -> String {
    match nearest(typed, words) {
        Some(word) => format!("; did you mean '{word}'?"),
        None => ".".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_near_is_suggested_and_nothing_else() {
        let words = ["memory_info.rss", "num_threads", "rss", "username"];
        assert_eq!(nearest("usrname", words), Some("username"));
        assert_eq!(nearest("num_thread", words), Some("num_threads"));
        assert_eq!(nearest("rsx", words), Some("rss"));
        assert_eq!(nearest("zzz", words), None);
        assert_eq!(nearest("tpc", ["tcp6", "tcp", "udp"]), Some("tcp"));
        assert_eq!(nearest("", words), None);
    }
}
