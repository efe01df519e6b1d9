"""Several services share the work; one joins, one leaves, one is told to stop."""
from fixtures.ollama_server import OllamaServer
from fixtures.oracle import photo_reply, text_reply
from fixtures.processes import free_port
from fixtures.waiting import wait_until
from integration.case import IntegrationCase
from integration.test_answers import FENCE_ANALYSIS, FENCE_FIELDS

PARTS = "kafka ollama store"


def ask_mixed(talk, count, photo_every=5):
    for i in range(count):
        if i % photo_every == 0:
            talk.photo(photo_reply(FENCE_ANALYSIS))
        else:
            talk.text(text_reply(fields=FENCE_FIELDS))
    talk.publish()


class SharedWork(IntegrationCase):
    def test_300_mixed_requests_over_6_partitions_are_all_answered_once_while_one_member_joins_and_one_leaves(self):
        hosts = [self.own(OllamaServer()) for _ in range(2)]  # the header `host` tells which member has answered
        talk = self.conversation(partitions=6)
        first = self.ready_service(talk, hosts=hosts[0].url)
        ask_mixed(talk, 100)
        talk.wait_ended(20)  # the second member joins while the first is at work, and the next hundred come when it has joined
        second = self.ready_service(talk, hosts=hosts[1].url)
        ask_mixed(talk, 100)
        wait_until(lambda: talk.collect(0.05) or self.answered_by(talk, hosts[1]) >= 10, 60, "the member that joined has answered ten requests")
        ask_mixed(talk, 100)  # the first leaves while these are under way
        self.assertEqual(first.terminate(), 0, first.output()[-4000:])
        self.assert_all_ended(talk, second)
        shares = [self.answered_by(talk, host) for host in hosts]
        self.assertEqual(sum(shares), 300)
        self.assertGreater(min(shares), 0, "both members have answered")

    @staticmethod
    def answered_by(talk, host):
        return sum(host.address in reply.headers["host"] for question in talk.questions.values() for reply in question.replies)


class ToldToStop(IntegrationCase):
    def test_sigterm_finishes_what_is_under_way_commits_it_and_leaves_the_group(self):
        talk = self.conversation(partitions=2)
        service = self.ready_service(talk, "slowv", KAFKA_SESSION_TIMEOUT_MS=30_000)
        for _ in range(20):
            talk.text(text_reply(fields=lambda fields: self.assertEqual(list(fields), ["steps"])))
        talk.wait_ended(3)
        self.assertEqual(service.terminate(), 0, service.output()[-4000:])
        # With a session of 30 s, an empty group can only mean that its member said good-bye.
        self.assertEqual(talk.broker.members(talk.group), 0)
        talk.collect_all()
        answered = talk.ended()
        self.assertLess(answered, 20, "nothing was left to hand back")
        self.assertEqual(talk.committed(), answered, "what was answered is committed, and nothing else")
        successor = self.ready_service(talk, "slowv")
        self.assert_all_ended(talk, successor)

    def test_sigterm_with_a_model_that_hangs_ends_within_the_drain_timeout_and_hands_the_work_back(self):
        host = self.own(OllamaServer())
        talk = self.conversation()
        service = self.ready_service(talk, hosts=host.url, DRAIN_TIMEOUT=1, OLLAMA_REQUEST_TIMEOUT=60)
        host.pause_runner()
        talk.text(text_reply(fields=FENCE_FIELDS))
        talk.publish()
        wait_until(host.unread_by_runner, 60, "the request is with the model server")
        self.assertEqual(service.terminate(seconds=10), 0, service.output()[-4000:])
        self.assertEqual(talk.broker.members(talk.group), 0)
        self.assertEqual(talk.committed(), 0)
        host.kill_runner()
        successor = self.ready_service(talk, hosts=host.url)
        self.assert_all_ended(talk, successor)

    def test_sigterm_before_anything_was_asked_ends_at_once_with_0(self):
        talk = self.conversation()
        service = self.ready_service(talk)
        self.assertEqual(service.terminate(seconds=10), 0, service.output()[-4000:])
        self.assertEqual(talk.broker.members(talk.group), 0)

    def test_sigterm_while_neither_kafka_nor_ollama_are_there_ends_with_0(self):
        talk = self.conversation()
        service = self.service(talk, hosts="http://127.0.0.1:9", BOOTSTRAP_SERVER="127.0.0.1:9", DRAIN_TIMEOUT=2)
        self.assertEqual(service.get("/ready")[0], 503)
        self.assertEqual(service.terminate(seconds=15), 0, service.output()[-4000:])


class AMemberThatWasGivenNoName(IntegrationCase):
    """Its host and port are its name. With a session of 30 s nothing here can be due to a session that is over."""

    DELIVERIES = ("at-least-once", "exactly-once")

    def named_service(self, talk, port, **settings):
        return self.ready_service(talk, PORT=port, LISTEN_ADDRESS="127.0.0.1", KAFKA_SESSION_TIMEOUT_MS=30_000, **settings)

    def test_killed_and_started_again_goes_on_at_once(self):
        for delivery in self.DELIVERIES:
            with self.subTest(delivery):
                talk, port = self.conversation(partitions=2), free_port()
                first = self.named_service(talk, port, DELIVERY=delivery)
                ask_mixed(talk, 10)
                self.assert_all_ended(talk, first)
                first.kill()
                second = self.service(talk, PORT=port, LISTEN_ADDRESS="127.0.0.1", KAFKA_SESSION_TIMEOUT_MS=30_000, DELIVERY=delivery)
                second.wait_ready(20)
                ask_mixed(talk, 10)
                self.assert_all_ended(talk, second, seconds=20)
                self.assertEqual(talk.broker.members(talk.group), 1)

    def test_told_to_stop_leaves_the_group(self):
        for delivery in self.DELIVERIES:
            with self.subTest(delivery):
                talk = self.conversation(partitions=2)
                service = self.named_service(talk, free_port(), DELIVERY=delivery)
                ask_mixed(talk, 10)
                self.assert_all_ended(talk, service)
                self.assertEqual(service.terminate(seconds=10), 0, service.output()[-4000:])
                self.assertEqual(talk.broker.members(talk.group), 0)

    def test_two_hosts_of_one_name_both_work_one_of_them_without_a_name(self):
        for delivery in self.DELIVERIES:
            with self.subTest(delivery):
                talk, port = self.conversation(partitions=4), free_port()
                older = self.named_service(talk, port, DELIVERY=delivery)
                ask_mixed(talk, 20)
                talk.wait_ended(5)
                younger = self.service(talk, PORT=port, LISTEN_ADDRESS="127.0.0.2", KAFKA_SESSION_TIMEOUT_MS=30_000, DELIVERY=delivery)
                younger.wait_event("partitions_assigned")
                older.wait_event("group_instance_id_in_use")
                wait_until(lambda: talk.broker.members(talk.group) == 2, 60, "both are in the group")
                older.wait_ready()
                ask_mixed(talk, 40)
                self.assert_all_ended(talk, older, younger, doubled_allowed=delivery == "at-least-once")
                self.assertEqual(len(older.events("group_instance_id_in_use") + younger.events("group_instance_id_in_use")), 1)
