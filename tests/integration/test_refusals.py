"""What the topics of replies and dead letters refuse, and what is told of it, with a real broker."""
import itertools
import json
import os
import time

from confluent_kafka.admin import NewTopic

from fixtures.kafka_broker import Reader
from fixtures.oracle import EMAIL
from fixtures.secured_broker import DESCRIBE, GROUP, READ, TOPIC, TRANSACTIONAL_ID, WRITE, SecuredBroker
from fixtures.service import Service, run_command
from fixtures.waiting import wait_until
from integration.case import QUICK_GROUP, IntegrationCase, broker, ollama

PARTS = "kafka ollama store"

DELIVERIES = ("at-least-once", "exactly-once")
_numbers = itertools.count(1)


class World:
    """Topics of its own at a broker. `configs`: of its topics, by their role."""

    def __init__(self, at, missing=(), **configs):
        self.broker = at
        number = "%d-%d" % (os.getpid(), next(_numbers))
        self.topics = {role: role + "-refusals-" + number for role in ("requests", "photos", "texts", "letters")}
        self.group = "group-refusals-" + number
        self.requests, self.texts, self.letters = (self.topics[role] for role in ("requests", "texts", "letters"))
        for role, name in self.topics.items():
            if role not in missing:
                self.create(name, configs.get(role))
        self.producer = at.producer()

    def create(self, name, config=None):
        self.broker.admin().create_topics([NewTopic(name, num_partitions=1, config=config or {})])[name].result(timeout=20)
        wait_until(lambda: name in self.broker.admin().list_topics(timeout=10).topics, 60, "the topic is there")

    def settings(self, **more):
        return {"LOCAL_MODEL_KAFKA_TOPIC": self.requests, "PHOTO_REPLY_TOPIC": self.topics["photos"], "TEXT_REPLY_TOPIC": self.texts,
                "DEAD_LETTER_TOPIC": self.letters, "CONSUMER_GROUP": self.group, **more}

    def ask(self, key, prompt="Which animal?", headers=()):
        self.producer.produce(self.requests, json.dumps({"value": {"user_email": EMAIL, "prompt": prompt}}), key=key, headers=list(headers))
        self.producer.flush(20)

    def spoil(self, key):
        self.producer.produce(self.requests, b"no JSON", key=key)
        self.producer.flush(20)

    def wait_records(self, topic, count, seconds=90):
        """What stands in a topic once there are so many records."""
        found = []

        def enough():
            found.extend(reader.read(0.2))
            return len(found) >= count
        with Reader(self.broker, [topic]) as reader:
            wait_until(enough, seconds, lambda: "%d records in %s: %s" % (count, topic, [m.key() for m in found]))
        return found

    def wait_committed(self, count, seconds=90):
        wait_until(lambda: self.broker.committed(self.group, self.requests, 1).get(0, 0) >= count, seconds, "all offsets are committed", interval=0.1)


class RefusalCase(IntegrationCase):
    def started(self, world, address=None, **settings):
        if settings.get("DELIVERY") == "exactly-once":
            settings = {"TRANSACTIONAL_ID": world.group, **settings}  # with port 0 there is none by default
        service = Service(address or world.broker.address, ollama().url, "fencev", world.requests, world.group,
                          **{**world.settings(), "CONCURRENT_REQUESTS": 2, "DRAIN_TIMEOUT": 5, "DEAD_LETTER_STOP": 100, **QUICK_GROUP, **settings})
        self.addCleanup(service.close)
        service.start()
        self.addCleanup(self._check_log, service)
        return service

    def check(self, world, address=None, *arguments, **settings):
        return run_command("check", *arguments, **{"BOOTSTRAP_SERVER": address or world.broker.address, "OLLAMA_HOST": ollama().url, "OLLAMA_MODEL": "fencev",
                                                   **world.settings(), **settings})

    def wait_not_ready(self, service, *words, seconds=90):
        def told():
            status, body = service.get("/ready")
            return status == 503 and all(word in body for word in words)
        wait_until(told, seconds, lambda: "%s in /ready: %s\n%s" % (words, service.get("/ready"), service.output()[-3000:]), interval=0.2)


class Topics(RefusalCase):
    def test_a_request_without_a_key_and_a_compacted_reply_topic_ends_as_a_dead_letter_and_its_neighbours_are_answered(self):
        for delivery in DELIVERIES:
            with self.subTest(delivery):
                world = World(broker(), texts={"cleanup.policy": "compact"})
                service = self.started(world, DELIVERY=delivery).wait_ready()
                world.ask(None)
                for number in range(5):
                    world.ask("n%d" % number)
                self.assertEqual({m.key() for m in world.wait_records(world.texts, 5)}, {b"n%d" % number for number in range(5)})
                letter = world.wait_records(world.letters, 1)[0]
                self.assertEqual(dict(letter.headers())["reason"], b"reply_refused")
                world.wait_committed(6)
                self.assertTrue(service.is_ready(), service.get("/ready"))
                self.assertEqual(service.terminate(), 0)

    def test_a_missing_dead_letter_topic_stops_nobody_is_told_and_is_mended_by_making_it(self):
        for delivery in DELIVERIES:
            with self.subTest(delivery):
                world = World(broker(), missing=["letters"])
                service = self.started(world, DELIVERY=delivery).wait_ready()
                world.spoil("bad")
                for number in range(5):
                    world.ask("g%d" % number)
                world.wait_records(world.texts, 5)
                self.wait_not_ready(service, world.letters, "UNKNOWN_TOPIC", "create")
                self.assertEqual(world.broker.committed(world.group, world.requests, 1).get(0, 0), 0)
                world.create(world.letters)
                world.wait_records(world.letters, 1)
                world.wait_committed(6)
                wait_until(service.is_ready, 60, "ready again")
                self.assertEqual([e["topic"] for e in service.events("topic_refuses")][:1], [world.letters])
                self.assertEqual(service.terminate(), 0)

    def test_a_stop_ends_in_time_while_a_topic_is_missing(self):
        for delivery in DELIVERIES:
            with self.subTest(delivery):
                world = World(broker(), missing=["letters"])
                service = self.started(world, DELIVERY=delivery).wait_ready()
                world.spoil("bad")
                self.wait_not_ready(service, world.letters)
                began = time.monotonic()
                self.assertEqual(service.terminate(), 0)
                self.assertLess(time.monotonic() - began, 12)  # DRAIN_TIMEOUT is 5 s; a process that hangs ends itself after 15

    def test_a_dead_letter_that_is_too_large_goes_out_smaller(self):
        for delivery in DELIVERIES:
            with self.subTest(delivery):
                world = World(broker(), letters={"max.message.bytes": "100000"}, texts={"max.message.bytes": "100000"})
                service = self.started(world, DELIVERY=delivery, DEAD_LETTER_PAYLOAD="full").wait_ready()
                world.ask("k" * 300000)
                world.ask("traced", headers=[("tracestate", b"x" * 300000)])
                world.spoil("s" * 300000)
                world.ask("after")
                letters = world.wait_records(world.letters, 2)
                self.assertEqual({m.key()[:1] for m in letters}, {b"k", b"s"})
                # A header that is too long to be passed on is left out (messages/README.md), and the reply then fits.
                self.assertEqual({m.key() for m in world.wait_records(world.texts, 2)}, {b"traced", b"after"})
                self.assertTrue(all(len(m.key()) <= 4096 and b"payload" in dict(m.headers())["cut"] for m in letters))
                world.wait_committed(4)
                self.assertLess(max(map(len, service.log().splitlines())), 20000)
                self.assertEqual(service.terminate(), 0)


class Rights(RefusalCase):
    @classmethod
    def setUpClass(cls):
        cls.secured = SecuredBroker().__enter__()
        cls.addClassCleanup(cls.secured.close)

    def world(self, *without):
        world = World(self.secured)
        self.secured.allow(TOPIC, world.requests, READ)
        self.secured.allow(GROUP, world.group, READ)
        for role in ("photos", "texts", "letters"):
            self.secured.allow(TOPIC, world.topics[role], *([DESCRIBE] if role in without else [WRITE]))
        return world

    def test_replies_that_may_not_be_written_wait_and_are_told_of_until_the_right_is_given(self):
        for delivery in DELIVERIES:
            with self.subTest(delivery):
                world = self.world("texts")
                login = {**self.secured.login(), "DELIVERY": delivery, "TRANSACTIONAL_ID": world.group}
                self.secured.allow(TRANSACTIONAL_ID, world.group, WRITE, DESCRIBE)
                checked = self.check(world, self.secured.secured_address, **login)
                self.assertEqual(checked.returncode, 1, checked.stdout + checked.stderr)
                self.assertIn("this user may not write to it", checked.stdout, checked.stderr)
                service = self.started(world, self.secured.secured_address, **login).wait_ready()
                for number in range(3):
                    world.ask("r%d" % number)
                self.wait_not_ready(service, world.texts, "TOPIC_AUTHORIZATION_FAILED", "right")
                self.assertEqual(self.secured.committed(world.group, world.requests, 1).get(0, 0), 0)
                self.secured.allow(TOPIC, world.texts, WRITE)
                world.wait_records(world.texts, 3)
                world.wait_committed(3)
                wait_until(lambda: len(service.events("request_done")) == 3, 60, lambda: "three ends in the log:\n" + service.output()[-20000:])
                ends = service.events("request_done")
                self.assertTrue(all(e["attempts"] == "1" and e["outcome"] == "ok" for e in ends), ends)
                self.assertEqual(service.terminate(), 0)

    def test_a_transactional_id_that_may_not_be_used_is_told_and_work_begins_when_it_may(self):
        world = self.world()
        login = {**self.secured.login(), "DELIVERY": "exactly-once", "TRANSACTIONAL_ID": "id-" + world.group}
        checked = self.check(world, self.secured.secured_address, **login)
        self.assertEqual(checked.returncode, 1, checked.stdout + checked.stderr)
        self.assertIn("TRANSACTIONAL_ID_AUTHORIZATION_FAILED", checked.stdout, checked.stderr)
        service = self.started(world, self.secured.secured_address, **login)
        self.wait_not_ready(service, "TRANSACTIONAL_ID_AUTHORIZATION_FAILED", "WRITE")
        self.secured.allow(TRANSACTIONAL_ID, "id-" + world.group, WRITE, DESCRIBE)
        service.wait_ready()
        world.ask("x")
        world.wait_records(world.texts, 1)
        self.assertEqual(self.check(world, self.secured.secured_address, **login).returncode, 0)
        world.ask("y")  # check has not fenced the service
        world.wait_records(world.texts, 2)
        self.assertEqual(service.events("transactional_id_in_use"), [])
        self.assertEqual(service.terminate(), 0)

    def test_what_keeps_the_service_from_its_partitions_is_told(self):
        world = self.world()
        for login, word in ((self.secured.login("wrong"), "_AUTHENTICATION"), ({}, "KAFKA_SECURITY_PROTOCOL")):
            with self.subTest(word):
                service = self.started(world, self.secured.secured_address, **login)
                self.wait_not_ready(service, "no partition", word)
                service.kill()

    def test_check_tells_causes_apart(self):
        world = World(self.secured)
        for login, words in ((self.secured.login("wrong"), ("name and password",)),
                             ({}, ("KAFKA_SECURITY_PROTOCOL",)),
                             (self.secured.login(), ("TOPIC", "right", "group"))):
            with self.subTest(words):
                result = self.check(world, self.secured.secured_address, **login)
                self.assertEqual(result.returncode, 1, result.stdout + result.stderr)
                for word in words:
                    self.assertIn(word, result.stdout)
                self.assertNotIn("create the topic", result.stdout)


class CreateTopics(RefusalCase):
    def test_check_creates_what_is_missing_and_says_so_once(self):
        world = World(broker(), missing=["requests", "photos", "texts", "letters"])
        before = self.check(world)
        self.assertEqual(before.returncode, 1, before.stdout)
        self.assertIn("check --create-topics", before.stdout)
        made = self.check(world, None, "--create-topics", "--partitions", "3")
        self.assertEqual(made.returncode, 0, made.stdout + made.stderr)
        self.assertEqual(made.stdout.count("created"), 4, made.stdout)
        topics = broker().admin().list_topics(timeout=10).topics
        self.assertTrue(all(len(topics[name].partitions) == 3 for name in world.topics.values()))
        again = self.check(world, None, "--create-topics")
        self.assertEqual(again.returncode, 0, again.stdout + again.stderr)
        self.assertNotIn("  created", again.stdout)

    def test_a_compacted_reply_topic_and_names_that_differ_by_a_dot_are_warned_of(self):
        world = World(broker(), texts={"cleanup.policy": "compact"})
        result = self.check(world)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertIn("cleanup.policy=compact", result.stdout)
        alike = self.check(world, TEXT_REPLY_TOPIC="odd.name", PHOTO_REPLY_TOPIC="odd_name")
        self.assertIn("only by . and _", alike.stdout)

    def test_more_replicas_than_brokers_are_refused_with_advice(self):
        world = World(broker(), missing=["requests", "photos", "texts", "letters"])
        result = self.check(world, None, "--create-topics", "--replication-factor", "3")
        self.assertEqual(result.returncode, 1, result.stdout + result.stderr)
        self.assertIn("--replication-factor", result.stdout)
