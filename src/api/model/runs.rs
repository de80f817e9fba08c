//! Training runs.

use std::time::Duration;

use prost::Message as _;
use sweetspot_core::{DatasetRef, InWorkspace as _, ModelName, RunName};
use sweetspot_proto::v1;
use sweetspot_store::annotations::Annotations;
use sweetspot_store::jobs::{JobError, Jobs, RunRecord, RunState, TrainingRequest};
use sweetspot_store::registry::RequestKey;
use tokio::time::timeout;
use tonic::Status;

use super::definition_for_training::apply_definition;
use super::segments_for_training::{parse_segment_source, read_earlier_segments};
use super::{ModelApi, parse_model_name};
use crate::api::convert::annotations::parse_annotations;
use crate::api::convert::time::parse_duration;
use crate::api::convert::training_config::training_config;
use crate::api::convert::training_request;
use crate::api::convert::training_run::training_run;
use crate::api::list_filter::{FilterFields, FilteredEntry, ListFilter, ListOrder, read_matching};
use crate::api::pagination::PageRequest;
use crate::api::response::content_budget;
use crate::api::status::status;
use crate::api::violations::Violations;

/// The dataset for requests that name none.
const DEFAULT_DATASET: &str = "workspaces/default/datasets/default";
/// Checks that a model learns from a dataset of its own workspace.
fn check_same_workspace(model: Option<&ModelName>, dataset: Option<&DatasetRef>, problems: &mut Violations) {
    if let Some((model, dataset)) =
        model.zip(dataset).filter(|(model, dataset)| model.workspace != *dataset.workspace())
    {
        let text = format!(
            "{dataset} is not in workspaces/{}: a model learns from datasets of its own workspace",
            model.workspace
        );
        problems.add("DATASET_OF_ANOTHER_WORKSPACE", "dataset", text);
    }
}

/// Default time to wait for a run.
const DEFAULT_WAIT: Duration = Duration::from_secs(60);
/// Maximum time to wait for a run in one call.
const MAX_WAIT: Duration = Duration::from_secs(600);

impl ModelApi {
    /// Starts a run, or only validates the request.
    pub(super) async fn train_model(&self, request: v1::TrainModelRequest) -> Result<v1::TrainModelResponse, Status> {
        let body = training_request::request_digest(&request);
        let v1::TrainModelRequest { model, dataset, config, validate_only, request_id, labels, description, owner } =
            request;
        let mut problems = Violations::default();
        let model = parse_model_name("model", &model, &mut problems);
        let named: Option<DatasetRef> = problems.parse_name_or("dataset", &dataset, DEFAULT_DATASET);
        let ignore_definition = config.as_ref().is_some_and(|config| config.ignore_definition);
        let segments_from = config.as_ref().and_then(|config| config.segments_from.clone());
        let spec = training_request::parse_training_config(config, &mut problems);
        problems.check_request_id(&request_id);
        let annotations = parse_annotations(labels, description, owner, &mut problems);
        let segment_source = parse_segment_source(segments_from, model.as_ref(), &mut problems);
        check_same_workspace(model.as_ref(), named.as_ref().filter(|_| !dataset.is_empty()), &mut problems);
        let ((model, named), (mut spec, time_limit)) = problems.finish(model.zip(named).zip(spec))?;
        if !ignore_definition {
            let (definitions, model) = (self.state.definitions.clone(), model.clone());
            let definition = self.pool.run_store(move || definitions.for_training(&model)).await?;
            apply_definition(&mut spec, definition, self.state.clock.now());
        }
        let registry = self.state.registry.clone();
        let named_model = model.clone();
        let read_segments = move || read_earlier_segments(&registry, &named_model, segment_source);
        spec.earlier_segments = self.pool.run_store(read_segments).await?;
        // Hypotheses, from the request or the definition, make customers optional.
        let dataset_optional = dataset.is_empty() && !spec.hypotheses.is_empty();
        let dataset = if dataset.is_empty() { default_dataset(&model)? } else { named };
        let (state, limited_model) = (self.state.clone(), model.clone());
        self.pool.run_store(move || state.workspace_limits.check_new_version(&state, &limited_model)).await?;
        let request = RequestKey { id: request_id.clone(), body };
        let submit = TrainingRequest { model, dataset, dataset_optional, spec, time_limit, annotations, request };
        let jobs = self.state.jobs.clone();
        if validate_only {
            let dataset = submit.dataset.dataset().to_string();
            let record = self.pool.run_store(move || jobs.validate(&submit)).await?;
            let version = record.and_then(|record| record.version_name());
            let dataset_version = version.map(|version| version.to_string()).unwrap_or_default();
            let run = v1::TrainingRun { dataset, dataset_version, request_id, ..v1::TrainingRun::default() };
            return Ok(v1::TrainModelResponse { run: Some(run) });
        }
        let record = self.pool.run_store(move || jobs.submit(&submit)).await?;
        Ok(v1::TrainModelResponse { run: Some(training_run(record)) })
    }

    /// Returns a run.
    pub(super) async fn get_training_run(
        &self,
        request: v1::GetTrainingRunRequest,
    ) -> Result<v1::GetTrainingRunResponse, Status> {
        let v1::GetTrainingRunRequest { name } = request;
        let name = parse_run_name(&name)?;
        let jobs = self.state.jobs.clone();
        let read = move || {
            let record = jobs.run(&name)?;
            Ok::<_, JobError>((record, config_of(&jobs, &name)))
        };
        let (record, config) = self.pool.run_store(read).await?;
        let run = v1::TrainingRun { config, ..training_run(record) };
        let run = omit_config_to_fit(run, content_budget(self.max_response_bytes));
        Ok(v1::GetTrainingRunResponse { run: Some(run) })
    }

    /// Returns a run once it has ended, or when the wait times out.
    pub(super) async fn wait_training_run(
        &self,
        request: v1::WaitTrainingRunRequest,
    ) -> Result<v1::WaitTrainingRunResponse, Status> {
        let v1::WaitTrainingRunRequest { name, timeout: limit } = request;
        let mut problems = Violations::default();
        let name: Option<RunName> = problems.parse_name("name", &name);
        let limit = limit.map_or(Some(DEFAULT_WAIT), |wire| parse_duration(&wire));
        if limit.is_none() {
            problems.add("INVALID_TIMEOUT", "timeout", "a timeout must not be negative");
        }
        let (name, limit) = problems.finish(name.zip(limit))?;
        let jobs = self.state.jobs.clone();
        let record = match timeout(limit.min(MAX_WAIT), jobs.wait(&name)).await {
            Ok(ended) => ended.map_err(|fault| status(&fault))?,
            Err(_) => self.pool.run_store(move || jobs.run(&name)).await?,
        };
        Ok(v1::WaitTrainingRunResponse { run: Some(training_run(record)) })
    }

    /// Lists a page of runs, newest first.
    pub(super) async fn list_training_runs(
        &self,
        request: v1::ListTrainingRunsRequest,
    ) -> Result<v1::ListTrainingRunsResponse, Status> {
        let v1::ListTrainingRunsRequest { parent, page_size, page_token, filter, order_by } = request;
        let mut problems = Violations::default();
        let model = parse_model_name("parent", &parent, &mut problems);
        let list = format!("ListTrainingRuns {filter:?} {order_by:?}");
        let page = PageRequest::parse(&list, &parent, page_size, &page_token, &mut problems);
        let filter = ListFilter::parse(&filter, FILTER_FIELDS, &mut problems);
        let order = ListOrder::parse(&order_by, FILTER_FIELDS.time, &mut problems);
        let ((model, page), (filter, order)) = problems.finish(model.zip(page).zip(filter.zip(order)))?;
        let after = page.after.as_deref().map(parse_run_name).transpose()?;
        let (jobs, limit) = (self.state.jobs.clone(), page.size + 1);
        let read = move |after: Option<&RunName>| match order {
            ListOrder::OldestFirst => jobs.runs_oldest_first(&model, after, limit),
            ListOrder::Default | ListOrder::NewestFirst => jobs.runs(&model, after, limit),
        };
        let matches = move |record: &RunRecord| filter.matches(&filtered_entry(record));
        let read = move || read_matching(limit, after, read, |record| record.name.clone(), matches);
        let records = self.pool.run_store(read).await?;
        let entries = records.into_iter().map(|record| (record.name.to_string(), training_run(record)));
        let (runs, next_page_token) = page.fill(entries, self.max_response_bytes);
        Ok(v1::ListTrainingRunsResponse { runs, next_page_token })
    }

    /// Requests that a run stop.
    pub(super) async fn cancel_training_run(
        &self,
        request: v1::CancelTrainingRunRequest,
    ) -> Result<v1::CancelTrainingRunResponse, Status> {
        let v1::CancelTrainingRunRequest { name } = request;
        let name = parse_run_name(&name)?;
        let jobs = self.state.jobs.clone();
        let record = self.pool.run_store(move || jobs.cancel(&name)).await?;
        Ok(v1::CancelTrainingRunResponse { run: Some(training_run(record)) })
    }
}

/// The fields that runs can be filtered by.
const FILTER_FIELDS: FilterFields = FilterFields { has_labels: true, texts: &["state", "owner"], time: "create_time" };

fn filtered_entry(record: &RunRecord) -> FilteredEntry<'_> {
    let Annotations { labels, description: _, owner } = &record.annotations;
    let state = match record.state {
        RunState::Queued => "QUEUED",
        RunState::Running { .. } => "RUNNING",
        RunState::Succeeded { .. } => "SUCCEEDED",
        RunState::Failed { .. } => "FAILED",
        RunState::Cancelled => "CANCELLED",
    };
    let texts = vec![("state", state.to_owned()), ("owner", owner.clone())];
    FilteredEntry { labels: Some(labels), texts, time: Some(record.created) }
}

/// Returns the options of a run; nothing if they cannot be read, which must not hide the run itself.
pub(super) fn config_of(jobs: &Jobs, name: &RunName) -> Option<v1::TrainingConfig> {
    match jobs.options(name) {
        Ok(options) => Some(training_config(options)),
        Err(JobError::NotFound { .. }) => None,
        Err(error) => {
            tracing::warn!(%error, run = %name, "cannot read the options of a training run");
            None
        }
    }
}

/// Leaves out the options if the run would not fit into `max_bytes` bytes with them.
fn omit_config_to_fit(run: v1::TrainingRun, max_bytes: usize) -> v1::TrainingRun {
    let fits = run.encoded_len() <= max_bytes;
    v1::TrainingRun { config: run.config.filter(|_| fits), ..run }
}

/// If customers are optional, the default dataset is that of the model's own workspace.
fn default_dataset(model: &ModelName) -> Result<DatasetRef, Status> {
    let mut problems = Violations::default();
    let name = problems.parse_name("dataset", &format!("workspaces/{}/datasets/default", model.workspace));
    Ok(problems.finish(name)?)
}

fn parse_run_name(text: &str) -> Result<RunName, Status> {
    let mut problems = Violations::default();
    let name = problems.parse_name("name", text);
    Ok(problems.finish(name)?)
}
