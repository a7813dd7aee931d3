//! Which word somebody probably meant.

/// The one of `words` that is nearest to `typed`, if it is near enough to be meant.
pub(crate) fn nearest<'a>(
    typed: &str,
    words: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    words
        .into_iter()
        .map(|word| (strsim::jaro_winkler(typed, word), word))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, word)| word)
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
        assert_eq!(nearest("zzz", words), None);
        assert_eq!(nearest("", words), None);
    }
}
