//! The definition of the demo: what a fictional team believes, rules out, has learned, and approves.

use sweetspot_proto::v1::{
    ApproveDefinitionRequest, Condition, CreateExclusionRuleRequest, CreateFindingRequest, CreateHypothesisRequest,
    Definition, ExclusionRule, ExclusionSeverity, Finding, FindingStance, GetDefinitionRequest, Hypothesis,
    HypothesisEntry, IcpCategory, PondSection, SpicedPart, SubmitDefinitionRequest, TextList, condition,
};
use uuid::Uuid;

use crate::cli::client::{Client, request};
use crate::cli::context::Context;
use crate::cli::exit::CliError;

const SALES: &str = "Ben, Sales";
const SUCCESS: &str = "Tom, Customer Success";
const OPERATIONS: &str = "Mara, Revenue Operations";

/// States the beliefs and the rule of the team.
pub(super) async fn state_beliefs(client: &mut Client, context: &Context) -> Result<(), CliError> {
    let beliefs = [
        ("snowflake", "Companies with Snowflake have their data in order", "technologies", "Snowflake", 2.0),
        ("nordics", "Companies in the Nordics decide faster", "region", "Nordics", 2.0),
    ];
    for (id, statement, attribute, value, odds_ratio) in beliefs {
        let hypothesis = Hypothesis {
            id: id.to_owned(),
            statement: statement.to_owned(),
            when: Some(is_value(attribute, value)),
            odds_ratio,
            confidence_customers: 20.0,
            author: SALES.to_owned(),
            expire_time: None,
        };
        let hypothesis = HypothesisEntry {
            hypothesis: Some(hypothesis),
            reason: "From the last ten deals".to_owned(),
            ..HypothesisEntry::default()
        };
        let message = CreateHypothesisRequest {
            parent: context.names.model.to_string(),
            hypothesis: Some(hypothesis),
            request_id: Uuid::new_v4().to_string(),
            ..CreateHypothesisRequest::default()
        };
        let answer = client.definitions.create_hypothesis(request(message)).await;
        client.response(answer)?;
    }
    let exclusion_rule = ExclusionRule {
        id: "excel-only".to_owned(),
        statement: "Only Excel".to_owned(),
        when: Some(is_value("technologies", "Excel only")),
        severity: ExclusionSeverity::Out.into(),
        section: PondSection::Needs.into(),
        author: SUCCESS.to_owned(),
        reason: "There is no system that the product could connect to".to_owned(),
        ..ExclusionRule::default()
    };
    let message = CreateExclusionRuleRequest {
        parent: context.names.model.to_string(),
        exclusion_rule: Some(exclusion_rule),
        request_id: Uuid::new_v4().to_string(),
        ..CreateExclusionRuleRequest::default()
    };
    let answer = client.definitions.create_exclusion_rule(request(message)).await;
    client.response(answer)?;
    Ok(())
}

/// Records what customers said in interviews.
pub(super) async fn record_findings(client: &mut Client, context: &Context) -> Result<(), CliError> {
    let findings = [
        ("late-orders", SpicedPart::Pain, "C00003", "Late orders cost them two customers last year."),
        ("month-end", SpicedPart::Impact, "C00007", "Their month-end closing takes two days instead of six."),
        ("regulation", SpicedPart::CriticalEvent, "C00011", "The new reporting rules apply from January on."),
        ("cfo", SpicedPart::Decision, "C00003", "The CFO decides, after a trial with their own data."),
    ];
    for (id, spiced, account_id, text) in findings {
        let finding = Finding {
            id: id.to_owned(),
            text: text.to_owned(),
            account_id: account_id.to_owned(),
            section: PondSection::UrgencyDrivers.into(),
            spiced: spiced.into(),
            category: IcpCategory::BusinessProblem.into(),
            stance: FindingStance::Positive.into(),
            author: SUCCESS.to_owned(),
            ..Finding::default()
        };
        let message = CreateFindingRequest {
            parent: context.names.model.to_string(),
            finding: Some(finding),
            request_id: Uuid::new_v4().to_string(),
            ..CreateFindingRequest::default()
        };
        let answer = client.definitions.create_finding(request(message)).await;
        client.response(answer)?;
    }
    Ok(())
}

/// Submits the definition, and approves it on the live version.
pub(super) async fn approve(client: &mut Client, context: &Context) -> Result<(), CliError> {
    let model = context.names.model.to_string();
    let message = SubmitDefinitionRequest {
        model: model.clone(),
        author: OPERATIONS.to_owned(),
        request_id: Uuid::new_v4().to_string(),
        ..SubmitDefinitionRequest::default()
    };
    let answer = client.definitions.submit_definition(request(message)).await;
    client.response(answer)?;
    let message = ApproveDefinitionRequest {
        etag: definition(client, &model).await?.etag,
        model,
        approver: SALES.to_owned(),
        request_id: Uuid::new_v4().to_string(),
        ..ApproveDefinitionRequest::default()
    };
    let answer = client.definitions.approve_definition(request(message)).await;
    client.response(answer)?;
    Ok(())
}

async fn definition(client: &mut Client, model: &str) -> Result<Definition, CliError> {
    let message = GetDefinitionRequest { model: model.to_owned() };
    let answer = client.definitions.get_definition(request(message)).await;
    let definition = client.response(answer)?.definition;
    definition.ok_or_else(|| CliError::Failed("the server's response has no definition".to_owned()))
}

fn is_value(attribute: &str, value: &str) -> Condition {
    let test = condition::Test::AnyOf(TextList { values: vec![value.to_owned()] });
    Condition { attribute: attribute.to_owned(), test: Some(test) }
}
