//! Bounds the calls under way over all connections, and turns further ones away at once instead of letting them queue.

use std::sync::Arc;

use tokio::sync::Semaphore;
use tonic::body::Body;
use tonic::codegen::http::Request;

use super::method::Class;
use super::step::{Reply, Step};
use crate::api::status::{Refusal, refuse};

/// The step.
#[derive(Clone, Debug)]
pub struct Admission {
    short: Arc<Semaphore>,
    /// Calls that wait by their nature have places of their own: they must not keep scores out.
    long: Arc<Semaphore>,
}

impl Admission {
    /// Room for `calls` short calls, and a quarter of that for long ones.
    pub(super) fn new(calls: usize) -> Self {
        let room = |calls: usize| Arc::new(Semaphore::new(calls.clamp(1, Semaphore::MAX_PERMITS)));
        Self { short: room(calls), long: room(calls / 4) }
    }
}

impl Step for Admission {
    fn around(&self, request: Request<Body>, next: impl FnOnce(Request<Body>) -> Reply) -> Reply {
        let room = match Class::of(&request) {
            Class::Probe => return next(request),
            Class::Long => &self.long,
            Class::Score | Class::Explain | Class::Control => &self.short,
        };
        let Ok(place) = Arc::clone(room).try_acquire_owned() else {
            return Box::pin(async { Ok(refuse(Refusal::Overloaded).into_http()) });
        };
        let reply = next(request);
        Box::pin(async move {
            let response = reply.await;
            drop(place);
            response
        })
    }
}
