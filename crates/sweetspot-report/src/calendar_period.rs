//! Quarters and years of the calendar, as numbers that are one apart from period to period.

use jiff::civil;
use sweetspot_core::Date;

/// The first and the last account of a whole period are dated at most this number of days from its ends.
const MAX_DAYS_FROM_END: i32 = 6;

/// The length of a period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CalendarPeriod {
    /// Three months, from January, April, July or October on.
    #[default]
    Quarter,
    /// From January to December.
    Year,
}

impl CalendarPeriod {
    /// The length as a word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Quarter => "quarter",
            Self::Year => "year",
        }
    }

    /// The number of the period of a day; that of the next period is greater by one.
    pub(super) fn number(self, day: civil::Date) -> i32 {
        match self {
            Self::Quarter => i32::from(day.year()) * 4 + (i32::from(day.month()) - 1) / 3,
            Self::Year => i32::from(day.year()),
        }
    }

    /// The name of the periods from one number to another: `2026 Q3`, `2026 Q1 to Q3`, `2025 Q4 to 2026 Q1`, `2026`.
    pub(super) fn name(self, first: i32, last: i32) -> String {
        match self {
            Self::Quarter => {
                let (year, quarter) = (|number: i32| number.div_euclid(4), |number: i32| number.rem_euclid(4) + 1);
                let start = format!("{} Q{}", year(first), quarter(first));
                match last {
                    _ if first == last => start,
                    _ if year(first) == year(last) => format!("{start} to Q{}", quarter(last)),
                    _ => format!("{start} to {} Q{}", year(last), quarter(last)),
                }
            }
            Self::Year if first == last => first.to_string(),
            Self::Year => format!("{first} to {last}"),
        }
    }

    /// The numbers of the first and the last whole period, if the first account has the day `start` and the last one
    /// the day `end`: a period at either end is whole if its accounts reach into its first or last week.
    pub(super) fn whole_range(self, start: civil::Date, end: civil::Date) -> Option<(i32, i32)> {
        let days = |day: civil::Date| Date::from_civil(day).days;
        let is_first_whole = self.first_day(start).is_some_and(|first| days(start) - days(first) <= MAX_DAYS_FROM_END);
        let is_last_whole = self.last_day(end).is_some_and(|last| days(last) - days(end) <= MAX_DAYS_FROM_END);
        let first = self.number(start) + i32::from(!is_first_whole);
        let last = self.number(end) - i32::from(!is_last_whole);
        (first <= last).then_some((first, last))
    }

    fn first_day(self, day: civil::Date) -> Option<civil::Date> {
        let month = match self {
            Self::Quarter => (day.month() - 1) / 3 * 3 + 1,
            Self::Year => 1,
        };
        civil::Date::new(day.year(), month, 1).ok()
    }

    fn last_day(self, day: civil::Date) -> Option<civil::Date> {
        let month = match self {
            Self::Quarter => (day.month() - 1) / 3 * 3 + 3,
            Self::Year => 12,
        };
        civil::Date::new(day.year(), month, 1).ok().map(civil::Date::last_of_month)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::CalendarPeriod::{Quarter, Year};

    #[test]
    fn periods_have_the_names_that_people_use() {
        let of = |year, month| Quarter.number(date(year, month, 1));
        assert_eq!(Quarter.name(of(2026, 7), of(2026, 9)), "2026 Q3");
        assert_eq!(Quarter.name(of(2026, 1), of(2026, 8)), "2026 Q1 to Q3");
        assert_eq!(Quarter.name(of(2025, 12), of(2026, 1)), "2025 Q4 to 2026 Q1");
        assert_eq!([Year.name(2026, 2026), Year.name(2024, 2026)], ["2026", "2024 to 2026"]);
    }

    #[test]
    fn a_period_is_whole_if_its_accounts_reach_its_first_and_last_week() {
        let whole = |start, end| Quarter.whole_range(start, end).map(|(first, last)| Quarter.name(first, last));
        let name = |text: &str| Some(text.to_owned());
        assert_eq!(whole(date(2025, 1, 7), date(2025, 12, 25)), name("2025 Q1 to Q4"));
        assert_eq!(whole(date(2025, 1, 8), date(2025, 12, 24)), name("2025 Q2 to Q3"));
        assert_eq!(whole(date(2025, 2, 1), date(2025, 5, 31)), None);
        assert_eq!(whole(date(2025, 1, 1), date(2025, 2, 1)), None);
        assert_eq!(Year.whole_range(date(2023, 6, 1), date(2025, 12, 31)), Some((2024, 2025)));
    }

    proptest! {
        #[test]
        fn whole_periods_lie_within_the_days(start in 0..20_000_i32, length in 0..3_000_i32) {
            let day = |days| sweetspot_core::Date { days }.to_civil().unwrap();
            for period in [Quarter, Year] {
                let (start, end) = (day(start), day(start + length));
                if let Some((first, last)) = period.whole_range(start, end) {
                    prop_assert!(period.number(start) <= first && last <= period.number(end));
                    prop_assert!(last - first + 3 > period.number(end) - period.number(start));
                }
            }
        }
    }
}
