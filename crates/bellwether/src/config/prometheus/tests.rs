//! Files that load, in full, and mistakes that are named with their lines.

use std::path::Path;

use super::*;

fn testdata(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/prometheus").join(name)
}

fn read(yaml: &str) -> Result<PrometheusConfig, String> {
    let config: PrometheusConfig =
        yaml::parse(yaml, Path::new("p.yml")).map_err(|error| error.to_string())?;
    config.jobs().map_err(|error| format!("{error:#}"))?;
    Ok(config)
}

#[test]
fn a_usual_file_loads_unmodified() {
    let (config, warnings) = PrometheusConfig::read(&testdata("fleet.yml")).unwrap();
    let jobs = config.jobs().unwrap();
    let names: Vec<_> = jobs.iter().map(|job| job.job_name.as_str()).collect();
    assert_eq!(
        names,
        ["core", "web", "pods", "broker", "nodes", "cache", "database", "proxy", "probes"]
    );
    assert_eq!(jobs[0].interval(), model::PromDuration::from_secs(10));
    assert_eq!(jobs[1].interval(), model::PromDuration::from_secs(15));
    assert_eq!(jobs[2].discovery.kubernetes_sd_configs.len(), 1);
    assert_eq!(config.global.external_labels["region"], "eu-west-1");
    // Of discovery nothing is missing.
    assert_eq!(warnings, []);
    assert_eq!(config.rule_patterns().len(), config.rule_files.len());
    assert!(!config.rule_files.is_empty() && !config.alerting.alertmanagers.is_empty());
}

#[test]
fn a_file_with_everything_loads() {
    let (config, warnings) = PrometheusConfig::read(&testdata("everything.yml")).unwrap();
    let jobs = config.jobs().unwrap();
    assert_eq!(jobs.len(), 3);
    let messages: Vec<_> = warnings.iter().map(|w| w.message.split(':').next().unwrap()).collect();
    let expected = ["runtime", "remote_read", "storage", "tracing", "gce_sd_configs"];
    assert_eq!(messages, expected);
    let dir = testdata("").display().to_string();
    let all = serde_json::to_string(&jobs).unwrap();
    for path in ["token", "ca.pem", "targets/*.json", "failures.log"] {
        assert!(all.contains(&format!("{dir}{path}")), "{path} is not where the file is: {all}");
    }
    assert!(!all.contains("hunter2"), "{all}");
}

#[test]
fn unknown_keys_are_errors_that_name_the_line_and_the_nearest_key() {
    for (yaml, line, nearest) in [
        ("global:\n  scrape_intervall: 5s\n", 2, "scrape_interval"),
        ("scrape_configs:\n- job_name: a\n  metric_path: /x\n", 3, "metrics_path"),
        ("scrape_configs:\n- job_name: a\n  basic_auht: {}\n", 3, "basic_auth"),
        ("scrape_configs:\n- job_name: a\n  static_config: []\n", 3, "static_configs"),
        ("scrape_configs:\n- job_name: a\n  sample_limits: 1\n", 3, "sample_limit"),
        ("scrape_configs:\n- job_name: a\n  tls_config:\n    ca_fil: x\n", 4, "ca_file"),
        (
            "scrape_configs:\n- job_name: a\n  kubernetes_sd_configs:\n  - role: pod\n    namespace: {}\n",
            5,
            "namespaces",
        ),
        ("scrape_configs:\n- job_name: a\n  static_configs:\n  - target: []\n", 4, "targets"),
        ("globals: {}\n", 1, "global"),
        ("storage:\n  tsdb:\n    out_of_order_window: 1h\n", 3, "out_of_order_time_window"),
        ("tracing:\n  endpont: a\n", 2, "endpoint"),
        ("runtime:\n  gogcc: 1\n", 2, "gogc"),
        ("remote_read:\n- url: http://a\n  read_recen: true\n", 3, "read_recent"),
    ] {
        let error = read(yaml).unwrap_err();
        assert!(error.starts_with(&format!("p.yml:{line}:")), "{yaml}: {error}");
        assert!(error.contains(nearest), "{yaml}: {error}");
    }
}

#[test]
fn what_prometheus_refuses_is_refused() {
    for job in [
        "job_name: ''",
        "{job_name: a, scrape_timeout: 2m}",
        "{job_name: a, scrape_interval: 0s}",
        "{job_name: a, scrape_protocols: []}",
        "{job_name: a, scrape_protocols: [PrometheusProto, PrometheusProto]}",
        "{job_name: a, metric_name_validation_scheme: legacy, metric_name_escaping_scheme: allow-utf-8}",
        "{job_name: a, file_sd_configs: [{files: ['a.txt']}]}",
        "{job_name: a, http_sd_configs: [{url: 'ftp://x'}]}",
        "{job_name: a, dns_sd_configs: [{names: [x], type: A}]}",
        "{job_name: a, kubernetes_sd_configs: [{}]}",
        "{job_name: a, docker_sd_configs: [{}]}",
        "{job_name: a, bearer_token: x, basic_auth: {}}",
    ] {
        assert!(read(&format!("scrape_configs: [{job}]")).is_err(), "{job}");
    }
    assert!(read("scrape_configs: [{job_name: a}, {job_name: a}]").is_err());
}

#[test]
fn jobs_of_other_files_come_behind() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    };
    let main = write(
        "prometheus.yml",
        "scrape_configs: [{job_name: main}]\nscrape_config_files: ['jobs/*.yml', one.yml]\n",
    );
    write("jobs/b.yml", "scrape_configs: [{job_name: b}]\n");
    write("jobs/a.yml", "scrape_configs: [{job_name: a, file_sd_configs: [{files: [x.json]}]}]\n");
    write("one.yml", "scrape_configs: [{job_name: one, gce_sd_configs: []}]\n");
    let (config, warnings) = PrometheusConfig::read(&main).unwrap();
    let jobs = config.jobs().unwrap();
    let names: Vec<_> = jobs.iter().map(|job| job.job_name.as_str()).collect();
    assert_eq!(names, ["main", "a", "b", "one"]);
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    let shown = warnings[0].to_string();
    assert!(shown.contains("one.yml:1: warning: gce_sd_configs"), "{shown}");
    let shown = dir.path().join("x.json").display().to_string();
    assert_eq!(jobs[1].discovery.file_sd_configs[0].files, [shown]);
    write("jobs/a.yml", "scrape_configs: [{job_name: b}]\n");
    assert!(PrometheusConfig::read(&main).unwrap().0.jobs().is_err());
    write("jobs/a.yml", "scrape_config: []\n");
    assert!(PrometheusConfig::read(&main).unwrap_err().to_string().contains("a.yml"));
    std::fs::remove_file(dir.path().join("one.yml")).unwrap();
    write("jobs/a.yml", "scrape_configs: []\n");
    assert!(PrometheusConfig::read(&main).unwrap_err().to_string().contains("one.yml"));
}
