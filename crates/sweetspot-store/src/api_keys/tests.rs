use super::*;
use crate::clock::FixedClock;
use crate::store::MemoryStore;

const NOW: &str = "2026-03-02T10:00:00Z";

fn open_at(time: &str, store: &Arc<MemoryStore>) -> ApiKeys {
    let store: Arc<dyn Store> = Arc::clone(store) as _;
    ApiKeys::open(store, Arc::new(FixedClock(time.parse().unwrap()))).unwrap()
}

fn new(principal: &str) -> NewApiKey {
    NewApiKey {
        principal: principal.to_owned(),
        workspace: Some("workspaces/acme".parse().unwrap()),
        roles: vec![Role::Scorer],
        scopes: vec![Scope::Explain],
        expires: Some("2026-04-01T00:00:00Z".parse().unwrap()),
        created_by: "maria".to_owned(),
    }
}

#[test]
fn a_key_survives_the_store_and_only_its_secret_opens_it() {
    let store = Arc::new(MemoryStore::new());
    let (key, secret) = open_at(NOW, &store).create(new("router"), &RequestKey::none()).unwrap();
    let keys = open_at(NOW, &store);
    assert_eq!(keys.authenticate(&secret), Ok(key.clone()));
    assert_eq!(keys.list(), [key]);
    for stored in store.scan("", None, 100).unwrap() {
        let text = String::from_utf8(stored.value).unwrap();
        assert!(!text.contains(secret.reveal().rsplit_once('_').unwrap().1), "the secret is stored");
    }
    let other = format!("{}{}", &secret.reveal()[..17], "0".repeat(64));
    assert_eq!(keys.authenticate(&other.parse().unwrap()), Err(InvalidCredential::Unknown));
    let unknown = format!("swt_000000000000_{}", "0".repeat(64));
    assert_eq!(keys.authenticate(&unknown.parse().unwrap()), Err(InvalidCredential::Unknown));
}

#[test]
fn a_key_ends_at_its_expiry_and_at_once_if_it_is_revoked() {
    let store = Arc::new(MemoryStore::new());
    let keys = open_at(NOW, &store);
    let (key, secret) = keys.create(new("router"), &RequestKey::none()).unwrap();
    assert!(open_at("2026-03-31T23:59:59Z", &store).authenticate(&secret).is_ok());
    let expired = open_at("2026-04-01T00:00:00Z", &store);
    assert_eq!(expired.authenticate(&secret), Err(InvalidCredential::Expired { expires: key.expires.unwrap() }));
    assert!(!expired.has_active() && keys.has_active());
    let revoked = keys.revoke(&key.id).unwrap();
    let error = InvalidCredential::Revoked { revoked: revoked.revoked.unwrap() };
    assert_eq!(keys.authenticate(&secret), Err(error.clone()));
    assert_eq!(open_at(NOW, &store).authenticate(&secret), Err(error));
    assert_eq!(keys.revoke(&key.id).unwrap(), revoked, "a second time changes nothing");
}

#[test]
fn a_principal_has_two_active_keys_at_most_in_a_workspace() {
    let store = Arc::new(MemoryStore::new());
    let keys = open_at(NOW, &store);
    let (first, _) = keys.create(new("router"), &RequestKey::none()).unwrap();
    keys.create(new("router"), &RequestKey::none()).unwrap();
    let error = keys.create(new("router"), &RequestKey::none()).unwrap_err();
    assert!(matches!(error, ApiKeyError::TooManyActive { .. }), "{error}");
    keys.create(NewApiKey { workspace: None, ..new("router") }, &RequestKey::none()).unwrap();
    keys.revoke(&first.id).unwrap();
    keys.create(new("router"), &RequestKey::none()).unwrap();
}

#[test]
fn after_a_rotation_both_keys_work_until_the_old_one_expires() {
    let store = Arc::new(MemoryStore::new());
    let keys = open_at(NOW, &store);
    let (old, old_secret) = keys.create(new("router"), &RequestKey::none()).unwrap();
    let until = "2026-03-03T10:00:00Z".parse().unwrap();
    let (key, secret) = keys.rotate(&old.id, None, until, "maria".to_owned(), &RequestKey::none()).unwrap();
    assert_eq!((key.scope_set(), &key.workspace, key.expires), (old.scope_set(), &old.workspace, None));
    assert!(keys.authenticate(&old_secret).is_ok() && keys.authenticate(&secret).is_ok());
    let later = open_at("2026-03-03T10:00:00Z", &store);
    assert_eq!(later.authenticate(&old_secret), Err(InvalidCredential::Expired { expires: until }));
    assert!(later.authenticate(&secret).is_ok());
    let error = later.rotate(&old.id, None, until, String::new(), &RequestKey::none()).unwrap_err();
    assert!(matches!(error, ApiKeyError::NotActive { .. }), "{error}");
}

#[test]
fn a_repeated_request_creates_no_second_key() {
    let store = Arc::new(MemoryStore::new());
    let keys = open_at(NOW, &store);
    let request = RequestKey { id: "0b9c1d2e-3f40-4a51-8b62-7c83940a5b61".to_owned(), body: Digest::new(b"a") };
    let (key, _) = keys.create(new("router"), &request).unwrap();
    let error = keys.create(new("router"), &request).unwrap_err();
    assert!(matches!(error, ApiKeyError::AlreadyCreated { id } if id == key.id));
    assert_eq!(keys.list().len(), 1);
}

#[test]
fn only_the_exact_form_is_a_key() {
    let secret = ApiKeySecret::generate().unwrap();
    assert_eq!(secret.reveal().parse::<ApiKeySecret>().as_ref(), Ok(&secret));
    assert_eq!(format!("{secret:?}"), format!("ApiKeySecret({})", secret.id()));
    let text = secret.reveal();
    for other in
        ["", "swt_", &text[1..], &text[..80], &format!("{text}0"), &text.to_uppercase(), &text.replace('_', "-")]
    {
        assert_eq!(other.parse::<ApiKeySecret>(), Err(InvalidCredential::Unknown), "{other}");
    }
}

#[test]
fn a_damaged_or_newer_row_is_an_error() {
    let store = Arc::new(MemoryStore::new());
    open_at(NOW, &store).create(new("router"), &RequestKey::none()).unwrap();
    for value in [&b"{"[..], br#"{"format":2}"#, b"{}"] {
        let store = Arc::new(MemoryStore::new());
        store.commit(&Commit::default().create("api-key/1", value.to_vec())).unwrap();
        let open = ApiKeys::open(Arc::clone(&store) as _, Arc::new(FixedClock(NOW.parse().unwrap())));
        assert!(open.is_err());
    }
}

#[test]
fn a_key_that_has_not_worked_for_a_month_is_removed_with_the_next_one() {
    let store = Arc::new(MemoryStore::new());
    let (key, secret) = open_at(NOW, &store).create(new("router"), &RequestKey::none()).unwrap();
    let later = open_at("2026-05-02T00:00:00Z", &store);
    assert!(matches!(later.authenticate(&secret), Err(InvalidCredential::Expired { .. })));
    let (next, _) = later.create(NewApiKey { expires: None, ..new("router") }, &RequestKey::none()).unwrap();
    assert_eq!(later.list(), std::slice::from_ref(&next));
    assert_eq!(open_at("2026-05-02T00:00:00Z", &store).list(), [next]);
    assert_eq!(later.authenticate(&secret), Err(InvalidCredential::Unknown));
    assert!(later.get(&key.id).is_err());
}
