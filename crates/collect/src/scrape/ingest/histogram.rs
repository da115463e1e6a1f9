//! What a job allows of native histograms.

use model::Histogram;
use model::histogram::{EXPONENTIAL_SCHEMA_MAX, EXPONENTIAL_SCHEMA_MIN};

use super::IngestError;
use crate::scrape::config::ScrapeConfig;
use crate::scrape::parse::protobuf::HistogramForms;

/// Which histograms are stored, and how fine.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct HistogramRules {
    /// What is taken from a format that has both forms.
    pub forms: HistogramForms,
    /// Whether classic ones become native ones with custom buckets.
    pub converts_classic: bool,
    /// The most buckets of one; zero is no limit.
    pub buckets_max: u64,
    /// The finest schema.
    pub schema_max: Option<i8>,
}

impl HistogramRules {
    /// What `config`, resolved, asks for.
    pub fn of(config: &ScrapeConfig) -> Self {
        let format = &config.format;
        Self {
            forms: HistogramForms {
                native: format.scrape_native_histograms == Some(true),
                classic_beside_native: format.always_scrape_classic_histograms == Some(true),
            },
            converts_classic: format.convert_classic_histograms_to_nhcb == Some(true),
            buckets_max: config.native_histogram_bucket_limit.unwrap_or(0),
            schema_max: config.native_histogram_min_bucket_factor.and_then(finest_schema),
        }
    }

    /// Lowers the resolution until the histogram is allowed.
    pub(super) fn limit(&self, histogram: &mut Histogram) -> Result<(), IngestError> {
        if !histogram.uses_custom_buckets()
            && let Some(max) = self.schema_max
            && histogram.schema > max
        {
            histogram.reduce_resolution(max);
        }
        while self.buckets_max > 0 && buckets(histogram) > self.buckets_max {
            if histogram.uses_custom_buckets() || histogram.schema <= EXPONENTIAL_SCHEMA_MIN {
                return Err(IngestError::BucketLimit(self.buckets_max));
            }
            histogram.reduce_resolution(histogram.schema - 1);
        }
        Ok(())
    }
}

fn buckets(histogram: &Histogram) -> u64 {
    (histogram.positive.counts.len() + histogram.negative.counts.len()) as u64
}

/// The finest schema whose buckets grow by `factor` at least: growth is 2^(2^-schema).
fn finest_schema(factor: f64) -> Option<i8> {
    if factor.is_nan() || factor <= 1.0 {
        return None;
    }
    let schema = -factor.log2().log2();
    let bounds = (f64::from(EXPONENTIAL_SCHEMA_MIN), f64::from(EXPONENTIAL_SCHEMA_MAX));
    Some(schema.floor().clamp(bounds.0, bounds.1) as i8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_are_schemas() {
        for (factor, schema) in [
            (0.0, None),
            (1.0, None),
            (1.002, Some(8)),
            (1.003, Some(7)),
            (1.1, Some(2)),
            (2.0, Some(0)),
            (2.1, Some(-1)),
            (1e9, Some(-4)),
        ] {
            assert_eq!(finest_schema(factor), schema, "{factor}");
        }
    }

    fn wide(schema: i8) -> Histogram {
        let mut histogram = Histogram::new(schema);
        for index in 1..=8 {
            histogram.positive.push(index, 1.0);
        }
        histogram.count = 8.0;
        histogram
    }

    #[test]
    fn resolution_is_lowered_to_the_limit_and_not_below() {
        let rules = |buckets_max| HistogramRules { buckets_max, ..HistogramRules::default() };
        for (limit, schema) in [(0, 3), (8, 3), (7, 2), (4, 2), (3, 1), (1, 0)] {
            let mut histogram = wide(3);
            rules(limit).limit(&mut histogram).unwrap();
            assert_eq!((limit, histogram.schema), (limit, schema));
            histogram.validate().unwrap();
        }
        let mut spread = Histogram::new(-4);
        spread.positive.push(0, 1.0);
        spread.negative.push(0, 1.0);
        assert_eq!(rules(1).limit(&mut spread), Err(IngestError::BucketLimit(1)));
        let coarse = HistogramRules { schema_max: Some(1), ..HistogramRules::default() };
        let mut histogram = wide(3);
        coarse.limit(&mut histogram).unwrap();
        assert_eq!(histogram.schema, 1);
    }
}
