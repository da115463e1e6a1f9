//! `node_entropy_…`: the kernel's pool of randomness.

use super::context::{CollectError, HostContext, read_number};
use crate::exposition::Exposition;

pub(super) fn collect(context: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    let available = read_number(&context.proc("sys/kernel/random/entropy_avail"))?;
    let help = "Entropy that is available, in bits.";
    out.gauge("node_entropy_available_bits", help, &[], available);
    let size = read_number(&context.proc("sys/kernel/random/poolsize"))?;
    out.gauge("node_entropy_pool_size_bits", "Size of the entropy pool, in bits.", &[], size);
    Ok(())
}
