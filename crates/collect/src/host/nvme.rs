//! `node_nvme_…`: NVMe controllers and their namespaces.

use std::path::Path;

use super::context::{CollectError, HostContext, names, read_number, read_trimmed};
use crate::exposition::Exposition;

/// `size` is in these, whatever the namespace's own block size.
const SECTOR_BYTES: f64 = 512.0;

pub(super) fn collect(context: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    let class = context.sys("class/nvme");
    for device in names(&class)? {
        let dir = class.join(&device);
        let text = |file: &str| read_trimmed(&dir.join(file)).unwrap_or_default();
        out.gauge(
            "node_nvme_info",
            "Constant 1, labelled by what an NVMe controller is.",
            &[
                ("cntlid", &text("cntlid")),
                ("device", &device),
                ("firmware_revision", &text("firmware_rev")),
                ("model", &text("model")),
                ("serial", &text("serial")),
                ("state", &text("state")),
            ],
            1.0,
        );
        for name in names(&dir)? {
            if let Some(id) = namespace_id(&name, &device) {
                namespace(&dir.join(&name), &device, id, out);
            }
        }
    }
    Ok(())
}

/// `1` of `nvme0n1`, or of `nvme0c0n1` where a namespace has several paths.
fn namespace_id<'a>(name: &'a str, device: &str) -> Option<&'a str> {
    let (path, id) = name.strip_prefix(device)?.rsplit_once('n')?;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let is_path = path.is_empty() || path.strip_prefix('c').is_some_and(is_number);
    (is_path && is_number(id)).then_some(id)
}

fn namespace(dir: &Path, device: &str, id: &str, out: &mut Exposition) {
    let ana_state = read_trimmed(&dir.join("ana_state")).unwrap_or_else(|_| "unknown".to_owned());
    out.gauge(
        "node_nvme_namespace_info",
        "Constant 1, labelled by how an NVMe namespace can be reached.",
        &[("ana_state", &ana_state), ("device", device), ("nsid", id)],
        1.0,
    );
    let labels = [("device", device), ("nsid", id)];
    let mut emit = |name: &str, help: &str, value: f64| {
        out.gauge(&format!("node_nvme_namespace_{name}_bytes"), help, &labels, value);
    };
    let block_bytes = read_number(&dir.join("queue/logical_block_size"));
    if let Ok(sectors) = read_number(&dir.join("size")) {
        emit("capacity", "Bytes that a namespace holds.", sectors * SECTOR_BYTES);
        emit("size", "Size of a namespace.", sectors * SECTOR_BYTES);
    }
    if let Ok(block_bytes) = block_bytes {
        emit("logical_block_size", "Size of a namespace's blocks.", block_bytes);
        if let Ok(blocks) = read_number(&dir.join("nuse")) {
            emit("used", "Bytes of a namespace that are in use.", blocks * block_bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::namespace_id;

    #[test]
    fn namespaces_are_told_from_other_files() {
        assert_eq!(namespace_id("nvme0n1", "nvme0"), Some("1"));
        assert_eq!(namespace_id("nvme0c3n12", "nvme0"), Some("12"));
        for name in ["nvme1n1", "nvme0n", "nvme0x1n1", "nvme0n1p1", "power"] {
            assert_eq!(namespace_id(name, "nvme0"), None, "{name}");
        }
    }
}
