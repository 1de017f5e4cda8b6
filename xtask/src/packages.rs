//! System packages the checks need: PostgreSQL's server, a browser, and the interpreters that official clients run in.

use std::path::PathBuf;
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
    if !can_install() {
        bail!(
            "no PostgreSQL server found: install the package `postgresql`, or pass --without-postgres"
        );
    }
    install("PostgreSQL", &["postgresql"])?;
    match server_program("initdb") {
        Some(initdb) => {
            println!("    installed {}", initdb.display());
            Ok(())
        }
        None => bail!("apt-get installed `postgresql`, and still no initdb is found"),
    }
}

/// The program of this name, from the system's packages when it is not there.
pub(crate) fn ensure_program(name: &str, packages: &[&str]) -> Result<PathBuf> {
    if let Some(found) = find_program(name, &[]) {
        return Ok(found);
    }
    let packages_named = packages.join(" ");
    if !can_install() {
        bail!("no `{name}` found: install the packages {packages_named}");
    }
    install(name, packages)?;
    match find_program(name, &[]) {
        Some(found) => Ok(found),
        None => bail!("apt-get installed {packages_named}, and still no `{name}` is found"),
    }
}

fn can_install() -> bool {
    is_root() && find_program("apt-get", &[]).is_some()
}

fn install(what: &str, packages: &[&str]) -> Result<()> {
    println!(
        "    {what} is missing: installing {} with apt-get",
        packages.join(" ")
    );
    let apt = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive");
        succeed(&mut command)
    };
    apt(&["update", "--quiet"])?;
    let mut arguments = vec!["install", "--yes", "--quiet", "--no-install-recommends"];
    arguments.extend(packages);
    apt(&arguments)
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
