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
use xtask::engine::cargo::{EXERCISES, ORIGINAL};

use crate::Exercise;
use crate::source::{bodies, cut_body, replaced};

/// What is known of a reader's progress.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Progress {
    /// The hints that were given, by their place in the table.
    #[serde(default)]
    pub hints: Vec<usize>,
    /// Those that were given since it was judged last.
    #[serde(default)]
    pub since: Vec<usize>,
    /// The rows that failed when it was judged last.
    #[serde(default)]
    pub failed: Vec<String>,
    /// Whether it was solved when it was judged last.
    #[serde(default)]
    pub solved: bool,
    /// Whether it was solved before it was begun anew.
    #[serde(default)]
    pub solved_before: bool,
}

impl Progress {
    /// Notes that a hint is given.
    pub fn give(&mut self, place: usize) {
        self.since.push(place);
        if !self.hints.contains(&place) {
            self.hints.push(place);
        }
    }

    /// Whether it was ever solved.
    pub fn was_solved(&self) -> bool {
        self.solved || self.solved_before
    }

    /// What stays of it when the exercise is begun anew.
    fn anew(&self) -> Self {
        Self { solved_before: self.was_solved(), ..Self::default() }
    }
}

/// Where an exercise stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The file is as it was.
    Untouched,
    /// The file is cut, or the reader's.
    Begun,
    /// What the reader wrote has passed, then or once before.
    Solved,
}

impl State {
    /// How the list calls it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Untouched => "untouched",
            Self::Begun => "begun",
            Self::Solved => "solved",
        }
    }
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
        let folder = root.join(EXERCISES).join(exercise.name);
        Self { folder, file, moment: || Ok(()) }
    }

    /// Keeps other commands away from all exercises until the result is dropped.
    pub fn lock(root: &Path) -> anyhow::Result<File> {
        let folder = root.join(EXERCISES);
        let path = folder.join("lock");
        let what = || format!("cannot write {}", path.display());
        fs::create_dir_all(&folder).with_context(what)?;
        let lock = File::create(&path).with_context(what)?;
        lock.lock().with_context(what)?;
        Ok(lock)
    }

    /// The original, if the exercise is begun: if the file differs from its original, or is gone. And from
    /// what git has committed, for a file may also come back by git.
    pub fn begun(&self) -> anyhow::Result<Option<String>> {
        let Some(original) = self.original()? else { return Ok(None) };
        let is_back = self.current().is_ok_and(|current| current == original);
        Ok((!is_back && is_changed(&self.file) != Some(false)).then_some(original))
    }

    /// The file as it was when the exercise was begun last, unless that was undone.
    fn original(&self) -> anyhow::Result<Option<String>> {
        read_if_there(&self.folder.join(ORIGINAL))
    }

    /// The file as it is.
    pub fn current(&self) -> anyhow::Result<String> {
        fs::read_to_string(&self.file).with_context(|| format!("cannot read {}", self.shown()))
    }

    /// Where it stands.
    pub fn state(&self) -> anyhow::Result<State> {
        Ok(match self.begun()? {
            _ if self.progress().solved => State::Solved,
            Some(_) => State::Begun,
            None if self.progress().was_solved() => State::Solved,
            None => State::Untouched,
        })
    }

    /// Cuts the file. `false` if that was done before.
    pub fn begin(&self, exercise: &Exercise) -> anyhow::Result<bool> {
        if self.begun()?.is_some() {
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
        self.write(&self.folder.join(ORIGINAL), &text)?;
        self.save(&self.progress().anew())?;
        self.write(&self.file, &cut)?;
        Ok(true)
    }

    /// Cuts the file anew. Returns where the reader's version is kept, if there was one.
    pub fn reset(&self, exercise: &Exercise) -> anyhow::Result<Option<PathBuf>> {
        let Some(original) = self.begun()? else {
            self.begin(exercise)?;
            return Ok(None);
        };
        let kept = self.keep(&original, exercise)?;
        self.save(&self.progress().anew())?;
        self.write(&self.file, &cut(&original, exercise)?)?;
        Ok(kept)
    }

    /// Puts the original back and keeps the reader's version.
    pub fn undo(&self, exercise: &Exercise) -> anyhow::Result<Undone> {
        if self.original()?.is_none() {
            return Ok(Undone::Nothing);
        }
        let kept = if let Some(original) = self.begun()? {
            let kept = self.keep(&original, exercise)?;
            self.write(&self.file, &original)?;
            kept.map_or(Undone::NothingWritten, Undone::Kept)
        } else {
            Undone::Nothing
        };
        (self.moment)()?;
        let forget = fs::remove_file(self.folder.join(ORIGINAL));
        forget.with_context(|| format!("cannot write {}", self.folder.display()))?;
        Ok(kept)
    }

    /// The version of the reader: the file, or what was kept last.
    pub fn yours(&self) -> anyhow::Result<Option<String>> {
        if self.begun()?.is_some() {
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
            Err(error) => {
                return Err(error).with_context(|| format!("cannot read {}", self.shown()));
            }
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
        let output =
            Command::new("git").current_dir(file.parent()?).args(arguments).arg(file).output();
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

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use tempfile::TempDir;

    use super::*;

    const EXERCISE: Exercise = Exercise {
        name: "1-test",
        item: 1,
        task: "",
        file: "code.rs",
        functions: &[("heart", "beat")],
        section: "",
        besides: &[],
        steps: &[],
        tests: &[],
        hangs: "",
        hints: &[],
        wrong: &[],
    };
    const ORIGINAL: &str = "//! 코드\r\nfn heart() -> u32 {\r\n    1\r\n}\r\nfn other() {}\r\n";
    const YOURS: &str = "//! 코드\r\nfn heart() -> u32 {\r\n    2\r\n}\r\nfn other() {}\r\n";

    thread_local! {
        /// After so many changes on the disk, each fails, as on a disk that is full.
        static LEFT: Cell<usize> = const { Cell::new(usize::MAX) };
        /// Then nothing more is done instead, as if the program had been killed.
        static IS_KILLED: Cell<bool> = const { Cell::new(false) };
    }

    fn moment() -> io::Result<()> {
        let left = LEFT.get();
        LEFT.set(left.saturating_sub(1));
        assert!(left > 0 || !IS_KILLED.get(), "killed");
        if left == 0 { Err(ErrorKind::StorageFull.into()) } else { Ok(()) }
    }

    fn folder() -> (TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("code.rs");
        fs::write(&file, ORIGINAL).unwrap();
        let store = Store { moment, ..Store::new(folder.path(), &EXERCISE, file) };
        (folder, store)
    }

    /// All versions of the file that can be found anywhere.
    fn versions(store: &Store) -> Vec<String> {
        let kept = fs::read_dir(&store.folder).into_iter().flatten().flatten();
        let paths = kept.map(|entry| entry.path()).chain([store.file.clone()]);
        paths.filter_map(|path| fs::read_to_string(path).ok()).collect()
    }

    /// Does `what`, which may change the disk so many times. Whether it came to its end.
    fn interrupted(after: usize, what: impl FnOnce() -> anyhow::Result<()>) -> bool {
        LEFT.set(after);
        let outcome = catch_unwind(AssertUnwindSafe(what));
        LEFT.set(usize::MAX);
        outcome.is_ok_and(|outcome| outcome.is_ok())
    }

    #[test]
    fn cut_and_undone_the_file_is_as_it_was_and_the_readers_version_is_kept() {
        let (_folder, store) = folder();
        fs::set_permissions(&store.file, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(store.begin(&EXERCISE).unwrap());
        let cut = store.current().unwrap();
        assert_eq!(cut.replace("todo!(\"beat\")", "1"), ORIGINAL);
        assert!(!store.begin(&EXERCISE).unwrap(), "it is begun once");
        assert_eq!(store.current().unwrap(), cut);
        fs::write(&store.file, YOURS).unwrap();
        assert!(!store.begin(&EXERCISE).unwrap(), "what was written stays");
        assert_eq!(store.state().unwrap(), State::Begun);
        let Undone::Kept(path) = store.undo(&EXERCISE).unwrap() else { panic!("nothing kept") };
        assert_eq!(fs::read_to_string(path).unwrap(), YOURS);
        assert_eq!(store.current().unwrap(), ORIGINAL);
        assert_eq!(store.undo(&EXERCISE).unwrap(), Undone::Nothing, "twice is as good as once");
        assert_eq!(store.yours().unwrap().as_deref(), Some(YOURS));
        let mode = fs::metadata(&store.file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
    }

    #[test]
    fn of_what_was_not_written_nothing_is_kept_and_begun_anew_it_is_cut_again() {
        let (_folder, store) = folder();
        store.begin(&EXERCISE).unwrap();
        let cut = store.current().unwrap();
        assert_eq!(store.reset(&EXERCISE).unwrap(), None);
        fs::write(&store.file, "fn heart() -> u32 { broken").unwrap();
        assert!(store.reset(&EXERCISE).unwrap().is_some(), "also what is no Rust is kept");
        assert_eq!(store.current().unwrap(), cut);
        assert_eq!(store.undo(&EXERCISE).unwrap(), Undone::NothingWritten);
        assert_eq!(store.current().unwrap(), ORIGINAL);
    }

    #[test]
    fn what_was_solved_once_is_so_after_it_was_begun_anew_and_given_up() {
        let (_folder, store) = folder();
        store.begin(&EXERCISE).unwrap();
        store.save(&Progress { solved: true, hints: vec![0], ..store.progress() }).unwrap();
        for _ in 0..2 {
            assert_eq!(store.state().unwrap(), State::Solved);
            store.reset(&EXERCISE).unwrap();
            assert_eq!(store.state().unwrap(), State::Begun);
            assert!(store.progress().was_solved() && store.progress().hints.is_empty());
            store.undo(&EXERCISE).unwrap();
        }
    }

    #[test]
    fn failed_or_killed_at_any_moment_each_loses_nothing_and_can_be_done_again() {
        type Act = fn(&Store) -> anyhow::Result<()>;
        let begin: Act = |store| store.begin(&EXERCISE).map(drop);
        let undo: Act = |store| store.undo(&EXERCISE).map(drop);
        let reset: Act = |store| store.reset(&EXERCISE).map(drop);
        for (act, versions_before, cuts) in [
            (begin, &[ORIGINAL][..], true),
            (undo, &[ORIGINAL, YOURS], false),
            (reset, &[ORIGINAL, YOURS], true),
        ] {
            let mut after = 0;
            IS_KILLED.set(false);
            loop {
                let (folder, store) = folder();
                if versions_before.contains(&YOURS) {
                    store.begin(&EXERCISE).unwrap();
                    fs::write(&store.file, YOURS).unwrap();
                }
                let is_complete = interrupted(after, || act(&store));
                for text in versions_before {
                    assert!(versions(&store).iter().any(|found| found == text), "after {after}");
                }
                act(&store).unwrap();
                assert_eq!(store.current().unwrap().contains("todo!"), cuts, "after {after}");
                store.undo(&EXERCISE).unwrap();
                assert_eq!(store.current().unwrap(), ORIGINAL, "after {after}");
                let yours = versions_before.get(1).map(|yours| (*yours).to_owned());
                assert_eq!(store.yours().unwrap(), yours, "after {after}");
                let names = fs::read_dir(folder.path()).unwrap().count();
                assert_eq!(names, 2, "the file and the folder: no temporary file is left");
                after += 1;
                if is_complete {
                    assert!(after > 4, "each change was interrupted");
                    if IS_KILLED.replace(true) {
                        break;
                    }
                    after = 0;
                }
            }
        }
    }

    #[test]
    fn a_symbolic_link_stays_one_and_what_may_not_be_written_is_told() {
        let (folder, store) = folder();
        let real = folder.path().join("real.rs");
        fs::rename(&store.file, &real).unwrap();
        symlink("real.rs", &store.file).unwrap();
        store.begin(&EXERCISE).unwrap();
        assert!(fs::symlink_metadata(&store.file).unwrap().is_symlink());
        assert!(fs::read_to_string(&real).unwrap().contains("todo!"));
        store.undo(&EXERCISE).unwrap();
        assert_eq!(fs::read_to_string(&real).unwrap(), ORIGINAL);

        fs::set_permissions(&real, fs::Permissions::from_mode(0o444)).unwrap();
        let error = format!("{:#}", store.begin(&EXERCISE).unwrap_err());
        assert!(error.contains("cannot write") && error.contains("real.rs"), "{error}");
        assert_eq!(fs::read_to_string(&real).unwrap(), ORIGINAL);
    }

    /// Nobody may write it, not even who may do everything.
    #[test]
    fn where_nothing_can_be_kept_the_file_is_not_touched() {
        let (folder, store) = folder();
        fs::write(folder.path().join(".exercise"), "a file where a folder is needed").unwrap();
        let error = format!("{:#}", store.begin(&EXERCISE).unwrap_err());
        assert!(error.starts_with("cannot read") && !error.contains('\n'), "{error}");
        assert_eq!(store.current().unwrap(), ORIGINAL);
    }

    #[test]
    fn changes_of_the_readers_own_are_refused_and_what_git_has_put_back_is_not_begun() {
        let (folder, store) = folder();
        let git = |arguments: &[&str]| {
            let mut command = Command::new("git");
            command.args([
                "-c",
                "user.name=a",
                "-c",
                "user.email=a@b",
                "-c",
                "core.autocrlf=false",
            ]);
            command.current_dir(folder.path()).args(arguments).output().is_ok_and(|output| {
                assert!(output.status.success(), "{output:?}");
                true
            })
        };
        if !git(&["init", "-q"]) {
            return;
        }
        git(&["add", "code.rs"]);
        git(&["commit", "-qm", "All"]);
        fs::write(&store.file, YOURS).unwrap();
        let error = store.begin(&EXERCISE).unwrap_err().to_string();
        assert!(error.contains("changes of your own") && error.contains("git stash"), "{error}");
        assert_eq!(store.current().unwrap(), YOURS);

        git(&["checkout", "-q", "code.rs"]);
        store.begin(&EXERCISE).unwrap();
        assert!(store.begun().unwrap().is_some());
        // A newer version has come by git.
        git(&["checkout", "-q", "code.rs"]);
        let newer = format!("{ORIGINAL}// Newer.\r\n");
        fs::write(&store.file, &newer).unwrap();
        git(&["commit", "-qam", "Newer"]);
        assert!(store.begun().unwrap().is_none());
        store.undo(&EXERCISE).unwrap();
        assert_eq!(store.current().unwrap(), newer, "it is not overwritten by an older original");
    }
}
