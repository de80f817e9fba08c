//! Which versions of a model or a dataset are old enough to be removed.
//!
//! Ages are measured against the newest version, never against the clock: a wrong clock at start-up removes nothing. A
//! version that a wrong clock dates far ahead makes all others look old, so that age alone never removes the newest
//! versions, and only a few at a time.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

/// The number of newest versions that are never removed because of their age.
pub const MIN_KEPT_BY_AGE: usize = 5;
/// The maximum number of versions that are removed at a time.
pub const MAX_REMOVED: usize = 10;
/// The label of versions that are never removed.
pub const KEEP_LABEL: &str = "keep";

/// How many versions are kept, and for how long.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RetentionPolicy {
    /// The number of newest versions that are kept. `None` for all.
    pub max_versions: Option<usize>,
    /// The maximum age in days, relative to the newest version. `None` for any age.
    pub max_days: Option<u32>,
}

impl RetentionPolicy {
    /// Whether the policy keeps everything.
    #[must_use]
    pub const fn keeps_all(&self) -> bool {
        self.max_versions.is_none() && self.max_days.is_none()
    }

    /// Returns the numbers of the versions to remove, oldest first. `versions` are all versions, newest first.
    pub(crate) fn expired(&self, versions: &[RetentionCandidate]) -> Vec<u64> {
        let newest = versions.iter().find_map(|version| version.created);
        let max_versions = self.max_versions.unwrap_or(usize::MAX);
        let is_old = |version: &RetentionCandidate| {
            let age = newest.zip(version.created).map(|(newest, created)| newest.duration_since(created));
            let max_age = self.max_days.map(|days| SignedDuration::from_hours(24 * i64::from(days)));
            age.zip(max_age).is_some_and(|(age, max_age)| age > max_age)
        };
        let expired = versions
            .iter()
            .enumerate()
            .filter(|(place, version)| *place >= max_versions || (*place >= MIN_KEPT_BY_AGE && is_old(version)));
        let removable = expired.filter(|(_, version)| !version.is_protected).map(|(_, version)| version.number);
        removable.collect::<BTreeSet<u64>>().into_iter().take(MAX_REMOVED).collect()
    }
}

/// A version with what decides on its removal.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RetentionCandidate {
    /// The number of the version.
    pub(crate) number: u64,
    /// The time of its creation, if it is known.
    pub(crate) created: Option<Timestamp>,
    /// Whether it must stay: it is in use, or a user wants it to stay.
    pub(crate) is_protected: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Versions with these days of creation, newest first.
    fn versions(days: &[i64]) -> Vec<RetentionCandidate> {
        let version = |(place, day): (usize, &i64)| RetentionCandidate {
            number: (days.len() - place) as u64,
            created: Timestamp::from_second(day * 86_400).ok(),
            is_protected: false,
        };
        days.iter().enumerate().map(version).collect()
    }

    fn policy(max_versions: Option<usize>, max_days: Option<u32>) -> RetentionPolicy {
        RetentionPolicy { max_versions, max_days }
    }

    #[test]
    fn the_oldest_versions_beyond_the_number_are_removed() {
        let all = versions(&[4, 3, 2, 1]);
        assert_eq!(policy(Some(2), None).expired(&all), [1, 2]);
        assert!(policy(Some(4), None).expired(&all).is_empty() && policy(None, None).expired(&all).is_empty());
        let mut kept = all;
        kept[3].is_protected = true;
        assert_eq!(policy(Some(1), None).expired(&kept), [2, 3], "a protected version does not protect others");
    }

    #[test]
    fn ages_are_relative_to_the_newest_version() {
        let days = [100, 99, 98, 97, 96, 95, 90, 89];
        assert_eq!(policy(None, Some(10)).expired(&versions(&days)), [1]);
        assert_eq!(policy(None, Some(4)).expired(&versions(&days)), [1, 2, 3]);
        // The clock went back: nothing is older than the newest version.
        assert!(policy(None, Some(1)).expired(&versions(&[1, 100, 100, 100, 100, 100, 100])).is_empty());
    }

    #[test]
    fn a_clock_that_jumps_ahead_removes_neither_the_newest_versions_nor_many() {
        let mut days = vec![1000];
        days.extend((1..=7).rev());
        assert_eq!(policy(None, Some(30)).expired(&versions(&days)), [1, 2, 3]);
        days.extend([0; 40]);
        assert_eq!(policy(None, Some(30)).expired(&versions(&days)).len(), MAX_REMOVED);
        let all_ahead = vec![1000; 50];
        assert!(policy(None, Some(30)).expired(&versions(&all_ahead)).is_empty());
    }

    #[test]
    fn versions_without_a_date_are_removed_by_number_only() {
        let mut all = versions(&[100, 9, 8, 7, 6, 5, 4]);
        all[6].created = None;
        assert_eq!(policy(None, Some(1)).expired(&all), [2]);
        assert_eq!(policy(Some(6), None).expired(&all), [1]);
    }
}
