//! `${VAR}` and `${VAR:-default}` in `bellwether.yml`.

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
