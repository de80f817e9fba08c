//! What is found by working down the list: cumulative gains, and lift by tenth.

use super::acceptance::{WANTED_HELD, WANTED_IN};
use super::{Proof, Ratio};
use crate::report::document::{Axis, Bar, Cell, Chart, ChartKind, Curve, Head, Table};
use crate::report::figure::{FEW, Share};
use crate::report::words::{count, number, percent};

/// After each tenth: the share of accounts so far, and that of the ideal customers found.
pub(super) fn points(proof: &Proof) -> Vec<(Share, Share)> {
    let (mut accounts, mut ideal) = (0, 0);
    let (all, all_ideal) =
        proof.details.tenths.iter().fold((0, 0), |sum, tenth| (sum.0 + tenth.customers, sum.1 + tenth.ideal));
    let point = |tenth: &crate::model::Tenth| {
        accounts += tenth.customers;
        ideal += tenth.ideal;
        (Share { part: accounts, of: all }, Share { part: ideal, of: all_ideal })
    };
    proof.details.tenths.iter().map(point).collect()
}

/// Cumulative gains.
pub(super) fn gains(proof: &Proof) -> Chart {
    let points = points(proof);
    let found = |share: Share| share.rate().unwrap_or(0.0);
    let second = points.get(1).map(|(accounts, ideal)| (found(*accounts), found(*ideal)));
    let finding = second.map_or_else(
        || "How many of the ideal customers a part of the list holds is not yet known.".to_owned(),
        |(accounts, ideal)| {
            format!(
                "The best-scored {} of the accounts hold {} of the ideal customers.",
                percent(accounts),
                percent(ideal)
            )
        },
    );
    let share = |name: &str| Axis { name: name.to_owned(), from: 0.0, to: 1.0, percent: true };
    let row = |(accounts, ideal): &(Share, Share)| -> Vec<Cell> {
        let (low, high) = ideal.interval();
        vec![
            percent(found(*accounts)).into(),
            count(accounts.part).into(),
            count(ideal.part).into(),
            percent(found(*ideal)).into(),
            format!("{} to {}", percent(low), percent(high)).into(),
        ]
    };
    let heads = ["List worked", "Accounts", "Ideal found", "Share found", "95 % interval"];
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
            columns: heads.iter().map(|name| Head::figure(name)).collect(),
            rows: points.iter().map(row).collect(),
        },
    }
}

fn description(points: &[(Share, Share)]) -> String {
    let told: Vec<String> = points
        .iter()
        .filter_map(|(accounts, ideal)| Some(format!("{} hold {}", percent(accounts.rate()?), percent(ideal.rate()?))))
        .collect();
    format!(
        "Across, the share of the list that is worked, best score first; up, the share of all ideal customers found. Dashed: a list \
         in no order, and a perfect one. A box marks what is wanted: 60 % or more of the ideal customers within 15 to 35 % of the \
         list. Read off: {}.",
        told.join("; ")
    )
}

fn curves(proof: &Proof, points: &[(Share, Share)]) -> Vec<Curve> {
    let reference = |name: &str, points: Vec<(f64, f64)>| Curve {
        name: name.to_owned(),
        points,
        reference: true,
        shade_fall: false,
        interval: Vec::new(),
        marks: Vec::new(),
    };
    let ((from, to), held) = (WANTED_IN, WANTED_HELD);
    let boxed = vec![(from, held), (from, 1.0), (to, 1.0), (to, held), (from, held)];
    let mut curves = vec![reference("no order", vec![(0.0, 0.0), (1.0, 1.0)])];
    if let Some(rate) = proof.overall.rate().filter(|rate| *rate > 0.0 && *rate < 1.0) {
        curves.push(reference("perfect", vec![(0.0, 0.0), (rate, 1.0), (1.0, 1.0)]));
    }
    curves.push(reference("wanted", boxed));
    let pairs = points.iter().filter_map(|(accounts, ideal)| Some((accounts.rate()?, ideal.rate()?, ideal.interval())));
    let (mut line, mut interval) = (vec![(0.0, 0.0)], vec![(0.0, 0.0)]);
    for (accounts, ideal, bounds) in pairs {
        line.push((accounts, ideal));
        interval.push(bounds);
    }
    if line.len() > 1 {
        let drawn = reference("this model", line);
        curves.push(Curve { reference: false, interval, ..drawn });
    }
    curves
}

/// Lift by tenth.
pub(super) fn lift(proof: &Proof) -> Chart {
    let overall = proof.overall;
    let lifts: Vec<(usize, Share, Option<Ratio>)> = proof
        .details
        .tenths
        .iter()
        .enumerate()
        .map(|(index, tenth)| {
            let share = Share { part: tenth.ideal, of: tenth.customers };
            (index + 1, share, over(share, overall))
        })
        .collect();
    let most = lifts.iter().filter_map(|(_, _, lift)| lift.map(|lift| lift.high.max(lift.value))).fold(1.0, f64::max);
    let first = lifts.first().and_then(|(_, _, lift)| *lift);
    let falls = proof.details.tenths.is_sorted_by(|a, b| a.ideal_rate() >= b.ideal_rate());
    let finding = first.map_or_else(
        || "How much more often the best-scored accounts are ideal is not yet known.".to_owned(),
        |lift| {
            let order = if falls { "and it falls from tenth to tenth" } else { "but it does not fall at every step" };
            format!("The best-scored tenth is ideal {}× as often as all accounts, {order}.", number(lift.value))
        },
    );
    Chart {
        finding,
        description: "One bar a tenth of the accounts, best score first: its rate of ideal customers over that of all, with its 95 % \
                      interval. The line at 1× is the rate of all."
            .to_owned(),
        kind: ChartKind::Bars {
            axis: Axis { name: "Ideal rate over that of all accounts".to_owned(), from: 0.0, to: most, percent: false },
            bars: lifts.iter().filter_map(bar).collect(),
            origin: 1.0,
            reference: "all accounts".to_owned(),
        },
        table: lift_table(&lifts),
    }
}

/// A rate over that of all, with the interval of the rate: that of all is much surer.
fn over(share: Share, overall: Share) -> Option<Ratio> {
    let (rate, all) = (share.rate()?, overall.rate().filter(|rate| *rate > 0.0)?);
    let (low, high) = share.interval();
    Some(Ratio { value: rate / all, low: low / all, high: high / all })
}

fn bar((place, share, lift): &(usize, Share, Option<Ratio>)) -> Option<Bar> {
    let lift = (*lift)?;
    Some(Bar {
        name: format!("Tenth {place}"),
        value: lift.value,
        interval: Some((lift.low, lift.high)),
        told: format!("{}× ({} of {})", number(lift.value), count(share.part), count(share.of)),
        faint: share.of < FEW,
    })
}

fn lift_table(lifts: &[(usize, Share, Option<Ratio>)]) -> Table {
    let row = |(place, share, lift): &(usize, Share, Option<Ratio>)| -> Vec<Cell> {
        let faint = |text: String| Cell { text, faint: share.is_faint() };
        let (value, interval) = lift.map_or_else(Default::default, |lift| {
            (format!("{}×", number(lift.value)), format!("{}× to {}×", number(lift.low), number(lift.high)))
        });
        vec![
            format!("Tenth {place}").into(),
            count(share.of).into(),
            faint(count(share.part)),
            faint(share.rate().map_or_else(String::new, percent)),
            faint(value),
            faint(interval),
        ]
    };
    Table {
        caption: "Ideal rate by tenth of the scores, over that of all accounts".to_owned(),
        columns: [Head::text("Tenth")]
            .into_iter()
            .chain(["Accounts", "Ideal", "Ideal rate", "Lift", "95 % interval"].map(Head::figure))
            .collect(),
        rows: lifts.iter().map(row).collect(),
    }
}
