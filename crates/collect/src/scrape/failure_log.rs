//! `scrape_failure_log_file`: a line of JSON for each scrape that failed.
//!
//! The file is opened for each line: failures are rare, and a log that was moved
//! away by rotation is begun anew without being told.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::json;

use super::config::ScrapeConfig;

/// Where the failures of one job are written.
#[derive(Clone, Debug)]
pub struct FailureLog {
    job: Arc<str>,
    path: Arc<PathBuf>,
}

impl FailureLog {
    /// The log of `config`, if it asks for one.
    pub fn of(config: &ScrapeConfig) -> Option<Self> {
        let path = config.format.scrape_failure_log_file.as_ref()?;
        (!path.is_empty()).then(|| Self {
            job: config.job_name.as_str().into(),
            path: Arc::new(PathBuf::from(path)),
        })
    }

    /// Writes one failure; a log that can't be written to is reported and never
    /// stops a scrape.
    pub async fn write(&self, target: &str, error: &str) {
        let mut line = json!({
            "time": jiff::Timestamp::now().to_string(),
            "level": "ERROR",
            "msg": error,
            "job_name": &*self.job,
            "target": target,
        })
        .to_string();
        line.push('\n');
        let path = Arc::clone(&self.path);
        let written = tokio::task::spawn_blocking(move || {
            let mut file = OpenOptions::new().create(true).append(true).open(&*path)?;
            // One call, so that lines of several targets do not mix.
            file.write_all(line.as_bytes())
        });
        if let Ok(Err(error)) = written.await {
            tracing::warn!(path = %self.path.display(), %error, "a scrape failure could not be logged");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn failures_are_lines_of_json() {
        let dir = tempfile::tempdir().unwrap();
        let mut config = ScrapeConfig::named("a");
        assert!(FailureLog::of(&config).is_none());
        config.format.scrape_failure_log_file = Some("failures.log".into());
        config.set_directory(dir.path());
        let log = FailureLog::of(&config).unwrap();
        for error in ["gone", "a \"quoted\"\nreason"] {
            log.write("http://host/metrics", error).await;
        }
        let text = std::fs::read_to_string(dir.path().join("failures.log")).unwrap();
        let lines: Vec<serde_json::Value> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[1]["msg"], "a \"quoted\"\nreason");
        assert_eq!((&lines[0]["job_name"], &lines[0]["level"]), (&json!("a"), &json!("ERROR")));
    }
}
