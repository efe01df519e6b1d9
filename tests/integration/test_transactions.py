"""Replies and offsets in one transaction: what is visible and what is committed, seen by clients that are not ours."""
import time

from fixtures.kafka_broker import Broker
from fixtures.waiting import wait_until
from integration.transaction_case import BLOCKING_MS, Driver, TransactionCase, keys_in, keys_of

PARTS = "kafka"


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
        wait_until(lambda: keys_in(self.at, self.replies, "read_uncommitted"), 60, "the first has written something")
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
