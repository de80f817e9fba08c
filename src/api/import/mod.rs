//! Assembles the messages of an import. Nothing is stored until the last one is valid.

mod account_review;
mod outcomes;
mod table_merger;
mod weights;

use prost::Message as _;
use sweetspot_core::reportable_error::{ErrorKind, ReportableError, Violation};
use sweetspot_core::{
    AccountTable, Customers, CustomersError, DatasetName, Digest, DocumentSettings, find_contact_data,
};
use sweetspot_proto::v1;
use sweetspot_store::registry::RequestKey;
use thiserror::Error;

use self::outcomes::ImportOutcomes;
use self::table_merger::AccountTableMerger;
use self::weights::ImportWeights;
use super::convert::account_table::parse_table;
use super::convert::document_settings::parse_document_settings;
use super::status::MAX_VIOLATIONS;
use super::violations::{InvalidRequest, Violations};

/// The dataset for requests that name none.
const DEFAULT_DATASET: &str = "workspaces/default/datasets/default";
/// Maximum memory of a table cell in bytes, texts excluded.
const MAX_CELL_BYTES: u64 = 16;
/// Maximum average number of outcomes per account.
const MAX_OUTCOMES_PER_ACCOUNT: u64 = 4;

/// Why an import fails without storing anything.
#[derive(Debug, Error)]
pub(super) enum ImportError {
    /// The messages are invalid.
    #[error(transparent)]
    Invalid(#[from] InvalidRequest),
    /// The messages are valid, but exceed a limit.
    #[error("an import can have at most {limit} {what}: import fewer, or raise server.{setting} on the server")]
    TooLarge {
        /// What exceeds the limit.
        what: &'static str,
        /// The limit.
        limit: u64,
        /// The setting that configures the limit.
        setting: &'static str,
    },
    /// The parts are inconsistent.
    #[error(transparent)]
    Customers(#[from] CustomersError),
}

impl ReportableError for ImportError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Invalid(source) => source.kind(),
            Self::TooLarge { .. } => ErrorKind::ResourceExhausted,
            Self::Customers(_) => ErrorKind::InvalidArgument,
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

/// Checks that no attribute contains contact data of people, unless the import allows it.
fn check_contact_data(accounts: &AccountTable, flags: ImportFlags, problems: &mut Violations) {
    let found = if flags.allow_contact_data { Vec::new() } else { find_contact_data(accounts) };
    for (attribute, kind) in found {
        let text = format!(
            "the attribute contains {} of people: leave the column out, keep only the domain, or allow it with \
             allow_contact_data (--allow-contact-data)",
            kind.as_str()
        );
        problems.add("CONTACT_DATA", format!("accounts.columns[{attribute:?}]"), text);
    }
}

/// An import in progress.
#[derive(Debug)]
pub(super) struct ImportBuilder {
    header: Option<ImportHeader>,
    columns: AccountTableMerger,
    outcomes: ImportOutcomes,
    weights: ImportWeights,
    bytes: u64,
    digest: Digest,
    max_accounts: u64,
    max_bytes: u64,
}

/// The fields of the first message that apply to the whole import.
#[derive(Debug)]
struct ImportHeader {
    dataset: DatasetName,
    text: String,
    request_id: String,
    flags: ImportFlags,
    settings: DocumentSettings,
}

/// The options of an import.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a field of the request")]
pub(super) struct ImportFlags {
    /// Whether to store the version without making it the current one.
    pub(super) stage: bool,
    /// Whether to validate without storing.
    pub(super) validate_only: bool,
    /// Whether to refuse accounts that were erased before.
    pub(super) refuse_erased: bool,
    /// Whether attributes may contain contact data of people.
    pub(super) allow_contact_data: bool,
}

impl ImportFlags {
    /// Whether every option that is set is set in the header as well.
    const fn are_within(self, header: Self) -> bool {
        (!self.stage || header.stage)
            && (!self.validate_only || header.validate_only)
            && (!self.refuse_erased || header.refuse_erased)
            && (!self.allow_contact_data || header.allow_contact_data)
    }
}

/// An import whose messages are all valid.
#[derive(Debug)]
pub(super) struct CompleteImport {
    /// The target dataset.
    pub(super) dataset: DatasetName,
    /// The imported customers.
    pub(super) customers: Customers,
    /// Identifies repeated requests.
    pub(super) request: RequestKey,
    /// The options.
    pub(super) flags: ImportFlags,
    /// The size of the messages.
    pub(super) bytes: u64,
}

impl ImportBuilder {
    /// Starts an import with limits on the number of accounts and bytes.
    pub(super) fn new(max_accounts: u64, max_bytes: u64) -> Self {
        let (columns, outcomes) = (AccountTableMerger::default(), ImportOutcomes::default());
        let weights = ImportWeights::default();
        Self { header: None, columns, outcomes, weights, bytes: 0, digest: Digest::new(b""), max_accounts, max_bytes }
    }

    /// Adds the next message.
    pub(super) fn add(mut self, message: v1::ImportAccountsRequest) -> Result<Self, ImportError> {
        self.bytes += message.encoded_len() as u64;
        self.check_size()?;
        let v1::ImportAccountsRequest {
            dataset,
            request_id,
            accounts,
            outcomes,
            review,
            stage,
            validate_only,
            refuse_erased_accounts: refuse_erased,
            allow_contact_data,
            document_settings,
            weights,
        } = message;
        let mut problems = Violations::default();
        let flags = ImportFlags { stage, validate_only, refuse_erased, allow_contact_data };
        self.read_header((dataset, request_id), flags, document_settings, &mut problems);
        // The remaining fields determine whether a repeated request is identical.
        let rest =
            v1::ImportAccountsRequest { accounts, outcomes, review, weights, ..v1::ImportAccountsRequest::default() };
        let chained = [self.digest.to_string().into_bytes(), rest.encode_to_vec()].concat();
        self.digest = Digest::new(&chained);
        if let Some((table, mut faults)) =
            parse_table(rest.accounts.unwrap_or_default(), "accounts.", MAX_VIOLATIONS, &|_| true, &mut problems)
        {
            let review = account_review::parse_review(rest.review, table.ids.len(), &mut faults, &mut problems);
            self.weights.add(rest.weights, table.ids.len(), &mut problems);
            self.columns.add_review(review);
            self.columns.add(table, faults, &mut problems);
        }
        for outcome in rest.outcomes {
            self.outcomes.add(outcome, &mut problems);
        }
        problems.finish(Some(()))?;
        self.check_size()?;
        Ok(self)
    }

    fn read_header(
        &mut self,
        (text, request_id): (String, String),
        flags: ImportFlags,
        settings: Option<v1::DocumentSettings>,
        violations: &mut Violations,
    ) {
        if let Some(head) = &self.header {
            let same = |field: &str, first: &str| field.is_empty() || field == first;
            let same_flags = flags.are_within(head.flags);
            if !same(&text, &head.text) || !same(&request_id, &head.request_id) || !same_flags || settings.is_some() {
                let text = "the fields that describe the import, such as its dataset, belong to the first message: omit \
                     them in later messages";
                violations.add("HEADER_CHANGED", "dataset", text);
            }
            return;
        }
        violations.check_request_id(&request_id);
        let settings = parse_document_settings(settings, "document_settings.", violations);
        if let Some(dataset) = violations.parse_name_or("dataset", &text, DEFAULT_DATASET) {
            self.header = Some(ImportHeader { dataset, text, request_id, flags, settings });
        }
    }

    fn check_size(&self) -> Result<(), ImportError> {
        let outcomes = self.max_accounts.saturating_mul(MAX_OUTCOMES_PER_ACCOUNT);
        for (found, what, max_count, setting) in [
            (self.bytes, "bytes", self.max_bytes, "server.max_import_size"),
            (self.columns.rows() as u64, "accounts", self.max_accounts, "server.max_import_accounts"),
            (self.outcomes.count() as u64, "outcomes", outcomes, "server.max_import_accounts"),
            // A column in one message takes memory for every account: the table can be far larger than the messages.
            (self.columns.cells(), "cells", self.max_bytes / MAX_CELL_BYTES, "server.max_import_size"),
        ] {
            if found > max_count {
                return Err(ImportError::TooLarge { what, limit: max_count, setting });
            }
        }
        Ok(())
    }

    /// Completes the import.
    pub(super) fn finish(self) -> Result<CompleteImport, ImportError> {
        let Self { header: head, columns, outcomes, weights, digest, bytes, .. } = self;
        let mut problems = Violations::default();
        if columns.rows() == 0 {
            problems.add("EMPTY_REQUEST", "accounts", "the import has no accounts: send at least one");
        }
        let (outcomes, currency) = outcomes.finish(&columns, &mut problems);
        let weights = weights.finish(&mut problems);
        let accounts = columns.finish(&mut problems);
        if let (Some(head), Some((accounts, _))) = (&head, &accounts) {
            check_contact_data(accounts, head.flags, &mut problems);
        }
        let (head, (accounts, review)) = problems.finish(head.zip(accounts))?;
        let ImportHeader { dataset, text: _, request_id: id, flags, settings } = head;
        let customers = Customers::new(accounts, outcomes, currency)?.with_review(review)?.with_weights(weights)?;
        let customers = customers.with_document_settings(settings);
        let staged = if flags.stage { " staged" } else { "" };
        let refusing = if flags.refuse_erased { " without erased" } else { "" };
        let documents = if settings == DocumentSettings::default() { String::new() } else { format!(" {settings:?}") };
        let body = Digest::new(format!("{digest} {dataset}{staged}{refusing}{documents}").as_bytes());
        Ok(CompleteImport { dataset, customers, request: RequestKey { id, body }, flags, bytes })
    }
}
