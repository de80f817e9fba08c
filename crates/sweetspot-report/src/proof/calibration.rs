//! Whether probabilities can be taken at their word.

use super::Proof;
use super::bins::{Bin, bins};
use crate::document::{Axis, Cell, Chart, ChartKind, Head, Table};
use crate::drawn::Dot;
use crate::words::{count, number, percent};

/// Predicted against observed rates, part by part of the list.
pub(super) fn chart(proof: &Proof) -> Chart {
    let bins = bins(&proof.details.tenths, proof.details.weights);
    let share = |name: &str| Axis { name: name.to_owned(), from: 0.0, to: 1.0, percent: true };
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
            number(proof.evaluation.calibration_error * 100.0)
        ),
    }
}

/// The Brier score beside that of the overall rate, and how raw scores were corrected.
pub(super) fn figures(proof: &Proof) -> String {
    let rate = proof.overall.weighted_rate(proof.details.weights).unwrap_or_default();
    let brier = format!(
        "The Brier score, the mean squared error of the probabilities, is {}; predicting the overall rate for every account would give {}.",
        number(proof.evaluation.brier),
        number(rate * (1.0 - rate))
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
        number(slope),
        number(intercept)
    )
}

/// The part where prediction and observation lie furthest apart.
fn worst(bins: &[Bin]) -> Option<String> {
    let distance = |bin: &Bin| (bin.rate().unwrap_or_default() - bin.predicted).abs();
    let worst = bins.iter().max_by(|a, b| distance(a).total_cmp(&distance(b)))?;
    Some(format!(
        " They differ most in {}: {} predicted, {} observed.",
        worst.name().to_lowercase(),
        percent(worst.predicted),
        percent(worst.rate()?)
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
        weight: bin.share.of,
        faint: bin.share.is_faint(),
    }
}

fn table(bins: &[Bin]) -> Table {
    let row = |bin: &Bin| -> Vec<Cell> {
        let (low, high) = bin.interval();
        let faint = |text: String| Cell { text, faint: bin.share.is_faint() };
        vec![
            bin.name().into(),
            count(bin.share.of).into(),
            percent(bin.predicted).into(),
            faint(bin.rate().map_or_else(String::new, percent)),
            faint(format!("{} to {}", percent(low), percent(high))),
            if is_honest(bin) { "agrees" } else { "off" }.into(),
        ]
    };
    let figures = ["Accounts", "Predicted", "Observed", "95% interval"].map(Head::figure);
    Table {
        caption: "Predicted and observed rates by parts of the list, best score first".to_owned(),
        columns: [Head::text("Part")].into_iter().chain(figures).chain([Head::text("Agreement")]).collect(),
        rows: bins.iter().map(row).collect(),
    }
}
