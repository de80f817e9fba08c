//! The exit code of every way to end.

use std::io::Read as _;
use std::net::TcpListener;
use std::process::Stdio;

use crate::cli::support::Bench;

#[test]
fn usage_errors_exit_with_2() {
    let bench = Bench::new();
    for line in [
        "",
        "scores prospects.csv",
        "score",
        "score prospects.csv --top 0",
        "score prospects.csv --tier E",
        "score prospects.csv --min-probability 2",
        "train customers.csv",
        "train --mapping mapping.toml --share 1.5",
        "train --promote --override signal",
        "train --override signal --reason because",
        "model list --workspace UPPER",
        "model list --server http://127.0.0.1:1 --store here",
        "model list --server ftp://example.test",
        "serve --listen 0.0.0.0:0",
        "serve --server http://127.0.0.1:1",
        "demo --server http://127.0.0.1:1",
        "model list --config missing.toml",
    ] {
        let run = bench.exits_with(line, 2);
        assert!(run.stdout.is_empty() && !run.stderr.is_empty(), "{line}: {}", run.stdout);
    }
    bench.ok("train customers.csv --mapping mapping.toml");
    bench.exits_with("model show newest", 2).assert_stderr("is not a version");
}

#[test]
fn failures_exit_with_1() {
    let bench = Bench::new();
    bench.exits_with("score prospects.csv --store nowhere", 1).assert_stderr("there is no store at nowhere");
    assert!(!bench.path("nowhere").exists());
    bench.ok("train customers.csv --mapping mapping.toml --promote");
    bench
        .exits_with("score prospects.csv --mapping mapping.toml -o no/such/folder.csv", 1)
        .assert_stderr("cannot write");
}

#[test]
fn rejected_data_exits_with_3() {
    let bench = Bench::new();
    bench.exits_with("data check missing.csv", 3).assert_stderr("missing.csv");
    bench.exits_with("import missing.csv --mapping mapping.toml", 3);
    bench.exits_with("import customers.csv --mapping missing.toml", 3).assert_stderr("missing.toml");
}

#[test]
fn a_failed_promotion_check_exits_with_4_and_the_version_stays_a_candidate() {
    let bench = Bench::new();
    bench.write("mapping.toml", NOISE_MAPPING);
    bench.write("noise.csv", &noise_csv());
    let run = bench.exits_with("train noise.csv --mapping mapping.toml --promote", 4);
    run.assert_stderr("PROMOTION_CHECK_FAILED");
    assert!(run.stdout.contains("versions/1"), "{}", run.stdout);
    let versions = bench.ok("model list --json").json();
    assert_eq!(versions[0]["aliases"], serde_json::json!(["candidate"]));
    bench.exits_with("model promote 1", 4);
    bench.exits_with("model promote 1 --override signal", 2);
    let reason = "--override signal --reason practice";
    bench.ok(&format!("model promote 1 {reason}"));
    let history = bench.ok("model history --json").json();
    assert_eq!(history[0]["reason"], "practice");
}

/// Customers from whom nothing can be learned.
fn noise_csv() -> String {
    let row = |i: u32| format!("c{i},{},{}\n", ["a", "b"][(i % 2) as usize], ["won", "lost"][(i / 2 % 2) as usize]);
    std::iter::once("id,city,status\n".to_owned()).chain((0..200).map(row)).collect()
}

const NOISE_MAPPING: &str = r#"
id = "id"
attributes = ["city"]
[outcome]
status = { column = "status", won = ["won"], lost = ["lost"] }
[label]
policy = "won"
"#;

#[test]
fn an_unreachable_server_exits_with_5() {
    let bench = Bench::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    for line in ["model list", "healthcheck", "score prospects.csv", "train"] {
        bench.exits_with(&format!("{line} --server {url}"), 5).assert_stderr(&url);
    }
}

#[test]
fn a_server_error_exits_with_64_plus_its_code() {
    let bench = Bench::trained();
    bench.exits_with("model show 9", 64 + 5).assert_stderr("[VERSION_NOT_FOUND]");
    bench.exits_with("model show --model other", 64 + 5).assert_stderr("[MODEL_NOT_FOUND]");
    bench.exits_with("train --dataset other", 64 + 5).assert_stderr("[DATASET_NOT_FOUND]");
    bench.exits_with("model rollback", 64 + 9).assert_stderr("[NOTHING_TO_ROLL_BACK]");
}

#[test]
fn a_closed_output_pipe_is_no_failure() {
    let bench = Bench::trained();
    let line = "score prospects.csv --mapping mapping.toml --reasons 20 --quiet";
    let mut child = bench.command(line).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = [0; 10];
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut first).unwrap();
    drop(stdout);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stderr.is_empty());
}
