"""Does a Python package's side of the comparison, one request per line, and times the calls itself.

The package is the first argument: psutil, or one that goes by its names.
"""

import importlib
import json
import sys
import time

psutil = importlib.import_module(sys.argv[1])

# What psutil 7.2.2 does not have, pslens does on top.
HAS_PAGE_FAULTS = hasattr(psutil.Process, "page_faults")
# psutil always looks for owners.
tcp_sockets = getattr(psutil, "net_connections_without_owners", psutil.net_connections)

STAT = ["pid", "ppid", "name", "status", "cpu_times", "num_threads", "create_time"]
EXACT = STAT + ["memory_info", "uids", "username"]
FULL = EXACT + ["cmdline", "exe", "num_fds", "io_counters", "environ"]

setup = {"members": frozenset()}


def table(attrs):
    return [process.info for process in psutil.process_iter(attrs)]


def table_answer(records):
    members = setup["members"]
    ours = [r for r in records if r["pid"] in members]
    sums = {
        "ppid": sum(r["ppid"] for r in ours),
        "name": sum(len(r["name"]) for r in ours),
        "threads": sum(r["num_threads"] for r in ours),
        "create_time": sum(r["create_time"] for r in ours),
        "sleeping": sum(r["status"] == psutil.STATUS_SLEEPING for r in ours),
    }
    if ours and "uids" in ours[0]:
        sums["rss"] = sum(r["memory_info"].rss for r in ours)
        sums["uid"] = sum(r["uids"].real for r in ours)
        sums["username"] = sum(len(r["username"]) for r in ours)
    if ours and "environ" in ours[0]:
        sums["arguments"] = sum(len(a) for r in ours for a in r["cmdline"])
        sums["exe"] = sum(len(r["exe"]) for r in ours)
        sums["fds"] = sum(r["num_fds"] for r in ours)
        sums["read_chars"] = sum(r["io_counters"].read_chars for r in ours)
        sums["environ"] = sum(len(k) + len(v) for r in ours for k, v in r["environ"].items())
    else:
        # psutil 7.2.2 drops kernel threads when environ is asked for (Linux 6.18).
        sums["others"] = len(records) - len(ours)
    return {"rows": len(ours), "sums": sums}


def pids_answer(pids):
    ours = [p for p in pids if p in setup["members"]]
    return {"rows": len(ours), "sums": {"pid": sum(ours), "others": len(pids) - len(ours)}}


def tcp_answer(connections):
    holder = setup["pid"]
    return {
        "rows": len(connections),
        "sums": {
            "ports": sum(c.laddr.port + (c.raddr.port if c.raddr else 0) for c in connections),
            "owned": sum(c.pid == holder for c in connections),
            "established": sum(c.status == psutil.CONN_ESTABLISHED for c in connections),
        },
    }


def maps_answer(maps):
    return {
        "rows": len(maps),
        "sums": {
            "rss": sum(m.rss for m in maps),
            "size": sum(m.size for m in maps),
            "private": sum(m.private_clean + m.private_dirty for m in maps),
            "path": sum(len(m.path) for m in maps if not m.path.startswith("[")),
        },
    }


def full_answer(m):
    return {"rows": 1, "sums": {"rss": m.rss, "vms": m.vms, "uss": m.uss, "pss": m.pss, "swap": m.swap}}


def memory_answer(m):
    return {"rows": 1, "sums": {"total": m.total, "available": m.available, "slab": m.slab}}


def cpu_answer(t):
    return {"rows": 1, "sums": {"idle": t.idle, "user": t.user}}


def net_answer(nics):
    return {"rows": len(nics), "sums": {"name": sum(map(len, nics)), "received": sum(n.packets_recv for n in nics.values())}}


def disk_answer(disks):
    return {"rows": len(disks), "sums": {"name": sum(map(len, disks)), "reads": sum(d.read_count for d in disks.values())}}


def oneshot():
    p = setup["process"]
    with p.oneshot():
        return (
            p.ppid(), p.name(), p.status(), p.cpu_times(), p.create_time(), p.num_threads(),
            p.cpu_num(), p.terminal(), p.memory_info(), HAS_PAGE_FAULTS and p.page_faults(),
        )


def oneshot_answer(a):
    return {"rows": 1, "sums": {"ppid": a[0], "name": len(a[1]), "create_time": a[4], "threads": a[5], "terminal": int(a[7] is not None), "rss": a[8].rss, "vms": a[8].vms}}


def dict_answer(d):
    return {
        "rows": 1,
        "sums": {
            "attributes": len(d),
            "ppid": d["ppid"],
            "name": len(d["name"]),
            "create_time": d["create_time"],
            "threads": d["num_threads"],
            "fds": d["num_fds"],
            "rss": d["memory_info"].rss,
            "uss": d["memory_full_info"].uss,
            "environ": sum(len(k) + len(v) for k, v in d["environ"].items()),
            "maps": len(d["memory_maps"]),
        },
    }


def truth(answer):
    return {"rows": int(answer), "sums": {}}


CALLS = {
    "pids": (psutil.pids, pids_answer),
    "table-stat": (lambda: table(STAT), table_answer),
    "table": (lambda: table(EXACT), table_answer),
    "table-full": (lambda: table(FULL), table_answer),
    "tcp-owners": (lambda: psutil.net_connections("tcp"), tcp_answer),
    "tcp": (lambda: tcp_sockets("tcp"), tcp_answer),
    "memory-maps": (lambda: setup["process"].memory_maps(grouped=False), maps_answer),
    "memory-full": (lambda: setup["process"].memory_full_info(), full_answer),
    "virtual-memory": (psutil.virtual_memory, memory_answer),
    "cpu-times": (psutil.cpu_times, cpu_answer),
    "net-io": (lambda: psutil.net_io_counters(pernic=True), net_answer),
    "disk-io": (lambda: psutil.disk_io_counters(perdisk=True), disk_answer),
    "oneshot": (oneshot, oneshot_answer),
    "as-dict": (lambda: setup["process"].as_dict(), dict_answer),
    "pid-exists": (lambda: psutil.pid_exists(setup["pid"]), truth),
    "is-running": (lambda: setup["process"].is_running(), truth),
    "children": (
        lambda: setup["process"].children(recursive=True),
        lambda c: {"rows": len(c), "sums": {"pid": sum(p.pid for p in c)}},
    ),
}


def say(value):
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


def wait_for_exit(pid):
    process = psutil.Process(pid)
    say("armed")
    process.wait()
    return {"at": time.monotonic_ns()}


def wait_for_many(pids, seconds):
    processes = [psutil.Process(pid) for pid in pids]
    before = time.process_time_ns()
    gone, alive = psutil.wait_procs(processes, timeout=seconds)
    return {"ns": time.process_time_ns() - before, "rows": len(alive)}


def serve():
    say(psutil.__version__)
    for line in sys.stdin:
        request = json.loads(line)
        verb = request["verb"]
        if verb == "setup":
            setup["members"] = frozenset(request["members"])
            setup["pid"] = request["pid"]
            setup["process"] = psutil.Process(request["pid"])
            say("ready")
        elif verb == "answer":
            call, reduce = CALLS[request["row"]]
            say(reduce(call()))
        elif verb == "time":
            call, _ = CALLS[request["row"]]
            repetitions = range(request["repetitions"])
            before = time.perf_counter_ns()
            for _ in repetitions:
                call()
            say({"ns": time.perf_counter_ns() - before})
        elif verb == "exit":
            say(wait_for_exit(request["pid"]))
        elif verb == "many":
            say(wait_for_many(request["pids"], request["seconds"]))


serve()
