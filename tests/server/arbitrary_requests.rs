//! Any request gets a valid response: never a panic, never an internal error.

use std::collections::HashSet;
use std::sync::{Arc, LazyLock};

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use sweetspot::config::Settings;
use sweetspot_proto::v1::score_accounts_request::Accounts;
use sweetspot_proto::v1::{self, ImportAccountsRequest};
use sweetspot_store::store::MemoryStore;
use tokio::runtime::Runtime;

use crate::support::arbitrary::{self, assert_reason, assert_refusal};
use crate::support::server::{TestServer, promote, publish, world};
use crate::support::store_barrier::{BlobAccess, StoreBarrier};

/// One server for all cases: a call must not affect later ones either.
struct ArbitraryFixture {
    runtime: Runtime,
    server: TestServer,
}

/// Trainings are admitted and never end.
static FIXTURE: LazyLock<ArbitraryFixture> = LazyLock::new(|| fixture(BlobAccess::Blocked));
/// Customers can be read, for trainings that only validate.
static VALIDATING_FIXTURE: LazyLock<ArbitraryFixture> = LazyLock::new(|| fixture(BlobAccess::Open));

fn fixture(reading: BlobAccess) -> ArbitraryFixture {
    let runtime = Runtime::new().unwrap();
    let server = runtime.block_on(async {
        let settings = Settings::default();
        let barrier = StoreBarrier::new(Arc::new(MemoryStore::new()));
        let world = world(Arc::new(barrier.clone()), &settings);
        publish(&world, "r-1");
        promote(&world, 1);
        let server = TestServer::serve(world, &settings).await;
        server.import().await;
        barrier.set_access(reading);
        server
    });
    ArbitraryFixture { runtime, server }
}

fn assert_score(score: &v1::FitScore) {
    assert!(score.probability > 0.0 && score.probability < 1.0, "{score:?}");
    assert!((1..=99).contains(&score.score) && (0.0..=1.0).contains(&score.coverage), "{score:?}");
    assert!(score.log_odds.is_finite() && score.tier() != v1::FitTier::Unspecified);
}

/// The reasons are complete, because the model has only three attributes.
fn assert_sum(score: &v1::FitScore) {
    let sum = score.reasons.iter().fold(score.base_log_odds, |sum, reason| sum + reason.log_odds);
    assert_eq!(sum.to_bits(), score.log_odds.to_bits(), "{score:?}");
}

fn assert_rows(errors: &[v1::RowError], received: usize) {
    let rows: HashSet<_> = errors.iter().map(|error| error.row_index).collect();
    assert_eq!(rows.len(), errors.len());
    for error in errors {
        assert!((error.row_index as usize) < received && !error.field.is_empty() && !error.description.is_empty());
        assert_reason(&error.reason);
    }
}

fn assert_scored(request: &v1::ScoreAccountsRequest, response: &v1::ScoreAccountsResponse) {
    let received = match request.accounts.as_ref().unwrap() {
        Accounts::Rows(list) => list.rows.len(),
        Accounts::Table(table) => table.account_ids.len(),
    };
    let summary = response.summary.as_ref().unwrap();
    assert_eq!(summary.received, received as u64);
    assert_eq!(summary.received, summary.scored + summary.filtered_out + summary.failed);
    assert_eq!(response.errors.len() as u64, summary.failed);
    let config = request.config.clone().unwrap_or_default();
    let most = if config.top_k == 0 { u64::MAX } else { u64::from(config.top_k) };
    assert_eq!(response.scores.len() as u64, summary.scored.min(most));
    response.scores.iter().for_each(assert_score);
    response.scores.iter().filter(|score| score.reasons.len() == 3).for_each(assert_sum);
    assert_rows(&response.errors, received);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn an_arbitrary_scoring_call_is_scored_or_refused(
        config in option::of(arbitrary::score_config()),
        accounts in option::weighted(0.97, prop_oneof![
            vec(arbitrary::account(), 0..8).prop_map(|rows| Accounts::Rows(v1::AccountRows { rows })),
            arbitrary::table().prop_map(Accounts::Table),
        ]),
    ) {
        let request = v1::ScoreAccountsRequest { config, accounts };
        match FIXTURE.runtime.block_on(FIXTURE.server.scoring().score_accounts(request.clone())) {
            Ok(response) => assert_scored(&request, &response.into_inner()),
            Err(status) => assert_refusal(&status),
        }
    }

    #[test]
    fn an_arbitrary_explaining_call_is_explained_or_refused(
        version in arbitrary::name(&["models/default/versions/1", "models/default/versions/2", "models/default"]),
        accounts in vec(arbitrary::account(), 0..8),
    ) {
        let request = v1::ExplainAccountsRequest { version, accounts, ..Default::default() };
        match FIXTURE.runtime.block_on(FIXTURE.server.scoring().explain_accounts(request.clone())) {
            Ok(response) => {
                let v1::ExplainAccountsResponse { scores, errors, resolved_version, outlooks: _, warnings: _ } = response.into_inner();
                prop_assert_eq!(scores.len() + errors.len(), request.accounts.len());
                prop_assert!(resolved_version.ends_with("/versions/1"));
                scores.iter().for_each(assert_score);
                scores.iter().for_each(assert_sum);
                assert_rows(&errors, request.accounts.len());
            }
            Err(status) => assert_refusal(&status),
        }
    }

    #[test]
    fn an_arbitrary_import_is_stored_or_refused(
        messages in vec(
            (
                arbitrary::name(&["datasets/other", "datasets/x/y"]),
                arbitrary::request_id(),
                option::of(arbitrary::table()),
                vec(arbitrary::outcome(), 0..3),
            ),
            0..4,
        ),
    ) {
        let read = |(dataset, request_id, accounts, outcomes)| ImportAccountsRequest { dataset, request_id, accounts, outcomes, ..Default::default() };
        let mut messages: Vec<_> = messages.into_iter().map(read).collect();
        // Never the default dataset, which other cases use for training.
        if let Some(first) = messages.first_mut().filter(|first| first.dataset.is_empty()) {
            first.dataset = "workspaces/w/datasets/d".to_owned();
        }
        let sent: usize = messages.iter().flat_map(|message| &message.accounts).map(|table| table.account_ids.len()).sum();
        let stream = tokio_stream::iter(messages);
        match FIXTURE.runtime.block_on(FIXTURE.server.dataset().import_accounts(stream)) {
            Ok(response) => {
                let response = response.into_inner();
                prop_assert_eq!(response.data_sha256.len(), 64);
                prop_assert!(response.accounts >= 1 && response.accounts == sent as u64);
                prop_assert!(response.outcomes <= response.accounts);
            }
            Err(status) => assert_refusal(&status),
        }
    }

    #[test]
    fn an_arbitrary_training_call_is_accepted_or_refused(
        model in arbitrary::name(&["models/default", "models/other", "models/Other", "models/default/versions/1"]),
        dataset in arbitrary::name(&["datasets/default", "datasets/none", "models/default"]),
        config in option::of(arbitrary::training_config()),
        validate_only in any::<bool>(),
        request_id in arbitrary::request_id(),
    ) {
        let request = v1::TrainModelRequest { model, dataset, config, validate_only, request_id, ..Default::default() };
        let ArbitraryFixture { runtime, server } = if validate_only { &*VALIDATING_FIXTURE } else { &*FIXTURE };
        match runtime.block_on(server.model().train_model(request)) {
            Ok(response) => {
                let run = response.into_inner().run.unwrap();
                prop_assert!(run.error.is_none() && run.model_version.is_empty());
                prop_assert_eq!(run.name.is_empty(), validate_only);
            }
            Err(status) => assert_refusal(&status),
        }
    }

    #[test]
    fn an_arbitrary_name_is_found_or_refused(name in arbitrary::text(), page_size in any::<i32>(), page_token in arbitrary::text()) {
        let mut client = FIXTURE.server.model();
        FIXTURE.runtime.block_on(async {
            let refusals = [
                client.get_training_run(v1::GetTrainingRunRequest { name: name.clone() }).await.err(),
                client.cancel_training_run(v1::CancelTrainingRunRequest { name: name.clone() }).await.err(),
                client.export_model_version(v1::ExportModelVersionRequest { name: name.clone(), format: 7, ..Default::default() }).await.err(),
                client
                    .promote_model_version(v1::PromoteModelVersionRequest {
                        name: name.clone(),
                        alias: name.clone(),
                        etag: name.clone(),
                        reason: name.clone(),
                        request_id: name.clone(),
                        overrides: vec![v1::CheckOverride { check: name.clone(), reason: name.clone() }],
                        by: name.clone(),
                        tiers: 2,
                    })
                    .await
                    .err(),
                client
                    .rollback_model(v1::RollbackModelRequest {
                        model: name.clone(),
                        alias: name.clone(),
                        etag: name.clone(),
                        ..Default::default()
                    })
                    .await
                    .err(),
            ];
            for refusal in refusals {
                assert_refusal(&refusal.unwrap());
            }
            let parent = name;
            for refusal in [
                client
                    .list_training_runs(v1::ListTrainingRunsRequest {
                        parent: parent.clone(),
                        page_size,
                        page_token: page_token.clone(),
                        ..Default::default()
                    })
                    .await
                    .err(),
                client.list_promotions(v1::ListPromotionsRequest { parent, page_size, page_token }).await.err(),
            ] {
                refusal.iter().for_each(assert_refusal);
            }
        });
    }
}
