//! Who moves from one tier to another, and what moves them.

use std::collections::BTreeMap;

use sweetspot_core::{Account, AccountTable, ContributionKind, Tier};
use sweetspot_solver::probability;

use crate::Scorer;
use crate::scorer::Placed;

/// Two versions that score the same accounts.
#[derive(Clone, Copy, Debug)]
pub struct ScorerPair<'a> {
    /// The champion.
    pub champion: &'a Scorer,
    /// The challenger.
    pub challenger: &'a Scorer,
    /// Where the challenger's tiers A, B and C begin; the champion's own cuts where tiers are to be kept.
    pub challenger_cuts: [f64; 3],
}

/// Accounts that both versions score.
#[derive(Clone, Copy, Debug)]
pub enum Accounts<'a> {
    /// A table.
    Table(&'a AccountTable),
    /// Single ones.
    Rows(&'a [Account]),
}

/// How accounts move from the champion to the challenger.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TierMoves {
    /// Accounts by the champion's tier, A first, and the challenger's.
    pub matrix: [[u64; 4]; 4],
    /// The accounts whose log-odds change most, the most changed first.
    pub movers: Vec<Mover>,
}

/// One account in both versions.
#[derive(Clone, Debug, PartialEq)]
pub struct Mover {
    /// Its id.
    pub account_id: String,
    /// In the champion.
    pub champion: Standing,
    /// In the challenger.
    pub challenger: Standing,
    /// What moves it: contributions that differ, the largest change first. With the change of the base they add up to that of
    /// the log-odds.
    pub changes: Vec<ContributionChange>,
}

/// How an account stands in one version.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standing {
    /// Its log-odds.
    pub log_odds: f64,
    /// Its tier.
    pub tier: Tier,
}

/// What one attribute, pair or hypothesis, or the base, adds to an account in both versions, in log-odds.
#[derive(Clone, Debug, PartialEq)]
pub struct ContributionChange {
    /// Its name; empty: the base.
    pub attribute: String,
    /// The value as a person reads it, in the challenger, or else in the champion.
    pub value_label: String,
    /// What it adds in the champion; 0 where the champion does not have it.
    pub champion: f64,
    /// What it adds in the challenger; 0 where the challenger does not have it.
    pub challenger: f64,
}

impl ContributionChange {
    fn change(&self) -> f64 {
        self.challenger - self.champion
    }
}

impl Accounts<'_> {
    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        match self {
            Self::Table(table) => table.rows(),
            Self::Rows(rows) => rows.len(),
        }
    }

    fn id(&self, index: usize) -> &str {
        match self {
            Self::Table(table) => table.ids().get(index).unwrap_or_default(),
            Self::Rows(rows) => rows.get(index).map_or("", |account| account.id.as_str()),
        }
    }

    /// One of them, ready to be scored by `scorer`; nothing beyond the last.
    fn placed<'p>(&'p self, scorer: &Scorer, index: usize) -> Option<Placed<'p>> {
        match self {
            Self::Table(table) => (index < table.rows()).then(|| scorer.placed_row(table, index)),
            Self::Rows(rows) => rows.get(index).map(|account| scorer.placed(account)),
        }
    }
}

impl ScorerPair<'_> {
    /// Scores the accounts with both versions. `movers` is how many of those that move most are told.
    #[must_use]
    pub fn tier_moves(&self, accounts: Accounts<'_>, movers: usize) -> TierMoves {
        let mut matrix = [[0; 4]; 4];
        let mut changes: Vec<(f64, usize)> = Vec::with_capacity(accounts.count());
        for index in 0..accounts.count() {
            let Some((before, since)) = self.standings(accounts, index) else { continue };
            let row = matrix.get_mut(place(before.tier)).and_then(|row| row.get_mut(place(since.tier)));
            if let Some(count) = row {
                *count += 1;
            }
            changes.push(((since.log_odds - before.log_odds).abs(), index));
        }
        changes.sort_by(|(a, first), (b, second)| b.total_cmp(a).then(first.cmp(second)));
        let told = changes.iter().take(movers).filter(|(change, _)| *change > 0.0);
        TierMoves { matrix, movers: told.filter_map(|(_, index)| self.mover(accounts, *index)).collect() }
    }

    fn standings(&self, accounts: Accounts<'_>, index: usize) -> Option<(Standing, Standing)> {
        let before = self.champion.fit(&accounts.placed(self.champion, index)?);
        let since = self.challenger.fit(&accounts.placed(self.challenger, index)?).log_odds;
        let reached = self.challenger_cuts.iter().zip(Tier::ALL).find(|(cut, _)| probability(since) >= **cut);
        let tier = reached.map_or(Tier::D, |(_, tier)| tier);
        Some((Standing { log_odds: before.log_odds, tier: before.tier }, Standing { log_odds: since, tier }))
    }

    fn mover(&self, accounts: Accounts<'_>, index: usize) -> Option<Mover> {
        let (champion, challenger) = self.standings(accounts, index)?;
        let mut parts: BTreeMap<Key, ContributionChange> = BTreeMap::new();
        for (scorer, is_challenger) in [(self.champion, false), (self.challenger, true)] {
            let placed = accounts.placed(scorer, index)?;
            let base = (Key::default(), String::new(), scorer.fit(&placed).base_log_odds);
            let reasons: Vec<(Key, String, f64)> = scorer
                .reasons(&placed)
                .iter()
                .map(|reason| reason.contribution(&placed))
                .map(|one| {
                    (Key::new(one.kind, &one.attribute, &one.value_label), one.value_label.into_owned(), one.log_odds)
                })
                .collect();
            for (key, value_label, log_odds) in std::iter::once(base).chain(reasons) {
                let part = parts.entry(key.clone()).or_insert_with(|| ContributionChange {
                    attribute: key.attribute,
                    value_label: value_label.clone(),
                    champion: 0.0,
                    challenger: 0.0,
                });
                part.value_label = value_label;
                *(if is_challenger { &mut part.challenger } else { &mut part.champion }) += log_odds;
            }
        }
        let mut changes: Vec<_> = parts.into_values().filter(|part| part.change() != 0.0).collect();
        changes.sort_by(|a, b| b.change().abs().total_cmp(&a.change().abs()));
        Some(Mover { account_id: accounts.id(index).to_owned(), champion, challenger, changes })
    }
}

/// What is the same contribution in two versions: an attribute or pair by its name, whatever bins its values fall into; a
/// hypothesis by its label as well, for several may be about one attribute.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    attribute: String,
    label: String,
}

impl Key {
    fn new(kind: ContributionKind, attribute: &str, label: &str) -> Self {
        let label = if kind == ContributionKind::Hypothesis { label.to_owned() } else { String::new() };
        Self { attribute: attribute.to_owned(), label }
    }
}

fn place(tier: Tier) -> usize {
    match tier {
        Tier::A => 0,
        Tier::B => 1,
        Tier::C => 2,
        Tier::D => 3,
    }
}
