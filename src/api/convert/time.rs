//! Points in time and lengths of it.

use std::time::Duration;

use jiff::Timestamp;
use sweetspot_core::Date;

const NANOS: i128 = 1_000_000_000;
const SECONDS_PER_DAY: i64 = 24 * 60 * 60;

/// A point in time on the wire.
pub(in crate::api) fn timestamp(time: Timestamp) -> prost_types::Timestamp {
    let nanos = time.as_nanosecond();
    // Seconds of a timestamp fit into 64 bits, and the rest is below a billion.
    prost_types::Timestamp { seconds: nanos.div_euclid(NANOS) as i64, nanos: nanos.rem_euclid(NANOS) as i32 }
}

/// A point in time of the wire, comparable; nothing where it is outside the years 1 to 9999.
pub(in crate::api) fn moment(wire: &prost_types::Timestamp) -> Option<(i64, i32)> {
    let prost_types::Timestamp { seconds, nanos } = *wire;
    let years = -62_135_596_800..=253_402_300_799;
    (years.contains(&seconds) && (0..1_000_000_000).contains(&nanos)).then_some((seconds, nanos))
}

/// A point in time of the wire; nothing where it is outside the years 1 to 9999.
pub(in crate::api) fn instant(wire: &prost_types::Timestamp) -> Option<Timestamp> {
    let (seconds, nanos) = moment(wire)?;
    Timestamp::new(seconds, nanos).ok()
}

/// The day of a point in time, in UTC.
pub(in crate::api) fn day(wire: &prost_types::Timestamp) -> Option<Date> {
    let (seconds, _) = moment(wire)?;
    Some(Date { days: i32::try_from(seconds.div_euclid(SECONDS_PER_DAY)).ok()? })
}

/// A length of time, if it is not negative.
pub(in crate::api) fn duration(wire: &prost_types::Duration) -> Option<Duration> {
    let prost_types::Duration { seconds, nanos } = *wire;
    let nanos = u32::try_from(nanos).ok().filter(|nanos| *nanos < 1_000_000_000)?;
    Some(Duration::new(u64::try_from(seconds).ok()?, nanos))
}

/// A length of whole days.
pub(in crate::api) fn days(wire: &prost_types::Duration) -> Option<u32> {
    let length = duration(wire)?;
    let day = SECONDS_PER_DAY.unsigned_abs();
    let whole = length.subsec_nanos() == 0 && length.as_secs() % day == 0;
    u32::try_from(length.as_secs() / day).ok().filter(|_| whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_before_1970_count_up_too() {
        let wire = timestamp(Timestamp::from_nanosecond(-1).unwrap());
        assert_eq!((wire.seconds, wire.nanos), (-1, 999_999_999));
        assert_eq!(day(&wire), Some(Date { days: -1 }));
        assert_eq!(day(&prost_types::Timestamp { seconds: 86_400, nanos: 0 }), Some(Date { days: 1 }));
    }

    #[test]
    fn nonsense_is_no_time() {
        for (seconds, nanos) in [(i64::MAX, 0), (i64::MIN, 0), (0, -1), (0, 1_000_000_000)] {
            assert_eq!(moment(&prost_types::Timestamp { seconds, nanos }), None);
        }
        for (seconds, nanos) in [(-1, 0), (0, -1), (0, i32::MAX)] {
            assert_eq!(duration(&prost_types::Duration { seconds, nanos }), None);
        }
    }

    #[test]
    fn days_are_whole() {
        let days = |seconds, nanos| days(&prost_types::Duration { seconds, nanos });
        assert_eq!(days(90 * 86_400, 0), Some(90));
        assert_eq!(days(0, 0), Some(0));
        assert_eq!(days(86_401, 0), None);
        assert_eq!(days(86_400, 1), None);
        assert_eq!(days(i64::MAX, 0), None);
    }
}
