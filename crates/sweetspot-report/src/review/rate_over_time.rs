//! The rate of ideal accounts by the day since which they are customers, or else that of the decision.

use jiff::civil;
use sweetspot_core::Date;
use sweetspot_core::normal_quantiles::NINETY_FIVE_PERCENT;

use super::{Proportion, ReportInput};
use crate::CalendarPeriod;
use crate::pooled_periods::{PeriodTotals as _, PooledPeriod, pool_small_periods};

/// The maximum number of periods; longer histories are shown by year, the latest years only.
const MAX_PERIODS: i32 = 8;

/// The rate of ideal accounts over time.
#[derive(Clone, Debug, PartialEq)]
pub struct RateOverTime {
    /// The periods, in order; at least two.
    pub periods: Vec<RatePeriod>,
    /// The length of a period that is not pooled.
    pub length: CalendarPeriod,
    /// The trend from period to period, in standard errors: positive if the rate rises (Armitage 1955, Biometrics
    /// 11:375). All accounts of a pooled period count at its middle.
    pub trend_z: f64,
}

/// The accounts of one period, or of consecutive periods with few accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RatePeriod {
    /// `2026 Q3`, `2026 Q1 to Q3` or `2026`.
    pub name: String,
    /// The ideal accounts of those with a label.
    pub ideal: Proportion,
}

/// The reason why there is no rate over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MissingRateOverTime {
    /// The ideal accounts and the others with a date up to the day of the document: fewer than half of either. The rates
    /// of the periods would be wrong.
    FewDates(Proportion, Proportion),
    /// The dates do not fill two whole periods, or not with enough accounts.
    FewPeriods,
}

impl RateOverTime {
    /// Counts the accounts by period.
    pub(super) fn new(input: &ReportInput) -> Result<Self, MissingRateOverTime> {
        let day = |row: usize| input.outcome(row).since.filter(|since| *since <= input.as_of).and_then(Date::to_civil);
        let labeled = || (0..input.rows()).filter_map(|row| Some((input.ideal(row)?, day(row))));
        let dated = |ideal: bool| {
            Proportion::from_bools(labeled().filter(|(found, _)| *found == ideal).map(|(_, day)| day.is_some()))
        };
        let (ideal, others) = (dated(true), dated(false));
        if [ideal, others].iter().any(|share| share.part == 0 || share.part * 2 < share.total) {
            return Err(MissingRateOverTime::FewDates(ideal, others));
        }
        let accounts: Vec<(bool, civil::Date)> = labeled().filter_map(|(ideal, day)| Some((ideal, day?))).collect();
        Self::from_accounts(&accounts).ok_or(MissingRateOverTime::FewPeriods)
    }

    /// The rates of accounts with these labels and days; `None` if there are fewer than two periods.
    fn from_accounts(accounts: &[(bool, civil::Date)]) -> Option<Self> {
        let days = || accounts.iter().map(|(_, day)| *day);
        let (start, end) = (days().min()?, days().max()?);
        let is_long =
            CalendarPeriod::Quarter.whole_range(start, end).is_some_and(|(first, last)| last - first >= MAX_PERIODS);
        let length = if is_long { CalendarPeriod::Year } else { CalendarPeriod::Quarter };
        let (first, last) = length.whole_range(start, end)?;
        let first = first.max(last - MAX_PERIODS + 1);
        let mut counts = vec![Proportion::default(); usize::try_from(last - first + 1).ok()?];
        for (ideal, day) in accounts {
            let position = usize::try_from(length.number(*day) - first).ok();
            if let Some(count) = position.and_then(|position| counts.get_mut(position)) {
                *count = count.plus(&Proportion::from_bools([*ideal]));
            }
        }
        let pooled = pool_small_periods(counts.into_iter());
        let number = |position: u32| first.saturating_add_unsigned(position);
        let period = |period: &PooledPeriod<Proportion>| RatePeriod {
            name: length.name(number(period.first), number(period.last)),
            ideal: period.counts,
        };
        let periods: Vec<RatePeriod> = pooled.iter().map(period).collect();
        (periods.len() > 1).then(|| Self { trend_z: trend_z(&pooled), periods, length })
    }

    /// Whether the rate rises (`true`) or falls (`false`), beyond chance; `None` if neither is certain.
    #[must_use]
    pub fn is_rising(&self) -> Option<bool> {
        (self.trend_z.abs() > NINETY_FIVE_PERCENT).then_some(self.trend_z > 0.0)
    }
}

/// The Cochran-Armitage statistic; 0 if all accounts or none are ideal.
fn trend_z(periods: &[PooledPeriod<Proportion>]) -> f64 {
    let middle = |period: &PooledPeriod<Proportion>| f64::midpoint(f64::from(period.first), f64::from(period.last));
    let all = periods.iter().fold(Proportion::default(), |sum, period| sum.plus(&period.counts));
    let (rate, total) = (all.rate().unwrap_or_default(), all.total as f64);
    let weigh = |power: i32| -> f64 {
        periods.iter().map(|period| middle(period).powi(power) * period.counts.total as f64).sum()
    };
    let excess: f64 = periods
        .iter()
        .map(|period| middle(period) * (period.counts.part as f64 - period.counts.total as f64 * rate))
        .sum();
    let variance = rate * (1.0 - rate) * (weigh(2) - weigh(1).powi(2) / total);
    if variance > 0.0 { excess / variance.sqrt() } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    /// Twenty accounts in each year from 2019 on, of which this many are ideal.
    fn accounts(ideal: &[usize]) -> Vec<(bool, civil::Date)> {
        let account = |(year, ideal): (i16, usize), row: usize| {
            let month = i8::try_from(row % 12).unwrap() + 1;
            (row < ideal, date(year, month, if month == 12 { 31 } else { 1 }))
        };
        let years = (2019..).zip(ideal.iter().copied());
        years.flat_map(|year| (0..20).map(move |row| account(year, row))).collect()
    }

    #[test]
    fn a_trend_matches_hand_calculation() {
        let found = RateOverTime::from_accounts(&accounts(&[2, 6, 10])).unwrap();
        let names: Vec<&str> = found.periods.iter().map(|period| period.name.as_str()).collect();
        assert_eq!(names, ["2019", "2020", "2021"]);
        assert_eq!(found.periods.iter().map(|period| period.ideal.part).collect::<Vec<_>>(), [2, 6, 10]);
        // Σ x (r − n p) = 6·0 + 10·2 − ... = 8; the variance is 0.3 × 0.7 × (100 − 60² / 60) = 8.4.
        assert!((found.trend_z - 8.0 / 8.4_f64.sqrt()).abs() < 1e-12, "{}", found.trend_z);
        assert_eq!(found.is_rising(), Some(true));
    }

    #[test]
    fn equal_rates_have_no_trend() {
        let found = RateOverTime::from_accounts(&accounts(&[6, 6, 6])).unwrap();
        assert!(found.trend_z.abs() < 1e-9 && found.is_rising().is_none(), "{}", found.trend_z);
        assert_eq!(RateOverTime::from_accounts(&accounts(&[20, 20, 20])).unwrap().trend_z, 0.0);
        assert_eq!(RateOverTime::from_accounts(&[(true, date(2020, 1, 1))]), None);
    }
}
