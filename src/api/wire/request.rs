//! Scoring requests, taken apart as far as is needed to know what is asked: accounts stay as they came.

use bytes::{Bytes, BytesMut};
use prost::{DecodeError, Message as _};
use sweetspot_proto::v1;

use super::fields::{Field, Fields};

/// Accounts as they came.
#[derive(Clone, Debug)]
pub(in crate::api) enum Form {
    /// Accounts one by one: the fields of this number in these bytes.
    Rows { bytes: Bytes, number: u32 },
    /// An `AccountTable`.
    Table(Bytes),
}

/// A `ScoreAccountsRequest`.
#[derive(Debug, Default)]
pub(in crate::api) struct ScoreRequest {
    pub(in crate::api) config: v1::ScoreConfig,
    pub(in crate::api) accounts: Option<Form>,
}

/// A `ScoreChunk`.
#[derive(Debug, Default)]
pub(in crate::api) struct Chunk {
    pub(in crate::api) sequence: u64,
    pub(in crate::api) accounts: Option<Form>,
}

/// An `ExplainAccountsRequest`.
#[derive(Debug)]
pub(in crate::api) struct ExplainRequest {
    pub(in crate::api) version: String,
    pub(in crate::api) accounts: Form,
    /// Whether to tell what would lift each account.
    pub(in crate::api) counterfactuals: bool,
    /// What may change; anything where none is named.
    pub(in crate::api) changeable: Vec<String>,
}

/// A `StreamScoresRequest`.
#[derive(Debug)]
pub(in crate::api) enum StreamMessage {
    Config(Box<v1::ScoreConfig>),
    Exclude(Bytes),
    Chunk(Chunk),
}

/// The number of the accounts in `AccountRows`.
const ROWS: u32 = 1;

impl Form {
    /// How many accounts.
    ///
    /// # Errors
    /// Where the bytes are no list of accounts.
    pub(in crate::api) fn count(&self) -> Result<usize, DecodeError> {
        let (bytes, wanted) = match self {
            Self::Rows { bytes, number } => (bytes, *number),
            Self::Table(bytes) => (bytes, 1),
        };
        let (mut count, mut fields) = (0, Fields::new(bytes));
        while let Some((number, field)) = fields.next()? {
            if number == wanted {
                message(field)?;
                count += 1;
            }
        }
        Ok(count)
    }

    /// How many bytes.
    pub(in crate::api) const fn bytes(&self) -> usize {
        match self {
            Self::Rows { bytes, .. } | Self::Table(bytes) => bytes.len(),
        }
    }

    /// The accounts of a counted list in row form; a table has none.
    pub(in crate::api) fn rows(&self) -> impl Iterator<Item = &[u8]> {
        let (bytes, wanted) = match self {
            Self::Rows { bytes, number } => (bytes.as_ref(), *number),
            Self::Table(_) => (&[][..], 0),
        };
        let mut fields = Fields::new(bytes);
        std::iter::from_fn(move || fields.next().ok().flatten()).filter_map(move |(number, field)| match field {
            Field::Bytes(account) if number == wanted => Some(account),
            Field::Bytes(_) | Field::Varint(_) | Field::Fixed64(_) | Field::Other => None,
        })
    }
}

impl ScoreRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// Where the bytes are no such message.
    pub(in crate::api) fn read(bytes: &Bytes) -> Result<Self, DecodeError> {
        let mut request = Self::default();
        let mut fields = Fields::new(bytes);
        while let Some((number, field)) = fields.next()? {
            match number {
                1 => request.config.merge(message(field)?)?,
                2 | 3 => accounts(&mut request.accounts, number == 2, &part(bytes, field)?),
                _ => {}
            }
        }
        Ok(request)
    }
}

impl Chunk {
    fn merge(&mut self, bytes: &Bytes) -> Result<(), DecodeError> {
        let mut fields = Fields::new(bytes);
        while let Some((number, field)) = fields.next()? {
            match (number, field) {
                (1, Field::Varint(sequence)) => self.sequence = sequence,
                (1, _) => return Err(wrong_type()),
                (2 | 3, field) => accounts(&mut self.accounts, number == 2, &part(bytes, field)?),
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
    /// Where the bytes are no such message.
    pub(in crate::api) fn read(bytes: &Bytes) -> Result<Self, DecodeError> {
        let accounts = Form::Rows { bytes: bytes.clone(), number: 2 };
        let mut read = Self { version: String::new(), accounts, counterfactuals: false, changeable: Vec::new() };
        let mut fields = Fields::new(bytes);
        while let Some((number, field)) = fields.next()? {
            match (number, field) {
                (1, field) => text(message(field)?)?.clone_into(&mut read.version),
                (2, field) => drop(message(field)?),
                (3, Field::Varint(flag)) => read.counterfactuals = flag != 0,
                (3, _) => return Err(wrong_type()),
                (4, field) => read.changeable.push(text(message(field)?)?.to_owned()),
                _ => {}
            }
        }
        Ok(read)
    }
}

impl StreamMessage {
    /// Reads a message of a stream; nothing where it says nothing.
    ///
    /// # Errors
    /// Where the bytes are no such message.
    pub(in crate::api) fn read(bytes: &Bytes) -> Result<Option<Self>, DecodeError> {
        let mut read = None;
        let mut fields = Fields::new(bytes);
        while let Some((number, field)) = fields.next()? {
            match (number, &mut read) {
                (1, Some(Self::Config(config))) => config.merge(message(field)?)?,
                (1, _) => read = Some(Self::Config(Box::new(v1::ScoreConfig::decode(message(field)?)?))),
                (2, Some(Self::Chunk(chunk))) => chunk.merge(&part(bytes, field)?)?,
                (2, _) => {
                    let mut chunk = Chunk::default();
                    chunk.merge(&part(bytes, field)?)?;
                    read = Some(Self::Chunk(chunk));
                }
                (3, Some(Self::Exclude(ids))) => *ids = joined(ids, &part(bytes, field)?),
                (3, _) => read = Some(Self::Exclude(part(bytes, field)?)),
                _ => {}
            }
        }
        Ok(read)
    }
}

/// The ids of an `ExcludedIds`.
pub(in crate::api) fn excluded_ids(message: &[u8]) -> impl Iterator<Item = Result<&str, DecodeError>> {
    let mut fields = Fields::new(message);
    std::iter::from_fn(move || fields.next().transpose()).filter_map(|field| match field {
        Ok((1, field)) => Some(self::message(field).and_then(text)),
        Ok(_) => None,
        Err(error) => Some(Err(error)),
    })
}

/// Adds accounts of one form. What came before in the other form gives way: a message has one.
fn accounts(so_far: &mut Option<Form>, are_rows: bool, more: &Bytes) {
    *so_far = Some(match (so_far.take(), are_rows) {
        (Some(Form::Rows { bytes, .. }), true) => Form::Rows { bytes: joined(&bytes, more), number: ROWS },
        (_, true) => Form::Rows { bytes: more.clone(), number: ROWS },
        (Some(Form::Table(bytes)), false) => Form::Table(joined(&bytes, more)),
        (_, false) => Form::Table(more.clone()),
    });
}

/// Two parts of one message: a message in parts is the parts one after the other.
fn joined(first: &Bytes, second: &Bytes) -> Bytes {
    let mut both = BytesMut::with_capacity(first.len() + second.len());
    both.extend_from_slice(first);
    both.extend_from_slice(second);
    both.freeze()
}

/// The message in a field, sharing the bytes of the whole.
fn part(whole: &Bytes, field: Field<'_>) -> Result<Bytes, DecodeError> {
    Ok(whole.slice_ref(message(field)?))
}

/// The bytes of a field that holds a message or a text.
pub(super) fn message(field: Field<'_>) -> Result<&[u8], DecodeError> {
    match field {
        Field::Bytes(bytes) => Ok(bytes),
        Field::Varint(_) | Field::Fixed64(_) | Field::Other => Err(wrong_type()),
    }
}

/// A text.
pub(super) fn text(bytes: &[u8]) -> Result<&str, DecodeError> {
    std::str::from_utf8(bytes).map_err(|_| error("invalid string value: data is not UTF-8 encoded"))
}

fn wrong_type() -> DecodeError {
    error("invalid wire type")
}

#[expect(deprecated, reason = "the only way to make one")]
fn error(text: &'static str) -> DecodeError {
    DecodeError::new(text)
}
