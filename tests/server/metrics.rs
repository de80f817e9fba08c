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
    // Only with encryption, whose test reads it.
    all.entry("sweetspot_tls_certificate_expiry_timestamp_seconds".to_owned()).or_default();
    // Only with keys that are fetched, whose test reads it.
    all.entry("sweetspot_token_keys_fetched_timestamp_seconds".to_owned()).or_default();
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

/// The words of an expression that name neither a metric nor a label. Functions are followed by a parenthesis, except
/// `sum`.
const OPERATORS: [&str; 7] = ["sum", "and", "or", "unless", "group_left", "group_right", "offset"];

/// The words before a list of labels.
const LABEL_LISTS: [&str; 4] = ["by", "without", "on", "ignoring"];

/// The labels that Prometheus adds to each series.
const TARGET_LABELS: [&str; 2] = ["job", "instance"];

/// Returns what an expression names that a server does not expose.
fn unknown_names(expression: &str, exposed: &Exposed) -> Vec<String> {
    // Without the texts between quotation marks, what remains are names, numbers and signs.
    let bare: String = expression.split('"').step_by(2).collect();
    let is_word = |letter: char| letter.is_alphanumeric() || "_$".contains(letter);
    let (mut unknown, mut used, mut listed) = (Vec::new(), BTreeSet::new(), Vec::new());
    let mut rest = bare.as_str();
    while let Some(start) = rest.find(is_word) {
        let word = &rest[start..];
        let word = &word[..word.find(|letter| !is_word(letter)).unwrap_or(word.len())];
        rest = &rest[start + word.len()..];
        let enclosed = |open: char, close: char| rest.trim_start().strip_prefix(open)?.split(close).next();
        let names = |list: &str| {
            list.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect::<Vec<_>>()
        };
        if word.starts_with(|first: char| first.is_ascii_digit() || first == '$') || OPERATORS.contains(&word) {
            continue;
        }
        if let Some(list) = enclosed('(', ')') {
            if LABEL_LISTS.contains(&word) {
                listed.extend(names(list));
                rest = &rest[rest.find(')').unwrap()..];
            }
            continue;
        }
        let histogram = ["_bucket", "_sum", "_count"].iter().find_map(|part| exposed.get(word.strip_suffix(part)?));
        let Some(labels) = exposed.get(word).or(histogram) else {
            unknown.push(word.to_owned());
            continue;
        };
        used.extend(labels.iter().map(String::as_str));
        if let Some(matchers) = enclosed('{', '}') {
            let keys = names(matchers).into_iter().map(|matcher| matcher.split(['=', '!']).next().unwrap().to_owned());
            unknown.extend(keys.filter(|key| !labels.contains(key) && !TARGET_LABELS.contains(&key.as_str())));
            rest = &rest[rest.find('}').unwrap()..];
        }
    }
    unknown.extend(
        listed.into_iter().filter(|name| !used.contains(name.as_str()) && !TARGET_LABELS.contains(&name.as_str())),
    );
    unknown
}

#[test]
fn the_reader_of_expressions_finds_every_name() {
    let labels = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let exposed: Exposed = [("a_total".to_owned(), labels(&["x"])), ("h".to_owned(), labels(&["le"]))].into();
    for right in [
        "rate(a_total{x=~\"b|c\",instance=~\"$instance\"}[$__rate_interval]) > 0.5",
        "histogram_quantile(0.99, sum by (job, le) (rate(h_bucket[5m])))",
        "a_total / ignoring (x) group_left sum without (x) (a_total) unless time() - a_total > 90 * 86400",
    ] {
        assert_eq!(unknown_names(right, &exposed), [""; 0], "{right}");
    }
    for (wrong, name) in [
        ("rate(b_total[5m])", "b_total"),
        ("a_total{y=\"1\"}", "y"),
        ("sum by (le) (a_total)", "le"),
        ("a_bucket", "a_bucket"),
        ("a_total and on (z) a_total", "z"),
    ] {
        assert_eq!(unknown_names(wrong, &exposed), [name], "{wrong}");
    }
}

/// Returns the expressions of the dashboard and of the alerts.
fn expressions() -> Vec<String> {
    let text = std::fs::read_to_string("helm/sweetspot/files/dashboard.json").unwrap();
    let dashboard: serde_json::Value = serde_json::from_str(&text).unwrap();
    let targets =
        dashboard["panels"].as_array().unwrap().iter().filter_map(|panel| panel["targets"].as_array()).flatten();
    let mut found: Vec<String> = targets.map(|target| target["expr"].as_str().unwrap().to_owned()).collect();
    assert!(found.len() >= 30, "{}", found.len());
    let alerts = std::fs::read_to_string("helm/sweetspot/files/alerts.yaml").unwrap();
    found.extend(alerts.lines().filter_map(|line| line.trim().strip_prefix("expr: ")).map(str::to_owned));
    found
}

#[tokio::test]
async fn the_dashboard_and_the_alerts_use_what_a_server_exposes() {
    let exposed = exposed_in_any_case().await;
    for expression in expressions() {
        assert_eq!(unknown_names(&expression, &exposed), [""; 0], "{expression}");
    }
}

#[test]
fn each_alert_is_complete_and_has_a_runbook() {
    let alerts = std::fs::read_to_string("helm/sweetspot/files/alerts.yaml").unwrap();
    let document = std::fs::read_to_string("docs/OPERATIONS.md").unwrap();
    let mut names = BTreeSet::new();
    for rule in alerts.split("      - alert: ").skip(1) {
        let name = rule.lines().next().unwrap();
        let runbook = format!("runbook: docs/OPERATIONS.md#{}", name.to_lowercase());
        for part in ["expr: ", "severity: ", "summary: ", "description: ", runbook.as_str()] {
            assert_eq!(rule.matches(part).count(), 1, "{name}: {part}");
        }
        names.insert(name);
    }
    assert!(names.len() >= 12, "{names:?}");
    let sections =
        document.lines().filter_map(|line| line.strip_prefix("### ")).filter(|line| line.starts_with("Sweetspot"));
    assert_eq!(sections.collect::<BTreeSet<_>>(), names);
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
