"""Replies and offsets in one transaction: what is visible and what is committed, seen by clients that are not ours."""
import collections
import os
import select
import subprocess
import time
import uuid

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import NewTopic

from fixtures.kafka_broker import BROKER_SESSION_S, Broker
from fixtures.service import program
from fixtures.waiting import wait_until
from integration.case import IntegrationCase, broker

GIVEN_UP_S = 10  # the service gives up after 2.5 s (actors/producer/producer.hpp), but the broker may be away for longer here
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


class MarkersDropped(Exception):
    """The broker has half-ended a transaction: nothing can be said of clients any more."""


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


class WhatIsVisible(TransactionCase):
    def test_a_committed_transaction_is_visible_with_its_offsets_and_their_metadata(self):
        driver = self.started(partitions=2)
        self.assertEqual(driver.run("p", "now", "a", 20, "0:12:1AAEC/+=", "1:7:"), "committed")
        self.assertEqual(self.visible(), keys_of("a", 20))
        self.assertEqual(driver.positions("m"), {0: (12, "1AAEC/+="), 1: (7, "")})

    def test_records_alone_and_offsets_alone_are_committed(self):
        driver = self.started()
        self.assertEqual(driver.run("p", "-", "a", 3), "committed")
        self.assertEqual(driver.run("p", "now", "b", 0, "0:5:x"), "committed")
        self.assertEqual(self.visible(), keys_of("a", 3))
        self.assertEqual(driver.positions("m"), {0: (5, "x")})

    def test_a_member_that_has_left_or_missed_a_rebalance_publishes_nothing_and_the_port_goes_on(self):
        driver = self.started(partitions=2, queue=10)
        self.assertEqual(driver.run("p", "now", "a", 1, "0:1:x", "1:1:x"), "committed")
        self.assertEqual(driver.ask("join", "other"), "joined other")
        driver.ask("save", "other", "others")
        self.assertEqual(driver.run("p", "now", "old-generation-", 50, "0:2:y", "1:2:y"), "aborted")
        self.assertIn("ILLEGAL_GENERATION", driver.reason)
        self.assertEqual(driver.ask("leave", "other"), "left other")
        self.assertEqual(driver.run("p", "others", "has-left-", 50, "0:3:z", "1:3:z"), "aborted")
        self.assertIn("UNKNOWN_MEMBER_ID", driver.reason)
        written = keys_in(self.at, self.replies, "read_uncommitted")
        self.assertTrue(written["old-generation-0"] and written["has-left-0"], "there was nothing to hide")
        self.assertEqual(self.visible(), keys_of("a", 1))
        driver.ask("leave", "m")
        self.assertEqual(driver.ask("join", "m"), "joined m")
        driver.ask("save", "m", "now")
        self.assertEqual(driver.positions("m"), {0: (1, "x"), 1: (1, "x")})
        self.assertEqual(driver.run("p", "now", "b", 5, "0:9:y"), "committed")
        self.assertEqual(self.visible(), keys_of("a", 1) + keys_of("b", 5))

    def test_a_second_port_fences_the_first_and_ends_what_it_had_open(self):
        driver = self.started(queue=10)
        driver.ask("run", "p", "now", "first", 10000, 100, "0:5:x")  # under way for some seconds
        wait_until(lambda: keys_in(self.at, self.replies, "read_uncommitted"), 20, "the first has written something")
        self.assertEqual(driver.open("q", self.identity), "ready")
        self.assertEqual(driver.awaited("p"), "unclear")
        self.assertIn("_FENCED", driver.reason)
        self.assertEqual(driver.run("q", "now", "second", 5, "0:1:y"), "committed")
        self.assertEqual(driver.run("p", "now", "zombie", 5, "0:6:x"), "unclear")
        self.assertEqual(self.visible(), keys_of("second", 5))
        self.assertEqual(driver.positions("m"), {0: (1, "y")})

    def test_an_idle_port_that_was_fenced_learns_it_from_its_next_transaction(self):
        driver = self.started()
        self.assertEqual(driver.open("q", self.identity), "ready")
        self.assertEqual(driver.run("p", "now", "zombie", 5, "0:6:x"), "unclear")
        self.assertIn("_FENCED", driver.reason)
        self.assertEqual(self.visible(), {})

    def test_a_record_that_is_too_large_here_or_for_the_topic_takes_its_transaction_with_it_and_no_other(self):
        driver = self.started(reply_config={"max.message.bytes": "100000"})
        for prefix, size in (("for-the-client-", 17 << 20), ("for-the-topic-", 200000)):
            self.assertEqual(driver.run("p", "now", prefix, 3, "0:5:x", size=size), "too_large", driver.reason)
            self.assertEqual(driver.run("p", "now", "after-" + prefix, 3, "0:6:x"), "committed", driver.reason)
        self.assertEqual(self.visible(), keys_of("after-for-the-client-", 3) + keys_of("after-for-the-topic-", 3))

    def test_500_transactions_in_a_row_publish_every_record_once(self):
        driver = self.started()
        _, committed, seconds, worst = driver.ask("many", "p", "now", "r", 500, 10, seconds=120).split(" ")
        print("500 transactions of 10 records of 1 KB: %.0f a second, the worst took %s ms" % (500 / float(seconds), worst))
        self.assertEqual(committed, "500")
        self.assertEqual(self.visible(), keys_of("r", 5000))
        self.assertEqual(driver.positions("m"), {0: (500, "a_bitmap")})


class TheBrokerIsAway(TransactionCase):
    def stand_still(self):
        self.at.pause()
        time.sleep(BROKER_SESSION_S / 3)
        self.at.resume()

    def be_fenced(self):
        self.at.pause()
        time.sleep(BROKER_SESSION_S + 1)
        self.at.resume()

    def die(self):
        self.at.kill()
        self.at.start()
        if self.at.has_dropped_markers():
            raise MarkersDropped

    def transact_over(self, away, limit_ms=0):
        """Runs transactions, calling `away` in each a little later than in the one before; what is unclear is looked up and, if it did
        not happen, done again by a new port, as the service does it. A client of a broker that was fenced may be left without any
        broker (runtime/kafka/lost_brokers.hpp), and its calls then never return: they are given up, which is unclear too. Gives how
        often each outcome came."""
        driver = self.started(limit_ms, at=self.own(Broker()))
        outcomes = collections.Counter()
        for round_number, delay in enumerate((0, 0.002, 0.005, 0.01, 0.02, 0.04)):
            prefix, offset = "round-%d-" % round_number, round_number + 1
            places = "0:%d:m%d" % (offset, offset)
            driver.ask("run", "p", "now", prefix, 50, 1000, places)
            time.sleep(delay)
            away()
            outcome = driver.awaited("p", GIVEN_UP_S)
            outcomes[outcome] += 1
            while outcome != "committed":
                self.assertIn(outcome, ("unclear", "nothing", "aborted"), driver.reason)
                if outcome != "aborted":
                    self.assertLess(int(driver.ask("destroy", "p").split(" ")[1]), BLOCKING_MS)
                    self.assertEqual(driver.open("p", self.identity, limit_ms), "ready")
                    if driver.positions("m")[0][0] == offset:
                        outcomes["happened after all"] += 1
                        break
                driver.ask("leave", "m")
                self.assertEqual(driver.ask("join", "m"), "joined m")
                driver.ask("save", "m", "now")
                outcome = driver.run("p", "now", prefix, 50, places)
            self.assertEqual(driver.positions("m"), {0: (offset, "m%d" % offset)})
        print("outcomes: %s" % dict(outcomes))
        self.assertEqual(self.visible(), sum((keys_of("round-%d-" % i, 50) for i in range(6)), collections.Counter()))
        return outcomes

    def test_a_broker_that_stands_still_in_mid_transaction_is_waited_for(self):
        self.assertEqual(self.transact_over(self.stand_still), {"committed": 6})

    def test_a_broker_that_stands_still_for_too_long_costs_no_record_and_doubles_none(self):
        self.assertGreater(self.transact_over(self.stand_still, limit_ms=300)["unclear"], 0)

    def test_a_broker_that_is_fenced_in_mid_transaction_costs_no_record_and_doubles_none(self):
        self.transact_over(self.be_fenced)

    def test_a_broker_that_is_killed_in_mid_transaction_costs_no_record_and_doubles_none(self):
        for attempt in range(6):
            try:
                self.transact_over(self.die)
                return
            except MarkersDropped:
                print("attempt %d: the broker dropped markers, which nobody can make up for; once more with another one" % attempt)
        self.fail("the broker dropped markers in every attempt")

    def test_a_port_opens_when_the_broker_comes_however_late(self):
        at = self.own(Broker())
        driver = self.started(at=at)
        for away, back in ((at.pause, at.resume), (at.kill, at.start)):
            away()
            driver.ask("open", "late", self.identity)
            self.assertEqual(driver.awaited("late", 5), "nothing")
            back()
            self.assertEqual(driver.awaited("late"), "ready")
            driver.ask("destroy", "late")

    def test_the_membership_is_told_without_the_broker(self):
        at = self.own(Broker())
        driver = self.started(at=at)
        at.pause()
        slowest = int(driver.ask("save", "m", "now").split(" ")[2])
        at.resume()
        self.assertLess(slowest / 1000, BLOCKING_MS)

    def test_a_port_is_destroyed_at_once_and_its_process_ends_soon_though_its_commit_still_waits(self):
        at = self.own(Broker())
        driver = self.started(at=at)
        at.pause()
        driver.ask("run", "p", "now", "a", 10, 1000, "0:1:x")
        driver.ask("open", "q", self.identity + "-2")
        time.sleep(0.5)
        for port in ("p", "q"):
            self.assertLess(int(driver.ask("destroy", port).split(" ")[1]), BLOCKING_MS)
        began = time.monotonic()
        last, _ = driver.end()
        self.assertEqual(last, "blocked")
        self.assertLess(time.monotonic() - began, 5)
        at.resume()
        # Nobody's any more: the successor ends it.
        successor = self.own(Driver(at.address, self.requests, self.replies, "another"))
        self.assertEqual(successor.open("p", self.identity), "ready")
        self.assertEqual(self.visible(), {})

    def test_a_process_whose_ports_are_idle_or_opening_ends_in_order(self):
        at = self.own(Broker())
        driver = self.started(at=at)
        self.assertEqual(driver.ask("leave", "m"), "left m")
        at.pause()
        driver.ask("open", "q", self.identity + "-2")
        self.assertEqual(driver.end(), ("clean", 0))
        at.resume()
