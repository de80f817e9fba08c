//! API keys: who calls the server, and what the caller may do.
//!
//! The store contains the SHA-256 of each secret, never the secret. All keys are also in memory, so that checking one
//! reads nothing.

mod error;
mod row;
mod secret;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use jiff::{SignedDuration, Timestamp};
use sweetspot_core::{Digest, Role, Scope, ScopeSet, WorkspaceName};

pub use self::error::{ApiKeyError, InvalidCredential};
pub(crate) use self::row::ROW_KIND;
use self::row::{PREFIX, key_of};
pub use self::secret::ApiKeySecret;
use crate::clock::Clock;
use crate::store::idempotency::{find_answer, record_answer};
use crate::store::{ChangedKeys, Commit, LocalCache, RequestKey, Row, Store, StoreError};

/// The maximum number of keys of a store, including those that have expired or were revoked.
pub const MAX_API_KEYS: usize = 10_000;
/// The maximum number of keys of one workspace.
pub const MAX_WORKSPACE_KEYS: usize = 1000;
/// How long a key that no longer works is listed, at least.
const KEPT_AFTER_END: SignedDuration = SignedDuration::from_hours(30 * 24);
/// The maximum number of such keys that are removed with one change.
const MAX_REMOVED: usize = 100;
/// The maximum number of keys of one principal that can be used at a time: the old one and the new one of a rotation.
pub const MAX_ACTIVE_KEYS: usize = 2;

const PAGE: usize = 256;

/// An API key without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// The part of the key that is not secret: 12 hexadecimal digits.
    pub id: String,
    /// The person or system that uses the key.
    pub principal: String,
    /// The only workspace that the key opens; `None` for all.
    pub workspace: Option<WorkspaceName>,
    /// The roles of the principal.
    pub roles: Vec<Role>,
    /// Scopes beyond those of the roles.
    pub scopes: Vec<Scope>,
    /// When the key was created.
    pub created: Timestamp,
    /// The principal that created the key.
    pub created_by: String,
    /// When the key stops working; `None` for never.
    pub expires: Option<Timestamp>,
    /// When the key was revoked; `None` if it was not.
    pub revoked: Option<Timestamp>,
}

impl ApiKey {
    /// Everything that the key permits.
    #[must_use]
    pub fn scope_set(&self) -> ScopeSet {
        ScopeSet::new(&self.roles, &self.scopes)
    }

    /// Whether the key has not worked for so long that it can be removed.
    fn is_removable(&self, now: Timestamp) -> bool {
        let ended = [self.revoked, self.expires].into_iter().flatten().min();
        ended.is_some_and(|ended| now.duration_since(ended) > KEPT_AFTER_END)
    }

    /// Whether the key works at this time.
    #[must_use]
    pub fn is_active(&self, now: Timestamp) -> bool {
        self.revoked.is_none() && self.expires.is_none_or(|expires| now < expires)
    }
}

/// What a new key permits, and to whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewApiKey {
    /// See [`ApiKey::principal`].
    pub principal: String,
    /// See [`ApiKey::workspace`].
    pub workspace: Option<WorkspaceName>,
    /// See [`ApiKey::roles`].
    pub roles: Vec<Role>,
    /// See [`ApiKey::scopes`].
    pub scopes: Vec<Scope>,
    /// See [`ApiKey::expires`].
    pub expires: Option<Timestamp>,
    /// See [`ApiKey::created_by`].
    pub created_by: String,
}

/// A key as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
struct StoredKey {
    key: Arc<ApiKey>,
    secret_hash: Digest,
}

/// The API keys of a store. Clones share them.
#[derive(Clone, Debug)]
pub struct ApiKeys(Arc<ApiKeysState>);

#[derive(Debug)]
struct ApiKeysState {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    /// The keys by id.
    keys: ArcSwap<BTreeMap<String, Arc<StoredKey>>>,
    /// Copies of the keys.
    cache: Option<Arc<LocalCache>>,
    /// Held during a change, so that limits are checked against the keys that it changes.
    changes: Mutex<()>,
}

impl ApiKeys {
    /// Reads the keys of a store.
    ///
    /// # Errors
    /// If the store fails, or a key cannot be read.
    pub fn open(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        Self::open_with_cache(store, clock, None)
    }

    /// Reads the keys of a store, with copies of them in a folder. If the store cannot be reached, the keys are the
    /// copies until [`Self::refresh`] succeeds.
    ///
    /// # Errors
    /// If the store fails, or cannot be reached and there are no copies; or if a key cannot be read.
    pub fn open_with_cache(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        cache: Option<Arc<LocalCache>>,
    ) -> Result<Self, StoreError> {
        let keys = match (read_rows(&*store), &cache) {
            (Err(StoreError::Unreachable { .. }), Some(cache)) if !cache.is_empty() => {
                decode(cache.rows().iter().filter(|row| row.key.starts_with(PREFIX)))?
            }
            (rows, _) => decode(&rows?)?,
        };
        let keys = ArcSwap::from_pointee(keys);
        Ok(Self(Arc::new(ApiKeysState { store, clock, keys, cache, changes: Mutex::new(()) })))
    }

    /// Reads the keys again if one of them may have changed, and copies them.
    ///
    /// # Errors
    /// If the store fails, or a key cannot be read. The keys in memory then stay in use.
    pub fn refresh(&self, keys: &ChangedKeys) -> Result<(), StoreError> {
        if !keys.has_prefix(PREFIX) {
            return Ok(());
        }
        let _changing = self.lock();
        self.read_again()
    }

    /// Reads the keys again. The caller holds the lock.
    fn read_again(&self) -> Result<(), StoreError> {
        let rows = read_rows(&*self.0.store)?;
        self.0.keys.store(Arc::new(decode(&rows)?));
        match &self.0.cache {
            Some(cache) => cache.replace(|key| key.starts_with(PREFIX), rows),
            None => Ok(()),
        }
    }

    /// Begins a change: other servers may have changed the keys just before.
    fn begin_change(&self) -> Result<MutexGuard<'_, ()>, StoreError> {
        let changing = self.lock();
        if self.0.store.changes().is_some() {
            self.read_again()?;
        }
        Ok(changing)
    }

    /// Returns the key of a secret, if it can be used now.
    ///
    /// # Errors
    /// Why it cannot be used. An unknown id and a wrong secret give the same error.
    pub fn authenticate(&self, secret: &ApiKeySecret) -> Result<Arc<ApiKey>, InvalidCredential> {
        let keys = self.0.keys.load();
        let stored = keys.get(secret.id()).filter(|stored| secret.matches(&stored.secret_hash));
        let key = &stored.ok_or(InvalidCredential::Unknown)?.key;
        if let Some(revoked) = key.revoked {
            return Err(InvalidCredential::Revoked { revoked });
        }
        match key.expires {
            Some(expires) if self.0.clock.now() >= expires => Err(InvalidCredential::Expired { expires }),
            _ => Ok(Arc::clone(key)),
        }
    }

    /// Returns all keys, by id, including those that have expired or were revoked.
    #[must_use]
    pub fn list(&self) -> Vec<Arc<ApiKey>> {
        self.0.keys.load().values().map(|stored| Arc::clone(&stored.key)).collect()
    }

    /// Returns one key.
    ///
    /// # Errors
    /// [`ApiKeyError::NotFound`].
    pub fn get(&self, id: &str) -> Result<Arc<ApiKey>, ApiKeyError> {
        Ok(Arc::clone(&self.stored(id)?.key))
    }

    /// Whether a key can be used now.
    #[must_use]
    pub fn has_active(&self) -> bool {
        let now = self.0.clock.now();
        self.0.keys.load().values().any(|stored| stored.key.is_active(now))
    }

    /// Creates a key. Its secret is returned once, and cannot be read again.
    ///
    /// # Errors
    /// If a limit is exceeded, the request was made before, or the store fails.
    pub fn create(&self, new: NewApiKey, request: &RequestKey) -> Result<(Arc<ApiKey>, ApiKeySecret), ApiKeyError> {
        const SCOPE: &str = "api-keys/create";
        let _changing = self.begin_change()?;
        self.check_not_created(SCOPE, request)?;
        let NewApiKey { principal, workspace, roles, scopes, expires, created_by } = new;
        self.check_room(&principal, workspace.as_ref())?;
        let secret = ApiKeySecret::generate()?;
        let (id, created) = (secret.id().to_owned(), self.0.clock.now());
        let key = ApiKey { id, principal, workspace, roles, scopes, created, created_by, expires, revoked: None };
        let key = Arc::new(key);
        let stored = StoredKey { key: Arc::clone(&key), secret_hash: secret.hash() };
        let answer = record_answer(SCOPE, request, key.id.as_bytes(), created);
        self.remove_ended(created)?;
        self.commit(&answer.create(key_of(&key.id), stored.encode()), [stored])?;
        Ok((key, secret))
    }

    /// Makes a key unusable at once. A key that was revoked before stays as it is.
    ///
    /// # Errors
    /// [`ApiKeyError::NotFound`], or if the store fails.
    pub fn revoke(&self, id: &str) -> Result<Arc<ApiKey>, ApiKeyError> {
        let _changing = self.begin_change()?;
        let before = self.stored(id)?;
        if before.key.revoked.is_some() {
            return Ok(Arc::clone(&before.key));
        }
        let key = Arc::new(ApiKey { revoked: Some(self.0.clock.now()), ..ApiKey::clone(&before.key) });
        let after = StoredKey { key: Arc::clone(&key), secret_hash: before.secret_hash };
        self.commit(&Commit::default().replace(key_of(id), Some(before.encode()), after.encode()), [after])?;
        Ok(key)
    }

    /// Creates a second key with the rights of this one, which stops working at `old_expires`, unless it would earlier.
    ///
    /// # Errors
    /// [`ApiKeyError::NotFound`], [`ApiKeyError::NotActive`], and the errors of [`Self::create`].
    pub fn rotate(
        &self,
        id: &str,
        expires: Option<Timestamp>,
        old_expires: Timestamp,
        created_by: String,
        request: &RequestKey,
    ) -> Result<(Arc<ApiKey>, ApiKeySecret), ApiKeyError> {
        const SCOPE: &str = "api-keys/rotate";
        let _changing = self.begin_change()?;
        self.check_not_created(SCOPE, request)?;
        let (before, created) = (self.stored(id)?, self.0.clock.now());
        if !before.key.is_active(created) {
            return Err(ApiKeyError::NotActive { id: id.to_owned() });
        }
        self.check_room(&before.key.principal, before.key.workspace.as_ref())?;
        self.remove_ended(created)?;
        let secret = ApiKeySecret::generate()?;
        let of_old = ApiKey::clone(&before.key);
        let key = Arc::new(ApiKey { id: secret.id().to_owned(), created, created_by, expires, ..of_old.clone() });
        let stored = StoredKey { key: Arc::clone(&key), secret_hash: secret.hash() };
        let old_expires = Some(of_old.expires.map_or(old_expires, |earlier| earlier.min(old_expires)));
        let old = ApiKey { expires: old_expires, ..of_old };
        let old = StoredKey { key: Arc::new(old), secret_hash: before.secret_hash };
        let commit = record_answer(SCOPE, request, key.id.as_bytes(), created)
            .create(key_of(&key.id), stored.encode())
            .replace(key_of(id), Some(before.encode()), old.encode());
        self.commit(&commit, [stored, old])?;
        Ok((key, secret))
    }

    fn lock(&self) -> MutexGuard<'_, ()> {
        self.0.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stored(&self, id: &str) -> Result<Arc<StoredKey>, ApiKeyError> {
        let keys = self.0.keys.load();
        keys.get(id).cloned().ok_or_else(|| ApiKeyError::NotFound { id: id.chars().take(64).collect() })
    }

    /// The secret of a request that is repeated is not stored, so that it cannot be returned again.
    fn check_not_created(&self, scope: &str, request: &RequestKey) -> Result<(), ApiKeyError> {
        match find_answer(&*self.0.store, scope, request)? {
            Some(id) => Err(ApiKeyError::AlreadyCreated { id: String::from_utf8_lossy(&id).into_owned() }),
            None => Ok(()),
        }
    }

    fn check_room(&self, principal: &str, workspace: Option<&WorkspaceName>) -> Result<(), ApiKeyError> {
        let (keys, now) = (self.0.keys.load(), self.0.clock.now());
        let is_ended = |stored: &&Arc<StoredKey>| stored.key.is_removable(now);
        let of_workspace = keys.values().filter(|stored| stored.key.workspace.as_ref() == workspace);
        let of_workspace = of_workspace.filter(|stored| !is_ended(stored)).count();
        if keys.len() - keys.values().filter(is_ended).count().min(MAX_REMOVED) >= MAX_API_KEYS
            || workspace.is_some() && of_workspace >= MAX_WORKSPACE_KEYS
        {
            return Err(ApiKeyError::TooMany);
        }
        let is_own = |key: &ApiKey| key.principal == principal && key.workspace.as_ref() == workspace;
        let active = keys.values().filter(|stored| is_own(&stored.key) && stored.key.is_active(now)).count();
        if active < MAX_ACTIVE_KEYS {
            Ok(())
        } else {
            Err(ApiKeyError::TooManyActive { principal: principal.to_owned() })
        }
    }

    /// Removes keys that have not worked for a while.
    fn remove_ended(&self, now: Timestamp) -> Result<(), ApiKeyError> {
        let before = self.0.keys.load_full();
        let ended = before.values().filter(|stored| stored.key.is_removable(now)).take(MAX_REMOVED);
        let ended: Vec<&str> = ended.map(|stored| stored.key.id.as_str()).collect();
        if ended.is_empty() {
            return Ok(());
        }
        let writes = ended.iter().map(|id| (key_of(id), None)).collect();
        self.0.store.commit(&Commit { lease: None, expectations: Vec::new(), writes })?;
        let mut after = BTreeMap::clone(&before);
        after.retain(|id, _| !ended.contains(&id.as_str()));
        self.0.keys.store(Arc::new(after));
        Ok(())
    }

    fn commit<const N: usize>(&self, commit: &Commit, changed: [StoredKey; N]) -> Result<(), ApiKeyError> {
        self.0.store.commit(commit)?;
        let mut keys = BTreeMap::clone(&self.0.keys.load());
        keys.extend(changed.map(|stored| (stored.key.id.clone(), Arc::new(stored))));
        self.0.keys.store(Arc::new(keys));
        Ok(())
    }
}

/// Reads the rows of all keys.
fn read_rows(store: &dyn Store) -> Result<Vec<Row>, StoreError> {
    let mut rows: Vec<Row> = Vec::new();
    loop {
        let page = store.scan(PREFIX, rows.last().map(|row| row.key.as_str()), PAGE)?;
        if page.is_empty() {
            return Ok(rows);
        }
        rows.extend(page);
    }
}

fn decode<'r>(rows: impl IntoIterator<Item = &'r Row>) -> Result<BTreeMap<String, Arc<StoredKey>>, StoreError> {
    let decode = |row: &Row| {
        let stored = StoredKey::decode(&row.value)?;
        Ok((stored.key.id.clone(), Arc::new(stored)))
    };
    rows.into_iter().map(decode).collect()
}

#[cfg(test)]
mod tests;
