//! Bounds the memory of a decoded message before it is built.
//!
//! An empty element takes two bytes on the wire and hundreds of bytes in memory. [`check_decoded_size`] therefore walks
//! the encoded message once, without allocating, and adds up what prost will allocate for it.

use std::mem::size_of;

use bytes::Bytes;
use sweetspot_core::reportable_error::{ErrorKind, ReportableError, Violation};
use thiserror::Error;
use tonic::Status;

use super::fields::{WireField, WireFields};
use super::received;
use crate::api::decoding_limits::{ALLOCATION_BYTES, FREE_BYTES, MAX_FACTOR};
use crate::api::status::status;

/// A message of at most this size needs no check: whatever it contains takes less than [`FREE_BYTES`], and has fewer
/// elements than any limit.
const UNCHECKED_BYTES: usize = 1 << 10;
/// How often a request may contain a message that is not in a list. Encoders write it once; prost merges several.
const MAX_OCCURRENCES: usize = 8;

/// A message whose decoded size can be bounded: describes its fields that take memory.
pub(in crate::api) trait MeasuredMessage {
    /// The fields that take memory beyond the message itself. A message that contained itself would not compile, so
    /// that the depth of the walk is limited.
    const FIELDS: &'static [Field];
}

/// A field that takes memory.
#[derive(Debug)]
pub(in crate::api) struct Field {
    number: u32,
    name: &'static str,
    /// Present for a list or a map.
    list: Option<List>,
    content: Content,
}

/// The elements of a list or a map.
#[derive(Debug)]
struct List {
    /// The memory of an element without its content, in bytes.
    element_bytes: usize,
    /// The maximum number of elements.
    max_elements: usize,
}

/// The content of a field, or of each element.
#[derive(Debug)]
enum Content {
    /// A string or bytes.
    Text,
    /// Numbers of eight bytes.
    Fixed64,
    /// Numbers of one or more bytes.
    Varint,
    /// A message with these fields.
    Message(&'static [Field]),
}

/// What a map needs for each slot of a list of the same length: it has up to twice the slots, with a control byte each.
type MapSlots<K, V> = [(K, V, u8); 2];

// Implements `MeasuredMessage`, and defines `MAX_FIELDS`, the maximum length of `FIELDS`.
include!(concat!(env!("OUT_DIR"), "/list_limits.rs"));

/// A list that must not be built.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("{path}: {}", self.description())]
struct ExcessiveList {
    /// The path of the list in the request; empty until it is known.
    path: String,
    elements: usize,
    limit: ListLimit,
}

/// What a list exceeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ListLimit {
    /// The maximum number of its elements.
    Elements(usize),
    /// The memory that a message of this size may take.
    Memory { message_bytes: usize },
}

/// Checks that the lists of an encoded message can be built; `prefix` is the path of its fields in the request. Malformed
/// bytes pass: prost reports them.
///
/// # Errors
/// `TOO_MANY_ELEMENTS`, with the path of the list, if a list has more elements than its limit, or if the decoded message
/// takes more memory than [`MAX_FACTOR`] times its size and [`FREE_BYTES`].
pub(in crate::api) fn check_decoded_size<M: MeasuredMessage>(message: &[u8], prefix: &str) -> Result<(), Status> {
    if message.len() <= UNCHECKED_BYTES {
        return Ok(());
    }
    let checked = measure::<M>(message).map(drop);
    checked.map_err(|list| status(&ExcessiveList { path: format!("{prefix}{}", list.path), ..list }))
}

/// Returns the memory that the decoded message takes at most, without the message itself, in bytes.
fn measure<M: MeasuredMessage>(message: &[u8]) -> Result<usize, ExcessiveList> {
    let mut memory = DecodedMemory { message_bytes: message.len(), bytes: 0, factor: 1 };
    memory.add_message(message, M::FIELDS)?;
    Ok(memory.bytes * memory.factor)
}

/// The memory of a decoded message so far.
struct DecodedMemory {
    /// The encoded size.
    message_bytes: usize,
    /// The memory of all occurrences of messages, as if they were not merged.
    bytes: usize,
    /// 2 if messages are merged: the capacity of a merged list is at most twice the sum of the capacities.
    factor: usize,
}

impl DecodedMemory {
    fn add_message(&mut self, message: &[u8], fields: &'static [Field]) -> Result<(), ExcessiveList> {
        if fields.is_empty() {
            return Ok(());
        }
        let mut counts = [0; MAX_FIELDS];
        let mut rest = WireFields::new(message);
        while let Ok(Some((number, content))) = rest.next() {
            let known = fields.iter().zip(&mut counts).find(|(field, _)| field.number == number);
            let Some((field, count)) = known else { continue };
            let added = self.add_field(field, content, count);
            added.map_err(|excess| excess.complete(field, *count, rest.clone()))?;
        }
        Ok(())
    }

    /// Adds a value of a field that has had `count` elements so far.
    fn add_field(&mut self, field: &Field, value: WireField<'_>, count: &mut usize) -> Result<(), ExcessiveList> {
        if let Some(List { element_bytes, max_elements }) = field.list {
            let before = capacity(*count, element_bytes);
            *count += field.elements(value);
            if *count > max_elements {
                return Err(ExcessiveList::new(ListLimit::Elements(max_elements)));
            }
            let overhead = if before == 0 { ALLOCATION_BYTES } else { 0 };
            self.add((capacity(*count, element_bytes) - before) * element_bytes + overhead)?;
        } else if matches!(field.content, Content::Message(_)) {
            *count += 1;
            if *count > MAX_OCCURRENCES {
                return Err(ExcessiveList::new(ListLimit::Elements(MAX_OCCURRENCES)));
            }
            if *count > 1 {
                self.factor = 2;
            }
        }
        match (&field.content, value) {
            (Content::Text, WireField::Bytes(text)) if !text.is_empty() => {
                self.add(text.len().max(ALLOCATION_BYTES) + ALLOCATION_BYTES)
            }
            (Content::Message(fields), WireField::Bytes(message)) => self.add_message(message, fields),
            _ => Ok(()),
        }
    }

    fn add(&mut self, bytes: usize) -> Result<(), ExcessiveList> {
        self.bytes = self.bytes.saturating_add(bytes);
        let Self { message_bytes, bytes, factor } = *self;
        if bytes.saturating_mul(factor) > message_bytes.saturating_mul(MAX_FACTOR).saturating_add(FREE_BYTES) {
            return Err(ExcessiveList::new(ListLimit::Memory { message_bytes }));
        }
        Ok(())
    }
}

impl Field {
    /// The number of elements in a value of the field, which is packed if the elements are numbers.
    fn elements(&self, value: WireField<'_>) -> usize {
        match (&self.content, value) {
            (Content::Fixed64, WireField::Bytes(packed)) => packed.len() / size_of::<f64>(),
            (Content::Varint, WireField::Bytes(packed)) => packed.iter().filter(|byte| **byte < 0x80).count(),
            _ => 1,
        }
    }
}

impl ExcessiveList {
    const fn new(limit: ListLimit) -> Self {
        Self { path: String::new(), elements: 0, limit }
    }

    /// Completes an error in a value of a field: `count` elements were read, and the message has the `rest`.
    fn complete(mut self, field: &Field, count: usize, mut rest: WireFields<'_>) -> Self {
        if self.elements > 0 {
            self.path = format!("{}.{}", field.name, self.path);
        } else if field.list.is_some() || count > MAX_OCCURRENCES {
            let more = std::iter::from_fn(|| rest.next().ok().flatten());
            let more = more.filter(|(number, _)| *number == field.number).map(|(_, value)| field.elements(value));
            self.elements = count + more.sum::<usize>();
            field.name.clone_into(&mut self.path);
        }
        self
    }

    fn description(&self) -> String {
        let Self { elements, limit, .. } = self;
        match limit {
            ListLimit::Elements(max_elements) => {
                format!("{elements} elements exceed the limit of {max_elements}: send fewer")
            }
            ListLimit::Memory { message_bytes } => format!(
                "{elements} elements take too much memory for a message of {message_bytes} bytes: send fewer at a time"
            ),
        }
    }
}

impl ReportableError for ExcessiveList {
    fn kind(&self) -> ErrorKind {
        ErrorKind::InvalidArgument
    }

    fn reason(&self) -> &'static str {
        "TOO_MANY_ELEMENTS"
    }

    fn violations(&self) -> Vec<Violation> {
        vec![Violation { field: self.path.clone(), description: self.description() }]
    }
}

/// The number of elements that a vector has room for after this number of them were added one at a time.
const fn capacity(elements: usize, element_bytes: usize) -> usize {
    let min_capacity = if element_bytes == 1 { 8 } else { 4 };
    match elements {
        0 => 0,
        elements if elements < min_capacity => min_capacity,
        elements => elements.next_power_of_two(),
    }
}

#[cfg(test)]
mod tests;
