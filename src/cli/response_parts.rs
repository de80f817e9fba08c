//! Reads content that may be larger than one response, part by part.

use sweetspot_core::Digest;

use super::client::Client;
use super::exit::CliError;

/// The size of a part, in bytes: less than the default message limits of clients and servers.
pub(crate) const PART_BYTES: u64 = 1 << 20;

/// One part of the content.
pub(crate) struct ResponsePart {
    /// The bytes of the part.
    pub(crate) content: Vec<u8>,
    /// The size of the whole content in bytes; 0 from a server without parts.
    pub(crate) total_bytes: u64,
    /// The SHA-256 of the whole content.
    pub(crate) content_sha256: String,
}

/// Reads the whole content: `read` takes an offset, and returns the part that starts there.
///
/// # Errors
/// Returns the first error of a part, or an error if the content changes while it is read.
pub(crate) async fn read_all(
    client: &mut Client,
    mut read: impl AsyncFnMut(&mut Client, u64) -> Result<ResponsePart, CliError>,
) -> Result<Vec<u8>, CliError> {
    let ResponsePart { mut content, total_bytes, content_sha256 } = read(client, 0).await?;
    while (content.len() as u64) < total_bytes {
        let part = read(client, content.len() as u64).await?;
        if part.content.is_empty() || part.content_sha256 != content_sha256 {
            break;
        }
        content.extend(part.content);
    }
    if Digest::new(&content).to_string() == content_sha256 {
        return Ok(content);
    }
    Err(CliError::Failed("the answer changed while it was read: try again".to_owned()))
}
