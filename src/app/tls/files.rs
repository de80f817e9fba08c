//! The files of certificates and keys.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use sweetspot_core::Digest;
use thiserror::Error;

use crate::config::TlsSettings;

/// The maximum size of a file, in bytes: a long chain of certificates has some 20 KiB, a bundle of authorities 300 KiB.
const MAX_FILE_BYTES: u64 = 4 << 20;

/// Why connections cannot be encrypted as set.
#[derive(Debug, Error)]
pub enum TlsError {
    /// Only one of the certificate and its key is set.
    #[error("tls.certificate_file and tls.key_file belong together: set both or neither")]
    Incomplete,
    /// Client certificates are required without a certificate of the server.
    #[error("tls.client_ca_file needs tls.certificate_file and tls.key_file")]
    ClientsWithoutServer,
    /// A file cannot be read.
    #[error("cannot read {}: {cause}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why, from the system.
        cause: String,
    },
    /// A file does not contain what it should.
    #[error("{} contains no {what} in PEM: {cause}", path.display())]
    NoPem {
        /// The file.
        path: PathBuf,
        /// What it should contain.
        what: &'static str,
        /// What is wrong.
        cause: String,
    },
    /// The certificate and the key cannot be used together.
    #[error("the certificate in {} cannot be used with the key in {}: {cause}", certificate.display(), key.display())]
    Unusable {
        /// The file of the certificate.
        certificate: PathBuf,
        /// The file of the key.
        key: PathBuf,
        /// What is wrong.
        cause: String,
    },
}

/// The files of a server's certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TlsFiles {
    certificate: PathBuf,
    key: PathBuf,
    client_ca: Option<PathBuf>,
}

/// The contents of the files at one moment.
pub(super) struct TlsFileContents {
    certificate: Vec<u8>,
    key: Vec<u8>,
    client_ca: Option<Vec<u8>>,
}

/// How to encrypt connections.
#[derive(Clone, Debug)]
pub(super) struct TlsConfigs {
    /// For HTTP/2.
    pub(super) grpc: Arc<ServerConfig>,
    /// For HTTP/1.1.
    pub(super) http: Arc<ServerConfig>,
    /// When the certificate of the server expires, in seconds since 1970; `None` if it cannot be read.
    pub(super) expiry_seconds: Option<i64>,
}

impl TlsFiles {
    /// Returns the files that are set; `None` without encryption.
    ///
    /// # Errors
    /// If only a part of them is set.
    pub(super) fn new(settings: &TlsSettings) -> Result<Option<Self>, TlsError> {
        let TlsSettings { certificate_file, key_file, client_ca_file } = settings.clone();
        match (certificate_file, key_file, client_ca_file) {
            (Some(certificate), Some(key), client_ca) => Ok(Some(Self { certificate, key, client_ca })),
            (None, None, None) => Ok(None),
            (None, None, Some(_)) => Err(TlsError::ClientsWithoutServer),
            (Some(_), None, _) | (None, Some(_), _) => Err(TlsError::Incomplete),
        }
    }

    /// Reads the files.
    pub(super) fn read(&self) -> Result<TlsFileContents, TlsError> {
        Ok(TlsFileContents {
            certificate: read_file(&self.certificate)?,
            key: read_file(&self.key)?,
            client_ca: self.client_ca.as_deref().map(read_file).transpose()?,
        })
    }

    /// Checks the contents, and makes configurations of them.
    pub(super) fn configs(&self, contents: &TlsFileContents) -> Result<TlsConfigs, TlsError> {
        let chain = certificates(&self.certificate, &contents.certificate)?;
        let key = PrivateKeyDer::from_pem_slice(&contents.key).map_err(|error| TlsError::NoPem {
            path: self.key.clone(),
            what: "private key",
            cause: error.to_string(),
        })?;
        let unusable =
            |cause: String| TlsError::Unusable { certificate: self.certificate.clone(), key: self.key.clone(), cause };
        let expiry_seconds = chain.first().and_then(|certificate| {
            let (_, certificate) = x509_parser::parse_x509_certificate(certificate).ok()?;
            Some(certificate.validity().not_after.timestamp())
        });
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| unusable(error.to_string()))?;
        let builder = match self.client_ca.as_deref().zip(contents.client_ca.as_deref()) {
            None => builder.with_no_client_auth(),
            Some((path, pem)) => {
                let failed = |cause: String| TlsError::NoPem { path: path.to_owned(), what: "certificate", cause };
                let mut roots = RootCertStore::empty();
                for authority in certificates(path, pem)? {
                    roots.add(authority).map_err(|error| failed(error.to_string()))?;
                }
                let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
                builder.with_client_cert_verifier(verifier.build().map_err(|error| failed(error.to_string()))?)
            }
        };
        let mut grpc = builder.with_single_cert(chain, key).map_err(|error| unusable(error.to_string()))?;
        grpc.alpn_protocols = vec![b"h2".to_vec()];
        let mut http = grpc.clone();
        http.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(TlsConfigs { grpc: Arc::new(grpc), http: Arc::new(http), expiry_seconds })
    }
}

impl TlsFileContents {
    /// A digest that changes with any of the files.
    pub(super) fn digest(&self) -> Digest {
        let Self { certificate, key, client_ca } = self;
        let parts = [Some(certificate), Some(key), client_ca.as_ref()];
        let digests = parts.map(|part| part.map_or_else(String::new, |part| Digest::new(part).to_string()));
        Digest::new(digests.join("\n").as_bytes())
    }
}

fn certificates(path: &Path, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let failed = |cause: String| TlsError::NoPem { path: path.to_owned(), what: "certificate", cause };
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match found {
        Ok(found) if found.is_empty() => Err(failed("there is none".to_owned())),
        Ok(found) => Ok(found),
        Err(error) => Err(failed(error.to_string())),
    }
}

fn read_file(path: &Path) -> Result<Vec<u8>, TlsError> {
    let failed = |cause: String| TlsError::Unreadable { path: path.to_owned(), cause };
    let size = std::fs::metadata(path).map_err(|error| failed(error.to_string()))?.len();
    if size > MAX_FILE_BYTES {
        return Err(failed(format!("it has {size} bytes, and the maximum is {MAX_FILE_BYTES}")));
    }
    std::fs::read(path).map_err(|error| failed(error.to_string()))
}
