//! Cards beside each other.

use maud::{Markup, html};

use super::Page;
use crate::report::document::Card;

/// The cards, each with a heading of its own.
pub(super) fn cards(page: &mut Page, cards: &[Card]) -> Markup {
    let headings: Vec<Markup> = cards.iter().map(|card| page.headings.add(3, &card.title)).collect();
    html! {
        div.cards {
            @for (card, heading) in cards.iter().zip(&headings) {
                article.card {
                    (heading)
                    @if !card.line.is_empty() { p { (card.line) } }
                    @if !card.facts.is_empty() {
                        dl { @for (name, fact) in &card.facts { div { dt { (name) } dd { (fact) } } } }
                    }
                }
            }
        }
    }
}
