//! Unknown names in definition entries: the response to the change contains a warning with the nearest name.

use sweetspot_proto::v1::condition::Test;
use sweetspot_proto::v1::{self};

use crate::definition_entries::{exclusion_rule, finding, hypothesis_entry};
use crate::support::server::TestServer;

fn any_of_condition(attribute: &str, texts: &[&str]) -> v1::Condition {
    let values = texts.iter().map(|text| (*text).to_owned()).collect();
    v1::Condition { attribute: attribute.to_owned(), test: Some(Test::AnyOf(v1::TextList { values })) }
}

async fn rule_warnings(server: &TestServer, id: &str, when: v1::Condition) -> Vec<String> {
    let exclusion_rule = Some(v1::ExclusionRule { when: Some(when), ..exclusion_rule(id) });
    let request = v1::CreateExclusionRuleRequest { exclusion_rule, ..v1::CreateExclusionRuleRequest::default() };
    server.definition().create_exclusion_rule(request).await.unwrap().into_inner().warnings
}

async fn finding_warnings(server: &TestServer, finding: v1::Finding) -> Vec<String> {
    let request = v1::CreateFindingRequest { finding: Some(finding), ..v1::CreateFindingRequest::default() };
    server.definition().create_finding(request).await.unwrap().into_inner().warnings
}

#[tokio::test]
async fn a_name_that_no_version_has_causes_a_warning() {
    let server = TestServer::trained().await;
    for (id, condition, expected) in [
        ("known", any_of_condition("industry", &["FINTECH ", "Retail"]), None),
        (
            "attribute",
            any_of_condition("industri", &["fintech"]),
            Some(
                "exclusion rule \"attribute\" refers to attribute \"industri\", which neither a version nor its customers have (did you mean \"industry\"?)",
            ),
        ),
        (
            "level",
            any_of_condition("industry", &["fintec"]),
            Some(
                "exclusion rule \"level\" refers to \"fintec\" in attribute \"industry\", which neither a version nor its customers have (did you mean \"fintech\"?)",
            ),
        ),
        (
            "kind",
            any_of_condition("employees", &["many"]),
            Some(
                "exclusion rule \"kind\" refers to \"many\" in attribute \"employees\", which cannot be read as a number",
            ),
        ),
    ] {
        let told = rule_warnings(&server, id, condition).await;
        assert_eq!(told, expected.map(str::to_owned).into_iter().collect::<Vec<_>>());
    }
    let segment = v1::Finding { segment_id: "segment-99".to_owned(), ..finding("s") };
    let told = finding_warnings(&server, segment).await;
    assert!(
        told[0].starts_with("finding \"s\" is about segment \"segment-99\", which the version does not have"),
        "{told:?}"
    );
    let request =
        v1::CreateHypothesisRequest { hypothesis: Some(hypothesis_entry("h", "employes")), ..Default::default() };
    let told = server.definition().create_hypothesis(request).await.unwrap().into_inner().warnings;
    assert!(told[0].contains("did you mean \"employees\""), "{told:?}");
    let request =
        v1::UpdateHypothesisRequest { hypothesis: Some(hypothesis_entry("h", "employees")), ..Default::default() };
    let told = server.definition().update_hypothesis(request).await.unwrap().into_inner().warnings;
    assert!(told.is_empty(), "{told:?}");
}

#[tokio::test]
async fn names_are_checked_against_the_dataset_before_there_is_a_version() {
    let server = TestServer::empty().await;
    assert!(
        rule_warnings(&server, "early", any_of_condition("industri", &["x"])).await.is_empty(),
        "no names are known yet"
    );
    server.import().await;
    let told = rule_warnings(&server, "later", any_of_condition("industri", &["x"])).await;
    assert!(told[0].contains("did you mean \"industry\""), "{told:?}");
    for (account, known) in [("a-1", true), ("a-1x", false)] {
        let about = v1::Finding { account_id: account.to_owned(), ..finding(account) };
        let told = finding_warnings(&server, about).await;
        assert_eq!(told.is_empty(), known, "{told:?}");
        let expected = "finding \"a-1x\" is about account \"a-1x\", which is not among the customers (did you mean";
        assert!(known || told[0].starts_with(expected), "{told:?}");
    }
}

#[tokio::test]
async fn placing_an_unknown_attribute_causes_a_warning() {
    let server = TestServer::trained().await;
    let request = v1::GetDefinitionRequest { model: String::new() };
    let held = server.definition().get_definition(request).await.unwrap().into_inner().definition.unwrap();
    let place = |attribute: &str| v1::AttributePlace {
        attribute: attribute.to_owned(),
        section: v1::PondSection::Needs.into(),
        ..v1::AttributePlace::default()
    };
    let definition = v1::Definition { attributes: vec![place("employees"), place("employes")], ..held };
    let request = v1::UpdateDefinitionRequest { definition: Some(definition), request_id: String::new() };
    let told = server.definition().update_definition(request).await.unwrap().into_inner().warnings;
    assert_eq!(told.len(), 1);
    assert!(told[0].contains("\"employes\"") && told[0].contains("did you mean \"employees\""), "{told:?}");
}
