//! Cards beside each other.

use maud::{Markup, html};

use crate::document::Card;

/// The cards. Their titles are no headings: what they are about has its own section.
pub(super) fn cards(cards: &[Card]) -> Markup {
    html! {
        div.cards {
            @for card in cards {
                article.card {
                    p.title { (card.title) }
                    @if !card.line.is_empty() { p { (card.line) } }
                    @if !card.facts.is_empty() {
                        dl { @for (name, fact) in &card.facts { div { dt { (name) } dd { (fact) } } } }
                    }
                }
            }
        }
    }
}
