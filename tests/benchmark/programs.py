"""Compiles the benchmark's own programs into a folder of the cache named after their text, once."""
import hashlib
import os
import shutil
import subprocess
import tempfile

from fixtures.parts import REPOSITORY
from fixtures.processes import Child
from fixtures.waiting import wait_until

HERE = os.path.dirname(os.path.abspath(__file__))
CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "models-processor")
RDKAFKA_LIBRARIES = "-lrdkafka -lcurl -lssl -lcrypto -lz -llz4 -lzstd -lsasl2 -lpthread -ldl -lrt -lm".split()


def compiled(name, flags=(), libraries=()):
    """Path of the program made from <name>.cpp."""
    source = os.path.join(HERE, name + ".cpp")
    command = ["g++", "-std=c++20", "-O2", "-Wall", "-Wextra", "-Wpedantic", "-Werror", *flags, source, *libraries]
    with open(source, "rb") as text:
        digest = hashlib.sha256(text.read() + " ".join(command).encode()).hexdigest()[:12]
    program = os.path.join(CACHE, "benchmark-%s-%s" % (name, digest))
    if not os.path.exists(program):
        os.makedirs(CACHE, exist_ok=True)
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(command + ["-o", os.path.join(folder, name)], check=True)
            shutil.move(os.path.join(folder, name), program + ".new")
        os.rename(program + ".new", program)
    return program


def dependency_folders():
    """Where the libraries that are built from source are installed."""
    told = subprocess.run([os.path.join(REPOSITORY, "deploy", "dependencies"), "--prefix"], check=True, capture_output=True, text=True)
    return told.stdout.strip().split(";")


def bare_loop():
    folders = dependency_folders()
    return compiled("bare_loop", [word for each in folders for word in ("-isystem", each + "/include")],
                    ["-L" + each + "/lib" for each in folders] + RDKAFKA_LIBRARIES)


class StubOllama:
    """A context manager around stub_ollama."""

    def __init__(self, *options):
        self.options = options
        self.child = self.port = None

    def __enter__(self):
        self.child = Child([compiled("stub_ollama"), *self.options], name="stub-ollama")
        try:
            wait_until(lambda: self.child.exit_code() is not None or "port=" in self.child.stdout(), 10, "the stub listens")
            if self.child.exit_code() is not None:
                raise RuntimeError("the stub ended: %s" % self.child.stderr())
        except BaseException:
            self.child.close()
            raise
        self.port = int(self.child.stdout().split("port=")[1].split()[0])
        self.url = "http://127.0.0.1:%d" % self.port
        return self

    def __exit__(self, *_):
        self.child.close()
