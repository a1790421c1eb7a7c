"""Tests of what the Python programs share: `python3 common/python/test_chapter7.py`."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import unittest
from pathlib import Path
from subprocess import PIPE
from tempfile import TemporaryDirectory
from threading import Thread

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = sorted(ROOT.glob("item*/**/in_python.py"))

sys.path.insert(0, str(ROOT / "common/python"))
import computing_at_once
from chapter7 import Span, Step, Story, by_turns, overlap, shown, uncaught_errors

PROGRAM = '''
"""Item 54: Use Lock"""

import sys
sys.path.insert(0, {folder!r})
from chapter7 import Program, slow_system_call

def tell(story):
    with story.step("lock", "five threads count") as step:
        with step.span("thread 0", "count"):
            pass
        step.setting(threads=5)
        step.fact(found=500000)
        step.proof(digest="0123")
        step.figure(elapsed_s=0.0125)
    {then}

Program(__doc__).run(tell)
'''


def run(*flags, then="pass", **options):
    """Runs a program with one step that does `then` afterwards."""
    program = PROGRAM.format(folder=str(ROOT / "common/python"), then=then)
    command = [sys.executable, "-c", program, *flags]
    options = {"stdout": PIPE, "stderr": PIPE, "encoding": "utf-8", **options}
    return subprocess.run(command, check=False, **options)


class AProgram(unittest.TestCase):
    def test_tells_a_person_all_but_its_proofs(self):
        told = run()
        self.assertEqual(told.returncode, 0, told.stderr)
        _title, _interpreter, *story = told.stdout.splitlines()
        expected = [
            "",
            "lock: five threads count",
            "  threads 5; found 500,000; elapsed 12.5 ms",
        ]
        self.assertEqual(story, expected)

    def test_reports_one_json_object_with_all_that_it_has_found(self):
        report = json.loads(run("--json").stdout)
        self.assertEqual((report["item"], report["title"]), (54, "Use Lock"))
        [step] = report["steps"]
        self.assertEqual(step["name"], "lock")
        self.assertEqual(step["settings"], {"threads": 5})
        self.assertEqual(step["facts"], {"found": 500000, "digest": "0123"})
        self.assertEqual(step["figures"], {"elapsed_s": 0.0125})
        [span] = step["spans"]
        self.assertEqual((span["lane"], span["label"]), ("thread 0", "count"))
        self.assertIsInstance(span["start_us"], int)
        self.assertGreaterEqual(span["end_us"], span["start_us"])

    def test_refuses_an_unknown_flag_in_one_line(self):
        for flag in ("--no-such-flag", "--jso", "word"):
            refused = run(flag)
            self.assertEqual(refused.returncode, 2)
            self.assertEqual(refused.stdout, "")
            self.assertEqual(refused.stderr.count("\n"), 1, refused.stderr)
            self.assertIn(flag, refused.stderr)

    def test_tells_in_one_line_what_the_system_has_refused(self):
        failed = run(then='open("no/such/file")')
        self.assertEqual(failed.returncode, 1)
        self.assertEqual(failed.stderr.count("\n"), 1, failed.stderr)
        self.assertIn("no/such/file", failed.stderr)

    def test_ends_quietly_when_its_reader_has_left(self):
        reader, writer = os.pipe()
        os.close(reader)
        left = run(stdout=writer)
        os.close(writer)
        self.assertEqual((left.returncode, left.stderr), (0, ""))

    @unittest.skipUnless(Path("/dev/full").exists(), "Linux has a disk that is full")
    def test_tells_that_a_disk_is_full(self):
        with open("/dev/full", "w", encoding="utf-8") as full:
            failed = run("--json", stdout=full)
        self.assertEqual(failed.returncode, 1)
        self.assertEqual(failed.stderr.count("\n"), 1, failed.stderr)

    def test_ends_by_the_signal_that_it_was_sent_after_its_finally_clauses(self):
        lines = [
            "try:",
            "    print('waits', flush=True)",
            "    slow_system_call(60)",
            "finally:",
            "    print('cleans up', flush=True)",
        ]
        program = PROGRAM.format(
            folder=str(ROOT / "common/python"), then="\n    ".join(lines)
        )
        command = [sys.executable, "-c", program, "--json"]
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) == signal.SIG_IGN:
                continue  # and so it is for our children
            with subprocess.Popen(command, stdout=PIPE, stderr=PIPE) as child:
                self.assertEqual(child.stdout.readline(), b"waits\n")
                child.send_signal(number)
                rest, complaint = child.communicate(timeout=30)
            self.assertEqual(child.returncode, -number)
            self.assertEqual((rest, complaint), (b"cleans up\n", b""))


class AStep(unittest.TestCase):
    def test_refuses_a_name_that_it_has_reported(self):
        step = Step("race", "")
        step.fact(found=1)
        for report in (step.fact, step.proof, step.figure, step.setting):
            with self.assertRaisesRegex(ValueError, "race.found is reported twice"):
                report(found=2)

    def test_refuses_what_json_has_no_value_for(self):
        for value in (None, object(), {"a": 1}, {1, 2}, (1, 2), [1, None], 1 + 1j):
            with self.assertRaises(TypeError):
                Step("race", "").fact(found=value)

    def test_has_a_name_of_its_own(self):
        story = Story("Item 54: Use Lock", as_json=True)
        with story.step("race", ""):
            pass
        again = story.step("race", "")
        with self.assertRaisesRegex(ValueError, "two steps called race"):
            again.__enter__()

    def test_notes_who_ran_when_also_if_it_ends_by_an_error(self):
        step = Step("race", "")
        with self.assertRaises(ZeroDivisionError):
            step.watched("divide", lambda: 1 / 0)()
        with step.span("main", "rest"):
            pass
        self.assertEqual([span.label for span in step.spans], ["divide", "rest"])
        self.assertTrue(all(span.end >= span.start for span in step.spans))


class Measuring(unittest.TestCase):
    def test_versions_take_turns_and_the_shortest_round_of_each_counts(self):
        turns = []
        a, b = by_turns(3, lambda: turns.append("a"), lambda: turns.append("b"))
        self.assertEqual(turns, ["a", "b"] * 3)
        self.assertLessEqual(0, min(a.s, b.s))

    def test_spans_that_meet_do_not_overlap(self):
        def spans(*times):
            return [Span("", "", start, end) for start, end in times]

        self.assertEqual(overlap([]), 0)
        self.assertEqual(overlap(spans((0, 1), (1, 2))), 1)
        self.assertEqual(overlap(spans((0, 3), (1, 2), (1, 4), (3, 5))), 3)

    def test_figures_are_shown_with_their_units(self):
        for name, value, words in (
            ("elapsed_s", 0.0125, "elapsed 12.5 ms"),
            ("lock_ns", 24.2381, "lock 24.2 ns"),
            ("statuses", [0, 0], "statuses 0, 0"),
            ("speed_up", 1.7349, "speed up 1.73"),
            ("refused", False, "refused no"),
        ):
            self.assertEqual(shown(name, value), words)

    def test_an_error_that_a_thread_does_not_catch_is_kept(self):
        with uncaught_errors() as errors:
            thread = Thread(target=lambda: 1 / 0)
            thread.start()
            thread.join()
        self.assertIsInstance(errors[0], ZeroDivisionError)


class WhatComputesAtOnce(unittest.TestCase):
    def test_is_two_pieces_that_overlap_by_more_than_half_of_the_shorter(self):
        piece = computing_at_once.Window(100_000, 200_000, 100_000)
        for start, end, is_beside in (
            (100, 200, True),
            (149, 249, True),
            (150, 250, False),
            (300, 400, False),
            (140, 150, False),  # too short to tell
        ):
            other = computing_at_once.Window(
                start * 1000, end * 1000, (end - start) * 1000
            )
            self.assertEqual(piece.is_beside(other), is_beside, other)

    def test_is_no_piece_that_waited_for_its_turn(self):
        piece = computing_at_once.Window(0, 100_000, 100_000)
        waited = computing_at_once.Window(0, 100_000, 40_000)
        self.assertFalse(piece.is_beside(waited))
        self.assertFalse(waited.is_beside(waited))

    def test_is_not_found_where_nobody_computes(self):
        seen, control_seen = computing_at_once.look(lambda watch: None)
        self.assertFalse(seen)
        self.assertLessEqual(control_seen, computing_at_once.MANY)


class ThePool(unittest.TestCase):
    def test_leaves_no_child_however_python_starts_processes(self):
        [program] = (path for path in PROGRAMS if path.parent.name.startswith("item64"))
        for method in multiprocessing.get_all_start_methods():
            with TemporaryDirectory() as folder:
                force = f"import multiprocessing\nmultiprocessing.set_start_method({method!r}, force=True)\n"
                Path(folder, "sitecustomize.py").write_text(force, encoding="utf-8")
                told = subprocess.run(
                    [sys.executable, str(program), "--json"],
                    check=True,
                    stdout=PIPE,
                    env={**os.environ, "PYTHONPATH": folder},
                )
            steps = json.loads(told.stdout)["steps"]
            [trip] = (step for step in steps if step["name"] == "trip")
            self.assertIs(trip["facts"]["a_child_is_left"], False, method)


class EachProgram(unittest.TestCase):
    def test_there_is_one_for_each_item_and_it_can_be_run(self):
        numbers = [int(path.parent.name[4:6]) for path in PROGRAMS]
        self.assertEqual(numbers, list(range(52, 65)))
        for path in PROGRAMS:
            self.assertTrue(os.access(path, os.X_OK), path)

    def test_has_the_number_and_the_title_of_its_item(self):
        for path in PROGRAMS:
            manifest = path.with_name("Cargo.toml").read_text(encoding="utf-8")
            [title] = [
                line.split('"')[1]
                for line in manifest.splitlines()
                if line.startswith("description = ")
            ]
            number = path.parent.name[4:6]
            text = path.read_text(encoding="utf-8")
            begins = f'#!/usr/bin/env python3\n"""Item {number}: {title}\n'
            self.assertTrue(text.startswith(begins), path)

    def test_refuses_an_unknown_flag(self):
        for path in PROGRAMS:
            command = [sys.executable, str(path), "--no-such-flag"]
            refused = subprocess.run(command, check=False, capture_output=True)
            self.assertEqual(refused.returncode, 2, refused.stderr)
            self.assertEqual((refused.stdout, refused.stderr.count(b"\n")), (b"", 1))


if __name__ == "__main__":
    unittest.main()
