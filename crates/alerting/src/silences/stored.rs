//! A silence as it is kept: plain fields.

use model::{MatchOp, Matcher, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Silence, SilenceId};

/// What is written to disk of a silence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredSilence {
    /// Its name.
    pub id: String,
    /// Its matchers.
    pub matchers: Vec<StoredMatcher>,
    /// From when on.
    pub starts_at: Timestamp,
    /// Until when.
    pub ends_at: Timestamp,
    /// When it was written last.
    pub updated_at: Timestamp,
    /// Who wrote it.
    pub created_by: String,
    /// Why.
    pub comment: String,
}

/// What is written of a matcher.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredMatcher {
    /// The label.
    pub name: String,
    /// `=`, `!=`, `=~` or `!~`.
    pub op: String,
    /// What it compares with.
    pub value: String,
}

/// A stored silence that this version can't read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("silence {id}: matcher on {name:?}: {reason}")]
pub struct StoredSilenceError {
    id: String,
    name: String,
    reason: String,
}

impl From<&Silence> for StoredSilence {
    fn from(silence: &Silence) -> Self {
        Self {
            id: silence.id.as_ref().map(ToString::to_string).unwrap_or_default(),
            matchers: silence.matchers.iter().map(StoredMatcher::from).collect(),
            starts_at: silence.starts_at,
            ends_at: silence.ends_at,
            updated_at: silence.updated_at,
            created_by: silence.created_by.clone(),
            comment: silence.comment.clone(),
        }
    }
}

impl From<&Matcher> for StoredMatcher {
    fn from(matcher: &Matcher) -> Self {
        Self {
            name: matcher.name().to_owned(),
            op: matcher.op().as_str().to_owned(),
            value: matcher.value().to_owned(),
        }
    }
}

impl StoredMatcher {
    fn read(&self) -> Result<Matcher, String> {
        let ops = [MatchOp::Equal, MatchOp::NotEqual, MatchOp::Regex, MatchOp::NotRegex];
        let op = ops.into_iter().find(|op| op.as_str() == self.op);
        let op = op.ok_or_else(|| format!("{:?} is no operator", self.op))?;
        Matcher::new(op, self.name.as_str(), self.value.as_str()).map_err(|e| e.to_string())
    }
}

impl TryFrom<StoredSilence> for Silence {
    type Error = StoredSilenceError;

    fn try_from(stored: StoredSilence) -> Result<Self, StoredSilenceError> {
        let read = |matcher: &StoredMatcher| {
            matcher.read().map_err(|reason| StoredSilenceError {
                id: stored.id.clone(),
                name: matcher.name.clone(),
                reason,
            })
        };
        let matchers = stored.matchers.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            id: Some(SilenceId(stored.id)),
            matchers,
            starts_at: stored.starts_at,
            ends_at: stored.ends_at,
            updated_at: stored.updated_at,
            created_by: stored.created_by,
            comment: stored.comment,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_kept_comes_back(name in "\\PC{1,12}", value in "(?s).{0,24}", op in 0..4usize) {
            let ops = [MatchOp::Equal, MatchOp::NotEqual, MatchOp::Regex, MatchOp::NotRegex];
            let Ok(matcher) = Matcher::new(ops[op], name, value) else { return Ok(()) };
            let silence = Silence {
                id: Some(SilenceId("x".to_owned())),
                matchers: vec![matcher.clone(), Matcher::equal("a", "b")],
                starts_at: Timestamp::from_millis(1),
                ends_at: Timestamp::from_millis(2),
                updated_at: Timestamp::from_millis(3),
                created_by: "me".to_owned(),
                comment: "why".to_owned(),
            };
            let stored = StoredSilence::from(&silence);
            let json = serde_json::to_string(&stored).unwrap();
            let back = Silence::try_from(serde_json::from_str::<StoredSilence>(&json).unwrap());
            let back = back.unwrap();
            prop_assert_eq!(&back.matchers, &silence.matchers);
            prop_assert_eq!(StoredSilence::from(&back), stored);
        }
    }
}
