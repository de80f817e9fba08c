//! Approval of a definition, approved versions, differences between them, and the entries that a training uses.

use std::sync::Arc;

use sweetspot::config::Settings;
use sweetspot_proto::v1::definition::State;
use sweetspot_proto::v1::definition_change::Kind;
use sweetspot_proto::v1::{self};
use sweetspot_store::store::MemoryStore;
use tonic::Code;

use crate::definition_entries::{delete_rule_request, exclusion_rule, finding, hypothesis_entry};
use crate::support::server::{TestServer, promote, publish, world};
use crate::support::store_barrier::{BlobAccess, StoreBarrier};
use crate::support::{MODEL, assert_refused, data, fields};

const REQUEST_ID: &str = "6f1d3c52-9a0e-4c3b-8d17-2f60a1b7c9e4";

async fn definition(server: &TestServer) -> v1::Definition {
    let request = v1::GetDefinitionRequest { model: MODEL.to_owned() };
    server.definition().get_definition(request).await.unwrap().into_inner().definition.unwrap()
}

async fn create_exclusion_rule(server: &TestServer, id: &str) {
    let create = v1::CreateExclusionRuleRequest { exclusion_rule: Some(exclusion_rule(id)), ..Default::default() };
    server.definition().create_exclusion_rule(create).await.unwrap();
}

fn submit_request() -> v1::SubmitDefinitionRequest {
    v1::SubmitDefinitionRequest { author: "Ben".into(), ..Default::default() }
}

fn approve_request(etag: &str) -> v1::ApproveDefinitionRequest {
    v1::ApproveDefinitionRequest { approver: "Ann".into(), etag: etag.to_owned(), ..Default::default() }
}

async fn approve_current(server: &TestServer) -> v1::ApproveDefinitionResponse {
    server.definition().submit_definition(submit_request()).await.unwrap();
    let etag = definition(server).await.etag;
    server.definition().approve_definition(approve_request(&etag)).await.unwrap().into_inner()
}

#[tokio::test]
async fn a_new_definition_is_an_empty_draft() {
    let server = TestServer::empty().await;
    let found = definition(&server).await;
    assert_eq!((found.state(), found.exclusion_rules, found.definition_versions), (State::Draft, 0, 0));
    assert!(!found.etag.is_empty() && found.review_date.is_empty());
    let request = v1::GetDefinitionRequest { model: "x".into() };
    assert_refused(server.definition().get_definition(request).await, Code::InvalidArgument, "INVALID_NAME");
}

#[tokio::test]
async fn an_approved_definition_is_a_draft_again_after_a_change() {
    let server = TestServer::trained().await;
    let mut client = server.definition();
    create_exclusion_rule(&server, "small").await;
    let etag = definition(&server).await.etag;
    assert_refused(client.approve_definition(approve_request(&etag)).await, Code::FailedPrecondition, "NOT_IN_REVIEW");
    let in_review = client.submit_definition(submit_request()).await.unwrap().into_inner().definition.unwrap();
    assert_eq!((in_review.state(), in_review.state_author.as_str()), (State::InReview, "Ben"));
    assert_refused(client.submit_definition(submit_request()).await, Code::FailedPrecondition, "IN_REVIEW");
    assert_refused(client.approve_definition(approve_request("")).await, Code::InvalidArgument, "ETAG_MISSING");
    assert_refused(client.approve_definition(approve_request(&etag)).await, Code::Aborted, "STALE_ETAG");
    let nobody = v1::ApproveDefinitionRequest {
        approver: " ".into(),
        model_version: "x".into(),
        ..approve_request(&in_review.etag)
    };
    let details = assert_refused(client.approve_definition(nobody).await, Code::InvalidArgument, "INVALID_PERSON");
    assert_eq!(fields(&details), ["approver", "model_version"]);
    let unknown = v1::ApproveDefinitionRequest { model_version: "9".into(), ..approve_request(&in_review.etag) };
    assert_refused(client.approve_definition(unknown).await, Code::NotFound, "VERSION_NOT_FOUND");
    let request = v1::ApproveDefinitionRequest { request_id: REQUEST_ID.into(), ..approve_request(&in_review.etag) };
    let answer = client.approve_definition(request.clone()).await.unwrap().into_inner();
    let version = answer.version.clone().unwrap();
    assert_eq!((version.number, version.approver.as_str()), (1, "Ann"));
    assert_eq!(version.model_version, format!("{MODEL}/versions/1"));
    assert_eq!(answer.definition.clone().unwrap().state(), State::Approved);
    assert_eq!(client.approve_definition(request).await.unwrap().into_inner(), answer, "a repeat takes effect once");
    create_exclusion_rule(&server, "other").await;
    let found = definition(&server).await;
    assert_eq!((found.state(), found.definition_version, found.definition_versions), (State::Draft, 0, 1));
}

#[tokio::test]
async fn a_person_approves_an_own_submission_only_if_the_definition_allows_it() {
    let server = TestServer::trained().await;
    let mut client = server.definition();
    client.submit_definition(submit_request()).await.unwrap();
    let etag = definition(&server).await.etag;
    let by_author = |etag: &str| v1::ApproveDefinitionRequest { approver: " ben".into(), ..approve_request(etag) };
    assert_refused(client.approve_definition(by_author(&etag)).await, Code::FailedPrecondition, "SELF_APPROVAL");
    let in_review = definition(&server).await;
    assert_eq!((in_review.state(), in_review.allow_self_approval), (State::InReview, false));
    let allowed = v1::Definition { allow_self_approval: true, ..in_review };
    let update = v1::UpdateDefinitionRequest { definition: Some(allowed), ..Default::default() };
    let draft = client.update_definition(update).await.unwrap().into_inner().definition.unwrap();
    assert_eq!((draft.state(), draft.allow_self_approval), (State::Draft, true), "a change ends the review");
    client.submit_definition(submit_request()).await.unwrap();
    let etag = definition(&server).await.etag;
    let version = client.approve_definition(by_author(&etag)).await.unwrap().into_inner().version.unwrap();
    assert_eq!((version.number, version.approver.as_str()), (1, " ben"));
}

#[tokio::test]
async fn an_unchanged_definition_is_approved_again_for_a_new_model_version() {
    let settings = Settings::default();
    let world = world(Arc::new(MemoryStore::new()), &settings);
    publish(&world, "r-1");
    promote(&world, 1);
    publish(&world, "r-2");
    let server = TestServer::serve(world, &settings).await;
    let first = approve_current(&server).await.version.unwrap();
    server.definition().submit_definition(submit_request()).await.unwrap();
    let etag = definition(&server).await.etag;
    let request = v1::ApproveDefinitionRequest { model_version: "2".into(), ..approve_request(&etag) };
    let second = server.definition().approve_definition(request).await.unwrap().into_inner().version.unwrap();
    assert_eq!((first.number, second.number), (1, 2));
    assert_eq!(second.model_version, format!("{MODEL}/versions/2"));
}

#[tokio::test]
async fn a_change_during_a_review_makes_the_definition_a_draft() {
    let server = TestServer::trained().await;
    let mut client = server.definition();
    client.submit_definition(submit_request()).await.unwrap();
    let comment = v1::Comment { text: "Why?".into(), author: "Ann".into(), ..Default::default() };
    let create = v1::CreateCommentRequest { comment: Some(comment), ..Default::default() };
    client.create_comment(create).await.unwrap();
    assert_eq!(definition(&server).await.state(), State::InReview, "comments are part of a review");
    create_exclusion_rule(&server, "small").await;
    let changed = definition(&server).await;
    assert_eq!((changed.state(), changed.state_author.as_str()), (State::Draft, ""));
    let approve = client.approve_definition(approve_request(&changed.etag)).await;
    assert_refused(approve, Code::FailedPrecondition, "NOT_IN_REVIEW");
}

#[tokio::test]
async fn returning_a_definition_adds_its_reason_as_a_comment() {
    let server = TestServer::empty().await;
    let mut client = server.definition();
    let give_back = |reason: &str| v1::ReturnDefinitionRequest {
        author: "Ann".into(),
        reason: reason.to_owned(),
        ..Default::default()
    };
    assert_refused(client.return_definition(give_back("no")).await, Code::FailedPrecondition, "NOT_IN_REVIEW");
    client.submit_definition(submit_request()).await.unwrap();
    assert_refused(client.return_definition(give_back(" ")).await, Code::InvalidArgument, "REASON_MISSING");
    assert_refused(
        client.return_definition(give_back(&"x".repeat(501))).await,
        Code::InvalidArgument,
        "REASON_TOO_LONG",
    );
    let draft =
        client.return_definition(give_back("Too few exclusion rules.")).await.unwrap().into_inner().definition.unwrap();
    assert_eq!(draft.state(), State::Draft);
    let comments = client.list_comments(v1::ListCommentsRequest::default()).await.unwrap().into_inner().comments;
    assert_eq!((comments[0].text.as_str(), comments[0].author.as_str()), ("Too few exclusion rules.", "Ann"));
    let nobody = v1::SubmitDefinitionRequest { author: "x".repeat(129), ..submit_request() };
    assert_refused(client.submit_definition(nobody).await, Code::InvalidArgument, "INVALID_PERSON");
}

#[tokio::test]
async fn a_definition_stores_placements_and_a_review_date() {
    let server = TestServer::trained().await;
    let mut client = server.definition();
    let place = |attribute: &str, category: v1::IcpCategory, section: v1::PondSection| v1::AttributePlace {
        attribute: attribute.to_owned(),
        category: category.into(),
        section: section.into(),
    };
    let attributes = vec![
        place("b2b", v1::IcpCategory::Unspecified, v1::PondSection::Beliefs),
        place("industry", v1::IcpCategory::ImpactPotential, v1::PondSection::Needs),
    ];
    let before = definition(&server).await;
    let wanted = v1::Definition { attributes: attributes.clone(), review_date: "2027-06-30".into(), ..before.clone() };
    let update = |definition| v1::UpdateDefinitionRequest { definition: Some(definition), ..Default::default() };
    let after = client.update_definition(update(wanted.clone())).await.unwrap().into_inner().definition.unwrap();
    assert_eq!((after.attributes, after.review_date.as_str()), (attributes, "2027-06-30"));
    assert_refused(client.update_definition(update(wanted)).await, Code::Aborted, "STALE_ETAG");
    let twice = vec![place("", v1::IcpCategory::Unspecified, v1::PondSection::Unspecified); 2];
    let bad = v1::Definition { attributes: twice, review_date: "soon".into(), ..Default::default() };
    let details = assert_refused(client.update_definition(update(bad)).await, Code::InvalidArgument, "ETAG_MISSING");
    let attribute = |index| format!("definition.attributes[{index}].attribute");
    let expected =
        ["definition.etag".to_owned(), attribute(0), attribute(1), attribute(1), "definition.review_date".to_owned()];
    assert_eq!(fields(&details), expected);
}

#[tokio::test]
async fn approved_versions_never_change_and_are_listed_newest_first() {
    let server = TestServer::trained().await;
    let mut client = server.definition();
    for id in ["a", "b", "c"] {
        create_exclusion_rule(&server, id).await;
        approve_current(&server).await;
    }
    let list = |page_size, page_token: &str| v1::ListDefinitionVersionsRequest {
        page_size,
        page_token: page_token.to_owned(),
        ..Default::default()
    };
    let first = client.list_definition_versions(list(2, "")).await.unwrap().into_inner();
    assert_eq!(first.versions.iter().map(|one| one.number).collect::<Vec<_>>(), [3, 2]);
    let rest = client.list_definition_versions(list(2, &first.next_page_token)).await.unwrap().into_inner();
    assert_eq!((rest.versions.len(), rest.versions[0].number, rest.next_page_token.as_str()), (1, 1, ""));
    assert_refused(client.list_definition_versions(list(2, "x")).await, Code::InvalidArgument, "BAD_PAGE_TOKEN");
    let get = |number| v1::GetDefinitionVersionRequest { model: String::new(), number };
    let second = client.get_definition_version(get(2)).await.unwrap().into_inner().version.unwrap();
    assert_eq!(
        second.exclusion_rules.iter().map(|exclusion_rule| exclusion_rule.id.as_str()).collect::<Vec<_>>(),
        ["a", "b"]
    );
    assert_eq!(second.definition.unwrap().state(), State::Approved);
    for number in [0, 4] {
        assert_refused(
            client.get_definition_version(get(number)).await,
            Code::NotFound,
            "DEFINITION_VERSION_NOT_FOUND",
        );
    }
}

#[tokio::test]
async fn a_diff_describes_two_states_in_sentences() {
    let settings = Settings::default();
    let world = world(Arc::new(MemoryStore::new()), &settings);
    publish(&world, "r-1");
    promote(&world, 1);
    let run = format!("{MODEL}/trainingRuns/r-2").parse().unwrap();
    let registry = Arc::clone(world.registry());
    let server = TestServer::serve(world, &settings).await;
    create_exclusion_rule(&server, "small").await;
    approve_current(&server).await;
    registry.publish(&run, &data::artifact_without("b2b")).unwrap();
    crate::support::server::promote_in(&registry, 2);
    let mut client = server.definition();
    client
        .delete_exclusion_rule(v1::DeleteExclusionRuleRequest { id: "small".into(), ..delete_rule_request() })
        .await
        .unwrap();
    let create = v1::CreateFindingRequest { finding: Some(finding("may")), ..Default::default() };
    client.create_finding(create).await.unwrap();
    approve_current(&server).await;
    let diff = |from, to| v1::DiffDefinitionsRequest { from, to, ..Default::default() };
    let told = client.diff_definitions(diff(1, 2)).await.unwrap().into_inner();
    let has = |kind: Kind, subject: &str, id: &str| {
        told.changes.iter().any(|change| change.kind() == kind && change.subject == subject && change.id == id)
    };
    assert!(has(Kind::Removed, "exclusion rule", "small") && has(Kind::Added, "finding", "may"), "{told:?}");
    assert!(has(Kind::Changed, "model", "2") && has(Kind::Removed, "attribute", "b2b"), "{told:?}");
    let effects = told.changes.iter().filter(|change| change.subject == "effect");
    assert!(
        effects.clone().all(|change| change.effect.is_some())
            && effects.count() == told.changes.iter().filter(|one| one.effect.is_some()).count()
    );
    assert_eq!(told.to_model_version, format!("{MODEL}/versions/2"));
    assert_eq!(client.diff_definitions(diff(2, 0)).await.unwrap().into_inner().changes, []);
    assert_refused(client.diff_definitions(diff(3, 1)).await, Code::NotFound, "DEFINITION_VERSION_NOT_FOUND");
}

#[tokio::test]
async fn training_uses_the_definition_unless_it_is_ignored() {
    let server = TestServer::empty().await;
    let mut client = server.definition();
    let mut expired = hypothesis_entry("expired", "founded");
    expired.hypothesis.as_mut().unwrap().expire_time = Some(prost_types::Timestamp { seconds: 0, nanos: 0 });
    for held in [hypothesis_entry("held", "employees"), expired] {
        let create = v1::CreateHypothesisRequest { hypothesis: Some(held), ..Default::default() };
        client.create_hypothesis(create).await.unwrap();
    }
    let run = server.train(MODEL).await;
    let run = server.wait(&run).await;
    let name = run.model_version;
    let get = v1::GetModelVersionRequest { name };
    let version = server.model().get_model_version(get).await.unwrap().into_inner().version.unwrap();
    assert_eq!(version.hypotheses.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["held"]);
    assert!(version.warnings.iter().any(|warning| warning.contains("\"expired\"")), "{:?}", version.warnings);
    let config = Some(v1::TrainingConfig { ignore_definition: true, ..Default::default() });
    let alone = v1::TrainModelRequest { config, ..Default::default() };
    assert_refused(server.model().train_model(alone).await, Code::NotFound, "DATASET_NOT_FOUND");
}

fn set_writes(barrier: &StoreBarrier, access: BlobAccess) {
    barrier.state.0.lock().unwrap().writes = access;
    barrier.state.1.notify_all();
}

#[tokio::test]
async fn a_version_is_not_deleted_while_its_approval_is_being_stored() {
    let barrier = StoreBarrier::new(Arc::new(MemoryStore::new()));
    let world = world(Arc::new(barrier.clone()), &Settings::default());
    publish(&world, "r-1");
    publish(&world, "r-2");
    let server = TestServer::serve(world, &Settings::default()).await;
    server.definition().submit_definition(submit_request()).await.unwrap();
    let approval =
        v1::ApproveDefinitionRequest { model_version: "1".into(), ..approve_request(&definition(&server).await.etag) };
    set_writes(&barrier, BlobAccess::Blocked);
    let (mut definitions, mut models) = (server.definition(), server.model());
    let approve = tokio::spawn(async move { definitions.approve_definition(approval).await });
    barrier.wait_for_reader().await;
    let deletion = v1::DeleteModelVersionRequest { name: format!("{MODEL}/versions/1"), ..Default::default() };
    let delete = tokio::spawn(async move { models.delete_model_version(deletion).await });
    // Many later calls are answered, but not this one.
    for _ in 0..200 {
        server.model().get_model(v1::GetModelRequest::default()).await.unwrap();
    }
    assert!(!delete.is_finished());
    set_writes(&barrier, BlobAccess::Open);
    approve.await.unwrap().unwrap();
    assert_refused(delete.await.unwrap(), Code::FailedPrecondition, "VERSION_IN_USE");
}
