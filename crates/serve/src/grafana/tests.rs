//! The API as clients call it, on a database in memory.

mod resources;

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};
use state::Database;
use tower::ServiceExt;

use super::*;

struct Api(Router);

impl Api {
    fn new() -> Self {
        let database = Arc::new(Database::in_memory().unwrap());
        let echo = |request: Request<Body>| async move { request.uri().to_string() };
        Self(router(GrafanaState {
            dashboards: Dashboards::new(Arc::clone(&database)),
            annotations: Annotations::new(Arc::clone(&database)),
            preferences: Preferences::new(database),
            prometheus: Router::new().fallback(echo),
        }))
    }

    async fn text(&self, method: &str, path: &str, body: &str) -> (StatusCode, String) {
        let request = Request::builder().method(method).uri(path);
        let answer = self.0.clone().oneshot(request.body(Body::from(body.to_owned())).unwrap());
        let answer = answer.await.unwrap();
        let status = answer.status();
        let bytes = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        (status, String::from_utf8(bytes.into()).unwrap())
    }

    async fn call(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let (status, text) = self.text(method, path, &body).await;
        (status.as_u16(), serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    async fn get(&self, path: &str) -> Value {
        let (status, answer) = self.call("GET", path, Value::Null).await;
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self.call("POST", path, body).await;
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }
}

fn titles(hits: &Value) -> Vec<&str> {
    hits.as_array().unwrap().iter().map(|hit| hit["title"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn what_nobody_knows_survives_a_save_to_the_byte() {
    let api = Api::new();
    let inner = "{ \"zeta\": 1.50, \"uid\":\"x\",\n \"title\": \"T\", \"alpha\": [1e3, -0.0, \"\\ud800\"] }";
    let (status, _) =
        api.text("POST", "/api/dashboards/db", &format!("{{\"dashboard\":{inner}}}")).await;
    assert_eq!(status, 200);
    let (_, text) = api.text("GET", "/api/dashboards/uid/x", "").await;
    let expected = format!("{{\"id\":1,\"version\":1,{}", &inner[1..]);
    assert!(text.contains(&expected), "{text}");
}

#[tokio::test]
async fn saving_over_somebody_elses_save() {
    let api = Api::new();
    let save = |dashboard: Value| json!({"dashboard": dashboard});
    let first = api.post("/api/dashboards/db", save(json!({"title": "A b", "id": null}))).await;
    assert_eq!((&first["version"], &first["status"]), (&json!(1), &json!("success")));
    let uid = first["uid"].as_str().unwrap();
    assert_eq!(first["url"], format!("/d/{uid}/a-b"));

    let unversioned = save(json!({"title": "A", "uid": uid}));
    let (status, answer) = api.call("POST", "/api/dashboards/db", unversioned.clone()).await;
    assert_eq!((status, &answer["status"]), (412, &json!("name-exists")));
    let stale = save(json!({"title": "A", "uid": uid, "version": 7}));
    let (status, answer) = api.call("POST", "/api/dashboards/db", stale).await;
    assert_eq!((status, &answer["status"]), (412, &json!("version-mismatch")));
    let fresh = save(json!({"title": "B", "id": first["id"], "version": 1}));
    assert_eq!(api.post("/api/dashboards/db", fresh).await["version"], 2);
    let mut forced = unversioned;
    forced["overwrite"] = true.into();
    assert_eq!(api.post("/api/dashboards/db", forced).await["version"], 3);
    // Exported elsewhere: its id is another server's.
    let foreign = save(json!({"title": "F", "uid": "foreign", "id": 4711, "version": 12}));
    assert_eq!(api.post("/api/dashboards/db", foreign).await["version"], 1);
    let (status, _) =
        api.call("POST", "/api/dashboards/db", save(json!({"title": "F", "id": 4711}))).await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn bad_requests_say_what_and_where() {
    let api = Api::new();
    let post = async |body: &str| {
        let (status, text) = api.text("POST", "/api/dashboards/db", body).await;
        let answer: Value = serde_json::from_str(&text).unwrap();
        (status.as_u16(), answer["message"].as_str().unwrap().to_owned())
    };
    let (status, message) = post("{\n  \"dashboard\": {,}}").await;
    assert_eq!(status, 400);
    assert!(message.contains("line 2 column"), "{message}");
    assert!(post("[]").await.1.contains("a JSON object"));
    assert!(post("{}").await.1.contains("\"dashboard\""));
    assert!(post("{\"dashboard\":3}").await.1.contains("JSON object"));
    assert_eq!(post("{\"dashboard\":{}}").await.1, "Dashboard title cannot be empty");
    let missing = "{\"dashboard\":{\"title\":\"t\"},\"folderUid\":\"nowhere\"}";
    assert_eq!(post(missing).await, (404, "Folder not found".to_owned()));
    let message = "x".repeat(501);
    let long = format!("{{\"dashboard\":{{\"title\":\"t\"}},\"message\":\"{message}\"}}");
    assert_eq!(post(&long).await.0, 400);
    let at_limit = |bytes: usize| {
        let frame = "{\"dashboard\":{\"title\":\"t\",\"x\":\"\"}}";
        let filling = "y".repeat(bytes - frame.len());
        format!("{{\"dashboard\":{{\"title\":\"t\",\"x\":\"{filling}\"}}}}")
    };
    let (status, _) =
        api.text("POST", "/api/dashboards/db", &at_limit(request::BODY_BYTES_MAX)).await;
    assert_eq!(status, 200);
    let (status, message) = post(&at_limit(request::BODY_BYTES_MAX + 1)).await;
    assert_eq!(status, 413);
    assert!(message.contains("5242880"), "{message}");
    let (status, answer) = api.call("GET", "/api/nothing", Value::Null).await;
    assert_eq!(status, 404, "{answer}");
}

#[tokio::test]
async fn pages_of_other_sites_change_nothing() {
    let Api(router) = Api::new();
    let status = async |method: &str, site: Option<&str>| {
        let mut request = Request::builder().method(method).uri("/api/folders");
        if let Some(site) = site {
            request = request.header("Sec-Fetch-Site", site);
        }
        let body = Body::from(r#"{"title": "F"}"#);
        let answer = router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        answer.status().as_u16()
    };
    for site in ["cross-site", "same-site"] {
        assert_eq!(status("POST", Some(site)).await, 403, "{site}");
        assert_eq!(status("GET", Some(site)).await, 200, "{site}");
    }
    for site in [None, Some("none"), Some("same-origin")] {
        assert_eq!(status("POST", site).await, 200, "{site:?}");
    }
}

#[tokio::test]
async fn versions_are_listed_read_and_restored() {
    let api = Api::new();
    for title in ["one", "two"] {
        let body =
            json!({"dashboard": {"title": title, "uid": "x"}, "overwrite": true, "message": title});
        api.post("/api/dashboards/db", body).await;
    }
    let list = api.get("/api/dashboards/uid/x/versions").await;
    assert_eq!(list["versions"][0]["message"], "two");
    assert_eq!(list["versions"][1]["version"], 1);
    assert_eq!(
        api.get("/api/dashboards/uid/x/versions?start=1&limit=1").await["versions"][0]["version"],
        1
    );
    assert_eq!(api.get("/api/dashboards/id/1/versions").await[0]["version"], 2);
    let one = api.get("/api/dashboards/uid/x/versions/1").await;
    assert_eq!((&one["data"]["title"], &one["data"]["version"]), (&json!("one"), &json!(1)));
    let restored = api.post("/api/dashboards/uid/x/restore", json!({"version": 1})).await;
    assert_eq!(restored["version"], 3);
    let now = api.get("/api/dashboards/uid/x").await;
    assert_eq!(now["dashboard"]["title"], "one");
    assert_eq!(api.get("/api/dashboards/uid/x/versions/3").await["restoredFrom"], 1);
    for (version, status) in [(3, 400), (9, 404)] {
        let body = json!({"version": version});
        assert_eq!(api.call("POST", "/api/dashboards/uid/x/restore", body).await.0, status);
    }
}

#[tokio::test]
async fn search_finds_by_words_tags_folders_and_stars() {
    let api = Api::new();
    api.post("/api/folders", json!({"uid": "f", "title": "Team"})).await;
    api.post("/api/folders", json!({"uid": "g", "title": "Below", "parentUid": "f"})).await;
    for (uid, title, tags, folder) in [
        ("a", "CPU usage", json!(["host", "cpu"]), "f"),
        ("b", "Disk usage", json!(["host"]), "g"),
        ("c", "Air", json!([]), ""),
    ] {
        let body =
            json!({"dashboard": {"uid": uid, "title": title, "tags": tags}, "folderUid": folder});
        api.post("/api/dashboards/db", body).await;
    }
    api.post("/api/user/stars/dashboard/uid/b", Value::Null).await;
    let found = async |query: &str| {
        let hits = api.get(&format!("/api/search?{query}")).await;
        titles(&hits).join(",")
    };
    assert_eq!(found("").await, "Below,Team,Air,CPU usage,Disk usage");
    assert_eq!(found("type=dash-db&sort=alpha-desc").await, "Disk usage,CPU usage,Air");
    assert_eq!(found("type=dash-folder").await, "Below,Team");
    assert_eq!(found("query=usage%20c").await, "CPU usage");
    assert_eq!(found("tag=host&tag=cpu").await, "CPU usage");
    assert_eq!(found("folderUIDs=f").await, "Below,CPU usage");
    assert_eq!(found("folderUIDs=f,g&type=dash-db").await, "CPU usage,Disk usage");
    assert_eq!(found("folderUIDs=general").await, "Team,Air");
    assert_eq!(found("folderIds=0&type=dash-db").await, "Air");
    assert_eq!(found("folderUIDs=nowhere").await, "");
    assert_eq!(found("starred=true").await, "Disk usage");
    assert_eq!(found("dashboardUIDs=a&dashboardUIDs=c").await, "Air,CPU usage");
    assert_eq!(found("type=dash-db&limit=1&page=2").await, "CPU usage");
    let hit = &api.get("/api/search?dashboardUIDs=b").await[0];
    assert_eq!((&hit["folderUid"], &hit["isStarred"]), (&json!("g"), &json!(true)));
    assert_eq!(hit["folderUrl"], "/dashboards/f/g/below");
    assert_eq!(api.get("/api/dashboards/tags").await[1], json!({"term": "host", "count": 2}));
    assert_eq!(api.get("/api/folders/f/counts").await["dashboard"], 2);
}

#[tokio::test]
async fn folders_are_made_changed_moved_and_deleted() {
    let api = Api::new();
    let made = api.post("/api/folders", json!({"title": " A "})).await;
    assert_eq!((&made["title"], &made["version"]), (&json!("A"), &json!(1)));
    let uid = made["uid"].as_str().unwrap();
    api.post("/api/folders", json!({"uid": "b", "title": "B"})).await;
    let (status, _) = api.call("POST", "/api/folders", json!({"uid": "b", "title": "C"})).await;
    assert_eq!(status, 409);
    assert_eq!(api.call("POST", "/api/folders", json!({"title": " "})).await.0, 400);
    let path = format!("/api/folders/{uid}");
    let (status, answer) = api.call("PUT", &path, json!({"title": "D", "version": 9})).await;
    assert_eq!((status, &answer["status"]), (412, &json!("version-mismatch")));
    let (status, answer) = api.call("PUT", &path, json!({"title": "D", "overwrite": true})).await;
    assert_eq!((status, &answer["title"]), (200, &json!("D")));
    let moved = api.post(&format!("{path}/move"), json!({"parentUid": "b"})).await;
    assert_eq!((&moved["parentUid"], &moved["parents"][0]["title"]), (&json!("b"), &json!("B")));
    let (status, _) = api.call("POST", "/api/folders/b/move", json!({"parentUid": uid})).await;
    assert_eq!(status, 400);
    assert_eq!(titles(&api.get("/api/folders").await), ["B"]);
    assert_eq!(titles(&api.get("/api/folders?parentUid=b").await), ["D"]);
    let (status, answer) = api.call("DELETE", "/api/folders/b", Value::Null).await;
    assert_eq!((status, &answer["message"]), (200, &json!("Folder deleted")));
    assert_eq!(api.call("GET", &path, Value::Null).await.0, 404);
}

#[tokio::test]
async fn annotations_are_added_found_changed_and_deleted() {
    let api = Api::new();
    api.post("/api/dashboards/db", json!({"dashboard": {"uid": "x", "title": "T"}})).await;
    let body = json!({"dashboardUID": "x", "panelId": 2, "time": 1000, "timeEnd": 3000,
        "tags": ["deploy"], "text": "<script>alert(1)</script>", "data": {"k": 1}});
    let added = api.post("/api/annotations", body).await;
    assert_eq!(added["message"], "Annotation added");
    let event = json!({"what": "w", "tags": "one two", "when": 5, "data": "d"});
    api.post("/api/annotations/graphite", event).await;
    let found = api.get("/api/annotations?from=2000&to=4000&dashboardUID=x&tags=deploy").await;
    assert_eq!(found[0]["text"], "<script>alert(1)</script>");
    assert_eq!((&found[0]["dashboardId"], &found[0]["data"]["k"]), (&json!(1), &json!(1)));
    assert_eq!(api.get("/api/annotations?tags=two").await[0]["text"], "w\nd");
    assert_eq!(api.get("/api/annotations?limit=1").await[0]["time"], 5000);
    let path = format!("/api/annotations/{}", added["id"]);
    api.call("PATCH", &path, json!({"tags": ["other"]})).await;
    let one = api.get(&path).await;
    assert_eq!((&one["tags"], &one["timeEnd"]), (&json!(["other"]), &json!(3000)));
    api.call("PUT", &path, json!({"text": "new", "time": 7000, "timeEnd": 6000})).await;
    let one = api.get(&path).await;
    assert_eq!(
        (&one["text"], &one["tags"], &one["time"]),
        (&json!("new"), &json!([]), &json!(6000))
    );
    let tags = api.get("/api/annotations/tags?tag=O").await;
    assert_eq!(
        tags["result"]["tags"],
        json!([{"tag": "one", "count": 1}, {"tag": "two", "count": 1}])
    );
    assert_eq!(api.call("DELETE", &path, Value::Null).await.0, 200);
    assert_eq!(api.call("DELETE", &path, Value::Null).await.0, 404);
    for bad in [json!({"text": ""}), json!({"text": "x".repeat(100_000)})] {
        assert_eq!(api.call("POST", "/api/annotations", bad).await.0, 400);
    }
    let elsewhere = json!({"text": "t", "dashboardUID": "nowhere"});
    assert_eq!(api.call("POST", "/api/annotations", elsewhere).await.0, 404);
    api.call("DELETE", "/api/dashboards/uid/x", Value::Null).await;
}

#[tokio::test]
async fn provisioned_dashboards_are_read_only() {
    let api = Api::new();
    let source = provisioning::Source {
        origin: state::dashboards::Origin::File("dir/a.json".to_owned()),
        folders: vec!["dir".to_owned()],
        text: Ok(r#"{"uid": "p", "title": "P"}"#.to_owned()),
    };
    let database = Arc::new(Database::in_memory().unwrap());
    let dashboards = Dashboards::new(Arc::clone(&database));
    provisioning::apply(&dashboards, [source]).unwrap();
    let Api(_) = api;
    let api = Api(router(GrafanaState {
        dashboards,
        annotations: Annotations::new(Arc::clone(&database)),
        preferences: Preferences::new(database),
        prometheus: Router::new(),
    }));
    let found = api.get("/api/dashboards/uid/p").await;
    assert_eq!(found["meta"]["provisioned"], true);
    assert_eq!(found["meta"]["provisionedExternalId"], "dir/a.json");
    let folder = found["meta"]["folderUid"].as_str().unwrap().to_owned();
    let body = json!({"dashboard": {"uid": "p", "title": "Q"}, "overwrite": true});
    let (status, answer) = api.call("POST", "/api/dashboards/db", body).await;
    assert_eq!((status, &answer["message"]), (400, &json!("Cannot save provisioned dashboard")));
    let (status, answer) = api.call("DELETE", "/api/dashboards/uid/p", Value::Null).await;
    assert_eq!(
        (status, &answer["message"]),
        (400, &json!("provisioned dashboard cannot be deleted"))
    );
    let (status, _) = api.call("DELETE", &format!("/api/folders/{folder}"), Value::Null).await;
    assert_eq!(status, 400);
    let kind = "/apis/dashboard.grafana.app/v1beta1/namespaces/default/dashboards/p";
    let object = api.get(kind).await;
    assert_eq!(api.call("PUT", kind, object).await.0, 403);
}

#[tokio::test]
async fn data_sources_are_listed_and_asked() {
    let api = Api::new();
    let list = api.get("/api/datasources").await;
    assert_eq!((&list[0]["uid"], &list[0]["readOnly"]), (&json!("prometheus"), &json!(true)));
    for path in ["uid/prometheus", "name/Prometheus", "1"] {
        assert_eq!(api.get(&format!("/api/datasources/{path}")).await["type"], "prometheus");
    }
    assert_eq!(api.get("/api/datasources/id/Prometheus").await["id"], 1);
    assert_eq!(api.call("GET", "/api/datasources/uid/x", Value::Null).await.0, 404);
    assert_eq!(api.call("POST", "/api/datasources", json!({"name": "x"})).await.0, 403);
    assert_eq!(api.get("/api/datasources/uid/prometheus/health").await["status"], "OK");
    for path in ["proxy/uid/prometheus", "uid/prometheus/resources", "proxy/1"] {
        let asked = format!("/api/datasources/{path}/api/v1/label/a%2Fb/values?match=c%26d");
        assert_eq!(api.text("GET", &asked, "").await.1, "/api/v1/label/a%2Fb/values?match=c%26d");
    }
}

#[tokio::test]
async fn queries_answer_in_frames_and_have_a_limit() {
    let database = Arc::new(Database::in_memory().unwrap());
    let answer = || async {
        axum::Json(
            json!({"status": "success", "data": {"resultType": "scalar", "result": [1, "2"]}}),
        )
    };
    let api = Api(router(GrafanaState {
        dashboards: Dashboards::new(Arc::clone(&database)),
        annotations: Annotations::new(Arc::clone(&database)),
        preferences: Preferences::new(database),
        prometheus: Router::new().route("/api/v1/query", post(answer)),
    }));
    let query = json!({"refId": "Q", "expr": "2", "instant": true, "interval": null});
    let body = |queries: Vec<Value>| json!({"queries": queries, "from": "now-5m", "to": "now"});
    let answer = api.post("/api/ds/query", body(vec![query.clone(); 100])).await;
    assert_eq!(answer["results"]["Q"]["frames"][0]["data"]["values"], json!([[1000], [2.0]]));
    for bad in [
        body(vec![query.clone(); 101]),
        body(vec![]),
        json!({}),
        json!({"queries": [query], "from": "x"}),
    ] {
        assert_eq!(api.call("POST", "/api/ds/query", bad).await.0, 400);
    }
    let elsewhere = json!({"refId": "Q", "expr": "2", "datasource": {"uid": "other"}});
    let (status, answer) = api.call("POST", "/api/ds/query", body(vec![elsewhere])).await;
    assert_eq!((status, &answer["results"]["Q"]["error"]), (400, &json!("Data source not found")));
}

#[tokio::test]
async fn the_rest_that_clients_ask_for() {
    let api = Api::new();
    assert_eq!(api.get("/api/health").await["database"], "ok");
    assert_eq!(api.get("/api/user").await["login"], "admin");
    assert_eq!(api.get("/api/org").await["id"], 1);
    assert_eq!(api.get("/bootdata").await["settings"]["namespace"], "default");
    assert_eq!(api.get("/api/frontend/settings").await["defaultDatasource"], "Prometheus");
    assert_eq!(api.get("/api/dashboards/home").await["meta"]["isHome"], true);
    let (status, _) =
        api.call("PUT", "/api/org/preferences", json!({"homeDashboardUID": "nowhere"})).await;
    assert_eq!(status, 404);
    api.post("/api/dashboards/db", json!({"dashboard": {"uid": "x", "title": "T"}})).await;
    let wanted = json!({"homeDashboardUID": "x", "theme": "dark"});
    api.call("PUT", "/api/org/preferences", wanted).await;
    api.call("PATCH", "/api/user/preferences", json!({"theme": "light"})).await;
    let preferences = api.get("/api/org/preferences").await;
    assert_eq!(
        (&preferences["homeDashboardUID"], &preferences["theme"]),
        (&json!("x"), &json!("light"))
    );
    assert_eq!(api.get("/api/dashboards/home").await["redirectUri"], "/d/x/t");
    let shared = json!({"dashboard": {"title": "I", "__inputs": [{"name": "DS", "type": "datasource"}],
        "panels": [{"datasource": "${DS}"}]}, "inputs": []});
    let imported = api.post("/api/dashboards/import", shared).await;
    let uid = imported["uid"].as_str().unwrap();
    let found = api.get(&format!("/api/dashboards/uid/{uid}")).await;
    assert_eq!(found["dashboard"]["panels"][0]["datasource"], "prometheus");
    assert!(found["dashboard"]["__inputs"].is_null());
}
