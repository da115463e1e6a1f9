//! `node_dmi_info`: what the firmware says of the machine.

use super::context::{CollectError, HostContext, names, read_trimmed};
use crate::exposition::Exposition;

/// Labels and the files that hold their values.
const FIELDS: [(&str, &str); 20] = [
    ("bios_date", "bios_date"),
    ("bios_release", "bios_release"),
    ("bios_vendor", "bios_vendor"),
    ("bios_version", "bios_version"),
    ("board_asset_tag", "board_asset_tag"),
    ("board_name", "board_name"),
    ("board_serial", "board_serial"),
    ("board_vendor", "board_vendor"),
    ("board_version", "board_version"),
    ("chassis_asset_tag", "chassis_asset_tag"),
    ("chassis_serial", "chassis_serial"),
    ("chassis_vendor", "chassis_vendor"),
    ("chassis_version", "chassis_version"),
    ("product_family", "product_family"),
    ("product_name", "product_name"),
    ("product_serial", "product_serial"),
    ("product_sku", "product_sku"),
    ("product_uuid", "product_uuid"),
    ("product_version", "product_version"),
    ("system_vendor", "sys_vendor"),
];

pub(super) fn collect(context: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    let dir = context.sys("class/dmi/id");
    names(&dir)?;
    // Serial numbers are for root only: what can't be read is left out.
    let values: Vec<(&str, String)> = FIELDS
        .iter()
        .filter_map(|(label, file)| Some((*label, read_trimmed(&dir.join(file)).ok()?)))
        .collect();
    if values.is_empty() {
        return Err(CollectError::Missing(dir));
    }
    let labels: Vec<_> = values.iter().map(|(label, value)| (*label, value.as_str())).collect();
    let help = "Constant 1, labelled by what the firmware says of the machine.";
    out.gauge("node_dmi_info", help, &labels, 1.0);
    Ok(())
}
