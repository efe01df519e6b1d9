"""Runs integration cases with the time of each.

    python -m integration.main [--failfast] [MODULE | PATTERN]...     e.g. test_faults (also as a path), or *kill_9*; nothing: all
Exit code 0: all passed; 1: some did not; 77: all were skipped (CTest's SKIP_RETURN_CODE).
"""
import importlib
import os
import sys
import time
import unittest

from fixtures import parts

HERE = os.path.dirname(os.path.abspath(__file__))


class TimedResult(unittest.TextTestResult):
    def startTest(self, test):
        self.began = time.monotonic()
        super().startTest(test)

    def stopTest(self, test):
        super().stopTest(test)
        self.stream.writeln("    %.1f s" % (time.monotonic() - self.began))

    def getDescription(self, test):
        return test.id().partition(".")[2]


def main(arguments, package="integration"):
    """`package`: a folder beside this one whose test_*.py hold the cases."""
    folder = os.path.join(os.path.dirname(HERE), package)
    words = [os.path.basename(argument).removesuffix(".py") for argument in arguments if argument != "--failfast"]
    modules = sorted(name[:-3] for name in os.listdir(folder) if name.startswith("test_") and name.endswith(".py"))
    chosen = [word for word in words if word in modules] or modules
    patterns = [word if "*" in word else "*%s*" % word for word in words if word not in modules]
    loader = unittest.TestLoader()
    loader.testNamePatterns = patterns or None
    parts.allow(part for name in chosen for part in importlib.import_module("%s.%s" % (package, name)).PARTS.split())
    suite = loader.loadTestsFromNames(["%s.%s" % (package, name) for name in chosen])
    if suite.countTestCases() == 0:
        print("no case is named like that: %s" % " ".join(words), file=sys.stderr)
        return 1
    result = unittest.TextTestRunner(verbosity=2, resultclass=TimedResult, failfast="--failfast" in arguments).run(suite)
    if result.skipped and os.environ.get("CI") == "true":
        print("under CI=true nothing may be skipped, but %d were" % len(result.skipped), file=sys.stderr)
        return 1
    if not result.wasSuccessful():
        return 1
    return 77 if len(result.skipped) == result.testsRun else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
