//! Scores a list of any length in chunks. Responses keep the order of the chunks, and only a few are in memory at a
//! time.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures_util::stream::{BoxStream, StreamExt as _, unfold};
use sweetspot_core::InWorkspace as _;
use sweetspot_core::reportable_error::ErrorKind;
use sweetspot_proto::v1::ScoreSummary;
use sweetspot_store::registry::LoadedVersion;
use tokio::sync::OwnedSemaphorePermit;
use tonic::{Response, Status, Streaming};

use super::chunks::{ChunkReader, NumberedChunk};
use super::message_split::split_fields;
use super::{CountedAccounts, ScoringApi, check_plan, check_reason_scope};
use crate::access::WorkspacePermit;
use crate::api::convert::score_plan::{ScorePlan, parse_stream_plan};
use crate::api::limits::{MAX_TOP_K_BYTES, MAX_TOP_K_MESSAGE_BYTES};
use crate::api::list_scoring::{FieldLayout, ListScores, ListScoringRequest, TopK, score_list};
use crate::api::response::{check_size, content_budget};
use crate::api::status::{Refusal, refusal_status, status_with_kind};
use crate::api::violations::Violations;
use crate::api::wire::field_numbers::stream_scores_response;
use crate::api::wire::score_writer::{write_integer, write_summary};
use crate::telemetry::GaugeGuard;

/// Number of concurrent chunks: one is scored while the next one arrives.
const MAX_CHUNKS_IN_FLIGHT: usize = 2;

/// What all chunks of a stream share.
#[derive(Debug)]
struct StreamContext {
    loaded: Arc<LoadedVersion>,
    plan: ScorePlan,
    /// The best accounts so far, if only those are requested.
    top_k: Option<Mutex<TopK>>,
}

/// Scores of a chunk, or of the first part of it that fills a response.
struct ChunkPart {
    sequence: u64,
    scores: ListScores,
    /// The chunk, if a part of it is left.
    rest: Option<UnscoredChunk>,
}

/// A chunk whose accounts before `first_account` are scored.
struct UnscoredChunk {
    chunk: NumberedChunk,
    first_account: usize,
}

/// The responses of a stream.
struct StreamResponses {
    api: ScoringApi,
    context: Arc<StreamContext>,
    scored: BoxStream<'static, Result<ChunkPart, Status>>,
    /// The rest of the last chunk, which is scored before the next one.
    rest: Option<UnscoredChunk>,
    running_summary: ScoreSummary,
    last_sequence: u64,
    /// Held for the lifetime of the stream.
    _permits: (OwnedSemaphorePermit, WorkspacePermit),
    _counted: GaugeGuard,
}

/// The error for a workspace with the maximum number of streams.
fn too_many_streams() -> Status {
    let text = "the workspace has as many score streams as it may: wait until one of them ends";
    status_with_kind(ErrorKind::Unavailable, text, "WORKSPACE_OVERLOADED")
}

impl ScoringApi {
    /// Starts a stream: reads its configuration and resolves the version.
    pub(super) async fn open_stream(
        self,
        messages: Streaming<Bytes>,
    ) -> Result<Response<BoxStream<'static, Result<Bytes, Status>>>, Status> {
        let place =
            Arc::clone(&self.stream_permits).try_acquire_owned().map_err(|_| refusal_status(Refusal::Overloaded))?;
        let counted = self.metrics.open_score_stream();
        let mut chunks = ChunkReader::new(
            messages,
            self.readiness.draining(),
            Arc::clone(&self.excluded_id_permits),
            self.pool.clone(),
        );
        let config = chunks.read_config().await?;
        let mut problems = Violations::default();
        let plan = parse_stream_plan(config, &mut problems);
        let plan = problems.finish(plan)?;
        check_reason_scope(&plan)?;
        let own_place = self.workspace_streams.try_acquire(plan.version.workspace()).ok_or_else(too_many_streams)?;
        let loaded = self.resolve_version(&plan.version).await?;
        check_plan(&plan, &loaded)?;
        let best = plan.top_k.map(|top| Mutex::new(TopK::new(top)));
        // Chunks are scored one at a time and in order, so that the best accounts are deterministic.
        let max_in_flight = if best.is_some() { 1 } else { MAX_CHUNKS_IN_FLIGHT };
        let running = ScoreSummary { resolved_version: loaded.resource.clone(), ..ScoreSummary::default() };
        let pinned = Arc::new(StreamContext { loaded, plan, top_k: best });
        let (api, shared) = (self.clone(), Arc::clone(&pinned));
        let chunk = move |chunk: Result<_, Status>| {
            let (api, context) = (self.clone(), Arc::clone(&shared));
            async move { api.score_chunk(context, UnscoredChunk { chunk: chunk?, first_account: 0 }).await }
        };
        let scored = chunks.into_stream().map(chunk).buffered(max_in_flight).boxed();
        let answers = StreamResponses {
            api,
            context: pinned,
            scored,
            rest: None,
            running_summary: running,
            last_sequence: 0,
            _permits: (place, own_place),
            _counted: counted,
        };
        Ok(Response::new(answers.into_stream()))
    }

    /// Scores the rest of a chunk until it fills a response.
    async fn score_chunk(self, pinned: Arc<StreamContext>, unscored: UnscoredChunk) -> Result<ChunkPart, Status> {
        let UnscoredChunk { chunk, first_account } = unscored;
        let sequence = chunk.sequence;
        let max_bytes = if pinned.top_k.is_some() { MAX_TOP_K_BYTES } else { self.max_response_bytes };
        let places = FieldLayout {
            scores_field: stream_scores_response::SCORES,
            errors_field: stream_scores_response::ERRORS,
            rows_path: "chunk.rows",
            table_path: "chunk.table.",
            max_bytes,
        };
        // A chunk waits for its turn. The number of streams is limited, and rejecting a chunk would end its stream.
        let scoring = move |cancellation: &_| {
            let StreamContext { loaded, plan, top_k: best } = &*pinned;
            let NumberedChunk { accounts: CountedAccounts { accounts, .. }, excluded, .. } = &chunk;
            let request = ListScoringRequest {
                scorer: &loaded.scorer,
                plan,
                excluded: Some(excluded),
                first_account,
                layout: places,
            };
            let mut best = best.as_ref().map(|best| best.lock().unwrap_or_else(PoisonError::into_inner));
            let scores = score_list(request, accounts, best.as_deref_mut(), cancellation)?;
            if let Some(best) = best {
                check_size(scores.encoded.len() + best.bytes(), max_bytes)?;
            }
            Ok::<_, Status>((chunk, scores))
        };
        let (chunk, scores) = self.pool.compute(scoring).await??;
        self.metrics.record_scores(&scores.tally);
        let rest = scores.next_account.map(|first_account| UnscoredChunk { chunk, first_account });
        Ok(ChunkPart { sequence, scores, rest })
    }
}

impl StreamResponses {
    /// Returns the responses to each chunk, followed by the best accounts if only those are requested.
    fn into_stream(self) -> BoxStream<'static, Result<Bytes, Status>> {
        let chunks = unfold(Some(self), |answers| async {
            let mut answers = answers?;
            match answers.next_part().await {
                Some(Ok(part)) => match answers.part_messages(part) {
                    Ok(messages) => Some((Ok(messages), Some(answers))),
                    Err(status) => Some((Err(status), None)),
                },
                Some(Err(status)) => Some((Err(status), None)),
                None => Some((Ok(answers.top_k_messages()), None)),
            }
        });
        // An error ends the stream with its status.
        let flat = chunks.flat_map(|messages| match messages {
            Ok(messages) => futures_util::stream::iter(messages.into_iter().map(Ok)).boxed(),
            Err(status) => futures_util::stream::iter([Err(status)]).boxed(),
        });
        flat.boxed()
    }

    /// Scores the rest of the last chunk, or else waits for the next one.
    async fn next_part(&mut self) -> Option<Result<ChunkPart, Status>> {
        match self.rest.take() {
            Some(rest) => Some(self.api.clone().score_chunk(Arc::clone(&self.context), rest).await),
            None => self.scored.next().await,
        }
    }

    /// Returns the messages with the scores of a part, at least one.
    fn part_messages(&mut self, part: ChunkPart) -> Result<Vec<Bytes>, Status> {
        let ChunkPart { sequence, scores, rest } = part;
        let ListScores { encoded, summary, faults: _, tally: _, next_account: _ } = scores;
        let ScoreSummary { resolved_version: _, received, scored, filtered_out, failed, warnings } = summary;
        // A name that one chunk has counts as known from then on.
        if self.running_summary.received == 0 {
            self.running_summary.warnings = warnings;
        } else {
            self.running_summary.warnings.retain(|warning| warnings.contains(warning));
        }
        self.running_summary.received += received;
        self.running_summary.scored += scored;
        self.running_summary.filtered_out += filtered_out;
        self.running_summary.failed += failed;
        self.last_sequence = sequence;
        self.rest = rest;
        let parts = split_fields(encoded, content_budget(self.api.max_response_bytes))?;
        let last = parts.len() - 1;
        let build = |(number, part)| self.build_message(part, number < last || self.rest.is_some());
        Ok(parts.into_iter().enumerate().map(build).collect())
    }

    /// Splits the best accounts into messages of limited size.
    fn top_k_messages(&self) -> Vec<Bytes> {
        let Some(best) = &self.context.top_k else { return Vec::new() };
        let best = std::mem::replace(&mut *best.lock().unwrap_or_else(PoisonError::into_inner), TopK::new(0));
        let (mut messages, mut scores) = (Vec::new(), Vec::new());
        for score in best.into_encoded() {
            if !scores.is_empty()
                && scores.len() + score.len() > MAX_TOP_K_MESSAGE_BYTES.min(self.api.max_response_bytes)
            {
                messages.push(self.build_message(std::mem::take(&mut scores), false));
            }
            scores.extend_from_slice(&score);
        }
        messages.push(self.build_message(scores, false));
        messages
    }

    fn build_message(&self, mut written: Vec<u8>, continues: bool) -> Bytes {
        write_integer(&mut written, stream_scores_response::SEQUENCE, self.last_sequence);
        write_summary(&mut written, stream_scores_response::RUNNING, &self.running_summary);
        write_integer(&mut written, stream_scores_response::CONTINUES, continues.into());
        written.into()
    }
}
