//! A target as CSV, as JSON, and as a table row.

use std::borrow::Cow;

use serde_json::Value;
use sweetspot_core::{customers_phrase, known_values_phrase, share_of_customers};
use sweetspot_proto::v1::{AttributeChange, FitScore, NextStep, Target, WorthLearning};

use crate::cli::copied_columns::with_kept_columns;
use crate::cli::scoring::reasons_text;
use crate::messages::words::{pond_side_word, tier_letter};

/// The columns of the CSV file.
pub(crate) const HEADER: [&str; 15] = [
    "rank",
    "id",
    "score",
    "probability",
    "low",
    "high",
    "tier",
    "pond_side",
    "segment",
    "expected_value",
    "reasons",
    "look_alikes",
    "shares",
    "next_step",
    "worth_learning",
];

/// Returns the cells of the CSV file.
pub(crate) fn csv_cells(target: &Target, id: &str) -> [String; 15] {
    let score = score(target);
    let shares = target.look_alikes.first().map(|look_alike| look_alike.shares.join("; ")).unwrap_or_default();
    [
        target.rank.to_string(),
        id.to_owned(),
        score.score.to_string(),
        score.probability.to_string(),
        format!("{:.4}", score.low),
        format!("{:.4}", score.high),
        tier_letter(target.tier()).to_owned(),
        pond_side_word(score.pond_side()).to_owned(),
        score.segment_id.clone(),
        score.expected_value.map(|value| format!("{value:.2}")).unwrap_or_default(),
        reasons_text(&score.reasons),
        look_alike_names(target),
        shares,
        target.next_step.as_ref().map(next_step_text).unwrap_or_default(),
        target.worth_learning.as_ref().map(worth_learning_text).unwrap_or_default(),
    ]
}

/// Returns the cells of the table on a terminal.
pub(crate) fn table_row(target: &Target, id: &str) -> Vec<String> {
    vec![
        target.rank.to_string(),
        crate::cli::output::truncate(id, 20),
        score(target).score.to_string(),
        tier_letter(target.tier()).to_owned(),
        crate::cli::output::truncate(&look_alike_names(target), 40),
        crate::cli::output::truncate(&target.next_step.as_ref().map(next_step_text).unwrap_or_default(), 60),
        target.worth_learning.as_ref().map(|learning| learning.attribute.clone()).unwrap_or_default(),
    ]
}

/// Returns a target as JSON, under the id in the file. The version and the copied columns follow it.
pub(crate) fn target_json(
    target: &Target,
    id: &str,
    version: &str,
    kept_columns: &[String],
    cells: &[String],
) -> Value {
    let score = target.score.clone().map(|score| FitScore { account_id: id.to_owned(), ..score });
    let mut json = with_kept_columns(&Target { score, ..target.clone() }, kept_columns, cells);
    json.insert("modelVersion".to_owned(), version.into());
    Value::Object(json)
}

fn score(target: &Target) -> Cow<'_, FitScore> {
    target.score.as_ref().map_or_else(|| Cow::Owned(FitScore::default()), Cow::Borrowed)
}

/// Returns the look-alikes, nearest first.
fn look_alike_names(target: &Target) -> String {
    let names: Vec<&str> = target.look_alikes.iter().map(|look_alike| look_alike.name.as_str()).collect();
    names.join("; ")
}

/// Formats `employees: 50 or more instead of 10 to 49 (tier A)`.
pub(crate) fn next_step_text(step: &NextStep) -> String {
    let changes: Vec<String> = step.changes.iter().map(change_text).collect();
    format!("{} (tier {})", changes.join(" and "), tier_letter(step.tier()))
}

/// Formats `employees: 50 or more instead of 10 to 49`.
fn change_text(change: &AttributeChange) -> String {
    format!("{}: {} instead of {}", change.attribute, change.to, change.from)
}

/// Formats `industry: could lift it to tier A, as it would with 31% of the 312 customers with Country: France`.
pub(crate) fn worth_learning_text(learning: &WorthLearning) -> String {
    let WorthLearning { attribute, expected_change, lift_share, customers, given_attribute, given_value, .. } =
        learning;
    let condition = (!given_attribute.is_empty()).then_some((given_attribute.as_str(), given_value.as_str()));
    let any_value = known_values_phrase(learning.average_log_odds);
    match lift_share {
        Some(share) if *share > 0.0 => {
            let (letter, share) = (tier_letter(learning.tier()), share_of_customers(*share, *customers, condition));
            format!("{attribute}: could lift it to tier {letter}, as it would with {share}{any_value}")
        }
        Some(_) | None => {
            let (points, phrase) = (expected_change * 100.0, customers_phrase(*customers, condition));
            format!("{attribute}: would move the probability by {points:.1} points on average over {phrase}{any_value}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worth_learning_names_the_customers_behind_it() {
        let wire = WorthLearning {
            attribute: "Industry".to_owned(),
            expected_change: 0.031,
            lift_share: Some(1.0),
            tier: 2,
            customers: 312,
            given_attribute: "Country".to_owned(),
            given_value: "France".to_owned(),
            average_log_odds: 0.87,
        };
        let told = "Industry: could lift it to tier B, as it would with more than 99% of the 312 customers with Country: France; \
                    known values add 0.87 log-odds more than a missing one on average";
        assert_eq!(worth_learning_text(&wire), told);
        let none = WorthLearning { lift_share: Some(0.0), customers: 9, given_attribute: String::new(), ..wire };
        let told = "Industry: would move the probability by 3.1 points on average over the only 9 customers of whom it is known; \
                    known values add 0.87 log-odds more than a missing one on average";
        assert_eq!(worth_learning_text(&none), told);
    }
}
