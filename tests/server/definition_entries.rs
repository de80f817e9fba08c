//! Entries of a definition: create, list, update and delete. All violations of an invalid entry are reported.

use sweetspot_proto::v1::{self, condition};
use tonic::{Code, Response};

use crate::support::server::TestServer;
use crate::support::{MODEL, assert_refused, fields};

const REQUEST_IDS: [&str; 2] = ["6f1d3c52-9a0e-4c3b-8d17-2f60a1b7c9e4", "0b9c1d2e-3f40-4a51-8b62-7c83940a5b61"];

fn condition_on(attribute: &str) -> v1::Condition {
    let test = condition::Test::Range(v1::Range { gte: None, lt: Some(20.0) });
    v1::Condition { attribute: attribute.to_owned(), test: Some(test) }
}

/// A valid exclusion rule.
pub(crate) fn exclusion_rule(id: &str) -> v1::ExclusionRule {
    v1::ExclusionRule {
        id: id.to_owned(),
        when: Some(condition_on("employees")),
        severity: v1::ExclusionSeverity::Out.into(),
        author: "Ann".to_owned(),
        ..v1::ExclusionRule::default()
    }
}

/// A valid hypothesis.
pub(crate) fn hypothesis_entry(id: &str, attribute: &str) -> v1::HypothesisEntry {
    let hypothesis = v1::Hypothesis {
        id: id.to_owned(),
        when: Some(condition_on(attribute)),
        odds_ratio: 2.0,
        confidence_customers: 10.0,
        ..v1::Hypothesis::default()
    };
    let reason = "we have seen it".to_owned();
    v1::HypothesisEntry { hypothesis: Some(hypothesis), reason, ..v1::HypothesisEntry::default() }
}

/// A valid finding.
pub(crate) fn finding(id: &str) -> v1::Finding {
    v1::Finding {
        id: id.to_owned(),
        text: "They need it by May.".to_owned(),
        spiced: v1::SpicedPart::CriticalEvent.into(),
        section: v1::PondSection::UrgencyDrivers.into(),
        ..v1::Finding::default()
    }
}

pub(crate) fn delete_rule_request() -> v1::DeleteExclusionRuleRequest {
    let (author, reason) = ("Ann".to_owned(), "Never used.".to_owned());
    v1::DeleteExclusionRuleRequest { author, reason, ..Default::default() }
}

fn comment(text: &str) -> v1::Comment {
    v1::Comment { text: text.to_owned(), author: "Cem".to_owned(), ..v1::Comment::default() }
}

#[tokio::test]
async fn an_exclusion_rule_is_created_updated_and_deleted() {
    let server = TestServer::empty().await;
    let mut client = server.definition();
    let create = v1::CreateExclusionRuleRequest { exclusion_rule: Some(exclusion_rule("small")), ..Default::default() };
    let held = client.create_exclusion_rule(create.clone()).await.unwrap().into_inner();
    let created = held.exclusion_rule.unwrap();
    assert_eq!(created.create_time.unwrap().seconds, 1_772_445_600);
    assert_eq!(created.section(), v1::PondSection::AccountProfile);
    assert_refused(client.create_exclusion_rule(create).await, Code::FailedPrecondition, "ENTRY_EXISTS");
    let changed = v1::ExclusionRule { severity: v1::ExclusionSeverity::Caution.into(), ..created.clone() };
    let update = v1::UpdateExclusionRuleRequest {
        exclusion_rule: Some(changed.clone()),
        etag: held.etag.clone(),
        ..Default::default()
    };
    let after = client.update_exclusion_rule(update.clone()).await.unwrap().into_inner();
    assert_eq!(after.exclusion_rule.unwrap(), changed);
    assert_ne!(after.etag, held.etag);
    assert_refused(client.update_exclusion_rule(update).await, Code::Aborted, "STALE_ETAG");
    let other = v1::UpdateExclusionRuleRequest { exclusion_rule: Some(exclusion_rule("other")), ..Default::default() };
    assert_refused(client.update_exclusion_rule(other).await, Code::NotFound, "ENTRY_NOT_FOUND");
    let list = v1::ListExclusionRulesRequest { parent: MODEL.to_owned(), ..Default::default() };
    assert_eq!(client.list_exclusion_rules(list.clone()).await.unwrap().into_inner().exclusion_rules, [changed]);
    let delete =
        |etag: &str| v1::DeleteExclusionRuleRequest { id: "small".into(), etag: etag.into(), ..delete_rule_request() };
    assert_refused(client.delete_exclusion_rule(delete(&held.etag)).await, Code::Aborted, "STALE_ETAG");
    client.delete_exclusion_rule(delete(&after.etag)).await.unwrap();
    assert_refused(client.delete_exclusion_rule(delete("")).await, Code::NotFound, "ENTRY_NOT_FOUND");
    assert!(client.list_exclusion_rules(list).await.unwrap().into_inner().exclusion_rules.is_empty());
}

#[tokio::test]
async fn every_violation_of_an_exclusion_rule_of_a_definition_is_reported_at_once() {
    let server = TestServer::empty().await;
    let mut client = server.definition();
    let long = "x".repeat(501);
    let bad =
        v1::ExclusionRule { id: String::new(), statement: long.clone(), severity: 9, section: 9, ..exclusion_rule("") };
    let create = |exclusion_rule| v1::CreateExclusionRuleRequest {
        parent: "m".into(),
        exclusion_rule,
        request_id: "x".into(),
        ..Default::default()
    };
    let details = assert_refused(
        client.create_exclusion_rule(create(Some(bad))).await,
        Code::InvalidArgument,
        "UNKNOWN_ENUM_VALUE",
    );
    assert_eq!(
        fields(&details),
        [
            "exclusion_rule.severity",
            "exclusion_rule.section",
            "exclusion_rule.id",
            "exclusion_rule.statement",
            "request_id",
            "parent"
        ]
    );
    let bad = v1::ExclusionRule { id: String::new(), statement: long.clone(), reason: long, ..exclusion_rule("") };
    let details = assert_refused(
        client.create_exclusion_rule(create(Some(bad))).await,
        Code::InvalidArgument,
        "INVALID_EXCLUSION_RULE",
    );
    assert_eq!(
        fields(&details),
        ["exclusion_rule.id", "exclusion_rule.statement", "exclusion_rule.reason", "request_id", "parent"]
    );
    let bad = v1::ExclusionRule { when: None, severity: 0, ..exclusion_rule("a") };
    let details = assert_refused(
        client.create_exclusion_rule(create(Some(bad))).await,
        Code::InvalidArgument,
        "INVALID_EXCLUSION_RULE",
    );
    assert_eq!(fields(&details), ["exclusion_rule.when", "exclusion_rule.severity", "request_id", "parent"]);
    let details = assert_refused(
        client.create_exclusion_rule(create(None)).await,
        Code::InvalidArgument,
        "INVALID_EXCLUSION_RULE",
    );
    assert_eq!(fields(&details)[0], "exclusion_rule");
}

#[tokio::test]
async fn every_violation_of_another_entry_is_reported_at_once() {
    let server = TestServer::empty().await;
    let mut client = server.definition();
    let create = |hypothesis| v1::CreateHypothesisRequest { hypothesis, ..Default::default() };
    let nothing = v1::HypothesisEntry::default();
    let result = client.create_hypothesis(create(Some(nothing))).await;
    assert_eq!(fields(&assert_refused(result, Code::InvalidArgument, "INVALID_HYPOTHESIS")), ["hypothesis.hypothesis"]);
    let mut bad = hypothesis_entry("", "a");
    bad.hypothesis.as_mut().unwrap().odds_ratio = 0.0;
    bad.reason = "x".repeat(501);
    let details =
        assert_refused(client.create_hypothesis(create(Some(bad))).await, Code::InvalidArgument, "INVALID_HYPOTHESIS");
    let expected = ["hypothesis.hypothesis.id", "hypothesis.hypothesis.odds_ratio", "hypothesis.reason"];
    assert_eq!(fields(&details), expected);
    let bad = v1::Finding { text: String::new(), account_id: "x".repeat(129), ..finding("f") };
    let create = v1::CreateFindingRequest { finding: Some(bad), ..Default::default() };
    let details = assert_refused(client.create_finding(create).await, Code::InvalidArgument, "INVALID_FINDING");
    assert_eq!(fields(&details), ["finding.text", "finding.account_id"]);
    let create = v1::CreateCommentRequest { comment: Some(v1::Comment::default()), ..Default::default() };
    let details = assert_refused(client.create_comment(create).await, Code::InvalidArgument, "INVALID_COMMENT");
    assert_eq!(fields(&details), ["comment.text", "comment.author"]);
}

#[tokio::test]
async fn two_hypotheses_about_the_same_accounts_are_refused() {
    let server = TestServer::empty().await;
    let mut client = server.definition();
    let create = |id, attribute| {
        let hypothesis = Some(hypothesis_entry(id, attribute));
        v1::CreateHypothesisRequest { hypothesis, ..Default::default() }
    };
    client.create_hypothesis(create("a", "x")).await.unwrap();
    assert_refused(client.create_hypothesis(create("b", "x")).await, Code::InvalidArgument, "INVALID_HYPOTHESIS");
    client.create_hypothesis(create("b", "y")).await.unwrap();
    let update = v1::UpdateHypothesisRequest { hypothesis: Some(hypothesis_entry("b", "x")), ..Default::default() };
    assert_refused(client.update_hypothesis(update).await, Code::InvalidArgument, "INVALID_HYPOTHESIS");
    let update = v1::UpdateHypothesisRequest { hypothesis: Some(hypothesis_entry("b", "z")), ..Default::default() };
    let updated = client.update_hypothesis(update).await.unwrap().into_inner().hypothesis.unwrap();
    assert_eq!(updated.hypothesis.unwrap().when, Some(condition_on("z")));
    let delete = v1::DeleteHypothesisRequest {
        id: "a".into(),
        author: "Ann".into(),
        reason: "Refuted.".into(),
        ..Default::default()
    };
    client.delete_hypothesis(delete).await.unwrap();
    let held = client.list_hypotheses(v1::ListHypothesesRequest::default()).await.unwrap().into_inner().hypotheses;
    assert_eq!(held.len(), 1);
    assert_eq!(held[0].reason, "we have seen it");
}

#[tokio::test]
async fn findings_are_listed_in_pages() {
    let server = TestServer::empty().await;
    let mut client = server.definition();
    for id in ["c", "a", "e", "b", "d"] {
        let create = v1::CreateFindingRequest { finding: Some(finding(id)), ..Default::default() };
        client.create_finding(create).await.unwrap();
    }
    let (mut ids, mut token) = (Vec::new(), String::new());
    loop {
        let list = v1::ListFindingsRequest { page_size: 2, page_token: token, ..Default::default() };
        let page = client.list_findings(list).await.unwrap().into_inner();
        ids.extend(page.findings.into_iter().map(|finding| finding.id));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(ids, ["a", "b", "c", "d", "e"]);
    let list = v1::ListFindingsRequest { page_token: "x.y".into(), ..Default::default() };
    assert_refused(client.list_findings(list).await, Code::InvalidArgument, "BAD_PAGE_TOKEN");
    let changed = v1::Finding { stance: v1::FindingStance::Negative.into(), ..finding("a") };
    let update = v1::UpdateFindingRequest { finding: Some(changed), ..Default::default() };
    let changed = client.update_finding(update).await.unwrap().into_inner().finding.unwrap();
    assert_eq!((changed.stance(), changed.spiced()), (v1::FindingStance::Negative, v1::SpicedPart::CriticalEvent));
    let delete =
        v1::DeleteFindingRequest { id: "a".into(), author: "Ann".into(), reason: "Old.".into(), ..Default::default() };
    client.delete_finding(delete).await.unwrap();
}

#[tokio::test]
async fn comments_are_listed_in_the_order_of_their_creation() {
    let server = TestServer::empty().await;
    let mut client = server.definition();
    let create = |text| v1::CreateCommentRequest { comment: Some(comment(text)), ..Default::default() };
    for text in ["first", "second", "third"] {
        client.create_comment(create(text)).await.unwrap();
    }
    let list = v1::ListCommentsRequest::default();
    let comments = client.list_comments(list.clone()).await.unwrap().into_inner().comments;
    assert_eq!(comments.iter().map(|one| one.text.as_str()).collect::<Vec<_>>(), ["first", "second", "third"]);
    let delete = v1::DeleteCommentRequest { id: comments[1].id.clone(), ..Default::default() };
    client.delete_comment(delete.clone()).await.unwrap();
    assert_refused(client.delete_comment(delete).await, Code::NotFound, "ENTRY_NOT_FOUND");
    assert_eq!(client.list_comments(list).await.unwrap().into_inner().comments.len(), 2);
}

#[tokio::test]
async fn a_repeated_change_of_a_definition_is_applied_once() {
    let server = TestServer::empty().await;
    let mut client = server.definition();
    let say = |text| v1::CreateCommentRequest {
        comment: Some(comment(text)),
        request_id: REQUEST_IDS[0].to_owned(),
        ..Default::default()
    };
    let first = client.create_comment(say("once")).await.unwrap().into_inner();
    let create = v1::CreateExclusionRuleRequest {
        exclusion_rule: Some(exclusion_rule("a")),
        request_id: REQUEST_IDS[1].to_owned(),
        ..Default::default()
    };
    let added = client.create_exclusion_rule(create.clone()).await.unwrap().into_inner();
    let again = client.create_comment(say("once")).await.unwrap().into_inner();
    assert_eq!(again, v1::CreateCommentResponse { etag: added.etag.clone(), ..first }, "the current state");
    assert_eq!(client.create_exclusion_rule(create).await.unwrap().into_inner(), added);
    assert_refused(client.create_comment(say("twice")).await, Code::InvalidArgument, "REQUEST_ID_REUSED");
    let delete = v1::DeleteExclusionRuleRequest {
        id: "a".into(),
        request_id: REQUEST_IDS[0].to_owned(),
        ..delete_rule_request()
    };
    let gone = client.delete_exclusion_rule(delete.clone()).await.unwrap();
    assert_eq!(client.delete_exclusion_rule(delete).await.map(Response::into_inner).unwrap(), gone.into_inner());
    let comments = client.list_comments(v1::ListCommentsRequest::default()).await.unwrap().into_inner().comments;
    assert_eq!(comments.iter().map(|one| one.removal).collect::<Vec<_>>(), [false, true]);
}

#[tokio::test]
async fn each_model_has_its_own_definition() {
    let server = TestServer::empty().await;
    let mut client = server.definition();
    let other = "workspaces/w/models/other".to_owned();
    let create = v1::CreateExclusionRuleRequest {
        parent: other.clone(),
        exclusion_rule: Some(exclusion_rule("a")),
        ..Default::default()
    };
    client.create_exclusion_rule(create).await.unwrap();
    let list = |parent: &str| v1::ListExclusionRulesRequest { parent: parent.to_owned(), ..Default::default() };
    assert!(client.list_exclusion_rules(list(MODEL)).await.unwrap().into_inner().exclusion_rules.is_empty());
    assert_eq!(client.list_exclusion_rules(list(&other)).await.unwrap().into_inner().exclusion_rules.len(), 1);
    assert_refused(client.list_exclusion_rules(list("x")).await, Code::InvalidArgument, "INVALID_NAME");
}

#[tokio::test]
async fn a_checked_entry_is_not_stored() {
    let server = TestServer::empty().await;
    let mut client = server.definition();
    let model = v1::GetDefinitionRequest { model: String::new() };
    let before = client.get_definition(model.clone()).await.unwrap().into_inner().definition.unwrap();
    let rule = |id: &str, validate_only| v1::CreateExclusionRuleRequest {
        exclusion_rule: Some(exclusion_rule(id)),
        request_id: REQUEST_IDS[0].to_owned(),
        validate_only,
        ..Default::default()
    };
    let checked = client.create_exclusion_rule(rule("small", true)).await.unwrap().into_inner();
    assert_eq!((checked.exclusion_rule.unwrap().id.as_str(), &checked.etag), ("small", &before.etag));
    let hypothesis = Some(hypothesis_entry("h", "employees"));
    let check = v1::CreateHypothesisRequest { hypothesis, validate_only: true, ..Default::default() };
    assert!(client.create_hypothesis(check).await.unwrap().into_inner().hypothesis.is_some());
    let check = v1::CreateFindingRequest { finding: Some(finding("f")), validate_only: true, ..Default::default() };
    assert!(client.create_finding(check).await.unwrap().into_inner().finding.is_some());
    let after = client.get_definition(model).await.unwrap().into_inner().definition.unwrap();
    assert_eq!(after, before);
    // The request id of a check is not remembered: the same id adds the rule.
    client.create_exclusion_rule(rule("small", false)).await.unwrap();
    assert_refused(client.create_exclusion_rule(rule("small", true)).await, Code::FailedPrecondition, "ENTRY_EXISTS");
    let stale = v1::CreateExclusionRuleRequest { etag: before.etag, ..rule("other", true) };
    assert_refused(client.create_exclusion_rule(stale).await, Code::Aborted, "STALE_ETAG");
    let invalid = v1::CreateExclusionRuleRequest { exclusion_rule: None, validate_only: true, ..Default::default() };
    assert_refused(client.create_exclusion_rule(invalid).await, Code::InvalidArgument, "INVALID_EXCLUSION_RULE");
}

#[tokio::test]
async fn a_rule_reports_the_customers_that_it_holds_for() {
    let server = TestServer::empty().await;
    let create = |id: &str, validate_only| v1::CreateExclusionRuleRequest {
        exclusion_rule: Some(exclusion_rule(id)),
        validate_only,
        ..Default::default()
    };
    let empty = server.definition().create_exclusion_rule(create("early", true)).await.unwrap().into_inner();
    assert_eq!((empty.matching, empty.matching_resource.as_str()), (None, ""));
    server.import().await;
    let unlabeled = server.definition().create_exclusion_rule(create("dataset", true)).await.unwrap().into_inner();
    assert_eq!(unlabeled.matching_resource, "workspaces/default/datasets/default");
    let (accounts, ideal) =
        (unlabeled.matching.as_ref().unwrap().accounts.unwrap(), unlabeled.matching.unwrap().ideal.unwrap());
    assert!(accounts.part > 0 && ideal.of == 0, "{accounts:?} {ideal:?}");

    let run = server.train("").await;
    server.wait(&run).await;
    let mut client = server.definition();
    let checked = client.create_exclusion_rule(create("small", true)).await.unwrap().into_inner();
    let created = client.create_exclusion_rule(create("small", false)).await.unwrap().into_inner();
    assert_eq!(checked.matching, created.matching);
    assert_eq!(created.matching_resource, format!("{MODEL}/versions/1"));
    let matching = created.matching.unwrap();
    assert!(
        matching.summary.starts_with(&format!("puts out {} accounts, ", matching.accounts.unwrap().part)),
        "{matching:?}"
    );
    // The map counts the same.
    let version = v1::GetPondMapRequest { version: format!("{MODEL}/versions/1"), ..Default::default() };
    let map = server.report().get_pond_map(version).await.unwrap().into_inner().pond_map.unwrap();
    let shown = map.sections.iter().flat_map(|section| &section.negatives).find_map(|factor| factor.matching.clone());
    assert_eq!(shown, Some(matching));
    let update = v1::UpdateExclusionRuleRequest { exclusion_rule: created.exclusion_rule, ..Default::default() };
    let updated = client.update_exclusion_rule(update).await.unwrap().into_inner();
    assert_eq!((updated.matching, updated.matching_resource), (shown, created.matching_resource));
}
