//! The tree of files, in memory: read once from disk, or planted by a test.

use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};

/// Folders that hold nothing written by hand.
const SKIPPED: [&str; 3] = [".git", "target", "node_modules"];

/// Every file's text by its path from the root, with `/`. Bytes that are not UTF-8 read as U+FFFD.
#[derive(Debug)]
pub struct Repository {
    files: BTreeMap<String, String>,
}

impl Repository {
    /// Reads the tree below `root`, without build output and desks (`*.desk`).
    ///
    /// # Errors
    /// The first folder or file that cannot be read.
    pub fn load(root: &Path) -> io::Result<Repository> {
        let mut files = BTreeMap::new();
        let mut folders = vec![root.to_path_buf()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder)? {
                let entry = entry?;
                let name = entry.file_name().to_string_lossy().into_owned();
                if SKIPPED.contains(&name.as_str()) || name.ends_with(".desk") {
                    continue;
                }
                let path = entry.path();
                if entry.file_type()?.is_dir() {
                    folders.push(path);
                    continue;
                }
                // A file removed between listing and reading is not part of the tree.
                let bytes = match fs::read(&path) {
                    Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                    read => read?,
                };
                let relative = path.strip_prefix(root).expect("the walk starts at root");
                let relative = relative.to_string_lossy().replace('\\', "/");
                // What is packed in a picture reads as any word by chance.
                let text = match relative.ends_with(".png") {
                    true => String::new(),
                    false => String::from_utf8_lossy(&bytes).into_owned(),
                };
                files.insert(relative, text);
            }
        }
        Ok(Repository { files })
    }

    /// A tree of these files, for a test.
    pub fn planted(files: &[(&str, &str)]) -> Repository {
        let owned = |(path, text): &(&str, &str)| ((*path).to_owned(), (*text).to_owned());
        Repository {
            files: files.iter().map(owned).collect(),
        }
    }

    pub fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }

    /// Whether `path` is a file, or a folder with a file in it. The empty path is the root.
    pub fn holds(&self, path: &str) -> bool {
        path.is_empty()
            || self.files.contains_key(path)
            || self.below(&format!("{path}/")).next().is_some()
    }

    /// All files, by path.
    pub fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// The files whose path starts with `prefix`, by path.
    pub fn below<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.files
            .range(prefix.to_owned()..)
            .take_while(move |(path, _)| path.starts_with(prefix))
            .map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// All Rust sources, by path.
    pub fn rust(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files().filter(|(path, _)| path.ends_with(".rs"))
    }
}
