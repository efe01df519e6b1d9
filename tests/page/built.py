"""The page as it is built into the program: PAGE_FOLDER has it (CTest), else it is made here of its sources, as the build does."""
import atexit
import functools
import os
import shutil
import subprocess
import tempfile

REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DIST = "share/nodejs/uplot/dist"


def uplot_folder():
    prefixes = subprocess.run([os.path.join(REPOSITORY, "deploy", "dependencies"), "--prefix"], check=True, capture_output=True, text=True).stdout
    for prefix in [os.environ.get("UPLOT", ""), *(os.path.join(each, DIST) for each in prefixes.strip().split(";")), "/usr/" + DIST]:
        if os.path.exists(os.path.join(prefix, "uPlot.iife.min.js")):
            return prefix
    raise AssertionError("uPlot is not there: run deploy/dependencies")


def made():
    folder = tempfile.mkdtemp(prefix="page-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    subprocess.run(["cmake", "-D", "UPLOT=" + uplot_folder(), "-D", "ESBUILD=esbuild", "-D", "OUT=" + folder, "-P",
                    os.path.join(REPOSITORY, "runtime", "status", "page", "embed.cmake")], check=True)
    return folder


@functools.lru_cache(maxsize=None)
def page():
    """(document as bytes, its Content-Security-Policy)"""
    folder = os.environ.get("PAGE_FOLDER") or made()
    with open(os.path.join(folder, "page.html"), "rb") as document, open(os.path.join(folder, "page.policy")) as policy:
        return document.read(), policy.read()
