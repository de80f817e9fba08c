//! Where a store is: a folder, or a PostgreSQL database.

use std::fmt;
use std::path::{Path, PathBuf};

const SCHEMES: [&str; 2] = ["postgres://", "postgresql://"];

/// The place of a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreLocation {
    /// A folder, which one process uses at a time.
    Folder(PathBuf),
    /// A database, which several servers can use at a time.
    Database(DatabaseUrl),
}

/// The URL of a PostgreSQL database. `Display` and `Debug` show neither its password nor its parameters.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl StoreLocation {
    /// Reads a location: a URL that begins with `postgres://` or `postgresql://`, or else the path of a folder.
    #[must_use]
    pub fn new(text: &str) -> Self {
        if SCHEMES.iter().any(|scheme| text.starts_with(scheme)) {
            Self::Database(DatabaseUrl(text.to_owned()))
        } else {
            Self::Folder(PathBuf::from(text))
        }
    }

    /// The folder; `None` for a database.
    #[must_use]
    pub fn folder(&self) -> Option<&Path> {
        match self {
            Self::Folder(folder) => Some(folder),
            Self::Database(_) => None,
        }
    }
}

impl From<PathBuf> for StoreLocation {
    /// The location of a path, which may be a URL that was given in place of one.
    fn from(path: PathBuf) -> Self {
        match path.to_str() {
            Some(text) => Self::new(text),
            None => Self::Folder(path),
        }
    }
}

impl DatabaseUrl {
    /// The URL with its password and its parameters. Never log it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StoreLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => folder.display().fmt(f),
            Self::Database(url) => url.fmt(f),
        }
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = self.0.split('?').next().unwrap_or_default();
        let (scheme, rest) = address.split_once("://").unwrap_or(("postgres", address));
        // A password may contain any character.
        match rest.rsplit_once('@') {
            Some((credentials, host)) => {
                let user = credentials.split(':').next().unwrap_or_default();
                write!(f, "{scheme}://{user}@{host}")
            }
            None => write!(f, "{scheme}://{rest}"),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_a_database_and_anything_else_a_folder() {
        for text in ["postgres://h/d", "postgresql://u@h:1/d?sslmode=disable"] {
            assert!(
                matches!(StoreLocation::from(PathBuf::from(text)), StoreLocation::Database(url) if url.expose() == text)
            );
        }
        for text in ["store", "/data/store", "postgres", "postgres:/x", "http://h/d"] {
            assert_eq!(StoreLocation::new(text).folder(), Some(Path::new(text)));
        }
    }

    #[test]
    fn a_password_is_never_shown() {
        for (url, shown) in [
            ("postgres://u:s3cret@h:5432/d?password=s3cret", "postgres://u@h:5432/d"),
            ("postgres://u:s3@cret@h/d", "postgres://u@h/d"),
            ("postgresql://h/d", "postgresql://h/d"),
            ("postgres:///d?host=/run&user=u&password=s3cret", "postgres:///d"),
        ] {
            let location = StoreLocation::new(url);
            assert_eq!(location.to_string(), shown);
            assert!(!format!("{location:?}").contains("cret"));
        }
    }
}
