//! What a condition asks for that nothing knows: most often a misspelling, which would let it hold for no account in silence. And
//! what it refers to that could mean two things.

use super::{Condition, Test};
use crate::parse::{read_date, read_number};
use crate::reading::taken_as;
use crate::suggest::did_you_mean;
use crate::{Kind, TextFormat, parse_date, parse_flag, parse_number};

/// What a model, the customers of a dataset, or both know of attributes.
pub trait Vocabulary {
    /// The names of the attributes.
    fn attributes(&self) -> Vec<&str>;

    /// The kind of an attribute; nothing where it is not known.
    fn kind(&self, attribute: &str) -> Option<Kind>;

    /// How texts of an attribute are written; the default where nothing says so.
    fn text_format(&self, attribute: &str) -> TextFormat;

    /// The texts of a category or the items of a list, as people read them; none for other kinds.
    fn levels(&self, attribute: &str) -> Vec<&str>;

    /// Whether a text, in any spelling of its key, is one of them.
    fn has_level(&self, attribute: &str, text: &str) -> bool;
}

/// Something that a condition asks for and a vocabulary does not have, or that could mean two things.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// The attribute itself.
    Attribute {
        /// Its name, and the nearest known one as ` (did you mean "x"?)`.
        name: String,
        /// See `name`; empty where no name is near.
        hint: String,
    },
    /// A text of a category, or an item of a list.
    Level {
        /// The attribute.
        attribute: String,
        /// The text.
        text: String,
        /// The nearest known text; empty where none is near.
        hint: String,
    },
    /// A test that no value of the attribute's kind can pass.
    Impossible {
        /// The attribute.
        attribute: String,
        /// Its kind.
        kind: Kind,
        /// The text that cannot be read as that kind; nothing for a range.
        text: Option<String>,
    },
    /// A text that could be two numbers or two days.
    Ambiguous {
        /// The attribute.
        attribute: String,
        /// The text.
        text: String,
        /// What it is taken for, as a person reads it.
        reading: String,
    },
}

impl Unknown {
    /// In one sentence without an end: `who` asks, and `nowhere` says that nothing has it, such as `which no customer has`.
    #[must_use]
    pub fn sentence(&self, who: &str, nowhere: &str) -> String {
        match self {
            Self::Attribute { name, hint } => format!("{who} refers to attribute {name:?}, {nowhere}{hint}"),
            Self::Level { attribute, text, hint } => {
                format!("{who} refers to {text:?} in attribute {attribute:?}, {nowhere}{hint}")
            }
            Self::Impossible { attribute, kind, text: Some(text) } => {
                format!(
                    "{who} refers to {text:?} in attribute {attribute:?}, which cannot be read as a {}",
                    kind.word()
                )
            }
            Self::Ambiguous { attribute, text, reading } => format!(
                "{who} refers to {text:?} in attribute {attribute:?}, which could mean two things and is taken as {reading}"
            ),
            Self::Impossible { attribute, kind, text: None } => {
                format!(
                    "{who} refers to a range of attribute {attribute:?}, whose kind {} has no numbers or dates",
                    kind.word()
                )
            }
        }
    }
}

/// Everything that a condition asks for and the vocabulary does not have, or that could mean two things. Nothing is unknown to a vocabulary without attributes.
pub fn unknown_names(condition: &Condition, vocabulary: &dyn Vocabulary) -> Vec<Unknown> {
    let Condition { attribute, test } = condition;
    let Some(kind) = vocabulary.kind(attribute) else {
        let known = vocabulary.attributes();
        let hint = did_you_mean(attribute, known.iter().copied());
        let unknown = Unknown::Attribute { name: attribute.clone(), hint };
        return if known.is_empty() { Vec::new() } else { vec![unknown] };
    };
    match test {
        Test::AnyOf(texts) => texts.iter().filter_map(|text| unknown_text(attribute, kind, text, vocabulary)).collect(),
        Test::Range { .. } if has_no_amounts(attribute, kind, vocabulary) => {
            vec![Unknown::Impossible { attribute: attribute.clone(), kind, text: None }]
        }
        Test::Range { .. } | Test::Present(_) | Test::Flag(_) => Vec::new(),
    }
}

fn unknown_text(attribute: &str, kind: Kind, text: &str, vocabulary: &dyn Vocabulary) -> Option<Unknown> {
    let format = vocabulary.text_format(attribute);
    let readable = match kind {
        Kind::Number => read_number(text, format.decimal).is_some(),
        Kind::Date => read_date(text, format.date_order).is_some(),
        Kind::Flag => parse_flag(text).is_some(),
        Kind::Category | Kind::List if vocabulary.has_level(attribute, text) => true,
        Kind::Category | Kind::List => {
            let hint = did_you_mean(text, vocabulary.levels(attribute));
            return Some(Unknown::Level { attribute: attribute.to_owned(), text: text.to_owned(), hint });
        }
    };
    let (attribute, text) = (attribute.to_owned(), text.to_owned());
    if !readable {
        return Some(Unknown::Impossible { attribute, kind, text: Some(text) });
    }
    let reading = taken_as(&text, kind, format)?;
    Some(Unknown::Ambiguous { attribute, text, reading })
}

/// Whether no value of an attribute can lie in a range.
fn has_no_amounts(attribute: &str, kind: Kind, vocabulary: &dyn Vocabulary) -> bool {
    let amount = |text: &&str| parse_number(text).is_some() || parse_date(text).is_some();
    match kind {
        Kind::Number | Kind::Date | Kind::Flag => false,
        Kind::List => true,
        Kind::Category => !vocabulary.levels(attribute).iter().any(amount),
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

    fn told(attribute: &str, test: Test) -> Vec<String> {
        let unknown = unknown_names(&Condition { attribute: attribute.to_owned(), test }, &table());
        unknown.iter().map(|one| one.sentence("it", "which no customer has")).collect()
    }

    fn any_of(texts: &[&str]) -> Test {
        Test::AnyOf(texts.iter().map(|text| (*text).to_owned()).collect())
    }

    #[test]
    fn what_nothing_knows_is_told_with_the_nearest_name() {
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
            assert_eq!(told(attribute, test), expected);
        }
        let nothing = Condition { attribute: "x".to_owned(), test: Test::Flag(true) };
        assert_eq!(unknown_names(&nothing, &AccountTable::default()), []);
    }
}
