//! The stored form of the entries of a definition.

use serde::{Deserialize, Serialize};
use sweetspot_core::{
    Attribution, Comment, ExclusionRule, Finding, Hypothesis, HypothesisEntry, IcpCategory, PondSection, Severity,
    SpicedPart, Stance,
};

use super::attribution_row::{AttributionRow, ConditionRow};

/// The stored form of a hypothesis.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HypothesisRow {
    id: String,
    statement: String,
    when: ConditionRow,
    odds_ratio: f64,
    confidence_customers: f64,
    by: AttributionRow,
}

impl From<&HypothesisEntry> for HypothesisRow {
    fn from(held: &HypothesisEntry) -> Self {
        let HypothesisEntry { hypothesis, stated_at: stated, reason } = held;
        let Hypothesis { id, statement, when, odds_ratio, confidence_customers, author, expires } = hypothesis;
        let by = Attribution { author: author.clone(), stated_at: *stated, reason: reason.clone(), expires: *expires };
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
    /// Decodes the hypothesis. Returns `None` if it is invalid.
    pub(super) fn hypothesis_entry(self) -> Option<HypothesisEntry> {
        let Self { id, statement, when, odds_ratio, confidence_customers, by } = self;
        let Attribution { author, stated_at: stated, reason, expires } = by.attribution()?;
        let when = when.into();
        let hypothesis = Hypothesis { id, statement, when, odds_ratio, confidence_customers, author, expires };
        Some(HypothesisEntry { hypothesis, stated_at: stated, reason })
    }
}

/// The stored form of an exclusion rule.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExclusionRuleRow {
    id: String,
    statement: String,
    when: ConditionRow,
    severity: String,
    section: String,
    by: AttributionRow,
}

impl From<&ExclusionRule> for ExclusionRuleRow {
    fn from(gate: &ExclusionRule) -> Self {
        let ExclusionRule { id, statement, when, severity, section, attribution: by } = gate;
        Self {
            id: id.clone(),
            statement: statement.clone(),
            when: when.into(),
            severity: severity.as_str().to_owned(),
            section: section.key().to_owned(),
            by: by.into(),
        }
    }
}

impl ExclusionRuleRow {
    /// Decodes the exclusion rule. Returns `None` if it is invalid.
    pub(super) fn exclusion_rule(self) -> Option<ExclusionRule> {
        let Self { id, statement, when, severity, section, by } = self;
        let severity = [Severity::Out, Severity::Caution].into_iter().find(|one| one.as_str() == severity)?;
        let section = PondSection::from_key(&section)?;
        Some(ExclusionRule { id, statement, when: when.into(), severity, section, attribution: by.attribution()? })
    }
}

/// The stored form of a finding.
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
    by: AttributionRow,
}

impl From<&Finding> for FindingRow {
    fn from(finding: &Finding) -> Self {
        let Finding {
            id,
            text,
            question,
            account_id,
            segment_id,
            section,
            spiced,
            category,
            stance: lean,
            attribution: by,
        } = finding.clone();
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
    /// Decodes the finding. Returns `None` if it is invalid.
    pub(super) fn finding(self) -> Option<Finding> {
        let Self { id, text, question, account_id, segment_id, section, spiced, category, lean, by } = self;
        Some(Finding {
            id,
            text,
            question,
            account_id,
            segment_id,
            section: read_key(section, PondSection::from_key)?,
            spiced: read_key(spiced, SpicedPart::from_key)?,
            category: read_key(category, IcpCategory::from_key)?,
            stance: Stance::from_key(&lean)?,
            attribution: by.attribution()?,
        })
    }
}

/// Parses an optional word. Returns `None` if it is present but invalid.
#[expect(clippy::option_option, reason = "a missing key differs from an invalid one")]
fn read_key<T>(key: Option<String>, from_key: fn(&str) -> Option<T>) -> Option<Option<T>> {
    key.map_or(Some(None), |key| from_key(&key).map(Some))
}

/// The stored form of a comment.
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
    /// Decodes the comment. Returns `None` if it is invalid.
    pub(super) fn comment(self) -> Option<Comment> {
        let Self { id, about, text, author, time } = self;
        Some(Comment { id, about, text, author, time: time.parse().ok()? })
    }
}
