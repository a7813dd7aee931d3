//! Services.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use pslens::ErrorKind;
use pslens::os::windows::services::{self, StartType, Status};

use crate::evidence;

/// Every Windows, and wine, has these, and starts them.
const SOME: [&str; 2] = ["PlugPlay", "RpcSs"];

/// One test at a time: of handles that several threads open and close at once wine's service control manager
/// sometimes calls a good one invalid.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

#[test]
fn every_service_has_a_name_and_those_that_run_have_a_process() {
    let _alone = alone();
    let all = services::all().unwrap();
    for name in SOME {
        let same = |service: &&services::Service| service.name.eq_ignore_ascii_case(name);
        assert_eq!(all.iter().filter(same).count(), 1, "{name} in {all:?}");
    }
    for service in &all {
        assert!(!service.name.is_empty(), "{service:?}");
        assert_ne!(service.status, Status::Unknown, "{service:?}");
        match service.status {
            Status::Running | Status::Paused => assert!(service.pid.is_some(), "{service:?}"),
            Status::Stopped => assert_eq!(service.pid, None, "{service:?}"),
            _ => {}
        }
    }
    evidence::called("os::windows::services::all");
    evidence::called("os::windows::services::Service");
}

#[test]
fn a_service_asked_by_name_says_what_the_list_says() {
    let _alone = alone();
    for listed in services::all().unwrap() {
        let service = services::get(&listed.name).unwrap();
        assert_eq!(service.name, listed.name);
        assert_eq!(service.display_name, listed.display_name);
    }
    for name in SOME {
        let deadline = Instant::now() + Duration::from_secs(30);
        // wine starts services with the first program.
        let running = loop {
            let service = services::get(name).unwrap();
            if service.status == Status::Running {
                break service;
            }
            assert!(Instant::now() < deadline, "{service:?}");
            std::thread::yield_now();
        };
        let state = running.state().unwrap();
        assert_eq!((state.status, state.pid), (running.status, running.pid));
        let all = services::all().unwrap();
        let listed = all
            .iter()
            .find(|service| service.name.eq_ignore_ascii_case(name));
        assert_eq!(listed.unwrap().pid, running.pid);
    }
    evidence::called("os::windows::services::get");
    evidence::called("os::windows::services::Service::state");
}

#[test]
fn settings_name_a_program_and_an_account() {
    let _alone = alone();
    let service = services::get(SOME[0]).unwrap();
    let config = service.config().unwrap();
    let path = config.binpath.unwrap().to_string_lossy().to_lowercase();
    assert!(path.contains(r"\system32\"), "{path}");
    assert!(path.contains(".exe"), "{path}");
    assert!(matches!(
        config.start_type,
        StartType::Automatic | StartType::Manual
    ));
    let username = config.username.unwrap().to_string_lossy().to_lowercase();
    assert!(username.contains("system"), "{username}");
    evidence::called("os::windows::services::Service::config");

    for service in services::all().unwrap() {
        let config = service.config().unwrap();
        assert_ne!(config.start_type, StartType::Unknown, "{service:?}");
    }
}

#[test]
fn descriptions_are_text_or_none() {
    let _alone = alone();
    let described = services::all()
        .unwrap()
        .iter()
        .filter_map(|service| service.description().unwrap())
        .inspect(|text| assert!(!text.is_empty()))
        .count();
    assert!(described > 0);
    evidence::called("os::windows::services::Service::description");
}

#[test]
fn no_such_service_is_not_found() {
    let _alone = alone();
    let long = "x".repeat(300);
    for name in [
        "there is no such service",
        "",
        r"a\b",
        "a/b",
        "PlugPlay\0x",
        &long,
    ] {
        let error = services::get(name).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound, "{name:?}: {error:?}");
        assert_eq!(error.path(), Some(name.as_ref()));
    }
    let error = services::get("nosuch").unwrap_err();
    assert_eq!(error.to_string(), "services get: nosuch: not found");
}
