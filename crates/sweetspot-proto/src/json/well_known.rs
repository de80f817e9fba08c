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
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse_duration(&text).ok_or_else(|| D::Error::custom("expected seconds with the suffix s, such as \"90s\""))
    }
}

/// Parses seconds with at most nine fractional digits and the suffix `s`. A sign is part of the format.
fn parse_duration(text: &str) -> Option<Duration> {
    let number = text.strip_suffix('s')?;
    let (is_negative, number) = number.strip_prefix('-').map_or((false, number), |rest| (true, rest));
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !is_digits(whole) || !is_digits(fraction) || fraction.len() > 9 {
        return None;
    }
    let (seconds, nanos): (i64, i32) = (whole.parse().ok()?, format!("{fraction:0<9}").parse().ok()?);
    Some(if is_negative { Duration { seconds: -seconds, nanos: -nanos } } else { Duration { seconds, nanos } })
}

/// `google.protobuf.FieldMask`: names in `lowerCamelCase`, joined by commas.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message)]
pub struct FieldMask {
    /// The paths, in `snake_case`.
    #[prost(string, repeated, tag = "1")]
    pub(crate) paths: Vec<String>,
}

impl Serialize for FieldMask {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let camel = |path: &String| {
            let mut words = path.split('_');
            let first = words.next().unwrap_or_default().to_owned();
            words.fold(first, |name, word| {
                let (initial, rest) = word.split_at_checked(1).unwrap_or((word, ""));
                name + &initial.to_ascii_uppercase() + rest
            })
        };
        serializer.serialize_str(&self.paths.iter().map(camel).collect::<Vec<_>>().join(","))
    }
}

impl<'de> Deserialize<'de> for FieldMask {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let snake = |path: &str| {
            path.chars().fold(String::new(), |mut name, letter| {
                if letter.is_ascii_uppercase() {
                    name.push('_');
                }
                name.push(letter.to_ascii_lowercase());
                name
            })
        };
        let paths = text.split(',').filter(|path| !path.is_empty());
        Ok(Self { paths: paths.map(snake).collect() })
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
            assert_eq!(serde_json::from_str::<Duration>(text).unwrap(), Duration { seconds, nanos });
        }
        assert_eq!(parse_duration("-1.5s"), Some(Duration { seconds: -1, nanos: -500_000_000 }));
        for text in ["", "s", "1", "1m", ".5s", "1.s", "1.0000000001s", "--1s", "1e3s", "99999999999999999999s"] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }

    #[test]
    fn a_field_mask_is_a_text_of_names() {
        let mask = FieldMask { paths: vec!["labels".to_owned(), "review_date".to_owned()] };
        assert_eq!(serde_json::to_string(&mask).unwrap(), "\"labels,reviewDate\"");
        assert_eq!(serde_json::from_str::<FieldMask>("\"labels,reviewDate\"").unwrap(), mask);
        assert_eq!(serde_json::from_str::<FieldMask>("\"\"").unwrap(), FieldMask::default());
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
