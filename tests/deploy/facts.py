"""What the files of deploy/ rest on: settings, metrics and error codes, as the program and the pages have them."""
import functools
import os
import re
import subprocess

import yaml
from fixtures.parts import REPOSITORY, folder_of
from fixtures.service import run_command

DEPLOY = os.path.join(REPOSITORY, "deploy")

# Metrics that the files name and the program does not have yet: {name: labels}. One that it has does not belong here any more.
TO_COME = {
    "models_processor_oldest_request_age_seconds": set(), "models_processor_seconds_to_drain": set(),
    "models_processor_nearest_deadline_seconds": set(), "models_processor_hosts_loading": set(),
    "models_processor_host_unanswered_seconds": {"host"}, "models_processor_commit_wait_seconds": set(),
    "models_processor_held_bytes_limit": set(), "models_processor_model_differs": {"host"},
    "models_processor_audit_lines_lost_total": set(), "models_processor_trace_spans_dropped_total": set(),
    "models_processor_intake_paused": set(),
    "gen_ai_client_inference_duration_seconds": {"gen_ai_request_model", "error_type"},
}
# Those that CAF brings, and Prometheus makes itself.
OTHERS = {"process_resident_memory_bytes": set(), "process_cpu_seconds_total": set(), "caf_actor_mailbox_size": {"name"}, "up": set(),
          "ALERTS": {"alertname", "alertstate"}}


def read(path):
    with open(os.path.join(REPOSITORY, path)) as file:
        return file.read()


def documents(path):
    return [each for each in yaml.safe_load_all(read(path)) if each]


def tool(part, *arguments, **options):
    """A program of an installed part, run to its end."""
    return subprocess.run([os.path.join(folder_of(part), "bin", arguments[0]), *arguments[1:]], capture_output=True, text=True, cwd=DEPLOY, **options)


@functools.lru_cache(maxsize=None)
def printed(command):
    return run_command(command).stdout


def settings():
    return set(re.findall(r"^\| `([A-Z][A-Z0-9_]*)`", printed("settings"), re.M))


def is_setting(name):
    known = settings()
    return name in known or name.startswith("KAFKA_") or (name.endswith("_FILE") and name[:-5] in known)


def metrics_of_program():
    """{name: labels}"""
    rows = re.findall(r"^\| `([a-z][a-z0-9_]*)` \| (?:counter|gauge|histogram) \| (.*?) \|", printed("telemetry"), re.M)
    return {name: set(re.findall(r"`(\w+)`", labels)) for name, labels in rows}


def metrics():
    return {**TO_COME, **OTHERS, **metrics_of_program()}


def fault_codes():
    """Of the table in messages/README.md, which a test of the program compares with the program."""
    return re.findall(r"^\| `(\w+)` \| `\w+` \| ", read("messages/README.md").partition("\n## Codes")[2], re.M)


def seconds(text):
    """75s, 2m, 90"""
    number, unit = re.fullmatch(r"(\d+) ?(s|m|min|)", str(text)).groups()
    return int(number) * (60 if unit.startswith("m") else 1)


def size(text):
    """Bytes: 64MiB, 512Mi, 512M of systemd (which counts in powers of two)."""
    number, unit = re.fullmatch(r"(\d+) ?([KMG]?)i?B?", str(text)).groups()
    return int(number) << {"": 0, "K": 10, "M": 20, "G": 30}[unit]


def memory_needed(env):
    """What README.md says that the service takes with these settings, photos being decoded included, since a setting can begin with it."""
    mib = 1 << 20
    pixels = int(env.get("MAX_PHOTO_PIXELS", 12000000))
    return size(env["MAX_IN_FLIGHT_BYTES"]) + (48 + 32 + 24 + 32) * mib + 8 * pixels + 16 * mib
