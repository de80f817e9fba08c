//! Whether outcomes go together within the values of a column, more than chance and the strongest attribute explain.

use sweetspot_core::Kind;

use super::{Look, Verdict};

/// Most levels of an attribute that is taken into account.
const MOST_LEVELS: usize = 20;
/// Into how many parts of about equal size a number is cut.
const PARTS: u64 = 5;
/// Probabilities stay this far from 0 and 1.
const LEAST_RATE: f64 = 0.005;
/// A value with more rows than this, and than one in twenty, is a crowd and not an account.
const CROWD: u64 = 50;

/// What the rows of each value say about each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Agreement {
    /// The intra-class correlation of the outcome: 0 where rows of one value agree as any others do, 1 where always.
    pub(super) correlation: f64,
    /// How many standard errors that is above zero, if rows were independent.
    pub(super) z: f64,
    /// How many values have two rows or more, crowds left out.
    pub(super) groups: u64,
}

/// Rows of a value for each level of an attribute from which on the attribute cannot have learned the values by heart.
const VALUES_A_LEVEL: usize = 20;

/// Of each row, how far its outcome is from what is expected, and the variance of that.
type Residual = Option<(f64, f64)>;

/// How far outcomes are from the rate of all, and from what the strongest attribute says.
#[derive(Debug)]
pub(super) struct Residuals {
    of_all: Vec<Residual>,
    of_levels: Vec<Residual>,
    levels: usize,
}

/// The sums of one value.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    rows: u64,
    residual: f64,
    squares: f64,
    deviation: f64,
    variance: f64,
    variance_squares: f64,
}

impl Residuals {
    /// Of labelled rows; nothing where all have one label.
    pub(super) fn new(looks: &[Look<'_>], labels: &[Option<bool>]) -> Option<Self> {
        let mut all = Tally::default();
        labels.iter().flatten().for_each(|label| all.add(*label));
        if all.ideal == 0 || all.ideal == all.rows {
            return None;
        }
        let strongest = looks
            .iter()
            .filter(|look| look.verdict == Verdict::Attribute && look.leak.is_none())
            .filter_map(|look| Strata::new(look, labels))
            .map(|strata| (strata.gain(all), strata))
            .filter(|(gain, _)| *gain > 0.0)
            .max_by(|one, other| one.0.total_cmp(&other.0));
        let residual = |label: Option<bool>, rate: f64| Some((f64::from(u8::from(label?)) - rate, rate * (1.0 - rate)));
        let overall = all.rate(all);
        let of_all = labels.iter().map(|label| residual(*label, overall)).collect();
        let (of_levels, levels) = strongest.map_or((Vec::new(), 0), |(_, strata)| {
            let rates: Vec<f64> = strata.levels.iter().map(|level| level.rate(all)).collect();
            let rate = |code| rates.get(strata.level(code)).copied().unwrap_or(overall);
            let codes = strata.look.texts.codes();
            (codes.zip(labels).map(|(code, label)| residual(*label, rate(code))).collect(), rates.len())
        });
        Some(Self { of_all, of_levels, levels })
    }

    /// The residuals of the strongest attribute where the values are many enough, so that it does not name them itself.
    fn against(&self, values: usize) -> &[Residual] {
        let many = self.levels > 0 && values >= VALUES_A_LEVEL * self.levels;
        if many { &self.of_levels } else { &self.of_all }
    }

    /// Within groups of rows with one key, from 0 to `count`: with `a = 1 / (rows - 1)` for each group, so that a group weighs
    /// as its rows do, the correlation is `Σ a Σ r_i r_j / Σ a Σ √(v_i v_j)` over the pairs of a group, and z is
    /// `Σ a Σ r_i r_j / √(Σ a² Σ v_i v_j)`: products of different pairs are uncorrelated if rows are independent.
    pub(super) fn agreement(&self, keys: impl Iterator<Item = Option<u32>>, count: usize) -> Option<Agreement> {
        let mut sums = vec![Sums::default(); count];
        for (key, residual) in keys.zip(self.against(count)) {
            let (Some(key), Some((residual, variance))) = (key, residual) else { continue };
            if let Some(sums) = sums.get_mut(key as usize) {
                sums.add(*residual, *variance);
            }
        }
        let most = CROWD.max(self.of_all.len() as u64 / 20);
        let (mut products, mut scale, mut spread, mut groups) = (0.0, 0.0, 0.0, 0);
        for group in sums.iter().filter(|sums| (2..=most).contains(&sums.rows)) {
            let weight = 1.0 / (group.rows - 1) as f64;
            products += weight * pairs(group.residual, group.squares);
            scale += weight * pairs(group.deviation, group.variance);
            spread += weight * weight * pairs(group.variance, group.variance_squares);
            groups += 1;
        }
        (scale > 0.0 && spread > 0.0).then(|| Agreement {
            correlation: products / scale,
            z: products / spread.sqrt(),
            groups,
        })
    }
}

/// The sum of the products of all pairs, from the sum and the sum of squares.
fn pairs(sum: f64, squares: f64) -> f64 {
    (sum * sum - squares) / 2.0
}

impl Sums {
    fn add(&mut self, residual: f64, variance: f64) {
        self.rows += 1;
        self.residual += residual;
        self.squares += residual * residual;
        self.deviation += variance.sqrt();
        self.variance += variance;
        self.variance_squares += variance * variance;
    }
}

/// Labelled rows of one level.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    rows: u64,
    ideal: u64,
}

impl Tally {
    fn add(&mut self, ideal: bool) {
        self.rows += 1;
        self.ideal += u64::from(ideal);
    }

    /// The share of ideal rows, as if two rows more had the rate of all.
    fn rate(self, all: Self) -> f64 {
        let overall = all.ideal as f64 / all.rows as f64;
        ((self.ideal as f64 + 2.0 * overall) / (self.rows as f64 + 2.0)).clamp(LEAST_RATE, 1.0 - LEAST_RATE)
    }

    fn log_likelihood(self) -> f64 {
        let part = |count: u64| {
            if count == 0 { 0.0 } else { count as f64 * (count as f64 / self.rows as f64).ln() }
        };
        part(self.ideal) + part(self.rows - self.ideal)
    }
}

/// An attribute's values put into a few levels; the last one is that of missing cells.
struct Strata<'a> {
    look: &'a Look<'a>,
    of_code: Vec<usize>,
    levels: Vec<Tally>,
}

impl<'a> Strata<'a> {
    /// Nothing where the attribute has too many levels.
    fn new(look: &'a Look<'a>, labels: &[Option<bool>]) -> Option<Self> {
        let of_code = match look.kind {
            Kind::Category | Kind::Flag => levels_of_texts(look)?,
            Kind::Number => parts_of_numbers(look),
            Kind::List | Kind::Date => return None,
        };
        let missing = of_code.iter().max().map_or(0, |level| level + 1);
        let mut strata = Self { look, of_code, levels: vec![Tally::default(); missing + 1] };
        for (code, label) in look.texts.codes().zip(labels) {
            let level = strata.level(code);
            if let (Some(label), Some(tally)) = (label, strata.levels.get_mut(level)) {
                tally.add(*label);
            }
        }
        Some(strata)
    }

    fn level(&self, code: Option<u32>) -> usize {
        let missing = self.levels.len().saturating_sub(1);
        code.and_then(|code| self.of_code.get(code as usize)).copied().unwrap_or(missing)
    }

    /// What the levels add to the log-likelihood, beyond what as many levels add by chance.
    fn gain(&self, all: Tally) -> f64 {
        let levels = self.levels.iter().filter(|level| level.rows > 0);
        let apart: f64 = levels.clone().map(|level| level.log_likelihood()).sum();
        apart - all.log_likelihood() - levels.count() as f64
    }
}

fn levels_of_texts(look: &Look<'_>) -> Option<Vec<usize>> {
    if look.facts.distinct() > MOST_LEVELS as u64 {
        return None;
    }
    let mut next = 0;
    let level = |count: u64| {
        next += usize::from(count > 0);
        next.saturating_sub(1)
    };
    Some(look.facts.counts_by_code().map(level).collect())
}

/// Which fifth of the rows a number falls into; numbers that cannot be read fall into the last.
fn parts_of_numbers(look: &Look<'_>) -> Vec<usize> {
    let reader = look.reader();
    let numbers = look.texts.by_code().map(|text| reader.number(text));
    let mut sorted: Vec<(f64, usize, u64)> = numbers
        .zip(look.facts.counts_by_code())
        .enumerate()
        .map(|(code, (number, count))| (number.unwrap_or(f64::INFINITY), code, count))
        .collect();
    sorted.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut levels = vec![0; sorted.len()];
    let (mut below, all) = (0, look.facts.listed.max(1));
    for (_, code, count) in sorted {
        if let Some(level) = levels.get_mut(code) {
            *level = (below * PARTS / all).min(PARTS - 1) as usize;
        }
        below += count;
    }
    levels
}
