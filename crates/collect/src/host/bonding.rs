//! `node_bonding_…`: how many links of each bond there are and how many are up.

use super::context::{CollectError, HostContext, read};
use crate::exposition::Exposition;

pub(super) fn collect(context: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    let class = context.sys("class/net");
    for master in read(&class.join("bonding_masters"))?.split_whitespace() {
        let dir = class.join(master);
        let slaves = read(&dir.join("bonding/slaves"))?;
        let (mut configured, mut active) = (0u32, 0u32);
        for slave in slaves.split_whitespace() {
            // Kernels before 3.13 wrote "slave_" for "lower_".
            let status = read(&dir.join(format!("lower_{slave}/bonding_slave/mii_status")))
                .or_else(|_| read(&dir.join(format!("slave_{slave}/bonding_slave/mii_status"))))?;
            configured += 1;
            active += u32::from(status.trim() == "up");
        }
        let labels = [("master", master)];
        let help = "Links that a bond is configured with.";
        out.gauge("node_bonding_slaves", help, &labels, configured.into());
        out.gauge("node_bonding_active", "Links of a bond that are up.", &labels, active.into());
    }
    Ok(())
}
