//! Cards next to each other.

use maud::{Markup, html};

use crate::document::Card;

/// The cards. Their titles are not headings, because each subject has its own section.
pub(super) fn cards(cards: &[Card]) -> Markup {
    html! {
        div.cards {
            @for card in cards {
                article.card {
                    p.title { (card.title) }
                    @if !card.subtitle.is_empty() { p { (card.subtitle) } }
                    @if !card.facts.is_empty() {
                        dl { @for (name, fact) in &card.facts { div { dt { (name) } dd { (fact) } } } }
                    }
                }
            }
        }
    }
}
