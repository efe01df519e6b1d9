"""Runs chaos scenarios.

    python -m chaos.main [--delivery at-least-once|exactly-once] [--requests N] [--keep FOLDER] [--failfast] [MODULE | PATTERN]...
Exit code 0: all passed; 1: some did not; 77: all were skipped (CTest's SKIP_RETURN_CODE).
"""
import argparse
import os
import sys
import unittest

from chaos import options
from integration.main import TimedResult

HERE = os.path.dirname(os.path.abspath(__file__))


class ScenarioResult(TimedResult):
    def getDescription(self, test):
        return "%s (%s)" % (test.id().replace("chaos.", "", 1), options.delivery)


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wanted", nargs="*")
    parser.add_argument("--delivery", choices=(options.AT_LEAST_ONCE, options.EXACTLY_ONCE), default=options.delivery)
    parser.add_argument("--requests", type=int)
    parser.add_argument("--keep")
    parser.add_argument("--failfast", action="store_true")
    given = parser.parse_args(arguments)
    options.delivery, options.requests, options.keep = given.delivery, given.requests, given.keep and os.path.abspath(given.keep)

    words = [os.path.basename(word).removesuffix(".py") for word in given.wanted]
    modules = sorted(name[:-3] for name in os.listdir(HERE) if name.startswith("test_") and name.endswith(".py"))
    loader = unittest.TestLoader()
    loader.testNamePatterns = ["chaos.%s.*" % word if word in modules else word if "*" in word else "*%s*" % word for word in words] or None
    suite = loader.loadTestsFromNames(["chaos." + name for name in modules])
    if suite.countTestCases() == 0:
        print("no scenario is named like that: %s" % " ".join(words), file=sys.stderr)
        return 1
    result = unittest.TextTestRunner(verbosity=2, resultclass=ScenarioResult, failfast=given.failfast).run(suite)
    if result.skipped and os.environ.get("CI") == "true":
        print("under CI=true nothing may be skipped, but %d were" % len(result.skipped), file=sys.stderr)
        return 1
    if not result.wasSuccessful():
        return 1
    return 77 if len(result.skipped) == result.testsRun else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
