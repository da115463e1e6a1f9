//! Columns of times, as blocks have them.
//!
//! A column at an even step needs no bytes: its ends and its length say all.
//! Any other is written as what each time is off an even grid, so that jitter
//! does not add up. Layout in `docs/format/chunk.md`.

use model::Timestamp;

use super::entropy::{self, Delta};
use super::varint::{read_signed, take_byte, unzigzag, write_signed, zigzag};
use super::{DecodeError, bits};

const PACKED: u8 = 0;
const CODED: u8 = 1;

/// A column of at most so many times is packed where that is smaller.
const PACKED_TIMES_MAX: usize = 128;

/// Whether all of `times`, which are not empty, are the same distance apart.
pub fn is_even(times: &[i64]) -> bool {
    let Some(second) = times.get(1) else { return true };
    let step = second.wrapping_sub(times[0]);
    times.windows(2).all(|pair| pair[1].wrapping_sub(pair[0]) == step)
}

/// Appends the column from `first` to `last` of `count` times at an even step.
///
/// # Errors
/// Where there is no such column.
pub fn extend_even(
    first: i64,
    last: i64,
    count: usize,
    into: &mut Vec<Timestamp>,
) -> Result<(), DecodeError> {
    let span = last.wrapping_sub(first) as u64;
    let steps = (count as u64).saturating_sub(1);
    if count == 0 || last < first || span.checked_rem(steps.max(1)) != Some(0) {
        return Err(DecodeError::Invalid("column of times"));
    }
    let step = (span / steps.max(1)) as i64;
    into.extend(
        (0..count as i64)
            .map(|index| Timestamp::from_millis(first.wrapping_add(step.wrapping_mul(index)))),
    );
    Ok(())
}

/// Appends a column that is not empty.
pub fn encode(times: &[i64], out: &mut Vec<u8>) {
    let (first, step) = (times[0], usual_step(times));
    let off_grid: Vec<i64> = times
        .iter()
        .zip(0i64..)
        .map(|(time, index)| time.wrapping_sub(grid(first, step, index)))
        .collect();
    let mode_at = out.len();
    out.push(CODED);
    write_signed(first, out);
    write_signed(step, out);
    let body_at = out.len();
    entropy::encode(&off_grid, Delta::Search, out);
    if times.len() > PACKED_TIMES_MAX {
        return;
    }
    let width = bits::width(off_grid.iter().map(|off| zigzag(*off)));
    if bits::packed_len(times.len(), width) < out.len() - body_at {
        out[mode_at] = PACKED;
        out.truncate(body_at);
        out.push(width as u8);
        bits::pack(off_grid.iter().map(|off| zigzag(*off)), width, out);
    }
}

/// Appends the `count` times of a column that [`encode`] wrote.
///
/// # Errors
/// Where the bytes are no such column; `into` may then hold part of it.
pub fn decode(
    mut bytes: &[u8],
    count: usize,
    into: &mut Vec<Timestamp>,
) -> Result<(), DecodeError> {
    let mode = take_byte(&mut bytes)?;
    let (first, step) = (read_signed(&mut bytes)?, read_signed(&mut bytes)?);
    let time = |index, off| Timestamp::from_millis(grid(first, step, index).wrapping_add(off));
    match mode {
        PACKED => {
            let width = u32::from(take_byte(&mut bytes)?);
            let mut index = 0;
            bits::unpack(&mut bytes, count, width, |off| {
                into.push(time(index, unzigzag(off)));
                index += 1;
            })
        }
        CODED => {
            let off_grid = entropy::decode::<i64>(bytes, count)?;
            into.extend(off_grid.iter().zip(0i64..).map(|(off, index)| time(index, *off)));
            Ok(())
        }
        _ => Err(DecodeError::Invalid("mode of times")),
    }
}

#[inline]
fn grid(first: i64, step: i64, index: i64) -> i64 {
    first.wrapping_add(step.wrapping_mul(index))
}

/// The middle one of the distances, rounded where it is nearly round: with the
/// true interval of a scrape the grid does not drift away from the times.
fn usual_step(times: &[i64]) -> i64 {
    let mut steps: Vec<i64> = times.windows(2).map(|pair| pair[1].wrapping_sub(pair[0])).collect();
    if steps.is_empty() {
        return 0;
    }
    let middle = steps.len() / 2;
    let step = *steps.select_nth_unstable(middle).1;
    [1000, 100, 10]
        .into_iter()
        .filter_map(|unit| Some(step.checked_add(unit / 2)?.div_euclid(unit) * unit))
        .find(|round| round.abs_diff(step) <= step.unsigned_abs() / 500)
        .unwrap_or(step)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::codec::tests::rising_times;

    fn round_trip(times: &[i64]) -> Vec<i64> {
        let mut column = Vec::new();
        if is_even(times) {
            extend_even(times[0], times[times.len() - 1], times.len(), &mut column).unwrap();
        } else {
            let mut bytes = Vec::new();
            encode(times, &mut bytes);
            decode(&bytes, times.len(), &mut column).unwrap();
        }
        Timestamp::column_as_millis(&column).to_vec()
    }

    proptest! {
        #[test]
        fn every_column_comes_back(times in rising_times(600)) {
            prop_assert_eq!(round_trip(&times), times);
        }

        #[test]
        fn damage_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..60), count in 0usize..300) {
            let _ = decode(&bytes, count, &mut Vec::new());
        }

        #[test]
        fn impossible_columns_are_refused(first: i64, last: i64, count in 0usize..300) {
            let mut into = Vec::new();
            match extend_even(first, last, count, &mut into) {
                Ok(()) => {
                    prop_assert_eq!(into.first().unwrap().as_millis(), first);
                    prop_assert!(count == 1 || into.last().unwrap().as_millis() == last);
                }
                Err(_) => prop_assert!(into.is_empty()),
            }
        }
    }

    #[test]
    fn the_ends_of_time_come_back() {
        for times in [
            vec![i64::MIN, i64::MAX],
            vec![i64::MIN, -1, i64::MAX],
            vec![i64::MIN, i64::MIN + 1, i64::MAX - 1, i64::MAX],
        ] {
            assert_eq!(round_trip(&times), times);
        }
    }

    #[test]
    fn jitter_of_a_few_milliseconds_costs_a_few_bits() {
        let jitter = [3, -2, 0, 1, -3, 2, 0, -1];
        let times: Vec<i64> = (0..480)
            .map(|i| 1_700_000_000_000 + i * 15_000 + jitter[(i * i % 8) as usize])
            .collect();
        let mut bytes = Vec::new();
        encode(&times, &mut bytes);
        assert!(bytes.len() < 480 * 4 / 8, "{}", bytes.len());
    }
}
