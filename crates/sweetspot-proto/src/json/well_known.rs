//! Messages of protobuf and of google.rpc whose JSON is not that of their fields.

use prost_types::Any;
use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::details;

/// `google.protobuf.Timestamp`: RFC 3339 in UTC.
#[derive(Clone, Copy, PartialEq, Eq, Hash, prost::Message)]
pub struct Timestamp {
    /// Seconds since 1970-01-01 00:00 UTC.
    #[prost(int64, tag = "1")]
    pub(crate) seconds: i64,
    /// Nanoseconds within the second, less than a billion.
    #[prost(int32, tag = "2")]
    pub(crate) nanos: i32,
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let time = jiff::Timestamp::new(self.seconds, self.nanos).map_err(S::Error::custom)?;
        // Protobuf writes 0, 3, 6 or 9 fractional digits.
        let digits = match self.nanos {
            0 => 0,
            nanos if nanos % 1_000_000 == 0 => 3,
            nanos if nanos % 1000 == 0 => 6,
            _ => 9,
        };
        serializer.collect_str(&format_args!("{time:.digits$}"))
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let time: jiff::Timestamp = text.parse().map_err(D::Error::custom)?;
        Ok(Self { seconds: time.as_second(), nanos: time.subsec_nanosecond() })
    }
}

/// `google.protobuf.Duration`: seconds with the suffix `s`. The durations of this API are not negative.
#[derive(Clone, Copy, PartialEq, Eq, Hash, prost::Message)]
pub struct Duration {
    /// Whole seconds.
    #[prost(int64, tag = "1")]
    pub(crate) seconds: i64,
    /// Nanoseconds within the second, less than a billion.
    #[prost(int32, tag = "2")]
    pub(crate) nanos: i32,
}

impl Serialize for Duration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { seconds, nanos } = *self;
        // Protobuf writes 0, 3, 6 or 9 fractional digits.
        match nanos {
            0 => serializer.collect_str(&format_args!("{seconds}s")),
            nanos if nanos % 1_000_000 == 0 => {
                serializer.collect_str(&format_args!("{seconds}.{:03}s", nanos / 1_000_000))
            }
            nanos if nanos % 1000 == 0 => serializer.collect_str(&format_args!("{seconds}.{:06}s", nanos / 1000)),
            nanos => serializer.collect_str(&format_args!("{seconds}.{nanos:09}s")),
        }
    }
}

impl<'de> Deserialize<'de> for Duration {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Err(D::Error::custom("a duration is part of responses only"))
    }
}

/// `google.rpc.Status`, with the details that this server attaches.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Status {
    /// A `google.rpc.Code`.
    #[prost(int32, tag = "1")]
    pub(crate) code: i32,
    /// The message for developers.
    #[prost(string, tag = "2")]
    pub(crate) message: String,
    /// The error details.
    #[prost(message, repeated, tag = "3")]
    pub(crate) details: Vec<Any>,
}

impl Serialize for Status {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { code, message, .. } = self;
        let details = details::error_details(&prost::Message::encode_to_vec(self));
        serde_json::json!({ "code": code, "message": message, "details": details }).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Status {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Err(D::Error::custom("a status is part of responses only"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_as_many_digits_as_protobuf_gives_them() {
        for (seconds, nanos, text) in [
            (0, 0, "\"0s\""),
            (86_400, 500_000_000, "\"86400.500s\""),
            (1, 1000, "\"1.000001s\""),
            (0, 1, "\"0.000000001s\""),
        ] {
            assert_eq!(serde_json::to_string(&Duration { seconds, nanos }).unwrap(), text);
        }
    }

    #[test]
    fn times_have_as_many_digits_as_protobuf_gives_them() {
        for (nanos, text) in [
            (0, "\"2026-03-02T10:00:00Z\""),
            (500_000_000, "\"2026-03-02T10:00:00.500Z\""),
            (1000, "\"2026-03-02T10:00:00.000001Z\""),
            (1, "\"2026-03-02T10:00:00.000000001Z\""),
        ] {
            let time = Timestamp { seconds: 1_772_445_600, nanos };
            assert_eq!(serde_json::to_string(&time).unwrap(), text);
            assert_eq!(serde_json::from_str::<Timestamp>(text).unwrap(), time);
        }
        assert!(serde_json::to_string(&Timestamp { seconds: i64::MAX, nanos: 0 }).is_err());
    }
}
