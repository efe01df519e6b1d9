"""The newer generation of Ollama, with llama-server as its runner: what it answers, refuses and dies of otherwise than the older one, and
what comes of it through the built program.

It asks a model on one of two ways: one with a template in Ollama's language, and one without. Its texts and habits differ between them.
"""
from fixtures import photos
from fixtures.ollama_server import NEW, OllamaServer, answers
from fixtures.oracle import photo_error, photo_reply, text_error, text_reply
from integration.case import IntegrationCase, shared
from integration.test_answers import FENCE_ANALYSIS, FENCE_FIELDS
from integration.test_faults import slow_text

PARTS = "kafka ollama_new store_new models"

WITHOUT_TEMPLATE, WITH_TEMPLATE = "fencev", "fencetv"
BOTH_WAYS = (WITHOUT_TEMPLATE, WITH_TEMPLATE)


def new_ollama():
    return shared("new ollama", lambda: OllamaServer(NEW, parallel=2, loaded_models_max=10))


class NewOllamaCase(IntegrationCase):
    def ready(self, talk, model=WITHOUT_TEMPLATE, host=None, **settings):
        return self.ready_service(talk, model, hosts=(host or new_ollama()).url, RETRY_BACKOFF="20 ms", **settings)

    def attempts(self, talk, question):
        """Of a request that was given up: the calls that were made, as its dead letter tells."""
        return int(talk.letters[question.place][0].headers["attempts"])


class Answered(NewOllamaCase):
    def test_texts_and_every_kind_of_photo_are_answered_on_both_ways(self):
        talk = self.conversation()
        service = self.ready(talk)
        for model in BOTH_WAYS:
            talk.text(text_reply(fields=FENCE_FIELDS, model=model), model=model)
            for photo in (photos.jpeg(), photos.jpeg(40, 48, progressive=True), photos.png(), photos.webp()):
                talk.photo(photo_reply(FENCE_ANALYSIS), photo, model=model)
        self.assert_all_ended(talk, service)
        for question in talk.questions.values():
            self.assertEqual((question.replies[0].headers["attempt"], question.replies[0].headers["finish"]), ("1", "stop"))

    def test_a_model_that_would_go_on_after_the_value_is_held_to_its_schema(self):
        # Such a length kills runners of the older generation. Asked without a template: with one the wheel's llama-server makes grammars of
        # another kind, which scripted models cannot follow.
        schema = {"type": "object", "properties": {"dish": {"type": "string", "maxLength": 4000}}, "required": ["dish"]}
        talk = self.conversation()
        service = self.ready(talk, "ndjsonv")
        talk.photo(photo_reply('{"dish":"Leek soup"}'), schema=schema)
        talk.text(text_reply('{"dish":"Leek soup"}', {"dish": "Leek soup"}, finish="stop"), schema=schema)
        self.assert_all_ended(talk, service)


class DoesNotFit(NewOllamaCase):
    def test_a_question_or_history_that_does_not_fit_into_the_context_is_told_and_not_cut(self):
        talk = self.conversation()
        service = self.ready(talk, OLLAMA_NUM_CTX=512)
        turns = [{"role": "user", "content": "word " * 60}, {"role": "assistant", "content": "word " * 60}]
        short = []
        for model in BOTH_WAYS:
            talk.text(text_error("question_too_long"), "word " * 1000, model=model)
            talk.text(text_error("question_too_long"), history=turns * 5, model=model)
            talk.photo(photo_error("question_too_long"), prompt="word " * 1000, model=model)
            short.append(talk.text(text_reply(fields=FENCE_FIELDS, model=model), "word " * 60, model=model))
        self.assert_all_ended(talk, service)
        self.assertEqual([question.replies[0].headers["finish"] for question in short], ["stop", "stop"])
        self.assertEqual({question.replies[0].headers["attempt"] for question in talk.questions.values()}, {"1"})


class Refused(NewOllamaCase):
    def test_photos_with_broken_data_are_told_after_one_call_and_kill_no_runner(self):
        talk = self.conversation()
        service = self.ready(talk)
        loads = new_ollama().runner_starts()
        broken = [talk.photo(photo_error("photo_unreadable"), photo, model=model) for model in BOTH_WAYS
                  for photo in (photos.cut_webp(), photos.poison_png(), photos.poison_jpeg())]
        for model in BOTH_WAYS:
            talk.photo(photo_reply(FENCE_ANALYSIS), photos.webp(seed=2), model=model)
        self.assert_all_ended(talk, service)
        self.assertEqual({question.replies[0].headers["attempt"] for question in broken}, {"1"})
        self.assertLessEqual(new_ollama().runner_starts() - loads, 1, "the second model has been loaded, nothing else")

    def test_a_schema_that_it_makes_no_grammar_of_is_refused_after_one_call(self):
        talk = self.conversation()
        service = self.ready(talk)
        question = talk.text(text_error("model_refused"), schema={"type": "array", "items": {"type": "integer"}, "minItems": 100000})
        talk.text(text_reply(fields=FENCE_FIELDS))
        self.assert_all_ended(talk, service)
        self.assertEqual(self.attempts(talk, question), 1)

    def test_a_photo_for_a_model_without_vision_is_an_error_and_a_text_for_it_works(self):
        talk = self.conversation()
        service = self.ready(talk, "fence")
        talk.photo(photo_error("model_lacks_vision"))
        talk.text(text_reply(fields=FENCE_FIELDS))
        self.assert_all_ended(talk, service)


class Repeats(NewOllamaCase):
    def test_a_model_that_says_one_token_again_and_again_is_tried_once_more_and_then_given_up(self):
        for model in ("loop", "looptv"):
            with self.subTest(model=model):
                talk = self.conversation()
                service = self.ready(talk, model)
                question = talk.text(text_error("runaway_answer"))
                self.assert_all_ended(talk, service)
                self.assertEqual(self.attempts(talk, question), 2)


class TheRunner(NewOllamaCase):
    def own_host(self, model):
        # One call at a time: it goes on where the last one with the same words was, and a photo is never read together with a text.
        return self.own(OllamaServer(NEW, models=[model]))

    def in_mid_answer(self, talk, host):
        """Asks, and returns when the answer has begun."""
        slow_text(talk)
        talk.wait_ended()
        # Of the same question the prompt is known and takes next to nothing, so what is calculated now is the answer.
        question = slow_text(talk)
        talk.publish()
        host.wait_working(used=0.4)
        return question

    def assert_second_try_was_answered(self, talk, service, host, question, fault, starts=(2,)):
        self.assert_all_ended(talk, service)
        self.assertEqual([event["fault"] for event in service.events("call_failed")], [fault])
        self.assertEqual(question.replies[0].headers["attempt"], "2")
        self.assertIn(host.runner_starts(), starts, "\n".join(
            line for line in (host.child.stderr() + service.output()).splitlines() if line.startswith("time=")))

    def test_killed_within_an_answer_it_costs_one_attempt_and_no_request(self):
        host = self.own_host("slowv")
        talk = self.conversation()
        service = self.ready(talk, "slowv", host)
        question = self.in_mid_answer(talk, host)
        host.kill_runner()
        self.assert_second_try_was_answered(talk, service, host, question, "runner_died")

    def test_when_it_hangs_within_an_answer_its_model_is_loaded_anew_and_the_second_try_answered(self):
        host = self.own_host("slowv")
        talk = self.conversation()
        service = self.ready(talk, "slowv", host, OLLAMA_IDLE_TIMEOUT=3)
        question = self.in_mid_answer(talk, host)
        host.pause_runner()
        # A runner that hangs holds up Ollama's scheduler for up to 10 s [ollama 16]. On a busy machine (0.34.3) the unload then also meets the
        # runner that has just been started for the load behind it, and Ollama starts one more by itself.
        self.assert_second_try_was_answered(talk, service, host, question, "idle_timeout", starts=(2, 3))
        self.assertEqual(len(service.events("model_silent")), 1)

    def test_when_it_hangs_before_an_answer_its_model_is_loaded_anew_and_the_second_try_answered(self):
        host = self.own_host("prosev")
        talk = self.conversation()
        service = self.ready(talk, "prosev", host, OLLAMA_FIRST_BYTE_TIMEOUT=8)
        host.pause_runner()
        question = talk.text(text_reply(answers()["prose"]))
        self.assert_second_try_was_answered(talk, service, host, question, "first_byte_timeout", starts=(2, 3))
        self.assertEqual(len(service.events("model_silent")), 1)

    def test_a_photo_that_kills_it_twice_is_poison_and_costs_no_other_request(self):
        host = self.own_host("fatalv")
        talk = self.conversation(partitions=2)
        service = self.ready(talk, "fatalv", host)
        for i in range(12):
            if i in (2, 7):
                talk.photo(photo_error("poison"), photos.jpeg())
            talk.text(text_reply(fields=FENCE_FIELDS))
        self.assert_all_ended(talk, service)
        self.assertEqual(host.runner_crashes(), 2, "the same photo under two keys costs two runners in all")
