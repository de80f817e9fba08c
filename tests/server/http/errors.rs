//! Every way in which a request can be wrong.

use serde_json::json;

use super::client::post;
use super::server::{Both, EXPLAIN, FIRST, SCORE};
use crate::support::MODEL;

const JSON: &str = "content-type: application/json\r\n";

/// What is told: HTTP status, code, reason, fields.
async fn told(server: &Both, request: &str) -> (u16, String, String, Vec<String>) {
    let mut client = server.client().await;
    client.send(request.as_bytes()).await;
    let answer = client.answer().await.unwrap();
    let (code, reason) = answer.error();
    (answer.status, code, reason, answer.fields())
}

fn expected(status: u16, code: &str, reason: &str, fields: &[&str]) -> (u16, String, String, Vec<String>) {
    let fields = fields.iter().map(|field| (*field).to_owned()).collect();
    (status, code.to_owned(), reason.to_owned(), fields)
}

#[tokio::test]
async fn a_body_that_is_not_the_message_is_refused_with_its_place() {
    let server = Both::trained().await;
    let malformed = |fields: &[&str]| expected(400, "INVALID_ARGUMENT", "MALFORMED_REQUEST", fields);
    for (body, fields) in [
        ("", &[][..]),
        ("null", &[]),
        ("[]", &[]),
        ("{", &[]),
        ("{} {}", &[]),
        ("{\"rows\":{\"rows\":[{\"acount_id\":\"a\"}]}}", &["rows.rows[0].acount_id"]),
        (
            "{\"rows\":{\"rows\":[{},{\"attributes\":{\"x\":{\"number\":\"ten\"}}}]}}",
            &["rows.rows[1].attributes.x.number"],
        ),
        ("{\"rows\":{\"rows\":[{\"attributes\":{\"x\":{\"numbr\":1}}}]}}", &["rows.rows[0].attributes.x.numbr"]),
        ("{\"config\":{\"view\":\"EVERYTHING\"}}", &["config.view"]),
        ("{\"config\":{\"topK\":-1}}", &["config.topK"]),
        ("{\"config\":{},\"config\":{}}", &[]),
        ("{\"rows\":{},\"table\":{}}", &[]),
        ("{\"table\":{\"columns\":[{\"validity\":\"?\"}]}}", &["table.columns[0].validity"]),
    ] {
        assert_eq!(told(&server, &post(SCORE, JSON, body)).await, malformed(fields), "{body}");
    }
    let deep = format!("{}{}", "{\"rows\":".repeat(1000), "}".repeat(1000));
    assert_eq!(told(&server, &post(SCORE, JSON, &deep)).await.2, "MALFORMED_REQUEST");
    let long = format!("{{\"{}\":1}}", "é".repeat(100_000));
    let mut client = server.client().await;
    let answer = client.post(SCORE, &long).await;
    assert_eq!(answer.error().1, "MALFORMED_REQUEST");
    assert!(answer.text.len() < 4096, "{} bytes", answer.text.len());
}

#[tokio::test]
async fn what_the_services_refuse_is_refused_alike() {
    let server = Both::trained().await;
    let row = |value| json!({ "rows": { "rows": [{ "accountId": "a", "attributes": { "x": value } }] } }).to_string();
    let elsewhere = SCORE.replace("models/default", "models/other");
    for (request, expected) in [
        (post(SCORE, JSON, "{}"), expected(400, "INVALID_ARGUMENT", "EMPTY_REQUEST", &["accounts"])),
        (
            post(SCORE, JSON, &row(json!({ "number": "Infinity" }))),
            expected(400, "INVALID_ARGUMENT", "NON_FINITE_NUMBER", &["rows[0].attributes[\"x\"]"]),
        ),
        (
            post(&elsewhere, JSON, &row(json!({ "flag": true }))),
            expected(400, "FAILED_PRECONDITION", "NO_LIVE_VERSION", &[]),
        ),
        (
            post(&SCORE.replace("live", "77"), JSON, &row(json!({ "flag": true }))),
            expected(404, "NOT_FOUND", "VERSION_NOT_FOUND", &[]),
        ),
        (
            post(&SCORE.replace("live", "LIVE"), JSON, &row(json!({ "flag": true }))),
            expected(400, "INVALID_ARGUMENT", "INVALID_NAME", &["config.version"]),
        ),
        (post(EXPLAIN, JSON, "{}"), expected(400, "INVALID_ARGUMENT", "EMPTY_REQUEST", &["accounts"])),
    ] {
        assert_eq!(told(&server, &request).await, expected, "{request}");
    }
}

#[tokio::test]
async fn a_version_in_the_body_is_that_of_the_path() {
    let server = Both::trained().await;
    let accounts = json!([{ "accountId": "a" }]);
    let mut client = server.client().await;
    for (version, good) in [("live", true), ("1", false)] {
        let version = format!("{MODEL}/versions/{version}");
        let score = json!({ "config": { "version": version }, "rows": { "rows": accounts } }).to_string();
        let explain = json!({ "version": version, "accounts": accounts }).to_string();
        for (path, body, field) in [(SCORE, score, "config.version"), (EXPLAIN, explain, "version")] {
            if good {
                assert_eq!(client.post(path, &body).await.status, 200);
            } else {
                let told = told(&server, &post(path, JSON, &body)).await;
                assert_eq!(told, expected(400, "INVALID_ARGUMENT", "VERSION_MISMATCH", &[field]));
            }
        }
    }
}

#[tokio::test]
async fn other_paths_methods_types_and_parameters_are_refused() {
    let server = Both::trained().await;
    let unknown = || expected(404, "NOT_FOUND", "NOT_FOUND", &[]);
    let method = || expected(405, "UNIMPLEMENTED", "METHOD_NOT_ALLOWED", &[]);
    let media = || expected(415, "INVALID_ARGUMENT", "UNSUPPORTED_MEDIA_TYPE", &[]);
    let query = |field| expected(400, "INVALID_ARGUMENT", "MALFORMED_REQUEST", &[field]);
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n");
    for (request, expected) in [
        (get("/"), unknown()),
        (get("/v1/"), unknown()),
        (get("/v2/workspaces/default/models/default/versions/1"), unknown()),
        (get("/v1/workspaces/default/models/default/versions/"), unknown()),
        (get("/v1/workspaces//models/default/versions/1"), unknown()),
        (get("/v1/workspaces/default/models/default/versions/1/x"), unknown()),
        (post(&SCORE.replace(":score", ":recordOutcomes"), JSON, "{}"), unknown()),
        (post("/sweetspot.v1.ScoringService/ScoreAccounts", JSON, "{}"), unknown()),
        (get(SCORE), method()),
        (post(FIRST, JSON, "{}"), method()),
        (format!("DELETE {FIRST} HTTP/1.1\r\nhost: x\r\n\r\n"), method()),
        (post("/healthz", JSON, "{}"), method()),
        (post(SCORE, "", "{}"), media()),
        (post(SCORE, "content-type: application/x-www-form-urlencoded\r\n", "{}"), media()),
        (post(SCORE, &format!("{JSON}content-encoding: gzip\r\n"), "{}"), media()),
        (get(&format!("{FIRST}?view=full")), query("view")),
        (get(&FIRST.replace("/1", "?page=1")), query("page")),
        (get(&FIRST.replace("/1", "?pageSize=many")), query("pageSize")),
        (post(&format!("{SCORE}?alt=json"), JSON, "{}"), query("alt")),
    ] {
        assert_eq!(told(&server, &request).await, expected, "{request}");
    }
    let mut client = server.client().await;
    assert_eq!(client.get(SCORE).await.headers["allow"], "POST");
    assert_eq!(client.post(FIRST, "").await.headers["allow"], "GET");
    assert_eq!(client.get(&FIRST.replace("/1", "?pageSize=-1")).await.error().1, "INVALID_PAGE_SIZE");
    assert_eq!(client.get(&FIRST.replace("/1", "?pageToken=x")).await.error().1, "BAD_PAGE_TOKEN");
}

#[tokio::test]
async fn a_type_may_name_its_letters_and_a_colon_may_be_written_out() {
    let server = Both::trained().await;
    let body = json!({ "rows": { "rows": [{ "accountId": "a" }] } }).to_string();
    for (path, headers) in [
        (SCORE.to_owned(), "content-type: Application/JSON; charset=utf-8\r\ncontent-encoding: identity\r\n"),
        (SCORE.replace(':', "%3A"), JSON),
    ] {
        let mut client = server.client().await;
        client.send(post(&path, headers, &body).as_bytes()).await;
        assert_eq!(client.answer().await.unwrap().status, 200);
    }
}
