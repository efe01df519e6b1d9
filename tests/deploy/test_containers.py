"""deploy/Dockerfile by hadolint; deploy/compose.yaml: what it names exists. Whether its settings do, tests/tidy/run looks at."""
import os
import unittest

from deploy import facts

PARTS = "deploy_tools"


def lint(text):
    return facts.tool("deploy_tools", "hadolint", "--no-color", "-", input=text).stdout


def mounted(services):
    """Files and folders of the clone that the services see."""
    return [volume.split(":")[0] for each in services.values() for volume in each.get("volumes", []) if volume.startswith(".")]


def wrong(compose):
    """What the composed services name that there is not."""
    services, breaches = compose["services"], []
    for name, each in services.items():
        breaches += ["%s waits for %s" % (name, other) for other in each.get("depends_on", []) if other not in services]
        breaches += ["%s has no volume %s" % (name, volume) for volume in each.get("volumes", [])
                     if not volume.startswith(".") and volume.split(":")[0] not in compose["volumes"]]
        breaches += ["%s is open to other machines: %s" % (name, port) for port in each.get("ports", []) if not port.startswith("127.0.0.1:")]
        if "image" not in each:
            breaches.append("%s has no image" % name)
    # deploy/certificates makes ./certs
    breaches += ["%s is not in the clone" % path for path in mounted(services) if path != "./certs" and not os.path.exists(os.path.join(facts.DEPLOY, path))]
    return breaches


class Containers(unittest.TestCase):
    def test_hadolint_finds_nothing_in_the_dockerfile(self):
        text = facts.read("deploy/Dockerfile")
        self.assertEqual(lint(text), "")
        self.assertIn("DL3", lint(text + "RUN cd /tmp && apt-get install curl\n"))

    def test_the_container_is_not_run_by_root(self):
        last = facts.read("deploy/Dockerfile").split("\nFROM ")[-1]
        self.assertRegex(last, r"\nUSER [1-9]\d*:[1-9]\d*\n")

    def test_what_the_composed_services_name_exists(self):
        compose = facts.documents("deploy/compose.yaml")[0]
        self.assertEqual(wrong(compose), [])
        self.assertIn("./prometheus", mounted(compose["services"]))

    def test_what_does_not_exist_is_found(self):
        for change, word in (({"depends_on": ["gone"]}, "waits for"), ({"volumes": ["gone:/x"]}, "no volume"), ({"volumes": ["./gone:/x"]}, "not in the clone"),
                             ({"ports": ["5000:5000"]}, "open to other"), ({"image": None}, "no image")):
            compose = facts.documents("deploy/compose.yaml")[0]
            compose["services"]["reader"].update(change)
            if change.get("image", "") is None:
                del compose["services"]["reader"]["image"]
            self.assertIn(word, " ".join(wrong(compose)))

    def test_prometheus_scrapes_each_process_of_ours(self):
        compose = facts.documents("deploy/compose.yaml")[0]
        ours = {name for name, each in compose["services"].items() if each["image"] == "models-processor" and each.get("restart")}
        targets = facts.documents("deploy/prometheus/prometheus.yaml")[0]["scrape_configs"][0]["static_configs"][0]["targets"]
        self.assertEqual(set(targets), {name + ":5000" for name in ours})
