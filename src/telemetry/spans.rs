//! Spans of traces, from their begin to the queue of those that wait to be exported. Most calls have none.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use metrics::Counter;
use sweetspot_store::clock::{Clock as _, SystemClock};
use tokio::sync::mpsc;
use uuid::Uuid;

/// The maximum number of spans that wait to be exported. With more, new ones are dropped and counted.
const MAX_WAITING_SPANS: usize = 2048;

/// The id of a trace, displayed as 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TraceId(pub u128);

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The span of a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RemoteSpan {
    /// Its trace.
    pub trace_id: TraceId,
    /// Its id.
    pub span_id: u64,
    /// Whether the caller records it.
    pub is_sampled: bool,
}

/// The role of a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpanKind {
    /// A call that this server answers.
    Server,
    /// Work without a call.
    Internal,
}

/// The value of an attribute of a span.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SpanValue {
    /// A text.
    Text(String),
    /// A number.
    Number(i64),
}

/// What is known of a span once it has ended.
#[derive(Clone, Debug)]
pub struct SpanEnd {
    /// What was done.
    pub name: String,
    /// Its role.
    pub kind: SpanKind,
    /// When it began.
    pub start: Timestamp,
    /// How long it took.
    pub duration: Duration,
    /// Whether it failed through no fault of its caller.
    pub is_error: bool,
    /// More about it.
    pub attributes: Vec<(&'static str, SpanValue)>,
}

/// A span that has ended.
#[derive(Clone, Debug)]
pub struct Span {
    /// Its trace.
    pub trace_id: TraceId,
    /// Its id.
    pub id: u64,
    /// The span that it is a part of.
    pub parent_id: Option<u64>,
    /// What it was.
    pub end: SpanEnd,
}

/// The spans that wait to be exported.
pub type SpanQueue = mpsc::Receiver<Span>;

/// Decides which calls are traced, and collects their spans. Clones share the queue.
#[derive(Clone, Debug)]
pub struct Tracer(Arc<TracerState>);

#[derive(Debug)]
struct TracerState {
    /// One call in this number is traced if its caller does not decide it; `None`: none.
    sample: Option<u64>,
    /// The number of calls that could be in the sample.
    calls: AtomicU64,
    queue: mpsc::Sender<Span>,
    dropped: Counter,
}

impl Tracer {
    /// Creates a tracer that counts the spans that find no place in the queue as `dropped`.
    #[must_use]
    pub fn new(sample: Option<u64>, dropped: Counter) -> (Self, SpanQueue) {
        let (queue, spans) = mpsc::channel(MAX_WAITING_SPANS);
        (Self(Arc::new(TracerState { sample, calls: AtomicU64::new(0), queue, dropped })), spans)
    }

    /// Begins the span of a call, if the call is traced: its caller decides that, or else the sample.
    #[must_use]
    pub fn begin(&self, caller: Option<RemoteSpan>) -> Option<OpenSpan> {
        let Some(caller) = caller else {
            let is_in_sample = |size| self.0.calls.fetch_add(1, Ordering::Relaxed).is_multiple_of(size);
            return self.0.sample.is_some_and(is_in_sample).then(|| self.begin_trace());
        };
        let RemoteSpan { trace_id, span_id, is_sampled } = caller;
        is_sampled.then(|| self.open(trace_id, Some(span_id)))
    }

    /// Begins a span with a trace of its own.
    #[must_use]
    pub fn begin_trace(&self) -> OpenSpan {
        self.open(TraceId(Uuid::new_v4().as_u128()), None)
    }

    fn open(&self, trace_id: TraceId, parent_id: Option<u64>) -> OpenSpan {
        // The lower half has two constant bits, so that it is not zero.
        let (_, id) = Uuid::new_v4().as_u64_pair();
        OpenSpan { tracer: self.clone(), trace_id, id, parent_id }
    }
}

/// A span that has not ended. If it is dropped, it is not exported.
#[derive(Debug)]
pub struct OpenSpan {
    tracer: Tracer,
    /// Its trace.
    pub trace_id: TraceId,
    id: u64,
    parent_id: Option<u64>,
}

impl OpenSpan {
    /// Begins a part of this span.
    #[must_use]
    pub fn begin_part(&self) -> Self {
        self.tracer.open(self.trace_id, Some(self.id))
    }

    /// Ends the span. Never waits: without a place in the queue, the span is dropped and counted.
    pub fn end(self, end: SpanEnd) {
        let Self { tracer, trace_id, id, parent_id } = self;
        if tracer.0.queue.try_send(Span { trace_id, id, parent_id, end }).is_err() {
            tracer.0.dropped.increment(1);
        }
    }
}

/// When something began that has taken this time until now.
#[must_use]
pub fn started_before(duration: Duration) -> Timestamp {
    let now = SystemClock.now();
    now.checked_sub(duration).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end() -> SpanEnd {
        SpanEnd {
            name: "work".to_owned(),
            kind: SpanKind::Internal,
            start: Timestamp::UNIX_EPOCH,
            duration: Duration::from_millis(1),
            is_error: false,
            attributes: Vec::new(),
        }
    }

    #[test]
    fn callers_decide_and_others_are_sampled() {
        let (tracer, mut queue) = Tracer::new(Some(3), Counter::noop());
        let caller = |is_sampled| RemoteSpan { trace_id: TraceId(5), span_id: 7, is_sampled };
        assert!(tracer.begin(Some(caller(false))).is_none());
        let of_caller = tracer.begin(Some(caller(true))).unwrap();
        let part = of_caller.begin_part();
        part.end(end());
        of_caller.end(end());
        let (part, whole) = (queue.try_recv().unwrap(), queue.try_recv().unwrap());
        assert_eq!((part.trace_id, part.parent_id), (TraceId(5), Some(whole.id)));
        assert_eq!((whole.trace_id, whole.parent_id), (TraceId(5), Some(7)));
        assert_ne!(part.id, whole.id);
        let sampled = (0..9).filter_map(|_| tracer.begin(None)).collect::<Vec<_>>();
        assert_eq!(sampled.len(), 3);
        assert!(sampled.iter().all(|span| span.parent_id.is_none()));
        assert_ne!(sampled[0].trace_id, sampled[1].trace_id);
        let (tracer, _queue) = Tracer::new(None, Counter::noop());
        assert!(tracer.begin(None).is_none());
        assert!(tracer.begin(Some(caller(true))).is_some());
    }

    #[test]
    fn spans_beyond_the_queue_are_counted_and_dropped() {
        let metrics = crate::telemetry::Metrics::default();
        let (tracer, mut queue) = Tracer::new(None, metrics.otlp_dropped().traces);
        for _ in 0..MAX_WAITING_SPANS + 3 {
            tracer.begin_trace().end(end());
        }
        let text = metrics.render();
        assert!(text.contains("sweetspot_otlp_dropped_total{signal=\"traces\"} 3\n"), "{text}");
        let waiting = std::iter::from_fn(|| queue.try_recv().ok()).count();
        assert_eq!(waiting, MAX_WAITING_SPANS);
    }

    #[test]
    fn the_id_of_a_trace_has_32_digits() {
        assert_eq!(TraceId(0xab).to_string(), format!("{}ab", "0".repeat(30)));
    }
}
