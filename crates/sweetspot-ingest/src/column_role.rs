//! The role of a column in a file, and the profile of a column.

use sweetspot_core::AttributeKind;

/// The role of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ColumnRole {
    /// The column may predict outcomes of other accounts.
    Attribute,
    /// The column identifies the account.
    Id,
    /// The column contains the outcome, or appears to.
    Outcome,
    /// The column answers a question of an account review, and is known only after the sale.
    Review,
    /// The column has the same value in every row.
    Constant,
    /// The column has no value in any row.
    Empty,
    /// Nearly every row has its own value.
    Identifier,
    /// The column contains prose.
    FreeText,
    /// The column identifies the account of a row, and accounts have several rows.
    Group,
    /// The column contains coordinates or postal codes.
    PlaceKey,
    /// The column contains a date of the deal or its record, not of the customer.
    DealDate,
    /// The column contains the currency of amounts, or amounts in several currencies.
    Currency,
    /// The column is a product, a sum or a multiple of something that is known only after the sale.
    Derived,
}

impl ColumnRole {
    /// Returns the label of the role in messages and tables.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Attribute => "attribute",
            Self::Id => "id",
            Self::Outcome => "outcome",
            Self::Review => "review",
            Self::Constant => "constant",
            Self::Empty => "empty",
            Self::Identifier => "identifier",
            Self::FreeText => "free text",
            Self::Group => "group",
            Self::PlaceKey => "place key",
            Self::DealDate => "deal date",
            Self::Currency => "currency",
            Self::Derived => "derived",
        }
    }
}

/// What is known about one column: its contents, its role, and whether it may be a leak.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnProfile {
    /// The name of the column.
    pub name: String,
    /// The kind of its values, given or inferred.
    pub kind: AttributeKind,
    /// A one-line description of how its cells are read.
    pub reading: String,
    /// The share of rows with a value, from 0 to 1.
    pub present: f64,
    /// The number of distinct texts.
    pub distinct: u64,
    /// At most three of the most frequent texts, truncated to 60 bytes.
    pub examples: Vec<String>,
    /// The role of the column.
    pub role: ColumnRole,
    /// The reason for the role, in one sentence.
    pub reason: String,
    /// The reason why the column may be a leak, if it may. Such a column is not proposed as an attribute.
    pub leak: Option<String>,
    /// The reason why the column predicts the outcome suspiciously well, if it does, although it may be legitimate. It
    /// is proposed with a comment, and training warns about it.
    pub caution: Option<String>,
}
