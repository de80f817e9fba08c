//! Attribute values. In JSON, they may appear without the object that names their kind.

use std::fmt;

use pbjson::private::NumberDeserialize;
use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeStruct as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::TextList;

/// `sweetspot.v1.AttributeValue`.
#[derive(Clone, PartialEq, prost::Message)]
pub struct AttributeValue {
    /// The value's kind.
    #[prost(oneof = "Kind", tags = "1, 2, 3, 4")]
    pub(crate) kind: Option<Kind>,
}

/// The kinds of an [`AttributeValue`].
#[derive(Clone, PartialEq, prost::Oneof)]
pub(crate) enum Kind {
    /// A finite number.
    #[prost(double, tag = "1")]
    Number(f64),
    /// A text; also a number, a flag or a date if it is spelled as one. A blank text is a missing value.
    #[prost(string, tag = "2")]
    Text(String),
    /// A yes/no value.
    #[prost(bool, tag = "3")]
    Flag(bool),
    /// A list of texts.
    #[prost(message, tag = "4")]
    Texts(TextList),
}

const VALUE_FIELDS: &[&str] = &["number", "text", "flag", "texts"];

/// A visitor that reads an object key, which must be one of these field names.
pub(super) struct FieldNameVisitor(pub(super) &'static [&'static str]);

impl<'de> DeserializeSeed<'de> for FieldNameVisitor {
    type Value = &'static str;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<&'static str, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for FieldNameVisitor {
    type Value = &'static str;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "one of {:?}", self.0)
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<&'static str, E> {
        self.0.iter().find(|known| **known == key).copied().ok_or_else(|| E::unknown_field(key, self.0))
    }
}

impl<'de> Deserialize<'de> for AttributeValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor).map(|kind| Self { kind })
    }
}

/// Reads a bare value, or one in an object that names its kind. `null` is a missing value, like a blank text.
struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Option<Kind>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, a text, a flag, a list of texts, null, or an object with number, text, flag or texts")
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Option<Kind>, E> {
        Ok(Some(Kind::Flag(flag)))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Option<Kind>, E> {
        Ok(Some(Kind::Number(number as f64)))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Option<Kind>, E> {
        Ok(Some(Kind::Number(number as f64)))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Option<Kind>, E> {
        Ok(Some(Kind::Number(number)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Option<Kind>, E> {
        Ok(Some(Kind::Text(text.to_owned())))
    }

    fn visit_string<E>(self, text: String) -> Result<Option<Kind>, E> {
        Ok(Some(Kind::Text(text)))
    }

    fn visit_unit<E>(self) -> Result<Option<Kind>, E> {
        Ok(Some(missing_value()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Option<Kind>, A::Error> {
        let mut values = Vec::new();
        while let Some(ListItem(item)) = items.next_element()? {
            values.extend(item);
        }
        Ok(Some(Kind::Texts(TextList { values })))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Option<Kind>, A::Error> {
        let mut kind = None;
        while let Some(field) = map.next_key_seed(FieldNameVisitor(VALUE_FIELDS))? {
            if kind.is_some() {
                return Err(A::Error::custom("a value has exactly one kind: number, text, flag or texts"));
            }
            let read = match field {
                "number" => map.next_value::<Option<NumberDeserialize<f64>>>()?.map(|number| Kind::Number(number.0)),
                "text" => map.next_value::<Option<String>>()?.map(Kind::Text),
                "flag" => map.next_value::<Option<bool>>()?.map(Kind::Flag),
                _ => map.next_value::<Option<TextList>>()?.map(Kind::Texts),
            };
            kind = Some(read.unwrap_or_else(missing_value));
        }
        Ok(kind)
    }
}

/// The representation of a missing value.
const fn missing_value() -> Kind {
    Kind::Text(String::new())
}

/// An item of a bare list: a text, or the text of a number or a flag; `null` is skipped.
struct ListItem(Option<String>);

impl<'de> Deserialize<'de> for ListItem {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ListItemVisitor).map(Self)
    }
}

struct ListItemVisitor;

impl Visitor<'_> for ListItemVisitor {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a number, a flag or null")
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Option<String>, E> {
        Ok(Some(flag.to_string()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Option<String>, E> {
        Ok(Some(number.to_string()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Option<String>, E> {
        Ok(Some(number.to_string()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Option<String>, E> {
        Ok(Some(number.to_string()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Option<String>, E> {
        Ok(Some(text.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Option<String>, E> {
        Ok(None)
    }
}

impl Serialize for AttributeValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("sweetspot.v1.AttributeValue", 1)?;
        match &self.kind {
            Some(Kind::Number(number)) => fields.serialize_field("number", number)?,
            Some(Kind::Text(text)) => fields.serialize_field("text", text)?,
            Some(Kind::Flag(flag)) => fields.serialize_field("flag", flag)?,
            Some(Kind::Texts(texts)) => fields.serialize_field("texts", texts)?,
            None => {}
        }
        fields.end()
    }
}

#[cfg(test)]
mod tests {
    use crate::json::Account;

    fn account(attributes: &str) -> Account {
        serde_json::from_str(&format!("{{\"accountId\":\"a\",\"attributes\":{attributes}}}")).unwrap()
    }

    #[test]
    fn bare_values_are_those_in_objects() {
        for (bare, wrapped) in [
            ("320", r#"{"number":320}"#),
            ("-1.5e3", r#"{"number":-1500}"#),
            ("\"Logistics\"", r#"{"text":"Logistics"}"#),
            ("false", r#"{"flag":false}"#),
            (r#"["SAP",7,true,null]"#, r#"{"texts":{"values":["SAP","7","true"]}}"#),
            ("null", r#"{"text":""}"#),
            (r#"{"number":null}"#, r#"{"text":""}"#),
        ] {
            assert_eq!(account(&format!("{{\"x\":{bare}}}")), account(&format!("{{\"x\":{wrapped}}}")), "{bare}");
        }
        assert_eq!(account("{\"x\":{}}").attributes[0].value.as_ref().unwrap().kind, None);
        for wrong in
            [r#"{"x":{"numbr":1}}"#, r#"{"x":{"number":1,"text":"a"}}"#, r#"{"x":[[1]]}"#, r#"{"x":{"number":"ten"}}"#]
        {
            assert!(serde_json::from_str::<Account>(&format!("{{\"attributes\":{wrong}}}")).is_err(), "{wrong}");
        }
    }
}
