//! What is said most often.

use std::collections::BTreeMap;

use super::{Share, plural, short};

/// Most entries that are shown one by one.
const MOST: usize = 15;

/// How often one thing is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ranked {
    /// What is said.
    pub name: String,
    /// How many say it, of those who say anything.
    pub share: Share,
}

/// What is said, the most frequent first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ranking {
    /// The most frequent, at most fifteen.
    pub entries: Vec<Ranked>,
    /// How many further ones there are.
    pub others: u64,
    /// How many of the customers asked say anything.
    pub told: Share,
}

impl Ranking {
    /// Counts what each customer says; nobody says a thing twice.
    pub(super) fn of<'a>(said: impl IntoIterator<Item = Vec<&'a str>>) -> Self {
        let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
        let mut told = Share::default();
        for texts in said {
            told = Share { part: told.part + u64::from(!texts.is_empty()), of: told.of + 1 };
            for text in texts {
                *counts.entry(text).or_default() += 1;
            }
        }
        let mut ranked: Vec<(&str, u64)> = counts.into_iter().collect();
        ranked.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let others = ranked.len().saturating_sub(MOST) as u64;
        let share = |count| Share { part: count, of: told.part };
        let entries =
            ranked.into_iter().take(MOST).map(|(name, count)| Ranked { name: short(name), share: share(count) });
        Self { entries: entries.collect(), others, told }
    }

    /// What is said most often.
    #[must_use]
    pub fn first(&self) -> Option<&Ranked> {
        self.entries.first()
    }

    /// Its name, with how many others are said as often: `Reporting`, `Reporting (tied with 2 others)`.
    pub(super) fn first_with_ties(&self) -> Option<String> {
        let first = self.first()?;
        let most = first.share.part;
        let shown = self.entries.iter().filter(|entry| entry.share.part == most).count() as u64 - 1;
        // Where all that are shown tie, those that are not shown may as well.
        let at_least = if self.others > 0 && shown + 1 == self.entries.len() as u64 { "at least " } else { "" };
        Some(match shown {
            0 => first.name.clone(),
            others => format!("{} (tied with {at_least}{})", first.name, plural(others, "other", "others")),
        })
    }
}

/// How much a few things stand for all: the sum of squared shares, from almost 0 (many alike) to 1 (one only); nothing of
/// nothing (Hirschman 1945; Herfindahl 1950).
pub(super) fn concentration(counts: impl Iterator<Item = u64> + Clone) -> Option<f64> {
    let total: u64 = counts.clone().sum();
    (total > 0).then(|| counts.map(|count| (count as f64 / total as f64).powi(2)).sum())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_most_frequent_is_first_and_letters_decide_among_equals() {
        let ranking = Ranking::of([vec!["b", "c"], vec!["a"], vec![], vec!["a", "c"]]);
        let entries: Vec<(&str, u64)> =
            ranking.entries.iter().map(|entry| (entry.name.as_str(), entry.share.part)).collect();
        assert_eq!(entries, [("a", 2), ("c", 2), ("b", 1)]);
        assert_eq!((ranking.told, ranking.others), (Share { part: 3, of: 4 }, 0));
        let names: Vec<String> = (0..20).map(|number| format!("{number:02}")).collect();
        let many = Ranking::of([names.iter().map(String::as_str).collect()]);
        assert_eq!((many.entries.len(), many.others), (15, 5));
        assert_eq!(Ranking::of([]).first(), None);
    }

    proptest! {
        #[test]
        fn concentration_lies_between_equal_shares_and_one(counts in prop::collection::vec(1..1000_u64, 1..20)) {
            let found = concentration(counts.iter().copied()).unwrap();
            prop_assert!(found <= 1.0 + 1e-12 && found >= 1.0 / counts.len() as f64 - 1e-12);
        }
    }

    #[test]
    fn nothing_has_no_concentration() {
        assert_eq!(concentration([].into_iter()), None);
        assert_eq!(concentration([3].into_iter()), Some(1.0));
    }
}
