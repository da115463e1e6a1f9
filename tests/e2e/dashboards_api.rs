//! Grafana's HTTP API: what people and tools save is kept, and what files say is shown.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::harness::{Answer, Peer, Server, binary, eventually, has_peer, has_python, request};

const SOURCES: &str = "collect: {host: false, itself: false}\n";

fn call(server: &Server, method: &str, path: &str, body: &str) -> Answer {
    let headers = [("Content-Type", "application/json")];
    request(server.port(), method, path, &headers, body.as_bytes()).unwrap()
}

fn save(server: &Server, dashboard: &str) -> Answer {
    call(server, "POST", "/api/dashboards/db", &format!("{{\"dashboard\": {dashboard}}}"))
}

fn titles(server: &Server, query: &str) -> Vec<String> {
    let hits = server.get(&format!("/api/search?{query}")).json();
    let title = |hit: &Value| hit["title"].as_str().unwrap().to_owned();
    hits.as_array().unwrap().iter().map(title).collect()
}

#[test]
fn python_clients_and_generators() {
    if !has_python() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path(), &[]);
    Peer::run_python("grafana_clients.py", &[&format!("http://127.0.0.1:{}", server.port())]);
    // Behind the prefix at which another Grafana may have been.
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path(), &[]);
    Peer::run_python(
        "grafana_clients.py",
        &[&format!("http://127.0.0.1:{}/grafana/", server.port())],
    );
}

#[test]
fn kubectl_reads_and_writes_resources() {
    if !has_peer("kubectl") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(&dir.path().join("data"), &[]);
    let kubectl = |args: &[&str]| -> Output {
        Command::new("kubectl")
            .args([&format!("--server=http://127.0.0.1:{}", server.port()), "--namespace=default"])
            .args(args)
            .env("KUBECONFIG", "/dev/null")
            .env("HOME", dir.path())
            .output()
            .unwrap()
    };
    let good = |args: &[&str]| {
        let output = kubectl(args);
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let file = dir.path().join("resources.json");
    let folder = json!({"apiVersion": "folder.grafana.app/v1beta1", "kind": "Folder",
        "metadata": {"name": "team"}, "spec": {"title": "Team"}});
    let dashboard = json!({"apiVersion": "dashboard.grafana.app/v1beta1", "kind": "Dashboard",
        "metadata": {"name": "from-kubectl", "annotations": {"grafana.app/folder": "team"}},
        "spec": {"title": "One", "panels": [], "odd": 1.5}});
    let resources = format!("{folder}\n{dashboard}\n");
    std::fs::write(&file, &resources).unwrap();
    let file = file.display().to_string();
    good(&["create", "--validate=false", "--filename", &file]);
    let again = kubectl(&["create", "--validate=false", "--filename", &file]);
    assert!(String::from_utf8_lossy(&again.stderr).contains("AlreadyExists"));
    let listed = good(&["get", "dashboards", "--output", "name"]);
    assert!(listed.contains("dashboard.dashboard.grafana.app/from-kubectl"), "{listed}");
    let got: Value =
        serde_json::from_str(&good(&["get", "dashboard", "from-kubectl", "--output=json"]))
            .unwrap();
    assert_eq!(got["spec"], json!({"title": "One", "panels": [], "odd": 1.5}));
    assert_eq!(titles(&server, "folderUIDs=team"), ["One"]);

    std::fs::write(&file, resources.replace("\"One\"", "\"Two\"")).unwrap();
    good(&["replace", "--validate=false", "--filename", &file]);
    assert_eq!(titles(&server, "folderUIDs=team"), ["Two"]);
    std::fs::write(&file, resources.replace("\"One\"", "\"Three\"")).unwrap();
    good(&["apply", "--validate=false", "--filename", &file]);
    assert_eq!(titles(&server, "folderUIDs=team"), ["Three"]);
    good(&["annotate", "dashboard", "from-kubectl", "team=web"]);
    good(&["delete", "dashboard", "from-kubectl"]);
    good(&["delete", "folder", "team"]);
    let gone = kubectl(&["get", "dashboard", "from-kubectl"]);
    assert!(String::from_utf8_lossy(&gone.stderr).contains("NotFound"));
}

#[test]
fn what_was_saved_is_there_after_a_restart_and_after_a_crash() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path(), &[]);
    let text = "{\"uid\": \"kept\", \"title\": \"Kept\", \"odd\": [1.50, 1e3, \"\\u2028\"],\n \"b\": {\"a\": null}}";
    assert_eq!(save(&server, text).status, 200);
    let folder = call(&server, "POST", "/api/folders", r#"{"title": "F", "uid": "f"}"#);
    assert_eq!(folder.status, 200, "{}", folder.body);
    call(&server, "POST", "/api/user/stars/dashboard/uid/kept", "");
    let note = r#"{"text": "note", "dashboardUID": "kept", "tags": ["t"], "time": 1000}"#;
    assert_eq!(call(&server, "POST", "/api/annotations", note).status, 200);
    let read = |server: &Server| {
        ["dashboards/uid/kept", "dashboards/uid/kept/versions", "folders/f", "annotations?tags=t"]
            .map(|path| server.get(&format!("/api/{path}")).body)
    };
    let before = read(&server);
    assert!(before[0].contains(&text[1..]), "{}", before[0]);
    server.terminate();

    let server = Server::start(dir.path(), &[]);
    assert_eq!(read(&server), before);
    assert_eq!(titles(&server, "starred=true"), ["Kept"]);
    // Answered, then killed: what was answered has reached the disk.
    assert_eq!(save(&server, r#"{"uid": "last", "title": "Last"}"#).status, 200);
    server.kill();
    let server = Server::start(dir.path(), &[]);
    assert_eq!(titles(&server, "query=last"), ["Last"]);
}

#[test]
fn bad_bodies_are_refused_in_grafanas_shape_and_change_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path(), &[]);
    let script = r#"{"uid": "x", "title": "<script>alert(1)</script>"}"#;
    let saved = save(&server, script);
    assert_eq!(saved.json()["url"], "/d/x/script-alert-1-script");
    let found = server.get("/api/dashboards/uid/x");
    assert_eq!(found.json()["dashboard"]["title"], "<script>alert(1)</script>");
    assert!(found.headers.to_lowercase().contains("content-type: application/json"));

    let message = |answer: Answer, status: u16| {
        assert_eq!(answer.status, status, "{}", answer.body);
        answer.json()["message"].as_str().unwrap().to_owned()
    };
    let broken = "{\"dashboard\": {\n  \"title\": \"a\" \"b\"}}";
    let answer = call(&server, "POST", "/api/dashboards/db", broken);
    assert!(message(answer, 400).contains("line 2 column 16"));
    let large = format!(r#"{{"uid": "x", "title": "t", "a": "{}"}}"#, "y".repeat(6 << 20));
    assert!(message(save(&server, &large), 413).contains("limit"));
    message(save(&server, r#"{"uid": "x", "title": "other"}"#), 412);
    let nested = format!(r#"{{"title": "deep", "a": {}1{}}}"#, "[".repeat(9000), "]".repeat(9000));
    assert_eq!(save(&server, &nested).status, 200, "what is not read may be as deep as it likes");
    assert_eq!(titles(&server, "query=script"), ["<script>alert(1)</script>"]);
}

#[test]
fn the_other_apis_stay_where_they_are() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path(), &[]);
    for path in ["/api/v1/query?query=1", "/prometheus/api/v1/labels", "/explore", "/-/ready"] {
        assert_eq!(server.get(path).status, 200, "{path}");
    }
    for path in ["/api/v1/nothing", "/api/nothing", "/apis/nothing/v1", "/grafana/api/nothing"] {
        assert_eq!(server.get(path).status, 404, "{path}");
    }
    let page = server.get("/grafana/d/abc/name?from=now-1h");
    assert_eq!(page.status, 307);
    assert!(page.headers.contains("location: /d/abc/name?from=now-1h"), "{}", page.headers);
    let proxied = server.get("/api/datasources/proxy/uid/prometheus/api/v1/query?query=1%2B1");
    assert_eq!(proxied.json()["data"]["result"][1], "2");
}

#[test]
fn dashboards_of_files_follow_the_files() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = dir.path().join("dashboards").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("top.json", r#"{"uid": "top", "title": "Top"}"#);
    write("team/web/wrapped.json", r#"{"dashboard": {"id": null, "title": "Wrapped"}}"#);
    write("team/broken.json", "{\n  \"title\": ,\n}");
    let config =
        format!("{SOURCES}serve: {{dashboards: ['dashboards/**/*.json', 'none/*.json']}}\n");
    let server = Server::with_config(dir.path(), &config);
    let file = dir.path().join("bellwether.yml");
    let check = Command::new(binary()).args(["check", "config"]).arg(file).output().unwrap();
    let warnings = String::from_utf8(check.stdout).unwrap();
    assert!(
        check.status.success() && warnings.contains("broken.json:2:12: warning: "),
        "{warnings}"
    );
    assert!(warnings.contains("no file matches") && warnings.contains("none/*.json"), "{warnings}");
    assert_eq!(titles(&server, "query=top"), ["Top"]);
    let hit = server.get("/api/search?query=wrapped").json();
    assert_eq!(hit[0]["folderTitle"], "web");
    let found = server.get("/api/dashboards/uid/top").json();
    assert_eq!(found["meta"]["provisioned"], true);
    assert_eq!(found["meta"]["provisionedExternalId"], "dashboards/top.json");
    let answer = save(&server, r#"{"uid": "top", "title": "Mine", "version": 1}"#);
    assert_eq!(answer.status, 400);
    assert_eq!(answer.json()["message"], "Cannot save provisioned dashboard");

    // Files are looked at again by themselves, and at once on a reload.
    write("top.json", r#"{"uid": "top", "title": "Changed"}"#);
    eventually("a change is seen", || titles(&server, "dashboardUIDs=top") == ["Changed"]);
    write("team/broken.json", r#"{"title": "Mended"}"#);
    std::fs::remove_file(dir.path().join("dashboards/team/web/wrapped.json")).unwrap();
    assert_eq!(call(&server, "POST", "/-/reload", "").status, 200);
    assert_eq!(titles(&server, "query=mended"), ["Mended"]);
    assert!(titles(&server, "query=wrapped").is_empty());
    assert!(titles(&server, "type=dash-folder&query=web").is_empty());

    // What comes with the program is there as well, and as firm.
    let bundled = server.get("/api/search?folderUIDs=&query=system").json();
    assert_eq!(bundled[0]["folderTitle"], "Bellwether");
    let uid = bundled[0]["uid"].as_str().unwrap();
    let answer = call(&server, "DELETE", &format!("/api/dashboards/uid/{uid}"), "");
    assert_eq!(
        (answer.status, &answer.json()["message"]),
        (400, &json!("provisioned dashboard cannot be deleted"))
    );
}

#[test]
fn a_report_of_what_is_not_supported() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        std::fs::write(dir.path().join(name), text).unwrap();
        dir.path().join(name)
    };
    let odd = write("odd.json", "{\"title\": \"T\", \"panels\": [\n  {\"type\": \"nope\"}\n]}");
    let broken = write("broken.json", "{\n  \"title\": }");
    let check = |files: &[&Path]| {
        let output =
            Command::new(binary()).args(["check", "dashboard"]).args(files).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.success(), text(output.stdout), text(output.stderr))
    };
    let (is_sound, report, _) = check(&[&odd]);
    assert!(is_sound && report.contains("odd.json:2:12: $.panels[0].type: "), "{report}");
    assert!(report.contains("\"T\", 1 panels, 0 variables, 1 not supported"), "{report}");
    let (is_sound, report, errors) = check(&[&broken, &odd]);
    assert!(!is_sound && report.contains("nope"), "{report}");
    assert!(errors.contains("broken.json:2:12: "), "{errors}");
}
