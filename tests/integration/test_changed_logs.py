"""Logs that are not those any more that the group's positions belong to: topics made anew, positions beyond the end, partitions added."""
import json
import shutil
import time

from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition
from confluent_kafka.admin import NewPartitions

from chaos import stub_model
from fixtures.kafka_broker import Broker
from fixtures.oracle import OUTPUT_TOPICS, text_reply
from fixtures.waiting import wait_until
from integration.case import IntegrationCase

PARTS = "kafka"

CHANGES = 'models_processor_log_changes_total{kind="%s"}'
DELIVERIES = ("at-least-once", "exactly-once")


class ChangedLogs(IntegrationCase):
    def setUp(self):
        self.stub = self.own(stub_model.StubModel())

    def stub_service(self, talk, delivery="at-least-once", **settings):
        # PORT is 0 here, so no transactional id could be made of it.
        name = {"TRANSACTIONAL_ID": talk.group} if delivery == "exactly-once" else {}
        return self.ready_service(talk, stub_model.MODEL, hosts=self.stub.url, DELIVERY=delivery, CONCURRENT_REQUESTS=8, **name, **settings)

    @staticmethod
    def ask(talk, count, **place):
        """Questions whose answers say which question they belong to."""
        for _ in range(count):
            key = talk.next_key()
            talk.text(text_reply(fields=json.loads(stub_model.answer_to(key, None))), "Answer. [request %s]" % key, **place)
        talk.publish()

    def next_talk(self, before):
        """About the same topic, for the same group: with questions of its own, because the earlier ones are not to be judged any more."""
        talk = self.conversation(at=before.broker)
        talk.topic, talk.group = before.topic, before.group
        return talk

    def make_anew(self, talk):
        talk.broker.admin().delete_topics([talk.topic])[talk.topic].result(timeout=20)
        wait_until(lambda: talk.topic not in talk.broker.admin().list_topics(timeout=10).topics, 60, "the topic is gone")
        talk.broker.create_topics({talk.topic: 1})

    def test_a_topic_made_anew_under_the_running_service_is_read_whole(self):
        for delivery in DELIVERIES:
            for count in (9, 40):  # fewer records than the old one had, and more
                with self.subTest(delivery=delivery, count=count):
                    old = self.conversation()
                    service = self.stub_service(old, delivery)
                    self.ask(old, 20)
                    self.assert_all_ended(old, service)
                    self.make_anew(old)
                    new = self.next_talk(old)
                    self.ask(new, count)
                    self.assert_all_ended(new, service, doubled_allowed=True)
                    service.kill()

    def test_a_position_beyond_the_end_of_the_log_loses_no_request(self):
        for delivery in DELIVERIES:
            with self.subTest(delivery=delivery):
                talk = self.conversation()
                self.ask(talk, 10)
                position = ConsumerGroupTopicPartitions(talk.group, [TopicPartition(talk.topic, 0, 1000)])
                next(iter(talk.broker.admin().alter_consumer_group_offsets([position]).values())).result(timeout=20)
                service = self.stub_service(talk, delivery)
                self.ask(talk, 3)
                self.assert_all_ended(talk, service)
                self.assertEqual(service.metrics()[CHANGES % "beyond_end"], 1)
                told, = service.events("log_changed")
                self.assertEqual((told["kind"], told["position"], told["goes_on_at"]), ("beyond_end", "1000", "0"))

    def test_bits_of_another_log_mark_nothing_as_finished(self):
        for metadata in ("1" + "/" * 40, "2another-topic.5.1" + "/" * 40):
            with self.subTest(metadata=metadata[:20]):
                talk = self.conversation()
                self.ask(talk, 10)
                position = ConsumerGroupTopicPartitions(talk.group, [TopicPartition(talk.topic, 0, 0, metadata)])
                next(iter(talk.broker.admin().alter_consumer_group_offsets([position]).values())).result(timeout=20)
                service = self.stub_service(talk)
                self.ask(talk, 10)
                self.assert_all_ended(talk, service)

    def test_a_partition_added_while_running_is_read_within_30_s(self):
        talk = self.conversation()
        service = self.stub_service(talk)
        talk.broker.admin().create_partitions([NewPartitions(talk.topic, 2)])[talk.topic].result(timeout=20)
        talk.partitions = 2
        wait_until(lambda: len(talk.broker.admin().list_topics(timeout=10).topics[talk.topic].partitions) == 2, 60, "the partition is there")
        began = time.monotonic()
        self.ask(talk, 3, partition=1)
        self.assert_all_ended(talk, service)
        self.assertLess(time.monotonic() - began, 30)

    def test_the_position_goes_behind_markers_of_transactions_and_aborted_records(self):
        for delivery in DELIVERIES:
            with self.subTest(delivery=delivery):
                talk = self.conversation()
                service = self.stub_service(talk, delivery)
                talk.producer = talk.broker.producer(transactional_id="sender-" + talk.name)
                talk.producer.init_transactions(20)
                for _ in range(3):
                    talk.producer.begin_transaction()
                    self.ask(talk, 1)
                    talk.producer.commit_transaction(20)
                talk.producer.begin_transaction()
                talk.producer.produce(talk.topic, b"aborted", key=b"aborted")
                talk.producer.flush(10)
                talk.producer.abort_transaction(20)
                self.assert_all_ended(talk, service)  # with what is committed
                wait_until(lambda: service.metrics()['models_processor_consumer_lag{partition="0"}'] == 0, 60, "the lag is 0")

    def test_a_broker_that_comes_back_empty_gets_answers_to_what_it_is_asked_then(self):
        for delivery in DELIVERIES:
            with self.subTest(delivery=delivery):
                broker = self.own(Broker())
                broker.create_topics(OUTPUT_TOPICS)
                old = self.conversation(at=broker)
                service = self.stub_service(old, delivery)
                self.ask(old, 20)
                self.assert_all_ended(old, service)
                broker.kill()
                shutil.rmtree(broker.data)
                broker.start()
                broker._admin = None  # what it remembers is of the other cluster
                broker.create_topics({**OUTPUT_TOPICS, old.topic: 1})
                new = self.next_talk(old)
                self.ask(new, 10)
                self.assert_all_ended(new, service, doubled_allowed=delivery == "at-least-once")
