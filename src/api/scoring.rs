//! The scoring service. One version is pinned at the start of a call and answers all of it.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

use super::answer::answer;
use super::convert::batch::{self, Batch};
use super::convert::plan::{DEFAULT_VERSION, plan};
use super::limits::EXPLAINED_ACCOUNTS;
use super::problems::Problems;
use super::selection::{Selection, explanations, select};
use super::status::status;
use super::work::Work;
use crate::domain::{Alias, VersionRef};
use crate::generated::v1::scoring_service_server::ScoringService;
use crate::generated::v1::{
    ExplainAccountsRequest, ExplainAccountsResponse, ScoreAccountsRequest, ScoreAccountsResponse, ScoreSummary,
};
use crate::registry::{Loaded, Registry};

/// Up to so many accounts are scored where the call is answered: moving them elsewhere would cost more.
const SCORED_AT_ONCE: usize = 64;

/// The service.
#[derive(Debug)]
pub(super) struct Scoring {
    pub(super) registry: Arc<Registry>,
    pub(super) work: Work,
    pub(super) most_out: usize,
}

impl Scoring {
    async fn pin(&self, version: VersionRef) -> Result<Arc<Loaded>, Status> {
        match version {
            VersionRef::Alias(model, Alias::Live) => self.registry.live(&model).map_err(|fault| status(&fault)),
            // Others may have to be read from the store first.
            version @ (VersionRef::Alias(..) | VersionRef::Number(_)) => {
                let registry = Arc::clone(&self.registry);
                self.work.keep(move || registry.resolve(&version)).await
            }
        }
    }

    async fn compute<T: Send + 'static>(
        &self,
        batch: Batch,
        scoring: impl FnOnce(&Batch, &CancellationToken) -> T + Send + 'static,
    ) -> Result<(Batch, T), Status> {
        if batch.accounts.len() <= SCORED_AT_ONCE {
            let done = scoring(&batch, &CancellationToken::new());
            return Ok((batch, done));
        }
        self.work
            .compute(move |given_up| {
                let done = scoring(&batch, given_up);
                (batch, done)
            })
            .await
    }
}

#[tonic::async_trait]
impl ScoringService for Scoring {
    async fn score_accounts(
        &self,
        request: Request<ScoreAccountsRequest>,
    ) -> Result<Response<ScoreAccountsResponse>, Status> {
        let ScoreAccountsRequest { config, accounts } = request.into_inner();
        let mut problems = Problems::default();
        let plan = plan(config, &mut problems);
        let batch = batch::scored(accounts, &mut problems);
        let (plan, batch) = problems.check(plan.zip(batch)).map_err(|fault| status(&fault))?;
        let loaded = self.pin(plan.version.clone()).await?;
        let resolved_version = loaded.name.to_string();
        let scoring = move |batch: &Batch, given_up: &_| select(&loaded.scorer, &plan, batch, given_up);
        let (batch, Selection { passed, scores }) = self.compute(batch, scoring).await?;
        let summary = ScoreSummary {
            resolved_version,
            received: batch.received as u64,
            scored: passed as u64,
            filtered_out: (batch.accounts.len() - passed) as u64,
            failed: batch.errors.len() as u64,
        };
        answer(ScoreAccountsResponse { scores, errors: batch.errors, summary: Some(summary) }, self.most_out)
    }

    async fn explain_accounts(
        &self,
        request: Request<ExplainAccountsRequest>,
    ) -> Result<Response<ExplainAccountsResponse>, Status> {
        let ExplainAccountsRequest { version, accounts } = request.into_inner();
        let mut problems = Problems::default();
        let version = problems.name_or("version", &version, DEFAULT_VERSION);
        let batch = batch::rows(accounts, "accounts", EXPLAINED_ACCOUNTS, &mut problems);
        let (version, batch) = problems.check(version.zip(batch)).map_err(|fault| status(&fault))?;
        let loaded = self.pin(version).await?;
        let resolved_version = loaded.name.to_string();
        let explaining = move |batch: &Batch, given_up: &_| explanations(&loaded.scorer, batch, given_up);
        let (batch, scores) = self.compute(batch, explaining).await?;
        answer(ExplainAccountsResponse { scores, errors: batch.errors, resolved_version }, self.most_out)
    }
}
