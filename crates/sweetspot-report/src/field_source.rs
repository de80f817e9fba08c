//! The source of a review field: the review's column, or else an attribute with a matching name.

use sweetspot_core::{Column, ColumnData, OutcomeStatus, ReviewField, ValueRef, name_words};

use super::ReportInput;

/// The maximum number of characters of a text.
const MAX_TEXT_CHARS: usize = 120;

/// The source of one review field.
#[derive(Clone, Copy, Debug)]
pub(super) struct FieldSource<'a> {
    values: Option<&'a ColumnData>,
}

impl<'a> FieldSource<'a> {
    /// The review's column, or else the attribute with a matching name.
    pub(super) fn new(input: &'a ReportInput, field: ReviewField) -> Self {
        let review_column = input
            .customers
            .review()
            .columns()
            .find(|(review_column, _)| *review_column == field)
            .map(|(_, values)| values);
        let attribute = || Self::attribute(input, field).map(|column| &column.data);
        Self { values: review_column.or_else(attribute) }
    }

    /// The attribute with a matching name.
    pub(super) fn attribute(input: &'a ReportInput, field: ReviewField) -> Option<&'a Column> {
        let attributes = input.accounts().columns();
        let named = |name: &&str| attributes.iter().find(|column| name_words(&column.name).join(" ") == **name);
        attribute_names(field).iter().find_map(named)
    }

    /// Whether there is a source.
    pub(super) const fn is_available(self) -> bool {
        self.values.is_some()
    }

    /// Whether an account has a value.
    pub(super) fn is_known(self, row: usize) -> bool {
        match self.values.and_then(|values| values.get(row)) {
            Some(ValueRef::Text(text)) => !text.is_empty(),
            Some(ValueRef::List(items)) => !items.is_empty(),
            Some(ValueRef::Number(_) | ValueRef::Flag(_) | ValueRef::Date(_)) => true,
            None => false,
        }
    }

    /// The number of an account.
    pub(super) fn number(self, row: usize) -> Option<f64> {
        match self.values?.get(row)? {
            ValueRef::Number(number) => Some(number),
            ValueRef::Text(_) | ValueRef::Flag(_) | ValueRef::List(_) | ValueRef::Date(_) => None,
        }
    }

    /// The distinct texts of an account, in alphabetical order.
    pub(super) fn texts(self, row: usize) -> Vec<&'a str> {
        let mut texts = match self.values.and_then(|values| values.get(row)) {
            Some(ValueRef::Text(text)) => vec![text],
            Some(ValueRef::List(items)) => items,
            Some(ValueRef::Number(_) | ValueRef::Flag(_) | ValueRef::Date(_)) | None => Vec::new(),
        };
        texts.retain(|text| !text.is_empty());
        texts.sort_unstable();
        texts.dedup();
        texts
    }

    /// The reasons for buying: those of this source, or else of the outcome if the customer stayed.
    pub(super) fn win_reasons(self, input: &'a ReportInput, row: usize) -> Vec<&'a str> {
        let outcome = input.outcome(row);
        if self.is_available() || outcome.status != Some(OutcomeStatus::Won) {
            return self.texts(row);
        }
        outcome.reason.into_iter().collect()
    }

    /// The column, if there is one.
    pub(super) const fn column(self) -> Option<&'a ColumnData> {
        self.values
    }

    /// All values of an account, as one text.
    pub(super) fn text(self, row: usize) -> Option<String> {
        Some(match self.values?.get(row)? {
            ValueRef::Text(text) => text.to_owned(),
            ValueRef::List(items) => items.join("; "),
            ValueRef::Number(number) => number.to_string(),
            ValueRef::Flag(flag) => if flag { "yes" } else { "no" }.to_owned(),
            ValueRef::Date(date) => date.to_string(),
        })
    }
}

/// A text, truncated for a table.
pub(super) fn truncate(text: &str) -> String {
    match text.char_indices().nth(MAX_TEXT_CHARS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// The lowercase names of attributes that correspond to a field.
const fn attribute_names(field: ReviewField) -> &'static [&'static str] {
    match field {
        ReviewField::Industry => &["industry", "sector", "vertical"],
        ReviewField::Location => &["location", "country", "region", "state", "city"],
        ReviewField::UseCase => &["use case", "use cases"],
        ReviewField::Revenue => &["company size revenue", "annual revenue", "revenue", "revenue eur", "revenue usd"],
        ReviewField::Employees => &["company size of employees", "employees", "number of employees", "headcount"],
        ReviewField::DecisionMakers => &["decision makers", "of decision makers"],
        ReviewField::Situation => &["situation"],
        ReviewField::Pain => &["pain"],
        ReviewField::Impact => &["impact"],
        ReviewField::CriticalEvent => &["critical event"],
        ReviewField::Decision => &["decision"],
        ReviewField::Name
        | ReviewField::Contract
        | ReviewField::DealSize
        | ReviewField::Recurring
        | ReviewField::Usage
        | ReviewField::Features
        | ReviewField::DecisionMakerTitles
        | ReviewField::InfluencerTitles
        | ReviewField::Notes
        | ReviewField::WinReason
        | ReviewField::ChurnReason
        | ReviewField::SupportHours
        | ReviewField::SuccessHours
        | ReviewField::RoadmapRequests
        | ReviewField::PaymentDays
        | ReviewField::Advocacy
        | ReviewField::Reputation
        | ReviewField::EaseOfWork
        | ReviewField::Spend(_) => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!(truncate("short"), "short");
        assert_eq!(truncate(&"ü".repeat(500)).chars().count(), MAX_TEXT_CHARS + 1);
    }
}
