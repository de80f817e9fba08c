//! Every label policy on every kind of history: a model, or the reason why there is none.

use std::collections::HashMap;

use prost_types::{Duration, Timestamp};
use sweetspot_proto::v1::training_run::State;
use sweetspot_proto::v1::{self, LabelPreset, OutcomeKind};
use tonic::Code;

use crate::support::data::{self, outcome};
use crate::support::server::TestServer;
use crate::support::{MODEL, assert_refused, error_reason};

const ROWS: usize = 200;

fn policies() -> Vec<(&'static str, v1::LabelPolicy)> {
    let preset = |preset: LabelPreset| v1::LabelPolicy { preset: preset.into(), ..Default::default() };
    let weights = [("won", 1.0), ("lost", -1.0)].map(|(class, weight)| (class.to_owned(), weight));
    vec![
        ("ideal", preset(LabelPreset::Ideal)),
        ("won", preset(LabelPreset::Won)),
        ("retained", preset(LabelPreset::Retained)),
        ("high_value", preset(LabelPreset::HighValue)),
        ("custom", v1::LabelPolicy { weights: HashMap::from(weights), ..preset(LabelPreset::Custom) }),
    ]
}

/// Good accounts of the history get one outcome, the others another one.
fn outcomes(good: Option<OutcomeKind>, other: Option<OutcomeKind>, value: bool) -> Vec<v1::Outcome> {
    let read = |(index, told): (usize, v1::Outcome)| {
        let kind = if told.kind() == OutcomeKind::Won { good? } else { other? };
        let value = value.then_some((index * 37 % 101) as f64);
        Some(v1::Outcome { value, currency_code: "EUR".into(), ..outcome(&told.account_id, kind) })
    };
    data::import_request(ROWS).outcomes.into_iter().enumerate().filter_map(read).collect()
}

async fn import(server: &TestServer, outcomes: Vec<v1::Outcome>) {
    let message = v1::ImportAccountsRequest { accounts: Some(data::table(ROWS)), outcomes, ..Default::default() };
    server.dataset().import_accounts(tokio_stream::iter([message])).await.unwrap();
}

/// The error of a training, which a request that only validates returns as well; `None` if it succeeds.
async fn training_fault(server: &TestServer, config: v1::TrainingConfig) -> Option<(Code, String)> {
    let request = v1::TrainModelRequest { config: Some(config), ..Default::default() };
    let check = v1::TrainModelRequest { validate_only: true, ..request.clone() };
    let checked = server.model().train_model(check).await;
    let found = run_fault(server, request).await;
    match &found {
        None => drop(checked.unwrap()),
        Some((code, reason)) => drop(assert_refused(checked, *code, reason)),
    }
    found
}

/// The error of a run.
async fn run_fault(server: &TestServer, request: v1::TrainModelRequest) -> Option<(Code, String)> {
    let run = server.model().train_model(request).await.unwrap().into_inner().run.unwrap();
    let run = server.wait(&run).await;
    assert!(run.end_time.is_some());
    match run.state() {
        State::Succeeded => {
            assert!(run.error.is_none() && !run.model_version.is_empty());
            None
        }
        State::Failed => {
            assert!(run.model_version.is_empty());
            let error = run.error.unwrap();
            assert!(error.message.len() > 10);
            Some((Code::from(error.code), error_reason(&error)))
        }
        State::Unspecified | State::Queued | State::Running | State::Cancelled => panic!("{run:?}"),
    }
}

fn training_config(policy: v1::LabelPolicy) -> v1::TrainingConfig {
    v1::TrainingConfig { label_policy: Some(policy), ..Default::default() }
}

#[tokio::test]
async fn every_label_policy_on_every_history_trains_or_fails_with_a_reason() {
    use OutcomeKind::{Churned, Lost, Unspecified, Won};
    let (one, values, model) = (Some("ONE_CLASS"), Some("NO_VALUES"), None);
    let server = TestServer::empty().await;
    // The expected results for: ideal, won, retained, high_value, custom.
    for (what, outcomes, expected) in [
        ("nothing is known", outcomes(None, None, false), [one, one, one, values, one]),
        ("all won", outcomes(Some(Won), Some(Won), false), [one, one, one, values, one]),
        ("all lost", outcomes(Some(Lost), Some(Lost), false), [one, one, one, values, one]),
        ("half is known", outcomes(Some(Won), None, false), [one, one, one, values, one]),
        ("won and lost", outcomes(Some(Won), Some(Lost), false), [model, model, one, values, model]),
        ("won and churned", outcomes(Some(Won), Some(Churned), false), [model, one, model, values, one]),
        ("values of the lost alone", outcomes(None, Some(Lost), true), [one, one, one, values, one]),
        ("values alone", outcomes(Some(Unspecified), Some(Unspecified), true), [model, one, one, model, one]),
    ] {
        import(&server, outcomes).await;
        for ((name, policy), expected) in policies().into_iter().zip(expected) {
            let expected = expected.map(|reason| (Code::FailedPrecondition, reason.to_owned()));
            assert_eq!(training_fault(&server, training_config(policy)).await, expected, "{name} where {what}");
        }
    }
}

#[tokio::test]
async fn settings_that_leave_too_little_data_are_refused() {
    let server = TestServer::empty().await;
    import(&server, outcomes(Some(OutcomeKind::Won), Some(OutcomeKind::Lost), true)).await;
    let ideal =
        |policy: v1::LabelPolicy| training_config(v1::LabelPolicy { preset: LabelPreset::Ideal.into(), ..policy });
    let names = ["employees", "industry", "b2b", "stack", "founded"].map(str::to_owned).to_vec();
    let failed = |reason: &str| Some((Code::FailedPrecondition, reason.to_owned()));
    for (config, expected) in [
        (ideal(v1::LabelPolicy { value_at_least: Some(1e9), ..Default::default() }), failed("ONE_CLASS")),
        (ideal(v1::LabelPolicy { top_share: Some(1e-9), ..Default::default() }), failed("TOO_FEW_CUSTOMERS")),
        (v1::TrainingConfig { excluded_attributes: names, ..Default::default() }, failed("NO_ATTRIBUTES")),
        (
            v1::TrainingConfig { excluded_attributes: vec!["employee".into()], ..Default::default() },
            Some((Code::InvalidArgument, "UNKNOWN_ATTRIBUTE".to_owned())),
        ),
    ] {
        assert_eq!(training_fault(&server, config.clone()).await, expected, "{config:?}");
    }
    // If all customers started on the same day, none is old enough to count as retained.
    let since = Some(Timestamp { seconds: 1_700_000_000, nanos: 0 });
    let young = outcomes(Some(OutcomeKind::Won), Some(OutcomeKind::Churned), false);
    let young: Vec<_> = young.into_iter().map(|told| v1::Outcome { since, ..told }).collect();
    import(&server, young).await;
    let maturity = Some(Duration { seconds: 30 * 86_400, nanos: 0 });
    let retained = v1::LabelPolicy { preset: LabelPreset::Retained.into(), maturity, ..Default::default() };
    assert_eq!(training_fault(&server, training_config(retained)).await, failed("ONE_CLASS"));
}

#[tokio::test]
async fn validate_only_changes_nothing_and_stores_no_request() {
    let server = TestServer::empty().await;
    server.import().await;
    let request_id = "0b9c1d2e-3f40-4a51-8b62-7c83940a5b61".to_owned();
    for (seed, (_, policy)) in policies().into_iter().enumerate() {
        let config = Some(v1::TrainingConfig { seed: seed as u64, ..training_config(policy) });
        let request_id = request_id.clone();
        let check = v1::TrainModelRequest { config, request_id, validate_only: true, ..Default::default() };
        match server.model().train_model(check).await {
            Ok(answer) => {
                let run = answer.into_inner().run.unwrap();
                assert_eq!((run.state(), run.request_id.len(), run.create_time), (State::Unspecified, 36, None));
            }
            Err(status) => assert_eq!(status.code(), Code::FailedPrecondition, "{status}"),
        }
    }
    let runs = server.model().list_training_runs(v1::ListTrainingRunsRequest::default()).await.unwrap();
    assert!(runs.into_inner().runs.is_empty());
    let get = v1::GetModelVersionRequest { name: "workspaces/default/models/default/versions/1".into() };
    assert_refused(server.model().get_model_version(get).await, Code::NotFound, "MODEL_NOT_FOUND");
    // The request id is still unused.
    let real = v1::TrainModelRequest { request_id, ..Default::default() };
    let run = server.model().train_model(real).await.unwrap().into_inner().run.unwrap();
    assert_eq!(server.wait(&run).await.state(), State::Succeeded);
}

#[tokio::test]
async fn a_base_rate_stays_with_the_version_and_corrects_its_scores() {
    let server = TestServer::empty().await;
    import(&server, outcomes(Some(OutcomeKind::Won), Some(OutcomeKind::Lost), true)).await;
    let won = |base_rate| {
        training_config(v1::LabelPolicy { preset: LabelPreset::Won.into(), base_rate, ..Default::default() })
    };
    let mut bases = Vec::new();
    for (number, base_rate) in [(1, None), (2, Some(0.03))] {
        assert_eq!(training_fault(&server, won(base_rate)).await, None);
        let name = format!("{MODEL}/versions/{number}");
        let version =
            server.model().get_model_version(v1::GetModelVersionRequest { name: name.clone() }).await.unwrap();
        let card = version.into_inner().version.unwrap().label_card.unwrap();
        assert_eq!(card.base_rate, base_rate);
        let rows = v1::AccountRows { rows: vec![v1::Account { account_id: "a".into(), ..Default::default() }] };
        let config = v1::ScoreConfig { version: name, ..Default::default() };
        let accounts = Some(v1::score_accounts_request::Accounts::Rows(rows));
        let request = v1::ScoreAccountsRequest { config: Some(config), accounts };
        let score = server.scoring().score_accounts(request).await.unwrap().into_inner().scores.remove(0);
        let of_rows = card.ideal as f64 / card.not_ideal as f64;
        bases.push((score.log_odds, of_rows));
    }
    let [(plain, of_rows), (corrected, _)] = bases[..] else { panic!("{bases:?}") };
    let offset = (0.03_f64 / 0.97).ln() - of_rows.ln();
    assert!((corrected - plain - offset).abs() < 1e-6, "{plain} {corrected} {offset}");
}
