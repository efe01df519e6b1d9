"""deploy/kubernetes: rendered by kustomize, validated with the schemas of Kubernetes and KEDA, and held against what the program needs."""
import copy
import functools
import os
import unittest

import jsonschema
import kubernetes_validate
import yaml

from deploy import facts, pods
from fixtures.parts import folder_of
from fixtures.service import run_command

PARTS = "deploy_tools kustomize"
OVERLAYS = ("base", "overlays/sidecar", "overlays/workers", "overlays/keda")
VERSIONS = ("1.29", "1.37")  # the first with sidecars, and the newest that the validator knows
TEMPLATES = ("base/secret.yaml", "overlays/workers/secrets.yaml")
READER = {"app.kubernetes.io/name": "models-processor", "app.kubernetes.io/component": "reader"}
WORKER = {"app.kubernetes.io/name": "models-processor", "app.kubernetes.io/component": "worker", "models-processor/ollama": "sidecar"}
SIDECAR = {**READER, "models-processor/ollama": "sidecar"}
DNS, KAFKA, OLLAMA, PROMETHEUS, OTHER = ({"k8s-app": "kube-dns"}, *({"app.kubernetes.io/name": name} for name in ("kafka", "ollama", "prometheus", "other")))


@functools.lru_cache(maxsize=None)
def text_of(overlay):
    built = facts.tool("kustomize", "kustomize", "build", os.path.join("kubernetes", overlay))
    assert built.returncode == 0, built.stderr
    assert "deprecated" not in built.stderr, built.stderr
    return built.stdout


def rendered(overlay):
    return list(yaml.safe_load_all(text_of(overlay)))


def scaled_object_schema():
    with open(os.path.join(folder_of("kustomize"), "keda.sh_scaledobjects.yaml")) as file:
        crd = yaml.safe_load(file)

    def closed(schema):  # as a cluster with strict field validation has it: no members but the known ones
        if isinstance(schema, dict):
            if "properties" in schema and "additionalProperties" not in schema and not schema.get("x-kubernetes-preserve-unknown-fields"):
                schema["additionalProperties"] = False
            for each in schema.values():
                closed(each)
        return schema
    schema = closed(crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"])
    schema["properties"]["metadata"] = {"type": "object"}
    return schema


def validate(doc):
    if doc["kind"] == "ScaledObject":
        return jsonschema.validate(doc, scaled_object_schema())
    for version in VERSIONS:
        kubernetes_validate.validate(doc, version, strict=True)


class Schemas(unittest.TestCase):
    def test_every_overlay_is_what_a_cluster_accepts(self):
        for overlay in OVERLAYS:
            for doc in rendered(overlay):
                with self.subTest(overlay=overlay, kind=doc["kind"], name=doc["metadata"]["name"]):
                    validate(doc)

    def test_the_templates_of_secrets_are_too_and_no_overlay_applies_them(self):
        for path in TEMPLATES:
            for doc in facts.documents("deploy/kubernetes/" + path):
                validate(doc)
        for overlay in OVERLAYS:
            self.assertEqual(pods.of_kind(rendered(overlay), "Secret"), [], "an empty Secret would replace the real one")

    def test_a_misspelt_member_is_refused(self):
        for kind, error in (("Deployment", kubernetes_validate.ValidationError), ("NetworkPolicy", kubernetes_validate.ValidationError),
                            ("ScaledObject", jsonschema.ValidationError)):
            doc = copy.deepcopy(pods.of_kind(rendered("overlays/keda"), kind)[0])
            doc["spec"]["misspelt"] = 1
            with self.subTest(kind=kind), self.assertRaises(error):
                validate(doc)


class Pods(unittest.TestCase):
    def test_they_are_bounded_probed_and_without_rights(self):
        for overlay in OVERLAYS:
            self.assertEqual(pods.check(rendered(overlay)), [], overlay)

    def test_each_breach_of_that_is_found(self):
        def of(docs, kind):
            return pods.of_kind(docs, kind)[0]["spec"]

        def pod(docs):
            return pods.pod_of(pods.workloads(docs)[-1])

        def service(docs):
            return pods.service_of(pods.workloads(docs)[-1])
        for breach, word in (
                (lambda docs: pod(docs).pop("automountServiceAccountToken"), "token"),
                (lambda docs: pod(docs).pop("enableServiceLinks"), "variables of services"),
                (lambda docs: pod(docs)["securityContext"].pop("runAsNonRoot"), "root"),
                (lambda docs: pod(docs)["securityContext"].pop("seccompProfile"), "seccomp"),
                (lambda docs: pod(docs).update(terminationGracePeriodSeconds=75), "before it has drained"),
                (lambda docs: service(docs)["livenessProbe"]["httpGet"].update(path="/ready"), "alive"),
                (lambda docs: service(docs).pop("startupProbe"), "started"),
                (lambda docs: service(docs)["readinessProbe"]["httpGet"].update(path="/health"), "not ready by"),
                (lambda docs: service(docs)["resources"]["limits"].update(cpu="1"), "limit of CPU"),
                (lambda docs: service(docs)["resources"]["limits"].update(memory="256Mi"), "memory that README.md allows"),
                (lambda docs: service(docs)["securityContext"].pop("readOnlyRootFilesystem"), "writes its root"),
                (lambda docs: service(docs)["securityContext"].pop("allowPrivilegeEscalation"), "gain rights"),
                (lambda docs: service(docs)["securityContext"]["capabilities"].update(add=["NET_ADMIN"]), "keeps capabilities"),
                (lambda docs: service(docs).update(image="models-processor"), "no version"),
                (lambda docs: pod(docs).update(volumes=[]), "mounts what is no volume"),
                (lambda docs: service(docs)["envFrom"].append({"configMapRef": {"name": "gone"}}), "does not exist"),
                (lambda docs: service(docs).update(env=[{"name": "DRAIN_TIME", "value": "1s"}]), "DRAIN_TIME is no setting"),
                (lambda docs: pod(docs)["initContainers"][0].update(env=[]), "cache of prompts"),
                (lambda docs: pod(docs)["initContainers"][0]["resources"]["limits"].pop("nvidia.com/gpu"), "no GPU"),
                (lambda docs: pods.labels_of(pods.workloads(docs)[-1]).pop("app.kubernetes.io/component"), "own selector"),
                (lambda docs: of(docs, "Service")["ports"][0].update(targetPort="states"), "port states"),
                (lambda docs: of(docs, "PodDisruptionBudget")["selector"]["matchLabels"].update(app="other"), "selects no pod")):
            docs = copy.deepcopy(rendered("overlays/workers"))
            breach(docs)
            self.assertIn(word, "; ".join(pods.check(docs)))

    def test_the_program_takes_their_settings(self):
        """`check` looks at the settings first: exit code 2 is theirs. That nobody is there to talk to is no matter here."""
        for overlay in OVERLAYS[:3]:
            docs = rendered(overlay)
            for workload in pods.workloads(docs):
                env = pods.settings_of(docs, pods.service_of(workload))
                env.update({name: "127.0.0.1:1" for name in ("BOOTSTRAP_SERVER", "NODE_JOIN") if name in env}, OLLAMA_HOST=env["OLLAMA_HOST"] and "127.0.0.1:1")
                said = run_command("check", **env)
                self.assertEqual(said.returncode, 1, said.stdout + said.stderr)
        self.assertEqual(run_command("check", **{**env, "DRAIN_TIMEOUT": "75x"}).returncode, 2)


class Network(unittest.TestCase):
    def test_pods_reach_what_they_need_and_nothing_else(self):
        for overlay, pod, reached in (
                ("base", READER, {"dns", "kafka", "ollama"}), ("overlays/sidecar", SIDECAR, {"dns", "kafka", "public"}),
                ("overlays/workers", READER, {"dns", "kafka"}), ("overlays/workers", WORKER, {"dns", "reader", "public"}),
                ("overlays/keda", WORKER, {"dns", "reader", "public"})):
            docs = rendered(overlay)
            places = {"dns": (DNS, 53), "kafka": (KAFKA, 9092), "ollama": (OLLAMA, 11434), "reader": (READER, 7400), "worker": (WORKER, pods.STATUS),
                      "public": ("public", 443), "other": (OTHER, 443), "public, not encrypted": ("public", 80), "kafka's shell": (KAFKA, 22)}
            self.assertEqual({name for name, place in places.items() if pods.reaches(docs, pod, *place)}, reached, overlay)

    def test_pods_are_reached_by_prometheus_and_readers_by_worker_nodes(self):
        docs = rendered("overlays/workers")
        for pod, other, port, expected in ((READER, PROMETHEUS, "status", True), (WORKER, PROMETHEUS, "status", True), (READER, WORKER, "nodes", True),
                                           (READER, OTHER, "status", False), (READER, OTHER, "nodes", False), (READER, PROMETHEUS, "nodes", False),
                                           (WORKER, READER, "status", False)):
            self.assertEqual(pods.takes(docs, pod, other, port), expected, (pod, other, port))

    def test_a_reader_that_is_not_ready_can_be_found(self):
        readers = next(doc for doc in rendered("overlays/workers") if doc["metadata"]["name"] == "models-processor-readers")
        self.assertTrue(readers["spec"]["publishNotReadyAddresses"], "no worker node would ever join")
        env = pods.settings_of(rendered("overlays/workers"), pods.service_of(pods.of_kind(rendered("overlays/workers"), "StatefulSet")[0]))
        self.assertEqual(env["NODE_JOIN"], "%s:%d" % (readers["metadata"]["name"], readers["spec"]["ports"][0]["port"]))


class Scaling(unittest.TestCase):
    # What KEDA's scalers take as metadata; its schema says only that it is text.
    KNOWN = {"kafka": {"bootstrapServers", "consumerGroup", "topic", "lagThreshold", "allowIdleConsumers"},
             "prometheus": {"serverAddress", "query", "threshold", "ignoreNullValues"}}

    def setUp(self):
        self.docs = rendered("overlays/keda")
        self.scaled = pods.of_kind(self.docs, "ScaledObject")[0]["spec"]

    def test_it_scales_the_worker_nodes_and_nobody_else_does(self):
        target = self.scaled["scaleTargetRef"]
        found = [doc for doc in self.docs if (doc["kind"], doc["metadata"]["name"]) == (target["kind"], target["name"])]
        self.assertEqual(len(found), 1)
        self.assertNotIn("replicas", found[0]["spec"])

    def test_its_triggers_are_lag_time_to_drain_and_hosts_that_load(self):
        triggers = self.scaled["triggers"]
        for trigger in triggers:
            self.assertLessEqual(set(trigger["metadata"]), self.KNOWN[trigger["type"]])
        self.assertEqual([each["type"] for each in triggers], ["kafka", "prometheus", "prometheus"])
        settings = pods.settings_of(self.docs, pods.service_of(pods.of_kind(self.docs, "Deployment")[0]))
        kafka = triggers[0]["metadata"]
        self.assertEqual(kafka["bootstrapServers"], settings["BOOTSTRAP_SERVER"])
        for name, setting in (("consumerGroup", "CONSUMER_GROUP"), ("topic", "LOCAL_MODEL_KAFKA_TOPIC")):
            self.assertIn("| `%s` | `%s` |" % (setting, settings.get(setting, kafka[name])), facts.printed("settings"))
        self.assertEqual(kafka["allowIdleConsumers"], "true", "else there are no more worker nodes than partitions")
        self.assertIn("seconds_to_drain", triggers[1]["metadata"]["query"])
        self.assertEqual(triggers[1]["metadata"]["ignoreNullValues"], "false", "else no answer means no work")
        hold = triggers[2]
        self.assertIn("hosts_loading", hold["metadata"]["query"])
        self.assertEqual((hold["metricType"], hold["metadata"]["threshold"]), ("AverageValue", "1"), "else the number asked for is not that of the nodes")
