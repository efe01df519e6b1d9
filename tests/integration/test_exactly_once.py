"""With DELIVERY=exactly-once a reader of committed records sees each end once, whatever becomes of the service."""
import json
import time

from chaos import stub_model
from fixtures.oracle import OUTPUT_TOPICS, dead_letter, photo_reply, text_error, text_reply
from fixtures.waiting import wait_until
from integration.case import IntegrationCase, ollama
from integration.test_answers import FENCE_ANALYSIS, FENCE_FIELDS

PARTS = "kafka ollama store"


class ExactlyOnceCase(IntegrationCase):
    def setUp(self):
        self.stub = self.own(stub_model.StubModel())

    def exact_service(self, talk, model=stub_model.MODEL, hosts=None, **settings):
        """Its name in the group makes the name of its transactions, and the group waits for it when it was killed."""
        return self.ready_service(talk, model, hosts=hosts or self.stub.url, **{
            "DELIVERY": "exactly-once", "GROUP_INSTANCE_ID": "one", "CONCURRENT_REQUESTS": 8, **settings})

    @staticmethod
    def ask(talk, count):
        """Questions whose answers say which question they belong to. Gives their keys."""
        keys = []
        for _ in range(count):
            keys.append(talk.next_key())
            answer = json.loads(stub_model.answer_to(keys[-1], None))
            talk.text(text_reply(fields=answer), "Answer. [request %s]" % keys[-1])
        talk.publish()
        return keys

    def calls(self, since=0):
        """{key: how often the model was asked for it since then}, without those that it was not asked for."""
        counts = {key: sum(call.began > since for call in calls) for key, calls in self.stub.calls().items()}
        return {key: count for key, count in counts.items() if count}


class TheServiceDies(ExactlyOnceCase):
    def test_kill_9_in_mid_flight_doubles_nothing_and_repeats_no_call_whose_end_was_visible(self):
        talk = self.conversation(partitions=3)
        service = self.exact_service(talk)
        self.ask(talk, 240)
        for answered in (40, 100, 160):
            with self.subTest(killed_after=answered):
                talk.wait_ended(answered)
                service.kill()
                at = time.monotonic()
                ended = {key for key, question in talk.questions.items() if talk.has_ended(question)}
                self.assertLess(len(ended), 240, "there was nothing in flight any more")
                service = self.exact_service(talk)
                talk.wait_ended(len(ended) + 20)
                self.assertEqual(ended & set(self.calls(since=at)), set())
        self.assert_all_ended(talk, service)

    def test_what_is_finished_above_an_unfinished_request_is_not_asked_again_after_kill_9(self):
        talk = self.conversation()
        service = self.exact_service(talk)
        self.stub.tell("hang")
        unfinished, = self.ask(talk, 1)
        wait_until(self.calls, 60, "the model has been asked")
        self.stub.tell("answer")
        finished = self.ask(talk, 60)
        talk.wait_ended(60)
        service.kill()
        self.assertEqual(talk.committed(), 0, "the unfinished request holds the commit point")
        service = self.exact_service(talk)
        self.assert_all_ended(talk, service)
        self.assertEqual(self.calls(), {unfinished: 2, **dict.fromkeys(finished, 1)})


class TheServiceStops(ExactlyOnceCase):
    @staticmethod
    def length_of_outputs(talk):
        ends = [talk.broker.end_offsets(topic, partitions) for topic, partitions in OUTPUT_TOPICS.items()]
        return sum(sum(each.values()) for each in ends)

    def test_replies_error_replies_and_dead_letters_reach_a_reader_of_committed_records_once(self):
        talk = self.conversation(partitions=2)
        began = self.length_of_outputs(talk)
        service = self.exact_service(talk, "fencev", ollama().url)
        for _ in range(10):
            talk.photo(photo_reply(FENCE_ANALYSIS))
            talk.text(text_reply(fields=FENCE_FIELDS))
            talk.text(text_error("no_question"), prompt="")
            talk.raw(dead_letter("not_json"), "no JSON")
        talk.text(text_error("runaway_answer"), model="loop")  # an error reply and a dead letter
        self.assert_all_ended(talk, service)
        ends = [question.replies for question in talk.questions.values()] + list(talk.letters.values())
        records = sum(map(len, ends))
        self.assertEqual(records, 42)
        self.assertGreater(self.length_of_outputs(talk) - began, records, "there are markers of transactions, too")

    def test_after_a_stop_all_offsets_are_committed_and_no_model_is_asked_again(self):
        talk = self.conversation(partitions=2)
        service = self.exact_service(talk)
        keys = self.ask(talk, 60)
        self.assert_all_ended(talk, service, committed=False)
        self.assertEqual(service.terminate(), 0, service.output()[-4000:])
        self.assertEqual(talk.committed(), 60)
        service = self.exact_service(talk)
        keys += self.ask(talk, 20)
        self.assert_all_ended(talk, service)
        self.assertEqual(self.calls(), dict.fromkeys(keys, 1))


class TwoHaveOneTransactionalId(ExactlyOnceCase):
    """A mistake in the settings, or an old process that nobody knew to be alive. The older is fenced by the younger and, as
    it takes its name back at once, the younger by the older: both get slow, and no more than that."""

    def fenced(self, service):
        failures = service.events("transaction_not_committed")
        return [event for event in failures if "fenced" in event["reason"].lower()]

    def two_names(self, talk):
        return {"GROUP_INSTANCE_ID": None, "TRANSACTIONAL_ID": "shared-" + talk.name}

    def test_the_older_is_fenced_and_nothing_is_lost_doubled_or_asked_again(self):
        talk = self.conversation(partitions=2)
        older = self.exact_service(talk, **self.two_names(talk))
        keys = self.ask(talk, 20)
        talk.wait_ended(20)
        younger = self.exact_service(talk, **self.two_names(talk))
        wait_until(lambda: talk.broker.members(talk.group) == 2, 60, "both are in the group")
        keys += self.ask(talk, 100)
        self.assert_all_ended(talk, older, younger)
        self.assertTrue(self.fenced(older), older.output()[-4000:])
        self.assertTrue(older.events("transactional_id_in_use") + younger.events("transactional_id_in_use"), "it is said what to do")
        self.assertEqual(self.calls(), dict.fromkeys(keys, 1))

    def test_an_instance_that_stood_still_publishes_nothing_that_its_successor_has_answered(self):
        talk = self.conversation(partitions=2)
        older = self.exact_service(talk, **self.two_names(talk))
        self.ask(talk, 150)
        talk.wait_ended(30)
        older.pause()
        younger = self.exact_service(talk, **self.two_names(talk))
        self.assert_all_ended(talk, younger)  # once the older's session in the group is over
        older.resume()
        wait_until(lambda: talk.broker.members(talk.group) == 2, 60, "both are in the group")
        self.ask(talk, 50)
        self.assert_all_ended(talk, older, younger)
