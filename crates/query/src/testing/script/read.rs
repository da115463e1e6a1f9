//! Reading scripts.

use model::{Labels, Millis, PromDuration, Timestamp};

use super::{Failure, When};
use crate::promql::parse::unquote;
use crate::testing::series_notation::{
    SequenceValue, SeriesDescription, metric_len, parse_metric, parse_values,
};

/// A command with the line that it starts on.
#[derive(Clone, Debug)]
pub struct Step {
    /// The line, from 1.
    pub line: usize,
    /// What to do.
    pub command: Command,
}

/// What a script may ask for.
#[derive(Clone, Debug)]
pub enum Command {
    /// Forgets all series.
    Clear,
    /// Adds series, their values from 0 on.
    Load {
        /// The distance of the values.
        interval: Millis,
        /// What is added.
        series: Vec<SeriesDescription>,
    },
    /// Evaluates an expression.
    Eval(Box<Eval>),
}

/// An expression with what is expected of it.
#[derive(Clone, Debug)]
pub struct Eval {
    /// The expression.
    pub text: String,
    /// When it is evaluated.
    pub when: When,
    /// What kind of result is expected.
    pub kind: EvalKind,
    /// The result; empty for a failure.
    pub expected: Expected,
    /// Parts of texts that errors, warnings or infos must have.
    pub messages: Vec<String>,
}

/// What kind of result is expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EvalKind {
    /// A value, in any order, without warnings.
    Plain,
    /// A value in this order.
    Ordered,
    /// An error.
    Fail,
    /// A value and a warning.
    Warn,
    /// A value and an info.
    Info,
}

/// A value that is expected.
#[derive(Clone, Debug)]
pub enum Expected {
    /// A scalar; for a range, its values.
    Scalar(Vec<Wanted>),
    /// A text.
    Text(String),
    /// Series.
    Series(Vec<Series>),
}

/// A series that is expected.
#[derive(Clone, Debug)]
pub struct Series {
    /// Its labels.
    pub labels: Labels,
    /// Its value; for a range, one for each step.
    pub values: Vec<Wanted>,
}

/// A value that is expected, and whether it must be so to the bit.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The value.
    pub value: SequenceValue,
    /// Whether rounding is no excuse.
    pub is_exact: bool,
}

type Read<T> = Result<T, String>;

/// Reads a script.
///
/// # Errors
/// The first line that is no command, or does not fit its command.
pub(super) fn read(script: &str) -> Result<Vec<Step>, Failure> {
    let mut steps = Vec::new();
    let mut lines = script.lines().enumerate().map(|(at, line)| (at + 1, line)).peekable();
    while let Some((line, text)) = lines.next() {
        if is_blank(text) {
            continue;
        }
        let mut body = Vec::new();
        while let Some((line, text)) =
            lines.next_if(|(_, text)| is_blank(text) || text.starts_with([' ', '\t']))
        {
            if !is_blank(text) {
                body.push((line, text.trim()));
            }
        }
        command(line, text, &body, &mut steps)?;
    }
    Ok(steps)
}

fn is_blank(line: &str) -> bool {
    let line = line.trim_start();
    line.is_empty() || line.starts_with('#')
}

fn command(
    line: usize,
    text: &str,
    body: &[(usize, &str)],
    steps: &mut Vec<Step>,
) -> Result<(), Failure> {
    let fault = |message| Failure { line, message };
    let (word, rest) = split_word(text);
    let kind = match word {
        "clear" => {
            steps.push(Step { line, command: Command::Clear });
            return Ok(());
        }
        "load" => {
            let interval = duration(rest).map_err(fault)?;
            let series = body.iter().map(|(line, text)| {
                SeriesDescription::parse(text)
                    .map_err(|error| Failure { line: *line, message: error.to_string() })
            });
            let series = series.collect::<Result<_, _>>()?;
            steps.push(Step { line, command: Command::Load { interval, series } });
            return Ok(());
        }
        "table" => return table(line, rest, body, steps),
        "eval" => EvalKind::Plain,
        "eval_ordered" => EvalKind::Ordered,
        "eval_fail" => EvalKind::Fail,
        "eval_warn" => EvalKind::Warn,
        "eval_info" => EvalKind::Info,
        _ => return Err(fault(format!("unknown command {word:?}"))),
    };
    let (when, text) = when(rest).map_err(fault)?;
    let mut messages = Vec::new();
    let mut elements = Vec::new();
    for (line, text) in body {
        match split_word(text) {
            ("message", message) => messages.push(message.to_owned()),
            _ => elements.push((*line, *text)),
        }
    }
    let expected = expected(&elements).map_err(|(line, message)| Failure { line, message })?;
    let eval = Eval { text: text.to_owned(), when, kind, expected, messages };
    steps.push(Step { line, command: Command::Eval(Box::new(eval)) });
    Ok(())
}

/// `EXPR => [warn|info|ordered] ELEMENT; ELEMENT` or `EXPR => fail MESSAGE`
fn table(
    line: usize,
    rest: &str,
    body: &[(usize, &str)],
    steps: &mut Vec<Step>,
) -> Result<(), Failure> {
    let time = match split_word(rest) {
        ("at", time) => timestamp(time),
        _ => Err("expected `table at TIME`".into()),
    };
    let when = When::Instant(time.map_err(|message| Failure { line, message })?);
    for (line, text) in body {
        let line = *line;
        let fault = |message: &str| Failure { line, message: message.to_owned() };
        let (text, result) =
            text.split_once(" => ").ok_or_else(|| fault("expected `EXPR => RESULT`"))?;
        let (kind, result) = match split_word(result.trim()) {
            ("fail", message) => (EvalKind::Fail, message),
            ("warn", result) => (EvalKind::Warn, result),
            ("info", result) => (EvalKind::Info, result),
            ("ordered", result) => (EvalKind::Ordered, result),
            _ => (EvalKind::Plain, result),
        };
        let mut eval = Eval {
            text: text.trim().to_owned(),
            when,
            kind,
            expected: Expected::Series(Vec::new()),
            messages: Vec::new(),
        };
        if kind == EvalKind::Fail {
            eval.messages.extend(Some(result.to_owned()).filter(|message| !message.is_empty()));
        } else {
            let elements: Vec<_> =
                result.split("; ").map(|element| (line, element.trim())).collect();
            eval.expected = expected(&elements).map_err(|(_, message)| fault(&message))?;
        }
        steps.push(Step { line, command: Command::Eval(Box::new(eval)) });
    }
    Ok(())
}

/// `instant at TIME`, `range from TIME to TIME step DURATION`; and what follows.
fn when(text: &str) -> Read<(When, &str)> {
    let (word, mut rest) = split_word(text);
    let when = match word {
        "instant" => When::Instant(timestamp(take(&mut rest, "at")?)?),
        "range" => When::Range {
            start: timestamp(take(&mut rest, "from")?)?,
            end: timestamp(take(&mut rest, "to")?)?,
            step: duration(take(&mut rest, "step")?)?,
        },
        _ => return Err(format!("expected `instant` or `range`, found {word:?}")),
    };
    Ok((when, rest))
}

/// Takes `NAME VALUE` off the front.
fn take<'t>(rest: &mut &'t str, name: &str) -> Read<&'t str> {
    let (word, behind) = split_word(rest);
    let (value, behind) = split_word(behind);
    *rest = behind;
    if word == name { Ok(value) } else { Err(format!("expected `{name}`, found {word:?}")) }
}

fn expected(elements: &[(usize, &str)]) -> Result<Expected, (usize, String)> {
    let mut series = Vec::new();
    for (line, text) in elements {
        let fault = |message: String| (*line, message);
        if *text == "empty" {
            continue;
        }
        if text.starts_with(['"', '`', '\'']) {
            return unquote(text).map(Expected::Text).map_err(fault);
        }
        if let Ok(values) = wanted(text) {
            return Ok(Expected::Scalar(values));
        }
        let (metric, values) = text.split_at(metric_len(text));
        let labels = parse_metric(metric).map_err(|error| fault(error.to_string()))?;
        series.push(Series { labels, values: wanted(values).map_err(fault)? });
    }
    Ok(Expected::Series(series))
}

/// Values, each perhaps with `!` behind it.
fn wanted(text: &str) -> Read<Vec<Wanted>> {
    let mut all = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let end = match rest.starts_with("{{") {
            true => rest.find("}}").map_or(rest.len(), |at| at + 2),
            false => 0,
        };
        let end = end + rest[end..].find(char::is_whitespace).unwrap_or(rest.len() - end);
        let (item, behind) = rest.split_at(end);
        let (item, is_exact) = match item.strip_suffix('!') {
            Some(item) => (item, true),
            None => (item, false),
        };
        let values = parse_values(item).map_err(|error| error.to_string())?;
        all.extend(values.into_iter().map(|value| Wanted { value, is_exact }));
        rest = behind.trim_start();
    }
    if all.is_empty() { Err("expected a value".into()) } else { Ok(all) }
}

fn split_word(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    (&text[..end], text[end..].trim_start())
}

fn duration(text: &str) -> Read<Millis> {
    PromDuration::parse(text).map(PromDuration::as_millis).map_err(|error| error.to_string())
}

/// A duration since 1970, perhaps negative, or seconds with a fraction.
fn timestamp(text: &str) -> Read<Timestamp> {
    if let Ok(seconds) = text.parse::<f64>() {
        return Ok(Timestamp::from_millis((seconds * 1000.0).round() as i64));
    }
    let (sign, unsigned) = match text.strip_prefix('-') {
        Some(unsigned) => (-1, unsigned),
        None => (1, text),
    };
    Ok(Timestamp::from_millis(sign * duration(unsigned)?.get()))
}
