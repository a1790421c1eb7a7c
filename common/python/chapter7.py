"""What the chapter's Python programs share: the story each tells, the report it makes of it, and
the slow system call.

A program begins with a line that finds this file, and tells its story step by step:

    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "common/python"))
    from chapter7 import Program, Stopwatch

    def tell(story):
        with story.step("lock", "five threads count, one at a time") as step:
            with Stopwatch() as took:
                ...
            step.fact(found=counter.count)
            step.figure(elapsed_s=took.s)

    if __name__ == "__main__":
        Program(__doc__).run(tell)

The docstring begins with "Item 54: " and the item's title; all of it is the text of `--help`.
Without a flag the story is printed as it happens; with `--json` it ends in one JSON object:

    {"item": 54, "title": "...", "steps": [{"name": "lock", "facts": {"found": 500000},
     "figures": {"elapsed_s": 0.05}, "spans": [{"lane": "thread 0", "label": "count",
     "start_us": 12, "end_us": 410}]}]}

Facts are judged by the table of the Rust item (`cargo xtask verify 54 --program in_python.py`), so
they have the names that it knows. A step called `..._mended` does what the step of the name before
it does, where the code of the chapter no longer does what it says.
"""

import argparse
import json
import multiprocessing
import os
import platform
import select
import signal
import socket
import stat
import sys
import textwrap
import threading
from contextlib import contextmanager
from functools import lru_cache
from itertools import accumulate
from time import perf_counter, process_time
from typing import NamedTuple


class Program(argparse.ArgumentParser):
    """A program that tells a story. Flags that are added to it are in `story.flags`; the default
    `act=function` of a command calls that with its flags, instead of telling the story."""

    def __init__(self, doc, **options):
        options.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(description=doc, allow_abbrev=False, **options)

    def error(self, message):
        self.exit(2, f"error: {message}\n")

    def run(self, tell):
        """Tells the story. A signal ends it as that signal would, after its `finally` clauses."""
        self.add_argument(
            "--json", action="store_true", help="print one JSON object instead"
        )
        flags = self.parse_args()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, _begin_to_end)
        try:
            if hasattr(flags, "act"):
                flags.act(flags)
            else:
                with Story(self.description, flags.json) as story:
                    story.flags = flags
                    tell(story)
            sys.stdout.flush()
        except Ended as ended:
            _end_by(ended.number)
        except StdoutClosed:
            _hush(sys.stdout)
        except (
            OSError,
            RuntimeError,
        ) as error:  # RuntimeError: the system refuses a thread
            _hush(sys.stdout)
            sys.exit(f"error: {error}")


class Ended(KeyboardInterrupt):
    """A signal came. asyncio lets a KeyboardInterrupt through, and no other exception."""

    def __init__(self, number):
        super().__init__(number)
        self.number = number


def _begin_to_end(number, _frame):
    # Whatever it interrupts, asyncio or 10000 threads: no complaints, and no more than two seconds.
    _hush(sys.stderr)
    signal.signal(signal.SIGALRM, lambda *_: _end_by(number))
    signal.setitimer(signal.ITIMER_REAL, 2)
    raise Ended(number)


def _hush(stream):
    """What is written from now on, by the interpreter too, goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _end_by(number):
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def be_a_child():
    """For the start of a child process: the parent hears the signals, and is not outlived."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

    def end_with_parent():
        multiprocessing.parent_process().join()
        os._exit(1)

    threading.Thread(target=end_with_parent, daemon=True).start()


class StdoutClosed(Exception):
    """Whoever read the story has left."""


def say(text):
    try:
        print(text, flush=True)
    except BrokenPipeError:
        raise StdoutClosed from None


class Story:
    """What an item does, step by step."""

    def __init__(self, doc, as_json=False):
        head, _, self.title = doc.strip().splitlines()[0].partition(": ")
        self.item = int(head.split()[1])
        self.as_json = as_json
        self.steps = []

    def __enter__(self):
        if not self.as_json:
            say(f"Item {self.item}: {self.title}\n({interpreter()})")
        return self

    def __exit__(self, kind, _error, _traceback):
        if self.as_json and kind is None:
            steps = [step.report() for step in self.steps]
            report = {"item": self.item, "title": self.title, "steps": steps}
            say(json.dumps(report, allow_nan=False))

    @contextmanager
    def step(self, name, says):
        """Opens a step, which is printed when it has ended."""
        if any(step.name == name for step in self.steps):
            raise ValueError(f"there are two steps called {name}")
        step = Step(name, says)
        self.steps.append(step)
        yield step
        if not self.as_json:
            say(step)


class Span(NamedTuple):
    """Who did what, from when to when, in seconds of `perf_counter`."""

    lane: str
    label: str
    start: float
    end: float


class Step:
    """What a step has found, and who ran when."""

    def __init__(self, name, says):
        self.name = name
        self.says = says
        self.settings = {}
        self.facts = {}
        self.figures = {}
        self.told = []
        self.remarks = []
        self.spans = []
        self._start = perf_counter()

    def setting(self, **settings):
        """Reports what the run was asked for, or what stands for that."""
        self._add(self.settings, settings)
        self.told += settings.items()

    def fact(self, **facts):
        """Reports what was found, to be judged: `fact(found=500000)`."""
        self._add(self.facts, facts)
        self.told += facts.items()

    def proof(self, **facts):
        """Reports facts that only the judge needs: they are not printed."""
        self._add(self.facts, facts)

    def figure(self, **figures):
        """Reports what was measured and is never checked. Names end in their unit, such as _s."""
        self._add(self.figures, figures)
        self.told += figures.items()

    def say(self, remark):
        """Says what to make of the figures."""
        self.remarks.append(remark)

    def _add(self, entries, more):
        for name, value in more.items():
            if any(
                name in known for known in (self.settings, self.facts, self.figures)
            ):
                raise ValueError(f"{self.name}.{name} is reported twice")
            for each in value if isinstance(value, list) else [value]:
                if not isinstance(each, (bool, int, float, str)):
                    raise TypeError(f"{self.name}.{name} can't be {value!r}")
            entries[name] = value

    @contextmanager
    def span(self, lane, label):
        """Notes when a block of code began and ended."""
        start = perf_counter()
        try:
            yield
        finally:
            self.spans.append(Span(lane, label, start, perf_counter()))

    def watched(self, label, work):
        """The function `work`, which notes when it begins and ends, in the lane of its thread."""

        def watched_work(*arguments):
            with self.span(threading.current_thread().name, label):
                return work(*arguments)

        return watched_work

    def report(self):
        def microseconds(moment):
            return int((moment - self._start) * 1e6)

        spans = [
            {
                "lane": span.lane,
                "label": span.label,
                "start_us": microseconds(span.start),
                "end_us": microseconds(span.end),
            }
            for span in sorted(self.spans, key=lambda span: span.start)
        ]
        entries = {
            "settings": self.settings,
            "facts": self.facts,
            "figures": self.figures,
        }
        return {"name": self.name, **entries, "spans": spans}

    def __str__(self):
        told = "; ".join(shown(name, value) for name, value in self.told)
        paragraphs = [
            textwrap.fill(text, 80, initial_indent="  ", subsequent_indent="  ")
            for text in [told, *self.remarks]
            if text
        ]
        return "\n".join(["", f"{self.name}: {self.says}", *paragraphs])


def shown(name, value):
    """A fact or figure as a person reads it."""
    if isinstance(value, list):
        return f"{name.replace('_', ' ')} {', '.join(map(str, value))}"
    for ending, factor in (("_s", 1), ("_ns", 1e-9)):
        if name.endswith(ending):
            name, value = name[: -len(ending)], duration(value * factor)
    if isinstance(value, bool):
        value = "yes" if value else "no"
    elif isinstance(value, float):
        value = f"{value:.2f}"
    elif isinstance(value, int) and abs(value) >= 10_000:
        value = f"{value:,}"
    return f"{name.replace('_', ' ')} {value}"


def duration(seconds):
    """With three digits and a unit: `duration(0.0213)` is "21.3 ms"."""
    for unit, size in (("s", 1), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"


def interpreter():
    """Its name and version, and whether its threads compute at the same time."""
    name = f"{platform.python_implementation()} {platform.python_version()}"
    has_gil = getattr(sys, "_is_gil_enabled", lambda: True)()
    return name if has_gil else f"{name} without the interpreter lock"


def cores():
    """How many cores this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS
        return os.cpu_count()


class Stopwatch:
    """Measures a `with` block: the seconds that passed (`s`), and those of this process's processor
    time (`processor_s`)."""

    def __enter__(self):
        self._start, self._processor = perf_counter(), process_time()
        return self

    def __exit__(self, *_error):
        self.s = perf_counter() - self._start
        self.processor_s = process_time() - self._processor


class Clock:
    """Sleeps for a `beat` again and again while a `with` block runs, in a thread of its own. Longer
    than that it sleeps only if the machine stands still: `stood_still_s` is its longest sleep."""

    def __init__(self, beat):
        self._beat, self._over = beat, threading.Event()
        self._thread = threading.Thread(target=self._tick)
        self.stood_still_s = 0

    def _tick(self):
        last = perf_counter()
        while not self._over.wait(self._beat):
            now = perf_counter()
            self.stood_still_s = max(self.stood_still_s, now - last)
            last = now

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_error):
        self._over.set()
        self._thread.join()


def start_and_join(times):
    """How long it takes to start a thread that does nothing, and to join it: the mean."""
    with Stopwatch() as took:
        for _ in range(times):
            thread = threading.Thread()
            thread.start()
            thread.join()
    return took.s / times


def by_turns(rounds, *versions):
    """Calls each of `versions` once a round, so that a busy moment of the machine meets all alike.
    Returns the `Stopwatch` of the shortest round of each; `found` is what the version returned."""
    best = [None] * len(versions)
    for _ in range(rounds):
        for number, version in enumerate(versions):
            with Stopwatch() as took:
                found = version()
            took.found = found
            if best[number] is None or took.s < best[number].s:
                best[number] = took
    return best


@lru_cache(maxsize=1)
def silent_socket():
    """A datagram socket to which nobody writes."""
    silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    silent.bind(("127.0.0.1", 0))
    return silent


def slow_system_call(latency):
    """Blocks the calling thread in the kernel for `latency` seconds, as slow I/O does."""
    readable, _, _ = select.select([silent_socket()], [], [], latency)
    if readable:
        raise OSError("the slow system call returned early")


@contextmanager
def uncaught_errors():
    """A list of what threads raise and nobody catches, instead of tracebacks on stderr."""
    errors = []
    hook, threading.excepthook = (
        threading.excepthook,
        lambda args: errors.append(args.exc_value),
    )
    try:
        yield errors
    finally:
        threading.excepthook = hook


def overlap(spans):
    """How many of the spans were open at the same moment, at most."""
    begins_and_ends = [(span.start, 1) for span in spans]
    begins_and_ends += [(span.end, -1) for span in spans]
    changes = (change for _, change in sorted(begins_and_ends))
    return max(accumulate(changes), default=0)


def a_child_is_left():
    """Whether this process has a child that nobody has waited for."""
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return False
    return True


def pipes_open():
    """How many of this process's open files are pipes."""
    count = 0
    for descriptor in os.listdir("/dev/fd"):
        try:
            count += stat.S_ISFIFO(os.fstat(int(descriptor)).st_mode)
        except OSError:
            pass  # the one that listed them
    return count
