//! The keys of an issuer, fetched from its address.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use serde_json::json;
use sweetspot::config::{AuthSettings, Settings};
use sweetspot_proto::v1;
use sweetspot_proto::v1::access_service_client::AccessServiceClient;
use sweetspot_store::store::MemoryStore;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tonic::{Code, Request, Status};

use crate::support::admin::{admin_settings, get};
use crate::support::assert_refused;
use crate::support::server::{TestServer, world};
use crate::tokens::{ISSUER, key_set, signed_token};

const FAILURES: &str = "sweetspot_token_key_fetch_failures_total ";
const FETCHED: &str = "sweetspot_token_keys_fetched_timestamp_seconds ";

/// An identity provider that publishes its keys, until it is dropped.
struct Provider {
    address: SocketAddr,
    /// The response to every request, from its status line to its end.
    response: Arc<Mutex<String>>,
    requests: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn certificate() -> CertifiedKey<KeyPair> {
    generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap()
}

fn found(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
}

fn failing(status: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
}

impl Provider {
    /// Encrypts connections with this certificate, if there is one.
    async fn start(pair: Option<&CertifiedKey<KeyPair>>, response: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let tls = pair.map(|pair| {
            let key = PrivateKeyDer::try_from(pair.signing_key.serialize_der()).unwrap();
            let provider = Arc::new(rustls::crypto::ring::default_provider());
            let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
            let config = builder.with_no_client_auth().with_single_cert(vec![pair.cert.der().clone()], key).unwrap();
            TlsAcceptor::from(Arc::new(config))
        });
        let (response, requests) = (Arc::new(Mutex::new(response)), Arc::new(AtomicUsize::new(0)));
        let (current, count) = (Arc::clone(&response), Arc::clone(&requests));
        let task = tokio::spawn(async move {
            loop {
                let (socket, _) = listener.accept().await.unwrap();
                match &tls {
                    None => answer(socket, &current, &count).await,
                    Some(tls) => {
                        if let Ok(socket) = tls.accept(socket).await {
                            answer(socket, &current, &count).await;
                        }
                    }
                }
            }
        });
        Self { address, response, requests, task }
    }

    fn set(&self, response: String) {
        *self.response.lock().unwrap() = response;
    }

    fn url(&self, scheme: &str) -> String {
        format!("{scheme}://localhost:{}/keys", self.address.port())
    }
}

/// Answers one request.
async fn answer(mut socket: impl AsyncRead + AsyncWrite + Unpin, response: &Mutex<String>, requests: &AtomicUsize) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = socket.read_u8().await else { return };
        head.push(byte);
    }
    assert!(head.starts_with(b"GET /keys HTTP/1.1\r\n"), "{head:?}");
    requests.fetch_add(1, Ordering::Relaxed);
    let text = response.lock().unwrap().clone();
    // A client may leave before the end.
    let _ = socket.write_all(text.as_bytes()).await;
    let _ = socket.shutdown().await;
}

/// Settings with tokens alone, whose keys come from this address.
async fn settings_for(url: &str) -> (Settings, SocketAddr) {
    let (mut settings, admin) = admin_settings().await;
    settings.auth = AuthSettings {
        required: true,
        jwt_issuer: Some(ISSUER.to_owned()),
        jwt_audience: Some("sweetspot".to_owned()),
        jwt_keys_url: Some(url.parse().unwrap()),
        jwt_keys_interval: Duration::from_secs(1),
        ..AuthSettings::default()
    };
    (settings, admin)
}

async fn call(server: &TestServer, token: &str) -> Result<(), Status> {
    let value = format!("Bearer {token}");
    let credential = move |mut request: Request<()>| {
        request.metadata_mut().insert("authorization", value.parse().unwrap());
        Ok::<_, Status>(request)
    };
    let mut client = AccessServiceClient::with_interceptor(server.channel.clone(), credential);
    client.get_caller(v1::GetCallerRequest {}).await.map(|_| ())
}

/// Repeats something until it holds, which it does soon.
async fn wait_until(what: &str, holds: impl AsyncFn() -> bool) {
    let work = async { while !holds().await {} };
    tokio::time::timeout(Duration::from_secs(60), work).await.unwrap_or_else(|_| panic!("never: {what}"));
}

/// The value of a metric; `None` without one.
async fn metric(admin: SocketAddr, name: &str) -> Option<f64> {
    let (_, page) = get(admin, "/metrics").await;
    page.lines().find_map(|line| line.strip_prefix(name)).map(|value| value.parse().unwrap())
}

#[tokio::test]
async fn keys_are_fetched_and_followed_when_the_issuer_changes_them() {
    let pair = certificate();
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    std::fs::write(&ca, pair.cert.pem()).unwrap();
    let provider = Provider::start(Some(&pair), failing("503 Service Unavailable")).await;
    let (mut settings, admin) = settings_for(&provider.url("https")).await;
    settings.auth.jwt_keys_ca_file = Some(ca);
    let server = TestServer::trained_with(&settings).await;
    let [old, new] = [("k", 7), ("k2", 8)].map(|(kid, seed)| signed_token(kid, seed, &json!({})));
    assert_refused(call(&server, &old).await, Code::Unavailable, "TOKEN_KEYS_MISSING");
    wait_until("a failure", async || metric(admin, FAILURES).await.unwrap() > 0.0).await;
    assert_eq!(metric(admin, FETCHED).await, None);
    assert_eq!(get(admin, "/readyz").await.0, 200);
    provider.set(found(&key_set("k", 7).to_string()));
    wait_until("the first keys", async || call(&server, &old).await.is_ok()).await;
    assert!(metric(admin, FETCHED).await.unwrap() > 1.7e9);
    assert_refused(call(&server, &new).await, Code::Unauthenticated, "CREDENTIAL_INVALID");
    provider.set(found(&key_set("k2", 8).to_string()));
    wait_until("the next keys", async || call(&server, &new).await.is_ok()).await;
    // The token was verified before.
    assert_refused(call(&server, &old).await, Code::Unauthenticated, "CREDENTIAL_INVALID");
    server.stop().await;
}

#[tokio::test]
async fn the_last_keys_stay_if_the_next_ones_cannot_be_used() {
    let elsewhere = Provider::start(None, found(&key_set("k2", 8).to_string())).await;
    let provider = Provider::start(None, found(&key_set("k", 7).to_string())).await;
    let (settings, admin) = settings_for(&provider.url("http")).await;
    let server = TestServer::serve_store(Arc::new(MemoryStore::new()), &settings).await;
    let token = signed_token("k", 7, &json!({}));
    wait_until("the first keys", async || call(&server, &token).await.is_ok()).await;
    let redirect = format!("HTTP/1.1 302 Found\r\nlocation: {}\r\ncontent-length: 0\r\n\r\n", elsewhere.url("http"));
    let too_long = found(&format!("{{\"keys\": [], \"x\": \"{}\"}}", "x".repeat(2 << 20)));
    let answers =
        [redirect, too_long, found("<html>"), found("{\"keys\": []}"), failing("404 Not Found"), String::new()];
    for (number, answer) in answers.into_iter().enumerate() {
        provider.set(answer);
        let before = metric(admin, FAILURES).await.unwrap();
        wait_until(&format!("failure {number}"), async || metric(admin, FAILURES).await.unwrap() > before + 1.0).await;
        call(&server, &token).await.unwrap();
    }
    assert_eq!(elsewhere.requests.load(Ordering::Relaxed), 0);
    server.stop().await;
}

#[tokio::test]
async fn a_provider_with_another_certificate_is_not_trusted() {
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    std::fs::write(&ca, certificate().cert.pem()).unwrap();
    let provider = Provider::start(Some(&certificate()), found(&key_set("k", 7).to_string())).await;
    let (mut settings, admin) = settings_for(&provider.url("https")).await;
    settings.auth.jwt_keys_ca_file = Some(ca);
    let server = TestServer::serve_store(Arc::new(MemoryStore::new()), &settings).await;
    wait_until("a failure", async || metric(admin, FAILURES).await.unwrap() > 1.0).await;
    let token = signed_token("k", 7, &json!({}));
    assert_refused(call(&server, &token).await, Code::Unavailable, "TOKEN_KEYS_MISSING");
    assert_eq!(provider.requests.load(Ordering::Relaxed), 0);
    server.stop().await;
}

#[tokio::test]
async fn settings_that_contradict_each_other_are_refused() {
    let (given, _) = settings_for("https://id.example/keys").await;
    let given = given.auth;
    let file = Some("keys.json".into());
    for (auth, expected) in [
        (AuthSettings { jwt_keys_file: file.clone(), ..given.clone() }, "unset one"),
        (AuthSettings { jwt_keys_url: "http://id.example/keys".parse().ok(), ..given.clone() }, "use https://"),
        (AuthSettings { jwt_keys_url: None, ..given.clone() }, "set all three or none"),
        (AuthSettings { jwt_keys_url: None, jwt_keys_ca_file: file, ..given }, "without auth.jwt_keys_url"),
    ] {
        let settings = Settings { auth, ..Settings::default() };
        let app = world(Arc::new(MemoryStore::new()), &settings);
        let error = app.check_security(&settings).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}
