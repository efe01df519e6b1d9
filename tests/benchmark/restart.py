#!/usr/bin/env python3
"""How fast crashed actors are back: workers, and the dispatcher with a thousand requests in the house.

    restart.py [--check]

Crashes are ordered by POST /debug/crash (CHAOS=1, API_TOKEN). A worker's time is from its crash to its start, without the backoff that the log names;
limit 5 ms. The dispatcher's is the longest gap between two replies around its crash while it holds a thousand requests, without the backoff as well
(crashes of one actor soon after each other are restarted ever later); limit 1 s. Every request has to be answered.
"""
import argparse
import os
import sys
import time
from datetime import datetime

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from benchmark.load import Replies, fill
from benchmark.programs import StubOllama
from fixtures.kafka_broker import Broker
from fixtures.oracle import OUTPUT_TOPICS
from fixtures.service import Service
from fixtures.waiting import wait_until

PARTITIONS = 4
TOKEN = "restart"
WORKER_LIMIT_MS, DISPATCHER_LIMIT_MS = 5, 1000
WORKER_CRASHES, DISPATCHER_CRASHES = 10, 5
REQUESTS = 20_000
IN_HOUSE = 1000


def crash(service, actor):
    status, body = service.get("/debug/crash/" + actor, method="POST", headers={"Authorization": "Bearer " + TOKEN})
    if status != 202:
        raise AssertionError("the crash was not taken: %d %s" % (status, body))


def seconds_of(event):
    return datetime.fromisoformat(event["time"].replace("Z", "+00:00")).timestamp()


def worker_times(service):
    """Milliseconds of each restart beyond its backoff."""
    times = []
    for number in range(WORKER_CRASHES):
        before = len(service.events("actor_crashed"))
        name = "ollama_worker/%d" % number
        crash(service, name)
        wait_until(lambda: len(service.events("actor_crashed")) > before, 5, "the crash is logged", interval=0.02)
        crashed = service.events("actor_crashed")[before]

        def started():
            return [e for e in service.events("actor_started") if e["actor"] == crashed["actor"] and seconds_of(e) >= seconds_of(crashed)]
        wait_until(started, 5, "the worker is started again", interval=0.02)
        times.append((seconds_of(started()[0]) - seconds_of(crashed)) * 1000 - float(crashed["restart_in_ms"]))
    return times


def reply_gaps(times, crashes, backoffs):
    """The longest time without a reply in the three seconds after each crash, in milliseconds beyond the backoff."""
    gaps = []
    for crashed, backoff in zip(crashes, backoffs):
        around = [t for t in times if crashed - 0.05 <= t <= crashed + 3]
        gaps.append(max(b - a for a, b in zip(around, around[1:])) * 1000 - backoff)
    return gaps


def measure():
    topic = "restart-%d" % os.getpid()
    keys = ["restart-%d" % i for i in range(REQUESTS)]
    with Broker() as broker, StubOllama("--delay-ms", "50") as stub:
        broker.create_topics({**OUTPUT_TOPICS, topic: PARTITIONS})
        with Service(broker.address, stub.url, "stub:latest", topic, "group-" + topic, LOG_LEVEL="DEBUG", CHAOS="1", API_TOKEN=TOKEN,
                     CONCURRENT_REQUESTS="64", BATCH_SIZE=str(IN_HOUSE)) as service:
            service.wait_ready()
            workers = worker_times(service)
            replies = Replies(broker)
            fill(broker, topic, "text", keys, PARTITIONS)
            crashes, held = [], []
            for number in range(DISPATCHER_CRASHES):
                wait_until(lambda: replies.count() > (number + 1) * 1500, 60, "replies flow", interval=0.02)
                metrics = service.metrics()
                held.append(sum(metrics["models_processor_" + name] for name in ("queue_depth", "in_flight", "publishing")))
                crashes.append(time.time())
                crash(service, "dispatcher")
            wait_until(lambda: replies.count() >= REQUESTS, 120, "all are answered", interval=0.1)
            verdict = replies.judge("text", keys)
            replies.close()
            backoffs = [float(e["restart_in_ms"]) for e in service.events("actor_crashed") if e["actor"] == "dispatcher"]
            return workers, held, reply_gaps(sorted(verdict["times"]), crashes, backoffs), verdict


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="exit 1 when a limit is missed")
    check = parser.parse_args().check
    workers, held, gaps, verdict = measure()
    print("worker: %.1f ms at most beyond the backoff, in %d crashes (limit %d)" % (max(workers), len(workers), WORKER_LIMIT_MS))
    print("dispatcher: replies again after %s ms beyond the backoff with %s requests in the house (limit %d)"
          % (", ".join("%.0f" % gap for gap in gaps), ", ".join("%d" % count for count in held), DISPATCHER_LIMIT_MS))
    print("lost %d, wrong %d, doubled %d of %d" % (len(verdict["lost"]), len(verdict["wrong"]), len(verdict["doubled"]), REQUESTS))
    good = max(workers) < WORKER_LIMIT_MS and max(gaps) < DISPATCHER_LIMIT_MS and not verdict["lost"] and not verdict["wrong"]
    sys.exit(1 if check and not good else 0)


if __name__ == "__main__":
    main()
