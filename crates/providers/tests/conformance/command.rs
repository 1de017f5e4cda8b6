//! Instructions on disk, and the conversation that carries them out against scripted replies.

use crate::fixture;
use adapter::{
    Adapter, Answer, Attachment, Exchange, Instruction, Packet, Part, Receipt, Reply, Request,
    Step, Verb, Wanted,
};
use calendar::{Date, Instant};
use dispute::reference::{RefKind, References};
use dispute::status::Stage;
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

/// One instruction with what the provider answers to it.
pub struct Script {
    path: PathBuf,
    pub instruction: Instruction,
    replies: Vec<Option<Reply>>,
    read_backs: Vec<Reply>,
}

/// No conversation has more steps than this: every attachment of the largest packet, and a reserve.
const STEPS_MAX: usize = 64;

pub fn scripts(provider: &str) -> Vec<Script> {
    let paths = fixture::files(provider).into_iter();
    paths
        .filter(|path| path.to_string_lossy().ends_with(".cmd.txt"))
        .map(Script::read)
        .collect()
}

impl Script {
    fn read(path: PathBuf) -> Script {
        let text = fs::read_to_string(&path).unwrap();
        let instruction = instruction(&text);
        let name = path.to_string_lossy().into_owned();
        let beside = name.replace(".cmd.txt", ".replies.txt");
        let (replies, read_backs) = replies(&fs::read_to_string(beside).unwrap_or_default());
        let script = Script {
            path,
            instruction,
            replies,
            read_backs,
        };
        let verb = script.verb().name();
        let file = script
            .path
            .file_name()
            .unwrap()
            .to_string_lossy()
            .into_owned();
        assert!(
            file.starts_with(verb),
            "{file} wants `{verb}` and must be named so"
        );
        script
    }

    pub fn verb(&self) -> Verb {
        match self.instruction.wanted {
            Wanted::Submit(_) => Verb::Submit,
            Wanted::Accept => Verb::Accept,
            Wanted::ReadBack => Verb::ReadBack,
            Wanted::Requirements => Verb::Requirements,
            Wanted::ListChanged { .. } => Verb::ListChanged,
            Wanted::Dishonor { .. } => Verb::Dishonor,
        }
    }

    pub fn golden_path(&self) -> PathBuf {
        PathBuf::from(self.path.to_string_lossy().replace(".cmd.txt", ".out.txt"))
    }
}

/// The simplest instruction of a verb, for providers that do not have it.
pub fn plain(verb: Verb) -> Instruction {
    let day = "2026-03-02T12:00:00Z";
    let want = match verb {
        Verb::Submit | Verb::Accept | Verb::ReadBack | Verb::Requirements => verb.name().to_owned(),
        Verb::ListChanged => format!("list-changed {day}"),
        Verb::Dishonor => "dishonor R61 2026-03-02".to_owned(),
    };
    instruction(&format!(
        "want {want}\nref dispute case-1\nref payment payment-1\n"
    ))
}

fn instruction(text: &str) -> Instruction {
    let mut packet = Packet {
        digest: String::new(),
        texts: Vec::new(),
        attachments: Vec::new(),
        defence: None,
    };
    let mut want = String::new();
    let mut made = Instruction {
        idempotency_key: "send-1".to_owned(),
        account: "account-1".to_owned(),
        refs: References::none(),
        stage: Stage::Chargeback,
        wanted: Wanted::ReadBack,
    };
    for line in text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "want" => want = rest.to_owned(),
            "key" => made.idempotency_key = rest.to_owned(),
            "account" => made.account = rest.to_owned(),
            "stage" => made.stage = Stage::parse(rest).expect("a stage"),
            "ref" => {
                let (kind, value) = rest.split_once(' ').expect("`ref kind value`");
                made.refs = made.refs.and(RefKind::parse(kind).expect("a kind"), value);
            }
            "digest" => packet.digest = rest.to_owned(),
            "defence" => packet.defence = Some(rest.to_owned()),
            "text" | "fill" | "file" => evidence(word, rest, &mut packet),
            other => panic!("no line of a .cmd.txt starts with `{other}`"),
        }
    }
    made.wanted = wanted(&want, packet);
    made
}

fn evidence(word: &str, rest: &str, packet: &mut Packet) {
    let mut words = rest.splitn(4, ' ');
    let slot = words.next().expect("a slot").to_owned();
    match word {
        "text" => {
            let text = rest.split_once(' ').expect("`text slot words`").1;
            packet.texts.push((slot, text.replace("\\n", "\n")));
        }
        "fill" => {
            let count: usize = words
                .next()
                .and_then(|n| n.parse().ok())
                .expect("`fill slot count x`");
            packet
                .texts
                .push((slot, words.next().expect("a character").repeat(count)));
        }
        _ => {
            let name = words.next().expect("a file name").to_owned();
            let media_type = words.next().expect("a media type").to_owned();
            let content = words
                .next()
                .unwrap_or_default()
                .replace("\\n", "\n")
                .into_bytes();
            let digest = hex::encode(Sha256::digest(&content));
            packet.attachments.push(Attachment {
                slot,
                name,
                media_type,
                digest,
                content,
            });
        }
    }
}

fn wanted(want: &str, packet: Packet) -> Wanted {
    let words: Vec<&str> = want.split(' ').collect();
    match words.as_slice() {
        ["submit"] => Wanted::Submit(packet),
        ["accept"] => Wanted::Accept,
        ["read-back"] => Wanted::ReadBack,
        ["requirements"] => Wanted::Requirements,
        ["list-changed", since] => Wanted::ListChanged {
            since: Instant::parse(since).unwrap(),
        },
        ["dishonor", code, on] => Wanted::Dishonor {
            code: (*code).to_owned(),
            on: Date::parse(on).unwrap(),
        },
        _ => panic!("`want {want}` is no verb"),
    }
}

fn replies(text: &str) -> (Vec<Option<Reply>>, Vec<Reply>) {
    let mut all: Vec<(bool, Option<Reply>)> = Vec::new();
    for line in text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "lost" => all.push((false, None)),
            "reply" | "read-back" => {
                let status = rest.parse().expect("`reply status`");
                let reply = Reply {
                    status,
                    headers: Vec::new(),
                    body: Vec::new(),
                };
                all.push((word == "read-back", Some(reply)));
            }
            "header" | "body" => {
                let reply = all
                    .last_mut()
                    .and_then(|(_, reply)| reply.as_mut())
                    .expect("a reply before");
                if word == "header" {
                    let (name, value) = rest.split_once(": ").expect("`header Name: value`");
                    reply.headers.push((name.to_owned(), value.to_owned()));
                } else {
                    if !reply.body.is_empty() {
                        reply.body.push(b'\n');
                    }
                    reply.body.extend_from_slice(rest.as_bytes());
                }
            }
            other => panic!("no line of a .replies.txt starts with `{other}`"),
        }
    }
    let (read_backs, replies): (Vec<_>, Vec<_>) = all.into_iter().partition(|(back, _)| *back);
    let read_backs = read_backs
        .into_iter()
        .filter_map(|(_, reply)| reply)
        .collect();
    (
        replies.into_iter().map(|(_, reply)| reply).collect(),
        read_backs,
    )
}

/// Renders the whole conversation.
pub fn render(adapter: &dyn Adapter, script: &Script) -> String {
    let mut out = String::new();
    let mut so_far: Vec<Exchange> = Vec::new();
    let mut replies = script.replies.iter();
    loop {
        let step = adapter.proceed(&script.instruction, &so_far);
        let again = adapter.proceed(&script.instruction, &so_far);
        assert_eq!(
            step,
            again,
            "{}: the same step twice",
            script.path.display()
        );
        match step {
            Step::Send(request) => {
                render_request(&request, &mut out);
                let ran_out = || panic!("{}: no reply left for\n{out}", script.path.display());
                let reply = replies.next().unwrap_or_else(ran_out).clone();
                match &reply {
                    Some(reply) => writeln!(out, "reply {}", reply.status).unwrap(),
                    None => writeln!(out, "lost").unwrap(),
                }
                so_far.push(Exchange { request, reply });
                assert!(
                    so_far.len() < STEPS_MAX,
                    "{}: no end",
                    script.path.display()
                );
            }
            Step::Finished(answer) => {
                writeln!(out, "finished {}", answer_words(&answer)).unwrap();
                break;
            }
            Step::Unable(unable) => {
                writeln!(out, "unable {}", unable.why).unwrap();
                break;
            }
        }
    }
    assert!(
        replies.next().is_none(),
        "{}: a reply is left over",
        script.path.display()
    );
    for read_back in &script.read_backs {
        let words = match adapter.receipt(&script.instruction, read_back) {
            Receipt::Received => "received".to_owned(),
            Receipt::NotReceived => "not-received".to_owned(),
            Receipt::Unclear(why) => format!("unclear {why}"),
        };
        writeln!(out, "read-back {} -> {words}", read_back.status).unwrap();
    }
    out
}

fn answer_words(answer: &Answer) -> String {
    match answer {
        Answer::Accepted => "accepted".to_owned(),
        Answer::Refused(words) => format!("refused {words}"),
        Answer::InDoubt(why) => format!("in-doubt {why}"),
        Answer::Again {
            after_seconds: Some(seconds),
            why,
        } => format!("again after {seconds} s: {why}"),
        Answer::Again {
            after_seconds: None,
            why,
        } => format!("again: {why}"),
    }
}

fn render_request(request: &Request, out: &mut String) {
    match request {
        Request::Http {
            base,
            method,
            path,
            headers,
            body,
        } => {
            writeln!(out, "send {base} {method} {path}").unwrap();
            render_headers(headers, out);
            render_content(body, out);
        }
        Request::Multipart {
            base,
            path,
            headers,
            parts,
        } => {
            writeln!(out, "send {base} multipart {path}").unwrap();
            render_headers(headers, out);
            for Part {
                name,
                file_name,
                media_type,
                content,
            } in parts
            {
                let file = file_name
                    .as_deref()
                    .map(|n| format!(" file={n}"))
                    .unwrap_or_default();
                let media = media_type
                    .as_deref()
                    .map(|m| format!(" type={m}"))
                    .unwrap_or_default();
                writeln!(out, "  part {name}{file}{media}").unwrap();
                render_content(content, out);
            }
        }
        Request::File { name, content } => {
            writeln!(out, "file {name}").unwrap();
            render_content(content, out);
        }
    }
}

fn render_headers(headers: &[(String, String)], out: &mut String) {
    for (name, value) in headers {
        writeln!(out, "  {name}: {value}").unwrap();
    }
}

/// Text as it is, line by line; anything long or binary by its size and digest.
fn render_content(content: &[u8], out: &mut String) {
    match std::str::from_utf8(content) {
        Ok(text) if content.len() <= 4_000 => {
            text.lines()
                .for_each(|line| writeln!(out, "  | {line}").unwrap());
        }
        _ => {
            let digest = hex::encode(Sha256::digest(content));
            writeln!(out, "  | {} bytes, sha256 {digest}", content.len()).unwrap();
        }
    }
}

/// Puts a bad answer in place of each scripted one and sees that it is not taken for acceptance.
pub fn check_bad_answers(adapter: &dyn Adapter, script: &Script) {
    let mut so_far: Vec<Exchange> = Vec::new();
    let mut replies = script.replies.iter();
    while let Step::Send(request) = adapter.proceed(&script.instruction, &so_far) {
        for status in [
            None,
            Some(400),
            Some(401),
            Some(404),
            Some(409),
            Some(429),
            Some(500),
            Some(503),
        ] {
            for body in ["", "{}", "[]", "{\"error\":{}}", "<html>", "\u{0}"] {
                let bytes = body.as_bytes().to_vec();
                let reply = status.map(|status| Reply {
                    status,
                    headers: Vec::new(),
                    body: bytes,
                });
                let mut damaged = so_far.clone();
                damaged.push(Exchange {
                    request: request.clone(),
                    reply,
                });
                let step = adapter.proceed(&script.instruction, &damaged);
                let taken = matches!(step, Step::Finished(Answer::Accepted));
                let name = script.path.display();
                assert!(
                    !taken,
                    "{name}: {status:?} with `{body}` is taken for acceptance"
                );
            }
        }
        let garbage = Reply {
            status: 200,
            headers: Vec::new(),
            body: b"<html>".to_vec(),
        };
        let mut damaged = so_far.clone();
        damaged.push(Exchange {
            request: request.clone(),
            reply: Some(garbage.clone()),
        });
        adapter.proceed(&script.instruction, &damaged);
        adapter.receipt(&script.instruction, &garbage);
        let Some(reply) = replies.next() else { break };
        so_far.push(Exchange {
            request,
            reply: reply.clone(),
        });
    }
}
