//! `docket merchant`, `person` and `api-key`: who may enter, and for whom.

use super::{instant, open, read, stop};
use crate::cli::Now;
use crate::cli::entrance::{
    AddMerchant, AddPerson, ApiKey, Doer as Args, Leaked, ListKeys, Merchant, MintKey, Mode,
    OneKey, OnePerson, Own, Person, RoleAt, RoleOf, RotateKey,
};
use crate::exit::{Ended, Exit, Failure, Stop};
use crate::out::{BOLD, DIM, Out, styled};
use access::key::find_keys;
use access::network::Network;
use access::scope::Scopes;
use access::{MerchantId, Tenant};
use api::version::Version;
use app::entrance::{Doer, EntryLink, Invited, KeyView, Mint, Minted, PersonView};
use app::{Desk, Opening};
use dispute::fact::Scope;
use serde_json::{Value, json};

const HOUR_SECONDS: i64 = 3_600;

fn begin(args: &Args, mode: Mode) -> Result<(Desk, Doer), Stop> {
    let now = instant(&args.now)?;
    let desk = open(&args.desk, Opening::Existing)?;
    Ok((desk, Doer::at_the_shell(&args.name, of_mode(mode), now)))
}

fn of_mode(mode: Mode) -> access::Mode {
    match mode {
        Mode::Live => access::Mode::Live,
        Mode::Test => access::Mode::Test,
    }
}

fn unfit(error: &impl ToString, option: &str) -> Stop {
    Failure::misuse("DP-5003", error.to_string())
        .at(option)
        .into()
}

fn tenant(merchant: Option<&str>) -> Result<Tenant, Stop> {
    let Some(text) = merchant else {
        return Ok(Tenant::Desk);
    };
    let id = MerchantId::parse(text);
    id.map(Tenant::Merchant)
        .map_err(|error| unfit(&error, "--merchant"))
}

pub fn merchant(args: &Merchant, out: &mut Out) -> Ended {
    match args {
        Merchant::Add(args) => add_merchant(args, out),
        Merchant::List(args) => list_merchants(args, out),
        Merchant::Own(args) => own(args, out),
    }
}

fn add_merchant(args: &AddMerchant, out: &mut Out) -> Ended {
    let (mut desk, by) = begin(&args.doer, Mode::Live)?;
    let made = desk
        .add_merchant(&by, args.id.as_deref(), &args.name)
        .map_err(stop)?;
    if out.json() {
        out.value(&made)?;
    } else {
        out.line(&format!(
            "{} is merchant {}",
            made.name,
            styled(BOLD, &made.id)
        ))?;
    }
    Ok(Exit::Fine)
}

fn list_merchants(args: &Args, out: &mut Out) -> Ended {
    let (mut desk, by) = begin(args, Mode::Live)?;
    let merchants = desk.list_merchants(&by).map_err(stop)?;
    if out.json() {
        out.value(&merchants)?;
        return Ok(Exit::Fine);
    }
    let rows = merchants.into_iter().map(|row| {
        let accounts = row.accounts.iter();
        let accounts: Vec<String> = accounts
            .map(|owned| format!("{}/{} ({})", owned.provider, owned.account, owned.mode))
            .collect();
        vec![row.id, row.name, accounts.join(", ")]
    });
    out.table(&["merchant", "name", "accounts"], rows.collect())?;
    Ok(Exit::Fine)
}

fn own(args: &Own, out: &mut Out) -> Ended {
    let (mut desk, by) = begin(&args.doer, args.mode)?;
    let scope = Scope {
        provider: args.provider.clone(),
        account: args.account.clone(),
    };
    let merchant = desk
        .own_account(&by, &args.merchant, &scope, of_mode(args.mode))
        .map_err(stop)?;
    if out.json() {
        out.value(&merchant)?;
    } else {
        out.line(&format!(
            "{}/{} is {}'s ({})",
            args.provider,
            args.account,
            merchant.name,
            of_mode(args.mode)
        ))?;
    }
    Ok(Exit::Fine)
}

pub fn person(args: &Person, out: &mut Out) -> Ended {
    match args {
        Person::Add(args) => add_person(args, out),
        Person::List(args) => list_people(args, out),
        Person::Grant(args) => role(args, out, Desk::grant_role),
        Person::Revoke(args) => role(args, out, Desk::revoke_role),
        Person::Disable(args) => change(args, out, Desk::disable_person),
        Person::Enable(args) => change(args, out, Desk::enable_person),
        Person::Renew(args) => renew(args, out),
    }
}

fn add_person(args: &AddPerson, out: &mut Out) -> Ended {
    let (mut desk, by) = begin(&args.doer, Mode::Live)?;
    let RoleAt { role, merchant } = &args.role;
    let tenant = tenant(merchant.as_deref())?;
    let Invited { person, link } = desk
        .invite(&by, &args.email, &args.name, *role, &tenant)
        .map_err(stop)?;
    if out.json() {
        let link = link.as_ref().map(link_value);
        out.value(&json!({ "person": person, "link": link }))?;
        return Ok(Exit::Fine);
    }
    out.line(&format!(
        "{} is person {}",
        person.email,
        styled(BOLD, &person.id)
    ))?;
    match &link {
        Some(link) => print_link(link, out)?,
        None => out.line("They are known already, so there is no link.")?,
    }
    Ok(Exit::Fine)
}

fn link_value(link: &EntryLink) -> Value {
    json!({
        "path": path(link),
        "purpose": link.purpose,
        "expires_at": link.expires_at.to_string(),
    })
}

/// Behind the desk's own address.
fn path(link: &EntryLink) -> String {
    format!("/enter/{}", link.token.expose())
}

fn print_link(link: &EntryLink, out: &mut Out) -> Result<(), Stop> {
    out.line(&path(link))?;
    let until = link.expires_at;
    out.line(&styled(
        DIM,
        &format!("  This link sets password and code, once, until {until}. It is not shown again."),
    ))
}

fn list_people(args: &Args, out: &mut Out) -> Ended {
    let (mut desk, by) = begin(args, Mode::Live)?;
    let people = desk.list_people(&by).map_err(stop)?;
    if out.json() {
        out.value(&people)?;
        return Ok(Exit::Fine);
    }
    let rows = people.into_iter().map(|row| {
        let state = match (row.disabled_at, row.has_password, &row.signs_in_through) {
            (Some(_), _, _) => String::from("disabled"),
            (None, _, Some(issuer)) => format!("through {issuer}"),
            (None, true, None) => String::from("password and code"),
            (None, false, None) => String::from("invited"),
        };
        let held = roles_text(&row);
        vec![row.id, row.email, row.name, held, state]
    });
    out.table(
        &["person", "address", "name", "roles", "enters by"],
        rows.collect(),
    )?;
    Ok(Exit::Fine)
}

fn roles_text(person: &PersonView) -> String {
    let held = person.roles.iter().map(|held| match &held.merchant {
        Some(merchant) => format!("{} at {merchant}", held.role),
        None => held.role.clone(),
    });
    held.collect::<Vec<_>>().join(", ")
}

type ChangeRole =
    fn(&mut Desk, &Doer, &str, access::Role, &Tenant) -> Result<PersonView, app::Error>;

fn role(args: &RoleOf, out: &mut Out, change: ChangeRole) -> Ended {
    let (mut desk, by) = begin(&args.person.doer, Mode::Live)?;
    let tenant = tenant(args.role.merchant.as_deref())?;
    let person = change(&mut desk, &by, &args.person.person, args.role.role, &tenant);
    print_person(&person.map_err(stop)?, out)
}

fn change(
    args: &OnePerson,
    out: &mut Out,
    change: fn(&mut Desk, &Doer, &str) -> Result<PersonView, app::Error>,
) -> Ended {
    let (mut desk, by) = begin(&args.doer, Mode::Live)?;
    let person = change(&mut desk, &by, &args.person).map_err(stop)?;
    print_person(&person, out)
}

fn print_person(person: &PersonView, out: &mut Out) -> Ended {
    if out.json() {
        out.value(person)?;
    } else {
        let held = match roles_text(person) {
            none if none.is_empty() => String::from("no role"),
            held => held,
        };
        let disabled = person.disabled_at.map_or("", |_| ", disabled");
        out.line(&format!("{} has {held}{disabled}", person.email))?;
    }
    Ok(Exit::Fine)
}

fn renew(args: &OnePerson, out: &mut Out) -> Ended {
    let (mut desk, by) = begin(&args.doer, Mode::Live)?;
    let link = desk.renew_entry(&by, &args.person).map_err(stop)?;
    if out.json() {
        out.value(&link_value(&link))?;
    } else {
        print_link(&link, out)?;
    }
    Ok(Exit::Fine)
}

pub fn api_key(args: &ApiKey, out: &mut Out) -> Ended {
    match args {
        ApiKey::Mint(args) => mint(args, out),
        ApiKey::List(args) => list_keys(args, out),
        ApiKey::Rotate(args) => rotate(args, out),
        ApiKey::Revoke(args) => revoke(args, out),
        ApiKey::Leaked(args) => leaked(args, out),
    }
}

fn mint(args: &MintKey, out: &mut Out) -> Ended {
    let scopes = args.scopes.as_deref().map(Scopes::parse);
    let networks = args.networks.iter().map(|text| Network::parse(text));
    let expires = args
        .expires
        .clone()
        .map(|at| instant(&Now { at: Some(at) }));
    let version = args.api_version.as_deref().map(Version::parse);
    let wish = Mint {
        label: args.label.clone(),
        tenant: tenant(args.merchant.as_deref())?,
        mode: of_mode(args.mode),
        roles: args.roles.clone(),
        scopes: scopes
            .transpose()
            .map_err(|error| unfit(&error, "--scopes"))?,
        networks: networks
            .collect::<Result<_, _>>()
            .map_err(|error| unfit(&error, "--network"))?,
        expires_at: expires.transpose()?,
        api_version: version
            .transpose()
            .map_err(|error| unfit(&error.message, "--api-version"))?
            .map(|version| version.name().to_owned()),
    };
    let (mut desk, by) = begin(&args.doer, args.mode)?;
    print_minted(&desk.mint_key(&by, &wish).map_err(stop)?, out)
}

fn print_minted(minted: &Minted, out: &mut Out) -> Ended {
    if out.json() {
        out.value(&json!({ "key": minted.key, "secret": minted.secret.expose() }))?;
    } else {
        out.line(minted.secret.expose())?;
        out.line(&styled(
            DIM,
            &format!("  This is {}. It is not shown again.", minted.key.id),
        ))?;
    }
    Ok(Exit::Fine)
}

fn list_keys(args: &ListKeys, out: &mut Out) -> Ended {
    let (mut desk, by) = begin(&args.doer, args.mode)?;
    let tenant = tenant(args.merchant.as_deref())?;
    let keys = desk.list_keys(&by, &tenant).map_err(stop)?;
    if out.json() {
        out.value(&keys)?;
        return Ok(Exit::Fine);
    }
    let now = by.now;
    let rows = keys.into_iter().map(|key| {
        let state = state(&key, now);
        let used = key
            .last_used_at
            .map_or_else(|| String::from("never"), |at| at.0.to_string());
        let may = match &key.scopes {
            Some(scopes) => format!("{}: {scopes}", key.roles.join(", ")),
            None => key.roles.join(", "),
        };
        vec![key.id, key.shown, key.label, may, used, state]
    });
    out.table(
        &["key", "shown", "label", "may", "last used", "state"],
        rows.collect(),
    )?;
    Ok(Exit::Fine)
}

fn state(key: &KeyView, now: calendar::Instant) -> String {
    match (key.revoked_at, key.expires_at) {
        (Some(at), _) => format!("revoked {}", at.0),
        (None, Some(at)) if at.0 <= now => format!("ended {}", at.0),
        (None, Some(at)) => format!("until {}", at.0),
        (None, None) => String::from("in use"),
    }
}

fn rotate(args: &RotateKey, out: &mut Out) -> Ended {
    let (mut desk, by) = begin(&args.key.doer, args.key.mode)?;
    let overlap = i64::from(args.overlap_hours) * HOUR_SECONDS;
    let minted = desk.rotate_key(&by, &args.key.key, overlap).map_err(stop)?;
    print_minted(&minted, out)
}

/// What is shaped like a key and is none of this desk's is passed over: its text is nobody's business here.
fn leaked(args: &Leaked, out: &mut Out) -> Ended {
    let text = read(std::path::Path::new(&args.file))?;
    let found = find_keys(&String::from_utf8_lossy(&text));
    let (mut desk, by) = begin(&args.doer, Mode::Live)?;
    let mut revoked = Vec::new();
    for key in &found {
        let known = desk.revoke_leaked_key(key, &args.file, by.now);
        revoked.extend(known.map_err(stop)?);
    }
    if out.json() {
        out.value(&revoked)?;
        return Ok(Exit::Fine);
    }
    for key in &revoked {
        out.line(&format!("{} ({}) is revoked", key.id, key.shown))?;
    }
    if revoked.is_empty() {
        out.line("no key of this desk stands there")?;
    }
    Ok(Exit::Fine)
}

fn revoke(args: &OneKey, out: &mut Out) -> Ended {
    let (mut desk, by) = begin(&args.doer, args.mode)?;
    let key = desk.revoke_key(&by, &args.key).map_err(stop)?;
    if out.json() {
        out.value(&key)?;
    } else {
        out.line(&format!("{} ({}) is revoked", key.id, key.shown))?;
    }
    Ok(Exit::Fine)
}
