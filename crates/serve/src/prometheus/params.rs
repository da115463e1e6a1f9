//! Parameters: from the URL and, for `POST`, from a form.

use std::time::Duration;

use axum::extract::{FromRequest, Request};
use axum::http::header;
use model::{Matcher, Millis, PromDuration, TimeRange, Timestamp};

use super::respond::{ApiError, ErrorType};

/// The parameters of a request, in order; names may repeat.
#[derive(Clone, Debug, Default)]
pub struct Params(Vec<(String, String)>);

impl<S: Send + Sync> FromRequest<S> for Params {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let mut pairs = Vec::new();
        let is_form = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.starts_with("application/x-www-form-urlencoded"));
        let query = request.uri().query().unwrap_or("").to_owned();
        if is_form {
            let body = bytes::Bytes::from_request(request, state)
                .await
                .map_err(|error| ApiError::new(ErrorType::BadData, error.body_text()))?;
            pairs.extend(url::form_urlencoded::parse(&body).into_owned());
        }
        pairs.extend(url::form_urlencoded::parse(query.as_bytes()).into_owned());
        Ok(Self(pairs))
    }
}

impl Params {
    /// The first value of a parameter; an empty one counts as missing.
    pub fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.0.iter().find(|(candidate, _)| candidate == name)?;
        Some(value.as_str()).filter(|value| !value.is_empty())
    }

    /// All values of a parameter.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(candidate, _)| candidate == name)
            .map(|(_, value)| value.as_str())
    }

    /// A time.
    ///
    /// # Errors
    /// Where it is neither seconds nor RFC 3339.
    pub fn time(&self, name: &str) -> Result<Option<Timestamp>, ApiError> {
        self.get(name)
            .map(|text| {
                parse_time(text).ok_or_else(|| {
                    let reason = not_a_time(text);
                    ApiError::parameter(name, format!("invalid time value for '{name}': {reason}"))
                })
            })
            .transpose()
    }

    /// A time that must be there.
    ///
    /// # Errors
    /// Where it is missing or no time.
    pub fn required_time(&self, name: &str) -> Result<Timestamp, ApiError> {
        let text = self.get(name).unwrap_or("");
        parse_time(text).ok_or_else(|| ApiError::parameter(name, not_a_time(text)))
    }

    /// A duration.
    ///
    /// # Errors
    /// Where it is neither seconds nor like `1m30s`.
    pub fn duration(&self, name: &str) -> Result<Option<Millis>, ApiError> {
        self.get(name)
            .map(|text| {
                parse_duration(text).ok_or_else(|| {
                    ApiError::parameter(name, format!("cannot parse {text:?} to a valid duration"))
                })
            })
            .transpose()
    }

    /// A duration as the standard library's.
    ///
    /// # Errors
    /// As [`Params::duration`].
    pub fn timeout(&self) -> Result<Option<Duration>, ApiError> {
        Ok(self.duration("timeout")?.map(Millis::to_duration))
    }

    /// `limit`; zero is none.
    ///
    /// # Errors
    /// Where it is no count.
    pub fn limit(&self) -> Result<Option<usize>, ApiError> {
        let Some(text) = self.get("limit") else { return Ok(None) };
        let limit: i64 = text.parse().map_err(|_| {
            ApiError::parameter("limit", format!("cannot parse {text:?} to an integer"))
        })?;
        usize::try_from(limit)
            .map(|limit| Some(limit).filter(|limit| *limit > 0))
            .map_err(|_| ApiError::parameter("limit", "limit must be non-negative"))
    }

    /// A limit of metadata: negative is none, and zero is zero.
    ///
    /// # Errors
    /// Where it is no number.
    pub fn lenient_limit(&self, name: &str) -> Result<usize, ApiError> {
        let Some(text) = self.get(name) else { return Ok(usize::MAX) };
        let limit: i64 = text
            .parse()
            .map_err(|_| ApiError::new(ErrorType::BadData, format!("{name} must be a number")))?;
        Ok(usize::try_from(limit).unwrap_or(usize::MAX))
    }

    /// `start` and `end`; all of time where they are missing, nothing of it where
    /// they are the wrong way round.
    ///
    /// # Errors
    /// Where one is no time.
    pub fn range(&self) -> Result<TimeRange, ApiError> {
        let start = self.time("start")?.unwrap_or(Timestamp::MIN);
        let end = self.time("end")?.unwrap_or(Timestamp::MAX);
        Ok(TimeRange::new(start, end))
    }

    /// The selectors of `match[]`.
    ///
    /// # Errors
    /// Where one is no selector, or would select everything.
    pub fn selectors(&self) -> Result<Vec<Vec<Matcher>>, ApiError> {
        self.all("match[]")
            .map(|text| {
                let matchers = query::promql::parse_selector(text)
                    .map_err(|error| ApiError::parameter("match[]", error))?;
                if matchers.iter().all(|matcher| matcher.matches("")) {
                    return Err(ApiError::parameter(
                        "match[]",
                        "match[] must contain at least one non-empty matcher",
                    ));
                }
                Ok(matchers)
            })
            .collect()
    }
}

fn not_a_time(text: &str) -> String {
    format!("cannot parse {text:?} to a valid timestamp")
}

/// Seconds, with decimals, or RFC 3339.
fn parse_time(text: &str) -> Option<Timestamp> {
    if let Ok(seconds) = text.parse::<f64>() {
        let millis = (seconds * 1000.0).round();
        return (millis.abs() < 9.2e18).then_some(Timestamp::from_millis(millis as i64));
    }
    let at: jiff::Timestamp = text.parse().ok()?;
    Some(Timestamp::from_millis(at.as_millisecond()))
}

fn parse_duration(text: &str) -> Option<Millis> {
    if let Ok(seconds) = text.parse::<f64>() {
        let millis = seconds * 1000.0;
        return (millis.abs() < 9.2e15).then_some(Millis::new(millis as i64));
    }
    PromDuration::parse(text).ok().map(PromDuration::as_millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_seconds_or_rfc3339() {
        assert_eq!(parse_time("1.5"), Some(Timestamp::from_millis(1500)));
        assert_eq!(
            parse_time("2015-07-01T20:10:51.781Z"),
            Some(Timestamp::from_millis(1_435_781_451_781))
        );
        assert_eq!(
            parse_time("2015-07-01T22:10:51+02:00"),
            Some(Timestamp::from_millis(1_435_781_451_000))
        );
        for text in ["", "now", "NaN", "inf"] {
            assert_eq!(parse_time(text), None, "{text}");
        }
    }

    #[test]
    fn durations_are_seconds_or_units() {
        assert_eq!(parse_duration("0.5"), Some(Millis::new(500)));
        assert_eq!(parse_duration("1m30s"), Some(Millis::new(90_000)));
        assert_eq!(parse_duration("x"), None);
    }
}
