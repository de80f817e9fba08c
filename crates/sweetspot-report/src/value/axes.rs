//! Who pays a lot, demands little and is easy to work with: the three sides of an ideal customer ("How to build verified ICPs").

use sweetspot_core::ReviewField;

use super::worth::{Worth, Worths, hours};
use crate::{Evidence, Share};

/// Most customers that are named.
const NAMED: usize = 20;
/// Those are good on an axis that are no worse than this share of all, but for paying.
const HALF: f64 = 0.5;

/// Where a customer stands among those that are known on each axis: the share of them that are worse, ties counted half, in
/// (0, 1). Nothing where it is not known.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Percentiles {
    /// By revenue.
    pub pays: Option<f64>,
    /// By cost to serve for what it pays, or else hours for what it pays; the least is best.
    pub demands_little: Option<f64>,
    /// By ease of work, or else advocacy.
    pub easy: Option<f64>,
}

/// A customer that is good on every axis that has data.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// Its id.
    pub account_id: String,
    /// What it is called.
    pub name: String,
    /// Where it stands.
    pub percentiles: Percentiles,
}

/// The three axes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Axes {
    /// How many customers are known by what they pay.
    pub pays_known: u64,
    /// How many are known by what they demand.
    pub demands_known: u64,
    /// Whether that is hours; cost to serve otherwise.
    pub demands_by_hours: bool,
    /// How many are known by how easy they are to work with.
    pub easy_known: u64,
    /// Whether that is advocacy; ease of work otherwise.
    pub easy_by_advocacy: bool,
    /// Customers known on every axis that has data, and how many of them are good on all.
    pub good: Share,
    /// How many of those are ideal, of those that have a label.
    pub good_ideal: Share,
    /// How many of the other customers known on those axes are ideal.
    pub other_ideal: Share,
    /// The first of those that are good on all, most valuable first; at most 20.
    pub standings: Vec<Standing>,
}

/// One figure a customer: the more, the better.
type Figures = Vec<Option<f64>>;

impl Axes {
    /// A customer pays a lot if it belongs to the top `share` by revenue, and demands little or is easy to work with if it is no
    /// worse there than half of those that are known.
    pub(super) fn of(evidence: &Evidence, worths: &Worths, share: f64) -> Self {
        let customers = &worths.sorted;
        let pays: Figures = customers.iter().map(|worth| Some(worth.value)).collect();
        let (demands, demands_by_hours) = demands(evidence, customers);
        let (easy, easy_by_advocacy) = easy(evidence, customers);
        let known = |figures: &Figures| figures.iter().flatten().count() as u64;
        let mut axes = Self {
            pays_known: known(&pays),
            demands_known: known(&demands),
            demands_by_hours,
            easy_known: known(&easy),
            easy_by_advocacy,
            ..Self::default()
        };
        let places = percentiles(&pays).into_iter().zip(percentiles(&demands)).zip(percentiles(&easy));
        for (worth, ((pays, demands_little), easy)) in customers.iter().zip(places) {
            axes.add(evidence, worth.row, Percentiles { pays, demands_little, easy }, share);
        }
        axes
    }

    /// How many of the axes have data.
    #[must_use]
    pub fn with_data(&self) -> usize {
        [self.pays_known, self.demands_known, self.easy_known].iter().filter(|known| **known > 0).count()
    }

    fn add(&mut self, evidence: &Evidence, row: usize, at: Percentiles, share: f64) {
        let asked = [
            (self.pays_known, at.pays, 1.0 - share),
            (self.demands_known, at.demands_little, HALF),
            (self.easy_known, at.easy, HALF),
        ];
        let mut asked = asked.iter().filter(|(known, ..)| *known > 0);
        if asked.clone().any(|(_, place, _)| place.is_none()) {
            return;
        }
        let good = asked.all(|(_, place, least)| place.is_some_and(|place| place >= *least));
        let add = |share: &mut Share, holds| *share = Share { part: share.part + u64::from(holds), of: share.of + 1 };
        add(&mut self.good, good);
        if let Some(ideal) = evidence.ideal(row) {
            add(if good { &mut self.good_ideal } else { &mut self.other_ideal }, ideal);
        }
        if good && self.standings.len() < NAMED {
            let account_id = evidence.accounts().ids().get(row).unwrap_or_default().to_owned();
            self.standings.push(Standing { account_id, name: evidence.name(row).to_owned(), percentiles: at });
        }
    }
}

/// Cost to serve for what a customer pays, or hours for it where more customers have those; less is better.
fn demands(evidence: &Evidence, customers: &[Worth]) -> (Figures, bool) {
    let of = |burden: &dyn Fn(&Worth) -> Option<f64>| -> Figures {
        customers
            .iter()
            .map(|worth| burden(worth).map(|burden| -(burden / worth.value.max(f64::MIN_POSITIVE))))
            .collect()
    };
    let costs = of(&|worth| evidence.outcome(worth.row).cost_to_serve);
    let hours = of(&|worth| hours(evidence, worth.row));
    better_known(costs, hours)
}

fn easy(evidence: &Evidence, customers: &[Worth]) -> (Figures, bool) {
    let of = |field| -> Figures {
        customers.iter().map(|worth| evidence.customers.review().number(field, worth.row)).collect()
    };
    better_known(of(ReviewField::EaseOfWork), of(ReviewField::Advocacy))
}

/// The second where it is known of more customers.
fn better_known(first: Figures, second: Figures) -> (Figures, bool) {
    let known = |figures: &Figures| figures.iter().flatten().count();
    if known(&second) > known(&first) { (second, true) } else { (first, false) }
}

/// The share of the known that are worse than each, ties counted half.
fn percentiles(figures: &Figures) -> Vec<Option<f64>> {
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
    use crate::value::Stated;
    use crate::value::made_up::{evidence, numbers, won};

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
        let evidence = evidence(customers, [ease]);
        let worths = Worths::of(&evidence, &Stated::default());
        let axes = Axes::of(&evidence, &worths, 0.4);
        assert_eq!((axes.pays_known, axes.demands_known, axes.easy_known, axes.with_data()), (5, 4, 5, 3));
        // The first demands half of what it pays, the last is not known by what it demands.
        assert_eq!(axes.good, Share { part: 1, of: 4 });
        assert_eq!(axes.standings.iter().map(|one| one.account_id.as_str()).collect::<Vec<_>>(), ["c-1"]);
    }

    #[test]
    fn an_axis_without_data_is_left_out_and_nothing_is_said_of_nobody() {
        let evidence = evidence((1..=30).map(|value| won(f64::from(value))).collect(), []);
        let worths = Worths::of(&evidence, &Stated::default());
        let axes = Axes::of(&evidence, &worths, 0.2);
        assert_eq!((axes.with_data(), axes.good), (1, Share { part: 6, of: 30 }));
        assert_eq!(Axes::of(&evidence, &Worths::default(), 0.2), Axes::default());
    }
}
