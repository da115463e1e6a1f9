//! Dashboards and folders as resources, at `/apis/…`.

use super::*;

#[tokio::test]
async fn resources_are_discovered_made_changed_and_deleted() {
    let api = Api::new();
    let groups = api.get("/apis").await;
    assert_eq!(groups["groups"][0]["preferredVersion"]["version"], "v1beta1");
    let kinds = api.get("/apis/dashboard.grafana.app/v1beta1").await;
    assert_eq!(kinds["resources"][0]["kind"], "Dashboard");
    assert_eq!(api.call("GET", "/apis/dashboard.grafana.app/v9", Value::Null).await.0, 404);
    assert_eq!(api.call("GET", "/api", Value::Null).await.0, 404);

    let folders = "/apis/folder.grafana.app/v1beta1/namespaces/default/folders";
    let folder = json!({"metadata": {"name": "f"}, "spec": {"title": "F"}});
    assert_eq!(api.call("POST", folders, folder.clone()).await.0, 201);
    let (status, answer) = api.call("POST", folders, folder).await;
    assert_eq!((status, &answer["reason"]), (409, &json!("AlreadyExists")));

    let dashboards = "/apis/dashboard.grafana.app/v1beta1/namespaces/default/dashboards";
    let dashboard = json!({
        "kind": "Dashboard",
        "metadata": {"name": "d", "labels": {"team": "a"}, "annotations": {
            "grafana.app/folder": "f", "grafana.app/message": "first", "grafana.app/managedBy": "kubectl"}},
        "spec": {"title": "D", "z": 1.5}
    });
    let (status, dry) =
        api.call("POST", &format!("{dashboards}?dryRun=All"), dashboard.clone()).await;
    assert_eq!((status, &dry["metadata"]["resourceVersion"]), (201, &json!("1")));
    let path = format!("{dashboards}/d");
    let (status, answer) = api.call("GET", &path, Value::Null).await;
    assert_eq!(
        (status, &answer["kind"], &answer["reason"]),
        (404, &json!("Status"), &json!("NotFound"))
    );
    assert_eq!(api.call("POST", dashboards, dashboard.clone()).await.0, 201);
    assert_eq!(api.call("POST", dashboards, dashboard).await.0, 409);
    let mut object = api.get(&path).await;
    assert_eq!(object["spec"], json!({"title": "D", "z": 1.5}));
    let annotations = &object["metadata"]["annotations"];
    assert_eq!(
        (&annotations["grafana.app/folder"], &annotations["grafana.app/managedBy"]),
        (&json!("f"), &json!("kubectl"))
    );
    assert_eq!(object["metadata"]["labels"]["team"], "a");
    assert_eq!(api.get("/api/dashboards/uid/d/versions").await["versions"][0]["message"], "first");

    object["spec"]["title"] = "E".into();
    let (status, changed) = api.call("PUT", &path, object.clone()).await;
    assert_eq!((status, &changed["metadata"]["resourceVersion"]), (200, &json!("2")));
    let (status, answer) = api.call("PUT", &path, object).await;
    assert_eq!((status, &answer["reason"]), (409, &json!("Conflict")));
    assert_eq!(api.get("/api/dashboards/uid/d").await["dashboard"]["title"], "E");
    let other = api.call("GET", &path.replace("default", "org-2"), Value::Null).await;
    assert_eq!((other.0, &other.1["reason"]), (403, &json!("Forbidden")));
    assert_eq!(api.call("DELETE", &path, Value::Null).await.1["status"], "Success");
    assert_eq!(api.call("DELETE", &path, Value::Null).await.0, 404);
    assert_eq!(api.call("DELETE", &format!("{folders}/f"), Value::Null).await.0, 200);
}

#[tokio::test]
async fn lists_of_resources_have_pages_and_say_in_which_version_something_is() {
    let api = Api::new();
    for uid in ["a", "b", "c"] {
        let body = json!({"dashboard": {"uid": uid, "title": uid}});
        api.post("/api/dashboards/db", body).await;
    }
    let path = "/apis/dashboard.grafana.app/v1/namespaces/default/dashboards";
    let first = api.get(&format!("{path}?limit=2")).await;
    assert_eq!(first["items"].as_array().unwrap().len(), 2);
    let next = first["metadata"]["continue"].as_str().unwrap();
    let second = api.get(&format!("{path}?limit=2&continue={next}")).await;
    assert_eq!(second["items"][0]["metadata"]["name"], "c");
    assert!(second["metadata"]["continue"].is_null());
    let named = api.get(&format!("{path}?fieldSelector=metadata.name%3Db")).await;
    assert_eq!(named["items"].as_array().unwrap().len(), 1);
    assert_eq!(api.call("GET", &format!("{path}?labelSelector=a"), Value::Null).await.0, 400);
    assert_eq!(api.call("GET", &format!("{path}?watch=true"), Value::Null).await.0, 405);

    let second = "/apis/dashboard.grafana.app/v2/namespaces/default/dashboards";
    let object =
        json!({"metadata": {"generateName": "n-"}, "spec": {"title": "N", "elements": {}}});
    let (_, made) = api.call("POST", second, object).await;
    let name = made["metadata"]["name"].as_str().unwrap();
    assert!(name.starts_with("n-") && made["status"] == json!({}));
    let classic = api.get(&format!("{path}/{name}")).await;
    assert_eq!(classic["status"]["conversion"]["storedVersion"], "v2beta1");
    let other = api.get(&format!("{second}/a")).await;
    assert_eq!(other["status"]["conversion"]["storedVersion"], "v1beta1");
}

#[tokio::test]
async fn a_page_of_large_resources_ends_early() {
    let api = Api::new();
    let filling = "x".repeat(4 << 20);
    for number in 0..10 {
        let body = json!({"dashboard": {"title": number.to_string(), "x": filling}});
        api.post("/api/dashboards/db", body).await;
    }
    let path = "/apis/dashboard.grafana.app/v1/namespaces/default/dashboards";
    let first = api.get(path).await;
    let count = first["items"].as_array().unwrap().len();
    assert!((8..10).contains(&count), "{count}");
    let next = first["metadata"]["continue"].as_str().unwrap();
    let second = api.get(&format!("{path}?continue={next}")).await;
    assert_eq!(second["items"].as_array().unwrap().len(), 10 - count);
}
