//! Adherence to the pond as blocks.

use super::super::{
    Axis, Block, CalloutKind, Chart, ChartKind, ColumnHead, Curve, Proportion, Table, TableCell, format_count,
    format_date, format_percent, plural,
};
use super::adherence::{AdherencePeriod, AdherenceTimeline, MissingAdherence, PeriodCounts, PondAdherence};
use crate::CalendarPeriod;
use crate::format::capitalize;

/// Adherence over time, or one sentence on why it is not shown.
pub(super) fn adherence_blocks(adherence: &PondAdherence) -> Vec<Block> {
    let timeline = match &adherence.timeline {
        Ok(timeline) => timeline,
        Err(missing) => return vec![Block::Callout(CalloutKind::Missing, missing.sentence())],
    };
    let mut blocks = vec![Block::Chart(Box::new(adherence_chart(&adherence.total, timeline)))];
    let unit = timeline.length.as_str();
    let mut caution = |text: String| blocks.push(Block::Callout(CalloutKind::Caution, text));
    if adherence.undated > 0 {
        let accounts = plural(adherence.undated, "account has", "accounts have");
        caution(format!("{accounts} no date: counted in the total, but in no {unit} of the chart."));
    }
    if adherence.outside_periods > 0 {
        let accounts = plural(adherence.outside_periods, "account is", "accounts are");
        caution(format!(
            "Only whole {unit}s are shown: {accounts} dated before or after them, and counted in the total alone."
        ));
    }
    caution(
        "The pond was learned from these same accounts, so accounts inside it look better here than future ones will."
            .to_owned(),
    );
    blocks
}

impl MissingAdherence {
    /// The reason in one sentence.
    #[must_use]
    pub fn sentence(self) -> String {
        const MISLEADING: &str = "without their dates, the accounts that were won would mislead";
        match self {
            Self::NoDates => "No account with a known outcome has a date, up to the day of this document, on which it \
                              became a customer or its deal was decided."
                .to_owned(),
            Self::FewLostDates(Proportion { total: 0, .. }) => {
                "Adherence over time is not shown: no account is known to be lost, and the accounts that were won would \
                 mislead if they stood alone."
                    .to_owned()
            }
            Self::FewLostDates(Proportion { part: 0, .. }) => {
                format!("Adherence over time is not shown: no lost account has a date, and {MISLEADING}.")
            }
            Self::FewLostDates(dated) => format!(
                "Adherence over time is not shown: only {} of {} a date, and {MISLEADING}.",
                format_count(dated.part),
                plural(dated.total, "lost account has", "lost accounts have"),
            ),
            Self::NoWholePeriod(length, start, end) => format!(
                "Adherence over time is not shown: the dates are from {} to {}, and no account is in a whole {} between \
                 them.",
                format_date(start),
                format_date(end),
                length.as_str()
            ),
        }
    }
}

fn adherence_chart(total: &PeriodCounts, timeline: &AdherenceTimeline) -> Chart {
    let AdherenceTimeline { length, positions, periods } = timeline;
    let line = |name: &str, share_of: fn(&PeriodCounts) -> Proportion| {
        let point = |period: &AdherencePeriod| {
            let share = share_of(&period.counts);
            Some((middle(period), share.rate().filter(|_| !share.is_faint())?))
        };
        Curve {
            name: name.to_owned(),
            points: periods.iter().filter_map(point).collect(),
            is_reference: false,
            is_fall_shaded: false,
            interval: Vec::new(),
            marks: Vec::new(),
        }
    };
    let first = periods.first().map(|period| period.name.clone()).unwrap_or_default();
    let last = periods.last().map(|period| period.name.clone()).unwrap_or_default();
    let unit = length.as_str();
    Chart {
        finding: adherence_summary(total),
        description: format!(
            "From {first} to {last}, at most one point a {unit}: the share of new customers inside the pond, and the shares of \
             accounts that were won inside and outside. A point has at least ten accounts."
        ),
        kind: ChartKind::Curves {
            x: Axis {
                name: format!("{unit} of the date"),
                min: -0.5,
                max: positions.len() as f64 - 0.5,
                is_percent: false,
                labels: positions.iter().enumerate().map(|(place, name)| (place as f64, name.clone())).collect(),
            },
            y: Axis { name: "share".to_owned(), min: 0.0, max: 1.0, is_percent: true, labels: Vec::new() },
            curves: vec![
                line("new customers inside", |counts| counts.new_wins),
                line("won, inside", |counts| counts.won_inside),
                line("won, outside", |counts| counts.won_outside),
            ],
            lines: Vec::new(),
        },
        table: table(*length, periods),
    }
}

/// The middle of a period on the axis, where positions are one apart.
fn middle(period: &AdherencePeriod) -> f64 {
    f64::midpoint(f64::from(period.first), f64::from(period.last))
}

/// The adherence over all accounts with a status. Shares without accounts are left out.
fn adherence_summary(total: &PeriodCounts) -> String {
    let against = |inside: Proportion, outside: Proportion, what: &str| {
        let rates = match (inside.rate(), outside.rate()) {
            (Some(inside), Some(outside)) => {
                format!("{} inside and {} outside", format_percent(inside), format_percent(outside))
            }
            (Some(inside), None) => format!("{} inside; none was outside", format_percent(inside)),
            (None, Some(outside)) => format!("{} outside; none was inside", format_percent(outside)),
            (None, None) => return None,
        };
        Some(format!("{what}: {rates}"))
    };
    let new = total.new_wins.rate().map(|rate| format!("{} of new customers were in the pond", format_percent(rate)));
    let new = new.unwrap_or_else(|| "no account was won".to_owned());
    let won = against(total.won_inside, total.won_outside, "share of accounts won");
    let left = against(total.churned_inside, total.churned_outside, "share of customers that have left");
    let rates: Vec<String> = std::iter::once(new).chain(won).chain(left).collect();
    format!("{}.", capitalize(&rates.join("; ")))
}

fn table(length: CalendarPeriod, periods: &[AdherencePeriod]) -> Table {
    let cell = |share: Proportion| TableCell {
        text: share
            .rate()
            .map_or_else(String::new, |rate| format!("{} of {}", format_percent(rate), format_count(share.total))),
        is_faint: share.is_faint(),
    };
    let row = |AdherencePeriod { name, counts, .. }: &AdherencePeriod| {
        vec![
            name.as_str().into(),
            cell(counts.new_wins),
            cell(counts.won_inside),
            cell(counts.won_outside),
            cell(counts.churned_inside),
            cell(counts.churned_outside),
        ]
    };
    Table {
        caption: "Adherence to the pond over time".to_owned(),
        columns: vec![
            ColumnHead::text(length.as_str()),
            ColumnHead::figure("new customers inside"),
            ColumnHead::figure("won inside"),
            ColumnHead::figure("won outside"),
            ColumnHead::figure("left, inside"),
            ColumnHead::figure("left, outside"),
        ],
        rows: periods.iter().map(row).collect(),
    }
}
