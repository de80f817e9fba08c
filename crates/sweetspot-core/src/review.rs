//! What an account review says of a customer beside attributes and outcome: for documents alone, never for the fit.

use std::collections::BTreeMap;

use super::{ColumnData, Kind, ValueRef};

/// Most quarters of spending that are kept of a customer.
pub const MOST_QUARTERS: u8 = 12;

/// One thing that an account review says of a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReviewField {
    /// What the customer is called.
    Name,
    /// Its industry.
    Industry,
    /// Where it is.
    Location,
    /// What it uses the product for; several are several use cases.
    UseCase,
    /// What was agreed.
    Contract,
    /// The size of a deal, in the currency of the customers.
    DealSize,
    /// Recurring or one time, in the company's words.
    Recurring,
    /// How much and how often the product is used.
    Usage,
    /// The features that are used.
    Features,
    /// The customer's own revenue.
    Revenue,
    /// The customer's employees.
    Employees,
    /// How many people decide.
    DecisionMakers,
    /// Their titles or departments.
    DecisionMakerTitles,
    /// Titles or departments of those who influence them.
    InfluencerTitles,
    /// Anything else.
    Notes,
    /// Why the deal was won.
    WinReason,
    /// Why the customer left.
    ChurnReason,
    /// SPICED: facts and circumstances.
    Situation,
    /// SPICED: the challenges it experiences.
    Pain,
    /// SPICED: what the product changes in its business.
    Impact,
    /// SPICED: what makes it decide by a certain time.
    CriticalEvent,
    /// SPICED: process, committee and criteria of the purchase.
    Decision,
    /// Hours of support over the lifetime.
    SupportHours,
    /// Hours of customer success over the lifetime.
    SuccessHours,
    /// Features asked for that others do not need.
    RoadmapRequests,
    /// Days from invoice to payment.
    PaymentDays,
    /// How much it recommends the product, 0 to 10.
    Advocacy,
    /// How much its name counts in the market, 0 to 10.
    Reputation,
    /// How easy it is to work with, 0 to 10.
    EaseOfWork,
    /// What it spent in its first, second, … quarter as a customer, from 1 to [`MOST_QUARTERS`].
    Spend(u8),
}

impl ReviewField {
    /// Every field but those of spending, in the order in which they are documented.
    pub const ALL: [Self; 29] = [
        Self::Name,
        Self::Industry,
        Self::Location,
        Self::UseCase,
        Self::Contract,
        Self::DealSize,
        Self::Recurring,
        Self::Usage,
        Self::Features,
        Self::Revenue,
        Self::Employees,
        Self::DecisionMakers,
        Self::DecisionMakerTitles,
        Self::InfluencerTitles,
        Self::Notes,
        Self::WinReason,
        Self::ChurnReason,
        Self::Situation,
        Self::Pain,
        Self::Impact,
        Self::CriticalEvent,
        Self::Decision,
        Self::SupportHours,
        Self::SuccessHours,
        Self::RoadmapRequests,
        Self::PaymentDays,
        Self::Advocacy,
        Self::Reputation,
        Self::EaseOfWork,
    ];

    /// The key in mapping files.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Industry => "industry",
            Self::Location => "location",
            Self::UseCase => "use_case",
            Self::Contract => "contract",
            Self::DealSize => "deal_size",
            Self::Recurring => "recurring",
            Self::Usage => "usage",
            Self::Features => "features",
            Self::Revenue => "revenue",
            Self::Employees => "employees",
            Self::DecisionMakers => "decision_makers",
            Self::DecisionMakerTitles => "decision_maker_titles",
            Self::InfluencerTitles => "influencer_titles",
            Self::Notes => "notes",
            Self::WinReason => "win_reason",
            Self::ChurnReason => "churn_reason",
            Self::Situation => "situation",
            Self::Pain => "pain",
            Self::Impact => "impact",
            Self::CriticalEvent => "critical_event",
            Self::Decision => "decision",
            Self::SupportHours => "support_hours",
            Self::SuccessHours => "success_hours",
            Self::RoadmapRequests => "roadmap_requests",
            Self::PaymentDays => "payment_days",
            Self::Advocacy => "advocacy",
            Self::Reputation => "reputation",
            Self::EaseOfWork => "ease_of_work",
            Self::Spend(_) => "spend",
        }
    }

    /// The field of a key. Spending has a quarter, from 1 to [`MOST_QUARTERS`]; every other field has 0.
    #[must_use]
    pub fn named(key: &str, quarter: u32) -> Option<Self> {
        if key == Self::Spend(1).key() {
            let quarter = u8::try_from(quarter).ok().filter(|quarter| (1..=MOST_QUARTERS).contains(quarter))?;
            return Some(Self::Spend(quarter));
        }
        Self::ALL.into_iter().find(|field| field.key() == key && quarter == 0)
    }

    /// The quarter of spending, from 1; 0 for every other field.
    #[must_use]
    pub fn quarter(self) -> u32 {
        if let Self::Spend(quarter) = self { quarter.into() } else { 0 }
    }

    /// Whether it can be known before the sale, so that it may be an attribute without anybody saying so.
    #[must_use]
    pub const fn is_known_before_the_sale(self) -> bool {
        matches!(
            self,
            Self::Industry
                | Self::Location
                | Self::Revenue
                | Self::Employees
                | Self::Situation
                | Self::Pain
                | Self::Impact
                | Self::CriticalEvent
                | Self::Decision
        )
    }

    /// What its values are.
    #[must_use]
    pub const fn kind(self) -> Kind {
        match self {
            Self::DealSize
            | Self::Revenue
            | Self::Employees
            | Self::DecisionMakers
            | Self::SupportHours
            | Self::SuccessHours
            | Self::RoadmapRequests
            | Self::PaymentDays
            | Self::Advocacy
            | Self::Reputation
            | Self::EaseOfWork
            | Self::Spend(_) => Kind::Number,
            Self::UseCase | Self::Features | Self::DecisionMakerTitles | Self::InfluencerTitles => Kind::List,
            Self::Name
            | Self::Industry
            | Self::Location
            | Self::Contract
            | Self::Recurring
            | Self::Usage
            | Self::Notes
            | Self::WinReason
            | Self::ChurnReason
            | Self::Situation
            | Self::Pain
            | Self::Impact
            | Self::CriticalEvent
            | Self::Decision => Kind::Category,
        }
    }
}

/// The account reviews of many customers, in columns of one entry a customer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Review {
    columns: BTreeMap<ReviewField, ColumnData>,
}

impl Review {
    /// Adds what is said of each customer, or replaces it. Columns of another kind than the field's are passed over by
    /// [`Self::number`], [`Self::text`] and [`Self::list`].
    pub fn set(&mut self, field: ReviewField, values: ColumnData) {
        self.columns.insert(field, values);
    }

    /// What is told at all, in the order of the fields.
    pub fn columns(&self) -> impl Iterator<Item = (ReviewField, &ColumnData)> {
        self.columns.iter().map(|(field, values)| (*field, values))
    }

    /// Whether a field is told at all.
    #[must_use]
    pub fn has(&self, field: ReviewField) -> bool {
        self.columns.contains_key(&field)
    }

    /// The value of one customer.
    #[must_use]
    pub fn get(&self, field: ReviewField, row: usize) -> Option<ValueRef<'_>> {
        self.columns.get(&field)?.get(row)
    }

    /// The number of one customer.
    #[must_use]
    pub fn number(&self, field: ReviewField, row: usize) -> Option<f64> {
        match self.get(field, row)? {
            ValueRef::Number(number) => Some(number),
            ValueRef::Text(_) | ValueRef::Flag(_) | ValueRef::List(_) | ValueRef::Date(_) => None,
        }
    }

    /// The text of one customer.
    #[must_use]
    pub fn text(&self, field: ReviewField, row: usize) -> Option<&str> {
        match self.get(field, row)? {
            ValueRef::Text(text) => Some(text),
            ValueRef::Number(_) | ValueRef::Flag(_) | ValueRef::List(_) | ValueRef::Date(_) => None,
        }
    }

    /// The items of one customer; none where nothing is told.
    #[must_use]
    pub fn list(&self, field: ReviewField, row: usize) -> Vec<&str> {
        match self.get(field, row) {
            Some(ValueRef::List(items)) => items,
            Some(ValueRef::Number(_) | ValueRef::Text(_) | ValueRef::Flag(_) | ValueRef::Date(_)) | None => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_and_a_quarter_name_a_field() {
        for field in ReviewField::ALL.into_iter().chain((1..=MOST_QUARTERS).map(ReviewField::Spend)) {
            assert_eq!(ReviewField::named(field.key(), field.quarter()), Some(field));
        }
        for (key, quarter) in [("name", 1), ("spend", 0), ("spend", 13), ("spend", 257), ("Name", 0)] {
            assert_eq!(ReviewField::named(key, quarter), None, "{key} {quarter}");
        }
    }

    #[test]
    fn a_review_tells_values_of_its_kind_only() {
        let mut review = Review::default();
        review.set(ReviewField::Name, ColumnData::Numbers(vec![Some(1.0)].into()));
        let lists = ColumnData::Lists { dictionary: vec!["a".into()], rows: vec![Some(vec![0]), None].into() };
        review.set(ReviewField::UseCase, lists);
        assert_eq!((review.text(ReviewField::Name, 0), review.number(ReviewField::Name, 0)), (None, Some(1.0)));
        assert_eq!(review.list(ReviewField::UseCase, 0), ["a"]);
        assert!(review.list(ReviewField::UseCase, 1).is_empty() && review.list(ReviewField::Name, 0).is_empty());
        assert!(review.has(ReviewField::Name) && !review.has(ReviewField::Pain));
        assert_eq!(
            review.columns().map(|(field, _)| field).collect::<Vec<_>>(),
            [ReviewField::Name, ReviewField::UseCase]
        );
    }
}
