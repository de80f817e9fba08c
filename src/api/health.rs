//! The health service of the gRPC library, except that shutdown ends every watch. An open watch would delay the
//! shutdown.

use std::future::Future as _;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio_stream::Stream;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tonic::{Request, Response, Status};
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse, health_server};
use tonic_health::server::{HealthService, WatchStream};

/// Implements the health service.
#[derive(Debug)]
pub(super) struct HealthApi {
    pub(super) service: HealthService,
    /// Canceled once every service has been reported as not serving.
    pub(super) draining: CancellationToken,
}

#[tonic::async_trait]
impl health_server::Health for HealthApi {
    async fn check(&self, request: Request<HealthCheckRequest>) -> Result<Response<HealthCheckResponse>, Status> {
        self.service.check(request).await
    }

    type WatchStream = HealthWatch;

    async fn watch(&self, request: Request<HealthCheckRequest>) -> Result<Response<HealthWatch>, Status> {
        let answer = self.service.watch(request).await?;
        let drained = Box::pin(self.draining.clone().cancelled_owned());
        Ok(answer.map(|changes| HealthWatch { changes, shutdown: drained }))
    }
}

/// The health changes of one service, until the server drains.
#[derive(Debug)]
pub(super) struct HealthWatch {
    changes: WatchStream,
    shutdown: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl Stream for HealthWatch {
    type Item = Result<HealthCheckResponse, Status>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        // Polled first, so that a change reported before the shutdown is still delivered.
        let is_shut_down = self.shutdown.as_mut().poll(context).is_ready();
        match Pin::new(&mut self.changes).poll_next(context) {
            Poll::Pending if is_shut_down => Poll::Ready(None),
            change @ (Poll::Ready(_) | Poll::Pending) => change,
        }
    }
}
