//! System packages the checks need. Today that is PostgreSQL's server alone. A browser is left out until there are
//! pages to open in it.

use std::process::Command;

use anyhow::{Result, bail};

use crate::postgres::server_program;
use crate::steps::succeed;
use crate::workspace::find_program;

/// Makes sure a PostgreSQL server is installed: installs Debian's when we are root, and otherwise says what to do.
pub(crate) fn ensure_postgres() -> Result<()> {
    if let Some(initdb) = server_program("initdb") {
        println!("    found {}", initdb.display());
        return Ok(());
    }
    if !is_root() || find_program("apt-get", &[]).is_none() {
        bail!(
            "no PostgreSQL server found: install the package `postgresql`, or pass --without-postgres"
        );
    }
    println!("    PostgreSQL is missing: installing the package `postgresql` with apt-get");
    let apt = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive");
        succeed(&mut command)
    };
    apt(&["update", "--quiet"])?;
    apt(&[
        "install",
        "--yes",
        "--quiet",
        "--no-install-recommends",
        "postgresql",
    ])?;
    match server_program("initdb") {
        Some(initdb) => {
            println!("    installed {}", initdb.display());
            Ok(())
        }
        None => bail!("apt-get installed `postgresql`, and still no initdb is found"),
    }
}

pub(crate) fn is_root() -> bool {
    user_id(None) == Some(0)
}

/// The number of a user, or of ourselves.
pub(crate) fn user_id(name: Option<&str>) -> Option<u32> {
    id("-u", name)
}

/// The number of a user's main group.
pub(crate) fn group_id(name: &str) -> Option<u32> {
    id("-g", Some(name))
}

fn id(which: &str, name: Option<&str>) -> Option<u32> {
    let output = Command::new("id").arg(which).args(name).output().ok()?;
    if !output.status.success() {
        return None;
    }
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}
