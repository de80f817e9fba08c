//! Workspaces and models.

use std::sync::Arc;

use sweetspot_core::{ModelName, WorkspaceName};
use sweetspot_proto::v1;
use sweetspot_store::workspaces;
use tonic::Status;

use super::{ModelApi, parse_model_name};
use crate::access::Call;
use crate::api::DEFAULT_WORKSPACE;
use crate::api::convert::model::model;
use crate::api::pagination::PageRequest;
use crate::api::violations::Violations;

impl ModelApi {
    /// Lists a page of workspaces.
    pub(super) async fn list_workspaces(
        &self,
        request: v1::ListWorkspacesRequest,
    ) -> Result<v1::ListWorkspacesResponse, Status> {
        let v1::ListWorkspacesRequest { page_size, page_token } = request;
        let mut problems = Violations::default();
        let page = PageRequest::parse("ListWorkspaces", "", page_size, &page_token, &mut problems);
        let page = problems.finish(page)?;
        let after: Option<WorkspaceName> = page.after.as_ref().and_then(|name| name.parse().ok());
        let (store, limit) = (Arc::clone(&self.state.store), page.size + 1);
        let own = Call::own_workspace();
        let mut names = self.pool.run_store(move || workspaces::list(&*store, after.as_ref(), limit)).await?;
        if let Some(own) = own {
            names = vec![WorkspaceName { workspace: own }];
        }
        let entries = names.into_iter().map(|name| (name.to_string(), v1::Workspace { name: name.to_string() }));
        let (workspaces, next_page_token) = page.fill(entries, self.max_response_bytes);
        Ok(v1::ListWorkspacesResponse { workspaces, next_page_token })
    }

    /// Returns a model.
    pub(super) async fn get_model(&self, request: v1::GetModelRequest) -> Result<v1::GetModelResponse, Status> {
        let v1::GetModelRequest { name } = request;
        let mut problems = Violations::default();
        let name = parse_model_name("name", &name, &mut problems);
        let name = problems.finish(name)?;
        let registry = Arc::clone(&self.state.registry);
        let record = self.pool.run_store(move || registry.model(&name)).await?;
        Ok(v1::GetModelResponse { model: Some(model(record)) })
    }

    /// Lists a page of models.
    pub(super) async fn list_models(&self, request: v1::ListModelsRequest) -> Result<v1::ListModelsResponse, Status> {
        let v1::ListModelsRequest { parent, page_size, page_token } = request;
        let mut problems = Violations::default();
        let workspace = problems.parse_name_or("parent", &parent, DEFAULT_WORKSPACE);
        let page = PageRequest::parse("ListModels", &parent, page_size, &page_token, &mut problems);
        let (workspace, page): (WorkspaceName, _) = problems.finish(workspace.zip(page))?;
        let after: Option<ModelName> = page.after.as_ref().and_then(|name| name.parse().ok());
        let (registry, limit) = (Arc::clone(&self.state.registry), page.size + 1);
        let records = self.pool.run_store(move || registry.models(&workspace, after.as_ref(), limit)).await?;
        let entries = records.into_iter().map(|record| (record.name.to_string(), model(record)));
        let (models, next_page_token) = page.fill(entries, self.max_response_bytes);
        Ok(v1::ListModelsResponse { models, next_page_token })
    }
}
