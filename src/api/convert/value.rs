//! Single values of attributes.

use sweetspot_core::Value;
use sweetspot_proto::v1::attribute_value::Kind;
use sweetspot_proto::v1::{AttributeValue, TextList};

use crate::api::limits::{LIST_ITEMS, NAME_BYTES, TEXT_BYTES};
use crate::api::problems::echo;

/// Why a value cannot be used: the reason and what to do.
pub(in crate::api) type Unusable = (&'static str, &'static str);

pub(in crate::api) const NOT_FINITE: Unusable =
    ("NON_FINITE_NUMBER", "a number must be finite: omit the attribute if it is unknown");
pub(in crate::api) const TEXT_TOO_LONG: Unusable = ("TEXT_TOO_LONG", "a text must have at most 1024 bytes");
pub(in crate::api) const LIST_TOO_LONG: Unusable = ("LIST_TOO_LONG", "a list must have at most 256 texts");
const NO_KIND: Unusable =
    ("MISSING_VALUE_KIND", "the value has no number, text, flag or texts: omit the attribute if it is unknown");
pub(in crate::api) const BAD_NAME: Unusable =
    ("INVALID_ATTRIBUTE_NAME", "an attribute's name must have 1 to 256 bytes");

/// Whether a value is unusable for its length alone: an attribute that nothing reads may have it.
pub(in crate::api) fn is_too_long((reason, _): Unusable) -> bool {
    [TEXT_TOO_LONG.0, LIST_TOO_LONG.0].contains(&reason)
}

/// A value on the wire, as [`value`] reads it.
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

/// Reads a value.
pub(in crate::api) fn value(wire: AttributeValue) -> Result<Value, Unusable> {
    let AttributeValue { kind } = wire;
    match kind.ok_or(NO_KIND)? {
        Kind::Number(number) if number.is_finite() => Ok(Value::Number(number)),
        Kind::Number(_) => Err(NOT_FINITE),
        Kind::Text(text) => short(text).map(Value::Text),
        Kind::Flag(flag) => Ok(Value::Flag(flag)),
        Kind::Texts(list) => texts(list).map(Value::List),
    }
}

/// Reads a list of texts.
pub(in crate::api) fn texts(wire: TextList) -> Result<Vec<String>, Unusable> {
    let TextList { values } = wire;
    if values.len() > LIST_ITEMS {
        return Err(LIST_TOO_LONG);
    }
    values.into_iter().map(short).collect()
}

fn short(text: String) -> Result<String, Unusable> {
    if text.len() > TEXT_BYTES { Err(TEXT_TOO_LONG) } else { Ok(text) }
}

/// Whether a text can name an attribute.
pub(in crate::api) fn usable_name(name: &str) -> bool {
    (1..=NAME_BYTES).contains(&name.len())
}

/// A name within a field path.
pub(in crate::api) fn quoted(name: &str) -> String {
    format!("{:?}", echo(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_inclusive() {
        let read = |kind| value(AttributeValue { kind: Some(kind) });
        assert!(read(Kind::Text("a".repeat(TEXT_BYTES))).is_ok());
        assert_eq!(read(Kind::Text("a".repeat(TEXT_BYTES + 1))), Err(TEXT_TOO_LONG));
        let list = |items| Kind::Texts(TextList { values: vec!["x".to_owned(); items] });
        assert!(read(list(LIST_ITEMS)).is_ok());
        assert_eq!(read(list(LIST_ITEMS + 1)), Err(LIST_TOO_LONG));
        for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(read(Kind::Number(number)), Err(NOT_FINITE));
        }
        assert_eq!(value(AttributeValue { kind: None }), Err(NO_KIND));
        assert!(usable_name(&"n".repeat(NAME_BYTES)) && !usable_name("") && !usable_name(&"n".repeat(NAME_BYTES + 1)));
    }
}
