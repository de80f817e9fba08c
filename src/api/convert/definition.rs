//! Converts definitions and approved versions from and to messages.

use std::collections::{BTreeMap, BTreeSet};

use sweetspot_core::{
    Approval, ApprovalCommittee, ApprovedDefinitionVersion, Date, Definition, EntryFault, IcpCategory, ModelName,
    ModelVersionName, PersonApproval, PondMapSectionKind, ReviewRound, parse_date,
};
use sweetspot_proto::v1::definition::State;
use sweetspot_proto::v1::{self};
use sweetspot_store::definitions::DefinitionSnapshot;

use super::attribute_value::is_usable_name;
use super::entry::entry_messages;
use crate::api::limits::MAX_ATTRIBUTES;
use crate::api::violations::Violations;
use crate::messages::entries::wire_timestamp;
use crate::messages::enums::WireEnum;

/// The maximum number of damaged entries that a definition lists.
const MAX_UNREADABLE_ENTRIES: usize = 100;

/// The category and the section of each attribute, if stated.
pub(in crate::api) type AttributePlacements = (BTreeMap<String, IcpCategory>, BTreeMap<String, PondMapSectionKind>);

/// Reads the categories and sections of attributes.
pub(in crate::api) fn attribute_placements(
    wire: Vec<v1::AttributePlace>,
    problems: &mut Violations,
) -> Option<AttributePlacements> {
    const PATH: &str = "definition.attributes";
    if wire.len() > MAX_ATTRIBUTES {
        let text = format!("{} attributes exceed the limit of {MAX_ATTRIBUTES}", wire.len());
        problems.add("TOO_MANY_ATTRIBUTES", PATH, text);
        return None;
    }
    let (mut categories, mut sections) = AttributePlacements::default();
    let mut seen = BTreeSet::new();
    for (index, v1::AttributePlace { attribute, category, section }) in wire.into_iter().enumerate() {
        let path = format!("{PATH}[{index}]");
        if !is_usable_name(&attribute) {
            problems.add(
                "INVALID_ATTRIBUTE_NAME",
                format!("{path}.attribute"),
                "an attribute's name must have 1 to 256 bytes",
            );
        }
        if !seen.insert(attribute.clone()) {
            problems.add("DUPLICATE_ATTRIBUTE", format!("{path}.attribute"), "list each attribute only once");
        }
        let category = problems.parse_enum(&format!("{path}.category"), category).and_then(IcpCategory::from_wire);
        categories.extend(category.map(|category| (attribute.clone(), category)));
        let section = problems.parse_enum(&format!("{path}.section"), section).and_then(PondMapSectionKind::from_wire);
        sections.extend(section.map(|section| (attribute, section)));
    }
    Some((categories, sections))
}

/// Reads the review date of a definition: `Some(None)` if the text is empty, `None` if it is not a date.
#[expect(clippy::option_option, reason = "an absent date differs from an invalid one")]
pub(in crate::api) fn review_date(text: &str, problems: &mut Violations) -> Option<Option<Date>> {
    if text.is_empty() {
        return Some(None);
    }
    let day = parse_date(text);
    if day.is_none() {
        problems.add("INVALID_TIME", "definition.review_date", "a date must have the form 2027-06-30");
    }
    day.map(Some)
}

/// Reads the approvers and the required approvals of a definition.
pub(in crate::api) fn committee(
    approvers: Vec<String>,
    required_approvals: u64,
    problems: &mut Violations,
) -> Option<ApprovalCommittee> {
    let committee = ApprovalCommittee { approvers, required_approvals: required_approvals.max(1) };
    let faults = committee.faults();
    let is_valid = faults.is_empty();
    for EntryFault { field, text } in faults {
        problems.add("INVALID_APPROVERS", format!("definition.{field}"), text);
    }
    is_valid.then(|| ApprovalCommittee::new(committee.approvers, committee.required_approvals))
}

/// Converts a definition without its lists.
pub(in crate::api) fn definition(model: &ModelName, snapshot: &DefinitionSnapshot) -> v1::Definition {
    let DefinitionSnapshot { definition, etag, approved_versions: approved, unreadable } = snapshot;
    v1::Definition {
        etag: etag.clone(),
        definition_versions: *approved,
        unreadable_entries: unreadable.iter().take(MAX_UNREADABLE_ENTRIES).map(ToString::to_string).collect(),
        ..definition_content(model, definition)
    }
}

/// Converts the full content of an approved version.
fn definition_content(model: &ModelName, definition: &Definition) -> v1::Definition {
    let Definition {
        hypotheses,
        exclusion_rules,
        findings,
        comments,
        categories,
        sections,
        approval,
        review_date,
        allow_self_approval,
        committee: ApprovalCommittee { approvers, required_approvals },
        round,
    } = definition;
    let (state, actor, time, definition_version) = match approval {
        Approval::Draft => (State::Draft, "", None, 0),
        Approval::InReview { actor, time } => (State::InReview, actor.as_str(), Some(*time), 0),
        Approval::Approved { actor, time, number } => (State::Approved, actor.as_str(), Some(*time), *number),
    };
    // A damaged record of the state may have left approvals of a review that is over.
    let round = if *approval == Approval::Draft { &ReviewRound::default() } else { round };
    let names: BTreeSet<&String> = categories.keys().chain(sections.keys()).collect();
    let place = |name: &String| v1::AttributePlace {
        attribute: name.clone(),
        category: categories.get(name).map(|category| category.wire()).unwrap_or_default().into(),
        section: sections.get(name).map(|section| section.wire()).unwrap_or_default().into(),
    };
    v1::Definition {
        model: model.to_string(),
        etag: String::new(),
        state: state.into(),
        state_author: actor.to_owned(),
        state_time: time.map(wire_timestamp),
        definition_version,
        review_date: review_date.map(|day| day.to_string()).unwrap_or_default(),
        attributes: names.into_iter().map(place).collect(),
        hypotheses: hypotheses.len() as u64,
        exclusion_rules: exclusion_rules.len() as u64,
        findings: findings.len() as u64,
        comments: comments.len() as u64,
        definition_versions: definition_version,
        unreadable_entries: Vec::new(),
        allow_self_approval: *allow_self_approval,
        approvers: approvers.clone(),
        required_approvals: *required_approvals,
        approvals: approvals(round.approvals.clone()),
        approvals_model_version: match round.approvals.as_slice() {
            [] => String::new(),
            [..] => version_name(model, round.version),
        },
        open_comments: definition.open_comments() as u64,
    }
}

fn approvals(approvals: Vec<PersonApproval>) -> Vec<v1::PersonApproval> {
    let wire = |PersonApproval { actor: approver, time }| v1::PersonApproval {
        approver,
        approve_time: Some(wire_timestamp(time)),
    };
    approvals.into_iter().map(wire).collect()
}

fn version_name(model: &ModelName, number: u64) -> String {
    ModelVersionName { model: model.clone(), number }.to_string()
}

/// Converts an approved version without its content.
pub(in crate::api) fn definition_version(
    model: &ModelName,
    version: ApprovedDefinitionVersion,
) -> v1::DefinitionVersion {
    let ApprovedDefinitionVersion { number, version, actor: by, time: at, approvals: people } = version;
    v1::DefinitionVersion {
        model: model.to_string(),
        number,
        model_version: version_name(model, version),
        approver: by,
        approve_time: Some(wire_timestamp(at)),
        approvals: approvals(people),
        name: format!("{model}/definition/versions/{number}"),
        ..v1::DefinitionVersion::default()
    }
}

/// Converts an approved version with its content.
pub(in crate::api) fn definition_version_with_content(
    model: &ModelName,
    version: ApprovedDefinitionVersion,
    content: Definition,
) -> v1::DefinitionVersion {
    let name = model.to_string();
    v1::DefinitionVersion {
        definition: Some(definition_content(model, &content)),
        hypotheses: entry_messages(&name, content.hypotheses),
        exclusion_rules: entry_messages(&name, content.exclusion_rules),
        findings: entry_messages(&name, content.findings),
        comments: entry_messages(&name, content.comments),
        ..definition_version(model, version)
    }
}
