//! The mapping as it is written, before it is checked.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A mapping file.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RawMapping {
    pub(super) id: Option<String>,
    pub(super) encoding: Option<String>,
    pub(super) delimiter: Option<String>,
    pub(super) header_row: Option<u32>,
    pub(super) sheet: Option<String>,
    pub(super) missing: Vec<String>,
    pub(super) attributes: Option<RawAttributes>,
    pub(super) exclude: Option<Vec<String>>,
    pub(super) numeric: Vec<String>,
    pub(super) categorical: Vec<String>,
    pub(super) list: Vec<String>,
    pub(super) flag: Vec<String>,
    pub(super) date: Vec<String>,
    pub(super) outcome: RawOutcome,
    pub(super) review: BTreeMap<String, RawReview>,
    pub(super) label: RawLabel,
}

/// `"auto"` or a list of columns.
#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "attributes must be a list of column names, or \"auto\"")]
pub(super) enum RawAttributes {
    Word(String),
    Names(Vec<String>),
}

/// One column, or the columns of the quarters.
#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "a review names one column for each key, and a list of columns for spend")]
pub(super) enum RawReview {
    Column(String),
    Quarters(Vec<String>),
}

/// The table `[outcome]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RawOutcome {
    pub(super) status: Option<RawStatus>,
    pub(super) undecided: Option<RawUndecided>,
    pub(super) value: Option<String>,
    pub(super) cost_to_serve: Option<String>,
    pub(super) cost_to_acquire: Option<String>,
    pub(super) since: Option<String>,
    pub(super) group: Option<String>,
    pub(super) reason: Option<String>,
    pub(super) currency: Option<String>,
}

/// The key `outcome.status`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RawStatus {
    pub(super) column: String,
    pub(super) won: Vec<String>,
    pub(super) lost: Vec<String>,
    pub(super) churned: Vec<String>,
}

/// The key `outcome.undecided`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RawUndecided {
    pub(super) column: String,
    pub(super) texts: Vec<String>,
}

/// The table `[label]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RawLabel {
    pub(super) policy: Option<String>,
    pub(super) share: Option<f64>,
    pub(super) value_at_least: Option<f64>,
    pub(super) maturity_days: Option<u32>,
    pub(super) weights: Option<RawWeights>,
}

/// The table `[label.weights]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RawWeights {
    pub(super) negative_net: f64,
    pub(super) churned: f64,
    pub(super) lost: f64,
    pub(super) high_value: f64,
    pub(super) won: f64,
}

/// The keys of each table, in the order in which they are documented. The first is the file itself.
pub(super) const KEYS: [(&str, &[&str]); 7] = [
    (
        "",
        &[
            "id",
            "encoding",
            "delimiter",
            "header_row",
            "sheet",
            "missing",
            "attributes",
            "exclude",
            "numeric",
            "categorical",
            "list",
            "flag",
            "date",
            "outcome",
            "review",
            "label",
        ],
    ),
    (
        "outcome",
        &["status", "undecided", "value", "cost_to_serve", "cost_to_acquire", "since", "group", "reason", "currency"],
    ),
    ("outcome.status", &["column", "won", "lost", "churned"]),
    ("outcome.undecided", &["column", "texts"]),
    ("review", &REVIEW),
    ("label", &["policy", "share", "value_at_least", "maturity_days", "weights"]),
    ("label.weights", &["negative_net", "churned", "lost", "high_value", "won"]),
];

/// The keys of the table `[review]`.
const REVIEW: [&str; 30] = [
    "name",
    "industry",
    "location",
    "use_case",
    "contract",
    "deal_size",
    "recurring",
    "usage",
    "features",
    "revenue",
    "employees",
    "decision_makers",
    "decision_maker_titles",
    "influencer_titles",
    "notes",
    "win_reason",
    "churn_reason",
    "situation",
    "pain",
    "impact",
    "critical_event",
    "decision",
    "support_hours",
    "success_hours",
    "roadmap_requests",
    "payment_days",
    "advocacy",
    "reputation",
    "ease_of_work",
    "spend",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ReviewField;

    #[test]
    fn every_field_of_a_review_has_its_key() {
        let keys: Vec<&str> =
            ReviewField::ALL.iter().chain(&[ReviewField::Spend(1)]).map(|field| field.key()).collect();
        assert_eq!(keys, REVIEW);
    }
}
