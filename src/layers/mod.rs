//! What happens around every call, whatever the method: naming, logging, panics, deadlines, admission.

mod admission;
mod body;
mod deadline;
mod details;
mod method;
mod panics;
mod request_id;
mod step;
mod trace;

use tokio_util::sync::CancellationToken;
use tower::ServiceBuilder;
use tower::layer::util::{Identity, Stack};

use self::step::Around;

/// The layers of one server.
pub type Layers = Stack<
    Around<body::WatchBody>,
    Stack<
        Around<admission::Admission>,
        Stack<
            Around<deadline::Deadline>,
            Stack<
                Around<details::Details>,
                Stack<
                    Around<panics::CatchPanics>,
                    Stack<Around<trace::Trace>, Stack<Around<request_id::RequestId>, Identity>>,
                >,
            >,
        >,
    >,
>;

/// Every layer in its order, outermost first. `calls` bounds the calls under way over all connections; once `cut` is
/// cancelled, calls under way end at once.
#[must_use]
pub fn layers(calls: usize, cut: CancellationToken) -> Layers {
    ServiceBuilder::new()
        // First, so that everything below, the log included, can name the call.
        .layer(Around(request_id::RequestId))
        // Sees every end of a call: answers, panics, deadlines, refusals.
        .layer(Around(trace::Trace))
        // Around everything that may panic; below the trace, so that a panic is logged as an answer.
        .layer(Around(panics::CatchPanics))
        // Gives refusals of the gRPC library the same details as ours.
        .layer(Around(details::Details))
        // Waiting for admission is part of a call's time.
        .layer(Around(deadline::Deadline { cut }))
        // What is refused above costs no place here.
        .layer(Around(admission::Admission::new(calls)))
        // Next to the handlers, which ask it.
        .layer(Around(body::WatchBody))
        .into_inner()
}

#[cfg(test)]
mod tests;
