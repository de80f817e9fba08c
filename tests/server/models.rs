//! Workspaces, models and datasets as lists.

use sweetspot_proto::v1;
use tonic::Code;

use crate::support::data;
use crate::support::server::TestServer;
use crate::support::{DATASET, MODEL, assert_refused};

/// Imports into a dataset of another workspace, and trains a model there.
async fn train_in(server: &TestServer, workspace: &str, model: &str) {
    let dataset = format!("workspaces/{workspace}/datasets/d");
    let import = v1::ImportAccountsRequest { dataset: dataset.clone(), ..data::import_request(400) };
    server.dataset().import_accounts(tokio_stream::iter(vec![import])).await.unwrap();
    let model = format!("workspaces/{workspace}/models/{model}");
    let request = v1::TrainModelRequest { model, dataset, ..Default::default() };
    let run = server.model().train_model(request).await.unwrap().into_inner().run.unwrap();
    assert_eq!(server.wait(&run).await.state(), v1::training_run::State::Succeeded);
}

async fn workspaces(server: &TestServer, page_size: i32, page_token: &str) -> (Vec<String>, String) {
    let request = v1::ListWorkspacesRequest { page_size, page_token: page_token.to_owned() };
    let page = server.model().list_workspaces(request).await.unwrap().into_inner();
    (page.workspaces.into_iter().map(|workspace| workspace.name).collect(), page.next_page_token)
}

async fn models(server: &TestServer, parent: &str, page_size: i32, page_token: &str) -> (Vec<v1::Model>, String) {
    let request = v1::ListModelsRequest { parent: parent.to_owned(), page_size, page_token: page_token.to_owned() };
    let page = server.model().list_models(request).await.unwrap().into_inner();
    (page.models, page.next_page_token)
}

fn names(models: &[v1::Model]) -> Vec<&str> {
    models.iter().map(|model| model.name.rsplit('/').next().unwrap()).collect()
}

#[tokio::test]
async fn workspaces_and_models_are_listed_in_pages() {
    let server = TestServer::empty().await;
    assert_eq!(workspaces(&server, 0, "").await, (Vec::new(), String::new()));
    server.import().await;
    for (workspace, model) in [("v", "b"), ("v", "a"), ("w", "m")] {
        train_in(&server, workspace, model).await;
    }
    let (first, token) = workspaces(&server, 2, "").await;
    assert_eq!(first, ["workspaces/default", "workspaces/v"]);
    assert_eq!(workspaces(&server, 2, &token).await, (vec!["workspaces/w".to_owned()], String::new()));
    let (first, token) = models(&server, "workspaces/v", 1, "").await;
    let (second, end) = models(&server, "workspaces/v", 1, &token).await;
    assert_eq!((names(&first), names(&second), end.as_str()), (vec!["a"], vec!["b"], ""));
    assert!(models(&server, "", 0, "").await.0.is_empty(), "the workspace default has a dataset only");
    let request = v1::ListModelsRequest { parent: "workspaces/w".to_owned(), page_size: 1, page_token: token };
    assert_refused(server.model().list_models(request).await, Code::InvalidArgument, "BAD_PAGE_TOKEN");
}

#[tokio::test]
async fn a_model_names_the_versions_of_its_aliases() {
    let server = TestServer::trained().await;
    let get = |name: &str| v1::GetModelRequest { name: name.to_owned() };
    let model = server.model().get_model(get("")).await.unwrap().into_inner().model.unwrap();
    let version = format!("{MODEL}/versions/1");
    assert_eq!((model.name.as_str(), &model.live_version, &model.candidate_version), (MODEL, &version, &version));
    assert_eq!((model.previous_version.as_str(), model.version_count, model.stand_in), ("", 1, None));
    let request = v1::GetModelVersionRequest::default();
    let live = server.model().get_model_version(request).await.unwrap().into_inner().version.unwrap();
    assert_eq!((model.create_time, model.update_time, model.etag), (live.create_time, live.create_time, live.etag));
    let other = get("workspaces/default/models/other");
    assert_refused(server.model().get_model(other).await, Code::NotFound, "MODEL_NOT_FOUND");
}

#[tokio::test]
async fn datasets_are_listed_with_their_current_versions() {
    let server = TestServer::empty().await;
    for (dataset, stage) in [("b", false), ("a", false), ("a", true)] {
        let dataset = format!("workspaces/default/datasets/{dataset}");
        let import = v1::ImportAccountsRequest { dataset, stage, ..data::import_request(40) };
        server.dataset().import_accounts(tokio_stream::iter(vec![import])).await.unwrap();
    }
    let list = async |page_token: &str| {
        let request = v1::ListDatasetsRequest {
            parent: String::new(),
            page_size: 1,
            page_token: page_token.to_owned(),
            ..Default::default()
        };
        server.dataset().list_datasets(request).await.unwrap().into_inner()
    };
    let first = list("").await;
    let [dataset] = first.datasets.as_slice() else { panic!("{first:?}") };
    assert_eq!(dataset.current_version, "workspaces/default/datasets/a/versions/1");
    assert_eq!((dataset.version_count, dataset.accounts, dataset.outcomes), (2, 40, 40));
    assert!(dataset.bytes > 0 && dataset.update_time.is_some());
    let second = list(&first.next_page_token).await;
    assert_eq!(
        (second.datasets[0].name.as_str(), second.next_page_token.as_str()),
        ("workspaces/default/datasets/b", "")
    );
    let get = |name: &str| v1::GetDatasetRequest { name: name.to_owned() };
    let read = server.dataset().get_dataset(get(&dataset.name)).await.unwrap().into_inner();
    assert_eq!(read.dataset.as_ref(), Some(dataset));
    assert_refused(server.dataset().get_dataset(get(DATASET)).await, Code::NotFound, "DATASET_NOT_FOUND");
}
