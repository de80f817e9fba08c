//! The customers that a condition holds for: what an exclusion rule puts out of the pond.

use sweetspot_core::{AccountTable, FrequencyWeights, Matcher, Severity};

use super::{Proportion, format_count, format_percent, plural};

/// The customers that a condition holds for, next to all customers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MatchingCustomers {
    /// The accounts that the condition holds for, of all accounts.
    pub accounts: Proportion,
    /// The ideal customers of these accounts, as far as it is known whether they are ideal.
    pub ideal: Proportion,
    /// The ideal customers of all accounts, as far as it is known whether they are ideal.
    pub all: Proportion,
}

impl MatchingCustomers {
    /// Counts the accounts that a condition holds for; a row with a weight is this number of accounts. `ideal` has one
    /// entry per row, or none if no labels are known.
    #[must_use]
    pub fn new(matcher: &Matcher, accounts: &AccountTable, weights: &FrequencyWeights, ideal: &[Option<bool>]) -> Self {
        let rows = matching_rows(matcher, accounts);
        let count = |rows: &mut dyn Iterator<Item = usize>| -> u64 { rows.map(|row| weights.get(row)).sum() };
        let label = |row: &usize| ideal.get(*row).copied().flatten();
        let share_of = |rows: &mut dyn Iterator<Item = usize>| {
            let known: Vec<(usize, bool)> = rows.filter_map(|row| Some((row, label(&row)?))).collect();
            Proportion {
                part: count(&mut known.iter().filter(|(_, ideal)| *ideal).map(|(row, _)| *row)),
                total: count(&mut known.iter().map(|(row, _)| *row)),
            }
        };
        Self {
            accounts: Proportion { part: count(&mut rows.iter().copied()), total: weights.total(accounts.rows()) },
            ideal: share_of(&mut rows.iter().copied()),
            all: share_of(&mut (0..ideal.len())),
        }
    }

    /// What a rule with this condition does to the customers: `puts out 1,526 accounts, 273 of them ideal: 18% (95% 16%
    /// to 20%), above the average of 12%`. Rates are those of the rows, also of a resampled file.
    #[must_use]
    pub fn summary(&self, severity: Severity) -> String {
        let Self { accounts, ideal, all } = *self;
        if accounts.total == 0 {
            return "there are no customers to count".to_owned();
        }
        if accounts.part == 0 {
            return "no customer is like this".to_owned();
        }
        let action = match severity {
            Severity::Out => "puts out",
            Severity::Caution => "asks for caution with",
        };
        let found = format!("{action} {}", plural(accounts.part, "account", "accounts"));
        let (Some(rate), Some(average)) = (ideal.rate(), all.rate()) else {
            return format!("{found} of {}, not known to be ideal or not", format_count(accounts.total));
        };
        let part = if ideal.part == 0 { "none".to_owned() } else { format_count(ideal.part) };
        let counts = if ideal.total == accounts.part {
            format!("{found}, {part} of them ideal")
        } else {
            format!("{found}, {} of them known to be ideal or not, {part} of these ideal", format_count(ideal.total))
        };
        let (low, high) = ideal.interval();
        let average = format_percent(average);
        let comparison = if ideal.total == all.total {
            "; no other customer is known to be ideal or not".to_owned()
        } else {
            match self.difference() {
                Some(true) => format!(", above the average of {average}"),
                Some(false) => format!(", below the average of {average}"),
                None => format!(", not clearly above or below the average of {average}"),
            }
        };
        let (rate, low, high) = (format_percent(rate), format_percent(low), format_percent(high));
        format!("{counts}: {rate} (95% {low} to {high}){comparison}")
    }

    /// Whether the whole 95% interval of their rate is above that of all customers (true) or below it (false); `None`
    /// otherwise.
    #[must_use]
    pub fn difference(&self) -> Option<bool> {
        let (average, (low, high)) = (self.all.rate()?, self.ideal.interval());
        match (low > average, high < average) {
            (true, _) => Some(true),
            (false, true) => Some(false),
            (false, false) => None,
        }
    }
}

/// The rows that a condition holds for, in order.
pub(crate) fn matching_rows(matcher: &Matcher, accounts: &AccountTable) -> Vec<usize> {
    let column = accounts.column(matcher.attribute());
    let holds = |row: &usize| matcher.holds(column.and_then(|column| column.data.get(*row)).as_ref());
    (0..accounts.rows()).filter(holds).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matching(accounts: (u64, u64), ideal: (u64, u64), all: (u64, u64)) -> MatchingCustomers {
        let share = |(part, total)| Proportion { part, total };
        MatchingCustomers { accounts: share(accounts), ideal: share(ideal), all: share(all) }
    }

    #[test]
    fn the_summary_is_true_of_every_count() {
        for (matching, expected) in [
            (matching((0, 0), (0, 0), (0, 0)), "there are no customers to count"),
            (matching((0, 600), (0, 0), (72, 600)), "no customer is like this"),
            (
                matching((1_526, 9_000), (273, 1_526), (1_080, 9_000)),
                "puts out 1,526 accounts, 273 of them ideal: 18% (95% 16% to 20%), above the average of 12%",
            ),
            (
                matching((200, 600), (0, 200), (72, 600)),
                "puts out 200 accounts, none of them ideal: 0% (95% 0% to 1.9%), below the average of 12%",
            ),
            (
                matching((10, 600), (3, 10), (72, 600)),
                "puts out 10 accounts, 3 of them ideal: 30% (95% 11% to 60%), not clearly above or below the average of 12%",
            ),
            (
                matching((12, 600), (3, 10), (72, 500)),
                "puts out 12 accounts, 10 of them known to be ideal or not, 3 of these ideal: 30% (95% 11% to 60%), \
                 not clearly above or below the average of 14%",
            ),
            (
                matching((600, 600), (72, 600), (72, 600)),
                "puts out 600 accounts, 72 of them ideal: 12% (95% 9.6% to 15%); no other customer is known to be ideal or not",
            ),
            (matching((1, 600), (0, 0), (72, 500)), "puts out 1 account of 600, not known to be ideal or not"),
            (matching((12, 600), (0, 0), (0, 0)), "puts out 12 accounts of 600, not known to be ideal or not"),
        ] {
            assert_eq!(matching.summary(Severity::Out), expected);
        }
        let few = matching((1, 9), (1, 1), (2, 9)).summary(Severity::Caution);
        assert!(few.starts_with("asks for caution with 1 account, 1 of them ideal: 100%"), "{few}");
    }
}
