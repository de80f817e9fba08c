//! What an error of the database means for a call.

use deadpool_postgres::PoolError;
use tokio_postgres::error::SqlState;

use super::url::cause_of;
use crate::store::StoreError;

/// Why the work of a call failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum CallError {
    /// The database or the connection to it.
    #[error(transparent)]
    Database(#[from] tokio_postgres::Error),
    /// No connection.
    #[error(transparent)]
    Pool(#[from] PoolError),
    /// An error of the store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a call does.
#[derive(Clone, Copy, Debug)]
pub(super) struct CallKind {
    /// The attempted operation, such as `write rows`.
    pub(super) action: &'static str,
    /// Whether it changes something, so that an error leaves open whether it did.
    pub(super) is_change: bool,
}

impl CallKind {
    /// The error of a call that was not answered.
    pub(super) fn unanswered(self, store: &str, cause: String) -> StoreError {
        let store = store.to_owned();
        if self.is_change { StoreError::Undecided { store, cause } } else { StoreError::Unreachable { store, cause } }
    }

    /// The error of a call that failed with this one.
    pub(super) fn failed(self, store: &str, error: CallError) -> StoreError {
        let error = match error {
            CallError::Store(error) => return error,
            // Nothing was sent.
            CallError::Pool(error) => {
                return StoreError::Unreachable { store: store.to_owned(), cause: cause_of(&error) };
            }
            CallError::Database(error) => error,
        };
        let Some(found) = error.as_db_error() else { return self.unanswered(store, cause_of(&error)) };
        let (store, cause) = (store.to_owned(), found.message().to_owned());
        let code = found.code();
        if *code == SqlState::DISK_FULL {
            return StoreError::Full { path: store };
        }
        if *code == SqlState::READ_ONLY_SQL_TRANSACTION {
            return StoreError::ReadOnly { cause: format!("{store}: {cause}") };
        }
        // The classes of connections, of refused credentials, of exhausted resources, and of an operator's actions. None
        // of them leaves a part of a change.
        let class = code.code().get(..2).unwrap_or_default();
        if matches!(class, "08" | "28" | "3D" | "53" | "57") || *code == SqlState::INSUFFICIENT_PRIVILEGE {
            return StoreError::Unreachable { store, cause };
        }
        StoreError::Backend { action: self.action, source: Box::new(error) }
    }
}
