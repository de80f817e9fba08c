//! The code a script sees, for every way to end.

use std::io::Read as _;
use std::net::TcpListener;
use std::process::Stdio;

use crate::cli::support::Bench;

#[test]
fn usage_is_2() {
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
        "model list --server https://example.test",
        "serve --listen 0.0.0.0:0",
        "serve --server http://127.0.0.1:1",
        "demo --server http://127.0.0.1:1",
        "model list --config missing.toml",
    ] {
        let run = bench.ends(line, 2);
        assert!(run.stdout.is_empty() && !run.stderr.is_empty(), "{line}: {}", run.stdout);
    }
    bench.ok("train customers.csv --mapping mapping.toml");
    bench.ends("model show newest", 2).says("is not a version");
}

#[test]
fn failure_is_1() {
    let bench = Bench::new();
    bench.ends("score prospects.csv --store nowhere", 1).says("there is no store at nowhere");
    assert!(!bench.path("nowhere").exists());
    bench.ok("train customers.csv --mapping mapping.toml --promote");
    bench.ends("score prospects.csv --mapping mapping.toml -o no/such/folder.csv", 1).says("cannot write");
}

#[test]
fn rejected_data_is_3() {
    let bench = Bench::new();
    bench.ends("data check missing.csv", 3).says("missing.csv");
    bench.ends("import missing.csv --mapping mapping.toml", 3);
    bench.ends("import customers.csv --mapping missing.toml", 3).says("missing.toml");
}

#[test]
fn a_failed_promotion_check_is_4_and_the_version_stays_a_candidate() {
    let bench = Bench::new();
    bench.write("mapping.toml", NOISE_MAPPING);
    bench.write("noise.csv", &noise());
    let run = bench.ends("train noise.csv --mapping mapping.toml --promote", 4);
    run.says("PROMOTION_CHECK_FAILED");
    assert!(run.stdout.contains("versions/1"), "{}", run.stdout);
    let versions = bench.ok("model list --json").json();
    assert_eq!(versions[0]["aliases"], serde_json::json!(["candidate"]));
    bench.ends("model promote 1", 4);
    bench.ends("model promote 1 --override signal", 2);
    let reason = "--override signal --reason practice";
    bench.ok(&format!("model promote 1 {reason}"));
    let history = bench.ok("model history --json").json();
    assert_eq!(history[0]["reason"], "practice");
}

/// Customers of which nothing can be learned.
fn noise() -> String {
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
fn nobody_there_is_5() {
    let bench = Bench::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    for line in ["model list", "healthcheck", "score prospects.csv", "train"] {
        bench.ends(&format!("{line} --server {url}"), 5).says(&url);
    }
}

#[test]
fn a_refusal_is_64_and_the_code() {
    let bench = Bench::trained();
    bench.ends("model show 9", 64 + 5).says("[VERSION_NOT_FOUND]");
    bench.ends("model show --model other", 64 + 5).says("[MODEL_NOT_FOUND]");
    bench.ends("train --dataset other", 64 + 5).says("[DATASET_NOT_FOUND]");
    bench.ends("model rollback", 64 + 9).says("[NOTHING_TO_ROLL_BACK]");
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
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
