//! Silences: people's word that some alerts shall not call anybody for a time.
//!
//! A silence is never changed behind the back of who looks at it: an edit that
//! changes what it matched ends it and makes another, as in Alertmanager. Its
//! history stays for a retention time.

mod stored;

use std::collections::BTreeMap;
use std::fmt;

use model::{LabelsRef, Matcher, Millis, Timestamp};

use crate::matchers;

pub use stored::{StoredMatcher, StoredSilence, StoredSilenceError};

/// The most silences that are kept.
pub const SILENCES_MAX: usize = 100_000;
/// The most matchers of one.
pub const MATCHERS_MAX: usize = 256;

/// Names a silence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SilenceId(pub String);

impl fmt::Display for SilenceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A silence.
#[derive(Clone, Debug)]
pub struct Silence {
    /// Its name; empty where it is new.
    pub id: Option<SilenceId>,
    /// What an alert must match, all of them.
    pub matchers: Vec<Matcher>,
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

/// Where a silence is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SilenceState {
    /// It silences.
    Active,
    /// It will.
    Pending,
    /// It did.
    Expired,
}

impl SilenceState {
    /// As the API names it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Pending => "pending",
            Self::Expired => "expired",
        }
    }
}

/// A silence that was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum SilenceError {
    #[error("silence {0} not found")]
    NotFound(SilenceId),
    #[error("silence {0} already expired")]
    AlreadyExpired(SilenceId),
    #[error("at least one matcher required")]
    NoMatchers,
    #[error("more than {max} matchers")]
    TooManyMatchers { max: usize },
    #[error("at least one matcher must not match the empty string")]
    MatchesEverything,
    #[error("invalid label name \"\"")]
    EmptyName,
    #[error("end time must not be before start time")]
    EndsBeforeStart,
    #[error("end time can't be in the past")]
    EndsInThePast,
    #[error("more than {max} silences; expired ones go after the retention time")]
    TooMany { max: usize },
}

impl Silence {
    /// Its state at `at`.
    pub fn state(&self, at: Timestamp) -> SilenceState {
        if self.ends_at <= at {
            SilenceState::Expired
        } else if at < self.starts_at {
            SilenceState::Pending
        } else {
            SilenceState::Active
        }
    }

    /// Whether it is about alerts with these labels, whatever the time.
    pub fn matches(&self, labels: &LabelsRef) -> bool {
        self.matchers.iter().all(|matcher| matcher.matches_labels(labels))
    }

    fn check(&self) -> Result<(), SilenceError> {
        if self.matchers.is_empty() {
            return Err(SilenceError::NoMatchers);
        }
        if self.matchers.len() > MATCHERS_MAX {
            return Err(SilenceError::TooManyMatchers { max: MATCHERS_MAX });
        }
        if self.matchers.iter().any(|matcher| matcher.name().is_empty()) {
            return Err(SilenceError::EmptyName);
        }
        if self.matchers.iter().all(Matcher::matches_missing) {
            return Err(SilenceError::MatchesEverything);
        }
        match self.ends_at < self.starts_at {
            true => Err(SilenceError::EndsBeforeStart),
            false => Ok(()),
        }
    }

    /// Whether both are about the same alerts.
    fn has_same_matchers(&self, other: &Self) -> bool {
        matchers::show(&self.matchers) == matchers::show(&other.matchers)
    }
}

/// All silences. Writes are handed back as they are, to be kept on disk.
#[derive(Clone, Debug)]
pub struct Silences {
    silences: BTreeMap<SilenceId, Silence>,
    silences_max: usize,
}

impl Default for Silences {
    fn default() -> Self {
        Self::new(SILENCES_MAX)
    }
}

impl Silences {
    /// Room for at most `silences_max`.
    pub fn new(silences_max: usize) -> Self {
        Self { silences: BTreeMap::new(), silences_max }
    }

    /// Takes back what was kept; silences without a name are left out.
    pub fn load(&mut self, kept: impl IntoIterator<Item = Silence>) {
        let named = kept.into_iter().filter_map(|silence| Some((silence.id.clone()?, silence)));
        self.silences.extend(named);
    }

    /// Writes a silence. One with the name of another changes it where it may
    /// be changed, and replaces it otherwise. `new_id` is taken where a new one
    /// is made. All silences that changed are returned, the written one last.
    ///
    /// # Errors
    /// Where it makes no sense, or its name is not known; nothing changes then.
    pub fn set(
        &mut self,
        mut silence: Silence,
        new_id: impl FnOnce() -> String,
        now: Timestamp,
    ) -> Result<Vec<Silence>, SilenceError> {
        silence.check()?;
        if silence.ends_at <= now {
            return Err(SilenceError::EndsInThePast);
        }
        silence.updated_at = now;
        let mut changed = Vec::new();
        if let Some(id) = silence.id.clone() {
            let known = self.silences.get(&id).ok_or(SilenceError::NotFound(id.clone()))?;
            if can_update(known, &silence, now) {
                // What has begun stays begun.
                if known.state(now) == SilenceState::Active {
                    silence.starts_at = known.starts_at;
                }
                self.silences.insert(id, silence.clone());
                return Ok(vec![silence]);
            }
            let is_full = self.silences.len() >= self.silences_max;
            if is_full {
                return Err(SilenceError::TooMany { max: self.silences_max });
            }
            if known.state(now) != SilenceState::Expired {
                changed.push(self.end(&id, now)?);
            }
        }
        if self.silences.len() >= self.silences_max {
            return Err(SilenceError::TooMany { max: self.silences_max });
        }
        // A silence can't have been there before somebody asked for it.
        silence.starts_at = silence.starts_at.max(now);
        let id = SilenceId(new_id());
        silence.id = Some(id.clone());
        self.silences.insert(id, silence.clone());
        changed.push(silence);
        Ok(changed)
    }

    /// Ends a silence now; it stays as history.
    ///
    /// # Errors
    /// Where there is none, or it has ended already.
    pub fn expire(&mut self, id: &SilenceId, now: Timestamp) -> Result<Silence, SilenceError> {
        let known = self.silences.get(id).ok_or(SilenceError::NotFound(id.clone()))?;
        if known.state(now) == SilenceState::Expired {
            return Err(SilenceError::AlreadyExpired(id.clone()));
        }
        self.end(id, now)
    }

    fn end(&mut self, id: &SilenceId, now: Timestamp) -> Result<Silence, SilenceError> {
        let silence = self.silences.get_mut(id).ok_or(SilenceError::NotFound(id.clone()))?;
        silence.ends_at = now;
        silence.starts_at = silence.starts_at.min(now);
        silence.updated_at = now;
        Ok(silence.clone())
    }

    /// The silence `id`.
    pub fn get(&self, id: &SilenceId) -> Option<&Silence> {
        self.silences.get(id)
    }

    /// All silences, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Silence> {
        self.silences.values()
    }

    /// The silences that mute alerts with these labels at `at`.
    pub fn muting<'a>(
        &'a self,
        labels: &'a LabelsRef,
        at: Timestamp,
    ) -> impl Iterator<Item = &'a SilenceId> + 'a {
        let active = self.silences.iter().filter(move |(_, silence)| {
            silence.state(at) == SilenceState::Active && silence.matches(labels)
        });
        active.map(|(id, _)| id)
    }

    /// Forgets silences that ended `retention` ago, and returns their names.
    pub fn collect(&mut self, now: Timestamp, retention: Millis) -> Vec<SilenceId> {
        let is_old = |silence: &Silence| silence.ends_at + retention <= now;
        let old: Vec<SilenceId> =
            self.silences.iter().filter(|(_, s)| is_old(s)).map(|(id, _)| id.clone()).collect();
        for id in &old {
            self.silences.remove(id);
        }
        old
    }
}

/// Whether `known` may become `wanted` under its name.
fn can_update(known: &Silence, wanted: &Silence, now: Timestamp) -> bool {
    if !known.has_same_matchers(wanted) {
        return false;
    }
    match known.state(now) {
        SilenceState::Expired => false,
        // What has begun can't begin at another time.
        SilenceState::Active => known.starts_at == wanted.starts_at,
        SilenceState::Pending => wanted.starts_at >= now,
    }
}

#[cfg(test)]
mod tests;
