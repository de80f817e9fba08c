//! Counts and traces the training runs of a server when they end.

use std::time::Duration;

use sweetspot_store::jobs::{EndedRun, Jobs, RunState};

use crate::telemetry::{Metrics, OpenSpan, SpanEnd, SpanKind, SpanValue, Tracer, TrainingEnd, started_before};

/// Counts the runs that end from now on, and traces those that had started.
pub(super) fn observe(jobs: &Jobs, metrics: &Metrics, tracer: Option<&Tracer>) {
    let (metrics, tracer) = (metrics.clone(), tracer.cloned());
    jobs.observe_ends(move |run| {
        let Some(result) = result_of(run.state) else { return };
        metrics.record_training(result, run.duration.map(|duration| duration.as_secs_f64()));
        if let (Some(tracer), Some(duration)) = (&tracer, run.duration) {
            trace(tracer.begin_trace(), run, result, duration);
        }
    });
}

fn result_of(state: &RunState) -> Option<TrainingEnd> {
    match state {
        RunState::Succeeded { .. } => Some(TrainingEnd::Succeeded),
        RunState::Failed { reason, .. } if reason == "INTERRUPTED" => Some(TrainingEnd::Interrupted),
        RunState::Failed { .. } => Some(TrainingEnd::Failed),
        RunState::Cancelled => Some(TrainingEnd::Canceled),
        // Not the states of a run that has ended.
        RunState::Queued | RunState::Running { .. } => None,
    }
}

/// Ends the span of a run, with a part for each stage.
fn trace(span: OpenSpan, run: &EndedRun<'_>, result: TrainingEnd, duration: Duration) {
    let start = started_before(duration);
    let ended = |name: &str, offset: Duration, duration, is_error, attributes| SpanEnd {
        name: name.to_owned(),
        kind: SpanKind::Internal,
        start: start.checked_add(offset).unwrap_or(start),
        duration,
        is_error,
        attributes,
    };
    let ends = run.stages.iter().skip(1).map(|(_, offset)| *offset).chain([duration]);
    for ((stage, begin), end) in run.stages.iter().zip(ends) {
        span.begin_part().end(ended(stage, *begin, end.saturating_sub(*begin), false, Vec::new()));
    }
    let mut attributes = vec![("training.result", SpanValue::Text(result.as_str().to_owned()))];
    if let RunState::Failed { reason, .. } = run.state {
        attributes.push(("training.reason", SpanValue::Text(reason.clone())));
    }
    let is_error = !matches!(result, TrainingEnd::Succeeded | TrainingEnd::Canceled);
    span.end(ended("training run", Duration::ZERO, duration, is_error, attributes));
}
