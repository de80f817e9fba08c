//! What an error of the object store means for a call.

use std::error::Error as _;
use std::{error, io};

use object_store::Error;

use crate::store::StoreError;

/// The maximum number of characters of an error that is repeated.
const MAX_CAUSE_CHARS: usize = 300;

/// Why a call failed.
#[derive(Debug)]
pub(super) enum ObjectError {
    /// There is no such object.
    Missing,
    /// Anything else.
    Store(StoreError),
}

impl ObjectError {
    /// The error of a call of the object store at `store`.
    pub(super) fn new(store: &str, error: &Error) -> Self {
        let (text, store) = (chain(error), store.to_owned());
        // A bucket that does not exist is reported like an object that does not.
        let has_no_bucket = ["NoSuchBucket", "ContainerNotFound", "bucket does not exist"].iter();
        if matches!(error, Error::NotFound { .. }) && !has_no_bucket.clone().any(|code| text.contains(code)) {
            return Self::Missing;
        }
        if is_full(error) {
            return Self::Store(StoreError::Full { path: store });
        }
        Self::Store(StoreError::Unreachable { store, cause: summary(&text) })
    }

    /// The error of a call for which an object that does not exist is like an object store that does not answer.
    pub(super) fn into_store_error(self, store: &str) -> StoreError {
        match self {
            Self::Missing => {
                StoreError::Unreachable { store: store.to_owned(), cause: "there is no such object".into() }
            }
            Self::Store(error) => error,
        }
    }
}

impl From<StoreError> for ObjectError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// The messages of an error and of its causes.
fn chain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        let message = source.to_string();
        if !text.contains(&message) {
            text = format!("{text}: {message}");
        }
        next = source.source();
    }
    text
}

fn is_full(error: &Error) -> bool {
    let mut next: Option<&(dyn error::Error + 'static)> = error.source();
    while let Some(source) = next {
        let kind = source.downcast_ref::<io::Error>().map(io::Error::kind);
        if matches!(kind, Some(io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)) {
            return true;
        }
        next = source.source();
    }
    false
}

/// The part of an error that helps its reader: without the XML of a response, which may repeat the signed request.
fn summary(text: &str) -> String {
    let element = |name: &str| {
        let (_, rest) = text.split_once(&format!("<{name}>"))?;
        Some(rest.split_once('<')?.0.trim().to_owned())
    };
    let start = text.split("<?xml").next().unwrap_or_default();
    let start = start.split("<Error>").next().unwrap_or_default().trim().trim_end_matches(':');
    let text = match (element("Code"), element("Message")) {
        (Some(code), Some(message)) => format!("{start}: {code}: {message}"),
        (Some(code), None) => format!("{start}: {code}"),
        (None, _) => start.to_owned(),
    };
    let lines: Vec<&str> = text.split_whitespace().collect();
    lines.join(" ").chars().take(MAX_CAUSE_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn not_found(text: &str) -> Error {
        Error::NotFound { path: "ab/c".to_owned(), source: text.to_owned().into() }
    }

    #[test]
    fn a_missing_object_differs_from_a_missing_bucket() {
        assert!(matches!(ObjectError::new("s3://b", &not_found("<Code>NoSuchKey</Code>")), ObjectError::Missing));
        let text = "<?xml version=\"1.0\"?><Error><Code>NoSuchBucket</Code><Message>No bucket</Message></Error>";
        let ObjectError::Store(error) = ObjectError::new("s3://b", &not_found(text)) else { panic!("an object") };
        let shown = error.to_string();
        assert!(shown.contains("s3://b") && shown.contains("NoSuchBucket: No bucket"), "{shown}");
    }

    #[test]
    fn a_response_is_shortened_to_its_code_and_message() {
        let text = "denied in 3ms: <?xml version=\"1.0\"?>\n<Error><Code>SignatureDoesNotMatch</Code><Message>It differs\
                    </Message><StringToSign>AWS4 key</StringToSign></Error>";
        assert_eq!(summary(text), "denied in 3ms: SignatureDoesNotMatch: It differs");
        assert_eq!(summary(&"x ".repeat(1000)).len(), MAX_CAUSE_CHARS);
    }

    #[test]
    fn a_full_disk_is_recognized() {
        let full = io::Error::from(io::ErrorKind::StorageFull);
        let error = Error::Generic { store: "LocalFileSystem", source: Box::new(full) };
        assert!(matches!(ObjectError::new("file:///x", &error), ObjectError::Store(StoreError::Full { .. })));
    }
}
