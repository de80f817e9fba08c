//! Invalid HTTP requests.

use serde_json::json;

use super::client::post_request;
use super::server::{DualServer, EXPLAIN_PATH, FIRST_VERSION_PATH, SCORE_PATH};
use crate::support::MODEL;

const JSON: &str = "content-type: application/json\r\n";

/// The parts of an error: HTTP status, code, reason and fields.
async fn error_parts(server: &DualServer, request: &str) -> (u16, String, String, Vec<String>) {
    let mut client = server.client().await;
    client.send(request.as_bytes()).await;
    let answer = client.read_response().await.unwrap();
    let (code, reason) = answer.error();
    (answer.status, code, reason, answer.fields())
}

fn expected(status: u16, code: &str, reason: &str, fields: &[&str]) -> (u16, String, String, Vec<String>) {
    let fields = fields.iter().map(|field| (*field).to_owned()).collect();
    (status, code.to_owned(), reason.to_owned(), fields)
}

#[tokio::test]
async fn a_body_that_is_not_the_message_is_refused_with_its_place() {
    let server = DualServer::trained().await;
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
        assert_eq!(error_parts(&server, &post_request(SCORE_PATH, JSON, body)).await, malformed(fields), "{body}");
    }
    let deep = format!("{}{}", "{\"rows\":".repeat(1000), "}".repeat(1000));
    assert_eq!(error_parts(&server, &post_request(SCORE_PATH, JSON, &deep)).await.2, "MALFORMED_REQUEST");
    let long = format!("{{\"{}\":1}}", "é".repeat(100_000));
    let mut client = server.client().await;
    let answer = client.post(SCORE_PATH, &long).await;
    assert_eq!(answer.error().1, "MALFORMED_REQUEST");
    assert!(answer.text.len() < 4096, "{} bytes", answer.text.len());
}

#[tokio::test]
async fn requests_of_web_pages_are_refused() {
    let server = DualServer::trained().await;
    let get = |host: &str, more: &str| format!("GET {FIRST_VERSION_PATH} HTTP/1.1\r\nhost: {host}\r\n{more}\r\n");
    let refused = |reason: &str| expected(403, "PERMISSION_DENIED", reason, &[]);
    for host in ["evil.example", "evil.example:8080", "localhost.evil.example"] {
        assert_eq!(error_parts(&server, &get(host, "")).await, refused("HOST_REFUSED"), "{host}");
    }
    for origin in ["null", "http://evil.example", "http://localhost"] {
        let more = format!("origin: {origin}\r\n");
        assert_eq!(error_parts(&server, &get("localhost", &more)).await, refused("ORIGIN_REFUSED"), "{origin}");
    }
    let post = post_request(SCORE_PATH, &format!("{JSON}origin: http://evil.example\r\n"), "{}");
    assert_eq!(error_parts(&server, &post).await, refused("ORIGIN_REFUSED"));
    for host in ["127.0.0.1", "[::1]:8080", "LOCALHOST"] {
        let mut client = server.client().await;
        client.send(get(host, "").as_bytes()).await;
        assert_eq!(client.read_response().await.unwrap().status, 200, "{host}");
    }
}

#[tokio::test]
async fn http_refuses_what_the_services_refuse_with_the_same_reason() {
    let server = DualServer::trained().await;
    let row = |value| json!({ "rows": { "rows": [{ "accountId": "a", "attributes": { "x": value } }] } }).to_string();
    let elsewhere = SCORE_PATH.replace("models/default", "models/other");
    for (request, expected) in [
        (post_request(SCORE_PATH, JSON, "{}"), expected(400, "INVALID_ARGUMENT", "EMPTY_REQUEST", &["accounts"])),
        (
            post_request(SCORE_PATH, JSON, &row(json!({ "number": "Infinity" }))),
            expected(400, "INVALID_ARGUMENT", "NON_FINITE_NUMBER", &["rows[0].attributes[\"x\"]"]),
        ),
        (
            post_request(&elsewhere, JSON, &row(json!({ "flag": true }))),
            expected(400, "FAILED_PRECONDITION", "NO_LIVE_VERSION", &[]),
        ),
        (
            post_request(&SCORE_PATH.replace("live", "77"), JSON, &row(json!({ "flag": true }))),
            expected(404, "NOT_FOUND", "VERSION_NOT_FOUND", &[]),
        ),
        (
            post_request(&SCORE_PATH.replace("live", "LIVE"), JSON, &row(json!({ "flag": true }))),
            expected(400, "INVALID_ARGUMENT", "INVALID_NAME", &["config.version"]),
        ),
        (post_request(EXPLAIN_PATH, JSON, "{}"), expected(400, "INVALID_ARGUMENT", "EMPTY_REQUEST", &["accounts"])),
    ] {
        assert_eq!(error_parts(&server, &request).await, expected, "{request}");
    }
}

#[tokio::test]
async fn a_version_in_the_body_is_that_of_the_path() {
    let server = DualServer::trained().await;
    let accounts = json!([{ "accountId": "a" }]);
    let mut client = server.client().await;
    for (version, good) in [("live", true), ("1", false)] {
        let version = format!("{MODEL}/versions/{version}");
        let score = json!({ "config": { "version": version }, "rows": { "rows": accounts } }).to_string();
        let explain = json!({ "version": version, "accounts": accounts }).to_string();
        for (path, body, field) in [(SCORE_PATH, score, "config.version"), (EXPLAIN_PATH, explain, "version")] {
            if good {
                assert_eq!(client.post(path, &body).await.status, 200);
            } else {
                let told = error_parts(&server, &post_request(path, JSON, &body)).await;
                assert_eq!(told, expected(400, "INVALID_ARGUMENT", "PATH_MISMATCH", &[field]));
            }
        }
    }
}

#[tokio::test]
async fn other_paths_methods_types_and_parameters_are_refused() {
    let server = DualServer::trained().await;
    let unknown = || expected(404, "NOT_FOUND", "NOT_FOUND", &[]);
    let method = || expected(405, "UNIMPLEMENTED", "METHOD_NOT_ALLOWED", &[]);
    let media = || expected(415, "INVALID_ARGUMENT", "UNSUPPORTED_MEDIA_TYPE", &[]);
    let query = |field| expected(400, "INVALID_ARGUMENT", "MALFORMED_REQUEST", &[field]);
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n");
    for (request, expected) in [
        (get("/"), unknown()),
        (get("/v1/"), unknown()),
        (get("/v2/workspaces/default/models/default/versions/1"), unknown()),
        (get("/v1/workspaces/default/models/default/versions/"), unknown()),
        (get("/v1/workspaces//models/default/versions/1"), unknown()),
        (get("/v1/workspaces/default/models/default/versions/1/x"), unknown()),
        (post_request(&SCORE_PATH.replace(":score", ":recordOutcomes"), JSON, "{}"), unknown()),
        (post_request("/sweetspot.v1.ScoringService/ScoreAccounts", JSON, "{}"), unknown()),
        (get(SCORE_PATH), method()),
        (post_request(FIRST_VERSION_PATH, JSON, "{}"), method()),
        (format!("PUT {FIRST_VERSION_PATH} HTTP/1.1\r\nhost: localhost\r\n\r\n"), method()),
        (post_request("/healthz", JSON, "{}"), method()),
        (post_request(SCORE_PATH, "", "{}"), media()),
        (post_request(SCORE_PATH, "content-type: application/x-www-form-urlencoded\r\n", "{}"), media()),
        (post_request(SCORE_PATH, &format!("{JSON}content-encoding: gzip\r\n"), "{}"), media()),
        (get(&format!("{FIRST_VERSION_PATH}?view=full")), query("view")),
        (get(&FIRST_VERSION_PATH.replace("/1", "?page=1")), query("page")),
        (get(&FIRST_VERSION_PATH.replace("/1", "?pageSize=many")), query("pageSize")),
        (post_request(&format!("{SCORE_PATH}?alt=json"), JSON, "{}"), query("alt")),
    ] {
        assert_eq!(error_parts(&server, &request).await, expected, "{request}");
    }
    let mut client = server.client().await;
    assert_eq!(client.get(SCORE_PATH).await.headers["allow"], "POST");
    assert_eq!(client.post(FIRST_VERSION_PATH, "").await.headers["allow"], "DELETE, GET, PATCH");
    assert_eq!(client.get(&FIRST_VERSION_PATH.replace("/1", "?pageSize=-1")).await.error().1, "INVALID_PAGE_SIZE");
    assert_eq!(client.get(&FIRST_VERSION_PATH.replace("/1", "?pageToken=x")).await.error().1, "BAD_PAGE_TOKEN");
}

#[tokio::test]
async fn a_content_type_may_have_a_charset_and_a_colon_may_be_escaped() {
    let server = DualServer::trained().await;
    let body = json!({ "rows": { "rows": [{ "accountId": "a" }] } }).to_string();
    for (path, headers) in [
        (SCORE_PATH.to_owned(), "content-type: Application/JSON; charset=utf-8\r\ncontent-encoding: identity\r\n"),
        (SCORE_PATH.replace(':', "%3A"), JSON),
    ] {
        let mut client = server.client().await;
        client.send(post_request(&path, headers, &body).as_bytes()).await;
        assert_eq!(client.read_response().await.unwrap().status, 200);
    }
}
