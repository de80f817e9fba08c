//! Reads timestamps and durations.

use std::time::Duration;

use jiff::Timestamp;
use sweetspot_core::Date;

const SECONDS_PER_DAY: i64 = 24 * 60 * 60;

/// A timestamp as a comparable pair of seconds and nanoseconds; `None` if it is outside the years 1 to 9999.
pub(in crate::api) fn timestamp_parts(wire: &prost_types::Timestamp) -> Option<(i64, i32)> {
    let prost_types::Timestamp { seconds, nanos } = *wire;
    let years = -62_135_596_800..=253_402_300_799;
    (years.contains(&seconds) && (0..1_000_000_000).contains(&nanos)).then_some((seconds, nanos))
}

/// Reads a timestamp; `None` if it is outside the years 1 to 9999.
pub(in crate::api) fn parse_timestamp(wire: &prost_types::Timestamp) -> Option<Timestamp> {
    let (seconds, nanos) = timestamp_parts(wire)?;
    Timestamp::new(seconds, nanos).ok()
}

/// The date of a timestamp, in UTC.
pub(in crate::api) fn utc_date(wire: &prost_types::Timestamp) -> Option<Date> {
    let (seconds, _) = timestamp_parts(wire)?;
    Some(Date { days: i32::try_from(seconds.div_euclid(SECONDS_PER_DAY)).ok()? })
}

/// Reads a duration; `None` if it is negative.
pub(in crate::api) fn parse_duration(wire: &prost_types::Duration) -> Option<Duration> {
    let prost_types::Duration { seconds, nanos } = *wire;
    let nanos = u32::try_from(nanos).ok().filter(|nanos| *nanos < 1_000_000_000)?;
    Some(Duration::new(u64::try_from(seconds).ok()?, nanos))
}

/// Reads a duration of whole days.
pub(in crate::api) fn whole_days(wire: &prost_types::Duration) -> Option<u32> {
    let length = parse_duration(wire)?;
    let day = SECONDS_PER_DAY.unsigned_abs();
    let is_whole_days = length.subsec_nanos() == 0 && length.as_secs() % day == 0;
    u32::try_from(length.as_secs() / day).ok().filter(|_| is_whole_days)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_the_date_of_its_day_in_utc() {
        let wire = prost_types::Timestamp { seconds: -1, nanos: 999_999_999 };
        assert_eq!(utc_date(&wire), Some(Date { days: -1 }));
        assert_eq!(utc_date(&prost_types::Timestamp { seconds: 86_400, nanos: 0 }), Some(Date { days: 1 }));
    }

    #[test]
    fn timestamps_and_durations_out_of_range_are_rejected() {
        for (seconds, nanos) in [(i64::MAX, 0), (i64::MIN, 0), (0, -1), (0, 1_000_000_000)] {
            assert_eq!(timestamp_parts(&prost_types::Timestamp { seconds, nanos }), None);
        }
        for (seconds, nanos) in [(-1, 0), (0, -1), (0, i32::MAX)] {
            assert_eq!(parse_duration(&prost_types::Duration { seconds, nanos }), None);
        }
    }

    #[test]
    fn only_whole_days_are_accepted() {
        let days = |seconds, nanos| whole_days(&prost_types::Duration { seconds, nanos });
        assert_eq!(days(90 * 86_400, 0), Some(90));
        assert_eq!(days(0, 0), Some(0));
        assert_eq!(days(86_401, 0), None);
        assert_eq!(days(86_400, 1), None);
        assert_eq!(days(i64::MAX, 0), None);
    }
}
