//! Cuts the bytes of a message between its fields: each piece is a message of the same type.

/// The wire types of protobuf that occur: a number, and anything that tells its length.
const NUMBER: usize = 0;
const SIZED: usize = 2;

/// Pieces of at least so many bytes, the last one aside; nothing in place of what is no message.
pub(super) fn pieces(mut bytes: &[u8], least: usize) -> impl Iterator<Item = Option<&[u8]>> {
    std::iter::from_fn(move || {
        if bytes.is_empty() {
            return None;
        }
        let mut end = 0;
        while end < bytes.len().min(least) {
            let Some(len) = bytes.get(end..).and_then(field) else {
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

/// How many bytes the first field takes.
fn field(bytes: &[u8]) -> Option<usize> {
    let mut rest = bytes;
    let mut number = || prost::decode_length_delimiter(&mut rest).ok();
    let skipped = match number()? & 7 {
        NUMBER => number().map(|_| 0)?,
        SIZED => number()?,
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
            let table = CustomerTable { format_version: 300, ids, columns: vec![], outcomes, currency, review: vec![] };
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
    fn what_is_cut_off_is_no_message() {
        let bytes = CustomerTable { ids: vec!["abc".to_owned()], ..CustomerTable::default() }.encode_to_vec();
        assert_eq!(pieces(&bytes[..3], 64).collect::<Vec<_>>(), [None]);
        assert_eq!(pieces(&[], 64).count(), 0);
    }
}
