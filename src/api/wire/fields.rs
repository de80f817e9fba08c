//! Iterates over the fields of a message in wire format.
//!
//! Nothing is copied or allocated. Prost decides which bytes form a valid field.

use prost::DecodeError;
use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field};

/// The remaining fields of a message.
#[derive(Clone, Debug)]
pub(in crate::api) struct WireFields<'a>(&'a [u8]);

/// The content of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::api) enum WireField<'a> {
    /// An integer, a boolean or an enum.
    Varint(u64),
    /// The bits of a double.
    Fixed64(u64),
    /// A string, bytes, a message or packed numbers.
    Bytes(&'a [u8]),
    /// A type that our protos do not use.
    Other,
}

impl<'a> WireFields<'a> {
    /// Iterates over the fields of a message.
    pub(in crate::api) const fn new(message: &'a [u8]) -> Self {
        Self(message)
    }

    #[inline]
    /// Returns the next field and its number; `None` at the end of the message.
    ///
    /// # Errors
    /// If the bytes are malformed.
    pub(in crate::api) fn next(&mut self) -> Result<Option<(u32, WireField<'a>)>, DecodeError> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let (number, wire_type) = decode_key(&mut self.0)?;
        let field = match wire_type {
            WireType::Varint => WireField::Varint(decode_varint(&mut self.0)?),
            WireType::SixtyFourBit => self.fixed64().ok_or_else(truncated_error)?,
            WireType::LengthDelimited => {
                let length = decode_varint(&mut self.0)?;
                let split = usize::try_from(length).ok().and_then(|length| self.0.split_at_checked(length));
                let (bytes, rest) = split.ok_or_else(truncated_error)?;
                self.0 = rest;
                WireField::Bytes(bytes)
            }
            WireType::StartGroup | WireType::EndGroup | WireType::ThirtyTwoBit => {
                skip_field(wire_type, number, &mut self.0, DecodeContext::default())?;
                WireField::Other
            }
        };
        Ok(Some((number, field)))
    }

    /// The number of bytes of the fields that are left.
    pub(in crate::api) const fn remaining_bytes(&self) -> usize {
        self.0.len()
    }

    fn fixed64(&mut self) -> Option<WireField<'a>> {
        let (bytes, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(WireField::Fixed64(u64::from_le_bytes(*bytes)))
    }
}

/// The key of a field, if it takes one byte.
///
/// # Panics
/// In the compiler, if the key takes more.
pub(super) const fn short_key(number: u32, wire_type: WireType) -> u8 {
    assert!(number < 16, "the key takes more than one byte");
    (number << 3) as u8 | wire_type as u8
}

/// The error for a message that ends within a field, with the text that prost uses.
#[expect(deprecated, reason = "prost has no other public constructor for decode errors, and uses this one itself")]
fn truncated_error() -> DecodeError {
    DecodeError::new("buffer underflow")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all_fields(message: &[u8]) -> Option<Vec<(u32, WireField<'_>)>> {
        let (mut fields, mut found) = (WireFields::new(message), Vec::new());
        while let Some(field) = fields.next().ok()? {
            found.push(field);
        }
        Some(found)
    }

    #[test]
    fn every_wire_type_is_recognized() {
        let message = [0x08, 0x96, 0x01, 0x12, 0x02, b'h', b'i', 0x19, 1, 0, 0, 0, 0, 0, 0, 0, 0x25, 1, 2, 3, 4];
        let expected = [
            (1, WireField::Varint(150)),
            (2, WireField::Bytes(b"hi")),
            (3, WireField::Fixed64(1)),
            (4, WireField::Other),
        ];
        assert_eq!(all_fields(&message).unwrap(), expected);
        assert_eq!(all_fields(&[0x0b, 0x08, 0x01, 0x0c]).unwrap(), [(1, WireField::Other)], "groups are skipped");
        assert_eq!(all_fields(&[]).unwrap(), []);
    }

    #[test]
    fn malformed_messages_are_refused() {
        for bytes in
            [&[0x00][..], &[0x08], &[0x12, 0x05, b'h'], &[0x19, 1, 2], &[0x0c], &[0x0b], &[0x0f, 1], &[0xff; 11]]
        {
            assert_eq!(all_fields(bytes), None, "{bytes:?}");
        }
    }
}
