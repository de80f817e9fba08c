//! Who may call what: every method with missing, expired and foreign credentials, names and workspaces.

use std::collections::BTreeMap;
use std::sync::Arc;

use prost::Message as _;
use sweetspot::config::{AuthSettings, Settings};
use sweetspot_core::{Role, Scope};
use sweetspot_proto::v1;
use sweetspot_proto::v1::access_service_client::AccessServiceClient;
use sweetspot_proto::v1::audit_record::Event;
use sweetspot_proto::v1::store_service_client::StoreServiceClient;
use sweetspot_store::api_keys::{ApiKeys, NewApiKey};
use sweetspot_store::clock::FixedClock;
use sweetspot_store::store::{Commit, MemoryStore, RequestKey, Store};
use tempfile::TempDir;
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Channel;
use tonic::{Code, Request, Status};
use tonic_types::StatusExt as _;

use crate::every_method::{MethodClient, UnaryMethod, methods, required_accounts, text_field};
use crate::support::server::{TestServer, promote, publish, world};
use crate::support::{assert_refused, data};

/// Sends a credential with each call.
#[derive(Clone)]
struct Bearer(String);

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        request.metadata_mut().insert("authorization", format!("Bearer {}", self.0).parse().unwrap());
        Ok(request)
    }
}

type AccessClient = AccessServiceClient<InterceptedService<Channel, Bearer>>;

/// A server that requires credentials.
struct GuardedServer {
    server: TestServer,
    /// The key with all rights.
    owner: String,
    /// A key with all rights that has expired.
    expired: String,
    store: Arc<dyn Store>,
    _folder: TempDir,
}

impl GuardedServer {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("owner-key");
        let auth = AuthSettings { required: true, owner_key_file: Some(path.clone()), ..AuthSettings::default() };
        let settings = Settings { auth, ..Settings::default() };
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let expired = expired_key(&store);
        let world = world(Arc::clone(&store), &settings);
        publish(&world, "r-1");
        promote(&world, 1);
        let server = TestServer::serve(world, &settings).await;
        let owner = std::fs::read_to_string(&path).unwrap().trim().to_owned();
        Self { server, owner, expired, store, _folder: folder }
    }

    fn access(&self, secret: &str) -> AccessClient {
        AccessServiceClient::with_interceptor(self.server.channel.clone(), Bearer(secret.to_owned()))
    }

    fn caller(&self, secret: &str) -> MethodClient {
        let mut caller = MethodClient::new(&self.server);
        caller.authorization = Some(format!("Bearer {secret}"));
        caller
    }

    /// Creates a key for a workspace with these roles and scopes.
    async fn key(&self, principal: &str, workspace: &str, roles: &[&str], scopes: &[&str]) -> String {
        let request = v1::CreateApiKeyRequest {
            principal: principal.to_owned(),
            workspace: workspace.to_owned(),
            roles: roles.iter().map(ToString::to_string).collect(),
            scopes: scopes.iter().map(ToString::to_string).collect(),
            ..Default::default()
        };
        self.access(&self.owner).create_api_key(request).await.unwrap().into_inner().secret
    }

    async fn audit(&self) -> Vec<v1::AuditRecord> {
        let request = v1::ListAuditRecordsRequest { page_size: 500, ..Default::default() };
        self.access(&self.owner).list_audit_records(request).await.unwrap().into_inner().records
    }
}

/// Creates a key with all rights that expires before the servers of these tests start.
fn expired_key(store: &Arc<dyn Store>) -> String {
    let new = NewApiKey {
        principal: "bot".to_owned(),
        workspace: None,
        roles: vec![Role::Owner],
        scopes: Vec::new(),
        expires: Some("2026-03-02T09:59:59Z".parse().unwrap()),
        created_by: String::new(),
    };
    let clock = Arc::new(FixedClock("2026-03-01T00:00:00Z".parse().unwrap()));
    let keys = ApiKeys::open(Arc::clone(store), clock).unwrap();
    keys.create(new, &RequestKey::none()).unwrap().1.reveal().to_owned()
}

/// The reason of a refusal.
fn reason(status: &Status) -> String {
    status.get_details_error_info().map(|info| info.reason).unwrap_or_default()
}

/// A request of a method that gets as far as its names: with one account, if it takes accounts.
fn request_with(method: &UnaryMethod, field: &str, text: &str) -> Vec<u8> {
    // A dataset replaces the accounts of a comparison.
    let accounts = if field == "dataset" { Vec::new() } else { required_accounts(method) };
    [text_field(method.fields[field], text), accounts].concat()
}

#[tokio::test]
async fn every_method_needs_a_valid_credential() {
    let server = GuardedServer::start().await;
    let request =
        v1::CreateApiKeyRequest { principal: "bot".to_owned(), roles: vec!["owner".to_owned()], ..Default::default() };
    let revoked = server.access(&server.owner).create_api_key(request).await.unwrap().into_inner();
    let revoke = v1::RevokeApiKeyRequest { id: revoked.key.unwrap().id, ..Default::default() };
    server.access(&server.owner).revoke_api_key(revoke).await.unwrap();
    let unknown = format!("swt_000000000000_{}", "0".repeat(64));
    for method in methods() {
        for (authorization, expected) in [
            (None, "CREDENTIAL_MISSING"),
            (Some(format!("Bearer {unknown}")), "CREDENTIAL_INVALID"),
            (Some("Bearer".to_owned()), "CREDENTIAL_INVALID"),
            (Some(format!("Basic {}", server.owner)), "CREDENTIAL_INVALID"),
            (Some(format!("Bearer {}", server.expired)), "CREDENTIAL_EXPIRED"),
            (Some(format!("Bearer {}", revoked.secret)), "CREDENTIAL_REVOKED"),
        ] {
            let mut caller = MethodClient::new(&server.server);
            caller.authorization = authorization;
            assert_refused(caller.call(&method, Vec::new(), None).await, Code::Unauthenticated, expected);
        }
    }
    server.server.stop().await;
}

#[tokio::test]
async fn every_method_needs_its_scope() {
    let server = GuardedServer::start().await;
    let mut keys = BTreeMap::new();
    for scope in Scope::ALL {
        keys.insert(*scope, server.key(scope.as_str(), "", &[], &[scope.as_str()]).await);
    }
    let mut open_methods = BTreeMap::<&str, Vec<Scope>>::new();
    let all = methods();
    for method in &all {
        for (scope, secret) in &keys {
            let result = server.caller(secret).call(method, Vec::new(), None).await;
            if result.is_err_and(|status| reason(&status) == "SCOPE_MISSING") {
                continue;
            }
            open_methods.entry(&method.name).or_default().push(*scope);
        }
    }
    for method in &all {
        let scopes = &open_methods[method.name.as_str()];
        let expected = if method.name == "GetCaller" { Scope::ALL.len() } else { 1 };
        assert_eq!(scopes.len(), expected, "{}: {scopes:?}", method.name);
    }
    assert_eq!(open_methods["ScoreAccounts"], [Scope::Score]);
    assert_eq!(open_methods["PromoteModelVersion"], [Scope::Promote]);
    server.server.stop().await;
}

/// The fields of requests that name resources.
const NAME_FIELDS: [&str; 9] =
    ["name", "version", "model", "parent", "dataset", "champion", "challenger", "model_version", "workspace"];

/// A name of each form.
fn names_in(workspace: &str) -> Vec<String> {
    let forms = [
        "",
        "/models/default",
        "/models/default/versions/1",
        "/models/default/versions/live",
        "/models/default/trainingRuns/r-1",
        "/datasets/default",
        "/datasets/default/versions/1",
    ];
    forms.iter().map(|form| format!("workspaces/{workspace}{form}")).collect()
}

#[tokio::test]
async fn every_name_in_another_workspace_is_not_found() {
    let server = GuardedServer::start().await;
    // An owner of another workspace: every scope, and nothing in the workspace that has a model.
    let mut caller = server.caller(&server.key("rival", "workspaces/acme", &["owner"], &[]).await);
    let mut checked = 0;
    for method in methods() {
        for field in NAME_FIELDS.into_iter().filter(|field| method.fields.contains_key(*field)) {
            let mut found_form = false;
            for name in names_in("default") {
                let Err(status) = caller.call(&method, request_with(&method, field, &name), None).await else {
                    panic!("{} answers for {name}", method.path);
                };
                match reason(&status).as_str() {
                    "WORKSPACE_NOT_FOUND" => {
                        assert_eq!(status.code(), Code::NotFound, "{}", method.path);
                        assert!(status.message().contains("workspaces/acme"), "{}", status.message());
                        found_form = true;
                    }
                    "WORKSPACE_NOT_PERMITTED" => (),
                    // The name has another form, or another field is missing.
                    _ if status.code() == Code::InvalidArgument => (),
                    other => panic!("{} {field} {name}: {other} {}", method.path, status.message()),
                }
            }
            assert!(found_form, "no form of a name is checked in {} of {}", field, method.path);
            checked += 1;
        }
    }
    assert!(checked > 60, "{checked}");
    server.server.stop().await;
}

#[tokio::test]
async fn names_within_messages_are_walls_too() {
    let server = GuardedServer::start().await;
    let mut caller = server.caller(&server.key("rival", "workspaces/acme", &["owner"], &[]).await);
    let (version, model) = ("workspaces/default/models/default/versions/live", "workspaces/default/models/default");
    let config = v1::ScoreConfig { version: version.to_owned(), ..Default::default() };
    let rows = v1::AccountRows { rows: vec![v1::Account { account_id: "a".to_owned(), ..Default::default() }] };
    let accounts = Some(v1::score_accounts_request::Accounts::Rows(rows));
    let score = v1::ScoreAccountsRequest { config: Some(config), accounts };
    let definition = v1::Definition { model: model.to_owned(), ..Default::default() };
    let update = v1::UpdateDefinitionRequest { definition: Some(definition), ..Default::default() };
    let erase = v1::EraseAccountsRequest {
        parent: "workspaces/acme".to_owned(),
        account_ids: vec!["a".to_owned()],
        datasets: vec!["workspaces/default/datasets/default".to_owned()],
        ..Default::default()
    };
    let train_config = v1::TrainingConfig { segments_from: Some(version.to_owned()), ..Default::default() };
    let train = v1::TrainModelRequest { config: Some(train_config), ..Default::default() };
    for (name, message) in [
        ("ScoreAccounts", score.encode_to_vec()),
        ("UpdateDefinition", update.encode_to_vec()),
        ("EraseAccounts", erase.encode_to_vec()),
        ("TrainModel", train.encode_to_vec()),
    ] {
        let method = methods().into_iter().find(|method| method.name == name).unwrap();
        assert_refused(caller.call(&method, message, None).await, Code::NotFound, "WORKSPACE_NOT_FOUND");
    }
    server.server.stop().await;
}

#[tokio::test]
async fn an_empty_name_is_in_the_workspace_of_the_caller_and_only_that_one_is_listed() {
    let server = GuardedServer::start().await;
    let secret = server.key("rival", "workspaces/acme", &["owner"], &[]).await;
    let mut caller = server.caller(&secret);
    let call = |name: &str| methods().into_iter().find(|method| method.name == name).unwrap();
    let answer = caller.call(&call("ListWorkspaces"), Vec::new(), None).await.unwrap();
    let names: Vec<String> =
        v1::ListWorkspacesResponse::decode(answer).unwrap().workspaces.into_iter().map(|one| one.name).collect();
    assert_eq!(names, ["workspaces/acme"]);
    let score = call("ScoreAccounts");
    let message = required_accounts(&score);
    let status = caller.call(&score, message.clone(), None).await.unwrap_err();
    assert!(status.message().contains("workspaces/acme/models/default"), "{status:?}");
    assert!(server.caller(&server.owner).call(&score, message, None).await.is_ok(), "the owner has the default one");
    server.server.stop().await;
}

#[tokio::test]
async fn a_model_does_not_learn_from_another_workspace() {
    let server = GuardedServer::start().await;
    let train = v1::TrainModelRequest {
        model: "workspaces/acme/models/default".to_owned(),
        dataset: "workspaces/default/datasets/default".to_owned(),
        ..Default::default()
    };
    let method = methods().into_iter().find(|method| method.name == "TrainModel").unwrap();
    let result = server.caller(&server.owner).call(&method, train.encode_to_vec(), None).await;
    assert_refused(result, Code::InvalidArgument, "DATASET_OF_ANOTHER_WORKSPACE");
    server.server.stop().await;
}

#[tokio::test]
async fn reasons_and_overrides_need_their_own_scopes() {
    let server = GuardedServer::start().await;
    let find = |name: &str| methods().into_iter().find(|method| method.name == name).unwrap();
    let scorer = server.key("router", "workspaces/default", &["scorer"], &[]).await;
    let explainer = server.key("rep", "workspaces/default", &["scorer"], &["explain"]).await;
    let config = v1::ScoreConfig { view: v1::ScoreView::TopReasons.into(), ..Default::default() };
    let rows = v1::AccountRows { rows: vec![v1::Account { account_id: "a".to_owned(), ..Default::default() }] };
    let accounts = Some(v1::score_accounts_request::Accounts::Rows(rows));
    let score = v1::ScoreAccountsRequest { config: Some(config), accounts }.encode_to_vec();
    let method = find("ScoreAccounts");
    let result = server.caller(&scorer).call(&method, score.clone(), None).await;
    assert_refused(result, Code::PermissionDenied, "SCOPE_MISSING");
    assert!(server.caller(&scorer).call(&method, required_accounts(&method), None).await.is_ok());
    assert!(server.caller(&explainer).call(&method, score, None).await.is_ok());

    let approver = server.key("ann", "workspaces/default", &["approver"], &[]).await;
    let overrides = vec![v1::CheckOverride { check: "auc_drop".to_owned(), reason: "r".to_owned() }];
    let name = "workspaces/default/models/default/versions/1".to_owned();
    let promote = v1::PromoteModelVersionRequest { name, overrides, ..Default::default() };
    let result = server.caller(&approver).call(&find("PromoteModelVersion"), promote.encode_to_vec(), None).await;
    assert_refused(result, Code::PermissionDenied, "SCOPE_MISSING");
    server.server.stop().await;
}

#[tokio::test]
async fn the_author_of_a_change_is_the_principal_of_the_credential() {
    let server = GuardedServer::start().await;
    let mut caller = server.caller(&server.key("maria", "workspaces/default", &["trainer"], &[]).await);
    let method = methods().into_iter().find(|method| method.name == "CreateComment").unwrap();
    let message = |author: &str| {
        let comment = v1::Comment { text: "why?".to_owned(), author: author.to_owned(), ..Default::default() };
        v1::CreateCommentRequest { comment: Some(comment), ..Default::default() }.encode_to_vec()
    };
    let result = caller.call(&method, message("peter"), None).await;
    assert_refused(result, Code::InvalidArgument, "PERSON_MISMATCH");
    for author in ["", "maria"] {
        let answer = caller.call(&method, message(author), None).await.unwrap();
        let comment = v1::CreateCommentResponse::decode(answer).unwrap().comment.unwrap();
        assert_eq!(comment.author, "maria");
    }
    server.server.stop().await;
}

#[tokio::test]
async fn a_caller_grants_no_more_than_it_has() {
    let server = GuardedServer::start().await;
    let admin = server.key("admin", "workspaces/acme", &["scorer"], &["keys"]).await;
    let create = |workspace: &str, roles: &[&str]| v1::CreateApiKeyRequest {
        principal: "bot".to_owned(),
        workspace: workspace.to_owned(),
        roles: roles.iter().map(ToString::to_string).collect(),
        ..Default::default()
    };
    let mut client = server.access(&admin);
    let refused = client.create_api_key(create("", &["owner"])).await;
    assert_refused(refused, Code::PermissionDenied, "SCOPE_MISSING");
    let refused = client.create_api_key(create("workspaces/default", &["scorer"])).await;
    assert_refused(refused, Code::NotFound, "WORKSPACE_NOT_FOUND");
    let key = client.create_api_key(create("", &["scorer"])).await.unwrap().into_inner().key.unwrap();
    assert_eq!((key.workspace.as_str(), key.created_by.as_str()), ("workspaces/acme", "admin"));
    let foreign = server.access(&server.owner).create_api_key(create("", &["scorer"])).await.unwrap().into_inner();
    let id = foreign.key.unwrap().id;
    let revoke = v1::RevokeApiKeyRequest { id: id.clone(), ..Default::default() };
    assert_refused(client.revoke_api_key(revoke).await, Code::NotFound, "API_KEY_NOT_FOUND");
    let rotate = v1::RotateApiKeyRequest { id, ..Default::default() };
    assert_refused(client.rotate_api_key(rotate).await, Code::NotFound, "API_KEY_NOT_FOUND");
    let listed = client.list_api_keys(v1::ListApiKeysRequest::default()).await.unwrap().into_inner().keys;
    assert!(listed.iter().all(|key| key.workspace == "workspaces/acme") && listed.len() == 2);
    server.server.stop().await;
}

#[tokio::test]
async fn a_rotated_key_has_the_same_rights_and_the_caller_is_shown() {
    let server = GuardedServer::start().await;
    let secret = server.key("router", "workspaces/acme", &["scorer"], &[]).await;
    let rotate = v1::RotateApiKeyRequest { id: secret[4..16].to_owned(), ..Default::default() };
    let rotated = server.access(&server.owner).rotate_api_key(rotate).await.unwrap().into_inner();
    for secret in [&secret, &rotated.secret] {
        let caller = server.access(secret).get_caller(v1::GetCallerRequest {}).await.unwrap().into_inner();
        assert_eq!((caller.principal.as_str(), caller.workspace.as_str()), ("router", "workspaces/acme"));
        assert_eq!(caller.scopes, ["score"]);
    }
    server.server.stop().await;
}

#[tokio::test]
async fn every_control_call_that_reaches_the_store_is_recorded_before_and_after() {
    let server = GuardedServer::start().await;
    let mut caller = server.caller(&server.owner);
    let mut audited = 0;
    for method in methods() {
        // A name that is valid and does not exist.
        let fields = NAME_FIELDS.into_iter().filter(|field| method.fields.contains_key(*field));
        let before = server.audit().await.first().map_or(0, |record| record.number);
        for field in fields {
            for name in names_in("nowhere") {
                let _ = caller.call(&method, request_with(&method, field, &name), None).await;
            }
        }
        let records = server.audit().await;
        let of_method: Vec<_> = records
            .iter()
            .filter(|record| record.number > before)
            .filter_map(|record| match &record.event {
                Some(Event::Started(started)) if started.method == method.path => Some((record, started)),
                _ => None,
            })
            .collect();
        let reads = ["Get", "List", "Wait", "Compare", "Export", "Diff", "Render", "Rank", "Score", "Explain"];
        if reads.iter().any(|verb| method.name.starts_with(verb)) {
            assert!(of_method.is_empty(), "{}", method.path);
            continue;
        }
        for (record, started) in &of_method {
            assert_eq!((record.principal.as_str(), started.resource.is_empty()), ("owner", false), "{}", method.path);
            assert_eq!(record.address, "127.0.0.1", "{}", method.path);
            let ended = records.iter().any(
                |other| matches!(&other.event, Some(Event::Ended(ended)) if ended.started == record.number && !ended.code.is_empty()),
            );
            assert!(ended, "{} has no end", method.path);
        }
        audited += usize::from(!of_method.is_empty());
    }
    assert!(audited >= 12, "{audited}");
    let mut access = server.access(&server.owner);
    let verified = access.verify_audit_log(v1::VerifyAuditLogRequest::default()).await.unwrap().into_inner();
    assert!(verified.first == 1 && verified.last > 0);
    server.server.stop().await;
}

/// Waits for the record of the end of the backup that was recorded last.
async fn backup_end(server: &GuardedServer) -> (String, String) {
    loop {
        let records = server.audit().await;
        if let Some(Event::Ended(ended)) = &records[0].event {
            return (ended.code.clone(), ended.reason.clone());
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_backup_ends_with_its_last_part_or_its_caller() {
    let server = GuardedServer::start().await;
    // A backup that no client receives without reading it.
    let large = server.store.put_blob(&vec![7; 16 << 20]).unwrap();
    server.store.commit(&Commit::default().create("unknown", large.to_string().into_bytes())).unwrap();
    let bearer = Bearer(server.owner.clone());
    let mut client = StoreServiceClient::with_interceptor(server.server.channel.clone(), bearer);
    let mut parts = client.backup_store(v1::BackupStoreRequest::default()).await.unwrap().into_inner();
    let started = server.audit().await.remove(0);
    assert!(matches!(started.event, Some(Event::Started(_))), "{started:?}");
    while parts.message().await.unwrap().is_some() {}
    assert_eq!(backup_end(&server).await, ("OK".to_owned(), String::new()));
    let parts = client.backup_store(v1::BackupStoreRequest::default()).await.unwrap().into_inner();
    drop(parts);
    assert_eq!(backup_end(&server).await, ("CANCELLED".to_owned(), "CALLER_GONE".to_owned()));
}

#[tokio::test]
async fn a_refused_call_is_recorded() {
    let server = GuardedServer::start().await;
    let scorer = server.key("router", "workspaces/acme", &["scorer"], &[]).await;
    let method = methods().into_iter().find(|method| method.name == "DeleteModel").unwrap();
    let result = server.caller(&scorer).call(&method, Vec::new(), None).await;
    assert_refused(result, Code::PermissionDenied, "SCOPE_MISSING");
    // The record is made beside the refusal.
    let denied = loop {
        let request = v1::ListAuditRecordsRequest { denials: true, ..Default::default() };
        let records = server.access(&server.owner).list_audit_records(request).await.unwrap().into_inner().records;
        let found = records.into_iter().find_map(|record| match record.event {
            Some(Event::Denied(denied)) if record.address == "127.0.0.1" => Some((record.principal, denied)),
            _ => None,
        });
        if let Some(found) = found {
            break found;
        }
    };
    assert_eq!((denied.0.as_str(), denied.1.reason.as_str()), ("router", "SCOPE_MISSING"));
    assert_eq!(denied.1.method, method.path);
    server.server.stop().await;
}

#[tokio::test]
async fn an_import_into_another_workspace_is_not_found() {
    let server = GuardedServer::start().await;
    let secret = server.key("rival", "workspaces/acme", &["owner"], &[]).await;
    let channel = server.server.channel.clone();
    let mut client = v1::dataset_service_client::DatasetServiceClient::with_interceptor(channel, Bearer(secret));
    let foreign = v1::ImportAccountsRequest {
        dataset: "workspaces/default/datasets/default".to_owned(),
        ..data::import_request(20)
    };
    let result = client.import_accounts(tokio_stream::iter([foreign])).await;
    assert_refused(result, Code::NotFound, "WORKSPACE_NOT_FOUND");
    let own = v1::ImportAccountsRequest { dataset: String::new(), ..data::import_request(20) };
    let version = client.import_accounts(tokio_stream::iter([own])).await.unwrap().into_inner();
    assert!(format!("{version:?}").contains("workspaces/acme/datasets/default"), "{version:?}");
    server.server.stop().await;
}

#[tokio::test]
async fn a_server_without_any_key_does_not_start() {
    let auth = AuthSettings { required: true, ..AuthSettings::default() };
    let settings = Settings { auth, ..Settings::default() };
    let app = world(Arc::new(MemoryStore::new()), &settings);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let error = app.serve(listener, settings, std::future::ready(())).await.unwrap_err();
    assert!(error.to_string().contains("no active API key"), "{error}");
}
