//! Cumulative gains: the ideal customers found by working down the list.

use sweetspot_core::SamplingWeights;
use sweetspot_model::Decile;

use super::Proof;
use super::acceptance::{MIN_IDEAL_CAPTURED, REQUIRED_INSIDE};
use crate::document::{Axis, Chart, ChartKind, ColumnHead, Curve, Table, TableCell};
use crate::format::{format_count, format_percent};
use crate::proportion::Proportion;

/// A position on the list: the part that is worked, and the ideal customers found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct GainsPoint {
    /// Rows so far, of all rows.
    pub(super) accounts: Proportion,
    /// Their share of the accounts, with the weights of a resampled file.
    pub(super) account_share: f64,
    /// The ideal customers among them, of all ideal customers.
    pub(super) ideal: Proportion,
    /// The 95% interval of the share found.
    pub(super) interval: (f64, f64),
}

/// The points after each decile. The interval is the version's bootstrap interval; if there is none, or all resamples
/// agree, it is Wilson's.
pub(super) fn points(deciles: &[Decile], weights: SamplingWeights, intervals: &[(f64, f64)]) -> Vec<GainsPoint> {
    let (mut accounts, mut ideal) = (0, 0);
    let (all, all_ideal) = deciles.iter().fold((0, 0), |sum, decile| (sum.0 + decile.customers, sum.1 + decile.ideal));
    let point = |(place, decile): (usize, &Decile)| {
        accounts += decile.customers;
        ideal += decile.ideal;
        let (worked, found) = (Proportion { part: accounts, total: all }, Proportion { part: ideal, total: all_ideal });
        let interval = match intervals.get(place) {
            // The whole list contains them all, so there is no uncertainty.
            _ if accounts == all && all_ideal > 0 => (1.0, 1.0),
            Some((low, high)) if low < high => (*low, *high),
            Some(_) | None => found.interval(),
        };
        let share = weights.total(ideal, accounts) / weights.total(all_ideal, all);
        GainsPoint { accounts: worked, account_share: if all > 0 { share } else { 0.0 }, ideal: found, interval }
    };
    deciles.iter().enumerate().map(point).collect()
}

/// The share found in a part of the list, interpolated linearly; `None` if there is no evaluation.
fn gains_at(points: &[GainsPoint], part: f64) -> Option<f64> {
    let mut before = (0.0, 0.0);
    for point in points {
        let here = (point.account_share, point.ideal.rate()?);
        if here.0 >= part {
            let share = if here.0 > before.0 { (part - before.0) / (here.0 - before.0) } else { 1.0 };
            return Some(before.1 + share * (here.1 - before.1));
        }
        before = here;
    }
    None
}

/// The chart of cumulative gains.
pub(super) fn gains(proof: &Proof) -> Chart {
    let points = points(&proof.details.deciles, proof.details.weights, &proof.gains);
    let found = |share: Proportion| share.rate().unwrap_or(0.0);
    let second = points.get(1).map(|point| (point.account_share, found(point.ideal)));
    let finding = second.map_or_else(
        || "How many of the ideal customers a part of the list holds is not yet known.".to_owned(),
        |(accounts, ideal)| {
            format!(
                "The best-scored {} of the accounts hold {} of the ideal customers.",
                format_percent(accounts),
                format_percent(ideal)
            )
        },
    );
    let share = |name: &str| Axis { name: name.to_owned(), min: 0.0, max: 1.0, is_percent: true, labels: Vec::new() };
    let row =
        |GainsPoint { accounts, account_share: worked, ideal, interval: (low, high) }: &GainsPoint| -> Vec<TableCell> {
            vec![
                format_percent(*worked).into(),
                format_count(accounts.part).into(),
                format_count(ideal.part).into(),
                format_percent(found(*ideal)).into(),
                format!("{} to {}", format_percent(*low), format_percent(*high)).into(),
            ]
        };
    let heads = ["List worked", "Accounts", "Ideal found", "Share found", "95% interval"];
    Chart {
        finding,
        description: description(&points),
        kind: ChartKind::Curves {
            x: share("Share of the list worked, best score first"),
            y: share("Share of the ideal customers found"),
            curves: curves(proof, &points),
            lines: Vec::new(),
        },
        table: Table {
            caption: "Ideal customers found by working down the list".to_owned(),
            columns: heads.iter().map(|name| ColumnHead::figure(name)).collect(),
            rows: points.iter().map(row).collect(),
        },
    }
}

fn description(points: &[GainsPoint]) -> String {
    let share_found =
        |part: f64| Some(format!("{} hold {}", format_percent(part), format_percent(gains_at(points, part)?)));
    let sentences: Vec<String> = [0.1, 0.2, 0.35].into_iter().filter_map(share_found).collect();
    let read = if sentences.is_empty() { String::new() } else { format!(" Read off: {}.", sentences.join("; ")) };
    format!(
        "Horizontal: the share of the list that is worked, best score first. Vertical: the share of all ideal customers found, with its \
         95% interval for other customers of the same sort. Dashed: a list in no order, and a perfect one. The box marks the required \
         range: 60% or more of the ideal customers within 15 to 35% of the list.{read}"
    )
}

fn curves(proof: &Proof, points: &[GainsPoint]) -> Vec<Curve> {
    let reference = |name: &str, points: Vec<(f64, f64)>| Curve {
        name: name.to_owned(),
        points,
        is_reference: true,
        is_fall_shaded: false,
        interval: Vec::new(),
        marks: Vec::new(),
    };
    let ((from, to), captured) = (REQUIRED_INSIDE, MIN_IDEAL_CAPTURED);
    let boxed = vec![(from, captured), (from, 1.0), (to, 1.0), (to, captured), (from, captured)];
    let mut curves = vec![reference("no order", vec![(0.0, 0.0), (1.0, 1.0)])];
    if let Some(rate) = proof.overall.weighted_rate(proof.details.weights).filter(|rate| *rate > 0.0 && *rate < 1.0) {
        curves.push(reference("perfect", vec![(0.0, 0.0), (rate, 1.0), (1.0, 1.0)]));
    }
    curves.push(reference("wanted", boxed));
    let pairs = points.iter().filter_map(|point| Some((point.account_share, point.ideal.rate()?, point.interval)));
    let (mut line, mut interval) = (vec![(0.0, 0.0)], vec![(0.0, 0.0)]);
    for (accounts, ideal, bounds) in pairs {
        line.push((accounts, ideal));
        interval.push(bounds);
    }
    if line.len() > 1 {
        let model_curve = reference("this model", line);
        curves.push(Curve { is_reference: false, interval, ..model_curve });
    }
    curves
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deciles() -> Vec<Decile> {
        let decile = |(customers, ideal)| Decile { customers, ideal, mean_probability: 0.5 };
        [(10, 8), (10, 2), (10, 0)].into_iter().map(decile).collect()
    }

    #[test]
    fn an_interval_is_the_bootstraps_or_else_wilsons() {
        let kept = points(&deciles(), SamplingWeights::EVEN, &[(0.6, 0.95), (1.0, 1.0), (1.0, 1.0)]);
        assert_eq!(kept[0].interval, (0.6, 0.95));
        // All resamples agree, which does not imply certainty.
        assert_eq!(kept[1].interval, Proportion { part: 10, total: 10 }.interval());
        assert!(kept[1].interval.0 < 0.8);
        assert_eq!(kept[2].interval, (1.0, 1.0));
        let older = points(&deciles(), SamplingWeights::EVEN, &[]);
        assert_eq!(older[0].interval, Proportion { part: 8, total: 10 }.interval());
    }

    #[test]
    fn what_is_found_is_read_off_between_points() {
        let points = points(&deciles(), SamplingWeights::EVEN, &[]);
        let found = |part| gains_at(&points, part).map(|found| (found * 1000.0).round());
        assert_eq!([0.0, 1.0 / 6.0, 0.5, 1.0].map(found), [Some(0.0), Some(400.0), Some(900.0), Some(1000.0)]);
        assert_eq!(gains_at(&[], 0.1), None);
        assert!(description(&points).ends_with("Read off: 10% hold 24%; 20% hold 48%; 35% hold 81%."));
    }
}
