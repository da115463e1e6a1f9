//! AWS Signature Version 4.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html>. Keys
//! must stand in the settings: there is no door to an instance's credentials.

use hmac::{Hmac, Mac};
use model::Timestamp;
use sha2::{Digest, Sha256};

use super::SigV4Config;
use crate::notify::error::NotifyError;
use crate::notify::request::HttpRequest;
use crate::template::value::GoTime;

const SERVICE: &str = "sns";

/// Adds the headers of a signature at `now`.
pub(super) fn sign(
    request: HttpRequest,
    keys: &SigV4Config,
    now: Timestamp,
) -> Result<HttpRequest, NotifyError> {
    let fault = |reason: &str| NotifyError::Invalid { field: "sigv4", reason: reason.to_owned() };
    let Some(secret) = keys.secret_key.as_ref().filter(|_| !keys.access_key.is_empty()) else {
        return Err(fault("access_key and secret_key are not configured"));
    };
    let url = url::Url::parse(&request.url).map_err(|error| fault(&error.to_string()))?;
    let mut host = url.host_str().unwrap_or_default().to_owned();
    if let Some(port) = url.port() {
        host = format!("{host}:{port}");
    }
    let region = match keys.region.as_str() {
        "" => host.split('.').nth(1).unwrap_or("us-east-1").to_owned(),
        region => region.to_owned(),
    };
    let time = GoTime::from_nanos(i128::from(now.as_millis()) * 1_000_000);
    let stamp = time.map(|time| time.format("20060102T150405Z")).unwrap_or_default();
    let day = stamp.get(..8).unwrap_or_default();
    let kind = request.headers.iter().find(|(name, _)| name == "Content-Type");
    let kind = kind.map(|(_, value)| value.as_str()).unwrap_or_default();
    let canonical = format!(
        "POST\n{}\n{}\ncontent-type:{kind}\nhost:{host}\nx-amz-date:{stamp}\n\n\
         content-type;host;x-amz-date\n{}",
        url.path(),
        url.query().unwrap_or_default(),
        hex(&Sha256::digest(request.body.as_bytes())),
    );
    let scope = format!("{day}/{region}/{SERVICE}/aws4_request");
    let digest = hex(&Sha256::digest(canonical.as_bytes()));
    let to_sign = format!("AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{digest}");
    let key = signing_key(secret.reveal(), day, &region);
    let signature = hex(&mac(&key, &to_sign));
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders=content-type;host;x-amz-date, \
         Signature={signature}",
        keys.access_key
    );
    Ok(request.header("X-Amz-Date", stamp).header("Authorization", authorization))
}

fn signing_key(secret: &str, day: &str, region: &str) -> Vec<u8> {
    let mut key = mac(format!("AWS4{secret}").as_bytes(), day);
    for part in [region, SERVICE, "aws4_request"] {
        key = mac(&key, part);
    }
    key
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::secret::Secret;

    #[test]
    fn signatures_depend_on_every_part() {
        let keys = |secret: &str, region: &str| SigV4Config {
            region: region.to_owned(),
            access_key: "AKID".to_owned(),
            secret_key: Some(Secret::new(secret)),
            ..SigV4Config::default()
        };
        let request =
            |body: &str| HttpRequest::form("https://sns.us-east-1.amazonaws.com/", body.to_owned());
        let signed = |body: &str, keys: &SigV4Config, now: i64| {
            let signed = sign(request(body), keys, Timestamp::from_millis(now)).unwrap();
            signed.headers.last().unwrap().1.clone()
        };
        let first = signed("a=b", &keys("s", "us-east-1"), 1_440_938_160_000);
        assert!(first.starts_with(
            "AWS4-HMAC-SHA256 Credential=AKID/20150830/us-east-1/sns/aws4_request, SignedHeaders="
        ));
        assert_eq!(first, signed("a=b", &keys("s", ""), 1_440_938_160_000));
        assert_ne!(first, signed("a=c", &keys("s", "us-east-1"), 1_440_938_160_000));
        assert_ne!(first, signed("a=b", &keys("t", "us-east-1"), 1_440_938_160_000));
        assert_ne!(first, signed("a=b", &keys("s", "us-east-1"), 1_440_938_161_000));
        let without = sign(request(""), &SigV4Config::default(), Timestamp::from_millis(0));
        assert!(without.unwrap_err().to_string().contains("not configured"));
    }

    #[test]
    fn the_key_is_that_of_the_documentation() {
        // The example of AWS's documentation, with its service in ours' place.
        let mut key = mac(b"AWS4wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "20150830");
        for part in ["us-east-1", "iam", "aws4_request"] {
            key = mac(&key, part);
        }
        assert_eq!(hex(&key), "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9");
    }
}
