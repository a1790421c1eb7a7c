"""What item 55's queue promises, whatever the interpreter."""

import sys
import threading
import unittest
from pathlib import Path

ITEM = Path(__file__).resolve().parents[2] / "item55-queue"
sys.path.insert(0, str(ITEM))
import in_python as item55
from chapter7 import uncaught_errors


class CollectedLate(item55.ClosableQueue):
    """As under PyPy: a generator that nobody uses any more is there for a while."""

    def __init__(self):
        super().__init__()
        self.kept = []

    def tasks(self):
        self.kept.append(super().tasks())
        return self.kept[-1]


class Workers(unittest.TestCase):
    def test_who_fails_leaves_no_task_undone_though_its_generator_is_not_collected(
        self,
    ):
        queue = CollectedLate()
        queue.put("no number")
        worker = threading.Thread(target=item55.do, args=(int, queue, queue))
        with uncaught_errors() as errors:
            worker.start()
            worker.join()
        self.assertEqual(len(errors), 1)
        self.assertEqual(queue.unfinished_tasks, 0)


if __name__ == "__main__":
    unittest.main()
