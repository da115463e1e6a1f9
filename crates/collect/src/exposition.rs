//! Writing the classic text format, for what this process exposes itself.

use std::collections::BTreeMap;
use std::fmt::Write;

/// The type of a family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FamilyKind {
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Unknown.
    Untyped,
}

impl FamilyKind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Untyped => "untyped",
        }
    }
}

/// Metric families by name, each with its samples.
#[derive(Debug, Default)]
pub struct Exposition {
    families: BTreeMap<String, Family>,
}

#[derive(Debug)]
struct Family {
    kind: FamilyKind,
    help: String,
    /// Samples by their labels as written: one that comes twice is kept once.
    samples: BTreeMap<String, f64>,
}

impl Exposition {
    /// Adds a sample of a counter.
    pub fn counter(&mut self, name: &str, help: &str, labels: &[(&str, &str)], value: f64) {
        self.sample(FamilyKind::Counter, name, help, labels, value);
    }

    /// Adds a sample of a gauge.
    pub fn gauge(&mut self, name: &str, help: &str, labels: &[(&str, &str)], value: f64) {
        self.sample(FamilyKind::Gauge, name, help, labels, value);
    }

    /// Adds a sample without a type.
    pub fn untyped(&mut self, name: &str, help: &str, labels: &[(&str, &str)], value: f64) {
        self.sample(FamilyKind::Untyped, name, help, labels, value);
    }

    fn sample(
        &mut self,
        kind: FamilyKind,
        name: &str,
        help: &str,
        labels: &[(&str, &str)],
        value: f64,
    ) {
        if !self.families.contains_key(name) {
            let family = Family { kind, help: help.to_owned(), samples: BTreeMap::new() };
            self.families.insert(name.to_owned(), family);
        }
        if let Some(family) = self.families.get_mut(name) {
            family.samples.insert(write_labels(labels), value);
        }
    }

    /// The text.
    pub fn render(&self) -> String {
        let mut out = String::with_capacity(64 << 10);
        for (name, family) in &self.families {
            let help = family.help.replace('\\', "\\\\").replace('\n', "\\n");
            let _ = writeln!(out, "# HELP {name} {help}");
            let _ = writeln!(out, "# TYPE {name} {}", family.kind.as_str());
            for (labels, value) in &family.samples {
                let _ = writeln!(out, "{name}{labels} {}", format_value(*value));
            }
        }
        out
    }
}

fn write_labels(labels: &[(&str, &str)]) -> String {
    let mut sorted: Vec<_> = labels.to_vec();
    sorted.sort_unstable();
    let mut out = String::new();
    for (index, (name, value)) in sorted.iter().enumerate() {
        out.push(if index == 0 { '{' } else { ',' });
        out.push_str(name);
        out.push_str("=\"");
        for c in value.chars() {
            match c {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '\n' => out.push_str("\\n"),
                c => out.push(c),
            }
        }
        out.push('"');
    }
    if !out.is_empty() {
        out.push('}');
    }
    out
}

fn format_value(value: f64) -> String {
    if value.is_nan() {
        "NaN".to_owned()
    } else if value.is_infinite() {
        if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned()
    } else if value != 0.0 && !(1e-4..1e21).contains(&value.abs()) {
        format!("{value:e}")
    } else {
        value.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_and_samples_are_sorted_and_escaped() {
        let mut exposition = Exposition::default();
        exposition.gauge("b", "Back\\slash\nline.", &[("z", "1"), ("a", "x\"\\\n")], 1.5);
        exposition.counter("a_total", "Help.", &[], 3e30);
        exposition.counter("a_total", "Help.", &[], f64::INFINITY);
        assert_eq!(
            exposition.render(),
            "# HELP a_total Help.\n# TYPE a_total counter\na_total +Inf\n\
             # HELP b Back\\\\slash\\nline.\n# TYPE b gauge\nb{a=\"x\\\"\\\\\\n\",z=\"1\"} 1.5\n"
        );
    }
}
