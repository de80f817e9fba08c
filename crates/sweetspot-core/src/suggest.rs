//! "Did you mean" suggestions: the known word closest to an unknown one.

use unicode_normalization::UnicodeNormalization as _;

/// The minimum similarity of a suggestion, from 0 to 1 (Jaro-Winkler).
const MIN_SIMILARITY: f64 = 0.75;

/// The most similar known word, if any is similar enough. Case, punctuation and spaces are ignored.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = fold(word);
    known
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(&folded, &fold(candidate)), candidate))
        .filter(|(likeness, _)| *likeness >= MIN_SIMILARITY)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

/// ` (did you mean "x"?)`, or empty if no known word is similar enough.
pub fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    nearest(word, known).map_or_else(String::new, |candidate| format!(" (did you mean {candidate:?}?)"))
}

fn fold(word: &str) -> String {
    word.nfc().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_or_none() {
        let known = ["status", "value", "cost_to_serve"];
        assert_eq!(nearest("statsu", known), Some("status"));
        assert_eq!(nearest("Cost To Serve", known), Some("cost_to_serve"));
        assert_eq!(nearest("zzz", known), None);
        assert_eq!(did_you_mean("vaule", known), " (did you mean \"value\"?)");
        assert_eq!(did_you_mean("qqq", known), "");
    }
}
