//! What a desk of a test is kept in: a folder of its own, or a schema of its own in PostgreSQL where `DOCKET_TEST_POSTGRES`
//! names a server.

use crate::run::{Folder, Ran, program, ran};
use std::process::Command;

pub enum Base {
    Folder {
        dir: String,
    },
    Postgres {
        /// Where its settings and keys are.
        home: String,
        url: String,
        schema: String,
    },
}

/// The server that the environment names; without one, says what is left out.
#[allow(
    clippy::print_stderr,
    reason = "a test that leaves something out says so"
)]
pub fn server() -> Option<String> {
    let server = std::env::var("DOCKET_TEST_POSTGRES").ok();
    if server.is_none() {
        eprintln!("skipped: DOCKET_TEST_POSTGRES names no server");
    }
    server
}

impl Base {
    pub fn folder(folder: &Folder) -> Base {
        Base::Folder {
            dir: folder.path("desk"),
        }
    }

    pub fn postgres(folder: &Folder, server: &str) -> Base {
        // The folder's name is random, so that no schema of an earlier run is ever met.
        let hash = dispute::id::sha256_hex(folder.path("").as_bytes());
        let schema = format!("cli_{}", hash.get(..16).unwrap());
        let joint = if server.contains('?') { '&' } else { '?' };
        Base::Postgres {
            home: folder.path("desk"),
            url: format!("{server}{joint}schema={schema}"),
            schema,
        }
    }

    /// A run of the program on it that was not begun yet.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = program();
        command.args(args);
        match self {
            Base::Folder { dir } => command.args(["--dir", dir]),
            Base::Postgres { home, url, .. } => {
                command.env("DOCKET_HOME", home).args(["--db", url])
            }
        };
        command
    }

    pub fn run(&self, args: &[&str]) -> Ran {
        let output = self.command(args).output();
        ran(output.expect("the program starts"), args)
    }

    /// `serve` at a free port, ready to be started.
    pub fn serve(&self) -> Command {
        self.command(&["serve", "--listen", "127.0.0.1:0", "--json"])
    }
}

impl Drop for Base {
    /// Best effort: a server that is gone took the schema with it.
    fn drop(&mut self) {
        if let Base::Postgres { url, schema, .. } = self
            && let Ok(mut client) = client(url)
        {
            let sql = format!(
                "DROP SCHEMA IF EXISTS {schema} CASCADE; DROP ROLE IF EXISTS docket_sight_{schema}"
            );
            let _dropped = client.batch_execute(&sql);
        }
    }
}

/// A connection that sees the schema which the URL names.
pub fn client(url: &str) -> Result<postgres::Client, postgres::Error> {
    let (server, schema) = url.rsplit_once("schema=").expect("the URL names a schema");
    let server = server.trim_end_matches(['?', '&']);
    let mut client = postgres::Client::connect(server, postgres::NoTls)?;
    client.batch_execute(&format!("SET search_path TO {schema}"))?;
    Ok(client)
}
