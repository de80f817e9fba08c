//! The committee of a definition: approvers, several approvals, and comments that are resolved or record a removal.

use sweetspot::config::Settings;
use sweetspot_proto::v1::definition::State;
use sweetspot_proto::v1::{self};
use sweetspot_store::store::MemoryStore;
use tonic::Code;

use crate::definition_entries::{delete_rule_request, exclusion_rule, finding, hypothesis_entry};
use crate::support::server::{TestServer, promote, publish, world};
use crate::support::{MODEL, assert_refused, fields};

const REQUEST_IDS: [&str; 2] = ["6f1d3c52-9a0e-4c3b-8d17-2f60a1b7c9e4", "0b9c1d2e-3f40-4a51-8b62-7c83940a5b61"];

/// A server with two versions, of which the first is live.
async fn serve_versions() -> TestServer {
    let settings = Settings::default();
    let world = world(std::sync::Arc::new(MemoryStore::new()), &settings);
    publish(&world, "r-1");
    promote(&world, 1);
    publish(&world, "r-2");
    TestServer::serve(world, &settings).await
}

async fn definition(server: &TestServer) -> v1::Definition {
    let request = v1::GetDefinitionRequest::default();
    server.definition().get_definition(request).await.unwrap().into_inner().definition.unwrap()
}

async fn update(server: &TestServer, definition: v1::Definition) -> Result<v1::Definition, tonic::Status> {
    let update = v1::UpdateDefinitionRequest { definition: Some(definition), ..Default::default() };
    Ok(server.definition().update_definition(update).await?.into_inner().definition.unwrap())
}

async fn set_committee(server: &TestServer, approvers: &[&str], required_approvals: u64) -> v1::Definition {
    let approvers = approvers.iter().map(|name| (*name).to_owned()).collect();
    let current = definition(server).await;
    update(server, v1::Definition { approvers, required_approvals, ..current }).await.unwrap()
}

async fn submit(server: &TestServer, author: &str) -> Result<v1::Definition, tonic::Status> {
    let request = v1::SubmitDefinitionRequest { author: author.to_owned(), ..Default::default() };
    Ok(server.definition().submit_definition(request).await?.into_inner().definition.unwrap())
}

/// Approves the current state.
async fn approve(
    server: &TestServer,
    approver: &str,
    model_version: &str,
) -> Result<v1::ApproveDefinitionResponse, tonic::Status> {
    let request = v1::ApproveDefinitionRequest {
        approver: approver.to_owned(),
        etag: definition(server).await.etag,
        model_version: model_version.to_owned(),
        ..Default::default()
    };
    Ok(server.definition().approve_definition(request).await?.into_inner())
}

fn approvers(approvals: &[v1::PersonApproval]) -> Vec<&str> {
    approvals.iter().map(|approval| approval.approver.as_str()).collect()
}

#[tokio::test]
async fn a_definition_is_approved_by_the_required_number_of_its_approvers() {
    let server = serve_versions().await;
    let set = set_committee(&server, &["Cem", "Ann", "Ben"], 2).await;
    assert_eq!((set.approvers, set.required_approvals), (vec!["Ann".into(), "Ben".into(), "Cem".into()], 2));
    submit(&server, "Dan").await.unwrap();
    let outsider = approve(&server, "Eve", "").await.unwrap_err();
    assert!(outsider.message().contains("(Ann, Ben, Cem)"), "{outsider}");
    assert_refused(Err::<(), _>(outsider), Code::FailedPrecondition, "NOT_APPROVER");
    let request = v1::ApproveDefinitionRequest {
        approver: " ann".into(),
        etag: definition(&server).await.etag,
        request_id: REQUEST_IDS[0].to_owned(),
        ..Default::default()
    };
    let first = server.definition().approve_definition(request.clone()).await.unwrap().into_inner();
    assert_eq!(first.version, None);
    let in_review = first.definition.clone().unwrap();
    assert_eq!((in_review.state(), approvers(&in_review.approvals)), (State::InReview, vec![" ann"]));
    assert!(in_review.approvals[0].approve_time.is_some());
    assert_eq!(in_review.approvals_model_version, format!("{MODEL}/versions/1"));
    let repeated = server.definition().approve_definition(request.clone()).await.unwrap().into_inner();
    assert_eq!(repeated, first, "a repeat takes effect once");
    assert_refused(approve(&server, "Ann", "").await, Code::FailedPrecondition, "ALREADY_APPROVED");
    assert_refused(approve(&server, "Ben", "2").await, Code::FailedPrecondition, "OTHER_MODEL_VERSION");
    let complete = approve(&server, "Ben", "1").await.unwrap();
    let version = complete.version.unwrap();
    assert_eq!((version.number, version.approver.as_str()), (1, "Ben"));
    assert_eq!(approvers(&version.approvals), [" ann", "Ben"]);
    let approved = complete.definition.unwrap();
    assert_eq!((approved.state(), &approved.approvals), (State::Approved, &version.approvals));
    let repeated = server.definition().approve_definition(request).await.unwrap().into_inner();
    assert_eq!((repeated.version, repeated.definition.unwrap()), (None, approved), "the current state");
    let list = v1::ListDefinitionVersionsRequest::default();
    let listed = server.definition().list_definition_versions(list).await.unwrap().into_inner().versions;
    assert_eq!(listed[0].approvals, version.approvals);
    let get = v1::GetDefinitionVersionRequest { number: 1, ..Default::default() };
    let read = server.definition().get_definition_version(get).await.unwrap().into_inner().version.unwrap();
    assert_eq!((&read.approvals, read.definition.unwrap().approvals), (&version.approvals, version.approvals.clone()));
}

#[tokio::test]
async fn an_unchanged_definition_is_approved_for_a_new_version_by_the_whole_committee() {
    let server = serve_versions().await;
    set_committee(&server, &[], 2).await;
    for (number, model_version) in [(1, "1"), (2, "2")] {
        submit(&server, "Dan").await.unwrap();
        assert_eq!(definition(&server).await.approvals, [], "each review starts without approvals");
        assert_eq!(approve(&server, "Ann", model_version).await.unwrap().version, None);
        let version = approve(&server, "Ben", model_version).await.unwrap().version.unwrap();
        assert_eq!(version.number, number);
        assert_eq!(version.model_version, format!("{MODEL}/versions/{model_version}"));
    }
    let diff = v1::DiffDefinitionsRequest { from: 1, to: 2, ..Default::default() };
    let changes = server.definition().diff_definitions(diff).await.unwrap().into_inner().changes;
    assert!(changes.iter().all(|change| ["model", "figure"].contains(&change.subject.as_str())), "{changes:?}");
}

#[tokio::test]
async fn a_change_during_a_review_drops_the_approvals() {
    let server = serve_versions().await;
    let in_review = async || {
        submit(&server, "Dan").await.unwrap();
        let partial = approve(&server, "Ann", "1").await.unwrap().definition.unwrap();
        assert_eq!(approvers(&partial.approvals), ["Ann"]);
    };
    set_committee(&server, &["Ann", "Ben"], 2).await;
    in_review().await;
    let create = v1::CreateExclusionRuleRequest { exclusion_rule: Some(exclusion_rule("small")), ..Default::default() };
    server.definition().create_exclusion_rule(create).await.unwrap();
    let changed = definition(&server).await;
    assert_eq!((changed.state(), changed.approvals.len(), changed.required_approvals), (State::Draft, 0, 2));
    in_review().await;
    let fewer = set_committee(&server, &["Ann", "Ben"], 1).await;
    assert_eq!((fewer.state(), fewer.approvals.len()), (State::Draft, 0), "fewer approvals do not approve");
    submit(&server, "Dan").await.unwrap();
    assert!(approve(&server, "Ann", "1").await.unwrap().version.is_some());
}

#[tokio::test]
async fn an_impossible_committee_is_refused() {
    let server = serve_versions().await;
    let before = definition(&server).await;
    assert_eq!((before.approvers.len(), before.required_approvals), (0, 1));
    let bad =
        |approvers: Vec<String>, required_approvals| v1::Definition { approvers, required_approvals, ..before.clone() };
    let people = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    for (definition, expected) in [
        (bad(people(&["Ann", "", " ANN"]), 4), vec!["approvers[1]", "approvers[2]", "required_approvals"]),
        (bad((0..21).map(|number| format!("p{number}")).collect(), 1), vec!["approvers"]),
        (bad(Vec::new(), 11), vec!["required_approvals"]),
    ] {
        let details = assert_refused(update(&server, definition).await, Code::InvalidArgument, "INVALID_APPROVERS");
        let expected: Vec<String> = expected.into_iter().map(|field| format!("definition.{field}")).collect();
        assert_eq!(fields(&details), expected);
    }
    assert_eq!(definition(&server).await, before);
    let zero = update(&server, bad(Vec::new(), 0)).await.unwrap();
    assert_eq!(zero.required_approvals, 1);
    set_committee(&server, &["Ann", "Ben"], 2).await;
    assert_refused(submit(&server, "ben").await, Code::FailedPrecondition, "TOO_FEW_APPROVERS");
    submit(&server, "Cem").await.unwrap();
}

#[tokio::test]
async fn a_resolved_comment_stays_and_is_no_longer_open() {
    let server = TestServer::trained().await;
    let mut client = server.definition();
    let comment = v1::Comment {
        text: "Why?".into(),
        author: "Cem".into(),
        // Set by the server.
        removal: true,
        resolution: Some(v1::CommentResolution::default()),
        ..Default::default()
    };
    let create = v1::CreateCommentRequest { comment: Some(comment), ..Default::default() };
    let mut ids = Vec::new();
    for _ in 0..2 {
        let created = client.create_comment(create.clone()).await.unwrap().into_inner().comment.unwrap();
        assert_eq!((created.removal, &created.resolution), (false, &None));
        ids.push(created.id);
    }
    assert_eq!(submit(&server, "Ben").await.unwrap().open_comments, 2);
    let resolve = |id: &str| v1::ResolveCommentRequest {
        id: id.to_owned(),
        author: "Ann".into(),
        reason: "Asked.".into(),
        request_id: REQUEST_IDS[1].to_owned(),
        ..Default::default()
    };
    let stale = v1::ResolveCommentRequest { etag: "x".into(), ..resolve(&ids[0]) };
    assert_refused(client.resolve_comment(stale).await, Code::Aborted, "STALE_ETAG");
    let resolved = client.resolve_comment(resolve(&ids[0])).await.unwrap().into_inner();
    let resolution = resolved.comment.clone().unwrap().resolution.unwrap();
    assert_eq!((resolution.author.as_str(), resolution.reason.as_str()), ("Ann", "Asked."));
    assert!(resolution.resolve_time.is_some());
    assert_eq!(client.resolve_comment(resolve(&ids[0])).await.unwrap().into_inner(), resolved, "a repeat");
    let again = v1::ResolveCommentRequest { request_id: String::new(), ..resolve(&ids[0]) };
    assert_refused(client.resolve_comment(again.clone()).await, Code::FailedPrecondition, "COMMENT_NOT_OPEN");
    let missing = v1::ResolveCommentRequest { id: "c-9".into(), ..again.clone() };
    assert_refused(client.resolve_comment(missing).await, Code::NotFound, "ENTRY_NOT_FOUND");
    let bad = v1::ResolveCommentRequest { author: " ".into(), reason: "x".repeat(501), ..again };
    let details = assert_refused(client.resolve_comment(bad).await, Code::InvalidArgument, "INVALID_PERSON");
    assert_eq!(fields(&details), ["author", "reason"]);
    let in_review = definition(&server).await;
    assert_eq!((in_review.state(), in_review.comments, in_review.open_comments), (State::InReview, 2, 1));
    let approved = approve(&server, "Ann", "").await.unwrap().definition.unwrap();
    assert_eq!(approved.open_comments, 1);
    let comments = client.list_comments(v1::ListCommentsRequest::default()).await.unwrap().into_inner().comments;
    assert_eq!(comments.iter().map(|one| one.resolution.is_some()).collect::<Vec<_>>(), [true, false]);
}

#[tokio::test]
async fn a_removal_keeps_who_removed_the_entry_and_why() {
    let server = TestServer::empty().await;
    let mut client = server.definition();
    let rule = v1::CreateExclusionRuleRequest { exclusion_rule: Some(exclusion_rule("small")), ..Default::default() };
    client.create_exclusion_rule(rule).await.unwrap();
    let create = v1::CreateFindingRequest { finding: Some(finding("may")), ..Default::default() };
    client.create_finding(create).await.unwrap();
    let hypothesis = Some(hypothesis_entry("h", "employees"));
    let create = v1::CreateHypothesisRequest { hypothesis, ..Default::default() };
    client.create_hypothesis(create).await.unwrap();
    let anonymous = v1::DeleteExclusionRuleRequest { id: "small".into(), ..Default::default() };
    let result = client.delete_exclusion_rule(anonymous.clone()).await;
    assert_eq!(fields(&assert_refused(result, Code::InvalidArgument, "INVALID_PERSON")), ["author", "reason"]);
    let silent = v1::DeleteExclusionRuleRequest { author: "Ann".into(), reason: " ".into(), ..anonymous };
    assert_refused(client.delete_exclusion_rule(silent).await, Code::InvalidArgument, "REASON_MISSING");
    let (author, reason) = ("Ben".to_owned(), "Refuted.".to_owned());
    let rule = v1::DeleteExclusionRuleRequest { id: "small".into(), ..delete_rule_request() };
    client.delete_exclusion_rule(rule).await.unwrap();
    let finding = v1::DeleteFindingRequest {
        id: "may".into(),
        author: author.clone(),
        reason: reason.clone(),
        ..Default::default()
    };
    client.delete_finding(finding).await.unwrap();
    let hypothesis = v1::DeleteHypothesisRequest { id: "h".into(), author, reason, ..Default::default() };
    client.delete_hypothesis(hypothesis).await.unwrap();
    let comments = client.list_comments(v1::ListCommentsRequest::default()).await.unwrap().into_inner().comments;
    let records = comments.iter().map(|one| [one.about.as_str(), &one.author, &one.text]).collect::<Vec<_>>();
    let expected = [
        ["removed exclusion rule small", "Ann", "Never used."],
        ["removed finding may", "Ben", "Refuted."],
        ["removed hypothesis h", "Ben", "Refuted."],
    ];
    assert_eq!(records, expected);
    assert!(comments.iter().all(|comment| comment.removal));
    let after = definition(&server).await;
    assert_eq!((after.comments, after.open_comments), (3, 0), "a record is not open");
    let resolve = v1::ResolveCommentRequest { id: comments[0].id.clone(), author: "Ann".into(), ..Default::default() };
    assert_refused(client.resolve_comment(resolve).await, Code::FailedPrecondition, "COMMENT_NOT_OPEN");
}
