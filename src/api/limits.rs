//! How much of anything a message may hold. The protos state the same figures.

/// Bytes of an account id.
pub(super) const ACCOUNT_ID_BYTES: usize = 128;
/// Bytes of a text.
pub(super) const TEXT_BYTES: usize = 1024;
/// Items of a list.
pub(super) const LIST_ITEMS: usize = 256;
/// Attributes of an account, and columns of a table.
pub(super) const ATTRIBUTES: usize = 512;
/// Bytes of an attribute's name.
pub(super) const NAME_BYTES: usize = 256;
/// Accounts of one scoring call, or of one chunk of a stream.
pub(super) const SCORED_ACCOUNTS: usize = 10_000;
/// Bytes of one chunk of a stream.
pub(super) const CHUNK_BYTES: usize = 2 << 20;
/// The best accounts that a stream can be asked for.
pub(super) const STREAM_TOP: usize = 10_000;
/// Bytes of one message with the best accounts of a stream.
pub(super) const ANSWER_BYTES: usize = 1 << 20;
/// Bytes of the best accounts of a stream, as they will be answered.
pub(super) const BEST_BYTES: usize = 8 << 20;
/// Account ids that a stream leaves out.
pub(super) const STREAM_EXCLUDED_IDS: usize = 10_000_000;
/// Account ids that all streams together leave out: each takes eight bytes.
pub(super) const ALL_STREAMS_EXCLUDED_IDS: usize = 20_000_000;
/// Accounts of one explaining call.
pub(super) const EXPLAINED_ACCOUNTS: usize = 100;
/// Reasons of one account.
pub(super) const REASONS: u32 = 100;
/// Reasons of one account where the request does not say.
pub(super) const DEFAULT_REASONS: u32 = 3;
/// Account ids that a filter leaves out.
pub(super) const EXCLUDED_IDS: usize = 10_000;
/// Conditions of each sort in a filter.
pub(super) const CONDITIONS: usize = 256;
/// Bytes of the reason for a promotion: it is kept in a row of the store.
pub(super) const REASON_BYTES: usize = 500;
/// Bytes of the name of who asks for a promotion.
pub(super) const BY_BYTES: usize = 128;
/// Accounts that move most, told of a comparison where the request does not say.
pub(super) const DEFAULT_MOVERS: u32 = 10;
/// Accounts that move most, told of a comparison.
pub(super) const MOVERS: u32 = 100;
/// Documents that one report can be asked for.
pub(super) const REPORT_DOCUMENTS: usize = 32;
/// Target accounts that one report tells.
pub(super) const REPORT_TARGETS: usize = 100;
/// Bytes of the title of a report.
pub(super) const TITLE_BYTES: usize = 200;
/// Segments of one filter.
pub(super) const SEGMENTS: usize = 16;
/// Accounts that lose money in a report as data; all of them are listed in pages.
pub(super) const BAD_FITS: usize = 500;
