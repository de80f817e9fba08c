//! A definition as a whole, and its approved states, from the wire and back.

use std::collections::{BTreeMap, BTreeSet};

use sweetspot_core::{
    Approval, ApprovedVersion, Category, Date, Definition, ModelName, PondSection, VersionName, parse_date,
};
use sweetspot_proto::v1::definition::State;
use sweetspot_proto::v1::{self};
use sweetspot_store::definitions::Held;

use super::place;
use super::spoken::Spoken;
use super::time::timestamp;
use super::value::usable_name;
use crate::api::limits::ATTRIBUTES;
use crate::api::problems::Problems;

/// Where attributes belong, as told.
pub(in crate::api) type Places = (BTreeMap<String, Category>, BTreeMap<String, PondSection>);

/// Reads where attributes belong.
pub(in crate::api) fn places(wire: Vec<v1::AttributePlace>, problems: &mut Problems) -> Option<Places> {
    const PATH: &str = "definition.attributes";
    if wire.len() > ATTRIBUTES {
        let text = format!("{} attributes exceed the limit of {ATTRIBUTES}", wire.len());
        problems.add("TOO_MANY_ATTRIBUTES", PATH, text);
        return None;
    }
    let (mut categories, mut sections) = Places::default();
    let mut seen = BTreeSet::new();
    for (index, v1::AttributePlace { attribute, category, section }) in wire.into_iter().enumerate() {
        let path = format!("{PATH}[{index}]");
        if !usable_name(&attribute) {
            problems.add(
                "INVALID_ATTRIBUTE_NAME",
                format!("{path}.attribute"),
                "an attribute's name must have 1 to 256 bytes",
            );
        }
        if !seen.insert(attribute.clone()) {
            problems.add("DUPLICATE_ATTRIBUTE", format!("{path}.attribute"), "list each attribute only once");
        }
        let category = problems.known(&format!("{path}.category"), category).and_then(place::category);
        categories.extend(category.map(|category| (attribute.clone(), category)));
        let section = problems.known(&format!("{path}.section"), section).and_then(place::section);
        sections.extend(section.map(|section| (attribute, section)));
    }
    Some((categories, sections))
}

/// Reads the day on which a definition is due; an empty text means none. Nothing where it is no day.
#[expect(clippy::option_option, reason = "no day and no readable day are two things")]
pub(in crate::api) fn review_date(text: &str, problems: &mut Problems) -> Option<Option<Date>> {
    if text.is_empty() {
        return Some(None);
    }
    let day = parse_date(text);
    if day.is_none() {
        problems.add("INVALID_TIME", "definition.review_date", "a date must have the form 2027-06-30");
    }
    day.map(Some)
}

/// A definition without its lists.
pub(in crate::api) fn definition(model: &ModelName, held: &Held) -> v1::Definition {
    let Held { definition, etag, approved } = held;
    v1::Definition { etag: etag.clone(), profile_versions: *approved, ..frozen(model, definition) }
}

/// A state of a definition that does not change any more.
fn frozen(model: &ModelName, definition: &Definition) -> v1::Definition {
    let Definition { hypotheses, gates, findings, comments, categories, sections, approval, review_on } = definition;
    let (state, who, when, profile_version) = match approval {
        Approval::Draft => (State::Draft, "", None, 0),
        Approval::InReview { by, at } => (State::InReview, by.as_str(), Some(*at), 0),
        Approval::Approved { by, at, number } => (State::Approved, by.as_str(), Some(*at), *number),
    };
    let names: BTreeSet<&String> = categories.keys().chain(sections.keys()).collect();
    let place = |name: &String| v1::AttributePlace {
        attribute: name.clone(),
        category: place::wire_category(categories.get(name).copied()).into(),
        section: place::wire_section(sections.get(name).copied()).into(),
    };
    v1::Definition {
        model: model.to_string(),
        etag: String::new(),
        state: state.into(),
        state_author: who.to_owned(),
        state_time: when.map(timestamp),
        profile_version,
        review_date: review_on.map(|day| day.to_string()).unwrap_or_default(),
        attributes: names.into_iter().map(place).collect(),
        hypotheses: hypotheses.len() as u64,
        gates: gates.len() as u64,
        findings: findings.len() as u64,
        comments: comments.len() as u64,
        profile_versions: profile_version,
    }
}

/// An approved state without its content.
pub(in crate::api) fn approved(model: &ModelName, version: ApprovedVersion) -> v1::ProfileVersion {
    let ApprovedVersion { number, version, by, at } = version;
    v1::ProfileVersion {
        model: model.to_string(),
        number,
        model_version: VersionName { model: model.clone(), number: version }.to_string(),
        approver: by,
        approve_time: Some(timestamp(at)),
        ..v1::ProfileVersion::default()
    }
}

/// An approved state, whole.
pub(in crate::api) fn whole(model: &ModelName, version: ApprovedVersion, content: Definition) -> v1::ProfileVersion {
    v1::ProfileVersion {
        definition: Some(frozen(model, &content)),
        hypotheses: content.hypotheses.into_iter().map(Spoken::told).collect(),
        gates: content.gates.into_iter().map(Spoken::told).collect(),
        findings: content.findings.into_iter().map(Spoken::told).collect(),
        comments: content.comments.into_iter().map(Spoken::told).collect(),
        ..approved(model, version)
    }
}
