//! The entries of a definition as they are kept.

use serde::{Deserialize, Serialize};
use sweetspot_core::{
    Category, Comment, Finding, Gate, HeldHypothesis, Hypothesis, Lean, PondSection, Severity, Spiced, Statement,
};

use super::said::{ConditionRow, StatementRow};

/// A belief.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HypothesisRow {
    id: String,
    statement: String,
    when: ConditionRow,
    odds_ratio: f64,
    confidence_customers: f64,
    by: StatementRow,
}

impl From<&HeldHypothesis> for HypothesisRow {
    fn from(held: &HeldHypothesis) -> Self {
        let HeldHypothesis { hypothesis, stated, reason } = held;
        let Hypothesis { id, statement, when, odds_ratio, confidence_customers, author, expires } = hypothesis;
        let by = Statement { author: author.clone(), stated: *stated, reason: reason.clone(), expires: *expires };
        Self {
            id: id.clone(),
            statement: statement.clone(),
            when: when.into(),
            odds_ratio: *odds_ratio,
            confidence_customers: *confidence_customers,
            by: (&by).into(),
        }
    }
}

impl HypothesisRow {
    /// The belief, if it is one.
    pub(super) fn held(self) -> Option<HeldHypothesis> {
        let Self { id, statement, when, odds_ratio, confidence_customers, by } = self;
        let Statement { author, stated, reason, expires } = by.statement()?;
        let when = when.into();
        let hypothesis = Hypothesis { id, statement, when, odds_ratio, confidence_customers, author, expires };
        Some(HeldHypothesis { hypothesis, stated, reason })
    }
}

/// A rule.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GateRow {
    id: String,
    statement: String,
    when: ConditionRow,
    severity: String,
    section: String,
    by: StatementRow,
}

impl From<&Gate> for GateRow {
    fn from(gate: &Gate) -> Self {
        let Gate { id, statement, when, severity, section, by } = gate;
        Self {
            id: id.clone(),
            statement: statement.clone(),
            when: when.into(),
            severity: severity.word().to_owned(),
            section: section.key().to_owned(),
            by: by.into(),
        }
    }
}

impl GateRow {
    /// The rule, if it is one.
    pub(super) fn gate(self) -> Option<Gate> {
        let Self { id, statement, when, severity, section, by } = self;
        let severity = [Severity::Out, Severity::Caution].into_iter().find(|one| one.word() == severity)?;
        let section = PondSection::from_key(&section)?;
        Some(Gate { id, statement, when: when.into(), severity, section, by: by.statement()? })
    }
}

/// Something learned.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FindingRow {
    id: String,
    text: String,
    question: String,
    account_id: String,
    segment_id: String,
    section: Option<String>,
    spiced: Option<String>,
    category: Option<String>,
    lean: String,
    by: StatementRow,
}

impl From<&Finding> for FindingRow {
    fn from(finding: &Finding) -> Self {
        let Finding { id, text, question, account_id, segment_id, section, spiced, category, lean, by } =
            finding.clone();
        Self {
            id,
            text,
            question,
            account_id,
            segment_id,
            section: section.map(|one| one.key().to_owned()),
            spiced: spiced.map(|one| one.key().to_owned()),
            category: category.map(|one| one.key().to_owned()),
            lean: lean.key().to_owned(),
            by: (&by).into(),
        }
    }
}

impl FindingRow {
    /// The finding, if it is one.
    pub(super) fn finding(self) -> Option<Finding> {
        let Self { id, text, question, account_id, segment_id, section, spiced, category, lean, by } = self;
        Some(Finding {
            id,
            text,
            question,
            account_id,
            segment_id,
            section: read(section, PondSection::from_key)?,
            spiced: read(spiced, Spiced::from_key)?,
            category: read(category, Category::from_key)?,
            lean: Lean::from_key(&lean)?,
            by: by.statement()?,
        })
    }
}

/// A word that may be missing; nothing where it is there and is none.
#[expect(clippy::option_option, reason = "missing and unreadable are two things")]
fn read<T>(key: Option<String>, from_key: fn(&str) -> Option<T>) -> Option<Option<T>> {
    key.map_or(Some(None), |key| from_key(&key).map(Some))
}

/// A remark.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CommentRow {
    id: String,
    about: String,
    text: String,
    author: String,
    time: String,
}

impl From<&Comment> for CommentRow {
    fn from(comment: &Comment) -> Self {
        let Comment { id, about, text, author, time } = comment.clone();
        Self { id, about, text, author, time: time.to_string() }
    }
}

impl CommentRow {
    /// The remark, if it is one.
    pub(super) fn comment(self) -> Option<Comment> {
        let Self { id, about, text, author, time } = self;
        Some(Comment { id, about, text, author, time: time.parse().ok()? })
    }
}
