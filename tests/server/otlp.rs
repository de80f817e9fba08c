//! Traces and metrics that a server sends to a collector.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use rcgen::generate_simple_self_signed;
use sweetspot::config::Settings;
use sweetspot_proto::v1;
use tokio::net::TcpListener;
use tonic::transport::Identity;
use tonic::{Code, Request};

use crate::support::admin::{admin_settings, get};
use crate::support::collector::{TestCollector, texts};
use crate::support::data;
use crate::support::server::TestServer;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

fn settings_for(endpoint: &str) -> Settings {
    let mut settings = Settings::default();
    settings.otlp.endpoint = Some(endpoint.parse().unwrap());
    settings.otlp.metrics_interval = Duration::from_secs(3600);
    settings
}

/// Scores an account, with this `traceparent` unless it is empty.
async fn score(server: &TestServer, traceparent: &str) -> Result<(), Code> {
    let rows = v1::AccountRows { rows: vec![data::account(1)] };
    let accounts = Some(v1::score_accounts_request::Accounts::Rows(rows));
    let mut request = Request::new(v1::ScoreAccountsRequest { config: None, accounts });
    request.metadata_mut().insert("x-request-id", "the-request".parse().unwrap());
    if !traceparent.is_empty() {
        request.metadata_mut().insert("traceparent", traceparent.parse().unwrap());
    }
    server.scoring().score_accounts(request).await.map(|_| ()).map_err(|status| status.code())
}

fn traceparent(flags: &str) -> String {
    format!("00-{TRACE}-{PARENT}-{flags}")
}

fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from_digit(u32::from(digit), 16).unwrap()).collect()
}

#[tokio::test]
async fn a_call_whose_caller_traces_it_has_a_span_below_that_of_the_caller() {
    let collector = TestCollector::start().await;
    let mut settings = settings_for(&format!("http://{}", collector.address));
    settings.otlp.service_name = "scores".to_owned();
    let server = TestServer::trained_with(&settings).await;
    for flags in ["01", "00"] {
        score(&server, &traceparent(flags)).await.unwrap();
    }
    score(&server, "").await.unwrap();
    let mut missing = Request::new(v1::GetModelRequest { name: "workspaces/default/models/none".to_owned() });
    missing.metadata_mut().insert("traceparent", traceparent("03").parse().unwrap());
    server.model().get_model(missing).await.unwrap_err();
    collector.received.wait_for_spans(2).await;
    server.stop().await;
    let mut spans = collector.received.spans();
    spans.sort_by_key(|span| span.start_time_unix_nano);
    let names: Vec<&str> = spans.iter().map(|span| span.name.as_str()).collect();
    assert_eq!(names, ["sweetspot.v1.ScoringService/ScoreAccounts", "sweetspot.v1.ModelService/GetModel"]);
    let [scored, missing] = &spans[..] else { panic!("{spans:?}") };
    for span in [scored, missing] {
        assert_eq!((hex(&span.trace_id).as_str(), hex(&span.parent_span_id).as_str()), (TRACE, PARENT));
        assert_eq!((span.kind, span.span_id.len()), (SpanKind::Server.into(), 8));
        assert_eq!(span.status.as_ref().unwrap().code, i32::from(StatusCode::Unset));
        assert!(span.end_time_unix_nano > span.start_time_unix_nano);
    }
    assert_ne!(scored.span_id, missing.span_id);
    let expected = [
        "rpc.system=grpc",
        "rpc.service=sweetspot.v1.ScoringService",
        "rpc.method=ScoreAccounts",
        "rpc.grpc.status_code=0",
        "request.id=the-request",
    ];
    assert_eq!(texts(&scored.attributes), expected);
    assert!(texts(&missing.attributes).contains(&"rpc.grpc.status_code=5".to_owned()));
    let message = collector.received.traces.lock().unwrap()[0].clone();
    let resource = texts(&message.resource_spans[0].resource.as_ref().unwrap().attributes);
    assert_eq!(
        resource[..2],
        ["service.name=scores".to_owned(), format!("service.version={}", env!("CARGO_PKG_VERSION"))]
    );
}

#[tokio::test]
async fn calls_without_a_trace_are_sampled_and_probes_are_not_traced() {
    let collector = TestCollector::start().await;
    let mut settings = settings_for(&format!("http://{}", collector.address));
    settings.otlp.trace_sample = Some(2);
    let server = TestServer::trained_with(&settings).await;
    for _ in 0..4 {
        score(&server, "").await.unwrap();
    }
    let mut health = tonic_health::pb::health_client::HealthClient::new(server.channel.clone());
    for _ in 0..2 {
        health.check(tonic_health::pb::HealthCheckRequest::default()).await.unwrap();
    }
    collector.received.wait_for_spans(2).await;
    server.stop().await;
    let spans = collector.received.spans();
    assert_eq!(spans.len(), 2);
    assert!(spans.iter().all(|span| span.parent_span_id.is_empty() && span.trace_id.len() == 16));
    assert_ne!(spans[0].trace_id, spans[1].trace_id);
}

#[tokio::test]
async fn a_training_run_has_a_trace_with_its_stages() {
    let collector = TestCollector::start().await;
    let server = TestServer::trained_with(&settings_for(&format!("http://{}", collector.address))).await;
    server.import().await;
    let run = server.train("workspaces/default/models/other").await;
    server.wait(&run).await;
    collector.received.wait_for_spans(8).await;
    server.stop().await;
    let (whole, stages): (Vec<Span>, Vec<Span>) =
        collector.received.spans().into_iter().partition(|span| span.parent_span_id.is_empty());
    let [whole] = &whole[..] else { panic!("{whole:?}") };
    assert_eq!(
        (whole.name.as_str(), &texts(&whole.attributes)[..]),
        ("training run", &["training.result=succeeded".to_owned()][..])
    );
    let names: Vec<&str> = stages.iter().map(|span| span.name.as_str()).collect();
    assert_eq!(names, ["reading the data", "label", "encode", "fit", "evaluate", "assemble", "publishing"]);
    assert!(stages.iter().all(|stage| stage.parent_span_id == whole.span_id && stage.trace_id == whole.trace_id));
    assert!(stages.windows(2).all(|pair| pair[0].end_time_unix_nano <= pair[1].start_time_unix_nano + 1));
}

/// Returns the lines of a page that stay the same while nothing happens.
fn stable_lines(page: &str) -> BTreeMap<String, f64> {
    let is_stable = |line: &&str| {
        ["grpc_", "sweetspot_scores", "sweetspot_import", "sweetspot_train", "sweetspot_live", "sweetspot_build"]
            .iter()
            .any(|start| line.starts_with(start))
    };
    let value = |line: &str| {
        let (name, value) = line.rsplit_once(' ').unwrap();
        (name.to_owned(), value.parse().unwrap())
    };
    page.lines().filter(is_stable).map(value).collect()
}

/// Writes metrics as a page.
fn page_of(collector: &TestCollector) -> String {
    let mut lines = Vec::new();
    for metric in collector.received.last_metrics() {
        let mut line = |suffix: &str, labels: &[String], value: f64| {
            let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
            lines.push(format!("{}{suffix}{labels} {value}", metric.name));
        };
        let quoted = |attributes: &[KeyValue]| {
            let texts = texts(attributes).into_iter();
            texts.map(|text| text.replacen('=', "=\"", 1) + "\"").collect::<Vec<String>>()
        };
        let points = match metric.data.unwrap() {
            Data::Gauge(gauge) => gauge.data_points,
            Data::Sum(sum) => sum.data_points,
            Data::Histogram(histogram) => {
                for point in histogram.data_points {
                    let labels = quoted(&point.attributes);
                    let bounds = point.explicit_bounds.iter().map(f64::to_string).chain(["+Inf".to_owned()]);
                    let mut below = 0;
                    for (bound, count) in bounds.zip(&point.bucket_counts) {
                        below += count;
                        line("_bucket", &[&labels[..], &[format!("le=\"{bound}\"")]].concat(), below as f64);
                    }
                    line("_sum", &labels, point.sum.unwrap());
                    line("_count", &labels, point.count as f64);
                }
                continue;
            }
            other @ (Data::ExponentialHistogram(_) | Data::Summary(_)) => panic!("{other:?}"),
        };
        for point in points {
            let Some(Value::AsDouble(value)) = point.value else { panic!("{point:?}") };
            line("", &quoted(&point.attributes), value);
        }
    }
    lines.join("\n")
}

#[tokio::test]
async fn the_metrics_that_arrive_are_those_of_the_page() {
    let collector = TestCollector::start().await;
    let (mut settings, admin) = admin_settings().await;
    settings.otlp = settings_for(&format!("http://{}", collector.address)).otlp;
    let server = TestServer::trained_with(&settings).await;
    server.import().await;
    let run = server.train("workspaces/default/models/other").await;
    server.wait(&run).await;
    score(&server, "").await.unwrap();
    let (_, page) = get(admin, "/metrics").await;
    server.stop().await;
    let sent = page_of(&collector);
    assert!(stable_lines(&page).len() > 60, "{page}");
    assert_eq!(stable_lines(&sent), stable_lines(&page));
    let names = |page: &str| {
        let lines = page.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
        lines.map(|line| line.rsplit_once(' ').unwrap().0.to_owned()).collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(names(&sent), names(&page));
}

/// Reads the metrics until one has this value, which it gets soon.
async fn wait_for_metric(admin: std::net::SocketAddr, line: &str) {
    let found = async { while !get(admin, "/metrics").await.1.lines().any(|found| found == line) {} };
    tokio::time::timeout(Duration::from_secs(60), found).await.unwrap_or_else(|_| panic!("{line} does not appear"));
}

#[tokio::test]
async fn without_a_collector_calls_succeed_and_what_is_lost_is_counted() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let (mut settings, admin) = admin_settings().await;
    settings.otlp = settings_for(&format!("http://{closed}")).otlp;
    let server = TestServer::trained_with(&settings).await;
    for _ in 0..3 {
        score(&server, &traceparent("01")).await.unwrap();
    }
    wait_for_metric(admin, "sweetspot_otlp_dropped_total{signal=\"traces\"} 3").await;
    score(&server, &traceparent("01")).await.unwrap();
    server.stop().await;
}

#[tokio::test]
async fn spans_that_the_collector_rejects_are_counted() {
    let collector = TestCollector::rejecting(1).await;
    let (mut settings, admin) = admin_settings().await;
    settings.otlp = settings_for(&format!("http://{}", collector.address)).otlp;
    let server = TestServer::trained_with(&settings).await;
    score(&server, &traceparent("01")).await.unwrap();
    wait_for_metric(admin, "sweetspot_otlp_dropped_total{signal=\"traces\"} 1").await;
    server.stop().await;
}

#[tokio::test]
async fn a_collector_that_never_answers_delays_neither_calls_nor_the_shutdown_for_long() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let settings = settings_for(&format!("http://{}", silent.local_addr().unwrap()));
    let server = TestServer::trained_with(&settings).await;
    score(&server, &traceparent("01")).await.unwrap();
    let stopped = Instant::now();
    server.stop().await;
    // The timeout of one message alone is ten seconds.
    assert!(stopped.elapsed() < Duration::from_secs(8), "{:?}", stopped.elapsed());
}

#[tokio::test]
async fn headers_are_sent_over_an_encrypted_connection() {
    let pair = generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let identity = Identity::from_pem(pair.cert.pem(), pair.signing_key.serialize_pem());
    let collector = TestCollector::encrypted(identity).await;
    let folder = tempfile::tempdir().unwrap();
    let (ca, headers) = (folder.path().join("ca.pem"), folder.path().join("headers"));
    std::fs::write(&ca, pair.cert.pem()).unwrap();
    std::fs::write(&headers, "authorization: Bearer one\n").unwrap();
    let mut settings = settings_for(&format!("https://localhost:{}", collector.address.port()));
    (settings.otlp.ca_file, settings.otlp.headers_file) = (Some(ca), Some(headers.clone()));
    let server = TestServer::trained_with(&settings).await;
    // The file is read for each message.
    std::fs::write(&headers, "authorization: Bearer two\n").unwrap();
    score(&server, &traceparent("01")).await.unwrap();
    assert_eq!(collector.received.wait_for_spans(1).await.len(), 1);
    server.stop().await;
    // For the span, and for the last metrics.
    assert_eq!(collector.received.credentials.lock().unwrap().clone(), ["Bearer two", "Bearer two"]);
}
