//! The movement of accounts between tiers, and its causes.

use std::collections::BTreeMap;

use sweetspot_core::{Account, AccountTable, ContributionKind, Tier};
use sweetspot_solver::probability;

use crate::Scorer;
use crate::scorer::EncodedAccount;

/// Two versions that score the same accounts.
#[derive(Clone, Copy, Debug)]
pub struct ScorerPair<'a> {
    /// The champion.
    pub champion: &'a Scorer,
    /// The challenger.
    pub challenger: &'a Scorer,
    /// The minimum probabilities of the challenger's tiers A, B and C; the champion's cuts if tiers are to be
    /// preserved.
    pub challenger_cuts: [f64; 3],
}

/// The accounts that both versions score.
#[derive(Clone, Copy, Debug)]
pub enum Accounts<'a> {
    /// A table.
    Table(&'a AccountTable),
    /// Individual accounts.
    Rows(&'a [Account]),
}

/// The tiers of the accounts in both versions, and the accounts whose scores change most.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TierMoves {
    /// The number of accounts by the champion's tier and the challenger's tier, A first.
    pub matrix: [[u64; 4]; 4],
    /// The accounts whose log-odds change most, the largest change first.
    pub movers: Vec<RescoredAccount>,
}

/// An account whose score changes, in both versions.
#[derive(Clone, Debug, PartialEq)]
pub struct RescoredAccount {
    /// The account's id.
    pub account_id: String,
    /// The score in the champion.
    pub champion: VersionScore,
    /// The score in the challenger.
    pub challenger: VersionScore,
    /// The contributions that differ, the largest change first. Together with the change of the base they add up to the
    /// change of the log-odds.
    pub changes: Vec<ContributionChange>,
}

/// The score of an account in one version.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VersionScore {
    /// The log-odds.
    pub log_odds: f64,
    /// The tier.
    pub tier: Tier,
}

/// The contribution of one attribute, interaction or hypothesis, or of the base, in both versions, in log-odds.
#[derive(Clone, Debug, PartialEq)]
pub struct ContributionChange {
    /// The name; empty for the base.
    pub attribute: String,
    /// The label of the value in the challenger, or in the champion if the challenger has none.
    pub value_label: String,
    /// The contribution in the champion; 0 if the champion does not have it.
    pub champion: f64,
    /// The contribution in the challenger; 0 if the challenger does not have it.
    pub challenger: f64,
}

impl ContributionChange {
    fn change(&self) -> f64 {
        self.challenger - self.champion
    }
}

impl Accounts<'_> {
    /// The number of accounts.
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

    /// Encodes one account for `scorer`; `None` if `index` is out of range.
    fn encode_account<'p>(&'p self, scorer: &Scorer, index: usize) -> Option<EncodedAccount<'p>> {
        match self {
            Self::Table(table) => (index < table.rows()).then(|| scorer.encode_row(table, index)),
            Self::Rows(rows) => rows.get(index).map(|account| scorer.encode_account(account)),
        }
    }
}

impl ScorerPair<'_> {
    /// Scores the accounts with both versions. `movers` is the maximum number of [`TierMoves::movers`].
    #[must_use]
    pub fn tier_moves(&self, accounts: Accounts<'_>, movers: usize) -> TierMoves {
        let mut matrix = [[0; 4]; 4];
        let mut changes: Vec<(f64, usize)> = Vec::with_capacity(accounts.count());
        for index in 0..accounts.count() {
            let Some((before, since)) = self.version_scores(accounts, index) else { continue };
            let row = matrix.get_mut(tier_index(before.tier)).and_then(|row| row.get_mut(tier_index(since.tier)));
            if let Some(count) = row {
                *count += 1;
            }
            changes.push(((since.log_odds - before.log_odds).abs(), index));
        }
        changes.sort_by(|(a, first), (b, second)| b.total_cmp(a).then(first.cmp(second)));
        let largest = changes.iter().take(movers).filter(|(change, _)| *change > 0.0);
        TierMoves { matrix, movers: largest.filter_map(|(_, index)| self.mover(accounts, *index)).collect() }
    }

    fn version_scores(&self, accounts: Accounts<'_>, index: usize) -> Option<(VersionScore, VersionScore)> {
        let before = self.champion.fit(&accounts.encode_account(self.champion, index)?);
        let since = self.challenger.fit(&accounts.encode_account(self.challenger, index)?).log_odds;
        let reached = self.challenger_cuts.iter().zip(Tier::ALL).find(|(cut, _)| probability(since) >= **cut);
        let tier = reached.map_or(Tier::D, |(_, tier)| tier);
        Some((VersionScore { log_odds: before.log_odds, tier: before.tier }, VersionScore { log_odds: since, tier }))
    }

    fn mover(&self, accounts: Accounts<'_>, index: usize) -> Option<RescoredAccount> {
        let (champion, challenger) = self.version_scores(accounts, index)?;
        let mut parts: BTreeMap<ContributionKey, ContributionChange> = BTreeMap::new();
        for (scorer, is_challenger) in [(self.champion, false), (self.challenger, true)] {
            let encoded_account = accounts.encode_account(scorer, index)?;
            let base = (ContributionKey::default(), String::new(), scorer.fit(&encoded_account).base_log_odds);
            let reasons: Vec<(ContributionKey, String, f64)> = scorer
                .reasons(&encoded_account)
                .iter()
                .map(|reason| reason.contribution(&encoded_account))
                .map(|contribution| {
                    (
                        ContributionKey::new(contribution.kind, &contribution.attribute, &contribution.value_label),
                        contribution.value_label.into_owned(),
                        contribution.log_odds,
                    )
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
        Some(RescoredAccount { account_id: accounts.id(index).to_owned(), champion, challenger, changes })
    }
}

/// The key that matches contributions of two versions: the name of an attribute or interaction, regardless of bins; for
/// a hypothesis also its label, because several may be about one attribute.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct ContributionKey {
    attribute: String,
    label: String,
}

impl ContributionKey {
    fn new(kind: ContributionKind, attribute: &str, label: &str) -> Self {
        let label = if kind == ContributionKind::Hypothesis { label.to_owned() } else { String::new() };
        Self { attribute: attribute.to_owned(), label }
    }
}

fn tier_index(tier: Tier) -> usize {
    match tier {
        Tier::A => 0,
        Tier::B => 1,
        Tier::C => 2,
        Tier::D => 3,
    }
}
