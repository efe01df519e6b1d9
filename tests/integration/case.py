"""What all integration cases share: one broker and one Ollama for the whole run, and what is checked after every case."""
import atexit
import unittest

from fixtures import oracle
from fixtures.kafka_broker import Broker
from fixtures.ollama_server import OllamaServer
from fixtures.oracle import Conversation
from fixtures.photos import base64_text, jpeg
from fixtures.service import Service

# What a request or an answer of these tests contains and a log never may. (The answers' words are those of the scripted models.)
SECRETS = [oracle.EMAIL, oracle.EMAIL.split("@")[0], oracle.CANARY, base64_text(jpeg())[100:140], "Hope that helps", "capital of France", "12345678901234567890"]

# A group notices a killed member after two seconds and tells the others of a rebalance at once.
QUICK_GROUP = {"KAFKA_SESSION_TIMEOUT_MS": 2000, "KAFKA_HEARTBEAT_INTERVAL_MS": 300}

_shared = {}


def shared(kind, make):
    """One of its kind for the whole run. Only for cases that leave it as they found it; what they stop or kill is their own."""
    if kind not in _shared:
        _shared[kind] = make().__enter__()
        atexit.register(_shared[kind].close)
    return _shared[kind]


def started_broker():
    broker = Broker()
    try:
        broker.start()
        broker.create_topics(oracle.OUTPUT_TOPICS)
    except BaseException:
        broker.close()
        raise
    return broker


def broker():
    if "broker" not in _shared:
        _shared["broker"] = started_broker()
        atexit.register(_shared["broker"].close)
    return _shared["broker"]


def ollama():
    return shared("ollama", lambda: OllamaServer(parallel=2))


class IntegrationCase(unittest.TestCase):
    maxDiff = 2000

    def own(self, thing):
        """Enters a context manager and leaves it when the case ends, however it ends."""
        return self.enterContext(thing)

    def conversation(self, partitions=1, at=None):
        return self.own(Conversation(at or broker(), partitions))

    def service(self, conversation, model="fencev", hosts=None, **settings):
        """A started service that works on the conversation's topic; what it logs is looked through when the case ends."""
        service = Service(conversation.broker.address, hosts or ollama().url, model, conversation.topic, conversation.group,
                          **{"CONCURRENT_REQUESTS": 2, "DRAIN_TIMEOUT": 20, **QUICK_GROUP, **settings})
        self.addCleanup(service.close)
        service.start()
        self.addCleanup(self._check_log, service)
        return service

    def ready_service(self, conversation, model="fencev", **settings):
        return self.service(conversation, model, **settings).wait_ready()

    def _check_log(self, service):
        output = service.output()
        for secret in SECRETS:
            self.assertNotIn(secret, output, "the log tells what it must not")

    def assert_all_ended(self, conversation, *services, seconds=180, doubled_allowed=False, committed=True):
        """Every request has had its one right end, and the group has committed all of them."""
        def alive():
            for service in services:
                self.assertIsNone(service.exit_code(), "the service ended:\n" + service.output()[-4000:])
        try:
            conversation.wait_ended(seconds=seconds, alive=alive)
            if committed:
                conversation.wait_committed()
            conversation.collect_all()
        except AssertionError as problem:
            logs = "\n".join("%s\n[...]\n%s" % (s.output()[:3000], s.output()[-6000:]) for s in services)
            raise AssertionError("%s\n%s\nverdict: %s" % (problem, logs, conversation.verdict())) from None
        verdict = conversation.verdict()
        self.assertEqual(verdict.lost, [])
        self.assertEqual(verdict.wrong, {})
        if not doubled_allowed:
            self.assertEqual(verdict.doubled, [])
