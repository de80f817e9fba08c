//! The log of a server, as a system that collects logs reads it.

use std::collections::BTreeSet;

use serde_json::Value;
use sweetspot_proto::v1;
use tonic::Request;

use crate::process::support::data::{import, promote, score, train, wait};
use crate::process::support::server::Server;
use crate::process::support::{Bench, Run};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// Returns the lines of the log. Other lines of the process are for people.
fn log_lines(end: &Run) -> Vec<Value> {
    let lines = end.stderr.lines().filter(|line| line.starts_with('{'));
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Returns the lines at the end of calls of a method.
fn ends<'l>(lines: &'l [Value], method: &str) -> Vec<&'l Value> {
    let is_end = |line: &&Value| line["rpc.method"].as_str().is_some_and(|path| path.ends_with(method));
    lines.iter().filter(is_end).collect()
}

/// Returns the names in the first column of the table of fields in the documentation.
fn documented_fields() -> BTreeSet<String> {
    let text = std::fs::read_to_string("docs/OPERATIONS.md").unwrap();
    let table = text.split("| field | meaning |\n|---|---|\n").nth(1).unwrap().split("\n\n").next().unwrap();
    table.lines().map(|line| line.split('`').nth(1).unwrap().to_owned()).collect()
}

/// Runs a server through calls of every outcome, and returns its log.
async fn log_of_a_server(settings: &str) -> Vec<Value> {
    let bench = Bench::empty();
    bench.write("sweetspot.toml", &format!("log.format = \"json\"\n{settings}"));
    let server = Server::start_with(bench.command("serve --listen 127.0.0.1:0")).unwrap();
    let to = server.clients().await;
    let mut first = Request::new(tokio_stream::iter([import(1)]));
    let trace = format!("00-{TRACE}-00f067aa0ba902b7-01");
    first.metadata_mut().insert("traceparent", trace.parse().unwrap());
    first.metadata_mut().insert("x-request-id", "the-import".parse().unwrap());
    to.datasets.clone().import_accounts(first).await.unwrap();
    let run = train(&to).await.unwrap();
    let version = wait(&to, &run.name).await.unwrap().model_version;
    promote(&to, &version).await.unwrap();
    for _ in 0..4 {
        score(&to, "").await.unwrap();
    }
    for _ in 0..3 {
        let unknown = v1::GetModelVersionRequest { name: version.replace("/1", "/9") };
        to.models.clone().get_model_version(unknown).await.unwrap_err();
    }
    log_lines(&server.stop("-TERM"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_lines_of_calls_have_the_documented_fields() {
    let lines = log_of_a_server("").await;
    let ends: Vec<&Value> = ends(&lines, "");
    let found: BTreeSet<String> = ends.iter().flat_map(|line| line.as_object().unwrap().keys().cloned()).collect();
    let documented = documented_fields();
    let undocumented: Vec<_> = found.difference(&documented).collect();
    assert!(undocumented.is_empty(), "{undocumented:?}");
    // A line within a call names the call in its field `span`; the count follows in a test of its own.
    let missing: Vec<_> =
        documented.difference(&found).filter(|name| !["span", "suppressed"].contains(&name.as_str())).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_change_is_one_line_with_what_who_and_how() {
    let lines = log_of_a_server("").await;
    for (method, resource) in [
        ("DatasetService/ImportAccounts", "workspaces/default/datasets/default"),
        ("ModelService/TrainModel", "workspaces/default/models/default"),
        ("ModelService/PromoteModelVersion", "workspaces/default/models/default/versions/1"),
    ] {
        let ends = ends(&lines, method);
        assert_eq!(ends.len(), 1, "{method}: {ends:?}");
        let line = ends[0];
        assert_eq!(
            (&line["level"], &line["message"], &line["resource"], &line["code"], &line["caller"]),
            (&"INFO".into(), &"answered".into(), &resource.into(), &"OK".into(), &"anonymous".into())
        );
        assert!(line["latency_ms"].as_f64().unwrap() > 0.0, "{line}");
    }
    let import = ends(&lines, "ImportAccounts")[0];
    assert_eq!((&import["request.id"], &import["trace_id"]), (&"the-import".into(), &TRACE.into()));
    let promotion = lines.iter().find(|line| line["message"] == "version promoted").unwrap();
    assert_eq!(promotion["span"]["rpc.method"], "/sweetspot.v1.ModelService/PromoteModelVersion");
    // Reads are not logged, and of the refusals of one kind only the first.
    assert!(ends(&lines, "ScoreAccounts").is_empty());
    let refused = ends(&lines, "GetModelVersion");
    assert_eq!(refused.iter().map(|line| line["code"].as_str().unwrap()).collect::<Vec<_>>(), ["NotFound"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sample_of_calls_is_logged_if_that_is_set() {
    let all = ends(&log_of_a_server("log.access_sample = 1\n").await, "ScoreAccounts").len();
    assert_eq!(all, 4);
    // All calls that are not logged anyway count: two before the scores.
    let third = ends(&log_of_a_server("log.access_sample = 3\n").await, "ScoreAccounts").len();
    assert!((1..=2).contains(&third), "{third}");
}
