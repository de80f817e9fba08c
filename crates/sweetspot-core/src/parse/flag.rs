//! Flags, in the languages of common CRM exports.

use crate::level_key;

/// Words for yes and no, in lower case: English, then German, French, Spanish and Italian, Portuguese, Dutch, Danish,
/// Norwegian and Swedish, Polish, Finnish. A column of a file with the words of one pair only is a column of flags.
pub const FLAG_WORDS: [[&str; 2]; 17] = [
    ["yes", "no"],
    ["true", "false"],
    ["y", "n"],
    ["t", "f"],
    ["on", "off"],
    ["ja", "nein"],
    ["j", "n"],
    ["wahr", "falsch"],
    ["oui", "non"],
    ["vrai", "faux"],
    ["sí", "no"],
    ["si", "no"],
    ["sì", "no"],
    ["sim", "não"],
    ["ja", "nee"],
    ["ja", "nej"],
    ["ja", "nei"],
];

/// More pairs that are read as flags, but do not make a column of a file a column of flags.
const MORE_FLAG_WORDS: [[&str; 2]; 6] =
    [["1", "0"], ["sim", "nao"], ["verdadero", "falso"], ["vero", "falso"], ["tak", "nie"], ["kyllä", "ei"]];

/// Reads a flag, ignoring case: a word of [`FLAG_WORDS`] or of a few other languages, `1` or `0`.
#[must_use]
pub fn parse_flag(text: &str) -> Option<bool> {
    let word = level_key(text);
    let is = |side: usize| {
        let mut pairs = FLAG_WORDS.iter().chain(&MORE_FLAG_WORDS);
        pairs.any(|pair| pair.get(side).is_some_and(|known| *known == word))
    };
    if is(0) { Some(true) } else { is(1).then_some(false) }
}

/// The words that are read as yes, or as no, in lower case, each once.
#[must_use]
pub fn flag_words(flag: bool) -> Vec<&'static str> {
    let mut words = Vec::new();
    for [yes, no] in FLAG_WORDS.iter().chain(&MORE_FLAG_WORDS) {
        let word = if flag { *yes } else { *no };
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_in_any_case_and_language() {
        for (text, flag) in [
            (" YES ", Some(true)),
            ("off", Some(false)),
            ("Ja", Some(true)),
            ("NEIN", Some(false)),
            ("Sí", Some(true)),
            ("Si\u{301}", Some(true)),
            ("não", Some(false)),
            ("Oui", Some(true)),
            ("maybe", None),
            ("2", None),
            ("", None),
        ] {
            assert_eq!(parse_flag(text), flag, "{text}");
        }
    }

    #[test]
    fn every_word_is_listed_once() {
        for flag in [false, true] {
            let words = flag_words(flag);
            assert!(words.iter().all(|word| parse_flag(word) == Some(flag)), "{words:?}");
            assert!(words.iter().all(|word| words.iter().filter(|other| *other == word).count() == 1));
        }
        assert!(flag_words(true).contains(&"kyllä") && flag_words(false).contains(&"0"));
    }

    #[test]
    fn no_word_means_both() {
        let all = || FLAG_WORDS.iter().chain(&MORE_FLAG_WORDS);
        for [yes, _] in all() {
            assert!(all().all(|[_, no]| no != yes), "{yes}");
        }
    }
}
