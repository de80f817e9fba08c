//! Scores a list with one version, and keeps what was asked for: read, placed, scored and written one account at a time.

mod best;
mod columns;
mod excluded;
mod slow;

use std::collections::HashSet;

use foldhash::fast::RandomState;
use sweetspot_model::{Placed, Scorer};
use sweetspot_proto::v1;
use tokio_util::sync::CancellationToken;
use tonic::Status;

pub(super) use self::best::Best;
pub(super) use self::excluded::Excluded;
use super::convert::faults::{Faults, Ignored};
use super::convert::near_names::NearNames;
use super::convert::plan::{Plan, Reasons};
use super::convert::screen::Screen;
use super::limits::SCORED_ACCOUNTS;
use super::wire::answer::{self, Issues};
use super::wire::names::Names;
use super::wire::request::Form;
use super::wire::row;

/// Between so many accounts it is looked whether the caller is still there.
const BLOCK: usize = 64;

/// Most scores without reasons take so many bytes.
const SCORE_BYTES: usize = 136;

/// One score with a few reasons, and the summary behind it.
const SHORT_BYTES: usize = 512;

/// What a list came to.
#[derive(Debug)]
pub(super) struct Selection {
    /// Scores, then errors, as the fields that they are in the answer.
    pub(super) written: Vec<u8>,
    /// The counts, without the version.
    pub(super) summary: v1::ScoreSummary,
    /// What is wrong with the rows that cannot be scored.
    pub(super) faults: Faults,
}

/// Where scores and errors go in an answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Places {
    /// The number of the field of scores.
    pub(super) scores: u32,
    /// The number of the field of errors.
    pub(super) errors: u32,
    /// The field of the request that holds accounts one by one.
    pub(super) rows: &'static str,
    /// What leads to the fields of a table.
    pub(super) table: &'static str,
    /// Bytes that may be written.
    pub(super) most_bytes: usize,
}

/// What is wanted of a list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted<'p> {
    pub(super) scorer: &'p Scorer,
    pub(super) plan: &'p Plan,
    /// Ids that are left out besides those of the filter.
    pub(super) excluded: Option<&'p Excluded>,
    pub(super) places: Places,
}

/// A list under way.
struct Scoring<'p, 'b> {
    wanted: Wanted<'p>,
    screen: Screen<'p>,
    best: Option<&'b mut Best>,
    written: Vec<u8>,
    errors: Vec<v1::RowError>,
    faults: Faults,
    near_names: NearNames<'p>,
    summary: v1::ScoreSummary,
}

/// Scores a list. Stops early when nobody waits any more, or when the answer is too large to be sent. With `best`, nothing is
/// written but errors.
///
/// # Errors
/// Where a table is no table, or its form is wrong.
pub(super) fn select(
    wanted: Wanted<'_>,
    accounts: &Form,
    best: Option<&mut Best>,
    given_up: &CancellationToken,
) -> Result<Selection, Status> {
    let mut scoring = Scoring {
        wanted,
        screen: Screen::new(&wanted.plan.filter, wanted.scorer),
        best,
        written: Vec::with_capacity(SHORT_BYTES),
        errors: Vec::new(),
        faults: Faults::new(SCORED_ACCOUNTS),
        near_names: NearNames::new(wanted.scorer),
        summary: v1::ScoreSummary::default(),
    };
    match accounts {
        Form::Rows { .. } => scoring.rows(accounts, given_up),
        Form::Table(table) => scoring.table(table, given_up)?,
    }
    Ok(scoring.finish())
}

impl Scoring<'_, '_> {
    fn rows(&mut self, accounts: &Form, given_up: &CancellationToken) {
        let scorer = self.wanted.scorer;
        let mut placed = scorer.blank();
        let mut seen = HashSet::<&str, RandomState>::default();
        // A single account repeats nobody.
        let alone = accounts.rows().nth(1).is_none();
        let mut names = Names::new(scorer, alone);
        for (number, account) in accounts.rows().enumerate() {
            if self.is_over(number, given_up) {
                break;
            }
            if number > 0 {
                scorer.clear(&mut placed);
            }
            self.screen.clear();
            match row::read(account, &mut names, &mut placed, &mut self.screen) {
                Ok(id) if alone || seen.insert(id) => {
                    if self.rejects(&placed) {
                        self.odd(number, account, true);
                    } else {
                        self.judge(id, &placed, &[]);
                    }
                }
                Ok(_) => self.odd(number, account, false),
                Err(row::Odd) => {
                    let id = row::id(account);
                    self.odd(number, account, id.is_empty() || seen.insert(id));
                }
            }
        }
    }

    /// Whether the model or the filter reads an attribute.
    fn reads(&self, name: &str) -> bool {
        self.wanted.scorer.attribute(name).is_some() || self.screen.reads(name)
    }

    /// Whether an account is rejected for an attribute that nothing reads.
    fn rejects(&self, placed: &Placed<'_>) -> bool {
        self.wanted.plan.rejects_unknown && placed.unknown().iter().any(|name| !self.screen.reads(name))
    }

    /// Makes room for the scores of so many accounts.
    fn expect(&mut self, accounts: usize) {
        if self.best.is_none() {
            self.written.reserve(accounts * SCORE_BYTES);
        }
    }

    /// Whether to stop before this account.
    fn is_over(&self, number: usize, given_up: &CancellationToken) -> bool {
        let bytes = self.written.len() + self.best.as_ref().map_or(0, |best| best.bytes());
        number.is_multiple_of(BLOCK) && (given_up.is_cancelled() || bytes > self.wanted.places.most_bytes)
    }

    /// Scores a placed account, and writes it if it is wanted.
    fn judge(&mut self, id: &str, placed: &Placed<'_>, ignored: &[Ignored]) {
        let Wanted { scorer, plan: Plan { filter, reasons, .. }, excluded, places } = self.wanted;
        let admits = self.screen.admits();
        if !admits || filter.excludes(id) || excluded.is_some_and(|ids| ids.contains(id)) {
            self.summary.filtered_out += 1;
            return;
        }
        let fit = scorer.fit(placed);
        if !filter.passes(&fit, scorer) {
            self.summary.filtered_out += 1;
            return;
        }
        self.summary.scored += 1;
        let reasons = match reasons {
            Reasons::None => Vec::new(),
            Reasons::Largest(most) => scorer.largest_reasons(placed, *most),
            Reasons::All => scorer.reasons(placed),
        };
        let reasons = reasons.iter().map(|reason| reason.contribution(placed));
        let issues = Issues { notes: scorer.notes(placed), ignored, near_names: &mut self.near_names };
        let number = places.scores;
        match &mut self.best {
            Some(best) => {
                best.offer(fit.log_odds, |out| {
                    answer::fit_score(out, number, id, &fit, scorer, reasons, issues);
                });
            }
            None => answer::fit_score(&mut self.written, number, id, &fit, scorer, reasons, issues),
        }
    }

    fn finish(mut self) -> Selection {
        for error in &self.errors {
            answer::built(&mut self.written, self.wanted.places.errors, error);
        }
        let failed = self.errors.len() as u64;
        let received = self.summary.scored + self.summary.filtered_out + failed;
        let summary = v1::ScoreSummary { received, failed, warnings: self.screen.warnings(), ..self.summary };
        Selection { written: self.written, summary, faults: self.faults }
    }
}

#[cfg(test)]
mod one_meaning;
#[cfg(test)]
mod tests;
