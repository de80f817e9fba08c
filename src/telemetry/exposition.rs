//! Metrics whose values are read when they are requested, in Prometheus' text format.

use std::fmt::Write as _;

/// A label and its value.
pub type Label<'a> = (&'a str, &'a str);

/// A page of metrics.
#[derive(Debug)]
pub struct MetricsPage(String);

impl MetricsPage {
    /// Starts with metrics in the same format.
    #[must_use]
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// Adds a gauge with these samples.
    pub fn gauge<'a, L: AsRef<[Label<'a>]>>(
        &mut self,
        name: &str,
        help: &str,
        samples: impl IntoIterator<Item = (L, f64)>,
    ) {
        self.add("gauge", name, help, samples);
    }

    /// Adds a counter with these samples.
    pub fn counter<'a, L: AsRef<[Label<'a>]>>(
        &mut self,
        name: &str,
        help: &str,
        samples: impl IntoIterator<Item = (L, f64)>,
    ) {
        self.add("counter", name, help, samples);
    }

    /// Adds a gauge without labels. Without a value, it has no sample.
    pub fn value(&mut self, name: &str, help: &str, value: Option<f64>) {
        self.gauge(name, help, value.map(|value| ([], value)));
    }

    fn add<'a, L: AsRef<[Label<'a>]>>(
        &mut self,
        kind: &str,
        name: &str,
        help: &str,
        samples: impl IntoIterator<Item = (L, f64)>,
    ) {
        let text = &mut self.0;
        let _never_fails = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
        for (labels, value) in samples {
            // Names of resources and digests contain no character that needs escaping.
            let labels: Vec<String> = labels.as_ref().iter().map(|(key, text)| format!("{key}=\"{text}\"")).collect();
            let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
            let _never_fails = writeln!(text, "{name}{labels} {value}");
        }
    }

    /// Returns the page.
    #[must_use]
    pub fn into_text(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_follow_their_description() {
        let mut page = MetricsPage::new("before 1\n".to_owned());
        page.gauge("a", "A.", [([("x", "1"), ("y", "2")], 0.5), ([("x", "2"), ("y", "3")], 2.0)]);
        page.value("b_bytes", "B.", None);
        page.value("c_bytes", "C.", Some(3e9));
        let text = "before 1\n# HELP a A.\n# TYPE a gauge\na{x=\"1\",y=\"2\"} 0.5\na{x=\"2\",y=\"3\"} 2\n\
                    # HELP b_bytes B.\n# TYPE b_bytes gauge\n\
                    # HELP c_bytes C.\n# TYPE c_bytes gauge\nc_bytes 3000000000\n";
        assert_eq!(page.into_text(), text);
    }
}
