//! Adherence: the share of each period's new customers inside the pond, with the outcomes on either side.

use jiff::civil;
use sweetspot_core::{Date, OutcomeStatus, PondSide};

use super::super::{Proportion, ReportInput};
use crate::CalendarPeriod;
use crate::pooled_periods::{PeriodTotals, PooledPeriod, pool_small_periods};

/// The maximum number of periods to show; longer histories are shown by year, the latest years only.
const MAX_PERIODS: i32 = 16;

/// The outcomes of accounts inside and outside the pond, by period.
#[derive(Clone, Debug, PartialEq)]
pub struct PondAdherence {
    /// The periods, or the reason why there are none.
    pub timeline: Result<AdherenceTimeline, MissingAdherence>,
    /// Accounts with a known status but no date, which are in none of the periods.
    pub undated: u64,
    /// Accounts with a known status and a date that is in none of the periods: before the first whole period, after the
    /// last one, or in the years before the latest ones.
    pub outside_periods: u64,
    /// All accounts with a known status, with or without a date.
    pub total: PeriodCounts,
}

/// Periods on a time axis.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AdherenceTimeline {
    /// The length of a position.
    pub length: CalendarPeriod,
    /// The names of all positions, also of those without accounts: `2026 Q3` or `2026`.
    pub positions: Vec<String>,
    /// The periods with accounts, in order; at least one.
    pub periods: Vec<AdherencePeriod>,
}

/// The reason why adherence has no periods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MissingAdherence {
    /// No account with a known status has a date up to the day of the document.
    NoDates,
    /// The lost accounts with a date, of all lost accounts: none, or fewer than half. The shares of accounts that were
    /// won would be wrong.
    FewLostDates(Proportion),
    /// The first and the last date. No account is in a whole period of this length between them.
    NoWholePeriod(CalendarPeriod, Date, Date),
}

/// The accounts of one period, or of consecutive periods with few accounts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AdherencePeriod {
    /// `2026 Q3`, `2026 Q1 to Q3` or `2026`.
    pub name: String,
    /// The position of the first period, from 0 on. Periods without accounts have a position, too.
    pub first: u32,
    /// The position of the last period.
    pub last: u32,
    /// The counts.
    pub counts: PeriodCounts,
}

/// Counts of accounts, by the day since which they are customers, or else that of their decision.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PeriodCounts {
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

/// An account with a known status.
struct DecidedAccount {
    status: OutcomeStatus,
    is_inside: bool,
    /// `None` if it is unknown.
    day: Option<civil::Date>,
}

impl PondAdherence {
    /// Computes the adherence of a version's customers.
    pub(super) fn new(input: &ReportInput) -> Self {
        let accounts = input.fits.iter().enumerate().filter_map(|(row, fit)| {
            let outcome = input.outcome(row);
            let day = outcome.since.and_then(Date::to_civil);
            Some(DecidedAccount { status: outcome.status?, is_inside: fit.pond_side == PondSide::In, day })
        });
        let accounts: Vec<DecidedAccount> = accounts.collect();
        let undated = accounts.iter().filter(|account| account.day.is_none()).count() as u64;
        let timeline = AdherenceTimeline::new(&accounts, input.as_of);
        let periods = timeline.iter().flat_map(|timeline| &timeline.periods);
        let in_periods: u64 = periods.map(|period| period.counts.accounts()).sum();
        Self {
            outside_periods: accounts.len() as u64 - undated - in_periods,
            timeline,
            undated,
            total: PeriodCounts::new(&accounts),
        }
    }
}

impl AdherenceTimeline {
    fn new(accounts: &[DecidedAccount], as_of: Date) -> Result<Self, MissingAdherence> {
        let is_past = |day: &civil::Date| Date::from_civil(*day) <= as_of;
        let days = || accounts.iter().filter_map(|account| account.day).filter(is_past);
        let (Some(start), Some(end)) = (days().min(), days().max()) else { return Err(MissingAdherence::NoDates) };
        let lost_accounts = accounts.iter().filter(|account| account.status == OutcomeStatus::Lost);
        let dated = Proportion::from_bools(lost_accounts.map(|account| account.day.as_ref().is_some_and(is_past)));
        if dated.part == 0 || dated.part * 2 < dated.total {
            return Err(MissingAdherence::FewLostDates(dated));
        }
        let range = |length: CalendarPeriod| length.whole_range(start, end);
        let is_long = range(CalendarPeriod::Quarter).is_some_and(|(first, last)| last - first >= MAX_PERIODS);
        let length = if is_long { CalendarPeriod::Year } else { CalendarPeriod::Quarter };
        let missing = MissingAdherence::NoWholePeriod(length, Date::from_civil(start), Date::from_civil(end));
        let (first, last) = range(length).ok_or(missing)?;
        let first = first.max(last - MAX_PERIODS + 1);
        let counts = (first..=last).map(|number| {
            let is_in = |account: &&DecidedAccount| account.day.is_some_and(|day| length.number(day) == number);
            PeriodCounts::new(accounts.iter().filter(is_in))
        });
        let number = |position: u32| first.saturating_add_unsigned(position);
        let period = |PooledPeriod { first, last, counts }| AdherencePeriod {
            name: length.name(number(first), number(last)),
            first,
            last,
            counts,
        };
        let periods: Vec<AdherencePeriod> = pool_small_periods(counts).into_iter().map(period).collect();
        let positions = (first..=last).map(|number| length.name(number, number)).collect();
        if periods.is_empty() { Err(missing) } else { Ok(Self { length, positions, periods }) }
    }
}

impl PeriodCounts {
    fn new<'a>(accounts: impl IntoIterator<Item = &'a DecidedAccount>) -> Self {
        accounts.into_iter().fold(Self::default(), |mut counts, account| {
            counts.add(account.status, account.is_inside);
            counts
        })
    }

    /// The number of accounts.
    #[must_use]
    pub const fn accounts(&self) -> u64 {
        self.won_inside.total + self.won_outside.total
    }

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

impl PeriodTotals for PeriodCounts {
    fn accounts(&self) -> u64 {
        Self::accounts(self)
    }

    fn plus(self, other: &Self) -> Self {
        Self {
            new_wins: self.new_wins.plus(&other.new_wins),
            won_inside: self.won_inside.plus(&other.won_inside),
            won_outside: self.won_outside.plus(&other.won_outside),
            churned_inside: self.churned_inside.plus(&other.churned_inside),
            churned_outside: self.churned_outside.plus(&other.churned_outside),
        }
    }
}
