"""Wrong settings stop the start: one clear line that names the setting, exit code 2."""
import json
import socket
import tempfile

from fixtures.processes import free_port
from fixtures.service import Service, run_command
from fixtures.waiting import wait_until
from integration.case import IntegrationCase

PARTS = "python"

GOOD = {"BOOTSTRAP_SERVER": "127.0.0.1:9", "OLLAMA_HOST": "http://127.0.0.1:9", "OLLAMA_MODEL": "fencev", "PORT": 0}


class WrongSettings(IntegrationCase):
    def assert_refused(self, *named, arguments=(), **settings):
        """The line has to contain each of `named`."""
        result = run_command(*arguments, seconds=20, **{**GOOD, **settings})
        lines = [line for line in result.stderr.splitlines() if line.strip()]
        self.assertEqual(result.returncode, 2, result.stdout + result.stderr)
        self.assertEqual(len(lines), 1, result.stderr)
        for word in named:
            self.assertIn(str(word), lines[0])

    def test_no_bootstrap_server(self):
        self.assert_refused("BOOTSTRAP_SERVER", BOOTSTRAP_SERVER=None)
        self.assert_refused("BOOTSTRAP_SERVER", BOOTSTRAP_SERVER="")

    def test_a_bootstrap_server_that_is_no_address(self):
        for wrong in ("localhost:notaport", "localhost:99999", ":9092", "a b:9092"):
            with self.subTest(wrong):
                self.assert_refused("BOOTSTRAP_SERVER", wrong, BOOTSTRAP_SERVER=wrong)

    def test_an_unknown_kafka_property(self):
        self.assert_refused("no.such.property", arguments=["--kafka", "no.such.property=1"])

    def test_crashes_on_demand_without_a_token(self):
        self.assert_refused("CHAOS", "API_TOKEN", CHAOS=1)

    def test_a_secret_in_a_file_that_is_not_there(self):
        self.assert_refused("API_TOKEN_FILE", "/no/such/file", API_TOKEN_FILE="/no/such/file")

    def test_a_kafka_property_with_a_value_it_cannot_have(self):
        self.assert_refused("KAFKA_SESSION_TIMEOUT_MS", "session.timeout.ms", KAFKA_SESSION_TIMEOUT_MS="soon")

    def test_a_port_that_is_in_use(self):
        port = free_port()
        with socket.socket() as other:
            other.bind(("0.0.0.0", port))
            other.listen()
            self.assert_refused("PORT", port, PORT=port)

    def test_a_number_that_is_none_or_out_of_its_bounds(self):
        for name, wrong in (("PORT", "http"), ("PORT", 70000), ("PORT", -1), ("CONCURRENT_REQUESTS", 0), ("CONCURRENT_REQUESTS", "5x"),
                            ("BATCH_SIZE", -1), ("OLLAMA_REQUEST_TIMEOUT", "soon"), ("OLLAMA_REQUEST_TIMEOUT", 0)):
            with self.subTest("%s=%s" % (name, wrong)):
                self.assert_refused(name, wrong, **{name: wrong})

    def test_a_word_that_is_not_among_the_allowed_ones(self):
        self.assert_refused("LOG_LEVEL", "LOUD", LOG_LEVEL="LOUD")
        self.assert_refused("LOG_FORMAT", "xml", LOG_FORMAT="xml")

    def test_a_response_schema_that_is_no_file_or_no_schema(self):
        self.assert_refused("RESPONSE_SCHEMA", "cannot be read", RESPONSE_SCHEMA="/no/such/file.json")
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            file.write('{"type": "text"}')
            file.flush()
            self.assert_refused("RESPONSE_SCHEMA", file.name, "names a type", RESPONSE_SCHEMA=file.name)

    def test_a_model_server_that_is_no_address(self):
        for wrong in ("ftp://localhost", "http://", "http://localhost:notaport", "http://127.0.0.1:11434,,"):
            with self.subTest(wrong):
                self.assert_refused("OLLAMA_HOST", OLLAMA_HOST=wrong)

    def test_an_unknown_flag(self):
        self.assert_refused("--no-such-flag", arguments=["run", "--no-such-flag"])


class RightSettings(IntegrationCase):
    def test_help_names_every_command_and_every_setting_of_the_original(self):
        result = run_command("--help")
        self.assertEqual(result.returncode, 0, result.stderr)
        settings = run_command("run", "--help")
        self.assertEqual(settings.returncode, 0, settings.stderr)
        for command in ("run", "check", "send"):
            self.assertRegex(result.stdout, r"\b%s\b" % command)
        for name in ("OLLAMA_HOST", "OLLAMA_MODEL", "OLLAMA_REQUEST_TIMEOUT", "OLLAMA_HEALTH_TIMEOUT", "BOOTSTRAP_SERVER", "LOCAL_MODEL_KAFKA_TOPIC",
                     "CONSUMER_GROUP", "EXPECTED_USER_EMAIL", "LOG_LEVEL", "PORT", "CONCURRENT_REQUESTS", "BATCH_SIZE", "MAX_REQUEST_BYTES",
                     "DRAIN_TIMEOUT", "MAX_ATTEMPTS"):
            self.assertIn(name, result.stdout + settings.stdout)

    def test_variables_of_kafka_s_own_scripts_are_a_warning_each(self):
        of_images = {"KAFKA_HOME": "/opt/kafka", "KAFKA_OPTS": "-Xmx1g", "KAFKA_SECURITY_PROTOCL": "SSL"}
        with Service(GOOD["BOOTSTRAP_SERVER"], GOOD["OLLAMA_HOST"], "fencev", "requests", "group", **of_images) as service:
            service.wait_event("service_started")
            told = {event["name"]: event["reason"] for event in service.events("setting_doubtful")}
            self.assertEqual(set(told), set(of_images))
            self.assertIn("KAFKA_SECURITY_PROTOCOL", told["KAFKA_SECURITY_PROTOCL"])
        result = run_command("clean", "--text", KAFKA_HOME="/opt/kafka", KAFKA_LINGER_MS="soon")
        self.assertNotEqual(result.returncode, 2, result.stderr)
        self.assertNotIn("KAFKA_", result.stderr)

    def test_a_token_is_shown_nowhere_and_opens_what_is_closed_to_others(self):
        with tempfile.NamedTemporaryFile("w") as file:
            file.write("a-very-secret-token\n")
            file.flush()
            with Service(GOOD["BOOTSTRAP_SERVER"], GOOD["OLLAMA_HOST"], "fencev", "requests", "group", CHAOS=1, API_TOKEN_FILE=file.name) as service:
                forwarded = {"X-Forwarded-For": "192.0.2.1"}
                token = {"Authorization": "Bearer a-very-secret-token"}
                self.assertEqual(service.get("/api/status")[0], 200)
                self.assertEqual(service.get("/api/status", headers=forwarded)[0], 401)
                self.assertEqual(service.get("/api/status", headers={**forwarded, **token})[0], 200)
                self.assertEqual(service.get("/ready", headers=forwarded)[0], 503)
                self.assertEqual(service.get("/debug/crash/sanitizer", method="POST")[0], 401)
                self.assertEqual(service.get("/debug/crash/sanitizer", method="POST", headers={**token, "Origin": "http://evil.example"})[0], 403)
                self.assertEqual(service.get("/debug/crash/sanitizer", method="POST", headers={**token, "Host": "evil.example"})[0], 403)
                self.assertEqual(service.get("/debug/crash/sanitizer", method="POST", headers=token)[0], 202)
                self.assertNotIn("a-very-secret", service.output())

    def test_the_endpoints_answer_before_kafka_and_ollama_do(self):
        with Service(GOOD["BOOTSTRAP_SERVER"], GOOD["OLLAMA_HOST"], "fencev", "requests", "group") as service:
            status, body = service.get("/ready")
            self.assertEqual(status, 503, body)
            status, body = service.get("/health")
            self.assertEqual(status, 200, body)
            self.assertIn('"degraded"', body)
            self.assertEqual(service.get("/metrics")[0], 200)
            self.assertEqual(service.get("/no-such-page")[0], 404)

    def test_a_log_in_json_is_one_object_with_its_event_on_each_line(self):
        with Service(GOOD["BOOTSTRAP_SERVER"], GOOD["OLLAMA_HOST"], "fencev", "requests", "group", LOG_FORMAT="json") as service:
            wait_until(lambda: "status_server_listening" in service.log(), 60, "the status server's line")
            for line in service.log().splitlines()[:-1]:
                self.assertIn("event", json.loads(line), line)
