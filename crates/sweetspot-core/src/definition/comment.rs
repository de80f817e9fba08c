//! Comments: open until a person resolves them, and records of entries that were removed.

use jiff::Timestamp;

use super::{Definition, DefinitionChangeError, Entry, EntryKind};

/// The maximum number of removals that a definition records; the oldest one is dropped.
pub const MAX_RECORDED_REMOVALS: usize = 200;

/// A comment on a document or an entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comment {
    /// The id, unique among the comments.
    pub id: String,
    /// The subject, such as a heading or an id; can be empty.
    pub about: String,
    /// The comment.
    pub text: String,
    /// The author.
    pub author: String,
    /// The time of the comment.
    pub time: Timestamp,
    /// Whether it records the removal of an entry: its text is the reason. Such a comment is never open.
    pub is_removal: bool,
    /// How it was resolved; `None` if it is open, or records a removal.
    pub resolution: Option<CommentResolution>,
}

/// How a comment was resolved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommentResolution {
    /// The person who resolved it.
    pub author: String,
    /// The time.
    pub time: Timestamp,
    /// The reason; can be empty.
    pub reason: String,
}

impl Comment {
    /// Whether the comment waits for a person to resolve it.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        !self.is_removal && self.resolution.is_none()
    }
}

impl Definition {
    /// The number of open comments.
    #[must_use]
    pub fn open_comments(&self) -> usize {
        self.comments.iter().filter(|comment| comment.is_open()).count()
    }

    /// Resolves a comment, which stays. The approval is not affected.
    ///
    /// # Errors
    /// [`DefinitionChangeError::Missing`] if no comment has the id; [`DefinitionChangeError::CommentNotOpen`] if it is
    /// resolved already, or records a removal.
    pub fn resolve_comment(&mut self, id: &str, resolution: CommentResolution) -> Result<(), DefinitionChangeError> {
        let missing = || DefinitionChangeError::missing(EntryKind::Comment, id);
        let comment = self.comments.iter_mut().find(|comment| comment.id == id).ok_or_else(missing)?;
        let not_open = |why: String| Err(DefinitionChangeError::CommentNotOpen { id: id.to_owned(), why });
        match &comment.resolution {
            Some(resolution) => not_open(format!("{} resolved it: add a new comment", resolution.author.trim())),
            None if comment.is_removal => not_open("it records the removal of an entry".to_owned()),
            None => {
                comment.resolution = Some(resolution);
                Ok(())
            }
        }
    }

    /// Records who removed an entry and why, as a comment with this id. If there are too many such records, or too many
    /// comments, the oldest record is dropped.
    ///
    /// # Errors
    /// [`DefinitionChangeError::Full`] if there are too many comments of people.
    pub fn record_removal<E: Entry>(
        &mut self,
        entry: &str,
        author: &str,
        reason: &str,
        id: String,
        now: Timestamp,
    ) -> Result<(), DefinitionChangeError> {
        let removals = self.comments.iter().filter(|comment| comment.is_removal).count();
        if removals >= MAX_RECORDED_REMOVALS || self.comments.len() >= EntryKind::Comment.max_entries() {
            // Comments are in the order of their creation.
            if let Some(oldest) = self.comments.iter().position(|comment| comment.is_removal) {
                self.comments.remove(oldest);
            }
        }
        let about = format!("removed {} {entry}", E::KIND);
        let (text, author) = (reason.to_owned(), author.to_owned());
        self.add(Comment { id, about, text, author, is_removal: true, ..Comment::default() }, now)
    }
}
