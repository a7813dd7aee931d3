//! Priorities, CPUs and limits of children of this process.

use pslens::process::{IoHint, IoLevel, IoPriority, Limit, Limits, Resource};
use pslens::{ErrorKind, Process, Root};

use crate::children::Running;

#[test]
fn nice_is_what_was_set() {
    let child = Running::idle();
    let before = child.nice().unwrap();
    let wanted = (before + 3).min(19);
    child.set_nice(wanted).unwrap();
    assert_eq!(child.nice().unwrap(), wanted);
    for nice in [-21, 20, i32::MIN] {
        let error = child.set_nice(nice).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert!(error.to_string().contains("-20"), "{error}");
    }
    assert_eq!(child.nice().unwrap(), wanted);
}

#[test]
fn ionice_is_what_was_set() {
    let child = Running::idle();
    for priority in [
        IoPriority::Idle,
        IoPriority::BestEffort(IoLevel::new(0).unwrap()),
        IoPriority::BestEffort(IoLevel::new(7).unwrap()),
        IoPriority::None,
    ] {
        child.set_ionice(priority).unwrap();
        assert_eq!(child.ionice().unwrap(), priority);
    }
    // The numbers of Windows mean other things here.
    for hint in IoHint::ALL {
        let error = child.set_ionice(IoPriority::Hint(hint)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert!(error.to_string().contains("accepted: none, "), "{error}");
    }
    assert_eq!(child.ionice().unwrap(), IoPriority::None);
}

#[test]
fn cpus_are_what_was_set() {
    let child = Running::idle();
    let all = child.cpu_affinity().unwrap();
    for cpu in &all {
        child.set_cpu_affinity(&[*cpu, *cpu]).unwrap();
        assert_eq!(child.cpu_affinity().unwrap(), [*cpu]);
    }
    child.reset_cpu_affinity().unwrap();
    let every = child.cpu_affinity().unwrap();
    assert!(all.iter().all(|cpu| every.contains(cpu)));
    child.set_cpu_affinity(&all).unwrap();
    assert_eq!(child.cpu_affinity().unwrap(), all);
}

#[test]
fn a_cpu_that_is_not_there_is_named_and_changes_nothing() {
    let child = Running::idle();
    let before = child.cpu_affinity().unwrap();
    for wrong in [1_000_000, u32::MAX, 5000] {
        let error = child.set_cpu_affinity(&[before[0], wrong]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        let message = error.to_string();
        assert!(
            message.contains(&format!("got {wrong}; accepted: ")),
            "{message}"
        );
    }
    let error = child.set_cpu_affinity(&[]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert_eq!(child.cpu_affinity().unwrap(), before);
}

#[test]
fn limits_are_what_was_set() {
    let child = Running::idle();
    for resource in Resource::ALL {
        let limits = child.rlimit(*resource).unwrap();
        assert!(limits.soft <= limits.hard, "{resource} {limits:?}");
        child.set_rlimit(*resource, limits).unwrap();
        assert_eq!(child.rlimit(*resource).unwrap(), limits);
    }
    let files = child.rlimit(Resource::Nofile).unwrap();
    let fewer = Limits {
        soft: Limit::At(10),
        ..files
    };
    child.set_rlimit(Resource::Nofile, fewer).unwrap();
    assert_eq!(child.rlimit(Resource::Nofile).unwrap(), fewer);
    let inverted = Limits {
        soft: Limit::Unlimited,
        hard: Limit::At(5),
    };
    let error = child.set_rlimit(Resource::Nofile, inverted).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert_eq!(child.rlimit(Resource::Nofile).unwrap(), fewer);
}

#[test]
fn limits_of_another_root_come_from_its_files() {
    let place = tempfile::tempdir().unwrap();
    let proc = place.path().join("proc");
    std::os::unix::fs::symlink("/proc", &proc).unwrap();
    let root = Root::at(&proc, place.path().join("sys")).unwrap();
    let child = Running::idle();
    let other = Process::new_in(child.pid(), &root).unwrap();
    for resource in Resource::ALL {
        assert_eq!(
            other.rlimit(*resource).unwrap(),
            child.rlimit(*resource).unwrap()
        );
    }
}

#[test]
fn a_zombie_can_be_set_or_says_what_it_is() {
    let zombie = Running::zombie();
    for result in [
        zombie.set_nice(19),
        zombie.set_ionice(IoPriority::Idle),
        zombie.set_cpu_affinity(&zombie.cpu_affinity().unwrap_or_else(|_| vec![0])),
        zombie.rlimit(Resource::Core).map(drop),
    ] {
        if let Err(error) = result {
            assert_eq!(error.kind(), ErrorKind::ZombieProcess, "{error}");
        }
    }
}

#[test]
fn what_was_reaped_cannot_be_set() {
    let gone = Running::idle().reaped();
    let limits = Limits {
        soft: Limit::At(0),
        hard: Limit::At(0),
    };
    for result in [
        gone.set_nice(19),
        gone.set_ionice(IoPriority::Idle),
        gone.set_cpu_affinity(&[0]),
        gone.reset_cpu_affinity(),
        gone.set_rlimit(Resource::Core, limits),
        gone.rlimit(Resource::Core).map(drop),
    ] {
        assert_eq!(result.unwrap_err().kind(), ErrorKind::NoSuchProcess);
    }
}
