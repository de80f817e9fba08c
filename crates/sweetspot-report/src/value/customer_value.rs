//! The value of each customer in money, and the number of customers with each part of it.

use sweetspot_core::{OutcomeRef, OutcomeStatus, ReviewField};

use super::MoneyAssumptions;
use crate::ReportInput;

/// The value of one customer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct CustomerValue {
    /// The customer's row.
    pub(super) row: usize,
    /// Lifetime revenue.
    pub(super) value: f64,
    /// The recorded cost to serve, or else the hours at the stated cost.
    pub(super) cost_to_serve: Option<f64>,
    /// Cost to acquire.
    pub(super) cost_to_acquire: Option<f64>,
    /// The cost of waiting for payment: `value × annual rate × payment days / 365`.
    pub(super) financing: Option<f64>,
    /// The value of its advocacy and reputation, as stated.
    pub(super) market_value: Option<f64>,
    /// Revenue minus all known costs, plus market value if that counts as money.
    pub(super) net: f64,
}

/// The number of customers with each part of net value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KnownCounts {
    /// Accounts that bought.
    pub customers: u64,
    /// Customers with known revenue. All amounts are about them.
    pub value: u64,
    /// Those of them with a recorded cost to serve.
    pub cost_to_serve: u64,
    /// Those of them whose cost to serve is their hours at the stated cost.
    pub serve_from_hours: u64,
    /// Those of them with a recorded cost to acquire.
    pub cost_to_acquire: u64,
    /// Those of them with known days from invoice to payment.
    pub payment_days: u64,
    /// Those of them with known advocacy or reputation.
    pub market_value: u64,
}

impl KnownCounts {
    /// Whether any cost is known: without one, net value is revenue.
    #[must_use]
    pub const fn has_costs(&self) -> bool {
        self.cost_to_serve + self.serve_from_hours + self.cost_to_acquire > 0
    }
}

/// Totals over all customers with known revenue, in the currency of the customers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MoneyTotals {
    /// Their revenue.
    pub revenue: f64,
    /// Their cost to serve, if known.
    pub cost_to_serve: f64,
    /// Their cost to acquire, if known.
    pub cost_to_acquire: f64,
    /// Their cost of waiting for payment, if a rate is stated and the days are known.
    pub financing: Option<f64>,
    /// The value of their advocacy and reputation, if it is stated and they are known.
    pub market_value: Option<f64>,
    /// Revenue minus the known costs, plus the market value if that counts as money.
    pub net: f64,
}

/// Customers with a value, the most valuable first.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct CustomerValues {
    pub(super) sorted: Vec<CustomerValue>,
    pub(super) known: KnownCounts,
}

impl CustomerValues {
    pub(super) fn new(input: &ReportInput, stated: &MoneyAssumptions) -> Self {
        let mut values = Self::default();
        for row in (0..input.rows()).filter(|row| has_bought(&input.outcome(*row))) {
            values.add(input, row, stated);
        }
        // The sort is stable: ties stay in row order.
        values.sorted.sort_by(|a, b| b.net.total_cmp(&a.net));
        values
    }

    fn add(&mut self, input: &ReportInput, row: usize, stated: &MoneyAssumptions) {
        self.known.customers += 1;
        let Some(customer) = CustomerValue::new(input, row, stated) else { return };
        let (outcome, review) = (input.outcome(row), input.customers.review());
        let is_answered = |field| review.number(field, row).is_some();
        let known = &mut self.known;
        known.value += 1;
        known.cost_to_serve += u64::from(outcome.cost_to_serve.is_some());
        known.serve_from_hours += u64::from(outcome.cost_to_serve.is_none() && customer.cost_to_serve.is_some());
        known.cost_to_acquire += u64::from(customer.cost_to_acquire.is_some());
        known.payment_days += u64::from(is_answered(ReviewField::PaymentDays));
        known.market_value += u64::from(is_answered(ReviewField::Advocacy) || is_answered(ReviewField::Reputation));
        self.sorted.push(customer);
    }

    /// Splits off the top share, which contains at least one customer if there are any.
    pub(super) fn split_top(&self, share: f64) -> (&[CustomerValue], &[CustomerValue]) {
        self.sorted.split_at_checked(top_count(self.sorted.len(), share)).unwrap_or_default()
    }

    pub(super) fn money(&self) -> MoneyTotals {
        let total = |part: fn(&CustomerValue) -> Option<f64>| {
            let known: Vec<f64> = self.sorted.iter().filter_map(part).collect();
            (!known.is_empty()).then(|| known.iter().sum::<f64>())
        };
        MoneyTotals {
            revenue: total(|customer| Some(customer.value)).unwrap_or(0.0),
            cost_to_serve: total(|customer| customer.cost_to_serve).unwrap_or(0.0),
            cost_to_acquire: total(|customer| customer.cost_to_acquire).unwrap_or(0.0),
            financing: total(|customer| customer.financing),
            market_value: total(|customer| customer.market_value),
            net: total(|customer| Some(customer.net)).unwrap_or(0.0),
        }
    }
}

impl CustomerValue {
    /// `None` if the revenue is unknown.
    fn new(input: &ReportInput, row: usize, stated: &MoneyAssumptions) -> Option<Self> {
        let MoneyAssumptions {
            annual_rate,
            hourly_cost,
            advocacy_point,
            reputation_point,
            counts_market_value: count_market_value,
        } = *stated;
        let (outcome, review) = (input.outcome(row), input.customers.review());
        let (value, acquire) = (outcome.value?, outcome.cost_to_acquire);
        let at_cost = || service_hours(input, row).zip(hourly_cost).map(|(hours, cost)| hours * cost);
        let serve = outcome.cost_to_serve.or_else(at_cost);
        let days = review.number(ReviewField::PaymentDays, row);
        let financing = days.zip(annual_rate).map(|(days, rate)| value * rate * days / 365.0);
        let points = |field, unit_value: Option<f64>| {
            review.number(field, row).zip(unit_value).map(|(points, unit)| points * unit)
        };
        let advocacy = points(ReviewField::Advocacy, advocacy_point);
        let market = sum_known([advocacy, points(ReviewField::Reputation, reputation_point)]);
        let costs = [serve, acquire, financing].into_iter().flatten().sum::<f64>();
        let counted = if count_market_value { market.unwrap_or(0.0) } else { 0.0 };
        Some(Self {
            row,
            value,
            cost_to_serve: serve,
            cost_to_acquire: acquire,
            financing,
            market_value: market,
            net: value - costs + counted,
        })
    }
}

/// Whether an account bought: an account with an unknown status and revenue counts as a customer.
pub(super) fn has_bought(outcome: &OutcomeRef<'_>) -> bool {
    match outcome.status {
        Some(OutcomeStatus::Won | OutcomeStatus::Churned) => true,
        Some(OutcomeStatus::Lost) => false,
        None => outcome.value.is_some(),
    }
}

/// Hours of support and customer success, if at least one is known.
pub(super) fn service_hours(input: &ReportInput, row: usize) -> Option<f64> {
    let review = input.customers.review();
    sum_known([ReviewField::SupportHours, ReviewField::SuccessHours].map(|field| review.number(field, row)))
}

/// The sum of the known parts; `None` if there are none.
pub(super) fn sum_known(parts: [Option<f64>; 2]) -> Option<f64> {
    let known = parts.into_iter().flatten();
    known.reduce(|total, part| total + part)
}

/// The number of customers in a share: rounded, but at least one if there are any.
pub(super) fn top_count(customers: usize, share: f64) -> usize {
    ((share * customers as f64).round() as usize).clamp(customers.min(1), customers)
}

#[cfg(test)]
mod tests {
    use sweetspot_core::Outcome;

    use super::*;
    use crate::value::fixtures::{input, numbers, won};

    #[test]
    fn net_value_counts_what_is_known_and_says_what_is_not() {
        let customers = vec![
            Outcome { cost_to_serve: Some(30.0), cost_to_acquire: Some(20.0), ..won(100.0) },
            won(365.0),
            Outcome { value: None, ..won(0.0) },
            Outcome { status: Some(OutcomeStatus::Lost), ..won(999.0) },
        ];
        let days = numbers(ReviewField::PaymentDays, &[None, Some(100.0), None, None]);
        let hours = numbers(ReviewField::SupportHours, &[Some(5.0), Some(2.0), None, None]);
        let input = input(customers, [days, hours]);
        let plain = CustomerValues::new(&input, &MoneyAssumptions::default());
        assert_eq!(
            plain.known,
            KnownCounts {
                customers: 3,
                value: 2,
                cost_to_serve: 1,
                cost_to_acquire: 1,
                payment_days: 1,
                ..KnownCounts::default()
            }
        );
        assert_eq!(
            plain.sorted.iter().map(|worth| (worth.row, worth.net)).collect::<Vec<_>>(),
            [(1, 365.0), (0, 50.0)]
        );
        let stated = MoneyAssumptions { annual_rate: Some(0.1), hourly_cost: Some(7.0), ..MoneyAssumptions::default() };
        let stated = CustomerValues::new(&input, &stated);
        // A recorded cost to serve may include the hours, so they are not added to it.
        assert_eq!(
            stated.sorted.iter().map(|worth| (worth.row, worth.net)).collect::<Vec<_>>(),
            [(1, 341.0), (0, 50.0)]
        );
        assert_eq!(stated.known.serve_from_hours, 1);
        assert_eq!(
            stated.money(),
            MoneyTotals {
                revenue: 465.0,
                cost_to_serve: 44.0,
                cost_to_acquire: 20.0,
                financing: Some(10.0),
                market_value: None,
                net: 391.0
            }
        );
    }

    #[test]
    fn market_value_is_money_only_where_that_is_stated() {
        let points = numbers(ReviewField::Advocacy, &[Some(9.0), None]);
        let input = input(vec![won(10.0), won(20.0)], [points]);
        let stated = MoneyAssumptions { advocacy_point: Some(5.0), ..MoneyAssumptions::default() };
        let beside = CustomerValues::new(&input, &stated).money();
        assert_eq!((beside.net, beside.market_value), (30.0, Some(45.0)));
        let counted = CustomerValues::new(&input, &MoneyAssumptions { counts_market_value: true, ..stated }).money();
        assert_eq!((counted.net, counted.market_value), (75.0, Some(45.0)));
    }

    #[test]
    fn a_share_is_at_least_one_customer() {
        assert_eq!(
            [(0, 0.2), (1, 0.2), (7, 0.2), (85, 0.2), (5, 0.999)].map(|(n, share)| top_count(n, share)),
            [0, 1, 1, 17, 5]
        );
    }
}
