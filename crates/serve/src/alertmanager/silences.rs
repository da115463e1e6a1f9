//! `/api/v2/silences` and `/api/v2/silence/{id}`.

use alerting::silences::{Silence, SilenceError, SilenceId, SilenceState};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use bytes::Bytes;
use model::{MatchOp, Matcher, Timestamp};
use ring::rand::{SecureRandom, SystemRandom};
use serde::Deserialize;
use serde_json::{Value, json};

use super::AlertmanagerState;
use super::answer::{Fault, check_is_json, shown};
use super::filter::matchers;
use crate::prometheus::params::Params;

/// A silence as it is posted. What must be there is checked by hand, for the
/// words of the answer.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Posted {
    id: Option<String>,
    matchers: Option<Vec<PostedMatcher>>,
    starts_at: Option<String>,
    ends_at: Option<String>,
    created_by: Option<String>,
    comment: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PostedMatcher {
    name: Option<String>,
    value: Option<String>,
    is_regex: Option<bool>,
    is_equal: Option<bool>,
}

/// `GET /api/v2/silences`: active ones first, then those that will be.
pub(super) async fn list(
    State(state): State<AlertmanagerState>,
    params: Params,
) -> Result<Json<Value>, Fault> {
    let wanted = matchers(&params)?;
    let now = Timestamp::now();
    let mut silences: Vec<Silence> = state.alertmanager.lock().silences().iter().cloned().collect();
    silences.retain(|silence| is_wanted(silence, &wanted));
    silences.sort_by_key(|silence| {
        let state = silence.state(now);
        // What ends or begins soonest first, and what ended last.
        let order = match state {
            SilenceState::Active => silence.ends_at.as_millis(),
            SilenceState::Pending => silence.starts_at.as_millis(),
            SilenceState::Expired => silence.ends_at.as_millis().saturating_neg(),
        };
        (state, order)
    });
    Ok(Json(silences.iter().map(|silence| silence_json(silence, now)).collect()))
}

/// Whether a silence says of the labels what is asked for.
fn is_wanted(silence: &Silence, wanted: &[Matcher]) -> bool {
    wanted.iter().all(|wanted| {
        let own = silence.matchers.iter().find(|matcher| matcher.name() == wanted.name());
        let is_negative = matches!(wanted.op(), MatchOp::NotEqual | MatchOp::NotRegex);
        if wanted.value().is_empty() && own.is_some() == is_negative {
            return true;
        }
        wanted.matches(own.map_or("", Matcher::value))
    })
}

/// `POST /api/v2/silences`: makes one, or changes the one of the given id.
pub(super) async fn post(
    State(state): State<AlertmanagerState>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, Fault> {
    check_is_json(&headers)?;
    if body.is_empty() {
        return Err(Fault::required("silence"));
    }
    let posted: Posted = serde_json::from_slice(&body).map_err(unreadable)?;
    let now = Timestamp::now();
    let silence = silence(posted, now)?;
    let id = new_id()?;
    let set = state.alertmanager.lock().set_silence(silence, || id, now);
    let id = set.map_err(refused)?;
    (state.keep)().await.map_err(Fault::internal)?;
    Ok(Json(json!({ "silenceID": id.map(|id| id.0).unwrap_or_default() })))
}

fn unreadable(reason: impl std::fmt::Display) -> Fault {
    Fault::unreadable(format!("parsing silence body from \"\" failed, because {reason}"))
}

fn silence(posted: Posted, now: Timestamp) -> Result<Silence, Fault> {
    let comment = posted.comment.ok_or_else(|| Fault::required("comment"))?;
    let created_by = posted.created_by.ok_or_else(|| Fault::required("createdBy"))?;
    let ends_at = time(posted.ends_at, "endsAt")?;
    let written = posted.matchers.ok_or_else(|| Fault::required("matchers"))?;
    if written.is_empty() {
        let message = "matchers in body should have at least 1 items".to_owned();
        return Err(Fault::Form(StatusCode::UNPROCESSABLE_ENTITY, 612, message));
    }
    let matchers = written.into_iter().enumerate().map(|(index, written)| matcher(index, written));
    let matchers = matchers.collect::<Result<Vec<_>, _>>()?;
    let starts_at = time(posted.starts_at, "startsAt")?;
    if starts_at >= ends_at {
        return Err(Fault::bad("Failed to create silence: start time must be before end time"));
    }
    Ok(Silence {
        id: posted.id.filter(|id| !id.is_empty()).map(SilenceId),
        matchers,
        starts_at,
        ends_at,
        updated_at: now,
        created_by,
        comment,
    })
}

fn time(text: Option<String>, name: &str) -> Result<Timestamp, Fault> {
    let text = text.ok_or_else(|| Fault::required(name))?;
    let time: jiff::Timestamp =
        text.parse().map_err(|error| unreadable(format!("{name}: {text:?}: {error}")))?;
    Ok(Timestamp::from_millis(time.as_millisecond()))
}

fn matcher(index: usize, written: PostedMatcher) -> Result<Matcher, Fault> {
    let required = |name: &str| Fault::required(&format!("matchers.{index}.{name}"));
    let is_regex = written.is_regex.ok_or_else(|| required("isRegex"))?;
    let name = written.name.ok_or_else(|| required("name"))?;
    let value = written.value.ok_or_else(|| required("value"))?;
    let op = match (is_regex, written.is_equal.unwrap_or(true)) {
        (false, true) => MatchOp::Equal,
        (false, false) => MatchOp::NotEqual,
        (true, true) => MatchOp::Regex,
        (true, false) => MatchOp::NotRegex,
    };
    let invalid = |reason: String| {
        Fault::bad(format!("silence invalid: invalid label matcher {index}: {reason}"))
    };
    if name.is_empty() {
        return Err(invalid("invalid label name \"\"".to_owned()));
    }
    Matcher::new(op, name, value.as_str())
        .map_err(|error| invalid(format!("invalid regular expression {value:?}: {error}")))
}

fn refused(error: SilenceError) -> Fault {
    match error {
        SilenceError::NotFound(_) => {
            Fault::Sense(StatusCode::NOT_FOUND, "silence not found".to_owned())
        }
        SilenceError::EndsInThePast => Fault::bad(format!("Failed to create silence: {error}")),
        _ => Fault::bad(format!("silence invalid: {error}")),
    }
}

/// `GET /api/v2/silence/{id}`
pub(super) async fn get(
    State(state): State<AlertmanagerState>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Fault> {
    let id = read_id(id)?;
    let core = state.alertmanager.lock();
    let silence = core.silences().get(&id).ok_or(Fault::Missing)?;
    Ok(Json(silence_json(silence, Timestamp::now())))
}

/// `DELETE /api/v2/silence/{id}`: it ends now, and stays as history.
pub(super) async fn expire(
    State(state): State<AlertmanagerState>,
    Path(id): Path<String>,
) -> Result<StatusCode, Fault> {
    let id = read_id(id)?;
    let expired = state.alertmanager.lock().expire_silence(&id, Timestamp::now());
    match expired {
        // One that has ended is as its reader wants it.
        Ok(()) | Err(SilenceError::AlreadyExpired(_)) => {}
        Err(SilenceError::NotFound(_)) => return Err(Fault::Missing),
        Err(error) => return Err(Fault::bad(error)),
    }
    (state.keep)().await.map_err(Fault::internal)?;
    Ok(StatusCode::OK)
}

fn silence_json(silence: &Silence, now: Timestamp) -> Value {
    let matchers = silence.matchers.iter().map(|matcher| {
        json!({
            "isEqual": matches!(matcher.op(), MatchOp::Equal | MatchOp::Regex),
            "isRegex": matches!(matcher.op(), MatchOp::Regex | MatchOp::NotRegex),
            "name": matcher.name(),
            "value": matcher.value(),
        })
    });
    json!({
        "id": silence.id.as_ref().map(|id| id.0.as_str()),
        "status": { "state": silence.state(now).as_str() },
        "updatedAt": shown(silence.updated_at),
        "comment": silence.comment,
        "createdBy": silence.created_by,
        "endsAt": shown(silence.ends_at),
        "matchers": matchers.collect::<Value>(),
        "startsAt": shown(silence.starts_at),
    })
}

fn read_id(id: String) -> Result<SilenceId, Fault> {
    let groups: Vec<&str> = id.split('-').collect();
    let is_uuid = groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && id.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit());
    if is_uuid {
        return Ok(SilenceId(id));
    }
    let message = format!("silenceID in path must be of type uuid: {id:?}");
    Err(Fault::Form(StatusCode::UNPROCESSABLE_ENTITY, 601, message))
}

/// A random UUID (RFC 9562, version 4).
fn new_id() -> Result<String, Fault> {
    let mut bytes = [0; 16];
    let filled = SystemRandom::new().fill(&mut bytes);
    filled.map_err(|_| Fault::internal("the system gives no random numbers"))?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok([&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-"))
}
