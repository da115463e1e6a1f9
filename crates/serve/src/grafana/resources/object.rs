//! What resources have in common: metadata as it comes and goes, lists and their pages.

use std::collections::BTreeMap;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use model::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::status::Status;
use super::{Kind, NAMESPACE};
use crate::grafana::GrafanaError;
use crate::grafana::account::LOGIN;
use crate::grafana::body::{check_uid, new_uid};
use crate::grafana::document::Document;
use crate::grafana::request::{Query, rfc3339};

/// The annotation that names the folder that a resource is in.
const FOLDER: &str = "grafana.app/folder";
/// The annotation that says what was changed.
const MESSAGE: &str = "grafana.app/message";
/// What the server says itself and so does not keep.
const OWN: [&str; 6] = [
    FOLDER,
    MESSAGE,
    "grafana.app/createdBy",
    "grafana.app/updatedBy",
    "grafana.app/updatedTimestamp",
    "grafana.app/deprecatedInternalID",
];
/// The most bytes of labels and annotations, as in Kubernetes.
const METADATA_BYTES_MAX: usize = 256 << 10;
/// The most resources on a page, and how many without a limit.
const LIMIT_MAX: usize = 1_000;

/// Labels and annotations of others, which are kept as they are.
#[derive(Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Kept {
    annotations: BTreeMap<String, String>,
    labels: BTreeMap<String, String>,
}

/// A resource as a client hands it in.
pub(super) struct Incoming<'a> {
    pub(super) name: String,
    pub(super) spec: &'a str,
    pub(super) folder_uid: Option<String>,
    pub(super) message: String,
    /// The version that it replaces, where the client says so.
    pub(super) version: Option<i64>,
    /// Labels and annotations to keep, as JSON.
    pub(super) metadata: String,
}

impl<'a> Incoming<'a> {
    /// Reads a resource.
    ///
    /// # Errors
    /// Where it has no name or no spec, is of another kind, or its metadata make no sense.
    pub(super) fn read(kind: &Kind, document: &Document<'a>) -> Result<Self, Status> {
        if let Some(other) = document.string("kind").filter(|other| other != kind.name) {
            let message = format!("the object is a {other}, not a {}", kind.name);
            return Err(Status::bad_request(message));
        }
        let spec = document
            .get("spec")
            .filter(|spec| Document::parse(spec).is_ok())
            .ok_or_else(|| Status::bad_request("the object has no \"spec\""))?;
        let metadata = document
            .object("metadata")
            .ok_or_else(|| Status::bad_request("the object has no \"metadata\""))?;
        let name = match (metadata.string("name"), metadata.string("generateName")) {
            (Some(name), _) => name,
            (None, Some(prefix)) => prefix + &new_uid(),
            (None, None) => {
                return Err(Status::bad_request("name or generateName is required"));
            }
        };
        check_uid(&name)?;
        let mut kept = Kept {
            annotations: metadata.read("annotations").unwrap_or_default(),
            labels: metadata.read("labels").unwrap_or_default(),
        };
        let folder_uid = kept.annotations.remove(FOLDER).filter(|uid| !uid.is_empty());
        let message = kept.annotations.remove(MESSAGE).unwrap_or_default();
        kept.annotations.retain(|name, _| !OWN.contains(&name.as_str()));
        kept.labels.retain(|name, _| !OWN.contains(&name.as_str()));
        let version =
            match metadata.string("resourceVersion") {
                Some(text) => Some(text.parse().map_err(|_| {
                    Status::bad_request(format!("invalid resourceVersion {text:?}"))
                })?),
                None => None,
            };
        let metadata = serde_json::to_string(&kept).unwrap_or_default();
        if metadata.len() > METADATA_BYTES_MAX {
            let message = format!("labels and annotations exceed {METADATA_BYTES_MAX} bytes");
            return Err(Status::bad_request(message));
        }
        Ok(Self { name, spec, folder_uid, message, version, metadata })
    }

    /// Reads the resource that is to stand at the path of `name`.
    ///
    /// # Errors
    /// As [`Incoming::read`], and where it has another name.
    pub(super) fn read_named(
        kind: &Kind,
        document: &Document<'a>,
        name: &str,
    ) -> Result<Self, Status> {
        let new = Self::read(kind, document)?;
        if new.name != name {
            let message = format!("the object is named {:?} and the path {name:?}", new.name);
            return Err(Status::bad_request(message));
        }
        Ok(new)
    }

    /// Refuses it where it says that it replaces another version than `found`.
    pub(super) fn check_replaces(&self, kind: &Kind, found: i64) -> Result<(), Status> {
        if self.version.is_some_and(|version| version != found) {
            return Err(Status::conflict(kind, &self.name));
        }
        Ok(())
    }
}

/// What is said of a resource beside its spec.
pub(super) struct Facts<'a> {
    pub(super) id: i64,
    pub(super) name: &'a str,
    pub(super) folder_uid: Option<&'a str>,
    pub(super) version: i64,
    pub(super) created: Timestamp,
    pub(super) updated: Timestamp,
    /// Kept labels and annotations, as JSON.
    pub(super) metadata: &'a str,
}

impl Facts<'_> {
    pub(super) fn metadata(&self, kind: &Kind) -> Value {
        let Kept { mut annotations, mut labels } =
            serde_json::from_str(self.metadata).unwrap_or_default();
        let user = format!("user:{LOGIN}");
        annotations.insert("grafana.app/createdBy".to_owned(), user.clone());
        if self.version > 1 {
            annotations.insert("grafana.app/updatedBy".to_owned(), user);
            let updated = rfc3339(self.updated);
            annotations.insert("grafana.app/updatedTimestamp".to_owned(), updated);
        }
        if let Some(uid) = self.folder_uid {
            annotations.insert(FOLDER.to_owned(), uid.to_owned());
        }
        labels.insert("grafana.app/deprecatedInternalID".to_owned(), self.id.to_string());
        json!({
            "name": self.name,
            "namespace": NAMESPACE,
            "uid": format!("{}-{}", kind.singular, self.id),
            "resourceVersion": self.version.to_string(),
            "generation": self.version,
            // Whole seconds: Kubernetes' times have no fraction.
            "creationTimestamp": rfc3339(Timestamp::from_millis(self.created.as_millis() / 1000 * 1000)),
            "annotations": annotations,
            "labels": labels,
        })
    }
}

/// A resource as a client gets it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Object {
    pub(super) kind: &'static str,
    pub(super) api_version: String,
    pub(super) metadata: Value,
    pub(super) spec: Box<RawValue>,
    pub(super) status: Value,
}

impl Object {
    pub(super) fn text(&self) -> Result<String, GrafanaError> {
        serde_json::to_string(self).map_err(|error| GrafanaError::json("the object", &error))
    }

    pub(super) fn answer(self, code: StatusCode) -> Response {
        (code, Json(self)).into_response()
    }
}

/// Which part of a list is wanted.
pub(super) struct Wanted {
    pub(super) name: Option<String>,
    pub(super) limit: usize,
    /// The id after which the part begins.
    pub(super) after: i64,
}

impl Wanted {
    /// Reads the parameters of a list.
    ///
    /// # Errors
    /// Where they ask for what there is not, rather than leave out what was asked for.
    pub(super) fn parse(query: &Query) -> Result<Self, Status> {
        if query.is_set("watch") || query.get("watch") == Some("1") {
            return Err(Status::not_supported("watching is not supported; list again"));
        }
        if query.get("labelSelector").is_some() {
            return Err(Status::bad_request("labelSelector is not supported"));
        }
        let name = match query.get("fieldSelector") {
            None => None,
            Some(selector) => match selector.strip_prefix("metadata.name=") {
                Some(name) => Some(name.trim_start_matches('=').to_owned()),
                None => {
                    let message = "fieldSelector: only metadata.name=NAME is supported";
                    return Err(Status::bad_request(message));
                }
            },
        };
        let after = match query.get("continue") {
            None => 0,
            Some(token) => token
                .parse()
                .map_err(|_| Status::bad_request(format!("invalid continue token {token:?}")))?,
        };
        Ok(Self { name, limit: query.page(LIMIT_MAX, LIMIT_MAX)?.limit, after })
    }

    /// Whether one of this id and name is in the part, as far as it has room.
    pub(super) fn is_in(&self, id: i64, name: &str) -> bool {
        id > self.after && self.name.as_ref().is_none_or(|wanted| wanted == name)
    }
}

/// A list; `next` continues it.
pub(super) fn list(kind: &Kind, version: &str, items: &[Object], next: Option<i64>) -> Response {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct List<'a> {
        kind: String,
        api_version: String,
        metadata: Value,
        items: &'a [Object],
    }
    let mut metadata = json!({"resourceVersion": Timestamp::now().as_millis().to_string()});
    if let Some(next) = next {
        metadata["continue"] = next.to_string().into();
    }
    Json(List {
        kind: format!("{}List", kind.name),
        api_version: format!("{}/{version}", kind.group),
        metadata,
        items,
    })
    .into_response()
}

/// What is answered once a resource is gone.
pub(super) fn deleted(kind: &Kind, name: &str) -> Json<Value> {
    Json(json!({
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Success",
        "details": {"name": name, "group": kind.group, "kind": kind.plural},
    }))
}
