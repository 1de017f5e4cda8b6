//! What the child gives up before it reads the first byte.
//!
//! On Linux, in this order: it dies with its parent, leaves no core dump and cannot be traced, gets limits of memory,
//! processor time, file size (0), open files (none new) and processes (none new), can gain no privileges, and then a
//! filter kills it at any system call other than the few that computing needs: reading standard input, writing standard
//! output, memory that is not executable and its name, and ending. There is no opening of a file, no socket, no new process or
//! program among them.
//!
//! Elsewhere there is nothing alike that an ordinary user may set up, so [`enter`] fails and every file is refused.

/// The process could not be locked in; nothing may be read in it.
#[derive(Debug, thiserror::Error)]
#[error("{step}: {why}")]
pub struct NoSandbox {
    step: &'static str,
    why: String,
}

fn failed(step: &'static str, why: impl std::fmt::Display) -> NoSandbox {
    let why = why.to_string();
    NoSandbox { step, why }
}

/// Locks the calling process in for good. It must have one thread, and standard streams only.
///
/// # Errors
///
/// The kernel, or what runs this process, does not allow one of the steps. What was given up stays given up.
#[cfg(target_os = "linux")]
pub fn enter(memory_bytes_max: u64, cpu_seconds_max: u64) -> Result<(), NoSandbox> {
    use rustix::process::{
        DumpableBehavior, Resource, Rlimit, Signal, set_dumpable_behavior,
        set_parent_process_death_signal, setrlimit,
    };
    set_parent_process_death_signal(Some(Signal::KILL))
        .map_err(|error| failed("parent's death", error))?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable)
        .map_err(|error| failed("no dumps", error))?;
    for (resource, most) in [
        (Resource::As, memory_bytes_max),
        (Resource::Cpu, cpu_seconds_max),
        (Resource::Core, 0),
        (Resource::Fsize, 0),
        (Resource::Nofile, 0),
        (Resource::Nproc, 0),
    ] {
        let limit = Rlimit {
            current: Some(most),
            maximum: Some(most),
        };
        setrlimit(resource, limit).map_err(|error| failed("limits", error))?;
    }
    rustix::thread::set_no_new_privs(true).map_err(|error| failed("no new privileges", error))?;
    let program = linux::filter().map_err(|error| failed("filter", error))?;
    seccompiler::apply_filter(&program).map_err(|error| failed("filter", error))
}

/// # Errors
///
/// Always: this system has no sandbox that this room knows.
#[cfg(not(target_os = "linux"))]
pub fn enter(_memory_bytes_max: u64, _cpu_seconds_max: u64) -> Result<(), NoSandbox> {
    Err(failed("filter", "only Linux has one"))
}

#[cfg(target_os = "linux")]
mod linux {
    use std::collections::BTreeMap;

    use seccompiler::SeccompCmpArgLen::Dword;
    use seccompiler::SeccompCmpOp::{Eq, MaskedEq};
    use seccompiler::{
        BackendError, BpfProgram, SeccompAction, SeccompCondition, SeccompFilter, SeccompRule,
    };

    /// Calls that are allowed whatever their arguments: memory that exists is given back or its use announced, locks
    /// between threads that there are not, signals of the process's own, time, randomness for hash maps, and the end.
    const FREE: &[i64] = &[
        libc::SYS_brk,
        libc::SYS_munmap,
        libc::SYS_mremap,
        libc::SYS_madvise,
        libc::SYS_futex,
        libc::SYS_sigaltstack,
        libc::SYS_rt_sigaction,
        libc::SYS_rt_sigprocmask,
        libc::SYS_rt_sigreturn,
        libc::SYS_clock_gettime,
        libc::SYS_getrandom,
        libc::SYS_getpid,
        libc::SYS_gettid,
        libc::SYS_exit,
        libc::SYS_exit_group,
    ];

    /// Kills the process at every call that is not listed, and at listed ones with other arguments.
    pub(super) fn filter() -> Result<BpfProgram, BackendError> {
        let mut rules: BTreeMap<i64, Vec<SeccompRule>> =
            FREE.iter().map(|call| (*call, Vec::new())).collect();
        let only = |conditions| SeccompRule::new(conditions).map(|rule| vec![rule]);
        let descriptor = |number| SeccompCondition::new(0, Dword, Eq, number);
        rules.insert(libc::SYS_read, only(vec![descriptor(0)?])?);
        rules.insert(libc::SYS_write, only(vec![descriptor(1)?])?);
        // Allocators name the memory they map; nothing else of this call is allowed.
        let naming = SeccompCondition::new(0, Dword, Eq, bits(libc::PR_SET_VMA))?;
        rules.insert(libc::SYS_prctl, only(vec![naming])?);
        let not_executable = SeccompCondition::new(2, Dword, MaskedEq(bits(libc::PROT_EXEC)), 0)?;
        let anonymous = bits(libc::MAP_ANONYMOUS);
        let no_file = SeccompCondition::new(3, Dword, MaskedEq(anonymous), anonymous)?;
        rules.insert(libc::SYS_mmap, only(vec![not_executable.clone(), no_file])?);
        rules.insert(libc::SYS_mprotect, only(vec![not_executable])?);
        let filter = SeccompFilter::new(
            rules,
            SeccompAction::KillProcess,
            SeccompAction::Allow,
            std::env::consts::ARCH.try_into()?,
        )?;
        filter.try_into()
    }

    /// Flags are positive, so that they fit.
    fn bits(flag: i32) -> u64 {
        u64::try_from(flag).unwrap_or_default()
    }
}
