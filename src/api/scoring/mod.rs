//! The scoring service. One version is pinned at the start of a call or a stream, and answers all of it.

mod chunks;
mod outlooks;
mod stream;

use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use futures_util::stream::BoxStream;
use sweetspot_core::{Alias, VersionRef};
use sweetspot_model::Scorer;
use sweetspot_proto::v1::ScoreSummary;
use sweetspot_store::registry::{Loaded, Registry};
use tokio::sync::Semaphore;
use tokio::task::yield_now;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, Streaming};

use super::answer::{check_size, written};
use super::convert::plan::{Plan, explaining, plan};
use super::convert::row::check_count;
use super::convert::unknown_attributes::unknown_attributes;
use super::limits::{ALL_STREAMS_EXCLUDED_IDS, ATTRIBUTES, EXPLAINED_ACCOUNTS, SCORED_ACCOUNTS};
use super::problems::Problems;
use super::readiness::Readiness;
use super::selection::{Best, Places, Selection, Wanted, select};
use super::status::{malformed, no_value_order, status};
use super::wire::answer::{summary, text};
use super::wire::request::{ExplainRequest, Form, ScoreRequest};
use super::wire::service::scoring_service_server::ScoringService;
use super::work::Work;

/// Up to so many accounts are scored where the call is answered: moving them elsewhere would cost more.
const SCORED_AT_ONCE: usize = 64;

/// More accounts than these let other calls of their connection go first.
const SCORED_IN_TURN: usize = 4;

/// What is computed on the spot is not given up.
static NEVER: LazyLock<CancellationToken> = LazyLock::new(CancellationToken::new);

/// The service. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Scoring {
    pub(super) registry: Arc<Registry>,
    pub(super) work: Work,
    pub(super) readiness: Readiness,
    /// Bytes of one answer.
    pub(super) most_out: usize,
    /// Room for streams.
    pub(super) streams: Arc<Semaphore>,
    /// Room for the ids that all streams leave out.
    pub(super) excluded: Arc<Semaphore>,
}

/// Accounts, and how many they are.
#[derive(Debug)]
struct Counted {
    accounts: Form,
    count: usize,
}

impl Counted {
    /// Counts the accounts of a call. `path` is where they stand in the request.
    fn new(
        accounts: Option<Form>,
        path: [&'static str; 3],
        most: usize,
        problems: &mut Problems,
    ) -> Result<Option<Self>, Status> {
        let [rows, table, neither] = path;
        let Some(accounts) = accounts else {
            check_count(0, neither, most, problems);
            return Ok(None);
        };
        let count = accounts.count().map_err(|error| malformed(&error))?;
        let path = if matches!(accounts, Form::Table(_)) { table } else { rows };
        Ok(check_count(count, path, most, problems).map(|()| Self { accounts, count }))
    }
}

impl Scoring {
    /// Room for the ids that all streams leave out.
    pub(super) fn room_for_ids() -> Arc<Semaphore> {
        Arc::new(Semaphore::new(ALL_STREAMS_EXCLUDED_IDS))
    }

    async fn pin(&self, version: &VersionRef) -> Result<Arc<Loaded>, Status> {
        match version {
            VersionRef::Alias(model, Alias::Live) => self.registry.live(model).map_err(|fault| status(&fault)),
            // Others may have to be read from the store first.
            VersionRef::Alias(..) | VersionRef::Number(_) => {
                let (registry, version) = (Arc::clone(&self.registry), version.clone());
                self.work.keep(move || registry.resolve(&version)).await
            }
        }
    }

    /// Scores the list of a call, here or, if it is long, on the threads for that.
    async fn compute<T: Send + 'static>(
        &self,
        count: usize,
        scoring: impl FnOnce(&CancellationToken) -> T + Send + 'static,
    ) -> Result<T, Status> {
        if count <= SCORED_AT_ONCE {
            if count > SCORED_IN_TURN {
                yield_now().await;
            }
            return Ok(scoring(&NEVER));
        }
        // A call has at most ten thousand.
        self.work.compute_soon(count as u32, scoring).await
    }

    /// Scores the accounts of one call, which fails if none of them is usable. `more` writes what else is told of them, and `end`
    /// what stands behind everything.
    async fn answer(
        &self,
        plan: Plan,
        accounts: Counted,
        places: Places,
        more: impl FnOnce(&Scorer, &Form, &mut Vec<u8>) + Send + 'static,
        end: impl FnOnce(&mut Vec<u8>, ScoreSummary),
    ) -> Result<Response<Bytes>, Status> {
        let loaded = self.pin(&plan.version).await?;
        check(&plan, &loaded)?;
        let Counted { accounts, count } = accounts;
        let resolved_version = loaded.resource.clone();
        let scoring = move |given_up: &_| {
            let mut best = plan.top.map(Best::new);
            let wanted = Wanted { scorer: &loaded.scorer, plan: &plan, excluded: None, places };
            let mut selection = select(wanted, &accounts, best.as_mut(), given_up)?;
            more(&loaded.scorer, &accounts, &mut selection.written);
            Ok::<_, Status>((selection, best))
        };
        let (Selection { written: mut bytes, summary, faults }, best) = self.compute(count, scoring).await??;
        if summary.failed > 0 && summary.failed == summary.received {
            let mut problems = Problems::default();
            faults.add_problems(&mut problems);
            problems.check(None::<()>).map_err(|fault| status(&fault))?;
        }
        if let Some(best) = best {
            check_size(bytes.len() + best.bytes(), places.most_bytes)?;
            best.into_written().for_each(|score| bytes.extend_from_slice(&score));
        }
        end(&mut bytes, ScoreSummary { resolved_version, ..summary });
        written(bytes, self.most_out)
    }
}

/// What the plan asks of a version must be known to it.
fn check(plan: &Plan, loaded: &Loaded) -> Result<(), Status> {
    let mut problems = Problems::default();
    plan.filter.check(&loaded.scorer, &mut problems);
    problems.check(Some(())).map_err(|fault| status(&fault))?;
    match loaded.scorer.no_value_order().filter(|_| plan.filter.asks_for_value()) {
        Some(why) => Err(no_value_order(why)),
        None => Ok(()),
    }
}

#[tonic::async_trait]
impl ScoringService for Scoring {
    type StreamScoresStream = BoxStream<'static, Result<Bytes, Status>>;

    async fn score_accounts(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Status> {
        let ScoreRequest { config, accounts } =
            ScoreRequest::read(request.get_ref()).map_err(|error| malformed(&error))?;
        let mut problems = Problems::default();
        let plan = plan(config, &mut problems);
        let path = ["rows", "table.account_ids", "accounts"];
        let accounts = Counted::new(accounts, path, SCORED_ACCOUNTS, &mut problems)?;
        let (plan, accounts) = problems.check(plan.zip(accounts)).map_err(|fault| status(&fault))?;
        let places = Places { scores: 1, errors: 2, rows: "rows", table: "table.", most_bytes: self.most_out };
        self.answer(plan, accounts, places, |_, _, _| (), |out, all| summary(out, 3, &all)).await
    }

    async fn stream_scores(
        &self,
        request: Request<Streaming<Bytes>>,
    ) -> Result<Response<Self::StreamScoresStream>, Status> {
        self.clone().open(request.into_inner()).await
    }

    async fn explain_accounts(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Status> {
        let ExplainRequest { version, accounts, counterfactuals, changeable } =
            ExplainRequest::read(request.get_ref()).map_err(|error| malformed(&error))?;
        let mut problems = Problems::default();
        let plan = explaining(&version, &mut problems);
        if changeable.len() > ATTRIBUTES {
            let text = format!("{} attributes exceed the limit of {ATTRIBUTES} for a model", changeable.len());
            problems.add("TOO_MANY_ATTRIBUTES", "changeable_attributes", text);
        }
        let path = ["accounts", "accounts", "accounts"];
        let accounts = Counted::new(Some(accounts), path, EXPLAINED_ACCOUNTS, &mut problems)?;
        let (plan, accounts) = problems.check(plan.zip(accounts)).map_err(|fault| status(&fault))?;
        let places = Places { scores: 1, errors: 2, rows: "accounts", table: "", most_bytes: self.most_out };
        let more = move |scorer: &Scorer, accounts: &Form, out: &mut Vec<u8>| {
            for warning in unknown_attributes("changeable_attributes", &changeable, scorer) {
                text(out, 5, &warning);
            }
            if counterfactuals {
                outlooks::write(scorer, accounts, &changeable, 4, out);
            }
        };
        self.answer(plan, accounts, places, more, |out, summary| text(out, 3, &summary.resolved_version)).await
    }
}
