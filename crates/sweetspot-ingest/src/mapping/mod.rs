//! What the columns of a file mean: the one thing a new user writes, in TOML.

mod check;
mod columns;
mod error;
mod layout;
mod parse;
mod raw;
mod review;
mod write;

use std::collections::{BTreeMap, HashSet};

pub use columns::ColumnSettings;
pub use error::MappingError;
use sweetspot_core::{Kind, LabelPolicy, ReviewField, TextFormat};
pub(super) use write::Comments;

use crate::source::FileOptions;

/// What the columns of a file mean.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mapping {
    /// The column with the account's id; without one, ids are `row-1`, `row-2` and so on.
    pub id: Option<String>,
    /// How the files are written that are read with this mapping, where their content does not show it.
    pub file: FileOptions,
    /// Cell texts that mean missing, beside the empty text, which always does. Compared after trimming.
    pub missing: Vec<String>,
    /// How numbers and days of the file are written, where a column does not say so by itself.
    pub format: TextFormat,
    /// What holds for single columns.
    pub columns: BTreeMap<String, ColumnSettings>,
    /// What is known of an account before the sale.
    pub attributes: Attributes,
    /// Kinds told instead of found out, by column.
    pub kinds: BTreeMap<String, Kind>,
    /// What happened after it.
    pub outcome: OutcomeColumns,
    /// What an account review says of a customer, by field. A column may be an attribute as well.
    pub review: BTreeMap<ReviewField, String>,
    /// Which customers are ideal.
    pub label: LabelPolicy,
}

/// Which columns are attributes.
#[derive(Clone, Debug, PartialEq)]
pub enum Attributes {
    /// All that are neither id nor outcome, hold more than one value, and are no identifiers or free texts.
    Auto {
        /// But not these.
        exclude: Vec<String>,
    },
    /// These, whatever they look like.
    Listed(Vec<String>),
}

impl Default for Attributes {
    fn default() -> Self {
        Self::Auto { exclude: Vec::new() }
    }
}

/// Which columns tell what happened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OutcomeColumns {
    /// Won, lost or churned.
    pub status: Option<StatusColumn>,
    /// Which rows are still open, whatever the status says.
    pub undecided: Option<UndecidedColumn>,
    /// Lifetime revenue.
    pub value: Option<String>,
    /// Cost to serve over the same lifetime.
    pub cost_to_serve: Option<String>,
    /// Cost to acquire.
    pub cost_to_acquire: Option<String>,
    /// Customer since this day.
    pub since: Option<String>,
    /// Rows of one group stay in one evaluation fold.
    pub group: Option<String>,
    /// Why it was won, lost or left.
    pub reason: Option<String>,
    /// The currency of every amount (ISO 4217).
    pub currency: Option<String>,
}

/// The status column and what its texts mean. A text in none of the lists means unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatusColumn {
    /// The column.
    pub column: String,
    /// Texts for bought and kept.
    pub won: Vec<String>,
    /// Texts for never bought.
    pub lost: Vec<String>,
    /// Texts for bought and left.
    pub churned: Vec<String>,
}

/// A column that says which rows are still open: neither won nor lost, such as `IsClosed` beside `IsWon`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UndecidedColumn {
    /// The column.
    pub column: String,
    /// Texts of rows that are still open.
    pub texts: Vec<String>,
}

impl OutcomeColumns {
    /// Every named column with its key in the mapping.
    pub(super) fn columns(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let Self { status, undecided, value, cost_to_serve, cost_to_acquire, since, group, reason, currency: _ } = self;
        let status = status.as_ref().map(|status| status.column.as_str());
        [
            ("outcome.status", status),
            ("outcome.undecided", undecided.as_ref().map(|undecided| undecided.column.as_str())),
            ("outcome.value", value.as_deref()),
            ("outcome.cost_to_serve", cost_to_serve.as_deref()),
            ("outcome.cost_to_acquire", cost_to_acquire.as_deref()),
            ("outcome.since", since.as_deref()),
            ("outcome.group", group.as_deref()),
            ("outcome.reason", reason.as_deref()),
        ]
        .into_iter()
        .filter_map(|(key, column)| column.map(|column| (key, column)))
    }
}

impl Mapping {
    /// Every column that is named.
    pub(super) fn columns(&self) -> impl Iterator<Item = &str> {
        let attributes = match &self.attributes {
            Attributes::Auto { exclude } => exclude,
            Attributes::Listed(columns) => columns,
        };
        let outcome = self.outcome.columns().map(|(_, column)| column);
        let others = attributes.iter().chain(self.kinds.keys()).chain(self.review.values());
        outcome.chain(self.id.as_deref()).chain(others.map(String::as_str))
    }

    /// The columns that are no attributes unless they are listed: the id, the outcome, what is excluded, and what a review
    /// tells only after the sale.
    pub(super) fn reserved(&self) -> HashSet<&str> {
        let excluded: &[String] = match &self.attributes {
            Attributes::Auto { exclude } => exclude,
            Attributes::Listed(_) => &[],
        };
        let outcome = self.outcome.columns().map(|(_, column)| column);
        let review = self.review.iter().filter(|(field, _)| !field.is_known_before_the_sale());
        let review = review.map(|(_, column)| column.as_str());
        outcome.chain(review).chain(self.id.as_deref()).chain(excluded.iter().map(String::as_str)).collect()
    }
}
