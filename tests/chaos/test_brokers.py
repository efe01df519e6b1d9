"""One of three brokers dies under load and comes back, again and again."""
import itertools

from chaos.case import ChaosCase
from chaos.cluster import Cluster
from chaos.figures import Fault, publishing_silence
from fixtures import oracle

# From a node's death to the order to start it again; the start of a JVM has both cores busy for seconds.
AWAY_SECONDS = 4
PERIOD_SECONDS = 8


class ABrokerIsKilled(ChaosCase):
    def test_broker_sigkill(self):
        cluster = self.enterContext(Cluster())
        self.prepare(cluster)
        cluster.wait_in_sync(oracle.OUTPUT_TOPICS)
        turns = itertools.cycle(cluster.nodes)

        def kill_and_restart():
            node = next(turns)
            # A second one may only die when the first is back in full, or nothing could be acknowledged.
            cluster.wait_in_sync([*oracle.OUTPUT_TOPICS, self.traffic.topic])
            at = self.now()
            node.kill()
            self._sleep_until(at + AWAY_SECONDS)
            node.start()
            return [Fault(at, kills=True)]
        self.every(PERIOD_SECONDS, kill_and_restart)
        windows = list(zip(self.faults, [fault.at for fault in self.faults[1:]] + [self.traffic.over]))

        def silences(figures):
            # Beside them what Kafka itself took: the same as seen by the producer of the requests.
            print("\nbroker deaths, Kafka's own share: %s" % ", ".join("%.1f s" % publishing_silence(figures.requests, *each) for each in windows))
            return [figures.silence_after(*each) for each in windows]
        self.conclude(limit_seconds=7, back_in=silences)
