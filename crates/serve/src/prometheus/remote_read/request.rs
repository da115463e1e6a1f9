//! What a reader asks for.

use model::{LabelsRef, MatchOp, Matcher, Millis, TimeRange, Timestamp};
use prost::Message;
use storage::SelectHints;

use super::proto;

const SAMPLES: i32 = 0;
const STREAMED_XOR_CHUNKS: i32 = 1;

/// A request that makes no sense.
#[derive(Debug, thiserror::Error)]
pub(super) enum RequestFault {
    #[error("the body can't be unpacked: {0}")]
    Packing(String),
    #[error("the body is no remote read request: {0}")]
    Protobuf(#[from] prost::DecodeError),
    #[error("a matcher has the unknown type {0}; 0 to 3 are known")]
    MatcherType(i32),
    #[error(transparent)]
    Matcher(#[from] model::matcher::MatcherError),
    #[error(
        "server does not support any of the requested response types: {0:?}; SAMPLES and STREAMED_XOR_CHUNKS are known"
    )]
    ResponseTypes(Vec<i32>),
}

/// A request.
#[derive(Debug)]
pub(super) struct ReadRequest {
    pub(super) queries: Vec<ReadQuery>,
    pub(super) is_streamed: bool,
}

/// One of its queries.
#[derive(Debug)]
pub(super) struct ReadQuery {
    pub(super) range: TimeRange,
    pub(super) matchers: Vec<Matcher>,
    pub(super) hints: SelectHints,
}

impl ReadRequest {
    pub(super) fn decode(body: &[u8]) -> Result<Self, RequestFault> {
        let request = proto::ReadRequest::decode(body)?;
        let types = &request.accepted_response_types;
        // The first that is known, in the reader's order; one who asks for none knows samples.
        let chosen = types.iter().find(|kind| [SAMPLES, STREAMED_XOR_CHUNKS].contains(kind));
        let is_streamed = match chosen {
            Some(kind) => *kind == STREAMED_XOR_CHUNKS,
            None if types.is_empty() => false,
            None => return Err(RequestFault::ResponseTypes(request.accepted_response_types)),
        };
        let queries = request.queries.into_iter().map(query).collect::<Result<_, _>>()?;
        Ok(Self { queries, is_streamed })
    }
}

fn query(query: proto::Query) -> Result<ReadQuery, RequestFault> {
    let at = Timestamp::from_millis;
    let range = TimeRange::new(at(query.start_timestamp_ms), at(query.end_timestamp_ms));
    let matchers = query.matchers.into_iter().map(matcher).collect::<Result<_, _>>()?;
    let positive = |millis: i64| (millis > 0).then_some(Millis::new(millis));
    let hints = query.hints.map_or_else(SelectHints::default, |hints| SelectHints {
        step: positive(hints.step_ms),
        window: positive(hints.range_ms),
    });
    Ok(ReadQuery { range, matchers, hints })
}

fn matcher(matcher: proto::LabelMatcher) -> Result<Matcher, RequestFault> {
    let op = match matcher.kind {
        0 => MatchOp::Equal,
        1 => MatchOp::NotEqual,
        2 => MatchOp::Regex,
        3 => MatchOp::NotRegex,
        other => return Err(RequestFault::MatcherType(other)),
    };
    Ok(Matcher::new(op, matcher.name, matcher.value)?)
}

impl ReadQuery {
    /// Drops matchers that ask for external labels: the store has none of them,
    /// and every answer gets them.
    pub(super) fn leave_out(&mut self, external: &LabelsRef) {
        self.matchers.retain(|matcher| {
            matcher.op() != MatchOp::Equal || external.get(matcher.name()) != Some(matcher.value())
        });
    }
}
