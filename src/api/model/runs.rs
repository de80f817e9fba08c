//! Training runs.

use std::time::Duration;

use sweetspot_core::{DatasetRef, ModelName, RunName};
use sweetspot_proto::v1;
use sweetspot_store::jobs::Submit;
use sweetspot_store::registry::RequestKey;
use tokio::time::timeout;
use tonic::Status;

use super::held::join;
use super::{Model, model_name};
use crate::api::convert::run::run;
use crate::api::convert::time::duration;
use crate::api::convert::training;
use crate::api::page::Page;
use crate::api::problems::Problems;
use crate::api::status::status;

/// The dataset that is meant where none is named.
const DEFAULT_DATASET: &str = "workspaces/default/datasets/default";
/// How long a run is waited for where the request does not say.
const DEFAULT_WAIT: Duration = Duration::from_secs(60);
/// Longest time that a run is waited for in one call.
const MAX_WAIT: Duration = Duration::from_secs(600);

impl Model {
    /// Admits a run, or only checks the request.
    pub(super) async fn train(&self, request: v1::TrainModelRequest) -> Result<v1::TrainModelResponse, Status> {
        let body = training::body(&request);
        let v1::TrainModelRequest { model, dataset, config, validate_only, request_id } = request;
        let mut problems = Problems::default();
        let model = model_name("model", &model, &mut problems);
        let named: Option<DatasetRef> = problems.name_or("dataset", &dataset, DEFAULT_DATASET);
        let alone = config.as_ref().is_some_and(|config| config.ignore_definition);
        let spec = training::spec(config, &mut problems);
        problems.request_id(&request_id);
        let whole = model.zip(named).zip(spec);
        let ((model, named), (mut spec, time_limit)) = problems.check(whole).map_err(|fault| status(&fault))?;
        if !alone {
            let (definitions, of) = (self.parts.definitions.clone(), model.clone());
            let held = self.work.keep(move || definitions.get(&of)).await?;
            join(&mut spec, held.definition, self.parts.clock.now());
        }
        // Hypotheses need no customers, whoever holds them.
        let dataset_optional = dataset.is_empty() && !spec.hypotheses.is_empty();
        let dataset = if dataset_optional { own_dataset(&model)? } else { named };
        let request = RequestKey { id: request_id.clone(), body };
        let submit = Submit { model, dataset, dataset_optional, spec, time_limit, request };
        let jobs = self.parts.jobs.clone();
        if validate_only {
            let dataset = submit.dataset.dataset().to_string();
            let record = self.work.keep(move || jobs.validate(&submit)).await?;
            let version = record.and_then(|record| record.version_name());
            let dataset_version = version.map(|version| version.to_string()).unwrap_or_default();
            let run = v1::TrainingRun { dataset, dataset_version, request_id, ..v1::TrainingRun::default() };
            return Ok(v1::TrainModelResponse { run: Some(run) });
        }
        let record = self.work.keep(move || jobs.submit(&submit)).await?;
        Ok(v1::TrainModelResponse { run: Some(run(record)) })
    }

    /// One run.
    pub(super) async fn get_run(
        &self,
        request: v1::GetTrainingRunRequest,
    ) -> Result<v1::GetTrainingRunResponse, Status> {
        let v1::GetTrainingRunRequest { name } = request;
        let name = run_name(&name)?;
        let jobs = self.parts.jobs.clone();
        let record = self.work.keep(move || jobs.run(&name)).await?;
        Ok(v1::GetTrainingRunResponse { run: Some(run(record)) })
    }

    /// One run, once it has ended or the wait is over.
    pub(super) async fn wait_run(
        &self,
        request: v1::WaitTrainingRunRequest,
    ) -> Result<v1::WaitTrainingRunResponse, Status> {
        let v1::WaitTrainingRunRequest { name, timeout: limit } = request;
        let mut problems = Problems::default();
        let name: Option<RunName> = problems.name("name", &name);
        let limit = limit.map_or(Some(DEFAULT_WAIT), |wire| duration(&wire));
        if limit.is_none() {
            problems.add("INVALID_TIMEOUT", "timeout", "a timeout must not be negative");
        }
        let (name, limit) = problems.check(name.zip(limit)).map_err(|fault| status(&fault))?;
        let jobs = self.parts.jobs.clone();
        let record = match timeout(limit.min(MAX_WAIT), jobs.wait(&name)).await {
            Ok(ended) => ended.map_err(|fault| status(&fault))?,
            Err(_) => self.work.keep(move || jobs.run(&name)).await?,
        };
        Ok(v1::WaitTrainingRunResponse { run: Some(run(record)) })
    }

    /// A page of runs, newest first.
    pub(super) async fn list_runs(
        &self,
        request: v1::ListTrainingRunsRequest,
    ) -> Result<v1::ListTrainingRunsResponse, Status> {
        let v1::ListTrainingRunsRequest { parent, page_size, page_token } = request;
        let mut problems = Problems::default();
        let model = model_name("parent", &parent, &mut problems);
        let page = Page::parse("ListTrainingRuns", &parent, page_size, &page_token, &mut problems);
        let (model, page) = problems.check(model.zip(page)).map_err(|fault| status(&fault))?;
        let after = page.after.as_deref().map(run_name).transpose()?;
        let (jobs, limit) = (self.parts.jobs.clone(), page.size + 1);
        let records = self.work.keep(move || jobs.runs(&model, after.as_ref(), limit)).await?;
        let entries = records.into_iter().map(|record| (record.name.to_string(), run(record)));
        let (runs, next_page_token) = page.fill(entries, self.most_out);
        Ok(v1::ListTrainingRunsResponse { runs, next_page_token })
    }

    /// Asks a run to stop.
    pub(super) async fn cancel_run(
        &self,
        request: v1::CancelTrainingRunRequest,
    ) -> Result<v1::CancelTrainingRunResponse, Status> {
        let v1::CancelTrainingRunRequest { name } = request;
        let name = run_name(&name)?;
        let jobs = self.parts.jobs.clone();
        let record = self.work.keep(move || jobs.cancel(&name)).await?;
        Ok(v1::CancelTrainingRunResponse { run: Some(run(record)) })
    }
}

/// Where hypotheses need no customers, those of the model's own workspace are meant.
fn own_dataset(model: &ModelName) -> Result<DatasetRef, Status> {
    let mut problems = Problems::default();
    let name = problems.name("dataset", &format!("workspaces/{}/datasets/default", model.workspace));
    problems.check(name).map_err(|fault| status(&fault))
}

fn run_name(text: &str) -> Result<RunName, Status> {
    let mut problems = Problems::default();
    let name = problems.name("name", text);
    problems.check(name).map_err(|fault| status(&fault))
}
