//! Rankings of answers by frequency.

use std::collections::BTreeMap;

use super::{Proportion, plural, truncate};

/// The maximum number of entries.
const MAX_ENTRIES: usize = 15;

/// The frequency of one answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RankedAnswer {
    /// The answer.
    pub name: String,
    /// The customers with this answer, of those with any answer.
    pub share: Proportion,
}

/// Answers, the most frequent first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AnswerRanking {
    /// The most frequent answers, at most fifteen.
    pub entries: Vec<RankedAnswer>,
    /// The number of other answers.
    pub omitted: u64,
    /// The customers with any answer, of those asked.
    pub answered: Proportion,
}

impl AnswerRanking {
    /// Counts the answers of each customer, which must be distinct.
    pub(super) fn new<'a>(answers: impl IntoIterator<Item = Vec<&'a str>>) -> Self {
        let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
        let mut answer_share = Proportion::default();
        for texts in answers {
            answer_share =
                Proportion { part: answer_share.part + u64::from(!texts.is_empty()), total: answer_share.total + 1 };
            for text in texts {
                *counts.entry(text).or_default() += 1;
            }
        }
        let mut ranked: Vec<(&str, u64)> = counts.into_iter().collect();
        ranked.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let others = ranked.len().saturating_sub(MAX_ENTRIES) as u64;
        let share = |count| Proportion { part: count, total: answer_share.part };
        let entries = ranked
            .into_iter()
            .take(MAX_ENTRIES)
            .map(|(name, count)| RankedAnswer { name: truncate(name), share: share(count) });
        Self { entries: entries.collect(), omitted: others, answered: answer_share }
    }

    /// The most frequent answer.
    #[must_use]
    pub fn top(&self) -> Option<&RankedAnswer> {
        self.entries.first()
    }

    /// The most frequent answer, with the number of ties: `Reporting`, `Reporting (tied with 2 others)`.
    pub(super) fn top_with_ties(&self) -> Option<String> {
        let first = self.top()?;
        let max_count = first.share.part;
        let shown = self.entries.iter().filter(|entry| entry.share.part == max_count).count() as u64 - 1;
        // If all shown entries tie, omitted ones may tie too.
        let at_least = if self.omitted > 0 && shown + 1 == self.entries.len() as u64 { "at least " } else { "" };
        Some(match shown {
            0 => first.name.clone(),
            others => format!("{} (tied with {at_least}{})", first.name, plural(others, "other", "others")),
        })
    }
}

/// The concentration: the sum of squared shares, from almost 0 (many equal shares) to 1 (a single one); `None` if the
/// total is zero (Hirschman 1945; Herfindahl 1950).
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
        let ranking = AnswerRanking::new([vec!["b", "c"], vec!["a"], vec![], vec!["a", "c"]]);
        let entries: Vec<(&str, u64)> =
            ranking.entries.iter().map(|entry| (entry.name.as_str(), entry.share.part)).collect();
        assert_eq!(entries, [("a", 2), ("c", 2), ("b", 1)]);
        assert_eq!((ranking.answered, ranking.omitted), (Proportion { part: 3, total: 4 }, 0));
        let names: Vec<String> = (0..20).map(|number| format!("{number:02}")).collect();
        let many = AnswerRanking::new([names.iter().map(String::as_str).collect()]);
        assert_eq!((many.entries.len(), many.omitted), (15, 5));
        assert_eq!(AnswerRanking::new([]).top(), None);
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
