//! Reads the files of certificates and keys again while the server runs, so that a change needs no restart.

use std::fmt::Display;
use std::time::Duration;

use tokio::task::spawn_blocking;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::KeyFetcher;
use super::tls::ServerTls;
use crate::access::Authorizer;
use crate::telemetry::Metrics;

/// The time between two looks at the files.
const RELOAD_INTERVAL: Duration = Duration::from_secs(5);

/// Starts to read the files of certificates and keys again and again, until `stop` is canceled.
/// Keys of tokens without a file come from `fetcher`.
pub(super) fn start_reloads(
    tls: Option<&ServerTls>,
    authorizer: &Authorizer,
    (fetcher, metrics): (Option<KeyFetcher>, &Metrics),
    stop: &CancellationToken,
) -> TaskTracker {
    let tasks = TaskTracker::new();
    if let Some(tls) = tls.cloned() {
        tasks.spawn(reload_until("certificate of the server", move || tls.reload(), stop.clone()));
    }
    if let Some((fetcher, tokens)) = fetcher.zip(authorizer.tokens().cloned()) {
        tasks.spawn(fetcher.run(tokens, metrics.clone(), stop.clone()));
    }
    if let Some(tokens) = authorizer.tokens().filter(|tokens| tokens.has_file()).cloned() {
        tasks.spawn(reload_until("file with the keys of tokens", move || tokens.reload(), stop.clone()));
    }
    if let Some(key) = authorizer.owner_key_file().cloned() {
        tasks.spawn(reload_until("key of the owner", move || key.reload(), stop.clone()));
    }
    tasks.close();
    tasks
}

async fn reload_until<E: Display + Send + 'static>(
    subject: &'static str,
    reload: impl Fn() -> Result<bool, E> + Clone + Send + 'static,
    stop: CancellationToken,
) {
    let mut last_error = String::new();
    while stop.run_until_cancelled(sleep(RELOAD_INTERVAL)).await.is_some() {
        match spawn_blocking(reload.clone()).await {
            Ok(Ok(has_changed)) => {
                last_error.clear();
                if has_changed {
                    tracing::info!("the new {subject} is used");
                }
            }
            Ok(Err(error)) => {
                // The files of a renewal change one after the other: an error is reported once.
                let error = error.to_string();
                if error != last_error {
                    tracing::warn!(%error, "the new {subject} cannot be used, and the last one stays");
                    last_error = error;
                }
            }
            // The task was canceled, or panicked, which it reports itself.
            Err(_) => (),
        }
    }
}
