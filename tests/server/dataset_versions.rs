//! Dataset versions: every import creates one, and versions in use cannot be deleted.

use sweetspot::config::Settings;
use sweetspot_proto::v1::training_run::State;
use sweetspot_proto::v1::{self, OutcomeKind};
use sweetspot_store::store::MemoryStore;
use tonic::{Code, Status};

use crate::support::data::{self, outcome};
use crate::support::server::TestServer;
use crate::support::{DATASET, MODEL, assert_refused};

fn version(number: u64) -> String {
    format!("{DATASET}/versions/{number}")
}

async fn import(server: &TestServer, message: v1::ImportAccountsRequest) -> Result<v1::ImportAccountsResponse, Status> {
    Ok(server.dataset().import_accounts(tokio_stream::iter(vec![message])).await?.into_inner())
}

/// Imports a different set of customers for each count.
async fn import_customers(server: &TestServer, count: usize, stage: bool) -> v1::ImportAccountsResponse {
    import(server, v1::ImportAccountsRequest { stage, ..data::import_request(count) }).await.unwrap()
}

async fn get(server: &TestServer, name: &str) -> Result<v1::DatasetVersion, Status> {
    let request = v1::GetDatasetVersionRequest { name: name.to_owned() };
    Ok(server.dataset().get_dataset_version(request).await?.into_inner().version.unwrap())
}

async fn list(server: &TestServer, page_size: i32, page_token: &str) -> v1::ListDatasetVersionsResponse {
    let request =
        v1::ListDatasetVersionsRequest { parent: String::new(), page_size, page_token: page_token.to_owned() };
    server.dataset().list_dataset_versions(request).await.unwrap().into_inner()
}

async fn restore(server: &TestServer, name: String) -> Result<v1::DatasetVersion, Status> {
    let request = v1::RestoreDatasetVersionRequest { name, request_id: String::new() };
    Ok(server.dataset().restore_dataset_version(request).await?.into_inner().version.unwrap())
}

async fn delete(server: &TestServer, name: String) -> Result<v1::DeleteDatasetVersionResponse, Status> {
    let request = v1::DeleteDatasetVersionRequest { name, request_id: String::new() };
    Ok(server.dataset().delete_dataset_version(request).await?.into_inner())
}

fn numbers(versions: &[v1::DatasetVersion]) -> Vec<&str> {
    versions.iter().map(|version| version.name.rsplit('/').next().unwrap()).collect()
}

/// Trains the default model on a dataset or on one of its versions.
async fn train_on(server: &TestServer, dataset: &str) -> v1::TrainingRun {
    let request = v1::TrainModelRequest { dataset: dataset.to_owned(), ..Default::default() };
    let run = server.model().train_model(request).await.unwrap().into_inner().run.unwrap();
    server.wait(&run).await
}

#[tokio::test]
async fn an_import_names_its_version_and_a_version_has_what_was_imported() {
    let server = TestServer::empty().await;
    let first = import_customers(&server, 300, false).await;
    assert_eq!((first.dataset_version.clone(), first.current), (version(1), true));
    let second = import_customers(&server, 400, false).await;
    assert_eq!(second.dataset_version, version(2));
    let old = get(&server, &version(1)).await.unwrap();
    assert_eq!((old.name.clone(), old.current), (version(1), false));
    assert_eq!((old.accounts, old.outcomes, old.data_sha256), (300, 300, first.data_sha256));
    assert!(old.attributes.unwrap() > 1 && old.bytes.unwrap() > 300 && old.create_time.is_some());
    for name in ["", DATASET, &version(2)] {
        let current = get(&server, name).await.unwrap();
        assert_eq!((current.name, current.current, current.accounts), (version(2), true, 400), "{name:?}");
    }
    assert_refused(get(&server, &version(3)).await, Code::NotFound, "DATASET_VERSION_NOT_FOUND");
    assert_refused(get(&server, "workspaces/w/datasets/none").await, Code::NotFound, "DATASET_NOT_FOUND");
    assert_refused(get(&server, &format!("{DATASET}/versions/live")).await, Code::InvalidArgument, "INVALID_NAME");
}

#[tokio::test]
async fn versions_are_listed_newest_first_in_pages() {
    let server = TestServer::empty().await;
    assert!(list(&server, 0, "").await.versions.is_empty());
    for count in 1..=5 {
        import_customers(&server, count, false).await;
    }
    let first = list(&server, 2, "").await;
    assert_eq!(numbers(&first.versions), ["5", "4"]);
    let second = list(&server, 2, &first.next_page_token).await;
    assert_eq!(numbers(&second.versions), ["3", "2"]);
    let third = list(&server, 2, &second.next_page_token).await;
    assert_eq!((numbers(&third.versions), third.next_page_token.as_str()), (vec!["1"], ""));
    let current: Vec<_> = first.versions.iter().map(|version| version.current).collect();
    assert_eq!(current, [true, false]);
}

#[tokio::test]
async fn a_staged_import_is_current_only_after_it_is_restored() {
    let server = TestServer::empty().await;
    import_customers(&server, 400, false).await;
    let staged = import_customers(&server, 300, true).await;
    assert_eq!((staged.dataset_version, staged.current), (version(2), false));
    assert_eq!(get(&server, "").await.unwrap().name, version(1));
    let run = train_on(&server, DATASET).await;
    assert_eq!((run.dataset.as_str(), run.dataset_version), (DATASET, version(1)));
    let run = train_on(&server, &version(2)).await;
    assert_eq!((run.state(), run.dataset.as_str(), run.dataset_version), (State::Succeeded, DATASET, version(2)));
    for _ in 0..2 {
        assert!(restore(&server, version(2)).await.unwrap().current);
    }
    assert_eq!(get(&server, "").await.unwrap().name, version(2));
    assert_refused(restore(&server, version(7)).await, Code::NotFound, "DATASET_VERSION_NOT_FOUND");
    assert_refused(restore(&server, DATASET.to_owned()).await, Code::InvalidArgument, "INVALID_NAME");
}

#[tokio::test]
async fn a_dataset_version_that_a_model_uses_cannot_be_deleted() {
    let server = TestServer::empty().await;
    for count in [300, 350, 400] {
        import_customers(&server, count, false).await;
    }
    let run = train_on(&server, &version(2)).await;
    let request = v1::GetModelVersionRequest { name: run.model_version.clone() };
    let model = server.model().get_model_version(request).await.unwrap().into_inner().version.unwrap();
    assert_eq!(model.dataset_version, version(2));
    let stood_on = get(&server, &version(2)).await.unwrap();
    assert_eq!((stood_on.model_version_count, stood_on.model_versions), (1, vec![format!("{MODEL}/versions/1")]));
    let listed = list(&server, 0, "").await.versions;
    assert_eq!(listed.iter().map(|version| version.model_version_count).collect::<Vec<_>>(), [0, 1, 0]);
    assert_refused(delete(&server, version(2)).await, Code::FailedPrecondition, "DATASET_VERSION_IN_USE");
    assert!(!delete(&server, version(1)).await.unwrap().was_current);
    assert_refused(delete(&server, version(1)).await, Code::NotFound, "DATASET_VERSION_NOT_FOUND");
    assert!(delete(&server, version(3)).await.unwrap().was_current);
    assert_eq!(numbers(&list(&server, 0, "").await.versions), ["2"]);
    let request = v1::TrainModelRequest::default();
    assert_refused(server.model().train_model(request).await, Code::NotFound, "DATASET_EMPTY");
    restore(&server, version(2)).await.unwrap();
    assert_eq!(train_on(&server, "").await.state(), State::Succeeded);
    // The documents of a version need its customers.
    let request = v1::GetAccountReviewRequest { version: run.model_version, ..Default::default() };
    server.report().get_account_review(request).await.unwrap();
}

#[tokio::test]
async fn a_failed_training_does_not_change_the_current_dataset_version() {
    let server = TestServer::empty().await;
    import_customers(&server, 400, false).await;
    let ids: Vec<String> = data::import_request(30).accounts.unwrap().account_ids;
    let outcomes = ids.iter().map(|id| outcome(id, OutcomeKind::Won)).collect();
    let all_won = v1::ImportAccountsRequest { outcomes, stage: true, ..data::import_request(30) };
    let staged = import(&server, all_won).await.unwrap();
    let run = train_on(&server, &staged.dataset_version).await;
    assert_eq!(run.state(), State::Failed);
    assert_eq!(get(&server, "").await.unwrap().name, version(1));
    assert!(!delete(&server, staged.dataset_version).await.unwrap().was_current, "no model version depends on it");
}

#[tokio::test]
async fn an_import_beyond_the_maximum_removes_the_oldest_unused_version() {
    let mut settings = Settings::default();
    settings.server.max_dataset_versions = 2;
    let server = TestServer::serve_store(std::sync::Arc::new(MemoryStore::new()), &settings).await;
    import_customers(&server, 400, false).await;
    train_on(&server, "").await;
    assert!(import_customers(&server, 2, false).await.removed_versions.is_empty());
    let third = import_customers(&server, 3, false).await;
    assert!(third.removed_versions.is_empty(), "version 1 is in use and does not count");
    assert_eq!(numbers(&list(&server, 0, "").await.versions), ["3", "2", "1"]);
    assert_eq!(import_customers(&server, 4, true).await.removed_versions, [version(2)], "version 3 is the current one");
    assert_eq!(import_customers(&server, 5, false).await.removed_versions, [version(3)]);
    assert_eq!(numbers(&list(&server, 0, "").await.versions), ["5", "4", "1"]);
}

#[tokio::test]
async fn an_import_with_validate_only_stores_nothing() {
    let server = TestServer::empty().await;
    let check = v1::ImportAccountsRequest { validate_only: true, ..data::import_request(400) };
    let checked = import(&server, check).await.unwrap();
    assert_eq!((checked.accounts, checked.outcomes), (400, 400));
    assert_eq!((checked.dataset_version.as_str(), checked.current), ("", false));
    assert_refused(get(&server, "").await, Code::NotFound, "DATASET_NOT_FOUND");
    let kept = server.import().await;
    assert_eq!(kept.data_sha256, checked.data_sha256);
}

#[tokio::test]
async fn a_repeated_restore_or_deletion_has_no_further_effect() {
    let server = TestServer::empty().await;
    for count in [30, 31, 32] {
        import_customers(&server, count, false).await;
    }
    let [first, second, third] = [1, 2, 3].map(|number| format!("{DATASET}/versions/{number}"));
    let request_id = "6f1d3c52-9a0e-4c3b-8d17-2f60a1b7c9e4".to_owned();
    let restore_first = v1::RestoreDatasetVersionRequest { name: first.clone(), request_id: request_id.clone() };
    server.dataset().restore_dataset_version(restore_first.clone()).await.unwrap();
    restore(&server, second.clone()).await.unwrap();
    server.dataset().restore_dataset_version(restore_first.clone()).await.unwrap();
    assert!(get(&server, &second).await.unwrap().current, "the later change stays");
    let other = v1::RestoreDatasetVersionRequest { name: third.clone(), ..restore_first };
    let refused = server.dataset().restore_dataset_version(other).await;
    assert_refused(refused, Code::InvalidArgument, "REQUEST_ID_REUSED");
    let delete_second = v1::DeleteDatasetVersionRequest { name: second, request_id };
    for _ in 0..2 {
        let answer = server.dataset().delete_dataset_version(delete_second.clone()).await.unwrap().into_inner();
        assert!(answer.was_current);
    }
    let other = v1::DeleteDatasetVersionRequest { name: third.clone(), ..delete_second };
    let refused = server.dataset().delete_dataset_version(other).await;
    assert_refused(refused, Code::InvalidArgument, "REQUEST_ID_REUSED");
    assert_eq!(numbers(&list(&server, 0, "").await.versions), ["3", "1"]);
}
