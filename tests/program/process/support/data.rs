//! Small generated data, and the calls that train versions on it.

use prost::Message as _;
use sweetspot_proto::v1::attribute_value::Kind;
use sweetspot_proto::v1::column::Data;
use sweetspot_proto::v1::{self};
use tonic::Status;
use tonic_types::pb;

use super::server::Clients;

/// The default model, which an empty name stands for.
pub(crate) const MODEL: &str = "workspaces/default/models/default";

const INDUSTRIES: [&str; 3] = ["fintech", "retail", "media"];
const ROWS: usize = 160;

/// Returns one import message. Another salt gives other data.
pub(crate) fn import(salt: usize) -> v1::ImportAccountsRequest {
    let industry = |index: usize| (index * 7 / 3) % 3;
    let employees = |index: usize| ((index * 37 + salt * 11) % 400 + 5) as f64;
    let won = |index: usize| (employees(index) > 150.0 || industry(index) == salt % 3) != index.is_multiple_of(9);
    let ids: Vec<String> = (0..ROWS).map(|index| format!("a-{index}")).collect();
    let outcome = |(index, id): (usize, &String)| v1::Outcome {
        outcome_id: format!("o-{id}"),
        account_id: id.clone(),
        kind: if won(index) { v1::OutcomeKind::Won } else { v1::OutcomeKind::Lost }.into(),
        ..Default::default()
    };
    let outcomes = ids.iter().enumerate().map(outcome).collect();
    let column = |name: &str, data| v1::Column { name: name.to_owned(), data: Some(data), ..v1::Column::default() };
    let numbers = v1::DoubleColumn { values: (0..ROWS).map(employees).collect() };
    let dictionary = INDUSTRIES.map(str::to_owned).to_vec();
    let texts = v1::DictionaryColumn { dictionary, codes: (0..ROWS).map(|index| industry(index) as u32).collect() };
    let columns = vec![column("employees", Data::Numbers(numbers)), column("industry", Data::Texts(texts))];
    let accounts = Some(v1::AccountTable { account_ids: ids, columns });
    v1::ImportAccountsRequest { accounts, outcomes, ..Default::default() }
}

/// The account by whose score versions are distinguished.
pub(crate) fn account() -> v1::Account {
    let value = |kind| v1::AttributeValue { kind: Some(kind) };
    let employees = ("employees".to_owned(), value(Kind::Number(140.0)));
    let industry = ("industry".to_owned(), value(Kind::Text("retail".to_owned())));
    v1::Account { account_id: "golden".to_owned(), attributes: [employees, industry].into() }
}

/// Returns the version that answered, and the bits of the log-odds.
pub(crate) async fn score(to: &Clients, version: &str) -> Result<(String, u64), Status> {
    let config = v1::ScoreConfig { version: version.to_owned(), ..Default::default() };
    let rows = v1::AccountRows { rows: vec![account()] };
    let accounts = Some(v1::score_accounts_request::Accounts::Rows(rows));
    let request = v1::ScoreAccountsRequest { config: Some(config), accounts };
    let answer = to.scoring.clone().score_accounts(request).await?.into_inner();
    Ok((answer.summary.unwrap().resolved_version, answer.scores[0].log_odds.to_bits()))
}

/// Imports data and returns its digest.
pub(crate) async fn send_import(to: &Clients, salt: usize) -> Result<String, Status> {
    let messages = tokio_stream::iter(vec![import(salt)]);
    Ok(to.datasets.clone().import_accounts(messages).await?.into_inner().data_sha256)
}

/// Submits a training of the default model, with the won accounts as ideal.
pub(crate) async fn train(to: &Clients) -> Result<v1::TrainingRun, Status> {
    let label_policy = Some(v1::LabelPolicy { preset: v1::LabelPreset::Won.into(), ..Default::default() });
    let config = Some(v1::TrainingConfig { label_policy, ..Default::default() });
    let request = v1::TrainModelRequest { config, ..Default::default() };
    Ok(to.models.clone().train_model(request).await?.into_inner().run.unwrap())
}

/// Waits for a run.
pub(crate) async fn wait(to: &Clients, run: &str) -> Result<v1::TrainingRun, Status> {
    let request = v1::WaitTrainingRunRequest { name: run.to_owned(), timeout: None };
    Ok(to.models.clone().wait_training_run(request).await?.into_inner().run.unwrap())
}

/// Makes a version live.
pub(crate) async fn promote(to: &Clients, version: &str) -> Result<v1::Promotion, Status> {
    let get = v1::GetModelVersionRequest { name: version.to_owned() };
    let etag = to.models.clone().get_model_version(get).await?.into_inner().version.unwrap().etag;
    let request = v1::PromoteModelVersionRequest {
        name: version.to_owned(),
        etag,
        overrides: vec![v1::CheckOverride { check: "signal".to_owned(), reason: String::new() }],
        reason: "test".to_owned(),
        ..Default::default()
    };
    Ok(to.models.clone().promote_model_version(request).await?.into_inner().promotion.unwrap())
}

/// Returns the reason in the stored error of a run.
pub(crate) fn error_reason(error: &tonic_types::Status) -> String {
    let info = error.details.iter().find(|detail| detail.type_url.ends_with("google.rpc.ErrorInfo")).unwrap();
    pb::ErrorInfo::decode(&*info.value).unwrap().reason
}
