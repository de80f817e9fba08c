//! Discrimination: the ROC curve, or precision against recall if ideal accounts are rare.

use sweetspot_core::SamplingWeights;

use super::Proof;
use super::gains::{GainsPoint, points};
use crate::document::{Axis, Chart, ChartKind, ColumnHead, Curve, Table, TableCell};
use crate::format::{format_count, format_percent};
use crate::proportion::Proportion;

/// Below this share of ideal accounts, an ROC curve is too optimistic: its errors are shares of a large majority.
const MAX_RARE_RATE: f64 = 0.2;

/// The curve that is appropriate for the share of ideal accounts.
pub(super) fn chart(proof: &Proof) -> Chart {
    let (weights, overall) = (proof.details.weights, proof.overall);
    let points = points(&proof.details.deciles, weights, &[]);
    let rate = overall.weighted_rate(weights).unwrap_or_default();
    let picture = if rate < MAX_RARE_RATE { precision(&points, rate, weights) } else { roc(&points, overall) };
    let CurvePlot { x, y, description, curves } = picture;
    let share = |name: &str| Axis { name: name.to_owned(), min: 0.0, max: 1.0, is_percent: true, labels: Vec::new() };
    Chart {
        finding: finding(proof),
        description,
        kind: ChartKind::Curves { x: share(x), y: share(y), curves, lines: Vec::new() },
        table: table(&points, overall, weights),
    }
}

/// The AUC as a sentence: the probability that the better account of a pair ranks first (Hanley and McNeil 1982).
fn finding(proof: &Proof) -> String {
    let evaluation = &proof.evaluation;
    format!(
        "Of an ideal and another account, the ideal one has the better score in {} of all pairs (AUC, 95% {} to {}).",
        format_percent(evaluation.auc),
        format_percent(evaluation.auc_low),
        format_percent(evaluation.auc_high)
    )
}

/// The data of either curve.
struct CurvePlot {
    /// The name of the horizontal axis.
    x: &'static str,
    /// The name of the vertical axis.
    y: &'static str,
    description: String,
    curves: Vec<Curve>,
}

fn roc(points: &[GainsPoint], overall: Proportion) -> CurvePlot {
    let place = |point: &GainsPoint| Some((non_ideal_found(*point, overall).rate()?, point.ideal.rate()?));
    let line = [(0.0, 0.0)].into_iter().chain(points.iter().filter_map(place)).collect();
    let description =
        "After each decile of the list, best score first. Horizontal: the share of the other accounts so far. \
                       Vertical: the share of the ideal accounts so far. Dashed: a list in no order."
            .to_owned();
    let curves = vec![curve("no order", true, vec![(0.0, 0.0), (1.0, 1.0)]), curve("this model", false, line)];
    CurvePlot { x: "Share of the other accounts", y: "Share of the ideal accounts", description, curves }
}

fn precision(points: &[GainsPoint], rate: f64, weights: SamplingWeights) -> CurvePlot {
    let place = |point: &GainsPoint| Some((point.ideal.rate()?, ideal_among_found(*point).weighted_rate(weights)?));
    let line = points.iter().filter_map(place).collect();
    let description = format!(
        "After each decile of the list, best score first. Horizontal: the share of the ideal accounts so far (recall). Vertical: the \
         share of the accounts so far that are ideal (precision). Dashed: all accounts, {} of them ideal.",
        format_percent(rate)
    );
    let curves = vec![curve("all accounts", true, vec![(0.0, rate), (1.0, rate)]), curve("this model", false, line)];
    CurvePlot { x: "Recall", y: "Precision", description, curves }
}

fn curve(name: &str, reference: bool, points: Vec<(f64, f64)>) -> Curve {
    Curve {
        name: name.to_owned(),
        points,
        is_reference: reference,
        is_fall_shaded: false,
        interval: Vec::new(),
        marks: Vec::new(),
    }
}

/// The non-ideal accounts so far, of all non-ideal accounts.
const fn non_ideal_found(point: GainsPoint, overall: Proportion) -> Proportion {
    Proportion { part: point.accounts.part - point.ideal.part, total: overall.total - overall.part }
}

/// The ideal accounts among those so far.
const fn ideal_among_found(point: GainsPoint) -> Proportion {
    Proportion { part: point.ideal.part, total: point.accounts.part }
}

fn table(points: &[GainsPoint], overall: Proportion, weights: SamplingWeights) -> Table {
    let share_cell = |share: Proportion| TableCell {
        text: share.rate().map_or_else(String::new, format_percent),
        is_faint: share.is_faint(),
    };
    let row = |point: &GainsPoint| -> Vec<TableCell> {
        let (others, right) = (non_ideal_found(*point, overall), ideal_among_found(*point));
        let precision = right.weighted_rate(weights).map_or_else(String::new, format_percent);
        vec![
            format_count(point.accounts.part).into(),
            format_count(point.ideal.part).into(),
            share_cell(point.ideal),
            format_count(others.part).into(),
            share_cell(others),
            TableCell { text: precision, is_faint: right.is_faint() },
        ]
    };
    let heads = ["Accounts so far", "Ideal", "Recall", "Others", "Share of the others", "Precision"];
    Table {
        caption: "Ideal and other accounts after each decile of the list, best score first".to_owned(),
        columns: heads.iter().map(|name| ColumnHead::figure(name)).collect(),
        rows: points.iter().map(row).collect(),
    }
}

#[cfg(test)]
mod tests {
    use sweetspot_model::Decile;

    use super::*;

    fn points_of(deciles: &[(u64, u64)]) -> (Vec<GainsPoint>, Proportion) {
        let deciles: Vec<_> =
            deciles.iter().map(|&(customers, ideal)| Decile { customers, ideal, mean_probability: 0.5 }).collect();
        let sum = |of: fn(&Decile) -> u64| deciles.iter().map(of).sum();
        let overall = Proportion { part: sum(|decile| decile.ideal), total: sum(|decile| decile.customers) };
        (points(&deciles, SamplingWeights::EVEN, &[]), overall)
    }

    #[test]
    fn a_roc_curve_goes_from_no_one_to_everybody() {
        let (points, overall) = points_of(&[(10, 8), (10, 2), (20, 0)]);
        let CurvePlot { curves, .. } = roc(&points, overall);
        assert_eq!(curves[1].points, [(0.0, 0.0), (2.0 / 30.0, 0.8), (10.0 / 30.0, 1.0), (1.0, 1.0)]);
        let row: Vec<_> =
            table(&points, overall, SamplingWeights::EVEN).rows[0].iter().map(|cell| cell.text.clone()).collect();
        assert_eq!(row, ["10", "8", "80%", "2", "6.7%", "80%"]);
    }

    #[test]
    fn precision_falls_to_the_rate_of_all() {
        let (points, overall) = points_of(&[(10, 4), (10, 0), (20, 0)]);
        let CurvePlot { curves, .. } = precision(&points, overall.rate().unwrap(), SamplingWeights::EVEN);
        assert_eq!(curves[0].points, [(0.0, 0.1), (1.0, 0.1)]);
        assert_eq!(curves[1].points, [(1.0, 0.4), (1.0, 0.2), (1.0, 0.1)]);
    }
}
