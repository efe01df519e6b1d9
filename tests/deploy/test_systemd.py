"""deploy/systemd: what systemd itself says of the units, and that they and the program agree."""
import os
import re
import shutil
import subprocess
import tempfile
import unittest

from deploy import facts
from fixtures.service import run_command

PARTS = "deploy_tools"
UNITS = os.path.join(facts.DEPLOY, "systemd")
OURS = ("models-processor", "models-processor-worker")
DROP_IN = "ollama.service.d/models-processor.conf"
EXPOSURE_MAX = 20  # tenths
# As Ollama's installer writes it, in short.
OLLAMA = "[Unit]\nDescription=Ollama\n[Service]\nExecStart=/usr/local/bin/ollama serve\nUser=ollama\nGroup=ollama\nRestart=always\n"


class Root:
    """A file system with the units as they are installed, and programs that they name."""

    def __init__(self):
        self.path = tempfile.mkdtemp()
        self.units = os.path.join(self.path, "etc/systemd/system")
        shutil.copytree(UNITS, self.units)
        for name in os.listdir("/lib/systemd/system"):
            if name.endswith(".target"):
                shutil.copy(os.path.join("/lib/systemd/system", name), self.units)
        self.write("ollama.service", OLLAMA)
        for program in ("usr/bin/models-processor", "usr/local/bin/ollama", "usr/bin/nvidia-modprobe"):
            path = os.path.join(self.path, program)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w") as file:
                file.write("#!/bin/sh\n")
            os.chmod(path, 0o755)

    def write(self, name, text):
        with open(os.path.join(self.units, name), "w") as file:
            file.write(text)

    def analyze(self, *arguments):
        return subprocess.run(["systemd-analyze", "--root=" + self.path, *arguments], capture_output=True, text=True)

    def complaints(self, unit):
        said = self.analyze("verify", "--man=no", "/etc/systemd/system/%s.service" % unit)
        return said.stdout + said.stderr + ("exit code %d" % said.returncode if said.returncode else "")

    def exposed(self, unit):
        """What systemd finds, when it is more than EXPOSURE_MAX."""
        said = self.analyze("security", "--offline=true", "--no-pager", "--threshold=%d" % EXPOSURE_MAX, unit + ".service")
        return "" if said.returncode == 0 else said.stdout + said.stderr


def text_of(name):
    return facts.read("deploy/systemd/" + name)


def values(text, key):
    return re.findall(r"^%s=(.*)$" % key, text, re.M)


def variables(text, commented=False):
    """Of an environment file; `commented`: with the lines that wait to be used."""
    return dict(re.findall(r"^%s([A-Z][A-Z0-9_]*)=(.*)$" % ("#?" if commented else ""), text, re.M))


class Units(unittest.TestCase):
    def setUp(self):
        if not shutil.which("systemd-analyze"):
            self.skipTest("systemd-analyze is not installed")
        self.root = Root()
        self.addCleanup(shutil.rmtree, self.root.path)

    def test_systemd_finds_nothing_wrong_in_them(self):
        for unit in (*OURS, "ollama"):
            self.assertEqual(self.root.complaints(unit), "", unit)

    def test_systemd_finds_a_slip(self):
        for slip in (("ExecStart=models-processor", "ExecStart=models-procesor"), ("ProtectHome=yes", "ProtectHouse=yes"), ("Restart=on-failure", "Restart=on-crash")):
            self.root.write("models-processor.service", text_of("models-processor.service").replace(*slip))
            self.assertNotEqual(self.root.complaints("models-processor"), "", slip)

    def test_they_are_closed_in(self):
        for unit in (*OURS, "ollama"):
            self.assertEqual(self.root.exposed(unit), "", unit)
        self.root.write("models-processor.service", re.sub(r"(?m)^(Protect|System|Restrict)\w+=.*\n", "", text_of("models-processor.service")))
        self.assertIn("EXPOSURE", self.root.exposed("models-processor"))


class Agreement(unittest.TestCase):
    def test_both_units_are_closed_in_alike(self):
        def sandbox(unit):
            return text_of(unit + ".service").partition("\nMemoryMax=")[2]
        self.assertEqual(sandbox(OURS[0]), sandbox(OURS[1]))

    def test_crashes_and_exit_code_70_begin_again_and_wrong_settings_do_not(self):
        for unit in OURS:
            text = text_of(unit + ".service")
            self.assertEqual((values(text, "Restart"), values(text, "RestartPreventExitStatus")), (["on-failure"], ["2"]), unit)
        self.assertEqual(run_command("run", BOOTSTRAP_SERVER="127.0.0.1:1", DRAIN_TIMEOUT="75x").returncode, 2)

    def test_a_stop_has_time_to_drain_and_the_memory_is_enough(self):
        for unit in OURS:
            text, env = text_of(unit + ".service"), variables(text_of(unit + ".env"))
            self.assertGreaterEqual(facts.seconds(values(text, "TimeoutStopSec")[0]), facts.seconds(env["DRAIN_TIMEOUT"]) + 5)
            self.assertGreaterEqual(facts.size(values(text, "MemoryMax")[0]), facts.memory_needed(env))

    def test_environment_files_have_settings_of_the_program_and_values_that_it_takes(self):
        for unit in OURS:
            text = text_of(unit + ".env")
            for name in variables(text, commented=True):
                self.assertTrue(facts.is_setting(name), name)
            env = variables(text)
            env.update({name: "127.0.0.1:1" for name in ("BOOTSTRAP_SERVER", "NODE_JOIN", "OLLAMA_HOST") if name in env})
            said = run_command("check", **env)
            self.assertEqual(said.returncode, 1, said.stdout + said.stderr)
            self.assertEqual(values(text_of(unit + ".service"), "EnvironmentFile"), ["/etc/models-processor/%s.env" % unit])
        self.assertFalse(facts.is_setting("DRAIN_TIME"))

    def test_credentials_that_the_files_name_are_loaded_by_their_unit(self):
        for unit in OURS:
            loaded = {"/run/credentials/%s.service/%s" % (unit, name) for name in values(text_of(unit + ".service"), "LoadCredential")}
            named = {value for value in variables(text_of(unit + ".env"), commented=True).values() if value.startswith("/run/credentials/")}
            self.assertEqual(named - loaded, set())

    def test_ollama_keeps_its_gpu_and_its_cache_is_bounded(self):
        text = text_of(DROP_IN)
        for setting in ("PrivateDevices", "DevicePolicy", "DeviceAllow", "ProcSubset", "PrivateUsers", "MemoryDenyWriteExecute"):
            self.assertEqual(values(text, setting), [], setting)
        self.assertRegex(text, r"(?m)^Environment=LLAMA_ARG_CACHE_RAM=\d+$")
