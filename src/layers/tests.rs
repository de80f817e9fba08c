//! The layers around calls that answer, panic, or never end.

use std::convert::Infallible;
use std::future::pending;
use std::task::Waker;

use hyper::body::Frame;
use tonic::body::Body;
use tonic::codegen::http::{Request, Response};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;
use tower::{ServiceExt as _, service_fn};

use super::*;
use crate::config::ServerSettings;

const SCORE: &str = "/sweetspot.v1.ScoringService/ScoreAccounts";
const HEALTH: &str = "/grpc.health.v1.Health/Watch";
const WAIT: &str = "/sweetspot.v1.ModelService/WaitTrainingRun";

fn call(method: &str) -> Request<Body> {
    Request::builder().uri(method).header("content-type", "application/grpc").body(Body::empty()).unwrap()
}

/// A response body that has started and never continues.
struct Endless;

impl HttpBody for Endless {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        Poll::Pending
    }
}

/// Answers at once, except to a wait, which never ends, and to a method that panics.
fn stack(
    calls: usize,
    abort: CancellationToken,
) -> impl Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future = Reply> + Clone + use<> {
    stack_with(&ServerSettings { max_concurrent_calls: calls, ..ServerSettings::default() }, &Metrics::default(), abort)
}

fn stack_with(
    settings: &ServerSettings,
    metrics: &Metrics,
    abort: CancellationToken,
) -> impl Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future = Reply> + Clone + use<> {
    let settings = Settings { server: settings.clone(), ..Settings::default() };
    Layers::new(&settings, Authorizer::Open, (metrics, None), abort).layer(service_fn(
        |request: Request<Body>| async move {
            match request.uri().path() {
                WAIT => pending().await,
                "/panic" => panic!("a test asked for this panic"),
                HEALTH => Ok(Response::new(Body::new(Endless))),
                "/plain" => Ok(Response::new(Body::new("an answer without trailers".to_owned()))),
                "/bare" => Ok::<_, Infallible>(Status::out_of_range("too large").into_http()),
                _ => Ok(Response::new(Body::empty())),
            }
        },
    ))
}

async fn respond(request: Request<Body>) -> Response<Body> {
    stack(4, CancellationToken::new()).oneshot(request).await.unwrap()
}

fn status_and_reason(response: &Response<Body>) -> (Code, String) {
    let status = Status::from_header_map(response.headers()).unwrap();
    (status.code(), status.get_details_error_info().unwrap().reason)
}

#[tokio::test]
async fn a_good_call_passes_with_its_id() {
    let mut request = call(SCORE);
    request.headers_mut().insert("x-request-id", "abc".parse().unwrap());
    let response = respond(request).await;
    assert_eq!(response.headers()["x-request-id"], "abc");
    assert!(Status::from_header_map(response.headers()).is_none());
}

#[tokio::test]
async fn a_panic_is_an_answer() {
    let response = respond(call("/panic")).await;
    assert_eq!(status_and_reason(&response), (Code::Internal, "INTERNAL".into()));
    assert_eq!(response.headers()["x-request-id"].len(), 36);
}

#[tokio::test]
async fn an_error_of_tonic_gets_a_reason() {
    assert_eq!(status_and_reason(&respond(call("/bare")).await), (Code::ResourceExhausted, "MESSAGE_TOO_LARGE".into()));
}

#[tokio::test]
async fn a_call_out_of_time_ends() {
    let mut request = call(WAIT);
    request.headers_mut().insert("grpc-timeout", "1n".parse().unwrap());
    assert_eq!(status_and_reason(&respond(request).await), (Code::DeadlineExceeded, "DEADLINE_EXCEEDED".into()));
}

#[tokio::test]
async fn waiting_calls_are_cut_off_when_the_server_aborts() {
    let cut = CancellationToken::new();
    let reply = tokio::spawn(stack(4, cut.clone()).oneshot(call(WAIT)));
    cut.cancel();
    assert_eq!(status_and_reason(&reply.await.unwrap().unwrap()), (Code::Unavailable, "DRAINING".into()));
}

#[tokio::test]
async fn a_full_server_rejects_calls_but_not_probes() {
    let mut stack = stack(1, CancellationToken::new());
    // Admitted when called, before it is polled.
    let waiting = stack.call(call(WAIT));
    assert_eq!(status_and_reason(&stack.call(call(WAIT)).await.unwrap()), (Code::Unavailable, "OVERLOADED".into()));
    let probe = stack.call(call("/grpc.health.v1.Health/Check")).await.unwrap();
    assert!(Status::from_header_map(probe.headers()).is_none());
    let score = stack.call(call(SCORE)).await.unwrap();
    assert!(Status::from_header_map(score.headers()).is_none());
    drop(waiting);
    let cut = tokio::time::timeout(std::time::Duration::ZERO, stack.call(call(WAIT))).await;
    assert!(cut.is_err(), "there is a place again, so that the call waits");
}

/// Returns the status in the trailers of a response.
async fn trailer_status(response: Response<Body>) -> (Code, String) {
    let mut body = response.into_body();
    let frame = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await.unwrap().unwrap();
    assert!(poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await.is_none());
    let mut told = Response::new(Body::empty());
    *told.headers_mut() = frame.into_trailers().unwrap();
    status_and_reason(&told)
}

#[tokio::test]
async fn a_started_response_ends_at_its_deadline_or_when_the_server_aborts() {
    let cut = CancellationToken::new();
    let mut request = call(HEALTH);
    request.headers_mut().insert("grpc-timeout", "20m".parse().unwrap());
    let response = stack(4, cut.clone()).call(request).await.unwrap();
    assert!(Status::from_header_map(response.headers()).is_none());
    assert_eq!(trailer_status(response).await, (Code::DeadlineExceeded, "DEADLINE_EXCEEDED".into()));
    let response = stack(4, cut.clone()).call(call(HEALTH)).await.unwrap();
    cut.cancel();
    assert_eq!(trailer_status(response).await, (Code::Unavailable, "DRAINING".into()));
}

#[tokio::test]
async fn no_call_starts_after_its_deadline() {
    let mut request = call("/panic");
    request.headers_mut().insert("grpc-timeout", "0n".parse().unwrap());
    assert_eq!(status_and_reason(&respond(request).await), (Code::DeadlineExceeded, "DEADLINE_EXCEEDED".into()));
}

/// Calls arrive and are not started until the test starts them.
#[tokio::test]
async fn calls_that_queue_too_long_are_rejected_but_probes_are_not() {
    let settings = ServerSettings { max_queue_delay: Duration::from_millis(1), ..ServerSettings::default() };
    let metrics = Metrics::default();
    let mut stack = stack_with(&settings, &metrics, CancellationToken::new());
    let mut waiting: Vec<_> = (0..4).map(|_| stack.call(call(SCORE))).collect();
    let probe = stack.call(call("/grpc.health.v1.Health/Check"));
    // Real time must pass, because the test measures it.
    std::thread::sleep(Duration::from_millis(20));
    let first = waiting.remove(0).await.unwrap();
    assert!(Status::from_header_map(first.headers()).is_none(), "a burst is borne");
    std::thread::sleep(Duration::from_millis(120));
    for late in waiting {
        assert_eq!(status_and_reason(&late.await.unwrap()), (Code::Unavailable, "OVERLOADED".into()));
    }
    assert!(Status::from_header_map(probe.await.unwrap().headers()).is_none());
    assert!(metrics.render().contains("sweetspot_shed_total 3\n"));
}

#[tokio::test]
async fn every_end_is_counted_once_and_unknown_methods_share_a_label() {
    let metrics = Metrics::default();
    let mut stack = stack_with(&ServerSettings::default(), &metrics, CancellationToken::new());
    for path in [SCORE, SCORE, "/panic", "/bare", "/made/up", "/plain"] {
        let mut body = stack.call(call(path)).await.unwrap().into_body();
        // Stops where a server would stop polling.
        while !body.is_end_stream() {
            poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await;
        }
    }
    let mut given_up = stack.call(call(WAIT));
    assert!(given_up.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    drop(given_up);
    let text = metrics.render();
    let score = r#"grpc_type="unary",grpc_service="sweetspot.v1.ScoringService",grpc_method="ScoreAccounts""#;
    let wait = r#"grpc_type="unary",grpc_service="sweetspot.v1.ModelService",grpc_method="WaitTrainingRun""#;
    let other = r#"grpc_type="unary",grpc_service="unknown",grpc_method="unknown""#;
    for line in [
        format!("grpc_server_started_total{{{score}}} 2"),
        format!("grpc_server_handled_total{{{score},grpc_code=\"OK\"}} 2"),
        format!("grpc_server_handling_seconds_count{{{score}}} 2"),
        format!("grpc_server_handled_total{{{wait},grpc_code=\"Canceled\"}} 1"),
        format!("grpc_server_started_total{{{other}}} 4"),
        format!("grpc_server_handled_total{{{other},grpc_code=\"OK\"}} 2"),
        format!("grpc_server_handled_total{{{other},grpc_code=\"Internal\"}} 1"),
        format!("grpc_server_handled_total{{{other},grpc_code=\"ResourceExhausted\"}} 1"),
    ] {
        assert!(text.lines().any(|told| told == line), "{line} is not in\n{text}");
    }
}
