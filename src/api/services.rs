//! All services as one. Scores do not wait for the router: of all calls they are the most by far.

use std::convert::Infallible;
use std::task::{Context, Poll};

use futures_util::future::Either;
use tonic::body::Body;
use tonic::codegen::BoxFuture;
use tonic::codegen::http::{Request, Response};
use tonic::server::NamedService as _;
use tonic::service::Routes;
use tower::Service;

use super::scoring::Scoring;
use super::wire::service::scoring_service_server::ScoringServiceServer;

/// Every service with its limits.
#[derive(Clone, Debug)]
pub(crate) struct Services {
    scoring: ScoringServiceServer<Scoring>,
    others: Routes,
}

impl Services {
    /// The scoring service, and the router of the others.
    pub(super) fn new(scoring: ScoringServiceServer<Scoring>, others: Routes) -> Self {
        Self { scoring, others: others.prepare() }
    }
}

impl Service<Request<Body>> for Services {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Either<BoxFuture<Response<Body>, Infallible>, <Routes as Service<Request<Body>>>::Future>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // Both always are.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let (name, path) = (ScoringServiceServer::<Scoring>::NAME, request.uri().path());
        let method = path.strip_prefix('/').and_then(|path| path.strip_prefix(name));
        if method.is_some_and(|method| method.starts_with('/')) {
            Either::Left(self.scoring.call(request))
        } else {
            Either::Right(self.others.call(request))
        }
    }
}
