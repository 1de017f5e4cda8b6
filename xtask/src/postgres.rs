//! A throw-away PostgreSQL cluster for one run of the tests.
//!
//! `initdb` refuses root, so as root everything runs as `postgres` or `nobody` through `setpriv`, or `runuser` where
//! there is none. The cluster listens on a free port of 127.0.0.1, and on a socket in its own folder where the path is
//! short enough. It trades durability for speed: nothing in it outlives the run.

use std::fs;
use std::io::Read;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::packages::{group_id, is_root, user_id};
use crate::steps::spelled;
use crate::workspace::find_program;

const USER: &str = "docket";
/// Followed by the number of the process that made it.
const FOLDER: &str = "docket-postgres-";
const DATABASE: &str = "postgres";
/// A fresh cluster is ready in about a second; a loaded machine gets sixty.
const READY_IN_MAX: Duration = Duration::from_secs(60);
/// Fast shutdown waits for nobody; after this it is killed.
const STOP_IN_MAX: Duration = Duration::from_secs(15);
const POLL_EVERY: Duration = Duration::from_millis(20);
/// `sockaddr_un` holds 108 bytes with the final zero; `/.s.PGSQL.65535` takes 15.
const SOCKET_FOLDER_BYTES_MAX: usize = 108 - 1 - 15;

/// Settings that make tests fast. A crash of the machine may lose this cluster, and that is what it is for.
const SETTINGS: &[&str] = &[
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=300",
    "shared_buffers=128MB",
    "max_wal_size=2GB",
    "timezone=UTC",
    "log_min_messages=warning",
];

/// Settings of a cluster that keeps what it acknowledges: of durability the server's own.
const DURABLE: &[&str] = &[
    "max_connections=300",
    "shared_buffers=128MB",
    "timezone=UTC",
    "log_min_messages=warning",
];

/// What a cluster keeps when the machine crashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keeps {
    /// For tests.
    Nothing,
    /// For measuring what durability costs.
    Everything,
}

impl Keeps {
    fn settings(self) -> &'static [&'static str] {
        match self {
            Keeps::Nothing => SETTINGS,
            Keeps::Everything => DURABLE,
        }
    }
}

/// A running cluster; dropping it stops it and removes its files.
pub(crate) struct Cluster {
    server: Child,
    folder: PathBuf,
    port: u16,
    password: String,
    keep: bool,
}

impl Cluster {
    /// Makes and starts a cluster below `target`, or below the temporary folder when the server's user may not enter
    /// `target`.
    pub(crate) fn start(target: &Path, keeps: Keeps) -> Result<Cluster> {
        let account = Account::choose()?;
        remove_leftovers(&target.join("postgres"));
        let folder = account.make_folder(target)?;
        let password = random_hex()?;
        initialise(&account, &folder, &password)?;
        let port = free_port()?;
        let server = serve(&account, &folder, port, keeps)?;
        let mut cluster = Cluster {
            server,
            folder,
            port,
            password,
            keep: false,
        };
        if let Err(error) = cluster.await_ready() {
            cluster.keep = true;
            let log = cluster.folder.join("log");
            let text = fs::read_to_string(&log).unwrap_or_default();
            return Err(error.context(format!("log of PostgreSQL, {}:\n{text}", log.display())));
        }
        Ok(cluster)
    }

    pub(crate) fn url(&self) -> String {
        let (password, port) = (&self.password, self.port);
        format!("postgres://{USER}:{password}@127.0.0.1:{port}/{DATABASE}")
    }

    /// What may be shown of the URL.
    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}, data in {}", self.port, self.folder.display())
    }

    /// The last line of `postmaster.pid` says `ready` once connections are taken.
    fn await_ready(&mut self) -> Result<()> {
        let status = self.folder.join("data/postmaster.pid");
        let started = Instant::now();
        while started.elapsed() < READY_IN_MAX {
            if let Some(exit) = self
                .server
                .try_wait()
                .context("ask for the server's state")?
            {
                bail!("the server ended with {exit} while starting");
            }
            let text = fs::read_to_string(&status).unwrap_or_default();
            if text.lines().any(|line| line.trim() == "ready") {
                return Ok(());
            }
            thread::sleep(POLL_EVERY);
        }
        bail!(
            "the server took more than {} s to start",
            READY_IN_MAX.as_secs()
        );
    }

    /// Stops the server and removes its files, and says when that fails.
    pub(crate) fn stop_now(mut self) -> Result<()> {
        self.stop()
    }

    fn stop(&mut self) -> Result<()> {
        // SIGINT is PostgreSQL's fast shutdown: it disconnects everybody and writes its last checkpoint.
        let id = self.server.id().to_string();
        let asked = Command::new("kill")
            .args(["-INT", &id])
            .stderr(Stdio::null())
            .status();
        let asked = asked.is_ok_and(|status| status.success());
        let started = Instant::now();
        while asked && started.elapsed() < STOP_IN_MAX {
            if self
                .server
                .try_wait()
                .context("ask for the server's state")?
                .is_some()
            {
                return Ok(());
            }
            thread::sleep(POLL_EVERY);
        }
        if self
            .server
            .try_wait()
            .context("ask for the server's state")?
            .is_none()
        {
            self.server.kill().context("kill the server")?;
            self.server.wait().context("wait for the killed server")?;
        }
        Ok(())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Err(error) = self.stop() {
            eprintln!(
                "warning: PostgreSQL on port {} may still run: {error:#}",
                self.port
            );
            return;
        }
        if self.keep {
            return;
        }
        if let Err(error) = fs::remove_dir_all(&self.folder) {
            eprintln!("warning: {} stays: {error}", self.folder.display());
        }
    }
}

/// Who runs the server.
enum Account {
    Ourselves,
    Other {
        name: &'static str,
        user: u32,
        group: u32,
    },
}

impl Account {
    fn choose() -> Result<Account> {
        if !is_root() {
            return Ok(Account::Ourselves);
        }
        for name in ["postgres", "nobody"] {
            if let (Some(user), Some(group)) = (user_id(Some(name)), group_id(name)) {
                return Ok(Account::Other { name, user, group });
            }
        }
        bail!("PostgreSQL refuses root, and there is neither a user `postgres` nor a user `nobody`")
    }

    /// An empty folder that the account owns and can reach.
    fn make_folder(&self, target: &Path) -> Result<PathBuf> {
        let mut refused = Vec::new();
        for parent in [target.join("postgres"), std::env::temp_dir()] {
            let folder = parent.join(format!("{FOLDER}{}", std::process::id()));
            fs::create_dir_all(&folder).with_context(|| format!("make {}", folder.display()))?;
            if let Account::Other { user, group, .. } = self {
                chown(&folder, Some(*user), Some(*group))
                    .with_context(|| format!("give away {}", folder.display()))?;
            }
            // Only its owner: the log and the data are nobody else's business.
            fs::set_permissions(&folder, fs::Permissions::from_mode(0o700))
                .with_context(|| format!("close {}", folder.display()))?;
            // The account must pass every folder on the way, which only trying shows.
            let enters = self.command(Path::new("ls")).arg(&folder).output();
            if enters.is_ok_and(|output| output.status.success()) {
                return Ok(folder);
            }
            fs::remove_dir(&folder).with_context(|| format!("remove {}", folder.display()))?;
            refused.push(folder.display().to_string());
        }
        bail!(
            "the server's user can enter neither of {}",
            refused.join(", ")
        )
    }

    /// A command run as this account. The server must not outlive us, even when we are killed.
    fn command(&self, program: &Path) -> Command {
        let setpriv = find_program("setpriv", &[]);
        match (self, setpriv) {
            (Account::Ourselves, None) => Command::new(program),
            (Account::Ourselves, Some(setpriv)) => {
                let mut command = Command::new(setpriv);
                command.args(["--pdeathsig", "INT", "--"]).arg(program);
                command
            }
            (Account::Other { user, group, .. }, Some(setpriv)) => {
                let mut command = Command::new(setpriv);
                command
                    .arg(format!("--reuid={user}"))
                    .arg(format!("--regid={group}"))
                    .args(["--clear-groups", "--pdeathsig", "INT", "--"])
                    .arg(program);
                command
            }
            (Account::Other { name, .. }, None) => {
                let mut command = Command::new("runuser");
                command.args(["-u", name, "--"]).arg(program);
                command
            }
        }
    }
}

/// Removes the clusters of runs that were killed before they could.
fn remove_leftovers(parent: &Path) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let maker = name
            .strip_prefix(FOLDER)
            .map(|id| Path::new("/proc").join(id));
        let abandoned =
            Path::new("/proc/self").exists() && maker.is_some_and(|maker| !maker.exists());
        if abandoned && let Err(error) = fs::remove_dir_all(entry.path()) {
            eprintln!("warning: {} stays: {error}", entry.path().display());
        }
    }
}

/// A program of the server: in PATH, or in Debian's folder of the newest version.
pub(crate) fn server_program(name: &str) -> Option<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .collect();
    versions.sort();
    let folders: Vec<PathBuf> = versions
        .into_iter()
        .rev()
        .map(|(_, folder)| folder)
        .collect();
    find_program(name, &folders)
}

fn initialise(account: &Account, folder: &Path, password: &str) -> Result<()> {
    let initdb = server_program("initdb").context("initdb is not installed")?;
    let password_file = folder.join("password");
    fs::write(&password_file, password).context("write the password for initdb")?;
    if let Account::Other { user, group, .. } = account {
        chown(&password_file, Some(*user), Some(*group)).context("give away the password file")?;
    }
    let mut command = account.command(&initdb);
    command
        .args([
            "--username",
            USER,
            "--auth",
            "scram-sha-256",
            "--encoding",
            "UTF8",
        ])
        .args(["--locale", "C", "--no-sync", "--no-instructions"])
        .arg("--pwfile")
        .arg(&password_file)
        .arg("--pgdata")
        .arg(folder.join("data"))
        // Our own folder may be closed to the other account, and PostgreSQL insists on knowing where it is.
        .current_dir(folder);
    let output = command
        .output()
        .with_context(|| format!("start {}", spelled(&command)))?;
    fs::remove_file(&password_file).context("remove the password file")?;
    if !output.status.success() {
        bail!(
            "initdb ended with {}: {}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(())
}

fn serve(account: &Account, folder: &Path, port: u16, keeps: Keeps) -> Result<Child> {
    let postgres = server_program("postgres").context("postgres is not installed")?;
    let log = fs::File::create(folder.join("log")).context("make the server's log")?;
    let both = log.try_clone().context("share the server's log")?;
    let short = folder.as_os_str().len() <= SOCKET_FOLDER_BYTES_MAX;
    let mut command = account.command(&postgres);
    command
        .arg("-D")
        .arg(folder.join("data"))
        .args(["-h", "127.0.0.1", "-p", &port.to_string()])
        .arg("-k")
        .arg(if short {
            folder.as_os_str()
        } else {
            std::ffi::OsStr::new("")
        })
        .args(keeps.settings().iter().flat_map(|setting| ["-c", setting]))
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(log)
        .stderr(both);
    command
        .spawn()
        .with_context(|| format!("start {}", spelled(&command)))
}

/// A port that was free a moment ago; the server's own start fails loudly if somebody took it since.
fn free_port() -> Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).context("look for a free port")?;
    Ok(listener.local_addr().context("read the free port")?.port())
}

/// 32 hexadecimal digits. Other users of the machine can reach the port, so the cluster has a password.
fn random_hex() -> Result<String> {
    let mut bytes = [0_u8; 16];
    fs::File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut bytes))
        .context("read randomness for the password")?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_starts_answers_and_is_gone_afterwards() {
        if server_program("initdb").is_none() {
            println!("skipped: no PostgreSQL server is installed");
            return;
        }
        let workspace =
            crate::workspace::Workspace::find().expect("the test runs in the workspace");
        let abandoned = workspace
            .target()
            .join("postgres/docket-postgres-4294967295");
        fs::create_dir_all(&abandoned).expect("the target folder takes a folder");
        let cluster = Cluster::start(workspace.target(), Keeps::Nothing).expect("a cluster starts");
        assert!(!abandoned.exists());
        let (url, folder, id) = (cluster.url(), cluster.folder.clone(), cluster.server.id());
        let psql = server_program("psql").expect("psql comes with the server");
        let ask = |url: &str| {
            let output = Command::new(&psql)
                .args([url, "-Atc", "select 40 + 2"])
                .output()
                .expect("psql starts");
            String::from_utf8_lossy(&output.stdout).trim().to_owned()
        };
        assert_eq!(ask(&url), "42");
        assert_eq!(ask(&url.replace(&cluster.password, "wrong")), "");
        drop(cluster);
        assert_eq!(ask(&url), "");
        assert!(!folder.exists());
        assert!(!Path::new(&format!("/proc/{id}")).exists());
    }
}
