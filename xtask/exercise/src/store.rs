//! What is kept of an exercise, and how a file is changed so that nothing is ever lost.
//!
//! The folder `.exercise` at the root of the workspace has a folder for each exercise: the file as it was
//! (`original`), the reader's versions (`yours-1.rs`, …), and what is known of the reader's progress. Whatever
//! is about to be overwritten is kept there first. Every file is written whole under another name, and
//! then renamed, so that an end at any moment leaves the old file or the new one:
//!
//! 1. To begin, the original is kept; then the file is cut. Ended in between: the file is as it was, and to
//!    begin again finds the same original.
//! 2. To undo, the reader's version is kept; then the file is put back; then the original is forgotten.
//!    Ended in between: to undo again finds the version kept, or the file as it was.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail, ensure};
use serde::{Deserialize, Serialize};

use crate::Exercise;
use crate::source::{bodies, cut_body, replaced};

/// What is known of a reader's progress.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Progress {
    /// The hints that were given, by their place in the table.
    #[serde(default)]
    pub hints: Vec<usize>,
    /// The rows that failed when it was judged last.
    #[serde(default)]
    pub failed: Vec<String>,
    /// Whether it was solved when it was judged last.
    #[serde(default)]
    pub solved: bool,
}

/// Where an exercise stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The file is as it was.
    Untouched,
    /// The file is cut, or the reader's.
    Begun,
    /// What the reader wrote has passed.
    Solved,
}

/// What putting a file back has come to.
#[derive(Debug, PartialEq, Eq)]
pub enum Undone {
    /// There was nothing to put back.
    Nothing,
    /// The original is back, and the reader had changed nothing of what was cut.
    NothingWritten,
    /// The original is back, and the reader's version is here.
    Kept(PathBuf),
}

/// The folder of an exercise, and the file that it is about.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    /// The file that the reader edits.
    pub file: PathBuf,
    /// Called before each change on the disk; tests let it fail.
    moment: fn() -> io::Result<()>,
}

impl Store {
    /// What is kept in the workspace at `root` of `exercise`, which is about `file`.
    pub fn new(root: &Path, exercise: &Exercise, file: PathBuf) -> Self {
        let folder = root.join(".exercise").join(exercise.name);
        Self { folder, file, moment: || Ok(()) }
    }

    /// Keeps other commands away from all exercises until the result is dropped.
    pub fn lock(root: &Path) -> anyhow::Result<File> {
        let folder = root.join(".exercise");
        let path = folder.join("lock");
        let what = || format!("cannot write {}", path.display());
        fs::create_dir_all(&folder).with_context(what)?;
        let lock = File::create(&path).with_context(what)?;
        lock.lock().with_context(what)?;
        Ok(lock)
    }

    /// The file as it was before the exercise was begun, if it was.
    pub fn original(&self) -> anyhow::Result<Option<String>> {
        read_if_there(&self.folder.join("original"))
    }

    /// The file as it is.
    pub fn current(&self) -> anyhow::Result<String> {
        fs::read_to_string(&self.file).with_context(|| format!("cannot read {}", self.shown()))
    }

    /// Where it stands.
    pub fn state(&self) -> anyhow::Result<State> {
        if self.progress().solved {
            return Ok(State::Solved);
        }
        let begun = self.original()?.is_some() && self.is_begun().unwrap_or(true);
        Ok(if begun { State::Begun } else { State::Untouched })
    }

    /// Whether the original is kept and the file differs from it; and from what git has committed, for
    /// a file may also come back by git.
    pub fn is_begun(&self) -> anyhow::Result<bool> {
        let Some(original) = self.original()? else { return Ok(false) };
        Ok(self.current()? != original && is_changed(&self.file) != Some(false))
    }

    /// Cuts the file. `false` if that was done before.
    pub fn begin(&self, exercise: &Exercise) -> anyhow::Result<bool> {
        if self.is_begun()? {
            return Ok(false);
        }
        let text = self.current()?;
        ensure!(
            is_changed(&self.file) != Some(true),
            "{0} has changes of your own: commit them or set them aside (git stash push {0}), then \
             begin again",
            self.shown()
        );
        let cut = cut(&text, exercise).with_context(|| format!("cannot read {}", self.shown()))?;
        self.write(&self.folder.join("original"), &text)?;
        self.save(&Progress::default())?;
        self.write(&self.file, &cut)?;
        Ok(true)
    }

    /// Cuts the file anew. Returns where the reader's version is kept, if there was one.
    pub fn reset(&self, exercise: &Exercise) -> anyhow::Result<Option<PathBuf>> {
        let original = self.original()?.filter(|_| self.is_begun().unwrap_or(true));
        let Some(original) = original else {
            self.begin(exercise)?;
            return Ok(None);
        };
        let kept = self.keep(&original, exercise)?;
        self.save(&Progress::default())?;
        self.write(&self.file, &cut(&original, exercise)?)?;
        Ok(kept)
    }

    /// Puts the original back and keeps the reader's version.
    pub fn undo(&self, exercise: &Exercise) -> anyhow::Result<Undone> {
        let Some(original) = self.original()? else { return Ok(Undone::Nothing) };
        let kept = if self.is_begun().unwrap_or(true) {
            let kept = self.keep(&original, exercise)?;
            self.write(&self.file, &original)?;
            kept.map_or(Undone::NothingWritten, Undone::Kept)
        } else {
            Undone::Nothing
        };
        (self.moment)()?;
        let forget = fs::remove_file(self.folder.join("original"));
        forget.with_context(|| format!("cannot write {}", self.folder.display()))?;
        Ok(kept)
    }

    /// The version of the reader: the file, or what was kept last.
    pub fn yours(&self) -> anyhow::Result<Option<String>> {
        if self.is_begun()? {
            return Ok(Some(self.current()?));
        }
        self.last_kept().map_or(Ok(None), |(_, path)| read_if_there(&path))
    }

    /// Keeps the file as a version of the reader's, unless it is gone, only cut, or kept already.
    fn keep(&self, original: &str, exercise: &Exercise) -> anyhow::Result<Option<PathBuf>> {
        // Bytes, whatever an editor has made of them.
        let bytes = match fs::read(&self.file) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", self.shown())),
        };
        if cut(original, exercise).is_ok_and(|cut| cut.as_bytes() == bytes) {
            return Ok(None);
        }
        let last = self.last_kept();
        if let Some((_, path)) = &last
            && fs::read(path).is_ok_and(|kept| kept == bytes)
        {
            return Ok(Some(path.clone()));
        }
        let number = last.map_or(1, |(number, _)| number + 1);
        let path = self.folder.join(format!("yours-{number}.rs"));
        self.write(&path, &bytes)?;
        Ok(Some(path))
    }

    fn last_kept(&self) -> Option<(u32, PathBuf)> {
        let entries = fs::read_dir(&self.folder).ok()?.flatten();
        let kept = entries.filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let number = name.strip_prefix("yours-")?.strip_suffix(".rs")?.parse().ok()?;
            Some((number, entry.path()))
        });
        kept.max()
    }

    /// What is known of the reader's progress; nothing where it can't be read.
    pub fn progress(&self) -> Progress {
        let text = fs::read_to_string(self.folder.join("progress.json")).unwrap_or_default();
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// Writes it down.
    pub fn save(&self, progress: &Progress) -> anyhow::Result<()> {
        self.write(&self.folder.join("progress.json"), serde_json::to_vec(progress)?)
    }

    /// How messages call the file.
    fn shown(&self) -> String {
        self.file.display().to_string()
    }

    /// Writes a file so that it is there whole, or as it was before. Its permissions stay, and a
    /// symbolic link stays one.
    fn write(&self, path: &Path, content: impl AsRef<[u8]>) -> anyhow::Result<()> {
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let written = || -> io::Result<()> {
            let folder = path.parent().unwrap_or(Path::new("."));
            let permissions = fs::metadata(&path).ok().map(|metadata| metadata.permissions());
            if permissions.as_ref().is_some_and(fs::Permissions::readonly) {
                return Err(ErrorKind::PermissionDenied.into());
            }
            (self.moment)()?;
            fs::create_dir_all(folder)?;
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let temporary = folder.join(format!(".{name}.exercise"));
            let renamed = (|| {
                let mut file = File::create(&temporary)?;
                file.write_all(content.as_ref())?;
                if let Some(permissions) = permissions {
                    file.set_permissions(permissions)?;
                }
                file.sync_all()?;
                (self.moment)()?;
                fs::rename(&temporary, &path)
            })();
            if renamed.is_err() {
                let _ = fs::remove_file(&temporary);
            }
            renamed?;
            // The name is in the folder, which has to reach the disk, too.
            File::open(folder)?.sync_all()
        };
        written().with_context(|| format!("cannot write {}", path.display()))
    }
}

/// `text` without the bodies of the functions that `exercise` is about.
pub fn cut(text: &str, exercise: &Exercise) -> anyhow::Result<String> {
    let names: Vec<&str> = exercise.functions.iter().map(|(name, _)| *name).collect();
    let ranges = bodies(text, &names)?;
    let mut bodies = Vec::new();
    for (range, (name, todo)) in ranges.iter().zip(exercise.functions) {
        if text[range.clone()].contains("todo!(") {
            bail!("{name} is cut already, and its original is not known: git checkout the file");
        }
        bodies.push(cut_body(text, range.start, todo));
    }
    Ok(replaced(text, &ranges, &bodies))
}

/// Whether the file differs from what git has committed. Nothing where git does not know the file: then
/// nobody can tell, and the original is kept all the same.
fn is_changed(file: &Path) -> Option<bool> {
    let git = |arguments: &[&str]| {
        let output = Command::new("git").current_dir(file.parent()?).args(arguments).arg(file).output();
        output.ok().filter(|output| output.status.success())
    };
    git(&["ls-files", "--error-unmatch", "--"])?;
    git(&["status", "--porcelain", "--"]).map(|output| !output.stdout.is_empty())
}

fn read_if_there(path: &Path) -> anyhow::Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}
