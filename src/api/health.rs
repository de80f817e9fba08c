//! The health service: the library's, with an end to every watch. A watch that stayed open would hold up the shutdown.

use std::future::Future as _;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio_stream::Stream;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tonic::{Request, Response, Status};
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse, health_server};
use tonic_health::server::{HealthService, WatchStream};

/// The service.
#[derive(Debug)]
pub(super) struct Health {
    pub(super) service: HealthService,
    /// Cancelled once every service has been said to be unwell.
    pub(super) draining: CancellationToken,
}

#[tonic::async_trait]
impl health_server::Health for Health {
    async fn check(&self, request: Request<HealthCheckRequest>) -> Result<Response<HealthCheckResponse>, Status> {
        self.service.check(request).await
    }

    type WatchStream = Watch;

    async fn watch(&self, request: Request<HealthCheckRequest>) -> Result<Response<Watch>, Status> {
        let answer = self.service.watch(request).await?;
        let over = Box::pin(self.draining.clone().cancelled_owned());
        Ok(answer.map(|changes| Watch { changes, over }))
    }
}

/// The changes of one service's health, until the server drains.
#[derive(Debug)]
pub(super) struct Watch {
    changes: WatchStream,
    over: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl Stream for Watch {
    type Item = Result<HealthCheckResponse, Status>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        // Asked first: what was said before the end is then there to be read, and is still told.
        let over = self.over.as_mut().poll(context).is_ready();
        match Pin::new(&mut self.changes).poll_next(context) {
            Poll::Pending if over => Poll::Ready(None),
            change @ (Poll::Ready(_) | Poll::Pending) => change,
        }
    }
}
