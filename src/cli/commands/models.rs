//! `models` and `workspaces`: what a store contains.

use sweetspot_proto::v1::{GetModelRequest, ListModelsRequest, ListWorkspacesRequest, Model, StandIn, Workspace};

use crate::cli::client::{Client, MissingStore, request};
use crate::cli::context::Context;
use crate::cli::definition::{PAGE_SIZE, list_all};
use crate::cli::exit::CliError;
use crate::cli::names::short_name;
use crate::cli::output::{table, wrap};
use crate::cli::version_text::time_text;

/// Lists the models of the workspace, by name.
pub(crate) async fn list(context: &Context) -> Result<(), CliError> {
    let parent = format!("workspaces/{}", context.names.model.workspace);
    let page = async |client: &mut Client, page_token| {
        let message = ListModelsRequest { parent: parent.clone(), page_size: PAGE_SIZE, page_token };
        let answer = client.models.list_models(request(message)).await;
        client.response(answer).map(|page| (page.models, page.next_page_token))
    };
    let list = async |client: &mut Client| list_all(client, page).await;
    let found: Vec<Model> = context.with_client(MissingStore::Refuse, list).await?;
    if context.out.json {
        return context.out.print_json_list(&found);
    }
    let header = ["model", "live", "candidate", "previous", "versions", "changed"];
    let mut text = table(&header, &[1, 2, 3, 4], found.iter().map(model_row).collect());
    for stand_in in found.iter().filter_map(|model| model.stand_in.as_ref()) {
        text.push_str("\n\n");
        text.push_str(&stand_in_text(stand_in));
    }
    context.out.print_text(&text)
}

/// Lists the workspaces.
pub(crate) async fn list_workspaces(context: &Context) -> Result<(), CliError> {
    let page = async |client: &mut Client, page_token| {
        let message = ListWorkspacesRequest { page_size: PAGE_SIZE, page_token };
        let answer = client.models.list_workspaces(request(message)).await;
        client.response(answer).map(|page| (page.workspaces, page.next_page_token))
    };
    let list = async |client: &mut Client| list_all(client, page).await;
    let found: Vec<Workspace> = context.with_client(MissingStore::Refuse, list).await?;
    if context.out.json {
        return context.out.print_json_list(&found);
    }
    let row = |workspace: &Workspace| vec![short_name(&workspace.name).to_owned()];
    context.out.print_text(&table(&["workspace"], &[], found.iter().map(row).collect()))
}

/// Warns if the live version of the model does not answer. Without a version, there is nothing to warn of.
pub(crate) async fn warn_of_stand_in(client: &mut Client, context: &Context) -> Result<(), CliError> {
    let message = GetModelRequest { name: context.names.model.to_string() };
    let answer = client.models.get_model(request(message)).await;
    let model = match client.response(answer) {
        Err(CliError::Refused(refusal)) if refusal.reason() == Some("MODEL_NOT_FOUND") => return Ok(()),
        answered => answered?.model,
    };
    if let Some(stand_in) = model.and_then(|model| model.stand_in) {
        context.out.warn(&stand_in_text(&stand_in));
    }
    Ok(())
}

fn stand_in_text(stand_in: &StandIn) -> String {
    wrap(&format!("warning: {}", stand_in.message), 0, 2)
}

fn model_row(model: &Model) -> Vec<String> {
    let changed = model.update_time.as_ref().map(time_text).unwrap_or_default();
    let live = short_name(&model.live_version);
    vec![
        short_name(&model.name).to_owned(),
        if model.stand_in.is_some() { format!("{live} (damaged)") } else { live.to_owned() },
        short_name(&model.candidate_version).to_owned(),
        short_name(&model.previous_version).to_owned(),
        model.version_count.to_string(),
        changed.get(..10).unwrap_or(&changed).to_owned(),
    ]
}
