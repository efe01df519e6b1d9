"""A model that gives two users nothing but repeated signs is taken for damaged in memory: it is loaded anew, once."""
from fixtures.ollama_server import OllamaServer
from fixtures.oracle import text_error, text_reply
from fixtures.waiting import wait_until
from models.case import ModelCase

PARTS = "kafka ollama store models"


class ADegenerateModel(ModelCase):
    def test_it_is_unloaded_and_loaded_again_once_while_the_request_gets_its_end(self):
        host = self.own(OllamaServer(models=["degeneratev"]))
        talk = self.conversation()
        service = self.service(talk, "degeneratev", host.url, RETRY_BACKOFF="20 ms", DEAD_LETTER_STOP=100).wait_ready()
        self.assertEqual(host.runner_starts(), 1)
        for user in range(2):
            talk.text(text_error("degenerate_answer"), user_email="user%d@example.org" % user)
        self.assert_all_ended(talk, service)
        service.wait_event("model_degenerate")
        wait_until(lambda: host.runner_starts() == 2 and service.get("/ready")[0] == 200, 60, "the model is loaded anew")
        self.assertEqual(len(service.events("model_degenerate")), 1)
        self.assertEqual(host.runner_starts(), 2)

    def test_one_user_alone_has_no_model_loaded_anew(self):
        host = self.own(OllamaServer(models=["degeneratev", "dashesv"]))
        talk = self.conversation()
        service = self.service(talk, "degeneratev", host.url, ALLOWED_MODELS="dashesv", RETRY_BACKOFF="20 ms", DEAD_LETTER_STOP=100).wait_ready()
        for _ in range(3):
            talk.text(text_error("degenerate_answer"))
            talk.text(text_reply("-" * 300), model="dashesv")
        self.assert_all_ended(talk, service)
        self.assertEqual(service.events("model_degenerate"), [])
