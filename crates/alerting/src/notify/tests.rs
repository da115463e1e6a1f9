//! The cases in `testdata/notify`: settings of a receiver, and what is sent for
//! a group of two alerts, of which one has ended.
//!
//! Parts stand between lines of dashes. The first lines of a part say which of
//! the two alerts there are: `# firing`, `# resolved` or `# both`. Settings follow, as
//! they stand below a receiver's name, and behind `=>` the request: method and
//! address, headers, a blank line, the body (JSON is compared as such).

use std::collections::BTreeMap;
use std::path::Path;

use model::{Labels, Timestamp};

use super::*;
use crate::alerts::Alert;
use crate::config::Config;

const NOW: i64 = 1_700_000_000_000;

fn alert(instance: &str, severity: &str, summary: &str, ends_at: i64) -> Alert {
    let labels = [
        ("alertname", "HighLatency"),
        ("instance", instance),
        ("job", "api"),
        ("severity", severity),
    ];
    Alert {
        labels: Labels::from_pairs(labels),
        annotations: BTreeMap::from([("summary".to_owned(), summary.to_owned())]),
        starts_at: Timestamp::from_millis(NOW - 600_500),
        ends_at: Timestamp::from_millis(ends_at),
        updated_at: Timestamp::from_millis(NOW),
        generator_url: "http://prom.example/graph?g0.expr=x".to_owned(),
        is_timeout: false,
    }
}

fn notification(which: &str) -> Notification {
    let firing = alert("a:80", "critical", "p99 is <slow> & \"bad\"", NOW + 60_000);
    let resolved = alert("b:80", "warning", "p99 was slow", NOW - 60_000);
    let alerts = match which {
        "firing" => vec![firing],
        "resolved" => vec![resolved],
        _ => vec![firing, resolved],
    };
    Notification {
        receiver: "team".to_owned(),
        group_key: "{}:{alertname=\"HighLatency\"}".to_owned(),
        group_labels: Labels::from_pairs([("alertname", "HighLatency")]),
        alerts,
        now: Timestamp::from_millis(NOW),
        external_url: "http://am.example:9093".to_owned(),
    }
}

fn read_file(path: &Path) -> std::io::Result<String> {
    match path.to_str() {
        Some("/run/secret") => Ok("from-file\n".to_owned()),
        _ => Err(std::io::Error::from(std::io::ErrorKind::NotFound)),
    }
}

fn integration(settings: &str) -> Integration {
    let global = "global: {smtp_smarthost: 'mail.example:587', smtp_from: 'am@example.com'}";
    let indented: String = settings.lines().map(|line| format!("  {line}\n")).collect();
    let yaml = format!("{global}\nroute: {{receiver: team}}\nreceivers:\n- name: team\n{indented}");
    let (config, _) = Config::parse(&yaml).unwrap_or_else(|error| panic!("{error}\n{yaml}"));
    config.receivers[0].integrations[0].clone()
}

fn outgoing(settings: &str, which: &str) -> Result<Outgoing, NotifyError> {
    let templates = default_templates().unwrap();
    let notification = notification(which);
    integration(settings).outgoing(&Rendering::new(&templates, &notification, read_file))
}

/// A request as the files write it down.
fn shown(request: &HttpRequest) -> String {
    let method = format!("{:?}", request.method).to_uppercase();
    let mut out = format!("{method} {}\n", request.url);
    for (name, value) in request.headers.iter().filter(|(name, _)| name != "Content-Type") {
        out.push_str(&format!("{name}: {value}\n"));
    }
    let body = match serde_json::from_str::<serde_json::Value>(&request.body) {
        Ok(json) => serde_json::to_string_pretty(&json).unwrap(),
        Err(_) => request.body.replace('&', "\n&"),
    };
    format!("{out}\n{body}")
}

fn all_shown(outgoing: Outgoing) -> String {
    match outgoing {
        Outgoing::Http(requests) => requests.iter().map(shown).collect::<Vec<_>>().join("\n+\n"),
        Outgoing::Jira(plan) => shown(&plan.first()),
        Outgoing::Log(line) => format!("{} of {}\n\n{}", line.file, line.size_bytes_max, line.text),
        Outgoing::Mqtt(message) => {
            let MqttMessage { broker, topic, payload, .. } = *message;
            let flags = (message.is_acknowledged, message.is_retained, broker.is_tls);
            format!("{}:{} {topic} {flags:?}\n\n{payload}", broker.host, broker.port)
        }
        Outgoing::Email(mail) => {
            let headers: String =
                mail.headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
            let to = mail.to.join(" and ");
            format!("{}:{} {:?} to {to}\n{headers}\n{}", mail.host, mail.port, mail.tls, mail.text)
        }
    }
}

/// JSON in one form, so that its writing does not matter.
fn normal(text: &str) -> String {
    let parts = text.split("\n+\n").map(|part| match part.split_once("\n\n") {
        Some((head, body)) => match serde_json::from_str::<serde_json::Value>(body) {
            Ok(json) => format!("{head}\n\n{}", serde_json::to_string_pretty(&json).unwrap()),
            Err(_) => part.to_owned(),
        },
        None => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("\n+\n").trim().to_owned()
}

#[test]
fn requests_are_what_peers_expect() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/notify");
    let mut failures = Vec::new();
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        for case in text.split("\n---\n") {
            count += 1;
            let (input, wanted) = case.split_once("\n=>\n").unwrap();
            let which = input.lines().next().and_then(|line| line.strip_prefix("# ")).unwrap();
            let found = match outgoing(input, which) {
                Ok(outgoing) => all_shown(outgoing),
                Err(error) => format!("! {error}"),
            };
            if normal(&found) != normal(wanted) {
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                failures.push(format!(
                    "== {name}\n{input}\n=> wanted\n{}\n=> found\n{}",
                    normal(wanted),
                    normal(&found)
                ));
            }
        }
    }
    assert!(failures.is_empty(), "{} failed:\n{}", failures.len(), failures.join("\n\n"));
    assert!(count >= 20, "only {count} cases were found");
}

#[test]
fn the_default_mail_is_escaped_html() {
    let Outgoing::Email(mail) = outgoing("email_configs: [{to: a@b}]", "both").unwrap() else {
        panic!("no mail");
    };
    assert_eq!(mail.text, "");
    assert!(mail.html.contains("p99 is &lt;slow&gt; &amp; &#34;bad&#34;"), "{}", mail.html);
    assert!(mail.html.contains("href=\"http://prom.example/graph?g0.expr=x\""));
    assert!(mail.html.contains("<strong>[1] Firing</strong>"));
    assert!(mail.html.contains("<strong>[1] Resolved</strong>"));
    assert!(mail.html.contains("ended 2023-11-14 22:12:20 UTC"));
    assert!(!mail.html.contains("ZgotmplZ"), "{}", mail.html);
    assert!(!mail.html.contains("<no value>"));
}

#[test]
fn all_default_templates_expand() {
    let templates = default_templates().unwrap();
    let both = notification("both");
    let rendering = Rendering::new(&templates, &both, read_file);
    let names: Vec<&str> = templates.names().filter(|name| name.contains(".default.")).collect();
    assert!(names.len() > 40);
    for name in names {
        let call = match name {
            "pagerduty.default.instances" => format!("{{{{ template \"{name}\" .Alerts }}}}"),
            _ => format!("{{{{ template \"{name}\" . }}}}"),
        };
        let text = rendering.text(name, &call).unwrap();
        assert!(!text.contains("<no value>"), "{name}: {text}");
    }
}

#[test]
fn users_templates_replace_the_defaults_and_see_the_data() {
    let mut templates = default_templates().unwrap();
    templates.add("mine.tmpl", "{{ define \"__subject\" }}mine{{ end }}").unwrap();
    let both = notification("both");
    let rendering = Rendering::new(&templates, &both, read_file);
    let text = |template: &str| rendering.text("x", template).unwrap();
    assert_eq!(text("{{ template \"slack.default.title\" . }}"), "mine");
    for (template, wanted) in [
        ("{{ .Receiver }} {{ .Status }} {{ .ExternalURL }}", "team firing http://am.example:9093"),
        ("{{ len .Alerts }}{{ .Alerts.Firing | len }}{{ len .Alerts.Resolved }}", "211"),
        (
            "{{ range .Alerts }}{{ .Status }} {{ .Labels.instance }};{{ end }}",
            "firing a:80;resolved b:80;",
        ),
        ("{{ .GroupLabels.alertname }} {{ .GroupLabels.missing }}|", "HighLatency |"),
        ("{{ .CommonLabels }}", "map[alertname:HighLatency job:api]"),
        ("{{ .CommonLabels.SortedPairs }}", "[{alertname HighLatency} {job api}]"),
        ("{{ .CommonLabels.SortedPairs.Names | join \",\" }}", "alertname,job"),
        ("{{ .CommonLabels.Values | join \",\" }}", "HighLatency,api"),
        ("{{ (.CommonLabels.Remove .GroupLabels.Names).Names | join \",\" }}", "job"),
        ("{{ .CommonLabels.Remove (stringSlice \"job\") }}", "map[alertname:HighLatency]"),
        ("{{ .CommonLabels.SortedPairs.String }}", "alertname=HighLatency, job=api"),
        ("{{ .CommonAnnotations | len }}", "0"),
        ("{{ (index .Alerts 0).StartsAt.Unix }}", "1699999399"),
        ("{{ (index .Alerts 0).StartsAt | since | humanizeDuration }}", "10m 0s"),
        ("{{ (index .Alerts 0).EndsAt.IsZero }}{{ (index .Alerts 1).EndsAt.IsZero }}", "truefalse"),
        ("{{ (index .Alerts 1).EndsAt.Sub (index .Alerts 1).StartsAt }}", "9m0.5s"),
        ("{{ (index .Alerts 0).Fingerprint | len }}", "16"),
        (
            "{{ (index .Alerts.Firing 0).Labels | toJson }}",
            "{\"alertname\":\"HighLatency\",\"instance\":\"a:80\",\"job\":\"api\",\"severity\":\"critical\"}",
        ),
        (
            "{{ with index .Alerts 0 }}{{ .Annotations.SortedPairs.Values | join \",\" }}{{ end }}",
            "p99 is <slow> & \"bad\"",
        ),
    ] {
        assert_eq!(text(template), wanted, "{template}");
    }
    let fault = rendering.text("title", "{{ .Nope }}").unwrap_err().to_string();
    assert_eq!(
        fault,
        "title: template: :1:3: executing \"\" at <.Nope>: can't evaluate field Nope in type template.Data"
    );
}

#[test]
fn answers_are_judged() {
    let request = HttpRequest::json(Method::Post, "http://x", &serde_json::Value::Null);
    let busy = request.clone().retry_on(&[429]);
    assert_eq!(request.judge(200, ""), Verdict::Sent);
    assert_eq!(request.judge(204, "ok"), Verdict::Sent);
    assert!(matches!(request.judge(503, "x"), Verdict::Retry(_)));
    assert!(matches!(busy.judge(429, "x"), Verdict::Retry(_)));
    assert!(matches!(request.judge(429, "x"), Verdict::Failed(_)));
    let slack = request.judge(200, "{\"ok\": false, \"error\": \"no_channel\"}");
    assert_eq!(slack, Verdict::Failed("the answer says: no_channel".to_owned()));
    let Verdict::Failed(reason) = request.judge(400, &"x".repeat(5000)) else { panic!() };
    assert!(reason.starts_with("unexpected status code 400: xxx") && reason.len() < 400);
}

#[test]
fn secrets_do_not_show() {
    let settings = "webhook_configs: [{url: 'http://u:hidden@x.example/hidden'}]";
    let Outgoing::Http(requests) = outgoing(settings, "firing").unwrap() else { panic!() };
    let shown = format!("{:?} {requests:?}", integration(settings));
    assert!(!shown.contains("hidden"), "{shown}");
    assert!(shown.contains("x.example"));
    let fault = outgoing("webhook_configs: [{url_file: /none}]", "firing").unwrap_err();
    assert!(fault.to_string().starts_with("could not read /none: "));
    let Outgoing::Http(requests) =
        outgoing("webhook_configs: [{url_file: /run/secret}]", "firing").unwrap()
    else {
        panic!()
    };
    assert_eq!(requests[0].url, "from-file");
}

#[test]
fn jira_finds_writes_and_moves_issues() {
    let plan = |which: &str| {
        let settings = "jira_configs: [{api_url: 'https://j.example', project: OPS, issue_type: Bug, \
                        reopen_transition: Reopen, resolve_transition: Close}]";
        match outgoing(settings, which).unwrap() {
            Outgoing::Jira(plan) => plan,
            _ => panic!(),
        }
    };
    let line = |request: &HttpRequest| format!("{:?} {}", request.method, request.url);
    // No issue yet: one is made.
    let mut first = plan("firing");
    assert_eq!(line(&first.first()), "Post https://j.example/rest/api/2/search");
    let create = first.next("{\"issues\": []}").unwrap().unwrap();
    assert_eq!(line(&create), "Post https://j.example/rest/api/2/issue");
    assert!(create.body.contains("\"issuetype\":{\"name\":\"Bug\"}"), "{}", create.body);
    assert!(first.next("{\"key\": \"OPS-1\"}").unwrap().is_none());
    // An issue that is done is opened again.
    let done = "{\"issues\": [{\"key\": \"OPS-1\", \"fields\": {\"status\": {\"statusCategory\": {\"key\": \"done\"}}}}]}";
    let mut again = plan("firing");
    assert_eq!(
        line(&again.next(done).unwrap().unwrap()),
        "Put https://j.example/rest/api/2/issue/OPS-1"
    );
    let list = again.next("").unwrap().unwrap();
    assert_eq!(line(&list), "Get https://j.example/rest/api/2/issue/OPS-1/transitions");
    let transitions = "{\"transitions\": [{\"id\": \"7\", \"name\": \"Reopen\"}]}";
    let reopen = again.next(transitions).unwrap().unwrap();
    assert_eq!(reopen.body, "{\"transition\":{\"id\":\"7\"}}");
    assert!(again.next("").unwrap().is_none());
    // The end closes it; without an issue there is nothing to close.
    let open = done.replace("done", "new");
    let mut end = plan("resolved");
    end.next(&open).unwrap();
    end.next("").unwrap();
    assert_eq!(end.next(transitions).unwrap_err(), "issue OPS-1 has no transition \"Close\"");
    assert!(plan("resolved").next("{\"issues\": []}").unwrap().is_none());
    assert!(plan("firing").next("<html>").is_err());
}

#[test]
fn a_large_group_fits_into_a_mail() {
    let mut many = notification("firing");
    let first = many.alerts[0].clone();
    many.alerts = (0..5_000)
        .map(|index| {
            let mut alert = first.clone();
            let mut labels = alert.labels.to_builder();
            labels.set("instance", &format!("host-{index}"));
            alert.labels = labels.build();
            alert
        })
        .collect();
    let templates = default_templates().unwrap();
    let rendering = Rendering::new(&templates, &many, read_file);
    let Outgoing::Email(mail) =
        integration("email_configs: [{to: a@b}]").outgoing(&rendering).unwrap()
    else {
        panic!("no mail");
    };
    assert!(mail.html.contains("<strong>[5000] Firing</strong>"));
    assert!(mail.html.contains("host-4999"));
}
