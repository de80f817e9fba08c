//! Labels, descriptions and owners of runs and versions, and the options of a training.

use std::collections::HashMap;

use sweetspot_proto::v1;
use tonic::{Code, Status};

use crate::support::server::TestServer;
use crate::support::{MODEL, assert_refused, fields};

const ID: &str = "0b9c1d2e-3f40-4a51-8b62-7c83940a5b61";

fn labels(pairs: &[(&str, &str)]) -> HashMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn training() -> v1::TrainModelRequest {
    let config = v1::TrainingConfig {
        seed: 7,
        label_policy: Some(v1::LabelPolicy { preset: v1::LabelPreset::Won.into(), ..Default::default() }),
        time_limit: Some(prost_types::Duration { seconds: 600, nanos: 500_000_000 }),
        excluded_attributes: vec!["industry".to_owned()],
        increasing_attributes: vec!["employees".to_owned()],
        independent_rows: true,
        ignore_definition: true,
        ..Default::default()
    };
    v1::TrainModelRequest {
        config: Some(config),
        request_id: ID.to_owned(),
        labels: labels(&[("team", "sales"), ("quarter", "2026-q1"), ("a", ""), ("b", ""), ("c", "")]),
        description: "The first\nof the year".to_owned(),
        owner: "ann".to_owned(),
        ..Default::default()
    }
}

async fn trained() -> (TestServer, v1::TrainingRun) {
    let server = TestServer::empty().await;
    server.import().await;
    let run = server.model().train_model(training()).await.unwrap().into_inner().run.unwrap();
    let run = server.wait(&run).await;
    (server, run)
}

async fn update(
    server: &TestServer,
    paths: &[&str],
    request: v1::UpdateModelVersionRequest,
) -> Result<v1::ModelVersion, Status> {
    let paths = paths.iter().map(|path| (*path).to_owned()).collect();
    let request = v1::UpdateModelVersionRequest {
        name: format!("{MODEL}/versions/1"),
        update_mask: Some(prost_types::FieldMask { paths }),
        ..request
    };
    Ok(server.model().update_model_version(request).await?.into_inner().version.unwrap())
}

#[tokio::test]
async fn a_version_begins_with_what_its_training_wrote() {
    let (server, run) = trained().await;
    let request = v1::GetTrainingRunRequest { name: run.name.clone() };
    let run = server.model().get_training_run(request).await.unwrap().into_inner().run.unwrap();
    assert_eq!(
        (&run.labels, &run.description, &run.owner),
        (&training().labels, &training().description, &training().owner)
    );
    // There was no version whose segments could continue.
    let config = training().config.map(|config| v1::TrainingConfig { segments_from: Some(String::new()), ..config });
    assert_eq!(run.config, config, "the options are those of the request");
    let request = v1::GetModelVersionRequest { name: run.model_version.clone() };
    let response = server.model().get_model_version(request).await.unwrap().into_inner();
    let version = response.version.unwrap();
    assert_eq!((&version.labels, &version.description, &version.owner), (&run.labels, &run.description, &run.owner));
    assert_eq!(response.config, run.config);
    for _ in 0..4 {
        // The order of labels on the wire differs from request to request.
        let repeated = server.model().train_model(training()).await.unwrap().into_inner().run.unwrap();
        assert_eq!(repeated.name, run.name);
    }
    let request = v1::ListTrainingRunsRequest::default();
    let listed = server.model().list_training_runs(request).await.unwrap().into_inner().runs;
    assert_eq!((&listed[0].labels, &listed[0].config), (&run.labels, &None));
}

#[tokio::test]
async fn an_update_changes_the_fields_of_its_mask() {
    let (server, _) = trained().await;
    let change = v1::UpdateModelVersionRequest {
        labels: labels(&[("keep", "")]),
        description: "ignored".to_owned(),
        owner: "ben".to_owned(),
        request_id: ID.to_owned(),
        ..Default::default()
    };
    for _ in 0..2 {
        let version = update(&server, &["labels", "owner"], change.clone()).await.unwrap();
        assert_eq!((version.labels, version.owner.as_str()), (labels(&[("keep", "")]), "ben"));
        assert_eq!(version.description, training().description);
    }
    let version = update(&server, &["labels"], v1::UpdateModelVersionRequest::default()).await.unwrap();
    assert!(version.labels.is_empty());
    let stale = v1::UpdateModelVersionRequest { etag: "0".to_owned(), ..Default::default() };
    assert_refused(update(&server, &["labels"], stale).await, Code::Aborted, "STALE_ETAG");
    for paths in [&[][..], &["name"], &["labels", "artifact_sha256"]] {
        let refused = update(&server, paths, v1::UpdateModelVersionRequest::default()).await;
        assert_refused(refused, Code::InvalidArgument, "INVALID_UPDATE_MASK");
    }
}

#[tokio::test]
async fn labels_and_texts_beyond_their_limits_are_refused() {
    let (server, _) = trained().await;
    let many: HashMap<String, String> = (0..33).map(|number| (format!("k{number}"), String::new())).collect();
    let largest: HashMap<String, String> = (0..32).map(|number| (format!("k{number:0>62}"), "v".repeat(128))).collect();
    let with = |labels: HashMap<String, String>| v1::UpdateModelVersionRequest { labels, ..Default::default() };
    assert_eq!(update(&server, &["labels"], with(largest.clone())).await.unwrap().labels, largest);
    assert_refused(update(&server, &["labels"], with(many)).await, Code::InvalidArgument, "TOO_MANY_LABELS");
    for (key, value) in
        [("", ""), ("Team", ""), ("a b", ""), ("a", "x\ny"), ("a", &"v".repeat(129)), (&"k".repeat(64), "")]
    {
        let refused = update(&server, &["labels"], with(labels(&[(key, value)]))).await;
        assert_refused(refused, Code::InvalidArgument, "INVALID_LABEL");
    }
    let longest = v1::UpdateModelVersionRequest { description: "é".repeat(1000), ..Default::default() };
    assert_eq!(update(&server, &["description"], longest.clone()).await.unwrap().description, longest.description);
    let text =
        v1::UpdateModelVersionRequest { description: "x".repeat(2001), owner: "o".repeat(129), ..Default::default() };
    let refused = update(&server, &["description"], text.clone()).await;
    let details = assert_refused(refused, Code::InvalidArgument, "TEXT_TOO_LONG");
    assert_eq!(fields(&details), ["description", "owner"]);
    let request = v1::TrainModelRequest { description: text.description, ..training() };
    assert_refused(server.model().train_model(request).await, Code::InvalidArgument, "TEXT_TOO_LONG");
}

#[tokio::test]
async fn versions_and_runs_are_filtered_and_ordered() {
    let (server, _) = trained().await;
    for team in ["north", "south", "north"] {
        let request =
            v1::TrainModelRequest { labels: labels(&[("team", team)]), request_id: String::new(), ..training() };
        let run = server.model().train_model(request).await.unwrap().into_inner().run.unwrap();
        server.wait(&run).await;
    }
    let versions = async |filter: &str, order_by: &str, page_token: String| {
        let (filter, order_by) = (filter.to_owned(), order_by.to_owned());
        let request = v1::ListModelVersionsRequest { page_size: 2, page_token, filter, order_by, ..Default::default() };
        let page = server.model().list_model_versions(request).await?.into_inner();
        let numbers = page.versions.into_iter().map(|version| version.name.rsplit('/').next().unwrap().to_owned());
        Ok::<_, Status>((numbers.collect::<Vec<_>>(), page.next_page_token))
    };
    let all = async |filter: &str, order_by: &str| {
        let (mut numbers, token) = versions(filter, order_by, String::new()).await.unwrap();
        if !token.is_empty() {
            numbers.extend(versions(filter, order_by, token).await.unwrap().0);
        }
        numbers.join(" ")
    };
    assert_eq!(all("", "create_time").await, "1 2 3 4");
    assert_eq!(all("", "create_time desc").await, "4 3 2 1");
    assert_eq!(all("labels.team = north", "").await, "4 2");
    assert_eq!(all("labels.team:* AND owner = ann", "create_time").await, "1 2 3 4");
    assert_eq!(all("alias = candidate", "").await, "4");
    assert_eq!(all("create_time > \"2030-01-01T00:00:00Z\"", "").await, "");
    let (_, token) = versions("labels.team:*", "", String::new()).await.unwrap();
    assert_refused(versions("", "", token).await, Code::InvalidArgument, "BAD_PAGE_TOKEN");
    assert_refused(versions("alias > live", "", String::new()).await, Code::InvalidArgument, "INVALID_LIST_FILTER");
    assert_refused(versions("", "name", String::new()).await, Code::InvalidArgument, "INVALID_ORDER_BY");
    let runs = async |filter: &str, order_by: &str| {
        let (filter, order_by) = (filter.to_owned(), order_by.to_owned());
        let request = v1::ListTrainingRunsRequest { filter, order_by, ..Default::default() };
        let runs = server.model().list_training_runs(request).await.unwrap().into_inner().runs;
        runs.into_iter()
            .map(|run| run.model_version.rsplit('/').next().unwrap().to_owned())
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(runs("labels.team = north AND state = SUCCEEDED", "create_time").await, "2 4");
    assert_eq!(runs("state = FAILED", "").await, "");
}

#[tokio::test]
async fn datasets_are_ordered_by_time() {
    let server = TestServer::empty().await;
    for dataset in ["a", "b", "c"] {
        let dataset = format!("workspaces/default/datasets/{dataset}");
        let import = v1::ImportAccountsRequest { dataset, ..crate::support::data::import_request(9) };
        server.dataset().import_accounts(tokio_stream::iter(vec![import])).await.unwrap();
    }
    let list = async |filter: &str, order_by: &str, page_token: &str| {
        let request = v1::ListDatasetsRequest {
            page_size: 2,
            page_token: page_token.to_owned(),
            filter: filter.to_owned(),
            order_by: order_by.to_owned(),
            ..Default::default()
        };
        let page = server.dataset().list_datasets(request).await.unwrap().into_inner();
        let names = page.datasets.into_iter().map(|one| one.name.rsplit('/').next().unwrap().to_owned());
        (names.collect::<Vec<_>>().join(" "), page.next_page_token)
    };
    // The clock of the test stands still, so that the names decide.
    let (first, token) = list("update_time > \"2026-01-01T00:00:00Z\"", "update_time desc", "").await;
    assert_eq!(first, "a b");
    assert_eq!(list("update_time > \"2026-01-01T00:00:00Z\"", "update_time desc", &token).await.0, "c");
    assert_eq!(list("update_time < \"2026-01-01T00:00:00Z\"", "", "").await.0, "");
}
