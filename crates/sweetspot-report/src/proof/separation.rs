//! How well scores tell ideal accounts from others: the ROC curve, or precision against recall where ideal accounts are few.

use sweetspot_core::RowWeights;

use super::Proof;
use super::gains::{Point, points};
use crate::document::{Axis, Cell, Chart, ChartKind, Curve, Head, Table};
use crate::figure::Share;
use crate::words::{count, percent};

/// With fewer ideal accounts than this share of all, an ROC curve flatters: its mistakes are shares of a great many others.
const FEW: f64 = 0.2;

/// The curve that suits the share of ideal accounts.
pub(super) fn chart(proof: &Proof) -> Chart {
    let (weights, overall) = (proof.details.weights, proof.overall);
    let points = points(&proof.details.tenths, weights, &[]);
    let rate = overall.weighted_rate(weights).unwrap_or_default();
    let picture = if rate < FEW { precision(&points, rate, weights) } else { roc(&points, overall) };
    let Picture { x, y, description, curves } = picture;
    let share = |name: &str| Axis { name: name.to_owned(), from: 0.0, to: 1.0, percent: true };
    Chart {
        finding: finding(proof),
        description,
        kind: ChartKind::Curves { x: share(x), y: share(y), curves, lines: Vec::new() },
        table: table(&points, overall, weights),
    }
}

/// AUC in words: Hanley and McNeil (1982) read it as the chance that the better of a pair is ranked first.
fn finding(proof: &Proof) -> String {
    let evaluation = &proof.evaluation;
    format!(
        "Of an ideal and another account, the ideal one has the better score in {} of all pairs (AUC, 95% {} to {}).",
        percent(evaluation.auc),
        percent(evaluation.auc_low),
        percent(evaluation.auc_high)
    )
}

/// What is drawn, whichever curve it is.
struct Picture {
    /// The name of the axis across.
    x: &'static str,
    /// The name of the axis up.
    y: &'static str,
    description: String,
    curves: Vec<Curve>,
}

fn roc(points: &[Point], overall: Share) -> Picture {
    let place = |point: &Point| Some((others(*point, overall).rate()?, point.ideal.rate()?));
    let line = [(0.0, 0.0)].into_iter().chain(points.iter().filter_map(place)).collect();
    let description =
        "After each decile of the list, best score first. Horizontal: the share of the other accounts so far. \
                       Vertical: the share of the ideal accounts so far. Dashed: a list in no order."
            .to_owned();
    let curves = vec![curve("no order", true, vec![(0.0, 0.0), (1.0, 1.0)]), curve("this model", false, line)];
    Picture { x: "Share of the other accounts", y: "Share of the ideal accounts", description, curves }
}

fn precision(points: &[Point], rate: f64, weights: RowWeights) -> Picture {
    let place = |point: &Point| Some((point.ideal.rate()?, right(*point).weighted_rate(weights)?));
    let line = points.iter().filter_map(place).collect();
    let description = format!(
        "After each decile of the list, best score first. Horizontal: the share of the ideal accounts so far (recall). Vertical: the \
         share of the accounts so far that are ideal (precision). Dashed: all accounts, {} of them ideal.",
        percent(rate)
    );
    let curves = vec![curve("all accounts", true, vec![(0.0, rate), (1.0, rate)]), curve("this model", false, line)];
    Picture { x: "Recall", y: "Precision", description, curves }
}

fn curve(name: &str, reference: bool, points: Vec<(f64, f64)>) -> Curve {
    Curve { name: name.to_owned(), points, reference, shade_fall: false, interval: Vec::new(), marks: Vec::new() }
}

/// The accounts so far that are not ideal, of all such.
const fn others(point: Point, overall: Share) -> Share {
    Share { part: point.accounts.part - point.ideal.part, of: overall.of - overall.part }
}

/// The ideal ones among the accounts so far.
const fn right(point: Point) -> Share {
    Share { part: point.ideal.part, of: point.accounts.part }
}

fn table(points: &[Point], overall: Share, weights: RowWeights) -> Table {
    let told = |share: Share| Cell { text: share.rate().map_or_else(String::new, percent), faint: share.is_faint() };
    let row = |point: &Point| -> Vec<Cell> {
        let (others, right) = (others(*point, overall), right(*point));
        let precision = right.weighted_rate(weights).map_or_else(String::new, percent);
        vec![
            count(point.accounts.part).into(),
            count(point.ideal.part).into(),
            told(point.ideal),
            count(others.part).into(),
            told(others),
            Cell { text: precision, faint: right.is_faint() },
        ]
    };
    let heads = ["Accounts so far", "Ideal", "Recall", "Others", "Share of the others", "Precision"];
    Table {
        caption: "Ideal and other accounts after each decile of the list, best score first".to_owned(),
        columns: heads.iter().map(|name| Head::figure(name)).collect(),
        rows: points.iter().map(row).collect(),
    }
}

#[cfg(test)]
mod tests {
    use sweetspot_model::Tenth;

    use super::*;

    fn points_of(tenths: &[(u64, u64)]) -> (Vec<Point>, Share) {
        let tenths: Vec<_> =
            tenths.iter().map(|&(customers, ideal)| Tenth { customers, ideal, mean_probability: 0.5 }).collect();
        let sum = |of: fn(&Tenth) -> u64| tenths.iter().map(of).sum();
        let overall = Share { part: sum(|tenth| tenth.ideal), of: sum(|tenth| tenth.customers) };
        (points(&tenths, RowWeights::EVEN, &[]), overall)
    }

    #[test]
    fn a_roc_curve_goes_from_nobody_to_everybody() {
        let (points, overall) = points_of(&[(10, 8), (10, 2), (20, 0)]);
        let Picture { curves, .. } = roc(&points, overall);
        assert_eq!(curves[1].points, [(0.0, 0.0), (2.0 / 30.0, 0.8), (10.0 / 30.0, 1.0), (1.0, 1.0)]);
        let row: Vec<_> =
            table(&points, overall, RowWeights::EVEN).rows[0].iter().map(|cell| cell.text.clone()).collect();
        assert_eq!(row, ["10", "8", "80%", "2", "6.7%", "80%"]);
    }

    #[test]
    fn precision_falls_to_the_rate_of_all() {
        let (points, overall) = points_of(&[(10, 4), (10, 0), (20, 0)]);
        let Picture { curves, .. } = precision(&points, overall.rate().unwrap(), RowWeights::EVEN);
        assert_eq!(curves[0].points, [(0.0, 0.1), (1.0, 0.1)]);
        assert_eq!(curves[1].points, [(1.0, 0.4), (1.0, 0.2), (1.0, 0.1)]);
    }
}
