//! One account of the list, with everything that is told of it.

use sweetspot_core::{Account, Contribution, Fit, Tier};
use sweetspot_model::{NextStep, Placed, Reason, Scorer, Search, WorthLearning};

use super::Prepared;
use super::list::Wanted;
use crate::Evidence;

/// Most values that are told to be shared with a look-alike.
const MOST_SHARED: usize = 3;

/// A customer that an account is like.
#[derive(Clone, Debug, PartialEq)]
pub struct LookAlike {
    /// The customer's id.
    pub id: String,
    /// What it is called; its id where no name is known.
    pub name: String,
    /// Whether it is ideal; nothing where its outcome does not say.
    pub ideal: Option<bool>,
    /// How far away it is: the distance of the contributions, in log-odds.
    pub distance: f64,
    /// The values that both have, those that move the fit most first, each as `attribute: value`.
    pub shares: Vec<String>,
}

/// One account of the list.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// Its place in the whole list, from 1.
    pub rank: usize,
    /// Its id.
    pub id: String,
    /// Its fit.
    pub fit: Fit,
    /// The ids of the gates that hold for it, in the model's order.
    pub gates: Vec<String>,
    /// The id of its segment; nothing where it is in none.
    pub segment: Option<String>,
    /// Its tier, by the tiering asked for.
    pub tier: Tier,
    /// Its largest reasons, largest first.
    pub reasons: Vec<Contribution<'static>>,
    /// Every part of its score, in the model's order; none where it is not among those of whom that is told.
    pub contributions: Vec<Contribution<'static>>,
    /// The customers that it is most like, nearest first.
    pub look_alikes: Vec<LookAlike>,
    /// The smallest change that would lift it to the next better tier; nothing where it is out of reach, or there is none.
    pub next_step: Option<NextStep>,
    /// The missing attribute that is most worth learning; nothing where none is missing that would change anything.
    pub worth_learning: Option<WorthLearning>,
    /// The next better tier, and its least probability; nothing for the best, and where tiers do not follow the probability.
    pub goal: Option<(Tier, f64)>,
}

/// What targets are made of.
pub(super) struct Maker<'a> {
    pub(super) evidence: &'a Evidence,
    pub(super) scorer: &'a Scorer,
    pub(super) prepared: &'a Prepared,
    pub(super) search: Search<'a>,
    pub(super) wanted: &'a Wanted,
}

/// An account with its place on the list.
#[derive(Clone, Copy)]
pub(super) struct Ranked<'a> {
    pub(super) account: &'a Account,
    pub(super) fit: Fit,
    pub(super) rank: usize,
    pub(super) tier: Tier,
    pub(super) goal: Option<(Tier, f64)>,
}

impl Maker<'_> {
    /// Everything that is told of an account.
    pub(super) fn target(&self, ranked: Ranked<'_>) -> Target {
        let Ranked { account, fit, rank, tier, goal } = ranked;
        let (scorer, steps) = (self.scorer, &self.prepared.steps);
        let placed = scorer.placed(account);
        let least = goal.map(|(_, least)| least);
        let told = |reasons: &[Reason<'_>]| {
            reasons.iter().map(|reason| reason.contribution(&placed).into_owned()).collect::<Vec<_>>()
        };
        Target {
            rank,
            id: account.id.clone(),
            fit,
            gates: scorer.gate_ids(fit.gates).map(str::to_owned).collect(),
            segment: fit.segment.and_then(|segment| scorer.segment_id(segment)).map(str::to_owned),
            tier,
            reasons: told(&scorer.largest_reasons(&placed, self.wanted.reasons)),
            contributions: if rank <= self.wanted.explained { told(&scorer.reasons(&placed)) } else { Vec::new() },
            look_alikes: self.look_alikes(&account.id, &placed),
            next_step: least
                .and_then(|least| scorer.next_step(steps, account, &placed, least, &self.wanted.changeable)),
            worth_learning: scorer.worth_learning(steps, &placed, &fit, least),
            goal,
        }
    }

    fn look_alikes(&self, id: &str, placed: &Placed<'_>) -> Vec<LookAlike> {
        let ids = self.evidence.accounts().ids();
        let alike = self.search.nearest(&self.scorer.point(placed), |row| ids.get(row) == Some(id));
        let told = alike.into_iter().map(|one| {
            let other = self.scorer.placed_row(self.evidence.accounts(), one.row);
            let shared = self.scorer.shared(placed, &other, MOST_SHARED);
            let share = |reason: &Reason<'_>| {
                let Contribution { attribute, value_label, .. } = reason.contribution(placed);
                format!("{attribute}: {value_label}")
            };
            LookAlike {
                id: ids.get(one.row).unwrap_or_default().to_owned(),
                name: self.evidence.name(one.row).to_owned(),
                ideal: self.evidence.ideal(one.row),
                distance: one.distance,
                shares: shared.iter().map(share).collect(),
            }
        });
        told.collect()
    }
}
