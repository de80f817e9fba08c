//! Splits scores that are too large for one message.

use tonic::Status;

use crate::api::response::check_size;
use crate::api::wire::fields::WireFields;

/// Splits encoded fields into messages of at most `max_bytes`, in order. There is at least one message, which may be
/// empty.
///
/// # Errors
/// `RESPONSE_TOO_LARGE` if a single field is larger.
pub(super) fn split_fields(encoded: Vec<u8>, max_bytes: usize) -> Result<Vec<Vec<u8>>, Status> {
    if encoded.len() <= max_bytes {
        return Ok(vec![encoded]);
    }
    let (mut messages, mut start, mut end) = (Vec::new(), 0, 0);
    let mut fields = WireFields::new(&encoded);
    // The fields are those of this program, so that they are never malformed.
    while let Ok(Some(_)) = fields.next() {
        let field_end = encoded.len() - fields.remaining_bytes();
        check_size(field_end - end, max_bytes)?;
        if field_end - start > max_bytes {
            messages.extend(encoded.get(start..end).map(<[u8]>::to_vec));
            start = end;
        }
        end = field_end;
    }
    messages.extend(encoded.get(start..).map(<[u8]>::to_vec));
    Ok(messages)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use prost::encoding::bytes;
    use tonic::Code;

    use super::*;

    fn encode(fields: &[Vec<u8>]) -> Vec<u8> {
        let mut encoded = Vec::new();
        for field in fields {
            bytes::encode(2, field, &mut encoded);
        }
        encoded
    }

    proptest! {
        #[test]
        fn messages_are_whole_fields_in_order_and_none_is_smaller_than_necessary(
            fields in vec(vec(any::<u8>(), 0..20), 0..40),
            max_bytes in 24_usize..80,
        ) {
            let encoded = encode(&fields);
            let messages = split_fields(encoded.clone(), max_bytes).unwrap();
            prop_assert_eq!(messages.concat(), encoded);
            for message in &messages {
                prop_assert!(message.len() <= max_bytes);
                let mut rest = WireFields::new(message);
                while rest.next().unwrap().is_some() {}
            }
            for pair in messages.windows(2) {
                let mut rest = WireFields::new(&pair[1]);
                rest.next().unwrap();
                let first_field = pair[1].len() - rest.remaining_bytes();
                prop_assert!(pair[0].len() + first_field > max_bytes);
            }
        }
    }

    #[test]
    fn a_field_that_fits_into_no_message_is_an_error() {
        let error = split_fields(encode(&[vec![1], vec![0; 50]]), 40).unwrap_err();
        assert_eq!(error.code(), Code::ResourceExhausted);
    }
}
