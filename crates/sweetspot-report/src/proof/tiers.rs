//! The figures of each tier.

use sweetspot_core::{SamplingWeights, Tier};
use sweetspot_model::TierMetrics;

use super::{Proof, Ratio};
use crate::document::{ColumnHead, Table, TableCell};
use crate::format::{format_count, format_number, format_percent};
use crate::proportion::{MIN_SAMPLE, Proportion};

/// One tier of the evaluated customers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TierRow {
    /// The tier.
    pub tier: Tier,
    /// Its customers, of all customers.
    pub customers: Proportion,
    /// Its ideal customers, of its customers.
    pub ideal: Proportion,
    /// Its ideal customers, of all ideal customers.
    pub ideal_captured: Proportion,
    /// Its share of all positive net value; `None` if no value is known.
    pub value: Option<f64>,
    /// The weights of its rows.
    pub weights: SamplingWeights,
}

impl TierRow {
    /// Its share of all accounts, with the weights of a resampled file; `None` if there are no rows.
    #[must_use]
    pub fn share_of_all(&self) -> Option<f64> {
        let Self { customers, ideal, ideal_captured: held, weights, .. } = self;
        (customers.total > 0)
            .then(|| weights.total(ideal.part, customers.part) / weights.total(held.total, customers.total))
    }
}

/// The rows of stored metrics.
pub(super) fn tier_rows(tiers: &[TierMetrics], weights: SamplingWeights) -> Vec<TierRow> {
    let all = tiers.iter().map(|tier| tier.customers).sum();
    let all_ideal = tiers.iter().map(|tier| tier.ideal).sum();
    let all_value: f64 = tiers.iter().filter_map(|tier| tier.value).sum();
    let row = |tier: &TierMetrics| TierRow {
        tier: tier.tier,
        customers: Proportion { part: tier.customers, total: all },
        ideal: Proportion { part: tier.ideal, total: tier.customers },
        ideal_captured: Proportion { part: tier.ideal, total: all_ideal },
        value: tier.value.filter(|_| all_value > 0.0).map(|value| value / all_value),
        weights,
    };
    tiers.iter().map(row).collect()
}

/// A rate with its interval: `56% (95% 49 to 63%)`.
pub(super) fn rate_text(share: Proportion, weights: SamplingWeights) -> String {
    let (low, high) = share.weighted_interval(weights);
    share.weighted_rate(weights).map_or_else(
        || "none".to_owned(),
        |rate| {
            format!(
                "{} (95% {} to {})",
                format_percent(rate),
                format_percent(low).trim_end_matches('%'),
                format_percent(high)
            )
        },
    )
}

/// A ratio as text: `1.9×`, `0.09×`, `12×`.
pub(crate) fn ratio_text(ratio: f64) -> String {
    let text = match ratio {
        _ if ratio > 0.0 && ratio < 0.005 => "<0.01".to_owned(),
        _ if ratio >= 10.0 => format_number(ratio.round()),
        _ if ratio >= 1.0 => format!("{ratio:.1}"),
        _ => format!("{ratio:.2}"),
    };
    format!("{text}×")
}

/// The headline table.
pub(super) fn table(proof: &Proof) -> Table {
    let valued = proof.tiers.iter().any(|tier| tier.value.is_some());
    let mut columns = vec![
        ColumnHead::text("Tier"),
        ColumnHead::figure("Accounts"),
        ColumnHead::figure("Share of all"),
        ColumnHead::figure("Ideal"),
        ColumnHead::figure("Ideal rate"),
        ColumnHead::figure("Lift"),
        ColumnHead::figure("Share of the ideal"),
    ];
    if valued {
        columns.push(ColumnHead::figure("Share of the value"));
    }
    let mut rows: Vec<Vec<TableCell>> = proof.tiers.iter().map(|tier| row(tier, proof.overall, valued)).collect();
    rows.push(total_row(proof, valued));
    Table {
        caption: "What each tier would have held, each account judged by a model that had not seen it".to_owned(),
        columns,
        rows,
    }
}

/// The rate of ideal accounts: with an interval if it is that of the rows, without one if it is the base rate.
pub(super) fn rate_of_all(proof: &Proof) -> String {
    let (overall, weights) = (proof.overall, proof.details.weights);
    if weights.is_even() {
        return rate_text(overall, weights);
    }
    overall.weighted_rate(weights).map_or_else(String::new, format_percent)
}

/// The row of all customers, for comparison.
fn total_row(proof: &Proof, valued: bool) -> Vec<TableCell> {
    let overall = proof.overall;
    let full_cell = || TableCell::from(format_percent(1.0));
    let text_cell = |text: String| TableCell { text, is_faint: overall.is_faint() };
    let cells = [
        "All".into(),
        format_count(overall.total).into(),
        full_cell(),
        text_cell(format_count(overall.part)),
        text_cell(rate_of_all(proof)),
        ratio_text(1.0).into(),
        full_cell(),
    ];
    cells.into_iter().chain(valued.then(full_cell)).collect()
}

fn row(tier: &TierRow, overall: Proportion, valued: bool) -> Vec<TableCell> {
    let share = |share: Proportion| share.rate().map_or_else(String::new, format_percent);
    let faint = |text: String| TableCell { text, is_faint: tier.customers.part < MIN_SAMPLE };
    let rate = |share: Proportion| share.weighted_rate(tier.weights);
    let lift = Ratio::from_proportions(tier.ideal, overall)
        .and(rate(tier.ideal))
        .zip(rate(overall).filter(|rate| *rate > 0.0));
    let cells = [
        tier.tier.letter().into(),
        format_count(tier.customers.part).into(),
        tier.share_of_all().map_or_else(String::new, format_percent).into(),
        faint(format_count(tier.ideal.part)),
        faint(rate_text(tier.ideal, tier.weights)),
        faint(lift.map_or_else(String::new, |(rate, overall)| ratio_text(rate / overall))),
        share(tier.ideal_captured).into(),
    ];
    cells.into_iter().chain(valued.then(|| tier.value.map_or_else(String::new, format_percent).into())).collect()
}
