"""A model that gives nothing but repeated signs is taken for damaged in memory: it is loaded anew, once."""
from fixtures.ollama_server import OllamaServer
from fixtures.oracle import text_error
from fixtures.waiting import wait_until
from models.case import ModelCase


class ADegenerateModel(ModelCase):
    def test_it_is_unloaded_and_loaded_again_once_while_the_request_gets_its_end(self):
        host = self.own(OllamaServer(models=["degeneratev"]))
        talk = self.conversation()
        service = self.service(talk, "degeneratev", host.url, RETRY_BACKOFF="20 ms", DEAD_LETTER_STOP=100).wait_ready()
        self.assertEqual(host.runner_starts(), 1)
        for _ in range(2):
            talk.text(text_error("degenerate_answer"))
        self.assert_all_ended(talk, service, seconds=90)
        service.wait_event("model_degenerate")
        wait_until(lambda: host.runner_starts() == 2 and service.get("/ready")[0] == 200, 60, "the model is loaded anew")
        self.assertEqual(len(service.events("model_degenerate")), 1)
        self.assertEqual(host.runner_starts(), 2)
