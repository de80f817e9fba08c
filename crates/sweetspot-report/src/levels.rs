//! Levels of headings, none of them left out.

/// The level at which a document begins: the page itself has the first.
pub(super) const OUTERMOST: u8 = 2;
/// The innermost level.
const INNERMOST: u8 = 4;

/// The level so far.
#[derive(Debug)]
pub(super) struct Levels {
    /// As it was asked for.
    asked: u8,
    /// As it was given.
    given: u8,
}

impl Default for Levels {
    fn default() -> Self {
        Self { asked: OUTERMOST - 1, given: OUTERMOST - 1 }
    }
}

impl Levels {
    /// The level on the page of a heading, 1 a document's: at most one below the heading before it. Of headings that follow each
    /// other with one level, each has the level of the first.
    pub(super) fn next(&mut self, level: u8) -> u8 {
        let wanted = level.saturating_add(OUTERMOST - 1).clamp(OUTERMOST, INNERMOST);
        if wanted != self.asked {
            *self = Self { asked: wanted, given: wanted.min(self.given + 1) };
        }
        self.given
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_level_is_left_out() {
        let mut levels = Levels::default();
        assert_eq!([3, 3, 1, 255, 2, 0].map(|level| levels.next(level)), [2, 2, 2, 3, 3, 2]);
    }
}
