//! The cases in `testdata/template`, and limits.
//!
//! In a `.test` file a line starts with a sign: `>` template text, `=` the
//! output, `!` a part of the error, `@` a setting for the cases that follow
//! (`@data` with JSON, `@html`, `@text`, `@functions`), `#` a comment. Several
//! lines of one sign are joined.

use std::path::Path;

use super::*;

#[derive(Clone)]
struct Settings {
    data: Value,
    escape: Escape,
    dialect: Dialect,
}

struct Case {
    line: usize,
    settings: Settings,
    template: String,
    wanted: Result<String, String>,
}

fn cases(text: &str) -> Vec<Case> {
    let mut settings = Settings { data: Value::Nil, escape: Escape::None, dialect: Dialect::Go };
    let mut cases: Vec<Case> = Vec::new();
    let mut last = ' ';
    for (index, line) in text.lines().enumerate() {
        let Some(sign) = line.chars().next() else {
            last = ' ';
            continue;
        };
        let body = line[1..].strip_prefix(' ').unwrap_or(&line[1..]);
        let is_more = sign == last;
        match sign {
            '#' => {}
            '@' => set(&mut settings, body),
            '>' if is_more => {
                let case = cases.last_mut().unwrap();
                case.template.push('\n');
                case.template.push_str(body);
            }
            '>' => cases.push(Case {
                line: index + 1,
                settings: settings.clone(),
                template: body.to_owned(),
                wanted: Ok(String::new()),
            }),
            '=' if is_more => {
                let wanted = cases.last_mut().unwrap().wanted.as_mut().unwrap();
                wanted.push('\n');
                wanted.push_str(body);
            }
            '=' => cases.last_mut().unwrap().wanted = Ok(body.to_owned()),
            '!' => cases.last_mut().unwrap().wanted = Err(body.to_owned()),
            _ => panic!("line {}: no sign", index + 1),
        }
        last = sign;
    }
    cases
}

fn set(settings: &mut Settings, body: &str) {
    let (name, rest) = body.split_once(' ').unwrap_or((body, ""));
    match name {
        "data" => settings.data = serde_json::from_str::<serde_json::Value>(rest).unwrap().into(),
        "html" => settings.escape = Escape::Html,
        "text" => settings.escape = Escape::None,
        "functions" => {
            settings.dialect = match rest {
                "go" => Dialect::Go,
                "prometheus" => Dialect::Prometheus,
                "alertmanager" => Dialect::Alertmanager,
                other => panic!("no functions {other}"),
            }
        }
        other => panic!("no setting {other}"),
    }
}

fn found_by_query(expr: &str) -> Result<Vec<QueriedSample>, String> {
    let sample = |instance: &str, value: f64| QueriedSample {
        labels: vec![
            ("__value__".to_owned(), "text".to_owned()),
            ("instance".to_owned(), instance.to_owned()),
        ],
        value,
    };
    match expr {
        "up" => Ok(vec![sample("b", 2.0), sample("a", 11.0)]),
        "none" => Ok(Vec::new()),
        _ => Err(format!("cannot query {expr}")),
    }
}

fn context() -> Context<'static> {
    Context {
        now_ns: 1_700_000_000_500_000_000,
        external_url: "http://bellwether.example:3000/mon",
        path_prefix: "/mon",
        query: Some(&found_by_query),
    }
}

fn run(case: &Case) -> Result<String, String> {
    let set = TemplateSet::new(case.settings.dialect);
    let mut set = set;
    set.add("t", &case.template).map_err(|error| error.to_string())?;
    set.execute("t", &case.settings.data, case.settings.escape, &context())
        .map_err(|error| error.to_string())
}

#[test]
fn cases_of_the_test_files() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/template");
    let mut failures = Vec::new();
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        for case in cases(&std::fs::read_to_string(&path).unwrap()) {
            count += 1;
            let found = run(&case);
            let is_right = match (&found, &case.wanted) {
                (Ok(found), Ok(wanted)) => found == wanted,
                (Err(found), Err(wanted)) => found.contains(wanted),
                _ => false,
            };
            if !is_right {
                failures.push(format!(
                    "{name}:{}: {:?}\n  wanted {:?}\n  found  {found:?}",
                    case.line, case.template, case.wanted
                ));
            }
        }
    }
    assert!(failures.is_empty(), "{} failed:\n{}", failures.len(), failures.join("\n"));
    assert!(count > 300, "only {count} cases were found");
}

fn limited(limits: Limits, template: &str) -> String {
    let mut set = TemplateSet::new(Dialect::Go).with_limits(limits);
    set.add("t", template).unwrap();
    set.execute("t", &Value::Nil, Escape::None, &context()).unwrap_err().to_string()
}

#[test]
fn output_steps_and_depth_are_limited() {
    let limits = Limits { output_bytes_max: 1000, steps_max: 1000, depth_max: 50 };
    let long = limited(limits, "{{ range 500 }}{{ \"abcdef\" }}{{ end }}");
    assert!(long.contains("output is longer than 1000 bytes"), "{long}");
    let value = limited(limits, "{{ $x := \"ab\" }}{{ range 20 }}{{ $x = print $x $x }}{{ end }}");
    assert!(value.contains("value is longer than 1000 bytes"), "{value}");
    let steps = limited(limits, "{{ range 100000000000 }}{{ end }}");
    assert!(steps.contains("took more than 1000 steps"), "{steps}");
    let depth =
        limited(limits, "{{ define \"a\" }}{{ template \"a\" }}{{ end }}{{ template \"a\" }}");
    assert!(depth.contains("exceeded maximum template depth (50)"), "{depth}");
    let nested = format!("{}{}", "{{ if 1 }}".repeat(200), "{{ end }}".repeat(200));
    let error = TemplateSet::new(Dialect::Go).add("t", &nested).unwrap_err().to_string();
    assert!(error.contains("nested deeper than 100"), "{error}");
}

#[test]
fn a_single_call_can_not_make_too_much() {
    let run = |template: &str| {
        let mut set = TemplateSet::new(Dialect::Alertmanager);
        set.add("t", template).unwrap();
        let result = set.execute("t", &Value::Nil, Escape::None, &context());
        result.unwrap_err().to_string()
    };
    let big = "{{ $s := \"x\" }}{{ range 21 }}{{ $s = print $s $s }}{{ end }}";
    let many = "{{ $l := list $s }}{{ range 9 }}{{ $l = append $l $s $s $s }}{{ end }}";
    for call in [
        "reReplaceAll \"\" $s $s",
        "join $s (stringSlice $s $s $s $s $s $s $s $s $s)",
        "toJson $l",
        "print $l",
        "printf \"%999999d%999999d%999999d%999999d%999999d\" 1 2 3 4 5",
    ] {
        let error = run(&format!("{big}{many}{{{{ len ({call}) }}}}"));
        assert!(error.contains("longer than"), "{call}: {error}");
    }
    let deep = run("{{ $l := list 1 }}{{ range 100000 }}{{ $l = list $l }}{{ end }}");
    assert!(deep.contains("nested deeper than 64"), "{deep}");
    let mut set = TemplateSet::new(Dialect::Go);
    let error = set.add("t", &"x".repeat((4 << 20) + 1)).unwrap_err().to_string();
    assert!(error.contains("longer than 4194304 bytes"), "{error}");
}

#[test]
fn the_default_depth_fits_a_small_stack() {
    let text = "{{ define \"a\" }}{{ if 1 }}{{ range 1 }}{{ template \"a\" }}{{ end }}{{ end }}{{ end }}{{ template \"a\" }}";
    let run = move || limited(Limits::default(), text);
    let thread = std::thread::Builder::new().stack_size(1 << 20).spawn(run).unwrap();
    assert!(thread.join().unwrap().contains("maximum template depth"));
}

#[test]
fn sets_share_templates_and_blank_ones_replace_nothing() {
    let mut set = TemplateSet::new(Dialect::Go);
    set.add("file", "{{ define \"a\" }}one{{ end }}").unwrap();
    set.add("other", "{{ define \"a\" }}  {{ end }}").unwrap();
    let expand = |set: &TemplateSet| {
        set.expand("x", "[{{ template \"a\" }}]", &Value::Nil, Escape::None, &context()).unwrap()
    };
    assert_eq!(expand(&set), "[one]");
    set.add("third", "{{ define \"a\" }}two{{ end }}").unwrap();
    assert_eq!(expand(&set), "[two]");
    assert!(set.add("bad", "{{ define \"a\" }}three{{ end }}{{ nosuch }}").is_err());
    assert_eq!(expand(&set), "[two]");
    assert!(!set.contains("x"));
    let missing = set.execute("none", &Value::Nil, Escape::None, &context());
    assert_eq!(missing, Err(TemplateError::NotDefined("none".to_owned())));
}
