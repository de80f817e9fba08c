//! Single attribute values.

use sweetspot_core::Value;
use sweetspot_proto::v1::attribute_value::Kind;
use sweetspot_proto::v1::{AttributeValue, TextList};

use crate::api::limits::{MAX_LIST_ITEMS, MAX_NAME_BYTES, MAX_TEXT_BYTES};
use crate::api::violations::truncate_for_message;

/// Why a value is invalid: the reason and how to fix it.
pub(in crate::api) type ValueFault = (&'static str, &'static str);

pub(in crate::api) const NOT_FINITE: ValueFault =
    ("NON_FINITE_NUMBER", "a number must be finite: omit the attribute if it is unknown");
pub(in crate::api) const TEXT_TOO_LONG: ValueFault = ("TEXT_TOO_LONG", "a text must have at most 1024 bytes");
pub(in crate::api) const LIST_TOO_LONG: ValueFault = ("LIST_TOO_LONG", "a list must have at most 256 texts");
const NO_KIND: ValueFault =
    ("MISSING_VALUE_KIND", "the value has no number, text, flag or texts: omit the attribute if it is unknown");
pub(in crate::api) const BAD_NAME: ValueFault =
    ("INVALID_ATTRIBUTE_NAME", "an attribute's name must have 1 to 256 bytes");

/// Whether a value is invalid only because of its length. Such a value is allowed for an attribute that is not used.
pub(in crate::api) fn is_too_long((reason, _): ValueFault) -> bool {
    [TEXT_TOO_LONG.0, LIST_TOO_LONG.0].contains(&reason)
}

/// Converts a value to its message, the reverse of [`parse_value`].
pub(in crate::api) fn wire_value(value: Value) -> AttributeValue {
    let kind = match value {
        Value::Number(number) => Kind::Number(number),
        Value::Text(text) => Kind::Text(text),
        Value::Flag(flag) => Kind::Flag(flag),
        Value::List(values) => Kind::Texts(TextList { values }),
        Value::Date(date) => Kind::Text(date.to_string()),
    };
    AttributeValue { kind: Some(kind) }
}

/// Reads and validates a value.
pub(in crate::api) fn parse_value(wire: AttributeValue) -> Result<Value, ValueFault> {
    let AttributeValue { kind } = wire;
    match kind.ok_or(NO_KIND)? {
        Kind::Number(number) if number.is_finite() => Ok(Value::Number(number)),
        Kind::Number(_) => Err(NOT_FINITE),
        Kind::Text(text) => check_text_length(text).map(Value::Text),
        Kind::Flag(flag) => Ok(Value::Flag(flag)),
        Kind::Texts(list) => parse_texts(list).map(Value::List),
    }
}

/// Reads and validates a list of texts.
pub(in crate::api) fn parse_texts(wire: TextList) -> Result<Vec<String>, ValueFault> {
    let TextList { values } = wire;
    if values.len() > MAX_LIST_ITEMS {
        return Err(LIST_TOO_LONG);
    }
    values.into_iter().map(check_text_length).collect()
}

fn check_text_length(text: String) -> Result<String, ValueFault> {
    if text.len() > MAX_TEXT_BYTES { Err(TEXT_TOO_LONG) } else { Ok(text) }
}

/// Whether a text is a valid attribute name.
pub(in crate::api) fn is_usable_name(name: &str) -> bool {
    (1..=MAX_NAME_BYTES).contains(&name.len())
}

/// Quotes a name for a field path.
pub(in crate::api) fn quote_name(name: &str) -> String {
    format!("{:?}", truncate_for_message(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_of_attribute_values_are_inclusive() {
        let read = |kind| parse_value(AttributeValue { kind: Some(kind) });
        assert!(read(Kind::Text("a".repeat(MAX_TEXT_BYTES))).is_ok());
        assert_eq!(read(Kind::Text("a".repeat(MAX_TEXT_BYTES + 1))), Err(TEXT_TOO_LONG));
        let list = |items| Kind::Texts(TextList { values: vec!["x".to_owned(); items] });
        assert!(read(list(MAX_LIST_ITEMS)).is_ok());
        assert_eq!(read(list(MAX_LIST_ITEMS + 1)), Err(LIST_TOO_LONG));
        for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(read(Kind::Number(number)), Err(NOT_FINITE));
        }
        assert_eq!(parse_value(AttributeValue { kind: None }), Err(NO_KIND));
        assert!(
            is_usable_name(&"n".repeat(MAX_NAME_BYTES))
                && !is_usable_name("")
                && !is_usable_name(&"n".repeat(MAX_NAME_BYTES + 1))
        );
    }
}
