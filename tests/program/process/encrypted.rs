//! Encrypted connections, client certificates and API keys, from the command line.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::authority::Authority;
use crate::process::support::Bench;
use crate::process::support::server::Server;

/// Writes a certificate for this machine and its key, such as `server.pem` and `server.key`.
fn write_pair(authority: &Authority, bench: &Bench, name: &str) {
    let (certificate, key) = authority.certificate();
    bench.write(&format!("{name}.pem"), &certificate);
    bench.write(&format!("{name}.key"), &key);
}

/// A folder with a store, an authority, and the certificate of a server.
fn bench_with_certificate() -> (Bench, Authority) {
    let (bench, authority) = (Bench::with_models(), Authority::new());
    bench.write("ca.pem", &authority.pem);
    write_pair(&authority, &bench, "server");
    (bench, authority)
}

const SERVE_ENCRYPTED: &str = "serve --listen 127.0.0.1:0 --quiet --tls-cert server.pem --tls-key server.key";

#[test]
fn an_encrypted_server_is_reached_with_its_authority_only() {
    let (bench, _) = bench_with_certificate();
    let server = Server::start_with(bench.command(SERVE_ENCRYPTED)).unwrap();
    assert!(server.url.starts_with("https://"), "{}", server.url);
    bench.ok(&format!("models --server {} --tls-ca ca.pem", server.url));
    bench.ok(&format!("healthcheck --ready --server {} --tls-ca ca.pem", server.url));
    bench.write("other.pem", &Authority::new().pem);
    bench.exits_with(&format!("models --server {} --tls-ca other.pem", server.url), 5);
    bench.exits_with(&format!("models --server {}", server.url.replace("https", "http")), 5);
    assert_eq!(server.stop("-TERM").code, Some(0));
}

#[test]
fn a_health_check_uses_the_admin_port_of_the_settings() {
    let (bench, _) = bench_with_certificate();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    bench.write("sweetspot.toml", &format!("[server]\nadmin_listen = \"127.0.0.1:{port}\"\n"));
    let server =
        Server::start_with(bench.command(&format!("{SERVE_ENCRYPTED} --require-auth --owner-key-file key"))).unwrap();
    assert_eq!(bench.ok("healthcheck --ready").stdout, format!("http://127.0.0.1:{port}/readyz: ok\n"));
    let mut metrics = TcpStream::connect(("127.0.0.1", port)).unwrap();
    metrics.write_all(b"GET /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
    let mut page = String::new();
    metrics.read_to_string(&mut page).unwrap();
    assert!(page.contains("sweetspot_tls_certificate_expiry_timestamp_seconds "), "{page}");
    assert_eq!(server.stop("-TERM").code, Some(0));
    bench.exits_with("healthcheck", 5);
}

#[test]
fn with_a_client_authority_only_certified_clients_connect() {
    let (bench, authority) = bench_with_certificate();
    write_pair(&authority, &bench, "client");
    write_pair(&Authority::new(), &bench, "stranger");
    let server = Server::start_with(bench.command(&format!("{SERVE_ENCRYPTED} --tls-client-ca ca.pem"))).unwrap();
    let models = format!("models --server {} --tls-ca ca.pem", server.url);
    bench.ok(&format!("{models} --client-cert client.pem --client-key client.key"));
    bench.exits_with(&models, 5);
    bench.exits_with(&format!("{models} --client-cert stranger.pem --client-key stranger.key"), 5);
    assert_eq!(server.stop("-TERM").code, Some(0));
}

#[test]
fn a_renewed_certificate_is_used_without_a_restart_and_a_mismatch_changes_nothing() {
    let (bench, _) = bench_with_certificate();
    let server = Server::start_with(bench.command(SERVE_ENCRYPTED)).unwrap();
    let next = Authority::new();
    bench.write("next.pem", &next.pem);
    let reaches =
        |authority: &str| bench.run(&format!("models --server {} --tls-ca {authority}", server.url)).code == Some(0);
    assert!(reaches("ca.pem") && !reaches("next.pem"));
    let key = std::fs::read_to_string(bench.path("server.key")).unwrap();
    write_pair(&next, &bench, "server");
    let new_key = std::fs::read_to_string(bench.path("server.key")).unwrap();
    bench.write("server.key", &key);
    assert!(reaches("ca.pem"), "the old pair stays while the key does not match");
    bench.write("server.key", &new_key);
    let deadline = Instant::now() + Duration::from_secs(60);
    while !reaches("next.pem") {
        assert!(Instant::now() < deadline, "the new certificate is not used");
    }
    assert!(!reaches("ca.pem"));
    let run = server.stop("-TERM");
    assert_eq!(run.code, Some(0));
}

#[test]
fn a_server_does_not_start_with_files_that_do_not_fit() {
    let (bench, _) = bench_with_certificate();
    write_pair(&Authority::new(), &bench, "other");
    let error = Server::start_with(bench.command(&SERVE_ENCRYPTED.replace("server.key", "other.key"))).unwrap_err();
    assert_eq!(error.code, Some(1));
    error.assert_stderr("cannot be used with the key in other.key");
    bench.exits_with("serve --tls-cert server.pem", 2);
}

/// Sends a request over TLS, and returns the response.
fn https(address: &str, ca: &Path, request: &str) -> String {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(ca).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    let name = ServerName::try_from("localhost").unwrap();
    let socket = TcpStream::connect(address).unwrap();
    let mut stream = StreamOwned::new(ClientConnection::new(Arc::new(config), name).unwrap(), socket);
    stream.write_all(request.as_bytes()).unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    response
}

#[test]
fn http_is_encrypted_and_asks_for_the_same_key() {
    let (bench, _) = bench_with_certificate();
    let serve = format!("{SERVE_ENCRYPTED} --http 127.0.0.1:0 --require-auth --owner-key-file owner-key");
    let server = Server::start_with(bench.command(&serve)).unwrap();
    let http = http_address(&server);
    let key = std::fs::read_to_string(bench.path("owner-key")).unwrap();
    let get = |path: &str, headers: &str| {
        let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{headers}\r\n");
        https(&http, &bench.path("ca.pem"), &request)
    };
    assert!(get("/healthz", "").starts_with("HTTP/1.1 200"), "health needs no key");
    let refused = get("/v1/workspaces", "");
    assert!(refused.starts_with("HTTP/1.1 401") && refused.contains("CREDENTIAL_MISSING"), "{refused}");
    let answer = get("/v1/workspaces", &format!("authorization: Bearer {}\r\n", key.trim()));
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("workspaces/default"), "{answer}");
}

fn http_address(server: &Server) -> String {
    server.stderr_text.split("on https://").nth(2).unwrap().split(',').next().unwrap().trim().to_owned()
}

#[test]
fn keys_are_created_used_rotated_revoked_and_audited_from_the_command_line() {
    let (bench, _) = bench_with_certificate();
    let created = bench.ok("key create --principal maria --role owner --all-workspaces");
    created.assert_stderr("it cannot be shown again");
    bench.write("maria", &created.stdout);
    let server = Server::start_with(bench.command(&format!("{SERVE_ENCRYPTED} --require-auth"))).unwrap();
    let reach = format!("--server {} --tls-ca ca.pem", server.url);
    bench.exits_with(&format!("models {reach}"), 80).assert_stderr("requires a credential");
    let as_maria = format!("{reach} --api-key-file maria");
    bench.ok(&format!("models {as_maria}"));
    let scorer = bench.ok(&format!("key create --principal router --role scorer {as_maria}")).stdout;
    bench.write("router", &scorer);
    let as_router = format!("{reach} --api-key-file router");
    let refused = bench.exits_with(&format!("models {as_router}"), 71);
    refused.assert_stderr("needs the scope read");
    let who = bench.ok(&format!("key whoami {as_router}")).stdout;
    assert_eq!(who, "router, workspaces/default: score\n");
    let mut from_environment = bench.command(&format!("key whoami {reach}"));
    from_environment.env("SWEETSPOT__API_KEY", scorer.trim());
    assert!(from_environment.output().unwrap().status.success());

    let id = &scorer[4..16];
    bench.write("router-2", &bench.ok(&format!("key rotate {id} --overlap 1h {as_maria}")).stdout);
    bench.ok(&format!("key whoami {reach} --api-key-file router-2"));
    bench.ok(&format!("key revoke {id} {as_maria}"));
    bench.exits_with(&format!("key whoami {as_router}"), 80).assert_stderr("was revoked");
    let listed = bench.ok(&format!("key list {as_maria}")).stdout;
    assert!(listed.contains("revoked ") && listed.contains("router") && !listed.contains(scorer.trim()), "{listed}");

    bench.ok(&format!("model rollback --reason test {as_maria}"));
    let history = bench.ok(&format!("model history {as_maria}")).stdout;
    assert!(history.contains("maria"), "{history}");
    let audit = bench.ok(&format!("audit list {as_maria}")).stdout;
    assert!(audit.contains("RollbackModel") && audit.contains("RevokeApiKey"), "{audit}");
    bench.ok(&format!("audit verify {as_maria}"));
    assert_eq!(server.stop("-TERM").code, Some(0));
    bench.ok("audit verify");
}
