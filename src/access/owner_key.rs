//! The key with all rights that comes from a file.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use sweetspot_core::Digest;
use sweetspot_store::api_keys::ApiKeySecret;

/// The key with all rights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OwnerKey {
    pub(super) id: Arc<str>,
    pub(super) hash: Digest,
}

impl From<&ApiKeySecret> for OwnerKey {
    fn from(secret: &ApiKeySecret) -> Self {
        Self { id: secret.id().into(), hash: secret.hash() }
    }
}

/// The file of the key, with the key that was read last. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct OwnerKeyFile(Arc<OwnerKeyState>);

#[derive(Debug)]
struct OwnerKeyState {
    path: PathBuf,
    key: ArcSwap<OwnerKey>,
}

impl OwnerKeyFile {
    /// Reads the key. If the file does not exist, creates it with a new key.
    ///
    /// # Errors
    /// If the file contains no key, or cannot be read or created.
    pub(crate) fn open(path: &Path) -> Result<Self, OwnerKeyError> {
        let key = ArcSwap::from_pointee(OwnerKey::from_file(path)?);
        Ok(Self(Arc::new(OwnerKeyState { path: path.to_owned(), key })))
    }

    /// Reads the file again. Returns whether the key has changed; the old one then no longer works.
    ///
    /// # Errors
    /// If the file cannot be read or contains no key: then the last key stays.
    pub(crate) fn reload(&self) -> Result<bool, OwnerKeyError> {
        let new = OwnerKey::read(&self.0.path)?;
        let has_changed = **self.0.key.load() != new;
        if has_changed {
            self.0.key.store(Arc::new(new));
        }
        Ok(has_changed)
    }

    pub(super) fn current(&self) -> Arc<OwnerKey> {
        self.0.key.load_full()
    }
}

/// Why `auth.owner_key_file` cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OwnerKeyError {
    /// It does not contain a key.
    #[error("{} does not contain an API key: write one line of the form swt_ID_SECRET, or delete the file to get a new one", path.display())]
    NotAKey {
        /// The file.
        path: PathBuf,
    },
    /// It cannot be read, or created.
    #[error("cannot {action} {}: {cause}", path.display())]
    File {
        /// What failed.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why, from the system.
        cause: String,
    },
}

impl OwnerKey {
    /// Reads the key in a file. If the file does not exist, creates it with a new key that only its owner can read.
    ///
    /// # Errors
    /// If the file contains no key, or cannot be read or created.
    fn from_file(path: &Path) -> Result<Self, OwnerKeyError> {
        if path.exists() {
            return Self::read(path);
        }
        let failed = |action, cause: String| OwnerKeyError::File { action, path: path.to_owned(), cause };
        let secret = ApiKeySecret::generate().map_err(|error| failed("create a key for", error.to_string()))?;
        write_private(path, &format!("{}\n", secret.reveal())).map_err(|error| failed("create", error.to_string()))?;
        tracing::info!(path = %path.display(), "created an API key with all rights");
        Ok(Self::from(&secret))
    }

    fn read(path: &Path) -> Result<Self, OwnerKeyError> {
        let failed = |cause: String| OwnerKeyError::File { action: "read", path: path.to_owned(), cause };
        let text = std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
        let secret = text.trim().parse().map_err(|_| OwnerKeyError::NotAKey { path: path.to_owned() })?;
        Ok(Self::from(&secret))
    }
}

/// Creates a file that only its owner can read.
fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_created_once_and_only_its_owner_can_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("owner-key");
        let created = OwnerKeyFile::open(&path).unwrap().current();
        assert_eq!(OwnerKeyFile::open(&path).unwrap().current(), created);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        let error = OwnerKeyFile::open(&folder.path().join("missing/key")).unwrap_err().to_string();
        assert!(error.starts_with("cannot create"), "{error}");
    }

    #[test]
    fn a_new_key_replaces_the_old_one_and_a_file_without_a_key_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("owner-key");
        let file = OwnerKeyFile::open(&path).unwrap();
        let before = file.current();
        assert!(!file.reload().unwrap());
        std::fs::write(&path, "swt_").unwrap();
        assert!(file.reload().unwrap_err().to_string().contains("does not contain an API key"));
        assert_eq!(file.current(), before);
        let next = ApiKeySecret::generate().unwrap();
        std::fs::write(&path, next.reveal()).unwrap();
        assert!(file.reload().unwrap());
        assert_eq!(*file.current(), OwnerKey::from(&next));
    }
}
