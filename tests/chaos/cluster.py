"""Three real Kafka nodes (each broker and controller) on free loopback ports: every record on all three, two are enough to acknowledge it."""
import concurrent.futures
import contextlib

from confluent_kafka import KafkaException

from chaos import kafka_wire
from fixtures.kafka_broker import Broker, BrokerClient
from fixtures.processes import temporary_folder
from fixtures.waiting import wait_until

NODES = 3
INTERNAL = "__consumer_offsets"


class Node(Broker):
    def __init__(self, number):
        super().__init__()
        self.number = number

    def configure(self, nodes):
        """Rewrites the properties of a broker alone for its place among the others."""
        with open(self.properties, encoding="ascii") as text:
            own = dict(line.rstrip("\n").split("=", 1) for line in text)
        own.update({
            "node.id": self.number,
            "controller.quorum.voters": ",".join("%d@127.0.0.1:%d" % (node.number, node.controller_port) for node in nodes),
            "default.replication.factor": NODES, "min.insync.replicas": 2,
            "offsets.topic.replication.factor": NODES,
            "transaction.state.log.replication.factor": NODES, "transaction.state.log.min.isr": 2,
            # Until the controller has noticed that a node is dead, nobody can have anything acknowledged by all in-sync replicas: that is
            # Kafka's own share of the silence, 9 s as it comes.
            "broker.session.timeout.ms": 2000, "broker.heartbeat.interval.ms": 400,
            "controller.quorum.fetch.timeout.ms": 1500, "controller.quorum.election.timeout.ms": 500,
            "replica.lag.time.max.ms": 5000,
        })
        with open(self.properties, "w", encoding="ascii") as out:
            out.writelines("%s=%s\n" % pair for pair in own.items())
        self.format()


class Cluster(BrokerClient):
    """A context manager: all nodes started on entry, ended and their data removed on exit."""

    def __enter__(self):
        temporary_folder()
        self.nodes = []
        try:
            self.nodes = [Node(number) for number in range(1, NODES + 1)]
            self._all(lambda node: node.configure(self.nodes))
            self.address = ",".join(node.address for node in self.nodes)
            self._all(lambda node: node.start())
            wait_until(self._knows_all, 30, "the nodes know each other", interval=0.1)
        except BaseException:
            self.close()
            raise
        return self

    def _knows_all(self):
        # A client drops what it has asked of a node that the next list of nodes lacks.
        try:
            return len(self.admin().list_topics(timeout=10).brokers) == NODES
        except KafkaException:
            return False

    def __exit__(self, *_):
        self.close()

    def close(self):
        for node in self.nodes:
            node.close()

    def _all(self, work):
        with concurrent.futures.ThreadPoolExecutor(NODES) as threads:
            list(threads.map(work, self.nodes))

    def in_sync(self, topics):
        """Whether every partition has all its replicas."""
        for node in self.nodes:
            with contextlib.suppress(OSError, kafka_wire.NotNow):
                connection = kafka_wire.Connection(node.address)
                with contextlib.closing(connection):
                    places = kafka_wire.read_metadata(connection.ask(kafka_wire.metadata([*topics, INTERNAL]))[0])
                return all(replicas == NODES for _, replicas in places.values())
        return False

    def wait_in_sync(self, topics, seconds=60):
        wait_until(lambda: self.in_sync(topics), seconds, "all replicas are in sync", interval=0.1)
