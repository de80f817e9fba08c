//! What stands about a model as a whole, and how it changes. Pure: no store, no clock.
//!
//! An alias has a trail: the versions it pointed at, oldest first, the current one last. Moving adds to the trail, rolling
//! back takes from it. So a roll-back goes to the version before the current one, a second goes one further back, and a
//! promotion after roll-backs starts from where they ended.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sweetspot_core::Alias;

/// How many steps an alias can be rolled back in a row.
pub(super) const STEPS_BACK: usize = 24;

/// One model's counters and aliases.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Head {
    /// Grows with every change.
    pub(super) revision: u64,
    /// Number of the newest version; versions are numbered from 1 without gaps.
    pub(super) versions: u64,
    /// Number of the newest entry of the promotion history, likewise.
    pub(super) moves: u64,
    live: Trail,
    candidate: Trail,
    previous: Trail,
    /// Thresholds of promotion checks that are not the defaults, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) thresholds: BTreeMap<String, f64>,
}

/// One entry of the promotion history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Move {
    /// Its number.
    pub(super) number: u64,
    /// The alias that moved.
    pub(super) alias: Alias,
    /// From where.
    pub(super) from: Option<u64>,
    /// To where.
    pub(super) to: u64,
}

impl Head {
    /// Where an alias points.
    pub(super) fn at(&self, alias: Alias) -> Option<u64> {
        self.trail(alias).current()
    }

    /// The aliases that point at a version.
    pub(super) fn aliases(&self, version: u64) -> Vec<Alias> {
        Alias::ALL.into_iter().filter(|alias| self.at(*alias) == Some(version)).collect()
    }

    /// Adds a version, the new candidate, and gives its number.
    pub(super) fn publish(&self) -> (Self, u64) {
        let mut next = self.clone();
        next.revision += 1;
        next.versions += 1;
        next.candidate.step_to(next.versions);
        let number = next.versions;
        (next, number)
    }

    /// Moves an alias to a version.
    pub(super) fn promote(&self, alias: Alias, to: u64) -> (Self, Move) {
        self.moved(alias, to, |trail| trail.step_to(to))
    }

    /// Makes room for an entry of the history that changes nothing: etags stay good.
    pub(super) fn note(&self) -> Self {
        Self { moves: self.moves + 1, ..self.clone() }
    }

    /// Sets the thresholds of the promotion checks.
    pub(super) fn with_thresholds(&self, thresholds: BTreeMap<String, f64>) -> Self {
        Self { revision: self.revision + 1, thresholds, ..self.clone() }
    }

    /// Moves an alias back along its trail, if there is a way back.
    pub(super) fn roll_back(&self, alias: Alias) -> Option<(Self, Move)> {
        let to = self.trail(alias).before_current()?;
        Some(self.moved(alias, to, Trail::step_back))
    }

    fn moved(&self, alias: Alias, to: u64, step: impl FnOnce(&mut Trail)) -> (Self, Move) {
        let from = self.at(alias);
        let mut next = self.clone();
        next.revision += 1;
        next.moves += 1;
        step(next.trail_mut(alias));
        if let (Alias::Live, Some(left)) = (alias, from.filter(|from| *from != to)) {
            next.previous.step_to(left);
        }
        let entry = Move { number: next.moves, alias, from, to };
        (next, entry)
    }

    const fn trail(&self, alias: Alias) -> &Trail {
        match alias {
            Alias::Live => &self.live,
            Alias::Candidate => &self.candidate,
            Alias::Previous => &self.previous,
        }
    }

    const fn trail_mut(&mut self, alias: Alias) -> &mut Trail {
        match alias {
            Alias::Live => &mut self.live,
            Alias::Candidate => &mut self.candidate,
            Alias::Previous => &mut self.previous,
        }
    }
}

/// The versions an alias pointed at; no two neighbours are equal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
struct Trail(Vec<u64>);

impl Trail {
    fn current(&self) -> Option<u64> {
        self.0.last().copied()
    }

    fn before_current(&self) -> Option<u64> {
        self.0.iter().rev().nth(1).copied()
    }

    fn step_to(&mut self, version: u64) {
        if self.current() == Some(version) {
            return;
        }
        if self.0.len() > STEPS_BACK {
            self.0.remove(0);
        }
        self.0.push(version);
    }

    fn step_back(&mut self) {
        self.0.pop();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Copy, Debug)]
    enum Step {
        Publish,
        Promote(Alias, u64),
        RollBack(Alias),
    }

    fn step() -> impl Strategy<Value = Step> {
        let alias = prop::sample::select(&Alias::ALL[..]);
        prop_oneof![
            Just(Step::Publish),
            (alias.clone(), 1..5_u64).prop_map(|(alias, to)| Step::Promote(alias, to)),
            alias.prop_map(Step::RollBack),
        ]
    }

    /// The whole past of every alias, as plainly as can be.
    #[derive(Default)]
    struct Naive {
        versions: u64,
        history: Vec<Move>,
        past: [Vec<u64>; 3],
    }

    impl Naive {
        fn past(&mut self, alias: Alias) -> &mut Vec<u64> {
            &mut self.past[Alias::ALL.iter().position(|other| *other == alias).unwrap()]
        }

        fn go(&mut self, alias: Alias, to: u64) {
            if self.past(alias).last() != Some(&to) {
                self.past(alias).push(to);
            }
        }

        fn record(&mut self, alias: Alias, from: Option<u64>, to: u64) {
            self.history.push(Move { number: self.history.len() as u64 + 1, alias, from, to });
            if let (Alias::Live, Some(left)) = (alias, from.filter(|from| *from != to)) {
                self.go(Alias::Previous, left);
            }
        }
    }

    fn take(head: &Head, naive: &mut Naive, step: Step) -> Result<Option<Head>, TestCaseError> {
        match step {
            Step::Publish => {
                let (next, number) = head.publish();
                naive.versions += 1;
                prop_assert_eq!(number, naive.versions);
                naive.go(Alias::Candidate, number);
                Ok(Some(next))
            }
            Step::Promote(alias, to) => {
                let (next, entry) = head.promote(alias, to);
                let from = naive.past(alias).last().copied();
                naive.go(alias, to);
                naive.record(alias, from, to);
                prop_assert_eq!(Some(&entry), naive.history.last());
                Ok(Some(next))
            }
            Step::RollBack(alias) => {
                let past = naive.past(alias);
                if past.len() < 2 {
                    prop_assert_eq!(head.roll_back(alias), None);
                    return Ok(None);
                }
                let from = past.pop();
                let to = *past.last().unwrap();
                naive.record(alias, from, to);
                let (next, entry) = head.roll_back(alias).unwrap();
                prop_assert_eq!(Some(&entry), naive.history.last());
                Ok(Some(next))
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn it_does_what_the_whole_past_says(steps in prop::collection::vec(step(), 0..=STEPS_BACK)) {
            let (mut head, mut naive) = (Head::default(), Naive::default());
            for step in steps {
                let revision = head.revision;
                if let Some(next) = take(&head, &mut naive, step)? {
                    prop_assert_eq!(next.revision, revision + 1);
                    head = next;
                }
                prop_assert_eq!(head.moves, naive.history.len() as u64);
                for alias in Alias::ALL {
                    prop_assert_eq!(head.at(alias), naive.past(alias).last().copied());
                }
                let kept = serde_json::to_vec(&head).unwrap();
                prop_assert_eq!(&serde_json::from_slice::<Head>(&kept).unwrap(), &head);
            }
        }
    }

    fn walk(head: &mut Head) -> Vec<u64> {
        std::iter::from_fn(|| {
            let (next, entry) = head.roll_back(Alias::Live)?;
            *head = next;
            Some(entry.to)
        })
        .collect()
    }

    #[test]
    fn roll_backs_walk_the_history_instead_of_going_to_and_fro() {
        let mut head = Head::default();
        for version in [1, 2, 2, 3] {
            head = head.promote(Alias::Live, version).0;
        }
        assert_eq!(walk(&mut head), [2, 1]);
        assert_eq!((head.at(Alias::Live), head.at(Alias::Previous)), (Some(1), Some(2)));
        head = head.promote(Alias::Live, 4).0;
        assert_eq!(walk(&mut head), [1]);
        assert_eq!(head.moves, 8);
    }

    #[test]
    fn the_trail_is_bounded_and_its_row_stays_small() {
        let mut head =
            Head { revision: u64::MAX - 999, versions: u64::MAX - 999, moves: u64::MAX - 999, ..Head::default() };
        for version in 1_000_000..1_000_100 {
            for alias in Alias::ALL {
                head = head.promote(alias, version).0;
            }
        }
        assert!(serde_json::to_vec(&head).unwrap().len() < crate::store::MAX_ROW_BYTES / 2);
        assert_eq!(walk(&mut head).len(), STEPS_BACK);
    }

    #[test]
    fn unknown_fields_are_refused() {
        let kept = r#"{"revision":1,"versions":1,"moves":0,"live":[],"candidate":[1],"previous":[],"new":1}"#;
        assert!(serde_json::from_str::<Head>(kept).is_err());
    }
}
