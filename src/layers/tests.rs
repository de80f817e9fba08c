//! The layers around calls that answer, panic, or never end.

use std::convert::Infallible;
use std::future::pending;

use tonic::body::Body;
use tonic::codegen::http::{Request, Response};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;
use tower::{ServiceExt as _, service_fn};

use super::*;

const SCORE: &str = "/sweetspot.v1.ScoringService/ScoreAccounts";
const WAIT: &str = "/sweetspot.v1.ModelService/WaitTrainingRun";

fn call(method: &str) -> Request<Body> {
    Request::builder().uri(method).body(Body::empty()).unwrap()
}

/// Answers at once, except to a wait, which never ends, and to a method that panics.
fn stack(
    calls: usize,
    cut: CancellationToken,
) -> impl Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future: Send> + Clone {
    let settings = ServerSettings { max_concurrent_calls: calls, ..ServerSettings::default() };
    Layers::new(&settings, &Metrics::default(), cut).layer(service_fn(|request: Request<Body>| async move {
        match request.uri().path() {
            WAIT => pending().await,
            "/panic" => panic!("a test asked for this panic"),
            "/bare" => Ok::<_, Infallible>(Status::out_of_range("too large").into_http()),
            _ => Ok(Response::new(Body::empty())),
        }
    }))
}

async fn answer(request: Request<Body>) -> Response<Body> {
    stack(4, CancellationToken::new()).oneshot(request).await.unwrap()
}

fn refusal(response: &Response<Body>) -> (Code, String) {
    let status = Status::from_header_map(response.headers()).unwrap();
    (status.code(), status.get_details_error_info().unwrap().reason)
}

#[tokio::test]
async fn a_good_call_passes_with_its_id() {
    let mut request = call(SCORE);
    request.headers_mut().insert("x-request-id", "abc".parse().unwrap());
    let response = answer(request).await;
    assert_eq!(response.headers()["x-request-id"], "abc");
    assert!(Status::from_header_map(response.headers()).is_none());
}

#[tokio::test]
async fn a_panic_is_an_answer() {
    let response = answer(call("/panic")).await;
    assert_eq!(refusal(&response), (Code::Internal, "INTERNAL".into()));
    assert_eq!(response.headers()["x-request-id"].len(), 36);
}

#[tokio::test]
async fn a_refusal_of_the_library_gets_a_reason() {
    assert_eq!(refusal(&answer(call("/bare")).await), (Code::OutOfRange, "MESSAGE_TOO_LARGE".into()));
}

#[tokio::test]
async fn a_call_out_of_time_ends() {
    let mut request = call(WAIT);
    request.headers_mut().insert("grpc-timeout", "1n".parse().unwrap());
    assert_eq!(refusal(&answer(request).await), (Code::DeadlineExceeded, "DEADLINE_EXCEEDED".into()));
}

#[tokio::test]
async fn calls_are_cut_off_when_nobody_waits_any_more() {
    let cut = CancellationToken::new();
    let reply = tokio::spawn(stack(4, cut.clone()).oneshot(call(WAIT)));
    cut.cancel();
    assert_eq!(refusal(&reply.await.unwrap().unwrap()), (Code::Unavailable, "DRAINING".into()));
}

#[tokio::test]
async fn a_full_server_turns_calls_away_and_probes_not() {
    let mut stack = stack(1, CancellationToken::new());
    // Admitted when called, before it is polled.
    let waiting = stack.call(call(WAIT));
    assert_eq!(refusal(&stack.call(call(WAIT)).await.unwrap()), (Code::Unavailable, "OVERLOADED".into()));
    let probe = stack.call(call("/grpc.health.v1.Health/Check")).await.unwrap();
    assert!(Status::from_header_map(probe.headers()).is_none());
    let score = stack.call(call(SCORE)).await.unwrap();
    assert!(Status::from_header_map(score.headers()).is_none());
    drop(waiting);
    let cut = tokio::time::timeout(std::time::Duration::ZERO, stack.call(call(WAIT))).await;
    assert!(cut.is_err(), "there is a place again, so that the call waits");
}
