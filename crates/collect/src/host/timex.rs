//! `node_timex_…`: how the kernel disciplines its clock (adjtimex(2)).

use std::io;
use std::mem::MaybeUninit;

use super::context::{CollectError, HostContext};
use crate::exposition::{Exposition, FamilyKind};

const MICROS: f64 = 1e6;
const NANOS: f64 = 1e9;
/// Frequencies are parts per million with 16 bits behind the point.
const PPM_16: f64 = 1e6 * 65536.0;

pub(super) fn collect(_: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    use FamilyKind::{Counter, Gauge};
    let (state, timex) = adjtimex()?;
    let fraction = if timex.status & libc::STA_NANO != 0 { NANOS } else { MICROS };
    let is_synchronised = f64::from(u8::from(state != libc::TIME_ERROR));
    for (name, kind, value, help) in [
        ("sync_status", Gauge, is_synchronised, "Whether the clock is synchronised."),
        ("offset_seconds", Gauge, timex.offset as f64 / fraction, "Offset from the reference."),
        (
            "frequency_adjustment_ratio",
            Gauge,
            1.0 + timex.freq as f64 / PPM_16,
            "By how much the clock is made faster.",
        ),
        ("maxerror_seconds", Gauge, timex.maxerror as f64 / MICROS, "Largest error."),
        ("estimated_error_seconds", Gauge, timex.esterror as f64 / MICROS, "Estimated error."),
        ("status", Gauge, f64::from(timex.status), "Bits of the status, STA_PLL and others."),
        ("loop_time_constant", Gauge, timex.constant as f64, "Time constant of the loop."),
        ("tick_seconds", Gauge, timex.tick as f64 / MICROS, "Seconds between clock ticks."),
        ("pps_frequency_hertz", Gauge, timex.ppsfreq as f64 / PPM_16, "Pulses: frequency."),
        ("pps_jitter_seconds", Gauge, timex.jitter as f64 / fraction, "Pulses: jitter."),
        ("pps_shift_seconds", Gauge, f64::from(timex.shift), "Pulses: length of an interval."),
        ("pps_stability_hertz", Gauge, timex.stabil as f64 / PPM_16, "Pulses: stability."),
        ("pps_jitter_total", Counter, timex.jitcnt as f64, "Pulses: jitter beyond the limit."),
        ("pps_calibration_total", Counter, timex.calcnt as f64, "Pulses: calibrations."),
        ("pps_error_total", Counter, timex.errcnt as f64, "Pulses: calibrations that failed."),
        (
            "pps_stability_exceeded_total",
            Counter,
            timex.stbcnt as f64,
            "Pulses: stability beyond the limit.",
        ),
        ("tai_offset_seconds", Gauge, f64::from(timex.tai), "Offset of atomic time (TAI)."),
    ] {
        out.number(kind, &format!("node_timex_{name}"), help, &[], value);
    }
    Ok(())
}

/// The clock's state and parameters; changes nothing.
fn adjtimex() -> Result<(libc::c_int, libc::timex), CollectError> {
    // SAFETY: `timex` is a C struct of integers, for which all bits zero are valid.
    let mut timex: libc::timex = unsafe { MaybeUninit::zeroed().assume_init() };
    // SAFETY: the pointer is to a whole `timex` that outlives the call; `modes` is
    // zero, so that the kernel only writes to it. No safe wrapper exists in rustix.
    let state = unsafe { libc::adjtimex(&raw mut timex) };
    if state == -1 {
        return Err(CollectError::Call { call: "adjtimex", source: io::Error::last_os_error() });
    }
    Ok((state, timex))
}
