//! `Process`: who it is, what is remembered of it, and how it is asked.

mod control;
mod dict;
mod getters;
mod oneshot;
mod tree;
pub(crate) mod values;
mod wait;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};

use pslens::process::Oneshot;
use pslens::{Error, ErrorKind, Pid};
use pyo3::exceptions::{PyOverflowError, PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::sync::MutexExt;
use pyo3::types::{PyDict, PyTuple};

pub(crate) use dict::{_as_dict_attrnames, Entry, Scan, each, entry, int, remember_originals};
pub(crate) use oneshot::OneShot;
pub(crate) use wait::wait_procs;

use crate::errors::{self, Subject};
use crate::once::intern;
use crate::root;
use oneshot::Looks;

/// A process, named by its pid, without one the calling process itself.
///
/// Raises `NoSuchProcess` if there is none.
///
/// A `Process` remembers when its process was started, so every method speaks of that process or raises
/// `NoSuchProcess`; none reads, changes or signals another one that got the pid later.
///
/// >>> p = Process(7055)
/// >>> p.name()
/// 'python3'
#[pyclass(name = "Process", module = "pslens", subclass, dict, weakref, frozen)]
pub(crate) struct Process {
    /// Set by `__init__`, and again if that is called again.
    core: RwLock<Option<Arc<Core>>>,
    /// Locked for moments and by attached threads only: neither waits for the other, and `fork` finds it
    /// open.
    state: Mutex<State>,
}

struct Core {
    pid: u32,
    handle: Result<pslens::Process, Missing>,
}

/// Why there is no handle.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Missing {
    /// A child that was gone before it could be looked at.
    Gone,
    /// The system hides it.
    Hidden,
}

/// What is remembered of a process, for later calls and for its `repr`.
#[derive(Default)]
struct State {
    looks: Looks,
    name: Option<Py<PyAny>>,
    ppid: Option<u32>,
    exe: Option<Py<PyAny>>,
    create_time: Option<f64>,
    /// How it ended, once somebody waited for it: a number, or None.
    exitcode: Option<Py<PyAny>>,
    gone: bool,
    reused: bool,
    /// CPU time at the last `cpu_percent`.
    sample: Option<(Duration, Instant)>,
}

impl Process {
    fn empty() -> Self {
        Self {
            core: RwLock::new(None),
            state: Mutex::default(),
        }
    }

    /// Of a handle that the library gave.
    fn of(handle: pslens::Process) -> Self {
        let core = Core {
            pid: handle.pid().as_u32(),
            handle: Ok(handle),
        };
        Self {
            core: RwLock::new(Some(Arc::new(core))),
            state: Mutex::default(),
        }
    }

    fn core(&self) -> PyResult<Arc<Core>> {
        // Nobody holds it for longer than a copy takes.
        let core = self.core.read().unwrap_or_else(PoisonError::into_inner);
        core.clone()
            .ok_or_else(|| PyRuntimeError::new_err("Process.__init__ was not called"))
    }

    fn state(&self, py: Python<'_>) -> MutexGuard<'_, State> {
        let state = self.state.lock_py_attached(py);
        state.unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// The handle, or the exception that says why there is none.
    pub(crate) fn handle(&self, py: Python<'_>) -> PyResult<pslens::Process> {
        let exception = match &self.core()?.handle {
            Ok(handle) => return Ok(handle.clone()),
            Err(Missing::Gone) => &errors::NO_SUCH_PROCESS,
            Err(Missing::Hidden) => &errors::ACCESS_DENIED,
        };
        Err(self.exception(py, exception, None))
    }

    /// An exception about this process.
    pub(crate) fn exception(
        &self,
        py: Python<'_>,
        exception: &errors::Exception,
        msg: Option<&str>,
    ) -> PyErr {
        self.with_subject(py, |subject| errors::about(py, exception, subject, msg))
    }

    pub(crate) fn error(&self, py: Python<'_>, error: &Error) -> PyErr {
        if error.is_pid_reused() {
            self.state(py).reused = true;
        }
        self.with_subject(py, |subject| errors::of_process(py, error, subject))
    }

    fn with_subject<T>(&self, py: Python<'_>, call: impl FnOnce(&Subject<'_, '_>) -> T) -> T {
        let (name, ppid) = {
            let state = self.state(py);
            let name = state.name.as_ref().map(|name| name.clone_ref(py));
            (name.map(|name| name.into_bound(py)), state.ppid)
        };
        call(&Subject {
            pid: self.core().map_or(0, |core| core.pid),
            name: name.as_ref(),
            ppid,
        })
    }

    /// Asks the system, without the interpreter's lock: anew, or within the look of this thread.
    pub(crate) fn ask<T: Send>(
        &self,
        py: Python<'_>,
        anew: impl FnOnce(&pslens::Process) -> pslens::Result<T> + Send,
        within: impl FnOnce(&mut Oneshot) -> pslens::Result<T> + Send,
    ) -> PyResult<T> {
        self.try_ask(py, anew, within)?
            .map_err(|error| self.error(py, &error))
    }

    /// As [`Process::ask`], for those who know what to do with an error.
    pub(crate) fn try_ask<T: Send>(
        &self,
        py: Python<'_>,
        anew: impl FnOnce(&pslens::Process) -> pslens::Result<T> + Send,
        within: impl FnOnce(&mut Oneshot) -> pslens::Result<T> + Send,
    ) -> PyResult<pslens::Result<T>> {
        let handle = self.handle(py)?;
        let reader = self
            .state(py)
            .looks
            .of_this_thread()
            .map(|look| look.reader.take());
        let Some(reader) = reader else {
            return Ok(py.detach(|| anew(&handle)));
        };
        let (result, reader) = py.detach(|| {
            let mut reader = match reader {
                Some(reader) => reader,
                None => match handle.oneshot() {
                    Ok(reader) => Box::new(reader),
                    Err(error) => return (Err(error), None),
                },
            };
            (within(&mut reader), Some(reader))
        });
        if let Some(look) = self.state(py).looks.of_this_thread() {
            look.reader = reader;
        }
        Ok(result)
    }
}

/// Asks for one attribute, which handles and looks call the same.
macro_rules! ask {
    ($process:expr, $py:expr, $attribute:ident $(, $argument:expr)?) => {
        $process.ask(
            $py,
            |process| process.$attribute($($argument)?),
            |look| look.$attribute($($argument)?),
        )
    };
}
pub(crate) use ask;

/// A pid as Python code gives it.
fn checked_pid(py: Python<'_>, pid: &Bound<'_, PyAny>) -> PyResult<u32> {
    if pid.lt(0)? {
        let message = format!("pid must be a positive integer (got {pid})");
        return Err(PyValueError::new_err(message));
    }
    match pid.extract::<i32>() {
        Ok(number) => Ok(number.unsigned_abs()),
        Err(error) if error.is_instance_of::<PyOverflowError>(py) => {
            let class = errors::NO_SUCH_PROCESS.class(py)?;
            let keywords = PyDict::new(py);
            keywords.set_item(intern!(py, "msg"), "process PID out of range")?;
            Err(PyErr::from_value(class.call((pid,), Some(&keywords))?))
        }
        Err(error) => Err(error),
    }
}

#[pymethods]
impl Process {
    #[new]
    #[pyo3(signature = (*_arguments, **_keywords), text_signature = "(pid=None)")]
    fn __new__(_arguments: &Bound<'_, PyTuple>, _keywords: Option<&Bound<'_, PyDict>>) -> Self {
        Self::empty()
    }

    #[pyo3(signature = (pid = None))]
    fn __init__(&self, py: Python<'_>, pid: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        self._init(py, pid, false)
    }

    /// What `__init__` does; with `_ignore_nsp` a process that is gone already is named too.
    #[pyo3(signature = (pid, _ignore_nsp = false))]
    fn _init(
        &self,
        py: Python<'_>,
        pid: Option<&Bound<'_, PyAny>>,
        _ignore_nsp: bool,
    ) -> PyResult<()> {
        let pid = match pid {
            Some(pid) => checked_pid(py, pid)?,
            None => std::process::id(),
        };
        let root = root::current(py)?;
        let handle = match py.detach(|| pslens::Process::new_in(pid, &root)) {
            Ok(handle) => Ok(handle),
            Err(error) if error.kind() == ErrorKind::AccessDenied => Err(Missing::Hidden),
            Err(error) if error.kind() == ErrorKind::NoSuchProcess && _ignore_nsp => {
                Err(Missing::Gone)
            }
            Err(error) if error.kind() == ErrorKind::NoSuchProcess => {
                let subject = Subject::of_pid(pid);
                let msg = Some("process PID not found");
                return Err(errors::about(py, &errors::NO_SUCH_PROCESS, &subject, msg));
            }
            Err(error) => return Err(errors::of_system(py, &error)),
        };
        let gone = matches!(handle, Err(Missing::Gone));
        let core = Some(Arc::new(Core { pid, handle }));
        *self.core.write().unwrap_or_else(PoisonError::into_inner) = core;
        *self.state(py) = State {
            gone,
            ..State::default()
        };
        Ok(())
    }

    /// The number of the process.
    #[getter]
    pub(crate) fn pid(&self) -> PyResult<u32> {
        Ok(self.core()?.pid)
    }

    /// The name that its exceptions show: what `name` returned last, or None. Programs look at it.
    #[getter]
    fn _name(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        let state = self.state(py);
        state.name.as_ref().map(|name| name.clone_ref(py))
    }

    /// As `_name`, of `ppid`.
    #[getter]
    fn _ppid(&self, py: Python<'_>) -> Option<u32> {
        self.state(py).ppid
    }

    fn __eq__<'py>(&self, other: &Bound<'py, PyAny>) -> PyResult<Py<PyAny>> {
        let py = other.py();
        let Ok(other) = other.cast::<Self>() else {
            return Ok(py.NotImplemented());
        };
        let (one, other) = (self.core()?, other.get().core()?);
        let same = match (&one.handle, &other.handle) {
            (Ok(one), Ok(other)) => one == other,
            (Err(_), Err(_)) => one.pid == other.pid,
            _ => false,
        };
        Ok(pyo3::types::PyBool::new(py, same)
            .to_owned()
            .into_any()
            .unbind())
    }

    fn __hash__(&self) -> PyResult<u64> {
        let core = self.core()?;
        let mut hasher = DefaultHasher::new();
        match &core.handle {
            Ok(handle) => handle.hash(&mut hasher),
            Err(_) => core.pid.hash(&mut hasher),
        }
        Ok(hasher.finish())
    }

    fn __str__(slf: &Bound<'_, Self>) -> PyResult<String> {
        describe(slf)
    }

    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        describe(slf)
    }

    /// Whether the process lives: a zombie does, another process with its pid is not it.
    pub(crate) fn is_running(slf: &Bound<'_, Self>) -> PyResult<bool> {
        let (py, process) = (slf.py(), slf.get());
        {
            let state = process.state(py);
            if state.gone || state.reused {
                return Ok(false);
            }
        }
        let core = process.core()?;
        let Ok(handle) = &core.handle else {
            return Ok(true);
        };
        let running = py
            .detach(|| handle.is_running())
            .map_err(|error| process.error(py, &error))?;
        if !running {
            let (pid, root) = (handle.pid(), handle.root());
            let reused = py.detach(|| pslens::Process::new_in(pid, root)).is_ok();
            process.mark_gone(slf, reused)?;
        }
        Ok(running)
    }

    /// A context within which what several methods read is read once.
    ///
    /// >>> with p.oneshot():
    /// ...     p.name(), p.ppid(), p.cpu_times()  # one look at the system
    fn oneshot(slf: &Bound<'_, Self>) -> OneShot {
        OneShot::new(slf.clone().unbind())
    }
}

impl Process {
    /// It is gone for good; the cache of `process_iter` is not to hand it out again.
    fn mark_gone(&self, slf: &Bound<'_, Self>, reused: bool) -> PyResult<()> {
        let py = slf.py();
        {
            let mut state = self.state(py);
            state.gone = true;
            state.reused |= reused;
        }
        if reused {
            let package = py.import(intern!(py, "pslens"))?;
            let cache = package
                .getattr(intern!(py, "_pmap"))?
                .cast_into::<PyDict>()?;
            let pid = self.core()?.pid;
            if cache.get_item(pid)?.is_some_and(|cached| cached.is(slf)) {
                cache.del_item(pid)?;
            }
        }
        Ok(())
    }

    /// Refuses to act on a process that is not the one meant.
    pub(crate) fn raise_if_reused(slf: &Bound<'_, Self>) -> PyResult<()> {
        let (py, process) = (slf.py(), slf.get());
        let reused = |py| process.state(py).reused;
        if reused(py) || (!Self::is_running(slf)? && reused(py)) {
            let msg = Some(errors::REUSED);
            return Err(process.exception(py, &errors::NO_SUCH_PROCESS, msg));
        }
        Ok(())
    }
}

/// `pslens.Process(pid=1, name='init', status='sleeping', started='02:13:39')`.
fn describe(slf: &Bound<'_, Process>) -> PyResult<String> {
    let (py, process) = (slf.py(), slf.get());
    let mut parts = vec![format!("pid={}", process.core()?.pid)];
    let look = OneShot::new(slf.clone().unbind());
    let entered = process.state(py).looks.enter();
    // By their names: a program may have replaced them.
    let told = || {
        let name = slf.call_method0(intern!(py, "name"))?;
        PyResult::Ok((name, slf.call_method0(intern!(py, "status"))?))
    };
    let mut name = process
        .state(py)
        .name
        .as_ref()
        .map(|name| name.clone_ref(py));
    let status = if process.state(py).reused {
        Some("'terminated + PID reused'".to_owned())
    } else {
        match told() {
            Ok((told, status)) => {
                name = Some(told.unbind());
                Some(status.repr()?.to_string())
            }
            Err(error) if error.is_instance(py, errors::ZOMBIE_PROCESS.class(py)?) => {
                Some("'zombie'".to_owned())
            }
            Err(error) if error.is_instance(py, errors::NO_SUCH_PROCESS.class(py)?) => {
                Some("'terminated'".to_owned())
            }
            Err(error) if error.is_instance(py, errors::ACCESS_DENIED.class(py)?) => None,
            Err(error) => {
                process.state(py).looks.leave(entered);
                return Err(error);
            }
        }
    };
    process.state(py).looks.leave(entered);
    drop(look);
    if let Some(name) = name {
        parts.push(format!("name={}", name.bind(py).repr()?));
    }
    if let Some(status) = status {
        parts.push(format!("status={status}"));
    }
    let exitcode = process
        .state(py)
        .exitcode
        .as_ref()
        .map(|code| code.clone_ref(py));
    if let Some(exitcode) = exitcode.filter(|code| !code.is_none(py)) {
        parts.push(format!("exitcode={}", exitcode.bind(py).repr()?));
    }
    let create_time = process.state(py).create_time;
    if let Some(started) = create_time {
        parts.push(format!("started='{}'", clock(py, started)?));
    }
    let class = slf.get_type();
    let (module, name) = (class.module()?, class.name()?);
    Ok(format!("{module}.{name}({})", parts.join(", ")))
}

/// The time of a day if that was the last, with the date otherwise.
fn clock(py: Python<'_>, seconds: f64) -> PyResult<String> {
    const DAY: f64 = 86_400.0;
    let time = py.import(intern!(py, "time"))?;
    let now: f64 = time.call_method0(intern!(py, "time"))?.extract()?;
    let format = if now - seconds < DAY {
        "%H:%M:%S"
    } else {
        "%Y-%m-%d %H:%M:%S"
    };
    let local = time.call_method1(intern!(py, "localtime"), (seconds,))?;
    time.call_method1(intern!(py, "strftime"), (format, local))?
        .extract()
}

/// The numbers of all processes, in ascending order.
///
/// >>> pids()
/// [1, 2, 3, 5, 7]
#[pyfunction]
pub(crate) fn pids(py: Python<'_>) -> PyResult<Vec<u32>> {
    let pids = root::ask(py, pslens::process::pids_in)?;
    Ok(pids.into_iter().map(Pid::as_u32).collect())
}

/// Whether a process has this pid. Quicker than looking it up in `pids()`.
///
/// >>> pid_exists(1)
/// True
#[pyfunction]
pub(crate) fn pid_exists(py: Python<'_>, pid: &Bound<'_, PyAny>) -> PyResult<bool> {
    let number = match pid.extract::<u32>() {
        Ok(number) => number,
        // Negative, or more than any system has.
        Err(error) if error.is_instance_of::<PyOverflowError>(py) => return Ok(false),
        Err(error) => return Err(error),
    };
    root::ask(py, |root| {
        pslens::process::pid_exists_in(number.into(), root)
    })
}
