//! Synthetic accounts for demonstrations and tests: made up, seeded, shaped like a B2B customer base.
//!
//! The company behind them sells software to mid-sized firms. Some things do tell who becomes a good customer, by
//! chance and never for certain; others, such as the region, tell nothing.

mod company;
mod draw;
mod names;
mod outcome;
mod review;
mod write;

use company::Company;
use draw::Draw;
use outcome::Fate;
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;

/// How many customers a demonstration has.
pub const CUSTOMERS: usize = 600;

/// What the columns of [`customers`] mean, in TOML.
pub const MAPPING: &str = include_str!("mapping.toml");

/// Customers with their outcomes, as CSV. The same seed and count give the same bytes.
///
/// Roughly 40 % won, 45 % lost and 15 % churned.
#[must_use]
pub fn customers(seed: u64, count: usize) -> String {
    let mut draw = Draw(ChaCha8Rng::seed_from_u64(seed));
    // Another stream again: what is said of customers changes nothing of what they are.
    let mut said = ChaCha8Rng::seed_from_u64(seed);
    said.set_stream(2);
    let mut said = Draw(said);
    let mut out = write::header(true);
    for number in 1..=count {
        let company = Company::invent(&mut draw, number, "C");
        let fate = Fate::befall(&company, &mut draw);
        let review = review::cells(&company, &fate, &mut said);
        write::row(&mut out, &company, Some((&fate, review)), &mut draw);
    }
    out
}

/// Companies that nobody has sold to yet, as CSV: the columns of [`customers`] without the outcomes.
#[must_use]
pub fn prospects(seed: u64, count: usize) -> String {
    // Another stream than the customers of the same seed: prospects are other companies.
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(1);
    let mut draw = Draw(rng);
    let mut out = write::header(false);
    for number in 1..=count {
        let company = Company::invent(&mut draw, number, "P");
        write::row(&mut out, &company, None, &mut draw);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_one_file() {
        assert_eq!(customers(7, 50), customers(7, 50));
        assert_ne!(customers(7, 50), customers(8, 50));
        assert_eq!(prospects(7, 50), prospects(7, 50));
        assert!(customers(7, 50).starts_with(&customers(7, 20)), "a longer file goes on where a shorter one ends");
    }

    #[test]
    fn prospects_are_other_companies_and_have_no_outcome() {
        let prospects = prospects(7, 20);
        assert!(!prospects.contains("status"));
        let name = |line: &str| line.split(',').nth(1).map(str::to_owned);
        let customers = customers(7, 20);
        let same = customers.lines().zip(prospects.lines()).skip(1).filter(|(a, b)| name(a) == name(b)).count();
        assert!(same < 3, "{same}");
    }

    #[test]
    fn the_bytes_of_a_seed_never_change() {
        // Documents quote figures of these rows: whoever changes the generator changes them knowingly.
        insta::assert_snapshot!(customers(1, 5));
        insta::assert_snapshot!(prospects(1, 3));
    }
}
