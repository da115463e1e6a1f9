//! Signing requests: AWS Signature Version 4, for requests with one body and no
//! session of their own (AWS documentation, "Create a signed API request").

use reqwest::Url;
use ring::{digest, hmac};

use super::credentials::Credentials;

/// What a request is signed for.
pub(super) struct Scope<'a> {
    pub(super) region: &'a str,
    pub(super) service: &'a str,
    /// `20150830T123600Z`
    pub(super) time: &'a str,
}

/// The headers that a request needs to count, `Authorization` among them.
pub(super) fn sign(
    credentials: &Credentials,
    scope: &Scope<'_>,
    (method, url, content_type, body): (&str, &Url, &str, &str),
) -> Vec<(&'static str, String)> {
    let mut headers = vec![
        ("content-type", content_type.to_owned()),
        ("host", host(url)),
        ("x-amz-date", scope.time.to_owned()),
    ];
    if let Some(token) = &credentials.session_token {
        headers.push(("x-amz-security-token", token.expose().to_owned()));
    }
    let signed: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
    let signed = signed.join(";");
    let lines: String = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
    let mut query: Vec<&str> = url.query().unwrap_or("").split('&').collect();
    query.sort_unstable();
    let request = format!(
        "{method}\n{}\n{}\n{lines}\n{signed}\n{}",
        url.path(),
        query.join("&"),
        sha256(body.as_bytes())
    );
    let date = scope.time.split('T').next().unwrap_or("");
    let path = format!("{date}/{}/{}/aws4_request", scope.region, scope.service);
    let to_sign =
        format!("AWS4-HMAC-SHA256\n{}\n{path}\n{}", scope.time, sha256(request.as_bytes()));
    let secret = format!("AWS4{}", credentials.secret_key.expose());
    let key = [date, scope.region, scope.service, "aws4_request"]
        .iter()
        .fold(secret.into_bytes(), |key, part| mac(&key, part));
    let signature = hex(&mac(&key, &to_sign));
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={}/{path}, SignedHeaders={signed}, Signature={signature}",
        credentials.access_key
    );
    // The client sets the host itself, the same.
    headers.retain(|(name, _)| *name != "host");
    headers.push(("authorization", authorization));
    headers
}

fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or("");
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    hmac::sign(&key, text.as_bytes()).as_ref().to_vec()
}

fn sha256(bytes: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The worked example of AWS' documentation.
    #[test]
    fn the_documented_example() {
        let credentials = Credentials {
            access_key: "AKIDEXAMPLE".into(),
            secret_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".into(),
            session_token: None,
            expires_at: None,
        };
        let scope = Scope { region: "us-east-1", service: "iam", time: "20150830T123600Z" };
        let url = "https://iam.amazonaws.com/?Version=2010-05-08&Action=ListUsers".parse().unwrap();
        let content_type = "application/x-www-form-urlencoded; charset=utf-8";
        let headers = sign(&credentials, &scope, ("GET", &url, content_type, ""));
        assert_eq!(
            headers.last().unwrap().1,
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, \
             SignedHeaders=content-type;host;x-amz-date, \
             Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
        );
    }

    #[test]
    fn a_session_is_signed_too() {
        let credentials = Credentials {
            access_key: "a".into(),
            secret_key: "b".into(),
            session_token: Some("s".into()),
            expires_at: None,
        };
        let scope = Scope { region: "r", service: "ec2", time: "20150830T123600Z" };
        let url = "http://127.0.0.1:8080/".parse().unwrap();
        let headers = sign(&credentials, &scope, ("POST", &url, "x", "body"));
        assert!(headers.contains(&("x-amz-security-token", "s".to_owned())));
        let names = "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token,";
        assert!(headers.last().unwrap().1.contains(names));
    }
}
