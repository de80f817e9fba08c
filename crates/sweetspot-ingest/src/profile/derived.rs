//! Numbers that are made of what is known only afterwards: multiples, products and sums of an outcome or of the time that a
//! customer stays, up to rounding.

use sweetspot_core::Kind;

use super::words::has_any;
use super::{Look, Verdict};

/// Rows that are looked at, spread over the file.
const MOST_ROWS: usize = 4096;
/// Columns of numbers that are combined: more are looked at one by one only.
const MOST_COLUMNS: usize = 100;
/// Fewest rows with all of the numbers.
const MIN_ROWS: u64 = 30;
/// From this correlation on, a number is another one up to rounding.
const SAME: f64 = 0.999;
/// In this share of the rows the one must foretell the other to within a tenth: a correlation alone may come from a few giants.
const FORETOLD: f64 = 0.8;
/// An outcome adds something to another column where it explains this share of what that column leaves open.
const ADDED: f64 = 0.75;

/// Words for the time that a customer stays.
const STAY: [&str; 4] = ["tenure", "duration", "lifetime", "seniority"];

/// A column of numbers, every so many rows.
struct Numbers<'a> {
    place: usize,
    name: &'a str,
    cells: Vec<Option<f64>>,
}

/// The attributes that are made of outcomes: their places, and why.
pub(super) fn find(looks: &[Look<'_>]) -> Vec<(usize, String)> {
    let late = |look: &Look<'_>| look.verdict == Verdict::Outcome || look.leak.is_some() || has_any(look.name, &STAY);
    let open =
        |look: &Look<'_>| look.verdict == Verdict::Attribute && look.leak.is_none() && !has_any(look.name, &STAY);
    // Of two numbers only one is known: the outcome as 0 and 1 says nothing here.
    let sources = numbers(looks, |look| late(look) && look.facts.distinct() > 2);
    if sources.is_empty() {
        return Vec::new();
    }
    let targets = numbers(looks, |look| open(look) && look.facts.distinct() > 2);
    targets.iter().filter_map(|target| Some((target.place, reason(target, &sources, &targets)?))).collect()
}

fn numbers<'a>(looks: &[Look<'a>], wanted: impl Fn(&Look<'a>) -> bool) -> Vec<Numbers<'a>> {
    let step = |rows: u64| (rows as usize).div_ceil(MOST_ROWS).max(1);
    let read = |look: &Look<'a>| {
        let rows = look.texts.rows().step_by(step(look.facts.rows));
        let reader = look.reader();
        rows.map(|text| text.and_then(|text| reader.number(text))).collect()
    };
    let found = looks.iter().enumerate().filter(|(_, look)| look.kind == Kind::Number && wanted(look));
    found.map(|(place, look)| Numbers { place, name: look.name, cells: read(look) }).collect()
}

fn reason(target: &Numbers<'_>, sources: &[Numbers<'_>], others: &[Numbers<'_>]) -> Option<String> {
    let own = |one: &&Numbers<'_>| one.place != target.place;
    for source in sources.iter().filter(own) {
        let alone = correlation(target, |row| cell(source, row));
        if alone.is_some_and(|alone| alone.abs() >= SAME) && foretells(target, |row| cell(source, row)) {
            return Some(format!("up to rounding it goes with {:?}, which is known only afterwards", source.name));
        }
        for other in others.iter().take(MOST_COLUMNS).filter(own) {
            if let Some(how) = made_of(target, source, other) {
                return Some(format!(
                    "up to rounding the {how} of {:?}, which is known only afterwards, and {:?}",
                    source.name, other.name
                ));
            }
        }
    }
    None
}

/// Whether a number is the product or the sum of an outcome and another, and not just that other.
fn made_of(target: &Numbers<'_>, source: &Numbers<'_>, other: &Numbers<'_>) -> Option<&'static str> {
    let both = |row: usize| Some((cell(source, row)?, cell(other, row)?));
    let without = correlation(target, |row| both(row).map(|(_, other)| other)).unwrap_or(0.0);
    let adds = |with: f64| with >= SAME && 1.0 - with * with <= (1.0 - ADDED) * (1.0 - without * without);
    let makes = |way: fn(f64, f64) -> f64| {
        let made = |row| both(row).map(|(source, other)| way(source, other));
        correlation(target, made).is_some_and(adds) && foretells(target, made)
    };
    if makes(|one, other| one * other) {
        return Some("product");
    }
    makes(|one, other| one + other).then_some("sum")
}

/// Whether a straight line through the other numbers comes near most of the target's.
fn foretells(target: &Numbers<'_>, other: impl Fn(usize) -> Option<f64>) -> bool {
    let pairs: Vec<(f64, f64)> =
        target.cells.iter().enumerate().filter_map(|(row, x)| Some(((*x)?, other(row)?))).collect();
    let mut moments = Moments::default();
    for (x, y) in &pairs {
        moments.add(*x, *y);
    }
    let slope = moments.products / moments.squares.1;
    let mut sizes: Vec<f64> = pairs.iter().map(|(x, _)| x.abs()).collect();
    sizes.sort_by(f64::total_cmp);
    let rounding = sizes.get(sizes.len() / 2).copied().unwrap_or(0.0) / 100.0;
    let near = |(x, y): &&(f64, f64)| {
        let foretold = moments.mean.0 + slope * (y - moments.mean.1);
        (x - foretold).abs() <= x.abs() / 10.0 + rounding
    };
    pairs.iter().filter(near).count() as f64 >= FORETOLD * pairs.len() as f64
}

fn cell(numbers: &Numbers<'_>, row: usize) -> Option<f64> {
    numbers.cells.get(row).copied().flatten()
}

/// Pearson's correlation over the rows that have both; nothing where they are too few or one does not vary. It gives up early
/// where the first rows go apart.
fn correlation(target: &Numbers<'_>, other: impl Fn(usize) -> Option<f64>) -> Option<f64> {
    const FIRST: u64 = 200;
    const APART: f64 = 0.9;
    let mut moments = Moments::default();
    for (row, value) in target.cells.iter().enumerate() {
        if let (Some(x), Some(y)) = (*value, other(row)) {
            moments.add(x, y);
            if moments.rows == FIRST && moments.correlation().is_none_or(|early| early.abs() < APART) {
                break;
            }
        }
    }
    (moments.rows >= MIN_ROWS).then(|| moments.correlation()).flatten()
}

/// Running moments of pairs (Welford 1962, Technometrics 4:419).
#[derive(Clone, Copy, Debug, Default)]
struct Moments {
    rows: u64,
    mean: (f64, f64),
    squares: (f64, f64),
    products: f64,
}

impl Moments {
    fn add(&mut self, x: f64, y: f64) {
        self.rows += 1;
        let count = self.rows as f64;
        let (from_x, from_y) = (x - self.mean.0, y - self.mean.1);
        self.mean = (self.mean.0 + from_x / count, self.mean.1 + from_y / count);
        self.squares.0 += from_x * (x - self.mean.0);
        self.squares.1 += from_y * (y - self.mean.1);
        self.products += from_x * (y - self.mean.1);
    }

    fn correlation(&self) -> Option<f64> {
        let scale = (self.squares.0 * self.squares.1).sqrt();
        (scale.is_finite() && scale > 0.0).then(|| self.products / scale)
    }
}
