//! The text of a key: `swt_`, an id, `_` and 256 random bits.

use std::fmt;
use std::str::FromStr;

use subtle::ConstantTimeEq as _;
use sweetspot_core::Digest;

use super::{ApiKeyError, InvalidCredential};

/// The start of every key, by which scanners for leaked secrets find it.
const START: &str = "swt_";
const ID_BYTES: usize = 6;
const SECRET_BYTES: usize = 32;

/// The full text of a key.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKeySecret {
    text: String,
}

impl ApiKeySecret {
    /// Creates a key from the random numbers of the system.
    ///
    /// # Errors
    /// [`ApiKeyError::NoRandomness`].
    pub fn generate() -> Result<Self, ApiKeyError> {
        let mut bytes = [0; ID_BYTES + SECRET_BYTES];
        getrandom::fill(&mut bytes).map_err(|error| ApiKeyError::NoRandomness { cause: error.to_string() })?;
        let (id, secret) = bytes.split_at(ID_BYTES);
        Ok(Self { text: format!("{START}{}_{}", hexadecimal(id), hexadecimal(secret)) })
    }

    /// Whether a text starts like a key, so that it cannot be another kind of credential.
    #[must_use]
    pub fn is_form_of(text: &str) -> bool {
        text.starts_with(START)
    }

    /// The part that is not secret.
    #[must_use]
    pub fn id(&self) -> &str {
        self.text.get(START.len()..START.len() + 2 * ID_BYTES).unwrap_or_default()
    }

    /// The full text, for the one who may have it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.text
    }

    /// The SHA-256 of the full text. With 256 random bits in it, no slower hash is needed.
    #[must_use]
    pub fn hash(&self) -> Digest {
        Digest::new(self.text.as_bytes())
    }

    /// Whether this is the key with the given hash. The time that it takes does not depend on the hashes.
    #[must_use]
    pub fn matches(&self, hash: &Digest) -> bool {
        self.hash().as_bytes().ct_eq(hash.as_bytes()).into()
    }
}

impl fmt::Debug for ApiKeySecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApiKeySecret({})", self.id())
    }
}

impl FromStr for ApiKeySecret {
    type Err = InvalidCredential;

    /// Reads a key. Only its form is checked.
    fn from_str(text: &str) -> Result<Self, InvalidCredential> {
        let is_hexadecimal = |part: &str, bytes: usize| {
            part.len() == 2 * bytes && part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        };
        let parts = text.strip_prefix(START).and_then(|rest| rest.split_once('_'));
        match parts {
            Some((id, secret)) if is_hexadecimal(id, ID_BYTES) && is_hexadecimal(secret, SECRET_BYTES) => {
                Ok(Self { text: text.to_owned() })
            }
            _ => Err(InvalidCredential::Unknown),
        }
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}
