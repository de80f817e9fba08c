//! The fit of one account and its explanation.

use std::borrow::Cow;

use super::{MatchedExclusionRules, PondSide};

/// The class of an account by its probability, for routing. `A` is best.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// The best accounts.
    A,
    /// Good accounts.
    B,
    /// Average accounts.
    C,
    /// All other accounts.
    D,
}

impl Tier {
    /// All tiers, best first.
    pub const ALL: [Self; 4] = [Self::A, Self::B, Self::C, Self::D];

    /// The letter of the tier.
    #[must_use]
    pub const fn letter(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
            Self::C => "C",
            Self::D => "D",
        }
    }

    /// The next better tier with a threshold above `probability`, and that threshold. `thresholds` has the minimum
    /// probability of each tier that has one, best first.
    #[must_use]
    pub fn next_better(
        self,
        probability: f64,
        thresholds: impl DoubleEndedIterator<Item = (Self, f64)>,
    ) -> Option<(Self, f64)> {
        let mut better = thresholds.rev().filter(|(tier, _)| *tier < self);
        better.find(|(_, min_probability)| *min_probability > probability && *min_probability < 1.0)
    }
}

/// A deviation in how an attribute was used in the score.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AttributeNoteKind {
    /// The model has the attribute, but the account does not.
    Missing,
    /// A text or list item that was too rare in training: the pooled level was used.
    UnseenCategory,
    /// A number or date outside the range of the training data: the nearest bin was used.
    OutOfRange,
    /// The account has the attribute, but the model does not: ignored.
    UnknownAttribute,
    /// The value cannot be read as the attribute's kind: treated as missing.
    TypeMismatch,
    /// The text has two possible numbers or days: one was used.
    Ambiguous,
}

/// A note on one attribute of one account. Not an error: the score is valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttributeNote<'a> {
    /// The name of the attribute.
    pub attribute: Cow<'a, str>,
    /// The kind of the note.
    pub kind: AttributeNoteKind,
    /// For an ambiguous text, the interpretation that was used, such as `1.2` or `2019-01-03`; otherwise empty.
    pub reading: Cow<'a, str>,
}

/// The source of a contribution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContributionKind {
    /// One attribute.
    Attribute,
    /// Two attributes together, beyond the contribution of each alone.
    Interaction,
    /// A hypothesis whose condition holds.
    Hypothesis,
}

/// How well the data support the score of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataSupport {
    /// The whole interval is in one tier.
    Sufficient,
    /// The interval spans more than one tier.
    Thin,
    /// The account has none of the model's attributes.
    None,
}

/// The contribution of one attribute, interaction or hypothesis to a score.
#[derive(Clone, Debug, PartialEq)]
pub struct Contribution<'a> {
    /// The attribute's name, or `a * b` for an interaction.
    pub attribute: Cow<'a, str>,
    /// The value, formatted for people: `200 to 499`, `Fintech`, `missing`.
    pub value_label: Cow<'a, str>,
    /// The contribution to the log-odds.
    pub log_odds: f64,
    /// The standard error of the contribution relative to the average customer, in log-odds.
    pub standard_error: f64,
    /// The source of the contribution.
    pub kind: ContributionKind,
    /// The number of training customers with this value.
    pub customers: u64,
    /// The share of them that is ideal, in `[0, 1]`; 0 if there are none.
    pub ideal_rate: f64,
    /// Whether that share is above the average and `log_odds` is negative, or the reverse, beyond chance: customers
    /// with this value also differ in other attributes, while `log_odds` counts the value alone. Always false for
    /// interactions and hypotheses.
    pub raw_rate_differs: bool,
}

impl Contribution<'_> {
    /// Converts the contribution to owned texts.
    #[must_use]
    pub fn into_owned(self) -> Contribution<'static> {
        let (attribute, value_label) = (self.attribute.into_owned().into(), self.value_label.into_owned().into());
        Contribution { attribute, value_label, ..self }
    }
}

impl<'a> AttributeNote<'a> {
    /// Creates a note without an interpretation.
    #[must_use]
    pub fn new(attribute: &'a str, kind: AttributeNoteKind) -> Self {
        Self { attribute: attribute.into(), kind, reading: Cow::Borrowed("") }
    }
}

impl AttributeNote<'_> {
    /// Converts the note to owned texts.
    #[must_use]
    pub fn into_owned(self) -> AttributeNote<'static> {
        AttributeNote {
            attribute: self.attribute.into_owned().into(),
            kind: self.kind,
            reading: self.reading.into_owned().into(),
        }
    }
}

/// The fit of one account.
///
/// `base_log_odds` plus all contributions is exactly `log_odds`, in any order of addition: all are multiples of 2⁻³².
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit {
    /// The probability that the account is ideal, strictly between 0 and 1.
    pub probability: f64,
    /// The log-odds of that probability.
    pub log_odds: f64,
    /// The lower end of the 90% interval of the probability.
    pub low: f64,
    /// The upper end of the 90% interval of the probability.
    pub high: f64,
    /// How well the data support the score.
    pub data_support: DataSupport,
    /// The log-odds of the average training customer.
    pub base_log_odds: f64,
    /// The tier.
    pub tier: Tier,
    /// The share of the model's attributes that the account has, in `[0, 1]`. Attributes that only exclusion rules use
    /// do not count.
    pub coverage: f64,
    /// The pond side.
    pub pond_side: PondSide,
    /// The matching exclusion rules.
    pub matched_rules: MatchedExclusionRules,
    /// The index of its segment in the model; `None` if it is in no segment.
    pub segment: Option<u8>,
    /// The expected net value, in the version's currency; `None` if no values are known.
    pub expected_value: Option<f64>,
}

impl Fit {
    /// The probability as a score from 1 to 99.
    #[must_use]
    pub fn score(&self) -> u32 {
        // A probability times 100 is in (0, 100), so the cast loses only the fraction.
        ((self.probability * 100.0).round() as u32).clamp(1, 99)
    }
}
