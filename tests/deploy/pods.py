"""What has to be true of rendered manifests. Works on lists of documents, so that it can be tried with broken ones."""
from deploy import facts

STATUS = 5000


def of_kind(docs, *kinds):
    return [doc for doc in docs if doc["kind"] in kinds]


def workloads(docs):
    return of_kind(docs, "Deployment", "StatefulSet")


def pod_of(workload):
    return workload["spec"]["template"]["spec"]


def labels_of(workload):
    return workload["spec"]["template"]["metadata"]["labels"]


def containers(workload):
    return pod_of(workload).get("initContainers", []) + pod_of(workload)["containers"]


def service_of(workload):
    return next(each for each in pod_of(workload)["containers"] if each["name"] == "models-processor")


def settings_of(docs, container):
    maps = {doc["metadata"]["name"]: doc.get("data", {}) for doc in of_kind(docs, "ConfigMap")}
    found = {}
    for source in container.get("envFrom", []):
        found.update(maps.get(source.get("configMapRef", {}).get("name"), {}))
    return {**found, **{each["name"]: each.get("value", "") for each in container.get("env", [])}}


def check(docs):
    """Every breach as a sentence."""
    return [breach for workload in workloads(docs) for breach in check_pod(docs, workload)] + check_selectors(docs)


def check_pod(docs, workload):
    pod, service = pod_of(workload), service_of(workload)
    env = settings_of(docs, service)
    security = pod.get("securityContext", {})
    rules = [
        (pod.get("automountServiceAccountToken") is False, "has a token of Kubernetes"),
        (pod.get("enableServiceLinks") is False, "has variables of services"),
        (security.get("runAsNonRoot") is True, "may run as root"),
        (security.get("seccompProfile") == {"type": "RuntimeDefault"}, "has no seccomp profile"),
        (pod.get("terminationGracePeriodSeconds", 30) >= facts.seconds(env.get("DRAIN_TIMEOUT", "30s")) + 5, "is killed before it has drained"),
        (service.get("livenessProbe", {}).get("httpGet", {}).get("path") == "/health", "is not alive by /health"),
        (service.get("startupProbe", {}).get("httpGet", {}).get("path") == "/health", "has not started by /health"),
        (service.get("readinessProbe", {}).get("httpGet", {}).get("path") == "/ready", "is not ready by /ready"),
        ("cpu" not in service["resources"]["limits"], "is slowed down by a limit of CPU"),
        (facts.size(service["resources"]["limits"]["memory"]) >= facts.memory_needed(env), "is killed for memory that README.md allows it"),
        (set(labels_of(workload).items()) >= set(workload["spec"]["selector"]["matchLabels"].items()), "is not selected by its own selector"),
    ]
    for container in containers(workload):
        own, name = container.get("securityContext", {}), container["name"]
        own_env = settings_of(docs, container)
        mounted = {each["name"] for each in container.get("volumeMounts", [])}
        volumes = {each["name"] for each in pod.get("volumes", []) + [each["metadata"] for each in workload["spec"].get("volumeClaimTemplates", [])]}
        rules += [
            (own.get("readOnlyRootFilesystem") is True, "%s writes its root" % name),
            (own.get("allowPrivilegeEscalation") is False, "%s may gain rights" % name),
            (own.get("capabilities") == {"drop": ["ALL"]}, "%s keeps capabilities" % name),
            ("memory" in container.get("resources", {}).get("limits", {}), "%s has no limit of memory" % name),
            (":" in container["image"] and not container["image"].endswith(":latest"), "%s has no version" % name),
            (mounted <= volumes, "%s mounts what is no volume" % name),
            (all("configMapRef" not in each or settings_of(docs, {"envFrom": [each]}) for each in container.get("envFrom", [])),
             "%s has a ConfigMap that does not exist" % name),
        ]
        if name == "ollama":
            cache = own_env.get("LLAMA_ARG_CACHE_RAM")
            rules.append((cache is not None and int(cache) << 20 <= facts.size(container["resources"]["limits"]["memory"]) // 4,
                          "ollama's cache of prompts may fill its memory"))
            rules.append(("nvidia.com/gpu" in container["resources"]["limits"], "ollama has no GPU"))
    rules += [(facts.is_setting(each), "%s is no setting" % each) for each in env]
    return ["%s %s" % (workload["metadata"]["name"], what) for holds, what in rules if not holds]


def matches(selector, labels):
    assert set(selector) <= {"matchLabels"}, selector
    return selector.get("matchLabels", {}).items() <= labels.items()


def check_selectors(docs):
    """Services, policies and budgets select pods that there are, by ports that these have."""
    breaches = []
    for doc in of_kind(docs, "Service", "NetworkPolicy", "PodDisruptionBudget"):
        spec, name = doc["spec"], "%s %s" % (doc["kind"], doc["metadata"]["name"])
        selector = {"matchLabels": spec["selector"]} if doc["kind"] == "Service" else spec.get("podSelector", spec.get("selector"))
        chosen = [each for each in workloads(docs) if matches(selector, labels_of(each))]
        if not chosen:
            breaches.append("%s selects no pod" % name)
        named = [each["targetPort"] for each in spec.get("ports", [])] + [port["port"] for rule in spec.get("ingress", []) for port in rule["ports"]]
        for each in chosen:
            has = {port["name"] for container in containers(each) for port in container.get("ports", [])}
            breaches += ["%s names the port %s, which %s does not have" % (name, port, each["metadata"]["name"]) for port in named if port not in has]
    return breaches


def reaches(docs, pod, other, port):
    """Whether the policies let pods with the labels `pod` dial `other` (labels, or "public" for an address of the internet)."""
    policies = [doc["spec"] for doc in of_kind(docs, "NetworkPolicy") if matches(doc["spec"]["podSelector"], pod) and "Egress" in doc["spec"]["policyTypes"]]
    if not policies:
        return True

    def fits(peer):
        if "ipBlock" in peer:
            return other == "public"
        return other != "public" and matches(peer["podSelector"], other)
    return any(any(fits(peer) for peer in rule["to"]) and any(each["port"] == port for each in rule["ports"])
               for spec in policies for rule in spec.get("egress", []))


def takes(docs, pod, other, port):
    """Whether the policies let pods with the labels `other` dial the port of that name of `pod`."""
    policies = [doc["spec"] for doc in of_kind(docs, "NetworkPolicy") if matches(doc["spec"]["podSelector"], pod) and "Ingress" in doc["spec"]["policyTypes"]]
    return not policies or any(any(matches(peer["podSelector"], other) for peer in rule["from"]) and any(each["port"] == port for each in rule["ports"])
                               for spec in policies for rule in spec.get("ingress", []))
