//! Reads the files of the certificate again while the server runs, so that a renewal needs no restart.

use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use sweetspot_core::Digest;

use super::files::{TlsConfigs, TlsError, TlsFiles};
use crate::config::TlsSettings;

/// The encryption of a server. Clones share the current certificate.
#[derive(Clone, Debug)]
pub(in crate::app) struct ServerTls(Arc<TlsState>);

#[derive(Debug)]
struct TlsState {
    files: TlsFiles,
    configs: ArcSwap<TlsConfigs>,
    /// The digest of the files that were read last, usable or not.
    seen: ArcSwap<Digest>,
}

impl ServerTls {
    /// Reads the files that are set; `None` without encryption.
    ///
    /// # Errors
    /// If they cannot be used.
    pub(in crate::app) fn open(settings: &TlsSettings) -> Result<Option<Self>, TlsError> {
        let Some(files) = TlsFiles::new(settings)? else { return Ok(None) };
        let contents = files.read()?;
        let configs = ArcSwap::from_pointee(files.configs(&contents)?);
        let seen = ArcSwap::from_pointee(contents.digest());
        Ok(Some(Self(Arc::new(TlsState { files, configs, seen }))))
    }

    /// How to encrypt a new connection with HTTP/2.
    pub(in crate::app) fn grpc(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.0.configs.load().grpc)
    }

    /// How to encrypt a new connection with HTTP/1.1.
    pub(in crate::app) fn http(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.0.configs.load().http)
    }

    /// When the certificate in use expires, in seconds since 1970.
    pub(in crate::app) fn expiry_seconds(&self) -> Option<i64> {
        self.0.configs.load().expiry_seconds
    }

    /// Reads the files again. If they have changed and can be used, new connections get the new certificate; if they
    /// cannot be used, the last one stays. Returns whether the certificate has changed.
    ///
    /// # Errors
    /// Why the files cannot be used, once for each change.
    pub(in crate::app) fn reload(&self) -> Result<bool, TlsError> {
        let state = &*self.0;
        let contents = state.files.read()?;
        let digest = contents.digest();
        if **state.seen.load() == digest {
            return Ok(false);
        }
        state.seen.store(Arc::new(digest));
        state.configs.store(Arc::new(state.files.configs(&contents)?));
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use rcgen::{CertifiedKey, generate_simple_self_signed};

    use super::*;

    fn write_pair(folder: &Path, certificate_of: &CertifiedKey<rcgen::KeyPair>, key_of: &CertifiedKey<rcgen::KeyPair>) {
        std::fs::write(folder.join("cert.pem"), certificate_of.cert.pem()).unwrap();
        std::fs::write(folder.join("key.pem"), key_of.signing_key.serialize_pem()).unwrap();
    }

    fn pair() -> CertifiedKey<rcgen::KeyPair> {
        generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap()
    }

    fn settings(folder: &Path) -> TlsSettings {
        TlsSettings {
            certificate_file: Some(folder.join("cert.pem")),
            key_file: Some(folder.join("key.pem")),
            client_ca_file: None,
        }
    }

    #[test]
    fn a_renewed_pair_is_used_and_the_last_one_stays_on_a_mismatch() {
        let folder = tempfile::tempdir().unwrap();
        let (first, second) = (pair(), pair());
        write_pair(folder.path(), &first, &first);
        let tls = ServerTls::open(&settings(folder.path())).unwrap().unwrap();
        let before = tls.grpc();
        assert!(!tls.reload().unwrap());
        write_pair(folder.path(), &second, &first);
        let error = tls.reload().unwrap_err().to_string();
        assert!(error.contains("cannot be used with the key"), "{error}");
        assert!(Arc::ptr_eq(&before, &tls.grpc()));
        assert!(!tls.reload().unwrap(), "the same files give no second error");
        write_pair(folder.path(), &second, &second);
        assert!(tls.reload().unwrap());
        assert!(!Arc::ptr_eq(&before, &tls.grpc()));
        // The default of the library that created it: the year 4096.
        assert!(tls.expiry_seconds().is_some_and(|seconds| seconds > 60_000_000_000));
        std::fs::remove_file(folder.path().join("key.pem")).unwrap();
        assert!(tls.reload().unwrap_err().to_string().starts_with("cannot read"));
    }

    #[test]
    fn files_that_cannot_be_used_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let pair = pair();
        write_pair(folder.path(), &pair, &pair);
        let given = settings(folder.path());
        let error = |settings: &TlsSettings| ServerTls::open(settings).unwrap_err().to_string();
        assert!(error(&TlsSettings { key_file: None, ..given.clone() }).contains("belong together"));
        let only_clients = TlsSettings { client_ca_file: given.key_file.clone(), ..TlsSettings::default() };
        assert!(error(&only_clients).contains("tls.client_ca_file needs"));
        let no_authority = TlsSettings { client_ca_file: given.key_file.clone(), ..given.clone() };
        assert!(error(&no_authority).contains("contains no certificate"));
        let no_key = TlsSettings { key_file: given.certificate_file.clone(), ..given.clone() };
        assert!(error(&no_key).contains("contains no private key"));
        assert!(ServerTls::open(&TlsSettings::default()).unwrap().is_none());
        std::fs::write(folder.path().join("cert.pem"), "x").unwrap();
        assert!(error(&given).contains("contains no certificate"));
    }
}
