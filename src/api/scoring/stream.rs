//! A list of any length: chunk after chunk, answered in their order, few of them in memory at a time.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures_util::stream::{BoxStream, StreamExt as _, unfold};
use sweetspot_proto::v1::ScoreSummary;
use sweetspot_store::registry::Loaded;
use tokio::sync::OwnedSemaphorePermit;
use tonic::{Response, Status, Streaming};

use super::chunks::{Chunks, Numbered};
use super::{Counted, Scoring, check};
use crate::api::answer::check_size;
use crate::api::convert::plan::{Plan, stream_plan};
use crate::api::limits::{ANSWER_BYTES, BEST_BYTES};
use crate::api::problems::Problems;
use crate::api::selection::{Best, Places, Selection, Wanted, select};
use crate::api::status::{Refusal, refuse, status};
use crate::api::wire::answer::{integer, summary};

/// Chunks that are scored at a time: one, while the next one arrives.
const CHUNKS_UNDER_WAY: usize = 2;
/// The fields of a `StreamScoresResponse`.
const SEQUENCE: u32 = 1;
const SCORES: u32 = 2;
const ERRORS: u32 = 3;
const RUNNING: u32 = 4;

/// What every chunk of a stream is scored with.
#[derive(Debug)]
struct Pinned {
    loaded: Arc<Loaded>,
    plan: Plan,
    /// The best so far, where only those are wanted.
    best: Option<Mutex<Best>>,
}

/// The answers of a stream, one after the other.
struct Answers {
    pinned: Arc<Pinned>,
    scored: BoxStream<'static, Result<(u64, Selection), Status>>,
    running: ScoreSummary,
    last: u64,
    most_out: usize,
    /// Held as long as the stream is.
    _place: OwnedSemaphorePermit,
}

impl Scoring {
    /// Begins a stream: reads its configuration and pins the version.
    pub(super) async fn open(
        self,
        messages: Streaming<Bytes>,
    ) -> Result<Response<BoxStream<'static, Result<Bytes, Status>>>, Status> {
        let place = Arc::clone(&self.streams).try_acquire_owned().map_err(|_| refuse(Refusal::Overloaded))?;
        let mut chunks =
            Chunks::new(messages, self.readiness.draining(), Arc::clone(&self.excluded), self.work.clone());
        let config = chunks.config().await?;
        let mut problems = Problems::default();
        let plan = stream_plan(config, &mut problems);
        let plan = problems.check(plan).map_err(|fault| status(&fault))?;
        let loaded = self.pin(&plan.version).await?;
        check(&plan, &loaded)?;
        let best = plan.top.map(|top| Mutex::new(Best::new(top)));
        // Only in their order, one after the other, do chunks leave the same best behind every time.
        let under_way = if best.is_some() { 1 } else { CHUNKS_UNDER_WAY };
        let running = ScoreSummary { resolved_version: loaded.resource.clone(), ..ScoreSummary::default() };
        let (pinned, most_out) = (Arc::new(Pinned { loaded, plan, best }), self.most_out);
        let shared = Arc::clone(&pinned);
        let chunk = move |chunk| self.clone().chunk(Arc::clone(&shared), chunk);
        let scored = chunks.into_stream().map(chunk).buffered(under_way).boxed();
        let answers = Answers { pinned, scored, running, last: 0, most_out, _place: place };
        Ok(Response::new(answers.into_stream()))
    }

    /// Scores one chunk.
    async fn chunk(self, pinned: Arc<Pinned>, chunk: Result<Numbered, Status>) -> Result<(u64, Selection), Status> {
        let Numbered { sequence, accounts: Counted { accounts, count: _ }, excluded } = chunk?;
        let most_bytes = if pinned.best.is_some() { BEST_BYTES } else { self.most_out };
        let places = Places { scores: SCORES, errors: ERRORS, rows: "chunk.rows", table: "chunk.table.", most_bytes };
        // A chunk waits for its turn: streams are bounded, and to send one away would end it.
        let scoring = move |given_up: &_| {
            let Pinned { loaded, plan, best } = &*pinned;
            let wanted = Wanted { scorer: &loaded.scorer, plan, excluded: Some(&excluded), places };
            let mut best = best.as_ref().map(|best| best.lock().unwrap_or_else(PoisonError::into_inner));
            let selection = select(wanted, &accounts, best.as_deref_mut(), given_up)?;
            let kept = best.map_or(0, |best| best.bytes());
            check_size(selection.written.len() + kept, most_bytes).map(|()| selection)
        };
        Ok((sequence, self.work.compute(scoring).await??))
    }
}

impl Answers {
    /// An answer for each chunk; then, where only the best are wanted, those.
    fn into_stream(self) -> BoxStream<'static, Result<Bytes, Status>> {
        let chunks = unfold(Some(self), |answers| async {
            let mut answers = answers?;
            match answers.scored.next().await {
                Some(Ok(scored)) => Some((Ok(vec![answers.answer(scored)]), Some(answers))),
                Some(Err(status)) => Some((Err(status), None)),
                None => Some((Ok(answers.best()), None)),
            }
        });
        // A stream that fails ends with its status.
        let flat = chunks.flat_map(|messages| match messages {
            Ok(messages) => futures_util::stream::iter(messages.into_iter().map(Ok)).boxed(),
            Err(status) => futures_util::stream::iter([Err(status)]).boxed(),
        });
        flat.boxed()
    }

    fn answer(&mut self, (sequence, selection): (u64, Selection)) -> Bytes {
        let Selection { written, summary, faults: _ } = selection;
        let ScoreSummary { resolved_version: _, received, scored, filtered_out, failed, warnings } = summary;
        // What one chunk has is known from then on.
        if self.running.received == 0 {
            self.running.warnings = warnings;
        } else {
            self.running.warnings.retain(|warning| warnings.contains(warning));
        }
        self.running.received += received;
        self.running.scored += scored;
        self.running.filtered_out += filtered_out;
        self.running.failed += failed;
        self.last = sequence;
        self.message(written)
    }

    /// The best, in messages of moderate size.
    fn best(&self) -> Vec<Bytes> {
        let Some(best) = &self.pinned.best else { return Vec::new() };
        let best = std::mem::replace(&mut *best.lock().unwrap_or_else(PoisonError::into_inner), Best::new(0));
        let (mut messages, mut scores) = (Vec::new(), Vec::new());
        for score in best.into_written() {
            if !scores.is_empty() && scores.len() + score.len() > ANSWER_BYTES.min(self.most_out) {
                messages.push(self.message(std::mem::take(&mut scores)));
            }
            scores.extend_from_slice(&score);
        }
        messages.push(self.message(scores));
        messages
    }

    fn message(&self, mut written: Vec<u8>) -> Bytes {
        integer(&mut written, SEQUENCE, self.last);
        summary(&mut written, RUNNING, &self.running);
        written.into()
    }
}
