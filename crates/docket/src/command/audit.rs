//! `docket audit`: the log out of the desk, and a check that needs no desk.

use super::{found, instant, open, read, stop};
use crate::cli::{Audit, ExportAudit, Verify};
use crate::exit::{Ended, Exit, Failure, Stop};
use crate::out::{DIM, GREEN, Out, RED, styled};
use app::Opening;
use app::audit_log::{Verified, verify};
use std::io::Write;

pub fn run(args: &Audit, out: &mut Out) -> Ended {
    match args {
        Audit::Verify(args) => check(args, out),
        Audit::Export(args) => export(args, out),
    }
}

fn check(args: &Verify, out: &mut Out) -> Ended {
    let key = args
        .key
        .as_deref()
        .map(audit::VerifierKey::parse)
        .transpose();
    let key = key.map_err(|error| {
        Failure::misuse("DP-3014", format!("the key does not read: {error}"))
            .at("--key")
            .hint(
                "A verifier key is written name+8 digits+base64; `docket audit export` prints it.",
            )
    })?;
    let bytes = read(&args.file)?;
    let verified = verify(&bytes, key.as_ref());
    if out.json() {
        out.value(&verified)?;
    } else {
        print(&verified, out)?;
    }
    Ok(found(!verified.holds))
}

fn print(verified: &Verified, out: &mut Out) -> Result<(), Stop> {
    let Verified {
        origin,
        key,
        entries,
        sealed,
        root,
        checkpoints,
        ..
    } = verified;
    out.line(&format!(
        "{origin}: {entries} entries, {sealed} under {checkpoints} checkpoints, root {root}"
    ))?;
    if verified.holds {
        out.line(&styled(
            GREEN,
            "it holds: nothing was edited, inserted, deleted, reordered or cut off",
        ))?;
    }
    if !verified.key_trusted {
        out.line(&styled(DIM, &format!("checked with the key in the file, {key}; give --key to check with one noted elsewhere")))?;
    }
    for finding in &verified.findings {
        out.line(&format!("{}  {finding}", styled(RED, "BROKEN")))?;
    }
    Ok(())
}

fn export(args: &ExportAudit, out: &mut Out) -> Ended {
    let at = instant(&args.now)?;
    let exported = open(&args.desk, Opening::Existing)?
        .export_audit(at)
        .map_err(stop)?;
    let Some(path) = &args.out else {
        out.line(exported.text.trim_end())?;
        return Ok(Exit::Fine);
    };
    let world = |error: std::io::Error| {
        Failure::world("DP-3004", error.to_string()).at(path.display().to_string())
    };
    let mut file = std::fs::File::create(path).map_err(world)?;
    file.write_all(exported.text.as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(world)?;
    let summary = serde_json::json!({
        "file": path.display().to_string(),
        "leaves": exported.leaves,
        "checkpoints": exported.checkpoints,
        "verifier_key": exported.verifier_key,
    });
    if out.json() {
        out.value(&summary)?;
    } else {
        out.line(&format!(
            "{} leaves and {} checkpoints in {}",
            exported.leaves,
            exported.checkpoints,
            path.display()
        ))?;
        out.line(&format!(
            "note this key elsewhere: {}",
            exported.verifier_key
        ))?;
    }
    Ok(Exit::Fine)
}
