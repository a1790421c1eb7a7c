//! What a page shows of the workspace: its texts in the order of reading, and the files of its items that a
//! reader may want to open.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use common::locale;

use crate::document::{Chapter, Language, Shown, SourceFile, Text};
use crate::engine::cargo::{IN_PYTHON, Workspace};
use crate::judge::Item;

/// The texts that follow the items.
const AFTERWARDS: [&str; 2] = ["common/GLOSSARY.md", "common/PATTERNS.md"];

/// The texts of a workspace.
pub struct Texts<'a> {
    /// Its folder.
    pub root: &'a Path,
    /// In this language, and in English where there is none.
    pub language: Language,
}

impl Texts<'_> {
    /// The text at `path`, which is that of the English one; empty if there is none.
    pub fn read(&self, path: &Path) -> Text {
        let paths = [self.language.path_of(path), path.to_owned()];
        let text = |path: PathBuf| {
            let markdown = fs::read_to_string(self.root.join(&path)).ok()?;
            Some(Text { path: path.display().to_string(), markdown })
        };
        paths.into_iter().find_map(text).unwrap_or_default()
    }

    /// The chapters of a page of `items`, none of which has run. Before the items of a folder that has a
    /// README of its own stands that README.
    pub fn chapters(&self, items: &[&Item], workspace: &Workspace) -> Vec<Chapter> {
        let mut chapters: Vec<Chapter> = Vec::new();
        let is_new = |chapters: &[Chapter], path: &str| {
            !path.is_empty() && chapters.iter().all(|chapter| chapter.text.path != path)
        };
        for item in items {
            // One from elsewhere has no folder.
            let folder = workspace.folder(item).ok();
            let folder = folder.and_then(|folder| folder.strip_prefix(self.root).ok());
            let around = folder.and_then(Path::parent).filter(|around| *around != Path::new(""));
            if let Some(around) = around {
                let text = self.read(&around.join("README.md"));
                if is_new(&chapters, &text.path) {
                    chapters.push(Chapter { text, item: None });
                }
            }
            let shown = Shown {
                number: item.number,
                title: workspace.title(item).unwrap_or(item.package).to_owned(),
                package: item.package.into(),
                files: folder.map(|folder| self.files(folder)).unwrap_or_default(),
                run: None,
                pythons: Vec::new(),
            };
            let text = folder.map(|folder| self.read(&folder.join("README.md")));
            chapters.push(Chapter { text: text.unwrap_or_default(), item: Some(shown) });
        }
        for path in AFTERWARDS {
            chapters.push(Chapter { text: self.read(Path::new(path)), item: None });
        }
        chapters
    }

    /// What a reader may want to open in the `folder` of an item: the story, the ideas, the Python.
    fn files(&self, folder: &Path) -> Vec<SourceFile> {
        let sources = fs::read_dir(self.root.join(folder).join("src"));
        let mut sources: Vec<String> = sources
            .into_iter()
            .flatten()
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter(|name| Path::new(name).extension().is_some_and(|ending| ending == "rs"))
            .collect();
        sources.sort_by_key(|name| (name != "main.rs", name != "lib.rs", name.clone()));
        let sources = sources.into_iter().map(|name| format!("src/{name}"));
        let file = |name: String| {
            let path = folder.join(name);
            let text = fs::read_to_string(self.root.join(&path)).ok()?;
            Some(SourceFile { about: about(&text), path: path.display().to_string() })
        };
        sources.chain([IN_PYTHON.to_owned()]).filter_map(file).collect()
    }
}

/// The language that the environment asks for (locale(7)).
pub fn preferred() -> Language {
    let is_korean = locale("LC_MESSAGES").is_some_and(|locale| locale.starts_with("ko"));
    if is_korean { Language::Ko } else { Language::En }
}

/// The first sentence of what a source file says of itself.
fn about(text: &str) -> String {
    let lines = text.lines().map_while(|line| line.strip_prefix("//!"));
    let paragraph: Vec<&str> = lines.map(str::trim).take_while(|line| !line.is_empty()).collect();
    let paragraph = paragraph.join(" ");
    let sentence = paragraph.split_inclusive(". ").next().unwrap_or_default();
    sentence.trim().trim_end_matches(['.', ':']).to_owned()
}

/// The address of the workspace for the file `page`. Where the page lies in the workspace, the address leads
/// from the page to the files, so that it is right also when the workspace has been moved.
pub fn address(page: &Path, root: &Path) -> String {
    let real = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    // The parent of a bare name is empty.
    let (folder, root) = (real(&Path::new(".").join(page.parent().unwrap_or(root))), real(root));
    match folder.strip_prefix(&root) {
        Ok(from) => "../".repeat(from.components().count()),
        Err(_) => format!("file://{}/", percent_encoded(&root)),
    }
}

/// A path as a part of an address (RFC 3986, 2.1).
fn percent_encoded(path: &Path) -> String {
    let mut encoded = String::new();
    for byte in path.as_os_str().as_encoded_bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(byte) {
            encoded.push(char::from(*byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_says_what_it_is_in_its_first_sentence() {
        let text =
            "//! The race: five threads\n//! count. Without a lock.\n//!\n//! More.\n\nuse x;\n";
        assert_eq!(about(text), "The race: five threads count");
        assert_eq!(about("fn main() {}\n"), "");
    }

    #[test]
    fn an_item_has_the_files_that_a_reader_opens() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("item/src")).unwrap();
        for name in ["race.rs", "lib.rs", "main.rs", "cost.rs", "notes.txt"] {
            let path = root.path().join("item/src").join(name);
            fs::write(path, "//! What it is: a file.\n").unwrap();
        }
        let texts = Texts { root: root.path(), language: Language::En };
        let files = texts.files(Path::new("item"));
        assert!(files.iter().all(|file| file.about == "What it is: a file"));
        let files: Vec<_> = files.iter().map(|file| &*file.path).collect();
        let names = ["main", "lib", "cost", "race"].map(|name| format!("item/src/{name}.rs"));
        assert_eq!(files, names);
    }

    #[test]
    fn a_text_is_in_the_language_that_was_asked_for_or_in_english() {
        let root = tempfile::tempdir().unwrap();
        for name in ["README.md", "README.ko.md", "GLOSSARY.md"] {
            fs::write(root.path().join(name), name).unwrap();
        }
        let read = |language, path: &str| {
            let text = Texts { root: root.path(), language }.read(Path::new(path));
            assert_eq!(text.path, text.markdown);
            text.path
        };
        assert_eq!(read(Language::En, "README.md"), "README.md");
        assert_eq!(read(Language::Ko, "README.md"), "README.ko.md");
        assert_eq!(read(Language::Ko, "GLOSSARY.md"), "GLOSSARY.md");
        assert_eq!(read(Language::Ko, "PATTERNS.md"), "");
    }

    #[test]
    fn a_page_in_the_workspace_finds_the_files_wherever_that_is_moved() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        assert_eq!(address(&root.join("target/page.html"), root), "../");
        assert_eq!(address(&root.join("page.html"), root), "");
        let elsewhere = address(Path::new("/page.html"), root);
        assert!(elsewhere.starts_with("file:///") && elsewhere.ends_with('/'));
    }

    #[test]
    fn what_an_address_may_not_hold_is_encoded() {
        assert_eq!(percent_encoded(Path::new("a b/ü\"<.rs")), "a%20b/%C3%BC%22%3C.rs");
    }
}
