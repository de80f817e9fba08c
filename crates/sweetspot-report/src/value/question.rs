//! What a person states, and how the customers are to be split: everything that no data say.

/// The share of customers that count as the best unless told otherwise: "most likely the top 20% will give you a good start"
/// ("How to build verified ICPs").
pub const DEFAULT_SHARE: f64 = 0.2;

/// What a person states about money. What is not stated is not counted at all.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Stated {
    /// What waiting for money costs: a share of the amount a year, in `[0, 1]`.
    pub annual_rate: Option<f64>,
    /// What an hour of support or customer success costs. Counts only for customers whose cost to serve is not told: a told
    /// cost may hold the hours already.
    pub hourly_cost: Option<f64>,
    /// What one point of advocacy, of 0 to 10, is worth.
    pub advocacy_point: Option<f64>,
    /// What one point of reputation, of 0 to 10, is worth.
    pub reputation_point: Option<f64>,
    /// Whether market value counts as money. Otherwise it is told beside it.
    pub count_market_value: bool,
}

/// By what customers are put either side of a threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Basis {
    /// What they spend a year, on average over their first quarters.
    YearlySpend,
    /// What they spent in their first quarter, which is known before they grow.
    FirstQuarter,
    /// Their revenue over the lifetime.
    Value,
}

impl Basis {
    /// What it is, within a sentence.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::YearlySpend => "average yearly spend",
            Self::FirstQuarter => "spend in the first quarter",
            Self::Value => "revenue over the lifetime",
        }
    }
}

/// What is asked of a value report.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ValueQuestion {
    /// What is stated about money.
    pub stated: Stated,
    /// The share of customers that count as the best, in (0, 1); [`DEFAULT_SHARE`] where it is not told.
    pub top_share: Option<f64>,
    /// By what cohorts are told apart; by spend where quarters are known, else by value.
    pub basis: Option<Basis>,
    /// The amount from which on a customer belongs to the upper cohort; looked for where it is not told.
    pub threshold: Option<f64>,
}

impl ValueQuestion {
    /// The share of customers that count as the best.
    #[must_use]
    pub fn share(&self) -> f64 {
        self.top_share.unwrap_or(DEFAULT_SHARE)
    }
}
