//! The file of a version: its artifact, followed by the SHA-256 of the artifact, by which any change of the file is found.

use sweetspot_core::Digest;
use sweetspot_model::ModelArtifact;

/// The size of a SHA-256, in bytes.
const DIGEST_BYTES: usize = 32;

/// Returns the file of a version.
pub(super) fn write(artifact: &ModelArtifact) -> Vec<u8> {
    let mut content = artifact.to_bytes();
    content.extend(Digest::new(&content).as_bytes());
    content
}

/// Returns the artifact in a file. `None` if the file is no version, is incomplete, or has changed.
pub(super) fn read(content: &[u8]) -> Option<&[u8]> {
    let (artifact, digest) = content.split_last_chunk::<DIGEST_BYTES>()?;
    (Digest::new(artifact).as_bytes() == digest).then_some(artifact)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_change_of_a_file_is_found() {
        let mut content = b"an artifact".to_vec();
        content.extend(Digest::new(&content).as_bytes());
        assert_eq!(read(&content), Some(&b"an artifact"[..]));
        for bit in 0..content.len() * 8 {
            let mut changed = content.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(read(&changed), None, "bit {bit}");
        }
        for length in 0..content.len() {
            assert_eq!(read(&content[..length]), None, "{length} bytes");
        }
        assert_eq!(read(&[&content[..], b"\n"].concat()), None);
    }
}
