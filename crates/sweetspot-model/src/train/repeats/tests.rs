use proptest::prelude::*;
use rand::seq::SliceRandom as _;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::*;

/// Attributes, with the label and the account of each row.
struct SyntheticTable {
    columns: Vec<Column>,
    labels: Vec<f64>,
    accounts: Vec<usize>,
}

impl SyntheticTable {
    /// Detects accounts in all rows.
    fn detect_accounts(&self) -> AccountRepeats {
        self.detect_with_names(0)
    }

    /// The same, with the last columns as names only.
    fn detect_with_names(&self, names: usize) -> AccountRepeats {
        let rows: Vec<usize> = (0..self.labels.len()).collect();
        let weights = vec![1.0; rows.len()];
        let columns: Vec<&Column> = self.columns.iter().collect();
        let (columns, names) = columns.split_at(columns.len() - names);
        AccountRepeats::detect(
            columns,
            names,
            LabeledRows { rows: &rows, labels: &self.labels, weights: &weights, statuses: &[] },
        )
    }

    /// The same rows in another order.
    fn reordered(&self, order: &[usize]) -> Self {
        let column = |column: &Column| {
            let data = match &column.data {
                ColumnData::Numbers(values) => ColumnData::Numbers(order.iter().map(|row| values.get(*row)).collect()),
                ColumnData::Categories { dictionary, codes } => {
                    // The dictionary of a file is in the order of its rows, too.
                    let last = dictionary.len() as u32 - 1;
                    let dictionary = dictionary.iter().rev().cloned().collect();
                    let codes = order.iter().map(|row| codes.get(*row).map(|code| last - code)).collect();
                    ColumnData::Categories { dictionary, codes }
                }
                other @ (ColumnData::Flags(_) | ColumnData::Lists { .. } | ColumnData::Dates(_)) => other.clone(),
            };
            Column { name: column.name.clone(), data }
        };
        Self {
            columns: self.columns.iter().map(column).collect(),
            labels: order.iter().map(|row| self.labels[*row]).collect(),
            accounts: order.iter().map(|row| self.accounts[*row]).collect(),
        }
    }

    /// The share of pairs of one account that were detected, and the share of detected pairs that are of one account.
    fn precision_and_recall(&self, found: &AccountRepeats) -> (f64, f64) {
        let (mut true_pairs, mut found_pairs, mut both) = (0.0, 0.0, 0.0);
        for one in 0..self.accounts.len() {
            for other in 0..one {
                let real = self.accounts[one] == self.accounts[other];
                let said = found.accounts[one].is_some() && found.accounts[one] == found.accounts[other];
                true_pairs += f64::from(u8::from(real));
                found_pairs += f64::from(u8::from(said));
                both += f64::from(u8::from(real && said));
            }
        }
        (both / true_pairs, both / found_pairs)
    }
}

fn number(name: &str, values: Vec<f64>) -> Column {
    Column { name: name.to_owned(), data: ColumnData::Numbers(values.into_iter().map(Some).collect()) }
}

fn category(name: &str, codes: Vec<u32>) -> Column {
    let dictionary = (0..=codes.iter().copied().max().unwrap_or(0)).map(|code| format!("{name} {code}")).collect();
    Column {
        name: name.to_owned(),
        data: ColumnData::Categories { dictionary, codes: codes.into_iter().map(Some).collect() },
    }
}

fn normal(rng: &mut ChaCha8Rng) -> f64 {
    (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0
}

/// Accounts with a head count, a turnover, a branch and an area; rows with a kind and an amount. The effects of
/// accounts on the log-odds have this standard deviation.
fn synthetic_deals(
    accounts: usize,
    sizes: std::ops::RangeInclusive<usize>,
    deviation: f64,
    seed: u64,
) -> SyntheticTable {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut world = SyntheticTable { columns: Vec::new(), labels: Vec::new(), accounts: Vec::new() };
    let (mut numbers, mut texts) = ([vec![], vec![], vec![]], [vec![], vec![], vec![]]);
    for account in 0..accounts {
        let head = normal(&mut rng).mul_add(1.1, 4.2).exp().floor() + 2.0;
        let turnover = (head * normal(&mut rng).mul_add(0.6, 11.0).exp()).floor();
        let (branch, area) = (rng.random_range(0..7_u32), rng.random_range(0..4_u32));
        let effect = deviation * normal(&mut rng);
        for _ in 0..rng.random_range(sizes.clone()) {
            let (kind, amount) = (rng.random_range(0..3_u32), (9.0 + normal(&mut rng)).exp().round());
            let known = 0.4 * (head / 66.0).ln()
                + 0.6 * f64::from(u8::from(branch == 0))
                + 0.5 * f64::from(u8::from(kind == 0));
            let p = 1.0 / (1.0 + (0.8 - known - effect).exp());
            [head, turnover, amount].into_iter().zip(&mut numbers).for_each(|(value, column)| column.push(value));
            [branch, area, kind].into_iter().zip(&mut texts).for_each(|(code, column)| column.push(code));
            world.labels.push(f64::from(u8::from(rng.random_bool(p))));
            world.accounts.push(account);
        }
    }
    let [head, turnover, amount] = numbers;
    let [branch, area, kind] = texts;
    world.columns = vec![
        number("head", head),
        number("turnover", turnover),
        number("amount", amount),
        category("branch", branch),
        category("area", area),
        category("kind", kind),
    ];
    let mut order: Vec<usize> = (0..world.labels.len()).collect();
    order.shuffle(&mut rng);
    world.reordered(&order)
}

#[test]
fn accounts_with_an_effect_of_their_own_are_found() {
    for seed in 0..3 {
        let world = synthetic_deals(500, 1..=8, 1.5, seed);
        let found = world.detect_accounts();
        let (recall, precision) = world.precision_and_recall(&found);
        assert!(recall > 0.95 && precision > 0.95, "{recall} {precision} {:?}", found.warnings);
        assert!(found.is_fit_weighted && found.warnings[0].contains("rows look like"), "{:?}", found.warnings);
        assert!(
            found.row_weights.iter().all(|worth| (0.2..=1.0).contains(worth)),
            "eight rows with a correlation of about 0.3"
        );
    }
}

#[test]
fn accounts_of_three_rows_are_found() {
    let found = synthetic_deals(900, 1..=3, 1.5, 7).detect_accounts();
    assert!(!found.accounts.is_empty(), "{:?}", found.warnings);
}

#[test]
fn accounts_without_an_effect_or_repeated_rows_are_not_found() {
    for seed in 0..4 {
        for world in [synthetic_deals(500, 1..=8, 0.0, 100 + seed), synthetic_deals(1500, 1..=1, 0.0, 200 + seed)] {
            let found = world.detect_accounts();
            assert!(
                found.accounts.is_empty() && found.row_weights.is_empty() && found.warnings.is_empty(),
                "{:?}",
                found.warnings
            );
        }
    }
}

#[test]
fn rows_of_flags_and_coarse_categories_are_no_accounts() {
    for seed in 0..4 {
        let mut rng = ChaCha8Rng::seed_from_u64(300 + seed);
        let flag =
            |rng: &mut ChaCha8Rng, levels: u32| (0..2000).map(|_| rng.random_range(0..levels)).collect::<Vec<_>>();
        let columns: Vec<Vec<u32>> = [2, 2, 2, 2, 2, 2, 5, 11].map(|levels| flag(&mut rng, levels)).into();
        let labels = (0..2000).map(|row| f64::from(u8::from(rng.random_bool(0.25 + 0.3 * f64::from(columns[0][row])))));
        let labels = labels.collect();
        let columns =
            columns.into_iter().enumerate().map(|(index, codes)| category(&index.to_string(), codes)).collect();
        let found = SyntheticTable { columns, labels, accounts: Vec::new() }.detect_accounts();
        assert!(found.accounts.is_empty() && found.warnings.is_empty(), "{:?}", found.warnings);
    }
}

/// A name that is too rare to be an attribute is evidence nevertheless; without a number that repeats, rows keep their
/// weight.
#[test]
fn names_keep_rows_in_one_fold_and_leave_weights_alone() {
    let mut world = synthetic_deals(600, 2..=3, 2.0, 11);
    world.columns.drain(..2);
    world.columns.push(category("name", world.accounts.iter().map(|account| *account as u32).collect()));
    let rows: Vec<usize> = (0..world.labels.len()).collect();
    assert!(is_name_column(world.columns.last().unwrap(), &rows) && !is_name_column(&world.columns[1], &rows));
    let found = world.detect_with_names(1);
    let (recall, precision) = world.precision_and_recall(&found);
    assert!(recall > 0.95 && precision > 0.95, "{recall} {precision} {:?}", found.warnings);
    assert!(
        !found.is_fit_weighted && found.fit_weights().is_none() && found.row_weights.iter().any(|worth| *worth < 1.0)
    );
}

/// Few large accounts: one fit to all rows can overfit to each of them.
#[test]
fn few_accounts_of_many_rows_are_found() {
    let world = synthetic_deals(60, 60..=90, 1.5, 13);
    let found = world.detect_accounts();
    assert!(!found.accounts.is_empty() && world.precision_and_recall(&found).1 > 0.95, "{:?}", found.warnings);
    assert!(synthetic_deals(60, 60..=90, 0.0, 14).detect_accounts().accounts.is_empty());
}

#[test]
fn declared_accounts_count_for_what_their_outcomes_say() {
    let worth = |deviation: f64| {
        let world = synthetic_deals(400, 4..=4, deviation, 17);
        let rows: Vec<usize> = (0..world.labels.len()).collect();
        let weights = vec![1.0; rows.len()];
        let columns: Vec<&Column> = world.columns.iter().collect();
        let declared = AccountRepeats::from_groups(world.accounts.iter().map(|account| Some(*account)).collect());
        declared.with_weights(
            &columns,
            super::LabeledRows { rows: &rows, labels: &world.labels, weights: &weights, statuses: &[] },
        )
    };
    let (none, some) = (worth(0.0), worth(2.0));
    assert!(
        none.row_weights.iter().all(|worth| *worth > 0.85) && !none.accounts.is_empty(),
        "{:?}",
        none.row_weights.first()
    );
    assert!(
        some.is_fit_weighted && some.row_weights.iter().all(|worth| (0.3..0.7).contains(worth)),
        "{:?}",
        some.row_weights.first()
    );
    let nobody = AccountRepeats::from_groups(vec![None; 3]);
    assert!(nobody.accounts.is_empty());
}

#[test]
fn a_repetition_that_correlates_with_the_outcome_raises_a_warning() {
    let accounts: Vec<Option<usize>> = (0..100).map(|row| (row < 40).then_some(row / 4)).collect();
    let labels =
        |single: bool| (0..100).map(|row| f64::from(u8::from(row < 40 || single && row % 2 == 0))).collect::<Vec<_>>();
    let said = repetition_warning(&accounts, &labels(false)).unwrap();
    assert!(
        said.starts_with("100% of the rows of accounts with several rows are ideal, and 0% of single rows"),
        "{said}"
    );
    assert!(repetition_warning(&accounts, &labels(true)).is_some());
    let even: Vec<f64> = (0..100).map(|row| f64::from(row % 2)).collect();
    assert_eq!(repetition_warning(&accounts, &even), None);
    assert_eq!(repetition_warning(&[None; 4], &[1.0; 4]), None, "no account has several rows");
}

#[test]
fn attribute_names_are_joined_into_a_list() {
    assert_eq!(
        [list_names(&[]), list_names(&["A"]), list_names(&["A", "B", "C"])],
        ["", "\"A\"", "\"A\", \"B\" and \"C\""]
    );
    assert_eq!(list_names(&["A", "B", "C", "D", "E", "F"]), "\"A\", \"B\", \"C\", \"D\" and 2 more");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// An account of k rows has the weight k / (1 + (k − 1) ρ): at least one row, at most all of them, and never more
    /// than 1 / ρ.
    #[test]
    fn an_account_weighs_between_one_row_and_all(
        accounts in prop::collection::vec(prop::option::of(0..6_usize), 1..60),
        rho in 0.0..=1.0_f64,
    ) {
        let found = account_weights(&accounts, rho);
        prop_assert_eq!(found.len(), accounts.len());
        for account in 0..6 {
            let own: Vec<f64> = accounts.iter().zip(&found).filter(|(of, _)| **of == Some(account)).map(|(_, weight)| *weight).collect();
            let (rows, sum) = (own.len() as f64, own.iter().sum::<f64>());
            if rows > 0.0 {
                prop_assert!(1.0 - 1e-9 <= sum && sum <= rows + 1e-9 && sum * rho <= 1.0 + rho + 1e-9);
                prop_assert!((sum - rows / (1.0 + (rows - 1.0) * rho)).abs() < 1e-9);
            }
        }
        let alone = accounts.iter().zip(&found).filter(|(of, _)| of.is_none());
        prop_assert!(alone.into_iter().all(|(_, weight)| *weight == 1.0));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3))]

    /// Detection does not depend on the order of the file, the order of the dictionary, or the ids.
    #[test]
    fn the_order_of_rows_does_not_decide_which_are_of_one_account(seed in 0..1000_u64) {
        let world = synthetic_deals(300, 1..=8, 2.5, seed);
        let mut order: Vec<usize> = (0..world.labels.len()).collect();
        let found = world.detect_accounts();
        let same = world.reordered(&order).detect_accounts();
        prop_assert!(!found.accounts.is_empty());
        prop_assert_eq!((&same.accounts, &same.row_weights), (&found.accounts, &found.row_weights));
        order.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
        let other = world.reordered(&order).detect_accounts();
        let (mut accounts, mut worth) = (vec![None; order.len()], vec![0.0; order.len()]);
        for (place, row) in order.iter().enumerate() {
            accounts[*row] = other.accounts[place];
            worth[*row] = other.row_weights[place];
        }
        prop_assert_eq!(first_rows(&accounts), first_rows(&found.accounts));
        // With so few accounts the correlation comes from fits that leave some of them out, and folds depend on the
        // order.
        prop_assert!(worth.iter().zip(&found.row_weights).all(|(one, other)| (one / other - 1.0).abs() < 0.2));
    }
}

/// For each row, the first row of its account.
fn first_rows(accounts: &[Option<usize>]) -> Vec<Option<usize>> {
    let first = |account: &usize| accounts.iter().position(|other| *other == Some(*account)).unwrap();
    accounts.iter().map(|account| account.as_ref().map(first)).collect()
}
