//! Reading request bodies: size, compression, limits.
//!
//! A body is refused once it is larger than allowed, as it comes and once it is
//! unpacked; nothing is unpacked beyond the limit, so a bomb costs a buffer of
//! the limit's size at most.

use std::io::Read;

use axum::body::{Body, HttpBody};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use http_body_util::{BodyExt, LengthLimitError, Limited};

/// The largest body as it comes, in bytes.
pub const COMPRESSED_BYTES_MAX: usize = 32 << 20;
/// The largest body once unpacked, in bytes.
pub const PLAIN_BYTES_MAX: usize = 128 << 20;

/// How a body is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Not at all.
    Identity,
    /// Snappy's block format.
    Snappy,
    /// gzip.
    Gzip,
    /// Zstandard.
    Zstd,
}

/// A body that is refused.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// It is too large, before or after unpacking.
    #[error("the body is larger than {max_bytes} bytes")]
    TooLarge {
        /// The limit.
        max_bytes: usize,
    },
    /// It is packed in a way that nobody knows.
    #[error("unsupported Content-Encoding {0:?}; snappy, gzip, zstd and identity are known")]
    Encoding(String),
    /// It is not packed as it says.
    #[error("the body can't be unpacked: {0}")]
    Malformed(String),
    /// The connection broke.
    #[error("the body did not arrive whole: {0}")]
    Incomplete(String),
}

impl BodyError {
    /// The status that says so.
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Encoding(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Malformed(_) | Self::Incomplete(_) => StatusCode::BAD_REQUEST,
        }
    }
}

impl IntoResponse for BodyError {
    fn into_response(self) -> Response {
        (self.status(), format!("{self}\n")).into_response()
    }
}

impl Encoding {
    /// What the headers say; `absent` where they say nothing.
    ///
    /// # Errors
    /// Where they name an encoding that nobody knows.
    pub fn of(headers: &HeaderMap, absent: Self) -> Result<Self, BodyError> {
        let Some(value) = headers.get(header::CONTENT_ENCODING) else { return Ok(absent) };
        let text = String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase();
        match text.trim() {
            "" => Ok(absent),
            "identity" => Ok(Self::Identity),
            "snappy" => Ok(Self::Snappy),
            "gzip" | "x-gzip" => Ok(Self::Gzip),
            "zstd" => Ok(Self::Zstd),
            _ => Err(BodyError::Encoding(text)),
        }
    }
}

/// Reads and unpacks a body of at most `plain_bytes_max` bytes.
///
/// # Errors
/// See [`BodyError`].
pub async fn read(
    body: Body,
    encoding: Encoding,
    plain_bytes_max: usize,
) -> Result<Vec<u8>, BodyError> {
    let max_bytes = COMPRESSED_BYTES_MAX.min(plain_bytes_max);
    // What says its length is refused before it comes.
    if body.size_hint().lower() > max_bytes as u64 {
        return Err(BodyError::TooLarge { max_bytes });
    }
    let collected = Limited::new(body, max_bytes).collect().await.map_err(|error| {
        if error.is::<LengthLimitError>() {
            BodyError::TooLarge { max_bytes }
        } else {
            BodyError::Incomplete(error.to_string())
        }
    })?;
    unpack(&collected.to_bytes(), encoding, plain_bytes_max)
}

/// Unpacks at most `max_bytes`.
///
/// # Errors
/// Where there would be more, or the bytes are not packed so.
pub fn unpack(packed: &[u8], encoding: Encoding, max_bytes: usize) -> Result<Vec<u8>, BodyError> {
    let too_large = || BodyError::TooLarge { max_bytes };
    match encoding {
        Encoding::Identity if packed.len() > max_bytes => Err(too_large()),
        Encoding::Identity => Ok(packed.to_vec()),
        Encoding::Snappy => {
            let malformed = |error: snap::Error| BodyError::Malformed(error.to_string());
            let length = snap::raw::decompress_len(packed).map_err(malformed)?;
            if length > max_bytes {
                return Err(too_large());
            }
            snap::raw::Decoder::new().decompress_vec(packed).map_err(malformed)
        }
        Encoding::Gzip => read_limited(flate2::read::MultiGzDecoder::new(packed), max_bytes),
        Encoding::Zstd => {
            let decoder = zstd::stream::read::Decoder::new(packed)
                .map_err(|error| BodyError::Malformed(error.to_string()))?;
            read_limited(decoder, max_bytes)
        }
    }
}

fn read_limited(reader: impl Read, max_bytes: usize) -> Result<Vec<u8>, BodyError> {
    let mut plain = Vec::new();
    reader
        .take(max_bytes as u64 + 1)
        .read_to_end(&mut plain)
        .map_err(|error| BodyError::Malformed(error.to_string()))?;
    if plain.len() > max_bytes { Err(BodyError::TooLarge { max_bytes }) } else { Ok(plain) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn packed(plain: &[u8], encoding: Encoding) -> Vec<u8> {
        match encoding {
            Encoding::Identity => plain.to_vec(),
            Encoding::Snappy => snap::raw::Encoder::new().compress_vec(plain).unwrap(),
            Encoding::Gzip => {
                let mut encoder = flate2::write::GzEncoder::new(Vec::new(), Default::default());
                encoder.write_all(plain).unwrap();
                encoder.finish().unwrap()
            }
            Encoding::Zstd => zstd::bulk::compress(plain, 1).unwrap(),
        }
    }

    #[test]
    fn the_limit_is_inclusive_for_every_encoding() {
        for encoding in [Encoding::Identity, Encoding::Snappy, Encoding::Gzip, Encoding::Zstd] {
            let plain = vec![7; 1000];
            let packed = packed(&plain, encoding);
            assert_eq!(unpack(&packed, encoding, 1000).unwrap(), plain, "{encoding:?}");
            let error = unpack(&packed, encoding, 999).unwrap_err();
            assert!(
                matches!(error, BodyError::TooLarge { max_bytes: 999 }),
                "{encoding:?}: {error}"
            );
        }
    }

    #[test]
    fn what_is_not_packed_is_refused() {
        for encoding in [Encoding::Snappy, Encoding::Gzip, Encoding::Zstd] {
            let error = unpack(b"\xff\xffplain text", encoding, 1000).unwrap_err();
            assert!(!matches!(error, BodyError::Encoding(_)), "{encoding:?}: {error}");
        }
    }

    #[test]
    fn a_snappy_bomb_is_refused_by_its_header() {
        // Says that four gigabytes follow.
        let error =
            unpack(b"\xff\xff\xff\xff\x0fx", Encoding::Snappy, PLAIN_BYTES_MAX).unwrap_err();
        assert!(matches!(error, BodyError::TooLarge { .. }), "{error}");
    }
}
