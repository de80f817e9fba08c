//! What a column is, in a word and a sentence.

use sweetspot_core::Kind;

/// What a column is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// It may say something about other accounts.
    Attribute,
    /// It names the account.
    Id,
    /// It tells, or seems to tell, what happened.
    Outcome,
    /// It tells what an account review asks, and what is known only after the sale.
    Review,
    /// One value in every row.
    Constant,
    /// No value in any row.
    Empty,
    /// Nearly every row has a value of its own.
    Identifier,
    /// Prose.
    FreeText,
    /// It names the account of a row, and accounts have several rows.
    Group,
    /// Coordinates or postal codes.
    PlaceKey,
    /// A day of the deal or of its record, not of the customer.
    DealDate,
    /// It says which currency amounts are in, or holds amounts in several.
    Currency,
    /// A product, a sum or a multiple of what is known only afterwards.
    Derived,
}

impl Verdict {
    /// The words for it in messages and tables.
    #[must_use]
    pub const fn word(self) -> &'static str {
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

/// What one column holds.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnProfile {
    /// Its name.
    pub name: String,
    /// Its kind, told or found out.
    pub kind: Kind,
    /// How its cells are read, in one line.
    pub reading: String,
    /// The share of rows with a value, from 0 to 1.
    pub present: f64,
    /// How many distinct texts.
    pub distinct: u64,
    /// The most frequent texts, at most three, cut to 60 bytes.
    pub examples: Vec<String>,
    /// What it is good for.
    pub verdict: Verdict,
    /// Why, in one sentence.
    pub reason: String,
    /// Why it may give the outcome away, where it may: such a column is not proposed as an attribute.
    pub leak: Option<String>,
    /// Why it is suspiciously good though it may well be honest: it is proposed with a comment, and training warns of it.
    pub caution: Option<String>,
}
