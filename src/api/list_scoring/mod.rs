//! Scores a list with one version and selects the requested accounts: each is read, encoded, scored and written in
//! turn.

mod excluded_ids;
mod fallback;
#[cfg(any(test, fuzzing))]
pub(crate) mod prost_agreement;
mod table_scoring;
mod top_k;

use std::collections::HashSet;

use foldhash::fast::RandomState;
use sweetspot_core::{AttributeNote, AttributeNoteKind};
use sweetspot_model::{EncodedAccount, Scorer};
use sweetspot_proto::v1;
use tokio_util::sync::CancellationToken;
use tonic::Status;

pub(super) use self::excluded_ids::ExcludedIdSet;
pub(super) use self::top_k::TopK;
use super::convert::attribute_filter::AttributeFilter;
use super::convert::near_names::NearNames;
use super::convert::row_faults::{IgnoredValue, RowFaults};
use super::convert::score_plan::{ReasonSelection, ScorePlan};
use super::limits::MAX_SCORED_ACCOUNTS;
use super::wire::attribute_lookup::AttributeLookup;
use super::wire::row;
use super::wire::score_request::AccountPayload;
use super::wire::score_writer::{self, AccountIssues};
use crate::telemetry::ScoreTally;

/// The number of accounts between checks for cancellation.
const BLOCK_ROWS: usize = 64;

/// Typical maximum size of a score without reasons, in bytes.
const TYPICAL_SCORE_BYTES: usize = 136;

/// Initial buffer size in bytes: one score with a few reasons, and the summary.
const INITIAL_BYTES: usize = 512;

/// The result of scoring a list.
#[derive(Debug)]
pub(super) struct ListScores {
    /// Encoded response fields: scores, then errors.
    pub(super) encoded: Vec<u8>,
    /// The counts, without the resolved version.
    pub(super) summary: v1::ScoreSummary,
    /// The problems of the rows that cannot be scored.
    pub(super) faults: RowFaults,
    /// The scored accounts, for the metrics.
    pub(super) tally: ScoreTally,
    /// The first account that was not read, because the response became too large.
    pub(super) next_account: Option<usize>,
}

/// The fields of scores and errors in a response, and of accounts in a request.
#[derive(Clone, Copy, Debug)]
pub(super) struct FieldLayout {
    /// The field number of scores.
    pub(super) scores_field: u32,
    /// The field number of errors.
    pub(super) errors_field: u32,
    /// The request field of accounts in row form.
    pub(super) rows_path: &'static str,
    /// The path prefix of a table's fields.
    pub(super) table_path: &'static str,
    /// The number of bytes after which scoring stops, at the next block of accounts.
    pub(super) max_bytes: usize,
}

/// The parameters of scoring a list.
#[derive(Clone, Copy, Debug)]
pub(super) struct ListScoringRequest<'p> {
    pub(super) scorer: &'p Scorer,
    pub(super) plan: &'p ScorePlan,
    /// Excluded ids, in addition to those of the filter.
    pub(super) excluded: Option<&'p ExcludedIdSet>,
    /// The first account to score: 0, or where the scoring of the same list stopped.
    pub(super) first_account: usize,
    pub(super) layout: FieldLayout,
}

/// The scoring of a list in progress.
struct ScoringRun<'p, 'b> {
    request: ListScoringRequest<'p>,
    attribute_filter: AttributeFilter<'p>,
    top_k: Option<&'b mut TopK>,
    encoded: Vec<u8>,
    errors: Vec<v1::RowError>,
    faults: RowFaults,
    near_names: NearNames<'p>,
    summary: v1::ScoreSummary,
    tally: ScoreTally,
    next_account: Option<usize>,
}

/// Scores a list, from `first_account` on. Stops early if the caller goes away, or if the response becomes too large. With `top_k`, only
/// errors are written.
///
/// # Errors
/// If the bytes of a table are malformed, or its structure is invalid.
pub(super) fn score_list(
    request: ListScoringRequest<'_>,
    accounts: &AccountPayload,
    top_k: Option<&mut TopK>,
    cancellation: &CancellationToken,
) -> Result<ListScores, Status> {
    let mut scoring = ScoringRun {
        request,
        attribute_filter: AttributeFilter::new(&request.plan.filter, request.scorer),
        top_k,
        encoded: Vec::with_capacity(INITIAL_BYTES),
        errors: Vec::new(),
        faults: RowFaults::new(MAX_SCORED_ACCOUNTS),
        near_names: NearNames::new(request.scorer),
        summary: v1::ScoreSummary::default(),
        tally: ScoreTally::default(),
        next_account: None,
    };
    match accounts {
        AccountPayload::Rows { .. } => scoring.score_rows(accounts, cancellation),
        AccountPayload::Table(table) => scoring.score_table(table, cancellation)?,
    }
    Ok(scoring.finish())
}

impl ScoringRun<'_, '_> {
    fn score_rows(&mut self, accounts: &AccountPayload, cancellation: &CancellationToken) {
        let scorer = self.request.scorer;
        let mut encoded_account = scorer.blank_account();
        let mut seen = HashSet::<&str, RandomState>::default();
        // A single account has no duplicates.
        let is_single = accounts.rows().nth(1).is_none();
        let mut names = AttributeLookup::new(scorer, is_single);
        for (number, account) in accounts.rows().enumerate() {
            if number < self.request.first_account {
                seen.insert(row::account_id(account));
                continue;
            }
            if self.should_stop(number, cancellation) {
                break;
            }
            if number > 0 {
                scorer.clear(&mut encoded_account);
            }
            self.attribute_filter.begin_account();
            match row::read_account(account, &mut names, &mut encoded_account, &mut self.attribute_filter) {
                Ok(id) if is_single || seen.insert(id) => {
                    if self.is_rejected(&encoded_account) {
                        self.score_row_via_prost(number, account, true);
                    } else {
                        self.score_account(id, &encoded_account, &[]);
                    }
                }
                Ok(_) => self.score_row_via_prost(number, account, false),
                Err(row::NeedsFallback) => {
                    let id = row::account_id(account);
                    self.score_row_via_prost(number, account, id.is_empty() || seen.insert(id));
                }
            }
        }
    }

    /// Whether the model or the filter uses an attribute.
    fn is_read(&self, name: &str) -> bool {
        self.request.scorer.attribute_index(name).is_some() || self.attribute_filter.uses_attribute(name)
    }

    /// Whether an account is rejected because of an unknown attribute.
    fn is_rejected(&self, encoded_account: &EncodedAccount<'_>) -> bool {
        self.request.plan.rejects_unknown
            && encoded_account.unknown_names().iter().any(|name| !self.attribute_filter.uses_attribute(name))
    }

    /// Reserves space for the scores of this number of accounts.
    fn reserve_scores(&mut self, accounts: usize) {
        if self.top_k.is_none() {
            self.encoded.reserve(accounts * TYPICAL_SCORE_BYTES);
        }
    }

    /// Whether to stop before this account.
    fn should_stop(&mut self, number: usize, cancellation: &CancellationToken) -> bool {
        if !number.is_multiple_of(BLOCK_ROWS) {
            return false;
        }
        let bytes = self.encoded.len() + self.top_k.as_ref().map_or(0, |best| best.bytes());
        if bytes > self.request.layout.max_bytes {
            self.next_account = Some(number);
        }
        self.next_account.is_some() || cancellation.is_cancelled()
    }

    /// Scores an encoded account, and writes it if it is selected.
    fn score_account(&mut self, id: &str, account: &EncodedAccount<'_>, ignored: &[IgnoredValue]) {
        let ListScoringRequest { scorer, plan, excluded, layout, first_account: _ } = self.request;
        let ScorePlan { filter, reasons, omits_missing_issues, .. } = plan;
        let admits = self.attribute_filter.admits();
        if !admits || filter.excludes(id) || excluded.is_some_and(|ids| ids.contains(id)) {
            self.summary.filtered_out += 1;
            return;
        }
        let fit = scorer.fit(account);
        if !filter.passes(&fit, scorer) {
            self.summary.filtered_out += 1;
            return;
        }
        self.summary.scored += 1;
        self.tally.add(&fit, account.note_kinds());
        let reasons = match reasons {
            ReasonSelection::None => Vec::new(),
            ReasonSelection::Largest(count) => scorer.largest_reasons(account, *count),
            ReasonSelection::All => scorer.reasons(account),
        };
        let reasons = reasons.iter().map(|reason| reason.contribution(account));
        let is_reported = |note: &AttributeNote<'_>| !omits_missing_issues || note.kind != AttributeNoteKind::Missing;
        let notes = scorer.all_notes(account).filter(is_reported);
        let issues = AccountIssues { notes, ignored, near_names: &mut self.near_names };
        let number = layout.scores_field;
        match &mut self.top_k {
            Some(best) => {
                best.offer(fit.log_odds, |out| {
                    score_writer::write_fit_score(out, number, id, &fit, scorer, reasons, issues);
                });
            }
            None => score_writer::write_fit_score(&mut self.encoded, number, id, &fit, scorer, reasons, issues),
        }
    }

    fn finish(mut self) -> ListScores {
        for error in &self.errors {
            score_writer::write_message(&mut self.encoded, self.request.layout.errors_field, error);
        }
        let failed = self.errors.len() as u64;
        let received = self.summary.scored + self.summary.filtered_out + failed;
        let summary = v1::ScoreSummary { received, failed, warnings: self.attribute_filter.warnings(), ..self.summary };
        ListScores {
            encoded: self.encoded,
            summary,
            faults: self.faults,
            tally: self.tally,
            next_account: self.next_account,
        }
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod value_format_tests;
