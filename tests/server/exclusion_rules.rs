//! Exclusion rules: stored in a version and reported with every score, without effect on the fit.

use sweetspot_proto::v1::attribute_value::Kind;
use sweetspot_proto::v1::condition::Test;
use sweetspot_proto::v1::score_accounts_request::Accounts;
use sweetspot_proto::v1::{self, ExclusionSeverity, PondSection, PondSide};
use tonic::Code;

use crate::scoring::request;
use crate::support::server::TestServer;
use crate::support::{DATASET, MODEL, assert_refused, data, fields};

fn exclusion_rule(id: &str, attribute: &str, test: Test, severity: ExclusionSeverity) -> v1::ExclusionRule {
    v1::ExclusionRule {
        id: id.to_owned(),
        when: Some(v1::Condition { attribute: attribute.to_owned(), test: Some(test) }),
        severity: severity.into(),
        author: "ann".to_owned(),
        ..v1::ExclusionRule::default()
    }
}

fn exclusion_rules() -> Vec<v1::ExclusionRule> {
    let retail = Test::AnyOf(v1::TextList { values: vec!["RETAIL".to_owned()] });
    vec![
        exclusion_rule("no-retail", "industry", retail, ExclusionSeverity::Out),
        exclusion_rule("sanctioned", "sanctioned", Test::Flag(true), ExclusionSeverity::Out),
        exclusion_rule("unknown-size", "employees", Test::Present(false), ExclusionSeverity::Caution),
    ]
}

fn training(exclusion_rules: Vec<v1::ExclusionRule>) -> v1::TrainModelRequest {
    let label_policy = Some(v1::LabelPolicy { preset: v1::LabelPreset::Won.into(), ..Default::default() });
    let config = v1::TrainingConfig { exclusion_rules, label_policy, ..v1::TrainingConfig::default() };
    let (model, dataset) = (MODEL.to_owned(), DATASET.to_owned());
    v1::TrainModelRequest { model, dataset, config: Some(config), ..v1::TrainModelRequest::default() }
}

/// A server with version 1 without exclusion rules and version 2 with them.
async fn server() -> TestServer {
    let server = TestServer::empty().await;
    server.import().await;
    for exclusion_rules in [vec![], exclusion_rules()] {
        let run = server.model().train_model(training(exclusion_rules)).await.unwrap().into_inner().run.unwrap();
        assert!(!server.wait(&run).await.model_version.is_empty());
    }
    server
}

fn config(version: u32, side: PondSide) -> v1::ScoreConfig {
    let filter = v1::TargetFilter { pond_side: side.into(), ..v1::TargetFilter::default() };
    let version = format!("{MODEL}/versions/{version}");
    v1::ScoreConfig { version, filter: Some(filter), ..v1::ScoreConfig::default() }
}

async fn scores(server: &TestServer, rows: Vec<v1::Account>, config: v1::ScoreConfig) -> Vec<v1::FitScore> {
    server.scoring().score_accounts(request(rows, config)).await.unwrap().into_inner().scores
}

fn account(id: &str, attributes: &[(&str, Kind)]) -> v1::Account {
    let value = |kind: &Kind| v1::AttributeValue { kind: Some(kind.clone()) };
    let attributes = attributes.iter().map(|(name, kind)| ((*name).to_owned(), value(kind))).collect();
    v1::Account { account_id: id.to_owned(), attributes }
}

#[tokio::test]
async fn a_version_stores_its_exclusion_rules_and_scores_name_those_that_match() {
    let server = server().await;
    let name = format!("{MODEL}/versions/2");
    let kept = server.model().get_model_version(v1::GetModelVersionRequest { name }).await.unwrap().into_inner();
    let kept = kept.version.unwrap().exclusion_rules;
    assert_eq!(
        kept.iter().map(|one| one.exclusion_rule.as_ref().unwrap().id.as_str()).collect::<Vec<_>>(),
        ["no-retail", "sanctioned", "unknown-size"]
    );
    let first = kept[0].exclusion_rule.clone().unwrap();
    assert!(kept[0].customers > 0 && first.create_time.is_some(), "it has the date of the training: {:?}", kept[0]);
    assert_eq!(first.section(), PondSection::AccountProfile, "the attribute determines the section");
    let rows = vec![
        account("retail", &[("industry", Kind::Text("Retail".to_owned())), ("employees", Kind::Number(90.0))]),
        account("sanctioned", &[("sanctioned", Kind::Flag(true))]),
        account("neither", &[("industry", Kind::Text("Fintech".to_owned())), ("employees", Kind::Number(90.0))]),
    ];
    let with = scores(&server, rows.clone(), config(2, PondSide::Unspecified)).await;
    let told: Vec<_> = with.iter().map(|score| score.exclusion_rules.join("+")).collect();
    assert_eq!(told, ["no-retail", "sanctioned+unknown-size", ""]);
    assert_eq!(with.iter().take(2).map(v1::FitScore::pond_side).collect::<Vec<_>>(), [PondSide::Out; 2]);
    let without = scores(&server, rows, config(1, PondSide::Unspecified)).await;
    for (with, without) in with.iter().zip(&without) {
        assert_eq!(with.log_odds.to_bits(), without.log_odds.to_bits());
        assert_eq!((with.coverage, &without.exclusion_rules), (without.coverage, &vec![]));
    }
    assert!(with[1].issues.iter().all(|issue| issue.attribute != "sanctioned"), "an exclusion rule uses it");
}

#[tokio::test]
async fn a_filter_by_pond_side_selects_that_side_for_rows_and_columns() {
    let server = server().await;
    let rows: Vec<_> = (0..150).map(data::account).collect();
    let all = scores(&server, rows.clone(), config(2, PondSide::Unspecified)).await;
    for side in [PondSide::In, PondSide::Out] {
        let kept = scores(&server, rows.clone(), config(2, side)).await;
        assert!(!kept.is_empty());
        assert_eq!(kept, all.iter().filter(|score| score.pond_side() == side).cloned().collect::<Vec<_>>());
        let table = v1::ScoreAccountsRequest {
            config: Some(config(2, side)),
            accounts: Some(Accounts::Table(data::table(150))),
        };
        assert_eq!(server.scoring().score_accounts(table).await.unwrap().into_inner().scores, kept);
    }
    let wrong = v1::TargetFilter { pond_side: 9, ..v1::TargetFilter::default() };
    let wrong = v1::ScoreConfig { filter: Some(wrong), ..config(2, PondSide::In) };
    assert!(server.scoring().score_accounts(request(rows, wrong)).await.is_err());
}

#[tokio::test]
async fn every_violation_of_an_exclusion_rule_is_reported() {
    let server = TestServer::empty().await;
    let train = async |exclusion_rules| server.model().train_model(training(exclusion_rules)).await;
    let wrong = vec![
        v1::ExclusionRule {
            author: "a".repeat(129),
            ..exclusion_rule("", "", Test::Flag(true), ExclusionSeverity::Unspecified)
        },
        v1::ExclusionRule {
            when: None,
            section: 77,
            ..exclusion_rule("b", "x", Test::Flag(true), ExclusionSeverity::Out)
        },
    ];
    let details = assert_refused(train(wrong).await, Code::InvalidArgument, "INVALID_CONDITION");
    for field in ["[0].id", "[0].author", "[0].severity", "[0].when.attribute", "[1].when", "[1].section"] {
        assert!(
            fields(&details).contains(&format!("config.exclusion_rules{field}").as_str()),
            "{field} is not in {details:?}"
        );
    }
    let many: Vec<_> =
        (0..101).map(|n| exclusion_rule(&n.to_string(), "x", Test::Flag(true), ExclusionSeverity::Out)).collect();
    assert_refused(train(many).await, Code::InvalidArgument, "TOO_MANY_EXCLUSION_RULES");
}
