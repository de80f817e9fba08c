//! What the names of columns and the texts of cells usually mean.

pub(crate) use sweetspot_core::words;
use sweetspot_core::{Status, outcome_word};

/// Texts that mean missing, in lower case: of spreadsheets, databases and programs, and in the languages of many exports.
const MISSING: [&str; 78] = [
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

const ID: [&str; 6] = ["id", "uuid", "guid", "key", "identifier", "ids"];
const ID_AT_END: [&str; 4] = ["number", "no", "nr", "num"];

const WON: [&str; 33] = [
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
const LOST: [&str; 30] = [
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
const CHURNED: [&str; 21] = [
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

/// Words of headings of dates; in German, Dutch and Swedish they end longer words: `Erstelldatum`.
const DATE: [&str; 15] = [
    "date", "datum", "fecha", "data", "dato", "since", "seit", "depuis", "desde", "sinds", "sedan", "day", "tag",
    "jour", "dia",
];

/// Whether all of these words are in the name.
pub(super) fn has_all(name: &str, wanted: &[&str]) -> bool {
    let words = words(name);
    wanted.iter().all(|wanted| words.iter().any(|word| word == wanted))
}

/// Whether one of these words is in the name.
pub(super) fn has_any(name: &str, wanted: &[&str]) -> bool {
    words(name).iter().any(|word| wanted.contains(&word.as_str()))
}

/// Whether the name is that of an id: `Customer ID`, `Lead Number`, but not `Number of employees`.
pub(crate) fn is_id_name(name: &str) -> bool {
    let words = words(name);
    words.iter().any(|word| ID.contains(&word.as_str()))
        || (words.len() > 1 && words.last().is_some_and(|word| ID_AT_END.contains(&word.as_str())))
}

/// Whether the heading is that of a date.
pub(crate) fn is_date_name(name: &str) -> bool {
    words(name).iter().any(|word| DATE.contains(&word.as_str()) || word.ends_with("datum"))
}

/// Whether the name speaks of what happened.
pub(super) fn is_outcome_name(name: &str) -> bool {
    outcome_word(name).is_some() || has_all(name, &["deal", "size"]) || has_all(name, &["contract", "value"])
}

/// Whether the text usually means missing.
pub(crate) fn is_missing_marker(text: &str) -> bool {
    MISSING.contains(&text.to_lowercase().as_str())
}

/// What a status text says by itself: `Closed Won`, `closedwon`, `Closed won (Sales Pipeline)`.
pub(super) fn status(text: &str) -> Option<Status> {
    let before_bracket = text.split_once('(').map_or(text, |(before, _)| before);
    by_words(text).or_else(|| by_words(before_bracket))
}

fn by_words(text: &str) -> Option<Status> {
    let plain: String =
        text.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect::<String>().to_lowercase();
    let words: Vec<&str> = plain.split_whitespace().collect();
    let (plain, joined) = (words.join(" "), words.concat());
    let says = |known: &str| known == plain || (known.contains(' ') && known.replace(' ', "") == joined);
    [(&WON[..], Status::Won), (&LOST, Status::Lost), (&CHURNED, Status::Churned)]
        .into_iter()
        .find(|(texts, _)| texts.iter().any(|text| says(text)))
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
        assert_eq!(status("Closed-Won"), Some(Status::Won));
        assert_eq!(status(" LOSS "), Some(Status::Lost));
        assert_eq!(status("Former customer"), Some(Status::Churned));
        assert_eq!(status("Closed won (Sales Pipeline)"), Some(Status::Won));
        assert_eq!(status("closedlost"), Some(Status::Lost));
        for text in ["Engaging", "closed", "Contract sent (won by others)"] {
            assert_eq!(status(text), None, "{text}");
        }
    }
}
