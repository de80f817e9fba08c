//! The figures of the value report.

use sweetspot_core::Date;

use super::bad_fit::{BadFitCustomers, BadFitTotals};
use super::common_traits::CommonTraits;
use super::customer_value::{CustomerValues, KnownCounts, MoneyTotals};
use super::ideal_axes::IdealAxes;
use super::quarterly_spending::GrowthPotential;
use super::threshold_groups::Cohorts;
use super::value_curve::ValueCurve;
use super::{MoneyAssumptions, ValueOptions};
use crate::ReportInput;

/// The value of customers, its distribution, and the common traits of the best.
#[derive(Clone, Debug, PartialEq)]
pub struct ValueReport {
    /// The version's name.
    pub version: String,
    /// The day of the document.
    pub as_of: Date,
    /// The currency of all amounts, if it is known.
    pub currency: Option<String>,
    /// The stated assumptions about money.
    pub assumptions: MoneyAssumptions,
    /// The share of customers that count as the best, in (0, 1).
    pub top_share: f64,
    /// The number of customers with each part of net value.
    pub known: KnownCounts,
    /// The totals.
    pub money: MoneyTotals,
    /// The distribution of revenue; `None` if there is none.
    pub revenue: Option<ValueCurve>,
    /// The distribution of net value; `None` if no cost is known, or the total is not positive.
    pub net: Option<ValueCurve>,
    /// Customers on either side of a threshold; `None` if there are too few customers, or no threshold separates them.
    pub cohorts: Option<Cohorts>,
    /// The three axes: pays a lot, demands little, is easy to work with.
    pub axes: IdealAxes,
    /// The common traits of the best customers.
    pub common: CommonTraits,
    /// Their growth potential.
    pub growth: GrowthPotential,
    /// The total cost of customers that lose money.
    pub liability: BadFitTotals,
}

impl ValueReport {
    /// Computes the report.
    #[must_use]
    pub fn new(input: &ReportInput, question: &ValueOptions) -> Self {
        let (share, seed) = (question.share(), input.model.seed());
        let customers = CustomerValues::new(input, &question.assumptions);
        let (best, rest) = customers.split_top(share);
        let revenue = customers.sorted.iter().map(|customer| customer.value);
        let net = customers.sorted.iter().map(|customer| customer.net);
        let counted =
            customers.known.has_costs() || customers.sorted.iter().any(|customer| customer.net != customer.value);
        Self {
            version: input.version.clone(),
            as_of: input.as_of,
            currency: input.currency().map(str::to_owned),
            assumptions: question.assumptions,
            top_share: share,
            known: customers.known,
            money: customers.money(),
            revenue: ValueCurve::new(revenue, share, seed),
            net: counted.then(|| ValueCurve::new(net, share, seed)).flatten(),
            cohorts: Cohorts::new(input, &customers, question, seed),
            axes: IdealAxes::new(input, &customers, share),
            common: CommonTraits::new(input, best, rest),
            growth: GrowthPotential::new(input, best, &customers.sorted, seed),
            liability: BadFitCustomers::from_values(input, &customers).liability,
        }
    }
}
