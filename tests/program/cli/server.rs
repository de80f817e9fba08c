//! The same commands on a server.

use crate::cli::support::Bench;

#[test]
fn scores_through_a_server_equal_those_of_the_store() {
    let bench = Bench::trained();
    let files = ["out.csv", "top.csv", "explained.json", "card.json"];
    let lines = |to: &str| {
        [
            format!("score prospects.csv --mapping mapping.toml -o out.csv {to}"),
            format!("score prospects.csv --mapping mapping.toml --top 40 --tier A,B,C --reasons 10 -o top.csv {to}"),
            format!("score prospects.csv --json -o explained.json {to}"),
            format!("model show --json -o card.json {to}"),
        ]
    };
    let collect = |to: &str| {
        for line in &lines(to) {
            bench.ok(line);
        }
        let shown =
            ["model show", "model list --json", "model history"].map(|line| bench.ok(&format!("{line} {to}")).stdout);
        (files.map(|file| bench.read(file)), shown)
    };
    let embedded = collect("");
    let server = bench.serve();
    assert_eq!(collect(&format!("--server {}", server.url)), embedded);
}

#[test]
fn a_model_can_be_trained_through_a_server() {
    let bench = Bench::new();
    let server = bench.serve();
    let to = format!("--server {}", server.url);
    bench.exits_with(&format!("healthcheck --ready {to}"), 1).assert_stderr("no live model");
    assert!(bench.ok(&format!("healthcheck {to}")).stdout.contains("no model is live"));
    bench.ok(&format!("import customers.csv --mapping mapping.toml {to}"));
    bench.ok(&format!("train --mapping mapping.toml --promote {to}"));
    let health = bench.ok(&format!("healthcheck --ready --json {to}")).json();
    assert_eq!((&health["alive"], &health["ready"]), (&true.into(), &true.into()));
    let remote = bench.ok(&format!("score prospects.csv --mapping mapping.toml {to}")).stdout;
    drop(server);
    assert_eq!(bench.ok("score prospects.csv --mapping mapping.toml").stdout, remote);
}

#[test]
fn a_store_serves_one_process() {
    let bench = Bench::trained();
    let server = bench.serve();
    bench.exits_with("model list", 1).assert_stderr("in use by another process").assert_stderr("--server");
    bench.exits_with("serve --listen 127.0.0.1:0", 1).assert_stderr("in use by another process");
    bench.ok(&format!("model list --server {}", server.url));
}

#[cfg(unix)]
#[test]
fn a_server_stops_on_a_signal_and_releases_the_store() {
    for signal in ["-TERM", "-INT"] {
        let bench = Bench::trained();
        assert_eq!(bench.serve().stop(signal).code, Some(0), "{signal}");
        bench.ok("model list");
    }
}

#[test]
fn an_address_in_use_is_reported() {
    let bench = Bench::new();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    bench.exits_with(&format!("serve --listen {address}"), 1).assert_stderr(&format!("cannot listen on {address}"));
}
