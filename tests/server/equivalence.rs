//! The same record has the same score, bit for bit, in every request format and over every socket.

use std::process::Stdio;
use std::sync::{Arc, LazyLock};

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Value, json};
use sweetspot::config::Settings;
use sweetspot_core::Date;
use sweetspot_proto::v1::attribute_value::Kind;
use sweetspot_proto::v1::column::Data;
use sweetspot_proto::v1::dataset_service_client::DatasetServiceClient;
use sweetspot_proto::v1::stream_scores_request::Message;
use sweetspot_proto::v1::{self, score_accounts_request, score_chunk};
use sweetspot_store::store::MemoryStore;
use tokio::runtime::Runtime;

use crate::http::server::{DualServer, SCORE_PATH};
use crate::support::server::world;
use crate::support::{DATASET, MODEL, data};

const ATTRIBUTES: [&str; 5] = ["employees", "city", "remote", "tools", "founded"];
const CITIES: [&str; 4] = ["zürich", "bern", "são paulo", "málaga"];
const TOOLS: [&str; 3] = ["SAP", "Jira", "Slack"];
/// The maximum number of accounts whose log-odds a comparison reports.
const MAX_RECORDS: usize = 40;

/// One server for all cases, with two versions of a model that differ in every score.
struct EquivalenceFixture {
    runtime: Runtime,
    server: DualServer,
}

static FIXTURE: LazyLock<EquivalenceFixture> = LazyLock::new(|| {
    let runtime = Runtime::new().unwrap();
    let server = runtime.block_on(async {
        let settings = Settings::default();
        let world = world(Arc::new(MemoryStore::new()), &settings);
        let server = DualServer::serve(world, &settings).await;
        import(&server, DATASET, history(), outcomes()).await;
        for excluded in [vec![], vec!["city".to_owned()]] {
            train(&server, excluded).await;
        }
        promote(&server).await;
        server
    });
    EquivalenceFixture { runtime, server }
});

fn column(name: &str, data: Data) -> v1::Column {
    v1::Column { name: name.to_owned(), validity: Vec::new(), data: Some(data), ..v1::Column::default() }
}

/// Customers for whom all five attributes are predictive.
fn history() -> v1::AccountTable {
    let rows = 0..360_usize;
    let (mut codes, mut offsets) = (Vec::new(), vec![0]);
    for row in rows.clone() {
        codes.extend((0..3).filter(|tool| ((row / 4) >> tool) & 1 == 1).map(|tool| tool as u32));
        offsets.push(codes.len() as u32);
    }
    let lists = v1::DictionaryListColumn { dictionary: TOOLS.map(str::to_owned).to_vec(), codes, offsets };
    let cities = CITIES.map(str::to_owned).to_vec();
    let columns = vec![
        column("employees", Data::Numbers(v1::DoubleColumn { values: rows.clone().map(employees).collect() })),
        column(
            "city",
            Data::Texts(v1::DictionaryColumn {
                dictionary: cities,
                codes: rows.clone().map(|row| row as u32 % 4).collect(),
            }),
        ),
        column(
            "remote",
            Data::Flags(v1::FlagColumn { values: rows.clone().map(|row| row.is_multiple_of(3)).collect() }),
        ),
        column("tools", Data::TextLists(lists)),
        column("founded", Data::Dates(v1::DateColumn { days: rows.clone().map(founded).collect() })),
    ];
    v1::AccountTable { account_ids: rows.map(|row| format!("c-{row}")).collect(), columns }
}

fn employees(row: usize) -> f64 {
    (row * 37 % 400 + 5) as f64
}

fn founded(row: usize) -> i32 {
    10_000 + i32::try_from(row * 53 % 5_000).unwrap()
}

fn outcomes() -> Vec<v1::Outcome> {
    let won = |row: usize| {
        let signs =
            [employees(row) > 200.0, row % 4 < 2, row.is_multiple_of(3), (row / 4) & 1 == 1, founded(row) > 12_000];
        let good = signs.into_iter().filter(|sign| *sign).count() >= 3;
        good != row.is_multiple_of(7)
    };
    let kind = |row| if won(row) { v1::OutcomeKind::Won } else { v1::OutcomeKind::Lost };
    (0..360).map(|row| data::outcome(&format!("c-{row}"), kind(row))).collect()
}

async fn import(server: &DualServer, dataset: &str, accounts: v1::AccountTable, outcomes: Vec<v1::Outcome>) {
    let message = v1::ImportAccountsRequest {
        dataset: dataset.to_owned(),
        accounts: Some(accounts),
        outcomes,
        ..Default::default()
    };
    let mut client = DatasetServiceClient::new(server.channel.clone());
    client.import_accounts(tokio_stream::iter([message])).await.unwrap();
}

async fn train(server: &DualServer, excluded_attributes: Vec<String>) {
    let label_policy = v1::LabelPolicy { preset: v1::LabelPreset::Won.into(), ..Default::default() };
    let config = v1::TrainingConfig {
        label_policy: Some(label_policy),
        excluded_attributes,
        independent_rows: true,
        ..Default::default()
    };
    let request = v1::TrainModelRequest { config: Some(config), ..Default::default() };
    let run = server.model().train_model(request).await.unwrap().into_inner().run.unwrap();
    let wait = v1::WaitTrainingRunRequest { name: run.name, timeout: None };
    let run = server.model().wait_training_run(wait).await.unwrap().into_inner().run.unwrap();
    assert!(!run.model_version.is_empty(), "{run:?}");
}

/// Makes the first version live. The override is for a check that the small synthetic history may fail.
async fn promote(server: &DualServer) {
    let name = format!("{MODEL}/versions/1");
    let request = v1::GetModelVersionRequest { name: name.clone() };
    let etag = server.model().get_model_version(request).await.unwrap().into_inner().version.unwrap().etag;
    let known = v1::CheckOverride { check: "calibration".to_owned(), reason: "made up".to_owned() };
    let wish = v1::PromoteModelVersionRequest { name, etag, overrides: vec![known], ..Default::default() };
    server.model().promote_model_version(wish).await.unwrap();
}

/// One value: as a typed value, and as a text with the same meaning.
#[derive(Clone, Debug)]
struct CellForms {
    typed: Kind,
    text: String,
}

/// An account; `blank` is the text of its missing values, if they are not absent.
#[derive(Clone, Debug)]
struct RecordForms {
    cells: [Option<CellForms>; 5],
    blank: Option<&'static str>,
}

fn cell(typed: Kind, text: String) -> CellForms {
    CellForms { typed, text }
}

fn number() -> impl Strategy<Value = CellForms> {
    (0..2_400_u32, 0..5_usize).prop_map(|(quarters, spelling)| {
        let number = f64::from(quarters) / 4.0;
        let text = match spelling {
            0 => number.to_string(),
            1 => format!("  {number} "),
            2 => number.to_string().replace('.', ","),
            3 => format!("$ {number}"),
            _ => format!("{number} EUR"),
        };
        cell(Kind::Number(number), text)
    })
}

/// A level of the model in various spellings: composed or decomposed, in any case, with spaces around it.
fn any_spelling(word: &'static str) -> impl Strategy<Value = String> {
    let apart = word.replace('ü', "u\u{308}").replace('ã', "a\u{303}").replace('á', "a\u{301}");
    let spellings = [word.to_owned(), format!(" {word}  "), word.to_uppercase(), apart.clone(), apart.to_uppercase()];
    select(spellings.to_vec())
}

fn city() -> impl Strategy<Value = CellForms> {
    let words = select(CITIES.into_iter().chain(["basel"]).collect::<Vec<_>>());
    words
        .prop_flat_map(|word| (any_spelling(word), any_spelling(word)))
        .prop_map(|(typed, text)| cell(Kind::Text(typed), text))
}

fn flag() -> impl Strategy<Value = CellForms> {
    (any::<bool>(), any::<bool>(), 0..4_usize).prop_map(|(flag, as_number, spelling)| {
        let typed = if as_number { Kind::Number(f64::from(u8::from(flag))) } else { Kind::Flag(flag) };
        let words = if flag { ["yes", "TRUE", " Ja ", "1"] } else { ["no", "False", "nein", "0"] };
        cell(typed, words[spelling].to_owned())
    })
}

fn list() -> impl Strategy<Value = CellForms> {
    (subsequence(TOOLS.to_vec(), 1..=3), any::<bool>(), select(vec!["; ", "|", " ; "])).prop_map(
        |(items, upper, mark)| {
            let values: Vec<String> =
                items.iter().map(|item| if upper { item.to_uppercase() } else { (*item).to_owned() }).collect();
            let text = items.join(mark);
            cell(Kind::Texts(v1::TextList { values }), text)
        },
    )
}

fn date() -> impl Strategy<Value = CellForms> {
    (8_000..16_000_i32, 0..4_usize).prop_map(|(days, spelling)| {
        let date = Date { days }.to_string();
        let [year, month, day] = date.split('-').collect::<Vec<_>>()[..] else { panic!("{date}") };
        let text = match spelling {
            0 => date.clone(),
            1 => format!("{day}.{month}.{year}"),
            2 => format!("{year}/{month}/{day}"),
            _ => format!(" {date}T10:00:00Z"),
        };
        cell(Kind::Text(date), text)
    })
}

fn record() -> impl Strategy<Value = RecordForms> {
    let cells = (option::of(number()), option::of(city()), option::of(flag()), option::of(list()), option::of(date()));
    (cells, select(vec![None, Some(""), Some("  ")]))
        .prop_map(|(cells, blank)| RecordForms { cells: cells.into(), blank })
}

fn id(row: usize) -> String {
    format!("p-{row}")
}

fn row(number: usize, record: &RecordForms, typed: bool) -> v1::Account {
    let RecordForms { cells, blank } = record;
    let value = |cell: &Option<CellForms>| match cell {
        Some(cell) if typed => Some(cell.typed.clone()),
        Some(cell) => Some(Kind::Text(cell.text.clone())),
        None => blank.map(|blank| Kind::Text(blank.to_owned())),
    };
    let known = ATTRIBUTES.iter().zip(cells).filter_map(|(name, cell)| Some(((*name).to_owned(), value(cell)?)));
    let attributes = known.map(|(name, kind)| (name, v1::AttributeValue { kind: Some(kind) })).collect();
    v1::Account { account_id: id(number), attributes }
}

fn rows(records: &[RecordForms], typed: bool) -> Vec<v1::Account> {
    records.iter().enumerate().map(|(number, record)| row(number, record, typed)).collect()
}

/// All columns as texts, with blanks for missing values.
fn text_table(records: &[RecordForms]) -> v1::AccountTable {
    let column = |(place, name): (usize, &&str)| {
        let text = |record: &RecordForms| match &record.cells[place] {
            Some(cell) => cell.text.clone(),
            None => record.blank.unwrap_or_default().to_owned(),
        };
        let (dictionary, codes) = (records.iter().map(text).collect(), (0..records.len() as u32).collect());
        column(name, Data::Texts(v1::DictionaryColumn { dictionary, codes }))
    };
    let columns = ATTRIBUTES.iter().enumerate().map(column).collect();
    v1::AccountTable { account_ids: (0..records.len()).map(id).collect(), columns }
}

/// All columns with their own types, with a bitmap of present values.
fn typed_table(records: &[RecordForms]) -> v1::AccountTable {
    let typed = |place: usize| records.iter().map(move |record| record.cells[place].as_ref().map(|cell| &cell.typed));
    let number = |kind: Option<&Kind>| if let Some(Kind::Number(number)) = kind { *number } else { 0.0 };
    let flag = |kind: Option<&Kind>| matches!(kind, Some(Kind::Flag(true))) || number(kind) == 1.0;
    let text = |kind: Option<&Kind>| if let Some(Kind::Text(text)) = kind { text.clone() } else { String::new() };
    let days = |kind: Option<&Kind>| sweetspot_core::parse_date(&text(kind)).map_or(0, |date| date.days);
    let (mut dictionary, mut offsets) = (Vec::new(), vec![0]);
    for kind in typed(3) {
        if let Some(Kind::Texts(list)) = kind {
            dictionary.extend(list.values.clone());
        }
        offsets.push(dictionary.len() as u32);
    }
    let items = dictionary.len() as u32;
    let data = [
        Data::Numbers(v1::DoubleColumn { values: typed(0).map(number).collect() }),
        Data::Texts(v1::DictionaryColumn {
            dictionary: typed(1).map(text).collect(),
            codes: (0..records.len() as u32).collect(),
        }),
        Data::Flags(v1::FlagColumn { values: typed(2).map(flag).collect() }),
        Data::TextLists(v1::DictionaryListColumn { dictionary, codes: (0..items).collect(), offsets }),
        Data::Dates(v1::DateColumn { days: typed(4).map(days).collect() }),
    ];
    let columns = ATTRIBUTES.into_iter().zip(data).enumerate().map(|(place, (name, data))| {
        let mut validity = vec![0_u8; records.len().div_ceil(8)];
        for (row, _) in typed(place).enumerate().filter(|(_, kind)| kind.is_some()) {
            validity[row / 8] |= 1 << (row % 8);
        }
        v1::Column { validity, ..column(name, data) }
    });
    v1::AccountTable { account_ids: (0..records.len()).map(id).collect(), columns: columns.collect() }
}

/// The values that must not depend on the format, as bits: the log-odds and the ends of the interval.
type ScoreBits = [u64; 3];

fn bits(scores: &[v1::FitScore]) -> Vec<ScoreBits> {
    scores.iter().map(|score| [score.log_odds, score.low, score.high].map(f64::to_bits)).collect()
}

async fn score(server: &DualServer, accounts: score_accounts_request::Accounts) -> Vec<ScoreBits> {
    let request = v1::ScoreAccountsRequest { config: None, accounts: Some(accounts) };
    let answer = server.scoring().score_accounts(request).await.unwrap().into_inner();
    assert_eq!(answer.errors, []);
    bits(&answer.scores)
}

/// Scores one chunk in either form.
async fn score_stream(server: &DualServer, accounts: score_chunk::Accounts) -> Vec<ScoreBits> {
    let chunk = v1::ScoreChunk { sequence: 1, accounts: Some(accounts) };
    let messages = [Message::Config(v1::ScoreConfig::default()), Message::Chunk(chunk)];
    let messages = messages.map(|message| v1::StreamScoresRequest { message: Some(message) });
    let mut answers = server.scoring().stream_scores(tokio_stream::iter(messages)).await.unwrap().into_inner();
    let mut scores = Vec::new();
    while let Some(answer) = answers.message().await.unwrap() {
        assert_eq!(answer.errors, []);
        scores.extend(answer.scores);
    }
    bits(&scores)
}

/// The body of a request, with values as objects or bare.
fn body(accounts: &[v1::Account], bare: bool) -> String {
    let value = |kind: &Kind| match kind {
        Kind::Number(number) if bare => json!(number),
        Kind::Text(text) if bare => json!(text),
        Kind::Flag(flag) if bare => json!(flag),
        Kind::Texts(list) if bare => json!(list.values),
        Kind::Number(number) => json!({ "number": number }),
        Kind::Text(text) => json!({ "text": text }),
        Kind::Flag(flag) => json!({ "flag": flag }),
        Kind::Texts(list) => json!({ "texts": { "values": list.values } }),
    };
    let account = |account: &v1::Account| {
        let mut attributes: serde_json::Map<String, Value> =
            account.attributes.iter().map(|(name, kind)| (name.clone(), value(kind.kind.as_ref().unwrap()))).collect();
        if bare {
            for name in ATTRIBUTES {
                attributes.entry(name).or_insert(Value::Null);
            }
        }
        json!({ "accountId": account.account_id, "attributes": attributes })
    };
    json!({ "rows": { "rows": accounts.iter().map(account).collect::<Vec<_>>() } }).to_string()
}

async fn score_http(server: &DualServer, body: &str) -> Vec<ScoreBits> {
    let answer = server.client().await.post(SCORE_PATH, body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let answer = answer.json();
    assert!(answer.get("errors").is_none(), "{answer}");
    let bits = |score: &Value| ["logOdds", "low", "high"].map(|name| score[name].as_f64().unwrap_or(0.0).to_bits());
    answer["scores"].as_array().unwrap().iter().map(bits).collect()
}

/// Imports the accounts as customers and returns their log-odds.
async fn score_imported(server: &DualServer, accounts: v1::AccountTable) -> Vec<u64> {
    let dataset = "workspaces/default/datasets/prospects";
    let count = accounts.account_ids.len();
    import(server, dataset, accounts, Vec::new()).await;
    let request = v1::CompareModelVersionsRequest {
        champion: format!("{MODEL}/versions/1"),
        challenger: format!("{MODEL}/versions/2"),
        dataset: dataset.to_owned(),
        mover_count: 100,
        ..Default::default()
    };
    let answer = server.model().compare_model_versions(request).await.unwrap().into_inner();
    let mut found: Vec<(usize, u64)> = answer
        .comparison
        .unwrap()
        .movers
        .iter()
        .map(|mover| (mover.account_id[2..].parse().unwrap(), mover.champion_log_odds.to_bits()))
        .collect();
    found.sort_unstable();
    assert_eq!(found.len(), count, "the two versions differ in every score");
    found.into_iter().map(|(_, bits)| bits).collect()
}

/// Scores a file of prospects with the CLI. It blocks this thread; the server has other threads.
fn score_with_cli(server: &DualServer, records: &[RecordForms]) -> Vec<ScoreBits> {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = csv::Writer::from_path(folder.path().join("prospects.csv")).unwrap();
    // A row with only an id contains no account.
    writer.write_record(["id", "name"].iter().chain(&ATTRIBUTES)).unwrap();
    for (number, record) in records.iter().enumerate() {
        let blank = record.blank.unwrap_or_default();
        // All numbers of a column use the same decimal separator.
        let is_number = |cell: &CellForms| matches!(cell.typed, Kind::Number(_));
        let text = |cell: &CellForms| if is_number(cell) { cell.text.replace(',', ".") } else { cell.text.clone() };
        let cells = record.cells.iter().map(|cell| cell.as_ref().map_or(blank.to_owned(), text));
        writer.write_record([id(number), "Anna".to_owned()].into_iter().chain(cells)).unwrap();
    }
    writer.flush().unwrap();
    let mapping = format!("id = \"id\"\nattributes = {ATTRIBUTES:?}\n");
    std::fs::write(folder.path().join("mapping.toml"), mapping).unwrap();
    let url = format!("http://{}", server.grpc);
    let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin!("sweetspot"));
    command.current_dir(folder.path()).env_clear().stdin(Stdio::null());
    command.args(["score", "prospects.csv", "--mapping", "mapping.toml", "--json", "-o", "scores.json"]);
    let output = command.args(["--server", &url]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let bits = |line: &str| {
        let score: Value = serde_json::from_str(line).unwrap();
        ["logOdds", "low", "high"].map(|name| score[name].as_f64().unwrap().to_bits())
    };
    std::fs::read_to_string(folder.path().join("scores.json")).unwrap().lines().map(bits).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn one_record_has_one_score_in_every_form_over_every_socket(records in vec(record(), 1..=MAX_RECORDS)) {
        use score_accounts_request::Accounts;
        let EquivalenceFixture { runtime, server } = &*FIXTURE;
        let listed = |typed| v1::AccountRows { rows: rows(&records, typed) };
        let expected = runtime.block_on(score(server, Accounts::Rows(listed(true))));
        prop_assert_eq!(expected.len(), records.len());
        runtime.block_on(async {
            let ways = [
                ("rows of texts", score(server, Accounts::Rows(listed(false))).await),
                ("columns", score(server, Accounts::Table(typed_table(&records))).await),
                ("columns of texts", score(server, Accounts::Table(text_table(&records))).await),
                ("a stream of rows", score_stream(server, score_chunk::Accounts::Rows(listed(true))).await),
                ("a stream of texts", score_stream(server, score_chunk::Accounts::Rows(listed(false))).await),
                ("a stream of columns", score_stream(server, score_chunk::Accounts::Table(typed_table(&records))).await),
                ("JSON", score_http(server, &body(&rows(&records, true), false)).await),
                ("bare JSON", score_http(server, &body(&rows(&records, true), true)).await),
                ("bare texts in JSON", score_http(server, &body(&rows(&records, false), true)).await),
                ("a file", score_with_cli(server, &records)),
            ];
            for (way, found) in ways {
                prop_assert_eq!(&found, &expected, "{}", way);
            }
            let log_odds: Vec<u64> = expected.iter().map(|[log_odds, ..]| *log_odds).collect();
            for (way, table) in [("an import", typed_table(&records)), ("an import of texts", text_table(&records))] {
                prop_assert_eq!(&score_imported(server, table).await, &log_odds, "{}", way);
            }
            Ok(())
        })?;
    }
}
