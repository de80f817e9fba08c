//! Lift: the rate of ideal accounts among the best-scored ones relative to the overall rate.

use super::rank_bins::{Bin, bins};
use super::tiers::ratio_text;
use super::{Proof, Ratio};
use crate::document::{Axis, Bar, Chart, ChartKind, ColumnHead, Table, TableCell};
use crate::format::{format_count, format_percent};
use crate::proportion::Proportion;

/// A part of the list, and its lift.
type BinLift = (Bin, Option<Ratio>);

/// Lift by decile, or by larger parts if few customers are ideal.
pub(super) fn chart(proof: &Proof) -> Chart {
    let bins = bins(&proof.details.deciles, proof.details.weights);
    let falls = RateTrend::new(&bins);
    let lifts: Vec<BinLift> = bins
        .into_iter()
        .map(|bin| {
            let lift = lift_ratio(&bin, proof.overall);
            (bin, lift)
        })
        .collect();
    let max_lift = lifts.iter().filter_map(|(_, lift)| lift.map(|lift| lift.high.max(lift.value))).fold(1.0, f64::max);
    Chart {
        finding: finding(lifts.first(), falls),
        description: "One bar per part of the accounts, best score first: its rate of ideal customers over that of all, with its 95% \
                      interval. The line at 1× is the rate of all."
            .to_owned(),
        kind: ChartKind::Bars {
            axis: Axis { name: "Ideal rate over that of all accounts".to_owned(), min: 0.0, max: max_lift, is_percent: false, labels: Vec::new() },
            bars: lifts.iter().filter_map(bar).collect(),
            origin: 1.0,
            reference: "all accounts".to_owned(),
            is_dot_plot: false,
        },
        table: table(&lifts),
    }
}

/// The trend of the rate from part to part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RateTrend {
    /// It falls at every step.
    FallsEveryStep,
    /// It never rises, and falls at least once.
    NeverRises,
    /// It is the same in all parts.
    Constant,
    /// It rises at least once.
    Rises,
}

impl RateTrend {
    fn new(bins: &[Bin]) -> Self {
        let rates: Vec<Option<f64>> = bins.iter().map(Bin::rate).collect();
        if rates.is_sorted_by(|a, b| a == b) {
            Self::Constant
        } else if rates.is_sorted_by(|a, b| a > b) {
            Self::FallsEveryStep
        } else if rates.is_sorted_by(|a, b| a >= b) {
            Self::NeverRises
        } else {
            Self::Rises
        }
    }
}

fn finding(first: Option<&BinLift>, falls: RateTrend) -> String {
    let Some((bin, Some(lift))) = first else {
        return "How much more often the best-scored accounts are ideal is not yet known.".to_owned();
    };
    let part = bin.part;
    let order = match falls {
        RateTrend::FallsEveryStep => format!("and the rate falls from {part} to {part}"),
        RateTrend::NeverRises => format!("and the rate never rises from one {part} to the next"),
        RateTrend::Constant => format!("as every {part} is"),
        RateTrend::Rises => format!("but the rate rises from one {part} to a later one"),
    };
    format!("The best-scored {part} is ideal {} as often as all accounts, {order}.", ratio_text(lift.value))
}

/// A rate relative to the overall rate, with the interval of the former: the overall rate is much more certain.
fn lift_ratio(bin: &Bin, overall: Proportion) -> Option<Ratio> {
    let (rate, all) = (bin.rate()?, overall.weighted_rate(bin.weights).filter(|rate| *rate > 0.0)?);
    let (low, high) = bin.interval();
    Some(Ratio { value: rate / all, low: low / all, high: high / all })
}

fn bar((bin, lift): &BinLift) -> Option<Bar> {
    let lift = (*lift)?;
    Some(Bar {
        name: bin.name(),
        value: lift.value,
        interval: Some((lift.low, lift.high)),
        value_label: format!(
            "{} ({} of {})",
            ratio_text(lift.value),
            format_count(bin.share.part),
            format_count(bin.share.total)
        ),
        is_faint: bin.share.is_faint(),
    })
}

fn table(lifts: &[BinLift]) -> Table {
    let row = |(bin, lift): &BinLift| -> Vec<TableCell> {
        let share = bin.share;
        let faint = |text: String| TableCell { text, is_faint: share.is_faint() };
        let (value, interval) = lift.map_or_else(Default::default, |lift| {
            (ratio_text(lift.value), format!("{} to {}", ratio_text(lift.low), ratio_text(lift.high)))
        });
        vec![
            bin.name().into(),
            format_count(share.total).into(),
            faint(format_count(share.part)),
            faint(bin.rate().map_or_else(String::new, format_percent)),
            faint(value),
            faint(interval),
        ]
    };
    Table {
        caption: "Ideal rate by parts of the list, best score first, over that of all accounts".to_owned(),
        columns: [ColumnHead::text("Part")]
            .into_iter()
            .chain(["Accounts", "Ideal", "Ideal rate", "Lift", "95% interval"].map(ColumnHead::figure))
            .collect(),
        rows: lifts.iter().map(row).collect(),
    }
}
