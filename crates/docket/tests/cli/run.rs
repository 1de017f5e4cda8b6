//! Running the program and looking at what it said.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

/// The instant at which the demonstration of these tests ends.
pub const MORNING: &str = "2026-11-23T09:00:00Z";

/// One run of the program.
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
    command: String,
}

/// The program, with nothing of the tester's environment that it looks at.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_docket"));
    for variable in ["DOCKET_USER", "DOCKET_HOME", "DOCKET_LOG", "CLICOLOR_FORCE"] {
        command.env_remove(variable);
    }
    command.stdin(Stdio::null());
    command
}

/// Runs the program to its end.
#[track_caller]
pub fn docket(args: &[&str]) -> Ran {
    ran(
        program().args(args).output().expect("the program starts"),
        args,
    )
}

pub fn ran(output: Output, args: &[&str]) -> Ran {
    Ran {
        code: output.status.code().expect("the program ends by itself"),
        out: String::from_utf8(output.stdout).expect("the answer is UTF-8"),
        err: String::from_utf8(output.stderr).expect("the complaint is UTF-8"),
        command: args.join(" "),
    }
}

impl Ran {
    #[track_caller]
    pub fn exits(self, code: i32) -> Ran {
        assert_eq!(
            self.code, code,
            "docket {}\n{}{}",
            self.command, self.out, self.err
        );
        self
    }

    /// The answer as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|error| panic!("{error}: {}{}", self.out, self.err))
    }

    #[track_caller]
    pub fn says(self, part: &str) -> Ran {
        assert!(
            self.out.contains(part),
            "no `{part}` in the answer to {}:\n{}{}",
            self.command,
            self.out,
            self.err
        );
        self
    }

    #[track_caller]
    pub fn complains(self, part: &str) -> Ran {
        assert!(
            self.err.contains(part),
            "no `{part}` in the complaint about {}:\n{}",
            self.command,
            self.err
        );
        self
    }
}

/// A fixture of our own.
pub fn fixture(path: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../providers/fixtures");
    folder
        .join(path)
        .to_str()
        .expect("the path is UTF-8")
        .to_owned()
}

/// A sample of the tutorial.
pub fn sample(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/start");
    folder
        .join(name)
        .to_str()
        .expect("the path is UTF-8")
        .to_owned()
}

/// A folder for one test, gone when it ends.
pub struct Folder(pub tempfile::TempDir);

impl Folder {
    pub fn new() -> Folder {
        Folder(tempfile::tempdir().expect("a temporary folder"))
    }

    pub fn path(&self, name: &str) -> String {
        self.0
            .path()
            .join(name)
            .to_str()
            .expect("the path is UTF-8")
            .to_owned()
    }

    pub fn write(&self, name: &str, content: &[u8]) -> String {
        let path = self.0.path().join(name);
        std::fs::create_dir_all(path.parent().expect("inside the folder")).expect("a folder");
        std::fs::write(&path, content).expect("a file");
        self.path(name)
    }
}

/// A desk with the sample dispute on it.
pub fn sample_desk() -> (Folder, String) {
    let folder = Folder::new();
    let dir = folder.path("desk");
    docket(&[
        "ingest",
        "--dir",
        &dir,
        "stripe",
        &sample("created.json"),
        "--at",
        "2026-03-02T09:05:00Z",
    ])
    .exits(0);
    (folder, dir)
}

/// A copy of the demonstration's desk, which is made once: it takes seconds.
pub fn demo_desk() -> (Folder, String) {
    static MADE: OnceLock<(Folder, String)> = OnceLock::new();
    let (_, made) = MADE.get_or_init(|| {
        let folder = Folder::new();
        let dir = folder.path("desk");
        docket(&["demo", "--no-serve", "--dir", &dir, "--at", MORNING]).exits(0);
        (folder, dir)
    });
    let folder = Folder::new();
    let dir = folder.path("desk");
    copy(&PathBuf::from(made), &PathBuf::from(&dir));
    (folder, dir)
}

pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("a copy");
        }
    }
}

/// A PDF of one page that shows this text, which has no brackets.
pub fn pdf(text: &str) -> Vec<u8> {
    pdf_of(1, text)
}

/// A PDF of so many pages that all show this text.
pub fn pdf_of(pages: usize, text: &str) -> Vec<u8> {
    let show = format!("BT /F1 12 Tf 72 720 Td ({text}) Tj ET");
    let kids: String = (0..pages)
        .map(|page| format!("{} 0 R ", page + 5))
        .collect();
    let mut objects = vec![
        String::from("<< /Type /Catalog /Pages 2 0 R >>"),
        format!("<< /Type /Pages /Kids [{kids}] /Count {pages} >>"),
        format!("<< /Length {} >>\nstream\n{show}\nendstream", show.len()),
        String::from("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"),
    ];
    let page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 3 0 R /Resources << /Font << /F1 4 0 R >> >> >>";
    objects.extend(std::iter::repeat_n(page.to_owned(), pages));
    let size = objects.len() + 1;
    let mut pdf = b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n".to_vec();
    let mut table = format!("xref\n0 {size}\n0000000000 65535 f \n");
    for (number, object) in (1..).zip(&objects) {
        table.push_str(&format!("{:010} 00000 n \n", pdf.len()));
        pdf.extend(format!("{number} 0 obj\n{object}\nendobj\n").into_bytes());
    }
    let at = pdf.len();
    let end = format!("{table}trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{at}\n%%EOF\n");
    pdf.extend(end.into_bytes());
    pdf
}
