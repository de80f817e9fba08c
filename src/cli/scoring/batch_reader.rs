//! Reads a list on a thread of its own, so that a batch is read while others are scored.

use std::thread;

use sweetspot_ingest::Reject;
use tokio::sync::{mpsc, oneshot};

use super::batch::{AccountBatch, BatchLimits};
use crate::cli::exit::CliError;
use crate::cli::prospect_list::ProspectList;
use crate::cli::rejected_rows::RejectList;

/// The number of batches that are read in advance.
const MAX_READY: usize = 4;
/// The maximum number of rejected rows before a batch.
const MAX_REJECTS: usize = 1_000;

/// The batches of a list. The thread ends with the list, or with the next batch after the reader is dropped.
pub(crate) struct BatchReader {
    batches: mpsc::Receiver<Result<ReadBatch, CliError>>,
    /// The list, from the thread when it ends.
    returned: oneshot::Receiver<ProspectList>,
    /// Set after the last batch.
    list: Option<ProspectList>,
}

/// Prospects, and the rows before them that cannot be read.
struct ReadBatch {
    accounts: AccountBatch,
    rejects: Vec<Reject>,
}

impl BatchReader {
    /// Starts to read a list.
    ///
    /// # Errors
    /// Returns an error if the thread cannot be started.
    pub(crate) fn start(mut list: ProspectList, limits: BatchLimits) -> Result<Self, CliError> {
        let ((sender, batches), (return_list, returned)) = (mpsc::channel(MAX_READY), oneshot::channel());
        let read = move || {
            let end = read_batches(&mut list, limits, &sender);
            // Before the last message, so that the list is there at the end.
            let _stopped = return_list.send(list);
            if let Err(error) = end {
                let _stopped = sender.blocking_send(Err(error));
            }
        };
        let thread = thread::Builder::new().name("list".to_owned()).spawn(read);
        thread.map_err(|error| CliError::Failed(format!("cannot start the thread that reads the list: {error}")))?;
        Ok(Self { batches, returned, list: None })
    }

    /// Returns the next batch, or `None` at the end, and adds the rejected rows before it.
    ///
    /// # Errors
    /// Returns an error if the list cannot be read, or the rejected rows cannot be written.
    pub(crate) async fn next(&mut self, rejects: &mut RejectList) -> Result<Option<AccountBatch>, CliError> {
        while let Some(batch) = self.batches.recv().await.transpose()? {
            batch.rejects.iter().try_for_each(|reject| rejects.add(reject.into()))?;
            if !batch.accounts.is_empty() {
                return Ok(Some(batch.accounts));
            }
        }
        if self.list.is_none() {
            // A thread that has panicked returns nothing, and there may be more rows.
            let failed = |_| CliError::Failed("the list could not be read to its end".to_owned());
            self.list = Some(self.returned.try_recv().map_err(failed)?);
        }
        Ok(None)
    }

    /// Returns the list, unless it is still being read.
    pub(crate) fn into_list(mut self) -> Option<ProspectList> {
        self.list.take().or_else(|| self.returned.try_recv().ok())
    }
}

/// Sends the batches of a list until its end, or until they are not received any more.
fn read_batches(
    list: &mut ProspectList,
    limits: BatchLimits,
    batches: &mpsc::Sender<Result<ReadBatch, CliError>>,
) -> Result<(), CliError> {
    let (mut pending, mut rejects) = (AccountBatch::new(limits), Vec::new());
    let end = loop {
        let full = match list.next() {
            Ok(Some(Ok(prospect))) => pending.push(prospect),
            Ok(Some(Err(reject))) => {
                rejects.push(reject);
                (rejects.len() == MAX_REJECTS).then(|| AccountBatch::new(limits))
            }
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
        };
        if let Some(accounts) = full
            && batches.blocking_send(Ok(ReadBatch { accounts, rejects: std::mem::take(&mut rejects) })).is_err()
        {
            return Ok(());
        }
    };
    let _stopped = batches.blocking_send(Ok(ReadBatch { accounts: pending, rejects }));
    end
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::io::{self, Cursor, Read};

    use sweetspot_ingest::Source;

    use super::*;
    use crate::cli::output::Output;

    fn start(text: impl Read + Send + 'static) -> BatchReader {
        let out = Output { json: false, quiet: true };
        let source = Source::new("list.csv", text);
        let list = ProspectList::read(source, "list.csv".to_owned(), None, out).unwrap();
        BatchReader::start(list, BatchLimits { parts_per_account: 1 }).unwrap()
    }

    /// Rows without an id, each followed by this number of rows with one.
    fn rows(rejected: usize, valid: usize) -> Cursor<String> {
        let mut text = "id,city\n".to_owned();
        for row in 0..rejected {
            text.push_str(",Rome\n");
            (0..valid).for_each(|number| writeln!(text, "{row}-{number},Paris").unwrap());
        }
        Cursor::new(text)
    }

    /// A file on a disk that fails.
    struct Broken;

    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk failed"))
        }
    }

    #[tokio::test]
    async fn every_row_is_in_a_batch_or_rejected() {
        for (rejected, valid, batches) in [(2_500, 0, vec![]), (3, 400, vec![500, 500, 200]), (600, 1, vec![500, 100])]
        {
            let (mut reader, mut rejects) = (start(rows(rejected, valid)), RejectList::create(None).unwrap());
            let mut sizes = Vec::new();
            while let Some(batch) = reader.next(&mut rejects).await.unwrap() {
                sizes.push(batch.len());
            }
            assert_eq!((sizes, rejects.count()), (batches, rejected as u64));
            assert!(reader.into_list().is_some());
        }
    }

    #[tokio::test]
    async fn a_list_that_cannot_be_read_further_ends_with_the_error() {
        let (mut reader, mut rejects) = (start(rows(1, 100_000).chain(Broken)), RejectList::create(None).unwrap());
        let error = loop {
            if let Some(error) = reader.next(&mut rejects).await.map(Option::unwrap).err() {
                break error.to_string();
            }
        };
        assert!(error.contains("the disk failed"), "{error}");
        assert_eq!(rejects.count(), 1);
        assert!(reader.next(&mut rejects).await.unwrap().is_none());
        assert!(reader.into_list().is_some());
    }
}
