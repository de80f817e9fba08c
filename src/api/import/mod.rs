//! Puts the messages of one import together. Nothing is kept before the last one is good.

mod columns;
mod outcomes;
mod review;

use prost::Message as _;
use sweetspot_core::fault::{Fault, FaultKind, Violation};
use sweetspot_core::{Customers, CustomersError, DatasetName, Digest};
use sweetspot_proto::v1;
use sweetspot_store::registry::RequestKey;
use thiserror::Error;

use self::columns::Columns;
use self::outcomes::Outcomes;
use super::convert::table::table;
use super::problems::{InvalidRequest, Problems};
use super::status::MAX_VIOLATIONS;

/// The dataset that is meant where none is named.
const DEFAULT_DATASET: &str = "workspaces/default/datasets/default";
/// Memory that one cell of a table takes at most, its texts aside, in bytes.
const CELL_BYTES: u64 = 16;
/// Outcomes that an account may have on average.
const OUTCOMES_PER_ACCOUNT: u64 = 4;

/// Why an import ends without anything being kept.
#[derive(Debug, Error)]
pub(super) enum ImportError {
    /// The messages are wrong.
    #[error(transparent)]
    Invalid(#[from] InvalidRequest),
    /// The messages are right, their number is not.
    #[error("an import can have at most {most} {what}: import fewer, or raise server.{setting} on the server")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// The limit.
        most: u64,
        /// Where it is set.
        setting: &'static str,
    },
    /// The parts do not fit together.
    #[error(transparent)]
    Customers(#[from] CustomersError),
}

impl Fault for ImportError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Invalid(source) => source.kind(),
            Self::TooLarge { .. } => FaultKind::ResourceExhausted,
            Self::Customers(_) => FaultKind::InvalidArgument,
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::Invalid(source) => source.reason(),
            Self::TooLarge { .. } => "IMPORT_TOO_LARGE",
            Self::Customers(_) => "INVALID_CUSTOMERS",
        }
    }

    fn violations(&self) -> Vec<Violation> {
        match self {
            Self::Invalid(source) => source.violations(),
            Self::TooLarge { .. } | Self::Customers(_) => Vec::new(),
        }
    }
}

/// One import under way.
#[derive(Debug)]
pub(super) struct Import {
    head: Option<Head>,
    columns: Columns,
    outcomes: Outcomes,
    bytes: u64,
    digest: Digest,
    most_accounts: u64,
    most_bytes: u64,
}

/// What the first message says of the whole.
#[derive(Debug)]
struct Head {
    dataset: DatasetName,
    text: String,
    request_id: String,
    stage: bool,
    validate_only: bool,
}

/// An import of which every message is good.
#[derive(Debug)]
pub(super) struct WholeImport {
    /// Where it goes.
    pub(super) dataset: DatasetName,
    /// What it brings.
    pub(super) customers: Customers,
    /// For repeats.
    pub(super) request: RequestKey,
    /// Whether it is kept as a version alone.
    pub(super) stage: bool,
    /// Whether it is kept at all.
    pub(super) validate_only: bool,
}

impl Import {
    /// An import of at most so many accounts and bytes.
    pub(super) fn new(most_accounts: u64, most_bytes: u64) -> Self {
        let (columns, outcomes) = (Columns::default(), Outcomes::default());
        Self { head: None, columns, outcomes, bytes: 0, digest: Digest::of(b""), most_accounts, most_bytes }
    }

    /// Takes the next message.
    pub(super) fn add(mut self, message: v1::ImportAccountsRequest) -> Result<Self, ImportError> {
        self.bytes += message.encoded_len() as u64;
        self.check_size()?;
        let v1::ImportAccountsRequest { dataset, request_id, accounts, outcomes, review, stage, validate_only } =
            message;
        let mut problems = Problems::default();
        self.read_head(dataset, request_id, (stage, validate_only), &mut problems);
        // What is left decides whether a repeated request is the same one.
        let rest = v1::ImportAccountsRequest { accounts, outcomes, review, ..v1::ImportAccountsRequest::default() };
        let chained = [self.digest.to_string().into_bytes(), rest.encode_to_vec()].concat();
        self.digest = Digest::of(&chained);
        if let Some((table, mut faults)) =
            table(rest.accounts.unwrap_or_default(), "accounts.", MAX_VIOLATIONS, &|_| true, &mut problems)
        {
            let review = review::review(rest.review, table.ids.len(), &mut faults, &mut problems);
            self.columns.add_review(review);
            self.columns.add(table, faults, &mut problems);
        }
        for outcome in rest.outcomes {
            self.outcomes.add(outcome, &mut problems);
        }
        problems.check(Some(()))?;
        self.check_size()?;
        Ok(self)
    }

    fn read_head(
        &mut self,
        text: String,
        request_id: String,
        (stage, validate_only): (bool, bool),
        problems: &mut Problems,
    ) {
        if let Some(head) = &self.head {
            let same = |field: &str, first: &str| field.is_empty() || field == first;
            let same_flags = (!stage || head.stage) && (!validate_only || head.validate_only);
            if !same(&text, &head.text) || !same(&request_id, &head.request_id) || !same_flags {
                let text = "the fields that describe the import, such as its dataset, belong to the first message: omit \
                     them in later messages";
                problems.add("HEADER_CHANGED", "dataset", text);
            }
            return;
        }
        problems.request_id(&request_id);
        if let Some(dataset) = problems.name_or("dataset", &text, DEFAULT_DATASET) {
            self.head = Some(Head { dataset, text, request_id, stage, validate_only });
        }
    }

    fn check_size(&self) -> Result<(), ImportError> {
        let outcomes = self.most_accounts.saturating_mul(OUTCOMES_PER_ACCOUNT);
        for (found, what, most, setting) in [
            (self.bytes, "bytes", self.most_bytes, "max_import_bytes"),
            (self.columns.rows() as u64, "accounts", self.most_accounts, "max_import_accounts"),
            (self.outcomes.count() as u64, "outcomes", outcomes, "max_import_accounts"),
            // A column that one message brings is held for every account: the messages may be far smaller than the table.
            (self.columns.cells(), "cells", self.most_bytes / CELL_BYTES, "max_import_bytes"),
        ] {
            if found > most {
                return Err(ImportError::TooLarge { what, most, setting });
            }
        }
        Ok(())
    }

    /// Puts everything together.
    pub(super) fn finish(self) -> Result<WholeImport, ImportError> {
        let Self { head, columns, outcomes, digest, .. } = self;
        let mut problems = Problems::default();
        if columns.rows() == 0 {
            problems.add("EMPTY_REQUEST", "accounts", "the import has no accounts: send at least one");
        }
        let (outcomes, currency) = outcomes.finish(&columns, &mut problems);
        let accounts = columns.finish(&mut problems);
        let (head, (accounts, review)) = problems.check(head.zip(accounts))?;
        let customers = Customers::new(accounts, outcomes, currency)?.with_review(review)?;
        let Head { dataset, text: _, request_id: id, stage, validate_only } = head;
        let body = Digest::of(format!("{digest} {dataset}{}", if stage { " staged" } else { "" }).as_bytes());
        Ok(WholeImport { dataset, customers, request: RequestKey { id, body }, stage, validate_only })
    }
}
