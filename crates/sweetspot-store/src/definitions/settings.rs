//! The settings of a definition.

use std::collections::BTreeMap;

use sweetspot_core::{ApprovalCommittee, Date, IcpCategory, PondMapSectionKind};

use super::{Collection, DefinitionError, Definitions, EditRequest, EditResult};
use crate::store::Commit;

/// The parts of a definition that are not lists of entries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DefinitionSettings {
    /// The categories of attributes that people set.
    pub categories: BTreeMap<String, IcpCategory>,
    /// The Pond Map sections of attributes that people set.
    pub sections: BTreeMap<String, PondMapSectionKind>,
    /// The date of the next review.
    pub review_date: Option<Date>,
    /// Whether the person who submitted the definition may approve it.
    pub allow_self_approval: bool,
    /// Who may approve the definition, and how many people have to.
    pub committee: ApprovalCommittee,
}

impl Definitions {
    /// Replaces the placements of attributes and the other settings, also if the state or the committee cannot be read.
    /// If anything changes, the definition is a draft without approvals.
    ///
    /// # Errors
    /// As for [`Self::change`].
    pub fn configure(
        &self,
        request: &EditRequest,
        settings: DefinitionSettings,
    ) -> Result<EditResult, DefinitionError> {
        self.write(request, |edited| {
            let unreadable = edited.unreadable.len();
            let is_replaced =
                |collection| matches!(collection, Collection::Attributes | Collection::Committee | Collection::State);
            edited.unreadable.retain(|path| !is_replaced(path.collection));
            let definition = &mut edited.definition;
            let before = DefinitionSettings {
                categories: std::mem::take(&mut definition.categories),
                sections: std::mem::take(&mut definition.sections),
                review_date: definition.review_date,
                allow_self_approval: definition.allow_self_approval,
                committee: std::mem::take(&mut definition.committee),
            };
            if before != settings || edited.unreadable.len() < unreadable {
                definition.reopen();
            }
            let DefinitionSettings { categories, sections, review_date, allow_self_approval, committee } = settings;
            (definition.categories, definition.sections, definition.committee) = (categories, sections, committee);
            (definition.review_date, definition.allow_self_approval) = (review_date, allow_self_approval);
            Ok(Commit::default())
        })
    }
}
