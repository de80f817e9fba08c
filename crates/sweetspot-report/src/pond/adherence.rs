//! Adherence: the share of each period's new customers inside the pond, with the outcomes on either side.

use std::collections::BTreeMap;

use sweetspot_core::{OutcomeStatus, PondSide};

use super::super::{Proportion, ReportInput};

/// The maximum number of periods to show; longer histories are shown by year, the latest years only.
const MAX_PERIODS: usize = 16;

/// The outcomes of accounts inside and outside the pond, by period.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PondAdherence {
    /// The periods in order; empty if no account has a date.
    pub periods: Vec<PeriodCounts>,
    /// Accounts with a known status but no date, which are in none of the periods.
    pub undated: u64,
    /// Whether periods are years instead of quarters.
    pub is_yearly: bool,
    /// All accounts with a known status, with or without a date.
    pub total: PeriodCounts,
}

impl PondAdherence {
    /// Whether periods have win rates: only if lost accounts have dates, too.
    #[must_use]
    pub fn has_win_counts(&self) -> bool {
        let lost = |share: Proportion| share.part < share.total;
        self.periods.iter().any(|period| lost(period.won_inside) || lost(period.won_outside))
    }
}

/// The accounts of one period, by the day since which they are customers, or else that of their decision.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PeriodCounts {
    /// `2026 Q3` or `2026`.
    pub name: String,
    /// The adherence: new customers inside the pond, of all new customers.
    pub new_wins: Proportion,
    /// Won accounts of the decided accounts inside.
    pub won_inside: Proportion,
    /// Won accounts of the decided accounts outside.
    pub won_outside: Proportion,
    /// Churned customers of those inside.
    pub churned_inside: Proportion,
    /// Churned customers of those outside.
    pub churned_outside: Proportion,
}

impl PondAdherence {
    /// Computes the adherence of a version's customers.
    pub(super) fn new(input: &ReportInput) -> Self {
        let quarters = group_by_period(input, quarter);
        let undated = (0..input.rows()).filter(|row| {
            let outcome = input.outcome(*row);
            outcome.status.is_some() && outcome.since.and_then(sweetspot_core::Date::to_civil).is_none()
        });
        let undated = undated.count() as u64;
        let by_year = quarters.len() > MAX_PERIODS;
        let mut periods = if by_year { group_by_period(input, |year, _| (year, 0)) } else { quarters };
        periods.drain(..periods.len().saturating_sub(MAX_PERIODS));
        let mut total = PeriodCounts { name: "all".to_owned(), ..PeriodCounts::default() };
        for (row, fit) in input.fits.iter().enumerate() {
            if let Some(status) = input.outcome(row).status {
                total.add(status, fit.pond_side == PondSide::In);
            }
        }
        Self { periods, undated, is_yearly: by_year, total }
    }
}

const fn quarter(year: i16, month: i8) -> (i16, i8) {
    (year, (month - 1) / 3 + 1)
}

fn group_by_period(input: &ReportInput, period: impl Fn(i16, i8) -> (i16, i8)) -> Vec<PeriodCounts> {
    let mut periods: BTreeMap<(i16, i8), PeriodCounts> = BTreeMap::new();
    for (row, fit) in input.fits.iter().enumerate() {
        let outcome = input.outcome(row);
        let (Some(status), Some(day)) = (outcome.status, outcome.since.and_then(sweetspot_core::Date::to_civil)) else {
            continue;
        };
        let (year, part) = period(day.year(), day.month());
        let name = if part == 0 { year.to_string() } else { format!("{year} Q{part}") };
        let entry = periods.entry((year, part)).or_insert_with(|| PeriodCounts { name, ..PeriodCounts::default() });
        entry.add(status, fit.pond_side == PondSide::In);
    }
    periods.into_values().collect()
}

impl PeriodCounts {
    fn add(&mut self, status: OutcomeStatus, inside: bool) {
        let count = |share: &mut Proportion, holds: bool| {
            share.total += 1;
            share.part += u64::from(holds);
        };
        let (won, churned) = if inside {
            (&mut self.won_inside, &mut self.churned_inside)
        } else {
            (&mut self.won_outside, &mut self.churned_outside)
        };
        count(won, status != OutcomeStatus::Lost);
        if status != OutcomeStatus::Lost {
            count(churned, status == OutcomeStatus::Churned);
            count(&mut self.new_wins, inside);
        }
    }
}
