//! Reads an account in row form and encodes it into a model's slots.
//!
//! Only common, unambiguous input is read here. Everything else, such as a text that is too long or an unknown field,
//! results in [`NeedsFallback`]: prost decodes it, and full validation reports what is wrong.

use std::collections::BTreeSet;

use prost::encoding::WireType;
use sweetspot_core::ValueRef;
use sweetspot_model::EncodedAccount;

use super::attribute_lookup::AttributeLookup;
use super::field_numbers::account::attributes_entry;
use super::field_numbers::{account, attribute_value, text_list};
use super::fields::{WireField, WireFields, short_key};
use crate::api::convert::attribute_filter::AttributeFilter;
use crate::api::limits::{MAX_ACCOUNT_ID_BYTES, MAX_ATTRIBUTES, MAX_LIST_ITEMS, MAX_NAME_BYTES, MAX_TEXT_BYTES};

// The keys of the fields: a number and a wire type.
const ID_TAG: u8 = short_key(account::ACCOUNT_ID, WireType::LengthDelimited);
const ENTRY_TAG: u8 = short_key(account::ATTRIBUTES, WireType::LengthDelimited);
const KEY_TAG: u8 = short_key(attributes_entry::KEY, WireType::LengthDelimited);
const VALUE_TAG: u8 = short_key(attributes_entry::VALUE, WireType::LengthDelimited);
const NUMBER_TAG: u8 = short_key(attribute_value::NUMBER, WireType::SixtyFourBit);
const TEXT_TAG: u8 = short_key(attribute_value::TEXT, WireType::LengthDelimited);
const FLAG_TAG: u8 = short_key(attribute_value::FLAG, WireType::Varint);
const TEXTS_TAG: u8 = short_key(attribute_value::TEXTS, WireType::LengthDelimited);
const ITEM_TAG: u8 = short_key(text_list::VALUES, WireType::LengthDelimited);

/// The input must take the slow path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::api) struct NeedsFallback;

/// Reads an account and returns its id.
///
/// # Errors
/// If anything is unusual.
pub(in crate::api) fn read_account<'a>(
    account: &'a [u8],
    lookup: &mut AttributeLookup<'_>,
    encoded: &mut EncodedAccount<'a>,
    filter: &mut AttributeFilter<'_>,
) -> Result<&'a str, NeedsFallback> {
    let (mut id, mut attributes, mut rest) = ("", 0, account);
    lookup.begin_account();
    while let Some(first) = rest.first() {
        let (content, after) = split_field(*first, rest)?;
        rest = after;
        match *first {
            ID_TAG => id = read_text(content, MAX_ACCOUNT_ID_BYTES)?,
            ENTRY_TAG => {
                attributes += 1;
                read_attribute(content, lookup, encoded, filter)?;
            }
            _ => return Err(NeedsFallback),
        }
    }
    if id.is_empty() || attributes > MAX_ATTRIBUTES { Err(NeedsFallback) } else { Ok(id) }
}

/// Encodes an entry of the map: a name and a value, once each and in this order, as all encoders write them.
fn read_attribute<'a>(
    entry: &'a [u8],
    lookup: &mut AttributeLookup<'_>,
    encoded: &mut EncodedAccount<'a>,
    filter: &mut AttributeFilter<'_>,
) -> Result<(), NeedsFallback> {
    let (name, rest) = split_field(KEY_TAG, entry)?;
    let (value, rest) = split_field(VALUE_TAG, rest)?;
    if !rest.is_empty() || name.is_empty() || name.len() > MAX_NAME_BYTES {
        return Err(NeedsFallback);
    }
    let value = self::read_value(value)?;
    let known = lookup.find(name);
    if known.is_some_and(|attribute| !lookup.is_first(attribute)) {
        return Err(NeedsFallback);
    }
    // A name that the model has needs no check, unless the filter uses it.
    if known.is_none() || filter.has_conditions() {
        let name = read_text(name, MAX_NAME_BYTES)?;
        filter.observe(name, &value);
        if known.is_none() && !encoded.add_unknown_name(name) {
            return Err(NeedsFallback);
        }
    }
    if let Some(attribute) = known {
        lookup.scorer.encode_value_into(encoded, attribute, &value);
    }
    Ok(())
}

/// The id of an account, as far as it can be read.
pub(in crate::api) fn account_id(account: &[u8]) -> &str {
    let (mut id, mut fields) = ("", WireFields::new(account));
    while let Ok(Some((number, field))) = fields.next() {
        if let (account::ACCOUNT_ID, WireField::Bytes(bytes)) = (number, field) {
            id = std::str::from_utf8(bytes).unwrap_or_default();
        }
    }
    id
}

/// The names of repeated attributes, once for each repetition.
pub(in crate::api) fn repeated_keys(account: &[u8]) -> impl Iterator<Item = &str> {
    let (mut seen, mut fields) = (BTreeSet::new(), WireFields::new(account));
    let entries = std::iter::from_fn(move || fields.next().ok().flatten());
    let names = entries.filter_map(|(number, field)| match (number, field) {
        (account::ATTRIBUTES, WireField::Bytes(entry)) => Some(entry_key(entry)),
        _ => None,
    });
    names.filter(move |name| !seen.insert(*name))
}

/// The key of a map entry. The last one counts if there are several.
fn entry_key(entry: &[u8]) -> &str {
    let (mut key, mut fields) = ("", WireFields::new(entry));
    while let Ok(Some((number, field))) = fields.next() {
        if let (attributes_entry::KEY, WireField::Bytes(bytes)) = (number, field) {
            key = std::str::from_utf8(bytes).unwrap_or_default();
        }
    }
    key
}

/// Reads a value, which must be exactly one field.
fn read_value(value: &[u8]) -> Result<ValueRef<'_>, NeedsFallback> {
    match *value {
        [NUMBER_TAG, ref bits @ ..] => {
            let number = f64::from_le_bytes(bits.try_into().map_err(|_| NeedsFallback)?);
            if number.is_finite() { Ok(ValueRef::Number(number)) } else { Err(NeedsFallback) }
        }
        [FLAG_TAG, flag @ 0..=1] => Ok(ValueRef::Flag(flag == 1)),
        [first @ (TEXT_TAG | TEXTS_TAG), ..] => {
            let (content, rest) = split_field(first, value)?;
            match first {
                _ if !rest.is_empty() => Err(NeedsFallback),
                TEXT_TAG => Ok(ValueRef::Text(read_text(content, MAX_TEXT_BYTES)?)),
                _ => Ok(ValueRef::List(read_texts(content)?)),
            }
        }
        _ => Err(NeedsFallback),
    }
}

/// Reads the texts of a list.
fn read_texts(mut list: &[u8]) -> Result<Vec<&str>, NeedsFallback> {
    let mut items = Vec::new();
    while !list.is_empty() {
        let (item, rest) = split_field(ITEM_TAG, list)?;
        items.push(read_text(item, MAX_TEXT_BYTES)?);
        list = rest;
        if items.len() > MAX_LIST_ITEMS {
            return Err(NeedsFallback);
        }
    }
    Ok(items)
}

/// Splits the content of a field with this first byte from the rest. Lengths of one or two bytes are supported.
#[inline]
fn split_field(first: u8, bytes: &[u8]) -> Result<(&[u8], &[u8]), NeedsFallback> {
    let split = match *bytes {
        [found, length @ ..0x80, ref rest @ ..] if found == first => rest.split_at_checked(length.into()),
        [found, low, high @ ..0x80, ref rest @ ..] if found == first => {
            rest.split_at_checked(usize::from(low & 0x7f) | usize::from(high) << 7)
        }
        _ => None,
    };
    split.ok_or(NeedsFallback)
}

/// Reads a text of at most `max_bytes` bytes.
pub(super) fn read_text(bytes: &[u8], max_bytes: usize) -> Result<&str, NeedsFallback> {
    if bytes.len() > max_bytes { Err(NeedsFallback) } else { std::str::from_utf8(bytes).map_err(|_| NeedsFallback) }
}
