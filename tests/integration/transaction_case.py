"""What the cases about transactions share: our port in a process of its own, and what clients that are not ours see."""
import collections
import os
import select
import subprocess
import time
import uuid

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import NewTopic

from fixtures.service import program
from integration.case import IntegrationCase, broker

BLOCKING_MS = 100  # more than this in a call that must not block is a fault; on a busy machine the usual 0 becomes some 10


def driver_program():
    return os.environ.get("TRANSACTION_DRIVER") or os.path.join(os.path.dirname(program()), "tests", "transaction_driver")


class Driver:
    """transaction_driver with its commands as lines. It ends when its input does, also if we die."""

    def __init__(self, address, requests, replies, group):
        self.process = subprocess.Popen([driver_program(), address, requests, replies, group], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True, bufsize=1)

    def ask(self, *words, seconds=60):
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        return self._line(seconds)

    def _line(self, seconds):
        if not select.select([self.process.stdout], [], [], seconds)[0]:
            raise AssertionError("no answer within %g s" % seconds)
        return self.process.stdout.readline().rstrip("\n")

    def awaited(self, port, seconds=60):
        """The kind of the next event of a port; the reason is in `reason`."""
        kind, _, self.reason = self.ask("await", port, int(seconds * 1000), seconds=seconds + 10).partition(" ")
        return kind

    def open(self, port, identity, limit_ms=0, queue=0):
        """`limit_ms`: how long a transaction may take, twice; `queue`: the most records that the client may hold, so that with a small
        one records are written long before the commit. Else what the service has."""
        self.ask("open", port, identity, limit_ms, queue)
        return self.awaited(port)

    def run(self, port, membership, prefix, count, *positions, size=100):
        """Its outcome."""
        self.ask("run", port, membership, prefix, count, size, *positions)
        return self.awaited(port, 90)

    def positions(self, member):
        """{partition: (offset, metadata)} of what the group has committed."""
        answer = self.ask("positions", member).split(" ")
        if answer[0] != "positions":
            raise AssertionError(" ".join(answer))
        places = [place.split(":", 2) for place in answer[1:]]
        return {int(partition): (int(offset), metadata) for partition, offset, metadata in places}

    def end(self, seconds=20):
        """Its last word and its exit code."""
        self.process.stdin.close()
        last = self._line(seconds)
        return last, self.process.wait(seconds)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


def keys_in(at, topic, isolation="read_committed"):
    """How often each key can be read from a topic, from its beginning to its end."""
    consumer = Consumer({"bootstrap.servers": at.address, "group.id": "looks-at-replies", "enable.auto.commit": False, "log_level": 0,
                         "isolation.level": isolation, "enable.partition.eof": True, "fetch.wait.max.ms": 20})
    try:
        partitions = consumer.list_topics(topic, timeout=10).topics[topic].partitions
        consumer.assign([TopicPartition(topic, partition, 0) for partition in partitions])
        keys, left, until = collections.Counter(), set(partitions), time.monotonic() + 60
        while left:
            if time.monotonic() > until:
                raise AssertionError("the end of %s is not reached" % topic)
            for message in consumer.consume(1000, timeout=0.2):
                if not message.error():
                    keys[message.key().decode()] += 1
                elif message.error().code() == KafkaError._PARTITION_EOF:
                    left.discard(message.partition())
                else:
                    raise KafkaException(message.error())
        return keys
    finally:
        consumer.close()


def keys_of(prefix, count):
    return collections.Counter("%s%d" % (prefix, i) for i in range(count))


class TransactionCase(IntegrationCase):
    def start(self, at=None, partitions=1, reply_config=None):
        """A driver with topics and a group of its own."""
        self.at = at or broker()
        name = uuid.uuid4().hex[:8]
        self.requests, self.replies, self.identity = "requests-" + name, "replies-" + name, "instance-" + name
        self.at.create_topics({self.requests: partitions})
        for future in self.at.admin().create_topics([NewTopic(self.replies, num_partitions=2, config=reply_config or {})]).values():
            future.result(timeout=20)
        return self.own(Driver(self.at.address, self.requests, self.replies, "group-" + name))

    def started(self, limit_ms=0, queue=0, **how):
        """The same with a member `m`, its membership `now`, and an open port `p`."""
        driver = self.start(**how)
        self.assertEqual(driver.ask("join", "m"), "joined m")
        driver.ask("save", "m", "now")
        self.assertEqual(driver.open("p", self.identity, limit_ms, queue), "ready")
        return driver

    def visible(self):
        return keys_in(self.at, self.replies)
