//! The mapping as written, before it is checked.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A mapping file.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RawMapping {
    pub(super) id: Option<String>,
    pub(super) weight: Option<String>,
    pub(super) encoding: Option<String>,
    pub(super) delimiter: Option<String>,
    pub(super) header_row: Option<u32>,
    pub(super) sheet: Option<String>,
    pub(super) all_rows: bool,
    pub(super) missing: Vec<String>,
    pub(super) decimal: Option<String>,
    pub(super) date_order: Option<String>,
    pub(super) columns: BTreeMap<String, RawColumn>,
    pub(super) attributes: Option<RawAttributes>,
    pub(super) exclude: Option<Vec<String>>,
    pub(super) numeric: Vec<String>,
    pub(super) categorical: Vec<String>,
    pub(super) list: Vec<String>,
    pub(super) flag: Vec<String>,
    pub(super) date: Vec<String>,
    pub(super) outcome: RawOutcome,
    pub(super) review: BTreeMap<String, RawReviewColumns>,
    pub(super) label: RawLabel,
    pub(super) documents: RawDocuments,
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
pub(super) enum RawReviewColumns {
    Column(String),
    Quarters(Vec<String>),
}

/// A table `[columns."NAME"]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RawColumn {
    pub(super) decimal: Option<String>,
    pub(super) date_order: Option<String>,
    pub(super) missing: Vec<String>,
    pub(super) not_missing: Vec<String>,
    pub(super) label: String,
    pub(super) unit: String,
    pub(super) changeable: bool,
    pub(super) binned: bool,
}

/// The table `[outcome]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RawOutcome {
    pub(super) status: Option<RawStatus>,
    pub(super) undecided: Option<RawOpenRows>,
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

/// The key `outcome.undecided`: the column that marks rows as still open, neither won nor lost, and its texts for them.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RawOpenRows {
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
    pub(super) base_rate: Option<f64>,
    pub(super) weights: Option<RawWeights>,
}

/// The table `[documents]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RawDocuments {
    pub(super) as_of: Option<String>,
    pub(super) hourly_cost: Option<f64>,
    pub(super) annual_rate: Option<f64>,
    pub(super) advocacy_point: Option<f64>,
    pub(super) reputation_point: Option<f64>,
    pub(super) count_market_value: bool,
    pub(super) top_share: Option<f64>,
    pub(super) cohort_basis: Option<String>,
    pub(super) cohort_threshold: Option<f64>,
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
pub(super) const KEYS: [(&str, &[&str]); 9] = [
    (
        "",
        &[
            "id",
            "weight",
            "encoding",
            "delimiter",
            "header_row",
            "sheet",
            "all_rows",
            "missing",
            "decimal",
            "date_order",
            "columns",
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
            "documents",
        ],
    ),
    (
        "outcome",
        &["status", "undecided", "value", "cost_to_serve", "cost_to_acquire", "since", "group", "reason", "currency"],
    ),
    // For each column that has a table.
    (COLUMN, &["label", "unit", "changeable", "binned", "decimal", "date_order", "missing", "not_missing"]),
    ("outcome.status", &["column", "won", "lost", "churned"]),
    ("outcome.undecided", &["column", "texts"]),
    ("review", &REVIEW),
    ("label", &["policy", "share", "value_at_least", "maturity_days", "base_rate", "weights"]),
    (
        "documents",
        &[
            "as_of",
            "hourly_cost",
            "annual_rate",
            "advocacy_point",
            "reputation_point",
            "count_market_value",
            "top_share",
            "cohort_basis",
            "cohort_threshold",
        ],
    ),
    ("label.weights", &["negative_net", "churned", "lost", "high_value", "won"]),
];

/// The path of the keys of single columns.
pub(super) const COLUMN: &str = "columns.*";

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
    use sweetspot_core::ReviewField;

    use super::*;
    use crate::Mapping;

    const DOCUMENT: &str = include_str!("../../../../docs/MAPPING.md");

    #[test]
    fn every_key_is_documented() {
        for (table, keys) in KEYS {
            for key in keys {
                let path = if table.is_empty() { (*key).to_owned() } else { format!("{table}.{key}") };
                let wanted = if table == "review" { format!("\n| `{key}` | ") } else { format!("\n### `{path}`\n") };
                assert!(DOCUMENT.contains(&wanted), "docs/MAPPING.md has no section on {path}");
            }
        }
    }

    #[test]
    fn every_example_is_a_mapping() {
        let examples: Vec<&str> =
            DOCUMENT.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
        assert!(examples.len() > 30, "{} examples", examples.len());
        for example in examples {
            // Most examples omit the one key that every mapping has.
            let has_attributes = example.lines().any(|line| line.starts_with("attributes = "));
            let attributes = if has_attributes { "" } else { "attributes = \"auto\"\n" };
            let mapping = Mapping::parse(&format!("{attributes}{example}"), "example");
            assert!(mapping.is_ok(), "{example}{mapping:?}");
        }
    }

    #[test]
    fn every_field_of_a_review_has_its_key() {
        let keys: Vec<&str> =
            ReviewField::ALL.iter().chain(&[ReviewField::Spend(1)]).map(|field| field.key()).collect();
        assert_eq!(keys, REVIEW);
    }
}
