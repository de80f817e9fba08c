use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};
use sweetspot_core::Scope;
use sweetspot_store::clock::FixedClock;
use tempfile::TempDir;

use super::*;

const ISSUER: &str = "https://id.example/realms/acme";
/// The time in the tests, 2026-03-02T10:00:00Z, in seconds.
const NOW: i64 = 1_772_445_600;
/// A modulus, and tokens signed with its private key, which expire five minutes later.
const RSA_TOKENS: &str = include_str!("rsa_tokens.json");

/// The cause of a token with an unknown key.
const UNKNOWN_KEY: &str = "an unknown key";

/// An issuer with a key of each kind, and a server that accepts its tokens.
struct Issuer {
    ecdsa: EcdsaKeyPair,
    ed25519: Ed25519KeyPair,
    verifier: TokenVerifier,
    folder: TempDir,
}

fn issuer() -> Issuer {
    let random = SystemRandom::new();
    let ecdsa = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
    let ecdsa = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, ecdsa.as_ref(), &random).unwrap();
    let ed25519 = Ed25519KeyPair::from_pkcs8(Ed25519KeyPair::generate_pkcs8(&random).unwrap().as_ref()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("keys.json");
    std::fs::write(&file, key_set(&ecdsa, &ed25519).to_string()).unwrap();
    let rules = TokenRules {
        issuer: ISSUER.to_owned(),
        audience: "sweetspot".to_owned(),
        principal_claim: "sub".to_owned(),
        roles_claim: "sweetspot_roles".to_owned(),
        workspace_claim: "sweetspot_workspace".to_owned(),
    };
    let clock = Arc::new(FixedClock(jiff::Timestamp::from_second(NOW).unwrap()));
    Issuer { verifier: TokenVerifier::open(rules, file, clock).unwrap(), ecdsa, ed25519, folder }
}

/// The public keys, with keys for other purposes and of unknown types between them, as providers publish them.
fn key_set(ecdsa: &EcdsaKeyPair, ed25519: &Ed25519KeyPair) -> Value {
    let (x, y) = ecdsa.public_key().as_ref()[1..].split_at(32);
    let rsa = |id: &str, more: Value| {
        let n = rsa_tokens()["n"].clone();
        let mut key = json!({"kty": "RSA", "kid": id, "n": n, "e": "AQAB"});
        key.as_object_mut().unwrap().append(&mut more.as_object().unwrap().clone());
        key
    };
    json!({"keys": [
        {"kty": "made up", "kid": "other"},
        {"kty": "EC", "kid": "no curve", "crv": "secp256k1", "x": "", "y": ""},
        {"kty": "oct", "kid": "shared", "k": BASE64.encode("secret"), "alg": "HS256"},
        rsa("encrypts", json!({"use": "enc", "alg": "RSA-OAEP"})),
        rsa("rsa", json!({"use": "sig", "x5c": ["MIIC"]})),
        rsa("rsa-pss", json!({"alg": "PS384"})),
        {"kty": "EC", "kid": "ec", "crv": "P-256", "alg": "ES256", "x": BASE64.encode(x), "y": BASE64.encode(y)},
        {"kty": "OKP", "kid": "ed", "crv": "Ed25519", "x": BASE64.encode(ed25519.public_key().as_ref())},
    ]})
}

fn rsa_tokens() -> Value {
    serde_json::from_str(RSA_TOKENS).unwrap()
}

fn claims() -> Value {
    json!({
        "iss": ISSUER, "aud": ["account", "sweetspot"], "sub": "maria", "exp": NOW + 300, "nbf": NOW,
        "sweetspot_roles": ["offline_access", "scorer"], "sweetspot_workspace": "acme",
    })
}

/// The claims with another value for one; `Null` for none.
fn claims_with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    claims
}

fn unsigned(header: &Value, claims: &Value) -> String {
    format!("{}.{}", BASE64.encode(header.to_string()), BASE64.encode(claims.to_string()))
}

impl Issuer {
    /// A token that is signed with the Ed25519 key, whatever its header says.
    fn sign_as(&self, header: &Value, claims: &Value) -> String {
        let message = unsigned(header, claims);
        let signature = BASE64.encode(self.ed25519.sign(message.as_bytes()));
        format!("{message}.{signature}")
    }

    fn sign(&self, claims: &Value) -> String {
        self.sign_as(&json!({"alg": "EdDSA", "kid": "ed"}), claims)
    }

    fn cause(&self, token: &str) -> String {
        match self.verifier.authenticate(token) {
            Err(InvalidToken::Rejected { cause }) => cause,
            Err(InvalidToken::UnknownKey) => UNKNOWN_KEY.to_owned(),
            other => panic!("{other:?}"),
        }
    }

    fn cached(&self) -> usize {
        self.verifier.0.current.load().as_ref().unwrap().callers.lock().unwrap().len()
    }
}

#[test]
fn tokens_of_each_kind_of_key_name_their_caller() {
    let issuer = issuer();
    let message = unsigned(&json!({"alg": "ES256", "kid": "ec"}), &claims());
    let signature = issuer.ecdsa.sign(&SystemRandom::new(), message.as_bytes()).unwrap();
    let ecdsa = format!("{message}.{}", BASE64.encode(signature));
    let rsa = ["rs256", "ps384"].map(|name| rsa_tokens()[name].as_str().unwrap().to_owned());
    for token in rsa.into_iter().chain([ecdsa, issuer.sign(&claims())]) {
        let caller = issuer.verifier.authenticate(&token).unwrap();
        assert_eq!((caller.principal.as_str(), caller.issuer.as_str()), ("maria", ISSUER));
        assert_eq!(caller.workspace.as_ref().map(ToString::to_string).as_deref(), Some("acme"));
        assert!(caller.scopes.contains(Scope::Score) && !caller.scopes.contains(Scope::Read));
    }
}

#[test]
fn only_the_algorithm_of_the_key_is_accepted() {
    let issuer = issuer();
    let no_key = UNKNOWN_KEY;
    let point = BASE64.encode(issuer.ed25519.public_key().as_ref());
    let sign_with_secret = |kid: &str, secret: &[u8]| {
        let message = unsigned(&json!({"alg": "HS256", "kid": kid}), &claims());
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret);
        format!("{message}.{}", BASE64.encode(ring::hmac::sign(&key, message.as_bytes())))
    };
    // A public key as the secret, and a secret in the key set.
    for (kid, secret) in [("ed", issuer.ed25519.public_key().as_ref()), ("ed", point.as_bytes()), ("shared", b"secret")]
    {
        assert_eq!(issuer.cause(&sign_with_secret(kid, secret)), no_key);
    }
    for (alg, kid) in [("EdDSA", "made up"), ("EdDSA", "ec"), ("ES256", "ed"), ("RS384", "rsa"), ("RS256", "encrypts")]
    {
        assert_eq!(issuer.cause(&issuer.sign_as(&json!({"alg": alg, "kid": kid}), &claims())), no_key, "{alg} {kid}");
    }
    let none = unsigned(&json!({"alg": "none", "kid": "ed"}), &claims());
    for token in [none.clone(), format!("{none}."), format!("{none}.AAAA")] {
        assert_eq!(issuer.cause(&token), "it is neither an API key nor a signed JWT");
    }
    assert_eq!(issuer.cause(&issuer.sign_as(&json!({"alg": "EdDSA"}), &claims())), "its header has no `kid`");
    let own_key = json!({"alg": "EdDSA", "kid": "x", "jwk": {"kty": "OKP", "crv": "Ed25519", "x": point}});
    assert_eq!(issuer.cause(&issuer.sign_as(&own_key, &claims())), no_key);
    let critical = json!({"alg": "EdDSA", "kid": "ed", "crit": ["exp"], "exp": 1});
    assert_eq!(issuer.cause(&issuer.sign_as(&critical, &claims())), "it is neither an API key nor a signed JWT");
}

#[test]
fn a_changed_token_is_refused() {
    let issuer = issuer();
    let token = issuer.sign(&claims());
    let (message, signature) = token.rsplit_once('.').unwrap();
    let header = message.split_once('.').unwrap().0;
    let owner = BASE64.encode(claims_with("sweetspot_roles", json!("owner")).to_string());
    assert_eq!(issuer.cause(&format!("{header}.{owner}.{signature}")), "its signature is wrong");
    assert_eq!(issuer.cause(&format!("{message}.{}", BASE64.encode([0; 64]))), "its signature is wrong");
    assert_eq!(issuer.cause(&format!("{message}.")), "its signature is wrong");
    let mut foreign = self::issuer();
    foreign.ed25519 = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
    assert_eq!(issuer.cause(&foreign.sign(&claims())), "its signature is wrong");
    for text in ["", "eyJ", "a.b", "a.b.c", "a.b.c.d", &format!("{token}=")] {
        assert_eq!(issuer.cause(text), "it is neither an API key nor a signed JWT", "{text}");
    }
    let huge = issuer.sign(&claims_with("groups", json!("x".repeat(MAX_TOKEN_BYTES))));
    assert_eq!(issuer.cause(&huge), "it has more than 8192 bytes");
    assert_eq!(issuer.cached(), 0);
    assert!(issuer.verifier.authenticate(&token).is_ok());
}

#[test]
fn issuer_audience_and_times_are_checked() {
    let issuer = issuer();
    for (claim, value, expected) in [
        ("iss", json!("https://id.example/realms/acme/"), "its claim `iss` is not auth.jwt_issuer"),
        ("iss", Value::Null, "it has no valid claim `iss`"),
        ("aud", json!("sweetspot2"), "its claim `aud` does not contain auth.jwt_audience"),
        ("aud", json!(["account"]), "its claim `aud` does not contain auth.jwt_audience"),
        ("aud", Value::Null, "it has no valid claim `aud`"),
        ("exp", Value::Null, "it has no valid claim `exp`"),
        ("exp", json!("1772445900"), "it has no valid claim `exp`"),
        ("exp", json!(-1), "it has no valid claim `exp`"),
        ("nbf", json!(NOW + 61), "its claim `nbf` is in the future"),
        ("nbf", json!("soon"), "its claim `nbf` must be a time"),
    ] {
        assert_eq!(issuer.cause(&issuer.sign(&claims_with(claim, value))), expected);
    }
    let expired = issuer.verifier.authenticate(&issuer.sign(&claims_with("exp", json!(NOW - 61))));
    assert_eq!(expired.unwrap_err().to_string(), "the token expired on 2026-03-02T09:58:59Z: get another one");
    for (claim, value) in [
        ("exp", json!(NOW - 60)),
        ("exp", json!(f64::from(u32::MAX) + 0.5)),
        ("exp", json!(u64::MAX)),
        ("nbf", json!(NOW + 60)),
        ("nbf", Value::Null),
    ] {
        assert!(issuer.verifier.authenticate(&issuer.sign(&claims_with(claim, value))).is_ok(), "{claim}");
    }
}

#[test]
fn principal_roles_and_workspace_come_from_claims() {
    let issuer = issuer();
    let call = |claim: &str, value: Value| issuer.verifier.authenticate(&issuer.sign(&claims_with(claim, value)));
    for value in [Value::Null, json!(""), json!(7), json!("x".repeat(129))] {
        let error = call("sub", value).unwrap_err().to_string();
        assert!(error.contains("`sub` does not name the caller"), "{error}");
    }
    for value in [Value::Null, json!([]), json!("admin"), json!(["Scorer", 1]), json!({"scorer": true}), json!("*")] {
        let error = call("sweetspot_roles", value).unwrap_err().to_string();
        assert!(error.contains("contains none of the roles reader, scorer, trainer, approver, owner"), "{error}");
    }
    let several = call("sweetspot_roles", json!("openid reader scorer")).unwrap();
    assert!(several.scopes.contains(Scope::Read) && several.scopes.contains(Scope::Score));
    for value in [Value::Null, json!(""), json!("a b"), json!(["acme"]), json!("workspaces/"), json!("workspaces/*")] {
        let error = call("sweetspot_workspace", value).unwrap_err().to_string();
        assert!(error.contains("must be the id of a workspace"), "{error}");
    }
    assert_eq!(call("sweetspot_workspace", json!("*")).unwrap().workspace, None);
    let named = call("sweetspot_workspace", json!("workspaces/acme")).unwrap().workspace.clone();
    assert_eq!(named.map(|id| id.to_string()).as_deref(), Some("acme"));
}

#[test]
fn changed_keys_replace_the_last_ones_and_unusable_ones_do_not() {
    let issuer = issuer();
    let file = issuer.folder.path().join("keys.json");
    let token = issuer.sign(&claims());
    assert!(issuer.verifier.authenticate(&token).is_ok());
    assert!(!issuer.verifier.reload().unwrap());
    for (text, cause) in [
        ("{", "it is not a JSON Web Key Set"),
        (r#"{"keys": []}"#, "it contains no public key with a `kid`"),
        (r#"{"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "AA"}]}"#, "it contains no public key with a `kid`"),
    ] {
        std::fs::write(&file, text).unwrap();
        let error = issuer.verifier.reload().unwrap_err().to_string();
        assert!(error.starts_with("auth.jwt_keys_file: cannot use") && error.contains(cause), "{error}");
        assert!(!issuer.verifier.reload().unwrap(), "the same file gives no second error");
        assert!(issuer.verifier.authenticate(&token).is_ok(), "the last keys stay");
    }
    std::fs::remove_file(&file).unwrap();
    assert!(issuer.verifier.reload().is_err());
    std::fs::write(&file, " ".repeat(MAX_KEY_SET_BYTES as usize + 1)).unwrap();
    assert!(issuer.verifier.reload().unwrap_err().to_string().contains("more than"));
    assert_eq!(issuer.cached(), 1);
    let other = self::issuer();
    std::fs::write(&file, key_set(&other.ecdsa, &other.ed25519).to_string()).unwrap();
    assert!(issuer.verifier.reload().unwrap());
    assert_eq!(issuer.cause(&token), "its signature is wrong", "a token does not outlive its key");
    assert!(issuer.verifier.authenticate(&other.sign(&claims())).is_ok());
}

#[test]
fn the_cache_is_bounded_and_remembers_no_expired_token() {
    let issuer = issuer();
    let current = issuer.verifier.0.current.load_full().unwrap();
    let caller = issuer.verifier.authenticate(&issuer.sign(&claims())).unwrap();
    let time = |second| jiff::Timestamp::from_second(second).unwrap();
    for number in 1..MAX_VERIFIED_TOKENS {
        current.remember(Digest::new(&number.to_le_bytes()), &caller, time(NOW));
    }
    assert_eq!(issuer.cached(), MAX_VERIFIED_TOKENS);
    current.remember(Digest::new(b"one more"), &caller, time(NOW));
    assert_eq!(issuer.cached(), 1, "a full cache starts again");
    assert!(caller.check_expiry(time(NOW + 361)).is_err());
}

#[tokio::test]
async fn fetched_keys_replace_the_last_ones_and_an_unknown_key_is_reported() {
    let issuer = issuer();
    let (rules, clock) = (issuer.verifier.0.rules.clone(), Arc::clone(&issuer.verifier.0.clock));
    let verifier = TokenVerifier::without_keys(rules, clock);
    let token = issuer.sign(&claims());
    assert_eq!(verifier.authenticate(&token), Err(InvalidToken::NoKeys));
    assert_eq!((verifier.has_file(), verifier.fetched_seconds()), (false, None));
    let keys = key_set(&issuer.ecdsa, &issuer.ed25519).to_string();
    assert_eq!(verifier.replace(keys.as_bytes()), Ok(true));
    assert_eq!(verifier.fetched_seconds(), Some(NOW));
    assert!(verifier.authenticate(&token).is_ok());
    for _ in 0..2 {
        assert!(verifier.replace(b"{}").is_err(), "each fetch is reported");
    }
    assert!(verifier.authenticate(&token).is_ok());
    assert_eq!(verifier.replace(keys.as_bytes()), Ok(false));
    let mut seen = std::pin::pin!(verifier.unknown_key_seen());
    assert!(futures_util::poll!(seen.as_mut()).is_pending());
    let unknown = issuer.sign_as(&json!({"alg": "EdDSA", "kid": "next"}), &claims());
    let error = verifier.authenticate(&unknown).unwrap_err();
    assert_eq!(error.to_string(), "the token is not valid: the issuer has no key with its `kid` and `alg`");
    seen.await;
}
