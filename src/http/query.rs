//! Query parameters, which are the fields of a message: texts, numbers, flags, enums, times and durations.

use serde::de::value::{Error, MapDeserializer};
use serde::de::{DeserializeOwned, Deserializer, Error as _, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;
use sweetspot_proto::json::{RenderReportRequest, ReportFormat};

use super::decode::field_path;
use super::request_error::{HttpRequestError, truncate};

/// Decodes the parameters of a query as the fields of a message, in either spelling of protobuf's JSON.
///
/// # Errors
/// Returns an error if the message has no such field, or if its value is invalid.
pub(super) fn parse<T: DeserializeOwned>(query: &str) -> Result<T, HttpRequestError> {
    parse_pairs(&parameters(query)?)
}

/// Decodes the parameters of a report, whose format is `html`, `md`, `markdown`, `json` or `tables`.
///
/// # Errors
/// Returns the errors of [`parse`].
pub(super) fn parse_report(query: &str) -> Result<RenderReportRequest, HttpRequestError> {
    let mut pairs = parameters(query)?;
    for (name, value) in pairs.iter_mut().filter(|(name, _)| name == "format") {
        let format = match value.as_str() {
            "html" => ReportFormat::Html,
            "md" | "markdown" => ReportFormat::Markdown,
            "json" => ReportFormat::Json,
            "tables" => ReportFormat::Tables,
            _ => {
                let problem = "it must be html, md, json or tables".to_owned();
                return Err(HttpRequestError::Query { name: name.clone(), problem });
            }
        };
        format.as_str_name().clone_into(value);
    }
    parse_pairs(&pairs)
}

fn parse_pairs<T: DeserializeOwned>(pairs: &[(String, String)]) -> Result<T, HttpRequestError> {
    let pairs = MapDeserializer::new(pairs.iter().map(|(name, value)| (name.as_str(), QueryValue(value))));
    serde_path_to_error::deserialize(pairs).map_err(|error| {
        let name = field_path(error.path()).unwrap_or_default();
        HttpRequestError::Query { name, problem: error.inner().to_string() }
    })
}

/// Returns the parameters, decoded.
///
/// # Errors
/// Returns an error if one is not percent-encoded UTF-8.
fn parameters(query: &str) -> Result<Vec<(String, String)>, HttpRequestError> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let decode = |(name, value): (&str, &str)| {
        let decoded = |text: &str| percent_decode(&text.replace('+', " "));
        decoded(name).zip(decoded(value)).ok_or_else(|| HttpRequestError::Query {
            name: truncate(name).to_owned(),
            problem: "it is not percent-encoded UTF-8".to_owned(),
        })
    };
    pairs.map(decode).collect()
}

/// Decodes percent-encoded UTF-8. `None` if it is not.
pub(super) fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut parts = text.split('%');
    bytes.extend(parts.next().unwrap_or_default().bytes());
    for part in parts {
        let (digits, rest) = part.split_at_checked(2)?;
        let is_hexadecimal = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        bytes.push(u8::from_str_radix(digits, 16).ok().filter(|_| is_hexadecimal)?);
        bytes.extend(rest.bytes());
    }
    String::from_utf8(bytes).ok()
}

/// The value of a parameter: a flag if one is asked for, or else a text, which the JSON mapping reads as anything else.
#[derive(Clone, Copy)]
struct QueryValue<'q>(&'q str);

impl<'q> IntoDeserializer<'q, Error> for QueryValue<'q> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for QueryValue<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_str(self.0)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            "true" => visitor.visit_bool(true),
            "false" => visitor.visit_bool(false),
            _ => Err(Error::custom("expected true or false")),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct newtype_struct
        seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use sweetspot_proto::json::{DeleteModelRequest, ListModelVersionsRequest, WaitTrainingRunRequest};

    use super::*;

    #[test]
    fn parameters_are_read_in_either_spelling() {
        let list = |query| parse::<ListModelVersionsRequest>(query).unwrap();
        let expected = list("pageSize=7&pageToken=ab.1");
        assert_eq!((expected.page_size, expected.page_token.as_str()), (7, "ab.1"));
        assert_eq!(list("page_token=ab.1&&page_size=7"), expected);
        assert_eq!(list("filter=labels.team+%3d+%22s%C3%A4les%22").filter, "labels.team = \"s\u{e4}les\"");
        assert_eq!(list("&"), ListModelVersionsRequest::default());
        let delete = parse::<DeleteModelRequest>("force=true&reason=true").unwrap();
        assert_eq!((delete.force, delete.reason.as_str()), (true, "true"));
        assert!(parse::<WaitTrainingRunRequest>("timeout=1.5s").unwrap().timeout.is_some());
    }

    #[test]
    fn a_report_format_is_a_word() {
        let format = |query| parse_report(query).map(|report| report.format);
        assert_eq!(format("format=md").unwrap(), i32::from(ReportFormat::Markdown));
        assert_eq!(format("").unwrap(), i32::from(ReportFormat::Unspecified));
        assert!(format("format=pdf").is_err() && format("formats=md").is_err());
    }

    #[test]
    fn unknown_and_invalid_parameters_are_refused_by_name() {
        for (query, expected) in [
            ("pageSize=x", "pageSize"),
            ("pagesize=1", "pagesize"),
            ("pageToken=%FF", "pageToken"),
            ("pageToken=%4", "pageToken"),
            ("pageToken=%+1", "pageToken"),
        ] {
            let error = parse::<ListModelVersionsRequest>(query).unwrap_err();
            assert!(matches!(&error, HttpRequestError::Query { name, .. } if name == expected), "{query}: {error}");
        }
        assert!(parse::<DeleteModelRequest>("force=1").is_err());
        assert!(parse::<DeleteModelRequest>("name=a&name=b").is_err());
    }
}
