//! No interleaving loses a wake-up of a connection.

use loom::model::Builder;
use sweetspot_interleavings::{
    WakeUp, event_during_a_call, event_during_more_batches_than_one_poll_runs, response_of_a_waiting_call,
};

#[test]
fn an_event_during_a_call_is_seen_if_its_source_has_the_waker_of_the_last_poll() {
    loom::model(|| event_during_a_call(WakeUp::OfLastPoll));
}

#[test]
fn an_event_during_a_call_is_seen_if_its_source_has_the_waker_of_the_first_poll() {
    loom::model(|| event_during_a_call(WakeUp::OfFirstPoll));
}

#[test]
fn the_response_of_a_waiting_call_is_seen() {
    loom::model(response_of_a_waiting_call);
}

#[test]
fn an_event_during_more_batches_than_one_poll_runs_is_seen() {
    // Every interleaving with at most two preemptions: all of them would take minutes.
    let mut model = Builder::new();
    model.preemption_bound = Some(2);
    model.check(event_during_more_batches_than_one_poll_runs);
}
