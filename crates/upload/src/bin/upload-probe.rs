//! The child of this room's tests, and a probe of its sandbox. It is not part of the product.
//!
//! `upload-probe locked|free ATTEMPT`: `locked` enters the sandbox first. It exits with 0 if the attempt worked, with 1 if
//! it failed, and is killed where the filter forbids it. Invariant: `free` works for every attempt, so that a failure of
//! `locked` is the sandbox's doing.

use std::process::ExitCode;

fn main() -> ExitCode {
    // Under another name it never answers, for the test of a child that hangs.
    while std::env::args()
        .next()
        .is_some_and(|name| name.ends_with("hangs"))
    {
        std::thread::park();
    }
    upload::child::run_if_asked();
    let mut arguments = std::env::args().skip(1);
    let locked = arguments.next().as_deref() == Some("locked");
    let attempt = arguments.next().unwrap_or_default();
    // Held from before the lock, and never closed: closing is forbidden too, and would kill what only computes.
    let prepared = std::net::TcpListener::bind("127.0.0.1:0").ok();
    let prepared = std::mem::ManuallyDrop::new(prepared);
    if locked && upload::child::sandbox::enter(768 << 20, 2).is_err() {
        return ExitCode::from(2);
    }
    if attempts(&attempt, prepared.as_ref()) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn attempts(attempt: &str, prepared: Option<&std::net::TcpListener>) -> bool {
    match attempt {
        "compute" => (1..1000_u64).sum::<u64>() == 499_500,
        "read a file" => std::fs::read("/proc/self/status").is_ok(),
        "list a folder" => std::fs::read_dir("/").is_ok(),
        "write a file" => {
            let path = std::env::temp_dir().join(format!("docket-probe-{}", std::process::id()));
            std::fs::write(&path, "x").is_ok() && std::fs::remove_file(path).is_ok()
        }
        "open a socket" => std::net::UdpSocket::bind("127.0.0.1:0").is_ok(),
        "connect" => std::net::TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| std::net::TcpStream::connect(listener.local_addr()?))
            .is_ok(),
        "use an open socket" => prepared.is_some_and(|socket| socket.set_nonblocking(true).is_ok()),
        "start a program" => std::process::Command::new("/proc/self/exe")
            .args(["free", "compute"])
            .status()
            .is_ok_and(|status| status.success()),
        "start a thread" => std::thread::Builder::new()
            .spawn(|| ())
            .is_ok_and(|thread| thread.join().is_ok()),
        "change folder" => std::env::set_current_dir("/").is_ok(),
        // More than the limit of memory, and less than any machine's address space.
        "reserve 2 GiB" => Vec::<u8>::new().try_reserve_exact(2 << 30).is_ok(),
        _ => false,
    }
}
