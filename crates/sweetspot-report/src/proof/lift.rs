//! How much more often the best-scored accounts are ideal than all of them.

use super::bins::{Bin, bins};
use super::tiers::times;
use super::{Proof, Ratio};
use crate::document::{Axis, Bar, Cell, Chart, ChartKind, Head, Table};
use crate::figure::Share;
use crate::words::{count, percent};

/// A part of the list, and how many times as often as all it is ideal.
type Lift = (Bin, Option<Ratio>);

/// Lift by tenth, or by larger parts where few are ideal.
pub(super) fn chart(proof: &Proof) -> Chart {
    let bins = bins(&proof.details.tenths, proof.details.weights);
    let falls = Falls::of(&bins);
    let lifts: Vec<Lift> = bins
        .into_iter()
        .map(|bin| {
            let lift = over(&bin, proof.overall);
            (bin, lift)
        })
        .collect();
    let most = lifts.iter().filter_map(|(_, lift)| lift.map(|lift| lift.high.max(lift.value))).fold(1.0, f64::max);
    Chart {
        finding: finding(lifts.first(), falls),
        description: "One bar per part of the accounts, best score first: its rate of ideal customers over that of all, with its 95% \
                      interval. The line at 1× is the rate of all."
            .to_owned(),
        kind: ChartKind::Bars {
            axis: Axis { name: "Ideal rate over that of all accounts".to_owned(), from: 0.0, to: most, percent: false },
            bars: lifts.iter().filter_map(bar).collect(),
            origin: 1.0,
            reference: "all accounts".to_owned(),
            dots: false,
        },
        table: table(&lifts),
    }
}

/// How the rate goes from part to part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Falls {
    /// From each to the next.
    AtEveryStep,
    /// It never rises, and falls once at least.
    NeverRises,
    /// It is the same in all.
    Nowhere,
    /// It rises somewhere.
    Not,
}

impl Falls {
    fn of(bins: &[Bin]) -> Self {
        let rates: Vec<Option<f64>> = bins.iter().map(Bin::rate).collect();
        if rates.is_sorted_by(|a, b| a == b) {
            Self::Nowhere
        } else if rates.is_sorted_by(|a, b| a > b) {
            Self::AtEveryStep
        } else if rates.is_sorted_by(|a, b| a >= b) {
            Self::NeverRises
        } else {
            Self::Not
        }
    }
}

fn finding(first: Option<&Lift>, falls: Falls) -> String {
    let Some((bin, Some(lift))) = first else {
        return "How much more often the best-scored accounts are ideal is not yet known.".to_owned();
    };
    let part = bin.part;
    let order = match falls {
        Falls::AtEveryStep => format!("and the rate falls from {part} to {part}"),
        Falls::NeverRises => format!("and the rate never rises from one {part} to the next"),
        Falls::Nowhere => format!("as every {part} is"),
        Falls::Not => format!("but the rate rises from one {part} to a later one"),
    };
    format!("The best-scored {part} is ideal {} as often as all accounts, {order}.", times(lift.value))
}

/// A rate over that of all, with the interval of the rate: that of all is much surer.
fn over(bin: &Bin, overall: Share) -> Option<Ratio> {
    let (rate, all) = (bin.rate()?, overall.weighted_rate(bin.weights).filter(|rate| *rate > 0.0)?);
    let (low, high) = bin.interval();
    Some(Ratio { value: rate / all, low: low / all, high: high / all })
}

fn bar((bin, lift): &Lift) -> Option<Bar> {
    let lift = (*lift)?;
    Some(Bar {
        name: bin.name(),
        value: lift.value,
        interval: Some((lift.low, lift.high)),
        told: format!("{} ({} of {})", times(lift.value), count(bin.share.part), count(bin.share.of)),
        faint: bin.share.is_faint(),
    })
}

fn table(lifts: &[Lift]) -> Table {
    let row = |(bin, lift): &Lift| -> Vec<Cell> {
        let share = bin.share;
        let faint = |text: String| Cell { text, faint: share.is_faint() };
        let (value, interval) = lift.map_or_else(Default::default, |lift| {
            (times(lift.value), format!("{} to {}", times(lift.low), times(lift.high)))
        });
        vec![
            bin.name().into(),
            count(share.of).into(),
            faint(count(share.part)),
            faint(bin.rate().map_or_else(String::new, percent)),
            faint(value),
            faint(interval),
        ]
    };
    Table {
        caption: "Ideal rate by parts of the list, best score first, over that of all accounts".to_owned(),
        columns: [Head::text("Part")]
            .into_iter()
            .chain(["Accounts", "Ideal", "Ideal rate", "Lift", "95% interval"].map(Head::figure))
            .collect(),
        rows: lifts.iter().map(row).collect(),
    }
}
