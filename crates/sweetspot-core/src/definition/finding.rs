//! Findings with their authors, times and reasons.

use jiff::Timestamp;

use super::{IcpCategory, PondMapSectionKind};

/// The author, the time, the reason and the expiration of a statement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attribution {
    /// The author.
    pub author: String,
    /// The time of the statement.
    pub stated_at: Timestamp,
    /// The reason; can be empty.
    pub reason: String,
    /// The time from which the statement no longer holds.
    pub expires: Option<Timestamp>,
}

impl Attribution {
    /// Whether the statement holds at this time.
    #[must_use]
    pub fn holds(&self, now: Timestamp) -> bool {
        self.expires.is_none_or(|expires| expires > now)
    }
}

/// The parts of a SPICED diagnosis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SpicedPart {
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

impl SpicedPart {
    /// All parts, in document order.
    pub const ALL: [Self; 5] = [Self::Situation, Self::Pain, Self::Impact, Self::CriticalEvent, Self::Decision];

    /// The key in files and on the command line.
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

    /// The part with this key.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.key() == key)
    }
}

/// Whether a finding counts for or against good customers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stance {
    /// Neither for nor against.
    #[default]
    Neutral,
    /// For a good customer.
    Positive,
    /// Against a good customer.
    Negative,
}

impl Stance {
    /// All stances.
    pub const ALL: [Self; 3] = [Self::Neutral, Self::Positive, Self::Negative];

    /// The key in files and on the command line.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Neutral => "neutral",
            Self::Positive => "positive",
            Self::Negative => "negative",
        }
    }

    /// The stance with this key.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stance| stance.key() == key)
    }
}

/// Something learned in a conversation: an answer in an interview, a view of the market, a coming release.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Finding {
    /// The id, unique among the findings, 1 to 64 bytes.
    pub id: String,
    /// What was learned.
    pub text: String,
    /// The question; can be empty.
    pub question: String,
    /// The id of the customer that the finding comes from or refers to; can be empty.
    pub account_id: String,
    /// The id of the segment that the finding refers to; can be empty.
    pub segment_id: String,
    /// The section on the Pond Map, if any.
    pub section: Option<PondMapSectionKind>,
    /// The part of a SPICED diagnosis, if any.
    pub spiced: Option<SpicedPart>,
    /// The category of the profile, if any.
    pub category: Option<IcpCategory>,
    /// Whether it counts for or against good customers.
    pub stance: Stance,
    /// The author, the time, the reason and the expiration.
    pub attribution: Attribution,
}
