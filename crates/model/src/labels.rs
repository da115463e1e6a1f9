//! Label sets: the identity of a series.
//!
//! A label set is **one string**: for each pair, sorted by name, the length of
//! the name, the name, the length of the value, the value. A length is written
//! as characters (base 2^14, low digit first, a digit with bit 14 set is
//! followed by another), so that UTF-8 itself is the variable-length integer:
//! one byte for lengths below 128, and slices of the string are `&str` without
//! any check or `unsafe`. One allocation a set, equality and hashing are those
//! of the string, and the same bytes go to the WAL.
//!
//! [`LabelsRef`] is to [`Labels`] what `str` is to `Arc<str>`.

mod builder;
mod display;

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

use bytemuck::TransparentWrapper;
use xxhash_rust::xxh3::xxh3_128;

pub use builder::LabelsBuilder;
pub use display::{is_legacy_label_name, is_legacy_metric_name, write_quoted};

/// The label that holds the metric's name.
pub const METRIC_NAME: &str = "__name__";
/// The upper bound of a classic histogram's bucket.
pub const BUCKET_LABEL: &str = "le";
/// The quantile of a summary's series.
pub const QUANTILE_LABEL: &str = "quantile";

const DIGIT_BITS: u32 = 14;
const CONTINUES: u32 = 1 << DIGIT_BITS;

/// A 128-bit hash of a label set: the key by which a store finds a series.
///
/// XXH3-128 over the encoded set. Two of a billion series collide with a
/// probability of about 10^-21, so a store may take equal hashes for equal sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SeriesHash(pub u128);

impl Hash for SeriesHash {
    /// Feeds half of the bits: they are random already.
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0 as u64);
    }
}

/// An owned, immutable, cheaply cloned label set, sorted by name, no name twice, no empty value.
#[derive(Clone)]
pub struct Labels(Arc<str>);

/// A borrowed label set; see [`Labels`].
#[derive(TransparentWrapper, PartialEq, Eq)]
#[repr(transparent)]
pub struct LabelsRef(str);

/// The bytes are not a label set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LabelsDecodeError {
    /// A length points behind the end or splits a character.
    #[error("label set is cut short or a length in it is wrong")]
    Truncated,
    /// Names do not rise strictly, or a value is empty.
    #[error("label set is not sorted, repeats a name, or holds an empty value")]
    NotCanonical,
}

impl Labels {
    /// The set without labels.
    pub fn empty() -> Self {
        Self(Arc::from(""))
    }

    /// Builds a set from pairs in any order; the last of equal names wins and
    /// pairs with an empty value are left out.
    pub fn from_pairs<N: AsRef<str>, V: AsRef<str>>(
        pairs: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let mut builder = LabelsBuilder::default();
        for (name, value) in pairs {
            builder.set(name.as_ref(), value.as_ref());
        }
        builder.build()
    }

    /// Builds a set from pairs that are sorted by name; `None` where they are not,
    /// repeat a name, or have an empty value. `scratch` is for callers that build
    /// many; what it holds does not matter.
    pub fn from_sorted_pairs<'a>(
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
        scratch: &mut String,
    ) -> Option<Self> {
        scratch.clear();
        push_sorted_pairs(scratch, pairs).then(|| Self(Arc::from(scratch.as_str())))
    }

    /// The heap bytes that this set keeps alive.
    pub fn size_bytes(&self) -> usize {
        self.0.len() + 2 * size_of::<usize>()
    }

    /// Whether both are the very same allocation.
    pub fn ptr_eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl LabelsRef {
    /// Reads a set that [`LabelsRef::encoded`] gave, checking all of it.
    pub fn from_encoded(encoded: &str) -> Result<&Self, LabelsDecodeError> {
        let mut rest = encoded;
        let mut last: Option<&str> = None;
        while !rest.is_empty() {
            let (name, after) = take_string(rest).ok_or(LabelsDecodeError::Truncated)?;
            let (value, after) = take_string(after).ok_or(LabelsDecodeError::Truncated)?;
            if value.is_empty() || last.is_some_and(|last| last >= name) {
                return Err(LabelsDecodeError::NotCanonical);
            }
            last = Some(name);
            rest = after;
        }
        Ok(Self::wrap_ref(encoded))
    }

    /// Wraps a set that this process encoded itself and did not change since.
    pub(crate) fn from_trusted(encoded: &str) -> &Self {
        Self::wrap_ref(encoded)
    }

    /// The set as one string; the inverse of [`LabelsRef::from_encoded`].
    pub fn encoded(&self) -> &str {
        &self.0
    }

    /// The pairs, sorted by name.
    pub fn iter(&self) -> LabelsIter<'_> {
        LabelsIter { rest: &self.0 }
    }

    /// The value of label `name`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter()
            .take_while(|(candidate, _)| *candidate <= name)
            .find_map(|(candidate, value)| (candidate == name).then_some(value))
    }

    /// The metric's name.
    pub fn metric_name(&self) -> Option<&str> {
        self.get(METRIC_NAME)
    }

    /// Whether there is no label.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The number of labels.
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// The key by which stores find this series.
    pub fn series_hash(&self) -> SeriesHash {
        SeriesHash(xxh3_128(self.0.as_bytes()))
    }

    /// An owned copy.
    pub fn to_labels(&self) -> Labels {
        Labels(Arc::from(&self.0))
    }

    /// A builder that starts from this set.
    pub fn to_builder(&self) -> LabelsBuilder {
        LabelsBuilder::from_labels(self)
    }

    /// The set without the metric's name.
    pub fn without_metric_name(&self) -> Labels {
        self.filtered(|name| name != METRIC_NAME)
    }

    /// The set of those labels whose name `keep` accepts.
    pub fn filtered(&self, mut keep: impl FnMut(&str) -> bool) -> Labels {
        let mut encoded = String::with_capacity(self.0.len());
        for (name, value) in self.iter().filter(|(name, _)| keep(name)) {
            push_pair(&mut encoded, name, value);
        }
        Labels(Arc::from(encoded))
    }
}

impl Deref for Labels {
    type Target = LabelsRef;
    fn deref(&self) -> &LabelsRef {
        LabelsRef::wrap_ref(&self.0)
    }
}

impl Borrow<LabelsRef> for Labels {
    fn borrow(&self) -> &LabelsRef {
        self
    }
}

impl Default for Labels {
    fn default() -> Self {
        Self::empty()
    }
}

impl PartialEq for Labels {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Labels {}

impl Hash for Labels {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl Hash for LabelsRef {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write(self.0.as_bytes());
    }
}

impl PartialOrd for Labels {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Labels {
    fn cmp(&self, other: &Self) -> Ordering {
        (**self).cmp(&**other)
    }
}

impl PartialOrd for LabelsRef {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for LabelsRef {
    /// By the first pair that differs, name before value; a prefix comes first.
    fn cmp(&self, other: &Self) -> Ordering {
        let common = common_len(self.0.as_bytes(), other.0.as_bytes());
        if common == self.0.len().min(other.0.len()) {
            // One begins with all of the other, and no set ends within a pair.
            return self.0.len().cmp(&other.0.len());
        }
        match (string_around(&self.0, common), string_around(&other.0, common)) {
            (Some(ours), Some(theirs)) => ours.cmp(theirs),
            _ => self.iter().cmp(other.iter()),
        }
    }
}

impl fmt::Display for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&**self, f)
    }
}

impl fmt::Debug for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&**self, f)
    }
}

impl fmt::Debug for LabelsRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<'a> IntoIterator for &'a LabelsRef {
    type Item = (&'a str, &'a str);
    type IntoIter = LabelsIter<'a>;
    fn into_iter(self) -> LabelsIter<'a> {
        self.iter()
    }
}

/// The pairs of a label set, sorted by name.
#[derive(Clone, Debug)]
pub struct LabelsIter<'a> {
    rest: &'a str,
}

impl<'a> Iterator for LabelsIter<'a> {
    type Item = (&'a str, &'a str);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let (name, after) = take_string(self.rest)?;
        let (value, after) = take_string(after)?;
        self.rest = after;
        Some((name, value))
    }
}

/// Appends one pair to an encoded set; the caller keeps the order.
pub(crate) fn push_pair(encoded: &mut String, name: &str, value: &str) {
    push_string(encoded, name);
    push_string(encoded, value);
}

/// Appends pairs that are sorted by name; returns whether they are, and make up
/// a label set.
pub(crate) fn push_sorted_pairs<'a>(
    encoded: &mut String,
    pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> bool {
    let mut last = "";
    for (name, value) in pairs {
        if !rises(last, name) || value.is_empty() {
            return false;
        }
        push_pair(encoded, name, value);
        last = name;
    }
    true
}

/// Whether `name` comes behind `last`; the empty name comes behind none.
#[inline]
fn rises(last: &str, name: &str) -> bool {
    // Names are short and differ early: a call to compare memory would take longer.
    last.bytes().lt(name.bytes())
}

/// How many bytes two texts begin with in common.
#[inline]
fn common_len(a: &[u8], b: &[u8]) -> usize {
    let words = a.as_chunks::<8>().0.iter().zip(b.as_chunks::<8>().0);
    let mut common = 0;
    for (a, b) in words {
        let differing = u64::from_le_bytes(*a) ^ u64::from_le_bytes(*b);
        if differing != 0 {
            return common + differing.trailing_zeros() as usize / 8;
        }
        common += 8;
    }
    common + a[common..].iter().zip(&b[common..]).take_while(|(a, b)| a == b).count()
}

/// The name or value whose length or text has byte `place` of an encoded set;
/// `None` behind one whose length takes more than a byte.
#[inline]
fn string_around(encoded: &str, place: usize) -> Option<&str> {
    let bytes = encoded.as_bytes();
    let mut start = 0;
    loop {
        let length = *bytes.get(start).filter(|length| **length < 0x80)?;
        let end = start + 1 + usize::from(length);
        if place < end {
            return encoded.get(start + 1..end);
        }
        start = end;
    }
}

fn push_string(encoded: &mut String, text: &str) {
    let mut rest = text.len();
    while rest >= CONTINUES as usize {
        encoded.push(digit(rest as u32 & (CONTINUES - 1) | CONTINUES));
        rest >>= DIGIT_BITS;
    }
    encoded.push(digit(rest as u32));
    encoded.push_str(text);
}

fn digit(value: u32) -> char {
    char::from_u32(value).expect("a digit is below 2^15, where every number is a character")
}

#[inline]
fn take_string(encoded: &str) -> Option<(&str, &str)> {
    // Nearly every name and value is shorter than 128 bytes: one byte, no decoding.
    let first = *encoded.as_bytes().first()?;
    if first < 0x80 {
        let end = 1 + usize::from(first);
        return Some((encoded.get(1..end)?, encoded.get(end..)?));
    }
    let mut length = 0usize;
    let mut shift = 0;
    let mut chars = encoded.chars();
    loop {
        let digit = u32::from(chars.next()?);
        if digit >= CONTINUES << 1 || shift > 48 {
            return None;
        }
        length |= ((digit & (CONTINUES - 1)) as usize) << shift;
        if digit & CONTINUES == 0 {
            break;
        }
        shift += DIGIT_BITS;
    }
    let rest = chars.as_str();
    Some((rest.get(..length)?, rest.get(length..)?))
}

#[cfg(test)]
mod tests;
