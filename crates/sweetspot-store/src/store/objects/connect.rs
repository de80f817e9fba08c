//! Makes the client of an object store from its address and the environment.
//!
//! The library reads the environment: the region, the credentials, and the address of a server other than the provider's
//! own. Where there are no credentials in it, those of the machine are used.

use std::sync::Arc;
use std::time::Duration;

use object_store::aws::AmazonS3Builder;
use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{BackoffConfig, ObjectStore, RetryConfig};

use super::http_client::HyperConnector;
use crate::store::{ObjectScheme, ObjectUrl, StoreError};

/// The maximum number of times that a request is repeated.
const MAX_RETRIES: usize = 2;
/// The time after which no request is repeated.
const RETRY_TIMEOUT: Duration = Duration::from_secs(15);
/// The mean times before the first and before any other repetition.
const BACKOFF: [Duration; 2] = [Duration::from_millis(100), Duration::from_secs(2)];

/// Returns the client for a folder of an object store, and the path of the folder. Opens no connection.
///
/// # Errors
/// [`StoreError::ObjectUrl`] if the address or the environment cannot be used.
pub(super) fn connect(url: &ObjectUrl) -> Result<(Arc<dyn ObjectStore>, Path), StoreError> {
    let address = url.to_string();
    let failed = |cause: String| StoreError::ObjectUrl { store: address.clone(), cause };
    let client: Result<Arc<dyn ObjectStore>, object_store::Error> = match url.scheme() {
        ObjectScheme::S3 => s3(AmazonS3Builder::from_env(), url, HyperConnector::default()),
        ObjectScheme::GoogleCloud => GoogleCloudStorageBuilder::from_env()
            .with_bucket_name(url.bucket())
            .with_http_connector(HyperConnector::default())
            .with_retry(retries())
            .build()
            .map(|client| Arc::new(client) as _),
        ObjectScheme::Azure => MicrosoftAzureBuilder::from_env()
            .with_container_name(url.bucket())
            .with_http_connector(HyperConnector::default())
            .with_retry(retries())
            .build()
            .map(|client| Arc::new(client) as _),
        ObjectScheme::File => {
            let folder = std::path::Path::new("/").join(url.path());
            // A file system that is not mounted must not be replaced by an empty folder.
            if !folder.is_dir() {
                return Err(failed("there is no such folder: create it, or mount its file system".to_owned()));
            }
            LocalFileSystem::new_with_prefix(folder).map(|files| Arc::new(files.with_fsync(true)) as _)
        }
    };
    let client = client.map_err(|error| failed(error.to_string()))?;
    let path = if url.scheme() == ObjectScheme::File { "" } else { url.path() };
    Ok((client, Path::from(path)))
}

/// The client of S3, with the settings of `builder`.
pub(super) fn s3(
    builder: AmazonS3Builder,
    url: &ObjectUrl,
    connector: HyperConnector,
) -> Result<Arc<dyn ObjectStore>, object_store::Error> {
    let client = builder.with_bucket_name(url.bucket()).with_http_connector(connector).with_retry(retries()).build()?;
    Ok(Arc::new(client))
}

fn retries() -> RetryConfig {
    let [init_backoff, max_backoff] = BACKOFF;
    RetryConfig {
        backoff: BackoffConfig { init_backoff, max_backoff, ..BackoffConfig::default() },
        max_retries: MAX_RETRIES,
        retry_timeout: RETRY_TIMEOUT,
    }
}
