//! Which attributes can be held to a direction: those whose values have an order.

use std::collections::BTreeMap;

use super::TrainError;
use crate::domain::{AccountTable, Direction, Kind};

/// Refuses directions of attributes that have none. Attributes that are not in the table are passed over.
pub(super) fn check(directions: &BTreeMap<String, Direction>, accounts: &AccountTable) -> Result<(), TrainError> {
    for (attribute, direction) in directions {
        let kind = accounts.column(attribute).map(|column| column.data.kind());
        match kind {
            None | Some(Kind::Number | Kind::Date) => {}
            Some(kind @ (Kind::Category | Kind::Flag | Kind::List)) => {
                return Err(TrainError::NoDirection { attribute: attribute.clone(), direction: *direction, kind });
            }
        }
    }
    Ok(())
}
