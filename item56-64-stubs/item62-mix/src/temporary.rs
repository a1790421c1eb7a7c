//! A directory that is removed at the end, also when a signal is the end.

use std::env;
use std::fs::{self, DirBuilder, File};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context, ensure};
use common::ending::{self, Owned};

/// A new directory among the temporary files. Dropping it removes it with all that is in it.
#[derive(Debug)]
pub struct Temporary {
    path: PathBuf,
    reserve: Arc<Reserve>,
    _removed_by_a_signal: Owned,
}

/// A file descriptor for the removal, which must list the directory when all others may be in use.
/// Locked by who creates and by who removes: nothing is created after the removal.
type Reserve = Mutex<Option<File>>;

impl Temporary {
    /// Creates it. Its removal is arranged first: a signal may come at any moment.
    ///
    /// # Errors
    ///
    /// Fails when the system refuses it.
    pub fn create() -> anyhow::Result<Self> {
        // So many names that nobody has this one.
        let path = env::temp_dir().join(format!("item62-{:016x}", fastrand::u64(..)));
        let reserve = Arc::new(Reserve::default());
        let removed_by_a_signal = ending::clean_up({
            let (path, reserve) = (path.clone(), Arc::clone(&reserve));
            move || remove(&path, &reserve)
        })?;
        let mut creating = lock(&reserve);
        ensure!(!ending::begun(), "nothing is created while the program ends");
        let created = DirBuilder::new().mode(0o700).create(&path);
        created.with_context(|| format!("cannot create {}", path.display()))?;
        let opened = File::open(&path).inspect_err(|_| drop(fs::remove_dir(&path)));
        *creating = Some(opened.with_context(|| format!("cannot open {}", path.display()))?);
        drop(creating);
        Ok(Self { path, reserve, _removed_by_a_signal: removed_by_a_signal })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        remove(&self.path, &self.reserve);
    }
}

/// Removes the directory at `path`, to which the story may be adding files at this moment.
fn remove(path: &Path, reserve: &Reserve) {
    const ATTEMPTS: usize = 100;
    *lock(reserve) = None;
    (0..ATTEMPTS).find(|_| fs::remove_dir_all(path).is_ok() || !path.exists());
}

fn lock(reserve: &Reserve) -> MutexGuard<'_, Option<File>> {
    reserve.lock().unwrap_or_else(PoisonError::into_inner)
}
