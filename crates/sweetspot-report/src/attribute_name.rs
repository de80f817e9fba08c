//! Attributes as documents show them: with the labels and units of the mapping, or else by their names.

use std::fmt;

use sweetspot_core::parse::CURRENCIES;
use sweetspot_core::{AttributeKind, ColumnMetadata};

/// An attribute, and the words with which documents show it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AttributeName {
    /// The name in the dataset.
    pub key: String,
    /// The label, or else the words of the name.
    noun: String,
    /// The unit of its numbers.
    unit: Option<String>,
    /// The kind of its values, if it is known.
    pub(crate) kind: Option<AttributeKind>,
}

impl AttributeName {
    /// The attribute with this name and, if known, its metadata and its kind. Without a unit, a currency at the end of
    /// the name is the unit: `revenue_eur` reads `revenue (EUR)`.
    #[must_use]
    pub fn new(key: &str, metadata: Option<&ColumnMetadata>, kind: Option<AttributeKind>) -> Self {
        let text = |text: fn(&ColumnMetadata) -> &String| metadata.map(text).filter(|text| !text.is_empty()).cloned();
        let (noun, currency) = noun_and_currency(key);
        let label = text(|metadata| &metadata.label);
        let noun = label.unwrap_or(noun);
        Self { key: key.to_owned(), noun, unit: text(|metadata| &metadata.unit).or(currency), kind }
    }

    /// The label, or else the words of the name, without the unit.
    pub(crate) fn noun(&self) -> &str {
        &self.noun
    }

    /// The attribute with a value: `Revenue (EUR): 200 or more`.
    pub(crate) fn with_value(&self, value: &str) -> String {
        format!("{self}: {value}")
    }

    /// The attribute with its value within a sentence: `at least 152 employees`, `revenue of at least EUR 23.3
    /// million`, `industry Logistics`.
    pub(crate) fn phrase(&self, value: &str) -> String {
        let is_number = |bound: &&str| bound.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '−');
        let lowest = value.strip_suffix(" or more").filter(is_number);
        let limit = value.strip_prefix("below ").filter(is_number);
        let noun = &self.noun;
        if is_number(&value) && lowest.is_none() {
            return match (self.is_countable(), value.contains(' ')) {
                (true, _) => format!("{value} {noun}"),
                (false, false) => format!("{noun} of {}", self.amount(value)),
                (false, true) => format!("{noun} {}", self.amount(value)),
            };
        }
        match (lowest, limit) {
            (Some(lowest), _) if self.is_countable() => format!("at least {lowest} {noun}"),
            (Some(lowest), _) => format!("{noun} of at least {}", self.amount(lowest)),
            (None, Some(limit)) if self.is_countable() => format!("fewer than {limit} {noun}"),
            (None, Some(limit)) if self.unit.is_some() => format!("{noun} below {}", self.amount(limit)),
            (None, Some(_) | None) => format!("{self} {value}"),
        }
    }

    /// Whether the noun counts things, such as employees.
    fn is_countable(&self) -> bool {
        let Self { noun, unit, .. } = self;
        let is_plain = noun.split(' ').count() <= 2 && noun.chars().all(|c| c.is_alphabetic() || c == ' ');
        is_plain && unit.is_none() && noun.ends_with('s') && !noun.ends_with("ss") && !noun.ends_with("us")
    }

    /// A number with the unit: `EUR 1,000`, `12 months`, `20%`.
    pub(crate) fn amount(&self, number: &str) -> String {
        match self.unit.as_deref() {
            None => number.to_owned(),
            Some("%") => format!("{number}%"),
            Some(unit) if is_currency(unit) => format!("{unit} {number}"),
            Some(unit) => format!("{number} {unit}"),
        }
    }
}

/// The label with the unit in parentheses: `Revenue (EUR)`.
impl fmt::Display for AttributeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.unit {
            Some(unit) => write!(f, "{} ({unit})", self.noun),
            None => f.write_str(&self.noun),
        }
    }
}

/// Whether a unit is a currency code or sign, which is written before an amount.
fn is_currency(unit: &str) -> bool {
    CURRENCIES.iter().any(|(sign, code)| *sign == unit || *code == unit)
}

/// The words of an attribute's name, and the currency that it ends with, if any.
fn noun_and_currency(name: &str) -> (String, Option<String>) {
    let spaced = name.replace('_', " ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    if let Some((last, noun)) = words.split_last().filter(|(_, noun)| !noun.is_empty()) {
        let code = last.to_uppercase();
        if CURRENCIES.contains(&(code.as_str(), code.as_str())) {
            return (noun.join(" "), Some(code));
        }
    }
    (words.join(" "), None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labeled(key: &str, label: &str, unit: &str) -> AttributeName {
        let metadata = ColumnMetadata { label: label.to_owned(), unit: unit.to_owned(), ..ColumnMetadata::default() };
        AttributeName::new(key, Some(&metadata), None)
    }

    #[test]
    fn a_label_and_a_unit_replace_the_name() {
        assert_eq!(labeled("ARR_2", "Recurring revenue", "EUR").to_string(), "Recurring revenue (EUR)");
        assert_eq!(labeled("revenue_eur", "Turnover", "").to_string(), "Turnover (EUR)");
        assert_eq!(labeled("revenue_eur", "", "€").to_string(), "revenue (€)");
        let tenure = labeled("tenure", "Tenure", "months");
        assert_eq!(tenure.phrase("12 or more"), "Tenure of at least 12 months");
        assert_eq!(tenure.phrase("below 12"), "Tenure below 12 months");
        assert_eq!(tenure.with_value("12 to 23"), "Tenure (months): 12 to 23");
        assert_eq!(tenure.phrase("12 to 23"), "Tenure 12 to 23 months");
        assert_eq!(labeled("margin", "Margin", "%").phrase("below 12"), "Margin below 12%");
    }

    #[test]
    fn without_a_label_the_name_is_shown() {
        let name = |key| AttributeName::new(key, None, None).to_string();
        assert_eq!(["revenue_eur ", "EUR", "use__case"].map(name), ["revenue (EUR)", "EUR", "use case"]);
    }

    #[test]
    fn traits_read_as_part_of_a_sentence() {
        let phrases = [
            ("employees", "152 or more", "at least 152 employees"),
            ("decision_makers", "below 3", "fewer than 3 decision makers"),
            ("employees", "152 to 299", "152 to 299 employees"),
            ("revenue_eur", "1.2 to below 2.4 million", "revenue EUR 1.2 to below 2.4 million"),
            ("growth_percent", "64", "growth percent of 64"),
            ("revenue_eur", "23.3 million or more", "revenue of at least EUR 23.3 million"),
            ("revenue_eur", "below 8.75 million", "revenue below EUR 8.75 million"),
            ("growth_percent", "−3 or more", "growth percent of at least −3"),
            ("growth_percent", "below 18.4", "growth percent below 18.4"),
            ("industry", "Logistics", "industry Logistics"),
            ("Company Size - # of employees", "below 3,000", "Company Size - # of employees below 3,000"),
            ("features", "one or more", "features one or more"),
        ];
        for (attribute, value, phrase) in phrases {
            assert_eq!(AttributeName::new(attribute, None, None).phrase(value), phrase);
        }
    }
}
