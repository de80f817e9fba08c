//! Promotion checks, their settings, and comparisons of two versions, over gRPC.

use std::sync::{Arc, OnceLock};

use sweetspot::config::Settings;
use sweetspot_core::Digest;
use sweetspot_proto::v1::column::Data;
use sweetspot_proto::v1::{self, OutcomeKind, PromotionKind, PromotionTiers};
use sweetspot_store::store::{Commit, LeaseAccess, MaintenanceAccess, MemoryStore, Row, Store, StoreError};
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::support::server::{TestServer, promote, publish, world};
use crate::support::store_barrier::{BlobAccess, StoreBarrier};
use crate::support::{DATASET, MODEL, assert_refused, data, fields};

fn version(number: u64) -> String {
    format!("{MODEL}/versions/{number}")
}

/// Version 1 is live; version 2 lacks the most predictive attribute.
async fn serve_with_worse_candidate() -> TestServer {
    let settings = Settings::default();
    let world = world(Arc::new(MemoryStore::new()), &settings);
    publish(&world, "r-1");
    promote(&world, 1);
    let run = format!("{MODEL}/trainingRuns/r-2").parse().unwrap();
    world.registry().publish(&run, &data::artifact_without("industry")).unwrap();
    TestServer::serve(world, &settings).await
}

async fn etag(server: &TestServer) -> String {
    let request = v1::GetModelVersionRequest { name: version(1) };
    server.model().get_model_version(request).await.unwrap().into_inner().version.unwrap().etag
}

async fn promote_request(server: &TestServer) -> v1::PromoteModelVersionRequest {
    v1::PromoteModelVersionRequest {
        name: version(2),
        etag: etag(server).await,
        reason: "a trial".into(),
        by: "Ann".into(),
        ..Default::default()
    }
}

fn check_overrides(checks: &[&str]) -> Vec<v1::CheckOverride> {
    checks.iter().map(|check| v1::CheckOverride { check: (*check).to_owned(), reason: String::new() }).collect()
}

async fn history(server: &TestServer) -> Vec<v1::Promotion> {
    server.model().list_promotions(v1::ListPromotionsRequest::default()).await.unwrap().into_inner().promotions
}

#[tokio::test]
async fn a_worse_version_is_refused_by_named_checks_and_the_refusal_is_listed() {
    let server = serve_with_worse_candidate().await;
    let status = server.model().promote_model_version(promote_request(&server).await).await.unwrap_err();
    assert!(status.message().len() < 1_600, "{}", status.message().len());
    let told = status.message().to_owned();
    for part in [
        "promotion check auc_drop failed: AUC 0.",
        " of live version 1, on the same 400 customers",
        "(95% interval -0.",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let details = status.get_error_details();
    let violations = &details.precondition_failure().unwrap().violations;
    let subjects: Vec<&str> = violations.iter().map(|one| one.subject.as_str()).collect();
    assert_eq!(subjects, ["auc_drop", "log_loss_rise", "lost_attributes"]);
    assert!(violations.iter().all(|one| one.r#type == "PROMOTION_CHECK_FAILED" && told.contains(&one.description)));
    assert_refused::<()>(Err(status), Code::FailedPrecondition, "PROMOTION_CHECK_FAILED");
    let entry = history(&server).await.remove(0);
    assert_eq!((entry.kind(), entry.actor.as_str(), entry.reason.as_str()), (PromotionKind::Refused, "Ann", "a trial"));
    assert_eq!(entry.failed_checks, subjects);

    let mut wish = promote_request(&server).await;
    wish.overrides = check_overrides(&["auc_drop", "log_loss_rise"]);
    let failed = server.model().promote_model_version(wish.clone()).await;
    assert_refused(failed, Code::FailedPrecondition, "PROMOTION_CHECK_FAILED");
    wish.overrides = check_overrides(&subjects);
    wish.tiers = PromotionTiers::Kept.into();
    let promotion = server.model().promote_model_version(wish).await.unwrap().into_inner().promotion.unwrap();
    assert_eq!((promotion.kind(), promotion.tiers()), (PromotionKind::Promoted, PromotionTiers::Kept));
    assert!(promotion.overrides.iter().all(|one| one.reason == "a trial") && promotion.overrides.len() == 3);
    assert_eq!(history(&server).await[0], promotion);
}

#[tokio::test]
async fn actor_and_reason_of_promotions_and_rollbacks_are_checked() {
    let server = serve_with_worse_candidate().await;
    let good = promote_request(&server).await;
    let long = v1::PromoteModelVersionRequest { by: "b".repeat(129), tiers: 9, ..good.clone() };
    let details =
        assert_refused(server.model().promote_model_version(long).await, Code::InvalidArgument, "INVALID_PERSON");
    assert_eq!(fields(&details), ["by", "tiers"]);
    let many = v1::PromoteModelVersionRequest { overrides: check_overrides(&["signal"; 10]), ..good.clone() };
    assert_refused(server.model().promote_model_version(many).await, Code::InvalidArgument, "UNKNOWN_CHECK");
    let overrides = check_overrides(&["auc_drop", "log_loss_rise", "lost_attributes"]);
    server.model().promote_model_version(v1::PromoteModelVersionRequest { overrides, ..good }).await.unwrap();
    let etag = etag(&server).await;
    let rollback = v1::RollbackModelRequest { etag, by: "Ben".into(), ..Default::default() };
    let promotion = server.model().rollback_model(rollback).await.unwrap().into_inner().promotion.unwrap();
    assert_eq!((promotion.kind(), promotion.actor.as_str()), (PromotionKind::RolledBack, "Ben"));
}

#[tokio::test]
async fn thresholds_of_a_model_decide_its_promotions() {
    let server = serve_with_worse_candidate().await;
    let read = v1::GetPromotionSettingsRequest::default;
    let settings = server.model().get_promotion_settings(read()).await.unwrap().into_inner();
    assert_eq!((settings.model.as_str(), settings.etag.clone()), (MODEL, etag(&server).await));
    let names: Vec<&str> = settings.checks.iter().map(|check| check.check.as_str()).collect();
    assert!(names.starts_with(&["signal", "min_auc", "auc_drop"]) && names.ends_with(&["label_rule"]), "{names:?}");
    assert!(
        settings.checks.iter().all(|check| check.threshold == check.default_threshold && !check.description.is_empty())
    );
    let set = |name: &str, value: f64, etag: &str| v1::UpdatePromotionSettingsRequest {
        thresholds: [(name.to_owned(), value)].into(),
        etag: etag.to_owned(),
        ..Default::default()
    };
    let update = async |request| server.model().update_promotion_settings(request).await;
    assert_refused(update(set("min_auc", 0.6, "")).await, Code::InvalidArgument, "ETAG_MISSING");
    assert_refused(update(set("min_auc", 6.0, &settings.etag)).await, Code::InvalidArgument, "INVALID_THRESHOLD");
    assert_refused(update(set("age", 6.0, &settings.etag)).await, Code::InvalidArgument, "INVALID_THRESHOLD");
    let before = promote_request(&server).await;
    let mut all = set("max_auc_drop", 0.9, &settings.etag);
    all.thresholds.extend([("max_log_loss_rise".to_owned(), 9.0), ("max_lost_spread".to_owned(), 90.0)]);
    let updated = update(all).await.unwrap().into_inner();
    let drop = updated.checks.iter().find(|check| check.check == "auc_drop").unwrap();
    assert_eq!((drop.threshold, drop.default_threshold), (Some(0.9), Some(0.0)));
    assert_refused(update(set("min_auc", 0.6, &settings.etag)).await, Code::Aborted, "STALE_ETAG");
    assert_refused(server.model().promote_model_version(before).await, Code::Aborted, "STALE_ETAG");
    server.model().promote_model_version(promote_request(&server).await).await.unwrap();
    let other = v1::GetPromotionSettingsRequest { model: "workspaces/default/models/other".into() };
    assert_refused(server.model().get_promotion_settings(other).await, Code::NotFound, "MODEL_NOT_FOUND");
}

/// Version 1 is live and 2 is the candidate, and the customers of both are stored; 2 lacks an attribute.
async fn serve_with_two_versions() -> TestServer {
    let server = TestServer::empty().await;
    server.import().await;
    for excluded in [vec![], vec!["industry".to_owned()]] {
        let config = v1::TrainingConfig { excluded_attributes: excluded, ..Default::default() };
        let request = v1::TrainModelRequest { config: Some(config), ..Default::default() };
        let run = server.model().train_model(request).await.unwrap().into_inner().run.unwrap();
        assert!(server.wait(&run).await.error.is_none());
    }
    let live = v1::PromoteModelVersionRequest { name: version(1), etag: etag(&server).await, ..Default::default() };
    server.model().promote_model_version(live).await.unwrap();
    server
}

async fn compare(server: &TestServer, request: v1::CompareModelVersionsRequest) -> v1::CompareModelVersionsResponse {
    server.model().compare_model_versions(request).await.unwrap().into_inner()
}

#[tokio::test]
async fn two_versions_are_compared_by_figures_tiers_accounts_attributes_and_checks() {
    let server = serve_with_two_versions().await;
    let v1::CompareModelVersionsResponse { comparison, markdown, .. } =
        compare(&server, v1::CompareModelVersionsRequest::default()).await;
    let comparison = comparison.unwrap();
    assert_eq!((comparison.champion.clone(), comparison.challenger.clone()), (version(1), version(2)));
    let figures = comparison.figures.unwrap();
    let auc = figures.auc.unwrap();
    let single = async |number| {
        let request = v1::GetModelVersionRequest { name: version(number) };
        server.model().get_model_version(request).await.unwrap().into_inner().version.unwrap().evaluation.unwrap()
    };
    let (first, second) = (single(1).await, single(2).await);
    assert_eq!((auc.champion, auc.challenger), (first.auc, second.auc));
    assert!((auc.change - (auc.challenger - auc.champion)).abs() < 1e-12 && auc.high < 0.0);
    assert_eq!((figures.rows, figures.unseen), (400, 0));
    let log_loss = figures.log_loss.unwrap();
    assert!((log_loss.challenger - second.log_loss).abs() < 1e-9 && log_loss.low > 0.0);

    assert_eq!(comparison.tier_moves.len(), 16);
    assert_eq!(comparison.tier_moves.iter().map(|one| one.accounts).sum::<u64>(), 400);
    assert_eq!((comparison.accounts, comparison.movers.len()), (400, 10));
    let lost: Vec<&str> =
        comparison.attributes.iter().filter(|one| one.challenger.is_none()).map(|one| one.attribute.as_str()).collect();
    assert_eq!(lost, ["industry"]);
    let failed = v1::promotion_check_result::Status::Failed;
    let failed: Vec<_> =
        comparison.checks.iter().filter(|one| one.status() == failed).map(|one| one.check.as_str()).collect();
    assert_eq!(failed, ["auc_drop", "log_loss_rise", "lost_attributes"]);
    assert!(markdown.starts_with("# Champion against challenger") && markdown.contains("from A"), "{markdown}");
}

#[tokio::test]
async fn the_contributions_of_an_account_add_up_to_its_move_and_its_scores_are_those_of_the_versions() {
    let server = serve_with_two_versions().await;
    let rows: Vec<v1::Account> = (0..25).map(data::account).collect();
    let request = v1::CompareModelVersionsRequest {
        rows: Some(v1::AccountRows { rows: rows.clone() }),
        mover_count: 100,
        ..Default::default()
    };
    let comparison = compare(&server, request).await.comparison.unwrap();
    assert_eq!(comparison.accounts, 25);
    let mut moves: Vec<f64> = Vec::new();
    for mover in &comparison.movers {
        let change = mover.challenger_log_odds - mover.champion_log_odds;
        let told: f64 = mover.changes.iter().map(|one| one.challenger - one.champion).sum();
        assert!((told - change).abs() < 1e-9, "{mover:?}");
        moves.push(change.abs());
        for (number, log_odds, tier) in
            [(1, mover.champion_log_odds, mover.champion_tier), (2, mover.challenger_log_odds, mover.challenger_tier)]
        {
            let account = rows.iter().find(|row| row.account_id == mover.account_id).unwrap().clone();
            let accounts = v1::score_accounts_request::Accounts::Rows(v1::AccountRows { rows: vec![account] });
            let config = v1::ScoreConfig { version: version(number), ..Default::default() };
            let request = v1::ScoreAccountsRequest { config: Some(config), accounts: Some(accounts) };
            let score = server.scoring().score_accounts(request).await.unwrap().into_inner().scores.remove(0);
            assert_eq!((score.log_odds, score.tier), (log_odds, tier));
        }
    }
    assert!(moves.windows(2).all(|pair| pair[0] >= pair[1]) && !moves.is_empty());
}

#[tokio::test]
async fn versions_that_cannot_be_compared_are_refused() {
    let server = serve_with_two_versions().await;
    let ask = async |request| server.model().compare_model_versions(request).await;
    let request = v1::CompareModelVersionsRequest::default;
    let other = "workspaces/default/models/other/versions/1".to_owned();
    let mixed = v1::CompareModelVersionsRequest { champion: version(1), challenger: other, ..request() };
    assert_refused(ask(mixed).await, Code::InvalidArgument, "INVALID_NAME");
    let missing = v1::CompareModelVersionsRequest { challenger: version(9), ..request() };
    assert_refused(ask(missing).await, Code::NotFound, "VERSION_NOT_FOUND");
    let nowhere = v1::CompareModelVersionsRequest { dataset: "workspaces/default/datasets/none".into(), ..request() };
    assert_refused(ask(nowhere).await, Code::NotFound, "DATASET_NOT_FOUND");
    let empty = Some(v1::AccountRows::default());
    let both = v1::CompareModelVersionsRequest { dataset: DATASET.into(), rows: empty.clone(), ..request() };
    assert_refused(ask(both).await, Code::InvalidArgument, "INVALID_REQUEST");
    assert_refused(
        ask(v1::CompareModelVersionsRequest { rows: empty, ..request() }).await,
        Code::InvalidArgument,
        "EMPTY_REQUEST",
    );
    let twice = Some(v1::AccountRows { rows: vec![data::account(1), data::account(1)] });
    assert_refused(
        ask(v1::CompareModelVersionsRequest { rows: twice, ..request() }).await,
        Code::InvalidArgument,
        "DUPLICATE_ACCOUNT_ID",
    );
    assert_refused(
        ask(v1::CompareModelVersionsRequest { mover_count: 101, ..request() }).await,
        Code::InvalidArgument,
        "TOO_MANY_ACCOUNTS",
    );
    for (champion, challenger) in [("no name", ""), ("", "no name"), ("no name", "no name")] {
        let named =
            v1::CompareModelVersionsRequest { champion: champion.into(), challenger: challenger.into(), ..request() };
        assert_refused(ask(named).await, Code::InvalidArgument, "INVALID_NAME");
    }
    let dataset = v1::CompareModelVersionsRequest { dataset: DATASET.into(), keep_tiers: true, ..request() };
    let comparison = ask(dataset).await.unwrap().into_inner().comparison.unwrap();
    assert_eq!((comparison.accounts, comparison.tiers_kept), (400, true));
}

#[tokio::test]
async fn a_report_with_a_champion_ends_with_the_comparison() {
    let server = serve_with_two_versions().await;
    let request = |format: v1::ReportFormat, champion: &str| v1::RenderReportRequest {
        version: version(2),
        format: format.into(),
        documents: vec![v1::ReportDocument::Proof.into()],
        champion: champion.to_owned(),
        ..Default::default()
    };
    let render = async |request| server.report().render_report(request).await;
    let markdown = render(request(v1::ReportFormat::Markdown, &version(1))).await.unwrap().into_inner().content;
    let markdown = String::from_utf8(markdown).unwrap();
    assert!(
        markdown.contains("Champion against challenger") && markdown.contains("Attributes gained, lost or changed")
    );
    let json = render(request(v1::ReportFormat::Json, &version(1))).await.unwrap().into_inner().content;
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(json["comparison"]["challenger"], version(2));
    let without = render(request(v1::ReportFormat::Markdown, "")).await.unwrap().into_inner().content;
    assert!(!String::from_utf8(without).unwrap().contains("Champion against challenger"));
    let other = request(v1::ReportFormat::Html, "workspaces/default/models/other/versions/1");
    assert_refused(render(other).await, Code::InvalidArgument, "INVALID_NAME");
}

/// 800 customers, of whom those with high values in both attributes, or in neither, buy most often. The effect of each
/// attribute depends on the other, which a model with a monotonicity constraint on each cannot represent: its
/// probabilities are significantly miscalibrated.
fn uncalibrated_import() -> v1::ImportAccountsRequest {
    let rows = || (0..800_usize).map(|row| (row, row % 2, row / 2 % 2, row / 4));
    let numbers = |values: Vec<f64>| Some(Data::Numbers(v1::DoubleColumn { values }));
    let column =
        |name: &str, data| v1::Column { name: name.to_owned(), validity: Vec::new(), data, ..v1::Column::default() };
    let size = |half: usize, row: usize, step: usize| (50 * half) as f64 + (row * step % 5_000) as f64 / 100.0;
    let columns = vec![
        column("employees", numbers(rows().map(|(row, large, ..)| size(large, row, 7_919)).collect())),
        column("sites", numbers(rows().map(|(row, _, wide, _)| size(wide, row, 4_729)).collect())),
    ];
    let kind = |of_ten: usize, number: usize| if number % 10 < of_ten { OutcomeKind::Won } else { OutcomeKind::Lost };
    let outcomes = rows()
        .map(|(row, large, wide, number)| data::outcome(&format!("c-{row}"), kind([3, 1, 9][large + wide], number)));
    let accounts = v1::AccountTable { account_ids: (0..800).map(|row| format!("c-{row}")).collect(), columns };
    v1::ImportAccountsRequest { accounts: Some(accounts), outcomes: outcomes.collect(), ..Default::default() }
}

#[tokio::test]
async fn a_version_whose_probabilities_are_wrong_beyond_chance_is_refused_by_name() {
    let server = TestServer::empty().await;
    server.dataset().import_accounts(tokio_stream::iter([uncalibrated_import()])).await.unwrap();
    let label_policy = v1::LabelPolicy { preset: v1::LabelPreset::Won.into(), ..Default::default() };
    let config = v1::TrainingConfig {
        label_policy: Some(label_policy),
        increasing_attributes: vec!["employees".into(), "sites".into()],
        independent_rows: true,
        ..Default::default()
    };
    let request = v1::TrainModelRequest { config: Some(config), ..Default::default() };
    let run = server.model().train_model(request).await.unwrap().into_inner().run.unwrap();
    server.wait(&run).await;
    let etag = etag(&server).await;
    let wish = v1::PromoteModelVersionRequest { name: version(1), etag: etag.clone(), ..Default::default() };
    let status = server.model().promote_model_version(wish.clone()).await.unwrap_err();
    let details = status.get_error_details();
    let violations = &details.precondition_failure().unwrap().violations;
    let [violation] = violations.as_slice() else { panic!("{violations:?}") };
    assert_eq!((violation.r#type.as_str(), violation.subject.as_str()), ("PROMOTION_CHECK_FAILED", "calibration"));
    let told = &violation.description;
    assert!(
        told.starts_with("the calibration error is 0.") && told.contains("more than max_calibration_error 0.05"),
        "{told}"
    );
    assert!(status.message().contains(told.as_str()), "{status:?}");
    assert_refused::<()>(Err(status), Code::FailedPrecondition, "PROMOTION_CHECK_FAILED");
    let request = v1::GetModelVersionRequest { name: version(1) };
    let kept = server.model().get_model_version(request).await.unwrap().into_inner().version.unwrap();
    assert!(kept.evaluation.unwrap().calibration_error > 0.1);

    let lenient = v1::UpdatePromotionSettingsRequest {
        thresholds: [("max_calibration_error".to_owned(), 0.5)].into(),
        etag,
        ..Default::default()
    };
    let etag = server.model().update_promotion_settings(lenient).await.unwrap().into_inner().etag;
    let wish = v1::PromoteModelVersionRequest { etag, ..wish };
    server.model().promote_model_version(wish).await.unwrap();
}

/// A store in which the reads of one blob can be blocked.
#[derive(Debug)]
struct BlobBarrierStore {
    inner: Arc<dyn Store>,
    barrier: StoreBarrier,
    blocked_blob: OnceLock<Digest>,
}

impl Store for BlobBarrierStore {
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.inner.get(key)
    }

    fn scan(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<Row>, StoreError> {
        self.inner.scan(prefix, after, limit)
    }

    fn commit(&self, commit: &Commit) -> Result<(), StoreError> {
        self.inner.commit(commit)
    }

    fn put_blob(&self, bytes: &[u8]) -> Result<Digest, StoreError> {
        self.inner.put_blob(bytes)
    }

    fn blob(&self, digest: &Digest) -> Result<Vec<u8>, StoreError> {
        if self.blocked_blob.get() == Some(digest) { self.barrier.blob(digest) } else { self.inner.blob(digest) }
    }

    fn remove_blob(&self, digest: &Digest) -> Result<(), StoreError> {
        self.inner.remove_blob(digest)
    }

    fn maintenance(&self) -> &dyn MaintenanceAccess {
        self.inner.maintenance()
    }

    fn leases(&self) -> &dyn LeaseAccess {
        self.inner.leases()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_during_the_checks_of_a_promotion_invalidates_its_etag() {
    let settings = Settings::default();
    let open = Arc::new(MemoryStore::new());
    let barrier = StoreBarrier::new(open.clone());
    let store = Arc::new(BlobBarrierStore { inner: open, barrier: barrier.clone(), blocked_blob: OnceLock::new() });
    let server = TestServer::serve(world(store.clone(), &settings), &settings).await;
    server.import().await;
    let run = server.train(MODEL).await;
    server.wait(&run).await;
    let first = v1::PromoteModelVersionRequest { name: version(1), etag: etag(&server).await, ..Default::default() };
    server.model().promote_model_version(first).await.unwrap();
    let fewer =
        server.dataset().import_accounts(tokio_stream::iter([data::import_request(390)])).await.unwrap().into_inner();
    let run = server.train(MODEL).await;
    server.wait(&run).await;

    store.blocked_blob.set(fewer.data_sha256.parse().unwrap()).unwrap();
    barrier.set_access(BlobAccess::Blocked);
    let (mut client, wish) = (server.model(), promote_request(&server).await);
    let stale = wish.etag.clone();
    let promotion = tokio::spawn(async move { client.promote_model_version(wish).await });
    barrier.wait_for_reader().await;
    let strict = v1::UpdatePromotionSettingsRequest {
        thresholds: [("min_auc".to_owned(), 0.1)].into(),
        etag: stale,
        ..Default::default()
    };
    let etag = server.model().update_promotion_settings(strict).await.unwrap().into_inner().etag;
    barrier.set_access(BlobAccess::Open);
    assert_refused(promotion.await.unwrap(), Code::Aborted, "STALE_ETAG");
    assert_eq!(history(&server).await.len(), 1, "it was neither made nor rejected by a check");
    let again = v1::PromoteModelVersionRequest { name: version(2), etag, ..Default::default() };
    server.model().promote_model_version(again).await.unwrap();
}
