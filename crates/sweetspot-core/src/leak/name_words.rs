//! Words in an attribute's name that indicate when it is recorded.

/// Words for an outcome.
const OUTCOME_WORDS: [&str; 53] = [
    "status",
    "stage",
    "dealstage",
    "stagename",
    "iswon",
    "isclosed",
    "ischurned",
    "closedate",
    "outcome",
    "result",
    "churn",
    "churned",
    "converted",
    "conversion",
    "won",
    "lost",
    "win",
    "loss",
    "close",
    "closed",
    "closing",
    "cancelled",
    "canceled",
    "cancellation",
    "cltv",
    "ltv",
    "clv",
    "lifetime",
    "reason",
    "target",
    "renewal",
    "renewed",
    "retained",
    "retention",
    "subscribed",
    "purchased",
    "attrition",
    "phase",
    "verkaufsphase",
    "ergebnis",
    "abschlussdatum",
    "gewonnen",
    "verloren",
    "kündigung",
    "étape",
    "statut",
    "résultat",
    "etapa",
    "resultado",
    "fase",
    "etap",
    "steg",
    "resultat",
];

/// Words for conclusions and measurements while a deal is in progress.
const PROCESS_WORDS: [&str; 23] = [
    "score",
    "scoring",
    "rating",
    "grade",
    "quality",
    "priority",
    "tag",
    "tags",
    "profile",
    "index",
    "probability",
    "prediction",
    "predicted",
    "propensity",
    "likelihood",
    "forecast",
    "duration",
    "elapsed",
    "tenure",
    "days",
    "activity",
    "activities",
    "interactions",
];

/// Words that make a name harmless: marital status, funding stage, credit rating, outcome of the previous campaign.
const HARMLESS_WORDS: [&str; 12] = [
    "marital",
    "employment",
    "legal",
    "credit",
    "funding",
    "previous",
    "prior",
    "past",
    "market",
    "audience",
    "juridique",
    "civil",
];

/// Words in the name of a date of a deal or its record, not of the customer itself.
const DEAL_DATE_WORDS: [&str; 51] = [
    "activity",
    "booked",
    "booking",
    "close",
    "closed",
    "closedate",
    "closing",
    "contacted",
    "conversion",
    "converted",
    "create",
    "created",
    "createdate",
    "createddate",
    "creation",
    "deal",
    "demo",
    "engage",
    "engaged",
    "engagement",
    "enquiry",
    "entered",
    "entry",
    "inquiry",
    "invoice",
    "invoiced",
    "last",
    "lastmodifieddate",
    "lead",
    "lost",
    "meeting",
    "modified",
    "onboarding",
    "open",
    "opened",
    "opportunity",
    "order",
    "ordered",
    "proposal",
    "purchase",
    "purchased",
    "quote",
    "quoted",
    "sale",
    "sales",
    "sold",
    "stage",
    "submitted",
    "updated",
    "update",
    "won",
];

/// The words of a name in lower case: `CustomerID`, `customer_id` and `Customer Id` have the same words.
#[must_use]
pub fn name_words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before_lower = false;
    for c in name.chars() {
        let starts = !c.is_alphanumeric() || (c.is_uppercase() && before_lower);
        if starts {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.extend(c.to_lowercase());
        }
        before_lower = c.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The word of a name that indicates an outcome, if any.
#[must_use]
pub fn outcome_word(name: &str) -> Option<String> {
    first_listed_word(name, &[&OUTCOME_WORDS])
}

/// The word of a name that indicates an outcome, or a conclusion or measurement while a deal is in progress, if any.
#[must_use]
pub fn late_word(name: &str) -> Option<String> {
    first_listed_word(name, &[&OUTCOME_WORDS, &PROCESS_WORDS])
}

/// The word of a date's name that indicates when a deal was made, in progress or ended, or its record written, if any.
#[must_use]
pub fn deal_date_word(name: &str) -> Option<String> {
    first_listed_word(name, &[&DEAL_DATE_WORDS])
}

fn first_listed_word(name: &str, lists: &[&[&str]]) -> Option<String> {
    let words = name_words(name);
    let contains_word = |list: &[&str], word: &String| list.contains(&word.as_str());
    if words.iter().any(|word| contains_word(&HARMLESS_WORDS, word)) {
        return None;
    }
    words.into_iter().find(|word| lists.iter().any(|list| contains_word(list, word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_split_into_words() {
        for (name, expected) in [
            ("CustomerID", vec!["customer", "id"]),
            ("client_since when", vec!["client", "since", "when"]),
            ("# of Decision makers", vec!["of", "decision", "makers"]),
            ("TotalVisits", vec!["total", "visits"]),
            ("CLTV", vec!["cltv"]),
            ("", vec![]),
        ] {
            assert_eq!(name_words(name), expected, "{name}");
        }
    }

    #[test]
    fn outcome_and_process_words_are_found() {
        for (name, outcome, late) in [
            ("Churn Reason", Some("churn"), Some("churn")),
            ("LeadQuality", None, Some("quality")),
            ("days_in_stage", Some("stage"), Some("days")),
            ("marital_status", None, None),
            ("Credit rating", None, None),
            ("previous outcome", None, None),
            ("poutcome", None, None),
            ("industry", None, None),
            ("scorecard", None, None),
        ] {
            assert_eq!((outcome_word(name).as_deref(), late_word(name).as_deref()), (outcome, late), "{name}");
        }
    }

    #[test]
    fn deal_date_words_are_found_and_customer_dates_are_not() {
        for (name, word) in [
            ("engage_date", Some("engage")),
            ("Created Date", Some("created")),
            ("Deal - Deal created", Some("deal")),
            ("createdate", Some("createdate")),
            ("Last Modified Date", Some("last")),
            ("founded", None),
            ("Date of incorporation", None),
            ("Customer since", None),
            ("previous purchase date", None),
        ] {
            assert_eq!(deal_date_word(name).as_deref(), word, "{name}");
        }
    }
}
