//! Reads scoring requests only as far as needed: accounts remain encoded.

use bytes::{Bytes, BytesMut};
use prost::{DecodeError, Message as _};
use sweetspot_proto::v1;

use super::field_numbers::{
    account_rows, account_table, excluded_ids as excluded_ids_field, explain_accounts_request, score_accounts_request,
    score_chunk, stream_scores_request,
};
use super::fields::{WireField, WireFields};

/// Encoded accounts.
#[derive(Clone, Debug)]
pub(in crate::api) enum AccountPayload {
    /// Accounts in row form: the fields with this number in these bytes.
    Rows { bytes: Bytes, number: u32 },
    /// An `AccountTable`.
    Table(Bytes),
}

/// A `ScoreAccountsRequest`.
#[derive(Debug, Default)]
pub(in crate::api) struct ScoreRequest {
    pub(in crate::api) config: v1::ScoreConfig,
    pub(in crate::api) accounts: Option<AccountPayload>,
}

/// A `ScoreChunk`.
#[derive(Debug, Default)]
pub(in crate::api) struct WireChunk {
    pub(in crate::api) sequence: u64,
    pub(in crate::api) accounts: Option<AccountPayload>,
}

/// An `ExplainAccountsRequest`.
#[derive(Debug)]
pub(in crate::api) struct ExplainRequest {
    pub(in crate::api) version: String,
    pub(in crate::api) accounts: AccountPayload,
    /// Whether to return a counterfactual for each account.
    pub(in crate::api) counterfactuals: bool,
    /// The attributes that may change; empty means all.
    pub(in crate::api) changeable: Vec<String>,
}

/// A `StreamScoresRequest`.
#[derive(Debug)]
pub(in crate::api) enum StreamMessage {
    Config(Box<v1::ScoreConfig>),
    Exclude(Bytes),
    Chunk(WireChunk),
}

impl AccountPayload {
    /// Counts the accounts.
    ///
    /// # Errors
    /// If the bytes are malformed.
    pub(in crate::api) fn count(&self) -> Result<usize, DecodeError> {
        let (bytes, wanted_number) = match self {
            Self::Rows { bytes, number } => (bytes, *number),
            Self::Table(bytes) => (bytes, account_table::ACCOUNT_IDS),
        };
        let (mut count, mut fields) = (0, WireFields::new(bytes));
        while let Some((number, field)) = fields.next()? {
            if number == wanted_number {
                message_bytes(field)?;
                count += 1;
            }
        }
        Ok(count)
    }

    /// The size in bytes.
    pub(in crate::api) const fn byte_count(&self) -> usize {
        match self {
            Self::Rows { bytes, .. } | Self::Table(bytes) => bytes.len(),
        }
    }

    /// The accounts of a counted list in row form; empty for a table.
    pub(in crate::api) fn rows(&self) -> impl Iterator<Item = &[u8]> {
        let (bytes, wanted_number) = match self {
            Self::Rows { bytes, number } => (bytes.as_ref(), *number),
            Self::Table(_) => (&[][..], 0),
        };
        let mut fields = WireFields::new(bytes);
        std::iter::from_fn(move || fields.next().ok().flatten()).filter_map(move |(number, field)| match field {
            WireField::Bytes(account) if number == wanted_number => Some(account),
            WireField::Bytes(_) | WireField::Varint(_) | WireField::Fixed64(_) | WireField::Other => None,
        })
    }
}

impl ScoreRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// If the bytes are malformed.
    pub(in crate::api) fn read(bytes: &Bytes) -> Result<Self, DecodeError> {
        use score_accounts_request::{CONFIG, ROWS, TABLE};
        let mut request = Self::default();
        let mut fields = WireFields::new(bytes);
        while let Some((number, field)) = fields.next()? {
            match number {
                CONFIG => request.config.merge(message_bytes(field)?)?,
                ROWS | TABLE => merge_accounts(&mut request.accounts, number == ROWS, &submessage(bytes, field)?),
                _ => {}
            }
        }
        Ok(request)
    }
}

impl WireChunk {
    fn merge(&mut self, bytes: &Bytes) -> Result<(), DecodeError> {
        use score_chunk::{ROWS, SEQUENCE, TABLE};
        let mut fields = WireFields::new(bytes);
        while let Some((number, field)) = fields.next()? {
            match (number, field) {
                (SEQUENCE, WireField::Varint(sequence)) => self.sequence = sequence,
                (SEQUENCE, _) => return Err(wrong_type_error()),
                (ROWS | TABLE, field) => {
                    merge_accounts(&mut self.accounts, number == ROWS, &submessage(bytes, field)?);
                }
                _ => {}
            }
        }
        Ok(())
    }
}

impl ExplainRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// If the bytes are malformed.
    pub(in crate::api) fn read(bytes: &Bytes) -> Result<Self, DecodeError> {
        use explain_accounts_request::{ACCOUNTS, CHANGEABLE_ATTRIBUTES, INCLUDE_COUNTERFACTUALS, VERSION};
        let accounts = AccountPayload::Rows { bytes: bytes.clone(), number: ACCOUNTS };
        let mut read = Self { version: String::new(), accounts, counterfactuals: false, changeable: Vec::new() };
        let mut fields = WireFields::new(bytes);
        while let Some((number, field)) = fields.next()? {
            match (number, field) {
                (VERSION, field) => parse_utf8(message_bytes(field)?)?.clone_into(&mut read.version),
                (ACCOUNTS, field) => drop(message_bytes(field)?),
                (INCLUDE_COUNTERFACTUALS, WireField::Varint(flag)) => read.counterfactuals = flag != 0,
                (INCLUDE_COUNTERFACTUALS, _) => return Err(wrong_type_error()),
                (CHANGEABLE_ATTRIBUTES, field) => read.changeable.push(parse_utf8(message_bytes(field)?)?.to_owned()),
                _ => {}
            }
        }
        Ok(read)
    }
}

impl StreamMessage {
    /// Reads a message of a stream; `None` if it is empty.
    ///
    /// # Errors
    /// If the bytes are malformed.
    pub(in crate::api) fn read(bytes: &Bytes) -> Result<Option<Self>, DecodeError> {
        use stream_scores_request::{CHUNK, CONFIG, EXCLUDE};
        let mut read = None;
        let mut fields = WireFields::new(bytes);
        while let Some((number, field)) = fields.next()? {
            match (number, &mut read) {
                (CONFIG, Some(Self::Config(config))) => config.merge(message_bytes(field)?)?,
                (CONFIG, _) => read = Some(Self::Config(Box::new(v1::ScoreConfig::decode(message_bytes(field)?)?))),
                (CHUNK, Some(Self::Chunk(chunk))) => chunk.merge(&submessage(bytes, field)?)?,
                (CHUNK, _) => {
                    let mut chunk = WireChunk::default();
                    chunk.merge(&submessage(bytes, field)?)?;
                    read = Some(Self::Chunk(chunk));
                }
                (EXCLUDE, Some(Self::Exclude(ids))) => *ids = concat(ids, &submessage(bytes, field)?),
                (EXCLUDE, _) => read = Some(Self::Exclude(submessage(bytes, field)?)),
                _ => {}
            }
        }
        Ok(read)
    }
}

/// The ids of an `ExcludedIds`.
pub(in crate::api) fn excluded_ids(message: &[u8]) -> impl Iterator<Item = Result<&str, DecodeError>> {
    let mut fields = WireFields::new(message);
    std::iter::from_fn(move || fields.next().transpose()).filter_map(|field| match field {
        Ok((excluded_ids_field::ACCOUNT_IDS, field)) => Some(self::message_bytes(field).and_then(parse_utf8)),
        Ok(_) => None,
        Err(error) => Some(Err(error)),
    })
}

/// Adds accounts of one form. They replace accounts of the other form: a message has only one.
fn merge_accounts(so_far: &mut Option<AccountPayload>, are_rows: bool, more: &Bytes) {
    *so_far = Some(match (so_far.take(), are_rows) {
        (Some(AccountPayload::Rows { bytes, .. }), true) => {
            AccountPayload::Rows { bytes: concat(&bytes, more), number: account_rows::ROWS }
        }
        (_, true) => AccountPayload::Rows { bytes: more.clone(), number: account_rows::ROWS },
        (Some(AccountPayload::Table(bytes)), false) => AccountPayload::Table(concat(&bytes, more)),
        (_, false) => AccountPayload::Table(more.clone()),
    });
}

/// Concatenates two parts of a message, which merges them.
fn concat(first: &Bytes, second: &Bytes) -> Bytes {
    let mut merged = BytesMut::with_capacity(first.len() + second.len());
    merged.extend_from_slice(first);
    merged.extend_from_slice(second);
    merged.freeze()
}

/// The message in a field, sharing the bytes of the whole.
fn submessage(whole: &Bytes, field: WireField<'_>) -> Result<Bytes, DecodeError> {
    Ok(whole.slice_ref(message_bytes(field)?))
}

/// The bytes of a field that contains a message or a string.
pub(super) fn message_bytes(field: WireField<'_>) -> Result<&[u8], DecodeError> {
    match field {
        WireField::Bytes(bytes) => Ok(bytes),
        WireField::Varint(_) | WireField::Fixed64(_) | WireField::Other => Err(wrong_type_error()),
    }
}

/// Checks that bytes are UTF-8.
pub(super) fn parse_utf8(bytes: &[u8]) -> Result<&str, DecodeError> {
    std::str::from_utf8(bytes).map_err(|_| decode_error("invalid string value: data is not UTF-8 encoded"))
}

fn wrong_type_error() -> DecodeError {
    decode_error("invalid wire type")
}

#[expect(deprecated, reason = "prost has no other public constructor for decode errors")]
fn decode_error(text: &'static str) -> DecodeError {
    DecodeError::new(text)
}
