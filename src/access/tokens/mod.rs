//! Tokens of an identity provider (JWT) as credentials.

mod claims;
#[cfg(not(feature = "jwt"))]
mod no_signing_keys;
#[cfg(feature = "jwt")]
mod signing_keys;

use std::collections::HashMap;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwapOption;
use sweetspot_core::Digest;
use sweetspot_store::clock::Clock;
use thiserror::Error;
use tokio::sync::Notify;

pub(crate) use self::claims::{InvalidToken, TokenCaller, TokenRules};
#[cfg(not(feature = "jwt"))]
use self::no_signing_keys::NoSigningKeys as SigningKeys;
#[cfg(feature = "jwt")]
use self::signing_keys::SigningKeys;

/// The maximum length of a token, in bytes.
const MAX_TOKEN_BYTES: usize = 8 << 10;
/// The maximum number of verified tokens that are remembered.
const MAX_VERIFIED_TOKENS: usize = 4096;
/// The maximum size of the keys of an issuer, in bytes.
pub(crate) const MAX_KEY_SET_BYTES: u64 = 1 << 20;

/// Why tokens cannot be accepted as set.
#[derive(Debug, Error)]
pub enum TokenError {
    /// The program was built without the feature `jwt`.
    #[error("auth.jwt_* is set, and this build has no JWT support: build it with the feature jwt")]
    NoSupport,
    /// Only some of the settings are set.
    #[error(
        "auth.jwt_issuer, auth.jwt_audience, and one of auth.jwt_keys_file and auth.jwt_keys_url belong together: set all \
         three or none"
    )]
    Incomplete,
    /// The keys come from two places.
    #[error("auth.jwt_keys_file and auth.jwt_keys_url are both set: unset one")]
    TwoSources,
    /// There is nothing that the authorities sign.
    #[error("auth.jwt_keys_ca_file is set without auth.jwt_keys_url: unset it")]
    UnusedAuthorities,
    /// The keys would be fetched without encryption.
    #[error(
        "auth.jwt_keys_url: {url} would be read without encryption, so that anyone on the way could add keys: use https://"
    )]
    Unencrypted {
        /// The address.
        url: String,
    },
    /// The authorities cannot be used.
    #[error(
        "auth.jwt_keys_ca_file: cannot use {}: {cause}",
        path.as_ref().map_or("the authorities of the system".to_owned(), |path| path.display().to_string())
    )]
    Authorities {
        /// The file; `None` for those of the system.
        path: Option<PathBuf>,
        /// Why.
        cause: String,
    },
    /// Calls without a credential are permitted.
    #[error("auth.jwt_issuer is set, but calls need no credential: set auth.required")]
    NotRequired,
    /// The file with the keys cannot be used.
    #[error("auth.jwt_keys_file: cannot use {}: {cause}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: String,
    },
}

/// Accepts the tokens of one issuer. Clones share the keys.
#[derive(Clone, Debug)]
pub(crate) struct TokenVerifier(Arc<VerifierState>);

#[derive(Debug)]
struct VerifierState {
    rules: TokenRules,
    clock: Arc<dyn Clock>,
    /// The file with the keys; `None` if they are fetched.
    file: Option<PathBuf>,
    /// The digest of the keys that were read last, usable or not.
    seen: ArcSwapOption<Digest>,
    /// `None` until the keys were fetched.
    current: ArcSwapOption<VerifiedTokens>,
    /// When keys that can be used were fetched last, in seconds since 1970; 0: never.
    fetched_seconds: AtomicI64,
    /// Notified when a token names a key that is not among the fetched ones.
    unknown_key: Notify,
}

/// The keys, and the tokens that were verified with them: other keys begin with an empty cache, so that a token does not
/// outlive its key.
#[derive(Debug)]
struct VerifiedTokens {
    keys: SigningKeys,
    callers: Mutex<HashMap<Digest, Arc<TokenCaller>>>,
}

impl TokenVerifier {
    /// Reads the keys of the issuer from a file, a JSON Web Key Set.
    ///
    /// # Errors
    /// If the file cannot be used.
    pub(crate) fn open(rules: TokenRules, file: PathBuf, clock: Arc<dyn Clock>) -> Result<Self, TokenError> {
        let verifier = Self::create(rules, Some(file), clock);
        verifier.reload().map(|_| verifier)
    }

    /// Accepts no token until it gets the keys of the issuer ([`Self::replace`]).
    pub(crate) fn without_keys(rules: TokenRules, clock: Arc<dyn Clock>) -> Self {
        Self::create(rules, None, clock)
    }

    fn create(rules: TokenRules, file: Option<PathBuf>, clock: Arc<dyn Clock>) -> Self {
        let (seen, current) = (ArcSwapOption::empty(), ArcSwapOption::empty());
        let (fetched_seconds, unknown_key) = (AtomicI64::new(0), Notify::new());
        Self(Arc::new(VerifierState { rules, clock, file, seen, current, fetched_seconds, unknown_key }))
    }

    /// Whether the keys come from a file.
    pub(crate) fn has_file(&self) -> bool {
        self.0.file.is_some()
    }

    /// Reads the file again. If it has changed and can be used, tokens are verified with the new keys; if it cannot be
    /// used, the last ones stay. Returns whether the keys have changed.
    ///
    /// # Errors
    /// Why the file cannot be used, once for each change.
    pub(crate) fn reload(&self) -> Result<bool, TokenError> {
        let Some(path) = &self.0.file else { return Ok(false) };
        let contents = read_file(path)?;
        self.use_keys(&contents).map_err(|cause| TokenError::File { path: path.clone(), cause })
    }

    /// Verifies tokens with fetched keys from now on. If they cannot be used, the last ones stay. Returns whether they have
    /// changed.
    ///
    /// # Errors
    /// Why the keys cannot be used.
    #[cfg(feature = "jwt")]
    pub(crate) fn replace(&self, contents: &[u8]) -> Result<bool, String> {
        // Keys that cannot be used are refused each time, so that the caller knows.
        SigningKeys::parse(contents)?;
        let has_changed = self.use_keys(contents)?;
        self.0.fetched_seconds.store(self.0.clock.now().as_second(), Ordering::Relaxed);
        Ok(has_changed)
    }

    fn use_keys(&self, contents: &[u8]) -> Result<bool, String> {
        let digest = Digest::new(contents);
        if self.0.seen.load().as_deref() == Some(&digest) {
            return Ok(false);
        }
        self.0.seen.store(Some(Arc::new(digest)));
        let keys = SigningKeys::parse(contents)?;
        self.0.current.store(Some(Arc::new(VerifiedTokens { keys, callers: Mutex::default() })));
        Ok(true)
    }

    /// When keys that can be used were fetched last, in seconds since 1970.
    pub(crate) fn fetched_seconds(&self) -> Option<i64> {
        Some(self.0.fetched_seconds.load(Ordering::Relaxed)).filter(|seconds| *seconds > 0)
    }

    /// Resolves once a token has named an unknown key.
    #[cfg(feature = "jwt")]
    pub(crate) async fn unknown_key_seen(&self) {
        self.0.unknown_key.notified().await;
    }

    /// Returns the caller with this token. A signature is verified once; later calls find the token by its digest.
    pub(super) fn authenticate(&self, token: &str) -> Result<Arc<TokenCaller>, InvalidToken> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(InvalidToken::rejected(format!("it has more than {MAX_TOKEN_BYTES} bytes")));
        }
        let state = &*self.0;
        let (current, digest, now) = (state.current.load(), Digest::new(token.as_bytes()), state.clock.now());
        let current = current.as_ref().ok_or(InvalidToken::NoKeys)?;
        if let Some(caller) = current.find(&digest) {
            caller.check_expiry(now)?;
            return Ok(caller);
        }
        let verified = current.keys.verify(token, &state.rules.issuer, &state.rules.audience);
        if verified == Err(InvalidToken::UnknownKey) {
            state.unknown_key.notify_one();
        }
        let claims = verified?;
        let caller = Arc::new(state.rules.caller(&claims, now)?);
        current.remember(digest, &caller, now);
        Ok(caller)
    }
}

impl VerifiedTokens {
    fn find(&self, digest: &Digest) -> Option<Arc<TokenCaller>> {
        self.callers.lock().unwrap_or_else(PoisonError::into_inner).get(digest).cloned()
    }

    /// Only valid tokens get here, so that requests with invented ones cannot fill the cache.
    fn remember(&self, digest: Digest, caller: &Arc<TokenCaller>, now: jiff::Timestamp) {
        let mut callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
        if callers.len() >= MAX_VERIFIED_TOKENS {
            callers.retain(|_, caller| caller.check_expiry(now).is_ok());
        }
        if callers.len() >= MAX_VERIFIED_TOKENS {
            callers.clear();
        }
        callers.insert(digest, Arc::clone(caller));
    }
}

fn read_file(path: &Path) -> Result<Vec<u8>, TokenError> {
    let failed = |cause: String| TokenError::File { path: path.to_owned(), cause };
    let mut contents = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MAX_KEY_SET_BYTES + 1).read_to_end(&mut contents));
    match read {
        Err(error) => Err(failed(error.to_string())),
        Ok(size) if size as u64 > MAX_KEY_SET_BYTES => {
            Err(failed(format!("it has more than {MAX_KEY_SET_BYTES} bytes")))
        }
        Ok(_) => Ok(contents),
    }
}

#[cfg(feature = "jwt")]
#[cfg(test)]
mod tests;
