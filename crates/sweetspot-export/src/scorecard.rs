//! The scorecard: a version as JSON, documented in `docs/SCORECARD.md`. Only the members that a score needs.

use serde::Deserialize;

use crate::ExportError;

/// The version of the scorecard's format that this program reads.
const SCORECARD_VERSION: u32 = 1;

/// A version with everything that a score needs.
#[derive(Clone, Debug, Deserialize)]
pub struct ParsedScorecard {
    /// The version of the format.
    pub scorecard_version: u32,
    /// The digest of the stored model.
    pub artifact_sha256: String,
    /// The number of units in a log-odds of 1.
    pub units_per_log_odds: i64,
    /// What every score starts with, in units.
    pub base_units: i64,
    /// Its variance.
    pub base_variance: f32,
    /// Its factors.
    pub base_factors: Vec<f32>,
    /// Half the width of an interval, in standard errors.
    pub interval_standard_errors: f64,
    /// The texts that are read as flags.
    pub flag_words: CardFlagWords,
    /// The attributes, in the model's order.
    pub attributes: Vec<CardAttribute>,
    /// The hypotheses.
    pub hypotheses: Vec<CardHypothesis>,
    /// The interactions.
    pub pairs: Vec<CardInteraction>,
    /// The exclusion rules.
    #[serde(default)]
    pub exclusion_rules: Vec<CardExclusionRule>,
    /// The segments, in the order in which they are tested.
    #[serde(default)]
    pub segments: Vec<CardSegment>,
    /// The values for the expected value.
    #[serde(default)]
    pub values: Option<Values>,
    /// The least probability of each tier.
    pub tiers: Tiers,
    /// The least number of units of each tier.
    pub tier_units: CardTierUnits,
}

/// The texts that are read as flags, as keys.
#[derive(Clone, Debug, Deserialize)]
pub struct CardFlagWords {
    /// Texts that mean yes.
    pub yes: Vec<String>,
    /// Texts that mean no.
    pub no: Vec<String>,
}

/// How values are read.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "snake_case")]
pub enum CardKind {
    /// A finite number.
    Number,
    /// A day.
    Date,
    /// One text.
    Category,
    /// Yes or no.
    Flag,
    /// Several texts.
    List,
}

impl CardKind {
    /// The kind in lower case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Date => "date",
            Self::Category => "category",
            Self::Flag => "flag",
            Self::List => "list",
        }
    }
}

/// An attribute.
#[derive(Clone, Debug, Deserialize)]
pub struct CardAttribute {
    /// Its name.
    pub attribute: String,
    /// How its values are read.
    pub kind: CardKind,
    /// The edges of a number's or date's bins, ascending.
    #[serde(default)]
    pub edges: Vec<f64>,
    /// The keys of a category's levels or a list's items.
    #[serde(default)]
    pub keys: Vec<String>,
    /// The slots; the last is for missing values.
    pub slots: Vec<CardSlot>,
}

impl CardAttribute {
    /// The slot for missing values.
    #[must_use]
    pub const fn missing_slot(&self) -> usize {
        self.slots.len().saturating_sub(1)
    }
}

/// What a value adds.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct CardSlot {
    /// The value in words.
    pub label: String,
    /// The units that it adds.
    pub units: i64,
    /// The variance that it adds.
    pub variance: f32,
    /// The factors that it adds.
    pub factors: Vec<f32>,
}

/// A hypothesis.
#[derive(Clone, Debug, Deserialize)]
pub struct CardHypothesis {
    /// Its id.
    pub id: String,
    /// The condition under which it applies.
    pub when: CardCondition,
    /// What it adds.
    #[serde(flatten)]
    pub slot: CardSlot,
}

/// An interaction of two attributes.
#[derive(Clone, Debug, Deserialize)]
pub struct CardInteraction {
    /// The first attribute.
    pub first: String,
    /// The second attribute.
    pub second: String,
    /// The group of each slot of the first attribute.
    pub first_groups: Vec<usize>,
    /// The group of each slot of the second attribute.
    pub second_groups: Vec<usize>,
    /// The cells: by first group, then by second group.
    pub cells: Vec<CardSlot>,
}

/// An exclusion rule.
#[derive(Clone, Debug, Deserialize)]
pub struct CardExclusionRule {
    /// Its id.
    pub id: String,
    /// The condition under which it applies.
    pub when: CardCondition,
    /// `OUT` or `CAUTION`.
    pub severity: String,
}

/// A segment.
#[derive(Clone, Debug, Deserialize)]
pub struct CardSegment {
    /// Its id.
    pub id: String,
    /// The conditions, all of which hold for its accounts. They are tested on slots.
    pub conditions: Vec<CardCondition>,
    /// The mean value of its ideal customers.
    pub value_if_ideal: Option<f64>,
}

/// A condition: one of its tests is set.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct CardCondition {
    /// The attribute that is tested.
    pub attribute: String,
    /// How its values are read; as they are, if it is `None`.
    pub kind: Option<CardKind>,
    /// The keys of texts.
    pub any_of: Option<Vec<String>>,
    /// The same texts as numbers.
    #[serde(default)]
    pub numbers: Vec<f64>,
    /// The same texts as days since 1970-01-01.
    #[serde(default)]
    pub days: Vec<i32>,
    /// The same texts as flags.
    #[serde(default)]
    pub flags: Vec<bool>,
    /// The least value.
    pub at_least: Option<f64>,
    /// The first value that is too large.
    pub below: Option<f64>,
    /// Whether the attribute is known.
    pub present: Option<bool>,
    /// The flag.
    pub flag: Option<bool>,
}

/// Mean values of customers.
#[derive(Clone, Debug, Deserialize)]
pub struct Values {
    /// The mean value of ideal customers.
    pub value_if_ideal: f64,
    /// The mean value of other customers.
    pub value_if_not: f64,
}

/// The least probability of each tier.
#[derive(Clone, Debug, Deserialize)]
pub struct Tiers {
    /// Of tier C.
    pub c: f64,
}

/// The least number of units of each tier; `None` if no score reaches it.
#[derive(Clone, Debug, Deserialize)]
pub struct CardTierUnits {
    /// Of tier A.
    pub a: Option<i64>,
    /// Of tier B.
    pub b: Option<i64>,
    /// Of tier C.
    pub c: Option<i64>,
}

impl ParsedScorecard {
    /// Reads a scorecard.
    ///
    /// # Errors
    ///
    /// If the text is not a scorecard of a known format, or its parts do not fit together.
    pub fn from_json(json: &str) -> Result<Self, ExportError> {
        let card: Self = serde_json::from_str(json)?;
        if card.scorecard_version != SCORECARD_VERSION {
            return Err(ExportError::UnknownVersion { found: card.scorecard_version, known: SCORECARD_VERSION });
        }
        card.check().map_err(|what| ExportError::Inconsistent { what })?;
        Ok(card)
    }

    /// The index of an attribute.
    #[must_use]
    pub fn attribute_index(&self, name: &str) -> Option<usize> {
        self.attributes.iter().position(|attribute| attribute.attribute == name)
    }

    fn check(&self) -> Result<(), String> {
        for attribute in &self.attributes {
            let expected = match attribute.kind {
                CardKind::Number | CardKind::Date => attribute.edges.len() + 2,
                CardKind::Category | CardKind::List => attribute.keys.len() + 2,
                CardKind::Flag => 3,
            };
            if attribute.slots.len() != expected {
                return Err(format!("attribute {:?} has {} slots", attribute.attribute, attribute.slots.len()));
            }
        }
        for pair in &self.pairs {
            let slots = |name: &str| self.attribute_index(name).and_then(|index| self.attributes.get(index));
            let (first, second) = (slots(&pair.first), slots(&pair.second));
            let fits = |attribute: Option<&CardAttribute>, groups: &[usize]| {
                attribute
                    .is_some_and(|attribute| attribute.slots.len() == groups.len() && attribute.kind != CardKind::List)
            };
            let cells = group_count(&pair.first_groups) * group_count(&pair.second_groups);
            if !fits(first, &pair.first_groups) || !fits(second, &pair.second_groups) || cells != pair.cells.len() {
                return Err(format!(
                    "pair {:?} does not fit its attributes",
                    format!("{} * {}", pair.first, pair.second)
                ));
            }
        }
        Ok(())
    }
}

impl CardInteraction {
    /// The number of groups of the second attribute.
    #[must_use]
    pub fn width(&self) -> usize {
        group_count(&self.second_groups)
    }
}

fn group_count(groups: &[usize]) -> usize {
    groups.iter().max().map_or(0, |last| last + 1)
}

/// A size or a place as a signed number, which every tensor of a version fits.
pub(crate) fn signed(size: usize) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}
