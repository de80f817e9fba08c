//! The public keys of an issuer, and the signatures that they verify.

use std::sync::Once;

use jsonwebtoken::crypto::{CryptoProvider, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::signature::{self, Verifier};
use jsonwebtoken::{Algorithm, DecodingKey, DecodingKeyKind, Validation};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512,
    RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey, VerificationAlgorithm,
};
use serde_json::{Map, Value};

use super::InvalidToken;

/// The keys of an issuer.
#[derive(Debug)]
pub(super) struct SigningKeys(Vec<SigningKey>);

/// A key. It verifies signatures of one algorithm, so that a token cannot choose another one.
#[derive(Debug)]
struct SigningKey {
    id: String,
    algorithm: Algorithm,
    key: DecodingKey,
}

impl SigningKeys {
    /// Reads a JSON Web Key Set. Keys for other purposes and of unknown types are left out.
    pub(super) fn parse(json: &[u8]) -> Result<Self, String> {
        static INSTALL: Once = Once::new();
        INSTALL.call_once(|| {
            // Only this function installs one.
            let _already_installed = RING.install_default();
        });
        let set: JwkSet =
            serde_json::from_slice(json).map_err(|error| format!("it is not a JSON Web Key Set: {error}"))?;
        let keys: Vec<_> = set.keys.iter().filter_map(SigningKey::new).collect();
        if keys.is_empty() {
            Err("it contains no public key with a `kid` for signatures".to_owned())
        } else {
            Ok(Self(keys))
        }
    }

    /// Returns the claims of a token, once its signature, issuer and audience are verified.
    pub(super) fn verify(&self, token: &str, issuer: &str, audience: &str) -> Result<Map<String, Value>, InvalidToken> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| malformed())?;
        let id = header.kid.ok_or_else(|| InvalidToken::rejected("its header has no `kid`"))?;
        let key = self.0.iter().find(|key| key.id == id && key.algorithm == header.alg);
        let key = key.ok_or(InvalidToken::UnknownKey)?;
        let mut validation = Validation::new(key.algorithm);
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[audience]);
        validation.set_required_spec_claims(&["iss", "aud", "exp"]);
        // Times are compared with the clock of the server, also those of remembered tokens.
        validation.validate_exp = false;
        jsonwebtoken::decode(token, &key.key, &validation).map(|token| token.claims).map_err(|error| rejected(&error))
    }
}

impl SigningKey {
    /// Returns a key if it can verify signatures.
    fn new(jwk: &Jwk) -> Option<Self> {
        use Algorithm::{ES256, ES384, EdDSA, PS256, PS384, PS512, RS256, RS384, RS512};
        let possible: &[Algorithm] = match &jwk.algorithm {
            // Providers that do not name the algorithm of a key, such as Entra ID, use the first one.
            AlgorithmParameters::RSA(_) => &[RS256, RS384, RS512, PS256, PS384, PS512],
            AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => &[ES256],
            AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P384 => &[ES384],
            AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => &[EdDSA],
            AlgorithmParameters::EllipticCurve(_)
            | AlgorithmParameters::OctetKeyPair(_)
            | AlgorithmParameters::OctetKey(_)
            | AlgorithmParameters::Other(_)
            | _ => &[],
        };
        let is_named = |algorithm: &&Algorithm| {
            jwk.common.key_algorithm.is_none_or(|named| named == KeyAlgorithm::from(**algorithm))
        };
        if jwk.common.public_key_use.as_ref().is_some_and(|purpose| *purpose != PublicKeyUse::Signature) {
            return None;
        }
        let algorithm = *possible.iter().find(is_named)?;
        Some(Self { id: jwk.common.key_id.clone()?, algorithm, key: DecodingKey::from_jwk(jwk).ok()? })
    }
}

fn malformed() -> InvalidToken {
    InvalidToken::rejected("it is neither an API key nor a signed JWT")
}

fn rejected(error: &Error) -> InvalidToken {
    let cause = if let ErrorKind::MissingRequiredClaim(claim) = error.kind() {
        format!("it has no valid claim `{claim}`")
    } else if *error.kind() == ErrorKind::InvalidIssuer {
        "its claim `iss` is not auth.jwt_issuer".to_owned()
    } else if *error.kind() == ErrorKind::InvalidAudience {
        "its claim `aud` does not contain auth.jwt_audience".to_owned()
    } else if *error.kind() == ErrorKind::InvalidSignature {
        "its signature is wrong".to_owned()
    } else {
        return malformed();
    };
    InvalidToken::Rejected { cause }
}

/// Verifies signatures with `ring`, and signs nothing.
static RING: CryptoProvider = CryptoProvider {
    signer_factory: |_, _| Err(ErrorKind::UnsupportedAlgorithm.into()),
    verifier_factory: |algorithm, key| {
        let method = Method::new(*algorithm).ok_or(ErrorKind::UnsupportedAlgorithm)?;
        Ok(Box::new(RingVerifier { algorithm: *algorithm, method, key: key.clone() }))
    },
    key_utils: KeyUtils::new_unimplemented(),
};

struct RingVerifier {
    algorithm: Algorithm,
    method: Method,
    key: DecodingKey,
}

/// How `ring` verifies a signature.
enum Method {
    Rsa(&'static RsaParameters),
    Curve(&'static dyn VerificationAlgorithm),
}

impl Method {
    /// `None` for signatures with a shared secret.
    fn new(algorithm: Algorithm) -> Option<Self> {
        match algorithm {
            Algorithm::RS256 => Some(Self::Rsa(&RSA_PKCS1_2048_8192_SHA256)),
            Algorithm::RS384 => Some(Self::Rsa(&RSA_PKCS1_2048_8192_SHA384)),
            Algorithm::RS512 => Some(Self::Rsa(&RSA_PKCS1_2048_8192_SHA512)),
            Algorithm::PS256 => Some(Self::Rsa(&RSA_PSS_2048_8192_SHA256)),
            Algorithm::PS384 => Some(Self::Rsa(&RSA_PSS_2048_8192_SHA384)),
            Algorithm::PS512 => Some(Self::Rsa(&RSA_PSS_2048_8192_SHA512)),
            Algorithm::ES256 => Some(Self::Curve(&ECDSA_P256_SHA256_FIXED)),
            Algorithm::ES384 => Some(Self::Curve(&ECDSA_P384_SHA384_FIXED)),
            Algorithm::EdDSA => Some(Self::Curve(&ED25519)),
            Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512 | _ => None,
        }
    }
}

impl JwtVerifier for RingVerifier {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

impl Verifier<Vec<u8>> for RingVerifier {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), signature::Error> {
        let verified = match (&self.method, self.key.kind()) {
            (Method::Rsa(method), DecodingKeyKind::RsaModulusExponent { n, e }) => {
                RsaPublicKeyComponents { n, e }.verify(method, message, signature)
            }
            (Method::Curve(method), DecodingKeyKind::SecretOrDer(key)) => {
                UnparsedPublicKey::new(*method, key).verify(message, signature)
            }
            (Method::Rsa(_), DecodingKeyKind::SecretOrDer(_))
            | (Method::Curve(_), DecodingKeyKind::RsaModulusExponent { .. }) => Err(ring::error::Unspecified),
        };
        verified.map_err(|_| signature::Error::new())
    }
}
