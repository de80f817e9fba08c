//! Encryption of the connections to a database.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres_rustls::MakeRustlsConnect;

/// Creates what encrypts connections. The certificate of the server must be valid for its name, and of an authority in
/// the file, or of one that the system trusts.
///
/// # Errors
/// A description of the cause.
pub(super) fn connector(authorities: Option<&Path>) -> Result<MakeRustlsConnect, String> {
    let mut roots = RootCertStore::empty();
    match authorities {
        Some(file) => {
            let failed = |cause: String| format!("sslrootcert {}: {cause}", file.display());
            let pem = fs::read(file).map_err(|error| failed(error.to_string()))?;
            for certificate in CertificateDer::pem_slice_iter(&pem) {
                let certificate = certificate.map_err(|error| failed(error.to_string()))?;
                roots.add(certificate).map_err(|error| failed(error.to_string()))?;
            }
            if roots.is_empty() {
                return Err(failed("the file contains no certificate".to_owned()));
            }
        }
        None => {
            // A system without certificates is an error of the connections that need one.
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = versions.map_err(|error| error.to_string())?.with_root_certificates(roots).with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_a_certificate_is_an_error() {
        connector(None).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.pem");
        let error = || connector(Some(&file)).err().unwrap();
        assert!(error().contains("ca.pem: No such file"), "{}", error());
        fs::write(&file, "no certificate").unwrap();
        assert!(error().contains("contains no certificate"), "{}", error());
        fs::write(&file, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").unwrap();
        assert!(error().contains("sslrootcert"), "{}", error());
    }
}
