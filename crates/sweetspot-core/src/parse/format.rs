//! How the texts of a column are written, for those that could mean two things.

use super::{DATE_ORDERS, DECIMAL_MARKS};

/// What stands before the decimals of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DecimalMark {
    /// `1,234.5`.
    Point,
    /// `1.234,5`.
    Comma,
}

/// In which order the numbers of a day are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DateOrder {
    /// `7/16/2022`.
    MonthFirst,
    /// `16/7/2022`.
    DayFirst,
    /// `22-07-16`, or `20220716`. Years of four digits at the beginning are recognized whatever the order.
    YearFirst,
    /// Days since 1899-12-30, as spreadsheets count them: `44758` is 2022-07-16.
    Serial,
}

/// How the texts of a column are written. What is not set is decided for each text by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TextFormat {
    /// What stands before the decimals of its numbers.
    pub decimal: Option<DecimalMark>,
    /// The order of its days, months and years.
    pub date_order: Option<DateOrder>,
}

impl DecimalMark {
    /// The mark itself, as it is written in mappings.
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
    /// The word for it in mappings.
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
    pub const fn words(self) -> &'static str {
        match self {
            Self::MonthFirst => "month first",
            Self::DayFirst => "day first",
            Self::YearFirst => "year first",
            Self::Serial => "days as a spreadsheet counts them",
        }
    }
}

impl TextFormat {
    /// This format, with what it leaves open taken from another one.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self { decimal: self.decimal.or(other.decimal), date_order: self.date_order.or(other.date_order) }
    }

    /// The format with these keys; what is no key is not set.
    #[must_use]
    pub fn from_keys(decimal: &str, date_order: &str) -> Self {
        Self { decimal: DecimalMark::parse(decimal), date_order: DateOrder::parse(date_order) }
    }

    /// The keys of the decimal mark and of the date order; empty where they are not set.
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
