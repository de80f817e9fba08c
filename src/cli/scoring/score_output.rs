//! A scored row as CSV and JSON.

use std::borrow::Cow;

use serde_json::{Map, Value};
use sweetspot_proto::v1::{FitScore, Reason};

use crate::cli::copied_columns::with_kept_columns;
use crate::messages::words::{data_support_word, pond_side_word, tier_letter};

/// The minimum number of significant digits of a probability.
const SIGNIFICANT_DIGITS: usize = 9;

/// A row of the file and its score.
#[derive(Clone, Debug)]
pub(crate) struct ScoredRow {
    /// The number of the row in the file, from 1.
    pub(crate) row: u64,
    /// The id in the file.
    pub(crate) id: String,
    /// The score.
    pub(crate) score: FitScore,
    /// The cells of the copied columns.
    pub(crate) kept_cells: Vec<String>,
}

/// The columns of the CSV output after the id.
pub(crate) const COLUMNS: [&str; 12] = [
    "score",
    "probability",
    "low",
    "high",
    "data_support",
    "tier",
    "pond_side",
    "segment",
    "expected_value",
    "coverage",
    "reasons",
    "model_version",
];

/// Returns the cells of the CSV output, without the copied ones.
pub(crate) fn csv_cells(row: &ScoredRow, version: &str) -> [String; 13] {
    let score = &row.score;
    [
        row.id.clone(),
        score.score.to_string(),
        probability_text(score.probability),
        format!("{:.4}", score.low),
        format!("{:.4}", score.high),
        data_support_word(score.data_support()).to_owned(),
        tier_letter(score.tier()).to_owned(),
        pond_side_word(score.pond_side()).to_owned(),
        score.segment_id.clone(),
        score.expected_value.map(|value| format!("{value:.2}")).unwrap_or_default(),
        format!("{:.4}", score.coverage),
        reasons_text(&score.reasons),
        version.to_owned(),
    ]
}

/// Returns the score as JSON, under the id in the file. The row number, the version and the copied columns follow it.
pub(crate) fn row_json(row: &ScoredRow, version: &str, kept_columns: &[String]) -> Map<String, Value> {
    let score = FitScore { account_id: row.id.clone(), ..row.score.clone() };
    let mut json = with_kept_columns(&score, kept_columns, &row.kept_cells);
    json.insert("row".to_owned(), row.row.into());
    json.insert("modelVersion".to_owned(), version.into());
    json
}

/// Formats the shortest text that parses to the same number, padded with zeros to nine significant digits.
pub(crate) fn probability_text(probability: f64) -> String {
    let mut text = probability.to_string();
    if !text.contains('.') {
        text.push('.');
    }
    let figures = text.trim_start_matches(['0', '.', '-']).bytes().filter(u8::is_ascii_digit).count();
    text.push_str(&"0".repeat(SIGNIFICANT_DIGITS.saturating_sub(figures)));
    text
}

/// Formats reasons as `attribute=value:+0.42; …`, which can be parsed unambiguously: see [`quote`].
pub(crate) fn reasons_text(reasons: &[Reason]) -> String {
    let text = |Reason { attribute, value_label, log_odds, .. }: &Reason| {
        format!("{}={}:{log_odds:+.2}", quote(attribute), quote(value_label))
    };
    reasons.iter().map(text).collect::<Vec<_>>().join("; ")
}

/// Returns the text, in double quotes with its own quotes doubled if it contains a separator.
fn quote(text: &str) -> Cow<'_, str> {
    if text.contains(['=', ':', ';', '"']) { format!("\"{}\"", text.replace('"', "\"\"")).into() } else { text.into() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn probabilities_have_nine_significant_digits() {
        for (number, text) in [
            (0.5, "0.500000000"),
            (0.012_5, "0.0125000000"),
            (0.123_456_789_012_345, "0.123456789012345"),
            (0.000_000_1, "0.000000100000000"),
        ] {
            assert_eq!(probability_text(number), text);
        }
    }

    proptest! {
        #[test]
        fn probabilities_read_back_as_they_were(probability in 0.0_f64..1.0) {
            prop_assert_eq!(probability_text(probability).parse::<f64>().unwrap(), probability);
        }
    }

    #[test]
    fn reasons_carry_their_sign() {
        let reason = |attribute: &str, log_odds| Reason {
            attribute: attribute.into(),
            value_label: "v".into(),
            log_odds,
            ..Reason::default()
        };
        assert_eq!(reasons_text(&[reason("a", 0.4249), reason("b", -1.0)]), "a=v:+0.42; b=v:-1.00");
        assert_eq!(reasons_text(&[]), "");
        assert_eq!(reasons_text(&[reason("a=\"b\"", 0.0)]), "\"a=\"\"b\"\"\"=v:+0.00");
    }

    /// Splits off a text, quoted or not, at the separator that ends it, and returns the rest as well.
    fn split_field(text: &str, mark: char) -> (String, &str) {
        let Some(mut rest) = text.strip_prefix('"') else {
            let (bare, rest) = text.split_once(mark).unwrap();
            return (bare.to_owned(), rest);
        };
        let mut open = String::new();
        loop {
            let (inside, behind) = rest.split_once('"').unwrap();
            open.push_str(inside);
            match behind.strip_prefix('"') {
                Some(behind) => {
                    open.push('"');
                    rest = behind;
                }
                None => return (open, behind.strip_prefix(mark).unwrap()),
            }
        }
    }

    /// Parses the reasons of a cell as docs/CLI.md describes it.
    fn parse_reasons(mut cell: &str) -> Vec<(String, String, String)> {
        let mut reasons = Vec::new();
        while !cell.is_empty() {
            let (attribute, rest) = split_field(cell, '=');
            let (value, rest) = split_field(rest, ':');
            let (figure, rest) = rest.split_once("; ").unwrap_or((rest, ""));
            reasons.push((attribute, value, figure.to_owned()));
            cell = rest;
        }
        reasons
    }

    proptest! {
        #[test]
        fn any_reasons_can_be_parsed_back(
            reasons in proptest::collection::vec(("([=:;\" +10.]|\\PC){0,9}", "([=:;\" +10.]|\\PC){0,9}", -9.0..9.0), 0..5),
        ) {
            let wire = reasons.iter().map(|(attribute, value, log_odds)| Reason {
                attribute: attribute.clone(),
                value_label: value.clone(),
                log_odds: *log_odds,
                ..Reason::default()
            });
            let text = reasons_text(&wire.collect::<Vec<_>>());
            let expected: Vec<_> = reasons.into_iter().map(|(a, v, odds)| (a, v, format!("{odds:+.2}"))).collect();
            prop_assert_eq!(parse_reasons(&text), expected, "{}", text);
        }
    }
}
