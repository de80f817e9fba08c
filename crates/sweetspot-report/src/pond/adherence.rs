//! How the company kept to its pond: the share of each period's accounts inside it, against how they turned out.

use std::collections::BTreeMap;

use sweetspot_core::{PondSide, Status};

use super::super::{Evidence, Share};

/// Most periods that are told; longer histories are told by year, and of those the latest.
const MOST: usize = 16;

/// What happened to the accounts inside and outside the pond, period by period.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Adherence {
    /// From the earliest to the latest; empty where no account is dated.
    pub periods: Vec<Period>,
    /// Accounts with a known status and no day: in none of the periods.
    pub undated: u64,
    /// Whether periods are years, else quarters.
    pub by_year: bool,
    /// All accounts with a known status, whether they have a day or not.
    pub total: Period,
}

impl Adherence {
    /// Whether periods tell how many were won: only where lost accounts have a day, too.
    #[must_use]
    pub fn tells_wins(&self) -> bool {
        let lost = |share: Share| share.part < share.of;
        self.periods.iter().any(|period| lost(period.won_inside) || lost(period.won_outside))
    }
}

/// The accounts of one period, by the day since when they are customers, or that of their decision.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Period {
    /// `2026 Q3` or `2026`.
    pub name: String,
    /// New customers, and how many of them are inside the pond: the adherence.
    pub new_wins: Share,
    /// Accounts inside that were decided, and how many were won.
    pub won_inside: Share,
    /// The same of those outside.
    pub won_outside: Share,
    /// Customers inside, and how many have left since.
    pub churned_inside: Share,
    /// The same of those outside.
    pub churned_outside: Share,
}

impl Adherence {
    /// Of the customers of a version.
    pub(super) fn new(evidence: &Evidence) -> Self {
        let quarters = by_period(evidence, quarter);
        let undated = (0..evidence.rows()).filter(|row| {
            let outcome = evidence.outcome(*row);
            outcome.status.is_some() && outcome.since.and_then(sweetspot_core::Date::to_civil).is_none()
        });
        let undated = undated.count() as u64;
        let by_year = quarters.len() > MOST;
        let mut periods = if by_year { by_period(evidence, |year, _| (year, 0)) } else { quarters };
        periods.drain(..periods.len().saturating_sub(MOST));
        let mut total = Period { name: "all".to_owned(), ..Period::default() };
        for (row, fit) in evidence.fits.iter().enumerate() {
            if let Some(status) = evidence.outcome(row).status {
                total.add(status, fit.pond == PondSide::In);
            }
        }
        Self { periods, undated, by_year, total }
    }
}

const fn quarter(year: i16, month: i8) -> (i16, i8) {
    (year, (month - 1) / 3 + 1)
}

fn by_period(evidence: &Evidence, period: impl Fn(i16, i8) -> (i16, i8)) -> Vec<Period> {
    let mut periods: BTreeMap<(i16, i8), Period> = BTreeMap::new();
    for (row, fit) in evidence.fits.iter().enumerate() {
        let outcome = evidence.outcome(row);
        let (Some(status), Some(day)) = (outcome.status, outcome.since.and_then(sweetspot_core::Date::to_civil)) else {
            continue;
        };
        let (year, part) = period(day.year(), day.month());
        let name = if part == 0 { year.to_string() } else { format!("{year} Q{part}") };
        let entry = periods.entry((year, part)).or_insert_with(|| Period { name, ..Period::default() });
        entry.add(status, fit.pond == PondSide::In);
    }
    periods.into_values().collect()
}

impl Period {
    fn add(&mut self, status: Status, inside: bool) {
        let count = |share: &mut Share, holds: bool| {
            share.of += 1;
            share.part += u64::from(holds);
        };
        let (won, churned) = if inside {
            (&mut self.won_inside, &mut self.churned_inside)
        } else {
            (&mut self.won_outside, &mut self.churned_outside)
        };
        count(won, status != Status::Lost);
        if status != Status::Lost {
            count(churned, status == Status::Churned);
            count(&mut self.new_wins, inside);
        }
    }
}
