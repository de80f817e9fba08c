//! "Did you mean": the known word nearest to an unknown one.

use unicode_normalization::UnicodeNormalization as _;

/// How alike two words must be, from 0 to 1 (Jaro-Winkler), for one to be suggested in place of the other.
const MIN_LIKENESS: f64 = 0.75;

/// The known word most like this one, if any is like it at all. Case, marks and spaces are not compared.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = fold(word);
    known
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(&folded, &fold(candidate)), candidate))
        .filter(|(likeness, _)| *likeness >= MIN_LIKENESS)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

/// ` (did you mean "x"?)`, or an empty text where no known word is near.
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
