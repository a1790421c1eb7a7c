//! A file that is there whole, or as it was before.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process;

use anyhow::{Context, bail};
use common::ending::{self, Owned};

/// A file to be written: under another name first, so that nobody ever sees half of it.
pub struct OutFile {
    path: PathBuf,
    temporary: PathBuf,
    file: File,
    /// A signal must not leave the temporary file behind.
    _clean_up: Owned,
}

impl OutFile {
    /// Begins to write `path`. Done before the work of which the result is to be written: what can't
    /// be written is told at once.
    pub fn create(path: &Path) -> anyhow::Result<Self> {
        // A link stays a link: what it leads to is written.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        if path.exists() && !path.is_file() {
            bail!("cannot write {}: it is no ordinary file", path.display());
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let temporary = path.with_file_name(format!(".{name}.{}", process::id()));
        let clean_up = ending::clean_up({
            let temporary = temporary.clone();
            move || drop(fs::remove_file(temporary))
        })?;
        let file = File::create_new(&temporary)
            .with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Self { path, temporary, file, _clean_up: clean_up })
    }

    /// Where it will be.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes all of it and puts it in its place.
    pub fn finish(mut self, content: &[u8]) -> anyhow::Result<PathBuf> {
        let written = self.file.write_all(content);
        let moved = written.and_then(|()| fs::rename(&self.temporary, &self.path));
        moved.with_context(|| format!("cannot write {}", self.path.display()))?;
        Ok(self.path.clone())
    }
}

impl Drop for OutFile {
    fn drop(&mut self) {
        // Once it has been moved, there is none.
        let _ = fs::remove_file(&self.temporary);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scratch(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("outfile-{}-{name}", process::id()));
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_file_is_there_as_before_until_all_of_it_is_written() {
        let folder = scratch("whole");
        let path = folder.join("page.html");
        fs::write(&path, "old").unwrap();
        let file = OutFile::create(&path).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        file.finish(b"new").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(names(&folder), ["page.html"]);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn what_was_given_up_leaves_nothing() {
        let folder = scratch("given-up");
        drop(OutFile::create(&folder.join("page.html")).unwrap());
        assert!(names(&folder).is_empty());
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn neither_a_folder_nor_a_device_is_replaced() {
        for path in [std::env::temp_dir().as_path(), Path::new("/dev/null")] {
            let error = OutFile::create(path).err().unwrap().to_string();
            assert!(error.contains("no ordinary file"), "{error}");
        }
    }
}
