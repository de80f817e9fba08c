//! Deletion of versions, models and datasets.

use sweetspot::config::Settings;
use sweetspot_proto::v1;
use sweetspot_store::store::MemoryStore;
use tonic::{Code, Status};

use crate::support::server::{TestServer, promote, publish, world};
use crate::support::{DATASET, MODEL, assert_refused};

const ID: &str = "0b9c1d2e-3f40-4a51-8b62-7c83940a5b61";

fn version(number: u64) -> String {
    format!("{MODEL}/versions/{number}")
}

/// A server with three versions, of which the second is live.
async fn serve_versions() -> TestServer {
    let settings = Settings::default();
    let world = world(std::sync::Arc::new(MemoryStore::new()), &settings);
    for number in 1..=3 {
        publish(&world, &format!("r-{number}"));
    }
    promote(&world, 1);
    promote(&world, 2);
    TestServer::serve(world, &settings).await
}

async fn delete(server: &TestServer, name: String) -> Result<v1::Model, Status> {
    let request = v1::DeleteModelVersionRequest { name, request_id: ID.to_owned(), ..Default::default() };
    Ok(server.model().delete_model_version(request).await?.into_inner().model.unwrap())
}

async fn get_model(server: &TestServer) -> Result<v1::Model, Status> {
    Ok(server.model().get_model(v1::GetModelRequest::default()).await?.into_inner().model.unwrap())
}

async fn get_version(server: &TestServer, name: String) -> Result<v1::ModelVersion, Status> {
    let request = v1::GetModelVersionRequest { name };
    Ok(server.model().get_model_version(request).await?.into_inner().version.unwrap())
}

#[tokio::test]
async fn a_deleted_version_is_not_found_and_the_candidate_moves() {
    let server = serve_versions().await;
    for number in [1, 2] {
        assert_refused(delete(&server, version(number)).await, Code::FailedPrecondition, "VERSION_IN_USE");
    }
    assert_refused(delete(&server, format!("{MODEL}/versions/live")).await, Code::InvalidArgument, "INVALID_NAME");
    assert_refused(delete(&server, version(9)).await, Code::NotFound, "VERSION_NOT_FOUND");
    let model = delete(&server, version(3)).await.unwrap();
    assert_eq!((model.candidate_version.as_str(), model.version_count), (version(2).as_str(), 2));
    assert_eq!(delete(&server, version(3)).await.unwrap(), model, "a repeated request");
    assert_refused(delete(&server, version(2)).await, Code::InvalidArgument, "REQUEST_ID_REUSED");
    let error = get_version(&server, version(3)).await.unwrap_err();
    assert!(error.message().contains("versions/3 was deleted on 2026-03-02"), "{error}");
    assert_refused(Err::<(), _>(error), Code::NotFound, "VERSION_NOT_FOUND");
    let request = v1::ListModelVersionsRequest::default();
    let listed = server.model().list_model_versions(request).await.unwrap().into_inner().versions;
    assert_eq!(listed.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), [version(2), version(1)]);
}

#[tokio::test]
async fn a_version_that_an_approved_definition_names_is_not_deleted() {
    let server = serve_versions().await;
    let mut client = server.definition();
    let submit =
        v1::SubmitDefinitionRequest { model: MODEL.to_owned(), author: "ann".to_owned(), ..Default::default() };
    let etag = client.submit_definition(submit).await.unwrap().into_inner().definition.unwrap().etag;
    let approve = v1::ApproveDefinitionRequest {
        model: MODEL.to_owned(),
        approver: "ben".to_owned(),
        etag,
        model_version: version(3),
        ..Default::default()
    };
    let approved = client.approve_definition(approve).await.unwrap().into_inner().version.unwrap();
    assert_eq!(approved.name, format!("{MODEL}/definition/versions/1"));
    let error = delete(&server, version(3)).await.unwrap_err();
    assert!(error.message().contains("approved version 1 of the definition"), "{error}");
    assert_refused(Err::<(), _>(error), Code::FailedPrecondition, "VERSION_IN_USE");
}

#[tokio::test]
async fn a_version_that_an_approval_of_a_review_names_is_not_deleted() {
    let server = serve_versions().await;
    let mut client = server.definition();
    let get = v1::GetDefinitionRequest::default();
    let draft = client.get_definition(get).await.unwrap().into_inner().definition.unwrap();
    let two = v1::Definition { required_approvals: 2, ..draft };
    let update = v1::UpdateDefinitionRequest { definition: Some(two), ..Default::default() };
    client.update_definition(update).await.unwrap();
    let submit = v1::SubmitDefinitionRequest { author: "ann".to_owned(), ..Default::default() };
    let etag = client.submit_definition(submit).await.unwrap().into_inner().definition.unwrap().etag;
    let approve = v1::ApproveDefinitionRequest {
        approver: "ben".to_owned(),
        etag,
        model_version: version(3),
        ..Default::default()
    };
    let partial = client.approve_definition(approve).await.unwrap().into_inner();
    assert_eq!(partial.version, None);
    assert_eq!(partial.definition.unwrap().approvals_model_version, version(3));
    let error = delete(&server, version(3)).await.unwrap_err();
    assert!(error.message().contains("an approval of the definition in review"), "{error}");
    assert_refused(Err::<(), _>(error), Code::FailedPrecondition, "VERSION_IN_USE");
    let give_back =
        v1::ReturnDefinitionRequest { author: "ann".to_owned(), reason: "Not yet.".to_owned(), ..Default::default() };
    client.return_definition(give_back).await.unwrap();
    delete(&server, version(3)).await.unwrap();
}

#[tokio::test]
async fn a_model_is_deleted_with_its_runs_and_history_and_its_dataset_afterwards() {
    let server = TestServer::empty().await;
    server.import().await;
    let run = server.train(MODEL).await;
    server.wait(&run).await;
    let dataset = |force| v1::DeleteDatasetRequest { name: DATASET.to_owned(), force, ..Default::default() };
    let in_use = server.dataset().delete_dataset(dataset(true)).await;
    assert_refused(in_use, Code::FailedPrecondition, "DATASET_VERSION_IN_USE");
    let etag = get_model(&server).await.unwrap().etag;
    let whole = |etag: &str, force| v1::DeleteModelRequest {
        name: MODEL.to_owned(),
        etag: etag.to_owned(),
        force,
        request_id: ID.to_owned(),
        ..Default::default()
    };
    let mut client = server.model();
    let error = client.delete_model(whole(&etag, false)).await.unwrap_err();
    assert!(error.message().contains("its 1 versions") && error.message().contains("but not its definition"));
    assert_refused(Err::<(), _>(error), Code::FailedPrecondition, "MODEL_NOT_EMPTY");
    assert_refused(client.delete_model(whole("", true)).await, Code::InvalidArgument, "ETAG_MISSING");
    assert_refused(client.delete_model(whole("0", true)).await, Code::Aborted, "STALE_ETAG");
    for _ in 0..2 {
        client.delete_model(whole(&etag, true)).await.unwrap();
    }
    let error = get_model(&server).await.unwrap_err();
    assert!(error.message().contains("was deleted on 2026-03-02"), "{error}");
    assert_refused(Err::<(), _>(error), Code::NotFound, "MODEL_NOT_FOUND");
    let runs = client.list_training_runs(v1::ListTrainingRunsRequest::default()).await.unwrap().into_inner().runs;
    assert!(runs.is_empty(), "{runs:?}");
    let request = v1::GetTrainingRunRequest { name: run.name };
    assert_refused(client.get_training_run(request).await, Code::NotFound, "TRAINING_RUN_NOT_FOUND");
    let in_use = server.dataset().delete_dataset(dataset(false)).await;
    assert_refused(in_use, Code::FailedPrecondition, "DATASET_NOT_EMPTY");
    server.dataset().delete_dataset(dataset(true)).await.unwrap();
    let error = server.dataset().get_dataset(v1::GetDatasetRequest::default()).await.unwrap_err();
    assert!(error.message().contains("was deleted on 2026-03-02"), "{error}");
    assert_refused(Err::<(), _>(error), Code::NotFound, "DATASET_NOT_FOUND");
    let request = v1::ListWorkspacesRequest::default();
    assert!(client.list_workspaces(request).await.unwrap().into_inner().workspaces.is_empty());
    assert_eq!(server.import().await.dataset_version, format!("{DATASET}/versions/2"), "numbers are not reused");
    let run = server.train(MODEL).await;
    assert_eq!(server.wait(&run).await.model_version, version(2), "numbers are not reused");
}

#[tokio::test]
async fn promotions_have_names() {
    let server = serve_versions().await;
    let request = v1::ListPromotionsRequest::default();
    let promotions = server.model().list_promotions(request).await.unwrap().into_inner().promotions;
    let names: Vec<_> = promotions.into_iter().map(|promotion| promotion.name).collect();
    assert_eq!(names, [format!("{MODEL}/promotions/2"), format!("{MODEL}/promotions/1")]);
}

#[tokio::test]
async fn a_server_deletes_versions_beyond_its_settings_when_it_starts_and_after_a_training() {
    let store: std::sync::Arc<dyn sweetspot_store::store::Store> = std::sync::Arc::new(MemoryStore::new());
    let mut settings = Settings::default();
    let unlimited = world(std::sync::Arc::clone(&store), &settings);
    for number in 1..=4 {
        publish(&unlimited, &format!("r-{number}"));
    }
    promote(&unlimited, 1);
    drop(unlimited);
    settings.server.max_model_versions = Some(1);
    let server = TestServer::serve_store(store, &settings).await;
    let numbers = async || {
        let request = v1::ListModelVersionsRequest::default();
        let listed = server.model().list_model_versions(request).await.unwrap().into_inner().versions;
        listed.into_iter().map(|one| one.name.rsplit('/').next().unwrap().to_owned()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(numbers().await, "4 1", "the candidate and the live version stay");
    let error = get_version(&server, version(3)).await.unwrap_err();
    assert!(error.message().contains("was deleted on 2026-03-02"), "{error}");
    server.import().await;
    let run = server.train(MODEL).await;
    assert_eq!(server.wait(&run).await.model_version, version(5));
    assert_eq!(numbers().await, "5 1");
}
