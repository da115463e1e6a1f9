//! What the host collector reads, and what it leaves out.

use std::collections::BTreeSet;
use std::path::PathBuf;

use model::PromDuration;
use serde::{Deserialize, Serialize};

/// Settings of the host collector; defaults are those of node_exporter 1.9.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct HostConfig {
    /// Where procfs is mounted.
    pub procfs_path: PathBuf,
    /// Where sysfs is mounted.
    pub sysfs_path: PathBuf,
    /// Where the host's root is mounted; not `/` in a container.
    pub rootfs_path: PathBuf,
    /// Where udev keeps what it knows of devices.
    pub udev_data_path: PathBuf,
    /// Directories with `*.prom` files to expose as well.
    pub textfile_directories: Vec<PathBuf>,
    /// Collectors to run although they are off by default.
    pub enable: BTreeSet<String>,
    /// Collectors not to run although they are on by default.
    pub disable: BTreeSet<String>,
    /// Mount points that are left out.
    pub filesystem_mount_points_exclude: String,
    /// Types of file systems that are left out.
    pub filesystem_fs_types_exclude: String,
    /// How long all mounts together may take to answer; a dead network file system never does.
    pub filesystem_mount_timeout: PromDuration,
    /// Block devices that are left out.
    pub diskstats_device_exclude: String,
    /// Network devices whose traffic is left out; empty for none.
    pub netdev_device_exclude: String,
    /// Network devices whose properties are left out.
    pub netclass_ignored_devices: String,
    /// Statistics of the network stack that are exposed.
    pub netstat_fields: String,
    /// Statistics of virtual memory that are exposed.
    pub vmstat_fields: String,
}

impl Default for HostConfig {
    fn default() -> Self {
        Self {
            procfs_path: "/proc".into(),
            sysfs_path: "/sys".into(),
            rootfs_path: "/".into(),
            udev_data_path: "/run/udev/data".into(),
            textfile_directories: Vec::new(),
            enable: BTreeSet::new(),
            disable: BTreeSet::new(),
            filesystem_mount_points_exclude: "^/(dev|proc|run/credentials/.+|sys|var/lib/docker/.+\
                |var/lib/containers/storage/.+)($|/)"
                .to_owned(),
            filesystem_fs_types_exclude:
                "^(autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts\
                |devtmpfs|fusectl|hugetlbfs|iso9660|mqueue|nsfs|overlay|proc|procfs|pstore\
                |rpc_pipefs|securityfs|selinuxfs|squashfs|erofs|sysfs|tracefs)$"
                    .to_owned(),
            filesystem_mount_timeout: PromDuration::from_secs(5),
            diskstats_device_exclude: r"^(z?ram|loop|fd|(h|s|v|xv)d[a-z]|nvme\d+n\d+p)\d+$"
                .to_owned(),
            netdev_device_exclude: String::new(),
            netclass_ignored_devices: "^$".to_owned(),
            netstat_fields: "^(.*_(InErrors|InErrs)|Ip_Forwarding|Ip(6|Ext)_(InOctets|OutOctets)\
                |Icmp6?_(InMsgs|OutMsgs)|TcpExt_(Listen.*|Syncookies.*|TCPSynRetrans|TCPTimeouts\
                |TCPOFOQueue|TCPRcvQDrop)|Tcp_(ActiveOpens|InSegs|OutSegs|OutRsts|PassiveOpens\
                |RetransSegs|CurrEstab)|Udp6?_(InDatagrams|OutDatagrams|NoPorts|RcvbufErrors\
                |SndbufErrors))$"
                .to_owned(),
            vmstat_fields: "^(oom_kill|pgpg|pswp|pg.*fault).*".to_owned(),
        }
    }
}

/// Settings that can't be meant.
#[derive(Debug, thiserror::Error)]
pub enum HostConfigError {
    /// A pattern that is no regular expression.
    #[error("{key}: {source}")]
    Pattern {
        /// The setting.
        key: &'static str,
        /// What is wrong with it.
        source: regex::Error,
    },
    /// A name that no collector has.
    #[error("{key}: there is no collector {name:?}; known are {known}")]
    UnknownCollector {
        /// The setting.
        key: &'static str,
        /// The name.
        name: String,
        /// All names.
        known: String,
    },
}
