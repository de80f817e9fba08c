//! Leases, measured by the clock of the database.

use std::time::Duration;

use deadpool_postgres::Object;

use super::PostgresStore;
use super::database::TimeLimit;
use super::error::CallKind;
use crate::store::{LeaseAccess, LeaseToken, StoreError};

const LEASE: CallKind = CallKind { action: "change a lease", is_change: false };
const ACQUIRE: &str = "INSERT INTO sweetspot_lease AS lease (name, number, ends)
    VALUES ($1, 1, clock_timestamp() + $2 * interval '1 second')
    ON CONFLICT (name) DO UPDATE SET number = lease.number + 1, ends = EXCLUDED.ends
    WHERE lease.ends <= clock_timestamp() RETURNING number";
const EXTEND: &str = "UPDATE sweetspot_lease SET ends = clock_timestamp() + $3 * interval '1 second'
    WHERE name = $1 AND number = $2";
const RELEASE: &str =
    "UPDATE sweetspot_lease SET number = number + 1, ends = '-infinity' WHERE name = $1 AND number = $2";

impl LeaseAccess for PostgresStore {
    fn acquire(&self, name: &str, time: Duration) -> Result<Option<LeaseToken>, StoreError> {
        let seconds = time.as_secs_f64();
        let number = self.database.call(LEASE, TimeLimit::Short, async |connection: &mut Object| {
            let row = connection.query_opt(ACQUIRE, &[&name, &seconds]).await?;
            Ok(row.map(|row| row.try_get::<_, i64>(0)).transpose()?)
        })?;
        Ok(number.map(|number| LeaseToken { name: name.to_owned(), number: u64::try_from(number).unwrap_or_default() }))
    }

    fn extend(&self, token: &LeaseToken, time: Duration) -> Result<bool, StoreError> {
        let (number, seconds) = (i64::try_from(token.number).unwrap_or(i64::MAX), time.as_secs_f64());
        let changed = self.database.call(LEASE, TimeLimit::Short, async |connection: &mut Object| {
            Ok(connection.execute(EXTEND, &[&token.name, &number, &seconds]).await?)
        })?;
        Ok(changed == 1)
    }

    fn release(&self, token: &LeaseToken) -> Result<(), StoreError> {
        let number = i64::try_from(token.number).unwrap_or(i64::MAX);
        self.database.call(LEASE, TimeLimit::Short, async |connection: &mut Object| {
            connection.execute(RELEASE, &[&token.name, &number]).await?;
            Ok(())
        })
    }
}
