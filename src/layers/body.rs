//! Watches request bodies, so that a handler can tell a broken stream from a complete one.

use tonic::body::Body;
use tonic::codegen::http::Request;

use super::step::{Reply, Step};
use crate::api::status::broken::watch;

/// The step.
#[derive(Clone, Copy, Debug)]
pub struct WatchBody;

impl Step for WatchBody {
    fn around(&self, request: Request<Body>, next: impl FnOnce(Request<Body>) -> Reply) -> Reply {
        next(watch(request))
    }
}
