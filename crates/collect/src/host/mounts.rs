//! Asking mounted file systems for their size without waiting for dead ones.
//!
//! `statvfs` on a mount whose server is gone never returns and can't be
//! interrupted. So threads of their own ask. One thread asks mount by mount;
//! when it stays silent for a moment it is taken to hang, and another goes on
//! with the rest. What has not answered when time is up is reported as such, and
//! not asked again before the thread that hangs there is back.

use std::collections::{HashMap, HashSet, VecDeque};
use std::path::PathBuf;
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use rustix::fs::{StatVfs, statvfs};
use rustix::io::Errno;

/// How long a thread may be silent before another goes on with the rest.
const PATIENCE: Duration = Duration::from_millis(50);
/// Threads that one round starts at most; mounts behind those that hang count as timed out.
const THREADS_MAX: usize = 32;

/// Why there are no numbers of a mount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MountError {
    /// It did not answer in time, now or earlier.
    TimedOut,
    /// The system refused.
    Refused(Errno),
}

impl std::fmt::Display for MountError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            // node_exporter's label value.
            Self::TimedOut => f.write_str("mountpoint timeout"),
            Self::Refused(errno) => {
                // Without the number that io::Error puts behind it.
                let text = std::io::Error::from(*errno).to_string();
                let text = text.split(" (os error").next().unwrap_or_default();
                f.write_str(&text.to_lowercase())
            }
        }
    }
}

/// Asks mounts, and remembers which do not answer.
#[derive(Debug)]
pub(super) struct MountWatch<S = fn(&PathBuf) -> Result<StatVfs, Errno>> {
    stat: S,
    hanging: Arc<Mutex<HashSet<PathBuf>>>,
}

impl Default for MountWatch {
    fn default() -> Self {
        Self::new(|path| statvfs(path))
    }
}

impl<T, S> MountWatch<S>
where
    T: Send + 'static,
    S: Fn(&PathBuf) -> Result<T, Errno> + Clone + Send + 'static,
{
    pub(super) fn new(stat: S) -> Self {
        Self { stat, hanging: Arc::default() }
    }

    /// Asks all of `paths`, for `timeout` at most; the answers are in their order.
    pub(super) fn ask(&self, paths: &[PathBuf], timeout: Duration) -> Vec<Result<T, MountError>> {
        let deadline = Instant::now() + timeout;
        let queue = Arc::new(Mutex::new(VecDeque::new()));
        {
            let hanging = self.hanging.lock();
            let ready = paths.iter().enumerate().filter(|(_, path)| !hanging.contains(*path));
            queue.lock().extend(ready.map(|(index, path)| (index, path.clone())));
        }
        let mut missing: HashMap<usize, PathBuf> = queue.lock().iter().cloned().collect();
        let (sender, answers) = mpsc::channel();
        let mut results: Vec<Result<T, MountError>> =
            paths.iter().map(|_| Err(MountError::TimedOut)).collect();
        let mut threads = 0;
        while !missing.is_empty() {
            if threads < THREADS_MAX && !queue.lock().is_empty() {
                self.start(Arc::clone(&queue), sender.clone());
                threads += 1;
            }
            // While this thread answers in time, no other is needed.
            loop {
                let left = deadline.saturating_duration_since(Instant::now());
                let Ok((index, result)) = answers.recv_timeout(left.min(PATIENCE)) else { break };
                missing.remove(&index);
                results[index] = result;
                if missing.is_empty() {
                    break;
                }
            }
            if Instant::now() >= deadline {
                break;
            }
        }
        self.give_up(missing, &queue, &answers, &mut results);
        results
    }

    /// Marks what is being asked as hanging, unless its answer came just now.
    fn give_up(
        &self,
        mut missing: HashMap<usize, PathBuf>,
        queue: &Mutex<VecDeque<(usize, PathBuf)>>,
        answers: &mpsc::Receiver<(usize, Result<T, MountError>)>,
        results: &mut [Result<T, MountError>],
    ) {
        let mut hanging = self.hanging.lock();
        for (index, _) in queue.lock().drain(..) {
            missing.remove(&index);
        }
        // A thread answers under this lock, so that nothing is marked after it was unmarked.
        while let Ok((index, result)) = answers.try_recv() {
            missing.remove(&index);
            results[index] = result;
        }
        hanging.extend(missing.into_values());
    }

    fn start(
        &self,
        queue: Arc<Mutex<VecDeque<(usize, PathBuf)>>>,
        sender: mpsc::Sender<(usize, Result<T, MountError>)>,
    ) {
        let (stat, hanging) = (self.stat.clone(), Arc::clone(&self.hanging));
        let work = move || {
            loop {
                let Some((index, path)) = queue.lock().pop_front() else { break };
                let result = stat(&path).map_err(MountError::Refused);
                let mut hanging = hanging.lock();
                hanging.remove(&path);
                if sender.send((index, result)).is_err() {
                    break;
                }
            }
        };
        if let Err(error) = std::thread::Builder::new().name("mounts".to_owned()).spawn(work) {
            tracing::debug!(%error, "unable to start a thread that asks mounts");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMEOUT: Duration = Duration::from_millis(400);

    fn paths<const N: usize>(names: [&str; N]) -> Vec<PathBuf> {
        names.into_iter().map(PathBuf::from).collect()
    }

    #[test]
    fn answers_are_in_order_with_errors_in_their_place() {
        let watch = MountWatch::new(|path: &PathBuf| match path.to_str() {
            Some("/bad") => Err(Errno::ACCESS),
            _ => Ok(path.clone()),
        });
        let answers = watch.ask(&paths(["/a", "/bad", "/b"]), TIMEOUT);
        assert_eq!(answers[0], Ok(PathBuf::from("/a")));
        assert_eq!(answers[1].as_ref().unwrap_err().to_string(), "permission denied");
        assert_eq!(answers[2], Ok(PathBuf::from("/b")));
    }

    #[test]
    fn a_dead_mount_costs_its_own_numbers_only_and_is_asked_again_when_it_is_back() {
        let gate = Arc::new(Mutex::new(()));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let watch = {
            let (gate, asked) = (Arc::clone(&gate), Arc::clone(&asked));
            MountWatch::new(move |path: &PathBuf| {
                asked.lock().push(path.clone());
                if path.starts_with("/dead") {
                    drop(gate.lock());
                }
                Ok(())
            })
        };
        let mounts = paths(["/a", "/dead/1", "/b", "/dead/2", "/c"]);
        let dead = |answers: &[Result<(), MountError>]| -> Vec<usize> {
            (0..answers.len()).filter(|index| answers[*index].is_err()).collect()
        };

        let closed = gate.lock();
        assert_eq!(dead(&watch.ask(&mounts, TIMEOUT)), [1, 3]);
        asked.lock().clear();
        assert_eq!(dead(&watch.ask(&mounts, TIMEOUT)), [1, 3]);
        assert_eq!(*asked.lock(), paths(["/a", "/b", "/c"]), "dead mounts are left alone");

        drop(closed);
        while !watch.hanging.lock().is_empty() {
            std::thread::sleep(Duration::from_millis(5));
        }
        assert_eq!(dead(&watch.ask(&mounts, TIMEOUT)), [0; 0]);
    }

    #[test]
    fn only_so_many_threads_may_hang() {
        // Longer than it takes to lose patience with each thread.
        const TIMEOUT: Duration = Duration::from_secs(3);
        let gate = Arc::new(Mutex::new(()));
        let asked = Arc::new(Mutex::new(0));
        let watch = {
            let (gate, asked) = (Arc::clone(&gate), Arc::clone(&asked));
            MountWatch::new(move |_: &PathBuf| {
                *asked.lock() += 1;
                drop(gate.lock());
                Ok(())
            })
        };
        let mounts: Vec<PathBuf> = (0..THREADS_MAX + 3).map(|n| format!("/{n}").into()).collect();
        let _closed = gate.lock();
        let answers = watch.ask(&mounts, TIMEOUT);
        assert_eq!(*asked.lock(), THREADS_MAX);
        assert!(answers.iter().all(|answer| *answer == Err(MountError::TimedOut)));
    }
}
