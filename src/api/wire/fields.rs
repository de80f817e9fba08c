//! The fields of a message, one after the other, as they stand on the wire.
//!
//! Nothing is copied and nothing is built. What is a field, and what is not, is decided by prost.

use prost::DecodeError;
use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field};

/// The fields of one message that are still to be read.
#[derive(Clone, Debug)]
pub(in crate::api) struct Fields<'a>(&'a [u8]);

/// The content of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::api) enum Field<'a> {
    /// An integer, a flag or an enum.
    Varint(u64),
    /// The bits of a double.
    Fixed64(u64),
    /// A text, bytes, a message or packed numbers.
    Bytes(&'a [u8]),
    /// Something that our protos do not use.
    Other,
}

impl<'a> Fields<'a> {
    /// The fields of a message.
    pub(in crate::api) const fn new(message: &'a [u8]) -> Self {
        Self(message)
    }

    #[inline]
    /// The next field and its number; nothing at the end of the message.
    ///
    /// # Errors
    /// Where the bytes are no message.
    pub(in crate::api) fn next(&mut self) -> Result<Option<(u32, Field<'a>)>, DecodeError> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let (number, wire_type) = decode_key(&mut self.0)?;
        let field = match wire_type {
            WireType::Varint => Field::Varint(decode_varint(&mut self.0)?),
            WireType::SixtyFourBit => self.fixed64().ok_or_else(truncated)?,
            WireType::LengthDelimited => {
                let length = decode_varint(&mut self.0)?;
                let split = usize::try_from(length).ok().and_then(|length| self.0.split_at_checked(length));
                let (bytes, rest) = split.ok_or_else(truncated)?;
                self.0 = rest;
                Field::Bytes(bytes)
            }
            WireType::StartGroup | WireType::EndGroup | WireType::ThirtyTwoBit => {
                skip_field(wire_type, number, &mut self.0, DecodeContext::default())?;
                Field::Other
            }
        };
        Ok(Some((number, field)))
    }

    fn fixed64(&mut self) -> Option<Field<'a>> {
        let (bytes, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(Field::Fixed64(u64::from_le_bytes(*bytes)))
    }
}

/// A message that ends within a field; prost's own words for it.
#[expect(deprecated, reason = "the only way to make one; the decoder's own are made the same way")]
fn truncated() -> DecodeError {
    DecodeError::new("buffer underflow")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(message: &[u8]) -> Option<Vec<(u32, Field<'_>)>> {
        let (mut fields, mut found) = (Fields::new(message), Vec::new());
        while let Some(field) = fields.next().ok()? {
            found.push(field);
        }
        Some(found)
    }

    #[test]
    fn every_wire_type_is_told_apart() {
        let message = [0x08, 0x96, 0x01, 0x12, 0x02, b'h', b'i', 0x19, 1, 0, 0, 0, 0, 0, 0, 0, 0x25, 1, 2, 3, 4];
        let expected = [(1, Field::Varint(150)), (2, Field::Bytes(b"hi")), (3, Field::Fixed64(1)), (4, Field::Other)];
        assert_eq!(all(&message).unwrap(), expected);
        assert_eq!(all(&[0x0b, 0x08, 0x01, 0x0c]).unwrap(), [(1, Field::Other)], "a group is passed over");
        assert_eq!(all(&[]).unwrap(), []);
    }

    #[test]
    fn what_is_no_message_is_refused() {
        for bytes in
            [&[0x00][..], &[0x08], &[0x12, 0x05, b'h'], &[0x19, 1, 2], &[0x0c], &[0x0b], &[0x0f, 1], &[0xff; 11]]
        {
            assert_eq!(all(bytes), None, "{bytes:?}");
        }
    }
}
