//! kubeconfig files: which cluster, and as whom.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use crate::discovery::DiscoveryError;
use crate::http_client::{BasicAuth, HttpClientConfig, Secret, join};

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
struct Kubeconfig {
    current_context: String,
    contexts: Vec<NamedContext>,
    clusters: Vec<NamedCluster>,
    users: Vec<NamedUser>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct NamedContext {
    name: String,
    context: Context,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Context {
    cluster: String,
    user: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct NamedCluster {
    name: String,
    cluster: Cluster,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
struct Cluster {
    server: String,
    certificate_authority: Option<String>,
    certificate_authority_data: Option<String>,
    insecure_skip_tls_verify: bool,
    tls_server_name: Option<String>,
    proxy_url: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct NamedUser {
    name: String,
    user: User,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
struct User {
    token: Option<Secret>,
    #[serde(rename = "tokenFile")]
    token_file: Option<String>,
    client_certificate: Option<String>,
    client_certificate_data: Option<String>,
    client_key: Option<String>,
    client_key_data: Option<Secret>,
    username: Option<String>,
    password: Option<Secret>,
    exec: Option<serde::de::IgnoredAny>,
    auth_provider: Option<serde::de::IgnoredAny>,
}

/// The API server of the current context and how it is reached.
pub(super) fn read(path: &str) -> Result<(String, HttpClientConfig), DiscoveryError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| DiscoveryError::File { path: path.to_owned(), source })?;
    let malformed = |reason| DiscoveryError::Malformed { place: path.to_owned(), reason };
    let file: Kubeconfig =
        serde_saphyr::from_str(&text).map_err(|error| malformed(error.to_string()))?;
    let dir = Path::new(path).parent().unwrap_or(Path::new(""));
    resolve(file, dir).map_err(malformed)
}

fn resolve(file: Kubeconfig, dir: &Path) -> Result<(String, HttpClientConfig), String> {
    let named = file.contexts.into_iter().find(|named| named.name == file.current_context);
    let context =
        named.ok_or_else(|| format!("there is no context {:?}", file.current_context))?.context;
    let cluster = file.clusters.into_iter().find(|named| named.name == context.cluster);
    let cluster =
        cluster.ok_or_else(|| format!("there is no cluster {:?}", context.cluster))?.cluster;
    let user = file.users.into_iter().find(|named| named.name == context.user);
    let user = user.map(|named| named.user).unwrap_or_default();
    if user.exec.is_some() || user.auth_provider.is_some() {
        return Err(format!(
            "user {:?} gets its credentials from a command or a plugin, which is not supported; \
             use a token or a client certificate",
            context.user
        ));
    }
    let mut http = HttpClientConfig::default();
    let tls = &mut http.tls_config;
    tls.ca = cluster.certificate_authority_data.map(|data| decode(&data)).transpose()?;
    tls.ca_file = cluster.certificate_authority.filter(|_| tls.ca.is_none());
    tls.cert = user.client_certificate_data.map(|data| decode(&data)).transpose()?;
    tls.cert_file = user.client_certificate.filter(|_| tls.cert.is_none());
    let key = user.client_key_data.map(|data| decode(data.expose())).transpose()?;
    tls.key = key.map(|key| Secret::from(key.as_str()));
    tls.key_file = user.client_key.filter(|_| tls.key.is_none());
    tls.insecure_skip_verify = cluster.insecure_skip_tls_verify;
    tls.server_name = cluster.tls_server_name;
    tls.set_directory(dir);
    http.proxy_url = cluster.proxy_url;
    http.bearer_token = user.token.filter(|token| !token.is_empty());
    http.bearer_token_file = user.token_file;
    join(dir, &mut http.bearer_token_file);
    if http.bearer_token_file.is_some() {
        http.bearer_token = None;
    }
    if let Some(username) = user.username.filter(|_| http.bearer_token.is_none()) {
        http.basic_auth = Some(BasicAuth::new(&username, user.password.unwrap_or_default()));
    }
    Ok((cluster.server, http))
}

fn decode(data: &str) -> Result<String, String> {
    let compact: String = data.split_whitespace().collect();
    let bytes = STANDARD.decode(compact).map_err(|error| format!("base64: {error}"))?;
    String::from_utf8(bytes).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "
apiVersion: v1
kind: Config
current-context: here
contexts:
  - {name: there, context: {cluster: b, user: b}}
  - {name: here, context: {cluster: a, user: a, namespace: x}}
clusters:
  - name: a
    cluster:
      server: https://k8s.example:6443/base
      certificate-authority: pki/ca.crt
      tls-server-name: other.example
  - {name: b, cluster: {server: 'https://b', certificate-authority-data: Q0EgUEVN}}
users:
  - {name: a, user: {token: t, client-certificate-data: Q0VSVA==, client-key: /k.pem}}
  - {name: b, user: {username: u, password: p}}
  - {name: c, user: {exec: {command: aws}}}
";

    fn read_as(context: &str) -> Result<(String, HttpClientConfig), DiscoveryError> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("config");
        std::fs::write(&path, FILE.replace("current-context: here", context)).unwrap();
        read(path.to_str().unwrap()).map(|(server, mut http)| {
            let ca = http.tls_config.ca_file.take();
            let shown = dir.path().display().to_string();
            http.tls_config.ca_file = ca.map(|path| path.replace(&shown, ""));
            (server, http)
        })
    }

    #[test]
    fn the_current_context_counts() {
        let (server, http) = read_as("current-context: here").unwrap();
        assert_eq!(server, "https://k8s.example:6443/base");
        let tls = &http.tls_config;
        assert_eq!(tls.ca_file.as_deref(), Some("/pki/ca.crt"));
        assert_eq!((tls.cert.as_deref(), tls.key_file.as_deref()), (Some("CERT"), Some("/k.pem")));
        assert_eq!(tls.server_name.as_deref(), Some("other.example"));
        assert_eq!(http.bearer_token, Some("t".into()));
        let (_, http) = read_as("current-context: there").unwrap();
        assert_eq!(http.tls_config.ca.as_deref(), Some("CA PEM"));
        assert_eq!(http.basic_auth, Some(BasicAuth::new("u", "p".into())));
    }

    #[test]
    fn faults_are_named() {
        assert!(read_as("current-context: gone").unwrap_err().to_string().contains("\"gone\""));
        assert!(read_as("[").is_err());
        let exec = "current-context: c\ncontexts: [{name: c, context: {cluster: a, user: c}}]\n\
                    clusters: [{name: a, cluster: {server: x}}]\nusers: [{name: c, user: {exec: {}}}]";
        let file: Kubeconfig = serde_saphyr::from_str(exec).unwrap();
        assert!(resolve(file, Path::new("")).unwrap_err().contains("not supported"));
        assert!(matches!(read("/nowhere"), Err(DiscoveryError::File { .. })));
    }
}
