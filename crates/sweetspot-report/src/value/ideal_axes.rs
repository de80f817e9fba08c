//! The three axes of an ideal customer ("How to build verified ICPs"): pays a lot, demands little, is easy to work
//! with.

use sweetspot_core::ReviewField;

use super::customer_value::{CustomerValue, CustomerValues, service_hours};
use crate::{Proportion, ReportInput};

/// The maximum number of customers to name.
const MAX_NAMED: usize = 20;
/// On every axis except revenue, a customer is good if it is in this top share.
const HALF: f64 = 0.5;

/// The percentile of a customer on each axis among the customers with a value: the share of them that are worse, ties
/// counted half, in (0, 1). `None` if its value is unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Percentiles {
    /// By revenue.
    pub revenue: Option<f64>,
    /// By cost to serve relative to revenue, or else hours relative to revenue; the lowest is the best.
    pub low_demand: Option<f64>,
    /// By ease of work, or else by advocacy.
    pub ease: Option<f64>,
}

/// A customer that is good on every axis that has data.
#[derive(Clone, Debug, PartialEq)]
pub struct GoodCustomer {
    /// Its id.
    pub account_id: String,
    /// Its name.
    pub name: String,
    /// Its percentiles.
    pub percentiles: Percentiles,
}

/// The three axes of an ideal customer: how many customers have data on each, and which are good on all.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IdealAxes {
    /// The number of customers with a known revenue.
    pub pays_known: u64,
    /// The number of customers with a known demand.
    pub demands_known: u64,
    /// Whether demand is measured in hours instead of cost to serve.
    pub is_demand_in_hours: bool,
    /// The number of customers with a known ease of work.
    pub ease_known: u64,
    /// Whether ease is measured by advocacy instead of ease of work.
    pub is_ease_from_advocacy: bool,
    /// The customers that are good on all axes with data, of those with a value on all of them.
    pub good: Proportion,
    /// The ideal customers of the good ones with a label.
    pub good_ideal: Proportion,
    /// The ideal customers of the others with a value on all these axes and a label.
    pub other_ideal: Proportion,
    /// The good customers, most valuable first; at most 20.
    pub good_customers: Vec<GoodCustomer>,
}

/// One figure per customer, where higher is better.
type AxisFigures = Vec<Option<f64>>;

impl IdealAxes {
    /// A customer pays a lot if it is in the top `share` by revenue. It demands little, or is easy to work with, if it
    /// is in the better half on that axis.
    pub(super) fn new(input: &ReportInput, values: &CustomerValues, share: f64) -> Self {
        let customers = &values.sorted;
        let pays: AxisFigures = customers.iter().map(|customer| Some(customer.value)).collect();
        let (demands, demands_by_hours) = demand_figures(input, customers);
        let (easy, easy_by_advocacy) = ease_figures(input, customers);
        let known = |figures: &AxisFigures| figures.iter().flatten().count() as u64;
        let mut axes = Self {
            pays_known: known(&pays),
            demands_known: known(&demands),
            is_demand_in_hours: demands_by_hours,
            ease_known: known(&easy),
            is_ease_from_advocacy: easy_by_advocacy,
            ..Self::default()
        };
        let places = percentiles(&pays).into_iter().zip(percentiles(&demands)).zip(percentiles(&easy));
        for (customer, ((pays, demands_little), easy)) in customers.iter().zip(places) {
            axes.add(input, customer.row, Percentiles { revenue: pays, low_demand: demands_little, ease: easy }, share);
        }
        axes
    }

    /// The number of axes with data.
    #[must_use]
    pub fn known_axis_count(&self) -> usize {
        [self.pays_known, self.demands_known, self.ease_known].iter().filter(|known| **known > 0).count()
    }

    fn add(&mut self, input: &ReportInput, row: usize, percentiles: Percentiles, share: f64) {
        let axes = [
            (self.pays_known, percentiles.revenue, 1.0 - share),
            (self.demands_known, percentiles.low_demand, HALF),
            (self.ease_known, percentiles.ease, HALF),
        ];
        let mut axes = axes.iter().filter(|(known, ..)| *known > 0);
        if axes.clone().any(|(_, place, _)| place.is_none()) {
            return;
        }
        let good = axes.all(|(_, place, min)| place.is_some_and(|place| place >= *min));
        let add = |share: &mut Proportion, holds| {
            *share = Proportion { part: share.part + u64::from(holds), total: share.total + 1 }
        };
        add(&mut self.good, good);
        if let Some(ideal) = input.ideal(row) {
            add(if good { &mut self.good_ideal } else { &mut self.other_ideal }, ideal);
        }
        if good && self.good_customers.len() < MAX_NAMED {
            let account_id = input.accounts().ids().get(row).unwrap_or_default().to_owned();
            self.good_customers.push(GoodCustomer { account_id, name: input.name(row).to_owned(), percentiles });
        }
    }
}

/// Cost to serve relative to revenue, or hours relative to revenue if more customers have those; lower is better.
fn demand_figures(input: &ReportInput, customers: &[CustomerValue]) -> (AxisFigures, bool) {
    let burden_figures = |burden: &dyn Fn(&CustomerValue) -> Option<f64>| -> AxisFigures {
        customers
            .iter()
            .map(|customer| burden(customer).map(|burden| -(burden / customer.value.max(f64::MIN_POSITIVE))))
            .collect()
    };
    let costs = burden_figures(&|customer| input.outcome(customer.row).cost_to_serve);
    let hours = burden_figures(&|customer| service_hours(input, customer.row));
    better_covered(costs, hours)
}

fn ease_figures(input: &ReportInput, customers: &[CustomerValue]) -> (AxisFigures, bool) {
    let field_figures = |field| -> AxisFigures {
        customers.iter().map(|customer| input.customers.review().number(field, customer.row)).collect()
    };
    better_covered(field_figures(ReviewField::EaseOfWork), field_figures(ReviewField::Advocacy))
}

/// The second figures if they are known for more customers.
fn better_covered(first: AxisFigures, second: AxisFigures) -> (AxisFigures, bool) {
    let known = |figures: &AxisFigures| figures.iter().flatten().count();
    if known(&second) > known(&first) { (second, true) } else { (first, false) }
}

/// The share of known figures that are worse than each, ties counted half.
fn percentiles(figures: &AxisFigures) -> Vec<Option<f64>> {
    let mut sorted: Vec<f64> = figures.iter().flatten().copied().collect();
    sorted.sort_by(f64::total_cmp);
    let place = |figure: f64| {
        let worse = sorted.partition_point(|other| *other < figure);
        let no_better = sorted.partition_point(|other| *other <= figure);
        (worse + no_better) as f64 / (2 * sorted.len()) as f64
    };
    figures.iter().map(|figure| figure.map(place)).collect()
}

#[cfg(test)]
mod tests {
    use sweetspot_core::Outcome;

    use super::*;
    use crate::value::MoneyAssumptions;
    use crate::value::fixtures::{input, numbers, won};

    fn served(value: f64, cost: f64) -> Outcome {
        Outcome { cost_to_serve: Some(cost), ..won(value) }
    }

    #[test]
    fn percentiles_count_those_that_are_worse() {
        let places = percentiles(&vec![Some(1.0), None, Some(3.0), Some(3.0), Some(2.0)]);
        assert_eq!(places, [Some(0.125), None, Some(0.75), Some(0.75), Some(0.375)]);
    }

    #[test]
    fn good_is_good_on_all_sides() {
        let customers = vec![served(100.0, 50.0), served(90.0, 1.0), served(10.0, 1.0), served(5.0, 4.0), won(1.0)];
        let ease = numbers(ReviewField::EaseOfWork, &[Some(9.0), Some(8.0), Some(2.0), Some(1.0), Some(9.0)]);
        let input = input(customers, [ease]);
        let worths = CustomerValues::new(&input, &MoneyAssumptions::default());
        let axes = IdealAxes::new(&input, &worths, 0.4);
        assert_eq!((axes.pays_known, axes.demands_known, axes.ease_known, axes.known_axis_count()), (5, 4, 5, 3));
        // The demand of the first is half of its revenue, that of the last is unknown.
        assert_eq!(axes.good, Proportion { part: 1, total: 4 });
        assert_eq!(axes.good_customers.iter().map(|one| one.account_id.as_str()).collect::<Vec<_>>(), ["c-1"]);
    }

    #[test]
    fn an_axis_without_data_is_left_out_and_nothing_is_stated_of_no_one() {
        let input = input((1..=30).map(|value| won(f64::from(value))).collect(), []);
        let worths = CustomerValues::new(&input, &MoneyAssumptions::default());
        let axes = IdealAxes::new(&input, &worths, 0.2);
        assert_eq!((axes.known_axis_count(), axes.good), (1, Proportion { part: 6, total: 30 }));
        assert_eq!(IdealAxes::new(&input, &CustomerValues::default(), 0.2), IdealAxes::default());
    }
}
