//! The kinds of rows of training runs, and the blobs that they need.

use super::run_store::{self, AGE_PREFIX, NEXT_NUMBER_KEY, OPEN_PREFIX, RUN_PREFIX};
use crate::store::{DigestReference, Row, RowKind, StoreError};

/// The kinds of rows of training runs.
pub(crate) const ROW_KINDS: [RowKind; 4] = [
    RowKind { prefix: RUN_PREFIX, name: "training runs", digests: run_digests },
    RowKind { prefix: AGE_PREFIX, name: "training runs by age", digests: no_digests },
    RowKind { prefix: OPEN_PREFIX, name: "open training runs", digests: no_digests },
    RowKind { prefix: NEXT_NUMBER_KEY, name: "numbers of training runs", digests: no_digests },
];

fn run_digests(row: &Row) -> Result<Vec<DigestReference>, StoreError> {
    let run = run_store::decode(&row.value)?;
    // A run that has ended does not read its customers again, and their dataset version can be deleted.
    let customers = if run.state.is_final() { DigestReference::Other } else { DigestReference::Blob };
    Ok(vec![DigestReference::Blob(run.spec), customers(run.dataset.data)])
}

#[expect(clippy::unnecessary_wraps, reason = "the signature of all kinds of rows")]
fn no_digests(_row: &Row) -> Result<Vec<DigestReference>, StoreError> {
    Ok(Vec::new())
}
