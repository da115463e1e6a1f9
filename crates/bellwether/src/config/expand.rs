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
