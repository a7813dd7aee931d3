//! The numbers of the signals, which differ between architectures. Manual: signal(7).

macro_rules! numbers {
    ($($name:ident = $libc:ident,)*) => {
        $(pub(crate) const $name: i32 = libc::$libc;)*
    };
}

numbers! {
    HUP = SIGHUP, INT = SIGINT, QUIT = SIGQUIT, ILL = SIGILL, TRAP = SIGTRAP, ABRT = SIGABRT,
    BUS = SIGBUS, FPE = SIGFPE, KILL = SIGKILL, USR1 = SIGUSR1, SEGV = SIGSEGV, USR2 = SIGUSR2,
    PIPE = SIGPIPE, ALRM = SIGALRM, TERM = SIGTERM, STKFLT = SIGSTKFLT, CHLD = SIGCHLD,
    CONT = SIGCONT, STOP = SIGSTOP, TSTP = SIGTSTP, TTIN = SIGTTIN, TTOU = SIGTTOU, URG = SIGURG,
    XCPU = SIGXCPU, XFSZ = SIGXFSZ, VTALRM = SIGVTALRM, PROF = SIGPROF, WINCH = SIGWINCH,
    IO = SIGIO, PWR = SIGPWR, SYS = SIGSYS,
}

/// The first and the last real-time signal. The C library keeps the first ones for itself.
pub(crate) fn real_time() -> (i32, i32) {
    (libc::SIGRTMIN(), libc::SIGRTMAX())
}
