//! Reads files with secrets again while the server runs, so that a renewal needs no restart.

use std::fmt::Display;
use std::time::Duration;

use tokio::task::spawn_blocking;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::tls::ServerTls;
use crate::access::OwnerKeyFile;

/// The time between two looks at the files.
const RELOAD_INTERVAL: Duration = Duration::from_secs(5);

/// Reads the files again and again until `stop` is canceled.
pub(super) async fn reload_until(tls: Option<ServerTls>, owner_key: Option<OwnerKeyFile>, stop: CancellationToken) {
    let (mut of_tls, mut of_key) = (ReloadReport::new("certificate"), ReloadReport::new("key of the owner"));
    while stop.run_until_cancelled(sleep(RELOAD_INTERVAL)).await.is_some() {
        let (tls, owner_key) = (tls.clone(), owner_key.clone());
        let read = move || (tls.map(|tls| tls.reload()), owner_key.map(|key| key.reload()));
        // A task that panicked reports it itself.
        let Ok((tls, key)) = spawn_blocking(read).await else { continue };
        tls.into_iter().for_each(|result| of_tls.log(result));
        key.into_iter().for_each(|result| of_key.log(result));
    }
}

/// Reports each change, and each error once: the files of a renewal change one after the other.
struct ReloadReport {
    what: &'static str,
    last_error: String,
}

impl ReloadReport {
    const fn new(what: &'static str) -> Self {
        Self { what, last_error: String::new() }
    }

    fn log(&mut self, result: Result<bool, impl Display>) {
        let what = self.what;
        match result {
            Ok(has_changed) => {
                self.last_error.clear();
                if has_changed {
                    tracing::info!("the new {what} is in use");
                }
            }
            Err(error) => {
                let error = error.to_string();
                if error != self.last_error {
                    tracing::warn!(%error, "the new {what} cannot be used, and the last one stays");
                    self.last_error = error;
                }
            }
        }
    }
}
