//! The choice among clusterings with different numbers of clusters, and the reason for few segments.

use super::{
    DiscoveredSegment, DiscoveredSegments, MAX_SEGMENTS, MIN_COMPLETE_SEGMENTS, MIN_SEGMENTS, MIN_SILHOUETTE,
    MIN_STABILITY,
};

/// Three or more segments take precedence over two if their silhouette is at least this share of that of the two: a clear
/// pair is not split further.
const MIN_SILHOUETTE_SHARE: f64 = 0.9;

/// A clustering whose clusters recur in resamples and are apart.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Clustering {
    /// The mean silhouette.
    pub(super) silhouette: f64,
    /// The number of clusters that a rule describes.
    pub(super) rules: usize,
    /// The segments: those whose rule selects enough ideal customers.
    pub(super) segments: Vec<DiscoveredSegment>,
}

/// What a clustering lacks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum ClusteringFault {
    /// Clusterings of resamples agree by this much only.
    Unstable(f64),
    /// The silhouette is this low.
    Overlapping(f64),
    /// Too few clusters are segments.
    Undescribed {
        /// The clusters with a rule that selects enough ideal customers at an average rate or above.
        segments: usize,
        /// The clusters with a rule.
        rules: usize,
        /// All clusters.
        kinds: usize,
    },
    /// The silhouette is this much lower than that of two segments.
    LessApart {
        /// The silhouette.
        silhouette: f64,
        /// That of two segments.
        pair: f64,
    },
}

impl ClusteringFault {
    /// The number of checks passed, and how close the failed one came: larger is better.
    fn progress(self) -> (u8, f64) {
        match self {
            Self::Unstable(stability) => (0, stability),
            Self::Overlapping(silhouette) => (1, silhouette),
            Self::Undescribed { segments, rules, kinds } => (2, (segments + rules) as f64 / kinds.max(1) as f64),
            Self::LessApart { silhouette, .. } => (3, silhouette),
        }
    }

    /// The reason in words, for at least this many clusters.
    fn reason(self, min_kinds: usize) -> String {
        match self {
            Self::Unstable(stability) => format!(
                "{min_kinds} to {MAX_SEGMENTS} clusters do not recur in resamples (best agreement {stability:.2}, at least \
                 {MIN_STABILITY} is needed)"
            ),
            Self::Overlapping(silhouette) => format!(
                "{min_kinds} to {MAX_SEGMENTS} clusters overlap (best silhouette {silhouette:.2}, at least {MIN_SILHOUETTE} \
                 is needed)"
            ),
            Self::Undescribed { segments, rules, kinds } => format!(
                "of {kinds} clusters, rules describe {rules} well enough, and {segments} with enough ideal customers at an \
                 average rate or above"
            ),
            Self::LessApart { silhouette, pair } => format!(
                "{min_kinds} to {MAX_SEGMENTS} clusters are less apart (best silhouette {silhouette:.2}, against {pair:.2})"
            ),
        }
    }
}

/// The segments of the clustering with the largest silhouette among those with three or more segments, or else, or if it
/// is clearly larger, among those with two; without any if there are no such clusterings. `results` has each number of
/// clusters.
pub(super) fn choose_clustering(results: &[(usize, Result<Clustering, ClusteringFault>)]) -> DiscoveredSegments {
    let best = |min_segments: usize| {
        let found = results.iter().filter_map(|(_, result)| result.as_ref().ok());
        let enough = found.filter(|clustering| clustering.segments.len() >= min_segments);
        enough.max_by(|a, b| a.silhouette.total_cmp(&b.silhouette))
    };
    let pair = best(MIN_SEGMENTS);
    let pair_silhouette = pair.map_or(0.0, |pair| pair.silhouette);
    if let Some(complete) = best(MIN_COMPLETE_SEGMENTS)
        && complete.silhouette >= MIN_SILHOUETTE_SHARE * pair_silhouette
    {
        return DiscoveredSegments { segments: complete.segments.clone(), note: String::new() };
    }
    let (segments, number, min_kinds) = match pair {
        Some(pair) => (pair.segments.clone(), "2 segments", MIN_COMPLETE_SEGMENTS),
        None => (Vec::new(), "no segments", MIN_SEGMENTS),
    };
    let larger = results.iter().filter(|(kinds, _)| *kinds >= min_kinds);
    let fault = |(kinds, result): &(usize, Result<Clustering, ClusteringFault>)| match result {
        Ok(Clustering { silhouette, segments, .. }) if segments.len() >= MIN_COMPLETE_SEGMENTS => {
            ClusteringFault::LessApart { silhouette: *silhouette, pair: pair_silhouette }
        }
        Ok(Clustering { rules, segments, .. }) => {
            ClusteringFault::Undescribed { segments: segments.len(), rules: *rules, kinds: *kinds }
        }
        Err(fault) => *fault,
    };
    let closest = larger.map(fault).max_by(|a, b| {
        let ((a, a_value), (b, b_value)) = (a.progress(), b.progress());
        a.cmp(&b).then(a_value.total_cmp(&b_value))
    });
    let note = closest.map(|fault| format!("{number}: {}", fault.reason(min_kinds)));
    DiscoveredSegments { segments, note: note.unwrap_or_default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clustering(segments: usize, silhouette: f64) -> Clustering {
        let segment = |number: usize| DiscoveredSegment {
            name: number.to_string(),
            conditions: Vec::new(),
            stability: 0.9,
            rows: Vec::new(),
            ideal: 10,
        };
        Clustering { silhouette, rules: segments, segments: (0..segments).map(segment).collect() }
    }

    fn choice(results: [Result<Clustering, ClusteringFault>; 4]) -> (usize, String) {
        let DiscoveredSegments { segments, note } = choose_clustering(&(2..).zip(results).collect::<Vec<_>>());
        (segments.len(), note)
    }

    #[test]
    fn three_or_more_segments_take_precedence_over_a_larger_silhouette() {
        let found =
            choice([Ok(clustering(2, 0.55)), Ok(clustering(3, 0.3)), Ok(clustering(4, 0.5)), Ok(clustering(3, 0.4))]);
        assert_eq!(found, (4, String::new()));
        let clear_pair =
            choice([Ok(clustering(2, 0.6)), Ok(clustering(3, 0.3)), Ok(clustering(4, 0.5)), Ok(clustering(3, 0.4))]);
        let text = "2 segments: 3 to 5 clusters are less apart (best silhouette 0.50, against 0.60)";
        assert_eq!(clear_pair, (2, text.to_owned()));
    }

    #[test]
    fn fewer_segments_have_a_reason() {
        use ClusteringFault::{Overlapping, Unstable};
        let two = choice([Ok(clustering(2, 0.3)), Err(Unstable(0.41)), Err(Unstable(0.2)), Err(Unstable(-0.1))]);
        let text =
            "2 segments: 3 to 5 clusters do not recur in resamples (best agreement 0.41, at least 0.6 is needed)";
        assert_eq!(two, (2, text.to_owned()));
        let two = choice([Ok(clustering(2, 0.3)), Err(Overlapping(0.18)), Err(Unstable(0.59)), Ok(clustering(2, 0.4))]);
        assert_eq!(two, (2, "2 segments: of 5 clusters, rules describe 2 well enough, and 2 with enough ideal customers at an average rate or above".to_owned()));
        let none = choice([Err(Overlapping(0.1)), Err(Overlapping(0.18)), Err(Unstable(0.5)), Err(Unstable(0.5))]);
        let text = "no segments: 2 to 5 clusters overlap (best silhouette 0.18, at least 0.25 is needed)";
        assert_eq!(none, (0, text.to_owned()));
        let none = choice([Ok(clustering(1, 0.3)), Ok(clustering(0, 0.5)), Err(Unstable(0.5)), Err(Unstable(0.5))]);
        assert_eq!(none, (0, "no segments: of 2 clusters, rules describe 1 well enough, and 1 with enough ideal customers at an average rate or above".to_owned()));
    }
}
