//! Calls of every service over HTTP. That every method has a path is a test of the routes themselves.

use serde_json::{Value, json};

use super::client::HttpClient;
use super::reports::trained;

const WORKSPACE: &str = "/v1/workspaces/default";
const MODEL: &str = "/v1/workspaces/default/models/default";
const DATASET: &str = "/v1/workspaces/default/datasets/default";
const REQUEST_ID: &str = "6f1d3c52-9a0e-4c3b-8d17-2f60a1b7c9e4";

/// Reads a path that exists.
async fn get(client: &mut HttpClient, path: &str) -> Value {
    let answer = client.get(path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    answer.json()
}

/// Sends a request that succeeds.
async fn send(client: &mut HttpClient, verb: &str, path: &str, body: Value) -> Value {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let answer = client.request(verb, path, &body).await;
    assert_eq!(answer.status, 200, "{verb} {path}: {}", answer.text);
    answer.json()
}

#[tokio::test]
async fn resources_are_listed_and_read() {
    let server = trained().await;
    let client = &mut server.client().await;
    assert_eq!(get(client, "/v1/workspaces").await["workspaces"][0]["name"], "workspaces/default");
    assert_eq!(
        get(client, &format!("{WORKSPACE}/models")).await["models"][0]["name"],
        "workspaces/default/models/default"
    );
    assert_eq!(get(client, MODEL).await["model"]["name"], "workspaces/default/models/default");
    assert_eq!(get(client, &format!("{WORKSPACE}/datasets")).await["datasets"].as_array().unwrap().len(), 1);
    assert_eq!(get(client, DATASET).await["dataset"]["accounts"], "400");
    assert_eq!(get(client, &format!("{DATASET}/versions?pageSize=1")).await["versions"][0]["accounts"], "400");
    assert_eq!(get(client, &format!("{DATASET}/versions/1")).await["version"]["current"], true);
    let runs = get(client, &format!("{MODEL}/trainingRuns?filter=state%20%3D%20%22SUCCEEDED%22")).await;
    let run = format!("/v1/{}", runs["runs"][0]["name"].as_str().unwrap());
    assert_eq!(get(client, &format!("{run}:wait?timeout=0.5s")).await["run"]["state"], "STATE_SUCCEEDED");
    for part in ["icpSummary", "pondMap", "evaluationReport", "segments", "accountReview", "reviewRows?page_size=2"] {
        get(client, &format!("{MODEL}/versions/1/{part}")).await;
    }
    let export = client.get(&format!("{MODEL}/versions/1:export")).await;
    assert_eq!((export.status, export.headers["content-type"].as_str()), (200, "application/json"));
    assert!(export.json().get("content").is_none(), "the response is the content");
    assert!(get(client, "/v1/store/stats").await["stats"]["groups"].is_array());
    for path in ["promotions", "promotionSettings", "definition", "definition:diff?from=0&to=0"] {
        get(client, &format!("{MODEL}/{path}")).await;
    }
    let unknown = client.get(&format!("{DATASET}/versions/9")).await;
    assert_eq!(unknown.error().1, "DATASET_VERSION_NOT_FOUND");
    assert_eq!(client.get(&format!("{MODEL}?name=other")).await.error().1, "PATH_MISMATCH");
}

#[tokio::test]
async fn resources_are_changed_and_deleted() {
    let server = trained().await;
    let client = &mut server.client().await;
    let labels = json!({ "updateMask": "labels", "labels": { "team": "sales" } });
    send(client, "PATCH", &format!("{MODEL}/versions/1"), labels).await;
    let listed = get(client, &format!("{MODEL}/versions?filter=labels.team%3D%22sales%22")).await;
    assert_eq!(listed["versions"][0]["labels"]["team"], "sales");
    let plan = json!({ "accountIds": ["unknown-account"], "validateOnly": true });
    assert!(send(client, "POST", &format!("{WORKSPACE}:eraseAccounts"), plan).await["accounts"].is_null());
    let garbage = json!({ "validateOnly": true, "minAge": "0s" });
    assert!(send(client, "POST", "/v1/store:collectGarbage", garbage).await["named"].is_object());
    let train = json!({ "config": { "seed": "7" }, "validateOnly": true });
    send(client, "POST", &format!("{MODEL}:train"), train).await;
    send(client, "POST", &format!("{DATASET}/versions/1:restore"), json!({ "requestId": REQUEST_ID })).await;
    let in_use = client.request("DELETE", &format!("{DATASET}/versions/1"), "").await;
    assert_eq!(in_use.error().1, "DATASET_VERSION_IN_USE");
    let etag = get(client, MODEL).await["model"]["etag"].as_str().unwrap().to_owned();
    let path = format!("{MODEL}?force=true&etag={etag}&requestId={REQUEST_ID}&reason=a+test");
    for _ in 0..2 {
        send(client, "DELETE", &path, Value::Null).await;
    }
    assert_eq!(client.get(MODEL).await.error().1, "MODEL_NOT_FOUND");
    send(client, "DELETE", &format!("{DATASET}?force=true"), Value::Null).await;
    assert_eq!(client.get(DATASET).await.error().1, "DATASET_NOT_FOUND");
}

#[tokio::test]
async fn a_definition_is_written_and_approved() {
    let server = trained().await;
    let client = &mut server.client().await;
    let findings = format!("{MODEL}/definition/findings");
    send(client, "POST", &findings, json!({ "finding": { "id": "a/b:c", "text": "They need it." } })).await;
    let one = format!("{findings}/a%2Fb%3Ac");
    let other = client.request("PATCH", &one, &json!({ "finding": { "id": "d", "text": "x" } }).to_string()).await;
    assert_eq!((other.error().1, other.fields()), ("PATH_MISMATCH".to_owned(), vec!["finding.id".to_owned()]));
    let changed = send(client, "PATCH", &one, json!({ "finding": { "text": "They do not." } })).await;
    assert_eq!(changed["finding"]["text"], "They do not.");
    assert_eq!(get(client, &findings).await["findings"][0]["id"], "a/b:c");
    let submitted = send(client, "POST", &format!("{MODEL}/definition:submit"), json!({ "author": "Ben" })).await;
    let etag = submitted["definition"]["etag"].clone();
    let approval = json!({ "approver": "Ann", "etag": etag, "modelVersion": "1" });
    send(client, "POST", &format!("{MODEL}/definition:approve"), approval).await;
    let approved = get(client, &format!("{MODEL}/definition/versions/1")).await;
    assert_eq!(approved["version"]["approver"], "Ann");
    let listed = get(client, &format!("{findings}?definitionVersion=1")).await;
    assert_eq!(listed["findings"].as_array().unwrap().len(), 1);
    let refused = client.request("DELETE", &format!("{one}?requestId={REQUEST_ID}"), "").await;
    assert_eq!(
        (refused.error().1, refused.fields()),
        ("INVALID_PERSON".into(), vec!["author".into(), "reason".into()])
    );
    send(client, "DELETE", &format!("{one}?requestId={REQUEST_ID}&author=Ann&reason=Not+so"), Value::Null).await;
    assert!(get(client, &findings).await["findings"].is_null());
    let comments = format!("{MODEL}/definition/comments");
    send(client, "POST", &comments, json!({ "comment": { "text": "Why?", "author": "Cem" } })).await;
    let listed = get(client, &comments).await;
    assert_eq!(listed["comments"][0]["text"], "Not so", "the removal is recorded");
    let name = listed["comments"][1]["name"].as_str().unwrap().to_owned();
    let resolved = send(client, "POST", &format!("/v1/{name}:resolve"), json!({ "author": "Ann" })).await;
    assert_eq!(resolved["comment"]["resolution"]["author"], "Ann");
    assert_eq!(client.get(&format!("{MODEL}/definition/versions/one")).await.error().1, "NOT_FOUND");
    assert_eq!(client.get(&format!("{MODEL}/definition/versions/9")).await.error().1, "DEFINITION_VERSION_NOT_FOUND");
}
