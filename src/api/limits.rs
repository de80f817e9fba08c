//! Size limits of messages. The protos document the same figures.

/// Bytes of an account id.
pub(super) const MAX_ACCOUNT_ID_BYTES: usize = 128;
/// Bytes of a text.
pub(super) const MAX_TEXT_BYTES: usize = 1024;
/// Items in a list.
pub(super) const MAX_LIST_ITEMS: usize = 256;
/// Attributes of an account, and columns of a table.
pub(super) const MAX_ATTRIBUTES: usize = 512;
/// Bytes of an attribute name.
pub(super) const MAX_NAME_BYTES: usize = 256;
/// Accounts in one scoring call, or in one chunk of a stream.
pub(super) const MAX_SCORED_ACCOUNTS: usize = 10_000;
/// Bytes of one chunk of a stream.
pub(super) const MAX_CHUNK_BYTES: usize = 2 << 20;
/// Number of best accounts that a stream can return.
pub(super) const MAX_STREAM_TOP_K: usize = 10_000;
/// Bytes of one message with the best accounts of a stream.
pub(super) const MAX_TOP_K_MESSAGE_BYTES: usize = 1 << 20;
/// Bytes of the encoded best accounts of a stream.
pub(super) const MAX_TOP_K_BYTES: usize = 8 << 20;
/// Account ids that one stream can exclude.
pub(super) const MAX_STREAM_EXCLUDED_IDS: usize = 10_000_000;
/// Account ids that all streams together can exclude, at eight bytes each.
pub(super) const MAX_TOTAL_EXCLUDED_IDS: usize = 20_000_000;
/// Accounts in one explain call.
pub(super) const MAX_EXPLAINED_ACCOUNTS: usize = 100;
/// Reasons of one account.
pub(super) const MAX_REASONS: u32 = 100;
/// Default number of reasons per account.
pub(super) const DEFAULT_REASONS: u32 = 3;
/// Account ids that a filter can exclude.
pub(super) const MAX_EXCLUDED_IDS: usize = 10_000;
/// Account ids that one call erases.
pub(super) const MAX_ERASED_IDS: usize = 10_000;
/// Datasets that a call to erase accounts names.
pub(super) const MAX_ERASED_DATASETS: usize = 100;
/// Conditions of each kind in a filter.
pub(super) const MAX_CONDITIONS: usize = 256;
/// Bytes of the reason for a promotion, which is stored in a row of the store.
pub(super) const MAX_PROMOTION_REASON_BYTES: usize = 500;
/// Bytes of the actor's name in a promotion.
pub(super) const MAX_ACTOR_BYTES: usize = 128;
/// Default number of accounts with the largest changes in a comparison.
pub(super) const DEFAULT_MOVERS: u32 = 10;
/// Maximum number of accounts with the largest changes in a comparison.
pub(super) const MAX_MOVERS: u32 = 100;
/// Documents in one report.
pub(super) const MAX_REPORT_DOCUMENTS: usize = 32;
/// Target accounts in one report.
pub(super) const MAX_REPORT_TARGETS: usize = 100;
/// Names of prospects in one report.
pub(super) const MAX_TARGET_NAMES: usize = 512;
/// Bytes of the name of a prospect.
pub(super) const MAX_ACCOUNT_NAME_BYTES: usize = 200;
/// Bytes of a report title.
pub(super) const MAX_TITLE_BYTES: usize = 200;
/// Segments in one filter.
pub(super) const MAX_FILTER_SEGMENTS: usize = 16;
/// Bad-fit customers in a report as data. The paged list contains all of them.
pub(super) const MAX_REPORT_BAD_FITS: usize = 500;
