//! The stored form of a definition, in a blob: JSON that rejects unknown fields. Domain types are not serialized
//! directly.

mod attribution_row;
mod entries;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sweetspot_core::{Approval, Date, Definition, IcpCategory, PondSection};

use self::entries::{CommentRow, ExclusionRuleRow, FindingRow, HypothesisRow};
use super::{DefinitionError, row};

/// The maximum size of a stored definition in bytes: each change writes the whole definition.
pub const MAX_DEFINITION_BYTES: usize = 4 << 20;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DefinitionRow {
    hypotheses: Vec<HypothesisRow>,
    gates: Vec<ExclusionRuleRow>,
    findings: Vec<FindingRow>,
    comments: Vec<CommentRow>,
    categories: BTreeMap<String, String>,
    sections: BTreeMap<String, String>,
    approval: ApprovalRow,
    /// Days since 1970-01-01.
    review_on: Option<i32>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum ApprovalRow {
    Draft,
    InReview { by: String, at: String },
    Approved { by: String, at: String, number: u64 },
}

impl From<&Approval> for ApprovalRow {
    fn from(approval: &Approval) -> Self {
        match approval {
            Approval::Draft => Self::Draft,
            Approval::InReview { actor: by, time: at } => Self::InReview { by: by.clone(), at: at.to_string() },
            Approval::Approved { actor: by, time: at, number } => {
                Self::Approved { by: by.clone(), at: at.to_string(), number: *number }
            }
        }
    }
}

impl ApprovalRow {
    fn approval(self) -> Option<Approval> {
        Some(match self {
            Self::Draft => Approval::Draft,
            Self::InReview { by, at } => Approval::InReview { actor: by, time: at.parse().ok()? },
            Self::Approved { by, at, number } => Approval::Approved { actor: by, time: at.parse().ok()?, number },
        })
    }
}

/// Encodes a definition.
pub(super) fn encode(definition: &Definition) -> Result<Vec<u8>, DefinitionError> {
    let Definition {
        hypotheses,
        exclusion_rules: gates,
        findings,
        comments,
        categories,
        sections,
        approval,
        review_date: review_on,
    } = definition;
    let kept = DefinitionRow {
        hypotheses: hypotheses.iter().map(HypothesisRow::from).collect(),
        gates: gates.iter().map(ExclusionRuleRow::from).collect(),
        findings: findings.iter().map(FindingRow::from).collect(),
        comments: comments.iter().map(CommentRow::from).collect(),
        categories: categories.iter().map(|(name, one)| (name.clone(), one.key().to_owned())).collect(),
        sections: sections.iter().map(|(name, one)| (name.clone(), one.key().to_owned())).collect(),
        approval: approval.into(),
        review_on: review_on.map(|day| day.days),
    };
    let bytes = row::encode(&kept)?;
    if bytes.len() > MAX_DEFINITION_BYTES {
        return Err(DefinitionError::TooLarge { bytes: bytes.len() });
    }
    Ok(bytes)
}

/// Decodes a definition. Returns `None` if the bytes are invalid.
pub(super) fn decode(bytes: &[u8]) -> Option<Definition> {
    let DefinitionRow { hypotheses, gates, findings, comments, categories, sections, approval, review_on } =
        serde_json::from_slice(bytes).ok()?;
    let category = |(name, key): (String, String)| Some((name, IcpCategory::from_key(&key)?));
    let section = |(name, key): (String, String)| Some((name, PondSection::from_key(&key)?));
    Some(Definition {
        hypotheses: hypotheses.into_iter().map(HypothesisRow::hypothesis_entry).collect::<Option<_>>()?,
        exclusion_rules: gates.into_iter().map(ExclusionRuleRow::exclusion_rule).collect::<Option<_>>()?,
        findings: findings.into_iter().map(FindingRow::finding).collect::<Option<_>>()?,
        comments: comments.into_iter().map(CommentRow::comment).collect::<Option<_>>()?,
        categories: categories.into_iter().map(category).collect::<Option<_>>()?,
        sections: sections.into_iter().map(section).collect::<Option<_>>()?,
        approval: approval.approval()?,
        review_date: review_on.map(|days| Date { days }),
    })
}

#[cfg(test)]
mod tests;
