//! The responses in the documentation are those of the model of `sweetspot demo`.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;

use serde_json::Value;

use crate::process::support::Bench;
use crate::process::support::server::Server;

const SCORE_PATH: &str = "/v1/workspaces/default/models/default/versions/live:score";

/// A request in a document, and the response that the document shows.
struct Example {
    path: String,
    body: String,
    response: Value,
}

/// The requests with a body that are followed by a response in JSON.
fn examples(document: &str) -> Vec<Example> {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(document)).unwrap();
    // Every second part is within a fence.
    let blocks: Vec<&str> = text.split("```").skip(1).step_by(2).collect();
    let pairs =
        blocks.windows(2).filter_map(|pair| Some((pair[0].strip_prefix("sh\n")?, pair[1].strip_prefix("json\n")?)));
    let with_body = pairs.filter_map(|(command, response)| {
        let (_, body) = command.split_once("-d '").or_else(|| command.split_once("<<'JSON'\n"))?;
        let body = body.split('\'').next()?.split("\nJSON").next()?.to_owned();
        let path = match command.split_once("127.0.0.1:8080") {
            Some((_, path)) => path.split(['\'', ' ']).next()?.to_owned(),
            None => command.contains("ScoringService/ScoreAccounts").then(|| SCORE_PATH.to_owned())?,
        };
        Some(Example { path, body, response: serde_json::from_str(response).unwrap() })
    });
    with_body.collect()
}

/// The prospects in the output of the demo that README.md shows.
fn shown_prospects() -> String {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    text.split_once("```text\n").unwrap().1.split_once("\n …").unwrap().0.to_owned()
}

fn post(address: &str, Example { path, body, .. }: &Example) -> Value {
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
    );
    stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    serde_json::from_str(response.split_once("\r\n\r\n").unwrap().1).unwrap()
}

/// Rounds a number to the decimals that the other one has.
fn rounded_like(number: f64, other: f64) -> f64 {
    let decimals = other.to_string().split_once('.').map_or(0, |(_, decimals)| decimals.len());
    format!("{number:.decimals$}").parse().unwrap()
}

/// Checks that a response has everything that a document shows. The document may leave members out, and round numbers.
fn assert_contains(found: &Value, shown: &Value, place: &str) {
    match (found, shown) {
        (Value::Object(found), Value::Object(shown)) => {
            for (name, shown) in shown {
                assert_contains(found.get(name).unwrap_or(&Value::Null), shown, &format!("{place}.{name}"));
            }
        }
        (Value::Array(found), Value::Array(shown)) => {
            assert_eq!(found.len(), shown.len(), "{place}");
            for (index, (found, shown)) in found.iter().zip(shown).enumerate() {
                assert_contains(found, shown, &format!("{place}[{index}]"));
            }
        }
        (Value::Number(found), Value::Number(shown)) => {
            let (found, shown) = (found.as_f64().unwrap(), shown.as_f64().unwrap());
            assert_eq!(rounded_like(found, shown), shown, "{place}");
        }
        _ => assert_eq!(found, shown, "{place}"),
    }
}

#[test]
fn documented_responses_are_those_of_the_demo() {
    let bench = Bench::empty();
    let demo = bench.ok("demo --store demo").stdout;
    assert!(demo.contains(&shown_prospects()), "README.md shows other prospects than\n{demo}");
    let server =
        Server::start_with(bench.command("serve --store demo --listen 127.0.0.1:0 --http 127.0.0.1:0")).unwrap();
    let address =
        server.stderr_text.split("on http://").nth(2).unwrap().split([',', '\n', ' ']).next().unwrap().to_owned();
    for (document, count) in [("README.md", 1), ("docs/API.md", 4)] {
        let examples = examples(document);
        assert_eq!(examples.len(), count, "{document}");
        for example in examples {
            let found = post(&address, &example);
            assert_contains(&found, &example.response, &format!("{document}: {} {found:#}\n", example.path));
        }
    }
}

#[test]
fn the_check_of_documented_responses_finds_differences() {
    let found = serde_json::json!({"a": [{"b": 0.123_456, "c": "x"}], "d": 3});
    let differs = |shown: Value| std::panic::catch_unwind(|| assert_contains(&found, &shown, "")).is_err();
    assert!(!differs(serde_json::json!({"a": [{"b": 0.123}], "d": 3})));
    for shown in [r#"{"a": [{"b": 0.124}]}"#, r#"{"a": []}"#, r#"{"a": [{"c": "y"}]}"#, r#"{"e": 1}"#, r#"{"d": 4}"#] {
        assert!(differs(serde_json::from_str(shown).unwrap()), "{shown}");
    }
}
