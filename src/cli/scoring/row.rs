//! One scored row, as a line of CSV or of JSON.

use serde_json::{Value, json};

use crate::generated::v1::{FitScore, FitTier, Reason};

/// Figures of a probability, at the least.
const FIGURES: usize = 9;

/// A row of the file and its score.
#[derive(Clone, Debug)]
pub(crate) struct ScoredRow {
    /// Its number in the file, from 1.
    pub(crate) row: u64,
    /// Its own id.
    pub(crate) id: String,
    /// Its score.
    pub(crate) score: FitScore,
}

/// The cells of the CSV output.
pub(crate) fn record(row: &ScoredRow, version: &str) -> [String; 7] {
    let score = &row.score;
    [
        row.id.clone(),
        score.score.to_string(),
        probability_text(score.probability),
        tier(score.tier()).to_owned(),
        format!("{:.4}", score.coverage),
        reasons_text(&score.reasons),
        version.to_owned(),
    ]
}

/// The same as one JSON object.
pub(crate) fn line(row: &ScoredRow, version: &str) -> Value {
    let score = &row.score;
    let reason = |reason: &Reason| {
        json!({
            "attribute": reason.attribute,
            "value": reason.value_label,
            "log_odds": reason.log_odds,
            "customers": reason.customers,
            "ideal_rate": reason.ideal_rate,
        })
    };
    json!({
        "row": row.row,
        "id": row.id,
        "score": score.score,
        "probability": score.probability,
        "log_odds": score.log_odds,
        "base_log_odds": score.base_log_odds,
        "tier": tier(score.tier()),
        "coverage": score.coverage,
        "reasons": score.reasons.iter().map(reason).collect::<Vec<_>>(),
        "model_version": version,
    })
}

/// The shortest text that reads back as the same number, with zeros to nine significant figures.
pub(crate) fn probability_text(probability: f64) -> String {
    let mut text = probability.to_string();
    if !text.contains('.') {
        text.push('.');
    }
    let figures = text.trim_start_matches(['0', '.', '-']).bytes().filter(u8::is_ascii_digit).count();
    text.push_str(&"0".repeat(FIGURES.saturating_sub(figures)));
    text
}

/// `attribute=value:+0.42; …`
pub(crate) fn reasons_text(reasons: &[Reason]) -> String {
    let text = |reason: &Reason| format!("{}={}:{:+.2}", reason.attribute, reason.value_label, reason.log_odds);
    reasons.iter().map(text).collect::<Vec<_>>().join("; ")
}

/// The tier's letter.
pub(crate) const fn tier(tier: FitTier) -> &'static str {
    match tier {
        FitTier::A => "A",
        FitTier::B => "B",
        FitTier::C => "C",
        FitTier::D => "D",
        FitTier::Unspecified => "",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn probabilities_have_nine_figures() {
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
    }
}
