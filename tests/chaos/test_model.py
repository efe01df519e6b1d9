"""The model fails under load and comes back."""
from chaos.case import ChaosCase

# Longer than the model hangs, so that the first call after it is in time.
CALL_SECONDS = 6


class TheModelFails(ChaosCase):
    def test_model_down(self):
        self.prepare()
        self.every(9, lambda: self.model_fault("down", 3, "up"))
        self.conclude(limit_seconds=1)

    def test_model_busy(self):
        self.prepare()
        self.every(6, lambda: self.model_fault("busy", 2))
        self.conclude(limit_seconds=1)

    def test_model_hangs(self):
        self.prepare(OLLAMA_REQUEST_TIMEOUT=CALL_SECONDS)

        def hang():
            fault, = self.model_fault("hang", 5)
            fault.over = fault.at  # what it took down is only given up when its time is over
            return [fault]
        self.every(15, hang)
        self.conclude(limit_seconds=CALL_SECONDS + 1)

    def test_model_cuts_every_answer(self):
        self.prepare()
        self.every(9, lambda: self.model_fault("cut", 3))
        self.conclude(limit_seconds=1)

    def test_model_unloaded(self):
        self.prepare()
        self.every(12, lambda: self.model_fault("unload {}", 5, None))
        self.conclude(limit_seconds=1)
