//! Tokens of an identity provider as credentials.

use std::path::Path;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};
use sweetspot::config::{AuthSettings, Settings};
use sweetspot_proto::v1;
use sweetspot_proto::v1::access_service_client::AccessServiceClient;
use sweetspot_proto::v1::audit_record::Event;
use sweetspot_store::store::MemoryStore;
use tonic::{Code, Request, Status};

use crate::every_method::{MethodClient, UnaryMethod, methods, required_accounts};
use crate::support::assert_refused;
use crate::support::server::{TestServer, promote, publish, world};

pub(crate) const ISSUER: &str = "https://id.example/realms/acme";
/// The time of the server, 2026-03-02T10:00:00Z, in seconds.
const NOW: i64 = 1_772_445_600;

/// A key of the issuer.
fn issuer_key(seed: u8) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()
}

/// The public form of a key.
pub(crate) fn key_set(kid: &str, seed: u8) -> Value {
    let x = BASE64.encode(issuer_key(seed).public_key().as_ref());
    json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": kid, "x": x}]})
}

/// Settings with which only tokens are credentials. Writes the keys of the issuer to a folder.
fn settings_in(folder: &Path) -> Settings {
    let file = folder.join("keys.json");
    std::fs::write(&file, key_set("k", 7).to_string()).unwrap();
    let auth = AuthSettings {
        required: true,
        jwt_issuer: Some(ISSUER.to_owned()),
        jwt_audience: Some("sweetspot".to_owned()),
        jwt_keys_file: Some(file),
        ..AuthSettings::default()
    };
    Settings { auth, ..Settings::default() }
}

fn token(change: &Value) -> String {
    signed_token("k", 7, change)
}

/// A token with these changes of its claims.
pub(crate) fn signed_token(kid: &str, seed: u8, change: &Value) -> String {
    let mut claims = json!({
        "iss": ISSUER, "aud": "sweetspot", "sub": "maria", "exp": NOW + 300,
        "sweetspot_roles": "scorer", "sweetspot_workspace": "default",
    });
    claims.as_object_mut().unwrap().append(&mut change.as_object().unwrap().clone());
    let header = json!({"alg": "EdDSA", "kid": kid});
    let message = format!("{}.{}", BASE64.encode(header.to_string()), BASE64.encode(claims.to_string()));
    let signature = BASE64.encode(issuer_key(seed).sign(message.as_bytes()));
    format!("{message}.{signature}")
}

fn caller(server: &TestServer, token: &str) -> MethodClient {
    let mut caller = MethodClient::new(server);
    caller.authorization = Some(format!("Bearer {token}"));
    caller
}

fn method(name: &str) -> UnaryMethod {
    methods().into_iter().find(|method| method.name == name).unwrap()
}

#[tokio::test]
async fn a_token_opens_what_its_claims_permit() {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings_in(folder.path());
    let world = world(Arc::new(MemoryStore::new()), &settings);
    publish(&world, "r-1");
    promote(&world, 1);
    let server = TestServer::serve(world, &settings).await;
    let score = method("ScoreAccounts");
    let accounts = required_accounts(&score);
    for _ in 0..2 {
        assert!(caller(&server, &token(&json!({}))).call(&score, accounts.clone(), None).await.is_ok());
    }
    for (change, code, reason) in [
        (json!({"exp": NOW - 61}), Code::Unauthenticated, "CREDENTIAL_EXPIRED"),
        (json!({"aud": "other"}), Code::Unauthenticated, "CREDENTIAL_INVALID"),
        (json!({"sweetspot_roles": "admin"}), Code::Unauthenticated, "CREDENTIAL_INVALID"),
        (json!({"sweetspot_roles": "reader"}), Code::PermissionDenied, "SCOPE_MISSING"),
    ] {
        assert_refused(caller(&server, &token(&change)).call(&score, accounts.clone(), None).await, code, reason);
    }
    let key = format!("swt_000000000000_{}", "0".repeat(64));
    let result = caller(&server, &key).call(&score, accounts.clone(), None).await;
    assert_refused(result, Code::Unauthenticated, "CREDENTIAL_INVALID");
    let foreign = caller(&server, &token(&json!({"sweetspot_workspace": "acme"}))).call(&score, accounts, None).await;
    assert!(foreign.unwrap_err().message().contains("workspaces/acme/models/default"));
    server.stop().await;
}

#[tokio::test]
async fn two_credentials_are_refused_and_changes_are_recorded_with_the_issuer() {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings_in(folder.path());
    let server = TestServer::serve_store(Arc::new(MemoryStore::new()), &settings).await;
    let owner = token(&json!({"sweetspot_roles": ["owner"], "sweetspot_workspace": "*"}));
    let client = |count: usize| {
        let value = format!("Bearer {owner}");
        let credentials = move |mut request: Request<()>| {
            for _ in 0..count {
                request.metadata_mut().append("authorization", value.parse().unwrap());
            }
            Ok::<_, Status>(request)
        };
        AccessServiceClient::with_interceptor(server.channel.clone(), credentials)
    };
    let twice = client(2).get_caller(v1::GetCallerRequest {}).await;
    assert_refused(twice, Code::Unauthenticated, "CREDENTIAL_INVALID");
    let found = client(1).get_caller(v1::GetCallerRequest {}).await.unwrap().into_inner();
    assert_eq!((found.principal.as_str(), found.workspace.as_str()), ("maria", ""));
    let roles = vec!["scorer".to_owned()];
    let create = v1::CreateApiKeyRequest { principal: "bot".to_owned(), roles, ..Default::default() };
    let key = client(1).create_api_key(create).await.unwrap().into_inner().key.unwrap();
    assert_eq!(key.created_by, "maria");
    let records = client(1).list_audit_records(v1::ListAuditRecordsRequest::default()).await.unwrap().into_inner();
    let started = records.records.iter().find(|record| matches!(record.event, Some(Event::Started(_)))).unwrap();
    assert_eq!((started.principal.as_str(), started.credential.as_str()), ("maria", &*format!("token of {ISSUER}")));
    server.stop().await;
}

#[tokio::test]
async fn a_server_that_cannot_check_tokens_does_not_start() {
    let folder = tempfile::tempdir().unwrap();
    let given = settings_in(folder.path()).auth;
    for (auth, expected) in [
        (AuthSettings { jwt_audience: None, ..given.clone() }, "set all three or none"),
        (AuthSettings { jwt_roles_claim: "roles".to_owned(), ..AuthSettings::default() }, "set all three or none"),
        (AuthSettings { required: false, ..given.clone() }, "set auth.required"),
        (AuthSettings { jwt_keys_file: Some(folder.path().join("none")), ..given }, "auth.jwt_keys_file: cannot use"),
    ] {
        let settings = Settings { auth, ..Settings::default() };
        let app = world(Arc::new(MemoryStore::new()), &settings);
        let error = app.check_security(&settings).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}
