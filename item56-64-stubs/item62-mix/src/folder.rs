//! A folder that is removed at the end, also when a signal is the end.

use std::fs::{self, File};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use anyhow::{Context, ensure};
use common::ending::{self, Owned};
use common::threads::lock;
use tempfile::TempDir;

/// Makes a folder among the temporary files. The folder is there until the second value is dropped, or until
/// a signal ends the program.
pub fn create() -> anyhow::Result<(PathBuf, Owned)> {
    // Removing a folder begins with listing it, and a list takes an open file. When a signal comes, the
    // story may have open as many files as the system allows, so this one is kept to be closed then.
    let reserve = File::open("/").context("cannot open /")?;
    let made = Arc::new(Mutex::new(None));
    // The clean-up owns the folder: dropping the clean-up drops the folder.
    let to_remove = Arc::clone(&made);
    let owned = ending::clean_up(move || lock(&to_remove).take().into_iter().for_each(remove))?;
    let mut made = lock(&made);
    // Asked under the lock. If no signal is ending the program yet, a later clean-up waits for the lock,
    // and then finds the folder.
    ensure!(!ending::begun(), "nothing is created while the program ends");
    let folder = tempfile::Builder::new().prefix("item62-").tempdir();
    let folder = folder.context("cannot create a temporary folder")?;
    let path = folder.path().to_owned();
    *made = Some((reserve, folder));
    Ok((path, owned))
}

/// Removes `folder`, again if need be: the story goes on, and may be adding files in the meantime.
fn remove((reserve, folder): (File, TempDir)) {
    drop(reserve);
    let path = folder.path();
    (0..100).find(|_| fs::remove_dir_all(path).is_ok() || !path.exists());
}
