//! The layers around every call of any method: request ids, logs, metrics, panics, deadlines, admission.

mod admission;
mod call;
mod call_log;
mod call_trace;
mod catch_panic;
mod content_type;
mod deadline;
mod delivery;
mod error_details;
mod line_limit;
mod method_properties;
mod queue_delay;
mod request_body;
mod request_id;
mod response_body;
mod shedding;
mod trace_context;

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::{Body as HttpBody, Bytes};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::StdError;
use tonic::codegen::http::{HeaderMap, HeaderValue, Request, Response};
use tower::{Layer, Service};

use self::admission::{Admission, BufferLease, ByteBudget, CapacityExceeded};
use self::call::CallGuard;
use self::call_log::CallLog;
use self::deadline::CallDeadline;
pub use self::delivery::Delivery;
use self::method_properties::{CallClass, MethodProperties, MethodTable};
use self::queue_delay::OverloadDetector;
use self::shedding::LoadShedder;
use crate::access::{Authorizer, Call, Caller, Peer, WorkspaceCounts};
use crate::api::status::{FOREIGN_NAME, refusal_status, status_with_reason};
use crate::config::Settings;
use crate::telemetry::{CallUsage, Metrics, Tracer};

/// A pending response. Infallible: every failure is a response with a status.
pub type Reply = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

/// The layers of one server. Clones share their limits.
#[derive(Clone, Debug)]
pub struct Layers(Arc<LayersState>);

/// The state that all calls share.
#[derive(Debug)]
struct LayersState {
    methods: MethodTable,
    authorizer: Authorizer,
    workspace_calls: WorkspaceCounts,
    admission: Admission,
    budget: Arc<ByteBudget>,
    overload_detector: OverloadDetector,
    shedder: LoadShedder,
    log: Arc<CallLog>,
    /// `None` if no call is traced.
    tracer: Option<Tracer>,
    max_request_bytes: usize,
    body_timeout: Duration,
    /// Canceled when running calls must end.
    abort: CancellationToken,
}

impl Layers {
    /// Creates the layers with these limits. Canceling `cut` ends all running calls at once.
    #[must_use]
    pub(crate) fn new(
        settings: &Settings,
        authorizer: Authorizer,
        (metrics, tracer): (&Metrics, Option<&Tracer>),
        cut: CancellationToken,
    ) -> Self {
        let Settings { server, workspace, log, .. } = settings;
        Self(Arc::new(LayersState {
            methods: MethodTable::new(metrics),
            authorizer,
            workspace_calls: WorkspaceCounts::new(workspace.max_concurrent_calls),
            admission: Admission::new(server.max_concurrent_calls),
            budget: Arc::new(ByteBudget::new(server.max_buffered_size.as_usize())),
            overload_detector: OverloadDetector::new(server.max_queue_delay),
            shedder: LoadShedder::new(metrics.clone()),
            log: Arc::new(CallLog::new(log.access_sample)),
            tracer: tracer.cloned(),
            max_request_bytes: server.max_request_size.as_usize(),
            body_timeout: server.body_timeout,
            abort: cut,
        }))
    }

    /// How long there has been no permit for a short call at every check. Called every second or so.
    #[must_use]
    pub fn check_capacity(&self) -> Duration {
        self.0.admission.check()
    }

    /// The permits for calls, and the memory of their requests.
    #[must_use]
    pub fn usage(&self) -> CallUsage {
        let [short, long] = self.0.admission.usage();
        CallUsage { short, long, buffered_bytes: self.0.budget.usage() }
    }
}

impl<S> Layer<S> for Layers {
    type Service = LayeredService<S>;

    fn layer(&self, inner: S) -> LayeredService<S> {
        LayeredService { shared: Arc::clone(&self.0), inner }
    }
}

/// A service with the layers around it.
#[derive(Clone, Debug)]
pub struct LayeredService<S> {
    shared: Arc<LayersState>,
    inner: S,
}

impl<S> LayeredService<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future: Send> + Clone + Send + 'static,
{
    /// Handles a call. The layers are applied in order, outermost first, in one allocation, since every call passes
    /// here.
    pub(crate) fn handle<B>(&self, request: Request<B>, peer: &Peer) -> Reply
    where
        B: HttpBody<Data = Bytes, Error: Into<StdError>> + Send + Unpin + 'static,
    {
        let (shared, inner) = (Arc::clone(&self.shared), self.inner.clone());
        let method = shared.methods.get(request.uri().path());
        // The deadline starts at the arrival: all waiting below is part of a call's time.
        let limit = CallDeadline::new(request.headers(), method.class);
        // First, so that everything below, including the log, can name the call.
        let id = request_id::from_headers(request.headers());
        // Observes every end of a call: responses, panics, deadlines, refusals, and disconnected callers.
        let lease = BufferLease::empty(Arc::clone(&shared.budget));
        let (current, denied) = shared.find_caller(&request, peer, method, id.as_ref());
        let parts = (limit.arrived, lease, current);
        let log = (&shared.log, shared.tracer.as_ref());
        let mut call = CallGuard::begin(request.uri().path(), request.headers(), id, method, parts, log);
        // At the arrival, not at the start: calls in the queue count as well.
        let admitted = shared.admission.try_acquire(method.class).map(|place| call.permit = place);
        let admitted = admitted.and_then(|()| shared.count_for_workspace(&mut call));
        let method = Arc::clone(method);
        // Next to the handlers, which read it.
        let request = request_body::meter(request, &method, Arc::clone(&call.lease), Arc::clone(&shared));
        Box::pin(async move {
            let response = {
                let mut answer = pin!(shared.respond(inner, request, (method.class, denied), limit, admitted));
                poll_fn(|cx| call.run(|| answer.as_mut().poll(cx))).await
            };
            let outcome = shared.outcome_to_record(&call, response.headers());
            if let Some((code, reason)) = outcome.filter(|_| !call.is_streaming(&response)) {
                call.current.record_end(code, &reason).await;
            }
            Ok(response_body::monitor(with_request_id(response, &call), call, limit, Arc::clone(&shared)))
        })
    }
}

impl LayersState {
    async fn respond<S>(
        &self,
        mut inner: S,
        request: Request<Body>,
        (class, denied): (CallClass, Option<Status>),
        deadline: CallDeadline,
        admitted: Result<(), CapacityExceeded>,
    ) -> Response<Body>
    where
        S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
    {
        let now = Instant::now();
        // The cheapest checks come first. A probe is answered even if the server is full.
        let is_overloaded = self.overload_detector.is_overloaded(deadline.arrived, now);
        if admitted.is_err() || is_overloaded && class != CallClass::Probe {
            return self.shedder.reject();
        }
        // A call whose caller no longer waits is not started.
        if let Some(refusal) = deadline.expired(now) {
            return refusal_status(refusal).into_http();
        }
        if let Some(denied) = denied {
            return denied.into_http();
        }
        if !content_type::is_grpc(request.headers()) {
            return content_type::refusal();
        }
        let mut reply = pin!(async move {
            let Ok(()) = poll_fn(|cx| inner.poll_ready(cx)).await;
            inner.call(request).await
        });
        // Panics are caught within the deadline, so that a late one still becomes a response.
        match deadline.run(catch_panic::catch_panics(reply.as_mut()), &self.abort).await {
            // Gives the errors of the gRPC library the same details as ours.
            Ok(response) => error_details::add_reason(response),
            Err(refusal) => refusal_status(refusal).into_http(),
        }
    }

    /// Counts a call for the workspace of its caller, if the caller has only one.
    fn count_for_workspace(&self, call: &mut CallGuard) -> Result<(), CapacityExceeded> {
        if let Some(workspace) = call.current.caller().workspace() {
            call.workspace_permit = Some(self.workspace_calls.try_acquire(workspace).ok_or(CapacityExceeded)?);
        }
        Ok(())
    }

    /// Finds the caller, and why it may not call the method, if so.
    fn find_caller<B>(
        &self,
        request: &Request<B>,
        peer: &Peer,
        method: &MethodProperties,
        id: Option<&HeaderValue>,
    ) -> (Call, Option<Status>) {
        let (path, id) = (request.uri().path(), id.and_then(|id| id.to_str().ok()).unwrap_or_default());
        match self.authorizer.authorize(path, method.access, request.headers()) {
            Ok(caller) => {
                if caller != Caller::Anonymous {
                    peer.set_known();
                }
                let call = Call::new(caller, peer.address(), method.is_change || method.access.is_audited());
                let call = match self.authorizer.audit() {
                    Some(audit) if method.access.is_audited() => call.audited(audit.clone(), path, id),
                    Some(_) | None => call,
                };
                (call, None)
            }
            Err((caller, error)) => {
                let status = status_with_reason(error.code(), &error.to_string(), error.reason());
                (Call::new(caller, peer.address(), false), Some(status))
            }
        }
    }

    /// Returns how a call ended, if the audit log records it. Records a refusal.
    fn outcome_to_record(&self, call: &CallGuard, headers: &HeaderMap) -> Option<(&'static str, String)> {
        self.authorizer.audit()?;
        let (code, reason) = error_details::call_outcome(headers);
        // Handlers refuse what only some requests may do, and names of other workspaces.
        if ["UNAUTHENTICATED", "PERMISSION_DENIED"].contains(&code) || reason == FOREIGN_NAME {
            let id = call.id.as_ref().and_then(|id| id.to_str().ok()).unwrap_or_default();
            self.authorizer.record_denial(&call.current, call.path(), &reason, id);
        }
        call.current.is_audited().then_some((code, reason))
    }
}

fn with_request_id(mut response: Response<Body>, call: &CallGuard) -> Response<Body> {
    if let Some(id) = &call.id {
        response.headers_mut().insert(request_id::HEADER, id.clone());
    }
    response
}

impl<S, B> Service<Request<B>> for LayeredService<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future: Send> + Clone + Send + 'static,
    B: HttpBody<Data = Bytes, Error: Into<StdError>> + Send + Unpin + 'static,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Reply;

    /// Always ready: there is no queue in front of the layers.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Reply {
        match request.extensions().get::<Arc<Peer>>().cloned() {
            Some(peer) => self.handle(request, &peer),
            None => self.handle(request, &Peer::default()),
        }
    }
}

#[cfg(test)]
mod tests;
