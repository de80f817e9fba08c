//! One record of the audit log, and its stored form.

use std::net::IpAddr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sweetspot_core::Digest;

use super::{AuditLogKind, End};
use crate::store::{DigestReference, Row, RowKind, StoreError, find_digests, json_format};

impl AuditLogKind {
    /// The start of the keys of its records.
    pub(super) const fn prefix(self) -> &'static str {
        match self {
            Self::Changes => "audit/",
            Self::Denials => "denial/",
        }
    }

    /// The key of the row that names the end of the log, by which a missing end is noticed.
    pub(super) const fn end_key(self) -> &'static str {
        match self {
            Self::Changes => "audit-end",
            Self::Denials => "denial-end",
        }
    }

    pub(super) fn key_of(self, number: u64) -> String {
        format!("{}{number:020}", self.prefix())
    }
}

/// The kinds of rows of the audit logs.
pub(crate) const ROW_KINDS: [RowKind; 4] = [
    records(AuditLogKind::Changes.prefix(), "audit records"),
    end(AuditLogKind::Changes.end_key(), "ends of the audit log"),
    records(AuditLogKind::Denials.prefix(), "refused calls"),
    end(AuditLogKind::Denials.end_key(), "ends of the log of refused calls"),
];

const fn records(prefix: &'static str, name: &'static str) -> RowKind {
    RowKind {
        prefix,
        name,
        digests: |row| {
            AuditRecord::decode(row)?;
            Ok(find_digests(&row.value).into_iter().map(DigestReference::Other).collect())
        },
    }
}

const fn end(prefix: &'static str, name: &'static str) -> RowKind {
    RowKind { prefix, name, digests: |row| Ok(vec![DigestReference::Other(End::decode(&row.value)?.hash)]) }
}

/// Who made a call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AuditedCaller {
    /// The person or system; empty without a valid credential.
    pub principal: String,
    /// The credential, such as `key 3f9a…`; empty without one.
    pub credential: String,
    /// The address that the call came from; `None` within the process, and in older records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<IpAddr>,
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct CallOutcome {
    /// The number of the record at the beginning of the call.
    pub started: u64,
    /// The gRPC code, such as `OK`.
    pub code: String,
    /// The reason of an error; empty after a success.
    pub reason: String,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum AuditEvent {
    /// A call is about to begin.
    Started {
        /// The path of the method, such as `/sweetspot.v1.ModelService/TrainModel`.
        method: String,
        /// The resource that the request names; empty if it names none.
        resource: String,
        /// The id of the call, as in the log.
        request_id: String,
    },
    /// A call has ended.
    Ended(CallOutcome),
    /// A call was refused before it began: the credential is missing or invalid, or does not permit the call.
    Denied {
        /// The path of the method.
        method: String,
        /// The reason of the error.
        reason: String,
        /// The id of the call.
        request_id: String,
        /// The number of further refusals since the record before, which have no record of their own.
        omitted: u64,
    },
}

/// One record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRecord {
    /// Counts from 1, without gaps.
    pub number: u64,
    /// When it was appended.
    pub time: Timestamp,
    /// Who made the call.
    pub caller: AuditedCaller,
    /// What happened.
    pub event: AuditEvent,
    /// The SHA-256 of the stored form of the record before; that of nothing for the first one.
    pub previous: Digest,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct RecordRow {
    number: u64,
    time: String,
    caller: AuditedCaller,
    event: AuditEvent,
    previous: String,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct EndRow {
    first: u64,
    next: u64,
    hash: String,
}

impl End {
    pub(super) fn encode(self) -> Vec<u8> {
        let Self { first, next, hash } = self;
        serde_json::to_vec(&EndRow { first, next, hash: hash.to_string() }).unwrap_or_default()
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, StoreError> {
        let parse = || -> Result<Self, ReadFailure> {
            let EndRow { first, next, hash } = serde_json::from_slice(bytes)?;
            Ok(Self { first, next, hash: hash.parse()? })
        };
        parse().map_err(|source| damaged("the end of the audit log", bytes, source))
    }
}

type ReadFailure = Box<dyn std::error::Error + Send + Sync>;

/// The error of a row that cannot be read.
fn damaged(name: &'static str, bytes: &[u8], source: ReadFailure) -> StoreError {
    let source = json_format::unknown(name, bytes).map_or(source, Into::into);
    StoreError::Backend { action: "read the audit log", source }
}

impl AuditRecord {
    pub(super) fn encode(&self) -> Vec<u8> {
        let Self { number, time, caller, event, previous } = self;
        let (time, previous) = (time.to_string(), previous.to_string());
        let row = RecordRow { number: *number, time, caller: caller.clone(), event: event.clone(), previous };
        // A struct of texts and numbers always has a JSON form.
        serde_json::to_vec(&row).unwrap_or_default()
    }

    pub(super) fn decode(row: &Row) -> Result<Self, StoreError> {
        Self::parse(row).map_err(|source| damaged("audit record", &row.value, source))
    }

    fn parse(row: &Row) -> Result<Self, ReadFailure> {
        let RecordRow { number, time, caller, event, previous } = serde_json::from_slice(&row.value)?;
        if !row.key.ends_with(&format!("/{number:020}")) {
            return Err("its number is not that of its key".into());
        }
        Ok(Self { number, time: time.parse()?, caller, event, previous: previous.parse()? })
    }
}
