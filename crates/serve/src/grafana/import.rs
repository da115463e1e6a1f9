//! `/api/dashboards/import`: a shared dashboard with answers to what it asks for.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};
use state::dashboards::{Expected, NewBody, Origin};

use super::GrafanaState;
use super::body::{DashboardBody, new_uid, slug};
use super::dashboards::{folder_of, url};
use super::data_sources;
use super::document::{Document, quoted};
use super::error::GrafanaError;
use super::folders::FolderTree;
use super::request::{Body, blocking};

/// What a dashboard asks for (in its `__inputs`), or an answer to it.
#[derive(Deserialize)]
#[serde(default)]
struct Input {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    value: Option<String>,
}

impl Default for Input {
    fn default() -> Self {
        Self { name: String::new(), kind: "constant".to_owned(), value: None }
    }
}

/// `POST /api/dashboards/import`
pub(super) async fn import(
    State(state): State<GrafanaState>,
    body: Body,
) -> Result<Json<Value>, GrafanaError> {
    blocking(move || {
        let command = body.document()?;
        let shared = command.object("dashboard").ok_or_else(|| {
            GrafanaError::bad_request("bad request data: the body has no \"dashboard\"")
        })?;
        let text = answered(&shared, &command.read::<Vec<Input>>("inputs").unwrap_or_default())?;
        let body = DashboardBody::read(&text)?;
        let is_overwriting: bool = command.read("overwrite").unwrap_or(false);
        let uid = body.uid.clone().unwrap_or_else(new_uid);
        let folder_uid = folder_of(&state, &command)?;
        let saved = state.dashboards.save(
            &NewBody {
                uid: &uid,
                folder_uid: folder_uid.as_deref(),
                title: &body.title,
                tags: &body.tags,
                metadata: None,
                origin: Origin::Saved,
                body: body.text,
                message: "",
                restored_from: 0,
            },
            if is_overwriting { Expected::Anything } else { Expected::Nothing },
        )?;
        let slug = slug(&saved.dashboard.title);
        let tree = FolderTree::read(&state.dashboards)?;
        Ok(Json(json!({
            "uid": uid,
            "pluginId": "",
            "title": saved.dashboard.title,
            "imported": true,
            "importedUri": format!("db/{slug}"),
            "importedUrl": url(&saved.dashboard),
            "slug": slug,
            "dashboardId": saved.dashboard.id,
            "folderId": tree.get(saved.dashboard.folder_id).map_or(0, |folder| folder.id),
            "folderUid": folder_uid.unwrap_or_default(),
            "importedRevision": 1,
            "revision": 1,
            "description": "",
            "path": "",
            "removed": false,
        })))
    })
    .await
}

/// The dashboard with `${NAME}` replaced by the answer to each input.
fn answered(shared: &Document<'_>, answers: &[Input]) -> Result<String, GrafanaError> {
    let mut text = shared.without(&["__inputs", "__requires", "__elements", "id"]);
    for input in shared.read::<Vec<Input>>("__inputs").unwrap_or_default() {
        let answer = answers.iter().find(|answer| answer.name == input.name);
        let value = match answer.and_then(|answer| answer.value.clone()) {
            Some(value) => value,
            None if input.kind == "datasource" => data_sources::PROMETHEUS.uid.to_owned(),
            None => input.value.ok_or_else(|| {
                let message =
                    format!("the dashboard asks for the input {:?}; give it a value", input.name);
                GrafanaError::bad_request(message)
            })?,
        };
        // Inside of a string of JSON, where `${…}` is; so without its quotes.
        let escaped = quoted(&value);
        text = text.replace(&format!("${{{}}}", input.name), escaped.trim_matches('"'));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_are_answered_everywhere() {
        let text = r#"{"__inputs":[{"name":"DS","type":"datasource"},{"name":"C","type":"constant","value":"a\"b"}],
            "title":"${C}","x":[1.0,"${DS}","$DS","${D}"]}"#;
        let shared = Document::parse(text).unwrap();
        assert_eq!(
            answered(&shared, &[]).unwrap(),
            r#"{"title":"a\"b","x":[1.0,"prometheus","$DS","${D}"]}"#
        );
        let answers =
            [Input { name: "DS".into(), value: Some("other".into()), ..Input::default() }];
        assert!(answered(&shared, &answers).unwrap().contains(r#""other""#));
        let asking = Document::parse(r#"{"__inputs":[{"name":"C","type":"constant"}]}"#).unwrap();
        assert!(answered(&asking, &[]).unwrap_err().message.contains("\"C\""));
    }
}
