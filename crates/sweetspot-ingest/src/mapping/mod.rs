//! The meaning of the columns of a file, as a TOML file that users write.

mod aggregated;
mod check;
mod columns;
mod documents;
mod error;
mod parse;
mod raw;
mod review;
mod toml_layout;
mod write;

use std::collections::{BTreeMap, HashSet};

pub use aggregated::Aggregation;
pub use columns::ColumnSettings;
pub use error::MappingError;
use sweetspot_core::{AttributeKind, DocumentSettings, LabelPolicy, ReviewField, TextFormat};
pub(super) use write::MappingComments;

use crate::source::FileOptions;

/// The meaning of the columns of a file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mapping {
    /// The column with the account's id. If `None`, ids are `row-1`, `row-2` and so on.
    pub id: Option<String>,
    /// The column with the number of customers that each row stands for. If `None`, each row is one customer.
    pub weight: Option<String>,
    /// The format of the files that are read with this mapping, if their content does not show it.
    pub file: FileOptions,
    /// Cell texts that mean missing, in addition to the empty text, which always does. They are compared after
    /// trimming.
    pub missing: Vec<String>,
    /// The format of numbers and dates of the file, if the cells of a column do not determine it.
    pub format: TextFormat,
    /// The settings of single columns, by name.
    pub columns: BTreeMap<String, ColumnSettings>,
    /// The attributes: what is known about an account before the sale.
    pub attributes: AttributeSelection,
    /// Explicit kinds of attributes, by column. The others are inferred.
    pub kinds: BTreeMap<String, AttributeKind>,
    /// The outcome columns.
    pub outcome: OutcomeColumns,
    /// The columns of the account review, by field. A column may be an attribute as well.
    pub review: BTreeMap<ReviewField, String>,
    /// Which customers are ideal.
    pub label: LabelPolicy,
    /// Inputs of the documents.
    pub documents: DocumentSettings,
}

/// Which columns are attributes.
#[derive(Clone, Debug, PartialEq)]
pub enum AttributeSelection {
    /// All columns except the id, the outcome, constants, identifiers and free texts.
    Auto {
        /// Columns that are not attributes.
        exclude: Vec<String>,
    },
    /// These columns, regardless of their content.
    Listed(Vec<String>),
}

impl Default for AttributeSelection {
    fn default() -> Self {
        Self::Auto { exclude: Vec::new() }
    }
}

/// The columns with the outcome of each account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OutcomeColumns {
    /// The column with won, lost or churned.
    pub status: Option<StatusColumn>,
    /// The rows that are still open, regardless of the status.
    pub undecided: Option<OpenRowsColumn>,
    /// The column with the lifetime revenue.
    pub value: Option<String>,
    /// The column with the cost to serve over the same lifetime.
    pub cost_to_serve: Option<String>,
    /// The column with the cost to acquire.
    pub cost_to_acquire: Option<String>,
    /// The column with the date since which the account is a customer.
    pub since: Option<String>,
    /// The column with the group. Rows of one group stay in one evaluation fold.
    pub group: Option<String>,
    /// The column with the reason why the account was won, lost or churned.
    pub reason: Option<String>,
    /// The currency of every amount (ISO 4217).
    pub currency: Option<String>,
}

/// The status column and the meaning of its texts. A text in none of the lists means unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatusColumn {
    /// The name of the column.
    pub column: String,
    /// Texts for accounts that bought and stayed.
    pub won: Vec<String>,
    /// Texts for accounts that did not buy.
    pub lost: Vec<String>,
    /// Texts for accounts that bought and left.
    pub churned: Vec<String>,
}

/// The column that marks rows as still open, neither won nor lost, such as `IsClosed` next to `IsWon`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenRowsColumn {
    /// The name of the column.
    pub column: String,
    /// Texts of rows that are still open.
    pub texts: Vec<String>,
}

impl OutcomeColumns {
    /// Returns every mapped column with its key in the mapping.
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
    /// Returns every mapped column.
    pub(super) fn columns(&self) -> impl Iterator<Item = &str> {
        let attributes = match &self.attributes {
            AttributeSelection::Auto { exclude } => exclude,
            AttributeSelection::Listed(columns) => columns,
        };
        let outcome = self.outcome.columns().map(|(_, column)| column);
        let others = attributes.iter().chain(self.kinds.keys()).chain(self.review.values());
        outcome.chain(self.id.as_deref()).chain(self.weight.as_deref()).chain(others.map(String::as_str))
    }

    /// Returns the columns that are not attributes unless they are listed: the id, the weight, the outcome, excluded columns, and
    /// review columns that are known only after the sale.
    pub(super) fn reserved(&self) -> HashSet<&str> {
        let excluded: &[String] = match &self.attributes {
            AttributeSelection::Auto { exclude } => exclude,
            AttributeSelection::Listed(_) => &[],
        };
        let outcome = self.outcome.columns().map(|(_, column)| column);
        let review = self.review.iter().filter(|(field, _)| !field.is_known_before_the_sale());
        let review = review.map(|(_, column)| column.as_str());
        let own = self.id.as_deref().into_iter().chain(self.weight.as_deref());
        outcome.chain(review).chain(own).chain(excluded.iter().map(String::as_str)).collect()
    }
}
