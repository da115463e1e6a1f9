//! The scripts in `testdata/rules`: hours of rules on a mock clock.
//!
//! A line is a command; lines that are indented belong to the command above.
//!
//! - `rules`: the rule file, below or in the file that it names; groups that ran
//!   already keep their state.
//! - `load INTERVAL`: series in PromQL's test notation, from time 0.
//! - `run UNTIL`: evaluates each group on its interval, up to and with `UNTIL`.
//! - `skip UNTIL`: time passes without an evaluation.
//! - `restart`: all state but the store's is lost.
//! - `alerts`: the alerts that there must be, with their annotations below.
//! - `sent`: what must have been sent since the last `sent`.
//! - `expr EXPR`: what a query at the present time must give.
//! - `health RULE`: health and error of a rule.
//! - `group NAME`: what the status of a group says.
//! - `invalid`: a rule file, with the faults that it must have behind `=>`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use model::{Millis, PromDuration, SampleBatch, Timestamp};
use pipeline::Sink;
use query::promql::{Engine, EngineConfig, InstantQuery, ParseOptions, QueryOptions};
use query::promql::{SampleValue, Value};
use query::testing::memory_store::MemoryStore;
use query::testing::series_notation::SeriesDescription;
use storage::{AppendOptions, Cancel, SeriesStore};

use super::*;

const OPTIONS: ParseOptions = ParseOptions { experimental: false };

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/rules")
}

struct World {
    store: Arc<dyn SeriesStore>,
    sink: Sink,
    engine: Engine,
    groups: Vec<(RuleGroup, Timestamp)>,
    yaml: String,
    now: Timestamp,
    sent: Vec<String>,
}

fn minutes(at: Timestamp) -> String {
    PromDuration::from_millis(at.as_millis()).to_string()
}

fn parse_time(text: &str) -> Timestamp {
    Timestamp::from_millis(PromDuration::parse(text.trim()).unwrap().as_millis().get())
}

impl World {
    fn new() -> Self {
        let store: Arc<dyn SeriesStore> = Arc::new(MemoryStore::new());
        Self {
            sink: Sink::new(Arc::clone(&store)),
            store,
            engine: Engine::new(EngineConfig::default()),
            groups: Vec::new(),
            yaml: String::new(),
            now: Timestamp::from_millis(0),
            sent: Vec::new(),
        }
    }

    fn set_rules(&mut self, yaml: &str, is_restart: bool) {
        let file = RuleFile::parse(yaml, OPTIONS).unwrap();
        let mut old = std::mem::take(&mut self.groups);
        for definition in file.groups {
            let settings = GroupSettings {
                restores_state: is_restart || self.yaml.is_empty(),
                ..GroupSettings::default()
            };
            let mut group = RuleGroup::new("rules.yml", definition, settings);
            let mut next = self.now.align_down(group.interval());
            if next < self.now {
                next = next + group.interval();
            }
            if let Some(at) = old.iter().position(|(known, _)| known.name() == group.name()) {
                let (known, due) = old.remove(at);
                next = due;
                group.take_over(known);
            }
            self.groups.push((group, next));
        }
        for (group, _) in old {
            let batch = group.close(self.now);
            self.sink.write(&batch, &AppendOptions::default()).unwrap();
        }
        self.yaml = yaml.to_owned();
    }

    fn load(&mut self, interval: &str, lines: &[&str]) {
        let interval = PromDuration::parse(interval).unwrap().as_millis();
        let mut batch = SampleBatch::default();
        for line in lines {
            let series = SeriesDescription::parse(line).unwrap();
            series.push_into(&mut batch, Timestamp::from_millis(0), interval);
        }
        let outcome = self.store.append(&batch, &AppendOptions::default()).unwrap();
        assert!(outcome.rejections.is_empty(), "{:?}", outcome.rejections);
    }

    fn run(&mut self, until: Timestamp) {
        let external_labels = [("site".to_owned(), "lab".to_owned())].into();
        loop {
            let due = self.groups.iter().map(|(_, due)| *due).min();
            let Some(at) = due.filter(|at| *at <= until) else { break };
            for (group, due) in self.groups.iter_mut().filter(|(_, due)| *due == at) {
                let context = EvaluationContext {
                    engine: &self.engine,
                    store: &self.store,
                    sink: &self.sink,
                    external_labels: &external_labels,
                    external_url: "http://b.example/x",
                    cancel: &Cancel::new(),
                };
                for sent in group.evaluate(&context, at) {
                    self.sent.push(format!(
                        "{} {} {} starts {} ends {}",
                        minutes(at),
                        sent.alert.labels,
                        sent.alert.state.as_str(),
                        minutes(sent.starts_at),
                        minutes(sent.ends_at),
                    ));
                }
                *due = at + group.interval();
            }
        }
        self.now = until;
    }

    fn skip(&mut self, until: Timestamp) {
        for (group, due) in &mut self.groups {
            while *due <= until {
                *due = *due + group.interval();
            }
        }
        self.now = until;
    }

    fn alerts(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for (group, _) in &self.groups {
            let status = group.watch().read().clone();
            for alert in status.rules.iter().flat_map(|rule| &rule.alerts) {
                lines.push(format!(
                    "{} {} {} since {}",
                    alert.labels,
                    alert.state.as_str(),
                    alert.value,
                    minutes(alert.active_at)
                ));
                for (name, text) in &alert.annotations {
                    lines.push(format!("  {name}: {text}"));
                }
            }
        }
        lines
    }

    fn expr(&self, text: &str) -> Vec<String> {
        let query = InstantQuery {
            text: text.to_owned(),
            time: self.now,
            options: QueryOptions::default(),
        };
        let value = self.engine.instant(&self.store, &query).unwrap().value;
        let Value::Vector(samples) = value else { panic!("{text} gives no vector") };
        let mut lines: Vec<String> = samples
            .iter()
            .map(|sample| match &sample.value {
                SampleValue::Float(value) => format!("{} {value}", sample.labels),
                SampleValue::Histogram(_) => format!("{} histogram", sample.labels),
            })
            .collect();
        lines.sort();
        lines
    }

    fn health(&self, name: &str) -> Vec<String> {
        let mut lines = Vec::new();
        for (group, _) in &self.groups {
            let status = group.watch().read().clone();
            for rule in status.rules.iter().filter(|rule| rule.definition.name() == name) {
                let error = rule.last_error.as_deref().unwrap_or("");
                lines.push(format!("{} {error}", rule.health.as_str()).trim_end().to_owned());
            }
        }
        lines
    }

    fn group(&self, name: &str) -> Vec<String> {
        let (group, _) = self.groups.iter().find(|(group, _)| group.name() == name).unwrap();
        let status = group.watch().read().clone();
        vec![format!(
            "evaluations {} samples {} last {}",
            status.evaluations,
            status.samples,
            status.last_evaluation.map_or("never".to_owned(), minutes)
        )]
    }

    /// Runs a command; what it found, for commands that compare.
    fn command(&mut self, line: &str, block: &[&str]) -> Option<Vec<String>> {
        let (command, rest) = line.split_once(' ').unwrap_or((line, ""));
        match command {
            "rules" if rest.is_empty() => self.set_rules(&block.join("\n"), false),
            "rules" => {
                let yaml = std::fs::read_to_string(folder().join(rest)).unwrap();
                self.set_rules(&yaml, false);
            }
            "load" => self.load(rest, block),
            "run" => self.run(parse_time(rest)),
            "skip" => self.skip(parse_time(rest)),
            "restart" => {
                self.groups.clear();
                let yaml = self.yaml.clone();
                self.set_rules(&yaml, true);
            }
            "alerts" => return Some(self.alerts()),
            "sent" => return Some(std::mem::take(&mut self.sent)),
            "expr" => return Some(self.expr(rest)),
            "health" => return Some(self.health(rest)),
            "group" => return Some(self.group(rest)),
            other => panic!("no command {other}"),
        }
        None
    }
}

/// Commands with their blocks and lines.
fn commands(script: &str) -> Vec<(usize, &str, Vec<&str>)> {
    let mut commands: Vec<(usize, &str, Vec<&str>)> = Vec::new();
    for (index, line) in script.lines().enumerate() {
        if let Some(inner) = line.strip_prefix("  ") {
            commands.last_mut().unwrap().2.push(inner);
        } else if !line.is_empty() && !line.starts_with('#') {
            commands.push((index + 1, line, Vec::new()));
        }
    }
    commands
}

/// The file and the faults that it must have, of an `invalid` block.
fn invalid_file(block: &[&str]) -> (Vec<String>, Vec<String>) {
    let (faults, yaml): (Vec<&str>, Vec<&str>) =
        block.iter().partition(|line| line.starts_with("=> "));
    let found = RuleFile::parse(&yaml.join("\n"), OPTIONS).unwrap_err();
    let found = found.iter().map(ToString::to_string).collect();
    (found, faults.iter().map(|line| line["=> ".len()..].to_owned()).collect())
}

fn run_script(name: &str, script: &str) -> Vec<String> {
    let mut failures = Vec::new();
    let mut world = World::new();
    for (line, command, block) in commands(script) {
        let (found, wanted) = if command == "invalid" {
            let (found, wanted) = invalid_file(&block);
            let is_alike = found.len() == wanted.len()
                && found.iter().zip(&wanted).all(|(found, wanted)| found.starts_with(wanted));
            if is_alike { (wanted.clone(), wanted) } else { (found, wanted) }
        } else {
            match world.command(command, &block) {
                Some(found) => (found, block.iter().map(ToString::to_string).collect()),
                None => continue,
            }
        };
        if found != wanted {
            failures.push(format!(
                "{name}:{line}: {command}\n  wanted\n    {}\n  found\n    {}",
                wanted.join("\n    "),
                found.join("\n    ")
            ));
        }
    }
    failures
}

#[test]
fn scripts() {
    let mut failures = Vec::new();
    let mut count = 0;
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.ends_with(".test") {
            count += 1;
            failures.extend(run_script(&name, &std::fs::read_to_string(&path).unwrap()));
        }
    }
    assert!(failures.is_empty(), "{} failed:\n{}", failures.len(), failures.join("\n"));
    assert!(count >= 8, "only {count} scripts were found");
}

#[test]
fn rules_of_one_stage_run_at_the_same_time_and_write_all() {
    let mut yaml = String::from("groups:\n- name: g\n  rules:\n");
    for index in 0..40 {
        yaml.push_str(&format!("  - record: r{index}\n    expr: vector({index})\n"));
    }
    let mut world = World::new();
    world.set_rules(&yaml, false);
    world.run(Timestamp::from_millis(0));
    assert_eq!(world.expr("sum({__name__=~\"r.*\"})"), ["{} 780"]);
    assert_eq!(world.group("g"), ["evaluations 1 samples 40 last 0s"]);
}

#[test]
fn what_a_store_can_not_answer_is_an_error_of_its_rule_alone() {
    let mut world = World::new();
    world.set_rules(
        "groups:\n- name: g\n  rules:\n  - {record: a, expr: 'x + on(job) x'}\n  - {record: b, expr: '1'}\n",
        false,
    );
    world.load("1m", &["x{job=\"j\", i=\"1\"} 1", "x{job=\"j\", i=\"2\"} 1"]);
    world.run(Timestamp::from_millis(0) + Millis::from_secs(0));
    let health = world.health("a").remove(0);
    assert!(health.starts_with("err found duplicate series"), "{health}");
    assert_eq!(world.health("b"), ["ok"]);
}

#[test]
fn yaml_is_read_as_prometheus_reads_it() {
    let yaml = "
groups:
- name: g
  interval: 90s
  query_offset:
  limit:
  labels:
  rules:
  - &first
    alert: A
    expr: 1
    for:
    labels: {tier: 1, on: true, size: 0x1f, none: }
    annotations:
  - <<: *first
    alert: B
    for: 1h
- name: empty
";
    let file = RuleFile::parse(yaml, OPTIONS).unwrap();
    let group = &file.groups[0];
    assert_eq!(group.interval.unwrap().to_string(), "1m30s");
    let labels: Vec<String> =
        group.rules[0].labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(labels, ["none=", "on=true", "size=0x1f", "tier=1"]);
    assert_eq!((group.rules[0].line, group.rules[1].name()), (10, "B"));
    assert_eq!(group.rules[1].expr, "1");
    assert_eq!(file.groups.len(), 2);
    assert_eq!(RuleFile::parse("", OPTIONS).unwrap(), RuleFile::default());
    assert_eq!(RuleFile::parse("groups:", OPTIONS).unwrap(), RuleFile::default());
    assert_eq!(RuleFile::parse("# nothing", OPTIONS).unwrap(), RuleFile::default());
}
