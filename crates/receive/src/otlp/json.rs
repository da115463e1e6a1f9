//! A request from JSON: ProtoJSON with OTLP's exceptions.
//!
//! Names are in lower camel case, unknown ones are skipped and `null` is
//! absence. 64-bit integers are strings or numbers, doubles may be `"NaN"`,
//! `"Infinity"` and `"-Infinity"`, enums are numbers or names; trace and span
//! ids are hexadecimal, where ProtoJSON would have Base64
//! (<https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding>).

use std::borrow::Cow;

use serde_json::Value;

use super::message::{
    AnyValue, Buckets, Budget, Data, Exemplar, ExponentialHistogram, ExponentialPoint, Gauge,
    Histogram, HistogramPoint, KeyValue, Metric, Moment, NESTING_MAX, Number, NumberPoint,
    OverBudget, Quantile, Request, Resource, ResourceMetrics, Scope, ScopeMetrics, Sum, Summary,
    SummaryPoint, Temporality, Text,
};

/// JSON that is no request.
#[derive(Debug, thiserror::Error)]
pub(super) enum JsonFault {
    #[error("the body is no JSON: {0}")]
    Json(#[from] serde_json::Error),
    #[error("the body is no OTLP metrics request: {field} must be {wanted}, but is {found}")]
    Type { field: &'static str, wanted: &'static str, found: String },
    #[error("an attribute is nested deeper than {NESTING_MAX} levels")]
    Nesting,
    #[error(transparent)]
    OverBudget(#[from] OverBudget),
}

/// Reads a request out of a parsed body.
pub(super) fn decode(body: &Value, items_max: usize) -> Result<Request<'_>, JsonFault> {
    let mut reader = Reader { budget: Budget::new(items_max) };
    let body = Object::of(body, "the request")?;
    Ok(Request { resource_metrics: body.each("resourceMetrics", |o| reader.resource_metrics(o))? })
}

struct Reader {
    budget: Budget,
}

impl Reader {
    fn resource_metrics<'a>(
        &mut self,
        object: Object<'a>,
    ) -> Result<ResourceMetrics<'a>, JsonFault> {
        self.budget.spend(1)?;
        let resource = match object.object("resource")? {
            Some(resource) => {
                Resource { attributes: resource.each("attributes", |o| self.key_value(o, 0))? }
            }
            None => Resource::default(),
        };
        let scope_metrics = object.each("scopeMetrics", |o| self.scope_metrics(o))?;
        Ok(ResourceMetrics { resource, scope_metrics })
    }

    fn scope_metrics<'a>(&mut self, object: Object<'a>) -> Result<ScopeMetrics<'a>, JsonFault> {
        self.budget.spend(1)?;
        let scope = match object.object("scope")? {
            Some(scope) => Scope {
                name: scope.text("name")?,
                version: scope.text("version")?,
                attributes: scope.each("attributes", |o| self.key_value(o, 0))?,
            },
            None => Scope::default(),
        };
        let metrics = object.each("metrics", |o| self.metric(o))?;
        Ok(ScopeMetrics { scope, metrics, schema_url: object.text("schemaUrl")? })
    }

    fn metric<'a>(&mut self, object: Object<'a>) -> Result<Metric<'a>, JsonFault> {
        self.budget.spend(1)?;
        Ok(Metric {
            name: object.text("name")?,
            description: object.text("description")?,
            unit: object.text("unit")?,
            data: self.data(object)?,
        })
    }

    fn data<'a>(&mut self, object: Object<'a>) -> Result<Option<Data<'a>>, JsonFault> {
        const POINTS: &str = "dataPoints";
        if let Some(gauge) = object.object("gauge")? {
            let data_points = gauge.each(POINTS, |o| self.number_point(o))?;
            return Ok(Some(Data::Gauge(Gauge { data_points })));
        }
        if let Some(sum) = object.object("sum")? {
            return Ok(Some(Data::Sum(Sum {
                data_points: sum.each(POINTS, |o| self.number_point(o))?,
                aggregation_temporality: sum.temporality()?,
                is_monotonic: sum.bool("isMonotonic")?,
            })));
        }
        if let Some(histogram) = object.object("histogram")? {
            return Ok(Some(Data::Histogram(Histogram {
                data_points: histogram.each(POINTS, |o| self.histogram_point(o))?,
                aggregation_temporality: histogram.temporality()?,
            })));
        }
        if let Some(histogram) = object.object("exponentialHistogram")? {
            return Ok(Some(Data::ExponentialHistogram(ExponentialHistogram {
                data_points: histogram.each(POINTS, |o| self.exponential_point(o))?,
                aggregation_temporality: histogram.temporality()?,
            })));
        }
        if let Some(summary) = object.object("summary")? {
            let data_points = summary.each(POINTS, |o| self.summary_point(o))?;
            return Ok(Some(Data::Summary(Summary { data_points })));
        }
        Ok(None)
    }

    fn number_point<'a>(&mut self, object: Object<'a>) -> Result<NumberPoint<'a>, JsonFault> {
        self.budget.spend(1)?;
        Ok(NumberPoint {
            attributes: object.each("attributes", |o| self.key_value(o, 0))?,
            at: object.moment()?,
            value: object.number()?,
            exemplars: object.each("exemplars", |o| self.exemplar(o))?,
        })
    }

    fn histogram_point<'a>(&mut self, object: Object<'a>) -> Result<HistogramPoint<'a>, JsonFault> {
        self.budget.spend(1)?;
        let bucket_counts = object.all("bucketCounts", unsigned)?;
        self.budget.spend(bucket_counts.len())?;
        Ok(HistogramPoint {
            attributes: object.each("attributes", |o| self.key_value(o, 0))?,
            at: object.moment()?,
            count: object.unsigned("count")?,
            sum: object.get("sum").map(|value| double("sum", value)).transpose()?,
            bucket_counts,
            explicit_bounds: object.all("explicitBounds", double)?,
            exemplars: object.each("exemplars", |o| self.exemplar(o))?,
        })
    }

    fn exponential_point<'a>(
        &mut self,
        object: Object<'a>,
    ) -> Result<ExponentialPoint<'a>, JsonFault> {
        self.budget.spend(1)?;
        Ok(ExponentialPoint {
            attributes: object.each("attributes", |o| self.key_value(o, 0))?,
            at: object.moment()?,
            count: object.unsigned("count")?,
            sum: object.get("sum").map(|value| double("sum", value)).transpose()?,
            scale: object.int32("scale")?,
            zero_count: object.unsigned("zeroCount")?,
            zero_threshold: object.double("zeroThreshold")?,
            positive: self.buckets(object.object("positive")?)?,
            negative: self.buckets(object.object("negative")?)?,
            exemplars: object.each("exemplars", |o| self.exemplar(o))?,
        })
    }

    fn buckets(&mut self, object: Option<Object<'_>>) -> Result<Buckets, JsonFault> {
        let Some(object) = object else { return Ok(Buckets::default()) };
        let bucket_counts = object.all("bucketCounts", unsigned)?;
        self.budget.spend(bucket_counts.len())?;
        Ok(Buckets { offset: object.int32("offset")?, bucket_counts })
    }

    fn summary_point<'a>(&mut self, object: Object<'a>) -> Result<SummaryPoint<'a>, JsonFault> {
        self.budget.spend(1)?;
        Ok(SummaryPoint {
            attributes: object.each("attributes", |o| self.key_value(o, 0))?,
            at: object.moment()?,
            count: object.unsigned("count")?,
            sum: object.double("sum")?,
            quantile_values: object.each("quantileValues", |value| {
                self.budget.spend(1)?;
                Ok(Quantile { quantile: value.double("quantile")?, value: value.double("value")? })
            })?,
        })
    }

    fn exemplar<'a>(&mut self, object: Object<'a>) -> Result<Exemplar<'a>, JsonFault> {
        self.budget.spend(1)?;
        Ok(Exemplar {
            filtered_attributes: object.each("filteredAttributes", |o| self.key_value(o, 0))?,
            time_unix_nano: object.unsigned("timeUnixNano")?,
            value: object.number()?,
            span_id: object.hex("spanId")?,
            trace_id: object.hex("traceId")?,
        })
    }

    fn key_value<'a>(
        &mut self,
        object: Object<'a>,
        depth: usize,
    ) -> Result<KeyValue<'a>, JsonFault> {
        self.budget.spend(1)?;
        let value = match object.object("value")? {
            Some(value) => self.any_value(value, depth)?,
            None => AnyValue::Empty,
        };
        Ok(KeyValue { key: object.text("key")?, value })
    }

    fn any_value<'a>(
        &mut self,
        object: Object<'a>,
        depth: usize,
    ) -> Result<AnyValue<'a>, JsonFault> {
        if depth > NESTING_MAX {
            return Err(JsonFault::Nesting);
        }
        self.budget.spend(1)?;
        if object.get("stringValue").is_some() {
            return Ok(AnyValue::String(object.text("stringValue")?));
        }
        if object.get("boolValue").is_some() {
            return Ok(AnyValue::Bool(object.bool("boolValue")?));
        }
        if let Some(value) = object.get("intValue") {
            return Ok(AnyValue::Int(signed("intValue", value)?));
        }
        if let Some(value) = object.get("doubleValue") {
            return Ok(AnyValue::Double(double("doubleValue", value)?));
        }
        if let Some(array) = object.object("arrayValue")? {
            let values = array.each("values", |o| self.any_value(o, depth + 1))?;
            return Ok(AnyValue::Array(values));
        }
        if let Some(list) = object.object("kvlistValue")? {
            return Ok(AnyValue::List(list.each("values", |o| self.key_value(o, depth + 1))?));
        }
        match object.get("bytesValue") {
            Some(value) => {
                let fault = || mismatch("bytesValue", "Base64", value);
                let bytes = value.as_str().and_then(from_base64).ok_or_else(fault)?;
                Ok(AnyValue::Bytes(Cow::Owned(bytes)))
            }
            None => Ok(AnyValue::Empty),
        }
    }
}

/// A JSON object that is read as a message.
#[derive(Clone, Copy)]
struct Object<'a>(&'a serde_json::Map<String, Value>);

impl<'a> Object<'a> {
    fn of(value: &'a Value, field: &'static str) -> Result<Self, JsonFault> {
        value.as_object().map(Self).ok_or_else(|| mismatch(field, "an object", value))
    }

    fn get(self, field: &str) -> Option<&'a Value> {
        self.0.get(field).filter(|value| !value.is_null())
    }

    fn object(self, field: &'static str) -> Result<Option<Self>, JsonFault> {
        self.get(field).map(|value| Self::of(value, field)).transpose()
    }

    /// The items of an array of messages.
    fn each<T>(
        self,
        field: &'static str,
        mut read: impl FnMut(Self) -> Result<T, JsonFault>,
    ) -> Result<Vec<T>, JsonFault> {
        self.all(field, |field, value| read(Self::of(value, field)?))
    }

    /// The items of an array.
    fn all<T>(
        self,
        field: &'static str,
        mut read: impl FnMut(&'static str, &'a Value) -> Result<T, JsonFault>,
    ) -> Result<Vec<T>, JsonFault> {
        let Some(value) = self.get(field) else { return Ok(Vec::new()) };
        let items = value.as_array().ok_or_else(|| mismatch(field, "an array", value))?;
        items.iter().map(|item| read(field, item)).collect()
    }

    fn text(self, field: &'static str) -> Result<Text<'a>, JsonFault> {
        let Some(value) = self.get(field) else { return Ok(Text::default()) };
        value.as_str().map(Text::Borrowed).ok_or_else(|| mismatch(field, "a string", value))
    }

    fn bool(self, field: &'static str) -> Result<bool, JsonFault> {
        let Some(value) = self.get(field) else { return Ok(false) };
        value.as_bool().ok_or_else(|| mismatch(field, "true or false", value))
    }

    fn unsigned(self, field: &'static str) -> Result<u64, JsonFault> {
        self.get(field).map_or(Ok(0), |value| unsigned(field, value))
    }

    fn int32(self, field: &'static str) -> Result<i32, JsonFault> {
        let Some(value) = self.get(field) else { return Ok(0) };
        i32::try_from(signed(field, value)?).map_err(|_| mismatch(field, "a 32-bit integer", value))
    }

    fn double(self, field: &'static str) -> Result<f64, JsonFault> {
        self.get(field).map_or(Ok(0.0), |value| double(field, value))
    }

    fn hex(self, field: &'static str) -> Result<Cow<'a, [u8]>, JsonFault> {
        let Some(value) = self.get(field) else { return Ok(Cow::default()) };
        let fault = || mismatch(field, "hexadecimal", value);
        value.as_str().and_then(from_hex).map(Cow::Owned).ok_or_else(fault)
    }

    fn moment(self) -> Result<Moment, JsonFault> {
        Ok(Moment {
            start_time_unix_nano: self.unsigned("startTimeUnixNano")?,
            time_unix_nano: self.unsigned("timeUnixNano")?,
            flags: self.unsigned("flags")?,
        })
    }

    fn number(self) -> Result<Option<Number>, JsonFault> {
        if let Some(value) = self.get("asInt") {
            return Ok(Some(Number::Int(signed("asInt", value)?)));
        }
        let Some(value) = self.get("asDouble") else { return Ok(None) };
        Ok(Some(Number::Double(double("asDouble", value)?)))
    }

    fn temporality(self) -> Result<Temporality, JsonFault> {
        const FIELD: &str = "aggregationTemporality";
        let Some(value) = self.get(FIELD) else { return Ok(Temporality::Unspecified) };
        let number = match value.as_str() {
            Some("AGGREGATION_TEMPORALITY_DELTA") => 1,
            Some("AGGREGATION_TEMPORALITY_CUMULATIVE") => 2,
            Some("AGGREGATION_TEMPORALITY_UNSPECIFIED") => 0,
            _ => unsigned(FIELD, value)?,
        };
        Ok(match number {
            1 => Temporality::Delta,
            2 => Temporality::Cumulative,
            _ => Temporality::Unspecified,
        })
    }
}

fn unsigned(field: &'static str, value: &Value) -> Result<u64, JsonFault> {
    let number = match value {
        Value::String(text) => text.parse().ok(),
        _ => value.as_u64().or_else(|| whole(value).and_then(|whole| u64::try_from(whole).ok())),
    };
    number.ok_or_else(|| mismatch(field, "an unsigned integer", value))
}

fn signed(field: &'static str, value: &Value) -> Result<i64, JsonFault> {
    let number = match value {
        Value::String(text) => text.parse().ok(),
        _ => value.as_i64().or_else(|| whole(value)),
    };
    number.ok_or_else(|| mismatch(field, "an integer", value))
}

/// `1.0` and `1e3` are integers too.
fn whole(value: &Value) -> Option<i64> {
    let number = value.as_f64()?;
    (number.fract() == 0.0 && number.abs() < 9.2e18).then_some(number as i64)
}

fn double(field: &'static str, value: &Value) -> Result<f64, JsonFault> {
    let number = match value {
        Value::String(text) => match text.as_str() {
            "NaN" => Some(f64::NAN),
            "Infinity" => Some(f64::INFINITY),
            "-Infinity" => Some(f64::NEG_INFINITY),
            other => other.parse().ok(),
        },
        _ => value.as_f64(),
    };
    number.ok_or_else(|| mismatch(field, "a number", value))
}

fn mismatch(field: &'static str, wanted: &'static str, value: &Value) -> JsonFault {
    let mut found = value.to_string();
    if found.len() > 60 {
        let end = (0..=60).rev().find(|end| found.is_char_boundary(*end)).unwrap_or(0);
        found.truncate(end);
        found.push('…');
    }
    JsonFault::Type { field, wanted, found }
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let digit = |byte: u8| char::from(byte).to_digit(16);
    if !rest.is_empty() {
        return None;
    }
    pairs.iter().map(|[high, low]| Some((digit(*high)? << 4 | digit(*low)?) as u8)).collect()
}

/// Both alphabets, with or without padding, as ProtoJSON asks.
fn from_base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0u32, 0);
    for byte in text.trim_end_matches('=').bytes() {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(digit);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(json: &str) -> Result<Option<Number>, JsonFault> {
        let value: Value = serde_json::from_str(json).unwrap();
        Object::of(&value, "x").unwrap().number()
    }

    #[test]
    fn integers_are_strings_or_numbers() {
        assert_eq!(
            number(r#"{"asInt":"-9223372036854775808"}"#).unwrap(),
            Some(Number::Int(i64::MIN))
        );
        assert_eq!(number(r#"{"asInt":12}"#).unwrap(), Some(Number::Int(12)));
        assert_eq!(number(r#"{"asInt":1e3}"#).unwrap(), Some(Number::Int(1000)));
        assert_eq!(number(r#"{"asInt":null}"#).unwrap(), None);
        let error = number(r#"{"asInt":1.5}"#).unwrap_err().to_string();
        assert!(error.contains("asInt must be an integer, but is 1.5"), "{error}");
    }

    #[test]
    fn doubles_may_be_no_numbers() {
        for (json, bits) in [
            (r#"{"asDouble":0.5}"#, 0.5f64.to_bits()),
            (r#"{"asDouble":"-Infinity"}"#, f64::NEG_INFINITY.to_bits()),
            (r#"{"asDouble":"NaN"}"#, f64::NAN.to_bits()),
            (r#"{"asDouble":"1.25"}"#, 1.25f64.to_bits()),
        ] {
            assert_eq!(number(json).unwrap().map(|n| n.as_f64().to_bits()), Some(bits), "{json}");
        }
        assert!(number(r#"{"asDouble":"much"}"#).is_err());
    }

    #[test]
    fn bytes_are_base64_and_ids_hexadecimal() {
        assert_eq!(from_base64("aGk_Pg=="), Some(b"hi?>".to_vec()));
        assert_eq!(from_base64("aGk/Pg"), Some(b"hi?>".to_vec()));
        assert_eq!(from_base64("a b"), None);
        assert_eq!(from_hex("00Ff"), Some(vec![0, 255]));
        assert_eq!(from_hex("0"), None);
        assert_eq!(from_hex("zz"), None);
    }

    #[test]
    fn faults_name_the_field_and_stay_short() {
        let long = format!(r#"{{"resourceMetrics":["{}"]}}"#, "ä".repeat(500));
        let value: Value = serde_json::from_str(&long).unwrap();
        let error = decode(&value, 10).unwrap_err().to_string();
        assert!(error.contains("resourceMetrics must be an object"), "{error}");
        assert!(error.len() < 200, "{error}");
    }
}
