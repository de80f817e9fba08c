//! Accounts. Their JSON preserves repeated attributes, so that the service can report them.

use std::fmt;

use serde::de::{Error, MapAccess, Visitor};
use serde::ser::SerializeStruct as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::AttributeValue;
use super::value::FieldNameVisitor;

/// `sweetspot.v1.Account`.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Account {
    /// The caller's key.
    #[prost(string, tag = "1")]
    pub(crate) account_id: String,
    /// The entries of the map, in the order of the JSON.
    #[prost(message, repeated, tag = "2")]
    pub(crate) attributes: Vec<Attribute>,
}

/// An entry of the map of attributes.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Attribute {
    /// The attribute's name.
    #[prost(string, tag = "1")]
    pub(crate) name: String,
    /// The attribute's value.
    #[prost(message, optional, tag = "2")]
    pub(crate) value: Option<AttributeValue>,
}

const ACCOUNT_FIELDS: &[&str] = &["account_id", "accountId", "attributes"];

impl<'de> Deserialize<'de> for Account {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_struct("sweetspot.v1.Account", ACCOUNT_FIELDS, AccountVisitor)
    }
}

struct AccountVisitor;

impl<'de> Visitor<'de> for AccountVisitor {
    type Value = Account;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("struct sweetspot.v1.Account")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Account, A::Error> {
        let (mut account_id, mut attributes) = (None, None);
        while let Some(field) = map.next_key_seed(FieldNameVisitor(ACCOUNT_FIELDS))? {
            match field {
                "attributes" if attributes.is_none() => attributes = Some(map.next_value::<AttributeMap>()?.0),
                "attributes" => return Err(A::Error::duplicate_field("attributes")),
                _ if account_id.is_none() => account_id = Some(map.next_value()?),
                _ => return Err(A::Error::duplicate_field("accountId")),
            }
        }
        Ok(Account { account_id: account_id.unwrap_or_default(), attributes: attributes.unwrap_or_default() })
    }
}

/// A map whose keys may repeat.
struct AttributeMap(Vec<Attribute>);

impl<'de> Deserialize<'de> for AttributeMap {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(AttributeMapVisitor)
    }
}

struct AttributeMapVisitor;

impl<'de> Visitor<'de> for AttributeMapVisitor {
    type Value = AttributeMap;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map from names of attributes to values")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<AttributeMap, A::Error> {
        let mut attributes = Vec::new();
        while let Some(name) = map.next_key()? {
            attributes.push(Attribute { name, value: Some(map.next_value()?) });
        }
        Ok(AttributeMap(attributes))
    }
}

impl Serialize for Account {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("sweetspot.v1.Account", 2)?;
        fields.serialize_field("accountId", &self.account_id)?;
        fields.serialize_field("attributes", &AttributeEntries(&self.attributes))?;
        fields.end()
    }
}

struct AttributeEntries<'a>(&'a [Attribute]);

impl Serialize for AttributeEntries<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|entry| (&entry.name, &entry.value)))
    }
}

#[cfg(test)]
mod tests {
    use prost::Message as _;

    use super::*;
    use crate::v1;

    fn account(attributes: &str) -> Account {
        serde_json::from_str(&format!("{{\"accountId\":\"a\",\"attributes\":{attributes}}}")).unwrap()
    }

    #[test]
    fn the_bytes_are_those_of_the_message_and_repeated_names_stay() {
        let read = account(r#"{"x":1,"y":"b"}"#);
        let message = v1::Account::decode(read.encode_to_vec().as_slice()).unwrap();
        assert_eq!((message.account_id.as_str(), message.attributes.len()), ("a", 2));
        assert_eq!(account(r#"{"x":1,"x":2}"#).attributes.len(), 2);
        let again: Account = serde_json::from_str(&serde_json::to_string(&read).unwrap()).unwrap();
        assert_eq!(again, read);
    }
}
