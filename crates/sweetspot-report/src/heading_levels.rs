//! Heading levels without gaps.

/// The level of a document's title: the page itself has level 1.
pub(super) const MIN_LEVEL: u8 = 2;
/// The maximum level.
const MAX_LEVEL: u8 = 4;

/// Assigns the heading levels of a page without gaps.
#[derive(Debug)]
pub(super) struct HeadingLevels {
    /// The last requested level.
    requested: u8,
    /// The last assigned level.
    assigned: u8,
}

impl Default for HeadingLevels {
    fn default() -> Self {
        Self { requested: MIN_LEVEL - 1, assigned: MIN_LEVEL - 1 }
    }
}

impl HeadingLevels {
    /// The level on the page of a heading, whose requested level is 1 for a document's title: at most one below the
    /// previous heading. Consecutive headings with the same requested level get the same level.
    pub(super) fn next(&mut self, level: u8) -> u8 {
        let html_level = level.saturating_add(MIN_LEVEL - 1).clamp(MIN_LEVEL, MAX_LEVEL);
        if html_level != self.requested {
            *self = Self { requested: html_level, assigned: html_level.min(self.assigned + 1) };
        }
        self.assigned
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_level_is_left_out() {
        let mut levels = HeadingLevels::default();
        assert_eq!([3, 3, 1, 255, 2, 0].map(|level| levels.next(level)), [2, 2, 2, 3, 3, 2]);
    }
}
