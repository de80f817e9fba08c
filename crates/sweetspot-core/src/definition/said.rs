//! What people say, with who said it, when and why.

use jiff::Timestamp;

use super::{Category, PondSection};

/// Who says something, when, why, and how long it holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statement {
    /// Who.
    pub author: String,
    /// When.
    pub stated: Timestamp,
    /// Why; may be empty.
    pub reason: String,
    /// From when on it does not hold any more.
    pub expires: Option<Timestamp>,
}

impl Statement {
    /// Whether it still holds at this time.
    #[must_use]
    pub fn holds(&self, now: Timestamp) -> bool {
        self.expires.is_none_or(|expires| expires > now)
    }
}

/// The parts of a SPICED diagnosis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Spiced {
    /// Facts, circumstances and background.
    Situation,
    /// The challenges that customers experience.
    Pain,
    /// What the product changes in their business.
    Impact,
    /// What makes them decide by a certain time.
    CriticalEvent,
    /// Process, committee and criteria of the purchase.
    Decision,
}

impl Spiced {
    /// Every part, in its order.
    pub const ALL: [Self; 5] = [Self::Situation, Self::Pain, Self::Impact, Self::CriticalEvent, Self::Decision];

    /// The word for it in files and on the command line.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Situation => "situation",
            Self::Pain => "pain",
            Self::Impact => "impact",
            Self::CriticalEvent => "critical_event",
            Self::Decision => "decision",
        }
    }

    /// The part of this word, if there is one.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.key() == key)
    }
}

/// Which way a finding speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lean {
    /// Neither way.
    #[default]
    Neutral,
    /// For a good customer.
    Positive,
    /// Against one.
    Negative,
}

impl Lean {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Neutral, Self::Positive, Self::Negative];

    /// The word for it in files and on the command line.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Neutral => "neutral",
            Self::Positive => "positive",
            Self::Negative => "negative",
        }
    }

    /// The one of this word, if there is one.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|lean| lean.key() == key)
    }
}

/// Something learned in a conversation: an answer in an interview, a view of the market, a coming release.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Finding {
    /// Tells it from the others, 1 to 64 bytes.
    pub id: String,
    /// What was learned.
    pub text: String,
    /// What was asked; may be empty.
    pub question: String,
    /// The customer it was learned from or about; may be empty.
    pub account_id: String,
    /// The segment it is about; may be empty.
    pub segment_id: String,
    /// Where it stands on the Pond Map, if it does.
    pub section: Option<PondSection>,
    /// Which part of a SPICED diagnosis it belongs to, if it does.
    pub spiced: Option<Spiced>,
    /// Which category of the profile it belongs to, if it does.
    pub category: Option<Category>,
    /// Which way it speaks.
    pub lean: Lean,
    /// Who, when, why, and until when.
    pub by: Statement,
}

/// A remark on a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comment {
    /// Tells it from the others.
    pub id: String,
    /// What it is about, such as a heading or an id; may be empty.
    pub about: String,
    /// The remark.
    pub text: String,
    /// Who.
    pub author: String,
    /// When.
    pub time: Timestamp,
}
