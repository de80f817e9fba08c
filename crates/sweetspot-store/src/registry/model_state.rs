//! The state of a model and its transitions, without store or clock.
//!
//! An alias has a history: the versions that it pointed at, oldest first, the current one last. A promotion appends to
//! the history and a roll-back removes its last entry. Repeated roll-backs therefore go further back, and a promotion
//! after roll-backs continues from the version they reached.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sweetspot_core::ModelVersionAlias;

/// The maximum number of consecutive roll-backs of an alias.
pub(super) const MAX_ROLLBACK_STEPS: usize = 24;

/// The counters and aliases of a model.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ModelState {
    /// Incremented with each change.
    pub(super) revision: u64,
    /// The number of the newest version; versions are numbered from 1 without gaps.
    pub(super) versions: u64,
    /// The number of the newest entry of the promotion history; entries are numbered in the same way.
    pub(super) moves: u64,
    live: AliasHistory,
    candidate: AliasHistory,
    previous: AliasHistory,
    /// The thresholds of promotion checks that are set, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) thresholds: BTreeMap<String, f64>,
    /// The number of versions that were deleted.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) deleted: u64,
    /// The time of the first version. Missing if an earlier release published it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) created: Option<String>,
    /// The time of the last change. Missing if an earlier release made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) updated: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference to the field")]
const fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// An entry of the promotion history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AliasMove {
    /// The number of the entry.
    pub(super) number: u64,
    /// The alias that moved.
    pub(super) alias: ModelVersionAlias,
    /// The version that the alias pointed at before.
    pub(super) from_version: Option<u64>,
    /// The version that the alias points at now.
    pub(super) to_version: u64,
}

impl ModelState {
    /// Returns the version that an alias points at.
    pub(super) fn alias_target(&self, alias: ModelVersionAlias) -> Option<u64> {
        self.history(alias).current()
    }

    /// Returns the aliases that point at a version.
    pub(super) fn aliases(&self, version: u64) -> Vec<ModelVersionAlias> {
        ModelVersionAlias::ALL.into_iter().filter(|alias| self.alias_target(*alias) == Some(version)).collect()
    }

    /// Adds a version as the new candidate. Returns its number.
    pub(super) fn publish(&self) -> (Self, u64) {
        let mut next = self.clone();
        next.revision += 1;
        next.versions += 1;
        next.candidate.push(next.versions);
        let number = next.versions;
        (next, number)
    }

    /// Sets the time of the last change.
    pub(super) fn changed_at(self, now: Timestamp) -> Self {
        Self { updated: Some(now.to_string()), ..self }
    }

    /// The number of versions that exist.
    pub(super) const fn version_count(&self) -> u64 {
        self.versions.saturating_sub(self.deleted)
    }

    /// Deletes a version: removes it from the histories of the aliases. If it was the candidate, `newest` becomes the
    /// candidate: the newest of the other versions, if there is one.
    pub(super) fn delete(&self, version: u64, newest: Option<u64>) -> Self {
        let mut next = self.clone();
        next.revision += 1;
        next.deleted += 1;
        let was_candidate = self.alias_target(ModelVersionAlias::Candidate) == Some(version);
        for alias in ModelVersionAlias::ALL {
            next.history_mut(alias).remove(version);
        }
        if was_candidate {
            match newest {
                Some(newest) => next.candidate.push(newest),
                None => next.candidate = AliasHistory::default(),
            }
        }
        next
    }

    /// Moves an alias to a version.
    pub(super) fn promote(&self, alias: ModelVersionAlias, to: u64) -> (Self, AliasMove) {
        self.move_alias(alias, to, |history| history.push(to))
    }

    /// Adds an entry to the history without a change of the revision, so that etags remain valid.
    pub(super) fn with_history_entry(&self) -> Self {
        Self { moves: self.moves + 1, ..self.clone() }
    }

    /// Changes what is written on a version.
    pub(super) fn with_annotations(&self) -> Self {
        Self { revision: self.revision + 1, ..self.clone() }
    }

    /// Replaces the thresholds of the promotion checks.
    pub(super) fn with_thresholds(&self, thresholds: BTreeMap<String, f64>) -> Self {
        Self { revision: self.revision + 1, thresholds, ..self.clone() }
    }

    /// Rolls an alias back. Returns `None` if it has no earlier version.
    pub(super) fn roll_back(&self, alias: ModelVersionAlias) -> Option<(Self, AliasMove)> {
        let to = self.history(alias).previous()?;
        Some(self.move_alias(alias, to, AliasHistory::pop))
    }

    fn move_alias(&self, alias: ModelVersionAlias, to: u64, step: impl FnOnce(&mut AliasHistory)) -> (Self, AliasMove) {
        let from = self.alias_target(alias);
        let mut next = self.clone();
        next.revision += 1;
        next.moves += 1;
        step(next.history_mut(alias));
        if let (ModelVersionAlias::Live, Some(left)) = (alias, from.filter(|from| *from != to)) {
            next.previous.push(left);
        }
        let entry = AliasMove { number: next.moves, alias, from_version: from, to_version: to };
        (next, entry)
    }

    const fn history(&self, alias: ModelVersionAlias) -> &AliasHistory {
        match alias {
            ModelVersionAlias::Live => &self.live,
            ModelVersionAlias::Candidate => &self.candidate,
            ModelVersionAlias::Previous => &self.previous,
        }
    }

    const fn history_mut(&mut self, alias: ModelVersionAlias) -> &mut AliasHistory {
        match alias {
            ModelVersionAlias::Live => &mut self.live,
            ModelVersionAlias::Candidate => &mut self.candidate,
            ModelVersionAlias::Previous => &mut self.previous,
        }
    }
}

/// The versions that an alias pointed at; adjacent entries are different.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
struct AliasHistory(Vec<u64>);

impl AliasHistory {
    fn current(&self) -> Option<u64> {
        self.0.last().copied()
    }

    fn previous(&self) -> Option<u64> {
        self.0.iter().rev().nth(1).copied()
    }

    fn push(&mut self, version: u64) {
        if self.current() == Some(version) {
            return;
        }
        if self.0.len() > MAX_ROLLBACK_STEPS {
            self.0.remove(0);
        }
        self.0.push(version);
    }

    fn pop(&mut self) {
        self.0.pop();
    }

    /// Removes a version that was deleted; adjacent entries stay different.
    fn remove(&mut self, version: u64) {
        self.0.retain(|entry| *entry != version);
        self.0.dedup();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Copy, Debug)]
    enum Step {
        Publish,
        Promote(ModelVersionAlias, u64),
        RollBack(ModelVersionAlias),
    }

    fn step() -> impl Strategy<Value = Step> {
        let alias = prop::sample::select(&ModelVersionAlias::ALL[..]);
        prop_oneof![
            Just(Step::Publish),
            (alias.clone(), 1..5_u64).prop_map(|(alias, to)| Step::Promote(alias, to)),
            alias.prop_map(Step::RollBack),
        ]
    }

    /// A reference implementation that stores the full history of each alias.
    #[derive(Default)]
    struct Naive {
        versions: u64,
        history: Vec<AliasMove>,
        past: [Vec<u64>; 3],
    }

    impl Naive {
        fn history(&mut self, alias: ModelVersionAlias) -> &mut Vec<u64> {
            &mut self.past[ModelVersionAlias::ALL.iter().position(|other| *other == alias).unwrap()]
        }

        fn push(&mut self, alias: ModelVersionAlias, to: u64) {
            if self.history(alias).last() != Some(&to) {
                self.history(alias).push(to);
            }
        }

        fn record(&mut self, alias: ModelVersionAlias, from: Option<u64>, to: u64) {
            self.history.push(AliasMove {
                number: self.history.len() as u64 + 1,
                alias,
                from_version: from,
                to_version: to,
            });
            if let (ModelVersionAlias::Live, Some(left)) = (alias, from.filter(|from| *from != to)) {
                self.push(ModelVersionAlias::Previous, left);
            }
        }
    }

    fn apply(state: &ModelState, naive: &mut Naive, step: Step) -> Result<Option<ModelState>, TestCaseError> {
        match step {
            Step::Publish => {
                let (next, number) = state.publish();
                naive.versions += 1;
                prop_assert_eq!(number, naive.versions);
                naive.push(ModelVersionAlias::Candidate, number);
                Ok(Some(next))
            }
            Step::Promote(alias, to) => {
                let (next, entry) = state.promote(alias, to);
                let from = naive.history(alias).last().copied();
                naive.push(alias, to);
                naive.record(alias, from, to);
                prop_assert_eq!(Some(&entry), naive.history.last());
                Ok(Some(next))
            }
            Step::RollBack(alias) => {
                let past = naive.history(alias);
                if past.len() < 2 {
                    prop_assert_eq!(state.roll_back(alias), None);
                    return Ok(None);
                }
                let from = past.pop();
                let to = *past.last().unwrap();
                naive.record(alias, from, to);
                let (next, entry) = state.roll_back(alias).unwrap();
                prop_assert_eq!(Some(&entry), naive.history.last());
                Ok(Some(next))
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn aliases_match_their_full_history(steps in prop::collection::vec(step(), 0..=MAX_ROLLBACK_STEPS)) {
            let (mut state, mut naive) = (ModelState::default(), Naive::default());
            for step in steps {
                let revision = state.revision;
                if let Some(next) = apply(&state, &mut naive, step)? {
                    prop_assert_eq!(next.revision, revision + 1);
                    state = next;
                }
                prop_assert_eq!(state.moves, naive.history.len() as u64);
                for alias in ModelVersionAlias::ALL {
                    prop_assert_eq!(state.alias_target(alias), naive.history(alias).last().copied());
                }
                let kept = serde_json::to_vec(&state).unwrap();
                prop_assert_eq!(&serde_json::from_slice::<ModelState>(&kept).unwrap(), &state);
            }
        }
    }

    fn roll_back_all(state: &mut ModelState) -> Vec<u64> {
        std::iter::from_fn(|| {
            let (next, entry) = state.roll_back(ModelVersionAlias::Live)?;
            *state = next;
            Some(entry.to_version)
        })
        .collect()
    }

    #[test]
    fn rollbacks_go_back_step_by_step_instead_of_alternating() {
        let mut state = ModelState::default();
        for version in [1, 2, 2, 3] {
            state = state.promote(ModelVersionAlias::Live, version).0;
        }
        assert_eq!(roll_back_all(&mut state), [2, 1]);
        assert_eq!(
            (state.alias_target(ModelVersionAlias::Live), state.alias_target(ModelVersionAlias::Previous)),
            (Some(1), Some(2))
        );
        state = state.promote(ModelVersionAlias::Live, 4).0;
        assert_eq!(roll_back_all(&mut state), [1]);
        assert_eq!(state.moves, 8);
    }

    #[test]
    fn a_deleted_version_is_removed_from_every_alias_history() {
        let mut state = ModelState::default();
        for _ in 0..4 {
            state = state.publish().0;
        }
        for version in [1, 2, 1, 3] {
            state = state.promote(ModelVersionAlias::Live, version).0;
        }
        state = state.delete(2, Some(4));
        assert_eq!((state.version_count(), state.alias_target(ModelVersionAlias::Candidate)), (3, Some(4)));
        assert_eq!(roll_back_all(&mut state), [1]);
        state = state.delete(4, Some(3));
        assert_eq!(state.alias_target(ModelVersionAlias::Candidate), Some(3));
        assert_eq!(state.publish().1, 5, "numbers are never reused");
    }

    #[test]
    fn the_alias_history_is_bounded_and_its_row_stays_small() {
        let mut state = ModelState {
            revision: u64::MAX - 999,
            versions: u64::MAX - 999,
            moves: u64::MAX - 999,
            deleted: u64::MAX - 999,
            created: Some(Timestamp::MIN.to_string()),
            ..ModelState::default()
        }
        .changed_at(Timestamp::MAX);
        for version in 1_000_000..1_000_100 {
            for alias in ModelVersionAlias::ALL {
                state = state.promote(alias, version).0;
            }
        }
        assert!(serde_json::to_vec(&state).unwrap().len() < crate::store::MAX_ROW_BYTES / 2);
        assert_eq!(roll_back_all(&mut state).len(), MAX_ROLLBACK_STEPS);
    }

    #[test]
    fn unknown_fields_of_a_model_state_are_refused() {
        let kept = r#"{"revision":1,"versions":1,"moves":0,"live":[],"candidate":[1],"previous":[],"new":1}"#;
        assert!(serde_json::from_str::<ModelState>(kept).is_err());
    }
}
