//! The options of a value report: stated assumptions, and the split of the customers.

/// The default share of customers that count as the best: "most likely the top 20% will give you a good start" ("How to
/// build verified ICPs").
pub const DEFAULT_SHARE: f64 = 0.2;

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
    /// The share of customers that count as the best, in (0, 1); [`DEFAULT_SHARE`] if it is `None`.
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
        self.top_share.unwrap_or(DEFAULT_SHARE)
    }
}
