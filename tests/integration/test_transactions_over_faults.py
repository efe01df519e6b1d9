"""Transactions one after the other while the broker stands still, is fenced or dies in the middle of them: no record lost or doubled."""
import collections
import time

from fixtures.kafka_broker import BROKER_SESSION_S, Broker
from integration.transaction_case import BLOCKING_MS, TransactionCase, keys_of

PARTS = "kafka"

GIVEN_UP_S = 10  # the service gives up after 2.5 s (actors/producer/producer.hpp), but the broker may be away for longer here


class MarkersDropped(Exception):
    """The broker has half-ended a transaction: nothing can be said of clients any more."""


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
