"""The service is ended under load, again and again."""
from chaos.case import ChaosCase
from chaos.figures import Fault


class TheServiceIsKilled(ChaosCase):
    def kill_every_three_seconds(self):
        def kill_and_restart():
            at = self.team[0].kill()
            self.team[0].start()
            return [Fault(at, kills=True, service=True)]
        self.every(3, kill_and_restart)

    def test_sigkill(self):
        self.prepare()
        self.kill_every_three_seconds()
        self.conclude(limit_seconds=10)

    def test_sigkill_of_a_static_member(self):
        self.prepare(GROUP_INSTANCE_ID="one")
        self.kill_every_three_seconds()
        self.conclude(limit_seconds=2)


class TheServiceIsToldToStop(ChaosCase):
    def test_sigterm(self):
        self.prepare()

        def stop_and_restart():
            began = self.now()
            self.team[0].terminate()
            self.team[0].start()
            return [Fault(began, service=True)]
        self.every(3, stop_and_restart)
        self.conclude(limit_seconds=2)
