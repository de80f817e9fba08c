//! A span around every call and one line at its end. Never an attribute's value, never an account's id.

use std::time::Instant;

use tonic::Code;
use tonic::body::Body;
use tonic::codegen::http::{Request, Response};
use tracing::{Instrument as _, info, info_span};

use super::request_id::Id;
use super::step::{Reply, Step};

/// The step.
#[derive(Clone, Copy, Debug)]
pub struct Trace;

impl Step for Trace {
    fn around(&self, request: Request<Body>, next: impl FnOnce(Request<Body>) -> Reply) -> Reply {
        let id = request.extensions().get::<Id>().map_or("", |id| id.0.as_str());
        let span = info_span!("call", rpc.method = request.uri().path(), request.id = id);
        let begin = Instant::now();
        let reply = span.in_scope(|| next(request));
        let call = async move {
            let response = reply.await?;
            info!(code = ?code(&response), latency_ms = begin.elapsed().as_secs_f64() * 1e3, "answered");
            Ok(response)
        };
        Box::pin(call.instrument(span))
    }
}

/// The code in the headers. An answer that has none yet is a good one so far.
fn code(response: &Response<Body>) -> Code {
    response.headers().get("grpc-status").map_or(Code::Ok, |value| Code::from_bytes(value.as_bytes()))
}
