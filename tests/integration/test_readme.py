"""The samples of the README, sent and compared as they stand there."""
import json
import os
import re

from integration.case import IntegrationCase
from fixtures import photos
from fixtures.oracle import EMAIL, End, PHOTO_REPLIES, TEXT_REPLIES

PARTS = "kafka ollama store models"

README = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "README.md")


def samples():
    """The JSON blocks of the README: photo request, its reply, text request, its reply."""
    with open(README, encoding="utf-8") as file:
        return [json.loads(block) for block in re.findall(r"```json\n(.*?)```", file.read(), re.S)]


def shaped_like(sample):
    """A check that a reply has the sample's fields, each of the sample's type."""
    def check(reply):
        wanted = {name: type(value) for name, value in sample["value"].items()}
        given = {name: type(value) for name, value in reply.value.items()}
        if given != wanted:
            raise AssertionError("the reply has %r, the README shows %r" % (given, wanted))
    return check


class ReadmeSamples(IntegrationCase):
    def test_the_readme_shows_two_requests_and_their_replies(self):
        self.assertEqual(len(samples()), 4)

    def test_the_photo_request_of_the_readme_gets_a_reply_like_the_one_shown(self):
        request, reply = samples()[:2]
        talk = self.conversation()
        service = self.ready_service(talk)
        value = {**request["value"], "user_email": EMAIL, "photo": photos.base64_text(photos.jpeg())}
        talk.value(End(PHOTO_REPLIES, shaped_like(reply)), value)
        self.assert_all_ended(talk, service)

    def test_the_text_request_of_the_readme_gets_a_reply_like_the_one_shown(self):
        request, reply = samples()[2:]
        talk = self.conversation()
        service = self.ready_service(talk, "prose")
        talk.value(End(TEXT_REPLIES, shaped_like(reply)), {**request["value"], "user_email": EMAIL})
        self.assert_all_ended(talk, service)
