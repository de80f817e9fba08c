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
    assert_eq!(run.config, training().config, "the options are those of the request");
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
