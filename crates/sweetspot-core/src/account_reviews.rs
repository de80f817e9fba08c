//! Account reviews: facts about customers besides attributes and outcomes, for documents only, not for the fit.

use std::collections::BTreeMap;

use super::{AttributeKind, ColumnData, ValueRef};

/// The maximum number of quarters of spending of a customer.
pub const MAX_QUARTERS: u8 = 12;

/// A field of an account review.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReviewField {
    /// The name of the customer.
    Name,
    /// The industry of the customer.
    Industry,
    /// The location of the customer.
    Location,
    /// The use cases of the product.
    UseCase,
    /// The terms of the contract.
    Contract,
    /// The size of a deal, in the currency of the customers.
    DealSize,
    /// Recurring or one time, in the company's words.
    Recurring,
    /// The amount and frequency of use.
    Usage,
    /// The features in use.
    Features,
    /// The revenue of the customer.
    Revenue,
    /// The number of employees of the customer.
    Employees,
    /// The number of decision makers.
    DecisionMakers,
    /// The titles or departments of the decision makers.
    DecisionMakerTitles,
    /// The titles or departments of people who influence them.
    InfluencerTitles,
    /// Other notes.
    Notes,
    /// The reason for the win.
    WinReason,
    /// The reason for the churn.
    ChurnReason,
    /// SPICED: facts and circumstances.
    Situation,
    /// SPICED: the challenges that the customer experiences.
    Pain,
    /// SPICED: the effect of the product on the customer's business.
    Impact,
    /// SPICED: the event that forces a decision by a certain time.
    CriticalEvent,
    /// SPICED: process, committee and criteria of the purchase.
    Decision,
    /// Hours of support over the lifetime.
    SupportHours,
    /// Hours of customer success over the lifetime.
    SuccessHours,
    /// The number of requested features that other customers do not need.
    RoadmapRequests,
    /// Days from invoice to payment.
    PaymentDays,
    /// How much the customer recommends the product, 0 to 10.
    Advocacy,
    /// The value of the customer's reputation in the market, 0 to 10.
    Reputation,
    /// How easy it is to work with, 0 to 10.
    EaseOfWork,
    /// The spending in a quarter as a customer, numbered from 1 to [`MAX_QUARTERS`].
    Spend(u8),
}

impl ReviewField {
    /// All fields except spending, in the order of the documentation.
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

    /// The field with this key. Spending has a quarter, from 1 to [`MAX_QUARTERS`]; all other fields have 0.
    #[must_use]
    pub fn from_key(key: &str, quarter: u32) -> Option<Self> {
        if key == Self::Spend(1).key() {
            let quarter = u8::try_from(quarter).ok().filter(|quarter| (1..=MAX_QUARTERS).contains(quarter))?;
            return Some(Self::Spend(quarter));
        }
        Self::ALL.into_iter().find(|field| field.key() == key && quarter == 0)
    }

    /// The quarter of spending, from 1; 0 for all other fields.
    #[must_use]
    pub fn quarter(self) -> u32 {
        if let Self::Spend(quarter) = self { quarter.into() } else { 0 }
    }

    /// Whether the field can be known before the sale, so that it can be an attribute by default.
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

    /// The kind of the field's values.
    #[must_use]
    pub const fn kind(self) -> AttributeKind {
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
            | Self::Spend(_) => AttributeKind::Number,
            Self::UseCase | Self::Features | Self::DecisionMakerTitles | Self::InfluencerTitles => AttributeKind::List,
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
            | Self::Decision => AttributeKind::Category,
        }
    }
}

/// The account reviews of many customers, in columns of one entry per customer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AccountReviews {
    columns: BTreeMap<ReviewField, ColumnData>,
}

impl AccountReviews {
    /// Adds or replaces the values of a field, one per customer. [`Self::number`], [`Self::text`] and [`Self::list`]
    /// ignore values of another kind.
    pub fn set(&mut self, field: ReviewField, values: ColumnData) {
        self.columns.insert(field, values);
    }

    /// The fields with values, in the order of the fields.
    pub fn columns(&self) -> impl Iterator<Item = (ReviewField, &ColumnData)> {
        self.columns.iter().map(|(field, values)| (*field, values))
    }

    /// Whether a field has values.
    #[must_use]
    pub fn has(&self, field: ReviewField) -> bool {
        self.columns.contains_key(&field)
    }

    /// The value of a field for one customer.
    #[must_use]
    pub fn get(&self, field: ReviewField, row: usize) -> Option<ValueRef<'_>> {
        self.columns.get(&field)?.get(row)
    }

    /// The number of one customer; `None` if the field is not a number.
    #[must_use]
    pub fn number(&self, field: ReviewField, row: usize) -> Option<f64> {
        match self.get(field, row)? {
            ValueRef::Number(number) => Some(number),
            ValueRef::Text(_) | ValueRef::Flag(_) | ValueRef::List(_) | ValueRef::Date(_) => None,
        }
    }

    /// The text of one customer; `None` if the field is not a text.
    #[must_use]
    pub fn text(&self, field: ReviewField, row: usize) -> Option<&str> {
        match self.get(field, row)? {
            ValueRef::Text(text) => Some(text),
            ValueRef::Number(_) | ValueRef::Flag(_) | ValueRef::List(_) | ValueRef::Date(_) => None,
        }
    }

    /// The items of one customer; empty if they are unknown.
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
        for field in ReviewField::ALL.into_iter().chain((1..=MAX_QUARTERS).map(ReviewField::Spend)) {
            assert_eq!(ReviewField::from_key(field.key(), field.quarter()), Some(field));
        }
        for (key, quarter) in [("name", 1), ("spend", 0), ("spend", 13), ("spend", 257), ("Name", 0)] {
            assert_eq!(ReviewField::from_key(key, quarter), None, "{key} {quarter}");
        }
    }

    #[test]
    fn a_review_returns_values_of_the_requested_kind_only() {
        let mut review = AccountReviews::default();
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
