//! Common conversions of definition entries.

use std::fmt::Write as _;

use sweetspot_core::{Comment, Condition, Entry, EntryFault, ExclusionRule, Finding, HypothesisEntry};
use sweetspot_proto::v1;

use super::exclusion_rule::{REASON as INVALID_EXCLUSION_RULE, parse_exclusion_rule};
use super::finding::{parse_comment, parse_finding};
use super::hypothesis_entry::parse_hypothesis_entry;
use crate::api::violations::Violations;
use crate::messages::entries::{wire_comment, wire_exclusion_rule, wire_finding, wire_hypothesis_entry};

/// The names that an entry refers to.
#[derive(Clone, Debug, Default)]
pub(in crate::api) struct MentionedNames {
    /// A description of the entry, such as `exclusion rule "no-retail"`.
    pub(in crate::api) subject: String,
    /// The entry's conditions.
    pub(in crate::api) conditions: Vec<Condition>,
    /// The account that the entry refers to; may be empty.
    pub(in crate::api) account: String,
    /// The segment that the entry refers to; may be empty.
    pub(in crate::api) segment: String,
}

/// A definition entry with a message.
pub(in crate::api) trait EntryMessage: Entry {
    /// The message type.
    type Wire: prost::Message + Send + 'static;
    /// The field path in a request.
    const FIELD: &'static str;
    /// The error reason for an invalid entry.
    const REASON: &'static str;
    /// The collection in the names of these entries.
    const COLLECTION: &'static str;

    /// Converts from the message, without checking limits.
    fn from_wire(wire: Self::Wire, problems: &mut Violations) -> Option<Self>;
    /// Converts to the message, with its name.
    fn into_wire(self, name: String) -> Self::Wire;

    /// Converts an entry of the definition of a model to the message.
    fn into_wire_of(self, model: &str) -> Self::Wire {
        let name = format!("{model}/definition/{}/{}", Self::COLLECTION, escape_id(self.id()));
        self.into_wire(name)
    }

    /// Who states the entry.
    fn author(&mut self) -> &mut String;

    /// The entry as an exclusion rule; `None` for other kinds.
    fn exclusion_rule(&self) -> Option<&ExclusionRule> {
        None
    }

    /// The attribute, account and segment names that the entry refers to.
    fn mentioned_names(&self) -> MentionedNames {
        MentionedNames::default()
    }
}

/// Converts entries of the definition of a model to messages.
pub(in crate::api) fn entry_messages<E: EntryMessage>(model: &str, entries: Vec<E>) -> Vec<E::Wire> {
    entries.into_iter().map(|entry| entry.into_wire_of(model)).collect()
}

/// Escapes an id for a name as in a URI: an id may contain any characters.
fn escape_id(id: &str) -> String {
    let mut escaped = String::new();
    for byte in id.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            escaped.push(char::from(byte));
        } else {
            // Writing to a `String` cannot fail.
            let _infallible = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}

/// Reads an entry and checks its limits.
pub(in crate::api) fn parse_entry<E: EntryMessage>(wire: Option<E::Wire>, problems: &mut Violations) -> Option<E> {
    let Some(wire) = wire else {
        problems.add(E::REASON, E::FIELD, format!("{} is required", E::KIND));
        return None;
    };
    let mut entry = E::from_wire(wire, problems)?;
    let author = std::mem::take(entry.author());
    *entry.author() = problems.person(&format!("{}.author", E::FIELD), author);
    for EntryFault { field, text } in entry.faults() {
        problems.add(E::REASON, format!("{}.{field}", E::FIELD), text);
    }
    Some(entry)
}

impl EntryMessage for HypothesisEntry {
    type Wire = v1::HypothesisEntry;
    const FIELD: &'static str = "hypothesis";
    const REASON: &'static str = "INVALID_HYPOTHESIS";
    const COLLECTION: &'static str = "hypotheses";

    fn from_wire(wire: Self::Wire, problems: &mut Violations) -> Option<Self> {
        parse_hypothesis_entry(wire, Self::FIELD, problems)
    }

    fn into_wire(self, name: String) -> Self::Wire {
        v1::HypothesisEntry { name, ..wire_hypothesis_entry(self) }
    }

    fn author(&mut self) -> &mut String {
        &mut self.hypothesis.author
    }

    fn mentioned_names(&self) -> MentionedNames {
        let subject = format!("hypothesis {:?}", self.hypothesis.id);
        MentionedNames { subject, conditions: vec![self.hypothesis.when.clone()], ..MentionedNames::default() }
    }
}

impl EntryMessage for ExclusionRule {
    type Wire = v1::ExclusionRule;
    const FIELD: &'static str = "exclusion_rule";
    const REASON: &'static str = INVALID_EXCLUSION_RULE;
    const COLLECTION: &'static str = "exclusionRules";

    fn from_wire(wire: Self::Wire, problems: &mut Violations) -> Option<Self> {
        Some(parse_exclusion_rule(wire, Self::FIELD, problems))
    }

    fn into_wire(self, name: String) -> Self::Wire {
        v1::ExclusionRule { name, ..wire_exclusion_rule(self) }
    }

    fn author(&mut self) -> &mut String {
        &mut self.attribution.author
    }

    fn exclusion_rule(&self) -> Option<&ExclusionRule> {
        Some(self)
    }

    fn mentioned_names(&self) -> MentionedNames {
        MentionedNames {
            subject: format!("exclusion rule {:?}", self.id),
            conditions: vec![self.when.clone()],
            ..MentionedNames::default()
        }
    }
}

impl EntryMessage for Finding {
    type Wire = v1::Finding;
    const FIELD: &'static str = "finding";
    const REASON: &'static str = "INVALID_FINDING";
    const COLLECTION: &'static str = "findings";

    fn from_wire(wire: Self::Wire, problems: &mut Violations) -> Option<Self> {
        parse_finding(wire, Self::FIELD, problems)
    }

    fn into_wire(self, name: String) -> Self::Wire {
        v1::Finding { name, ..wire_finding(self) }
    }

    fn author(&mut self) -> &mut String {
        &mut self.attribution.author
    }

    fn mentioned_names(&self) -> MentionedNames {
        let (account, segment) = (self.account_id.clone(), self.segment_id.clone());
        MentionedNames { subject: format!("finding {:?}", self.id), account, segment, ..MentionedNames::default() }
    }
}

impl EntryMessage for Comment {
    type Wire = v1::Comment;
    const FIELD: &'static str = "comment";
    const REASON: &'static str = "INVALID_COMMENT";
    const COLLECTION: &'static str = "comments";

    fn from_wire(wire: Self::Wire, _problems: &mut Violations) -> Option<Self> {
        Some(parse_comment(wire))
    }

    fn into_wire(self, name: String) -> Self::Wire {
        v1::Comment { name, ..wire_comment(self) }
    }

    fn author(&mut self) -> &mut String {
        &mut self.author
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_an_entry_has_the_segments_of_a_name_whatever_its_id() {
        let model = "workspaces/w/models/m";
        for (id, escaped) in [("no-retail", "no-retail"), ("a/b %", "a%2Fb%20%25"), ("é", "%C3%A9")] {
            let finding = Finding { id: id.to_owned(), ..Finding::default() }.into_wire_of(model);
            assert_eq!(finding.name, format!("workspaces/w/models/m/definition/findings/{escaped}"));
        }
    }
}
