//! A definition as it is kept in a blob: JSON, closed to unknown fields. The domain's types never reach the disk.

mod entries;
mod said;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sweetspot_core::{Approval, Category, Date, Definition, PondSection};

use self::entries::{CommentRow, FindingRow, GateRow, HypothesisRow};
use super::{DefinitionError, row};

/// Largest definition, in bytes as it is kept: every change writes all of it.
pub const MAX_DEFINITION_BYTES: usize = 4 << 20;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DefinitionRow {
    hypotheses: Vec<HypothesisRow>,
    gates: Vec<GateRow>,
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
            Approval::InReview { by, at } => Self::InReview { by: by.clone(), at: at.to_string() },
            Approval::Approved { by, at, number } => {
                Self::Approved { by: by.clone(), at: at.to_string(), number: *number }
            }
        }
    }
}

impl ApprovalRow {
    fn approval(self) -> Option<Approval> {
        Some(match self {
            Self::Draft => Approval::Draft,
            Self::InReview { by, at } => Approval::InReview { by, at: at.parse().ok()? },
            Self::Approved { by, at, number } => Approval::Approved { by, at: at.parse().ok()?, number },
        })
    }
}

/// The bytes of a definition.
pub(super) fn encode(definition: &Definition) -> Result<Vec<u8>, DefinitionError> {
    let Definition { hypotheses, gates, findings, comments, categories, sections, approval, review_on } = definition;
    let kept = DefinitionRow {
        hypotheses: hypotheses.iter().map(HypothesisRow::from).collect(),
        gates: gates.iter().map(GateRow::from).collect(),
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

/// The definition of these bytes, if they are one.
pub(super) fn decode(bytes: &[u8]) -> Option<Definition> {
    let DefinitionRow { hypotheses, gates, findings, comments, categories, sections, approval, review_on } =
        serde_json::from_slice(bytes).ok()?;
    let category = |(name, key): (String, String)| Some((name, Category::from_key(&key)?));
    let section = |(name, key): (String, String)| Some((name, PondSection::from_key(&key)?));
    Some(Definition {
        hypotheses: hypotheses.into_iter().map(HypothesisRow::held).collect::<Option<_>>()?,
        gates: gates.into_iter().map(GateRow::gate).collect::<Option<_>>()?,
        findings: findings.into_iter().map(FindingRow::finding).collect::<Option<_>>()?,
        comments: comments.into_iter().map(CommentRow::comment).collect::<Option<_>>()?,
        categories: categories.into_iter().map(category).collect::<Option<_>>()?,
        sections: sections.into_iter().map(section).collect::<Option<_>>()?,
        approval: approval.approval()?,
        review_on: review_on.map(|days| Date { days }),
    })
}

#[cfg(test)]
mod tests;
