//! Splits an encoded message between fields into pieces, each of which is a message of the same type.

/// The protobuf wire types in use: a varint, and a length-delimited field.
const WIRE_VARINT: usize = 0;
const WIRE_LENGTH_DELIMITED: usize = 2;

/// Returns pieces of at least `min_bytes` bytes, except for the last one. An item is `None` if the bytes are not a message.
pub(super) fn pieces(mut bytes: &[u8], min_bytes: usize) -> impl Iterator<Item = Option<&[u8]>> {
    std::iter::from_fn(move || {
        if bytes.is_empty() {
            return None;
        }
        let mut end = 0;
        while end < bytes.len().min(min_bytes) {
            let Some(len) = bytes.get(end..).and_then(field_len) else {
                bytes = &[];
                return Some(None);
            };
            end += len;
        }
        let (piece, rest) = bytes.split_at_checked(end)?;
        bytes = rest;
        Some(Some(piece))
    })
}

/// The length of the first field in bytes, including its tag.
fn field_len(bytes: &[u8]) -> Option<usize> {
    let mut rest = bytes;
    let mut number = || prost::decode_length_delimiter(&mut rest).ok();
    let skipped = match number()? & 7 {
        WIRE_VARINT => number().map(|_| 0)?,
        WIRE_LENGTH_DELIMITED => number()?,
        _ => return None,
    };
    let rest = rest.get(skipped..)?;
    Some(bytes.len() - rest.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use prost::Message as _;

    use super::*;
    use crate::stored::{CustomerOutcome, CustomerTable};

    proptest! {
        #[test]
        fn pieces_are_messages_that_make_the_whole(ids in prop::collection::vec("[a-z]{0,9}", 0..9), outcomes in 0..5_usize, least in 1..40_usize) {
            let currency = Some("EUR".to_owned());
            let outcomes = vec![CustomerOutcome { value: Some(1.5), ..CustomerOutcome::default() }; outcomes];
            let table = CustomerTable { format_version: 300, ids, columns: vec![], outcomes, currency, ..CustomerTable::default() };
            let bytes = table.encode_to_vec();
            let pieces: Vec<&[u8]> = pieces(&bytes, least).map(Option::unwrap).collect();
            prop_assert_eq!(pieces.concat(), bytes.clone());
            prop_assert!(pieces.iter().rev().skip(1).all(|piece| piece.len() >= least));
            let mut merged = CustomerTable::default();
            for piece in pieces {
                merged.merge(piece).unwrap();
            }
            prop_assert_eq!(merged, table);
        }

        #[test]
        fn other_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..40), least in 1..40_usize) {
            let whole: usize = pieces(&bytes, least).flatten().map(<[u8]>::len).sum();
            prop_assert!(whole <= bytes.len());
        }
    }

    #[test]
    fn a_truncated_message_is_refused() {
        let bytes = CustomerTable { ids: vec!["abc".to_owned()], ..CustomerTable::default() }.encode_to_vec();
        assert_eq!(pieces(&bytes[..3], 64).collect::<Vec<_>>(), [None]);
        assert_eq!(pieces(&[], 64).count(), 0);
    }
}
