//! The only door to files.
//!
//! What a store writes goes through here, so that durability has one place: a
//! file is replaced whole or not at all ([`file::replace`]), a log is framed with
//! checksums ([`frame`]), a mapped file is read-only ([`Map`]), and a data
//! directory has one owner ([`DirLock`]). Stores take a [`Disk`]: the machine's
//! ([`FileDisk`]), or one in memory that fails on purpose ([`FaultyDisk`]).
//!
//! **Architecture invariant:** knows nothing of what the bytes mean.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod disk;
pub mod faulty;
pub mod file;
pub mod frame;
pub mod lock;
pub mod map;

pub use disk::{DirEntry, Disk, DiskFile, FileDisk};
pub use faulty::FaultyDisk;
pub use lock::DirLock;
pub use map::Map;
