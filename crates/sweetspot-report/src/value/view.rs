//! The value report: every figure of it, without words.

use sweetspot_core::Date;

use super::axes::Axes;
use super::bad_fit::{BadFits, Liability};
use super::cohort::Cohorts;
use super::common::Common;
use super::curve::ValueCurve;
use super::growth::GrowthPotential;
use super::question::{Stated, ValueQuestion};
use super::worth::{Known, Money, Worths};
use crate::Evidence;

/// What customers are worth, who holds it, and what the best have in common.
#[derive(Clone, Debug, PartialEq)]
pub struct ValueReport {
    /// The version that it is made of.
    pub version: String,
    /// Its day.
    pub as_of: Date,
    /// The currency of every amount, where it was told.
    pub currency: Option<String>,
    /// What was stated about money.
    pub stated: Stated,
    /// The share of customers that count as the best, in (0, 1).
    pub top_share: f64,
    /// For how many customers each part of net value is known.
    pub known: Known,
    /// What they come to.
    pub money: Money,
    /// Who holds the revenue; nothing where there is none.
    pub revenue: Option<ValueCurve>,
    /// Who holds the net value; nothing where no cost is known, or customers together lose money.
    pub net: Option<ValueCurve>,
    /// Customers either side of a threshold; nothing where there are too few, or nothing tells them apart.
    pub cohorts: Option<Cohorts>,
    /// Who pays a lot, demands little and is easy to work with.
    pub axes: Axes,
    /// What the best have in common.
    pub common: Common,
    /// Whether they can grow further.
    pub growth: GrowthPotential,
    /// What customers that lose money cost.
    pub liability: Liability,
}

impl ValueReport {
    /// Makes the report.
    #[must_use]
    pub fn of(evidence: &Evidence, question: &ValueQuestion) -> Self {
        let (share, seed) = (question.share(), evidence.model.seed());
        let worths = Worths::of(evidence, &question.stated);
        let (best, rest) = worths.split(share);
        let revenue = worths.sorted.iter().map(|worth| worth.value);
        let net = worths.sorted.iter().map(|worth| worth.net);
        let counted = worths.known.costs() || worths.sorted.iter().any(|worth| worth.net != worth.value);
        Self {
            version: evidence.version.clone(),
            as_of: evidence.as_of,
            currency: evidence.currency().map(str::to_owned),
            stated: question.stated,
            top_share: share,
            known: worths.known,
            money: worths.money(),
            revenue: ValueCurve::of(revenue, share, seed),
            net: counted.then(|| ValueCurve::of(net, share, seed)).flatten(),
            cohorts: Cohorts::of(evidence, &worths, question, seed),
            axes: Axes::of(evidence, &worths, share),
            common: Common::of(evidence, best, rest),
            growth: GrowthPotential::of(evidence, best, &worths.sorted, seed),
            liability: BadFits::among(evidence, &worths).liability,
        }
    }
}
