//! What an exposition renders, and what it turns away.

use super::*;
use crate::scrape::parse::{Entry, text};

#[test]
fn families_and_samples_are_sorted_and_escaped() {
    let mut exposition = Exposition::default();
    exposition.gauge("b", "Back\\slash\n\"line\".", &[("z", "1"), ("a", "x\"\\\n")], 1.5);
    exposition.counter("a_total", "Help.", &[("n", "2")], 3e30);
    exposition.counter("a_total", "Help.", &[("n", "1")], f64::INFINITY);
    exposition.untyped("c", "", &[], 7.0);
    assert_eq!(
        exposition.render(),
        "# HELP a_total Help.\n# TYPE a_total counter\na_total{n=\"1\"} +Inf\na_total{n=\"2\"} 3e30\n\
         # HELP b Back\\\\slash\\n\"line\".\n# TYPE b gauge\nb{a=\"x\\\"\\\\\\n\",z=\"1\"} 1.5\n\
         # HELP c \n# TYPE c untyped\nc 7\n"
    );
}

#[test]
fn histograms_and_summaries_are_whole() {
    let mut exposition = Exposition::default();
    let buckets = [(0.5, 1), (2.5, 3)];
    let state = HistogramState { buckets: &buckets, sum: 4.25, count: 4 };
    exposition.histogram("h", "H.", &[("path", "/")], &state);
    let quantiles = [(0.5, 1.0), (0.99, f64::NAN)];
    exposition.summary("s", "S.", &[], &SummaryState { quantiles: &quantiles, sum: 2.0, count: 2 });
    assert_eq!(
        exposition.render(),
        "# HELP h H.\n# TYPE h histogram\n\
         h_bucket{path=\"/\",le=\"0.5\"} 1\nh_bucket{path=\"/\",le=\"2.5\"} 3\n\
         h_bucket{path=\"/\",le=\"+Inf\"} 4\nh_sum{path=\"/\"} 4.25\nh_count{path=\"/\"} 4\n\
         # HELP s S.\n# TYPE s summary\ns{quantile=\"0.5\"} 1\ns{quantile=\"0.99\"} NaN\ns_sum 2\ns_count 2\n"
    );
}

#[test]
fn a_bucket_of_infinity_is_not_written_twice() {
    let mut exposition = Exposition::default();
    let buckets = [(1.0, 1), (f64::INFINITY, 2)];
    exposition.histogram("h", "", &[], &HistogramState { buckets: &buckets, sum: 9.0, count: 2 });
    assert_eq!(exposition.render().matches("+Inf").count(), 1);
}

#[test]
fn duplicates_and_other_types_are_turned_away_and_counted() {
    let mut exposition = Exposition::default();
    exposition.gauge("m", "M.", &[("a", "1"), ("b", "2")], 1.0);
    exposition.gauge("m", "M.", &[("b", "2"), ("a", "1")], 2.0);
    exposition.counter("m", "M.", &[], 3.0);
    for _ in 0..REJECTED_KEPT_MAX {
        exposition.gauge("m", "M.", &[("a", "1"), ("b", "2")], 4.0);
    }
    let (count, reasons) = exposition.rejected();
    assert_eq!((count, reasons.len()), (REJECTED_KEPT_MAX + 2, REJECTED_KEPT_MAX));
    assert_eq!(reasons[0].to_string(), "m{a=\"1\",b=\"2\"} was exposed before");
    assert_eq!(reasons[1].to_string(), "m is a gauge and can't be a counter as well");
    assert_eq!(
        exposition.render(),
        "# HELP m M.\n# TYPE m gauge\nm{a=\"1\",b=\"2\"} 1\n",
        "what came first stays"
    );
}

proptest::proptest! {
    #[test]
    fn every_number_reads_back(bits: u64) {
        let value = f64::from_bits(bits);
        let mut exposition = Exposition::default();
        exposition.gauge("m", "", &[], value);
        let rendered = exposition.render();
        let read = text::Decoder::new(&rendered)
            .find_map(|entry| match entry.unwrap() {
                Entry::Series(series) => Some(series.value),
                _ => None,
            })
            .unwrap();
        proptest::prop_assert!(read == value || (read.is_nan() && value.is_nan()), "{value:e}: {rendered}");
    }
}
