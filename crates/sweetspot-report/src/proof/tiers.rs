//! What each tier holds.

use sweetspot_core::{RowWeights, Tier};
use sweetspot_model::TierFigures;

use super::{Proof, Ratio};
use crate::document::{Cell, Head, Table};
use crate::figure::{FEW, Share};
use crate::words::{count, number, percent};

/// One tier of the customers that were judged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TierRow {
    /// Which one.
    pub tier: Tier,
    /// Its customers, of all.
    pub customers: Share,
    /// Ideal ones, of its customers.
    pub ideal: Share,
    /// Its ideal customers, of all ideal ones.
    pub held: Share,
    /// What it holds of all net value above zero; nothing where no value is known.
    pub value: Option<f64>,
    /// What its rows count for.
    pub weights: RowWeights,
}

impl TierRow {
    /// The share of all accounts that it holds, rows of a resampled file weighted; nothing of nothing.
    #[must_use]
    pub fn share_of_all(&self) -> Option<f64> {
        let Self { customers, ideal, held, weights, .. } = self;
        (customers.of > 0).then(|| weights.total(ideal.part, customers.part) / weights.total(held.of, customers.of))
    }
}

/// The rows of kept counts.
pub(super) fn rows(tiers: &[TierFigures], weights: RowWeights) -> Vec<TierRow> {
    let all = tiers.iter().map(|tier| tier.customers).sum();
    let all_ideal = tiers.iter().map(|tier| tier.ideal).sum();
    let all_value: f64 = tiers.iter().filter_map(|tier| tier.value).sum();
    let row = |tier: &TierFigures| TierRow {
        tier: tier.tier,
        customers: Share { part: tier.customers, of: all },
        ideal: Share { part: tier.ideal, of: tier.customers },
        held: Share { part: tier.ideal, of: all_ideal },
        value: tier.value.filter(|_| all_value > 0.0).map(|value| value / all_value),
        weights,
    };
    tiers.iter().map(row).collect()
}

/// A rate with its interval: `56% (95% 49 to 63%)`.
pub(super) fn rate_text(share: Share, weights: RowWeights) -> String {
    let (low, high) = share.weighted_interval(weights);
    share.weighted_rate(weights).map_or_else(
        || "none".to_owned(),
        |rate| format!("{} (95% {} to {})", percent(rate), percent(low).trim_end_matches('%'), percent(high)),
    )
}

/// How many times: `1.9×`, `0.09×`, `12×`.
pub(super) fn times(ratio: f64) -> String {
    let text = match ratio {
        _ if ratio > 0.0 && ratio < 0.005 => "<0.01".to_owned(),
        _ if ratio >= 10.0 => number(ratio.round()),
        _ if ratio >= 1.0 => format!("{ratio:.1}"),
        _ => format!("{ratio:.2}"),
    };
    format!("{text}×")
}

/// The headline table.
pub(super) fn table(proof: &Proof) -> Table {
    let valued = proof.tiers.iter().any(|tier| tier.value.is_some());
    let mut columns = vec![
        Head::text("Tier"),
        Head::figure("Accounts"),
        Head::figure("Share of all"),
        Head::figure("Ideal"),
        Head::figure("Ideal rate"),
        Head::figure("Lift"),
        Head::figure("Share of the ideal"),
    ];
    if valued {
        columns.push(Head::figure("Share of the value"));
    }
    let mut rows: Vec<Vec<Cell>> = proof.tiers.iter().map(|tier| row(tier, proof.overall, valued)).collect();
    rows.push(all(proof, valued));
    Table {
        caption: "What each tier would have held, each account judged by a model that had not seen it".to_owned(),
        columns,
        rows,
    }
}

/// The rate of ideal accounts: with its interval where it is that of the rows, alone where the base rate says it.
pub(super) fn rate_of_all(proof: &Proof) -> String {
    let (overall, weights) = (proof.overall, proof.details.weights);
    if weights.is_even() {
        return rate_text(overall, weights);
    }
    overall.weighted_rate(weights).map_or_else(String::new, percent)
}

/// What the tiers are compared with.
fn all(proof: &Proof, valued: bool) -> Vec<Cell> {
    let overall = proof.overall;
    let whole = || Cell::from(percent(1.0));
    let told = |text: String| Cell { text, faint: overall.is_faint() };
    let cells = [
        "All".into(),
        count(overall.of).into(),
        whole(),
        told(count(overall.part)),
        told(rate_of_all(proof)),
        times(1.0).into(),
        whole(),
    ];
    cells.into_iter().chain(valued.then(whole)).collect()
}

fn row(tier: &TierRow, overall: Share, valued: bool) -> Vec<Cell> {
    let share = |share: Share| share.rate().map_or_else(String::new, percent);
    let faint = |text: String| Cell { text, faint: tier.customers.part < FEW };
    let rate = |share: Share| share.weighted_rate(tier.weights);
    let lift = Ratio::of(tier.ideal, overall).and(rate(tier.ideal)).zip(rate(overall).filter(|rate| *rate > 0.0));
    let cells = [
        tier.tier.letter().into(),
        count(tier.customers.part).into(),
        tier.share_of_all().map_or_else(String::new, percent).into(),
        faint(count(tier.ideal.part)),
        faint(rate_text(tier.ideal, tier.weights)),
        faint(lift.map_or_else(String::new, |(rate, overall)| times(rate / overall))),
        share(tier.held).into(),
    ];
    cells.into_iter().chain(valued.then(|| tier.value.map_or_else(String::new, percent).into())).collect()
}
