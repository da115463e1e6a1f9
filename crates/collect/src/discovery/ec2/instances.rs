//! From EC2's description of instances to targets.

use std::collections::BTreeMap;

use model::{Labels, LabelsBuilder};
use serde::Deserialize;

use super::api::Items;
use crate::discovery::TargetGroup;
use crate::discovery::group::{ADDRESS, host_port};
use crate::discovery::label_name::sanitize;

/// Instances that were launched together.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Reservation {
    owner_id: String,
    instances_set: Items<Instance>,
}

/// An instance. What it lacks is empty.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Instance {
    instance_id: String,
    image_id: String,
    instance_type: String,
    instance_state: State,
    instance_lifecycle: String,
    architecture: String,
    platform: String,
    placement: Placement,
    private_ip_address: String,
    private_dns_name: String,
    #[serde(rename = "ipAddress")]
    public_ip_address: String,
    #[serde(rename = "dnsName")]
    public_dns_name: String,
    vpc_id: String,
    subnet_id: String,
    network_interface_set: Items<Interface>,
    tag_set: Items<Tag>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct State {
    name: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Placement {
    availability_zone: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Interface {
    subnet_id: String,
    attachment: Attachment,
    ipv6_addresses_set: Items<Ipv6>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Attachment {
    device_index: usize,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Ipv6 {
    ipv6_address: String,
    is_primary_ipv6: bool,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Tag {
    key: String,
    value: String,
}

/// The group of a region; `zones` are identifiers of availability zones by name.
pub(super) fn group(
    region: &str,
    port: u16,
    reservations: &[Reservation],
    zones: &BTreeMap<String, String>,
) -> TargetGroup {
    let mut targets = Vec::new();
    for reservation in reservations {
        let instances = reservation.instances_set.item.iter();
        // Without an address there is nothing to scrape.
        for instance in instances.filter(|instance| !instance.private_ip_address.is_empty()) {
            let zone = zones.get(&instance.placement.availability_zone);
            let mut labels = instance.labels();
            labels
                .set("__meta_ec2_region", region)
                .set("__meta_ec2_owner_id", &reservation.owner_id)
                .set("__meta_ec2_availability_zone_id", zone.map_or("", String::as_str))
                .set(ADDRESS, &host_port(&instance.private_ip_address, port));
            targets.push(labels.build());
        }
    }
    targets.sort_by(|a: &Labels, b| a.encoded().cmp(b.encoded()));
    TargetGroup { source: region.to_owned(), labels: Labels::empty(), targets }
}

impl Instance {
    fn labels(&self) -> LabelsBuilder {
        let has_public = !self.public_ip_address.is_empty();
        let public_dns_name = if has_public { &*self.public_dns_name } else { "" };
        let mut labels = LabelsBuilder::default();
        for (name, value) in [
            ("instance_id", &*self.instance_id),
            ("ami", &self.image_id),
            ("instance_type", &self.instance_type),
            ("instance_state", &self.instance_state.name),
            ("instance_lifecycle", &self.instance_lifecycle),
            ("architecture", &self.architecture),
            ("platform", &self.platform),
            ("availability_zone", &self.placement.availability_zone),
            ("private_ip", &self.private_ip_address),
            ("private_dns_name", &self.private_dns_name),
            ("public_ip", &self.public_ip_address),
            ("public_dns_name", public_dns_name),
        ] {
            labels.set(&format!("__meta_ec2_{name}"), value);
        }
        if !self.vpc_id.is_empty() {
            self.set_network(&mut labels);
        }
        for tag in &self.tag_set.item {
            labels.set(&format!("__meta_ec2_tag_{}", sanitize(&tag.key)), &tag.value);
        }
        labels
    }

    fn set_network(&self, labels: &mut LabelsBuilder) {
        let (mut subnets, mut all, mut primary) = (Vec::new(), Vec::new(), Vec::new());
        let interfaces = self.network_interface_set.item.iter();
        for interface in interfaces.filter(|interface| !interface.subnet_id.is_empty()) {
            if !subnets.contains(&interface.subnet_id.as_str()) {
                subnets.push(&interface.subnet_id);
            }
            for address in &interface.ipv6_addresses_set.item {
                all.push(&*address.ipv6_address);
                if address.is_primary_ipv6 {
                    primary.push((interface.attachment.device_index, &*address.ipv6_address));
                }
            }
        }
        primary.sort_unstable();
        let primary: Vec<&str> = primary.into_iter().map(|(_, address)| address).collect();
        // With a comma on both sides, so that a regular expression needs no anchors.
        let joined = |parts: &[&str]| format!(",{},", parts.join(","));
        labels
            .set("__meta_ec2_vpc_id", &self.vpc_id)
            .set("__meta_ec2_primary_subnet_id", &self.subnet_id)
            .set("__meta_ec2_subnet_id", &joined(&subnets));
        if !all.is_empty() {
            labels.set("__meta_ec2_ipv6_addresses", &joined(&all));
        }
        if !primary.is_empty() {
            labels.set("__meta_ec2_primary_ipv6_addresses", &joined(&primary));
        }
    }
}
