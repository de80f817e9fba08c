//! One account in row form, placed into a model's slots as it is read.
//!
//! Only what is beyond doubt is read here. Everything else, from a text too long to a field of a later version, is [`Odd`], and
//! left to the slow way: prost and the checks that tell what is wrong.

use super::fields::{Field, Fields};
use crate::api::convert::screen::Screen;
use crate::api::convert::value::usable_name;
use crate::api::limits::{ACCOUNT_ID_BYTES, ATTRIBUTES, LIST_ITEMS, TEXT_BYTES};
use crate::domain::ValueRef;
use crate::model::{Placed, Scorer};

/// Something that is to be read the slow way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::api) struct Odd;

/// Reads an account, and gives back its id.
///
/// # Errors
/// Where anything is unusual.
pub(in crate::api) fn read<'a>(
    account: &'a [u8],
    scorer: &Scorer,
    placed: &mut Placed<'a>,
    screen: &mut Screen<'_>,
) -> Result<&'a str, Odd> {
    let (mut id, mut attributes) = ("", 0);
    let mut fields = Fields::new(account);
    while let Some((number, field)) = fields.next().map_err(|_| Odd)? {
        match (number, field) {
            (1, Field::Bytes(bytes)) => id = text(bytes, ACCOUNT_ID_BYTES)?,
            (2, Field::Bytes(bytes)) => {
                attributes += 1;
                let (name, value) = attribute(bytes)?;
                screen.see(name, &value);
                match scorer.attribute(name) {
                    Some(attribute) => scorer.place(placed, attribute, &value),
                    None => placed.add_unknown(name),
                }
            }
            _ => return Err(Odd),
        }
    }
    if id.is_empty() || attributes > ATTRIBUTES { Err(Odd) } else { Ok(id) }
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

/// The name and the value of an entry of the map: each once, in this order, as every writer writes them.
fn attribute(entry: &[u8]) -> Result<(&str, ValueRef<'_>), Odd> {
    let mut fields = Fields::new(entry);
    let (Some((1, Field::Bytes(name))), Some((2, Field::Bytes(value))), None) =
        (fields.next().map_err(|_| Odd)?, fields.next().map_err(|_| Odd)?, fields.next().map_err(|_| Odd)?)
    else {
        return Err(Odd);
    };
    let name = std::str::from_utf8(name).map_err(|_| Odd)?;
    if usable_name(name) { Ok((name, self::value(value)?)) } else { Err(Odd) }
}

fn value(value: &[u8]) -> Result<ValueRef<'_>, Odd> {
    let mut fields = Fields::new(value);
    let (Some((number, field)), None) = (fields.next().map_err(|_| Odd)?, fields.next().map_err(|_| Odd)?) else {
        return Err(Odd);
    };
    match (number, field) {
        (1, Field::Fixed64(bits)) => {
            Some(f64::from_bits(bits)).filter(|number| number.is_finite()).map(ValueRef::Number)
        }
        (2, Field::Bytes(bytes)) => Some(ValueRef::Text(text(bytes, TEXT_BYTES)?)),
        (3, Field::Varint(flag)) => Some(ValueRef::Flag(flag != 0)),
        (4, Field::Bytes(bytes)) => Some(ValueRef::List(texts(bytes)?)),
        _ => None,
    }
    .ok_or(Odd)
}

/// The texts of a list.
fn texts(list: &[u8]) -> Result<Vec<&str>, Odd> {
    let (mut fields, mut items) = (Fields::new(list), Vec::new());
    while let Some((number, field)) = fields.next().map_err(|_| Odd)? {
        let (1, Field::Bytes(bytes)) = (number, field) else { return Err(Odd) };
        items.push(text(bytes, TEXT_BYTES)?);
        if items.len() > LIST_ITEMS {
            return Err(Odd);
        }
    }
    Ok(items)
}

/// A text of at most so many bytes.
pub(super) fn text(bytes: &[u8], most: usize) -> Result<&str, Odd> {
    if bytes.len() > most { Err(Odd) } else { std::str::from_utf8(bytes).map_err(|_| Odd) }
}
