//! What is said about one account: its fit and the reasons for it.

use std::borrow::Cow;

use super::{Fired, PondSide};

/// How good an account looks, as people route it. `A` is best.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// The best accounts.
    A,
    /// Good accounts.
    B,
    /// Average accounts.
    C,
    /// The rest.
    D,
}

impl Tier {
    /// Every tier, best first.
    pub const ALL: [Self; 4] = [Self::A, Self::B, Self::C, Self::D];

    /// Its letter.
    #[must_use]
    pub const fn letter(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
            Self::C => "C",
            Self::D => "D",
        }
    }

    /// The next better tier that lies above an account of this tier and probability, and its least probability. `leasts` are
    /// those of the tiers that have one, best first.
    #[must_use]
    pub fn next_better(
        self,
        probability: f64,
        leasts: impl DoubleEndedIterator<Item = (Self, f64)>,
    ) -> Option<(Self, f64)> {
        let mut better = leasts.rev().filter(|(tier, _)| *tier < self);
        better.find(|(_, least)| *least > probability && *least < 1.0)
    }
}

/// What happened to an attribute on its way into the score, where it was not simply used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NoteKind {
    /// The model knows the attribute, the account does not have it.
    Missing,
    /// A text or list item that training did not see often enough: the pooled level was used.
    UnseenCategory,
    /// A number or date outside what training saw: the nearest bin was used.
    OutOfRange,
    /// The account has it, the model does not know it: ignored.
    UnknownAttribute,
    /// The value cannot be read as the attribute's kind: treated as missing.
    TypeMismatch,
    /// The text could mean two numbers or two days: one was taken.
    Ambiguous,
}

/// A remark about one attribute of one account. Not an error: the score stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note<'a> {
    /// The attribute.
    pub attribute: Cow<'a, str>,
    /// The remark.
    pub kind: NoteKind,
    /// Of an ambiguous text, what was taken, such as `1.2` or `2019-01-03`; else empty.
    pub taken: Cow<'a, str>,
}

/// Where a part of a score comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContributionKind {
    /// One attribute.
    Attribute,
    /// Two attributes together, beyond what each says alone.
    Pair,
    /// A belief whose condition holds.
    Hypothesis,
}

/// How much is known about an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// The whole interval lies in one tier.
    Sufficient,
    /// The interval reaches into another tier.
    Thin,
    /// The account has none of the model's attributes.
    None,
}

/// One attribute's part in a score.
#[derive(Clone, Debug, PartialEq)]
pub struct Contribution<'a> {
    /// The attribute's name, or `a * b` for a pair.
    pub attribute: Cow<'a, str>,
    /// The value as a person reads it: `200 to 499`, `Fintech`, `missing`.
    pub value_label: Cow<'a, str>,
    /// What it adds to the log-odds.
    pub log_odds: f64,
    /// The standard error of that, against the average customer, in log-odds.
    pub standard_error: f64,
    /// One attribute, two, or a belief.
    pub kind: ContributionKind,
    /// Training customers with this value.
    pub customers: u64,
    /// The share of them that were ideal, in `[0, 1]`; 0 where there were none.
    pub ideal_rate: f64,
    /// Whether that share lies on the other side of all customers' share, beyond chance: customers with this value differ from others
    /// in other attributes, too, while `log_odds` counts the value alone. Never of pairs and beliefs.
    pub raw_rate_differs: bool,
}

impl Contribution<'_> {
    /// The same, with texts of its own.
    #[must_use]
    pub fn into_owned(self) -> Contribution<'static> {
        let (attribute, value_label) = (self.attribute.into_owned().into(), self.value_label.into_owned().into());
        Contribution { attribute, value_label, ..self }
    }
}

impl<'a> Note<'a> {
    /// A remark that needs no more words.
    #[must_use]
    pub fn new(attribute: &'a str, kind: NoteKind) -> Self {
        Self { attribute: attribute.into(), kind, taken: Cow::Borrowed("") }
    }
}

impl Note<'_> {
    /// The same, with a text of its own.
    #[must_use]
    pub fn into_owned(self) -> Note<'static> {
        Note { attribute: self.attribute.into_owned().into(), kind: self.kind, taken: self.taken.into_owned().into() }
    }
}

/// How well one account fits.
///
/// `base_log_odds` plus every contribution is `log_odds` exactly, in any order of addition: all of them are multiples of 2⁻³².
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit {
    /// The probability that the account is ideal, strictly inside (0, 1).
    pub probability: f64,
    /// The log-odds of that probability.
    pub log_odds: f64,
    /// Lower end of the 90% interval of the probability.
    pub low: f64,
    /// Upper end of the 90% interval of the probability.
    pub high: f64,
    /// How much is known.
    pub evidence: Evidence,
    /// The log-odds of the average training customer.
    pub base_log_odds: f64,
    /// The tier.
    pub tier: Tier,
    /// The share of the model's attributes that the account has, in `[0, 1]`. What only gates ask for does not count.
    pub coverage: f64,
    /// On which side of the waterline it stands.
    pub pond: PondSide,
    /// The gates that fired.
    pub gates: Fired,
    /// Its segment, by its place in the model; nothing where it is in none.
    pub segment: Option<u8>,
    /// What it is expected to be worth, net, in the version's currency; nothing where no value is known.
    pub expected_value: Option<f64>,
}

impl Fit {
    /// The fit on a scale of 1 to 99.
    #[must_use]
    pub fn score(&self) -> u32 {
        // A probability times 100 lies in (0, 100), so the cast cannot lose anything but the fraction.
        ((self.probability * 100.0).round() as u32).clamp(1, 99)
    }
}
