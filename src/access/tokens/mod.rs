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
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use sweetspot_core::Digest;
use sweetspot_store::clock::Clock;
use thiserror::Error;

pub(crate) use self::claims::{InvalidToken, TokenCaller, TokenRules};
#[cfg(not(feature = "jwt"))]
use self::no_signing_keys::NoSigningKeys as SigningKeys;
#[cfg(feature = "jwt")]
use self::signing_keys::SigningKeys;

/// The maximum length of a token, in bytes.
const MAX_TOKEN_BYTES: usize = 8 << 10;
/// The maximum number of verified tokens that are remembered.
const MAX_VERIFIED_TOKENS: usize = 4096;
/// The maximum size of the file with the keys, in bytes.
const MAX_FILE_BYTES: u64 = 1 << 20;

/// Why tokens cannot be accepted as set.
#[derive(Debug, Error)]
pub enum TokenError {
    /// The program was built without the feature `jwt`.
    #[error("auth.jwt_* is set, and this build has no JWT support: build it with the feature jwt")]
    NoSupport,
    /// Only some of the settings are set.
    #[error("auth.jwt_issuer, auth.jwt_audience and auth.jwt_keys_file belong together: set all three or none")]
    Incomplete,
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
    file: PathBuf,
    /// The digest of the file that was read last, usable or not.
    seen: ArcSwap<Digest>,
    current: ArcSwap<VerifiedTokens>,
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
        let contents = read_file(&file)?;
        let seen = ArcSwap::from_pointee(Digest::new(&contents));
        let current = ArcSwap::from_pointee(VerifiedTokens::new(&file, &contents)?);
        Ok(Self(Arc::new(VerifierState { rules, clock, file, seen, current })))
    }

    /// Reads the file again. If it has changed and can be used, tokens are verified with the new keys; if it cannot be
    /// used, the last ones stay. Returns whether the keys have changed.
    ///
    /// # Errors
    /// Why the file cannot be used, once for each change.
    pub(crate) fn reload(&self) -> Result<bool, TokenError> {
        let state = &*self.0;
        let contents = read_file(&state.file)?;
        let digest = Digest::new(&contents);
        if **state.seen.load() == digest {
            return Ok(false);
        }
        state.seen.store(Arc::new(digest));
        state.current.store(Arc::new(VerifiedTokens::new(&state.file, &contents)?));
        Ok(true)
    }

    /// Returns the caller with this token. A signature is verified once; later calls find the token by its digest.
    pub(super) fn authenticate(&self, token: &str) -> Result<Arc<TokenCaller>, InvalidToken> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(InvalidToken::rejected(format!("it has more than {MAX_TOKEN_BYTES} bytes")));
        }
        let state = &*self.0;
        let (current, digest, now) = (state.current.load(), Digest::new(token.as_bytes()), state.clock.now());
        if let Some(caller) = current.find(&digest) {
            caller.check_expiry(now)?;
            return Ok(caller);
        }
        let claims = current.keys.verify(token, &state.rules.issuer, &state.rules.audience)?;
        let caller = Arc::new(state.rules.caller(&claims, now)?);
        current.remember(digest, &caller, now);
        Ok(caller)
    }
}

impl VerifiedTokens {
    fn new(path: &Path, contents: &[u8]) -> Result<Self, TokenError> {
        let failed = |cause| TokenError::File { path: path.to_owned(), cause };
        Ok(Self { keys: SigningKeys::parse(contents).map_err(failed)?, callers: Mutex::default() })
    }

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
    let read = File::open(path).and_then(|file| file.take(MAX_FILE_BYTES + 1).read_to_end(&mut contents));
    match read {
        Err(error) => Err(failed(error.to_string())),
        Ok(size) if size as u64 > MAX_FILE_BYTES => Err(failed(format!("it has more than {MAX_FILE_BYTES} bytes"))),
        Ok(_) => Ok(contents),
    }
}

#[cfg(feature = "jwt")]
#[cfg(test)]
mod tests;
