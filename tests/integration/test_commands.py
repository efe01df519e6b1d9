"""`check`, `send` and `clean` against the real parts; scripts rely on their exit codes."""
import os
import subprocess
import tempfile
import unittest

from fixtures import photos
from fixtures.ollama_server import OllamaServer
from fixtures.service import run_command
from integration.case import IntegrationCase, broker, ollama

PARTS = "kafka ollama store"


class Check(IntegrationCase):
    def check(self, **settings):
        talk = self.conversation()
        return run_command("check", **{"BOOTSTRAP_SERVER": broker().address, "OLLAMA_HOST": ollama().url, "OLLAMA_MODEL": "fencev",
                                       "LOCAL_MODEL_KAFKA_TOPIC": talk.topic, "CONSUMER_GROUP": talk.group, "OLLAMA_HEALTH_TIMEOUT": 2, **settings})

    def test_everything_is_there(self):
        result = self.check()
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        for word in (broker().address, ollama().address, "fencev", ollama().get("/api/version")[0]["version"], "vision"):
            self.assertIn(word, result.stdout)

    def test_kafka_does_not_answer(self):
        result = self.check(BOOTSTRAP_SERVER="127.0.0.1:9")
        self.assertEqual(result.returncode, 1, result.stdout + result.stderr)
        self.assertIn("127.0.0.1:9", result.stdout)

    def test_a_topic_is_missing(self):
        result = self.check(LOCAL_MODEL_KAFKA_TOPIC="no-such-topic")
        self.assertEqual(result.returncode, 1, result.stdout + result.stderr)
        self.assertIn("no-such-topic", result.stdout)

    def test_ollama_does_not_answer(self):
        result = self.check(OLLAMA_HOST="http://127.0.0.1:9")
        self.assertEqual(result.returncode, 1, result.stdout + result.stderr)
        self.assertIn("127.0.0.1:9", result.stdout)

    def test_one_of_two_hosts_does_not_answer(self):
        result = self.check(OLLAMA_HOST=ollama().url + ",http://127.0.0.1:9")
        self.assertEqual(result.returncode, 1, result.stdout + result.stderr)
        self.assertIn("127.0.0.1:9", result.stdout)

    def test_the_model_is_missing_and_how_to_get_it_is_said(self):
        result = self.check(OLLAMA_MODEL="llava:latest")
        self.assertEqual(result.returncode, 1, result.stdout + result.stderr)
        self.assertIn("ollama pull llava:latest", result.stdout)

    def test_a_wrong_setting(self):
        result = self.check(CONCURRENT_REQUESTS="many")
        self.assertEqual(result.returncode, 2, result.stdout + result.stderr)
        self.assertIn("CONCURRENT_REQUESTS", result.stdout + result.stderr)

    def test_an_ollama_that_hangs_does_not_hang_the_check(self):
        host = self.own(OllamaServer())
        host.pause()
        self.assertEqual(self.check(OLLAMA_HOST=host.url).returncode, 1)


class Send(IntegrationCase):
    def setUp(self):
        self.talk = self.conversation()
        self.photo = tempfile.NamedTemporaryFile(suffix=".jpg")
        self.addCleanup(self.photo.close)

    def send(self, *arguments, **settings):
        return run_command("send", *arguments, BOOTSTRAP_SERVER=broker().address, LOCAL_MODEL_KAFKA_TOPIC=self.talk.topic, **settings)

    def write_photo(self, data):
        with open(self.photo.name, "wb") as out:
            out.write(data)

    def test_a_text_is_answered(self):
        self.ready_service(self.talk)
        result = self.send("--text", "Which animal?")
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertIn("cat", result.stdout)

    def test_a_photo_is_answered(self):
        self.ready_service(self.talk)
        self.write_photo(photos.jpeg())
        result = self.send("--photo", self.photo.name, "--prompt", "Which animal?")
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertIn("cat", result.stdout)

    def test_an_error_reply_gives_1(self):
        self.ready_service(self.talk)
        self.write_photo(b"no photo at all, but long enough to be looked at as one")
        result = self.send("--photo", self.photo.name, "--prompt", "Which animal?")
        self.assertEqual(result.returncode, 1, result.stdout + result.stderr)
        self.assertIn("photo_unreadable", result.stdout + result.stderr)

    def test_no_reply_in_time_gives_2(self):
        result = self.send("--text", "Is anybody there?", "--timeout", "2")
        self.assertEqual(result.returncode, 2, result.stdout + result.stderr)

    def test_a_photo_file_that_is_not_there_gives_2_and_nothing_is_sent(self):
        result = self.send("--photo", os.path.join(tempfile.gettempdir(), "no-such-photo.jpg"), "--prompt", "x")
        self.assertEqual(result.returncode, 2, result.stdout + result.stderr)
        self.assertEqual(broker().end_offsets(self.talk.topic, 1), {0: 0})


class Clean(unittest.TestCase):
    """No broker and no model: what a script sees of `clean`."""

    def clean(self, raw, *arguments, **environment):
        return subprocess.run([os.environ["MODELS_PROCESSOR"], "clean", *arguments], input=raw, capture_output=True, text=True, timeout=10,
                              env={"PATH": os.environ["PATH"], **environment})

    def test_the_answer_alone(self):
        result = self.clean("Sure! ```json\n{\"dish_name\": \"Pizza\",}\n``` Enjoy.")
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, '{"dish_name":"Pizza"}\n', ""))

    def test_a_line_of_json(self):
        result = self.clean("{'a': 1.50}", "--json")
        self.assertEqual((result.returncode, result.stdout), (0, '{"outcome":"mended","answer":{"a":1.50},"repairs":["single_quotes"]}\n'))

    def test_no_answer_gives_1_and_the_reason(self):
        result = self.clean("I am sorry.")
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertIn("invalid_answer", result.stderr)

    def test_a_cut_answer_is_not_mended(self):
        self.assertEqual(self.clean('{"a": [1, 2').stdout, '{"a":[1,2]}\n')
        self.assertIn("truncated", self.clean('{"a": [1, 2', "--cut").stderr)

    def test_an_answer_that_does_not_follow_the_schema_that_ships_gives_1(self):
        schema = os.path.join(os.path.dirname(__file__), "..", "..", "deploy", "schemas", "food.json")
        self.assertEqual(self.clean('{"dish_name": "Soup", "estimated_avg_calories": "90"}', "--schema", schema).stdout,
                         '{"dish_name":"Soup","estimated_avg_calories":90}\n')
        refused = self.clean('{"dish_name": "Soup"}', "--schema", schema)
        self.assertEqual((refused.returncode, refused.stdout), (1, ""))
        self.assertIn("estimated_avg_calories", refused.stderr)

    def test_wrong_usage_gives_2(self):
        for arguments, environment in (("--jsn",), {}), (("--schema", "nowhere.json"), {}), (("file.txt",), {}), ((), {"MAX_ANSWER_BYTES": "much"}):
            result = self.clean("{}", *arguments, **environment)
            self.assertEqual((result.returncode, result.stdout), (2, ""), arguments)
            self.assertNotEqual(result.stderr, "")

    def test_the_limit_is_a_setting(self):
        self.assertIn("answer_too_large", self.clean("[" + "1," * 1000 + "1]", MAX_ANSWER_BYTES="1KiB").stderr)
