//! `${VAR}` and `${VAR:-default}` in `bellwether.yml` and `alertmanager.yml`.

/// Fills in variables; one that is not set and has no default is an error.
pub(super) fn expand(
    text: &str,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<String, String> {
    let mut out = String::with_capacity(text.len());
    for (number, line) in text.split_inclusive('\n').enumerate() {
        // Comments may speak of variables.
        if line.trim_start().starts_with('#') {
            out.push_str(line);
            continue;
        }
        let mut rest = line;
        while let Some(at) = rest.find("${") {
            out.push_str(&rest[..at]);
            let inner = &rest[at + 2..];
            let Some(end) = inner.find('}') else {
                return Err(format!("line {}: \"${{\" without \"}}\"", number + 1));
            };
            let (name, default) = match inner[..end].split_once(":-") {
                Some((name, default)) => (name, Some(default.to_owned())),
                None => (&inner[..end], None),
            };
            let value = variable(name).filter(|value| !value.is_empty()).or(default);
            out.push_str(&value.ok_or_else(|| {
                format!("line {}: environment variable {name} is not set; write ${{{name}:-default}} to do without", number + 1)
            })?);
            rest = &inner[end + 1..];
        }
        out.push_str(rest);
    }
    Ok(out)
}

/// Fills in `$VAR` and `${VAR}` as Prometheus does in external labels: `$$` is a
/// dollar, and a variable that is not set is empty.
pub(super) fn expand_label(text: &str, variable: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            out.push('$');
            rest = after;
        } else if let Some((name, after)) = rest.strip_prefix('{').and_then(|r| r.split_once('}')) {
            out.push_str(&variable(name).unwrap_or_default());
            rest = after;
        } else {
            let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
            if end == 0 {
                out.push('$');
            }
            out.push_str(&variable(&rest[..end]).unwrap_or_default());
            rest = &rest[end..];
        }
    }
    out.push_str(rest);
    out
}

/// A variable that is not set and has no default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unset {
    /// The line that names it, from 1.
    pub(super) line: usize,
    /// Its name.
    pub(super) name: String,
}

/// Fills in variables of a file in which `${` may mean something else, as in a
/// template: what is not a variable's name stays. One that is not set becomes a
/// text that is a valid address, too, and leads nowhere.
pub(super) fn expand_known(
    text: &str,
    variable: impl Fn(&str) -> Option<String>,
) -> (String, Vec<Unset>) {
    let mut out = String::with_capacity(text.len());
    let mut unset = Vec::new();
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let mut rest = line;
        // Comments may speak of variables.
        let is_comment = line.trim_start().starts_with('#');
        while let Some(at) = rest.find("${").filter(|_| !is_comment) {
            out.push_str(&rest[..at]);
            let inner = &rest[at + 2..];
            let Some((name, default, end)) = reference(inner) else {
                out.push_str("${");
                rest = inner;
                continue;
            };
            let value = variable(name).filter(|value| !value.is_empty());
            out.push_str(&value.or(default.map(str::to_owned)).unwrap_or_else(|| {
                unset.push(Unset { line: number + 1, name: name.to_owned() });
                format!("http://not-set.invalid/{name}")
            }));
            rest = &inner[end..];
        }
        out.push_str(rest);
    }
    (out, unset)
}

/// The name and default of what stands behind `${`, and where it is over.
fn reference(inner: &str) -> Option<(&str, Option<&str>, usize)> {
    let end = inner.find('}')?;
    let (name, default) = match inner[..end].split_once(":-") {
        Some((name, default)) => (name, Some(default)),
        None => (&inner[..end], None),
    };
    let is_name = !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    is_name.then_some((name, default, end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn external_labels_know_variables_as_prometheus_does() {
        let variable = |name: &str| (name == "REGION").then(|| "eu".to_owned());
        let expand = |text| expand_label(text, variable);
        assert_eq!(expand("$REGION-1 ${REGION}x a$$b"), "eu-1 eux a$b");
        assert_eq!(expand("x${MISSING}y $MISSING. $"), "xy . $");
        assert_eq!(expand("größe ${REGION"), "größe $".to_owned() + "{REGION");
    }

    #[test]
    fn variables_defaults_and_faults() {
        let variable = |name: &str| (name == "A").then(|| "1".to_owned());
        assert_eq!(expand("x: ${A}${B:-2}\n# ${C}\n", variable).unwrap(), "x: 12\n# ${C}\n");
        assert!(
            expand("\nx: ${C}", variable)
                .unwrap_err()
                .starts_with("line 2: environment variable C")
        );
        assert!(expand("x: ${C", variable).is_err());
    }
}
