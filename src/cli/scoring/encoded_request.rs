//! Requests of a stream whose accounts are encoded once, when they are read: a long list is never held as messages.
//!
//! The messages have the same fields as those of `scoring_service.proto` and `types.proto`.

use std::collections::BTreeMap;

use bytes::Bytes;
use prost::Message;
use sweetspot_core::Value;
use sweetspot_proto::v1::{AttributeValue, ScoreConfig};

use crate::cli::import_messages::wire_value;

/// The key of `AccountRows.rows`: field 1, with a length.
const ROWS_KEY: u8 = 1 << 3 | 2;

/// A `StreamScoresRequest` with one of its messages.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct EncodedRequest {
    #[prost(message, tag = "1")]
    config: Option<ScoreConfig>,
    #[prost(message, tag = "2")]
    chunk: Option<EncodedChunk>,
}

/// A `ScoreChunk` with encoded `AccountRows`.
#[derive(Clone, PartialEq, Message)]
struct EncodedChunk {
    #[prost(uint64, tag = "1")]
    sequence: u64,
    #[prost(bytes = "bytes", tag = "2")]
    rows: Bytes,
}

impl EncodedRequest {
    /// The first message of a stream.
    pub(crate) const fn config(config: ScoreConfig) -> Self {
        Self { config: Some(config), chunk: None }
    }

    /// A chunk of encoded accounts.
    pub(crate) fn chunk(sequence: u64, rows: Bytes) -> Self {
        Self { config: None, chunk: Some(EncodedChunk { sequence, rows }) }
    }
}

/// An `Account` that takes its names and values from a prospect without copies.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct ProspectAccount {
    #[prost(string, tag = "1")]
    pub(crate) account_id: String,
    #[prost(message, repeated, tag = "2")]
    pub(crate) attributes: Vec<NamedValue>,
}

/// An entry of `Account.attributes`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct NamedValue {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(message, tag = "2")]
    value: Option<AttributeValue>,
}

impl ProspectAccount {
    pub(crate) fn new(attributes: BTreeMap<String, Value>) -> Self {
        let named = attributes.into_iter().map(|(name, value)| NamedValue { name, value: Some(wire_value(value)) });
        Self { account_id: String::new(), attributes: named.collect() }
    }

    /// Appends an element of `AccountRows.rows`.
    pub(crate) fn append_to(&self, rows: &mut Vec<u8>) {
        rows.push(ROWS_KEY);
        // A vector has room for any message.
        let _written = self.encode_length_delimited(rows);
    }
}

#[cfg(test)]
mod tests {
    use sweetspot_proto::v1::stream_scores_request::Message as Part;
    use sweetspot_proto::v1::{self, score_chunk};

    use super::*;

    #[test]
    fn encoded_requests_are_those_of_the_api() {
        let config = ScoreConfig { version: "v".to_owned(), reason_count: 3, ..ScoreConfig::default() };
        let encoded = EncodedRequest::config(config.clone()).encode_to_vec();
        let request = v1::StreamScoresRequest { message: Some(Part::Config(config)) };
        assert_eq!(v1::StreamScoresRequest::decode(&*encoded), Ok(request));

        let values = [("a", Value::Text("b".repeat(300))), ("c", Value::Number(-0.5)), ("d", Value::Flag(true))];
        let values: BTreeMap<String, Value> =
            values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let (mut rows, mut accounts) = (Vec::new(), Vec::new());
        for number in 0..3 {
            let account_id = number.to_string();
            ProspectAccount { account_id: account_id.clone(), ..ProspectAccount::new(values.clone()) }
                .append_to(&mut rows);
            let attributes = values.clone().into_iter().map(|(name, value)| (name, wire_value(value))).collect();
            accounts.push(v1::Account { account_id, attributes });
        }
        let encoded = EncodedRequest::chunk(7, rows.into()).encode_to_vec();
        let accounts = Some(score_chunk::Accounts::Rows(v1::AccountRows { rows: accounts }));
        let request = v1::StreamScoresRequest { message: Some(Part::Chunk(v1::ScoreChunk { sequence: 7, accounts })) };
        assert_eq!(v1::StreamScoresRequest::decode(&*encoded), Ok(request));
    }
}
