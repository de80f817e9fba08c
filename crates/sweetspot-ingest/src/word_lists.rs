//! Word lists in several languages: texts that mean missing, won, lost or churned, and words in the names of columns.

pub(crate) use sweetspot_core::name_words;
use sweetspot_core::{OutcomeStatus, outcome_word};

/// Texts that mean missing, in lowercase: from spreadsheets, databases and programs, in the languages of many exports.
const MISSING_MARKERS: [&str; 78] = [
    "unknown",
    "select",
    "n/a",
    "na",
    "n.a.",
    "n. a.",
    "n.a",
    "#n/a",
    "#na",
    "#value!",
    "#ref!",
    "#name?",
    "#div/0!",
    "#null!",
    "#num!",
    "null",
    "<null>",
    "(null)",
    "[null]",
    "\\n",
    "none",
    "(none)",
    "nan",
    "nil",
    "nat",
    "-",
    "--",
    "---",
    "–",
    "—",
    "?",
    "??",
    ".",
    "...",
    "…",
    "(blank)",
    "(blanks)",
    "(empty)",
    "<empty>",
    "not available",
    "not applicable",
    "not provided",
    "not specified",
    "not set",
    "no data",
    "tbd",
    "tba",
    "k. a.",
    "k.a.",
    "k.a",
    "keine angabe",
    "keine angaben",
    "nicht verfügbar",
    "unbekannt",
    "(leer)",
    "inconnu",
    "inconnue",
    "non renseigné",
    "non communiqué",
    "(vide)",
    "desconocido",
    "sin dato",
    "sin datos",
    "s/d",
    "s/n",
    "(en blanco)",
    "sconosciuto",
    "n.d.",
    "n/d",
    "desconhecido",
    "não informado",
    "onbekend",
    "n.v.t.",
    "nieznany",
    "brak danych",
    "okänd",
    "saknas",
    "ukendt",
];

const ID_WORDS: [&str; 6] = ["id", "uuid", "guid", "key", "identifier", "ids"];
const ID_SUFFIX_WORDS: [&str; 4] = ["number", "no", "nr", "num"];

const WON_TEXTS: [&str; 33] = [
    "won",
    "closed won",
    "win",
    "customer",
    "active",
    "active customer",
    "converted",
    "signed",
    "retained",
    "kept",
    "renewed",
    "current",
    "stayed",
    "existing customer",
    "gewonnen",
    "geschlossen gewonnen",
    "kunde",
    "gagné",
    "gagnée",
    "fermé gagné",
    "fermée gagnée",
    "ganado",
    "ganada",
    "cerrada ganada",
    "cerrado ganado",
    "vinto",
    "vinta",
    "chiusa vinta",
    "ganho",
    "ganha",
    "wygrana",
    "wygrane",
    "vunnen",
];
const LOST_TEXTS: [&str; 30] = [
    "lost",
    "closed lost",
    "loss",
    "lose",
    "rejected",
    "no deal",
    "not converted",
    "disqualified",
    "declined",
    "dropped",
    "closed loss",
    "dead",
    "verloren",
    "geschlossen verloren",
    "abgelehnt",
    "perdu",
    "perdue",
    "fermé perdu",
    "fermée perdue",
    "perdido",
    "perdida",
    "cerrada perdida",
    "cerrado perdido",
    "perso",
    "persa",
    "chiusa persa",
    "przegrana",
    "przegrane",
    "förlorad",
    "tabt",
];
const CHURNED_TEXTS: [&str; 21] = [
    "churned",
    "churn",
    "cancelled",
    "canceled",
    "left",
    "lapsed",
    "inactive",
    "former",
    "former customer",
    "terminated",
    "attrited",
    "attrited customer",
    "not renewed",
    "gekündigt",
    "abgewandert",
    "ehemaliger kunde",
    "résilié",
    "cancelado",
    "disdetto",
    "opgezegd",
    "uppsagd",
];

/// Words in headings of dates. In German, Dutch and Swedish they end longer words: `Erstelldatum`.
const DATE_WORDS: [&str; 15] = [
    "date", "datum", "fecha", "data", "dato", "since", "seit", "depuis", "desde", "sinds", "sedan", "day", "tag",
    "jour", "dia",
];

/// Returns whether the name contains all of these words.
pub(super) fn has_all_words(name: &str, parts: &[&str]) -> bool {
    let words = name_words(name);
    parts.iter().all(|parts| words.iter().any(|word| word == parts))
}

/// Returns whether the name contains any of these words.
pub(super) fn has_any_word(name: &str, parts: &[&str]) -> bool {
    name_words(name).iter().any(|word| parts.contains(&word.as_str()))
}

/// Returns whether the name is that of an id: `Customer ID`, `Lead Number`, but not `Number of employees`.
pub(crate) fn is_id_name(name: &str) -> bool {
    let words = name_words(name);
    words.iter().any(|word| ID_WORDS.contains(&word.as_str()))
        || (words.len() > 1 && words.last().is_some_and(|word| ID_SUFFIX_WORDS.contains(&word.as_str())))
}

/// Returns whether the heading is that of a date.
pub(crate) fn is_date_name(name: &str) -> bool {
    name_words(name).iter().any(|word| DATE_WORDS.contains(&word.as_str()) || word.ends_with("datum"))
}

/// Returns whether the name refers to an outcome.
pub(super) fn is_outcome_name(name: &str) -> bool {
    outcome_word(name).is_some()
        || has_all_words(name, &["deal", "size"])
        || has_all_words(name, &["contract", "value"])
}

/// Returns whether the text usually means missing.
pub(crate) fn is_missing_marker(text: &str) -> bool {
    MISSING_MARKERS.contains(&text.to_lowercase().as_str())
}

/// Returns the meaning of a status text by itself: `Closed Won`, `closedwon`, `Closed won (Sales Pipeline)`.
pub(super) fn status_from_text(text: &str) -> Option<OutcomeStatus> {
    let before_bracket = text.split_once('(').map_or(text, |(before, _)| before);
    status_from_words(text).or_else(|| status_from_words(before_bracket))
}

fn status_from_words(text: &str) -> Option<OutcomeStatus> {
    let plain: String =
        text.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect::<String>().to_lowercase();
    let words: Vec<&str> = plain.split_whitespace().collect();
    let (plain, joined) = (words.join(" "), words.concat());
    let matches = |known: &str| known == plain || (known.contains(' ') && known.replace(' ', "") == joined);
    [(&WON_TEXTS[..], OutcomeStatus::Won), (&LOST_TEXTS, OutcomeStatus::Lost), (&CHURNED_TEXTS, OutcomeStatus::Churned)]
        .into_iter()
        .find(|(texts, _)| texts.iter().any(|text| matches(text)))
        .map(|(_, status)| status)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_outcomes_by_name() {
        for (name, id, outcome) in [
            ("CustomerID", true, false),
            ("Opportunity Number", true, false),
            ("Number of employees", false, false),
            ("Churn Reason", false, true),
            ("poutcome", false, false),
            ("Marital status", false, false),
            ("Deal Size", false, true),
            ("Company Size", false, false),
        ] {
            assert_eq!((is_id_name(name), is_outcome_name(name)), (id, outcome), "{name}");
        }
    }

    #[test]
    fn status_texts_in_any_spelling() {
        assert_eq!(status_from_text("Closed-Won"), Some(OutcomeStatus::Won));
        assert_eq!(status_from_text(" LOSS "), Some(OutcomeStatus::Lost));
        assert_eq!(status_from_text("Former customer"), Some(OutcomeStatus::Churned));
        assert_eq!(status_from_text("Closed won (Sales Pipeline)"), Some(OutcomeStatus::Won));
        assert_eq!(status_from_text("closedlost"), Some(OutcomeStatus::Lost));
        for text in ["Engaging", "closed", "Contract sent (won by others)"] {
            assert_eq!(status_from_text(text), None, "{text}");
        }
    }
}
