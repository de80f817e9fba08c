//! One account in row form, placed into a model's slots as it is read.
//!
//! Only what is beyond doubt is read here. Everything else, from a text too long to a field of a later version, is [`Odd`], and
//! left to the slow way: prost and the checks that tell what is wrong.

use std::collections::BTreeSet;

use sweetspot_core::ValueRef;
use sweetspot_model::Placed;

use super::fields::{Field, Fields};
use super::names::Names;
use crate::api::convert::screen::Screen;
use crate::api::limits::{ACCOUNT_ID_BYTES, ATTRIBUTES, LIST_ITEMS, NAME_BYTES, TEXT_BYTES};

/// What fields begin with: their number, and that a length follows, eight bytes, or an integer.
const ID: u8 = 0x0a;
const ENTRY: u8 = 0x12;
const KEY: u8 = 0x0a;
const VALUE: u8 = 0x12;
const NUMBER: u8 = 0x09;
const TEXT: u8 = 0x12;
const FLAG: u8 = 0x18;
const TEXTS: u8 = 0x22;
const ITEM: u8 = 0x0a;

/// Something that is to be read the slow way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::api) struct Odd;

/// Reads an account, and gives back its id.
///
/// # Errors
/// Where anything is unusual.
pub(in crate::api) fn read<'a>(
    account: &'a [u8],
    names: &mut Names<'_>,
    placed: &mut Placed<'a>,
    screen: &mut Screen<'_>,
) -> Result<&'a str, Odd> {
    let (mut id, mut attributes, mut rest) = ("", 0, account);
    names.begin();
    while let Some(first) = rest.first() {
        let (content, after) = field(*first, rest)?;
        rest = after;
        match *first {
            ID => id = text(content, ACCOUNT_ID_BYTES)?,
            ENTRY => {
                attributes += 1;
                attribute(content, names, placed, screen)?;
            }
            _ => return Err(Odd),
        }
    }
    if id.is_empty() || attributes > ATTRIBUTES { Err(Odd) } else { Ok(id) }
}

/// Places an entry of the map: a name and a value, each once, in this order, as every writer writes them.
fn attribute<'a>(
    entry: &'a [u8],
    names: &mut Names<'_>,
    placed: &mut Placed<'a>,
    screen: &mut Screen<'_>,
) -> Result<(), Odd> {
    let (name, rest) = field(KEY, entry)?;
    let (value, rest) = field(VALUE, rest)?;
    if !rest.is_empty() || name.is_empty() || name.len() > NAME_BYTES {
        return Err(Odd);
    }
    let value = self::value(value)?;
    let known = names.find(name);
    if known.is_some_and(|attribute| !names.is_first(attribute)) {
        return Err(Odd);
    }
    // A name that the model has needs no reading, unless the filter asks for it.
    if known.is_none() || screen.asks() {
        let name = text(name, NAME_BYTES)?;
        screen.see(name, &value);
        if known.is_none() && !placed.add_unknown(name) {
            return Err(Odd);
        }
    }
    if let Some(attribute) = known {
        names.scorer.place(placed, attribute, &value);
    }
    Ok(())
}

/// The id of an account, as far as it can be read.
pub(in crate::api) fn id(account: &[u8]) -> &str {
    let (mut id, mut fields) = ("", Fields::new(account));
    while let Ok(Some((number, field))) = fields.next() {
        if let (1, Field::Bytes(bytes)) = (number, field) {
            id = std::str::from_utf8(bytes).unwrap_or_default();
        }
    }
    id
}

/// The names of attributes that an account has more than once, each as often as it repeats an earlier one.
pub(in crate::api) fn repeated_keys(account: &[u8]) -> impl Iterator<Item = &str> {
    let (mut seen, mut fields) = (BTreeSet::new(), Fields::new(account));
    let entries = std::iter::from_fn(move || fields.next().ok().flatten());
    let names = entries.filter_map(|(number, field)| match (number, field) {
        (2, Field::Bytes(entry)) => Some(key(entry)),
        _ => None,
    });
    names.filter(move |name| !seen.insert(*name))
}

/// The key of an entry of a map; of several, the last one counts.
fn key(entry: &[u8]) -> &str {
    let (mut key, mut fields) = ("", Fields::new(entry));
    while let Ok(Some((number, field))) = fields.next() {
        if let (1, Field::Bytes(bytes)) = (number, field) {
            key = std::str::from_utf8(bytes).unwrap_or_default();
        }
    }
    key
}

/// A value: one field and no more.
fn value(value: &[u8]) -> Result<ValueRef<'_>, Odd> {
    match *value {
        [NUMBER, ref bits @ ..] => {
            let number = f64::from_le_bytes(bits.try_into().map_err(|_| Odd)?);
            if number.is_finite() { Ok(ValueRef::Number(number)) } else { Err(Odd) }
        }
        [FLAG, flag @ 0..=1] => Ok(ValueRef::Flag(flag == 1)),
        [first @ (TEXT | TEXTS), ..] => {
            let (content, rest) = field(first, value)?;
            match first {
                _ if !rest.is_empty() => Err(Odd),
                TEXT => Ok(ValueRef::Text(text(content, TEXT_BYTES)?)),
                _ => Ok(ValueRef::List(texts(content)?)),
            }
        }
        _ => Err(Odd),
    }
}

/// The texts of a list.
fn texts(mut list: &[u8]) -> Result<Vec<&str>, Odd> {
    let mut items = Vec::new();
    while !list.is_empty() {
        let (item, rest) = field(ITEM, list)?;
        items.push(text(item, TEXT_BYTES)?);
        list = rest;
        if items.len() > LIST_ITEMS {
            return Err(Odd);
        }
    }
    Ok(items)
}

/// The content of a field that begins with this byte, and what stands behind it. Lengths of one or two bytes are usual.
#[inline]
fn field(first: u8, bytes: &[u8]) -> Result<(&[u8], &[u8]), Odd> {
    let split = match *bytes {
        [found, length @ ..0x80, ref rest @ ..] if found == first => rest.split_at_checked(length.into()),
        [found, low, high @ ..0x80, ref rest @ ..] if found == first => {
            rest.split_at_checked(usize::from(low & 0x7f) | usize::from(high) << 7)
        }
        _ => None,
    };
    split.ok_or(Odd)
}

/// A text of at most so many bytes.
pub(super) fn text(bytes: &[u8], most: usize) -> Result<&str, Odd> {
    if bytes.len() > most { Err(Odd) } else { std::str::from_utf8(bytes).map_err(|_| Odd) }
}
