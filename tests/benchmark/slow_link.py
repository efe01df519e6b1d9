#!/usr/bin/env python3
"""Whether a node is ever taken for lost while large photos fill a slow link and the machine is busy.

    slow_link.py [--minutes 60] [--nodes 2]

Photos of 12 MiB go to worker nodes over links of 10 Mbit/s each, without a pause, small texts beside them, and as many processes as there
are processors calculate for nothing. Exit code 1 when a session was lost, or a request.
"""
import argparse
import contextlib
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from benchmark.load import EMAIL, Replies
from benchmark.nodes import MODEL, Cluster
from benchmark.programs import StubOllama
from fixtures import photos
from fixtures.kafka_broker import Broker
from fixtures.link_proxy import LinkProxy
from fixtures.oracle import OUTPUT_TOPICS
from fixtures.processes import Child, free_port
from fixtures.service import Service
from fixtures.waiting import wait_until

BYTES_PER_SECOND = 10_000_000 // 8
PHOTO_BYTES = 12 * 1024 * 1024 // 4 * 3  # 12 MiB as the record has it
PHOTOS_AHEAD, TEXTS_A_SECOND = 2, 2      # of each node
RETENTION = {"retention.bytes": str(200 * 1024 * 1024), "segment.bytes": str(64 * 1024 * 1024), "max.message.bytes": str(16 * 1024 * 1024)}
BURN = "while True:\n    sum(range(100000))"


def measure(minutes, nodes):
    photo = photos.base64_text(photos.jpeg_of_bytes(PHOTO_BYTES))
    with contextlib.ExitStack() as stack:
        broker = stack.enter_context(Broker())
        broker.create_topics(OUTPUT_TOPICS)
        stub = stack.enter_context(StubOllama("--delay-ms", "200"))
        cluster = stack.enter_context(Cluster(broker, stub, "slow", partitions=2, MAX_REQUEST_BYTES="14MiB"))
        broker.configure_topic(cluster.topic, RETENTION)
        for number in range(nodes):
            link = stack.enter_context(LinkProxy(free_port(), ("127.0.0.1", cluster.port), BYTES_PER_SECOND))
            node = Service(None, stub.url, MODEL, None, None, arguments=["worker"], CONCURRENT_REQUESTS=4, NODE_NAME="node%d" % number,
                           NODE_JOIN="127.0.0.1:%d" % link.port)
            cluster.nodes.append(stack.enter_context(node))
        cluster.wait_joined()
        for _ in range(os.cpu_count()):
            stack.enter_context(burning())
        replies = stack.enter_context(contextlib.closing(Replies(broker)))
        producer = broker.producer(message_max_bytes=16 * 1024 * 1024)
        began, sent, texts, large = time.monotonic(), 0, 0, 0
        told = began

        def send(key, fields):
            producer.produce(cluster.topic, '{"key": "%s", "value": {"user_email": "%s", "prompt": "Which animal?"%s}}' % (key, EMAIL, fields),
                             key=key, partition=sent % 2)
            producer.flush(30)
        while time.monotonic() - began < 60 * minutes:
            if replies.count() > sent - PHOTOS_AHEAD * nodes:
                send("photo-%d" % large, ', "photo": "%s"' % photo)
                sent, large = sent + 1, large + 1
            elif texts < (time.monotonic() - began) * TEXTS_A_SECOND:
                send("text-%d" % texts, "")
                sent, texts = sent + 1, texts + 1
                wait_until(lambda: replies.count() > sent - 2 * PHOTOS_AHEAD * nodes, 120, "the texts overtake the photos")
            else:
                wait_until(lambda: replies.count() > sent - PHOTOS_AHEAD * nodes or texts < (time.monotonic() - began) * TEXTS_A_SECOND, 120,
                           "it is time for another request", interval=0.05)
            if time.monotonic() - told > 300:
                told = time.monotonic()
                print("%.0f minutes: %d photos, %d texts, lost %d" % ((told - began) / 60, large, texts, len(losses(cluster))), flush=True)
        wait_until(lambda: replies.count() >= sent, 120, lambda: "%d of %d are answered" % (replies.count(), sent))
        late = sum(len(each.events("node_heartbeat_late") + each.events("reader_heartbeat_late")) for each in [cluster.reader, *cluster.nodes])
        print("%.0f minutes, %d nodes at 10 Mbit/s each: %d photos of 12 MiB and %d texts answered, %d sessions lost, %d late heartbeats" % (
            (time.monotonic() - began) / 60, nodes, large, texts, len(losses(cluster)), late))
        return not losses(cluster)


@contextlib.contextmanager
def burning():
    """A process that takes what nobody else wants of a processor. Niceness counts within a session only, where sessions are scheduled as
    groups (sched(7), autogroups)."""
    child = Child(["nice", "-n", "19", sys.executable, "-c", BURN], name="burning")
    try:
        with contextlib.suppress(OSError), open("/proc/%d/autogroup" % child.pid, "w", encoding="ascii") as out:
            out.write("19")
        yield
    finally:
        child.close()


def losses(cluster):
    return cluster.reader.events("node_lost") + [event for node in cluster.nodes for event in node.events("reader_lost")]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--nodes", type=int, default=2)
    options = parser.parse_args()
    sys.exit(0 if measure(options.minutes, options.nodes) else 1)


if __name__ == "__main__":
    main()
