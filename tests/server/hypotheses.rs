//! Hypotheses over gRPC: validated together, sufficient for a model without customers, and returned with their
//! verdicts.

use std::sync::Arc;

use prost_types::Timestamp;
use sweetspot::config::Settings;
use sweetspot_proto::v1::attribute_value::Kind;
use sweetspot_proto::v1::condition::Test;
use sweetspot_proto::v1::hypothesis_summary::Verdict;
use sweetspot_proto::v1::training_run::State;
use sweetspot_proto::v1::{self, ReasonKind};
use sweetspot_store::store::MemoryStore;
use tonic::{Code, Status};

use crate::support::data::{self, with_attributes};
use crate::support::server::TestServer;
use crate::support::store_barrier::{BlobAccess, StoreBarrier};
use crate::support::{DATASET, MODEL, assert_refused, error_reason, fields};

/// A hypothesis that one of these industries multiplies the odds by this factor.
fn industry(names: &[&str], odds_ratio: f64) -> v1::Hypothesis {
    let values = names.iter().map(|name| (*name).to_owned()).collect();
    let test = Some(Test::AnyOf(v1::TextList { values }));
    v1::Hypothesis {
        id: names.join("-"),
        statement: format!("{} companies have the problem that we solve", names.join(" and ")),
        when: Some(v1::Condition { attribute: "industry".to_owned(), test }),
        odds_ratio,
        confidence_customers: 30.0,
        author: "ann".to_owned(),
        expire_time: None,
    }
}

fn request(hypotheses: Vec<v1::Hypothesis>) -> v1::TrainModelRequest {
    let label_policy = Some(v1::LabelPolicy { preset: v1::LabelPreset::Won.into(), ..Default::default() });
    let config = v1::TrainingConfig { hypotheses, label_policy, ..Default::default() };
    v1::TrainModelRequest { config: Some(config), ..Default::default() }
}

async fn train(server: &TestServer, request: v1::TrainModelRequest) -> Result<v1::TrainingRun, Status> {
    let run = server.model().train_model(request).await?.into_inner().run.unwrap();
    Ok(if run.name.is_empty() { run } else { server.wait(&run).await })
}

async fn version(server: &TestServer, name: &str) -> v1::ModelVersion {
    let request = v1::GetModelVersionRequest { name: name.to_owned() };
    server.model().get_model_version(request).await.unwrap().into_inner().version.unwrap()
}

async fn train_version(server: &TestServer, request: v1::TrainModelRequest) -> v1::ModelVersion {
    let run = train(server, request).await.unwrap();
    assert_eq!(run.state(), State::Succeeded, "{run:?}");
    version(server, &run.model_version).await
}

#[tokio::test]
async fn every_violation_of_every_hypothesis_is_reported_at_once() {
    let server = TestServer::empty().await;
    let range = Some(Test::Range(v1::Range { gte: Some(f64::NAN), lt: None }));
    let empty = Some(v1::Condition { attribute: String::new(), test: range });
    let hypotheses = vec![
        industry(&["fintech"], 2.0),
        v1::Hypothesis { id: "other".into(), ..industry(&["FINTECH"], 0.0009) },
        v1::Hypothesis {
            id: "fintech".into(),
            when: empty,
            confidence_customers: f64::INFINITY,
            ..industry(&["a"], 2.0)
        },
        v1::Hypothesis {
            id: "i".repeat(65),
            when: None,
            statement: "s".repeat(501),
            author: "a".repeat(129),
            confidence_customers: 0.0,
            odds_ratio: f64::NAN,
            expire_time: Some(Timestamp { seconds: i64::MAX, nanos: 0 }),
        },
        v1::Hypothesis { confidence_customers: 1_000_001.0, ..industry(&["media"], 1001.0) },
    ];
    let mut all = request(hypotheses);
    let config = all.config.as_mut().unwrap();
    config.assumed_ideal_rate = Some(1.0);
    config.excluded_attributes = vec!["industry".into()];
    let details = assert_refused(train(&server, all).await, Code::InvalidArgument, "INVALID_HYPOTHESIS");
    let at = |index: usize, field: &str| format!("config.hypotheses[{index}].{field}");
    let expected = [
        at(0, "when.attribute"),
        at(1, "when.attribute"),
        at(2, "when.attribute"),
        at(2, "when"),
        at(3, "expire_time"),
        at(3, "when"),
        at(4, "when.attribute"),
        at(1, "odds_ratio"),
        at(1, "when"),
        at(2, "confidence_customers"),
        at(2, "id"),
        at(3, "id"),
        at(3, "statement"),
        at(3, "author"),
        at(3, "odds_ratio"),
        at(3, "confidence_customers"),
        at(4, "odds_ratio"),
        at(4, "confidence_customers"),
        "config.assumed_ideal_rate".to_owned(),
    ];
    // A status has room for 1.5 KiB of violations; the rest are only counted.
    let told = fields(&details);
    assert!(told.len() >= 10, "{told:?}");
    assert_eq!(told, expected[..told.len()]);
    let many = (0..101).map(|number| industry(&[&number.to_string()], 2.0)).collect();
    let details = assert_refused(train(&server, request(many)).await, Code::InvalidArgument, "TOO_MANY_HYPOTHESES");
    assert_eq!(fields(&details), ["config.hypotheses"]);
}

#[tokio::test]
async fn hypotheses_alone_train_a_model_without_customers() {
    let server = TestServer::empty().await;
    let beliefs = || vec![industry(&["fintech", "media"], 6.0), industry(&["farming"], 0.25)];
    // Without hypotheses, or if a dataset is named, customers are required.
    assert_refused(train(&server, request(vec![])).await, Code::NotFound, "DATASET_NOT_FOUND");
    let named = v1::TrainModelRequest { dataset: DATASET.into(), ..request(beliefs()) };
    assert_refused(train(&server, named).await, Code::NotFound, "DATASET_NOT_FOUND");
    let check = v1::TrainModelRequest { validate_only: true, ..request(beliefs()) };
    assert_eq!(train(&server, check).await.unwrap().dataset, DATASET);

    let told = train_version(&server, request(beliefs())).await;
    let evaluation = told.evaluation.clone().unwrap();
    assert!(evaluation.rows == 0 && evaluation.verdict.starts_with("Not judged: "), "{evaluation:?}");
    assert!(told.attributes.is_empty() && told.warnings[0].starts_with("Not judged: "));
    let verdicts: Vec<_> = told.hypotheses.iter().map(|one| (one.id.as_str(), one.verdict(), one.customers)).collect();
    assert_eq!(verdicts, [("farming", Verdict::NotEnoughData, 0), ("fintech-media", Verdict::NotEnoughData, 0)]);
    let believed = &told.hypotheses[1];
    assert_eq!((believed.odds_ratio, believed.confidence_customers, &*believed.author), (6.0, 30.0, "ann"));
    assert_eq!(believed.when, beliefs()[0].when);
    assert!(believed.customers_say.is_none());
    let model = believed.model.unwrap();
    assert!(
        (model.estimate - 6.0).abs() < 1e-6 && model.low < 6.0 && model.high > 6.0 && model.high < 60.0,
        "{model:?}"
    );

    let promote = |checks: &[&str]| v1::PromoteModelVersionRequest {
        name: told.name.clone(),
        etag: told.etag.clone(),
        overrides: checks
            .iter()
            .map(|check| v1::CheckOverride { check: (*check).to_owned(), reason: String::new() })
            .collect(),
        reason: "nothing is known yet".into(),
        ..Default::default()
    };
    let failed = server.model().promote_model_version(promote(&[])).await;
    let failed = assert_refused(failed, Code::FailedPrecondition, "PROMOTION_CHECK_FAILED");
    assert!(fields(&failed).is_empty());
    server.model().promote_model_version(promote(&["signal"])).await.unwrap();
    let accounts = vec![
        with_attributes("good", [("industry", Kind::Text(" FinTech".into()))]),
        with_attributes("bad", [("industry", Kind::Text("farming".into()))]),
        with_attributes("none", []),
        with_attributes("other", [("moon", Kind::Flag(true))]),
    ];
    let explain = v1::ExplainAccountsRequest { version: String::new(), accounts, ..Default::default() };
    let scores = server.scoring().explain_accounts(explain).await.unwrap().into_inner().scores;
    let base = 0.25_f64.ln();
    for (score, odds) in scores.iter().zip([6.0_f64, 0.25, 1.0, 1.0]) {
        assert!((score.log_odds - base - odds.ln()).abs() < 1e-8, "{score:?}");
        let sum: f64 = score.reasons.iter().map(|reason| reason.log_odds).sum();
        assert_eq!((score.base_log_odds + sum).to_bits(), score.log_odds.to_bits());
    }
    let reason = &scores[0].reasons[0];
    assert_eq!((reason.kind(), reason.attribute.as_str()), (ReasonKind::Hypothesis, "industry"));
    assert_eq!(reason.value_label, beliefs()[0].statement);
    let tiers: Vec<_> = scores.iter().map(v1::FitScore::tier).collect();
    assert_eq!(tiers, [v1::FitTier::A, v1::FitTier::D, v1::FitTier::C, v1::FitTier::C]);
    assert_eq!((scores[0].coverage, scores[2].data_support()), (1.0, v1::DataSupport::None));
}

#[tokio::test]
async fn each_workspace_has_its_own_customers() {
    let server = TestServer::empty().await;
    server.import().await;
    let elsewhere = |hypotheses| v1::TrainModelRequest { model: "workspaces/w/models/m".into(), ..request(hypotheses) };
    let run = train(&server, elsewhere(vec![industry(&["fintech"], 3.0)])).await.unwrap();
    assert_eq!((run.dataset.as_str(), run.state()), ("workspaces/w/datasets/default", State::Succeeded));
    assert_eq!(version(&server, &run.model_version).await.evaluation.unwrap().rows, 0);
    let here = train_version(&server, request(vec![industry(&["fintech"], 3.0)])).await;
    assert_eq!(here.evaluation.unwrap().rows, 400, "the customers of the default workspace exist");
}

#[tokio::test]
async fn each_hypothesis_has_the_verdict_of_the_customers() {
    let server = TestServer::empty().await;
    server.import().await;
    let expired = v1::Hypothesis {
        id: "expired".into(),
        expire_time: Some(Timestamp { seconds: 1_000_000_000, nanos: 0 }),
        ..industry(&["retail"], 2.0)
    };
    let future = Some(Timestamp { seconds: 4_000_000_000, nanos: 0 });
    let moon = Some(v1::Condition { attribute: "moon".into(), test: Some(Test::Flag(true)) });
    let moon = v1::Hypothesis { id: "moon".into(), when: moon, expire_time: future, ..industry(&["a"], 2.0) };
    let told =
        train_version(&server, request(vec![industry(&["fintech"], 5.0), industry(&["farming"], 8.0), moon, expired]))
            .await;
    let verdicts: Vec<_> = told.hypotheses.iter().map(|one| (one.id.as_str(), one.verdict())).collect();
    let expected = [("farming", Verdict::Refuted), ("fintech", Verdict::Supported), ("moon", Verdict::NotEnoughData)];
    assert_eq!(verdicts, expected, "{:#?}", told.hypotheses);
    let farming = &told.hypotheses[0];
    assert_eq!(farming.customers, 100);
    let said = farming.customers_say.unwrap();
    assert!(said.low < said.estimate && said.estimate < said.high && said.high < 8.0, "{said:?}");
    assert!(farming.model.unwrap().estimate < 2.0, "{farming:?}");
    let warnings = told.warnings.join("\n");
    assert!(warnings.contains("hypothesis \"expired\" is left out: it expired on 2001-09-09"), "{warnings}");
    assert!(warnings.contains("hypothesis \"moon\" refers to attribute \"moon\""), "{warnings}");
    let export = v1::ExportModelVersionRequest { name: told.name.clone(), ..Default::default() };
    let export = server.model().export_model_version(export).await.unwrap().into_inner();
    let card: serde_json::Value = serde_json::from_slice(&export.content).unwrap();
    assert_eq!(card["hypotheses"][0]["verdict"], "refuted");
    let list = v1::ListModelVersionsRequest { parent: MODEL.into(), ..Default::default() };
    let list = server.model().list_model_versions(list).await.unwrap().into_inner();
    assert!(list.versions[0].hypotheses.is_empty(), "a list omits details");
}

#[tokio::test]
async fn few_customers_are_enough_only_with_a_hypothesis() {
    let server = TestServer::empty().await;
    let message = data::import_request(6);
    server.dataset().import_accounts(tokio_stream::iter([message])).await.unwrap();
    let run = train(&server, request(vec![])).await.unwrap();
    assert_eq!(error_reason(run.error.as_ref().unwrap()), "TOO_FEW_CUSTOMERS");
    let told = train_version(&server, request(vec![industry(&["fintech"], 3.0)])).await;
    assert_eq!((told.evaluation.unwrap().rows, told.hypotheses[0].customers), (0, 2));
    assert!(told.label_card.unwrap().ideal > 0, "the few customers are counted");
}

#[tokio::test]
async fn hypotheses_survive_a_restart() {
    let store = Arc::new(MemoryStore::new());
    let barrier = StoreBarrier::new(store.clone());
    let server = TestServer::serve_store(Arc::new(barrier.clone()), &Settings::default()).await;
    server.import().await;
    barrier.set_access(BlobAccess::Blocked);
    let busy = server.train("workspaces/default/models/other").await;
    let waiting = server.model().train_model(request(vec![industry(&["fintech"], 5.0)])).await.unwrap();
    let waiting = waiting.into_inner().run.unwrap();
    barrier.wait_for_reader().await;
    let channel = server.channel.clone();
    let stopped = server.begin_stop();
    barrier.set_access(BlobAccess::Open);
    drop((channel, busy));
    stopped.await.unwrap().unwrap();
    let server = TestServer::serve_store(store, &Settings::default()).await;
    let run = server.wait(&waiting).await;
    let told = version(&server, &run.model_version).await;
    assert_eq!((told.hypotheses.len(), told.hypotheses[0].verdict()), (1, Verdict::Supported));
}
