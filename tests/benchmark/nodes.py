#!/usr/bin/env python3
"""Readers without a model and worker nodes: how far they scale, and what a remote call costs.

    nodes.py [--wide] [--scale] [--cpu] [--photos] [--turns 30] [--check]

--wide: one partition, 64 worker processes of one slot, a model of 1 s: replies a second (at least 62); and how soon a 65th process has its
first request (300 ms). --scale: 1, 2 and 4 nodes of 16 slots, a model of 500 ms: 4 give at least 3.9 times what one gives. --cpu: the
reader's processor time per text that a node answers to that of one answered by a host of its own, in turns (at most 1.3). --photos: photos
of 200 KB a second over one link with certificates (200), and what both ends pay for each.
"""
import argparse
import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from benchmark.load import Replies, fill
from benchmark.programs import StubOllama
from fixtures.kafka_broker import Broker
from fixtures.oracle import OUTPUT_TOPICS
from fixtures.parts import REPOSITORY
from fixtures.processes import free_port, run_time
from fixtures.service import Service
from fixtures.waiting import wait_until

MODEL = "stub:latest"
WIDE, WIDE_RATE, JOIN_SECONDS = 64, 62, 0.3
SCALE, SCALE_TIMES = 16, 3.9
CPU_TIMES, CPU_SLOTS, CPU_TEXTS = 1.3, 64, 3000
PHOTO_RATE, PHOTO_SLOTS, PHOTOS = 200, 64, 4000


class Cluster:
    """A context manager: a reader without a model (or with one of its own) on a topic of its own, and its worker nodes."""

    def __init__(self, broker, stub, name, partitions=4, certificates=None, **settings):
        self.broker, self.stub, self.partitions = broker, stub, partitions
        self.topic = "nodes-%s-%d" % (name, os.getpid())
        self.port, self.certificates = free_port(), certificates or {}
        broker.create_topics({self.topic: partitions})
        self.reader = Service(broker.address, stub.url, MODEL, self.topic, "group-" + self.topic, LOG_LEVEL="INFO",
                              **{"OLLAMA_HOST": "", "NODE_PORT": self.port, "NODE_ADDRESS": "127.0.0.1", **self.certificates, **settings})
        self.nodes, self.stack = [], contextlib.ExitStack()

    def __enter__(self):
        self.stack.enter_context(self.reader)
        return self

    def __exit__(self, *_):
        self.stack.close()

    def add(self, slots, count=1):
        for _ in range(count):
            node = Service(None, self.stub.url, MODEL, None, None, arguments=["worker"], CONCURRENT_REQUESTS=slots, LOG_LEVEL="INFO",
                           NODE_NAME="node%d" % len(self.nodes), NODE_JOIN="127.0.0.1:%d" % self.port, **self.certificates)
            self.nodes.append(self.stack.enter_context(node))

    def wait_joined(self):
        wait_until(lambda: len(self.reader.events("node_joined")) >= len(self.nodes), 120, "all nodes have joined", interval=0.2)
        self.reader.wait_ready()

    def fill(self, kind, keys):
        fill(self.broker, self.topic, kind, keys, self.partitions)


def at(event):
    return datetime.fromisoformat(event["time"].replace("Z", "+00:00")).timestamp()


def answered(cluster, replies, kind, keys, seconds):
    wait_until(lambda: replies.count() >= len(keys), seconds, lambda: "%d of %d are answered" % (replies.count(), len(keys)), interval=0.05)
    judged = replies.judge(kind, keys)
    if judged["lost"] or judged["doubled"] or judged["wrong"]:
        raise AssertionError({name: judged[name][:5] for name in ("lost", "doubled", "wrong")})
    return judged


def wide(broker):
    keys = ["wide-%d" % i for i in range(WIDE * 40)]
    with StubOllama("--delay-ms", "1000") as stub, Cluster(broker, stub, "wide", partitions=1) as cluster:
        cluster.add(1, WIDE)
        cluster.wait_joined()
        with contextlib.closing(Replies(broker)) as replies:
            cluster.fill("text", keys)
            times = answered(cluster, replies, "text", keys, 120)["times"]
        # From the first second's end to the last wave's beginning all slots are in use.
        begin, end = min(times) + 1, max(times) - 2
        rate = sum(begin <= each < end for each in times) / (end - begin)

        more = ["more-%d" % i for i in range(WIDE * 6)]
        with contextlib.closing(Replies(broker)) as replies:
            cluster.fill("text", more)
            wait_until(lambda: replies.count() > WIDE, 30, "replies flow", interval=0.05)
            began = time.time()
            cluster.add(1)
            name = "node%d" % WIDE

            def first():
                return next((each for each in cluster.reader.events("request_done") if each["host"].startswith(name + "/")), None)
            wait_until(first, 30, "the node has answered", interval=0.1)
            joined = at(first()) - float(first()["model_ms"]) / 1000 - began
            answered(cluster, replies, "text", more, 60)
    print("%d processes of one slot, one partition, a model of 1 s: %.1f replies/s (limit %g); a further one has its first request %.0f ms after its start (limit %.0f)" % (
        WIDE, rate, WIDE_RATE, joined * 1000, JOIN_SECONDS * 1000), flush=True)
    return rate >= WIDE_RATE and joined <= JOIN_SECONDS


def scale(broker):
    rates = {}
    for count in (1, 2, 4):
        keys = ["scale-%d-%d" % (count, i) for i in range(SCALE * count * 60)]
        with StubOllama("--delay-ms", "500") as stub, Cluster(broker, stub, "scale-%d" % count) as cluster:
            cluster.add(SCALE, count)
            cluster.wait_joined()
            with contextlib.closing(Replies(broker)) as replies:
                cluster.fill("text", keys)
                times = answered(cluster, replies, "text", keys, 120)["times"]
        begin, end = min(times) + 1, max(times) - 1
        rates[count] = sum(begin <= each < end for each in times) / (end - begin)
    print("nodes of %d slots, a model of 500 ms: %s replies/s; 4 to 1: %.2f (limit %g)" % (
        SCALE, ", ".join("%d: %.1f" % each for each in rates.items()), rates[4] / rates[1], SCALE_TIMES), flush=True)
    return rates[4] / rates[1] >= SCALE_TIMES


def cpu(broker, turns):
    with contextlib.ExitStack() as stack:
        stub = stack.enter_context(StubOllama("--delay-ms", "0"))
        local = stack.enter_context(Cluster(broker, stub, "local", OLLAMA_HOST=stub.url, CONCURRENT_REQUESTS=CPU_SLOTS, NODE_PORT=None, NODE_ADDRESS=None))
        remote = stack.enter_context(Cluster(broker, stub, "remote"))
        remote.add(CPU_SLOTS)
        local.reader.wait_ready()
        remote.wait_joined()
        replies = stack.enter_context(contextlib.closing(Replies(broker)))
        done = 0

        def give(cluster, turn):
            nonlocal done
            before = run_time(cluster.reader.pid)
            cluster.fill("text", ["%s-%s-%d" % (cluster.topic, turn, i) for i in range(CPU_TEXTS)])
            done += CPU_TEXTS
            wait_until(lambda: replies.count() >= done, 120, "all are answered")
            return run_time(cluster.reader.pid) - before
        for cluster in (local, remote):
            give(cluster, "warm")
        pairs = []
        for turn in range(turns):
            used = {cluster: give(cluster, turn) for cluster in ((local, remote) if turn % 2 == 0 else (remote, local))}
            pairs.append((used[remote] / CPU_TEXTS, used[local] / CPU_TEXTS))
    ratios = sorted(a / b for a, b in pairs)
    ratio = statistics.median(ratios)
    print("the reader's CPU per remote text to a local one: median %.2f of %d turns, half of them between %.2f and %.2f; %.3f and %.3f ms (limit %g)" % (
        ratio, turns, ratios[len(ratios) // 4], ratios[len(ratios) * 3 // 4], *(1000 * statistics.median(each) for each in zip(*pairs)), CPU_TIMES), flush=True)
    return ratio <= CPU_TIMES


def photos(broker):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([os.path.join(REPOSITORY, "deploy", "certificates"), folder, "node"], check=True, capture_output=True)
        certificates = {"NODE_CERT": os.path.join(folder, "node.pem"), "NODE_KEY": os.path.join(folder, "node.key"), "NODE_CA": os.path.join(folder, "ca.pem")}
        rates = {}
        for name, settings in (("with certificates", certificates), ("without", None)):
            with StubOllama("--delay-ms", "50") as stub, Cluster(broker, stub, "photos-" + name.split()[0], certificates=settings) as cluster:
                cluster.add(PHOTO_SLOTS)
                cluster.wait_joined()
                keys = ["photo-%s-%d" % (name.split()[0], i) for i in range(PHOTOS)]
                with contextlib.closing(Replies(broker)) as replies:
                    cluster.reader.pause()  # until the topic is filled: only this is measured
                    cluster.fill("photo", keys)
                    cluster.reader.resume()
                    ends = (cluster.reader, cluster.nodes[0])
                    before, began = [run_time(each.pid) for each in ends], time.time()
                    judged = answered(cluster, replies, "photo", keys, 300)
                    spent = [(run_time(each.pid) - cpu) * 1000 / PHOTOS for each, cpu in zip(ends, before)]
                rates[name] = PHOTOS / (judged["last"] - began)
                print("photos of 200 KB over one link %s: %.0f a second (limit %g); CPU per photo: reader %.2f ms, node %.2f ms" % (
                    name, rates[name], PHOTO_RATE, *spent), flush=True)
    return rates["with certificates"] >= PHOTO_RATE


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("wide", "scale", "cpu", "photos"):
        parser.add_argument("--" + name, dest="wanted", action="append_const", const=name)
    parser.add_argument("--turns", type=int, default=30, help="of --cpu")
    parser.add_argument("--check", action="store_true", help="exit 1 when a limit is missed")
    options = parser.parse_args()
    measures = {"wide": wide, "scale": scale, "cpu": lambda broker: cpu(broker, options.turns), "photos": photos}
    good = True
    with Broker() as broker:
        broker.create_topics(OUTPUT_TOPICS)
        for name in options.wanted or measures:
            good = measures[name](broker) and good
    return 1 if options.check and not good else 0


if __name__ == "__main__":
    sys.exit(main())
