"""psutil's answers, as JSON lines: one request per line on stdin, one answer per line on stdout.

Only what JSON cannot say is changed here (named tuples become objects, enumerations their names, text
that is not UTF-8 an array of bytes). Whether two answers agree is decided elsewhere.
"""

import ctypes
import enum
import json
import os
import sys

import psutil

READY = {"version": psutil.__version__}
ENUMS = {"NIC_DUPLEX_FULL": "full", "NIC_DUPLEX_HALF": "half", "NIC_DUPLEX_UNKNOWN": "unknown", "AF_PACKET": "AF_LINK"}
UNAVAILABLE = "(denied or zombie)"
if len(sys.argv) > 1:
    # Another machine: psutil looks for the columns of its CPU times when it is loaded, and only in /proc.
    psutil.PROCFS_PATH = sys.argv[1]
    platform = sys.modules["psutil._pslinux"]
    platform.ntp.scputimes = platform._scputimes_ntuple(psutil.PROCFS_PATH)

CPU_TIMES = type(psutil.cpu_times())
held = {}


def text(value):
    raw = os.fsencode(value)
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return list(raw)


def key(value):
    return os.fsencode(value).decode(errors="replace") if isinstance(value, str) else str(value)


def plain(value):
    if isinstance(value, enum.Enum):
        if value.name.startswith(("IOPRIO", "POWER", "SIG")):
            return int(value)
        return ENUMS.get(value.name, value.name)
    if hasattr(value, "_fields"):
        return {name: plain(getattr(value, name)) for name in value._fields}
    if isinstance(value, psutil.Process):
        return value.pid
    if isinstance(value, dict):
        return {key(name): plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [plain(item) for item in value]
    if isinstance(value, str):
        return text(value)
    return value


def kind(error):
    table = [
        (psutil.ZombieProcess, "ZombieProcess"),
        (psutil.NoSuchProcess, "NoSuchProcess"),
        (psutil.AccessDenied, "AccessDenied"),
        (psutil.TimeoutExpired, "TimedOut"),
        (NotImplementedError, "Unsupported"),
        (FileNotFoundError, "NotFound"),
        (PermissionError, "AccessDenied"),
        (OSError, "Os"),
        ((ValueError, TypeError), "InvalidArgument"),
    ]
    for classes, name in table:
        # A value error that escapes from the reading of a file is not about an argument.
        if isinstance(error, classes):
            return name
    return "Crash"


def attempt(function):
    try:
        return {"ok": plain(function())}
    except Exception as error:  # whatever psutil raises is its answer
        return {"error": kind(error), "message": repr(error)[:300]}


def without_counterpart(process, name):
    """What psutil 7.2.2 does not have: from psutil's other answers, or from the kernel's text."""
    if name == "memory_footprint":
        full = process.memory_full_info()
        return {field: getattr(full, field) for field in ("uss", "pss", "swap")}
    process.status()  # says so if it is gone
    if name == "page_faults":
        with open(f"/proc/{process.pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
        return {"minor": int(fields[7]), "major": int(fields[9])}
    columns = {
        b"VmHWM": "peak_rss", b"VmPeak": "peak_vms", b"RssAnon": "rss_anon", b"RssFile": "rss_file",
        b"RssShmem": "rss_shmem", b"VmSwap": "swap", b"HugetlbPages": "hugetlb",
    }
    record = dict.fromkeys(columns.values())
    with open(f"/proc/{process.pid}/status", "rb") as file:
        for line in file.read().split(b"\n"):
            column, _, value = line.partition(b":")
            if column in columns:
                record[columns[column]] = int(value.split()[0]) * 1024
    return record


def on_process(process, name, args):
    if name in ("memory_footprint", "page_faults", "memory_info_ex"):
        return without_counterpart(process, name)
    if name == "as_dict":
        return process.as_dict(attrs=args.get("attrs"), ad_value=UNAVAILABLE)
    if name == "rlimit":
        return process.rlimit(getattr(psutil, args["resource"]))
    if name == "set_rlimit":
        return process.rlimit(getattr(psutil, args["resource"]), tuple(args["limits"]))
    if name in ("set_nice", "set_ionice", "set_cpu_affinity"):
        return getattr(process, name[4:])(*args["values"])
    return getattr(process, name)(**args)


def process(request):
    try:
        handle = held[request["hold"]] if "hold" in request else psutil.Process(request["pid"])
    except Exception as error:
        failure = {"error": kind(error), "message": repr(error)[:300]}
        return [failure for _ in request["calls"]]
    return [attempt(lambda call=call: on_process(handle, call["name"], call["args"])) for call in request["calls"]]


def hold(request):
    held[request["as"]] = psutil.Process(request["pid"])
    return True


def as_user(request):
    """Gives up root's rights for good; what this process looks like to itself stays readable."""
    for name in ("connections",):
        getattr(psutil.Process(), "net_" + name)()
    psutil.Process().as_dict()
    os.setgroups([])
    os.setresgid(*[request["gid"]] * 3)
    os.setresuid(*[request["uid"]] * 3)
    prctl_set_dumpable = 4
    ctypes.CDLL(None).prctl(prctl_set_dumpable, 1, 0, 0, 0)
    return os.getuid()


class Times:
    """Serves given samples in place of psutil.cpu_times, to compare formulas on the same input."""

    def __init__(self, samples):
        self.samples = [CPU_TIMES(**sample) for sample in samples]

    def __call__(self, percpu=False):
        sample = self.samples.pop(0)
        return [sample] if percpu else sample


def formula(request):
    original = psutil.cpu_times
    results = []
    for pair in request["pairs"]:
        row = {}
        for name in ("cpu_percent", "cpu_times_percent"):
            psutil.cpu_times = Times(pair)
            row[name] = attempt(lambda name=name: getattr(psutil, name)(interval=1e-6))
        results.append(row)
    psutil.cpu_times = original
    return results


def iterate(request):
    rows = []
    for found in psutil.process_iter(request["attrs"], ad_value=UNAVAILABLE):
        rows.append(plain(found.info))
    return rows


def ends(request):
    spawn = lambda script: psutil.Popen(["sh", "-c", script])
    single, group = [], []
    for script in request["scripts"]:
        single.append(spawn(script).wait())
        group.append(spawn(script))
    sleeper = psutil.Popen(["sleep", "1000"])
    gone, alive = psutil.wait_procs(group + [sleeper], timeout=1.5)
    together = [child.returncode for child in group]
    sleeper.kill()
    killed, _ = psutil.wait_procs([sleeper])
    return {
        "single": single,
        "together": together,
        "alive": len(alive),
        "killed": [child.returncode for child in killed],
    }


def call(request):
    return getattr(psutil, request["name"])(**request["args"])


VERBS = {
    "call": call,
    "process": process,
    "hold": hold,
    "as_user": as_user,
    "formula": formula,
    "iterate": iterate,
    "ends": ends,
}


def main():
    # What a library prints must not get between the answers.
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    import warnings

    warnings.simplefilter("ignore")
    print(json.dumps(READY), file=out, flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        print(json.dumps(attempt(lambda: VERBS[request["verb"]](request))), file=out, flush=True)


main()
