//! Whether probabilities can be taken at their word.

use super::Proof;
use crate::model::Tenth;
use crate::report::document::{Axis, Cell, Chart, ChartKind, Head, Table};
use crate::report::drawn::Dot;
use crate::report::figure::Share;
use crate::report::words::{count, percent};

/// Predicted against observed rates, tenth by tenth.
pub(super) fn chart(proof: &Proof) -> Chart {
    let tenths: Vec<&Tenth> = proof.details.tenths.iter().filter(|tenth| tenth.customers > 0).collect();
    let outside = tenths.iter().filter(|tenth| !is_honest(tenth)).count();
    let finding = match (tenths.len(), outside) {
        (0, _) => "Whether probabilities can be taken at their word is not yet known.".to_owned(),
        (_, 0) => "Probabilities can be taken at their word: in every tenth of the scores, what was observed agrees with what was predicted.".to_owned(),
        (all, outside) => format!(
            "Probabilities are off in {outside} of {all} tenths of the scores, further than chance explains; on average by {} points.",
            (proof.evaluation.calibration_error * 100.0).round()
        ),
    };
    let share = |name: &str| Axis { name: name.to_owned(), from: 0.0, to: 1.0, percent: true };
    Chart {
        finding,
        description: "One dot a tenth of the accounts: across the rate that was predicted, up the rate that was observed, with its 95 % \
                      interval. On the diagonal both are the same."
            .to_owned(),
        kind: ChartKind::Dots {
            x: share("Predicted rate"),
            y: share("Observed rate"),
            dots: tenths.iter().map(|tenth| dot(tenth)).collect(),
            diagonal: "predicted = observed".to_owned(),
        },
        table: table(&tenths),
    }
}

fn share(tenth: &Tenth) -> Share {
    Share { part: tenth.ideal, of: tenth.customers }
}

fn is_honest(tenth: &Tenth) -> bool {
    let (low, high) = share(tenth).interval();
    (low..=high).contains(&tenth.mean_probability)
}

fn dot(tenth: &Tenth) -> Dot {
    let observed = share(tenth);
    Dot {
        x: tenth.mean_probability,
        y: tenth.ideal_rate(),
        interval: observed.interval(),
        weight: tenth.customers,
        faint: observed.is_faint(),
    }
}

fn table(tenths: &[&Tenth]) -> Table {
    let row = |(index, tenth): (usize, &&Tenth)| -> Vec<Cell> {
        let observed = share(tenth);
        let (low, high) = observed.interval();
        let faint = |text: String| Cell { text, faint: observed.is_faint() };
        vec![
            format!("Tenth {}", index + 1).into(),
            count(tenth.customers).into(),
            percent(tenth.mean_probability).into(),
            faint(observed.rate().map_or_else(String::new, percent)),
            faint(format!("{} to {}", percent(low), percent(high))),
            if is_honest(tenth) { "agrees" } else { "off" }.into(),
        ]
    };
    let figures = ["Accounts", "Predicted", "Observed", "95 % interval"].map(Head::figure);
    Table {
        caption: "Predicted and observed rates by tenth of the scores".to_owned(),
        columns: [Head::text("Tenth")].into_iter().chain(figures).chain([Head::text("Agreement")]).collect(),
        rows: tenths.iter().enumerate().map(row).collect(),
    }
}
