"""Requests made from the agent's own OpenAPI document, and requests that break it, by schemathesis."""

import pathlib
import subprocess
import sys

from attack_floods import upstream
from attacked_agent import Broken


def run(attack):
    seconds = 15 if attack.short else 120
    with upstream() as app, attack.agent(routes=f"app: {{host: 127.0.0.1, port: {app}}}\nweb: {{port: 80}}\n") as agent:
        agent.start()
        lab = pathlib.Path(__file__).with_name("openapi_lab.py")
        found = subprocess.run(
            [sys.executable, "-B", lab, agent.socket_path, str(seconds)], capture_output=True, text=True)
        if found.returncode:
            raise Broken(f"schemathesis ended with {found.returncode}:\n{found.stdout}{found.stderr}")
        agent.lives("schemathesis")
        attack.expect("schemathesis", f"{seconds} s at most", "nothing found", True, "nothing found")
        if code := agent.stop():
            raise Broken(f"the agent ended with {code}:\n{agent.last_words}")
