//! What happens around every call, whatever the method: naming, logging, counting, panics, deadlines, admission.

mod admission;
mod call;
mod deadline;
mod details;
mod method;
mod panics;
mod queueing;
mod request_body;
mod request_id;
mod response_body;
mod shedding;

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::{Body as HttpBody, Bytes};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tonic::body::Body;
use tonic::codegen::StdError;
use tonic::codegen::http::{Request, Response};
use tower::{Layer, Service};

use self::admission::{Admission, Budget, Full, Held};
use self::call::Call;
use self::deadline::Limit;
use self::method::{Class, Methods};
use self::queueing::Queue;
use self::shedding::Shedding;
use crate::api::status::refuse;
use crate::config::ServerSettings;
use crate::telemetry::Metrics;

/// The answer to come. Infallible: every failure is an answer with a status.
pub type Reply = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

/// The layers of one server. Clones share their limits.
#[derive(Clone, Debug)]
pub struct Layers(Arc<Shared>);

/// What all calls share.
#[derive(Debug)]
struct Shared {
    methods: Methods,
    admission: Admission,
    budget: Arc<Budget>,
    queue: Queue,
    shedding: Shedding,
    most_in: usize,
    body_timeout: Duration,
    /// Cancelled when the server waits no longer.
    cut: CancellationToken,
}

impl Layers {
    /// The layers with these limits. Once `cut` is cancelled, calls under way end at once.
    #[must_use]
    pub fn new(settings: &ServerSettings, metrics: &Metrics, cut: CancellationToken) -> Self {
        Self(Arc::new(Shared {
            methods: Methods::new(metrics),
            admission: Admission::new(settings.max_concurrent_calls),
            budget: Arc::new(Budget::new(settings.max_buffered_bytes)),
            queue: Queue::new(Duration::from_millis(settings.max_queue_ms)),
            shedding: Shedding::new(metrics.clone()),
            most_in: settings.max_request_bytes,
            body_timeout: Duration::from_secs(settings.body_timeout_seconds),
            cut,
        }))
    }
}

impl<S> Layer<S> for Layers {
    type Service = Calls<S>;

    fn layer(&self, inner: S) -> Calls<S> {
        Calls { shared: Arc::clone(&self.0), inner }
    }
}

/// A service with the layers around it.
#[derive(Clone, Debug)]
pub struct Calls<S> {
    shared: Arc<Shared>,
    inner: S,
}

impl<S> Calls<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future: Send> + Clone + Send + 'static,
{
    /// Takes a call. Every layer in its order, outermost first; one allocation holds all of them, since every call passes here.
    pub fn handle<B>(&self, request: Request<B>) -> Reply
    where
        B: HttpBody<Data = Bytes, Error: Into<StdError>> + Send + Unpin + 'static,
    {
        let (shared, inner) = (Arc::clone(&self.shared), self.inner.clone());
        let method = shared.methods.of(request.uri().path());
        // The clock runs from the arrival: waiting for anything below is part of a call's time.
        let limit = Limit::new(request.headers(), method.class);
        // First, so that everything below, the log included, can name the call.
        let id = request_id::of(request.headers());
        // Sees every end of a call: answers, panics, deadlines, refusals, and callers who hang up.
        let held = Held::none(Arc::clone(&shared.budget));
        let mut call = Call::begin(request.uri().path(), id, method, limit.arrived, held);
        // At the arrival, not when its turn comes: calls that wait for their turn count as well.
        let admitted = shared.admission.place(method.class).map(|place| call.place = place);
        // Next to the handlers, which ask it.
        let class = method.class;
        let request = request_body::watched(request, method, Arc::clone(&call.held), Arc::clone(&shared));
        Box::pin(async move {
            let response = {
                let mut answer = pin!(shared.answer(inner, request, class, limit, admitted));
                poll_fn(|cx| call.span.in_scope(|| answer.as_mut().poll(cx))).await
            };
            Ok(response_body::watched(named(response, &call), call, limit, Arc::clone(&shared)))
        })
    }
}

impl Shared {
    async fn answer<S>(
        &self,
        mut inner: S,
        request: Request<Body>,
        class: Class,
        limit: Limit,
        admitted: Result<(), Full>,
    ) -> Response<Body>
    where
        S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
    {
        let now = Instant::now();
        // The cheapest ends come first. A probe is answered also when the server is full.
        if admitted.is_err() || self.queue.too_long(limit.arrived, now) && class != Class::Probe {
            return self.shedding.answer();
        }
        // Nothing is begun that nobody waits for any more.
        if let Some(refusal) = limit.over(now) {
            return refuse(refusal).into_http();
        }
        let mut reply = pin!(async move {
            let Ok(()) = poll_fn(|cx| inner.poll_ready(cx)).await;
            inner.call(request).await
        });
        // Panics are caught within the deadline, so that one that comes late is still an answer.
        match limit.within(panics::caught(reply.as_mut()), &self.cut).await {
            // Gives refusals of the gRPC library the same details as ours, which have theirs.
            Ok(response) => details::told(response),
            Err(refusal) => refuse(refusal).into_http(),
        }
    }
}

fn named(mut response: Response<Body>, call: &Call) -> Response<Body> {
    if let Some(id) = &call.id {
        response.headers_mut().insert(request_id::HEADER, id.clone());
    }
    response
}

impl<S, B> Service<Request<B>> for Calls<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future: Send> + Clone + Send + 'static,
    B: HttpBody<Data = Bytes, Error: Into<StdError>> + Send + Unpin + 'static,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Reply;

    /// Always: there is no queue in front of the layers.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Reply {
        self.handle(request)
    }
}

#[cfg(test)]
mod tests;
