//! The metrics of a server: that they are what the documentation, the dashboard and the alerts say they are.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use sweetspot::config::Settings;
use sweetspot_proto::v1;

use crate::support::admin::{admin_settings, get};
use crate::support::data;
use crate::support::server::TestServer;

/// The names of the metrics with the labels of each. A histogram has one name.
type Exposed = BTreeMap<String, BTreeSet<String>>;

/// Serves with these settings through an import, a training, a promotion and scores; returns the metrics.
async fn metrics_of_a_used_server(settings: &Settings, admin: SocketAddr) -> String {
    let server = TestServer::trained_with(settings).await;
    server.import().await;
    let run = server.train("workspaces/default/models/other").await;
    server.wait(&run).await;
    let mut scoring = server.scoring();
    for account in [data::account(1), v1::Account { account_id: "b".to_owned(), ..Default::default() }] {
        let rows = v1::score_accounts_request::Accounts::Rows(v1::AccountRows { rows: vec![account] });
        scoring.score_accounts(v1::ScoreAccountsRequest { config: None, accounts: Some(rows) }).await.unwrap();
    }
    let (status, page) = get(admin, "/metrics").await;
    assert_eq!(status, 200);
    server.stop().await;
    page
}

async fn metrics_with_names(resource_names: bool) -> String {
    let (mut settings, admin) = admin_settings().await;
    settings.metrics.resource_names = resource_names;
    metrics_of_a_used_server(&settings, admin).await
}

fn exposed(page: &str) -> Exposed {
    let types = page.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    let kinds: BTreeMap<&str, &str> = types.map(|line| line.split_once(' ').unwrap()).collect();
    let mut found: Exposed = kinds.keys().map(|name| ((*name).to_owned(), BTreeSet::new())).collect();
    for line in page.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let (name, rest) = line.split_at(line.find(['{', ' ']).unwrap());
        let parts = ["_bucket", "_sum", "_count"];
        let base =
            parts.iter().find_map(|part| name.strip_suffix(part)).filter(|base| kinds.get(base) == Some(&"histogram"));
        let labels = rest
            .split('}')
            .next()
            .unwrap()
            .trim_start_matches('{')
            .split("\",")
            .filter_map(|label| label.split_once('='));
        let labels = labels.map(|(key, _)| key.to_owned());
        found.get_mut(base.unwrap_or(name)).unwrap_or_else(|| panic!("{name} has no type")).extend(labels);
    }
    found
}

/// Returns what servers with and without the names of resources expose.
async fn exposed_in_any_case() -> Exposed {
    let mut all = exposed(&metrics_with_names(false).await);
    for (name, labels) in exposed(&metrics_with_names(true).await) {
        all.entry(name).or_default().extend(labels);
    }
    // Labels of metrics without a sample here.
    all.entry("sweetspot_stand_in".to_owned())
        .or_default()
        .extend(["workspace", "model", "live", "version"].map(str::to_owned));
    all
}

/// Returns the value of a sample.
fn value(page: &str, sample: &str) -> f64 {
    let line = page.lines().find_map(|line| line.strip_prefix(sample)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("{sample} is not in\n{page}")).parse().unwrap()
}

#[tokio::test]
async fn the_documented_metrics_are_those_that_a_server_exposes() {
    let document = std::fs::read_to_string("docs/OPERATIONS.md").unwrap();
    let table =
        document.split("| metric | labels | meaning |\n|---|---|---|\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let names = |text: &str| text.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
    let documented: Exposed = table
        .lines()
        .map(|line| {
            let mut cells = line.split('|').skip(1);
            let name = names(cells.next().unwrap()).remove(0);
            (name, names(cells.next().unwrap()).into_iter().collect())
        })
        .collect();
    assert_eq!(exposed_in_any_case().await, documented);
}

#[tokio::test]
async fn metrics_name_no_resource_unless_that_is_set() {
    let (quiet, named) = (metrics_with_names(false).await, metrics_with_names(true).await);
    assert!(!quiet.contains("workspace") && !quiet.contains("\"default\""), "{quiet}");
    assert!(value(&quiet, "sweetspot_live_model_oldest_trained_timestamp_seconds") > 1.7e9);
    assert!(value(&named, "sweetspot_live_model_auc{workspace=\"default\",model=\"default\"}") > 0.5);
    let info = named.lines().find(|line| line.starts_with("sweetspot_model_info{")).unwrap();
    assert!(
        info.starts_with("sweetspot_model_info{workspace=\"default\",model=\"default\",version=\"1\",digest=\""),
        "{info}"
    );
    assert_eq!(value(&quiet, "sweetspot_live_models"), 1.0);
}

#[tokio::test]
async fn what_a_server_does_is_counted() {
    let page = metrics_with_names(false).await;
    let tiers: f64 = ["A", "B", "C", "D"]
        .map(|tier| value(&page, &format!("sweetspot_scores_total{{tier=\"{tier}\"}}")))
        .iter()
        .sum();
    assert_eq!(tiers, 2.0);
    assert_eq!(value(&page, "sweetspot_scores_by_data_support_total{data_support=\"none\"}"), 1.0);
    assert!(value(&page, "sweetspot_scores_with_issue_total{issue=\"missing\"}") >= 1.0);
    assert_eq!(value(&page, "sweetspot_trainings_total{result=\"succeeded\"}"), 1.0);
    assert_eq!(value(&page, "sweetspot_training_duration_seconds_count"), 1.0);
    assert_eq!(value(&page, "sweetspot_import_accounts_sum"), 400.0);
    assert!(value(&page, "sweetspot_import_bytes_sum") > 4000.0);
    assert!(value(&page, "sweetspot_store_bytes{part=\"blobs\"}") > 1000.0);
    assert_eq!(value(&page, "sweetspot_store_writable"), 1.0);
    assert_eq!(value(&page, "sweetspot_training_runs{state=\"running\"}"), 0.0);
    let score = "grpc_server_handled_total{grpc_type=\"unary\",grpc_service=\"sweetspot.v1.ScoringService\",\
                 grpc_method=\"ScoreAccounts\",grpc_code=\"OK\"}";
    assert_eq!(value(&page, score), 2.0);
}

#[tokio::test]
async fn an_idle_server_has_few_series() {
    let (settings, admin) = admin_settings().await;
    let server =
        TestServer::serve_store(std::sync::Arc::new(sweetspot_store::store::MemoryStore::new()), &settings).await;
    let (_, page) = get(admin, "/metrics").await;
    let series = page.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).count();
    assert!(series < 60 && !page.contains("_bucket"), "{series}\n{page}");
    server.stop().await;
}
