//! A definition without its lists: read, and set.

use std::collections::BTreeSet;

use sweetspot_core::{Condition, Test};
use sweetspot_proto::v1;
use tonic::Status;

use super::super::Profile;
use super::{Call, digest, model_name};
use crate::api::convert::definition::{definition, places, review_date};
use crate::api::convert::spoken::Names;
use crate::api::problems::Problems;
use crate::api::status::status;

impl Profile {
    /// Where a definition stands.
    pub(in crate::api::profile) async fn definition(
        &self,
        request: v1::GetDefinitionRequest,
    ) -> Result<v1::GetDefinitionResponse, Status> {
        let v1::GetDefinitionRequest { model } = request;
        let mut problems = Problems::default();
        let model = model_name("model", &model, &mut problems);
        let model = problems.check(model).map_err(|fault| status(&fault))?;
        let definitions = self.parts.definitions.clone();
        let read = move || definitions.get(&model).map(|held| definition(&model, &held));
        Ok(v1::GetDefinitionResponse { definition: Some(self.work.keep(read).await?) })
    }

    /// Sets where attributes belong, and when it is due.
    pub(in crate::api::profile) async fn set_definition(
        &self,
        request: v1::UpdateDefinitionRequest,
    ) -> Result<v1::UpdateDefinitionResponse, Status> {
        let body = digest(&request);
        let v1::UpdateDefinitionRequest { definition: wire, request_id } = request;
        let v1::Definition { model, etag, attributes, review_date: day, .. } = wire.unwrap_or_default();
        let mut problems = Problems::default();
        if etag.is_empty() {
            let text = "the etag is missing: read the definition and send its etag";
            problems.add("ETAG_MISSING", "definition.etag", text);
        }
        let set = places(attributes, &mut problems).zip(review_date(&day, &mut problems));
        let call = Call { method: "update", model: ("definition.model", model), etag, request_id, body };
        let wish = call.wish(&mut problems);
        let whole = problems.check(wish.zip(set)).map_err(|fault| status(&fault))?;
        let (wish, ((categories, sections), review_on)) = whole;
        let definitions = self.parts.definitions.clone();
        let known = |attribute: &String| Condition { attribute: attribute.clone(), test: Test::Present(true) };
        let placed = categories.keys().chain(sections.keys()).collect::<BTreeSet<_>>();
        let conditions = placed.into_iter().map(known).collect();
        let names = Names { who: "the definition".to_owned(), conditions, ..Names::default() };
        let model = wish.model.clone();
        let held = self.work.keep(move || {
            let held = definitions.change(&wish, |kept, _| {
                if (&kept.categories, &kept.sections, kept.review_on) != (&categories, &sections, review_on) {
                    (kept.categories, kept.sections, kept.review_on) = (categories, sections, review_on);
                    kept.touch();
                }
                Ok(())
            });
            held.map(|held| definition(&wish.model, &held))
        });
        let definition = Some(held.await?);
        Ok(v1::UpdateDefinitionResponse { definition, warnings: self.unknown(&model, names).await })
    }
}
