//! Scraping and discovery beside the Prometheus that Debian ships (2.42): what it
//! exposes is the same in every format, and what it discovers is what we discover.
//!
//! Debian builds it without Kubernetes and Consul, so those have no peer here.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use axum::routing::{get, post};
use axum::{Form, Json, Router};
use collect::discovery::gather::Seeker;
use collect::discovery::{self, DiscoveryMetrics, TargetGroup};
use collect::http_client::{HttpClient, HttpClientConfig, get_json};
use collect::scrape::ScrapeConfig;
use collect::scrape::fetch::{Body, Fetcher};
use collect::scrape::parse::protobuf::HistogramForms;
use collect::scrape::parse::{Entry, parse_series_key};
use model::{Labels, LabelsBuilder};
use serde_json::json;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

struct Prometheus {
    child: Child,
    url: String,
    dir: tempfile::TempDir,
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Prometheus {
    /// Starts one with these `scrape_configs`, and `files` beside its configuration.
    async fn start(scrape_configs: &str, files: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let config = dir.path().join("prometheus.yml");
        std::fs::write(&config, format!("scrape_configs:\n{scrape_configs}")).unwrap();
        for (name, text) in files {
            std::fs::write(dir.path().join(name), text).unwrap();
        }
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let child = Command::new("prometheus")
            .arg(format!("--config.file={}", config.display()))
            .arg(format!("--storage.tsdb.path={}", dir.path().join("data").display()))
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .stderr(Stdio::null())
            .spawn()
            .expect("Debian's package `prometheus` is installed");
        let started = Self { child, url: format!("http://127.0.0.1:{port}"), dir };
        for _ in 0..600 {
            let answer = get_json(&started.api("status/buildinfo")).await;
            if answer.is_ok_and(|answer| answer["status"] == "success") {
                return started;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("Prometheus did not start");
    }

    fn api(&self, path: &str) -> url::Url {
        format!("{}/api/v1/{path}", self.url).parse().unwrap()
    }

    /// What it discovered for `job`, as it was before relabelling.
    async fn discovered(&self, job: &str) -> BTreeSet<String> {
        let answer = get_json(&self.api("targets")).await.unwrap();
        let targets = answer["data"]["activeTargets"].as_array().unwrap().iter();
        let own = targets.filter(|target| target["scrapePool"] == job);
        own.map(|target| {
            let labels: BTreeMap<String, String> =
                serde_json::from_value(target["discoveredLabels"].clone()).unwrap();
            let found = labels.iter().filter(|(name, _)| {
                name.starts_with("__meta_") || *name == "__address__" || *name == "team"
            });
            Labels::from_pairs(found).to_string()
        })
        .collect()
    }
}

/// Series, types and help texts of a body, without values.
fn said(body: &Body) -> BTreeSet<String> {
    let mut said = BTreeSet::new();
    let mut decoder = body.decoder(HistogramForms { native: true, classic_beside_native: true });
    while let Some(entry) = decoder.next_entry() {
        said.insert(match entry.unwrap() {
            Entry::Kind { family, kind } => format!("TYPE {family} {kind}"),
            Entry::Help { family, help } => format!("HELP {family} {help}"),
            Entry::Unit { family, unit } => format!("UNIT {family} {unit}"),
            Entry::Histogram(entry) => format!("native {}", entry.key),
            Entry::Series(entry) => {
                let mut labels = LabelsBuilder::default();
                parse_series_key(entry.key, &mut labels).unwrap();
                // Bounds are made alike when they are stored.
                for bound in ["le", "quantile"] {
                    let number = labels.get(bound).and_then(|text| text.parse::<f64>().ok());
                    if let Some(number) = number {
                        labels.set(bound, &number.to_string());
                    }
                }
                labels.build().to_string()
            }
        });
    }
    said
}

#[tokio::test(flavor = "multi_thread")]
async fn protobuf_says_what_text_says() {
    let prometheus = Prometheus::start("- {job_name: none}\n", &[]).await;
    let url = format!("{}/metrics", prometheus.url).parse().unwrap();
    let fetch = async |yaml: &str| {
        let config: ScrapeConfig = serde_saphyr::from_str(yaml).unwrap();
        let client = HttpClient::new(&HttpClientConfig::default(), "test").unwrap();
        Fetcher::new(client, &config).fetch(&url, Duration::from_secs(10)).await.unwrap()
    };
    // The page about itself has to exist before both are compared.
    fetch("{}").await;
    let proto = fetch("scrape_protocols: [PrometheusProto]").await;
    let text = fetch("scrape_protocols: [PrometheusText0.0.4]").await;
    assert!(matches!((&proto, &text), (Body::Protobuf(_), Body::Text(_))));
    let (proto, text) = (said(&proto), said(&text));
    assert!(proto.len() > 400, "{} lines", proto.len());
    let apart: Vec<_> = proto.symmetric_difference(&text).collect();
    assert!(apart.is_empty(), "{apart:#?}");
}

const INSTANCES: &str = r#"<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
<reservationSet><item><ownerId>42</ownerId><instancesSet>
  <item>
    <instanceId>i-1</instanceId><imageId>ami-1</imageId><instanceState><name>running</name></instanceState>
    <privateDnsName>ip.internal</privateDnsName><dnsName>ec2.example</dnsName><instanceType>t3.micro</instanceType>
    <placement><availabilityZone>eu-west-1a</availabilityZone></placement>
    <subnetId>subnet-1</subnetId><vpcId>vpc-1</vpcId><privateIpAddress>10.0.0.1</privateIpAddress>
    <ipAddress>1.2.3.4</ipAddress><architecture>x86_64</architecture><platform>windows</platform>
    <instanceLifecycle>spot</instanceLifecycle>
    <tagSet><item><key>Na-me</key><value>web</value></item></tagSet>
    <networkInterfaceSet>
      <item><subnetId>subnet-1</subnetId><ipv6AddressesSet><item><ipv6Address>fe80::1</ipv6Address></item></ipv6AddressesSet></item>
      <item><subnetId>subnet-2</subnetId></item>
    </networkInterfaceSet>
  </item>
  <item><instanceId>i-2</instanceId><imageId>a</imageId><instanceState><name>terminated</name></instanceState>
    <instanceType>t</instanceType><placement><availabilityZone>eu-west-1a</availabilityZone></placement></item>
</instancesSet></item></reservationSet></DescribeInstancesResponse>"#;

const ZONES: &str = r#"<DescribeAvailabilityZonesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
<availabilityZoneInfo><item><zoneName>eu-west-1a</zoneName><zoneId>euw1-az3</zoneId></item></availabilityZoneInfo>
</DescribeAvailabilityZonesResponse>"#;

/// Services, tasks and nodes of a swarm.
fn swarm() -> [serde_json::Value; 3] {
    let ports = json!([
        {"Name": "http", "Protocol": "tcp", "TargetPort": 80, "PublishedPort": 8080, "PublishMode": "ingress"},
        {"Protocol": "udp", "TargetPort": 53, "PublishedPort": 53, "PublishMode": "ingress"},
        {"Protocol": "tcp", "TargetPort": 81, "PublishedPort": 8081, "PublishMode": "host"},
    ]);
    let container = json!({"Image": "web:1", "Hostname": "h", "Labels": {"c.d": "e"}});
    let services = json!([
        {
            "ID": "s1",
            "Spec": {
                "Name": "web", "Labels": {"a.b": "c"}, "Mode": {"Replicated": {"Replicas": 2}},
                "TaskTemplate": {"ContainerSpec": container},
            },
            "Endpoint": {
                "Ports": ports,
                "VirtualIPs": [
                    {"NetworkID": "n1", "Addr": "10.0.0.2/24"},
                    {"NetworkID": "n2", "Addr": "10.1.0.2/24"},
                ],
            },
            "UpdateStatus": {"State": "completed"},
        },
        {
            "ID": "s2",
            "Spec": {
                "Name": "portless", "Mode": {"Global": {}},
                "TaskTemplate": {"ContainerSpec": {"Image": "x"}},
            },
            "Endpoint": {"VirtualIPs": [{"NetworkID": "n1", "Addr": "10.0.0.9/24"}]},
        },
    ]);
    // Two tasks on one port of one node would be one target.
    let task = |id: &str, service: &str, address: &str, published: u16| {
        json!({
            "ID": id, "ServiceID": service, "NodeID": "m1", "Slot": 1, "DesiredState": "running",
            "Spec": {"ContainerSpec": container.clone()},
            "Status": {
                "State": "running", "ContainerStatus": {"ContainerID": "c1"},
                "PortStatus": {"Ports": [
                    {"Protocol": "tcp", "TargetPort": 81, "PublishedPort": published, "PublishMode": "host"},
                ]},
            },
            "NetworksAttachments": [{"Network": {"ID": "n1"}, "Addresses": [address]}],
        })
    };
    let tasks =
        json!([task("t1", "s1", "10.0.0.3/24", 8081), task("t2", "s2", "10.0.0.4/24", 8082)]);
    let nodes = json!([
        {
            "ID": "m1",
            "Spec": {"Role": "manager", "Availability": "active", "Labels": {"zone": "a"}},
            "Description": {
                "Hostname": "one", "Platform": {"Architecture": "x86_64", "OS": "linux"},
                "Engine": {"EngineVersion": "24.0"},
            },
            "Status": {"State": "ready", "Addr": "192.168.0.1"},
            "ManagerStatus": {"Leader": true, "Reachability": "reachable", "Addr": "192.168.0.1:2377"},
        },
        {"ID": "w1", "Spec": {"Role": "worker"}, "Status": {"Addr": "192.168.0.2"}},
    ]);
    [services, tasks, nodes]
}

/// A server that both ask: a list of targets, a Docker daemon, an EC2.
async fn serve() -> String {
    let list = json!([
        {"targets": ["a:1", "b:2"], "labels": {"team": "x"}}, {"targets": ["c:3"]},
    ]);
    let network = |id: &str, ip: &str| json!({"NetworkID": id, "IPAddress": ip});
    let containers = json!([
        {
            "Id": "c1", "Names": ["/web"], "Labels": {"com.x/y": "z"},
            "Ports": [
                {"IP": "0.0.0.0", "PrivatePort": 80, "PublicPort": 8080, "Type": "tcp"},
                {"PrivatePort": 53, "Type": "udp"}, {"PrivatePort": 81, "Type": "tcp"},
            ],
            "HostConfig": {"NetworkMode": "front"},
            "NetworkSettings": {"Networks": {"front": network("n1", "172.18.0.2")}},
        },
        {
            "Id": "c2", "Names": ["/host"], "HostConfig": {"NetworkMode": "host"},
            "NetworkSettings": {"Networks": {"host": network("n2", "")}},
        },
        {
            "Id": "c3", "Names": ["/portless"], "HostConfig": {"NetworkMode": "front"},
            "NetworkSettings": {"Networks": {"front": network("n1", "172.18.0.4")}},
        },
    ]);
    let networks = json!([
        {"Id": "n1", "Name": "front", "Scope": "local", "Labels": {"l.1": "v"}},
        {"Id": "n2", "Name": "host", "Scope": "local", "Internal": true},
    ]);
    let [services, tasks, nodes] = swarm().map(|objects| get(async move || Json(objects)));
    let ec2 = async |Form(form): Form<BTreeMap<String, String>>| {
        if form["Action"] == "DescribeInstances" { INSTANCES } else { ZONES }
    };
    let containers = get(async move || Json(containers));
    let networks = get(async move || Json(networks));
    let router = Router::new()
        .route("/sd", get(async move || Json(list)))
        .route("/", post(ec2))
        .route("/_ping", get(async || ([("API-Version", "1.41")], "OK")))
        .route("/containers/json", containers.clone())
        .route("/{version}/containers/json", containers)
        .route("/services", services.clone())
        .route("/{version}/services", services)
        .route("/tasks", tasks.clone())
        .route("/{version}/tasks", tasks)
        .route("/nodes", nodes.clone())
        .route("/{version}/nodes", nodes)
        .route("/networks", networks.clone())
        .route("/{version}/networks", networks);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

/// What we discover for a job, once it is not nothing.
async fn ours(config: &ScrapeConfig) -> BTreeSet<String> {
    let seeker = Seeker {
        job: config.job_name.as_str().into(),
        user_agent: "test".into(),
        metrics: DiscoveryMetrics::default(),
    };
    let (sender, mut receiver) = mpsc::channel::<Vec<Arc<TargetGroup>>>(1);
    let cancel = CancellationToken::new();
    tokio::spawn(discovery::run(config.discovery.clone(), seeker, sender, cancel.clone()));
    let groups = tokio::time::timeout(Duration::from_secs(10), receiver.recv()).await.unwrap();
    cancel.cancel();
    let with_group = |group: &Arc<TargetGroup>| {
        let group = Arc::clone(group);
        let targets = group.targets.clone().into_iter();
        targets.map(move |target| {
            let mut labels = group.labels.to_builder();
            for (name, value) in target.iter() {
                labels.set(name, value);
            }
            labels.build().to_string()
        })
    };
    groups.unwrap().iter().flat_map(with_group).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn both_discover_the_same() {
    let url = serve().await;
    let yaml = format!(
        "- {{job_name: static, static_configs: [{{targets: [a, 'b:1'], labels: {{team: x}}}}]}}\n\
         - {{job_name: file, file_sd_configs: [{{files: ['one-*.json', two.yml]}}]}}\n\
         - {{job_name: http, http_sd_configs: [{{url: '{url}/sd'}}]}}\n\
         - {{job_name: docker, docker_sd_configs: [{{host: '{url}', port: 9}}]}}\n\
         - {{job_name: services, dockerswarm_sd_configs: [{{host: '{url}', role: services}}]}}\n\
         - {{job_name: tasks, dockerswarm_sd_configs: [{{host: '{url}', role: tasks, port: 9}}]}}\n\
         - {{job_name: nodes, dockerswarm_sd_configs: [{{host: '{url}', role: nodes}}]}}\n\
         - {{job_name: ec2, ec2_sd_configs: [{{endpoint: '{url}', region: eu-west-1, access_key: a, secret_key: b}}]}}\n"
    );
    let files = [
        ("one-1.json", r#"[{"targets": ["a:1"], "labels": {"team": "x"}}, {"targets": ["b:2"]}]"#),
        ("one-2.json", r#"[{"targets": ["c:3"]}]"#),
        ("two.yml", "- targets: ['d:4']\n  labels: {team: y}\n"),
    ];
    let prometheus = Prometheus::start(&yaml, &files).await;
    let mut configs: Vec<ScrapeConfig> = serde_saphyr::from_str(&yaml).unwrap();
    for config in &mut configs {
        config.set_directory(prometheus.dir.path());
        let ours = ours(config).await;
        // Prometheus takes its time; a difference that stays is one.
        let mut theirs = prometheus.discovered(&config.job_name).await;
        for _ in 0..200 {
            if theirs == ours {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
            theirs = prometheus.discovered(&config.job_name).await;
        }
        assert_eq!(theirs, ours, "{}", config.job_name);
        assert!(!ours.is_empty(), "{}", config.job_name);
    }
}
