//! Converts findings and comments from messages.

use sweetspot_core::{Comment, Finding, IcpCategory, PondMapSectionKind, SpicedPart, Stance};
use sweetspot_proto::v1;

use super::attribution::{parse_expiry, undated_attribution};
use crate::api::violations::Violations;
use crate::messages::enums::WireEnum as _;

/// Reads a finding; `path` is its field path in the request. The caller checks its limits.
pub(super) fn parse_finding(wire: v1::Finding, path: &str, problems: &mut Violations) -> Option<Finding> {
    let v1::Finding {
        id,
        text,
        question,
        account_id,
        segment_id,
        section,
        spiced,
        category,
        stance,
        author,
        create_time: _,
        reason,
        expire_time,
        name: _,
    } = wire;
    let expires = parse_expiry(expire_time, path, problems);
    let section = problems.parse_enum(&format!("{path}.section"), section).map(PondMapSectionKind::from_wire);
    let spiced = problems.parse_enum(&format!("{path}.spiced"), spiced).map(SpicedPart::from_wire);
    let category = problems.parse_enum(&format!("{path}.category"), category).map(IcpCategory::from_wire);
    let stance = problems.parse_enum(&format!("{path}.stance"), stance).and_then(Stance::from_wire);
    let attribution = undated_attribution(author, reason, expires);
    let (section, spiced, category, stance) = (section?, spiced?, category?, stance?);
    Some(Finding { id, text, question, account_id, segment_id, section, spiced, category, stance, attribution })
}

/// Reads a comment. The definition assigns its id and its date.
pub(super) fn parse_comment(wire: v1::Comment) -> Comment {
    let v1::Comment { id: _, about, text, author, create_time: _, name: _, removal: _, resolution: _ } = wire;
    Comment { about, text, author, ..Comment::default() }
}
