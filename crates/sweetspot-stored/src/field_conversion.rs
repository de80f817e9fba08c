//! Conversion of single fields to and from their stored form.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use sweetspot_core::reportable_error::ErrorKind;
use sweetspot_core::{
    AttributeKind, DatasetName, Date, Digest, IcpCategory, ModelVersionName, ModelVersionRef, MonotonicityConstraint,
    PondMapSectionKind, RunName, Severity, SpicedPart, Stance,
};
use thiserror::Error;

use crate::{Direction, Time, condition, exclusion_rule, failure, finding};

/// A field of a stored message that is absent or has an unknown value.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("no {0}")]
pub struct FieldError(pub &'static str);

/// A value of the domain that is a field of a stored message.
pub trait StoredField: Sized {
    /// The type of the field.
    type Stored;

    /// Converts the value to its stored form.
    fn into_stored(self) -> Self::Stored;

    /// Reads the value. `name` is the name of the field in the error.
    ///
    /// # Errors
    /// If the field is absent or has an unknown value.
    fn from_stored(stored: Self::Stored, name: &'static str) -> Result<Self, FieldError>;
}

/// A domain value that is stored as a nested message. Only in damaged messages is it absent.
pub trait StoredAsMessage: TryFrom<Self::Message, Error = FieldError> {
    /// The message.
    type Message: From<Self>;
}

impl<T: StoredAsMessage> StoredField for T {
    type Stored = Option<T::Message>;

    fn into_stored(self) -> Self::Stored {
        Some(self.into())
    }

    fn from_stored(stored: Self::Stored, name: &'static str) -> Result<Self, FieldError> {
        stored.ok_or(FieldError(name))?.try_into()
    }
}

impl<T: StoredAsMessage> StoredField for Vec<T> {
    type Stored = Vec<T::Message>;

    fn into_stored(self) -> Self::Stored {
        self.into_iter().map(T::Message::from).collect()
    }

    fn from_stored(stored: Self::Stored, _name: &'static str) -> Result<Self, FieldError> {
        stored.into_iter().map(T::try_from).collect()
    }
}

/// Implements [`StoredField`] with two functions, of which the second returns `None` for an unknown value.
macro_rules! stored_field {
    ($($value:ty as $stored:ty: $into:expr, $from:expr;)+) => {$(
        impl StoredField for $value {
            type Stored = $stored;

            fn into_stored(self) -> $stored {
                let into: fn(Self) -> $stored = $into;
                into(self)
            }

            fn from_stored(stored: $stored, name: &'static str) -> Result<Self, FieldError> {
                let from: fn($stored) -> Option<Self> = $from;
                from(stored).ok_or(FieldError(name))
            }
        }
    )+};
}

stored_field! {
    bool as bool: |flag| flag, Some;
    u64 as u64: |number| number, Some;
    f64 as f64: |number| number, Some;
    String as String: |text| text, Some;
    Option<f64> as Option<f64>: |number| number, Some;
    Vec<String> as Vec<String>: |texts| texts, Some;
    Digest as String: |digest| digest.to_string(), |text| text.parse().ok();
    DatasetName as String: |name| name.to_string(), |text| text.parse().ok();
    RunName as String: |name| name.to_string(), |text| text.parse().ok();
    ModelVersionName as String:
        |name| name.to_string(),
        |text| match text.parse() {
            Ok(ModelVersionRef::Number(version)) => Some(version),
            Ok(ModelVersionRef::Alias(..)) | Err(_) => None,
        };
    Option<Date> as Option<i32>: |date| date.map(|date| date.days), |days| Some(days.map(|days| Date { days }));
    Timestamp as Option<Time>: |time| Some(time.into()), |time| time?.try_into().ok();
    Option<Timestamp> as Option<Time>:
        |time| time.map(Time::from),
        |time| time.map_or(Some(None), |time| time.try_into().ok().map(Some));
    // In milliseconds.
    Option<Duration> as Option<u64>:
        |limit| limit.map(|limit| u64::try_from(limit.as_millis()).unwrap_or(u64::MAX)),
        |limit| Some(limit.map(Duration::from_millis));
}

impl From<Timestamp> for Time {
    fn from(time: Timestamp) -> Self {
        Self { seconds: time.as_second(), nanos: time.subsec_nanosecond() }
    }
}

impl TryFrom<Time> for Timestamp {
    type Error = jiff::Error;

    fn try_from(Time { seconds, nanos }: Time) -> Result<Self, jiff::Error> {
        Self::new(seconds, nanos)
    }
}

/// An enum that is stored as the number of a stored enum. Zero is no value.
pub trait StoredEnum: StoredField<Stored = i32> {}

impl<E: StoredEnum> StoredField for Option<E> {
    type Stored = Option<i32>;

    fn into_stored(self) -> Option<i32> {
        self.map(E::into_stored)
    }

    fn from_stored(stored: Option<i32>, name: &'static str) -> Result<Self, FieldError> {
        stored.map(|number| E::from_stored(number, name)).transpose()
    }
}

impl<E: StoredEnum> StoredField for BTreeMap<String, E> {
    type Stored = BTreeMap<String, i32>;

    fn into_stored(self) -> Self::Stored {
        self.into_iter().map(|(key, value)| (key, value.into_stored())).collect()
    }

    fn from_stored(stored: Self::Stored, name: &'static str) -> Result<Self, FieldError> {
        stored.into_iter().map(|(key, number)| Ok((key, E::from_stored(number, name)?))).collect()
    }
}

/// Implements [`StoredEnum`] with a stored enum whose values have the same names.
#[macro_export]
macro_rules! stored_enum {
    ($value:ident as $stored:ty: $($name:ident),+) => {
        impl $crate::StoredEnum for $value {}

        impl $crate::StoredField for $value {
            type Stored = i32;

            fn into_stored(self) -> i32 {
                match self { $(Self::$name => <$stored>::$name.into()),+ }
            }

            fn from_stored(number: i32, name: &'static str) -> Result<Self, $crate::FieldError> {
                $(if number == i32::from(<$stored>::$name) { return Ok(Self::$name); })+
                Err($crate::FieldError(name))
            }
        }
    };
}

stored_enum!(AttributeKind as condition::Kind: Number, Category, Flag, List, Date);
stored_enum!(MonotonicityConstraint as Direction: Increasing, Decreasing);
stored_enum!(Severity as exclusion_rule::Severity: Out, Caution);
stored_enum!(PondMapSectionKind as crate::PondSection: AccountProfile, Needs, UrgencyDrivers, Beliefs, TippingPoint);
stored_enum!(IcpCategory as crate::IcpCategory: Firmographics, BusinessProblem, ImpactPotential);
stored_enum!(SpicedPart as finding::SpicedPart: Situation, Pain, Impact, CriticalEvent, Decision);
stored_enum!(Stance as finding::Stance: Neutral, Positive, Negative);
stored_enum!(ErrorKind as failure::Kind: InvalidArgument, NotFound, FailedPrecondition, Aborted, ResourceExhausted,
    Unavailable, Cancelled, DeadlineExceeded, DataLoss, Internal);

#[cfg(test)]
mod tests {
    use super::*;

    fn check<E: StoredEnum + Copy + PartialEq + std::fmt::Debug>(values: &[E]) {
        for value in values {
            assert_eq!(E::from_stored(value.into_stored(), "x"), Ok(*value));
        }
        let unknown = i32::try_from(values.len()).unwrap() + 1;
        for number in [0, unknown, -1] {
            assert_eq!(E::from_stored(number, "x"), Err(FieldError("x")), "{number}");
        }
    }

    #[test]
    fn every_value_of_an_enum_has_a_number_and_other_numbers_are_refused() {
        check(&AttributeKind::ALL);
        check(&[MonotonicityConstraint::Increasing, MonotonicityConstraint::Decreasing]);
        check(&Severity::ALL);
        check(&PondMapSectionKind::ALL);
        check(&IcpCategory::ALL);
        check(&SpicedPart::ALL);
        check(&Stance::ALL);
    }

    #[test]
    fn every_time_survives_storage_to_the_nanosecond() {
        let odd = Timestamp::from_nanosecond(1_234_567_890_123_456_789).unwrap();
        let before_1970 = Timestamp::from_nanosecond(-1_500_000_000).unwrap();
        for time in [Timestamp::MIN, before_1970, Timestamp::UNIX_EPOCH, odd, Timestamp::MAX] {
            assert_eq!(Timestamp::from_stored(time.into_stored(), "time"), Ok(time));
            assert_eq!(Option::from_stored(Some(time).into_stored(), "time"), Ok(Some(time)));
        }
        for (seconds, nanos) in [(i64::MAX, 0), (i64::MIN, 0), (0, i32::MAX), (0, i32::MIN)] {
            let time = Some(Time { seconds, nanos });
            assert_eq!(Timestamp::from_stored(time, "time"), Err(FieldError("time")));
            assert_eq!(Option::<Timestamp>::from_stored(time, "time"), Err(FieldError("time")));
        }
        assert_eq!(Timestamp::from_stored(None, "time"), Err(FieldError("time")));
        assert_eq!(Option::<Timestamp>::from_stored(None, "time"), Ok(None));
    }
}
