use sweetspot_core::{Role, Scope};
use sweetspot_store::api_keys::NewApiKey;
use sweetspot_store::clock::FixedClock;
use sweetspot_store::store::{MemoryStore, RequestKey, Store};
use tonic::codegen::http::HeaderValue;

use super::*;
use crate::access::method_access;

const SCORE: &str = "/sweetspot.v1.ScoringService/ScoreAccounts";

struct World {
    keys: ApiKeys,
    authorizer: Authorizer,
    owner: ApiKeySecret,
}

fn world() -> World {
    let (store, clock): (Arc<dyn Store>, _) =
        (Arc::new(MemoryStore::new()), Arc::new(FixedClock("2026-03-02T10:00:00Z".parse().unwrap())));
    let keys = ApiKeys::open(Arc::clone(&store), clock.clone()).unwrap();
    let owner = ApiKeySecret::generate().unwrap();
    let audit = AuditLog::open(store, clock, 100).unwrap();
    let access = AccessControl { keys: keys.clone(), owner_key: Some(OwnerKey::from(&owner)), tokens: None, audit };
    World { keys, authorizer: Authorizer::required(access), owner }
}

impl World {
    fn key(&self, workspace: Option<&str>, roles: &[Role]) -> ApiKeySecret {
        let new = NewApiKey {
            principal: "maria".to_owned(),
            workspace: workspace.map(|name| name.parse().unwrap()),
            roles: roles.to_vec(),
            scopes: Vec::new(),
            expires: None,
            created_by: String::new(),
        };
        self.keys.create(new, &RequestKey::none()).unwrap().1
    }

    fn call(&self, path: &str, headers: &HeaderMap) -> Result<Caller, AccessError> {
        self.authorizer.authorize(path, method_access(path), headers)
    }
}

fn header(value: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(AUTHORIZATION, HeaderValue::from_str(value).unwrap());
    headers
}

fn bearer(secret: &ApiKeySecret) -> HeaderMap {
    header(&format!("Bearer {}", secret.reveal()))
}

#[test]
fn a_key_opens_the_methods_of_its_scopes_and_no_others() {
    let world = world();
    let secret = world.key(Some("workspaces/acme"), &[Role::Scorer]);
    let headers = bearer(&secret);
    let caller = world.call(SCORE, &headers).unwrap();
    assert_eq!(
        (caller.principal(), caller.workspace().map(ToString::to_string)),
        (Some("maria"), Some("acme".to_owned()))
    );
    let error = world.call("/sweetspot.v1.ModelService/TrainModel", &headers).unwrap_err();
    assert_eq!(error, AccessError::NoScope { method: "TrainModel".to_owned(), scope: Scope::Train });
    assert!(world.call("/sweetspot.v1.AccessService/GetCaller", &headers).is_ok());
}

#[test]
fn a_key_of_one_workspace_cannot_call_what_concerns_all() {
    let world = world();
    let path = "/sweetspot.v1.StoreService/BackupStore";
    let one = world.key(Some("workspaces/acme"), &[Role::Owner]);
    let error = world.call(path, &bearer(&one)).unwrap_err();
    assert_eq!(error, AccessError::OneWorkspace { method: "BackupStore".to_owned() });
    let all = world.key(None, &[Role::Owner]);
    assert!(world.call(path, &bearer(&all)).is_ok());
    assert_eq!(world.call(path, &bearer(&world.owner)).unwrap().principal(), Some("owner"));
}

#[test]
fn a_call_without_one_valid_credential_is_refused() {
    let world = world();
    assert_eq!(world.call(SCORE, &HeaderMap::new()), Err(AccessError::NoCredential));
    let secret = world.owner.reveal();
    let other = ApiKeySecret::generate().unwrap();
    let invalid = AccessError::InvalidCredential(InvalidCredential::Unknown);
    for value in [
        "",
        secret,
        "Bearer",
        "Bearer ",
        &format!("Basic {secret}"),
        &format!("Bearer {secret}0"),
        &format!("Bearer {}", other.reveal()),
        &format!("Bearer {}_{}", &secret[..16], &other.reveal()[17..]),
    ] {
        assert_eq!(world.call(SCORE, &header(value)), Err(invalid.clone()), "{value}");
    }
    let mut twice = bearer(&world.owner);
    twice.append(AUTHORIZATION, HeaderValue::from_static("Bearer x"));
    assert_eq!(world.call(SCORE, &twice), Err(invalid));
    assert!(world.call(SCORE, &header(&format!("bearer {secret}"))).is_ok(), "the scheme has no case");
}

#[test]
fn health_needs_no_credential_and_methods_that_do_not_exist_do() {
    let world = world();
    assert_eq!(world.call("/grpc.health.v1.Health/Check", &HeaderMap::new()), Ok(Caller::Anonymous));
    for path in ["/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", "/made/up", ""] {
        assert_eq!(world.call(path, &HeaderMap::new()), Err(AccessError::NoCredential), "{path}");
    }
}

#[test]
fn the_key_of_the_owner_is_created_once_and_only_its_owner_can_read_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("owner-key");
    let created = OwnerKey::from_file(&path).unwrap();
    assert_eq!(OwnerKey::from_file(&path).unwrap(), created);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    std::fs::write(&path, "swt_").unwrap();
    let error = OwnerKey::from_file(&path).unwrap_err().to_string();
    assert!(error.contains("does not contain an API key"), "{error}");
    let error = OwnerKey::from_file(&folder.path().join("missing/key")).unwrap_err().to_string();
    assert!(error.starts_with("cannot create"), "{error}");
}
