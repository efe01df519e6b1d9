"""Readers that have Kafka and no model, worker nodes that have models and no Kafka: killed, stopped and upgraded under load."""
import os
import random
import time
from datetime import datetime

from chaos.case import ChaosCase
from chaos.figures import Fault
from chaos.stub_model import MODEL
from fixtures.processes import free_port
from fixtures.service import Service, program

NODES, SLOTS = 4, 16
MODEL_SECONDS = 0.5
# A node may be lost, or one told to stop, while another one is still joining.
NODE_PERIOD_SECONDS = 2.6
STILL_SECONDS = 1.8
KILLED_SEEN_SECONDS, STOPPED_SEEN_SECONDS, PLACED_SECONDS = 0.05, 1.2, 0.1


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def summary(values):
    return "p50 %.0f ms, p99 %.0f ms, most %.0f ms of %d" % (*(1000 * percentile(values, share) for share in (0.5, 0.99, 1)), len(values)) \
        if values else "none"


class NodesCase(ChaosCase):
    members = 2
    model_hosts = NODES

    def prepare_nodes(self, **settings):
        self.node_ports = [free_port() for _ in range(self.members)]
        self.prepare(GROUP_INSTANCE_ID="reader-%d", **settings)
        self.stub.tell("delay %g" % MODEL_SECONDS)

    def settings_of(self, number):
        return {"OLLAMA_HOST": "", "NODE_PORT": self.node_ports[number], "NODE_NAME": "reader%d" % number}

    def prepare_others(self):
        join = ",".join("127.0.0.1:%d" % port for port in self.node_ports)
        self.others = [self.own(Service(None, url, MODEL, None, None, arguments=["worker"], CONCURRENT_REQUESTS=SLOTS, NODE_NAME="node%d" % number,
                                        NODE_JOIN=join, LOG_LEVEL="INFO", PORT=free_port(), DRAIN_TIMEOUT=20))
                       for number, url in enumerate(self.stub.urls)]
        return self.others

    def assert_nothing_repeated(self, figures):
        return ["%d answers were computed again: %s" % (len(figures.redone), figures.redone[:10])] if figures.redone else []


class ReadersAreKilled(NodesCase):
    """The calls go on at the nodes, and whoever reads the requests next takes them over: no model is asked twice."""
    requests = 2400

    def further_breaches(self, figures):
        return self.assert_nothing_repeated(figures)

    def test_readers_sigkill(self):
        self.prepare_nodes()
        chance = random.Random(4)

        def kill_one():
            reader = chance.choice(self.team)
            at = reader.kill()
            self._sleep_until(at + chance.uniform(0, 0.5))
            reader.start()
            return [Fault(at, kills=True, service=True)]
        self.every(2, kill_one)
        self.conclude()

    def test_the_only_reader_sigkill(self):
        self.members = 1
        self.prepare_nodes()

        def kill_it():
            at = self.team[0].kill()
            self.team[0].start()
            return [Fault(at, kills=True, service=True)]
        self.every(2, kill_it)
        self.conclude()


class NodesAreLost(NodesCase):
    requests = 3000

    def test_nodes_sigkill_and_sigstop(self):
        self.prepare_nodes()
        chance = random.Random(5)
        self.wall_clock = time.time() - time.monotonic()
        self.stopped = []

        def lose_one():
            number = chance.randrange(NODES)
            node, at = self.others[number], self.now()
            if len(self.faults) % 2 == 0:
                node.kill()
                self._sleep_until(at + chance.uniform(0, 1))
                node.start()
            else:
                self.stopped.append(at)
                node.service.pause()
                try:
                    self._sleep_until(at + STILL_SECONDS)
                finally:
                    node.service.resume()
            return [Fault(at, kills=True, node=number)]
        self.every(NODE_PERIOD_SECONDS, lose_one)
        self.conclude()

    def losses_seen(self):
        """[(fault, after how many seconds each reader said that the node is lost)]."""
        said = [[(fields["node"], datetime.fromisoformat(fields["time"].replace("Z", "+00:00")).timestamp() - self.wall_clock)
                 for fields in reader.events("node_lost")] for reader in self.team]
        following = [fault.at for fault in self.faults[1:]] + [float("inf")]
        return [(fault, [next((at - fault.at for node, at in one if node == "node%d" % fault.node and fault.at - 0.002 <= at < until), None)
                         for one in said]) for fault, until in zip(self.faults, following)]

    def further_breaches(self, figures):
        killed, stopped, placed, breaches, foreign = [], [], [], [], []
        for fault, seen in self.losses_seen():
            if None in seen:
                breaches.append("a reader did not notice the loss of node %d at %.3f" % (fault.node, fault.at))
                continue
            (stopped if fault.at in self.stopped else killed).extend(seen)
            for calls in figures.calls.values():
                for call, after in zip(calls, calls[1:]):
                    if call.host == fault.node and call.began < fault.at < (call.answered or float("inf")) and after.began > fault.at:
                        placed.append(after.began - fault.at - min(seen))
        hit = {(fault.node, fault.at) for fault in self.faults}
        for key, calls in figures.calls.items():
            for call, after in zip(calls, calls[1:]):
                if not call.spoiled and not any(node == call.host and call.began < at < after.began for node, at in hit):
                    foreign.append(key)
        print("\nkilled node seen: %s\nstopped node seen: %s\nits requests placed again: %s" % (summary(killed), summary(stopped), summary(placed)))
        if foreign:
            breaches.append("%d requests of other nodes were computed again: %s" % (len(foreign), foreign[:10]))
        # The machine is busy with two kinds of load: one in a hundred may be late.
        for what, took, limit in (("killed node seen", killed, KILLED_SEEN_SECONDS), ("stopped node seen", stopped, STOPPED_SEEN_SECONDS),
                                  ("placed again", placed, PLACED_SECONDS)):
            if not took or percentile(took, 0.99) > limit:
                breaches.append("%s: %s, allowed are %g ms" % (what, summary(took), 1000 * limit))
        return breaches


class NodesAreUpgraded(NodesCase):
    """One process after another is told to stop and comes back as the other release: of the next protocol, and back again."""
    requests = 3000

    def other_release(self):
        path = os.environ.get("OTHER_PROTOCOLS") or os.path.join(os.path.dirname(program()), "tests", "other_protocols")
        if not os.access(path, os.X_OK):
            raise AssertionError("there is no program at %s: build other_protocols, or set OTHER_PROTOCOLS" % path)
        return path

    def test_rolling_upgrade(self):
        other = self.other_release()
        self.prepare_nodes()

        def replace(member, path):
            began = self.now()
            member.terminate()
            member.service.path = path
            member.service.settings["NEWEST"] = 3 if path else None
            member.start()
            member.service.wait_ready()
            return [Fault(began, self.now())]
        # Every member once, then every member back: two upgrades.
        members = self.team + self.others
        turns = [(member, path) for path in (other, None) for member in members]
        self.every(1.5, lambda: replace(*turns[len(self.faults) % len(turns)]))
        self.conclude()

    def further_breaches(self, figures):
        breaches = self.assert_nothing_repeated(figures)
        protocols = {fields["protocol"] for node in self.others for fields in node.events("reader_joined")}
        print("\nrolling upgrades: %.1f, protocols spoken: %s, longest time without a reply: %.2f s" % (
            len(self.faults) / len(self.team + self.others), ", ".join(sorted(protocols)), figures.longest_silence()))
        if figures.doubled:
            breaches.append("doubled: %s" % figures.doubled[:10])
        if figures.longest_silence() > 1:
            breaches.append("%.2f s without a reply" % figures.longest_silence())
        if len(self.faults) >= len(self.team + self.others) and protocols != {"2", "3"}:
            breaches.append("both protocols were to be spoken: %s" % protocols)
        return breaches
