"""Names that psutil calls private and that programs use all the same: they do what they do in psutil."""

import subprocess
import sys
import textwrap

import pytest

# Each prints what it finds. It is run with psutil, and with this package in its place.
PROGRAMS = {
    "bytes2human": """
        from psutil._common import bytes2human
        for n in (0, 1, 1023, 1024, 10000, 100001221, 5 << 30, 7 << 80):
            print(bytes2human(n), bytes2human(n, format="%(value)d %(symbol)s"))
        """,
    "debug": """
        import psutil, psutil._common, sys
        sys.stderr = sys.stdout
        psutil._common.debug("not shown")
        psutil._set_debug(True)
        psutil._common.debug("shown")
        psutil._common.debug(ValueError("x"))
        psutil._common.debug(OSError(2, "text"))
        psutil._set_debug(False)
        psutil._common.debug("not shown")
        """,
    "memoize": """
        from psutil._common import memoize
        @memoize
        def add(*numbers, **more):
            "Adds."
            print("asked", numbers, more)
            return sum(numbers)
        print(add(1, 2), add(1, 2), add(1, x=2), add(1, x=2), add.__doc__)
        add.cache_clear()
        print(add(1, 2))
        """,
    "memoize_when_activated": """
        from psutil._common import memoize_when_activated
        class Thing:
            @memoize_when_activated
            def ask(self):
                print("asked")
                return 1
        thing = Thing()
        thing.ask(), thing.ask()
        thing.ask.cache_activate(thing)
        thing.ask(), thing.ask()
        thing.ask.cache_deactivate(thing)
        thing.ask(), thing.ask()
        """,
    "supports_ipv6": """
        from psutil._common import supports_ipv6
        print(supports_ipv6())
        """,
    "files": """
        import os
        from psutil._common import bcat, cat, isfile_strict, open_binary, open_text
        from psutil._pslinux import open_binary as binary, open_text as text
        with open("file", "wb") as file:
            file.write(b"caf\\xc3\\xa9 \\xff\\n")
        for opened in (open_binary("file"), open_text("file"), binary("file"), text("file")):
            with opened:
                print(opened.mode, ascii(opened.read()))
        print(ascii(cat("file")), bcat("file"), cat("absent", fallback=None), bcat("absent", fallback=b""))
        for wrong in ("absent", "."):
            try:
                cat(wrong)
            except OSError as error:
                print(repr(error))
        print(isfile_strict("file"), isfile_strict("."), isfile_strict("absent"))
        """,
    "broadcast_addr": """
        from socket import AF_INET, AF_INET6
        from psutil._common import broadcast_addr
        from psutil._ntuples import snicaddr
        for family, address, mask in (
            (AF_INET, "192.168.1.2", "255.255.255.0"), (AF_INET, "10.1.2.3", "255.240.0.0"),
            (AF_INET, "10.1.2.3", None), (AF_INET6, "fe80::1", "ffff:ffff:ffff:ffff::"), (17, "00:00", None),
        ):
            try:
                print(broadcast_addr(snicaddr(family, address, mask, None, None)))
            except Exception as error:
                print(type(error))
        """,
    "conn_tmap": """
        from psutil._common import conn_tmap
        for kind, (families, types) in sorted(conn_tmap.items()):
            print(kind, sorted(families), sorted(types))
        """,
    "colours": """
        import os, sys
        from psutil._common import hilite, print_color
        def show():
            colours = "green red brown yellow blue violet lightblue grey darkgrey".split()
            for colour in (None, *colours):
                print(hilite("text", color=colour), hilite("text", color=colour, bold=True))
            print_color("text", color="red")
            print_color("text", color="blue", bold=True)
            print_color("text", color="blue", file=sys.stderr)
            try:
                print(hilite("text", color="octarine"))
            except ValueError as error:
                print(error)
        if len(sys.argv) == 1:
            # No terminal; then, in a process of its own, a terminal.
            show()
            child, terminal = os.forkpty()
            if child == 0:
                os.execv(sys.executable, [sys.executable, __file__, "terminal"])
            text = b""
            try:
                while more := os.read(terminal, 4096):
                    text += more
            except OSError:
                pass
            os.waitpid(child, 0)
            print(text)
        else:
            show()
        """,
    "parse_environ_block": """
        from psutil._common import parse_environ_block
        for block in ("", "A=1;", "A=1;B=2=3;;C=4;", "A=1;novalue;=x;E=;", "A=1;A=2;", "A=1"):
            print(parse_environ_block(block.replace(";", chr(0))))
        """,
    "wrap_numbers": """
        from psutil._common import wrap_numbers
        for given in (
            {"a": (5, 5)}, {"a": (3, 6)}, {"a": (4, 1)}, {"a": (1, 1), "b": (9, 9)}, {"b": (1, 9)},
            {"a": (2, 2), "b": (0, 0)}, {},
        ):
            print(wrap_numbers(given, "one"), wrap_numbers(given, "two"))
        wrap_numbers.cache_clear("one")
        print(wrap_numbers({"a": (0, 0), "b": (0, 0)}, "one"), wrap_numbers({"b": (0, 0)}, "two"))
        print(wrap_numbers.cache_info()[0])
        wrap_numbers.cache_clear()
        print(wrap_numbers.cache_info())
        """,
    "wait_pid": """
        import os, signal, subprocess, sys, psutil
        from psutil._psposix import wait_pid
        print(wait_pid(subprocess.Popen([sys.executable, "-c", "exit(3)"]).pid))
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
        try:
            wait_pid(child.pid, timeout=0)
        except psutil.TimeoutExpired as error:
            print(error.seconds, error.pid == child.pid)
        except Exception as error:
            print(type(error))
        child.kill()
        print(repr(wait_pid(child.pid)), wait_pid(child.pid))
        """,
    "numbers": """
        import psutil
        print(psutil._pslinux.CLOCK_TICKS, psutil._psplatform.CLOCK_TICKS, psutil._pslinux.PAGESIZE)
        print(psutil._psplatform is psutil._pslinux)
        """,
    "_cpu_busy_time": """
        import psutil
        times = psutil._ntuples.scputimes(*range(1, len(psutil.cpu_times()) + 1))
        print(psutil._cpu_busy_time(times), psutil._cpu_tot_time(times))
        """,
    "_pmap": """
        import psutil
        print(psutil._pmap)
        processes = list(psutil.process_iter())
        print(all(psutil._pmap[process.pid] is process for process in processes), len(processes) > 1)
        psutil.process_iter.cache_clear()
        print(psutil._pmap)
        """,
}
INSTALL = "import pslens; pslens.install_as_psutil(); import sys; assert sys.modules['psutil'] is pslens\n"


@pytest.mark.parametrize("name", PROGRAMS)
def test_private_names_do_what_psutils_do(name, tmp_path):
    program = textwrap.dedent(PROGRAMS[name])

    def told(text):
        # The same file name and line, because `debug` shows them.
        (tmp_path / "program.py").write_text(text)
        command = [sys.executable, tmp_path / "program.py"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout

    expected = told("\n" + program)
    assert expected
    assert told(INSTALL + program) == expected
