//! Where a thing that a review asks is told: in the reviews, or else in an attribute of that name.

use sweetspot_core::{ColumnData, ReviewField, ValueRef, words};

use super::Evidence;

/// Most characters of a text that are shown.
const SHOWN: usize = 120;

/// One thing that a review asks, of every account.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told<'a> {
    values: Option<&'a ColumnData>,
}

impl<'a> Told<'a> {
    /// The review's own column, or else the attribute whose name says the same.
    pub(super) fn of(evidence: &'a Evidence, field: ReviewField) -> Self {
        let told = evidence.customers.review().columns().find(|(told, _)| *told == field).map(|(_, values)| values);
        let attributes = evidence.accounts().columns();
        let named = |name: &&str| attributes.iter().find(|column| words(&column.name).join(" ") == **name);
        let attribute = || names(field).iter().find_map(&named).map(|column| &column.data);
        Self { values: told.or_else(attribute) }
    }

    /// Whether there is such a column at all.
    pub(super) const fn is_told(self) -> bool {
        self.values.is_some()
    }

    /// Whether anything is said of one account.
    pub(super) fn is_known(self, row: usize) -> bool {
        match self.values.and_then(|values| values.get(row)) {
            Some(ValueRef::Text(text)) => !text.is_empty(),
            Some(ValueRef::List(items)) => !items.is_empty(),
            Some(ValueRef::Number(_) | ValueRef::Flag(_) | ValueRef::Date(_)) => true,
            None => false,
        }
    }

    /// The number of one account.
    pub(super) fn number(self, row: usize) -> Option<f64> {
        match self.values?.get(row)? {
            ValueRef::Number(number) => Some(number),
            ValueRef::Text(_) | ValueRef::Flag(_) | ValueRef::List(_) | ValueRef::Date(_) => None,
        }
    }

    /// The texts of one account, each once, in the order of their letters.
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

    /// Everything that is said of one account, as one text.
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

/// A text that is short enough for a table.
pub(super) fn short(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// What attributes are called that tell the same as a field, in lower case.
const fn names(field: ReviewField) -> &'static [&'static str] {
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
        assert_eq!(short("short"), "short");
        assert_eq!(short(&"ü".repeat(500)).chars().count(), SHOWN + 1);
    }
}
