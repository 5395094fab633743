"""A sample of fault_points.py: PROGRAM INJECTOR."""

import pathlib
import sys
import tempfile
import unittest

import fault_points
import scenarios

import program

# Those that change files; scripts/torture.sh tries all.
KINDS = {"write", "rename", "mkdir", "close", "fsync", "link", "unlink"}
# Points of each scenario and action: trainings make most calls and take longest.
NUM_POINTS = {"finetune": 5}
FEW = 2


class FaultPoints(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory(prefix="llmtool-faults-")
        cls.laboratory = fault_points.Laboratory(INJECTOR, cls.temporary.name)

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()


def make_test(scenario):
    def test(self):
        self.laboratory.prepare(scenario)
        calls = self.laboratory.calls[scenario.name]
        chosen = []
        for action in ("errno", "kill"):
            points = [point for point in fault_points.all_points(calls, (action,)) if point.kind in KINDS]
            chosen += fault_points.spread(points, NUM_POINTS.get(scenario.name, FEW))
        for verdict in fault_points.try_points(self.laboratory, scenario, chosen, jobs=2):
            with self.subTest(point=str(verdict.point)):
                self.assertEqual(verdict.problems, [])

    return test


for each in scenarios.SCENARIOS:
    setattr(FaultPoints, "test_" + each.name.replace("-", "_"), make_test(each))

if __name__ == "__main__":
    program.PROGRAM = str(pathlib.Path(sys.argv.pop(1)).resolve())
    INJECTOR = str(pathlib.Path(sys.argv.pop(1)).resolve())
    unittest.main(verbosity=2)
