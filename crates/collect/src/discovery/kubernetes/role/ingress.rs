//! An ingress: a target for each path of each host.

use super::{Parts, View};
use crate::discovery::group::ADDRESS;
use crate::discovery::kubernetes::labels::Meta;
use crate::discovery::kubernetes::objects::{Ingress, IngressRule};

pub(super) fn group(view: &View<'_>, ingress: &Ingress) -> Parts {
    let (metadata, spec) = (&ingress.metadata, &ingress.spec);
    let mut labels = Meta::default();
    labels
        .set("namespace", &metadata.namespace)
        .set_object("ingress", metadata)
        .set_some("ingress_class_name", spec.ingress_class_name.as_deref())
        .attach_namespace(view.attached_namespace(&metadata.namespace));
    let hosts: Vec<&String> = spec.tls.iter().flat_map(|tls| &tls.hosts).collect();
    let mut targets = Vec::new();
    for rule in &spec.rules {
        let is_https = hosts.iter().any(|pattern| covers(pattern, &rule.host));
        for path in paths(rule) {
            let mut target = Meta::default();
            target
                .set_plain(ADDRESS, &rule.host)
                .set("ingress_scheme", if is_https { "https" } else { "http" })
                .set("ingress_host", &rule.host)
                .set("ingress_path", path);
            targets.push(target.build());
        }
    }
    (labels.build(), targets)
}

/// Without paths, the root.
fn paths(rule: &IngressRule) -> Vec<&str> {
    let Some(http) = &rule.http else { return vec!["/"] };
    let paths = http.paths.iter().map(|item| item.path.as_str());
    paths.map(|path| if path.is_empty() { "/" } else { path }).collect()
}

/// Whether a host of TLS, which may begin with `*.`, covers `host`.
fn covers(pattern: &str, host: &str) -> bool {
    if pattern == host {
        return true;
    }
    // A star stands for one part, no more and no less.
    match (pattern.strip_prefix("*."), host.split_once('.')) {
        (Some(pattern), Some((first, rest))) => !first.is_empty() && pattern == rest,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn stars_cover_one_part() {
        for (pattern, host, want) in [
            ("a.b", "a.b", true),
            ("*.b", "a.b", true),
            ("*.b", "b", false),
            ("*.b", "x.a.b", false),
            ("*.c", "a.b", false),
            ("a.b", "x.b", false),
        ] {
            assert_eq!(super::covers(pattern, host), want, "{pattern} {host}");
        }
    }
}
