//! The certificate of encrypted servers, and the client's trust in it.

use std::fs;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// The files of the certificate and its key in a folder.
pub(crate) const FILES: [&str; 2] = ["certificate.pem", "key.pem"];

/// How the client encrypts its connections; unset without encryption.
static CONNECTOR: OnceLock<TlsConnector> = OnceLock::new();

/// How the client encrypts its connections; `None` without encryption.
pub(crate) fn connector() -> Option<&'static TlsConnector> {
    CONNECTOR.get()
}

/// Writes a certificate for this machine, and lets the client trust it.
pub(crate) fn enable(folder: &Path) {
    let pair = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let [certificate, key] = FILES.map(|name| folder.join(name));
    fs::write(certificate, pair.cert.pem()).unwrap();
    fs::write(key, pair.signing_key.serialize_pem()).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(pair.cert.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec()];
    let _first = CONNECTOR.set(TlsConnector::from(Arc::new(config)));
}

/// How a baseline server encrypts its connections.
pub(crate) fn acceptor(folder: &Path) -> TlsAcceptor {
    let [certificate, key] = FILES.map(|name| folder.join(name));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let chain = vec![CertificateDer::from_pem_file(certificate).unwrap()];
    let mut config =
        builder.with_no_client_auth().with_single_cert(chain, PrivateKeyDer::from_pem_file(key).unwrap()).unwrap();
    config.alpn_protocols = vec![b"h2".to_vec()];
    TlsAcceptor::from(Arc::new(config))
}
