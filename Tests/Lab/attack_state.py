"""Damaged state: every number of every state file is set to impossible values, and the agent starts."""

import copy
import json

import certificates
from attack_floods import upstream
from attacked_agent import Broken, eventually
from hostile_pve import HostilePVE

VALUES = [2**63 - 1, 2**63, 0, -2**63, -1, "text", 1e308, -1e308]


def numbers(value, path=()):
    """The paths of numbers."""
    if isinstance(value, dict):
        return [found for name, member in value.items() for found in numbers(member, (*path, name))]
    if isinstance(value, list):
        return [found for index, member in enumerate(value) for found in numbers(member, (*path, index))]
    return [path] if isinstance(value, (int, float)) and not isinstance(value, bool) else []


def distinct(paths):
    """One path of each form: the first and the last element represent a list."""
    forms = {}
    for path in paths:
        forms.setdefault(tuple("*" if isinstance(part, int) else part for part in path), []).append(path)
    return [path for found in forms.values() for path in dict.fromkeys([found[0], found[-1]])]


def changed(content, paths, value):
    content = copy.deepcopy(content)
    for path in paths:
        place = content
        for part in path[:-1]:
            place = place[part]
        place[path[-1]] = value
    return content


def holds_up(agent, name, file, text):
    file.write_text(text)
    try:
        agent.start()
        for path in ["/v1/health?view=history", "/v1/guests", "/v1/routes", "/v1/nodes", "/metrics", "/readyz"]:
            agent.ask(path)
    except Broken as problem:
        raise Broken(f"{name}: {problem}") from None
    if code := agent.stop():
        raise Broken(f"{name}: the agent ended with {code}:\n{agent.last_words}")


def run(attack):
    with upstream() as app, attack.agent(
            settings="notify:\n  - {name: program, exec: [/bin/true], first_up: true, never_up: true}") as agent:
        files = certificates.of_server(str(agent.directory / "tls"), "pve1")
        with HostilePVE(files) as pve:
            configuration = agent.directory / "pvescout.yml"
            configuration.write_text(configuration.read_text().replace("proxmox: []", f"proxmox: {pve.entry}"))
            (agent.directory / "routes.yml").write_text(
                f"app: {{host: 127.0.0.1, port: {app}}}\ndown: {{host: 127.0.0.1, port: 1}}\nweb: {{port: 80}}\n")
            agent.start()
            health = lambda alias: json.loads(agent.ask(f"/v1/health/{alias}")[1])["status"]
            eventually("health is known", lambda: health("app") == "healthy" and health("down") == "unhealthy")
            eventually("the cluster is read", lambda: len(json.loads(agent.ask("/v1/guests")[1])["guests"]) == 3)
            agent.stop()
            sound = {file: file.read_text() for file in sorted(agent.state.glob("*.json"))}
            if {file.name for file in sound} < {"health.json", "notifications.json", "inventory-evil.json"}:
                raise Broken(f"the state is {sorted(file.name for file in sound)}")
            for file, text in sound.items():
                content, starts = json.loads(text), 0
                places = numbers(content)
                for value in VALUES[::3] if attack.short else VALUES:
                    for paths in [places, *([path] for path in distinct(places))]:
                        name = f"{file.name}, {value!r} at {'all' if paths is places else '.'.join(map(str, paths[0]))}"
                        for other, sane in sound.items():
                            other.write_text(sane)
                        holds_up(agent, name, file, json.dumps(changed(content, paths, value)))
                        starts += 1
                damage = [text[:-len(text) // 3], "", "null", "[]", '"text"', "\0" * 1000, "[" * 100_000]
                for broken in damage[::3] if attack.short else damage:
                    holds_up(agent, f"{file.name}, {broken[:10]!r}", file, broken)
                    starts += 1
                attack.expect(file.name, f"{starts} starts, {len(places)} numbers", "ended with 0", True, "starts, ends with 0")
