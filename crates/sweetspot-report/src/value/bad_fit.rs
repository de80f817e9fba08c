//! Customers that cost more than they pay, what they cost, and what to do about each.

use sweetspot_core::{Date, Evidence as Strength, ReviewField, Status, Tier};

use super::question::Stated;
use super::worth::{Known, Worth, Worths, hours};
use crate::{Evidence, Share};

/// Customers younger than this many days have not had the time to pay back, unless the version's policy says another number.
const YOUNG_DAYS: u32 = 365;

/// What to do about a customer that loses money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Advice {
    /// It fits badly: end it, and replace it with a better one.
    BreakUp,
    /// It fits well, or nothing is known that the model knows: find out why it loses money before anything else.
    SecondLook,
    /// It came a short while ago: what it cost may still come back.
    TooYoung,
    /// It left already: do not win its like again.
    Gone,
}

impl Advice {
    /// Every advice, in its order.
    pub const ALL: [Self; 4] = [Self::BreakUp, Self::SecondLook, Self::TooYoung, Self::Gone];

    /// The word for it in documents.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::BreakUp => "break up",
            Self::SecondLook => "second look",
            Self::TooYoung => "too young to tell",
            Self::Gone => "left already",
        }
    }
}

/// A customer that loses money.
#[derive(Clone, Debug, PartialEq)]
pub struct BadFit {
    /// Its id.
    pub account_id: String,
    /// What it is called.
    pub name: String,
    /// Its revenue over the lifetime.
    pub value: f64,
    /// What it cost to serve, where known.
    pub cost_to_serve: Option<f64>,
    /// What it cost to acquire, where known.
    pub cost_to_acquire: Option<f64>,
    /// Its net value, below 0.
    pub net: f64,
    /// Whether serving it alone costs more than it pays.
    pub served_at_a_loss: bool,
    /// Hours of support over the lifetime, where known.
    pub support_hours: Option<f64>,
    /// Hours of customer success over the lifetime, where known.
    pub success_hours: Option<f64>,
    /// Features asked for that others do not need, where known.
    pub roadmap_requests: Option<f64>,
    /// Whether it left, where that is known.
    pub churned: Option<bool>,
    /// Its fit on a scale of 1 to 99. The model has seen it.
    pub score: u32,
    /// Its tier.
    pub tier: Tier,
    /// What to do about it.
    pub advice: Advice,
}

/// A part of what all customers take.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Taken {
    /// How much.
    pub amount: f64,
    /// The share of all that is known, in `[0, 1]`; nothing where all is nothing.
    pub share: Option<f64>,
    /// Of how many of these customers it is known.
    pub known: u64,
}

/// What customers that lose money cost together.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Liability {
    /// For how many customers each part of net value is known. Without costs nobody is seen to lose money.
    pub known: Known,
    /// How many lose money, of those whose revenue is known.
    pub accounts: Share,
    /// What they lose together: the sum of their net values with the sign turned; 0 or more.
    pub lost: f64,
    /// What serving and acquiring them costs, of what it costs for all.
    pub costs: Taken,
    /// Hours of support and customer success that they take.
    pub hours: Taken,
    /// Features that they ask for and others do not need.
    pub requests: Taken,
    /// How many of them left, of those whose status is known.
    pub churned: Share,
    /// How many of them each advice is for, in the order of [`Advice::ALL`].
    pub advised: [u64; 4],
}

/// Every customer that loses money, the greatest loss first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BadFits {
    /// What they cost together.
    pub liability: Liability,
    /// Each of them.
    pub accounts: Vec<BadFit>,
}

impl BadFits {
    /// Looks at every customer whose revenue is known.
    #[must_use]
    pub fn of(evidence: &Evidence, stated: &Stated) -> Self {
        Self::among(evidence, &Worths::of(evidence, stated))
    }

    pub(super) fn among(evidence: &Evidence, worths: &Worths) -> Self {
        let mut losing: Vec<&Worth> = worths.sorted.iter().filter(|worth| worth.net < 0.0).collect();
        losing.sort_by(|a, b| a.net.total_cmp(&b.net));
        let accounts: Vec<BadFit> = losing.iter().filter_map(|worth| BadFit::of(evidence, worth)).collect();
        Self { liability: Liability::of(evidence, worths, &losing, &accounts), accounts }
    }
}

impl BadFit {
    fn of(evidence: &Evidence, worth: &Worth) -> Option<Self> {
        let (row, review) = (worth.row, evidence.customers.review());
        let fit = evidence.fits.get(row)?;
        let outcome = evidence.outcome(row);
        let churned = outcome.status.map(|status| match status {
            Status::Churned => true,
            Status::Won | Status::Lost => false,
        });
        let advice = if churned == Some(true) {
            Advice::Gone
        } else if outcome.since.is_some_and(|since| is_young(evidence, since)) {
            Advice::TooYoung
        } else {
            by_fit(fit.tier, if tells_apart(evidence) { fit.evidence } else { Strength::None })
        };
        Some(Self {
            account_id: evidence.accounts().ids().get(row).unwrap_or_default().to_owned(),
            name: evidence.name(row).to_owned(),
            value: worth.value,
            cost_to_serve: worth.serve,
            cost_to_acquire: worth.acquire,
            net: worth.net,
            served_at_a_loss: worth.serve.is_some_and(|serve| serve > worth.value),
            support_hours: review.number(ReviewField::SupportHours, row),
            success_hours: review.number(ReviewField::SuccessHours, row),
            roadmap_requests: review.number(ReviewField::RoadmapRequests, row),
            churned,
            score: fit.score(),
            tier: fit.tier,
            advice,
        })
    }
}

/// Whether the tiers of the model say who fits badly: it ranks better than chance, and somebody reaches a tier above D.
fn tells_apart(evidence: &Evidence) -> bool {
    let reached = evidence.model.tier_cuts().is_some_and(|[.., least]| least < 1.0);
    reached && evidence.model.evaluation().has_signal()
}

const fn by_fit(tier: Tier, strength: Strength) -> Advice {
    match (strength, tier) {
        (Strength::None, _) | (Strength::Sufficient | Strength::Thin, Tier::A | Tier::B) => Advice::SecondLook,
        (Strength::Sufficient | Strength::Thin, Tier::C | Tier::D) => Advice::BreakUp,
    }
}

fn is_young(evidence: &Evidence, since: Date) -> bool {
    let days = evidence.model.label_policy().maturity_days.unwrap_or(YOUNG_DAYS);
    i64::from(evidence.as_of.days) - i64::from(since.days) < i64::from(days)
}

impl Liability {
    fn of(evidence: &Evidence, worths: &Worths, losing: &[&Worth], accounts: &[BadFit]) -> Self {
        let requests = |worth: &Worth| evidence.customers.review().number(ReviewField::RoadmapRequests, worth.row);
        let taken = |part: &dyn Fn(&Worth) -> Option<f64>| Taken::of(losing, &worths.sorted, part);
        Self {
            known: worths.known,
            accounts: Share { part: losing.len() as u64, of: worths.sorted.len() as u64 },
            lost: losing.iter().fold(0.0, |lost, worth| lost - worth.net),
            costs: taken(&|worth| super::worth::sum([worth.serve, worth.acquire])),
            hours: taken(&|worth| hours(evidence, worth.row)),
            requests: taken(&requests),
            churned: Share::of(accounts.iter().filter_map(|account| account.churned)),
            advised: Advice::ALL
                .map(|advice| accounts.iter().filter(|account| account.advice == advice).count() as u64),
        }
    }
}

impl Taken {
    fn of(losing: &[&Worth], all: &[Worth], part: &dyn Fn(&Worth) -> Option<f64>) -> Self {
        let known: Vec<f64> = losing.iter().filter_map(|worth| part(worth)).collect();
        let (amount, total) = (known.iter().fold(0.0, |sum, one| sum + one), all.iter().filter_map(part).sum::<f64>());
        Self { amount, share: (total > 0.0).then(|| amount / total), known: known.len() as u64 }
    }
}

#[cfg(test)]
mod tests {
    use sweetspot_core::Outcome;

    use super::*;
    use crate::value::made_up::{evidence, numbers, won};

    fn served(value: f64, cost: f64) -> Outcome {
        Outcome { cost_to_serve: Some(cost), ..won(value) }
    }

    #[test]
    fn each_customer_that_loses_money_is_told_with_what_to_do() {
        // Even rows fit, odd ones do not.
        let young = Outcome { since: Some(Date { days: 19_900 }), ..served(10.0, 15.0) };
        let left = Outcome { status: Some(Status::Churned), ..served(10.0, 90.0) };
        let acquired = Outcome { cost_to_acquire: Some(11.0), ..won(10.0) };
        let customers =
            vec![served(10.0, 60.0), served(10.0, 40.0), young, left, acquired, served(100.0, 1.0), won(5.0)];
        let review = [
            numbers(ReviewField::SupportHours, &[Some(6.0), None, None, Some(1.0), None, Some(3.0), None]),
            numbers(ReviewField::RoadmapRequests, &[Some(2.0), None, None, None, None, None, Some(2.0)]),
        ];
        let mut evidence = evidence(customers, review);
        for (row, fit) in evidence.fits.iter_mut().enumerate() {
            (fit.tier, fit.evidence) = (if row.is_multiple_of(2) { Tier::A } else { Tier::D }, Strength::Thin);
        }
        let found = BadFits::of(&evidence, &Stated::default());
        let told: Vec<_> = found.accounts.iter().map(|one| (one.account_id.as_str(), one.net, one.advice)).collect();
        assert_eq!(
            told,
            [
                ("c-3", -80.0, Advice::Gone),
                ("c-0", -50.0, Advice::SecondLook),
                ("c-1", -30.0, Advice::BreakUp),
                ("c-2", -5.0, Advice::TooYoung),
                ("c-4", -1.0, Advice::SecondLook),
            ]
        );
        let reason = |row: usize| found.accounts.get(row).map(|one| one.reason(Some("USD"))).unwrap_or_default();
        assert!(reason(2).starts_with("Costs USD 30 more than it pays, and fits badly (score "), "{}", reason(2));
        let served_at_a_loss = found.accounts.iter().filter(|one| one.served_at_a_loss).count();
        let liability = found.liability;
        assert_eq!((liability.accounts, served_at_a_loss), (Share { part: 5, of: 7 }, 4));
        assert_eq!((liability.lost, liability.costs.amount), (166.0, 216.0));
        assert_eq!(liability.costs.share, Some(216.0 / 217.0));
        assert_eq!((liability.hours.amount, liability.hours.share, liability.hours.known), (7.0, Some(0.7), 2));
        assert_eq!((liability.requests.amount, liability.requests.share), (2.0, Some(0.5)));
        assert_eq!((liability.churned, liability.advised), (Share { part: 1, of: 5 }, [1, 2, 1, 1]));
    }

    #[test]
    fn without_costs_nobody_is_blamed() {
        let found = BadFits::of(&evidence(vec![won(5.0); 3], []), &Stated::default());
        assert_eq!(
            (found.accounts.len(), found.liability.accounts, found.liability.lost),
            (0, Share { part: 0, of: 3 }, 0.0)
        );
        assert!(!found.liability.known.costs());
        assert_eq!(BadFits::of(&evidence(vec![], []), &Stated::default()), BadFits::default());
    }
}
