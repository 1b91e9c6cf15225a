"""Clocks that lie: far ahead, before 1970, and jumping while the agent runs."""

import json
import pathlib
import shutil
import subprocess
import time

from attack_floods import upstream
from attacked_agent import Broken, eventually

YEAR = 365 * 86400


def detail(agent):
    return json.loads(agent.ask("/v1/health/app")[1])


def is_watched(agent, name):
    """Checks go on, and the uptime of the last hour is known."""
    last = detail(agent)["last_checked"]
    eventually(f"{name}: checks go on after {last}; {agent.last_words}", lambda: detail(agent)["last_checked"] != last, 20)
    eventually(f"{name}: the uptime is known; {detail(agent)['uptime']}", lambda: detail(agent)["uptime"]["1h"] is not None, 20)
    agent.ask("/metrics")
    agent.lives(name)
    if not 0 <= (uptime := detail(agent)["uptime_ms"]) < 600_000:
        raise Broken(f"{name}: uptime_ms is {uptime}")


def run(attack):
    with upstream() as app, attack.agent(
            routes=f"app: {{host: 127.0.0.1, port: {app}}}\n",
            settings="notify:\n  - {name: program, exec: [/bin/true]}") as agent:
        library, offset = agent.directory / "moved_clock.so", agent.directory / "offset"
        clang = pathlib.Path(shutil.which("swift")).resolve().with_name("clang")
        subprocess.run(
            [clang, "-shared", "-fPIC", "-O1", "-o", library, pathlib.Path(__file__).with_name("moved_clock.c")], check=True)
        environment = {"LD_PRELOAD": str(library), "CLOCK_OFFSET_FILE": str(offset)}
        # Each finds the state that the one before it left.
        for name, seconds in [
            ("30 years ahead", 30 * YEAR), ("now", 0), ("before 1970", -int(time.time()) - YEAR), ("now again", 0),
            ("1902", -124 * YEAR), ("a day ahead", 86400), ("a day ago", -86400), ("at last", 0),
        ]:
            offset.write_text(str(seconds))
            agent.start(environment=environment)
            is_watched(agent, name)
            if code := agent.stop():
                raise Broken(f"{name}: the agent ended with {code}:\n{agent.last_words}")
            attack.expect(f"clock: {name}", "1 start", "checks, uptime known", True, "checks, uptime known, ends with 0")
        agent.start(environment=environment)
        jumps = [86400, -86400, 30 * YEAR, 0, -70 * YEAR, 3600, 0]
        for jump in jumps:
            offset.write_text(str(jump))
            is_watched(agent, f"a jump to {jump} s")
        attack.expect("clock that jumps", f"{len(jumps)} jumps", "checks, uptime known", True, "checks, uptime known")
        if code := agent.stop():
            raise Broken(f"jumps: the agent ended with {code}:\n{agent.last_words}")
