//! Watches a database through a connection of its own: whether it answers, and the number of its last change.
//!
//! Notifications are a hint that arrives at once. The number of the last change, which is read about twice a second, is
//! the truth.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{StreamExt as _, poll_fn};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_postgres::{AsyncMessage, Client};

use super::database::Shared;
use super::error::{CallError, CallKind};
use super::schema;
use super::url::cause_of;
use crate::store::StoreError;

/// The mean interval at which the number of the last change is read.
const POLL_INTERVAL: Duration = Duration::from_millis(500);
/// The time after which a database that has not answered is taken to be unreachable.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(3);
/// The time in which a new session must be ready, tables included.
const SESSION_TIMEOUT: Duration = Duration::from_secs(8);
const READ_NUMBER: &str = "SELECT change_number FROM sweetspot_state";

/// Whether calls can be made.
#[derive(Clone, Debug)]
pub(super) enum DatabaseCondition {
    /// No session has been ready yet, or failed.
    Starting,
    /// The last session answers.
    Ready,
    /// The database does not answer.
    Unreachable {
        /// Why not.
        cause: String,
    },
    /// A newer release created the tables.
    NewerFormat {
        /// The format of the tables.
        found: u32,
    },
}

impl DatabaseCondition {
    /// Fails if a call cannot be made.
    pub(super) fn check(&self, store: &str, kind: CallKind) -> Result<(), StoreError> {
        let store = store.to_owned();
        match self {
            Self::Ready => Ok(()),
            Self::Starting => Err(StoreError::Unreachable {
                store,
                cause: format!("cannot {} yet, it has not answered", kind.action),
            }),
            Self::Unreachable { cause } => Err(StoreError::Unreachable { store, cause: cause.clone() }),
            Self::NewerFormat { found } => Err(StoreError::NewerFormat { path: store, found: *found }),
        }
    }
}

/// Waits until the database does not answer, and returns why not.
pub(super) async fn broken(condition: &mut watch::Receiver<DatabaseCondition>) -> String {
    let changed = condition.wait_for(|condition| !matches!(condition, DatabaseCondition::Ready)).await;
    match changed.as_deref() {
        Ok(DatabaseCondition::Unreachable { cause }) => cause.clone(),
        Ok(DatabaseCondition::NewerFormat { .. }) => "a newer release has changed its tables".to_owned(),
        Ok(DatabaseCondition::Starting | DatabaseCondition::Ready) => "it has not answered".to_owned(),
        // The sender is dropped after all calls.
        Err(_) => pending().await,
    }
}

/// Watches until it is dropped.
pub(super) async fn run(shared: Arc<Shared>) {
    loop {
        match timeout(SESSION_TIMEOUT, open_session(&shared)).await {
            Ok(Ok(client)) => {
                let change = shared.condition.send_replace(DatabaseCondition::Ready);
                if matches!(change, DatabaseCondition::Unreachable { .. }) {
                    tracing::info!(store = shared.store, "the database answers again");
                }
                if follow(&shared, &client).await {
                    // The connection ended: the database may accept another one at once.
                    continue;
                }
                set(&shared, unreachable_after(ANSWER_TIMEOUT));
            }
            Ok(Err(CallError::Store(StoreError::NewerFormat { found, .. }))) => {
                set(&shared, DatabaseCondition::NewerFormat { found });
            }
            Ok(Err(error)) => set(&shared, DatabaseCondition::Unreachable { cause: cause_of(&error) }),
            Err(_) => set(&shared, unreachable_after(SESSION_TIMEOUT)),
        }
        sleep(jittered()).await;
    }
}

fn unreachable_after(time: Duration) -> DatabaseCondition {
    DatabaseCondition::Unreachable { cause: format!("no answer within {} s", time.as_secs()) }
}

fn set(shared: &Shared, condition: DatabaseCondition) {
    let before = shared.condition.send_replace(condition.clone());
    if matches!(before, DatabaseCondition::Ready | DatabaseCondition::Starting) {
        let cause = match condition {
            DatabaseCondition::Unreachable { cause } => cause,
            DatabaseCondition::NewerFormat { found } => {
                format!("a newer release created its tables, of format {found}")
            }
            DatabaseCondition::Starting | DatabaseCondition::Ready => return,
        };
        tracing::warn!(store = shared.store, cause, "the database cannot be used");
    }
}

/// Between half and one and a half of the interval, so that servers do not read at the same time.
fn jittered() -> Duration {
    let mut byte = [128_u8];
    // Without randomness, the mean.
    let _filled = getrandom::fill(&mut byte);
    POLL_INTERVAL.mul_f64(0.5 + f64::from(byte.first().copied().unwrap_or(128)) / 255.0)
}

/// Connects, prepares the tables, and asks for notifications.
async fn open_session(shared: &Arc<Shared>) -> Result<Client, CallError> {
    let (mut client, mut connection) = shared.config.connect(shared.tls.clone()).await?;
    let listener = Arc::clone(shared);
    tokio::spawn(async move {
        let mut messages = poll_fn(move |context| connection.poll_message(context));
        while let Some(Ok(message)) = messages.next().await {
            if let AsyncMessage::Notification(notification) = message
                && let Ok(number) = notification.payload().parse()
            {
                listener.hints.announce(number);
            }
        }
    });
    schema::prepare(&mut client, &shared.store).await?;
    client.batch_execute("LISTEN sweetspot_change").await?;
    read_number(shared, &client).await?;
    Ok(client)
}

/// Reads the number of the last change until the session ends. Returns whether its connection ended: otherwise, the
/// database does not answer.
async fn follow(shared: &Shared, client: &Client) -> bool {
    loop {
        sleep(jittered()).await;
        match timeout(ANSWER_TIMEOUT, read_number(shared, client)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return true,
            Err(_) => return false,
        }
    }
}

async fn read_number(shared: &Shared, client: &Client) -> Result<(), CallError> {
    let number: i64 = client.query_one(READ_NUMBER, &[]).await?.try_get(0)?;
    shared.hints.announce(u64::try_from(number).unwrap_or_default());
    Ok(())
}
