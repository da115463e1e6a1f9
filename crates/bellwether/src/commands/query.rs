//! `bellwether query`: an answer from a running server, for people or programs.

use anyhow::{Context, bail};
use serde_json::Value;

use crate::cli::PromqlArgs;

const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// How wide a sparkline is, in characters.
const SPARKLINE_CHARS: usize = 60;

/// `query promql`
pub(super) async fn promql(args: &PromqlArgs) -> anyhow::Result<()> {
    let answer = collect::http_client::get_json(&url(args)?)
        .await
        .context("the server could not be asked")?;
    if answer["status"] != "success" {
        bail!("{}", answer["error"].as_str().unwrap_or("the server gave no answer"));
    }
    if args.json {
        println!("{answer}");
        return Ok(());
    }
    let data = &answer["data"];
    match data["resultType"].as_str() {
        Some("scalar" | "string") => println!("{}", text(&data["result"][1])),
        _ => print_series(data["result"].as_array().map_or(&[][..], Vec::as_slice), args.csv),
    }
    for warning in answer["warnings"].as_array().into_iter().flatten() {
        eprintln!("warning: {}", text(warning));
    }
    Ok(())
}

fn url(args: &PromqlArgs) -> anyhow::Result<url::Url> {
    let path = if args.from.is_some() { "/api/v1/query_range" } else { "/api/v1/query" };
    let mut url = url::Url::parse(&args.url).context("--url")?.join(path)?;
    let mut pairs = url.query_pairs_mut();
    pairs.append_pair("query", &args.expr);
    match (&args.from, &args.to) {
        (Some(from), to) => {
            let now = model::Timestamp::now().as_secs_f64().to_string();
            pairs.append_pair("start", from);
            pairs.append_pair("end", to.as_deref().unwrap_or(&now));
            pairs.append_pair("step", &args.step);
        }
        (None, Some(to)) => {
            pairs.append_pair("time", to);
        }
        (None, None) => {}
    }
    drop(pairs);
    Ok(url)
}

fn print_series(result: &[Value], as_csv: bool) {
    for series in result {
        let labels = labels(&series["metric"]);
        let samples: Vec<&Value> = match series["values"].as_array() {
            Some(values) => values.iter().collect(),
            None => vec![&series["value"]],
        };
        if as_csv {
            for sample in samples {
                println!("\"{}\",{},{}", labels.replace('"', "\"\""), sample[0], text(&sample[1]));
            }
        } else if series["values"].is_array() {
            let values: Vec<f64> =
                samples.iter().filter_map(|sample| text(&sample[1]).parse().ok()).collect();
            let last = samples.last().map(|sample| text(&sample[1])).unwrap_or_default();
            println!("{}  {last}  {labels}", sparkline(&values));
        } else {
            println!("{}  {labels}", text(&samples[0][1]));
        }
    }
}

fn labels(metric: &Value) -> String {
    let pairs = metric.as_object().into_iter().flatten();
    model::Labels::from_pairs(pairs.map(|(name, value)| (name.clone(), text(value)))).to_string()
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
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

#[cfg(test)]
mod tests {
    use super::sparkline;

    #[test]
    fn sparklines_span_their_values() {
        assert_eq!(sparkline(&[0.0, 7.0, f64::NAN, 3.5]), "▁█ ▅");
        assert_eq!(sparkline(&[5.0, 5.0]), "▁▁");
        assert!(sparkline(&vec![1.0; 1000]).chars().count() <= 60);
    }
}
