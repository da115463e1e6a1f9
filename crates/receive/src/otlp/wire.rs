//! A request from protobuf. Text that is no UTF-8 keeps what of it is.

use super::message::{
    AnyValue, Buckets, Budget, Data, Exemplar, ExponentialHistogram, ExponentialPoint, Gauge,
    Histogram, HistogramPoint, KeyValue, Metric, Moment, NESTING_MAX, Number, NumberPoint,
    OverBudget, Quantile, Request, Resource, ResourceMetrics, Scope, ScopeMetrics, Sum, Summary,
    SummaryPoint, Temporality, Text,
};
use crate::protobuf::{Field, Fields, Value, WireError};

/// Bytes that are no request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum WireFault {
    #[error("the body is no OTLP metrics request: {0}")]
    Protobuf(#[from] WireError),
    #[error("an attribute is nested deeper than {NESTING_MAX} levels")]
    Nesting,
    #[error(transparent)]
    OverBudget(#[from] OverBudget),
}

/// Reads a request.
pub(super) fn decode(body: &[u8], items_max: usize) -> Result<Request<'_>, WireFault> {
    let mut reader = Reader { budget: Budget::new(items_max) };
    let mut request = Request::default();
    for field in Fields::of(body) {
        let field = field?;
        if field.number == 1 {
            request.resource_metrics.push(reader.resource_metrics(field.bytes()?)?);
        }
    }
    Ok(request)
}

struct Reader {
    budget: Budget,
}

impl Reader {
    fn resource_metrics<'a>(
        &mut self,
        message: &'a [u8],
    ) -> Result<ResourceMetrics<'a>, WireFault> {
        self.budget.spend(1)?;
        let mut metrics = ResourceMetrics::default();
        for field in Fields::of(message) {
            let field = field?;
            match field.number {
                1 => metrics.resource = self.resource(field.bytes()?)?,
                2 => metrics.scope_metrics.push(self.scope_metrics(field.bytes()?)?),
                _ => {}
            }
        }
        Ok(metrics)
    }

    fn resource<'a>(&mut self, message: &'a [u8]) -> Result<Resource<'a>, WireFault> {
        let mut resource = Resource::default();
        for field in Fields::of(message) {
            let field = field?;
            if field.number == 1 {
                resource.attributes.push(self.key_value(field.bytes()?, 0)?);
            }
        }
        Ok(resource)
    }

    fn scope_metrics<'a>(&mut self, message: &'a [u8]) -> Result<ScopeMetrics<'a>, WireFault> {
        self.budget.spend(1)?;
        let mut metrics = ScopeMetrics::default();
        for field in Fields::of(message) {
            let field = field?;
            match field.number {
                1 => metrics.scope = self.scope(field.bytes()?)?,
                2 => metrics.metrics.push(self.metric(field.bytes()?)?),
                3 => metrics.schema_url = text(&field)?,
                _ => {}
            }
        }
        Ok(metrics)
    }

    fn scope<'a>(&mut self, message: &'a [u8]) -> Result<Scope<'a>, WireFault> {
        let mut scope = Scope::default();
        for field in Fields::of(message) {
            let field = field?;
            match field.number {
                1 => scope.name = text(&field)?,
                2 => scope.version = text(&field)?,
                3 => scope.attributes.push(self.key_value(field.bytes()?, 0)?),
                _ => {}
            }
        }
        Ok(scope)
    }

    fn metric<'a>(&mut self, message: &'a [u8]) -> Result<Metric<'a>, WireFault> {
        self.budget.spend(1)?;
        let mut metric = Metric::default();
        for field in Fields::of(message) {
            let field = field?;
            match field.number {
                1 => metric.name = text(&field)?,
                2 => metric.description = text(&field)?,
                3 => metric.unit = text(&field)?,
                5 => metric.data = Some(Data::Gauge(self.gauge(field.bytes()?)?)),
                7 => metric.data = Some(Data::Sum(self.sum(field.bytes()?)?)),
                9 => metric.data = Some(Data::Histogram(self.histogram(field.bytes()?)?)),
                10 => {
                    let data = self.exponential_histogram(field.bytes()?)?;
                    metric.data = Some(Data::ExponentialHistogram(data));
                }
                11 => metric.data = Some(Data::Summary(self.summary(field.bytes()?)?)),
                _ => {}
            }
        }
        Ok(metric)
    }

    fn gauge<'a>(&mut self, message: &'a [u8]) -> Result<Gauge<'a>, WireFault> {
        let mut gauge = Gauge::default();
        for field in Fields::of(message) {
            let field = field?;
            if field.number == 1 {
                gauge.data_points.push(self.number_point(field.bytes()?)?);
            }
        }
        Ok(gauge)
    }

    fn sum<'a>(&mut self, message: &'a [u8]) -> Result<Sum<'a>, WireFault> {
        let mut sum = Sum::default();
        for field in Fields::of(message) {
            let field = field?;
            match field.number {
                1 => sum.data_points.push(self.number_point(field.bytes()?)?),
                2 => sum.aggregation_temporality = temporality(&field)?,
                3 => sum.is_monotonic = field.varint()? != 0,
                _ => {}
            }
        }
        Ok(sum)
    }

    fn histogram<'a>(&mut self, message: &'a [u8]) -> Result<Histogram<'a>, WireFault> {
        let mut histogram = Histogram::default();
        for field in Fields::of(message) {
            let field = field?;
            match field.number {
                1 => histogram.data_points.push(self.histogram_point(field.bytes()?)?),
                2 => histogram.aggregation_temporality = temporality(&field)?,
                _ => {}
            }
        }
        Ok(histogram)
    }

    fn exponential_histogram<'a>(
        &mut self,
        message: &'a [u8],
    ) -> Result<ExponentialHistogram<'a>, WireFault> {
        let mut histogram = ExponentialHistogram::default();
        for field in Fields::of(message) {
            let field = field?;
            match field.number {
                1 => histogram.data_points.push(self.exponential_point(field.bytes()?)?),
                2 => histogram.aggregation_temporality = temporality(&field)?,
                _ => {}
            }
        }
        Ok(histogram)
    }

    fn summary<'a>(&mut self, message: &'a [u8]) -> Result<Summary<'a>, WireFault> {
        let mut summary = Summary::default();
        for field in Fields::of(message) {
            let field = field?;
            if field.number == 1 {
                summary.data_points.push(self.summary_point(field.bytes()?)?);
            }
        }
        Ok(summary)
    }

    fn number_point<'a>(&mut self, message: &'a [u8]) -> Result<NumberPoint<'a>, WireFault> {
        self.budget.spend(1)?;
        let mut point = NumberPoint::default();
        for field in Fields::of(message) {
            let field = field?;
            match field.number {
                2 | 3 => times(&field, &mut point.at)?,
                4 => point.value = Some(Number::Double(field.double()?)),
                5 => point.exemplars.push(self.exemplar(field.bytes()?)?),
                6 => point.value = Some(Number::Int(fixed64(&field)? as i64)),
                7 => point.attributes.push(self.key_value(field.bytes()?, 0)?),
                8 => point.at.flags = field.varint()?,
                _ => {}
            }
        }
        Ok(point)
    }

    fn histogram_point<'a>(&mut self, message: &'a [u8]) -> Result<HistogramPoint<'a>, WireFault> {
        self.budget.spend(1)?;
        let mut point = HistogramPoint::default();
        for field in Fields::of(message) {
            let field = field?;
            match field.number {
                2 | 3 => times(&field, &mut point.at)?,
                4 => point.count = fixed64(&field)?,
                5 => point.sum = Some(field.double()?),
                // Bits are bits: doubles and fixed64 stand alike in a packed field.
                6 => field.each_double(|bits| point.bucket_counts.push(bits.to_bits()))?,
                7 => field.each_double(|bound| point.explicit_bounds.push(bound))?,
                8 => point.exemplars.push(self.exemplar(field.bytes()?)?),
                9 => point.attributes.push(self.key_value(field.bytes()?, 0)?),
                10 => point.at.flags = field.varint()?,
                _ => {}
            }
        }
        self.budget.spend(point.bucket_counts.len())?;
        Ok(point)
    }

    fn exponential_point<'a>(
        &mut self,
        message: &'a [u8],
    ) -> Result<ExponentialPoint<'a>, WireFault> {
        self.budget.spend(1)?;
        let mut point = ExponentialPoint::default();
        for field in Fields::of(message) {
            let field = field?;
            match field.number {
                1 => point.attributes.push(self.key_value(field.bytes()?, 0)?),
                2 | 3 => times(&field, &mut point.at)?,
                4 => point.count = fixed64(&field)?,
                5 => point.sum = Some(field.double()?),
                6 => point.scale = field.sint64()? as i32,
                7 => point.zero_count = fixed64(&field)?,
                8 => point.positive = self.buckets(field.bytes()?)?,
                9 => point.negative = self.buckets(field.bytes()?)?,
                10 => point.at.flags = field.varint()?,
                11 => point.exemplars.push(self.exemplar(field.bytes()?)?),
                14 => point.zero_threshold = field.double()?,
                _ => {}
            }
        }
        Ok(point)
    }

    fn buckets(&mut self, message: &[u8]) -> Result<Buckets, WireFault> {
        let mut buckets = Buckets::default();
        for field in Fields::of(message) {
            let field = field?;
            match field.number {
                1 => buckets.offset = field.sint64()? as i32,
                2 => {
                    // A count is a byte at least: the budget is asked before memory is.
                    self.budget.spend(field.bytes().map_or(1, <[u8]>::len))?;
                    field.each_varint(|count| buckets.bucket_counts.push(count))?;
                }
                _ => {}
            }
        }
        Ok(buckets)
    }

    fn summary_point<'a>(&mut self, message: &'a [u8]) -> Result<SummaryPoint<'a>, WireFault> {
        self.budget.spend(1)?;
        let mut point = SummaryPoint::default();
        for field in Fields::of(message) {
            let field = field?;
            match field.number {
                2 | 3 => times(&field, &mut point.at)?,
                4 => point.count = fixed64(&field)?,
                5 => point.sum = field.double()?,
                6 => {
                    self.budget.spend(1)?;
                    point.quantile_values.push(quantile(field.bytes()?)?);
                }
                7 => point.attributes.push(self.key_value(field.bytes()?, 0)?),
                8 => point.at.flags = field.varint()?,
                _ => {}
            }
        }
        Ok(point)
    }

    fn exemplar<'a>(&mut self, message: &'a [u8]) -> Result<Exemplar<'a>, WireFault> {
        self.budget.spend(1)?;
        let mut exemplar = Exemplar::default();
        for field in Fields::of(message) {
            let field = field?;
            match field.number {
                2 => exemplar.time_unix_nano = fixed64(&field)?,
                3 => exemplar.value = Some(Number::Double(field.double()?)),
                4 => exemplar.span_id = field.bytes()?.into(),
                5 => exemplar.trace_id = field.bytes()?.into(),
                6 => exemplar.value = Some(Number::Int(fixed64(&field)? as i64)),
                7 => exemplar.filtered_attributes.push(self.key_value(field.bytes()?, 0)?),
                _ => {}
            }
        }
        Ok(exemplar)
    }

    fn key_value<'a>(
        &mut self,
        message: &'a [u8],
        depth: usize,
    ) -> Result<KeyValue<'a>, WireFault> {
        self.budget.spend(1)?;
        let mut pair = KeyValue::default();
        for field in Fields::of(message) {
            let field = field?;
            match field.number {
                1 => pair.key = text(&field)?,
                2 => pair.value = self.any_value(field.bytes()?, depth)?,
                _ => {}
            }
        }
        Ok(pair)
    }

    fn any_value<'a>(
        &mut self,
        message: &'a [u8],
        depth: usize,
    ) -> Result<AnyValue<'a>, WireFault> {
        if depth > NESTING_MAX {
            return Err(WireFault::Nesting);
        }
        self.budget.spend(1)?;
        let mut value = AnyValue::Empty;
        for field in Fields::of(message) {
            let field = field?;
            value = match field.number {
                1 => AnyValue::String(text(&field)?),
                2 => AnyValue::Bool(field.varint()? != 0),
                3 => AnyValue::Int(field.int64()?),
                4 => AnyValue::Double(field.double()?),
                5 => {
                    let mut values = Vec::new();
                    for field in Fields::of(field.bytes()?) {
                        values.push(self.any_value(field?.bytes()?, depth + 1)?);
                    }
                    AnyValue::Array(values)
                }
                6 => {
                    let mut pairs = Vec::new();
                    for field in Fields::of(field.bytes()?) {
                        pairs.push(self.key_value(field?.bytes()?, depth + 1)?);
                    }
                    AnyValue::List(pairs)
                }
                7 => AnyValue::Bytes(field.bytes()?.into()),
                _ => continue,
            };
        }
        Ok(value)
    }
}

fn quantile(message: &[u8]) -> Result<Quantile, WireError> {
    let mut quantile = Quantile::default();
    for field in Fields::of(message) {
        let field = field?;
        match field.number {
            1 => quantile.quantile = field.double()?,
            2 => quantile.value = field.double()?,
            _ => {}
        }
    }
    Ok(quantile)
}

/// Fields 2 and 3 of every point.
fn times(field: &Field<'_>, at: &mut Moment) -> Result<(), WireError> {
    let time = fixed64(field)?;
    if field.number == 2 {
        at.start_time_unix_nano = time;
    } else {
        at.time_unix_nano = time;
    }
    Ok(())
}

fn fixed64(field: &Field<'_>) -> Result<u64, WireError> {
    match field.value {
        Value::Fixed64(value) => Ok(value),
        _ => Err(WireError::Type(field.number)),
    }
}

fn text<'a>(field: &Field<'a>) -> Result<Text<'a>, WireError> {
    Ok(String::from_utf8_lossy(field.bytes()?))
}

fn temporality(field: &Field<'_>) -> Result<Temporality, WireError> {
    Ok(match field.varint()? {
        1 => Temporality::Delta,
        2 => Temporality::Cumulative,
        _ => Temporality::Unspecified,
    })
}
