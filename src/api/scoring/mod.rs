//! The scoring service. A call or stream resolves its version once and uses it throughout.

mod chunks;
mod counterfactuals;
mod message_split;
mod stream;

use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use futures_util::stream::BoxStream;
use sweetspot_core::{ModelVersionAlias, ModelVersionRef, Scope};
use sweetspot_model::Scorer;
use sweetspot_proto::v1::{self, ScoreSummary};
use sweetspot_store::registry::{LoadedVersion, Registry};
use tokio::sync::Semaphore;
use tokio::task::yield_now;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, Streaming};

use super::blocking_pool::BlockingPool;
use super::convert::row::check_account_count;
use super::convert::score_plan::{ReasonSelection, ScorePlan, parse_explain_plan, parse_plan};
use super::convert::unknown_attributes::unknown_attribute_warnings;
use super::limits::{MAX_ATTRIBUTES, MAX_EXPLAINED_ACCOUNTS, MAX_SCORED_ACCOUNTS, MAX_TOTAL_EXCLUDED_IDS};
use super::list_scoring::{FieldLayout, ListScores, ListScoringRequest, TopK, score_list};
use super::readiness::Readiness;
use super::response::{check_size, respond_encoded};
use super::status::{malformed_request, no_value_order_status, require_scope, status};
use super::violations::Violations;
use super::wire::decoded_size::check_decoded_size;
use super::wire::field_numbers::{explain_accounts_response, score_accounts_response};
use super::wire::score_request::{AccountPayload, ExplainRequest, ScoreRequest};
use super::wire::score_writer::{write_summary, write_text};
use super::wire::service::scoring_service_server::ScoringService;
use crate::access::WorkspaceCounts;
use crate::telemetry::Metrics;

/// Up to this number of accounts are scored on the thread that serves the call: moving them would cost more.
const MAX_INLINE_ACCOUNTS: usize = 64;

/// Calls with more accounts yield to other calls on their connection first.
const MAX_ACCOUNTS_WITHOUT_YIELD: usize = 4;

/// Inline scoring is never canceled.
static NEVER_CANCELLED: LazyLock<CancellationToken> = LazyLock::new(CancellationToken::new);

/// The service. Clones share its state.
#[derive(Clone, Debug)]
pub(super) struct ScoringApi {
    pub(super) registry: Arc<Registry>,
    pub(super) pool: BlockingPool,
    pub(super) readiness: Readiness,
    pub(super) metrics: Metrics,
    /// Maximum size of a response in bytes.
    pub(super) max_response_bytes: usize,
    /// Limits the number of streams.
    pub(super) stream_permits: Arc<Semaphore>,
    /// Limits the number of streams of each workspace.
    pub(super) workspace_streams: WorkspaceCounts,
    /// Limits the excluded ids of all streams.
    pub(super) excluded_id_permits: Arc<Semaphore>,
}

/// Accounts with their number.
#[derive(Debug)]
struct CountedAccounts {
    accounts: AccountPayload,
    count: usize,
}

impl CountedAccounts {
    /// Counts the accounts of a call. `path` is their field path in the request.
    fn new(
        accounts: Option<AccountPayload>,
        path: [&'static str; 3],
        max_count: usize,
        violations: &mut Violations,
    ) -> Result<Option<Self>, Status> {
        let [rows, table, neither] = path;
        let Some(accounts) = accounts else {
            check_account_count(0, neither, max_count, violations);
            return Ok(None);
        };
        let count = accounts.count().map_err(|error| malformed_request(&error))?;
        let path = if matches!(accounts, AccountPayload::Table(_)) { table } else { rows };
        Ok(check_account_count(count, path, max_count, violations).map(|()| Self { accounts, count }))
    }
}

impl ScoringApi {
    /// Creates the limit on the excluded ids of all streams.
    pub(super) fn excluded_id_semaphore() -> Arc<Semaphore> {
        Arc::new(Semaphore::new(MAX_TOTAL_EXCLUDED_IDS))
    }

    async fn resolve_version(&self, version: &ModelVersionRef) -> Result<Arc<LoadedVersion>, Status> {
        match version {
            ModelVersionRef::Alias(model, ModelVersionAlias::Live) => {
                self.registry.live(model).map_err(|fault| status(&fault))
            }
            // Other versions may have to be read from the store.
            ModelVersionRef::Alias(..) | ModelVersionRef::Number(_) => {
                let (registry, version) = (Arc::clone(&self.registry), version.clone());
                self.pool.run_store(move || registry.resolve(&version)).await
            }
        }
    }

    /// Scores the accounts of a call, inline or, for a long list, on the scoring threads.
    async fn compute<T: Send + 'static>(
        &self,
        count: usize,
        scoring: impl FnOnce(&CancellationToken) -> T + Send + 'static,
    ) -> Result<T, Status> {
        if count <= MAX_INLINE_ACCOUNTS {
            if count > MAX_ACCOUNTS_WITHOUT_YIELD {
                yield_now().await;
            }
            return Ok(scoring(&NEVER_CANCELLED));
        }
        // A call has at most 10,000 accounts.
        self.pool.try_compute(count as u32, scoring).await
    }

    /// Scores the accounts of a call, which fails if none is valid. `write_extra` writes additional fields for them,
    /// and `write_end` writes the fields that follow all others.
    async fn score_and_respond(
        &self,
        plan: ScorePlan,
        accounts: CountedAccounts,
        layout: FieldLayout,
        write_extra: impl FnOnce(&Scorer, &AccountPayload, &mut Vec<u8>) + Send + 'static,
        write_end: impl FnOnce(&mut Vec<u8>, ScoreSummary),
    ) -> Result<Response<Bytes>, Status> {
        check_reason_scope(&plan)?;
        let loaded = self.resolve_version(&plan.version).await?;
        check_plan(&plan, &loaded)?;
        let CountedAccounts { accounts, count } = accounts;
        let resolved_version = loaded.resource.clone();
        let scoring = move |cancellation: &_| {
            let mut best = plan.top_k.map(TopK::new);
            let request =
                ListScoringRequest { scorer: &loaded.scorer, plan: &plan, excluded: None, first_account: 0, layout };
            let mut scores = score_list(request, &accounts, best.as_mut(), cancellation)?;
            write_extra(&loaded.scorer, &accounts, &mut scores.encoded);
            Ok::<_, Status>((scores, best))
        };
        let (ListScores { encoded: mut bytes, summary, faults, tally, next_account: _ }, best) =
            self.compute(count, scoring).await??;
        self.metrics.record_scores(&tally);
        if summary.failed > 0 && summary.failed == summary.received {
            let mut problems = Violations::default();
            faults.add_violations(&mut problems);
            problems.finish(None::<()>)?;
        }
        if let Some(best) = best {
            check_size(bytes.len() + best.bytes(), layout.max_bytes)?;
            best.into_encoded().for_each(|account| bytes.extend_from_slice(&account));
        }
        write_end(&mut bytes, ScoreSummary { resolved_version, ..summary });
        respond_encoded(bytes, self.max_response_bytes)
    }
}

/// Checks that the caller may see the reasons that it requests: they reveal what the model weighs.
fn check_reason_scope(plan: &ScorePlan) -> Result<(), Status> {
    if plan.reasons == ReasonSelection::None { Ok(()) } else { require_scope(Scope::Explain) }
}

/// Checks that the version supports the plan.
fn check_plan(plan: &ScorePlan, loaded: &LoadedVersion) -> Result<(), Status> {
    let mut problems = Violations::default();
    plan.filter.check_version(&loaded.scorer, &mut problems);
    problems.finish(Some(()))?;
    match loaded.scorer.no_value_order_reason().filter(|_| plan.filter.needs_expected_value()) {
        Some(why) => Err(no_value_order_status(why)),
        None => Ok(()),
    }
}

#[tonic::async_trait]
impl ScoringService for ScoringApi {
    type StreamScoresStream = BoxStream<'static, Result<Bytes, Status>>;

    async fn score_accounts(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Status> {
        use score_accounts_response::{ERRORS, SCORES, SUMMARY};
        check_decoded_size::<v1::ScoreAccountsRequest>(request.get_ref(), "")?;
        let ScoreRequest { config, accounts } =
            ScoreRequest::read(request.get_ref()).map_err(|error| malformed_request(&error))?;
        let mut problems = Violations::default();
        let plan = parse_plan(config, &mut problems);
        let path = ["rows", "table.account_ids", "accounts"];
        let accounts = CountedAccounts::new(accounts, path, MAX_SCORED_ACCOUNTS, &mut problems)?;
        let (plan, accounts) = problems.finish(plan.zip(accounts))?;
        let places = FieldLayout {
            scores_field: SCORES,
            errors_field: ERRORS,
            rows_path: "rows",
            table_path: "table.",
            max_bytes: self.max_response_bytes,
        };
        self.score_and_respond(plan, accounts, places, |_, _, _| (), |out, all| write_summary(out, SUMMARY, &all)).await
    }

    async fn stream_scores(
        &self,
        request: Request<Streaming<Bytes>>,
    ) -> Result<Response<Self::StreamScoresStream>, Status> {
        self.clone().open_stream(request.into_inner()).await
    }

    async fn explain_accounts(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Status> {
        use explain_accounts_response::{ERRORS, OUTLOOKS, RESOLVED_VERSION, SCORES, WARNINGS};
        check_decoded_size::<v1::ExplainAccountsRequest>(request.get_ref(), "")?;
        let ExplainRequest { version, accounts, counterfactuals, changeable } =
            ExplainRequest::read(request.get_ref()).map_err(|error| malformed_request(&error))?;
        let mut problems = Violations::default();
        let plan = parse_explain_plan(&version, &mut problems);
        if changeable.len() > MAX_ATTRIBUTES {
            let text = format!("{} attributes exceed the limit of {MAX_ATTRIBUTES} for a model", changeable.len());
            problems.add("TOO_MANY_ATTRIBUTES", "changeable_attributes", text);
        }
        let path = ["accounts", "accounts", "accounts"];
        let accounts = CountedAccounts::new(Some(accounts), path, MAX_EXPLAINED_ACCOUNTS, &mut problems)?;
        let (plan, accounts) = problems.finish(plan.zip(accounts))?;
        let places = FieldLayout {
            scores_field: SCORES,
            errors_field: ERRORS,
            rows_path: "accounts",
            table_path: "",
            max_bytes: self.max_response_bytes,
        };
        let more = move |scorer: &Scorer, accounts: &AccountPayload, out: &mut Vec<u8>| {
            for warning in unknown_attribute_warnings("changeable_attributes", &changeable, scorer) {
                write_text(out, WARNINGS, &warning);
            }
            if counterfactuals {
                counterfactuals::write_outlooks(scorer, accounts, &changeable, OUTLOOKS, out);
            }
        };
        self.score_and_respond(plan, accounts, places, more, |out, summary| {
            write_text(out, RESOLVED_VERSION, &summary.resolved_version);
        })
        .await
    }
}
