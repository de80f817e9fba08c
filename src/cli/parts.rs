//! A content that may be larger than one answer, read part after part.

use sweetspot_core::Digest;

use super::client::Client;
use super::exit::CliError;

/// Bytes of a part: less than what clients and servers take unless they are set up otherwise.
pub(crate) const PART_BYTES: u64 = 1 << 20;

/// One part.
pub(crate) struct Part {
    /// Its bytes.
    pub(crate) content: Vec<u8>,
    /// Bytes of the whole; 0 from a server that has no parts.
    pub(crate) total_bytes: u64,
    /// SHA-256 of the whole.
    pub(crate) content_sha256: String,
}

/// Reads a content: `read` is given an offset, and answers with the part that begins there.
///
/// # Errors
/// Whatever a part fails with; a content that changes while it is read.
pub(crate) async fn whole(
    client: &mut Client,
    mut read: impl AsyncFnMut(&mut Client, u64) -> Result<Part, CliError>,
) -> Result<Vec<u8>, CliError> {
    let Part { mut content, total_bytes, content_sha256 } = read(client, 0).await?;
    while (content.len() as u64) < total_bytes {
        let part = read(client, content.len() as u64).await?;
        if part.content.is_empty() || part.content_sha256 != content_sha256 {
            break;
        }
        content.extend(part.content);
    }
    if Digest::of(&content).to_string() == content_sha256 {
        return Ok(content);
    }
    Err(CliError::Failed("the answer changed while it was read: try again".to_owned()))
}
