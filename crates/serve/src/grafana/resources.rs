//! Dashboards and folders as resources, at `/apis/…`: Kubernetes' conventions, which
//! `grafanactl`, `kubectl`-like clients and Terraform's newer resources speak.
//!
//! A dashboard is kept once, in the shape in which it was written: the classic one
//! (versions 0 and 1) or that of elements and layouts (version 2). Asked for in the other
//! shape it comes as it is, with the version that it is stored in, as from a Grafana that
//! can't convert.

mod dashboards;
mod folders;
mod object;
mod patch;
mod status;

use axum::extract::Path;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::GrafanaState;
use status::Status;

/// The organisation's namespace.
const NAMESPACE: &str = "default";

/// A kind of resources.
struct Kind {
    group: &'static str,
    /// The versions, the preferred one first.
    versions: &'static [&'static str],
    name: &'static str,
    plural: &'static str,
    singular: &'static str,
}

const DASHBOARD: Kind = Kind {
    group: "dashboard.grafana.app",
    versions: &["v1beta1", "v1", "v0alpha1", "v2", "v2beta1"],
    name: "Dashboard",
    plural: "dashboards",
    singular: "dashboard",
};
const FOLDER: Kind = Kind {
    group: "folder.grafana.app",
    versions: &["v1beta1", "v1"],
    name: "Folder",
    plural: "folders",
    singular: "folder",
};
const KINDS: [&Kind; 2] = [&DASHBOARD, &FOLDER];

/// All resources.
pub(super) fn router() -> Router<GrafanaState> {
    let dashboards = "/dashboard.grafana.app/{version}/namespaces/{namespace}/dashboards";
    let folders = "/folder.grafana.app/{version}/namespaces/{namespace}/folders";
    let routes = Router::new()
        .route("/", get(groups))
        .route("/{group}", get(group))
        .route("/{group}/{version}", get(resources))
        .route(dashboards, get(dashboards::list).post(dashboards::create))
        .route(
            &format!("{dashboards}/{{name}}"),
            get(dashboards::get)
                .put(dashboards::update)
                .patch(dashboards::patch)
                .delete(dashboards::delete),
        )
        .route(folders, get(folders::list).post(folders::create))
        .route(
            &format!("{folders}/{{name}}"),
            get(folders::get).put(folders::update).patch(folders::patch).delete(folders::delete),
        )
        .method_not_allowed_fallback(not_allowed)
        .fallback(nothing);
    Router::new().nest("/apis", routes)
}

async fn not_allowed() -> Status {
    Status::not_supported("the server does not allow this method on the requested resource")
}

async fn nothing() -> Status {
    Status::not_found("the server could not find the requested resource")
}

async fn groups() -> Json<Value> {
    let groups: Value = KINDS.into_iter().map(shown_group).collect();
    Json(json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}))
}

async fn group(Path(group): Path<String>) -> Result<Json<Value>, Status> {
    let mut shown = shown_group(find(&group)?);
    shown["kind"] = "APIGroup".into();
    shown["apiVersion"] = "v1".into();
    Ok(Json(shown))
}

fn find(group: &str) -> Result<&'static Kind, Status> {
    let found = KINDS.into_iter().find(|kind| kind.group == group);
    found.ok_or_else(|| Status::not_found("the server could not find the requested resource"))
}

fn shown_group(kind: &Kind) -> Value {
    let version = |version: &&str| json!({"groupVersion": format!("{}/{version}", kind.group), "version": version});
    let versions: Vec<Value> = kind.versions.iter().map(version).collect();
    json!({"name": kind.group, "preferredVersion": versions[0], "versions": versions})
}

async fn resources(Path((group, version)): Path<(String, String)>) -> Result<Json<Value>, Status> {
    let kind = find(&group)?;
    kind.check(&version, NAMESPACE)?;
    Ok(Json(json!({
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": format!("{group}/{version}"),
        "resources": [{
            "name": kind.plural,
            "singularName": kind.singular,
            "namespaced": true,
            "kind": kind.name,
            "verbs": ["create", "delete", "get", "list", "patch", "update"],
        }],
    })))
}

impl Kind {
    /// Refuses versions and namespaces that are none.
    fn check(&self, version: &str, namespace: &str) -> Result<(), Status> {
        if !self.versions.contains(&version) {
            return Err(Status::not_found("the server could not find the requested resource"));
        }
        // Grafana's name of organisation 1, and the one by number.
        if namespace != NAMESPACE && namespace != "org-1" {
            let message =
                format!("there is no namespace {namespace:?}; the one here is \"default\"");
            return Err(Status::forbidden(message));
        }
        Ok(())
    }
}
