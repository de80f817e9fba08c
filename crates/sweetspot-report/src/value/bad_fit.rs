//! Bad fits: customers that cost more than they pay, their total cost, and the advice for each.

use sweetspot_core::{DataSupport as Strength, Date, OutcomeStatus, ReviewField, Tier};

use super::MoneyAssumptions;
use super::customer_value::{CustomerValue, CustomerValues, KnownCounts, service_hours};
use crate::{Proportion, ReportInput};

/// Customers younger than this many days may still pay back their costs, unless the version's policy states another
/// number.
const MIN_MATURE_DAYS: u32 = 365;

/// The advice for a customer that loses money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LossAdvice {
    /// A bad fit: end the contract, and replace the customer with a better one.
    BreakUp,
    /// A good fit, or one without known attributes: first find out why it loses money.
    SecondLook,
    /// A recent customer: its costs may still be recovered.
    TooYoung,
    /// A former customer: do not win similar ones again.
    Gone,
}

impl LossAdvice {
    /// All kinds of advice, in order.
    pub const ALL: [Self; 4] = [Self::BreakUp, Self::SecondLook, Self::TooYoung, Self::Gone];

    /// The label in documents.
    #[must_use]
    pub const fn label(self) -> &'static str {
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
    /// Its name.
    pub name: String,
    /// Its lifetime revenue.
    pub value: f64,
    /// Its cost to serve, if known.
    pub cost_to_serve: Option<f64>,
    /// Its cost to acquire, if known.
    pub cost_to_acquire: Option<f64>,
    /// Its net value, which is negative.
    pub net: f64,
    /// Whether its cost to serve alone exceeds its revenue.
    pub is_served_at_loss: bool,
    /// Its lifetime hours of support, if known.
    pub support_hours: Option<f64>,
    /// Its lifetime hours of customer success, if known.
    pub success_hours: Option<f64>,
    /// The number of features that it requested and others do not need, if known.
    pub roadmap_requests: Option<f64>,
    /// Whether it left, if known.
    pub churned: Option<bool>,
    /// Its score, from 1 to 99. The model was trained on it.
    pub score: u32,
    /// Its tier.
    pub tier: Tier,
    /// The advice for it.
    pub advice: LossAdvice,
}

/// The part of a resource that some customers use.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ResourceShare {
    /// The amount.
    pub amount: f64,
    /// The share of the known total, in `[0, 1]`; `None` if the total is zero.
    pub share: Option<f64>,
    /// The number of these customers with a known amount.
    pub known: u64,
}

/// The total cost of customers that lose money.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct BadFitTotals {
    /// The number of customers with each part of net value. Without costs, no customer appears to lose money.
    pub known: KnownCounts,
    /// The customers that lose money, of those with known revenue.
    pub accounts: Proportion,
    /// Their total loss: the negated sum of their net values; 0 or more.
    pub lost: f64,
    /// Their costs to serve and to acquire, relative to those of all customers.
    pub costs: ResourceShare,
    /// Their hours of support and customer success.
    pub hours: ResourceShare,
    /// The features that they requested and others do not need.
    pub requests: ResourceShare,
    /// The churned customers of those with a known status.
    pub churned: Proportion,
    /// The number of customers with each kind of advice, in the order of [`LossAdvice::ALL`].
    pub advice_counts: [u64; 4],
}

/// All customers that lose money, the largest loss first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BadFitCustomers {
    /// Their total cost.
    pub liability: BadFitTotals,
    /// The customers.
    pub accounts: Vec<BadFit>,
}

impl BadFitCustomers {
    /// Examines every customer with known revenue.
    #[must_use]
    pub fn new(input: &ReportInput, stated: &MoneyAssumptions) -> Self {
        Self::from_values(input, &CustomerValues::new(input, stated))
    }

    pub(super) fn from_values(input: &ReportInput, customer_values: &CustomerValues) -> Self {
        let mut losing: Vec<&CustomerValue> =
            customer_values.sorted.iter().filter(|customer| customer.net < 0.0).collect();
        losing.sort_by(|a, b| a.net.total_cmp(&b.net));
        let accounts: Vec<BadFit> = losing.iter().filter_map(|customer| BadFit::new(input, customer)).collect();
        Self { liability: BadFitTotals::new(input, customer_values, &losing, &accounts), accounts }
    }
}

impl BadFit {
    fn new(input: &ReportInput, customer: &CustomerValue) -> Option<Self> {
        let (row, review) = (customer.row, input.customers.review());
        let fit = input.fits.get(row)?;
        let outcome = input.outcome(row);
        let churned = outcome.status.map(|status| match status {
            OutcomeStatus::Churned => true,
            OutcomeStatus::Won | OutcomeStatus::Lost => false,
        });
        let advice = if churned == Some(true) {
            LossAdvice::Gone
        } else if outcome.since.is_some_and(|since| is_young(input, since)) {
            LossAdvice::TooYoung
        } else {
            advice_for_fit(fit.tier, if has_useful_tiers(input) { fit.data_support } else { Strength::None })
        };
        Some(Self {
            account_id: input.accounts().ids().get(row).unwrap_or_default().to_owned(),
            name: input.name(row).to_owned(),
            value: customer.value,
            cost_to_serve: customer.cost_to_serve,
            cost_to_acquire: customer.cost_to_acquire,
            net: customer.net,
            is_served_at_loss: customer.cost_to_serve.is_some_and(|serve| serve > customer.value),
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

/// Whether the model's tiers identify bad fits: it ranks better than chance, and some customers are in a tier above D.
fn has_useful_tiers(input: &ReportInput) -> bool {
    let reached = input.model.tier_cuts().is_some_and(|[.., min_probability]| min_probability < 1.0);
    reached && input.model.evaluation().has_signal()
}

const fn advice_for_fit(tier: Tier, strength: Strength) -> LossAdvice {
    match (strength, tier) {
        (Strength::None, _) | (Strength::Sufficient | Strength::Thin, Tier::A | Tier::B) => LossAdvice::SecondLook,
        (Strength::Sufficient | Strength::Thin, Tier::C | Tier::D) => LossAdvice::BreakUp,
    }
}

fn is_young(input: &ReportInput, since: Date) -> bool {
    let days = input.model.label_policy().maturity_days.unwrap_or(MIN_MATURE_DAYS);
    i64::from(input.as_of.days) - i64::from(since.days) < i64::from(days)
}

impl BadFitTotals {
    fn new(
        input: &ReportInput,
        customer_values: &CustomerValues,
        losing: &[&CustomerValue],
        accounts: &[BadFit],
    ) -> Self {
        let requests =
            |customer: &CustomerValue| input.customers.review().number(ReviewField::RoadmapRequests, customer.row);
        let resource =
            |part: &dyn Fn(&CustomerValue) -> Option<f64>| ResourceShare::new(losing, &customer_values.sorted, part);
        Self {
            known: customer_values.known,
            accounts: Proportion { part: losing.len() as u64, total: customer_values.sorted.len() as u64 },
            lost: losing.iter().fold(0.0, |lost, customer| lost - customer.net),
            costs: resource(&|customer| {
                super::customer_value::sum_known([customer.cost_to_serve, customer.cost_to_acquire])
            }),
            hours: resource(&|customer| service_hours(input, customer.row)),
            requests: resource(&requests),
            churned: Proportion::from_bools(accounts.iter().filter_map(|account| account.churned)),
            advice_counts: LossAdvice::ALL
                .map(|advice| accounts.iter().filter(|account| account.advice == advice).count() as u64),
        }
    }
}

impl ResourceShare {
    fn new(losing: &[&CustomerValue], all: &[CustomerValue], part: &dyn Fn(&CustomerValue) -> Option<f64>) -> Self {
        let known: Vec<f64> = losing.iter().filter_map(|customer| part(customer)).collect();
        let (amount, total) = (
            known.iter().fold(0.0, |sum, amount_of_customer| sum + amount_of_customer),
            all.iter().filter_map(part).sum::<f64>(),
        );
        Self { amount, share: (total > 0.0).then(|| amount / total), known: known.len() as u64 }
    }
}

#[cfg(test)]
mod tests {
    use sweetspot_core::Outcome;

    use super::*;
    use crate::value::fixtures::{input, numbers, won};

    fn served(value: f64, cost: f64) -> Outcome {
        Outcome { cost_to_serve: Some(cost), ..won(value) }
    }

    #[test]
    fn each_customer_that_loses_money_is_reported_with_what_to_do() {
        // Even rows are good fits, odd rows are not.
        let young = Outcome { since: Some(Date { days: 19_900 }), ..served(10.0, 15.0) };
        let left = Outcome { status: Some(OutcomeStatus::Churned), ..served(10.0, 90.0) };
        let acquired = Outcome { cost_to_acquire: Some(11.0), ..won(10.0) };
        let customers =
            vec![served(10.0, 60.0), served(10.0, 40.0), young, left, acquired, served(100.0, 1.0), won(5.0)];
        let review = [
            numbers(ReviewField::SupportHours, &[Some(6.0), None, None, Some(1.0), None, Some(3.0), None]),
            numbers(ReviewField::RoadmapRequests, &[Some(2.0), None, None, None, None, None, Some(2.0)]),
        ];
        let mut input = input(customers, review);
        for (row, fit) in input.fits.iter_mut().enumerate() {
            (fit.tier, fit.data_support) = (if row.is_multiple_of(2) { Tier::A } else { Tier::D }, Strength::Thin);
        }
        let found = BadFitCustomers::new(&input, &MoneyAssumptions::default());
        let told: Vec<_> = found.accounts.iter().map(|one| (one.account_id.as_str(), one.net, one.advice)).collect();
        assert_eq!(
            told,
            [
                ("c-3", -80.0, LossAdvice::Gone),
                ("c-0", -50.0, LossAdvice::SecondLook),
                ("c-1", -30.0, LossAdvice::BreakUp),
                ("c-2", -5.0, LossAdvice::TooYoung),
                ("c-4", -1.0, LossAdvice::SecondLook),
            ]
        );
        let reason = |row: usize| found.accounts.get(row).map(|one| one.reason(Some("USD"))).unwrap_or_default();
        assert!(reason(2).starts_with("Costs USD 30 more than it pays, and fits badly (score "), "{}", reason(2));
        let served_at_a_loss = found.accounts.iter().filter(|one| one.is_served_at_loss).count();
        let liability = found.liability;
        assert_eq!((liability.accounts, served_at_a_loss), (Proportion { part: 5, total: 7 }, 4));
        assert_eq!((liability.lost, liability.costs.amount), (166.0, 216.0));
        assert_eq!(liability.costs.share, Some(216.0 / 217.0));
        assert_eq!((liability.hours.amount, liability.hours.share, liability.hours.known), (7.0, Some(0.7), 2));
        assert_eq!((liability.requests.amount, liability.requests.share), (2.0, Some(0.5)));
        assert_eq!((liability.churned, liability.advice_counts), (Proportion { part: 1, total: 5 }, [1, 2, 1, 1]));
    }

    #[test]
    fn without_costs_no_one_is_blamed() {
        let found = BadFitCustomers::new(&input(vec![won(5.0); 3], []), &MoneyAssumptions::default());
        assert_eq!(
            (found.accounts.len(), found.liability.accounts, found.liability.lost),
            (0, Proportion { part: 0, total: 3 }, 0.0)
        );
        assert!(!found.liability.known.has_costs());
        assert_eq!(BadFitCustomers::new(&input(vec![], []), &MoneyAssumptions::default()), BadFitCustomers::default());
    }
}
