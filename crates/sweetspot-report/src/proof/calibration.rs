//! Calibration: whether probabilities match observed rates.

use super::Proof;
use super::rank_bins::{Bin, bins};
use crate::chart_data::Dot;
use crate::document::{Axis, Chart, ChartKind, ColumnHead, Table, TableCell};
use crate::format::{format_count, format_number, format_percent};

/// Predicted against observed rates, for each part of the list.
pub(super) fn chart(proof: &Proof) -> Chart {
    let bins = bins(&proof.details.deciles, proof.details.weights);
    let share = |name: &str| Axis { name: name.to_owned(), min: 0.0, max: 1.0, is_percent: true, labels: Vec::new() };
    Chart {
        finding: finding(proof, &bins),
        description: format!(
            "One dot per part of the accounts. Horizontal: the predicted rate. Vertical: the observed rate, with its 95% interval. On \
             the diagonal both are the same.{}",
            worst(&bins).unwrap_or_default()
        ),
        kind: ChartKind::Dots {
            x: share("Predicted rate"),
            y: share("Observed rate"),
            dots: bins.iter().map(dot).collect(),
            diagonal: "predicted = observed".to_owned(),
        },
        table: table(&bins),
    }
}

fn finding(proof: &Proof, bins: &[Bin]) -> String {
    let outside = bins.iter().filter(|bin| !is_honest(bin)).count();
    let part = bins.first().map_or("part", |bin| bin.part);
    match (bins.len(), outside) {
        (0, _) => "Whether the probabilities can be trusted is not yet known.".to_owned(),
        (_, 0) => format!(
            "Nothing contradicts the probabilities: in every {part} of the list, the predicted rate lies within the 95% interval of the \
             observed rate."
        ),
        (all, outside) => format!(
            "Probabilities are off in {outside} of {all} parts of the list, further than chance explains; on average over all by {} \
             percentage points.",
            format_number(proof.evaluation.calibration_error * 100.0)
        ),
    }
}

/// The Brier score next to that of the overall rate, and the calibration of the raw scores.
pub(super) fn figures(proof: &Proof) -> String {
    let rate = proof.overall.weighted_rate(proof.details.weights).unwrap_or_default();
    let brier = format!(
        "The Brier score, the mean squared error of the probabilities, is {}; predicting the overall rate for every account would give {}.",
        format_number(proof.evaluation.brier),
        format_number(rate * (1.0 - rate))
    );
    let Some((intercept, slope)) = proof.calibration else { return brier };
    if (slope - 1.0).abs() < 0.005 && intercept.abs() < 0.005 {
        return format!("{brier} On customers that the fit had not seen, raw log-odds needed no correction.");
    }
    if slope == 0.0 {
        return format!("{brier} No ranking beat the overall rate, so every account has that rate as its probability.");
    }
    let direction = match slope - 1.0 {
        off if off.abs() < 0.005 => "shifted",
        off if off < 0.0 => "compressed",
        _ => "stretched",
    };
    format!(
        "{brier} Raw log-odds were {direction} to match customers that the fit had not seen: a slope of {} and an intercept of {}.",
        format_number(slope),
        format_number(intercept)
    )
}

/// The part with the largest difference between prediction and observation.
fn worst(bins: &[Bin]) -> Option<String> {
    let distance = |bin: &Bin| (bin.rate().unwrap_or_default() - bin.predicted).abs();
    let worst = bins.iter().max_by(|a, b| distance(a).total_cmp(&distance(b)))?;
    Some(format!(
        " They differ most in {}: {} predicted, {} observed.",
        worst.name().to_lowercase(),
        format_percent(worst.predicted),
        format_percent(worst.rate()?)
    ))
}

fn is_honest(bin: &Bin) -> bool {
    let (low, high) = bin.interval();
    (low..=high).contains(&bin.predicted)
}

fn dot(bin: &Bin) -> Dot {
    Dot {
        x: bin.predicted,
        y: bin.rate().unwrap_or_default(),
        interval: bin.interval(),
        weight: bin.share.total,
        is_faint: bin.share.is_faint(),
    }
}

fn table(bins: &[Bin]) -> Table {
    let row = |bin: &Bin| -> Vec<TableCell> {
        let (low, high) = bin.interval();
        let faint = |text: String| TableCell { text, is_faint: bin.share.is_faint() };
        vec![
            bin.name().into(),
            format_count(bin.share.total).into(),
            format_percent(bin.predicted).into(),
            faint(bin.rate().map_or_else(String::new, format_percent)),
            faint(format!("{} to {}", format_percent(low), format_percent(high))),
            if is_honest(bin) { "agrees" } else { "off" }.into(),
        ]
    };
    let figures = ["Accounts", "Predicted", "Observed", "95% interval"].map(ColumnHead::figure);
    Table {
        caption: "Predicted and observed rates by parts of the list, best score first".to_owned(),
        columns: [ColumnHead::text("Part")].into_iter().chain(figures).chain([ColumnHead::text("Agreement")]).collect(),
        rows: bins.iter().map(row).collect(),
    }
}
