//! What each customer is worth in money, and how much of that is known.

use sweetspot_core::{OutcomeRef, ReviewField, Status};

use super::Stated;
use crate::Evidence;

/// What one customer is worth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Worth {
    /// Its row.
    pub(super) row: usize,
    /// Revenue over the lifetime.
    pub(super) value: f64,
    /// Told cost to serve, or else its hours at the stated cost.
    pub(super) serve: Option<f64>,
    /// Cost to acquire.
    pub(super) acquire: Option<f64>,
    /// What waiting for its money costs: `value × annual rate × payment days / 365`.
    pub(super) financing: Option<f64>,
    /// What its advocacy and reputation are worth, as stated.
    pub(super) market: Option<f64>,
    /// Revenue less all costs that are known; with market value where that is to count as money.
    pub(super) net: f64,
}

/// For how many customers each part of net value is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Accounts that bought.
    pub customers: u64,
    /// Those whose revenue is known. Everything in money is about them.
    pub value: u64,
    /// Those of them whose cost to serve is told.
    pub cost_to_serve: u64,
    /// Those of them whose cost to serve is their hours at the stated cost.
    pub serve_from_hours: u64,
    /// Those of them whose cost to acquire is told.
    pub cost_to_acquire: u64,
    /// Those of them whose days from invoice to payment are known.
    pub payment_days: u64,
    /// Those of them whose advocacy or reputation is known.
    pub market: u64,
}

impl Known {
    /// Whether any cost is known: without one, net value is revenue.
    #[must_use]
    pub const fn costs(&self) -> bool {
        self.cost_to_serve + self.serve_from_hours + self.cost_to_acquire > 0
    }
}

/// What all customers whose revenue is known come to, in the currency of the customers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Money {
    /// Their revenue.
    pub revenue: f64,
    /// What serving them cost, where known.
    pub cost_to_serve: f64,
    /// What acquiring them cost, where known.
    pub cost_to_acquire: f64,
    /// What waiting for their money costs, where a rate is stated and the days are known.
    pub financing: Option<f64>,
    /// What their advocacy and reputation are worth, where that is stated and known.
    pub market: Option<f64>,
    /// Revenue less the costs that are known.
    pub net: f64,
}

/// Customers with a value, the most valuable first.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Worths {
    pub(super) sorted: Vec<Worth>,
    pub(super) known: Known,
}

impl Worths {
    pub(super) fn of(evidence: &Evidence, stated: &Stated) -> Self {
        let mut worths = Self::default();
        for row in (0..evidence.rows()).filter(|row| bought(&evidence.outcome(*row))) {
            worths.add(evidence, row, stated);
        }
        // The sort is stable: equal customers stay in row order.
        worths.sorted.sort_by(|a, b| b.net.total_cmp(&a.net));
        worths
    }

    fn add(&mut self, evidence: &Evidence, row: usize, stated: &Stated) {
        self.known.customers += 1;
        let Some(worth) = Worth::of(evidence, row, stated) else { return };
        let (outcome, review) = (evidence.outcome(row), evidence.customers.review());
        let told = |field| review.number(field, row).is_some();
        let known = &mut self.known;
        known.value += 1;
        known.cost_to_serve += u64::from(outcome.cost_to_serve.is_some());
        known.serve_from_hours += u64::from(outcome.cost_to_serve.is_none() && worth.serve.is_some());
        known.cost_to_acquire += u64::from(worth.acquire.is_some());
        known.payment_days += u64::from(told(ReviewField::PaymentDays));
        known.market += u64::from(told(ReviewField::Advocacy) || told(ReviewField::Reputation));
        self.sorted.push(worth);
    }

    /// The top share and the others: at least one customer is at the top where there are any.
    pub(super) fn split(&self, share: f64) -> (&[Worth], &[Worth]) {
        self.sorted.split_at_checked(top_count(self.sorted.len(), share)).unwrap_or_default()
    }

    pub(super) fn money(&self) -> Money {
        let total = |part: fn(&Worth) -> Option<f64>| {
            let known: Vec<f64> = self.sorted.iter().filter_map(part).collect();
            (!known.is_empty()).then(|| known.iter().sum::<f64>())
        };
        Money {
            revenue: total(|worth| Some(worth.value)).unwrap_or(0.0),
            cost_to_serve: total(|worth| worth.serve).unwrap_or(0.0),
            cost_to_acquire: total(|worth| worth.acquire).unwrap_or(0.0),
            financing: total(|worth| worth.financing),
            market: total(|worth| worth.market),
            net: total(|worth| Some(worth.net)).unwrap_or(0.0),
        }
    }
}

impl Worth {
    /// Nothing where the revenue is not known.
    fn of(evidence: &Evidence, row: usize, stated: &Stated) -> Option<Self> {
        let Stated { annual_rate, hourly_cost, advocacy_point, reputation_point, count_market_value } = *stated;
        let (outcome, review) = (evidence.outcome(row), evidence.customers.review());
        let (value, acquire) = (outcome.value?, outcome.cost_to_acquire);
        let at_cost = || hours(evidence, row).zip(hourly_cost).map(|(hours, cost)| hours * cost);
        let serve = outcome.cost_to_serve.or_else(at_cost);
        let days = review.number(ReviewField::PaymentDays, row);
        let financing = days.zip(annual_rate).map(|(days, rate)| value * rate * days / 365.0);
        let points = |field, worth: Option<f64>| review.number(field, row).zip(worth).map(|(points, one)| points * one);
        let advocacy = points(ReviewField::Advocacy, advocacy_point);
        let market = sum([advocacy, points(ReviewField::Reputation, reputation_point)]);
        let costs = [serve, acquire, financing].into_iter().flatten().sum::<f64>();
        let counted = if count_market_value { market.unwrap_or(0.0) } else { 0.0 };
        Some(Self { row, value, serve, acquire, financing, market, net: value - costs + counted })
    }
}

/// Whether an account bought, as far as is known: an unknown status with revenue is a customer.
pub(super) fn bought(outcome: &OutcomeRef<'_>) -> bool {
    match outcome.status {
        Some(Status::Won | Status::Churned) => true,
        Some(Status::Lost) => false,
        None => outcome.value.is_some(),
    }
}

/// Hours of support and customer success, where one of them is known.
pub(super) fn hours(evidence: &Evidence, row: usize) -> Option<f64> {
    let review = evidence.customers.review();
    sum([ReviewField::SupportHours, ReviewField::SuccessHours].map(|field| review.number(field, row)))
}

/// The sum of what is known; nothing of nothing.
pub(super) fn sum(parts: [Option<f64>; 2]) -> Option<f64> {
    let known = parts.into_iter().flatten();
    known.reduce(|total, part| total + part)
}

/// How many customers a share is: rounded, but at least one of those that there are.
pub(super) fn top_count(customers: usize, share: f64) -> usize {
    ((share * customers as f64).round() as usize).clamp(customers.min(1), customers)
}

#[cfg(test)]
mod tests {
    use sweetspot_core::Outcome;

    use super::*;
    use crate::value::made_up::{evidence, numbers, won};

    #[test]
    fn net_value_counts_what_is_known_and_says_what_is_not() {
        let customers = vec![
            Outcome { cost_to_serve: Some(30.0), cost_to_acquire: Some(20.0), ..won(100.0) },
            won(365.0),
            Outcome { value: None, ..won(0.0) },
            Outcome { status: Some(Status::Lost), ..won(999.0) },
        ];
        let days = numbers(ReviewField::PaymentDays, &[None, Some(100.0), None, None]);
        let hours = numbers(ReviewField::SupportHours, &[Some(5.0), Some(2.0), None, None]);
        let evidence = evidence(customers, [days, hours]);
        let plain = Worths::of(&evidence, &Stated::default());
        assert_eq!(
            plain.known,
            Known { customers: 3, value: 2, cost_to_serve: 1, cost_to_acquire: 1, payment_days: 1, ..Known::default() }
        );
        assert_eq!(
            plain.sorted.iter().map(|worth| (worth.row, worth.net)).collect::<Vec<_>>(),
            [(1, 365.0), (0, 50.0)]
        );
        let stated = Stated { annual_rate: Some(0.1), hourly_cost: Some(7.0), ..Stated::default() };
        let stated = Worths::of(&evidence, &stated);
        // A told cost to serve may hold the hours already: they do not count twice.
        assert_eq!(
            stated.sorted.iter().map(|worth| (worth.row, worth.net)).collect::<Vec<_>>(),
            [(1, 341.0), (0, 50.0)]
        );
        assert_eq!(stated.known.serve_from_hours, 1);
        assert_eq!(
            stated.money(),
            Money {
                revenue: 465.0,
                cost_to_serve: 44.0,
                cost_to_acquire: 20.0,
                financing: Some(10.0),
                market: None,
                net: 391.0
            }
        );
    }

    #[test]
    fn market_value_is_money_only_where_that_is_stated() {
        let points = numbers(ReviewField::Advocacy, &[Some(9.0), None]);
        let evidence = evidence(vec![won(10.0), won(20.0)], [points]);
        let stated = Stated { advocacy_point: Some(5.0), ..Stated::default() };
        let beside = Worths::of(&evidence, &stated).money();
        assert_eq!((beside.net, beside.market), (30.0, Some(45.0)));
        let counted = Worths::of(&evidence, &Stated { count_market_value: true, ..stated }).money();
        assert_eq!((counted.net, counted.market), (75.0, Some(45.0)));
    }

    #[test]
    fn a_share_is_at_least_one_customer() {
        assert_eq!(
            [(0, 0.2), (1, 0.2), (7, 0.2), (85, 0.2), (5, 0.999)].map(|(n, share)| top_count(n, share)),
            [0, 1, 1, 17, 5]
        );
    }
}
