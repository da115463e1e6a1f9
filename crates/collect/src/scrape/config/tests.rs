//! What a job takes from `global`, and what it says itself.

use super::*;
use crate::scrape::ingest::HistogramRules;

fn resolve(global: &str, job: &str) -> Result<ScrapeConfig, ScrapeConfigError> {
    let global: GlobalConfig = serde_saphyr::from_str(global).unwrap();
    let job: ScrapeConfig = serde_saphyr::from_str(&format!("job_name: j\n{job}")).unwrap();
    job.resolve(&global)
}

#[test]
fn times() {
    let times = |global: &str, job: &str| {
        let job = resolve(global, job).unwrap();
        (job.interval().to_string(), job.timeout().to_string())
    };
    let want = |interval: &str, timeout: &str| (interval.to_owned(), timeout.to_owned());
    assert_eq!(times("{}", ""), want("1m", "10s"));
    assert_eq!(times("scrape_interval: 5s", ""), want("5s", "5s"));
    assert_eq!(times("{scrape_interval: 30s, scrape_timeout: 20s}", ""), want("30s", "20s"));
    assert_eq!(
        times("{scrape_interval: 30s, scrape_timeout: 20s}", "scrape_interval: 15s"),
        want("15s", "15s")
    );
    assert_eq!(times("{}", "scrape_interval: 2m\nscrape_timeout: 90s"), want("2m", "1m30s"));
    assert!(resolve("{}", "scrape_interval: 5s\nscrape_timeout: 6s").is_err());
}

#[test]
fn limits_and_formats_of_the_job_win() {
    let global = "{sample_limit: 5, label_limit: 7, scrape_native_histograms: true, extra_scrape_metrics: true}";
    let job = resolve(global, "sample_limit: 0\nextra_scrape_metrics: false").unwrap();
    assert_eq!((job.limits.sample_limit, job.limits.label_limit), (Some(0), Some(7)));
    assert_eq!(job.format.extra_scrape_metrics, Some(false));
    assert_eq!(job.format.protocols(), NATIVE_HISTOGRAM_PROTOCOLS);
    let job = resolve(global, "scrape_native_histograms: false").unwrap();
    assert_eq!(job.format.protocols(), DEFAULT_PROTOCOLS);
    let job = resolve("scrape_protocols: [PrometheusText0.0.4]", "").unwrap();
    assert_eq!(job.format.protocols(), [ScrapeProtocol::PrometheusText004]);
}

#[test]
fn histograms() {
    let rules = |global: &str, job: &str| HistogramRules::of(&resolve(global, job).unwrap());
    assert_eq!(rules("{}", ""), HistogramRules::default());
    let all = "{scrape_native_histograms: true, convert_classic_histograms_to_nhcb: true}";
    let got = rules(
        all,
        "scrape_classic_histograms: true\nnative_histogram_bucket_limit: 9\n\
         native_histogram_min_bucket_factor: 2",
    );
    assert!(got.forms.native && got.forms.classic_beside_native && got.converts_classic);
    assert_eq!((got.buckets_max, got.schema_max), (9, Some(0)));
    // The new name wins over the old one.
    let both = "always_scrape_classic_histograms: false\nscrape_classic_histograms: true";
    assert!(!rules(all, both).forms.classic_beside_native);
}

#[test]
fn names() {
    let format = |yaml: &str| resolve("{}", yaml).unwrap().format;
    assert_eq!(format("").escaping(), NameEscaping::AllowUtf8);
    assert_eq!(format("metric_name_validation_scheme: ''").validation(), NameValidation::Utf8);
    let legacy = format("metric_name_validation_scheme: legacy");
    assert_eq!(legacy.escaping(), NameEscaping::Underscores);
    assert_eq!(format("metric_name_escaping_scheme: dots").escaping(), NameEscaping::Dots);
    let both = "metric_name_validation_scheme: legacy\nmetric_name_escaping_scheme: allow-utf-8";
    assert!(resolve("{}", both).is_err());
}

#[test]
fn what_is_read_is_what_is_shown() {
    let yaml = "job_name: j\nsample_limit: 3\nbearer_token_file: t\nmetrics_path: /x\n\
                static_configs: [{targets: [a]}]\nfile_sd_configs: [{files: [a.json]}]\n";
    let job: ScrapeConfig = serde_saphyr::from_str(yaml).unwrap();
    let shown = serde_saphyr::to_string(&job).unwrap();
    assert_eq!(serde_saphyr::from_str::<ScrapeConfig>(&shown).unwrap(), job, "{shown}");
}
