//! The acceptance criteria of a profile, and whether it meets them beyond chance.

use sweetspot_core::normal_quantiles::NINETY_FIVE_PERCENT;
use sweetspot_core::{SamplingWeights, Tier};
use sweetspot_model::ModelArtifact;

use super::tiers::ratio_text;
use super::{Ratio, TierRow};
use crate::document::{Block, CalloutKind, ColumnHead, Table, TableCell};
use crate::format::format_percent;
use crate::proportion::Proportion;

/// The required share of accounts in tiers A and B.
pub(super) const REQUIRED_INSIDE: (f64, f64) = (0.15, 0.35);
/// The minimum share of the ideal customers in tiers A and B.
pub(crate) const MIN_IDEAL_CAPTURED: f64 = 0.6;
/// The minimum ratio of tier A's rate to tier D's.
const MIN_RATE_RATIO: f64 = 10.0;
/// From this share of accounts in tiers A and B, a profile is too broad.
const MIN_TOO_BROAD: f64 = 0.4;

/// Whether a criterion is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CriterionResult {
    /// The whole interval is inside the required range.
    Met,
    /// The whole interval is outside the required range.
    NotMet,
    /// The interval overlaps the required range partly: more customers are needed.
    Inconclusive,
    /// There is no evaluation.
    Unknown,
}

impl CriterionResult {
    /// The result as a short text.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Met => "reached",
            Self::NotMet => "not reached",
            Self::Inconclusive => "not certain yet",
            Self::Unknown => "not yet known",
        }
    }

    fn from_interval(low: f64, high: f64, required: (f64, f64)) -> Self {
        if low >= required.0 && high <= required.1 {
            Self::Met
        } else if high < required.0 || low > required.1 {
            Self::NotMet
        } else {
            Self::Inconclusive
        }
    }
}

/// One acceptance criterion.
#[derive(Clone, Debug, PartialEq)]
pub struct Criterion {
    /// The name of the figure.
    pub name: &'static str,
    /// The requirement, as text.
    pub requirement: &'static str,
    /// The figure with its interval; `None` if there is no evaluation.
    pub observed: Option<Ratio>,
    /// Whether the figure is a share.
    pub is_percent: bool,
    /// Whether the criterion is met.
    pub result: CriterionResult,
}

impl Criterion {
    /// The figure with its interval as text: `64% (57% to 71%)`; `None` if there is no evaluation.
    #[must_use]
    pub fn observed_text(&self) -> Option<String> {
        let interval = |Ratio { value, low, high }| {
            format!("{} ({} to {})", self.figure(value), self.figure(low), self.figure(high))
        };
        self.observed.map(interval)
    }

    /// A value of the figure as text.
    fn figure(&self, value: f64) -> String {
        if self.is_percent { format_percent(value) } else { ratio_text(value) }
    }
}

/// The acceptance criteria of every profile.
#[derive(Clone, Debug, PartialEq)]
pub struct Acceptance {
    /// The accounts in tiers A and B, of all accounts.
    pub inside: Criterion,
    /// The ideal customers in tiers A and B, of all ideal customers.
    pub ideal_captured: Criterion,
    /// The rate of tier A over that of tier D.
    pub ratio: Criterion,
    /// Whether the share of accounts in tiers A and B is so large that the profile does not discriminate.
    pub is_too_broad: bool,
}

impl Acceptance {
    /// Evaluates the criteria on the tiers.
    #[must_use]
    pub fn new(tiers: &[TierRow]) -> Self {
        let best = || tiers.iter().filter(|row| row.tier <= Tier::B);
        let sum = |share_of: fn(&TierRow) -> Proportion| {
            best().map(share_of).fold(Proportion::default(), |sum, share| Proportion {
                part: sum.part + share.part,
                total: share.total,
            })
        };
        let (inside, ideal) = (sum(|row| row.customers), sum(|row| row.ideal_captured));
        let rate = |tier: Tier| tiers.iter().find(|row| row.tier == tier).map(|row| row.ideal);
        let weights = tiers.first().map(|row| row.weights).unwrap_or_default();
        let ratio = rate(Tier::A).zip(rate(Tier::D)).and_then(|(a, d)| Ratio::from_weighted_proportions(a, d, weights));
        let inside = account_ratio(inside, ideal, weights);
        Self {
            inside: criterion("Accounts in tiers A and B", "15 to 35% of all", inside, REQUIRED_INSIDE, true),
            ideal_captured: criterion(
                "Ideal customers that A and B hold",
                "at least 60% of them",
                proportion_ratio(ideal),
                (MIN_IDEAL_CAPTURED, 1.0),
                true,
            ),
            ratio: criterion(
                "Ideal rate of A over that of D",
                "at least 10×",
                ratio,
                (MIN_RATE_RATIO, f64::MAX),
                false,
            ),
            is_too_broad: inside.is_some_and(|inside| inside.value > MIN_TOO_BROAD),
        }
    }

    /// The warning of a profile that is too broad.
    pub(super) fn too_broad_warning(&self) -> Option<Block> {
        let text = "The profile is too broad: more than 40% of the accounts match it. Ask for more, or choose a stricter label.";
        self.is_too_broad.then(|| Block::Callout(CalloutKind::Caution, text.to_owned()))
    }

    /// All criteria.
    #[must_use]
    pub const fn criteria(&self) -> [&Criterion; 3] {
        [&self.inside, &self.ideal_captured, &self.ratio]
    }
}

/// A share with its interval; `None` if the total is zero.
fn proportion_ratio(share: Proportion) -> Option<Ratio> {
    let (low, high) = share.interval();
    share.rate().map(|value| Ratio { value, low, high })
}

/// The share of all accounts that these rows represent, with its interval. In resampled data, each label is a sample of
/// its own: the variance is that of two binomial shares.
fn account_ratio(rows: Proportion, ideal: Proportion, weights: SamplingWeights) -> Option<Ratio> {
    let others = Proportion { part: rows.part.checked_sub(ideal.part)?, total: rows.total.checked_sub(ideal.total)? };
    let (Some(ideal_rate), Some(other_rate), false) = (ideal.rate(), others.rate(), weights.is_even()) else {
        return proportion_ratio(rows);
    };
    let base_rate = weights.rate(ideal.total, rows.total);
    let value = base_rate * ideal_rate + (1.0 - base_rate) * other_rate;
    let variance = |rate: f64, share: Proportion| rate * (1.0 - rate) / share.total as f64;
    let variance =
        base_rate.powi(2) * variance(ideal_rate, ideal) + (1.0 - base_rate).powi(2) * variance(other_rate, others);
    let margin = NINETY_FIVE_PERCENT * variance.sqrt();
    Some(Ratio { value, low: (value - margin).max(0.0), high: (value + margin).min(1.0) })
}

fn criterion(
    name: &'static str,
    requirement: &'static str,
    observed: Option<Ratio>,
    bounds: (f64, f64),
    is_percent: bool,
) -> Criterion {
    let result = observed.map_or(CriterionResult::Unknown, |observed| {
        CriterionResult::from_interval(observed.low, observed.high, bounds)
    });
    Criterion { name, requirement, observed, is_percent, result }
}

/// The criteria as a summary for every shared document, with a warning if the profile is too broad. Empty if there is
/// no evaluation.
pub(crate) fn summary_blocks(model: &ModelArtifact) -> Vec<Block> {
    let details = model.evaluation_details();
    let acceptance = Acceptance::new(&super::tiers::tier_rows(&details.tiers, details.weights));
    if acceptance.inside.observed.is_none() {
        return Vec::new();
    }
    let mut blocks = vec![Block::Heading(2, "Does the profile hold".to_owned())];
    blocks.push(Block::List(acceptance.criteria().map(criterion_sentence).to_vec()));
    blocks.extend(acceptance.too_broad_warning());
    blocks
}

/// `Accounts in tiers A and B: 28% (95% 25 to 31%); required: 15 to 35% of all; reached.`
fn criterion_sentence(criterion: &Criterion) -> String {
    let Criterion { name, requirement: wanted, observed: found, is_percent: _, result: verdict } = criterion;
    let figure = |value| criterion.figure(value);
    let found = found.map_or_else(
        || "not yet known".to_owned(),
        |found| format!("{} (95% {} to {})", figure(found.value), figure(found.low), figure(found.high)),
    );
    format!("{name}: {found}; required: {wanted}; {}.", verdict.label())
}

/// The table of all criteria.
pub(super) fn table(acceptance: &Acceptance) -> Table {
    let row = |criterion: &Criterion| -> Vec<TableCell> {
        let figure = |value| criterion.figure(value);
        let (found, interval) = criterion.observed.map_or_else(Default::default, |found| {
            (figure(found.value), format!("{} to {}", figure(found.low), figure(found.high)))
        });
        [criterion.name, criterion.requirement, &found, &interval, criterion.result.label()]
            .map(TableCell::from)
            .to_vec()
    };
    let columns = vec![
        ColumnHead::text("What"),
        ColumnHead::text("Required"),
        ColumnHead::figure("Found"),
        ColumnHead::figure("95% interval"),
        ColumnHead::text("Verdict"),
    ];
    let rows = acceptance.criteria().map(row).to_vec();
    Table { caption: "What a profile should reach, and whether this one does".to_owned(), columns, rows }
}

#[cfg(test)]
mod tests {
    use sweetspot_model::TierMetrics;

    use super::*;

    fn tiers(counts: [(u64, u64); 4]) -> Vec<TierRow> {
        let figures = Tier::ALL.into_iter().zip(counts).map(|(tier, (customers, ideal))| TierMetrics {
            tier,
            customers,
            ideal,
            precision: None,
            recall: None,
            cumulative_precision: None,
            cumulative_recall: None,
            value: None,
        });
        super::super::tiers::tier_rows(&figures.collect::<Vec<_>>(), SamplingWeights::EVEN)
    }

    #[test]
    fn a_sharp_profile_of_many_is_accepted() {
        let acceptance = Acceptance::new(&tiers([(1000, 900), (1500, 800), (2500, 200), (5000, 50)]));
        assert_eq!(acceptance.criteria().map(|criterion| criterion.result), [CriterionResult::Met; 3]);
        assert!(!acceptance.is_too_broad);
        assert_eq!(table(&acceptance).rows.len(), 3);
    }

    #[test]
    fn few_customers_leave_it_open_and_none_leave_it_unknown() {
        let acceptance = Acceptance::new(&tiers([(3, 3), (4, 2), (7, 1), (10, 0)]));
        assert_eq!(acceptance.criteria().map(|criterion| criterion.result), [CriterionResult::Inconclusive; 3]);
        let nothing = Acceptance::new(&[]);
        assert_eq!(nothing.criteria().map(|criterion| criterion.result), [CriterionResult::Unknown; 3]);
    }

    #[test]
    fn a_profile_that_fits_everybody_is_too_broad() {
        let acceptance = Acceptance::new(&tiers([(4000, 900), (1500, 300), (500, 90), (500, 80)]));
        assert!(acceptance.is_too_broad);
        assert_eq!(
            (acceptance.inside.result, acceptance.ratio.result),
            (CriterionResult::NotMet, CriterionResult::NotMet)
        );
    }
}
