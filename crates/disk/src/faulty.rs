//! A disk in memory that fails on purpose, for tests of stores.
//!
//! It keeps two states of everything: what a running program sees, and what was
//! synced. A crash forgets the first, wholly or in part, as a power failure does.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Component, Path};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::disk::{DirEntry, Disk, DiskFile};
use crate::map::Map;

/// A file system in memory. Clones are the same disk.
#[derive(Clone, Debug, Default)]
pub struct FaultyDisk {
    state: Arc<Mutex<State>>,
}

/// What goes wrong. Operations are those that change something, each write one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// So many operations succeed; the next, if it is a write, is done by half,
    /// and from then on all fail.
    CrashIn(u64),
    /// So many operations succeed, the next fails, all others succeed.
    FailIn(u64),
    /// So many bytes can be written.
    FullIn(u64),
}

/// What of the changes that were not synced a crash leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// None.
    Synced,
    /// All.
    Everything,
    /// Some, chosen by the seed: each name on its own, of each file a part of
    /// what was appended.
    Some(u64),
}

impl Kept {
    /// Both extremes and a few between.
    pub fn samples() -> impl Iterator<Item = Self> {
        [Self::Synced, Self::Everything].into_iter().chain((1..=6).map(Self::Some))
    }
}

type NodeId = usize;
type Names = BTreeMap<OsString, NodeId>;

const ROOT: NodeId = 0;

#[derive(Debug)]
struct State {
    nodes: Vec<Node>,
    fault: Option<Fault>,
    operations: u64,
    has_crashed: bool,
}

#[derive(Clone, Debug)]
enum Node {
    File { content: Vec<u8>, synced: Vec<u8> },
    Dir { names: Names, synced: Names },
}

impl Default for State {
    fn default() -> Self {
        let root = Node::Dir { names: Names::new(), synced: Names::new() };
        Self { nodes: vec![root], fault: None, operations: 0, has_crashed: false }
    }
}

impl FaultyDisk {
    /// Lets something go wrong from now on.
    pub fn set_fault(&self, fault: Fault) {
        self.lock().fault = Some(fault);
    }

    /// Lets nothing go wrong from now on.
    pub fn clear_fault(&self) {
        self.lock().fault = None;
    }

    /// The operations so far.
    pub fn operations(&self) -> u64 {
        self.lock().operations
    }

    /// What the disk holds after a crash at this moment; this disk stays as it is.
    pub fn after_crash(&self, kept: Kept) -> Self {
        let state = self.lock();
        let mut random = Random(match kept {
            Kept::Some(seed) => seed,
            Kept::Synced | Kept::Everything => 1,
        });
        let nodes = state.nodes.iter().map(|node| survive(node, kept, &mut random)).collect();
        let after = State { nodes, ..State::default() };
        Self { state: Arc::new(Mutex::new(after)) }
    }

    /// Changes the content of a file behind the back of whoever wrote it.
    ///
    /// # Errors
    /// Where there is no such file.
    pub fn corrupt(&self, path: &Path, change: impl FnOnce(&mut Vec<u8>)) -> io::Result<()> {
        let mut state = self.lock();
        let id = state.find(path)?;
        let Node::File { content, synced } = &mut state.nodes[id] else { return Err(is_a_dir()) };
        change(content);
        synced.clone_from(content);
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A test that panicked elsewhere has left the state whole: no step is half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open(&self, path: &Path, truncate: bool) -> io::Result<Box<dyn DiskFile>> {
        let mut state = self.lock();
        state.begin_operation()?;
        let id = match state.find(path) {
            Ok(id) => id,
            Err(_) => state.add(path, Node::File { content: Vec::new(), synced: Vec::new() })?,
        };
        match &mut state.nodes[id] {
            Node::File { content, .. } if truncate => content.clear(),
            Node::File { .. } => {}
            Node::Dir { .. } => return Err(is_a_dir()),
        }
        Ok(Box::new(OpenFile { state: Arc::clone(&self.state), id }))
    }
}

impl Disk for FaultyDisk {
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        self.open(path, true)
    }

    fn append(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        self.open(path, false)
    }

    fn map(&self, path: &Path) -> io::Result<Map> {
        self.read(path).map(Map::from)
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let state = self.lock();
        match &state.nodes[state.find(path)?] {
            Node::File { content, .. } => Ok(content.clone()),
            Node::Dir { .. } => Err(is_a_dir()),
        }
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<DirEntry>> {
        let state = self.lock();
        let id = state.find(dir)?;
        let entry = |(name, id): (&OsString, &NodeId)| DirEntry {
            path: dir.join(name),
            is_dir: matches!(state.nodes[*id], Node::Dir { .. }),
            size_bytes: match &state.nodes[*id] {
                Node::File { content, .. } => content.len() as u64,
                Node::Dir { .. } => 0,
            },
        };
        Ok(state.names(id)?.iter().map(entry).collect())
    }

    fn create_dir_all(&self, dir: &Path) -> io::Result<()> {
        let mut state = self.lock();
        state.begin_operation()?;
        for path in dir.ancestors().collect::<Vec<_>>().into_iter().rev() {
            if state.find(path).is_err() {
                state.add(path, Node::Dir { names: Names::new(), synced: Names::new() })?;
            }
        }
        Ok(())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.lock();
        state.begin_operation()?;
        let id = state.find(from)?;
        if let Ok(replaced) = state.find(to)
            && matches!(&state.nodes[replaced], Node::Dir { names, .. } if !names.is_empty())
        {
            return Err(io::ErrorKind::DirectoryNotEmpty.into());
        }
        state.set_name(to, Some(id))?;
        state.set_name(from, None)
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.lock();
        state.begin_operation()?;
        let id = state.find(from)?;
        state.set_name(to, Some(id))
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        let mut state = self.lock();
        state.begin_operation()?;
        state.find(path)?;
        state.set_name(path, None)
    }

    fn remove_dir_all(&self, dir: &Path) -> io::Result<()> {
        // Entry by entry, as the system does it: a crash leaves a part.
        for entry in self.list(dir)? {
            if entry.is_dir {
                self.remove_dir_all(&entry.path)?;
            } else {
                self.remove_file(&entry.path)?;
            }
        }
        self.remove_file(dir)
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        let mut state = self.lock();
        state.begin_operation()?;
        let id = state.find(dir)?;
        match &mut state.nodes[id] {
            Node::Dir { names, synced } => synced.clone_from(names),
            Node::File { .. } => return Err(io::ErrorKind::NotADirectory.into()),
        }
        Ok(())
    }
}

impl State {
    /// Counts an operation; fails where it is to fail.
    fn begin_operation(&mut self) -> io::Result<()> {
        if self.has_crashed {
            return Err(crashed());
        }
        self.operations += 1;
        match &mut self.fault {
            Some(Fault::CrashIn(0)) => {
                self.has_crashed = true;
                Err(crashed())
            }
            Some(Fault::FailIn(0)) => {
                self.fault = None;
                Err(io::Error::other("the disk fails on purpose"))
            }
            Some(Fault::CrashIn(left) | Fault::FailIn(left)) => {
                *left -= 1;
                Ok(())
            }
            Some(Fault::FullIn(_)) | None => Ok(()),
        }
    }

    fn find(&self, path: &Path) -> io::Result<NodeId> {
        let mut id = ROOT;
        for part in path.components() {
            if let Component::Normal(name) = part {
                id = *self.names(id)?.get(name).ok_or(io::ErrorKind::NotFound)?;
            }
        }
        Ok(id)
    }

    fn names(&self, id: NodeId) -> io::Result<&Names> {
        match &self.nodes[id] {
            Node::Dir { names, .. } => Ok(names),
            Node::File { .. } => Err(io::ErrorKind::NotADirectory.into()),
        }
    }

    fn add(&mut self, path: &Path, node: Node) -> io::Result<NodeId> {
        let id = self.nodes.len();
        self.nodes.push(node);
        self.set_name(path, Some(id))?;
        Ok(id)
    }

    fn set_name(&mut self, path: &Path, id: Option<NodeId>) -> io::Result<()> {
        let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_owned();
        let parent = self.find(path.parent().unwrap_or(Path::new("/")))?;
        let Node::Dir { names, .. } = &mut self.nodes[parent] else {
            return Err(io::ErrorKind::NotADirectory.into());
        };
        match id {
            Some(id) => names.insert(name, id),
            None => names.remove(&name),
        };
        Ok(())
    }
}

#[derive(Debug)]
struct OpenFile {
    state: Arc<Mutex<State>>,
    id: NodeId,
}

impl OpenFile {
    fn with_content<T>(
        &self,
        change: impl FnOnce(&mut State, NodeId) -> io::Result<T>,
    ) -> io::Result<T> {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner), self.id)
    }
}

impl Write for OpenFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.with_content(|state, id| {
            let crashed_before = state.has_crashed;
            let begun = state.begin_operation();
            let written = match (&begun, &mut state.fault) {
                (Err(_), _) if crashed_before => 0,
                (Err(_), _) => bytes.len() / 2,
                (Ok(()), Some(Fault::FullIn(left))) => {
                    let written = (*left).min(bytes.len() as u64);
                    *left -= written;
                    written as usize
                }
                (Ok(()), _) => bytes.len(),
            };
            if let Node::File { content, .. } = &mut state.nodes[id] {
                content.extend_from_slice(&bytes[..written]);
            }
            begun?;
            if written == 0 && !bytes.is_empty() {
                return Err(io::ErrorKind::StorageFull.into());
            }
            Ok(written)
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl DiskFile for OpenFile {
    fn try_clone(&self) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(Self { state: Arc::clone(&self.state), id: self.id }))
    }

    fn sync(&mut self) -> io::Result<()> {
        self.with_content(|state, id| {
            state.begin_operation()?;
            if let Node::File { content, synced } = &mut state.nodes[id] {
                synced.clone_from(content);
            }
            Ok(())
        })
    }
}

/// The state of a file or directory after a crash.
fn survive(node: &Node, kept: Kept, random: &mut Random) -> Node {
    match node {
        Node::File { content, synced } => {
            let content = match kept {
                Kept::Synced => synced.clone(),
                Kept::Everything => content.clone(),
                Kept::Some(_) if content.starts_with(synced) => {
                    let appended = content.len() - synced.len();
                    content[..synced.len() + random.below(appended + 1)].to_vec()
                }
                Kept::Some(_) => [content, synced][random.below(2)].clone(),
            };
            Node::File { synced: content.clone(), content }
        }
        Node::Dir { names, synced } => {
            let names = match kept {
                Kept::Synced => synced.clone(),
                Kept::Everything => names.clone(),
                Kept::Some(_) => {
                    let mut all = synced.clone();
                    all.extend(names.iter().map(|(name, id)| (name.clone(), *id)));
                    let chosen = |(name, _): (OsString, NodeId)| {
                        let side = [names, synced][random.below(2)];
                        side.get(&name).map(|id| (name, *id))
                    };
                    all.into_iter().filter_map(chosen).collect()
                }
            };
            Node::Dir { synced: names.clone(), names }
        }
    }
}

fn crashed() -> io::Error {
    io::Error::other("the machine has crashed on purpose")
}

fn is_a_dir() -> io::Error {
    io::ErrorKind::IsADirectory.into()
}

/// xorshift64*, so that a seed repeats a test.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(disk: &FaultyDisk, path: &str, bytes: &[u8]) -> Box<dyn DiskFile> {
        let mut file = disk.create(Path::new(path)).unwrap();
        file.write_all(bytes).unwrap();
        file
    }

    #[test]
    fn content_survives_when_file_and_name_were_synced() {
        let disk = FaultyDisk::default();
        let mut file = written(&disk, "/a", b"synced");
        file.sync().unwrap();
        let read = |disk: &FaultyDisk| disk.read(Path::new("/a")).ok();
        assert_eq!(read(&disk.after_crash(Kept::Synced)), None, "the name was not");
        disk.sync_dir(Path::new("/")).unwrap();
        file.write_all(b" or not").unwrap();
        assert_eq!(read(&disk.after_crash(Kept::Synced)).unwrap(), b"synced");
        assert_eq!(read(&disk.after_crash(Kept::Everything)).unwrap(), b"synced or not");
        assert_eq!(read(&disk).unwrap(), b"synced or not");
    }

    #[test]
    fn a_crash_is_for_ever_and_a_failure_is_not() {
        let disk = FaultyDisk::default();
        disk.set_fault(Fault::FailIn(1));
        let mut file = disk.create(Path::new("/a")).unwrap();
        file.write_all(b"x").unwrap_err();
        file.write_all(b"x").unwrap();
        disk.set_fault(Fault::CrashIn(0));
        assert!(file.write_all(b"abcd").is_err() && file.write_all(b"abcd").is_err());
        assert!(disk.create(Path::new("/b")).is_err());
    }

    #[test]
    fn a_full_disk_writes_what_fits() {
        let disk = FaultyDisk::default();
        disk.set_fault(Fault::FullIn(3));
        let mut file = disk.create(Path::new("/a")).unwrap();
        assert_eq!(file.write(b"abcd").unwrap(), 3);
        assert_eq!(file.write(b"d").unwrap_err().kind(), io::ErrorKind::StorageFull);
        disk.clear_fault();
        file.write_all(b"d").unwrap();
        assert_eq!(disk.read(Path::new("/a")).unwrap(), b"abcd");
    }

    #[test]
    fn names_follow_renames_links_and_removals() {
        let disk = FaultyDisk::default();
        disk.create_dir_all(Path::new("/x/y")).unwrap();
        drop(written(&disk, "/x/y/a", b"1"));
        disk.link(Path::new("/x/y/a"), Path::new("/b")).unwrap();
        disk.rename(Path::new("/x"), Path::new("/z")).unwrap();
        let names = |dir: &str| -> Vec<_> {
            disk.list(Path::new(dir)).unwrap().into_iter().map(|entry| entry.path).collect()
        };
        assert_eq!(names("/"), [Path::new("/b"), Path::new("/z")]);
        assert_eq!(names("/z/y"), [Path::new("/z/y/a")]);
        disk.remove_dir_all(Path::new("/z")).unwrap();
        assert_eq!(disk.read(Path::new("/b")).unwrap(), b"1");
        assert!(disk.list(Path::new("/z")).is_err());
    }
}
