//! Several attributes of one process, read together.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use super::{
    Attribute, AttributeSet, CpuTimes, CtxSwitches, Ids, IoCounters, IoPriority, MemoryFootprint,
    MemoryFullInfo, MemoryInfo, MemoryInfoEx, MemoryMap, OpenFile, PageFaults, Pid, Process,
    Status, Thread,
};
use crate::error::{Error, ErrorKind, Result};
use crate::net::{Connection, ConnectionKind};
use crate::sys;

/// What became of one attribute of a query. One that fails never spoils the others.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub enum Field<T> {
    /// It was not in the set.
    #[default]
    NotAsked,
    /// The value.
    Value(T),
    /// The system refuses to tell.
    Denied,
    /// The process is a zombie, and this went with its memory.
    Zombie,
    /// This system or kernel does not have it.
    Unsupported,
    /// Something else went wrong.
    Failed(Arc<Error>),
}

impl<T> Field<T> {
    /// The value, if there is one.
    #[must_use]
    pub const fn value(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            _ => None,
        }
    }

    /// The value, if there is one.
    #[must_use]
    pub fn into_value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            _ => None,
        }
    }

    /// Only "gone" ends a record; every other failure is this field's alone.
    fn of(result: Result<T>) -> Result<Self> {
        match result {
            Ok(value) => Ok(Self::Value(value)),
            Err(error) => Self::failed(error),
        }
    }

    #[cold]
    fn failed(error: Error) -> Result<Self> {
        match error.kind() {
            ErrorKind::NoSuchProcess => Err(error),
            ErrorKind::AccessDenied => Ok(Self::Denied),
            ErrorKind::ZombieProcess => Ok(Self::Zombie),
            ErrorKind::Unsupported => Ok(Self::Unsupported),
            _ => Ok(Self::Failed(Arc::new(error))),
        }
    }
}

macro_rules! info {
    ($($attribute:ident $field:ident: $type:ty = $read:expr,)*) => {
        /// Attributes of one process, all read at the same time and all of the same process.
        ///
        /// Which ones is the caller's choice ([`AttributeSet`]); each field says what became of it.
        #[derive(Debug, Clone)]
        #[non_exhaustive]
        pub struct Info {
            /// The process that this is about.
            pub process: Process,
            $(
                #[doc = concat!("See [`Process::", stringify!($field), "`].")]
                pub $field: Field<$type>,
            )*
        }

        impl Info {
            /// Reads what is in `attributes` from where `reader` stands.
            pub(crate) fn read(
                reader: &mut sys::process::Reader,
                process: Process,
                attributes: AttributeSet,
            ) -> Result<Self> {
                const OPERATION: &str = "process info";
                let mut info = Self {
                    process,
                    $($field: Field::NotAsked,)*
                };
                $(
                    if attributes.contains(Attribute::$attribute) {
                        let read: fn(&mut sys::process::Reader) -> Result<$type> = $read;
                        info.$field = Field::of(read(reader))?;
                    }
                )*
                reader.finish(OPERATION)?;
                Ok(info)
            }
        }

        /// One object with psutil's names as keys: the attributes that were asked for, null where there
        /// is no value. `pid` is always there.
        #[cfg(feature = "serde")]
        impl serde::Serialize for Info {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeMap;
                let mut map = s.serialize_map(None)?;
                map.serialize_entry("pid", &self.process.pid())?;
                $(
                    match &self.$field {
                        Field::NotAsked => {}
                        Field::Value(value) => {
                            map.serialize_entry(Attribute::$attribute.name(), &Plain(value))?;
                        }
                        _ => map.serialize_entry(Attribute::$attribute.name(), &())?,
                    }
                )*
                map.end()
            }
        }
    };
}

// Calls that go by the number come first: the files read after them prove that they met the same process.
info! {
    Nice nice: i32 = |reader| reader.nice(),
    Ionice ionice: IoPriority = |reader| reader.ionice(),
    CpuAffinity cpu_affinity: Vec<u32> = |reader| reader.cpu_affinity(),
    NetConnections net_connections: Vec<Connection> = |reader| reader.net_connections(ConnectionKind::Inet),
    Ppid ppid: Pid = |reader| reader.ppid(),
    Name name: OsString = |reader| reader.name(),
    Status status: Status = |reader| reader.status(),
    CreateTime create_time: SystemTime = |reader| reader.create_time(),
    Terminal terminal: Option<PathBuf> = |reader| reader.terminal(),
    CpuTimes cpu_times: CpuTimes = |reader| reader.cpu_times(),
    CpuNum cpu_num: Option<u32> = |reader| reader.cpu_num(),
    // Needs an earlier sample, which only a `Cache` has.
    CpuPercent cpu_percent: Option<f64> = |_| Ok(None),
    NumThreads num_threads: u32 = |reader| reader.num_threads(),
    PageFaults page_faults: PageFaults = |reader| reader.page_faults(),
    MemoryInfo memory_info: MemoryInfo = |reader| reader.memory_info(),
    MemoryPercent memory_percent: f64 = |reader| reader.memory_percent(),
    NumCtxSwitches num_ctx_switches: CtxSwitches = |reader| reader.num_ctx_switches(),
    MemoryInfoEx memory_info_ex: MemoryInfoEx = |reader| reader.memory_info_ex(),
    Cmdline cmdline: Vec<OsString> = |reader| reader.cmdline(),
    Environ environ: Vec<(OsString, OsString)> = |reader| reader.environ(),
    Exe exe: Option<PathBuf> = |reader| reader.exe(),
    Cwd cwd: Option<PathBuf> = |reader| reader.cwd(),
    IoCounters io_counters: IoCounters = |reader| reader.io_counters(),
    NumFds num_fds: u32 = |reader| reader.num_fds(),
    NumHandles num_handles: u32 = |reader| reader.num_handles(),
    OpenFiles open_files: Vec<OpenFile> = |reader| reader.open_files(),
    Threads threads: Vec<Thread> = |reader| reader.threads(),
    MemoryMaps memory_maps: Vec<MemoryMap> = |reader| reader.memory_maps(),
    MemoryFootprint memory_footprint: MemoryFootprint = |reader| reader.memory_footprint(),
    MemoryFullInfo memory_full_info: MemoryFullInfo = |reader| reader.memory_full_info(),
    // Last: where ids come from a pidfd, the answer proves that everything before was of the same process.
    Uids uids: Ids = |reader| reader.uids(),
    Gids gids: Ids = |reader| reader.gids(),
    Username username: OsString = |reader| reader.username(),
}

impl Info {
    /// The process's number.
    #[must_use]
    pub fn pid(&self) -> Pid {
        self.process.pid()
    }
}

/// A value in the form that [`crate::serialize`] gives it.
#[cfg(feature = "serde")]
struct Plain<'a, T>(&'a T);

#[cfg(feature = "serde")]
mod plain {
    //! Types of the standard library that have no JSON form, or one that is not ours.

    use serde::ser::{Serialize, SerializeMap, Serializer};

    use super::{
        Connection, CpuTimes, CtxSwitches, Ids, IoCounters, IoPriority, MemoryFootprint,
        MemoryFullInfo, MemoryInfo, MemoryInfoEx, MemoryMap, OpenFile, OsString, PageFaults,
        PathBuf, Pid, Plain, Status, SystemTime, Thread,
    };
    use crate::serialize;

    macro_rules! as_it_is {
        ($($type:ty),*) => {$(
            impl Serialize for Plain<'_, $type> {
                fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                    self.0.serialize(s)
                }
            }
        )*};
    }
    as_it_is!(
        Ids,
        i32,
        u32,
        f64,
        IoPriority,
        Vec<u32>,
        Vec<Connection>,
        Pid,
        Status,
        CpuTimes,
        CtxSwitches,
        Option<u32>,
        Option<f64>,
        PageFaults,
        MemoryInfo,
        MemoryInfoEx,
        IoCounters,
        Vec<OpenFile>,
        Vec<Thread>,
        Vec<MemoryMap>,
        MemoryFootprint,
        MemoryFullInfo
    );

    impl Serialize for Plain<'_, OsString> {
        fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
            serialize::text(self.0, s)
        }
    }

    impl Serialize for Plain<'_, Option<PathBuf>> {
        fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
            serialize::text_option(self.0, s)
        }
    }

    impl Serialize for Plain<'_, SystemTime> {
        fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
            serialize::epoch(self.0, s)
        }
    }

    impl Serialize for Plain<'_, Vec<OsString>> {
        fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
            s.collect_seq(self.0.iter().map(Plain))
        }
    }

    /// An object; a name that is not UTF-8 cannot be a key and is written with replacement characters.
    impl Serialize for Plain<'_, Vec<(OsString, OsString)>> {
        fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
            let mut map = s.serialize_map(Some(self.0.len()))?;
            for (name, value) in self.0 {
                map.serialize_entry(&*name.to_string_lossy(), &Plain(value))?;
            }
            map.end()
        }
    }
}
