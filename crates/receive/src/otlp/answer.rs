//! What a sender is told: `ExportMetricsServiceResponse`, or `google.rpc.Status`
//! for an error, in the encoding of its request.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// How a request is written, and its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Protobuf,
    Json,
}

impl Format {
    const fn content_type(self) -> &'static str {
        match self {
            Self::Protobuf => "application/x-protobuf",
            Self::Json => "application/json",
        }
    }

    /// All or nearly all was stored.
    pub(super) fn success(self, rejected_points: u64, message: &str) -> Response {
        let body = match self {
            _ if rejected_points == 0 && message.is_empty() => match self {
                Self::Protobuf => Vec::new(),
                Self::Json => b"{}".to_vec(),
            },
            Self::Protobuf => {
                let mut partial = Vec::new();
                varint_field(1, rejected_points, &mut partial);
                bytes_field(2, message.as_bytes(), &mut partial);
                let mut body = Vec::new();
                bytes_field(1, &partial, &mut body);
                body
            }
            Self::Json => json!({ "partialSuccess": {
                "rejectedDataPoints": rejected_points.to_string(),
                "errorMessage": message,
            }})
            .to_string()
            .into_bytes(),
        };
        self.respond(StatusCode::OK, body)
    }

    /// Nothing was stored.
    pub(super) fn error(self, status: StatusCode, message: &str) -> Response {
        // google.rpc.Code: INVALID_ARGUMENT, RESOURCE_EXHAUSTED, UNAVAILABLE, INTERNAL.
        let code = match status {
            StatusCode::PAYLOAD_TOO_LARGE => 8,
            StatusCode::SERVICE_UNAVAILABLE => 14,
            status if status.is_client_error() => 3,
            _ => 13,
        };
        let body = match self {
            Self::Protobuf => {
                let mut body = Vec::new();
                varint_field(1, code, &mut body);
                bytes_field(2, message.as_bytes(), &mut body);
                body
            }
            Self::Json => json!({ "code": code, "message": message }).to_string().into_bytes(),
        };
        self.respond(status, body)
    }

    fn respond(self, status: StatusCode, body: Vec<u8>) -> Response {
        (status, [(header::CONTENT_TYPE, self.content_type())], body).into_response()
    }
}

fn bytes_field(number: u8, bytes: &[u8], out: &mut Vec<u8>) {
    out.push(number << 3 | 2);
    varint(bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}

fn varint_field(number: u8, value: u64, out: &mut Vec<u8>) {
    out.push(number << 3);
    varint(value, out);
}

fn varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}
