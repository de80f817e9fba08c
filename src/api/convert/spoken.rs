//! What the entries of a definition have in common on the wire.

use sweetspot_core::{Comment, Condition, Entry, EntryFault, Finding, Gate, HeldHypothesis};
use sweetspot_proto::v1;

use super::finding::{comment, finding, wire_comment, wire_finding};
use super::gate::{REASON as INVALID_GATE, gate, wire_gate};
use super::held::{held, wire_held};
use crate::api::problems::Problems;

/// The names that an entry is about.
#[derive(Clone, Debug, Default)]
pub(in crate::api) struct Names {
    /// The entry, such as `gate "no-retail"`.
    pub(in crate::api) who: String,
    /// Its conditions.
    pub(in crate::api) conditions: Vec<Condition>,
    /// An account that it is about; may be empty.
    pub(in crate::api) account: String,
    /// A segment that it is about; may be empty.
    pub(in crate::api) segment: String,
}

/// An entry of a definition that has a message.
pub(in crate::api) trait Spoken: Entry {
    /// The message.
    type Wire: prost::Message + Send + 'static;
    /// Where it stands in a request.
    const FIELD: &'static str;
    /// The reason of one that cannot be held.
    const REASON: &'static str;

    /// Reads it, without its bounds.
    fn read(wire: Self::Wire, problems: &mut Problems) -> Option<Self>;
    /// As it is answered.
    fn told(self) -> Self::Wire;

    /// The names of attributes, accounts and segments in it.
    fn names(&self) -> Names {
        Names::default()
    }
}

/// Reads an entry and checks its bounds.
pub(in crate::api) fn entry<E: Spoken>(wire: Option<E::Wire>, problems: &mut Problems) -> Option<E> {
    let Some(wire) = wire else {
        problems.add(E::REASON, E::FIELD, format!("{} is required", E::KIND));
        return None;
    };
    let entry = E::read(wire, problems)?;
    for EntryFault { field, text } in entry.faults() {
        problems.add(E::REASON, format!("{}.{field}", E::FIELD), text);
    }
    Some(entry)
}

impl Spoken for HeldHypothesis {
    type Wire = v1::HeldHypothesis;
    const FIELD: &'static str = "hypothesis";
    const REASON: &'static str = "INVALID_HYPOTHESIS";

    fn read(wire: Self::Wire, problems: &mut Problems) -> Option<Self> {
        held(wire, Self::FIELD, problems)
    }

    fn told(self) -> Self::Wire {
        wire_held(self)
    }

    fn names(&self) -> Names {
        let who = format!("hypothesis {:?}", self.hypothesis.id);
        Names { who, conditions: vec![self.hypothesis.when.clone()], ..Names::default() }
    }
}

impl Spoken for Gate {
    type Wire = v1::Gate;
    const FIELD: &'static str = "gate";
    const REASON: &'static str = INVALID_GATE;

    fn read(wire: Self::Wire, problems: &mut Problems) -> Option<Self> {
        Some(gate(wire, Self::FIELD, problems))
    }

    fn told(self) -> Self::Wire {
        wire_gate(self)
    }

    fn names(&self) -> Names {
        Names { who: format!("gate {:?}", self.id), conditions: vec![self.when.clone()], ..Names::default() }
    }
}

impl Spoken for Finding {
    type Wire = v1::Finding;
    const FIELD: &'static str = "finding";
    const REASON: &'static str = "INVALID_FINDING";

    fn read(wire: Self::Wire, problems: &mut Problems) -> Option<Self> {
        finding(wire, Self::FIELD, problems)
    }

    fn told(self) -> Self::Wire {
        wire_finding(self)
    }

    fn names(&self) -> Names {
        let (account, segment) = (self.account_id.clone(), self.segment_id.clone());
        Names { who: format!("finding {:?}", self.id), account, segment, ..Names::default() }
    }
}

impl Spoken for Comment {
    type Wire = v1::Comment;
    const FIELD: &'static str = "comment";
    const REASON: &'static str = "INVALID_COMMENT";

    fn read(wire: Self::Wire, _problems: &mut Problems) -> Option<Self> {
        Some(comment(wire))
    }

    fn told(self) -> Self::Wire {
        wire_comment(self)
    }
}
