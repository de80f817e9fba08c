//! Ranking by expected value, and lists of which only the best accounts are ranked, over gRPC.

use sweetspot_proto::v1::rank_targets_request::{Accounts, Tiering};
use sweetspot_proto::v1::{self, FitTier, OutcomeKind, TargetOrder};
use tonic::Code;

use crate::scoring::request;
use crate::support::data::{self, account};
use crate::support::server::TestServer;
use crate::support::{MODEL, assert_refused, fields};

/// A server with a version whose won customers paid `won` each, and whose lost ones have a value of one million each.
async fn serve_with_values(won: f64) -> (TestServer, v1::ModelVersion) {
    let mut import = data::import_request(400);
    for outcome in &mut import.outcomes {
        let lost = outcome.kind() == OutcomeKind::Lost;
        outcome.value = Some(if lost { 1e6 } else { won });
        outcome.currency_code = "EUR".into();
    }
    let server = TestServer::empty().await;
    server.dataset().import_accounts(tokio_stream::iter(vec![import])).await.unwrap();
    let run = server.train("").await;
    let name = server.wait(&run).await.model_version;
    let version = server.model().get_model_version(v1::GetModelVersionRequest { name }).await.unwrap();
    (server, version.into_inner().version.unwrap())
}

fn rank_request(version: &v1::ModelVersion, accounts: Vec<v1::Account>, order: TargetOrder) -> v1::RankTargetsRequest {
    let accounts = Some(Accounts::Rows(v1::AccountRows { rows: accounts }));
    v1::RankTargetsRequest { version: version.name.clone(), accounts, order: order.into(), ..Default::default() }
}

fn prospects(count: usize) -> Vec<v1::Account> {
    (0..count).map(account).collect()
}

fn score_config_with_min_value(version: &v1::ModelVersion) -> v1::ScoreConfig {
    let filter = v1::TargetFilter { min_expected_value: Some(1.0), ..Default::default() };
    v1::ScoreConfig { version: version.name.clone(), filter: Some(filter), ..Default::default() }
}

#[tokio::test]
async fn the_amount_of_a_lost_deal_does_not_count_as_customer_value() {
    let (server, version) = serve_with_values(1_000.0).await;
    let values = version.values.clone().unwrap();
    assert_eq!((values.value_if_ideal, values.no_order.as_str()), (1_000.0, ""));
    assert!(values.value_if_not < 1_000.0, "the values of lost accounts are excluded: {values:?}");
    let ranked = server.report().rank_targets(rank_request(&version, prospects(30), TargetOrder::ExpectedValue)).await;
    let scores: Vec<v1::FitScore> =
        ranked.unwrap().into_inner().targets.into_iter().filter_map(|one| one.score).collect();
    assert!(scores.is_sorted_by(|a, b| a.expected_value >= b.expected_value && a.probability >= b.probability));
    server.scoring().score_accounts(request(prospects(3), score_config_with_min_value(&version))).await.unwrap();
}

#[tokio::test]
async fn a_version_whose_other_accounts_are_worth_more_has_no_order_by_value() {
    let (server, version) = serve_with_values(-1_000.0).await;
    let why = version.values.clone().unwrap().no_order;
    assert!(why.contains("seem worth no more than others (EUR −1,000 against EUR"), "{why}");
    assert!(version.warnings.contains(&why), "{:?}", version.warnings);
    let refused_order =
        server.report().rank_targets(rank_request(&version, prospects(9), TargetOrder::ExpectedValue)).await;
    assert_refused(refused_order, Code::FailedPrecondition, "NO_VALUE_ORDER");
    let targets = v1::RankTargetsRequest {
        version: String::new(),
        ..rank_request(&version, prospects(9), TargetOrder::ExpectedValue)
    };
    let report =
        v1::RenderReportRequest { version: version.name.clone(), targets: Some(targets), ..Default::default() };
    assert_refused(server.report().render_report(report).await, Code::FailedPrecondition, "NO_VALUE_ORDER");
    let scored = server.scoring().score_accounts(request(prospects(3), score_config_with_min_value(&version))).await;
    assert_refused(scored, Code::FailedPrecondition, "NO_VALUE_ORDER");
    server.report().rank_targets(rank_request(&version, prospects(9), TargetOrder::Probability)).await.unwrap();
}

/// Ranks the best of 40 accounts, with the figures of all 40.
async fn rank_whole_list_and_its_best(
    server: &TestServer,
    version: &v1::ModelVersion,
    tiering: Option<Tiering>,
) -> [v1::RankTargetsResponse; 2] {
    let all = v1::RankTargetsRequest { tiering, ..rank_request(version, prospects(40), TargetOrder::Probability) };
    let all = server.report().rank_targets(all).await.unwrap().into_inner();
    let summary = all.summary.clone().unwrap();
    let names: Vec<String> =
        all.targets.iter().filter_map(|one| Some(one.score.as_ref()?.account_id.clone())).collect();
    let rows = prospects(40).into_iter().filter(|one| names[..10].contains(&one.account_id)).collect();
    let whole = v1::WholeList { accounts: 40, tiers: summary.tiers, scores: summary.scores };
    let part = rank_request(version, rows, TargetOrder::Probability);
    let part = v1::RankTargetsRequest { tiering, whole_list: Some(whole), ..part };
    [all, server.report().rank_targets(part).await.unwrap().into_inner()]
}

#[tokio::test]
async fn the_best_of_a_list_are_ranked_as_in_the_whole_list() {
    let (server, version) = serve_with_values(1_000.0).await;
    let shares = Tiering::Shares(v1::TierShares { a: 0.1, b: 0.1, c: 0.5 });
    for tiering in [None, Some(shares), Some(Tiering::Capacity(v1::TierCapacity { a: 1, b: 2, c: 3 }))] {
        let [all, part] = rank_whole_list_and_its_best(&server, &version, tiering).await;
        assert_eq!(part.targets, all.targets[..10], "{tiering:?}");
        let (all, part) = (all.summary.unwrap(), part.summary.unwrap());
        assert_eq!((part.received, part.ranked, &part.tiers, &part.scores), (10, 40, &all.tiers, &all.scores));
        assert!(part.shifts.is_empty() && !all.shifts.is_empty());
    }
}

#[tokio::test]
async fn a_whole_list_whose_counts_do_not_add_up_is_refused() {
    let (server, version) = serve_with_values(1_000.0).await;
    let size = |tier: FitTier, accounts| v1::TierSize { tier: tier.into(), accounts, ..Default::default() };
    let scores =
        v1::OutcomeScores { bins: [vec![20], vec![0; 19]].concat(), tiers: vec![5, 5, 5, 5], ..Default::default() };
    let good = v1::WholeList {
        accounts: 20,
        tiers: vec![size(FitTier::A, 2), size(FitTier::B, 3), size(FitTier::C, 5), size(FitTier::D, 10)],
        scores: Some(scores.clone()),
    };
    let ask = |whole| v1::RankTargetsRequest {
        whole_list: Some(whole),
        ..rank_request(&version, prospects(12), TargetOrder::Probability)
    };
    server.report().rank_targets(ask(good.clone())).await.unwrap();
    let few = v1::WholeList { accounts: 19, ..good.clone() };
    let unordered = v1::WholeList { tiers: good.tiers.iter().rev().copied().collect(), ..good.clone() };
    let expecting = v1::TierSize { expected_ideal: 2.5, ..size(FitTier::A, 2) };
    let expecting = v1::WholeList { tiers: [vec![expecting], good.tiers[1..].to_vec()].concat(), ..good.clone() };
    let bins = v1::OutcomeScores { bins: vec![u64::MAX; 20], ..scores };
    let endless = v1::WholeList { scores: Some(bins), ..good.clone() };
    let short = v1::WholeList {
        accounts: 1,
        tiers: vec![size(FitTier::A, 1), size(FitTier::B, 0), size(FitTier::C, 0), size(FitTier::D, 0)],
        scores: Some(v1::OutcomeScores {
            bins: [vec![1], vec![0; 19]].concat(),
            tiers: vec![1, 0, 0, 0],
            ..Default::default()
        }),
    };
    for (whole, wrong) in [
        (few, vec!["whole_list.tiers", "whole_list.scores"]),
        (unordered, vec!["whole_list.tiers"]),
        (expecting, vec!["whole_list.tiers"]),
        (endless, vec!["whole_list.scores"]),
        (v1::WholeList { scores: None, ..good.clone() }, vec!["whole_list.scores"]),
        (short, vec!["whole_list.accounts"]),
    ] {
        let details =
            assert_refused(server.report().rank_targets(ask(whole)).await, Code::InvalidArgument, "INVALID_TARGETS");
        assert_eq!(fields(&details), wrong);
    }
    assert!(version.name.starts_with(MODEL) && version.learned_from > 0);
}
