//! A repeated request takes effect once, also across a restart, and also if many clients send it concurrently.

use std::sync::Arc;

use sweetspot::config::Settings;
use sweetspot_proto::v1;
use sweetspot_store::store::SledStore;
use tokio::task::JoinSet;
use tonic::Code;

use crate::scoring::request;
use crate::support::data::{self, account};
use crate::support::server::{TestServer, publish, world};
use crate::support::{MODEL, assert_refused};

const REQUEST_IDS: [&str; 4] = [
    "6f1d3c52-9a0e-4c3b-8d17-2f60a1b7c9e4",
    "0b9c1d2e-3f40-4a51-8b62-7c83940a5b61",
    "2d6f4a10-7b7c-4f0e-9a51-0a3d5c8e1f27",
    "b3a1c0de-52f4-4e86-a9d7-4c1e0f9b6a35",
];

async fn etag(server: &TestServer) -> String {
    let request = v1::GetModelVersionRequest { name: format!("{MODEL}/versions/1") };
    server.model().get_model_version(request).await.unwrap().into_inner().version.unwrap().etag
}

async fn promotions(server: &TestServer) -> Vec<v1::Promotion> {
    let request = v1::ListPromotionsRequest { page_size: 500, ..Default::default() };
    server.model().list_promotions(request).await.unwrap().into_inner().promotions
}

async fn runs(server: &TestServer) -> Vec<v1::TrainingRun> {
    let request = v1::ListTrainingRunsRequest { page_size: 500, ..Default::default() };
    server.model().list_training_runs(request).await.unwrap().into_inner().runs
}

/// One request of every mutation.
struct Mutations {
    import: v1::ImportAccountsRequest,
    train: v1::TrainModelRequest,
    promote: v1::PromoteModelVersionRequest,
    rollback: v1::RollbackModelRequest,
}

type MutationResponses = (v1::ImportAccountsResponse, String, v1::Promotion, v1::Promotion);

impl Mutations {
    async fn send(&self, server: &TestServer) -> MutationResponses {
        let import = server.dataset().import_accounts(tokio_stream::iter([self.import.clone()])).await.unwrap();
        let run = server.model().train_model(self.train.clone()).await.unwrap().into_inner().run.unwrap();
        server.wait(&run).await;
        let promote = server.model().promote_model_version(self.promote.clone()).await.unwrap().into_inner();
        let rollback = server.model().rollback_model(self.rollback.clone()).await.unwrap().into_inner();
        (import.into_inner(), run.name, promote.promotion.unwrap(), rollback.promotion.unwrap())
    }

    async fn assert_no_other_use(&self, server: &TestServer) {
        let import = v1::ImportAccountsRequest { outcomes: Vec::new(), ..self.import.clone() };
        let result = server.dataset().import_accounts(tokio_stream::iter([import])).await;
        assert_refused(result, Code::InvalidArgument, "REQUEST_ID_REUSED");
        let train = v1::TrainModelRequest { config: Some(v1::TrainingConfig::default()), ..self.train.clone() };
        let train = v1::TrainModelRequest { dataset: "workspaces/default/datasets/other".into(), ..train };
        assert_refused(server.model().train_model(train).await, Code::InvalidArgument, "REQUEST_ID_REUSED");
        let promote = v1::PromoteModelVersionRequest { reason: "another".into(), ..self.promote.clone() };
        assert_refused(server.model().promote_model_version(promote).await, Code::InvalidArgument, "REQUEST_ID_REUSED");
        let rollback = v1::RollbackModelRequest { reason: "another".into(), ..self.rollback.clone() };
        assert_refused(server.model().rollback_model(rollback).await, Code::InvalidArgument, "REQUEST_ID_REUSED");
    }
}

#[tokio::test]
async fn every_mutation_is_applied_once_across_restarts() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings::default();
    let open = || world(Arc::new(SledStore::open(folder.path()).unwrap()), &settings);
    let first = open();
    publish(&first, "r-1");
    publish(&first, "r-2");
    let server = TestServer::serve(first, &settings).await;
    let version = |number| format!("{MODEL}/versions/{number}");
    let wish = v1::PromoteModelVersionRequest { name: version(1), etag: etag(&server).await, ..Default::default() };
    let live = server.model().promote_model_version(wish).await.unwrap().into_inner().promotion.unwrap();
    let [import, train, promote, rollback] = REQUEST_IDS.map(str::to_owned);
    // The training is of another model, so that it does not change the etag that the promotions use.
    let other = "workspaces/default/models/other".to_owned();
    let promote =
        v1::PromoteModelVersionRequest { name: version(2), etag: live.etag, request_id: promote, ..Default::default() };
    let after = server.model().promote_model_version(promote.clone()).await.unwrap().into_inner().promotion.unwrap();
    let mutations = Mutations {
        import: v1::ImportAccountsRequest { request_id: import, ..data::import_request(400) },
        train: v1::TrainModelRequest { model: other, request_id: train, ..Default::default() },
        promote,
        rollback: v1::RollbackModelRequest { etag: after.etag, request_id: rollback, ..Default::default() },
    };
    let answers = mutations.send(&server).await;
    let history = promotions(&server).await;
    server.stop().await;
    for _ in 0..2 {
        let server = TestServer::serve(open(), &settings).await;
        assert_eq!(mutations.send(&server).await, answers);
        mutations.assert_no_other_use(&server).await;
        assert_eq!(promotions(&server).await, history);
        let parent = "workspaces/default/models/other".to_owned();
        let list = v1::ListModelVersionsRequest { parent, ..Default::default() };
        assert_eq!(server.model().list_model_versions(list).await.unwrap().into_inner().versions.len(), 1);
        server.stop().await;
    }
}

#[tokio::test]
async fn a_hundred_callers_with_one_request_id_start_one_run() {
    let server = TestServer::empty().await;
    server.import().await;
    let mut calls = JoinSet::new();
    for _ in 0..100 {
        let mut client = server.model();
        let request = v1::TrainModelRequest { request_id: REQUEST_IDS[0].to_owned(), ..Default::default() };
        calls.spawn(async move { client.train_model(request).await.unwrap().into_inner().run.unwrap().name });
    }
    let mut names = calls.join_all().await;
    names.dedup();
    assert_eq!(names.len(), 1, "{names:?}");
    let runs = runs(&server).await;
    assert_eq!((runs.len(), &runs[0].name), (1, &names[0]));
}

#[tokio::test]
async fn many_callers_with_one_promotion_get_one_answer() {
    let settings = Settings::default();
    let world = world(Arc::new(sweetspot_store::store::MemoryStore::new()), &settings);
    publish(&world, "r-1");
    let server = TestServer::serve(world, &settings).await;
    let request_id = REQUEST_IDS[1].to_owned();
    let name = format!("{MODEL}/versions/1");
    let wish = v1::PromoteModelVersionRequest { name, etag: etag(&server).await, request_id, ..Default::default() };
    let mut calls = JoinSet::new();
    for _ in 0..32 {
        let (mut client, wish) = (server.model(), wish.clone());
        calls.spawn(async move { client.promote_model_version(wish).await.unwrap().into_inner().promotion.unwrap() });
    }
    let mut answers = calls.join_all().await;
    answers.dedup();
    assert_eq!(answers.len(), 1);
    assert_eq!(promotions(&server).await.iter().filter(|one| one.alias == "live").count(), 1);
}

#[tokio::test]
async fn a_score_during_promotions_is_of_one_version() {
    let settings = Settings::default();
    let world = world(Arc::new(sweetspot_store::store::MemoryStore::new()), &settings);
    publish(&world, "r-1");
    let run = format!("{MODEL}/trainingRuns/r-2").parse().unwrap();
    world.registry().publish(&run, &data::artifact_without("employees")).unwrap();
    crate::support::server::promote(&world, 1);
    let server = TestServer::serve(world, &settings).await;
    let ask =
        |version: String| request((0..70).map(account).collect(), v1::ScoreConfig { version, ..Default::default() });
    let mut golden = Vec::new();
    for number in [1, 2] {
        let version = format!("{MODEL}/versions/{number}");
        golden
            .push((version.clone(), server.scoring().score_accounts(ask(version)).await.unwrap().into_inner().scores));
    }
    assert_ne!(golden[0].1, golden[1].1);
    let golden = Arc::new(golden);
    let done = tokio_util::sync::CancellationToken::new();
    let mut readers = JoinSet::new();
    for _ in 0..4 {
        let (mut client, golden, done, ask) = (server.scoring(), golden.clone(), done.clone(), ask(String::new()));
        readers.spawn(async move {
            let mut reads = 0;
            while reads == 0 || !done.is_cancelled() {
                let answer = client.score_accounts(ask.clone()).await.unwrap().into_inner();
                let version = answer.summary.unwrap().resolved_version;
                let (_, scores) = golden.iter().find(|(name, _)| *name == version).unwrap();
                assert_eq!(answer.scores, *scores, "{version}");
                reads += 1;
            }
            reads
        });
    }
    let mut etag = etag(&server).await;
    for turn in 0..200 {
        let name = format!("{MODEL}/versions/{}", (turn + 1) % 2 + 1);
        // One of the two versions is worse.
        let worse = ["auc_drop", "log_loss_rise", "lost_attributes"];
        let overrides = worse.map(|check| v1::CheckOverride { check: check.to_owned(), reason: "a test".to_owned() });
        let wish = v1::PromoteModelVersionRequest {
            name: name.clone(),
            etag,
            overrides: overrides.to_vec(),
            ..Default::default()
        };
        let moved = server.model().promote_model_version(wish).await.unwrap().into_inner().promotion.unwrap();
        assert_eq!(moved.to_version, name);
        // The client that promoted a version reads that version.
        let read = server.scoring().score_accounts(ask(String::new())).await.unwrap().into_inner();
        assert_eq!(read.summary.unwrap().resolved_version, name);
        etag = moved.etag;
    }
    done.cancel();
    assert!(readers.join_all().await.into_iter().all(|reads| reads > 0));
}
