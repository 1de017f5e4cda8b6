//! Verifier keys, signed notes and checkpoints as C2SP writes them.
#![allow(clippy::unwrap_used)]

use audit::{
    Checkpoint, CheckpointError, KeyError, NoteError, SignedNote, SigningKey, Tree, VerifierKey,
    leaf_hash,
};

const ORIGIN: &str = "desk.example.com/audit";

fn signing_key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn key(seed: u8) -> VerifierKey {
    VerifierKey::of(&signing_key(seed), ORIGIN).unwrap()
}

fn checkpoint() -> Checkpoint {
    let mut tree = Tree::empty();
    tree.append(leaf_hash(b"first"));
    tree.append(leaf_hash(b"second"));
    Checkpoint::of(ORIGIN, &tree)
}

fn note() -> String {
    checkpoint()
        .sign(&signing_key(1), ORIGIN)
        .unwrap()
        .to_string()
}

#[test]
fn a_public_logs_verifier_key_reads_and_writes_back() {
    // Go's checksum database publishes this key; its id is computed as `signed-note` says.
    let text = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";
    let key = VerifierKey::parse(text).unwrap();
    assert_eq!(key.name(), "sum.golang.org");
    assert_eq!(key.id(), 0x033d_e0ae);
    assert_eq!(key.to_string(), text);
}

#[test]
fn misfit_verifier_keys_are_refused() {
    let form = |text: &str| VerifierKey::parse(text).unwrap_err();
    assert!(matches!(form(""), KeyError::Form { .. }));
    assert!(matches!(form("name+00000000"), KeyError::Form { .. }));
    let good = key(1).to_string();
    let (name, rest) = good.split_once('+').unwrap();
    assert!(matches!(form(&format!("+{rest}")), KeyError::Name { .. }));
    assert!(matches!(
        form(&format!("a b+{rest}")),
        KeyError::Name { .. }
    ));
    assert!(matches!(
        form(&format!("other+{rest}")),
        KeyError::Id { .. }
    ));
    assert!(matches!(
        form(&format!("{name}+{}", rest.to_uppercase())),
        KeyError::Id { .. } | KeyError::Key { .. }
    ));
    assert!(matches!(form(&format!("{good}=")), KeyError::Key { .. }));
    // Type 0x02 is ECDSA, which is not read here.
    assert!(matches!(
        form(&format!("{name}+00000000+AgAA")),
        KeyError::Key { .. }
    ));
}

#[test]
fn a_checkpoint_is_three_lines_and_reads_back() {
    let text = checkpoint().render().unwrap();
    let lines: Vec<&str> = text.split('\n').collect();
    assert_eq!(lines[..2], [ORIGIN, "2"]);
    assert_eq!((lines[2].len(), lines[3], lines.len()), (44, "", 4));
    assert_eq!(Checkpoint::parse(&text), Ok(checkpoint()));
    assert_eq!(
        Checkpoint::parse(&format!("{text}an extension\n")),
        Ok(checkpoint())
    );
}

#[test]
fn misfit_checkpoints_are_refused() {
    let root = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    let refuse = |text: String| Checkpoint::parse(&text).unwrap_err();
    assert_eq!(refuse(format!("a\n0\n{root}")), CheckpointError::Form);
    assert_eq!(refuse(format!("\n0\n{root}\n")), CheckpointError::Form);
    assert_eq!(refuse(format!("a\n0\n{root}\n\n")), CheckpointError::Form);
    assert_eq!(refuse("a\n0\n".into()), CheckpointError::Form);
    for size in ["00", "01", "-1", "+1", " 1", "1e3", "18446744073709551616"] {
        let said = refuse(format!("a\n{size}\n{root}\n"));
        assert!(
            matches!(said, CheckpointError::Size { .. }),
            "{size}: {said}"
        );
    }
    for root in [
        "AAAA",
        "not base64",
        "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=",
    ] {
        let said = refuse(format!("a\n0\n{root}\n"));
        assert!(
            matches!(said, CheckpointError::Root { .. }),
            "{root}: {said}"
        );
    }
    let mut broken = checkpoint();
    broken.origin = "two\nlines".into();
    assert!(matches!(
        broken.render(),
        Err(CheckpointError::Origin { .. })
    ));
}

#[test]
fn a_signed_checkpoint_verifies_under_its_key_only() {
    let note = SignedNote::parse(&note()).unwrap();
    assert_eq!(Checkpoint::verify(&note, &key(1)), Ok(checkpoint()));
    let said = Checkpoint::verify(&note, &key(2)).unwrap_err();
    assert!(matches!(
        said,
        CheckpointError::Note(NoteError::NotSignedBy { .. })
    ));
}

#[test]
fn any_changed_byte_of_a_note_fails_it() {
    let good = note();
    for at in 0..good.len() {
        let mut bytes = good.clone().into_bytes();
        bytes[at] ^= 1;
        let Ok(text) = String::from_utf8(bytes) else {
            continue;
        };
        let verified = SignedNote::parse(&text)
            .map_err(CheckpointError::Note)
            .and_then(|note| Checkpoint::verify(&note, &key(1)));
        assert!(verified.is_err(), "byte {at} changed and nobody noticed");
    }
}

#[test]
fn other_peoples_signatures_are_kept_and_ignored() {
    let witness = checkpoint()
        .sign(&signing_key(9), "witness.example.com")
        .unwrap();
    let (_, line) = witness
        .to_string()
        .trim_end()
        .rsplit_once('\n')
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .unwrap();
    let both = format!("{}{line}\n", note());
    let parsed = SignedNote::parse(&both).unwrap();
    assert_eq!(parsed.signatures().len(), 2);
    assert_eq!(parsed.to_string(), both);
    assert_eq!(Checkpoint::verify(&parsed, &key(1)), Ok(checkpoint()));
}

#[test]
fn one_failing_line_of_the_key_fails_the_note_beside_a_good_one() {
    let mut other = checkpoint();
    other.size = 3;
    let other = other.sign(&signing_key(1), ORIGIN).unwrap().to_string();
    let stray = other.trim_end().rsplit('\n').next().unwrap().to_owned();
    let both = SignedNote::parse(&format!("{}{stray}\n", note())).unwrap();
    assert!(matches!(
        both.verify(&key(1)),
        Err(NoteError::SignatureDiffers { .. })
    ));
}

#[test]
fn misfit_notes_are_refused() {
    let good = note();
    let refuse = |text: &str| SignedNote::parse(text).unwrap_err();
    assert_eq!(refuse(""), NoteError::NoSignatures);
    assert_eq!(refuse("text\n"), NoteError::NoSignatures);
    assert_eq!(refuse(good.trim_end()), NoteError::NoSignatures);
    assert_eq!(
        refuse("text\n\n- name AAAA\n"),
        NoteError::SignatureLine { number: 1 }
    );
    assert_eq!(
        refuse("text\n\n\u{2014} name AAAA\n"),
        NoteError::SignatureLine { number: 1 }
    );
    assert_eq!(
        refuse(&format!("{good}junk\n")),
        NoteError::SignatureLine { number: 2 }
    );
    assert_eq!(
        refuse(&good.replace('\n', "\r\n")),
        NoteError::ControlCharacter { at: 22 }
    );
    let line = good.trim_end().rsplit('\n').next().unwrap();
    let many = format!("{good}{}", format!("{line}\n").repeat(64));
    assert_eq!(refuse(&many), NoteError::TooManySignatures { found: 65 });
}
