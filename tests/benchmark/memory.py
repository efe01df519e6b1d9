#!/usr/bin/env python3
"""Resident memory of the service: idle, and with a thousand photos waiting for a model that does not answer.

    memory.py [--photos 1000] [--stopped] [--check]
    memory.py --queued 20000 [--minutes 10] [--check]

The model server takes requests and never answers them (--stopped: it is stopped with SIGSTOP, so it does not even take them). Limits: 40 MB
idle, 120 MB with the photos. --check: exit 1 when one is missed.

--queued: the service has its default settings; the model is stopped before the photos are published and goes on after the minutes. Meanwhile
no request may have an end and the group may not be lost for a moment; afterwards every request is answered once, within the same memory.
20,000 photos are 5.4 GB in the temporary folder.
"""
import argparse
import os
import signal
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from benchmark.load import PHOTO_BYTES, Replies, fill
from benchmark.programs import StubOllama
from fixtures.kafka_broker import Broker
from fixtures.oracle import OUTPUT_TOPICS
from fixtures.service import Service
from fixtures.waiting import wait_until

IDLE_LIMIT_MB, QUEUED_LIMIT_MB = 40, 120
PARTITIONS = 4
QUIET_SECONDS = 5


def settled_memory(service, limit_seconds=60):
    """Resident MB once it has not grown for QUIET_SECONDS."""
    most, since = service.memory_bytes(), time.monotonic()

    def quiet():
        nonlocal most, since
        now = service.memory_bytes()
        if now > most:
            most, since = now, time.monotonic()
        return time.monotonic() - since >= QUIET_SECONDS
    wait_until(quiet, limit_seconds, "its memory stays as it is", interval=0.1)
    return service.memory_bytes() / 1e6


def queued_for_minutes(count, minutes):
    """True when everything was as it should be."""
    topic = "memory-%d" % os.getpid()
    keys = ["memory-%d" % i for i in range(count)]
    with Broker() as broker, StubOllama() as stub:
        broker.create_topics({**OUTPUT_TOPICS, topic: PARTITIONS})
        with Service(broker.address, stub.url, "stub:latest", topic, "group-" + topic, LOG_LEVEL="INFO") as service:
            service.wait_ready()
            print("idle: %.1f MB resident" % settled_memory(service), flush=True)
            stub.child.send_signal(signal.SIGSTOP)
            replies, began = Replies(broker), time.monotonic()
            fill(broker, topic, "photo", keys, PARTITIONS)
            print("%d photos published in %.0f s" % (count, time.monotonic() - began), flush=True)
            members = set()
            while time.monotonic() - began < minutes * 60:
                members.add(broker.members("group-" + topic))
                time.sleep(1)
            early, queued = replies.count(), service.memory_bytes() / 1e6
            assignments = [len(service.events(name)) for name in ("partitions_assigned", "partitions_revoked")]
            print("%.0f minutes later: %.1f MB resident, %.1f MB at most (limit %d), %d ends, members of the group %s, %d assignments, %d revocations" % (
                minutes, queued, service.memory_bytes("VmHWM") / 1e6, QUEUED_LIMIT_MB, early, sorted(members), *assignments), flush=True)
            stub.child.send_signal(signal.SIGCONT)
            began = time.monotonic()
            wait_until(lambda: replies.count() > 0, 60, "replies flow again", interval=0.05)
            flowing = time.monotonic() - began
            wait_until(lambda: replies.count() >= count, 60 + count / 20, lambda: "%d of %d requests have ended" % (replies.count(), count), interval=0.5)
            done, peak = time.monotonic() - began, service.memory_bytes("VmHWM") / 1e6
            verdict = replies.judge("photo", keys)
            replies.close()
    faults = {name: verdict[name][:5] for name in ("lost", "doubled", "wrong") if verdict[name]}
    print("the model goes on: first reply after %.1f s, all after %.0f s, %.1f MB at most, %s" % (flowing, done, peak, faults or "each answered once"))
    return peak < QUEUED_LIMIT_MB and early == 0 and members == {1} and assignments == [1, 0] and not faults


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=1000)
    parser.add_argument("--stopped", action="store_true")
    parser.add_argument("--check", action="store_true", help="exit 1 when a limit is missed")
    parser.add_argument("--queued", type=int)
    parser.add_argument("--minutes", type=float, default=10)
    options = parser.parse_args()
    if options.queued:
        return 1 if not queued_for_minutes(options.queued, options.minutes) and options.check else 0
    topic = "memory-%d" % os.getpid()
    with Broker() as broker, StubOllama("--silent") as stub:
        broker.create_topics({**OUTPUT_TOPICS, topic: PARTITIONS})
        with Service(broker.address, stub.url, "stub:latest", topic, "group-" + topic, LOG_LEVEL="INFO", OLLAMA_REQUEST_TIMEOUT=600) as service:
            service.wait_ready()
            idle = settled_memory(service)
            print("idle: %.1f MB resident (limit %d)" % (idle, IDLE_LIMIT_MB), flush=True)
            if options.stopped:
                stub.child.send_signal(signal.SIGSTOP)
            replies = Replies(broker)
            fill(broker, topic, "photo", ["memory-%d" % i for i in range(options.photos)], PARTITIONS)
            queued = settled_memory(service)
            peak = service.memory_bytes("VmHWM") / 1e6
            answered = replies.count()
            replies.close()
            if options.stopped:
                stub.child.send_signal(signal.SIGCONT)
    print("%d photos of %d KB waiting: %.1f MB resident, %.1f MB at most (limit %d), %d of them have had an end" % (
        options.photos, PHOTO_BYTES // 1000, queued, peak, QUEUED_LIMIT_MB, answered))
    kept = idle < IDLE_LIMIT_MB and peak < QUEUED_LIMIT_MB and answered == 0
    return 1 if options.check and not kept else 0


if __name__ == "__main__":
    sys.exit(main())
