//! The format of a column's texts, for those that are ambiguous.

use super::{DATE_ORDERS, DECIMAL_MARKS};

/// The mark before the decimals of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DecimalMark {
    /// `1,234.5`.
    Point,
    /// `1.234,5`.
    Comma,
}

/// The order of the numbers of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DateOrder {
    /// `7/16/2022`.
    MonthFirst,
    /// `16/7/2022`.
    DayFirst,
    /// `22-07-16`, or `20220716`. Years of four digits at the beginning are recognized in any order.
    YearFirst,
    /// Days since 1899-12-30, as in spreadsheets: `44758` is 2022-07-16.
    Serial,
}

/// The format of a column's texts. Unset parts are determined for each text separately.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TextFormat {
    /// The decimal mark of its numbers.
    pub decimal: Option<DecimalMark>,
    /// The order of the numbers of its days.
    pub date_order: Option<DateOrder>,
}

impl DecimalMark {
    /// The mark itself, as written in mappings.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Point => ".",
            Self::Comma => ",",
        }
    }

    /// The mark with this key.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        DECIMAL_MARKS.into_iter().find(|mark| mark.key() == key)
    }

    /// The other mark, which separates thousands where this one separates decimals.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Point => Self::Comma,
            Self::Comma => Self::Point,
        }
    }

    pub(super) const fn char(self) -> char {
        match self {
            Self::Point => '.',
            Self::Comma => ',',
        }
    }
}

impl DateOrder {
    /// The key in mappings.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::MonthFirst => "mdy",
            Self::DayFirst => "dmy",
            Self::YearFirst => "ymd",
            Self::Serial => "serial",
        }
    }

    /// The order with this key.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        DATE_ORDERS.into_iter().find(|order| order.key() == key)
    }

    /// The order in words.
    #[must_use]
    pub const fn description(self) -> &'static str {
        match self {
            Self::MonthFirst => "month first",
            Self::DayFirst => "day first",
            Self::YearFirst => "year first",
            Self::Serial => "days as a spreadsheet counts them",
        }
    }
}

impl TextFormat {
    /// Returns this format, with unset parts from another one.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self { decimal: self.decimal.or(other.decimal), date_order: self.date_order.or(other.date_order) }
    }

    /// The format with these keys; an invalid key leaves its part unset.
    #[must_use]
    pub fn from_keys(decimal: &str, date_order: &str) -> Self {
        Self { decimal: DecimalMark::parse(decimal), date_order: DateOrder::parse(date_order) }
    }

    /// The keys of the decimal mark and of the date order; empty if unset.
    #[must_use]
    pub fn keys(self) -> (String, String) {
        let decimal = self.decimal.map_or("", DecimalMark::key);
        (decimal.to_owned(), self.date_order.map_or("", DateOrder::key).to_owned())
    }

    /// Whether nothing is set.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.decimal.is_none() && self.date_order.is_none()
    }
}
