//! All services as one. Scoring, by far the most frequent call, bypasses the router.

use std::convert::Infallible;
use std::task::{Context, Poll};

use futures_util::future::Either;
use tonic::body::Body;
use tonic::codegen::BoxFuture;
use tonic::codegen::http::{Request, Response};
use tonic::server::NamedService as _;
use tonic::service::Routes;
use tower::Service;

use super::scoring::ScoringApi;
use super::wire::service::scoring_service_server::ScoringServiceServer;

/// All services with their limits.
#[derive(Clone, Debug)]
pub(crate) struct Services {
    scoring: ScoringServiceServer<ScoringApi>,
    others: Routes,
}

impl Services {
    /// Combines the scoring service with the router of the other services.
    pub(super) fn new(scoring: ScoringServiceServer<ScoringApi>, others: Routes) -> Self {
        Self { scoring, others: others.prepare() }
    }
}

impl Service<Request<Body>> for Services {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Either<BoxFuture<Response<Body>, Infallible>, <Routes as Service<Request<Body>>>::Future>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // Both are always ready.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let (name, path) = (ScoringServiceServer::<ScoringApi>::NAME, request.uri().path());
        let method = path.strip_prefix('/').and_then(|path| path.strip_prefix(name));
        if method.is_some_and(|method| method.starts_with('/')) {
            Either::Left(self.scoring.call(request))
        } else {
            Either::Right(self.others.call(request))
        }
    }
}
