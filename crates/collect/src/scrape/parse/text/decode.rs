//! Decoding text format 0.0.4 (Prometheus documentation, "Exposition formats").

use model::{MetricKind, Timestamp};

use super::super::lexer::{Cursor, clip, parse_value, take_series_key, unescape};
use super::super::{Entry, ParseError, SeriesEntry};

/// Walks a body line by line.
#[derive(Debug)]
pub struct Decoder<'a> {
    cursor: Cursor<'a>,
}

impl<'a> Decoder<'a> {
    /// A decoder at the start of `body`.
    pub fn new(body: &'a str) -> Self {
        Self { cursor: Cursor::new(body) }
    }

    fn line(line: &'a str) -> Result<Option<Entry<'a>>, String> {
        let line = line.trim_matches([' ', '\t', '\r']);
        match line.as_bytes().first() {
            None => Ok(None),
            Some(b'#') => comment(&line[1..]),
            Some(_) => sample(line).map(Some),
        }
    }
}

impl<'a> Iterator for Decoder<'a> {
    type Item = Result<Entry<'a>, ParseError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (line, _) = self.cursor.next_line()?;
            match Self::line(line) {
                Ok(Some(entry)) => return Some(Ok(entry)),
                Ok(None) => {}
                Err(reason) => return Some(Err(self.cursor.fail(reason))),
            }
        }
    }
}

/// `HELP` and `TYPE` mean something; every other comment is one.
fn comment(text: &str) -> Result<Option<Entry<'_>>, String> {
    let text = text.trim_start_matches([' ', '\t']);
    let (keyword, rest) = split_blank(text);
    if keyword != "HELP" && keyword != "TYPE" {
        return Ok(None);
    }
    let (family, rest) = take_family(rest)?;
    if keyword == "HELP" {
        return Ok(Some(Entry::Help { family, help: unescape(rest) }));
    }
    let kind = match rest.trim() {
        "counter" => MetricKind::Counter,
        "gauge" => MetricKind::Gauge,
        "histogram" => MetricKind::Histogram,
        "summary" => MetricKind::Summary,
        "untyped" => MetricKind::Unknown,
        other => return Err(format!("invalid metric type {:?}", clip(other))),
    };
    Ok(Some(Entry::Kind { family, kind }))
}

/// The name behind `HELP` or `TYPE`, which may be quoted, and what follows.
pub(in super::super) fn take_family(text: &str) -> Result<(String, &str), String> {
    if let Some(inner) = text.strip_prefix('"') {
        let close = super::super::lexer::closing_quote(text.as_bytes(), 0)
            .ok_or_else(|| "a quoted metric name is not closed".to_owned())?;
        return Ok((
            unescape(&inner[..close - 1]),
            text[close + 1..].trim_start_matches([' ', '\t']),
        ));
    }
    let (family, rest) = split_blank(text);
    if family.is_empty() {
        return Err("expected a metric name".to_owned());
    }
    Ok((family.to_owned(), rest))
}

fn sample(line: &str) -> Result<Entry<'_>, String> {
    let (key, rest) = take_series_key(line)?;
    let (value, rest) = split_blank(rest.trim_start_matches([' ', '\t']));
    if value.is_empty() {
        return Err(format!("expected a value after {:?}", clip(key)));
    }
    let value = parse_value(value)?;
    let (timestamp, rest) = split_blank(rest);
    if !rest.is_empty() {
        return Err(format!("unexpected {:?} after the timestamp", clip(rest)));
    }
    let timestamp = match timestamp {
        "" => None,
        text => Some(Timestamp::from_millis(
            text.parse().map_err(|_| format!("{:?} is not a timestamp in ms", clip(text)))?,
        )),
    };
    Ok(Entry::Series(SeriesEntry { key, value, timestamp, created: None, exemplar: None }))
}

fn split_blank(text: &str) -> (&str, &str) {
    match text.find([' ', '\t']) {
        Some(at) => (&text[..at], text[at..].trim_start_matches([' ', '\t'])),
        None => (text, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::Position;
    use super::*;
    use proptest::prelude::*;

    fn decode(body: &str) -> Result<Vec<Entry<'_>>, ParseError> {
        Decoder::new(body).collect()
    }

    #[test]
    fn lines_of_every_kind() {
        let body = "# HELP up Is it \\\\ up?\\nYes.\n#TYPE up gauge\n# a comment\n\n\
                    up 1\n\tup{a=\"b c\"} -2.5e3 1395066363000 \nup {x=\"\"} +Inf\nlast NaN";
        let entries = decode(body).unwrap();
        assert_eq!(
            entries[0],
            Entry::Help { family: "up".into(), help: "Is it \\ up?\nYes.".into() }
        );
        assert_eq!(entries[1], Entry::Kind { family: "up".into(), kind: MetricKind::Gauge });
        let series: Vec<_> = entries[2..]
            .iter()
            .map(|entry| match entry {
                Entry::Series(s) => {
                    (s.key, s.value.to_string(), s.timestamp.map(Timestamp::as_millis))
                }
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(
            series,
            [
                ("up", "1".to_owned(), None),
                ("up{a=\"b c\"}", "-2500".to_owned(), Some(1_395_066_363_000)),
                ("up {x=\"\"}", "inf".to_owned(), None),
                ("last", "NaN".to_owned(), None),
            ]
        );
    }

    #[test]
    fn faults_name_their_line() {
        for (body, line) in [
            ("a 1\nb", 2),
            ("a x", 1),
            ("a 1 1 1", 1),
            ("a 1 1.5", 1),
            ("a{b=\"c\" 1", 1),
            ("\n\n# TYPE a thing\n", 3),
            ("{", 1),
            ("= 1", 1),
        ] {
            // Whether a name is sound is checked with the labels, when a series is new.
            if body != "= 1" {
                assert_eq!(decode(body).unwrap_err().position, Position::Line(line), "{body:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn never_panics(body in "[a-z{}\"\\\\=, #0-9.\\n\u{e9}]{0,80}") {
            for entry in Decoder::new(&body).flatten() {
                if let Entry::Series(series) = entry {
                    let _ = super::super::super::parse_series_key(series.key, &mut Default::default());
                }
            }
        }
    }
}
