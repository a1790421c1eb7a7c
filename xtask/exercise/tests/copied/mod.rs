//! A copy of the workspace, for tests that change its code.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use exercise::Exercise;

const PROGRAM: &str = env!("CARGO_BIN_EXE_exercise");

/// How long what must not hang may take, on a busy machine.
pub const LIMIT: &str = "120s";

/// A copy of the workspace, which stays where it is, so that a second run builds less.
pub struct Copied {
    pub root: PathBuf,
}

impl Copied {
    pub fn make() -> Self {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("exercises");
        let _ = fs::remove_dir_all(root.join(".exercise"));
        copy(&from, &root, &["target", ".git", ".exercise"]);
        Self { root }
    }

    /// `program` in the copy.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root);
        // Quickly built: nothing here depends on how fast a program is.
        command.env("CARGO_PROFILE_DEV_OPT_LEVEL", "0").env("CARGO_PROFILE_DEV_DEBUG", "0");
        command.env("CARGO_TARGET_DIR", self.root.join("target")).env("RUST_BACKTRACE", "0");
        // As git sees it, this is a folder that it ignores, in another workspace.
        command.env("GIT_CEILING_DIRECTORIES", &self.root);
        command
    }

    pub fn exercise(&self, limit: &str, arguments: &[&str]) -> Command {
        let mut command = self.command(PROGRAM);
        command.args(["--time-limit", limit]).args(arguments);
        command
    }

    /// Begins an exercise; returns its file, and the original.
    pub fn begin(&self, exercise: &Exercise) -> (PathBuf, String) {
        succeeds(&mut self.exercise(LIMIT, &[exercise.name, "--reset"]));
        let kept = self.root.join(".exercise").join(exercise.name).join("original");
        let item = xtask::expectations::items();
        let item = item.iter().find(|item| item.number == exercise.item).unwrap();
        let folders = [self.root.clone(), self.root.join("item56-64-stubs")];
        let mut folders = folders.map(|folder| folder.join(item.package)).into_iter();
        let folder = folders.find(|folder| folder.is_dir()).unwrap();
        (folder.join(exercise.file), fs::read_to_string(kept).unwrap())
    }
}

#[track_caller]
pub fn succeeds(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {output:?}");
    output
}

/// Copies what has changed, and nothing of the name of one of `but`.
fn copy(from: &Path, to: &Path, but: &[&str]) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        let (name, from) = (entry.file_name(), entry.path());
        let to = to.join(&name);
        if but.iter().any(|but| name == *but) {
            continue;
        }
        if from.is_dir() {
            copy(&from, &to, &[]);
        } else if fs::read(&to).ok() != Some(fs::read(&from).unwrap()) {
            fs::copy(&from, &to).unwrap();
        }
    }
}
