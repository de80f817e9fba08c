//! Decodes the bytes of a text file to UTF-8, one block at a time.
//!
//! The encoding is determined by a byte-order mark, then by the setting, then by zero bytes (UTF-16). Otherwise, the
//! decision waits for the first non-ASCII byte: the text from there on is UTF-8 if most of its sequences are valid,
//! else the encoding that [`chardetng`] detects.

use std::io::{self, Read};
use std::sync::{Arc, OnceLock};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use thiserror::Error;

/// The number of bytes to examine from the first non-ASCII byte on.
const WINDOW_BYTES: usize = 64 << 10;
/// The number of bytes per read.
const BLOCK_BYTES: usize = 64 << 10;

/// The text could be in one of several encodings, with different letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("neither UTF-8 nor Windows-1252")]
pub(super) struct AmbiguousEncoding;

impl AmbiguousEncoding {
    /// Returns whether this caused the read error.
    pub(super) fn caused(error: &io::Error) -> bool {
        error.get_ref().is_some_and(<dyn std::error::Error + Send + Sync>::is::<Self>)
    }
}

/// The encoding of a text, available as soon as it is decided.
#[derive(Clone, Debug, Default)]
pub(super) struct SharedEncoding(Arc<OnceLock<DetectedEncoding>>);

/// An encoding, and an alternative that is as plausible but gives different letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct DetectedEncoding {
    encoding: &'static Encoding,
    alternative: Option<&'static Encoding>,
}

impl SharedEncoding {
    /// Returns a phrase for messages if the text is not UTF-8.
    pub(super) fn phrase(&self) -> Option<String> {
        let DetectedEncoding { encoding, alternative } = self.0.get().filter(|found| found.encoding != UTF_8)?;
        let but = alternative.map_or_else(String::new, |other| format!(", but could be {}", other.name()));
        Some(format!("the text is decoded as {}{but} (encoding in the mapping sets it)", encoding.name()))
    }

    fn set(&self, found: DetectedEncoding) {
        // The encoding is set only once.
        let _first = self.0.set(found);
    }
}

/// Reads text in any encoding as UTF-8. The bytes of UTF-8 text are passed through unchanged, even if malformed.
pub(super) struct TranscodingReader<R> {
    bytes: R,
    state: DecodeState,
    text: Vec<u8>,
    position: usize,
    found: SharedEncoding,
}

enum DecodeState {
    /// Only ASCII so far.
    Ascii,
    Utf8,
    Other(Box<encoding_rs::Decoder>),
    Ended,
}

impl<R: Read> TranscodingReader<R> {
    /// Creates a reader for text that starts with `prefix`, which is long enough to detect a byte-order mark and zero
    /// bytes, and continues with `bytes`.
    pub(super) fn new(prefix: &[u8], bytes: R, setting: Option<&'static Encoding>) -> Self {
        let found = SharedEncoding::default();
        let marked = Encoding::for_bom(prefix).map(|(encoding, _)| encoding);
        let state = match marked.or(setting).or_else(|| utf16(prefix)) {
            None => DecodeState::Ascii,
            Some(encoding) => {
                found.set(DetectedEncoding { encoding, alternative: None });
                // In UTF-8, malformed bytes invalidate only their row.
                if encoding == UTF_8 {
                    DecodeState::Utf8
                } else {
                    DecodeState::Other(Box::new(encoding.new_decoder_with_bom_removal()))
                }
            }
        };
        Self { bytes, state, text: Vec::new(), position: 0, found }
    }

    /// Returns a handle to the encoding, which is set once it is decided.
    pub(super) fn shared_encoding(&self) -> SharedEncoding {
        self.found.clone()
    }

    /// Reads more text. Leaves the buffer empty at the end of the text.
    fn fill(&mut self) -> io::Result<()> {
        self.text.clear();
        self.position = 0;
        while self.text.is_empty() {
            match &mut self.state {
                DecodeState::Ended => break,
                DecodeState::Utf8 => {
                    if read_block(&mut self.bytes, &mut self.text, BLOCK_BYTES)? == 0 {
                        self.state = DecodeState::Ended;
                    }
                }
                DecodeState::Ascii => {
                    let mut block = Vec::new();
                    read_block(&mut self.bytes, &mut block, BLOCK_BYTES)?;
                    if block.is_ascii() {
                        if block.is_empty() {
                            self.state = DecodeState::Ended;
                        }
                        self.text = block;
                    } else {
                        self.decide(block)?;
                    }
                }
                DecodeState::Other(decoder) => {
                    let mut block = Vec::new();
                    let ended = read_block(&mut self.bytes, &mut block, BLOCK_BYTES)? == 0;
                    decode(decoder, &block, &mut self.text, ended);
                    if ended {
                        self.state = DecodeState::Ended;
                    }
                }
            }
        }
        Ok(())
    }

    /// Decides the encoding from a block with the first non-ASCII byte, and from the bytes that follow.
    fn decide(&mut self, mut block: Vec<u8>) -> io::Result<()> {
        let first = block.iter().position(|byte| !byte.is_ascii()).unwrap_or_default();
        let missing = (first + WINDOW_BYTES).saturating_sub(block.len());
        let ended = self.bytes.by_ref().take(missing as u64).read_to_end(&mut block)? < missing;
        let found = guess(&block, ended).map_err(io::Error::other)?;
        let encoding = found.encoding;
        self.found.set(found);
        if encoding == UTF_8 {
            self.state = DecodeState::Utf8;
            self.text = block;
        } else {
            let mut decoder = Box::new(encoding.new_decoder_without_bom_handling());
            decode(&mut decoder, &block, &mut self.text, false);
            self.state = DecodeState::Other(decoder);
        }
        Ok(())
    }
}

impl<R: Read> Read for TranscodingReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.position >= self.text.len() {
            self.fill()?;
        }
        let count = self.text.get(self.position..).unwrap_or_default().read(buffer)?;
        self.position += count;
        Ok(count)
    }
}

/// Appends the result of one read. Returns 0 at the end.
fn read_block(bytes: &mut impl Read, block: &mut Vec<u8>, max_bytes: usize) -> io::Result<usize> {
    let before = block.len();
    block.resize(before + max_bytes, 0);
    let read = loop {
        match bytes.read(block.get_mut(before..).unwrap_or_default()) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => (),
            read => break read,
        }
    };
    block.truncate(before + read.as_ref().map_or(0, |count| *count));
    read
}

/// Appends the decoded bytes. Malformed bytes become replacement characters.
fn decode(decoder: &mut encoding_rs::Decoder, mut bytes: &[u8], text: &mut Vec<u8>, last: bool) {
    loop {
        let start = text.len();
        let room = decoder.max_utf8_buffer_length(bytes.len()).unwrap_or(bytes.len()).max(16);
        text.resize(start + room, 0);
        let (result, read, written, _) = decoder.decode_to_utf8(bytes, text.get_mut(start..).unwrap_or_default(), last);
        text.truncate(start + written);
        bytes = bytes.get(read..).unwrap_or_default();
        if result == encoding_rs::CoderResult::InputEmpty {
            return;
        }
    }
}

/// Detects UTF-16 without a byte-order mark by the zero bytes of ASCII characters, nearly all of which are at even or
/// at odd offsets.
pub(super) fn utf16(prefix: &[u8]) -> Option<&'static Encoding> {
    let pairs = prefix.len() / 2;
    let zeros = |offset: usize| prefix.iter().skip(offset).step_by(2).filter(|byte| **byte == 0).count();
    let (high_first, low_first) = (zeros(0), zeros(1));
    let (many, few) = (pairs * 2 / 5, pairs / 50);
    match pairs {
        0..4 => None,
        _ if low_first >= many && high_first <= few => Some(UTF_16LE),
        _ if high_first >= many && low_first <= few => Some(UTF_16BE),
        _ => None,
    }
}

/// Guesses the encoding of a text with non-ASCII bytes. `ended` states that it is the whole rest of the file.
fn guess(text: &[u8], ended: bool) -> Result<DetectedEncoding, AmbiguousEncoding> {
    let (mut sequences, mut stray) = (0_usize, 0_usize);
    let mut chunks = text.utf8_chunks().peekable();
    while let Some(chunk) = chunks.next() {
        sequences += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        let cut_off = chunks.peek().is_none() && !ended;
        stray += usize::from(!chunk.invalid().is_empty() && !cut_off);
    }
    if sequences >= stray {
        return Ok(DetectedEncoding { encoding: UTF_8, alternative: None });
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(text, ended);
    // Names of places and companies are too few words to distinguish Latin encodings. The most common one is used
    // unless it is implausible, so that two files of one system are read in the same way.
    let [western, open] = [Some(&b"fr"[..]), None].map(|place| detector.guess(place, Utf8Detection::Deny));
    let decoded = [western, open].map(|encoding| encoding.decode_without_bom_handling(text).0);
    match decoded.each_ref().map(|text| is_plausible(text)) {
        [true, true] if decoded[0] != decoded[1] => Ok(DetectedEncoding { encoding: western, alternative: Some(open) }),
        [true, _] => Ok(DetectedEncoding { encoding: western, alternative: None }),
        [false, true] => Ok(DetectedEncoding { encoding: open, alternative: None }),
        [false, false] => Err(AmbiguousEncoding),
    }
}

/// Returns whether the non-ASCII characters within words are lowercase letters. If the text is in another Western
/// encoding (macOS, DOS), they decode to symbols and uppercase letters.
fn is_plausible(text: &str) -> bool {
    let (mut letters, mut others) = (0_usize, 0_usize);
    let neighbors = text.chars().zip(text.chars().skip(1)).zip(text.chars().skip(2));
    for ((before, c), after) in neighbors.filter(|((_, c), _)| !c.is_ascii()) {
        if !(before.is_alphabetic() && after.is_lowercase())
            || matches!(c, '\u{2010}'..='\u{201f}' | '\u{b4}' | '\u{b7}')
        {
            continue;
        }
        if c.is_alphabetic() && !(c.is_uppercase() && before.is_lowercase()) {
            letters += 1;
        } else {
            others += 1;
        }
    }
    others * 20 <= letters
}

#[cfg(test)]
mod tests {
    use encoding_rs::WINDOWS_1252;
    use proptest::prelude::*;

    use super::*;

    fn decoded(bytes: &[u8], setting: Option<&'static Encoding>) -> (io::Result<String>, Option<&'static str>) {
        let (read, found) = decoded_with_alternative(bytes, setting);
        (read, found.filter(|found| found.encoding != UTF_8).map(|found| found.encoding.name()))
    }

    fn decoded_with_alternative(
        bytes: &[u8],
        setting: Option<&'static Encoding>,
    ) -> (io::Result<String>, Option<DetectedEncoding>) {
        let mut reader = TranscodingReader::new(&bytes[..bytes.len().min(4096)], bytes, setting);
        let found = reader.shared_encoding();
        let mut text = Vec::new();
        let read = reader.read_to_end(&mut text).map(|_| String::from_utf8_lossy(&text).into_owned());
        (read, found.0.get().copied())
    }

    fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(unit).collect()
    }

    #[test]
    fn western_texts_are_reported_by_a_single_letter() {
        for text in [
            "id,city\n1,Zürich\n",
            "name\nCafé Müller\nSociété Générale\n",
            "città\nForlì\n",
            "Citroën;Peugeot\n",
            "Malmö\nKøbenhavn\nÅrhus\n",
            "Lowe’s “quoted” – dash\nL’Oréal\n",
            "São Paulo\nMálaga\nEspaña\n",
        ] {
            let (bytes, _, _) = WINDOWS_1252.encode(text);
            let (read, found) = decoded(&bytes, None);
            assert_eq!((read.unwrap().as_str(), found), (text, Some("windows-1252")));
            assert_eq!(decoded(text.as_bytes(), None).0.unwrap(), text);
            assert_eq!(decoded(text.as_bytes(), None).1, None);
        }
    }

    #[test]
    fn other_alphabets_are_reported_by_what_makes_no_sense() {
        for (text, encoding) in [
            ("Łódź Spółka\nGdańsk\nWrocław\nPoznań\n", encoding_rs::WINDOWS_1250),
            ("Москва\nСанкт-Петербург\n", encoding_rs::WINDOWS_1251),
            ("Αθήνα\nΘεσσαλονίκη\n", encoding_rs::WINDOWS_1253),
            ("トヨタ自動車\nソニー株式会社\n", encoding_rs::SHIFT_JIS),
        ] {
            let (read, found) = decoded(&encoding.encode(text).0, None);
            assert_eq!((read.unwrap().as_str(), found), (text, Some(encoding.name())));
        }
        let (bytes, _, _) = WINDOWS_1252.encode("Forlì\nKöln\nMálaga\nOrléans\nForlì\nForlì\n");
        let (read, found) = decoded_with_alternative(&bytes, None);
        assert!(read.unwrap().starts_with("Forlì\nKöln"));
        assert_eq!(found.unwrap().encoding, WINDOWS_1252);
    }

    #[test]
    fn other_western_encodings_are_not_taken_for_windows_1252() {
        let macintosh = b"city\nM\x87laga\nK\x9aln\nOrl\x8eans\n";
        let dos = b"city\nM\xa0laga\nK\x94ln\nOrl\x82ans\n";
        for bytes in [&macintosh[..], dos] {
            let error = decoded(bytes, None).0.unwrap_err();
            assert!(AmbiguousEncoding::caused(&error), "{error}");
        }
        assert_eq!(decoded(macintosh, Some(encoding_rs::MACINTOSH)).0.unwrap(), "city\nMálaga\nKöln\nOrléans\n");
    }

    #[test]
    fn a_stray_byte_does_not_make_a_utf8_text_another() {
        let mut text = "Köln\nMálaga\nOrléans\n".as_bytes().to_vec();
        text.extend(b"K\xF6ln\n");
        let (read, found) = decoded(&text, None);
        assert_eq!((read.unwrap().as_str(), found), ("Köln\nMálaga\nOrléans\nK\u{fffd}ln\n", None));
    }

    #[test]
    fn a_late_letter_decides_for_what_follows() {
        let mut bytes = b"plain,ascii\n".repeat(20_000);
        bytes.extend(b"1,Z\xFCrich\n");
        let (read, found) = decoded(&bytes, None);
        assert!(read.unwrap().ends_with("plain,ascii\n1,Zürich\n"));
        assert_eq!(found, Some("windows-1252"));
    }

    proptest! {
        #[test]
        fn utf16_reads_the_same_with_a_mark_and_without(text in "[ -~\n]{8,80}[ -~äöüß]{0,40}") {
            for mark in ["", "\u{feff}"] {
                let marked = format!("{mark}{text}");
                for (bytes, name) in [(utf16(&marked, u16::to_le_bytes), "UTF-16LE"), (utf16(&marked, u16::to_be_bytes), "UTF-16BE")] {
                    let (read, found) = decoded(&bytes, None);
                    prop_assert_eq!((read.unwrap(), found), (text.clone(), Some(name)));
                }
            }
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let (read, _) = decoded(&bytes, None);
            prop_assert!(read.is_ok() || AmbiguousEncoding::caused(&read.unwrap_err()));
        }
    }
}
