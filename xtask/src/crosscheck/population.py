"""Processes in odd states, so that there is something to compare.

Prints one JSON line {"pid": ..., "what": ...} per process, then "ready". Lives until stdin ends; its
processes die with it. Lines on stdin are commands: "newline on" and "newline off" open and close a unix
socket with a newline in its path.
"""

import ctypes
import json
import mmap
import os
import pty
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading

import psutil

ROOT = os.geteuid() == 0
NOBODY = 65534
STAGE = tempfile.mkdtemp(prefix="crosscheck-")
os.chmod(STAGE, 0o755)
SLEEP = shutil.which("sleep")
libc = ctypes.CDLL(None, use_errno=True)
keep = []


def die_with_parent():
    prctl_set_pdeathsig = 1
    libc.prctl(prctl_set_pdeathsig, int(signal.SIGKILL), 0, 0, 0)


def say(pid, what):
    print(json.dumps({"pid": pid, "what": what}), flush=True)


def child(what, prepare, then=signal.pause):
    """Forks; the child prepares, reports, and does `then` (which does not return) or ends."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(read)
            die_with_parent()
            os.chdir(STAGE)
            prepare()
            os.write(write, b"1")
            os.close(write)
            while True:
                then()
        except BaseException as error:
            print(f"{what}: {error!r}", file=sys.stderr)
        os._exit(1)
    os.close(write)
    done = os.read(read, 1)
    os.close(read)
    if done:
        say(pid, what)
    return pid


def program(name, what, argv=None, env=None, prepare=lambda: None, source=SLEEP):
    """A copy of `source` under another name."""
    path = os.path.join(os.fsencode(STAGE), os.fsencode(name))
    if not os.path.exists(path):
        shutil.copy(source, path)
        os.chmod(path, 0o755)
    read, write = os.pipe2(os.O_CLOEXEC)
    pid = os.fork()
    if pid == 0:
        try:
            die_with_parent()
            prepare()
            os.execve(path, argv or [path, b"1000"], os.environ if env is None else env)
        except BaseException as error:
            print(f"{what}: {error!r}", file=sys.stderr)
        os._exit(1)
    os.close(write)
    os.read(read, 1)  # ends when the exec closes the other end
    os.close(read)
    say(pid, what)
    keep.append(pid)
    return path


def renamed(name):
    def prepare():
        with open("/proc/self/comm", "wb") as comm:
            comm.write(name)

    child(f"named {name!r}", prepare)


def many_threads():
    threading.stack_size(65536)
    names = [b"a) S 1 1", b"with blank", b"(", b"new\nline", b"\xff\xfe"]
    started = threading.Barrier(301)
    hold = threading.Event()

    def body(index):
        with open(f"/proc/self/task/{threading.get_native_id()}/comm", "wb") as comm:
            comm.write(names[index % len(names)] if index < 20 else b"worker-%d" % index)
        started.wait()
        hold.wait()

    for index in range(300):
        threading.Thread(target=body, args=(index,), daemon=True).start()
    started.wait()


def many_fds():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
    keep.extend(os.open("/dev/null", os.O_RDONLY) for _ in range(min(hard, 4096) - 1500 if hard < 3000 else 1500))
    keep.extend(os.pipe())


def open_files():
    def path(name):
        return os.path.join(os.fsencode(STAGE), name)

    for name in [b"plain", b"two words", b"new\nline", b"\xff\xfe", b"really (deleted)", b"back\\slash"]:
        for mode in ["w", "r", "a", "r+", "a+", "w+"]:
            file = open(path(name), mode)
            if mode != "r":
                file.write("x" * 10)
                file.flush()
            keep.append(file)
    keep.append(open(path(b"gone"), "w+"))
    os.unlink(path(b"gone"))
    keep.append(open(path(b"gone twice"), "w+"))
    os.unlink(path(b"gone twice"))
    open(path(b"gone twice (deleted)"), "w").close()
    flags = [os.O_RDONLY | os.O_DIRECTORY, os.O_RDONLY | os.O_PATH, os.O_RDWR | os.O_SYNC, os.O_WRONLY | os.O_NOATIME * ROOT]
    for flag in flags:
        target = STAGE if flag & os.O_DIRECTORY else path(b"plain")
        keep.append(os.open(target, flag))
    keep.append(os.open("/dev/null", os.O_RDWR))
    keep.append(os.open(STAGE, os.O_TMPFILE | os.O_RDWR))
    keep.append(os.memfd_create("with blank"))
    keep.append(os.eventfd(0))


def sockets():
    def bound(family, kind, address, listen=False):
        s = socket.socket(family, kind)
        s.bind(address)
        if listen:
            s.listen(5)
        keep.append(s)
        return s

    for family, host in [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"), (socket.AF_INET, ""), (socket.AF_INET6, "::")]:
        try:
            listener = bound(family, socket.SOCK_STREAM, (host, 0), listen=True)
            udp = bound(family, socket.SOCK_DGRAM, (host, 0))
        except OSError:
            continue
        if host:
            for close in [False, True]:
                client = socket.create_connection(listener.getsockname()[:2])
                server = listener.accept()[0]
                keep.extend([client] if close else [client, server])
                if close:
                    server.close()
            peer = socket.socket(family, socket.SOCK_DGRAM)
            peer.connect(udp.getsockname())
            keep.append(peer)
    keep.append(socket.socket())  # neither bound nor connected
    mapped = socket.socket(socket.AF_INET6)
    mapped.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    mapped.bind(("::ffff:127.0.0.1", 0))
    mapped.listen()
    keep.append(mapped)
    stream, dgram, seqpacket = socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET
    number = os.getpid()
    for kind in [stream, dgram, seqpacket]:
        for name in [f"{STAGE}/socket-{kind}", f"\0abstract-{number}-{kind}", "relative-%d" % kind]:
            s = bound(socket.AF_UNIX, kind, name, listen=kind != dgram)
            peer = socket.socket(socket.AF_UNIX, kind)
            peer.connect(name)
            keep.append(peer)
            if kind != dgram:
                keep.append(s.accept()[0])
        keep.extend(socket.socketpair(socket.AF_UNIX, kind))
    bound(socket.AF_UNIX, stream, f"{STAGE}/with two blanks", listen=True)
    bound(socket.AF_UNIX, stream, f"\0abstract {number} blank", listen=True)
    bound(socket.AF_UNIX, stream, b"\0nul\0inside-%d" % number, listen=True)
    bound(socket.AF_UNIX, stream, os.fsencode(STAGE) + b"/socket \xff\xfe", listen=True)
    if ROOT:
        for family in (socket.AF_INET, socket.AF_INET6):
            keep.append(socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_ICMP))
    # The same listener in two processes.
    if os.fork() == 0:
        die_with_parent()
        while True:
            signal.pause()


def overwrite(what, text_for):
    """Writes over the argument vector in place, as daemons do."""

    def prepare():
        with open("/proc/self/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
        start, end = int(fields[45]), int(fields[46])
        with open("/proc/self/mem", "r+b", buffering=0) as memory:
            memory.seek(start)
            memory.write(text_for(end - start))

    child(what, prepare)


def busy_maps():
    path = os.path.join(STAGE, "mapped (deleted)")
    for name in [path, os.path.join(STAGE, "mapped two words"), os.path.join(STAGE, "mapped\nline")]:
        with open(name, "w+b") as file:
            file.write(b"x" * 65536)
            file.flush()
            area = mmap.mmap(file.fileno(), 65536)
            area[0] = 1
            keep.append(area)
    os.unlink(os.path.join(STAGE, "mapped two words"))
    big = mmap.mmap(-1, 1 << 30, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    big[: 16 << 20] = b"x" * (16 << 20)
    shared = mmap.mmap(-1, 8 << 20)
    shared[: 1 << 20] = b"x" * (1 << 20)
    keep.extend([big, shared])
    keep.extend(mmap.mmap(-1, 4096 * 2, prot=mmap.PROT_READ if n % 2 else mmap.PROT_READ | mmap.PROT_WRITE) for n in range(400))
    fd = os.memfd_create("mapped memory")
    os.ftruncate(fd, 65536)
    keep.append(mmap.mmap(fd, 65536))


def priorities():
    me = psutil.Process()
    os.nice(7)
    me.ionice(psutil.IOPRIO_CLASS_BE, 6)
    os.sched_setaffinity(0, {0})
    for name, limits in {
        "CORE": (0, 4096), "NOFILE": (100, 200), "CPU": (1000, 2000), "STACK": (1 << 20, 1 << 21),
        "AS": (1 << 40, resource.RLIM_INFINITY), "FSIZE": (1 << 33, 1 << 34),
    }.items():
        resource.setrlimit(getattr(resource, "RLIMIT_" + name), limits)


def family():
    for _ in range(2):
        if os.fork() == 0:
            die_with_parent()
            if os.fork() == 0:
                die_with_parent()
            while True:
                signal.pause()


def in_deleted_directory():
    os.mkdir("gone-directory")
    os.chdir("gone-directory")
    os.rmdir(os.path.join(STAGE, "gone-directory"))


def traced():
    libc.ptrace(0, 0, 0, 0)  # PTRACE_TRACEME


def from_memory():
    fd = os.memfd_create("program in memory")
    with open(SLEEP, "rb") as file:
        os.write(fd, file.read())
    os.execve(fd, [b"memory", b"1000"], {})


def ids(real, effective, saved):
    def prepare():
        os.setresgid(real, effective, saved)
        os.setresuid(real, effective, saved)

    return prepare


def main():
    prctl_set_child_subreaper = 36
    libc.prctl(prctl_set_child_subreaper, 1, 0, 0, 0)
    zombie = os.fork()
    if zombie == 0:
        os._exit(3)
    os.waitid(os.P_PID, zombie, os.WEXITED | os.WNOWAIT)
    say(zombie, "zombie")

    stopped = child("stopped", lambda: None, then=lambda: os.kill(os.getpid(), signal.SIGSTOP))
    os.waitid(os.P_PID, stopped, os.WSTOPPED | os.WNOWAIT)
    tracee = child("traced", traced, then=lambda: os.kill(os.getpid(), signal.SIGSTOP))
    os.waitid(os.P_PID, tracee, os.WSTOPPED | os.WNOWAIT)

    child("300 threads", many_threads)
    child("1500 descriptors", many_fds)
    child("open files", open_files)
    child("sockets", sockets)
    child("mappings", busy_maps)
    child("priorities and limits", priorities)
    child("family", family)
    child("working directory deleted", in_deleted_directory)
    for name in [b"a) R 1 2 (b", b"two words", b"new\nline", b"\xff\xfe\x80", b"Uid:\t0\t0\t0", b"Threads:\t99", b"", b"back\\slash", b"15 bytes long!!"]:
        renamed(name)

    os.unlink(program("to be deleted", "program deleted"))
    path = program("to be replaced", "program replaced by another called (deleted)")
    os.rename(path, path + b" (deleted)")
    program("a-program-with-a-rather-long-name", "long name")
    program(b"not \xff utf-8", "program not UTF-8")
    program("long name with ) and ( and blanks", "odd long name")
    program("sleeper", "empty arguments", argv=[b"sleeper", b"1000", b"0", b"0" * 3000])
    waiting = os.pipe()  # nothing ever arrives
    program("reader", "one argument of blanks", argv=[b"reader 1000 one two"], prepare=lambda: os.dup2(waiting[0], 0), source=shutil.which("cat"))
    program("sleeper", "empty environment", env={})
    program("sleeper", "odd environment", env={b"EMPTY": b"", b"LINES": b"a\nb", b"EQUALS": b"a=b=c", b"\xff": b"\xfe", b"BLANK ": b" "})
    child("program in memory", lambda: None, then=from_memory)

    overwrite("arguments overwritten, one string", lambda size: b"worker: idle since 12".ljust(size - 1, b"\0")[: size - 1] + b"\0")
    overwrite("arguments overwritten, no NUL left", lambda size: b"w x y ".ljust(size, b"z"))
    overwrite("arguments overwritten, all NUL", lambda size: b"\0" * size)
    overwrite("arguments overwritten, empty ones inside", lambda size: b"a\0\0b\0".ljust(size, b"c")[: size - 1] + b"\0")

    pid, fd = pty.fork()
    if pid == 0:
        die_with_parent()
        while True:
            signal.pause()
    keep.append(fd)
    say(pid, "terminal")

    if ROOT:
        child("user 65534, not dumpable", ids(NOBODY, NOBODY, NOBODY))
        program("sleeper", "user 65534", prepare=ids(NOBODY, NOBODY, NOBODY))
        program("sleeper", "user without a name", prepare=ids(54321, 54322, 54323))
        child("ids all different", ids(1, NOBODY, 2))
        script = (
            "import socket, signal; s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen(); "
            "u = socket.socket(socket.AF_UNIX); u.bind(b'\\0elsewhere'); u.listen(); signal.pause()"
        )
        if shutil.which("unshare"):
            other = subprocess.Popen(["unshare", "-n", sys.executable, "-c", script], preexec_fn=die_with_parent)
            keep.append(other.pid)
            say(other.pid, "another network namespace")
            other = subprocess.Popen(["unshare", "-p", "-f", "--kill-child", "--mount-proc", SLEEP, "1000"], preexec_fn=die_with_parent)
            say(other.pid, "another pid namespace")
    print("ready", flush=True)

    newline = None
    for line in sys.stdin:
        if line.strip() == "newline on":
            newline = socket.socket(socket.AF_UNIX)
            newline.bind(f"{STAGE}/socket\nsecond line")
            newline.listen()
        else:
            os.unlink(newline.getsockname())
            newline.close()
        print("done", flush=True)


main_pid = os.getpid()
try:
    main()
finally:
    if os.getpid() == main_pid:
        shutil.rmtree(STAGE, ignore_errors=True)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        for entry in psutil.Process().children(recursive=True):
            try:
                os.kill(entry.pid, signal.SIGKILL)
            except OSError:
                pass
        try:
            while os.wait():
                pass
        except ChildProcessError:
            pass
