//! `bellwether query`: an answer from a running server, for people or programs.

mod output;

use anyhow::{Context, bail};
use model::{PromDuration, Timestamp};
use serde_json::Value;
use std::io::IsTerminal;

use super::ask;
use crate::cli::PromqlArgs;
use output::Format;

/// `query promql`
pub(super) async fn promql(args: &PromqlArgs) -> anyhow::Result<()> {
    let answer = ask::get(&url(args)?).await?;
    if answer["status"] != "success" {
        bail!("{}", answer["error"].as_str().unwrap_or("the server gave no answer"));
    }
    let format = match (args.json, args.csv) {
        (true, _) => Format::Json,
        (_, true) => Format::Csv,
        _ if std::io::stdout().is_terminal() => Format::Terminal,
        _ => Format::Table,
    };
    ask::print(&output::render(&answer, format))?;
    if format != Format::Json {
        for (key, name) in [("warnings", "warning"), ("infos", "info")] {
            for text in answer[key].as_array().into_iter().flatten().filter_map(Value::as_str) {
                eprintln!("{name}: {text}");
            }
        }
    }
    Ok(())
}

fn url(args: &PromqlArgs) -> anyhow::Result<url::Url> {
    let now = Timestamp::now();
    let name = if args.from.is_some() { "query_range" } else { "query" };
    let mut url = ask::api(&args.url, name)?;
    let mut pairs = url.query_pairs_mut();
    pairs.append_pair("query", &args.expr);
    match (&args.from, &args.to) {
        (Some(from), to) => {
            pairs.append_pair("start", &time("--from", from, now)?);
            pairs.append_pair("end", &time("--to", to.as_deref().unwrap_or("0s"), now)?);
            pairs.append_pair("step", &args.step);
        }
        (None, Some(to)) => {
            pairs.append_pair("time", &time("--to", to, now)?);
        }
        (None, None) => {}
    }
    drop(pairs);
    Ok(url)
}

/// A time as the API takes it: as it was written, or, of a duration, so long ago.
fn time(flag: &str, text: &str, now: Timestamp) -> anyhow::Result<String> {
    if text.parse::<f64>().is_ok() || text.parse::<jiff::Timestamp>().is_ok() {
        return Ok(text.to_owned());
    }
    let ago = PromDuration::parse(text).ok().with_context(|| {
        format!("{flag}: {text:?} is no time; write RFC 3339, seconds since 1970, or how long ago, such as 1h")
    })?;
    Ok((now - ago.as_millis()).as_secs_f64().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_absolute_or_so_long_ago() {
        let now = Timestamp::from_millis(7_200_500);
        let time = |text| time("--from", text, now);
        assert_eq!(time("1h").unwrap(), "3600.5");
        assert_eq!(time("1700000000.5").unwrap(), "1700000000.5");
        assert_eq!(time("2026-01-01T00:00:00Z").unwrap(), "2026-01-01T00:00:00Z");
        assert!(time("yesterday").unwrap_err().to_string().contains("--from: \"yesterday\""));
    }
}
