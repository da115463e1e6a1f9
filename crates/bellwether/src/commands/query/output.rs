//! How answers are printed: as JSON, as comma-separated values, as lines for
//! programs, or, on a terminal, with ranges as sparklines.

use std::fmt::Write;

use serde_json::Value;

/// How an answer is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// The server's answer as it is.
    Json,
    /// A line for each sample, behind a line of names.
    Csv,
    /// A line for each sample, in columns.
    Table,
    /// A line for each series; of a range a sparkline and the last value.
    Terminal,
}

const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// How wide a sparkline is, in characters.
const SPARKLINE_CHARS: usize = 60;

/// The text of a successful answer.
pub(super) fn render(answer: &Value, format: Format) -> String {
    let data = &answer["data"];
    if format == Format::Json {
        return format!("{answer}\n");
    }
    if let Some("scalar" | "string") = data["resultType"].as_str() {
        return format!("{}\n", text(&data["result"][1]));
    }
    let series: Vec<Series> =
        data["result"].as_array().into_iter().flatten().map(Series::of).collect();
    match format {
        Format::Csv => csv(&series),
        Format::Terminal if data["resultType"] == "matrix" => sparklines(&series),
        _ => table(&series, data["resultType"] == "matrix"),
    }
}

struct Series {
    labels: String,
    /// Times in seconds, and values.
    samples: Vec<(f64, String)>,
}

impl Series {
    fn of(value: &Value) -> Self {
        let pairs = value["metric"].as_object().into_iter().flatten();
        let pairs = pairs.map(|(name, value)| (name.clone(), text(value)));
        let one = |key: &str| value.get(key).into_iter();
        let all = |key: &str| value[key].as_array().into_iter().flatten();
        let floats = one("value").chain(all("values"));
        let histograms = one("histogram").chain(all("histograms"));
        let at = |sample: &Value| sample[0].as_f64().unwrap_or(f64::NAN);
        let mut samples: Vec<_> = floats.map(|sample| (at(sample), text(&sample[1]))).collect();
        samples.extend(histograms.map(|sample| (at(sample), histogram(&sample[1]))));
        samples.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        Self { labels: model::Labels::from_pairs(pairs).to_string(), samples }
    }
}

/// A histogram in a few words; its buckets are in the JSON.
fn histogram(value: &Value) -> String {
    format!("{{count:{} sum:{}}}", text(&value["count"]), text(&value["sum"]))
}

fn csv(series: &[Series]) -> String {
    let mut out = "series,time,value\n".to_owned();
    for Series { labels, samples } in series {
        for (at, value) in samples {
            let _ = writeln!(out, "\"{}\",{at},{value}", labels.replace('"', "\"\""));
        }
    }
    out
}

fn table(series: &[Series], with_times: bool) -> String {
    let values = series.iter().flat_map(|series| &series.samples).map(|(_, value)| value.len());
    let width = values.max().unwrap_or(0);
    let mut out = String::new();
    for Series { labels, samples } in series {
        for (at, value) in samples {
            if with_times {
                let _ = write!(out, "{}  ", time(*at));
            }
            let _ = writeln!(out, "{value:>width$}  {labels}");
        }
    }
    out
}

fn time(secs: f64) -> String {
    let millis = (secs * 1e3).round() as i64;
    let at = jiff::Timestamp::from_millisecond(millis);
    at.map_or_else(|_| secs.to_string(), |at| format!("{at:.3}"))
}

fn sparklines(series: &[Series]) -> String {
    let last = |series: &Series| series.samples.last().map_or("", |(_, value)| value).to_owned();
    let width = series.iter().map(|series| last(series).len()).max().unwrap_or(0);
    let mut out = String::new();
    for one in series {
        let values: Vec<f64> =
            one.samples.iter().map(|(_, value)| value.parse().unwrap_or(f64::NAN)).collect();
        let _ = writeln!(out, "{}  {:>width$}  {}", sparkline(&values), last(one), one.labels);
    }
    out
}

/// Values as bars of eight heights, thinned to the width of a terminal.
fn sparkline(values: &[f64]) -> String {
    let finite = || values.iter().copied().filter(|value| value.is_finite());
    let (low, high) =
        (finite().fold(f64::INFINITY, f64::min), finite().fold(f64::NEG_INFINITY, f64::max));
    let stride = values.len().div_ceil(SPARKLINE_CHARS).max(1);
    values
        .iter()
        .step_by(stride)
        .map(|value| {
            if !value.is_finite() {
                return ' ';
            }
            let height = if high > low { (value - low) / (high - low) } else { 0.0 };
            BARS[((height * 7.0).round() as usize).min(7)]
        })
        .collect()
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn sparklines_span_their_values() {
        assert_eq!(sparkline(&[0.0, 7.0, f64::NAN, 3.5]), "▁█ ▅");
        assert_eq!(sparkline(&[5.0, 5.0]), "▁▁");
        assert!(sparkline(&vec![1.0; 1000]).chars().count() <= 60);
    }

    fn vector() -> Value {
        json!({"status": "success", "data": {"resultType": "vector", "result": [
            {"metric": {"__name__": "a", "b": "say \"c\""}, "value": [1.5, "10"]},
            {"metric": {"d": "e"}, "histogram": [1.5, {"count": "3", "sum": "4.5", "buckets": []}]},
        ]}})
    }

    fn matrix() -> Value {
        json!({"status": "success", "data": {"resultType": "matrix", "result": [
            {"metric": {"__name__": "a"}, "values": [[0, "1"], [60.25, "12"]]},
        ]}})
    }

    #[test]
    fn instant_vectors_are_columns() {
        let expected = "               10  a{b=\"say \\\"c\\\"\"}\n{count:3 sum:4.5}  {d=\"e\"}\n";
        assert_eq!(render(&vector(), Format::Table), expected);
        assert_eq!(render(&vector(), Format::Terminal), expected);
        let expected = "series,time,value\n\"a{b=\"\"say \\\"\"c\\\"\"\"\"}\",1.5,10\n\"{d=\"\"e\"\"}\",1.5,{count:3 sum:4.5}\n";
        assert_eq!(render(&vector(), Format::Csv), expected);
        assert_eq!(render(&vector(), Format::Json), format!("{}\n", vector()));
    }

    #[test]
    fn ranges_are_sparklines_on_terminals_only() {
        assert_eq!(render(&matrix(), Format::Terminal), "▁█  12  a\n");
        let expected = "1970-01-01T00:00:00.000Z   1  a\n1970-01-01T00:01:00.250Z  12  a\n";
        assert_eq!(render(&matrix(), Format::Table), expected);
    }

    #[test]
    fn scalars_and_texts_stand_alone() {
        let scalar = json!({"data": {"resultType": "scalar", "result": [0, "3"]}});
        assert_eq!(render(&scalar, Format::Table), "3\n");
        assert_eq!(render(&scalar, Format::Csv), "3\n");
    }
}
