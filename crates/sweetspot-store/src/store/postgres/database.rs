//! The connections to a database, and calls of it from threads that wait.
//!
//! While the database does not answer, every call fails at once, so that calls do not fill the threads of a server.

use std::ops::AsyncFnOnce;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime as PoolRuntime};
use tokio::runtime::{Handle, Runtime};
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::error::{CallError, CallKind};
use super::monitor::{self, DatabaseCondition};
use super::url::{self, ConnectionOptions};
use super::{hints::ChangeHints, tls};
use crate::store::{DatabaseUrl, StoreError};

/// The maximum number of connections of a process, besides that of the monitor and that of a hold.
const MAX_CONNECTIONS: usize = 8;
/// The time in which a connection must become free.
const POOL_TIMEOUT: Duration = Duration::from_secs(10);
/// The time in which a new connection must be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The time in which the database must answer for the first time.
const OPEN_TIMEOUT: Duration = Duration::from_secs(10);

/// The time that a call may take.
#[derive(Clone, Copy, Debug)]
pub(super) enum TimeLimit {
    /// A few rows: 10 seconds.
    Short,
    /// All rows, or a blob: 10 minutes.
    Long,
}

impl TimeLimit {
    const fn duration(self) -> Duration {
        match self {
            Self::Short => Duration::from_secs(10),
            Self::Long => Duration::from_secs(600),
        }
    }
}

/// A database. Ends its connections when it is dropped.
pub(super) struct Database {
    shared: Arc<Shared>,
    handle: Handle,
    /// Taken when it is dropped.
    runtime: Option<Runtime>,
}

/// What calls and the monitor share.
pub(super) struct Shared {
    /// The URL without its password, for error messages.
    pub(super) store: String,
    pub(super) config: tokio_postgres::Config,
    pub(super) tls: MakeRustlsConnect,
    pub(super) condition: watch::Sender<DatabaseCondition>,
    pub(super) hints: ChangeHints,
    pool: Pool,
}

impl Database {
    /// Starts the threads of the connections. The database may be unreachable.
    ///
    /// # Errors
    /// If the URL or a file that it names cannot be used, or the threads cannot be started.
    pub(super) fn start(url: &DatabaseUrl) -> Result<Self, StoreError> {
        let ConnectionOptions { config, authorities } = url::parse(url)?;
        let failed = |cause| StoreError::DatabaseUrl { store: url.to_string(), cause };
        let tls = tls::connector(authorities.as_deref()).map_err(failed)?;
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let pool = Pool::builder(Manager::from_config(config.clone(), tls.clone(), recycling))
            .max_size(MAX_CONNECTIONS)
            .wait_timeout(Some(POOL_TIMEOUT))
            .create_timeout(Some(CONNECT_TIMEOUT))
            .runtime(PoolRuntime::Tokio1)
            .build()
            .map_err(|error| failed(error.to_string()))?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("postgres")
            .enable_all()
            .build()
            .map_err(|source| StoreError::Backend { action: "start the database thread", source: source.into() })?;
        let (condition, hints) = (watch::Sender::new(DatabaseCondition::Starting), ChangeHints::default());
        let shared = Arc::new(Shared { store: url.to_string(), config, tls, condition, hints, pool });
        runtime.spawn(monitor::run(Arc::clone(&shared)));
        Ok(Self { shared, handle: runtime.handle().clone(), runtime: Some(runtime) })
    }

    /// Waits until the database has answered, or has failed to.
    ///
    /// # Errors
    /// The error that calls return now.
    pub(super) fn wait_until_open(&self) -> Result<(), StoreError> {
        let mut condition = self.shared.condition.subscribe();
        let wait = async move {
            let known = condition.wait_for(|condition| !matches!(condition, DatabaseCondition::Starting));
            // The sender lives as long as this database.
            let _condition = timeout(OPEN_TIMEOUT, known).await.map(drop);
        };
        self.block_on(|| wait)?;
        let kind = CallKind { action: "open the database", is_change: false };
        self.shared.condition.borrow().check(&self.shared.store, kind)
    }

    /// Runs `work` with a connection, and waits for its result.
    ///
    /// # Errors
    /// [`StoreError::Unreachable`] if nothing was changed; [`StoreError::Undecided`] if it is unknown whether a change
    /// was made; or those of `work`.
    pub(super) fn call<T, W>(&self, kind: CallKind, limit: TimeLimit, work: W) -> Result<T, StoreError>
    where
        T: Send,
        W: AsyncFnOnce(&mut Object) -> Result<T, CallError> + Send,
    {
        let shared = &*self.shared;
        self.block_on(|| async move { shared.call(kind, limit, work).await })?
    }

    /// The state that calls and the monitor share.
    pub(super) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Waits for a future, on a thread of its own: this one may belong to a runtime, which must not wait.
    pub(super) fn block_on<T: Send, F: Future<Output = T>>(
        &self,
        work: impl FnOnce() -> F + Send,
    ) -> Result<T, StoreError> {
        if Handle::try_current().is_err() {
            return Ok(self.handle.block_on(work()));
        }
        let failed = |source: std::io::Error| StoreError::Backend {
            action: "start a thread for the database",
            source: source.into(),
        };
        thread::scope(|scope| {
            let thread = thread::Builder::new().name("postgres-call".to_owned());
            let waiting = thread.spawn_scoped(scope, || self.handle.block_on(work())).map_err(failed)?;
            waiting.join().map_err(|_| failed(std::io::Error::other("the thread panicked")))
        })
    }
}

impl Shared {
    async fn call<T, W>(&self, kind: CallKind, limit: TimeLimit, work: W) -> Result<T, StoreError>
    where
        W: AsyncFnOnce(&mut Object) -> Result<T, CallError>,
    {
        let mut condition = self.condition.subscribe();
        condition.borrow_and_update().check(&self.store, kind)?;
        let mut connection = tokio::select! {
            connection = self.pool.get() => connection.map_err(|error| kind.failed(&self.store, error.into()))?,
            cause = monitor::broken(&mut condition) => {
                return Err(StoreError::Unreachable { store: self.store.clone(), cause });
            }
        };
        let cause = tokio::select! {
            done = work(&mut connection) => return done.map_err(|error| kind.failed(&self.store, error)),
            cause = monitor::broken(&mut condition) => cause,
            () = tokio::time::sleep(limit.duration()) => format!("no answer within {} s", limit.duration().as_secs()),
        };
        // Its answer may still come. Another call must not wait for it.
        drop(Object::take(connection));
        Err(kind.unanswered(&self.store, cause))
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // A runtime may drop the last owner, and must not wait.
            runtime.shutdown_background();
        }
    }
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Database").field("store", &self.shared.store).finish_non_exhaustive()
    }
}
