"""Every kind of bad request has its own end, and the next request works. One service for all cases: none of them may harm it."""
import json

from fixtures import photos
from fixtures.oracle import EMAIL, dead_letter, photo_error, photo_reply, skipped, text_error, text_reply
from fixtures.service import Service
from integration.case import QUICK_GROUP, IntegrationCase, broker, ollama
from integration.test_answers import FENCE_ANALYSIS, FENCE_FIELDS

PARTS = "kafka ollama store"

GOOD_VALUE = {"user_email": EMAIL, "prompt": "x"}


class BadRequests(IntegrationCase):
    def check(self, ask, **settings):
        """`ask(conversation)` asks badly; behind it, on the same partition, comes a photo and a text that have to be answered."""
        talk = self.conversation()
        service = self.ready_service(talk, **settings)
        ask(talk)
        talk.photo(photo_reply(FENCE_ANALYSIS))
        talk.text(text_reply(fields=FENCE_FIELDS))
        self.assert_all_ended(talk, service)
        return service

    def test_a_body_that_is_not_json_is_a_dead_letter(self):
        def ask(talk):
            for body in (b"hello", b"", b"{", b'{"key":"k","value":{"user_email":"a@b","prompt":"x"}', b'{"value":{}} {"value":{}}', b"\0\1\2"):
                talk.raw(dead_letter("not_json"), body)
        self.check(ask)

    def test_a_body_that_is_not_utf8_is_a_dead_letter(self):
        def ask(talk):
            good = json.dumps({"value": {**GOOD_VALUE, "prompt": "HERE"}}).encode()
            for bad in (b"\xff\xfe", b"\xc3\x28", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80", b"\xe2\x82"):
                talk.raw(dead_letter("not_utf8"), good.replace(b"HERE", bad))
        self.check(ask)

    def test_an_array_or_another_json_value_than_an_object_is_a_dead_letter(self):
        def ask(talk):
            for body in ([], [{"value": GOOD_VALUE}], "text", 17, None, {"value": [GOOD_VALUE]}, {"value": 5}, {"value": "[1]"}):
                talk.raw(dead_letter("not_an_object"), json.dumps(body))
        self.check(ask)

    def test_a_request_without_user_email_is_a_dead_letter(self):
        def ask(talk):
            for value in ({"prompt": "x"}, {"prompt": "x", "user_email": ""}):
                talk.raw(dead_letter("no_user_email"), json.dumps({"value": value}))
        self.check(ask)

    def test_a_request_of_another_user_than_the_expected_one_is_skipped(self):
        talk = self.conversation()
        service = self.ready_service(talk, EXPECTED_USER_EMAIL=EMAIL)
        talk.value(skipped(), {"user_email": "other@secret.example", "prompt": "x"})
        talk.value(skipped(), {"user_email": "other@secret.example", "prompt": "x", "photo": photos.base64_text(photos.jpeg())})
        talk.text(text_reply(fields=FENCE_FIELDS))
        self.assert_all_ended(talk, service)

    def test_an_empty_prompt_is_told_to_its_sender(self):
        def ask(talk):
            for value in ({"prompt": ""}, {"prompt": "  \n"}, {}, {"prompt": "", "question": "", "text": "", "content": "", "message": ""}):
                talk.value(text_error("no_question"), {"user_email": EMAIL, **value})
        self.check(ask)

    def test_a_photo_that_is_not_base64_is_told_to_its_sender(self):
        def ask(talk):
            good = photos.base64_text(photos.jpeg())
            for photo in ("this is no base64!", good[:100] + "*" + good[101:], good[:101]):
                talk.photo(photo_error("photo_not_base64"), photo)
        self.check(ask)

    def test_base64_that_is_no_image_is_told_to_its_sender(self):
        def ask(talk):
            for data in (b"plain text, long enough to be looked at", bytes(range(256)) * 4, b"%PDF-1.7\n" + bytes(500),
                         b"RIFF\x24\0\0\0WEBPVP8 " + bytes(100)):
                talk.photo(photo_error("photo_unreadable"), data)
        self.check(ask)

    def test_a_truncated_photo_is_told_to_its_sender_and_does_not_kill_the_model(self):
        def ask(talk):
            whole = photos.jpeg(64, 64)
            for photo in (photos.truncated_jpeg(), photos.truncated_jpeg(progressive=True), whole[:200], photos.truncated_png()):
                talk.photo(photo_error("photo_truncated"), photo)
        ollama().load("fencev")
        runners = ollama().runners()
        self.check(ask)
        self.assertEqual([runner for runner in runners if runner not in ollama().runners()], [])

    def test_a_photo_of_12_megabytes_is_a_dead_letter(self):
        self.check(lambda talk: talk.photo(dead_letter("request_too_large"), photos.with_comment(photos.jpeg(), 12_000_000)))

    def test_json_of_depth_10000_is_a_dead_letter(self):
        def ask(talk):
            for opening, closing in (("[", "]"), ('{"a":', "}")):
                deep = opening * 10_000 + "1" + closing * 10_000
                talk.raw(dead_letter("not_json"), json.dumps({"value": {**GOOD_VALUE, "extra": "HERE"}}).replace('"HERE"', deep))
                talk.raw(dead_letter("not_json"), deep)
        self.check(ask)

    def test_an_unknown_model_is_told_to_its_sender_and_leaves_a_dead_letter(self):
        def ask(talk):
            talk.text(text_error("model_not_found"), model="no-such-model")
            talk.photo(photo_error("model_not_found"), model="no-such-model:7b")
        self.check(ask)

    def test_a_field_of_the_wrong_type_is_told_to_its_sender(self):
        def ask(talk):
            for fields in ({"history": "none"}, {"history": [1]}, {"model": 7}):
                talk.value(text_error("invalid_request"), {**GOOD_VALUE, **fields})
        self.check(ask)

    def test_a_record_at_the_size_limit_is_read_and_one_byte_more_is_not(self):
        limit = 100_000

        def ask(talk):
            for size, end in ((limit, text_reply(fields=FENCE_FIELDS)), (limit + 1, dead_letter("request_too_large"))):
                key = talk.next_key()
                body = json.dumps({"value": GOOD_VALUE, "filler": ""})
                talk.raw(end, body[:-2] + "f" * (size - len(body) - len(key)) + body[-2:], key=key)
        self.check(ask, MAX_REQUEST_BYTES=limit)


class BadRequestsInARow(IntegrationCase):
    def test_a_thousand_bad_requests_among_good_ones_each_have_their_own_end(self):
        talk = self.conversation(partitions=4)
        with Service(broker().address, ollama().url, "fencev", talk.topic, talk.group, **QUICK_GROUP) as service:
            service.wait_ready()
            for i in range(1000):
                kind = i % 10
                if kind == 0:
                    talk.text(text_reply(fields=FENCE_FIELDS))
                elif kind < 4:
                    talk.raw(dead_letter("not_json"), b"{" * (i % 50 + 1))
                elif kind < 6:
                    talk.raw(dead_letter("no_user_email"), b'{"value":{"prompt":"x"}}')
                elif kind < 8:
                    talk.value(text_error("no_question"), {"user_email": EMAIL, "prompt": ""})
                else:
                    talk.photo(photo_error("photo_unreadable"), b"no image " + bytes([i % 256]))
            self.assert_all_ended(talk, service)
