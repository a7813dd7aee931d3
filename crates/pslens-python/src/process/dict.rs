//! Many attributes at once: `as_dict`, and `process_iter`'s scan.
//!
//! The library reads them together. That takes the place of the methods only as long as nobody has
//! replaced these, in a subclass or in a test: then they are called.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;

use pslens::process::{AllWith, Attribute, AttributeSet, Field, Info};
use pyo3::exceptions::{PyNotImplementedError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::sync::MutexExt;
use pyo3::types::{PyDict, PyFrozenSet, PyList, PySet, PyString, PyTuple, PyType};

use super::values::Value;
use super::{Missing, Process, values};
use crate::convert::{Text, epoch};
use crate::once::{Once, intern};
use crate::system::attributes::{NAMES, needed};
use crate::{errors, net, root, system};

/// What can be asked for and is no attribute that psutil lists: newer and older names.
const FURTHER: [(&str, Option<Attribute>); 4] = [
    ("connections", None),
    ("memory_footprint", Some(Attribute::MemoryFootprint)),
    ("memory_info_ex", None),
    ("page_faults", Some(Attribute::PageFaults)),
];

/// The names that `as_dict` knows.
#[pyfunction]
pub(crate) fn _as_dict_attrnames(py: Python<'_>) -> PyResult<Bound<'_, PySet>> {
    PySet::new(py, NAMES.iter().map(|(name, _)| *name))
}

/// What a dictionary is to have.
struct Wanted {
    /// Keys, and the attribute where the library has it.
    names: Vec<(Py<PyString>, Option<Attribute>)>,
    set: AttributeSet,
    /// Named one by one, so that what is not available is an error.
    explicit: bool,
    /// One of the names is neither an attribute of the library nor the pid.
    unusual: bool,
}

impl Wanted {
    fn new(py: Python<'_>, attrs: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        let mut wanted = Self {
            names: Vec::new(),
            set: AttributeSet::EMPTY,
            explicit: false,
            unusual: false,
        };
        if let Some(attrs) = attrs {
            let known = attrs.is_instance_of::<PyList>()
                || attrs.is_instance_of::<PyTuple>()
                || attrs.is_instance_of::<PySet>()
                || attrs.is_instance_of::<PyFrozenSet>();
            if !known {
                let given = attrs.get_type().repr()?;
                return Err(PyTypeError::new_err(format!("invalid attrs type {given}")));
            }
            wanted.add_all(attrs)?;
        }
        if wanted.names.is_empty() {
            for &(name, attribute) in NAMES {
                wanted.add(PyString::intern(py, name), attribute);
            }
        } else {
            wanted.explicit = true;
        }
        Ok(wanted)
    }

    fn add_all(&mut self, attrs: &Bound<'_, PyAny>) -> PyResult<()> {
        let mut invalid: Vec<String> = Vec::new();
        for name in attrs.try_iter()? {
            let name = name?;
            let known = name.cast::<PyString>().ok().and_then(|name| {
                let text = name.to_cow().ok()?;
                let mut names = NAMES.iter().chain(&FURTHER);
                let (_, attribute) = names.find(|(known, _)| *known == text)?;
                Some((name.clone(), *attribute))
            });
            match known {
                Some((name, attribute)) => self.add(name, attribute),
                None => invalid.push(name.repr()?.to_string()),
            }
        }
        if invalid.is_empty() {
            return Ok(());
        }
        let s = if invalid.len() == 1 { "" } else { "s" };
        let names = invalid.join(", ");
        Err(PyValueError::new_err(format!(
            "invalid attr name{s} {names}"
        )))
    }

    fn add(&mut self, name: Bound<'_, PyString>, attribute: Option<Attribute>) {
        match attribute {
            Some(Attribute::CpuPercent) => {
                self.set = self.set.with(Attribute::CpuTimes);
            }
            Some(attribute) => self.set = needed(attribute, self.set),
            None => self.unusual |= name != "pid",
        }
        self.names.push((name.unbind(), attribute));
    }

    /// Whether the library may take the methods' place for instances of a class.
    fn is_plain(&self, class: &Bound<'_, PyType>) -> PyResult<bool> {
        if self.unusual {
            return Ok(false);
        }
        let py = class.py();
        let originals = originals(py)?;
        for (name, attribute) in &self.names {
            let name = name.bind(py);
            let Some(original) =
                attribute.and_then(|_| originals.get(name.to_cow().ok()?.as_ref()))
            else {
                continue;
            };
            if !class.getattr(name)?.is(original) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether an object has an attribute of its own that hides a method.
    fn is_hidden_by(&self, object: &Bound<'_, Process>) -> PyResult<bool> {
        let py = object.py();
        let own = object
            .getattr(intern!(py, "__dict__"))?
            .cast_into::<PyDict>()?;
        if own.len() <= 1 {
            // Usually none, or `info`.
            let info = own.is_empty() || own.contains(intern!(py, "info"))?;
            if info {
                return Ok(false);
            }
        }
        for (name, _) in &self.names {
            if own.contains(name)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// The methods as they were when the module was loaded.
fn originals(py: Python<'_>) -> PyResult<&HashMap<&'static str, Py<PyAny>>> {
    static ORIGINALS: Once<HashMap<&'static str, Py<PyAny>>> = Once::new();
    ORIGINALS.get(|| {
        let class = py.get_type::<Process>();
        let names = NAMES.iter().chain(&FURTHER).map(|(name, _)| *name);
        let names = names.chain(["as_dict"]);
        names
            .map(|name| Ok((name, class.getattr(name)?.unbind())))
            .collect()
    })
}

/// Remembers the methods before anybody can replace them.
pub(crate) fn remember_originals(py: Python<'_>) -> PyResult<()> {
    originals(py).map(drop)
}

/// What became of an attribute, for a dictionary.
pub(crate) enum Entry<'py> {
    Value(Bound<'py, PyAny>),
    /// The caller's value for what is denied and for zombies.
    Denied,
    Unsupported,
    Failed(PyErr),
}

pub(crate) fn entry<'py, T>(
    process: &Bound<'py, Process>,
    field: &Field<T>,
    value: impl FnOnce(&T) -> Value<'py>,
) -> PyResult<Entry<'py>> {
    Ok(match field {
        Field::Value(known) => Entry::Value(value(known)?),
        Field::Unsupported => Entry::Unsupported,
        Field::Failed(error) => Entry::Failed(process.get().error(process.py(), error)),
        _ => Entry::Denied,
    })
}

pub(crate) fn int<'py, T: IntoPyObject<'py>>(py: Python<'py>, value: T) -> Value<'py> {
    pyo3::IntoPyObjectExt::into_bound_py_any(value, py)
}

/// Turns fields of a record into entries: attribute, field, how its value is converted. Of all others
/// `else` tells.
macro_rules! each {
    (
        $process:expr, $info:expr, $attribute:expr, else $otherwise:expr;
        $($name:ident $field:ident => |$value:pat_param| $conversion:expr,)*
    ) => {
        match $attribute {
            $(Attribute::$name => $crate::process::entry($process, &$info.$field, |$value| $conversion),)*
            _ => $otherwise,
        }
    };
}
pub(crate) use each;

impl Process {
    fn entry<'py>(
        slf: &Bound<'py, Self>,
        info: &Info,
        attribute: Attribute,
    ) -> PyResult<Entry<'py>> {
        use Attribute as A;
        let (py, process) = (slf.py(), slf.get());
        match attribute {
            A::CpuPercent => {
                return entry(slf, &info.cpu_times, |times| {
                    int(py, process.cpu_percent_since_last(py, times.total()))
                });
            }
            A::Exe => return Self::exe_entry(slf, info),
            // COMPAT(psutil): what the kernel does not tell is none.
            A::Cwd if matches!(info.cwd, Field::Unsupported) => {
                return Ok(Entry::Value(intern!(py, "").clone().into_any()));
            }
            _ => {}
        }
        each! {
            slf, info, attribute, else system::attributes::entry(slf, info, attribute);
            Cmdline cmdline => |words| values::texts(py, words),
            CpuAffinity cpu_affinity => |cpus| int(py, cpus),
            CreateTime create_time => |time| {
                let known = *process.state(py).create_time.get_or_insert_with(|| epoch(*time));
                int(py, known)
            },
            Cwd cwd => |path| values::text(py, path.as_ref().map(|path| path.as_os_str())),
            Environ environ => |variables| values::environ(py, variables),
            MemoryPercent memory_percent => |percent| int(py, *percent),
            Name name => |name| {
                let name = Text::of(name).into_pyobject(py)?.into_any();
                process.state(py).name = Some(name.clone().unbind());
                Ok(name)
            },
            NetConnections net_connections => |sockets| net::pconns(py, sockets),
            NumCtxSwitches num_ctx_switches => |switches| values::num_ctx_switches(py, switches),
            NumThreads num_threads => |count| int(py, *count),
            PageFaults page_faults => |faults| values::page_faults(py, faults),
            Ppid ppid => |pid| {
                process.state(py).ppid = Some(pid.as_u32());
                int(py, pid.as_u32())
            },
            Status status => |status| int(py, status.as_str()),
            Threads threads => |threads| values::threads(py, threads),
            Username username => |name| values::text(py, Some(name)),
        }
    }

    fn exe_entry<'py>(slf: &Bound<'py, Self>, info: &Info) -> PyResult<Entry<'py>> {
        let py = slf.py();
        match &info.exe {
            Field::Value(Some(path)) => Ok(Entry::Value(values::text(py, Some(path.as_os_str()))?)),
            Field::Value(None) | Field::Denied | Field::Unsupported => {
                // Guessing takes the arguments: those just read, if they say that there are none.
                if info.cmdline.value().is_some_and(Vec::is_empty)
                    && matches!(info.exe, Field::Value(_))
                {
                    return Ok(Entry::Value(intern!(py, "").clone().into_any()));
                }
                match slf.call_method0(intern!(py, "exe")) {
                    Ok(exe) => Ok(Entry::Value(exe)),
                    Err(error) if is_denied(py, &error)? => Ok(Entry::Denied),
                    Err(error) => Err(error),
                }
            }
            field => entry(slf, field, |_| Ok(py.None().into_bound(py))),
        }
    }

    /// The dictionary of a record.
    fn dictionary<'py>(
        slf: &Bound<'py, Self>,
        info: &Info,
        wanted: &Wanted,
        ad_value: &Bound<'py, PyAny>,
        of_many: bool,
    ) -> PyResult<Bound<'py, PyDict>> {
        let py = slf.py();
        let dict = PyDict::new(py);
        for (name, attribute) in &wanted.names {
            let Some(attribute) = attribute else {
                dict.set_item(name, slf.get().core()?.pid)?;
                continue;
            };
            match Self::entry(slf, info, *attribute)? {
                Entry::Value(value) => dict.set_item(name, value)?,
                Entry::Denied => dict.set_item(name, ad_value)?,
                // What could not be decoded of one process does not end a look at all.
                Entry::Failed(error) if of_many && error.is_instance_of::<PyValueError>(py) => {
                    dict.set_item(name, ad_value)?;
                }
                Entry::Failed(error) => return Err(error),
                Entry::Unsupported if wanted.explicit => {
                    let message = format!("this system does not have {name}");
                    return Err(PyNotImplementedError::new_err(message));
                }
                Entry::Unsupported => {}
            }
        }
        Ok(dict)
    }

    /// The same by calling the methods.
    fn dictionary_by_methods<'py>(
        slf: &Bound<'py, Self>,
        wanted: &Wanted,
        ad_value: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let py = slf.py();
        let entered = slf.get().state(py).looks.enter();
        let fill = || {
            let dict = PyDict::new(py);
            for (name, _) in &wanted.names {
                let method = slf.getattr(name)?;
                let value = if method.is_callable() {
                    method.call0()
                } else {
                    Ok(method)
                };
                match value {
                    Ok(value) => dict.set_item(name, value)?,
                    Err(error) if is_denied(py, &error)? => dict.set_item(name, ad_value)?,
                    Err(error)
                        if error.is_instance_of::<PyNotImplementedError>(py)
                            && !wanted.explicit => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(dict)
        };
        let dict = fill();
        slf.get().state(py).looks.leave(entered);
        dict
    }
}

fn is_denied(py: Python<'_>, error: &PyErr) -> PyResult<bool> {
    let denied = error.is_instance(py, errors::ACCESS_DENIED.class(py)?);
    Ok(denied || error.is_instance(py, errors::ZOMBIE_PROCESS.class(py)?))
}

#[pymethods]
impl Process {
    /// Several attributes as a dictionary: those named in `attrs`, or all. What may not be read, and what
    /// a zombie does not have any more, is `ad_value`.
    ///
    /// >>> p.as_dict(['pid', 'name'])
    /// {'pid': 7055, 'name': 'python3'}
    #[pyo3(signature = (attrs = None, ad_value = None))]
    fn as_dict<'py>(
        slf: &Bound<'py, Self>,
        attrs: Option<&Bound<'py, PyAny>>,
        ad_value: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let (py, process) = (slf.py(), slf.get());
        let wanted = Wanted::new(py, attrs)?;
        let none = py.None().into_bound(py);
        let ad_value = ad_value.unwrap_or(&none);
        let core = process.core()?;
        let handle = match &core.handle {
            Ok(handle) => handle,
            Err(Missing::Gone) => {
                return Err(process.exception(py, &errors::NO_SUCH_PROCESS, None));
            }
            Err(Missing::Hidden) => return Self::dictionary_by_methods(slf, &wanted, ad_value),
        };
        let in_look = process.state(py).looks.of_this_thread().is_some();
        if in_look || !wanted.is_plain(&slf.get_type())? || wanted.is_hidden_by(slf)? {
            return Self::dictionary_by_methods(slf, &wanted, ad_value);
        }
        let info = py
            .detach(|| handle.info(wanted.set))
            .map_err(|error| process.error(py, &error))?;
        Self::dictionary(slf, &info, &wanted, ad_value, false)
    }
}

/// One scan of all processes, for `process_iter`.
#[pyclass(name = "_Scan", module = "pslens", frozen)]
pub(crate) struct Scan {
    progress: Mutex<Option<Progress>>,
    wanted: Option<Wanted>,
    ad_value: Py<PyAny>,
    /// The objects of earlier scans by pid; brought up to date.
    cache: Py<PyDict>,
    /// What makes new objects.
    class: Py<PyAny>,
    plain: bool,
}

struct Progress {
    infos: Box<AllWith>,
    seen: HashSet<u32>,
}

#[pymethods]
impl Scan {
    #[new]
    #[pyo3(signature = (attrs, ad_value, cache, class))]
    fn __new__(
        attrs: Option<&Bound<'_, PyAny>>,
        ad_value: &Bound<'_, PyAny>,
        cache: &Bound<'_, PyDict>,
        class: &Bound<'_, PyAny>,
    ) -> PyResult<Self> {
        let py = cache.py();
        let wanted = attrs
            .map(|attrs| Wanted::new(py, Some(attrs)))
            .transpose()?;
        let own = py.get_type::<Process>();
        let mut plain = class.is(&own)
            && own
                .getattr(intern!(py, "as_dict"))?
                .is(&originals(py)?["as_dict"]);
        if let Some(wanted) = &wanted
            && plain
        {
            plain = wanted.is_plain(&own)?;
        }
        let set = match &wanted {
            Some(wanted) if plain => wanted.set,
            _ => AttributeSet::EMPTY,
        };
        let infos = root::ask(py, |root| pslens::process::all_with_in(set, root))?;
        Ok(Self {
            progress: Mutex::new(Some(Progress {
                infos: Box::new(infos),
                seen: HashSet::new(),
            })),
            wanted,
            ad_value: ad_value.clone().unbind(),
            cache: cache.clone().unbind(),
            class: class.clone().unbind(),
            plain,
        })
    }

    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__<'py>(slf: &Bound<'py, Self>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let (py, scan) = (slf.py(), slf.get());
        loop {
            // Taken out while the system is asked; a second thread finds nothing to go on with.
            let Some(mut progress) = scan.progress(py).take() else {
                return Ok(None);
            };
            let (next, progress) = py.detach(|| (progress.infos.next(), progress));
            let Some(next) = next else {
                scan.forget_the_gone(py, &progress.seen)?;
                return Ok(None);
            };
            let mut progress = progress;
            let info = next.map_err(|error| errors::of_system(py, &error));
            if let Ok(info) = &info {
                progress.seen.insert(info.pid().as_u32());
            }
            *scan.progress(py) = Some(progress);
            match scan.object(py, &info?) {
                Ok(object) => return Ok(Some(object)),
                Err(error) if error.is_instance(py, errors::NO_SUCH_PROCESS.class(py)?) => {}
                Err(error) => return Err(error),
            }
        }
    }
}

impl Scan {
    fn progress(&self, py: Python<'_>) -> std::sync::MutexGuard<'_, Option<Progress>> {
        let progress = self.progress.lock_py_attached(py);
        progress.unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn forget_the_gone(&self, py: Python<'_>, seen: &HashSet<u32>) -> PyResult<()> {
        let cache = self.cache.bind(py);
        for pid in cache.keys() {
            if !seen.contains(&pid.extract()?) {
                cache.del_item(pid)?;
            }
        }
        Ok(())
    }

    /// The object of a process, with `info` if that was asked for.
    fn object<'py>(&self, py: Python<'py>, info: &Info) -> PyResult<Bound<'py, PyAny>> {
        let cache = self.cache.bind(py);
        let pid = info.pid().as_u32();
        let known = cache.get_item(pid)?.filter(|known| {
            let known = known.cast::<Process>().ok();
            known.is_none_or(|known| {
                let core = known.get().core().ok();
                core.is_none_or(|core| core.handle.as_ref().is_ok_and(|it| *it == info.process))
            })
        });
        let object = match known {
            Some(known) => known,
            None => {
                let new = if self.class.is(py.get_type::<Process>()) {
                    Bound::new(py, Process::of(info.process.clone()))?.into_any()
                } else {
                    self.class.bind(py).call1((pid,))?
                };
                cache.set_item(pid, &new)?;
                new
            }
        };
        let Some(wanted) = &self.wanted else {
            return Ok(object);
        };
        let own = object.cast::<Process>().ok().filter(|_| self.plain);
        let plain = match own {
            Some(own) if !wanted.is_hidden_by(own)? => Some(own),
            _ => None,
        };
        let ad_value = self.ad_value.bind(py);
        let dict = match plain {
            Some(own) => Process::dictionary(own, info, wanted, ad_value, true)?.into_any(),
            None => {
                let names: Vec<_> = wanted.names.iter().map(|(name, _)| name).collect();
                let keywords = PyDict::new(py);
                keywords.set_item(intern!(py, "attrs"), names)?;
                keywords.set_item(intern!(py, "ad_value"), ad_value)?;
                let dict = object.call_method(intern!(py, "as_dict"), (), Some(&keywords));
                if let Err(error) = &dict
                    && error.is_instance(py, errors::NO_SUCH_PROCESS.class(py)?)
                {
                    cache.del_item(pid)?;
                }
                dict?
            }
        };
        object.setattr(intern!(py, "info"), dict)?;
        Ok(object)
    }
}
