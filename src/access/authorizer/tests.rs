use sweetspot_core::{Role, Scope};
use sweetspot_store::api_keys::NewApiKey;
use sweetspot_store::audit_log::AuditLogKind;
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
    _folder: tempfile::TempDir,
}

fn world() -> World {
    let (store, clock): (Arc<dyn Store>, _) =
        (Arc::new(MemoryStore::new()), Arc::new(FixedClock("2026-03-02T10:00:00Z".parse().unwrap())));
    let keys = ApiKeys::open(Arc::clone(&store), clock.clone()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("owner-key");
    let owner_key = Some(OwnerKeyFile::open(&path).unwrap());
    let owner = std::fs::read_to_string(&path).unwrap().trim().parse().unwrap();
    let open = |kind| AuditLog::open(Arc::clone(&store), clock.clone(), kind, 100).unwrap();
    let (audit, denials) = (open(AuditLogKind::Changes), open(AuditLogKind::Denials));
    let access = AccessControl { keys: keys.clone(), owner_key, tokens: None, audit, denials: DenialLog::new(denials) };
    World { keys, authorizer: Authorizer::required(access), owner, _folder: folder }
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
        self.authorizer.authorize(path, method_access(path), headers).map_err(|(_, error)| error)
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
fn a_refused_call_names_its_caller_as_far_as_it_is_known() {
    let world = world();
    let scorer = world.key(None, &[Role::Scorer]);
    let path = "/sweetspot.v1.ModelService/TrainModel";
    let refused = |headers: &HeaderMap| world.authorizer.authorize(path, method_access(path), headers).unwrap_err().0;
    assert_eq!(refused(&bearer(&scorer)).principal(), Some("maria"));
    assert_eq!(refused(&HeaderMap::new()), Caller::Anonymous);
}
