//! Where documents show an attribute: its category of the Ideal Customer Profile and its section of the Pond Map, set
//! by people or guessed from its name.

/// The three categories of an Ideal Customer Profile (Upland, "Mining Your Customers").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IcpCategory {
    /// Who should you call?
    Firmographics,
    /// What problem do they have?
    BusinessProblem,
    /// Will they be successful?
    ImpactPotential,
}

impl IcpCategory {
    /// All categories, in document order.
    pub const ALL: [Self; 3] = [Self::Firmographics, Self::BusinessProblem, Self::ImpactPotential];

    /// The key in files and on the command line.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Firmographics => "firmographics",
            Self::BusinessProblem => "business_problem",
            Self::ImpactPotential => "impact_potential",
        }
    }

    /// The category with this key.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|category| category.key() == key)
    }
}

/// The five sections of a Pond Map, the document of what counts for and against an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PondMapSectionKind {
    /// What they are.
    AccountProfile,
    /// What they need.
    Needs,
    /// Why now.
    UrgencyDrivers,
    /// What they believe.
    Beliefs,
    /// What makes them move.
    TippingPoint,
}

impl PondMapSectionKind {
    /// All sections, in document order.
    pub const ALL: [Self; 5] =
        [Self::AccountProfile, Self::Needs, Self::UrgencyDrivers, Self::Beliefs, Self::TippingPoint];

    /// The key in files and on the command line.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::AccountProfile => "account_profile",
            Self::Needs => "needs",
            Self::UrgencyDrivers => "urgency_drivers",
            Self::Beliefs => "beliefs",
            Self::TippingPoint => "tipping_point",
        }
    }

    /// The section with this key.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|section| section.key() == key)
    }
}

/// Words in attribute names with their category and section. The first match applies.
const CATEGORY_WORDS: [(&str, IcpCategory, PondMapSectionKind); 31] = {
    use IcpCategory::{BusinessProblem, ImpactPotential};
    use PondMapSectionKind::{AccountProfile, Beliefs, Needs, TippingPoint, UrgencyDrivers};
    [
        ("critical event", BusinessProblem, UrgencyDrivers),
        ("deadline", BusinessProblem, UrgencyDrivers),
        ("urgency", BusinessProblem, UrgencyDrivers),
        ("trigger", BusinessProblem, TippingPoint),
        ("tipping", BusinessProblem, TippingPoint),
        ("recent funding", BusinessProblem, TippingPoint),
        ("hiring", ImpactPotential, UrgencyDrivers),
        ("growth", ImpactPotential, UrgencyDrivers),
        ("growing", ImpactPotential, UrgencyDrivers),
        ("pain", BusinessProblem, Needs),
        ("problem", BusinessProblem, Needs),
        ("challenge", BusinessProblem, Needs),
        ("need", BusinessProblem, Needs),
        ("use case", BusinessProblem, Needs),
        ("compliance", BusinessProblem, Needs),
        ("impact", ImpactPotential, Needs),
        ("belief", ImpactPotential, Beliefs),
        ("attitude", ImpactPotential, Beliefs),
        ("culture", ImpactPotential, Beliefs),
        ("strategy", ImpactPotential, Beliefs),
        ("skill", ImpactPotential, AccountProfile),
        ("maturity", ImpactPotential, AccountProfile),
        ("process", ImpactPotential, AccountProfile),
        ("training", ImpactPotential, AccountProfile),
        ("sponsor", ImpactPotential, Beliefs),
        ("technolog", ImpactPotential, AccountProfile),
        ("software", ImpactPotential, AccountProfile),
        ("tools", ImpactPotential, AccountProfile),
        ("stack", ImpactPotential, AccountProfile),
        ("teams", ImpactPotential, AccountProfile),
        ("decision", BusinessProblem, TippingPoint),
    ]
};

/// The category and section that an attribute's name suggests; by default, firmographics and the account profile.
#[must_use]
pub fn guess_category(attribute: &str) -> (IcpCategory, PondMapSectionKind) {
    let plain: String =
        attribute.chars().map(|c| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { ' ' }).collect();
    let found = CATEGORY_WORDS.iter().find(|(word, ..)| plain.contains(word));
    found.map_or((IcpCategory::Firmographics, PondMapSectionKind::AccountProfile), |(_, category, section)| {
        (*category, *section)
    })
}
