"""What dies, hangs, is late or is not there: the others go on, and every request has its end."""
import http.server
import threading

from fixtures.kafka_broker import Broker
from fixtures.kafka_proxy import KafkaProxy
from fixtures.ollama_server import OllamaServer
from fixtures.oracle import OUTPUT_TOPICS, photo_reply, text_reply
from fixtures.processes import free_port
from fixtures.waiting import stays_true, wait_until
from integration.case import IntegrationCase, ollama
from integration.test_answers import FENCE_ANALYSIS, FENCE_FIELDS
from integration.test_group import ask_mixed

PARTS = "kafka ollama store"


def slow_text(talk):
    """A question whose answer takes about a second; the check leaves the numbers to the exact cases."""
    def counts(fields):
        assert fields["steps"] == list(range(150)), fields
    return talk.text(text_reply(fields=counts))


DELIVERIES = ("at-least-once", "exactly-once")


def clients_without_brokers(service, known):
    """The kinds of the clients that have said so, but for the first `known` times."""
    return {fields["client"].split("#")[1].split("-")[0] for fields in service.events("kafka_brokers_lost")[known:]}


class TheServiceDies(IntegrationCase):
    def test_after_kill_9_in_mid_flight_a_new_service_answers_every_id(self):
        in_flight = 4
        talk = self.conversation(partitions=3)
        service = self.ready_service(talk, CONCURRENT_REQUESTS=in_flight)
        ask_mixed(talk, 300)
        talk.wait_ended(50)
        ollama().wait_working()
        service.kill()
        talk.collect_all()
        self.assertLess(talk.ended(), 300, "there was nothing in flight any more")
        successor = self.ready_service(talk, CONCURRENT_REQUESTS=in_flight)
        self.assert_all_ended(talk, successor, doubled_allowed=True)
        # At least once: what was answered and not yet committed is answered again, and nothing else.
        self.assertLessEqual(talk.doubles(), 300 // 4)

    def test_after_three_kills_in_a_row_every_id_is_answered(self):
        talk = self.conversation(partitions=2)
        ask_mixed(talk, 600)
        for answered in (50, 150, 250):
            with self.subTest(killed_after=answered):
                service = self.ready_service(talk)
                talk.wait_ended(answered)
                ollama().wait_working()
                service.kill()
        successor = self.ready_service(talk)
        self.assert_all_ended(talk, successor, doubled_allowed=True)


class OllamaIsNotThere(IntegrationCase):
    def test_requests_wait_for_an_ollama_that_arrives_after_the_service(self):
        host = OllamaServer()
        self.addCleanup(host.close)
        talk = self.conversation()
        service = self.service(talk, hosts=host.url)
        talk.photo(photo_reply(FENCE_ANALYSIS))
        talk.text(text_reply(fields=FENCE_FIELDS))
        talk.publish()
        wait_until(lambda: service.get("/ready")[0] == 503 and service.get("/health") and talk.broker.members(talk.group) == 1, 60,
                   "the service is up, in its group and not ready")
        status, body = service.get("/health")
        self.assertEqual((status, '"degraded"' in body), (200, True), body)
        host.start()
        service.wait_ready()
        self.assert_all_ended(talk, service)
        self.assertEqual({reply.headers["attempt"] for question in talk.questions.values() for reply in question.replies}, {"1"})

    def test_requests_wait_while_the_model_is_missing_and_are_answered_once_it_is_pulled(self):
        host = self.own(OllamaServer(models=["prose"]))
        talk = self.conversation()
        service = self.service(talk, hosts=host.url)
        talk.text(text_reply(fields=FENCE_FIELDS))
        talk.publish()
        wait_until(lambda: service.get("/ready")[0] == 503 and talk.broker.members(talk.group) == 1, 60, "the service is up and not ready")
        status, body = service.get("/health")
        self.assertEqual((status, '"degraded"' in body), (200, True), body)
        self.assertIn("fencev", body)
        stays_true(lambda: talk.collect(0.1) or talk.nothing_came() and talk.committed() == 0, 2, "nothing is burnt into errors while no host has the model")
        host.add_model("fencev")
        service.wait_ready()
        self.assert_all_ended(talk, service)

    def test_an_ollama_that_is_restarted_under_load_costs_no_request(self):
        host = self.own(OllamaServer())
        talk = self.conversation()
        service = self.ready_service(talk, hosts=host.url)
        ask_mixed(talk, 60)
        talk.wait_ended(10)
        host.stop()
        talk.collect(0.1)
        self.assertLess(talk.ended(), 60, "nothing was left to be asked")
        wait_until(lambda: service.get("/ready")[0] == 503, 60, "the service has noticed")
        host.start()
        self.assert_all_ended(talk, service)

    def test_with_two_hosts_one_of_which_dies_the_other_answers(self):
        hosts = [self.own(OllamaServer()) for _ in range(2)]
        talk = self.conversation()
        service = self.ready_service(talk, hosts=",".join(host.url for host in hosts))
        ask_mixed(talk, 60)
        talk.wait_ended(10)
        hosts[0].kill()
        self.assert_all_ended(talk, service)


class TheRunnerDies(IntegrationCase):
    def test_a_runner_killed_during_an_answer_costs_one_attempt_and_no_request(self):
        host = self.own(OllamaServer())
        talk = self.conversation()
        service = self.ready_service(talk, "slowv", hosts=host.url)
        question = slow_text(talk)
        talk.publish()
        host.wait_working()
        host.kill_runner()
        self.assert_all_ended(talk, service)
        self.assertEqual(question.replies[0].headers["attempt"], "2")

    def test_a_runner_that_hangs_is_given_up_after_the_request_timeout_its_model_is_loaded_anew_and_the_request_is_answered(self):
        host = self.own(OllamaServer())
        talk = self.conversation()
        service = self.ready_service(talk, "slowv", hosts=host.url, OLLAMA_REQUEST_TIMEOUT=20, OLLAMA_IDLE_TIMEOUT=2)
        question = slow_text(talk)
        talk.publish()
        host.wait_working()
        host.pause_runner()  # to unload the model ends it
        self.assert_all_ended(talk, service)
        self.assertEqual(question.replies[0].headers["attempt"], "2")
        self.assertEqual(len(service.events("model_silent")), 1)


class KafkaFails(IntegrationCase):
    def own_broker(self):
        broker = self.own(Broker())
        broker.create_topics(OUTPUT_TOPICS)
        return broker

    def test_a_broker_killed_and_restarted_under_load_costs_no_request(self):
        broker = self.own_broker()
        talk = self.conversation(partitions=2, at=broker)
        service = self.ready_service(talk)
        ask_mixed(talk, 60)
        talk.wait_ended(10)
        broker.kill()
        broker.start()
        self.assert_all_ended(talk, service, doubled_allowed=True)

    def test_a_broker_that_stands_still_for_a_while_costs_no_request(self):
        for delivery in DELIVERIES:
            with self.subTest(delivery=delivery):
                broker = self.own_broker()
                talk = self.conversation(partitions=2, at=broker)
                service = self.ready_service(talk, DELIVERY=delivery, TRANSACTIONAL_ID="broker-stands-still")
                ask_mixed(talk, 60)
                talk.wait_ended(10)
                broker.pause()
                # Longer than the group's session: the service has to join again afterwards.
                stays_true(lambda: service.get("/health")[0] == 200 and service.get("/metrics")[0] == 200, 4, "the service answers")
                broker.resume()
                self.assert_all_ended(talk, service, doubled_allowed=delivery == "at-least-once")

    def test_a_broker_that_its_controller_has_fenced_for_a_while_is_found_again(self):
        # Fenced it names no broker at all to those who ask, and librdkafka forgets the only one it has.
        broker = self.own_broker()
        way = self.own(KafkaProxy(broker.proxy_port, broker.behind_proxy_port))
        talk = self.conversation(partitions=2, at=broker)
        way.fenced = True
        service = self.service(talk, BOOTSTRAP_SERVER=way.address, KAFKA_TOPIC_METADATA_REFRESH_INTERVAL_MS=100)
        # At its start only the reader asks for topics, and only who asks for topics forgets.
        for forgetful in ({"consumer"}, {"consumer", "producer"}):
            before = len(service.events("kafka_brokers_lost"))
            wait_until(lambda: clients_without_brokers(service, before) >= forgetful, 60, "%s without brokers" % forgetful)
            way.fenced = False
            service.wait_ready()
            ask_mixed(talk, 30)
            self.assert_all_ended(talk, service)
            way.fenced = True

    def test_a_broker_that_arrives_after_the_service_is_used_then(self):
        broker = Broker()
        self.addCleanup(broker.close)
        broker.start()
        broker.create_topics(OUTPUT_TOPICS)
        talk = self.conversation(at=broker)
        talk.text(text_reply(fields=FENCE_FIELDS))
        talk.publish()
        broker.stop()
        service = self.service(talk)
        self.assertEqual(service.get("/ready")[0], 503)
        broker.start()
        self.assert_all_ended(talk, service)


class SomethingElseAnswers(IntegrationCase):
    def test_an_ollama_address_where_something_else_answers_leaves_the_service_not_ready(self):
        class Teapot(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_error(418)
            do_POST = do_GET

            def log_message(self, *_):
                pass
        port = free_port()
        server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Teapot)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        talk = self.conversation()
        service = self.service(talk, hosts="http://127.0.0.1:%d" % port)
        talk.text(text_reply(fields=FENCE_FIELDS))
        talk.publish()
        wait_until(lambda: talk.broker.members(talk.group) == 1, 60, "the service is in its group")
        stays_true(lambda: service.get("/ready")[0] == 503 and (talk.collect(0.1) or talk.nothing_came()) and talk.committed() == 0, 2,
                   "the service is not ready, and nothing is burnt into errors")
