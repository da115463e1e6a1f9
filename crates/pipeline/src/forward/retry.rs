//! What an answer means for what was sent, and how long to wait before it is sent again.

use std::time::Duration;

use super::config::{MessageVersion, QueueConfig};
use super::transport::{Answer, TransportError};

/// The longest that a receiver may ask to wait.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(3600);

/// What to do with a request that was answered, or was not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is done with.
    Done,
    /// The same again, not before the receiver wants it.
    Again { after: Option<Duration>, reason: String },
    /// Never again: the receiver will not take it.
    Drop { reason: String },
    /// Again in version 1.0: the receiver does not know 2.0.
    Downgrade,
}

/// Judges an answer to a request of `version`, as the specification asks.
pub(super) fn judge(
    answer: &Result<Answer, TransportError>,
    version: MessageVersion,
    config: &QueueConfig,
) -> Verdict {
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => return Verdict::Again { after: None, reason: error.to_string() },
    };
    let is_v2 = version == MessageVersion::V2;
    let reason = || format!("status {}: {}", answer.status, answer.body.trim());
    match answer.status {
        // A receiver of 1.0 finds nothing in a message of 2.0 and is content with it.
        200..300 if is_v2 && answer.written.is_none() => Verdict::Downgrade,
        200..300 => Verdict::Done,
        415 if is_v2 => Verdict::Downgrade,
        429 if !config.retry_on_http_429 => Verdict::Drop { reason: reason() },
        429 | 500..600 => {
            let after = answer.retry_after.as_deref().and_then(retry_after);
            Verdict::Again { after, reason: reason() }
        }
        _ => Verdict::Drop { reason: reason() },
    }
}

/// `Retry-After`: seconds, or a date.
fn retry_after(text: &str) -> Option<Duration> {
    let text = text.trim();
    let wait = match text.parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let at = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
            Duration::try_from(at.duration_since(jiff::Timestamp::now())).ok()?
        }
    };
    Some(wait.min(RETRY_AFTER_MAX))
}

/// Waits that double from the shortest to the longest.
#[derive(Debug)]
pub(super) struct Backoff {
    next: Duration,
    longest: Duration,
}

impl Backoff {
    pub(super) fn new(config: &QueueConfig) -> Self {
        let next = config.min_backoff.to_duration().max(Duration::from_millis(1));
        Self { next, longest: config.max_backoff.to_duration().max(next) }
    }

    /// The next wait, at least what the receiver asked for.
    pub(super) fn wait(&mut self, at_least: Option<Duration>) -> Duration {
        let wait = self.next.max(at_least.unwrap_or_default());
        self.next = (self.next * 2).min(self.longest);
        wait
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forward::transport::Written;

    fn verdict(status: u16, version: MessageVersion, written: Option<Written>) -> Verdict {
        let answer = Answer { status, written, ..Answer::default() };
        judge(&Ok(answer), version, &QueueConfig::default())
    }

    #[test]
    fn answers_are_judged_as_the_specification_asks() {
        use MessageVersion::{V1, V2};
        let written = Some(Written::default());
        assert_eq!(verdict(204, V1, None), Verdict::Done);
        assert_eq!(verdict(204, V2, written), Verdict::Done);
        assert_eq!(verdict(204, V2, None), Verdict::Downgrade);
        assert_eq!(verdict(415, V2, None), Verdict::Downgrade);
        for status in [400, 404, 413, 415, 301] {
            assert!(matches!(verdict(status, V1, None), Verdict::Drop { .. }), "{status}");
        }
        for status in [429, 500, 503] {
            assert!(matches!(verdict(status, V2, written), Verdict::Again { .. }), "{status}");
        }
        let failed = judge(&Err(TransportError("refused".into())), V1, &QueueConfig::default());
        assert_eq!(failed, Verdict::Again { after: None, reason: "refused".to_owned() });
        let strict = QueueConfig { retry_on_http_429: false, ..QueueConfig::default() };
        let too_many = Ok(Answer { status: 429, ..Answer::default() });
        assert!(matches!(judge(&too_many, V1, &strict), Verdict::Drop { .. }));
    }

    #[test]
    fn receivers_may_ask_to_wait() {
        assert_eq!(retry_after("7"), Some(Duration::from_secs(7)));
        assert_eq!(retry_after("999999"), Some(RETRY_AFTER_MAX));
        assert_eq!(retry_after("soon"), None);
        assert_eq!(retry_after("Sun, 06 Nov 1994 08:49:37 GMT"), None, "it is over");
        assert_eq!(retry_after("Fri, 06 Nov 2093 08:49:37 GMT"), Some(RETRY_AFTER_MAX));
    }

    #[test]
    fn waits_double_up_to_the_longest() {
        let mut backoff = Backoff::new(&QueueConfig::default());
        let waits: Vec<_> = (0..9).map(|_| backoff.wait(None).as_millis()).collect();
        assert_eq!(waits, [30, 60, 120, 240, 480, 960, 1920, 3840, 5000]);
        let asked = Some(Duration::from_secs(60));
        assert_eq!(backoff.wait(asked), Duration::from_secs(60));
    }
}
