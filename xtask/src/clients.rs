//! Clients from their registries, and a browser from the system's packages: what the tests use to look at a desk from
//! outside. Pinned in `clients/`, installed below the build folder, and only when the pins changed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::packages::ensure_program;
use crate::steps::succeed;
use crate::workspace::Workspace;

/// Where the tests find the clients.
pub(crate) const CLIENTS: &str = "DOCKET_TEST_CLIENTS";

/// Installs everything that is not there yet, and returns where it is.
pub(crate) fn ensure(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.target().join("clients");
    fs::create_dir_all(&folder).with_context(|| format!("make {}", folder.display()))?;
    python(workspace, &folder)?;
    node(workspace, &folder)?;
    let chromium = ensure_program("chromium", &["chromium"])?;
    println!("    found {}", chromium.display());
    Ok(folder)
}

fn python(workspace: &Workspace, folder: &Path) -> Result<()> {
    let pins = workspace.path("clients/requirements.txt");
    let home = folder.join("python");
    installed_once(&pins, &home, "pins.txt", || {
        let python = ensure_program("python3", &["python3", "python3-venv"])?;
        succeed(Command::new(python).args(["-m", "venv"]).arg(&home))?;
        let mut pip = Command::new(home.join("bin/pip"));
        pip.args(["install", "--quiet", "--disable-pip-version-check", "-r"]);
        succeed(pip.arg(&pins))
    })
}

fn node(workspace: &Workspace, folder: &Path) -> Result<()> {
    let pins = workspace.path("clients/package.json");
    let home = folder.join("node");
    installed_once(&pins, &home, "pins.json", || {
        ensure_program("node", &["nodejs", "npm"])?;
        let npm = ensure_program("npm", &["npm"])?;
        fs::copy(&pins, home.join("package.json"))?;
        let mut install = Command::new(npm);
        install.current_dir(&home).args([
            "install",
            "--no-package-lock",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
            "--loglevel=error",
        ]);
        succeed(&mut install)
    })
}

/// Runs `install` unless it ran whole for these very pins; what an interrupted run left is removed first.
fn installed_once(
    pins: &Path,
    home: &Path,
    stamp: &str,
    install: impl FnOnce() -> Result<()>,
) -> Result<()> {
    let wanted = fs::read(pins).with_context(|| format!("read {}", pins.display()))?;
    let stamp = home.join(stamp);
    if fs::read(&stamp).is_ok_and(|found| found == wanted) {
        println!("    found {}", home.display());
        return Ok(());
    }
    if home.exists() {
        fs::remove_dir_all(home).with_context(|| format!("remove {}", home.display()))?;
    }
    fs::create_dir_all(home).with_context(|| format!("make {}", home.display()))?;
    install()?;
    if !home.is_dir() {
        bail!("{} is not there after installing", home.display());
    }
    fs::write(&stamp, wanted).with_context(|| format!("write {}", stamp.display()))
}
