//! Ranking of target accounts over gRPC.

use std::collections::BTreeSet;

use sweetspot_proto::v1::attribute_value::Kind;
use sweetspot_proto::v1::rank_targets_request::{Accounts, Tiering};
use sweetspot_proto::v1::{self, FitTier};
use tonic::Code;

use crate::scoring::request;
use crate::support::data::{account, table, with_attributes};
use crate::support::server::TestServer;
use crate::support::{MODEL, assert_refused, fields};

/// A server with a version of the default model whose customers are still stored, and the version's name.
async fn trained() -> (TestServer, String) {
    let server = TestServer::empty().await;
    server.import().await;
    let run = server.train(MODEL).await;
    let run = server.wait(&run).await;
    assert!(!run.model_version.is_empty(), "{run:?}");
    (server, run.model_version)
}

fn rank_request(version: &str, accounts: Vec<v1::Account>) -> v1::RankTargetsRequest {
    let accounts = Some(Accounts::Rows(v1::AccountRows { rows: accounts }));
    v1::RankTargetsRequest { version: version.to_owned(), accounts, ..Default::default() }
}

async fn rank(server: &TestServer, request: v1::RankTargetsRequest) -> v1::RankTargetsResponse {
    server.report().rank_targets(request).await.unwrap().into_inner()
}

fn id(target: &v1::Target) -> &str {
    &target.score.as_ref().unwrap().account_id
}

fn prospect(number: usize) -> v1::Account {
    let mut account = account(number);
    account.account_id = format!("p-{number}");
    if number.is_multiple_of(5) {
        account.attributes.remove("industry");
    }
    account
}

#[tokio::test]
async fn a_list_is_ranked_with_the_scores_of_scoring() {
    let (server, version) = trained().await;
    let prospects: Vec<_> = (0..60).map(prospect).collect();
    let answer = rank(&server, rank_request(&version, prospects.clone())).await;
    let config = v1::ScoreConfig { version: version.clone(), ..Default::default() };
    let scored = server.scoring().score_accounts(request(prospects, config)).await.unwrap().into_inner();
    let ids: BTreeSet<&str> = answer.targets.iter().map(id).collect();
    assert_eq!(ids.len(), 60);
    for (place, target) in answer.targets.iter().enumerate() {
        assert_eq!(target.rank, place as u64 + 1);
        let score = target.score.as_ref().unwrap();
        let expected = scored.scores.iter().find(|one| one.account_id == score.account_id).unwrap();
        assert_eq!((score.probability, score.tier, target.tier), (expected.probability, expected.tier, expected.tier));
        assert_eq!((score.reasons.len(), target.look_alikes.len()), (3, 3));
        assert!(target.look_alikes.iter().all(|alike| alike.ideal == Some(true)));
        assert!(target.look_alikes.is_sorted_by(|a, b| a.distance <= b.distance));
    }
    let key = |target: &v1::Target| (target.score.as_ref().unwrap().log_odds, id(target).to_owned());
    assert!(answer.targets.iter().map(key).is_sorted_by(|a, b| a.0 > b.0 || a.0 == b.0 && a.1 < b.1));
    let summary = answer.summary.unwrap();
    assert_eq!((summary.ranked, summary.received, summary.resolved_version), (60, 60, version));
    assert_eq!(summary.tiers.iter().map(|tier| tier.accounts).sum::<u64>(), 60);
    let industry = summary.shifts.iter().find(|shift| shift.attribute == "industry").unwrap();
    assert_eq!((industry.value_label.as_str(), industry.listed_with, industry.listed), ("missing", 12, 60));
    assert!(industry.stability_index > industry.by_chance && industry.customers_with < industry.customers / 10);
}

#[tokio::test]
async fn a_next_step_leads_to_its_reported_score() {
    let (server, version) = trained().await;
    let prospects: Vec<_> = (0..60).map(prospect).collect();
    let answer = rank(&server, rank_request(&version, prospects.clone())).await;
    let with_step: Vec<_> = answer.targets.iter().filter(|target| target.next_step.is_some()).collect();
    assert!(!with_step.is_empty() && answer.targets.iter().any(|target| target.worth_learning.is_some()));
    for target in with_step {
        let step = target.next_step.clone().unwrap();
        let mut changed = prospects.iter().find(|one| one.account_id == id(target)).unwrap().clone();
        for change in step.changes {
            changed.attributes.insert(change.attribute, change.value.unwrap());
        }
        let config = v1::ScoreConfig { version: version.clone(), ..Default::default() };
        let scored = server.scoring().score_accounts(request(vec![changed], config)).await.unwrap().into_inner();
        assert_eq!(scored.scores[0].probability, step.probability);
        assert!(scored.scores[0].tier <= step.tier, "at least the next better tier, by the model's own cuts");
    }
    let explain = v1::ExplainAccountsRequest {
        version,
        accounts: prospects,
        include_counterfactuals: true,
        ..Default::default()
    };
    let explained = server.scoring().explain_accounts(explain).await.unwrap().into_inner();
    assert_eq!(explained.outlooks.len(), 60);
    for outlook in explained.outlooks {
        let target = answer.targets.iter().find(|target| id(target) == outlook.account_id).unwrap();
        assert_eq!((&outlook.next_step, &outlook.worth_learning), (&target.next_step, &target.worth_learning));
    }
}

#[tokio::test]
async fn tiers_have_the_requested_sizes_and_pages_add_up_to_the_list() {
    let (server, version) = trained().await;
    let prospects: Vec<_> = (0..50).map(prospect).collect();
    let capacity = Tiering::Capacity(v1::TierCapacity { a: 3, b: 7, c: 11 });
    let shares = Tiering::Shares(v1::TierShares { a: 0.1, b: 0.2, c: 0.3 });
    for (tiering, sizes) in [(capacity, [3, 7, 11, 29]), (shares, [5, 10, 15, 20])] {
        let request = v1::RankTargetsRequest { tiering: Some(tiering), ..rank_request(&version, prospects.clone()) };
        let whole = rank(&server, request.clone()).await;
        let found: Vec<u64> = whole.summary.unwrap().tiers.iter().map(|tier| tier.accounts).collect();
        assert_eq!(found, sizes);
        assert_eq!(whole.targets.iter().filter(|target| target.tier() == FitTier::A).count() as u64, sizes[0]);
        let part = rank(&server, v1::RankTargetsRequest { skip: 10, top_k: 5, ..request }).await;
        assert_eq!(part.targets, whole.targets[10..15]);
    }
}

#[tokio::test]
async fn a_customer_is_not_its_own_look_alike_and_excluded_ids_are_omitted() {
    let (server, version) = trained().await;
    let request = v1::RankTargetsRequest {
        exclude_account_ids: vec!["a-7".to_owned(), "somebody".to_owned()],
        accounts: Some(Accounts::Table(table(40))),
        ..rank_request(&version, Vec::new())
    };
    let answer = rank(&server, request).await;
    let summary = answer.summary.unwrap();
    assert_eq!((summary.ranked, summary.excluded, answer.targets.len()), (39, 1, 39));
    for target in &answer.targets {
        assert!(id(target) != "a-7" && target.look_alikes.iter().all(|alike| alike.account_id != id(target)));
    }
}

#[tokio::test]
async fn accounts_that_cannot_be_ranked_are_reported() {
    let (server, version) = trained().await;
    let mut client = server.report();
    let bad = v1::RankTargetsRequest {
        tiering: Some(Tiering::Shares(v1::TierShares { a: 0.9, b: 0.9, c: 0.0 })),
        top_k: 10_001,
        reason_count: 101,
        order: 9,
        ..rank_request(&version, Vec::new())
    };
    let details = assert_refused(client.rank_targets(bad).await, Code::InvalidArgument, "TOO_MANY_ACCOUNTS");
    assert_eq!(fields(&details), ["top_k", "reason_count", "order", "shares", "rows"]);
    let cuts = Tiering::Probabilities(v1::TierProbabilities { a: 0.2, b: 0.5, c: 0.1 });
    let bad = v1::RankTargetsRequest { tiering: Some(cuts), ..rank_request(&version, vec![account(0)]) };
    assert_refused(client.rank_targets(bad).await, Code::InvalidArgument, "INVALID_TIERING");
    let other = format!("{MODEL}/versions/7");
    assert_refused(
        client.rank_targets(rank_request(&other, vec![account(0)])).await,
        Code::NotFound,
        "VERSION_NOT_FOUND",
    );
    assert_refused(
        client.rank_targets(rank_request("x", vec![account(0)])).await,
        Code::InvalidArgument,
        "INVALID_NAME",
    );
    let nan = with_attributes("nan", [("x", Kind::Number(f64::NAN))]);
    assert_refused(
        client.rank_targets(rank_request(&version, vec![nan.clone()])).await,
        Code::InvalidArgument,
        "NON_FINITE_NUMBER",
    );
    let answer = rank(&server, rank_request(&version, vec![nan, account(0), account(0), account(1)])).await;
    let reasons: Vec<_> = answer.errors.iter().map(|error| (error.row_index, error.reason.as_str())).collect();
    assert_eq!(reasons, [(0, "NON_FINITE_NUMBER"), (2, "DUPLICATE_ACCOUNT_ID")]);
    assert_eq!(answer.targets.len(), 2);
}
