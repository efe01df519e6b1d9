"""Photos and texts through the real path: Kafka, the service, Ollama, the service, Kafka."""
import json
import pathlib

from fixtures import photos
from fixtures.ollama_server import answers
from fixtures.oracle import EMAIL, PHOTO_REPLIES, TEXT_REPLIES, exact_reply, photo_error, photo_reply, text_error, text_reply
from integration.case import IntegrationCase, ollama

PARTS = "kafka ollama store models"

FOOD_SCHEMA = pathlib.Path(__file__).parents[2] / "deploy/schemas/food.json"
FENCE_ANALYSIS = '{"label":"cat","score":0.93}'
FENCE_FIELDS = {"label": "cat", "score": 0.93}
# The "exact" model's JSON without the white space between its parts: numbers, order and letters as it wrote them.
EXACT_COMPACT = ('{"zebra":12345678901234567890.1234500,"apple":"K\u00e4se \U0001f9c0 \u20ac","tiny":-1.50E-7,"list":[1.0,2,3e2],'
                 '"flag":true,"none":null,"slash":"a/b\\\\c\\"d\\n"}')


def in_json(text):
    return json.dumps(text, ensure_ascii=False)


class AnsweredByAScriptedModel(IntegrationCase):
    def test_a_jpeg_photo_and_a_text_go_through_the_real_path(self):
        talk = self.conversation()
        service = self.ready_service(talk)
        photo = talk.photo(photo_reply(FENCE_ANALYSIS))
        text = talk.text(text_reply(fields=FENCE_FIELDS, model="fencev"))
        self.assert_all_ended(talk, service)
        for question in (photo, text):
            headers = question.replies[0].headers
            self.assertEqual((headers["attempt"], headers["model"], headers["finish"]), ("1", "fencev", "stop"))
            self.assertIn(ollama().address, headers["host"])

    def test_the_bytes_of_a_photo_reply_are_exactly_what_the_model_wrote_but_compact(self):
        talk = self.conversation()
        service = self.ready_service(talk, "exactv")
        talk.photo(exact_reply(PHOTO_REPLIES, '{"user_email":%s,"analysis":%s}' % (in_json(EMAIL), in_json(EXACT_COMPACT))))
        self.assert_all_ended(talk, service)

    def test_the_bytes_of_a_text_reply_are_exactly_what_the_model_wrote(self):
        talk = self.conversation()
        service = self.ready_service(talk, "exact")
        talk.text(exact_reply(TEXT_REPLIES, '{"user_email":%s,"response":%s,"model":"exact",%s' % (
            in_json(EMAIL), in_json(answers()["exact"]), EXACT_COMPACT[1:])))
        self.assert_all_ended(talk, service)

    def test_every_kind_of_photo_that_ollama_reads_is_answered(self):
        talk = self.conversation()
        service = self.ready_service(talk)
        for photo in (photos.jpeg(), photos.jpeg(40, 48, progressive=True), photos.png(), photos.jpeg_of_bytes(200_000), photos.png(1, 1)):
            talk.photo(photo_reply(FENCE_ANALYSIS), photo)
        talk.photo(photo_reply(FENCE_ANALYSIS), "data:image/jpeg;base64," + photos.base64_text(photos.jpeg()))
        self.assert_all_ended(talk, service)

    def test_fields_and_headers_that_belong_to_the_sender_come_back_unchanged(self):
        talk = self.conversation()
        service = self.ready_service(talk)
        own = {"timestamp": 1700000000123, "date": "2026-11-23", "image_id": "\u00fc/1"}
        trace = {"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "tracestate": "a=b", "correlation-id": "c-17"}
        talk.photo(photo_reply(FENCE_ANALYSIS, own), headers=trace, **own)
        talk.text(text_reply(fields=FENCE_FIELDS, passed_through=own), headers=trace, **own)
        self.assert_all_ended(talk, service)

    def test_a_value_that_is_a_json_string_and_an_email_beside_it_are_understood(self):
        talk = self.conversation()
        service = self.ready_service(talk)
        for body in ({"key": "in the body", "value": json.dumps({"user_email": EMAIL, "prompt": "x"})},
                     {"user_email": EMAIL, "value": {"prompt": "x"}}, {"user_email": EMAIL, "value": json.dumps({"prompt": "x"})}):
            talk.raw(text_reply(fields=FENCE_FIELDS), json.dumps(body))
        self.assert_all_ended(talk, service)

    def test_a_question_may_stand_in_any_of_the_five_fields_and_bring_history_and_language(self):
        talk = self.conversation()
        service = self.ready_service(talk)
        for name in ("prompt", "question", "text", "content", "message"):
            talk.value(text_reply(fields=FENCE_FIELDS), {"user_email": EMAIL, name: "x"})
        talk.text(text_reply(fields=FENCE_FIELDS), system_prompt="be brief", respond_in_language="German", task="t",
                  history=[{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}])
        self.assert_all_ended(talk, service)

    def test_an_answer_without_json_is_a_text_reply_but_no_photo_reply(self):
        talk = self.conversation()
        service = self.ready_service(talk, "prosev")
        talk.text(text_reply(answers()["prose"]))
        talk.photo(photo_error("invalid_answer"))
        self.assert_all_ended(talk, service)

    def test_a_photo_answered_with_prose_is_asked_again_as_often_as_allowed(self):
        for rounds, calls in (("0", "1"), ("1", "2"), ("2", "3")):
            talk = self.conversation()
            service = self.ready_service(talk, "prosev", REPAIR_ROUNDS=rounds)
            question = talk.photo(photo_error("invalid_answer"))
            self.assert_all_ended(talk, service)
            self.assertEqual(talk.letters[question.place][0].headers["attempts"], calls)
            self.assertEqual(question.replies[0].headers["attempt"], calls)

    def test_a_schema_that_cannot_be_used_is_told_without_asking_a_model(self):
        talk = self.conversation()
        service = self.ready_service(talk)
        for schema in ({"$ref": "#"}, {"$ref": "http://localhost:1/schema.json"}, {"type": "text"}, {"pattern": "(?=a)"}):
            question = talk.text(text_error("invalid_request"), schema=schema)
        self.assert_all_ended(talk, service)
        self.assertEqual(question.replies[0].headers["attempt"], "0")

    def test_a_text_cut_by_the_token_limit_is_published_and_says_that_it_is_cut(self):
        talk = self.conversation()
        service = self.ready_service(talk, "endless", OLLAMA_NUM_PREDICT=200)
        talk.text(text_reply(finish="truncated"))
        self.assert_all_ended(talk, service)

    def test_a_question_or_history_that_does_not_fit_into_the_context_is_told_and_not_cut(self):
        talk = self.conversation()
        service = self.ready_service(talk, OLLAMA_NUM_CTX=256)
        turn = {"role": "user", "content": "word " * 200}
        talk.text(text_error("question_too_long"), "word " * 2000)
        talk.text(text_error("question_too_long"), history=[turn, {"role": "assistant", "content": "word " * 200}] * 5)
        talk.photo(photo_error("question_too_long"), prompt="word " * 2000)
        short = talk.text(text_reply(fields=FENCE_FIELDS, model="fencev"))
        self.assert_all_ended(talk, service)
        self.assertEqual(short.replies[0].headers["finish"], "stop")

    def test_a_text_that_says_the_same_again_and_again_is_stopped_before_the_token_limit(self):
        talk = self.conversation()
        service = self.ready_service(talk, "endless", OLLAMA_NUM_PREDICT=20000)
        talk.text(text_error("runaway_answer"))
        self.assert_all_ended(talk, service)

    def test_a_model_that_repeats_itself_until_its_stream_is_ended_is_tried_once_more_and_then_given_up(self):
        talk = self.conversation()
        service = self.ready_service(talk, "loop")
        question = talk.text(text_error("runaway_answer"))
        self.assert_all_ended(talk, service)
        self.assertEqual(talk.letters[question.place][0].headers["attempts"], "2")

    def test_a_photo_for_a_model_without_vision_is_an_error_and_a_text_for_it_works(self):
        talk = self.conversation()
        service = self.ready_service(talk, "fence")
        talk.photo(photo_error("model_lacks_vision"))
        talk.text(text_reply(fields=FENCE_FIELDS))
        self.assert_all_ended(talk, service)

    def test_a_request_may_ask_for_another_model_of_the_host(self):
        talk = self.conversation()
        service = self.ready_service(talk)
        talk.text(text_reply(answers()["prose"], model="prose"), model="prose")
        self.assert_all_ended(talk, service)


class AnsweredByARealModel(IntegrationCase):
    def test_smollm2_answers_a_text_in_the_shape_of_the_requests_schema(self):
        schema = {"type": "object", "properties": {"city": {"type": "string"}, "people": {"type": "integer"}}, "required": ["city", "people"]}

        def fits(fields):
            self.assertEqual(set(fields), {"city", "people"})
            self.assertIsInstance(fields["city"], str)
            self.assertIsInstance(fields["people"], int)
        talk = self.conversation()
        service = self.ready_service(talk, "smollm2")
        talk.text(text_reply(fields=fits, model="smollm2"), "What is the capital of France and how many people live there?", schema=schema)
        self.assert_all_ended(talk, service)

    def test_smollm2_with_a_projector_answers_a_photo_in_the_shape_of_the_requests_schema(self):
        schema = {"type": "object", "properties": {"dish": {"type": "string"}}, "required": ["dish"]}

        def fits(analysis):
            self.assertIsInstance(analysis["dish"], str)
        talk = self.conversation()
        service = self.ready_service(talk, "smollm2v")
        talk.photo(photo_reply(fits), schema=schema)
        self.assert_all_ended(talk, service)

    def test_smollm2_with_a_projector_follows_the_food_schema_that_ships(self):
        def fits(analysis):
            self.assertIsInstance(analysis["dish_name"], str)
            self.assertGreaterEqual(analysis["estimated_avg_calories"], 0)
        talk = self.conversation()
        service = self.ready_service(talk, "smollm2v", RESPONSE_SCHEMA=FOOD_SCHEMA, OLLAMA_TEMPERATURE=0)
        talk.photo(photo_reply(fits), prompt="Name the dish in two words and its calories.")
        self.assert_all_ended(talk, service)
