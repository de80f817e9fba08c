//! Finds the issues of a condition with which it would silently match no account, or other accounts than intended:
//! unknown attributes and texts (most often misspellings), tests that no value can pass, and ambiguous texts.

use super::{Condition, Test};
use crate::coerce::ambiguous_reading;
use crate::parse::{read_date, read_number};
use crate::suggest::did_you_mean;
use crate::{AttributeKind, TextFormat, parse_date, parse_flag, parse_number};

/// The attributes that a model, a dataset or both contain.
pub trait Vocabulary {
    /// The names of the attributes.
    fn attributes(&self) -> Vec<&str>;

    /// The kind of an attribute; `None` if it is unknown.
    fn kind(&self, attribute: &str) -> Option<AttributeKind>;

    /// The format of an attribute's texts; the default if it is unknown.
    fn text_format(&self, attribute: &str) -> TextFormat;

    /// The texts of a category or the items of a list, as displayed; empty for other kinds.
    fn levels(&self, attribute: &str) -> Vec<&str>;

    /// Whether the attribute has a level with the same key as this text.
    fn has_level(&self, attribute: &str, text: &str) -> bool;
}

/// A part of a condition that a vocabulary does not have, that no value can match, or that is ambiguous.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConditionIssue {
    /// An unknown attribute.
    Attribute {
        /// The attribute's name.
        name: String,
        /// The nearest known name as ` (did you mean "x"?)`; empty if no name is near.
        hint: String,
    },
    /// An unknown text of a category or item of a list.
    Level {
        /// The attribute.
        attribute: String,
        /// The text.
        text: String,
        /// The nearest known text, in the same form; empty if no text is near.
        hint: String,
    },
    /// A test that no value of the attribute's kind can pass.
    Impossible {
        /// The attribute.
        attribute: String,
        /// Its kind.
        kind: AttributeKind,
        /// The text that cannot be read as that kind; `None` for a range.
        text: Option<String>,
    },
    /// A text with two possible numbers or days.
    Ambiguous {
        /// The attribute.
        attribute: String,
        /// The text.
        text: String,
        /// The interpretation that is used, formatted for people.
        reading: String,
    },
}

impl ConditionIssue {
    /// Describes the issue in one sentence without a period. `subject` contains the condition, and `place` is where the
    /// name is missing, such as `which no customer has`.
    #[must_use]
    pub fn sentence(&self, subject: &str, place: &str) -> String {
        match self {
            Self::Attribute { name, hint } => format!("{subject} refers to attribute {name:?}, {place}{hint}"),
            Self::Level { attribute, text, hint } => {
                format!("{subject} refers to {text:?} in attribute {attribute:?}, {place}{hint}")
            }
            Self::Impossible { attribute, kind, text: Some(text) } => {
                format!(
                    "{subject} refers to {text:?} in attribute {attribute:?}, which cannot be read as a {}",
                    kind.as_str()
                )
            }
            Self::Ambiguous { attribute, text, reading } => format!(
                "{subject} refers to {text:?} in attribute {attribute:?}, which could mean two things and is taken as {reading}"
            ),
            Self::Impossible { attribute, kind, text: None } => {
                format!(
                    "{subject} refers to a range of attribute {attribute:?}, whose kind {} has no numbers or dates",
                    kind.as_str()
                )
            }
        }
    }
}

/// All issues of a condition: unknown, impossible and ambiguous parts. A vocabulary without attributes has no unknown
/// attributes.
pub fn condition_issues(condition: &Condition, vocabulary: &dyn Vocabulary) -> Vec<ConditionIssue> {
    let Condition { attribute, test } = condition;
    let Some(kind) = vocabulary.kind(attribute) else {
        let known = vocabulary.attributes();
        let hint = did_you_mean(attribute, known.iter().copied());
        let unknown = ConditionIssue::Attribute { name: attribute.clone(), hint };
        return if known.is_empty() { Vec::new() } else { vec![unknown] };
    };
    match test {
        Test::AnyOf(texts) => texts.iter().filter_map(|text| text_issue(attribute, kind, text, vocabulary)).collect(),
        Test::Range { .. } if has_no_amounts(attribute, kind, vocabulary) => {
            vec![ConditionIssue::Impossible { attribute: attribute.clone(), kind, text: None }]
        }
        Test::Range { .. } | Test::Present(_) | Test::Flag(_) => Vec::new(),
    }
}

fn text_issue(attribute: &str, kind: AttributeKind, text: &str, vocabulary: &dyn Vocabulary) -> Option<ConditionIssue> {
    let format = vocabulary.text_format(attribute);
    let readable = match kind {
        AttributeKind::Number => read_number(text, format.decimal).is_some(),
        AttributeKind::Date => read_date(text, format.date_order).is_some(),
        AttributeKind::Flag => parse_flag(text).is_some(),
        AttributeKind::Category | AttributeKind::List if vocabulary.has_level(attribute, text) => true,
        AttributeKind::Category | AttributeKind::List => {
            let hint = did_you_mean(text, vocabulary.levels(attribute));
            return Some(ConditionIssue::Level { attribute: attribute.to_owned(), text: text.to_owned(), hint });
        }
    };
    let (attribute, text) = (attribute.to_owned(), text.to_owned());
    if !readable {
        return Some(ConditionIssue::Impossible { attribute, kind, text: Some(text) });
    }
    let reading = ambiguous_reading(&text, kind, format)?;
    Some(ConditionIssue::Ambiguous { attribute, text, reading })
}

/// Whether no value of an attribute can be in a range.
fn has_no_amounts(attribute: &str, kind: AttributeKind, vocabulary: &dyn Vocabulary) -> bool {
    let amount = |text: &&str| parse_number(text).is_some() || parse_date(text).is_some();
    match kind {
        AttributeKind::Number | AttributeKind::Date | AttributeKind::Flag => false,
        AttributeKind::List => true,
        AttributeKind::Category => !vocabulary.levels(attribute).iter().any(amount),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AccountTable, Column, ColumnData, Date, Texts};

    fn table() -> AccountTable {
        let codes = vec![Some(0), Some(1)].into();
        let industry = ColumnData::Categories { dictionary: vec!["Retail".to_owned(), "Fintech".to_owned()], codes };
        let columns = [
            ("industry", industry),
            ("employees", ColumnData::Numbers(vec![Some(1.0), None].into())),
            ("founded", ColumnData::Dates(vec![None, Some(Date { days: 9 })].into())),
        ];
        let columns = columns.map(|(name, data)| Column { name: name.to_owned(), data }).into();
        AccountTable::new(Texts::from(vec!["a".to_owned(), "b".to_owned()]), columns).unwrap()
    }

    fn sentences(attribute: &str, test: Test) -> Vec<String> {
        let unknown = condition_issues(&Condition { attribute: attribute.to_owned(), test }, &table());
        unknown.iter().map(|one| one.sentence("it", "which no customer has")).collect()
    }

    fn any_of(texts: &[&str]) -> Test {
        Test::AnyOf(texts.iter().map(|text| (*text).to_owned()).collect())
    }

    #[test]
    fn an_unknown_name_is_reported_with_the_nearest_name() {
        let range = Test::Range { gte: Some(1.0), lt: None };
        for (attribute, test, expected) in [
            (
                "industri",
                Test::Present(true),
                vec!["it refers to attribute \"industri\", which no customer has (did you mean \"industry\"?)"],
            ),
            ("zzz", Test::Flag(true), vec!["it refers to attribute \"zzz\", which no customer has"]),
            (
                "industry",
                any_of(&["RETAIL ", "Fintec"]),
                vec![
                    "it refers to \"Fintec\" in attribute \"industry\", which no customer has (did you mean \"Fintech\"?)",
                ],
            ),
            (
                "employees",
                any_of(&["many", "1200"]),
                vec!["it refers to \"many\" in attribute \"employees\", which cannot be read as a number"],
            ),
            (
                "employees",
                any_of(&["1.200", "1200", "3,5"]),
                vec![
                    "it refers to \"1.200\" in attribute \"employees\", which could mean two things and is taken as 1.2",
                ],
            ),
            (
                "founded",
                any_of(&["01/03/2019", "2019-03-01", "22/03/2019"]),
                vec![
                    "it refers to \"01/03/2019\" in attribute \"founded\", which could mean two things and is taken as 2019-01-03",
                ],
            ),
            (
                "industry",
                range.clone(),
                vec!["it refers to a range of attribute \"industry\", whose kind category has no numbers or dates"],
            ),
            ("employees", range, vec![]),
            ("industry", Test::Present(false), vec![]),
        ] {
            assert_eq!(sentences(attribute, test), expected);
        }
        let nothing = Condition { attribute: "x".to_owned(), test: Test::Flag(true) };
        assert_eq!(condition_issues(&nothing, &AccountTable::default()), []);
    }
}
