//! Bounds the memory of a message while it is read from JSON.
//!
//! An element such as `{},` has three bytes of JSON, and can take hundreds in memory. [`BoundedParser`] stands between
//! the parser and the message. It adds up what the message allocates, and stops the parser when that is too much.

use std::cell::Cell;
use std::fmt;
use std::mem::size_of;

use serde::de::{DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, Visitor};

use crate::api::decoding_limits::{ALLOCATION_BYTES, FREE_BYTES, MAX_FACTOR};

/// The memory that a message may take: up to [`MAX_FACTOR`] times its JSON and [`FREE_BYTES`].
#[derive(Debug)]
pub(super) struct MemoryBudget {
    /// The rest, in bytes; `None` once it is exceeded.
    rest: Cell<Option<usize>>,
}

impl MemoryBudget {
    /// Creates the budget of a message whose JSON has this size.
    pub(super) const fn new(json_bytes: usize) -> Self {
        Self { rest: Cell::new(Some(json_bytes.saturating_mul(MAX_FACTOR).saturating_add(FREE_BYTES))) }
    }

    /// Whether the message takes too much memory.
    pub(super) const fn is_exceeded(&self) -> bool {
        self.rest.get().is_none()
    }

    fn take<E: Error>(&self, bytes: usize) -> Result<(), E> {
        self.rest.set(self.rest.get().and_then(|rest| rest.checked_sub(bytes)));
        if self.is_exceeded() { Err(E::custom("the elements take too much memory")) } else { Ok(()) }
    }

    fn take_text<E: Error>(&self, length: usize) -> Result<(), E> {
        self.take(length.max(ALLOCATION_BYTES) + ALLOCATION_BYTES)
    }

    /// A vector that grows has up to twice the slots that it needs, and a map has a control byte for each.
    fn take_slot<E: Error>(&self, bytes: usize) -> Result<(), E> {
        self.take(2 * (bytes + 1))
    }
}

/// Wraps a part of the JSON parser (a deserializer, visitor or list), and charges what it reads to the budget.
#[derive(Debug)]
pub(super) struct BoundedParser<'b, P> {
    inner: P,
    budget: &'b MemoryBudget,
}

impl<'b, P> BoundedParser<'b, P> {
    /// Bounds what `inner` reads.
    pub(super) const fn new(inner: P, budget: &'b MemoryBudget) -> Self {
        Self { inner, budget }
    }
}

macro_rules! forward_deserialize {
    ($($method:ident($($argument:ident: $type:ty),*);)+) => {$(
        fn $method<V: Visitor<'de>>(self, $($argument: $type,)* visitor: V) -> Result<V::Value, D::Error> {
            self.inner.$method($($argument,)* BoundedParser::new(visitor, self.budget))
        }
    )+};
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for BoundedParser<'_, D> {
    type Error = D::Error;

    forward_deserialize! {
        deserialize_any();
        deserialize_bool();
        deserialize_i8();
        deserialize_i16();
        deserialize_i32();
        deserialize_i64();
        deserialize_u8();
        deserialize_u16();
        deserialize_u32();
        deserialize_u64();
        deserialize_f32();
        deserialize_f64();
        deserialize_char();
        deserialize_str();
        deserialize_string();
        deserialize_bytes();
        deserialize_byte_buf();
        deserialize_option();
        deserialize_unit();
        deserialize_unit_struct(name: &'static str);
        deserialize_newtype_struct(name: &'static str);
        deserialize_seq();
        deserialize_tuple(length: usize);
        deserialize_tuple_struct(name: &'static str, length: usize);
        deserialize_map();
        deserialize_struct(name: &'static str, fields: &'static [&'static str]);
        deserialize_enum(name: &'static str, variants: &'static [&'static str]);
        deserialize_identifier();
        deserialize_ignored_any();
    }
}

macro_rules! forward_visit {
    ($($method:ident($($argument:ident: $type:ty)?);)+) => {$(
        fn $method<E: Error>(self, $($argument: $type)?) -> Result<V::Value, E> {
            self.inner.$method($($argument)?)
        }
    )+};
}

macro_rules! forward_visit_text {
    ($($method:ident($type:ty);)+) => {$(
        fn $method<E: Error>(self, value: $type) -> Result<V::Value, E> {
            self.budget.take_text(value.len())?;
            self.inner.$method(value)
        }
    )+};
}

impl<'de, V: Visitor<'de>> Visitor<'de> for BoundedParser<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.expecting(f)
    }

    forward_visit! {
        visit_bool(value: bool);
        visit_i64(value: i64);
        visit_u64(value: u64);
        visit_f64(value: f64);
        visit_none();
        visit_unit();
    }

    forward_visit_text! {
        visit_str(&str);
        visit_borrowed_str(&'de str);
        visit_string(String);
        visit_bytes(&[u8]);
        visit_borrowed_bytes(&'de [u8]);
        visit_byte_buf(Vec<u8>);
    }

    fn visit_some<D: Deserializer<'de>>(self, value: D) -> Result<V::Value, D::Error> {
        self.inner.visit_some(BoundedParser::new(value, self.budget))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, value: D) -> Result<V::Value, D::Error> {
        self.inner.visit_newtype_struct(BoundedParser::new(value, self.budget))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, elements: A) -> Result<V::Value, A::Error> {
        self.inner.visit_seq(BoundedParser::new(elements, self.budget))
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<V::Value, A::Error> {
        self.inner.visit_map(BoundedParser::new(entries, self.budget))
    }

    /// Messages have no such enums: theirs are texts and numbers.
    fn visit_enum<A: EnumAccess<'de>>(self, _: A) -> Result<V::Value, A::Error> {
        Err(A::Error::custom("expected a text or a number"))
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for BoundedParser<'_, A> {
    type Error = A::Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, A::Error> {
        let element = self.inner.next_element_seed(BoundedParser::new(seed, self.budget))?;
        if element.is_some() {
            self.budget.take_slot(size_of::<T::Value>())?;
        }
        Ok(element)
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint()
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for BoundedParser<'_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        let key = self.inner.next_key_seed(BoundedParser::new(seed, self.budget))?;
        if key.is_some() {
            self.budget.take_slot(size_of::<K::Value>())?;
        }
        Ok(key)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, A::Error> {
        self.budget.take_slot(size_of::<T::Value>())?;
        self.inner.next_value_seed(BoundedParser::new(seed, self.budget))
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint()
    }
}

impl<'de, T: DeserializeSeed<'de>> DeserializeSeed<'de> for BoundedParser<'_, T> {
    type Value = T::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T::Value, D::Error> {
        self.inner.deserialize(BoundedParser::new(deserializer, self.budget))
    }
}

#[cfg(test)]
mod tests {
    use serde::de::DeserializeOwned;
    use serde_json::{Deserializer, Error, json};
    use sweetspot_proto::json::{Account, AttributeValue, ScoreAccountsRequest};

    use super::*;

    /// Parses `json`, and returns the memory that was counted, unless it was too much.
    fn parse<T: DeserializeOwned>(json: &str) -> (Result<T, Error>, Option<usize>) {
        let budget = MemoryBudget::new(json.len());
        let full = budget.rest.get().unwrap();
        let parsed = T::deserialize(BoundedParser::new(&mut Deserializer::from_str(json), &budget));
        (parsed, budget.rest.get().map(|rest| full - rest))
    }

    fn rows(row: &str, count: usize) -> String {
        format!(r#"{{"rows":{{"rows":[{}]}}}}"#, vec![row; count].join(","))
    }

    fn columns(count: usize) -> String {
        format!(r#"{{"table":{{"columns":[{}]}}}}"#, vec!["{}"; count].join(","))
    }

    #[test]
    fn a_message_is_parsed_as_without_the_bound() {
        let request = json!({
            "config": { "version": "v", "view": "SCORE_VIEW_SCORE", "filter": { "minProbability": 0.5, "tiers": ["FIT_TIER_A"] } },
            "rows": { "rows": [{ "accountId": "a", "attributes": { "n": 1.5, "t": "x", "f": true, "l": ["p", "q"], "w": { "text": "y" }, "m": null } }] },
        })
        .to_string();
        let (bounded, _) = parse::<ScoreAccountsRequest>(&request);
        assert_eq!(bounded.unwrap(), serde_json::from_str(&request).unwrap());
        for wrong in [r#"{"config":{"topK":"many"}}"#, r#"{"rows":[]}"#, r#"{"rows":{"rows":[{"x":1}]}}"#] {
            let (bounded, _) = parse::<ScoreAccountsRequest>(wrong);
            let unbounded = serde_json::from_str::<ScoreAccountsRequest>(wrong);
            assert_eq!(bounded.unwrap_err().to_string(), unbounded.unwrap_err().to_string());
        }
    }

    #[test]
    fn the_smallest_useful_accounts_fit_in_any_number() {
        for row in [
            r#"{"accountId":"1"}"#,
            r#"{"accountId":"1","attributes":{"a":1}}"#,
            r#"{"attributes":{"a":"b","c":["d"]}}"#,
        ] {
            let (parsed, counted) = parse::<ScoreAccountsRequest>(&rows(row, 50_000));
            parsed.unwrap();
            assert!(counted.unwrap() >= 50_000 * size_of::<Account>());
        }
        let attributes: Vec<String> = (0..50_000).map(|index| format!(r#""{index}":1"#)).collect();
        let row = format!(r#"{{"attributes":{{{}}}}}"#, attributes.join(","));
        let (parsed, counted) = parse::<ScoreAccountsRequest>(&rows(&row, 1));
        parsed.unwrap();
        assert!(counted.unwrap() >= 50_000 * size_of::<(String, AttributeValue)>());
    }

    #[test]
    fn many_empty_elements_are_refused() {
        let (parsed, counted) = parse::<ScoreAccountsRequest>(&columns(100_000));
        assert!(parsed.is_err_and(|error| error.to_string().starts_with("the elements take too much memory")));
        assert_eq!(counted, None);
        // A small body may have any shape.
        assert!(parse::<ScoreAccountsRequest>(&columns(300)).1.is_some());
    }
}
