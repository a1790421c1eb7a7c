//! A folder that is removed at the end, also when a signal is the end.

use std::fs::{self, File};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use anyhow::{Context, ensure};
use common::ending::{self, Owned};
use common::threads::lock;
use tempfile::TempDir;

/// Makes a folder among the temporary files. It is there until the second value is dropped or a signal
/// ends the program.
pub fn create() -> anyhow::Result<(PathBuf, Owned)> {
    // To list a folder, in order to remove it, takes an open file. This one is closed for that: when a
    // signal comes, the story may have as many files open as it may.
    let reserve = File::open("/").context("cannot open /")?;
    let made = Arc::new(Mutex::new(None));
    // The clean-up owns the folder: whoever takes the clean-up back drops the folder with it.
    let to_remove = Arc::clone(&made);
    let owned = ending::clean_up(move || lock(&to_remove).take().into_iter().for_each(remove))?;
    let mut made = lock(&made);
    // Asked under the lock. If no signal is ending the program by now, the clean-up comes later, waits
    // for the lock, and finds the folder.
    ensure!(!ending::begun(), "nothing is created while the program ends");
    let folder = tempfile::Builder::new().prefix("item62-").tempdir();
    let folder = folder.context("cannot create a temporary folder")?;
    let path = folder.path().to_owned();
    *made = Some((reserve, folder));
    Ok((path, owned))
}

/// Removes `folder`, again if need be: the story goes on, and may be adding files at this moment.
fn remove((reserve, folder): (File, TempDir)) {
    drop(reserve);
    let path = folder.path();
    (0..100).find(|_| fs::remove_dir_all(path).is_ok() || !path.exists());
}
