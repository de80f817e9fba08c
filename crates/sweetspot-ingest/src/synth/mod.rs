//! Synthetic accounts for demonstrations and tests: invented, seeded, and shaped like a B2B customer base.
//!
//! The seller is a company that sells software to mid-sized firms. Some attributes predict who becomes a good customer,
//! with noise; others, such as the region, predict nothing.

mod company;
mod company_names;
mod outcome;
mod review;
mod seeded_rng;
mod write_csv;

use company::Company;
use outcome::SimulatedOutcome;
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use seeded_rng::SeededRng;

/// The number of customers in a demonstration.
pub const DEMO_CUSTOMER_COUNT: usize = 1200;

/// The factor of the effects in a demonstration.
const DEMO_EFFECTS: f64 = 4.0;

/// The effect of skilled people on the deals of manufacturers in a demonstration.
const DEMO_SKILL_EFFECT: f64 = 1.0;

/// The mapping of the columns of [`customers`], in TOML.
pub const MAPPING: &str = include_str!("mapping.toml");

/// Returns customers with their outcomes, as CSV. The same seed and count give the same bytes.
///
/// Roughly 40% are won, 45% lost and 15% churned.
#[must_use]
pub fn customers(seed: u64, count: usize) -> String {
    simulate_history(seed, count, HistoryOptions { effects: 1.0, skill_effect: 0.0, has_loss_dates: false })
}

/// Returns customers whose attributes determine their outcomes as clearly as in most real tables: a model reaches an
/// AUC of about 0.8. The day of a loss is known, so that documents can compare periods.
#[must_use]
pub fn demo_customers(seed: u64) -> String {
    let options = HistoryOptions { effects: DEMO_EFFECTS, skill_effect: DEMO_SKILL_EFFECT, has_loss_dates: true };
    simulate_history(seed, DEMO_CUSTOMER_COUNT, options)
}

/// How outcomes are simulated and written.
#[derive(Clone, Copy)]
struct HistoryOptions {
    /// The factor of all effects of attributes, in log-odds.
    effects: f64,
    /// The effect of skilled people on the deals of manufacturers, as the logarithm of a factor.
    skill_effect: f64,
    /// Whether the day of a loss is known.
    has_loss_dates: bool,
}

fn simulate_history(seed: u64, count: usize, options: HistoryOptions) -> String {
    let mut draw = SeededRng(ChaCha8Rng::seed_from_u64(seed));
    // A separate stream, so that the reviews have no effect on the customers.
    let mut review_draw = ChaCha8Rng::seed_from_u64(seed);
    review_draw.set_stream(2);
    let mut review_draw = SeededRng(review_draw);
    let mut out = write_csv::header(true);
    for number in 1..=count {
        let company = Company::generate(&mut draw, number, "C");
        let outcome = SimulatedOutcome::simulate(&company, options, &mut draw);
        let review = review::cells(&company, &outcome, &mut review_draw);
        write_csv::row(&mut out, &company, Some((&outcome, review, options)), &mut draw);
    }
    out
}

/// Returns companies that are not customers yet, as CSV: the columns of [`customers`] without the outcomes.
#[must_use]
pub fn prospects(seed: u64, count: usize) -> String {
    // A different stream from that of customers with the same seed, so that prospects are other companies.
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(1);
    let mut draw = SeededRng(rng);
    let mut out = write_csv::header(false);
    for number in 1..=count {
        let company = Company::generate(&mut draw, number, "P");
        write_csv::row(&mut out, &company, None, &mut draw);
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
        assert!(customers(7, 50).starts_with(&customers(7, 20)), "a longer file continues a shorter one");
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
        // Documentation quotes figures from these rows: update it if the generator changes.
        insta::assert_snapshot!(customers(1, 5));
        insta::assert_snapshot!(prospects(1, 3));
    }
}
