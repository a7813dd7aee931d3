//! What is opened is closed: a thousand of everything that opens something.

use std::process::Stdio;
use std::time::Duration;

use pslens::os::windows::{PriorityClass, ProcessExt, enable_debug_privilege};
use pslens::process::{self, Child, Outcome, Signal};
use pslens::{Error, Process};

use crate::puppet::{self, Puppet};

/// What the system itself may open meanwhile.
const FEW: u32 = 20;

#[test]
fn handles_do_not_pile_up() {
    // A process of its own: other tests open and close what they like.
    let mut command = puppet::command_for("handles::many");
    let output = Child::spawn(command.stdin(Stdio::null()).stderr(Stdio::piped())).unwrap();
    let output = output.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.is_some_and(|status| status.success()),
        "{text}"
    );
}

#[test]
#[ignore = "what a child does, and no test"]
fn many() {
    let me = Process::current().unwrap();
    let mut puppet = Puppet::start();
    let other = puppet.child().process().clone();
    let gone = Puppet::start().forgotten();
    let check_times = |times: u32, what: &str, act: &dyn Fn() -> Result<(), Error>| {
        act().unwrap_or_else(|error| panic!("{what}: {error}"));
        let before = me.num_handles().unwrap();
        for _ in 0..times {
            act().unwrap();
        }
        let after = me.num_handles().unwrap();
        assert!(after < before + FEW, "{what}: from {before} to {after}");
    };
    let check = |what: &str, act: &dyn Fn() -> Result<(), Error>| check_times(1000, what, act);
    let nothing = Signal::from_raw(0).unwrap();
    check("send_signal", &|| other.send_signal(nothing));
    check("resume", &|| other.resume());
    check("suspend", &|| other.suspend().and_then(|()| other.resume()));
    check("set_nice", &|| other.set_nice(32));
    check("nice", &|| other.nice().map(drop));
    check("priority_class", &|| other.priority_class().map(drop));
    check("set_priority_class", &|| {
        other.set_priority_class(PriorityClass::Normal)
    });
    check("io_priority", &|| {
        other
            .io_priority()
            .map_or_else(unless_unsupported, |_| Ok(()))
    });
    check("cpu_affinity", &|| other.cpu_affinity().map(drop));
    check("set_cpu_affinity", &|| {
        other.set_cpu_affinity(&[0])?;
        other.reset_cpu_affinity()
    });
    check("try_wait", &|| {
        assert_eq!(other.try_wait()?, Outcome::Running);
        assert!(matches!(gone.try_wait()?, Outcome::Gone(_)));
        Ok(())
    });
    check("wait_all", &|| {
        let both = [other.clone(), gone.clone()];
        process::wait_all(both, Some(Duration::ZERO), |_, _| {}).map(drop)
    });
    check("refused", &|| {
        let error = gone.kill().unwrap_err();
        assert_eq!(error.kind(), pslens::ErrorKind::NoSuchProcess);
        Ok(())
    });
    check_times(FEW, "wait_with_output", &|| {
        let child = Child::spawn(puppet::command().stderr(Stdio::piped()))?;
        child.wait_with_output().map(drop)
    });
    check("enable_debug_privilege", &|| {
        enable_debug_privilege().or_else(unless_denied)
    });
}

fn unless_unsupported(error: Error) -> Result<(), Error> {
    if error.is_unsupported() {
        Ok(())
    } else {
        Err(error)
    }
}

fn unless_denied(error: Error) -> Result<(), Error> {
    match error.kind() {
        pslens::ErrorKind::AccessDenied => Ok(()),
        _ => Err(error),
    }
}
