//! An EC2 of our own, which checks signatures; its STS and its instance metadata.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Form, Path};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;
use serde_json::json;

use super::super::updates::tests::{next_shown, until_failed, updates};
use super::*;

const FIRST_PAGE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
  <requestId>x</requestId>
  <reservationSet><item>
    <reservationId>r-1</reservationId><ownerId>42</ownerId><groupSet/>
    <instancesSet><item>
      <instanceId>i-1</instanceId><imageId>ami-1</imageId>
      <instanceState><code>16</code><name>running</name></instanceState>
      <privateDnsName>ip-10-0-0-1.internal</privateDnsName><dnsName>ec2-1.example</dnsName>
      <instanceType>t3.micro</instanceType>
      <placement><availabilityZone>eu-west-1a</availabilityZone><tenancy>default</tenancy></placement>
      <subnetId>subnet-1</subnetId><vpcId>vpc-1</vpcId>
      <privateIpAddress>10.0.0.1</privateIpAddress><ipAddress>1.2.3.4</ipAddress>
      <architecture>x86_64</architecture><platform>windows</platform>
      <instanceLifecycle>spot</instanceLifecycle>
      <tagSet><item><key>Name</key><value>web &amp; api</value></item><item><key>a:b</key><value/></item></tagSet>
      <networkInterfaceSet>
        <item><subnetId>subnet-1</subnetId><attachment><deviceIndex>1</deviceIndex></attachment>
          <ipv6AddressesSet><item><ipv6Address>fe80::2</ipv6Address><isPrimaryIpv6>true</isPrimaryIpv6></item></ipv6AddressesSet></item>
        <item><subnetId>subnet-1</subnetId><attachment><deviceIndex>0</deviceIndex></attachment>
          <ipv6AddressesSet><item><ipv6Address>fe80::1</ipv6Address><isPrimaryIpv6>true</isPrimaryIpv6></item></ipv6AddressesSet></item>
        <item><subnetId>subnet-2</subnetId><ipv6AddressesSet/></item>
      </networkInterfaceSet>
    </item>
    <item><instanceId>i-terminated</instanceId></item></instancesSet>
  </item></reservationSet>
  <nextToken>more</nextToken>
</DescribeInstancesResponse>"#;

const SECOND_PAGE: &str = r#"<DescribeInstancesResponse><reservationSet><item><ownerId>42</ownerId><instancesSet>
  <item><instanceId>i-2</instanceId><privateIpAddress>10.0.0.2</privateIpAddress></item>
</instancesSet></item></reservationSet></DescribeInstancesResponse>"#;

const ZONES: &str = "<DescribeAvailabilityZonesResponse><availabilityZoneInfo><item>\
    <zoneName>eu-west-1a</zoneName><zoneId>euw1-az3</zoneId></item></availabilityZoneInfo>\
    </DescribeAvailabilityZonesResponse>";

/// Who asked for what: `access key / action / session token`.
type Log = Arc<Mutex<Vec<String>>>;

fn role_keys(key: &str, action: &str) -> String {
    let expires = Timestamp::now() + SignedDuration::from_hours(1);
    format!(
        "<{action}Response><{action}Result><Credentials><AccessKeyId>{key}</AccessKeyId>\
         <SecretAccessKey>s</SecretAccessKey><SessionToken>token-of-{key}</SessionToken>\
         <Expiration>{expires}</Expiration></Credentials></{action}Result></{action}Response>"
    )
}

fn answer(log: &Log, headers: &HeaderMap, form: &HashMap<String, String>) -> Response {
    let header = |name: &str| headers.get(name).map_or("", |value| value.to_str().unwrap());
    let authorization = header("authorization");
    let key = authorization.split(['=', '/']).nth(1).unwrap_or("nobody");
    let action = form["Action"].as_str();
    log.lock().push(format!("{key}/{action}/{}", header("x-amz-security-token")));
    if key == "denied" {
        let body = "<Response><Errors><Error><Code>AuthFailure</Code></Error></Errors></Response>";
        return (StatusCode::UNAUTHORIZED, body).into_response();
    }
    match (action, form.get("NextToken")) {
        ("DescribeInstances", next) => {
            assert_eq!((&*form["Filter.1.Name"], &*form["Filter.1.Value.2"]), ("tag:x", "b"));
            assert!(authorization.contains("/eu-west-1/ec2/aws4_request"), "{authorization}");
            if next.is_some() { SECOND_PAGE } else { FIRST_PAGE }.into_response()
        }
        ("DescribeAvailabilityZones", _) => ZONES.into_response(),
        ("AssumeRole", _) => {
            assert_eq!((&*form["RoleArn"], &*form["ExternalId"]), ("arn:role", "ext"));
            assert!(authorization.contains("/sts/aws4_request"), "{authorization}");
            role_keys("assumed", action).into_response()
        }
        ("AssumeRoleWithWebIdentity", _) => {
            assert_eq!(form["WebIdentityToken"], "web-token");
            assert_eq!(authorization, "");
            role_keys("web", action).into_response()
        }
        other => panic!("{other:?}"),
    }
}

async fn serve(log: &Log) -> String {
    let log = Arc::clone(log);
    let query = async move |headers: HeaderMap, Form(form): Form<HashMap<String, String>>| {
        answer(&log, &headers, &form)
    };
    let metadata = async |Path(path): Path<String>, headers: HeaderMap| {
        assert_eq!(headers["x-aws-ec2-metadata-token"], "meta");
        match path.as_str() {
            "placement/region" => "eu-west-1".into_response(),
            "iam/security-credentials/" => "my-role\n".into_response(),
            "iam/security-credentials/my-role" => Json(json!({
                "AccessKeyId": "instance", "SecretAccessKey": "s", "Token": "token-of-instance",
                "Expiration": "2999-01-01T00:00:00Z", "Code": "Success",
            }))
            .into_response(),
            _ => StatusCode::NOT_FOUND.into_response(),
        }
    };
    let router = Router::new()
        .route("/", post(query))
        .route("/latest/api/token", put(async || "meta"))
        .route("/latest/meta-data/{*path}", get(metadata));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

/// What one refresh finds, and who asked for it.
async fn found(yaml: &str, variables: &[(&str, &str)]) -> (Vec<String>, Vec<String>) {
    let log = Log::default();
    let url = serve(&log).await;
    let yaml = format!(
        "endpoint: '{url}'\nfilters: [{{name: 'tag:x', values: [a, b]}}]\nport: 9100\n{yaml}\n"
    );
    let config: Config = serde_saphyr::from_str(&yaml).unwrap();
    config.check().unwrap();
    let environment = Environment {
        variables: variables.iter().map(|(n, v)| ((*n).into(), (*v).into())).collect(),
        metadata_url: url.clone(),
        sts_url: Some(url),
    };
    let (updates, mut receiver) = updates();
    let task = tokio::spawn(follow(config, environment, updates));
    let lines = next_shown(&mut receiver).await;
    task.abort();
    let log = log.lock().clone();
    (lines, log)
}

#[tokio::test]
async fn instances_page_by_page() {
    let keys = "region: eu-west-1\naccess_key: written\nsecret_key: s";
    let (lines, log) = found(keys, &[]).await;
    let first = [
        r#"  {__address__="10.0.0.1:9100", __meta_ec2_ami="ami-1", __meta_ec2_architecture="x86_64""#,
        r#"__meta_ec2_availability_zone="eu-west-1a", __meta_ec2_availability_zone_id="euw1-az3""#,
        r#"__meta_ec2_instance_id="i-1", __meta_ec2_instance_lifecycle="spot""#,
        r#"__meta_ec2_instance_state="running", __meta_ec2_instance_type="t3.micro""#,
        r#"__meta_ec2_ipv6_addresses=",fe80::2,fe80::1,", __meta_ec2_owner_id="42""#,
        r#"__meta_ec2_platform="windows", __meta_ec2_primary_ipv6_addresses=",fe80::1,fe80::2,""#,
        r#"__meta_ec2_primary_subnet_id="subnet-1", __meta_ec2_private_dns_name="ip-10-0-0-1.internal""#,
        r#"__meta_ec2_private_ip="10.0.0.1", __meta_ec2_public_dns_name="ec2-1.example""#,
        r#"__meta_ec2_public_ip="1.2.3.4", __meta_ec2_region="eu-west-1""#,
        r#"__meta_ec2_subnet_id=",subnet-1,subnet-2,", __meta_ec2_tag_Name="web & api""#,
        r#"__meta_ec2_vpc_id="vpc-1"}"#,
    ]
    .join(", ");
    let second = r#"  {__address__="10.0.0.2:9100", __meta_ec2_instance_id="i-2", __meta_ec2_owner_id="42", __meta_ec2_private_ip="10.0.0.2", __meta_ec2_region="eu-west-1"}"#;
    assert_eq!(lines, ["eu-west-1 {}", &first, second]);
    assert_eq!(
        log[..3],
        [
            "written/DescribeInstances/",
            "written/DescribeInstances/",
            "written/DescribeAvailabilityZones/"
        ]
    );
}

#[tokio::test]
async fn keys_of_every_place() {
    let (_, log) = found("", &[]).await;
    assert_eq!(log[0], "instance/DescribeInstances/token-of-instance");
    let keys =
        [("AWS_ACCESS_KEY_ID", "env"), ("AWS_SECRET_ACCESS_KEY", "s"), ("AWS_REGION", "eu-west-1")];
    let (_, log) = found("role_arn: 'arn:role'\nexternal_id: ext", &keys).await;
    assert_eq!(log[..2], ["env/AssumeRole/", "assumed/DescribeInstances/token-of-assumed"]);
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "web-token\n").unwrap();
    let identity =
        [("AWS_ROLE_ARN", "r"), ("AWS_WEB_IDENTITY_TOKEN_FILE", file.path().to_str().unwrap())];
    let (_, log) = found("", &identity).await;
    assert_eq!(
        log[..2],
        ["nobody/AssumeRoleWithWebIdentity/", "web/DescribeInstances/token-of-web"]
    );
}

#[tokio::test]
async fn a_refusal_is_counted() {
    let url = serve(&Log::default()).await;
    let config: Config = serde_saphyr::from_str(&format!(
        "{{endpoint: '{url}', region: r, access_key: denied, secret_key: s, refresh_interval: 10ms}}"
    ))
    .unwrap();
    let (updates, mut receiver) = updates();
    let task = tokio::spawn(run(config, updates.clone()));
    until_failed(&updates, 2).await;
    assert!(receiver.try_recv().is_err());
    task.abort();
}

#[test]
fn what_can_be_meant() {
    let check = |yaml: &str| serde_saphyr::from_str::<Config>(yaml).unwrap().check();
    assert!(check("{}").is_ok());
    assert!(check("filters: [{name: x, values: []}]").is_err());
}

proptest::proptest! {
    #[test]
    fn no_answer_panics(text in "[<>/a-zA-Z&;\" ]{0,80}") {
        let _ = quick_xml::de::from_str::<instances::Reservation>(&text);
    }
}
