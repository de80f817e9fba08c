//! What a person states about customers for their documents: assumptions about money, the split of the customers, and
//! the day of the documents.

use super::Date;

/// The default share of customers that count as the best: "most likely the top 20% will give you a good start" ("How to
/// build verified ICPs").
pub const DEFAULT_TOP_SHARE: f64 = 0.2;

/// Stated assumptions about money. Parts without an assumption do not count.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MoneyAssumptions {
    /// The cost of waiting for payment: a share of the amount per year, in `[0, 1]`.
    pub annual_rate: Option<f64>,
    /// The cost of an hour of support or customer success. Applies only to customers without a recorded cost to serve,
    /// which may include the hours.
    pub hourly_cost: Option<f64>,
    /// The value of one point of advocacy, on a scale of 0 to 10.
    pub advocacy_point: Option<f64>,
    /// The value of one point of reputation, on a scale of 0 to 10.
    pub reputation_point: Option<f64>,
    /// Whether market value counts as money. Otherwise it is reported separately.
    pub counts_market_value: bool,
}

/// The measure that splits customers at a threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SplitBasis {
    /// Spending per year, averaged over the first quarters.
    YearlySpend,
    /// Spending in the first quarter, which is known before they grow.
    FirstQuarter,
    /// Lifetime revenue.
    Value,
}

impl SplitBasis {
    /// All measures, in the order of the documentation.
    pub const ALL: [Self; 3] = [Self::YearlySpend, Self::FirstQuarter, Self::Value];

    /// The key in files.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::YearlySpend => "yearly_spend",
            Self::FirstQuarter => "first_quarter",
            Self::Value => "value",
        }
    }

    /// The measure with this key.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|basis| basis.key() == key)
    }

    /// The measure's name, for use in a sentence.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::YearlySpend => "average yearly spend",
            Self::FirstQuarter => "spend in the first quarter",
            Self::Value => "revenue over the lifetime",
        }
    }
}

/// The options of a value report.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ValueOptions {
    /// The assumptions about money.
    pub assumptions: MoneyAssumptions,
    /// The share of customers that count as the best, in (0, 1); [`DEFAULT_TOP_SHARE`] if it is `None`.
    pub top_share: Option<f64>,
    /// The measure of the cohorts; `None` is spending if quarters are known, else revenue.
    pub basis: Option<SplitBasis>,
    /// The minimum of the measure in the upper cohort; `None` searches for it.
    pub threshold: Option<f64>,
}

impl ValueOptions {
    /// The share of customers that count as the best.
    #[must_use]
    pub fn share(&self) -> f64 {
        self.top_share.unwrap_or(DEFAULT_TOP_SHARE)
    }

    /// These options, and those of `defaults` where nothing is stated.
    #[must_use]
    pub fn or(self, defaults: Self) -> Self {
        let (stated, other) = (self.assumptions, defaults.assumptions);
        Self {
            assumptions: MoneyAssumptions {
                annual_rate: stated.annual_rate.or(other.annual_rate),
                hourly_cost: stated.hourly_cost.or(other.hourly_cost),
                advocacy_point: stated.advocacy_point.or(other.advocacy_point),
                reputation_point: stated.reputation_point.or(other.reputation_point),
                counts_market_value: stated.counts_market_value || other.counts_market_value,
            },
            top_share: self.top_share.or(defaults.top_share),
            basis: self.basis.or(defaults.basis),
            threshold: self.threshold.or(defaults.threshold),
        }
    }

    /// The invalid options: the key in files and messages, and what is wrong.
    #[must_use]
    pub fn problems(&self) -> Vec<(&'static str, &'static str)> {
        let Self { assumptions, top_share, basis: _, threshold } = self;
        let MoneyAssumptions { annual_rate, hourly_cost, advocacy_point, reputation_point, counts_market_value: _ } =
            assumptions;
        let mut problems = Vec::new();
        if annual_rate.is_some_and(|rate| !(0.0..=1.0).contains(&rate)) {
            problems.push(("annual_rate", "a rate must be between 0 and 1: 0.08 is 8% a year"));
        }
        for (key, amount) in
            [("hourly_cost", hourly_cost), ("advocacy_point", advocacy_point), ("reputation_point", reputation_point)]
        {
            if amount.is_some_and(|amount| !(amount >= 0.0 && amount.is_finite())) {
                problems.push((key, "an amount must be finite and not negative: omit it to ignore it"));
            }
        }
        if top_share.is_some_and(|share| !(share > 0.0 && share < 1.0)) {
            problems.push(("top_share", "a share must be above 0 and below 1: omit it for 0.2"));
        }
        if threshold.is_some_and(|threshold| !threshold.is_finite()) {
            problems
                .push(("cohort_threshold", "a threshold must be a finite amount: omit it to find one automatically"));
        }
        problems
    }
}

/// What a person states about customers for their documents.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct DocumentSettings {
    /// The options of the value report.
    pub value: ValueOptions,
    /// The day of the documents: that for which the file describes the customers. `None` is today.
    pub as_of: Option<Date>,
}

impl DocumentSettings {
    /// These settings, and those of `defaults` where nothing is stated.
    #[must_use]
    pub fn or(self, defaults: Self) -> Self {
        Self { value: self.value.or(defaults.value), as_of: self.as_of.or(defaults.as_of) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stated_settings_come_first() {
        let money = |hourly_cost, annual_rate| ValueOptions {
            assumptions: MoneyAssumptions { annual_rate, hourly_cost, ..MoneyAssumptions::default() },
            ..ValueOptions::default()
        };
        let stated = DocumentSettings { value: money(Some(60.0), None), as_of: None };
        let defaults = DocumentSettings { value: money(Some(90.0), Some(0.08)), as_of: Some(Date { days: 9 }) };
        let expected = DocumentSettings { value: money(Some(60.0), Some(0.08)), as_of: Some(Date { days: 9 }) };
        assert_eq!(stated.or(defaults), expected);
        assert_eq!(stated.or(DocumentSettings::default()), stated);
    }

    #[test]
    fn every_invalid_option_is_reported() {
        let invalid = ValueOptions {
            assumptions: MoneyAssumptions {
                annual_rate: Some(8.0),
                hourly_cost: Some(-1.0),
                advocacy_point: Some(f64::NAN),
                reputation_point: Some(f64::INFINITY),
                counts_market_value: true,
            },
            top_share: Some(1.0),
            basis: None,
            threshold: Some(f64::INFINITY),
        };
        assert_eq!(invalid.problems().len(), 6);
        assert!(ValueOptions::default().problems().is_empty());
    }

    #[test]
    fn keys_name_measures() {
        assert!(SplitBasis::ALL.into_iter().all(|basis| SplitBasis::from_key(basis.key()) == Some(basis)));
    }
}
