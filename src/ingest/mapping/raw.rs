//! The mapping as it is written, before it is checked.

use serde::Deserialize;

/// A mapping file.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RawMapping {
    pub(super) id: Option<String>,
    pub(super) missing: Vec<String>,
    pub(super) attributes: Option<RawAttributes>,
    pub(super) exclude: Option<Vec<String>>,
    pub(super) numeric: Vec<String>,
    pub(super) categorical: Vec<String>,
    pub(super) list: Vec<String>,
    pub(super) flag: Vec<String>,
    pub(super) date: Vec<String>,
    pub(super) outcome: RawOutcome,
    pub(super) label: RawLabel,
}

/// `"auto"` or a list of columns.
#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "attributes must be a list of column names, or \"auto\"")]
pub(super) enum RawAttributes {
    Word(String),
    Names(Vec<String>),
}

/// The table `[outcome]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RawOutcome {
    pub(super) status: Option<RawStatus>,
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
pub(super) const KEYS: [(&str, &[&str]); 5] = [
    (
        "",
        &[
            "id",
            "missing",
            "attributes",
            "exclude",
            "numeric",
            "categorical",
            "list",
            "flag",
            "date",
            "outcome",
            "label",
        ],
    ),
    ("outcome", &["status", "value", "cost_to_serve", "cost_to_acquire", "since", "group", "reason", "currency"]),
    ("outcome.status", &["column", "won", "lost", "churned"]),
    ("label", &["policy", "share", "value_at_least", "maturity_days", "weights"]),
    ("label.weights", &["negative_net", "churned", "lost", "high_value", "won"]),
];
