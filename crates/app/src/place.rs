//! Where a desk is kept.

use crate::Error;
use crate::kept::Kept;
use std::path::{Path, PathBuf};
use store::{Keys, Store};

/// A folder with its own SQLite, or a PostgreSQL database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    Folder(PathBuf),
    /// A `postgres://` URL. Printed without its password.
    Postgres(String),
}

/// Whether a desk may be made where there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    Existing,
    OrNew,
}

impl Place {
    /// As people may see it.
    pub fn shown(&self) -> String {
        match self {
            Place::Folder(folder) => folder.display().to_string(),
            Place::Postgres(url) => without_password(url),
        }
    }

    /// The option that names this place on the command line.
    pub fn option(&self) -> String {
        match self {
            Place::Folder(folder) => format!("--dir {}", folder.display()),
            Place::Postgres(url) => format!("--db {}", without_password(url)),
        }
    }

    /// The folder of the desk's keys and `desk.toml`: the desk's own, or for a database DOCKET_HOME, or a folder under the
    /// user's home named after the database. Each database needs its own, because its audit log is named by its key.
    pub fn home(&self) -> Result<PathBuf, Error> {
        match self {
            Place::Folder(folder) => Ok(folder.clone()),
            Place::Postgres(url) => {
                if let Some(home) = std::env::var_os("DOCKET_HOME") {
                    return Ok(PathBuf::from(home));
                }
                let user = std::env::var_os("HOME").ok_or(Error::NoHome)?;
                Ok(Path::new(&user).join(".docket").join(database_name(url)))
            }
        }
    }

    pub(crate) fn open(&self, opening: Opening) -> Result<Kept, Error> {
        let doing = Error::store("opening the desk");
        let mut kept = match self {
            Place::Folder(folder) => {
                let there = folder.join("desk.db").is_file();
                if !there && opening == Opening::Existing {
                    return Err(Error::NoDesk {
                        place: self.shown(),
                    });
                }
                Kept::new(store::sqlite::Store::open(folder).map_err(doing)?)
            }
            Place::Postgres(url) => {
                let home = self.home()?;
                let (url, schema) = schema_of(url)?;
                let keys = Keys::open(&home).map_err(Error::store("reading the desk's keys"))?;
                let store = match schema {
                    Some(schema) => store::pg::Store::connect_in(&url, &schema, keys),
                    None => store::pg::Store::connect(&url, keys),
                };
                Kept::new(store.map_err(doing)?)
            }
        };
        kept.migrate()
            .map_err(Error::store("bringing the schema up to date"))?;
        Ok(kept)
    }
}

/// Takes `schema=name` out of a URL's query: several desks can share one database, each in a schema of its own.
fn schema_of(url: &str) -> Result<(String, Option<String>), Error> {
    let Some((base, query)) = url.split_once('?') else {
        return Ok((url.to_owned(), None));
    };
    let (own, others): (Vec<&str>, Vec<&str>) = query
        .split('&')
        .partition(|pair| pair.starts_with("schema="));
    let schema = own.first().and_then(|pair| pair.strip_prefix("schema="));
    let plain = |name: &str| {
        !name.is_empty()
            && name
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    };
    if let Some(found) = schema.filter(|name| !plain(name)) {
        return Err(Error::SchemaName {
            found: found.to_owned(),
        });
    }
    let rest = if others.is_empty() {
        base.to_owned()
    } else {
        format!("{base}?{}", others.join("&"))
    };
    Ok((rest, schema.map(str::to_owned)))
}

/// `postgres://user:password@host/name` without what stands between the colon and the at-sign.
fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let (authority, path) = rest
        .split_once('/')
        .map_or((rest, ""), |(authority, path)| (authority, path));
    let shown = match authority.rsplit_once('@') {
        Some((user, host)) => {
            let name = user.split(':').next().unwrap_or_default();
            format!("{name}@{host}")
        }
        None => authority.to_owned(),
    };
    // A password may also stand in the query, of which only the schema is shown.
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let schema = query.split('&').find(|pair| pair.starts_with("schema="));
    let schema = schema.map(|pair| format!("?{pair}")).unwrap_or_default();
    format!("{scheme}://{shown}/{path}{schema}")
}

/// A folder name for a database: its shown URL with everything but letters, digits, dots and hyphens replaced, and some
/// digits of a hash so that two databases never share one.
fn database_name(url: &str) -> String {
    let shown = without_password(url);
    let plain = shown.chars().map(|c| {
        if c.is_ascii_alphanumeric() || matches!(c, '.' | '-') {
            c
        } else {
            '_'
        }
    });
    let name: String = plain.collect();
    let hash = dispute::id::sha256_hex(shown.as_bytes());
    let short: String = hash.chars().take(8).collect();
    format!("{}-{short}", name.trim_start_matches("postgres"))
        .trim_start_matches(['q', 'l', '_'])
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_never_shown() {
        let check =
            |url: &str, want: &str| assert_eq!(Place::Postgres(url.to_owned()).shown(), want);
        check(
            "postgres://u:secret@host:5432/desk?password=secret",
            "postgres://u@host:5432/desk",
        );
        check("postgres://u:p@ss@host/desk", "postgres://u@host/desk");
        check("postgres://host/desk", "postgres://host/desk");
    }

    #[test]
    fn a_schema_is_taken_out_of_the_url() {
        let read = |url: &str| schema_of(url).map_err(|error| error.to_string());
        assert_eq!(
            read("postgres://h/d"),
            Ok((String::from("postgres://h/d"), None))
        );
        let url = "postgres://h/d?connect_timeout=3&schema=desk_2&a=b";
        let rest = String::from("postgres://h/d?connect_timeout=3&a=b");
        assert_eq!(read(url), Ok((rest, Some(String::from("desk_2")))));
        assert!(read("postgres://h/d?schema=a;drop").is_err());
        assert_eq!(
            Place::Postgres(url.to_owned()).shown(),
            "postgres://h/d?schema=desk_2"
        );
    }

    #[test]
    fn each_database_has_its_own_folder() {
        let one = database_name("postgres://u:a@host/one");
        assert_ne!(one, database_name("postgres://u:a@host/two"));
        assert_eq!(one, database_name("postgres://u:b@host/one"));
        assert!(one.starts_with("u_host_one-"), "{one}");
    }
}
