//! `/api/annotations`.

use axum::Json;
use axum::extract::{Path, State};
use model::Timestamp;
use serde_json::{Value, json};
use state::annotations::{Annotation, AnnotationFilter};

use super::GrafanaState;
use super::account::LOGIN;
use super::document::Document;
use super::error::GrafanaError;
use super::request::{Body, Query, blocking};

/// The most annotations in an answer, and how many without a limit.
const LIMIT_MAX: usize = 10_000;
const LIMIT_DEFAULT: usize = 100;
/// Bounds of an annotation.
const TEXT_BYTES_MAX: usize = 64 << 10;
const TAGS_MAX: usize = 100;
const TAG_BYTES_MAX: usize = 512;

fn shown(annotation: &Annotation, dashboard_id: i64) -> Value {
    let data: Value = serde_json::from_str(&annotation.data).unwrap_or_else(|_| json!({}));
    json!({
        "id": annotation.id,
        "alertId": 0,
        "alertName": "",
        "dashboardId": dashboard_id,
        "dashboardUID": annotation.dashboard_uid,
        "panelId": annotation.panel_id,
        "userId": 1,
        "userName": LOGIN,
        "login": LOGIN,
        "email": "",
        "avatarUrl": "",
        "newState": "",
        "prevState": "",
        "created": annotation.created.as_millis(),
        "updated": annotation.updated.as_millis(),
        "time": annotation.time.as_millis(),
        "timeEnd": annotation.time_end.as_millis(),
        "text": annotation.text,
        "tags": annotation.tags,
        "data": data,
    })
}

fn dashboard_id(state: &GrafanaState, annotation: &Annotation) -> i64 {
    let found = annotation.dashboard_uid.as_deref().map(|uid| state.dashboards.get(uid));
    found.and_then(Result::ok).map_or(0, |(dashboard, _)| dashboard.id)
}

/// `GET /api/annotations`
pub(super) async fn find(
    State(state): State<GrafanaState>,
    query: Query,
) -> Result<Json<Value>, GrafanaError> {
    blocking(move || {
        if query.get("type") == Some("alert") {
            return Ok(Json(json!([])));
        }
        let time = |name| query.number(name).map(|ms| ms.map(Timestamp::from_millis));
        let tags: Vec<&str> = query.all("tags").filter(|tag| !tag.is_empty()).collect();
        let uid_of_id = match query.number("dashboardId")?.filter(|id| *id > 0) {
            Some(id) => Some(state.dashboards.uid(id)?),
            None => None,
        };
        let found = state.annotations.find(&AnnotationFilter {
            from: time("from")?,
            to: time("to")?,
            dashboard_uid: query.get("dashboardUID").or(uid_of_id.as_deref()),
            panel_id: query.number("panelId")?.filter(|id| *id > 0),
            tags: &tags,
            is_any_tag: query.is_set("matchAny"),
            limit: query.page(LIMIT_DEFAULT, LIMIT_MAX)?.limit,
        })?;
        let ids: std::collections::HashMap<String, i64> =
            state.dashboards.list()?.into_iter().map(|found| (found.uid, found.id)).collect();
        let id = |annotation: &Annotation| {
            annotation.dashboard_uid.as_ref().and_then(|uid| ids.get(uid)).copied().unwrap_or(0)
        };
        Ok(Json(found.iter().map(|annotation| shown(annotation, id(annotation))).collect()))
    })
    .await
}

/// `POST /api/annotations`
pub(super) async fn create(
    State(state): State<GrafanaState>,
    body: Body,
) -> Result<Json<Value>, GrafanaError> {
    blocking(move || {
        let command = body.document()?;
        let dashboard_uid = match command.string("dashboardUID") {
            Some(uid) => Some(state.dashboards.get(&uid)?.0.uid),
            None => match command.read("dashboardId").filter(|id: &i64| *id > 0) {
                Some(id) => Some(state.dashboards.uid(id)?),
                None => None,
            },
        };
        let now = Timestamp::now();
        let blank = Annotation {
            id: 0,
            dashboard_uid,
            panel_id: command.read("panelId").unwrap_or_default(),
            time: now,
            time_end: now,
            text: String::new(),
            tags: Vec::new(),
            data: "{}".to_owned(),
            created: now,
            updated: now,
        };
        let annotation = changed(blank, &command)?;
        if annotation.text.is_empty() {
            return Err(GrafanaError::bad_request(
                "Failed to save annotation: text field should not be empty",
            ));
        }
        let id = state.annotations.add(&annotation)?;
        Ok(Json(json!({"message": "Annotation added", "id": id})))
    })
    .await
}

/// The annotation with what a command says; what it does not say stays.
fn changed(before: Annotation, command: &Document<'_>) -> Result<Annotation, GrafanaError> {
    let time = |name| command.read(name).filter(|ms: &i64| *ms != 0).map(Timestamp::from_millis);
    let start = time("time").unwrap_or(before.time);
    let was_moment = before.time == before.time_end;
    let end = time("timeEnd").unwrap_or(if was_moment { start } else { before.time_end });
    let annotation = Annotation {
        time: start.min(end),
        time_end: start.max(end),
        text: command.read("text").unwrap_or(before.text),
        tags: command.read("tags").unwrap_or(before.tags),
        data: command.get("data").map_or(before.data, str::to_owned),
        ..before
    };
    let is_too_large = annotation.text.len() > TEXT_BYTES_MAX
        || annotation.data.len() > TEXT_BYTES_MAX
        || annotation.tags.len() > TAGS_MAX
        || annotation.tags.iter().any(|tag| tag.len() > TAG_BYTES_MAX);
    if is_too_large {
        return Err(GrafanaError::bad_request(format!(
            "an annotation has at most {TEXT_BYTES_MAX} bytes of text and of data, \
             and {TAGS_MAX} tags of {TAG_BYTES_MAX} bytes"
        )));
    }
    Ok(annotation)
}

/// `POST /api/annotations/graphite`: an event as Graphite takes it.
pub(super) async fn create_graphite(
    State(state): State<GrafanaState>,
    body: Body,
) -> Result<Json<Value>, GrafanaError> {
    blocking(move || {
        let event = body.document()?;
        let what = event.string("what").ok_or_else(|| {
            GrafanaError::bad_request(
                "Failed to save Graphite annotation: what field should not be empty",
            )
        })?;
        // Tags are a list, or, as before Graphite 0.10, words in one text.
        let tags = event.read::<Vec<String>>("tags").or_else(|| {
            let words = event.string("tags")?;
            Some(words.split_whitespace().map(str::to_owned).collect())
        });
        let text = match event.string("data") {
            Some(data) => format!("{what}\n{data}"),
            None => what,
        };
        let at = event.read("when").map_or_else(Timestamp::now, |seconds: i64| {
            Timestamp::from_millis(seconds.saturating_mul(1000))
        });
        let command = json!({"time": at.as_millis(), "text": text, "tags": tags}).to_string();
        let command =
            Document::parse(&command).map_err(|error| GrafanaError::json("the event", &error))?;
        let blank = Annotation {
            id: 0,
            dashboard_uid: None,
            panel_id: 0,
            time: at,
            time_end: at,
            text: String::new(),
            tags: Vec::new(),
            data: "{}".to_owned(),
            created: at,
            updated: at,
        };
        let id = state.annotations.add(&changed(blank, &command)?)?;
        Ok(Json(json!({"message": "Graphite annotation added", "id": id})))
    })
    .await
}

fn one(state: &GrafanaState, id: i64) -> Result<Annotation, GrafanaError> {
    let found = state.annotations.get(id)?;
    found.ok_or_else(|| GrafanaError::not_found("Annotation not found"))
}

/// `GET /api/annotations/{id}`
pub(super) async fn get(
    State(state): State<GrafanaState>,
    Path(id): Path<i64>,
) -> Result<Json<Value>, GrafanaError> {
    blocking(move || {
        let annotation = one(&state, id)?;
        Ok(Json(shown(&annotation, dashboard_id(&state, &annotation))))
    })
    .await
}

/// `PUT /api/annotations/{id}`: replaces text, tags and times.
pub(super) async fn update(
    State(state): State<GrafanaState>,
    Path(id): Path<i64>,
    body: Body,
) -> Result<Json<Value>, GrafanaError> {
    blocking(move || {
        let before = one(&state, id)?;
        let blank = Annotation { text: String::new(), tags: Vec::new(), ..before };
        state.annotations.update(&changed(blank, &body.document()?)?)?;
        Ok(Json(json!({"message": "Annotation updated", "id": id})))
    })
    .await
}

/// `PATCH /api/annotations/{id}`: changes what is named.
pub(super) async fn patch(
    State(state): State<GrafanaState>,
    Path(id): Path<i64>,
    body: Body,
) -> Result<Json<Value>, GrafanaError> {
    blocking(move || {
        state.annotations.update(&changed(one(&state, id)?, &body.document()?)?)?;
        Ok(Json(json!({"message": "Annotation patched"})))
    })
    .await
}

/// `DELETE /api/annotations/{id}`
pub(super) async fn delete(
    State(state): State<GrafanaState>,
    Path(id): Path<i64>,
) -> Result<Json<Value>, GrafanaError> {
    blocking(move || {
        if !state.annotations.delete(id)? {
            return Err(GrafanaError::not_found("Annotation not found"));
        }
        Ok(Json(json!({"message": "Annotation deleted"})))
    })
    .await
}

/// `POST /api/annotations/mass-delete`: those of a panel, or one.
pub(super) async fn mass_delete(
    State(state): State<GrafanaState>,
    body: Body,
) -> Result<Json<Value>, GrafanaError> {
    blocking(move || {
        let command = body.document()?;
        let number = |name| command.read(name).filter(|number: &i64| *number > 0);
        let uid = match (command.string("dashboardUID"), number("dashboardId")) {
            (Some(uid), _) => Some(uid),
            (None, Some(id)) => Some(state.dashboards.uid(id)?),
            (None, None) => None,
        };
        match (number("annotationId"), uid, number("panelId")) {
            (Some(id), _, _) => {
                state.annotations.delete(id)?;
            }
            (None, Some(uid), Some(panel_id)) => {
                state.annotations.delete_of_panel(&uid, panel_id)?;
            }
            _ => {
                let message = "DashboardID and PanelID are required, or AnnotationID";
                return Err(GrafanaError::bad_request(message));
            }
        }
        Ok(Json(json!({"message": "Annotations deleted"})))
    })
    .await
}

/// `GET /api/annotations/tags`
pub(super) async fn tags(
    State(state): State<GrafanaState>,
    query: Query,
) -> Result<Json<Value>, GrafanaError> {
    let limit = query.page(LIMIT_DEFAULT, LIMIT_MAX)?.limit;
    blocking(move || {
        let part = query.get("tag").unwrap_or("").to_lowercase();
        let tags = state.annotations.tags()?.into_iter();
        let tags: Vec<Value> = tags
            .filter(|(tag, _)| tag.to_lowercase().contains(&part))
            .take(limit)
            .map(|(tag, count)| json!({"tag": tag, "count": count}))
            .collect();
        Ok(Json(json!({"result": {"tags": tags}})))
    })
    .await
}
