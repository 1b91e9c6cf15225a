"""Wrong clocks: far ahead, before 1970, and jumping while the agent runs."""

import json
import os
import pathlib
import shutil
import subprocess
import time

from attack_floods import upstream
from attacked_agent import Broken, eventually

YEAR = 365 * 86400
# An earlier clock was not set yet: time on it is not counted.
FIRST_YEAR = 1_577_836_800


def compiler():
    """The C compiler beside Swift's, which may be outside of the path."""
    beside = [pathlib.Path(folder, "swift").resolve().with_name("clang") for folder in os.get_exec_path()]
    found = [str(path) for path in beside if path.exists()] + [shutil.which("clang") or shutil.which("cc")]
    if not found[0]:
        raise Broken("there is no C compiler to move the clock with")
    return found[0]


def detail(agent):
    return json.loads(agent.ask("/v1/health/app")[1])


def is_watched(agent, name, offset):
    """Checks continue, and the uptime of the last hour is known if the clock is set."""
    seen = set()

    eventually(f"{name}: checks go on; {agent.last_words}", lambda: (
        seen.add(detail(agent)["last_checked"]) or len(seen) > 3), 30)
    if time.time() + offset < FIRST_YEAR:
        if (uptime := detail(agent)["uptime"]["1h"]) is not None:
            raise Broken(f"{name}: an uptime of {uptime} by a clock that is not set")
    else:
        eventually(f"{name}: the uptime is known; {detail(agent)['uptime']}", lambda: detail(agent)["uptime"]["1h"] == 1, 20)
    agent.ask("/metrics")
    agent.lives(name)
    if not 0 <= (uptime := detail(agent)["uptime_ms"]) < 600_000:
        raise Broken(f"{name}: uptime_ms is {uptime}")


def run(attack):
    with upstream() as app, attack.agent(
            routes=f"app: {{host: 127.0.0.1, port: {app}}}\n",
            settings="notify:\n  - {name: program, exec: [/bin/true]}") as agent:
        library, offset = agent.directory / "moved_clock.so", agent.directory / "offset"
        subprocess.run(
            [compiler(), "-shared", "-fPIC", "-O1", "-o", library, pathlib.Path(__file__).with_name("moved_clock.c")], check=True)
        environment = {"LD_PRELOAD": str(library), "CLOCK_OFFSET_FILE": str(offset)}
        # Each starts with the state of the previous one.
        for name, seconds in [
            ("30 years ahead", 30 * YEAR), ("now", 0), ("before 1970", -int(time.time()) - YEAR), ("now again", 0),
            ("1902", -124 * YEAR), ("a day ahead", 86400), ("a day ago", -86400), ("at last", 0),
        ]:
            offset.write_text(str(seconds))
            agent.start(environment=environment)
            is_watched(agent, name, seconds)
            if code := agent.stop():
                raise Broken(f"{name}: the agent ended with {code}:\n{agent.last_words}")
            attack.expect(f"clock: {name}", "1 start", "checks, uptime right", True, "checks, uptime 1, or none before 2020, ends with 0")
        agent.start(environment=environment)
        jumps = [86400, -86400, 30 * YEAR, 0, -70 * YEAR, 3600, 0]
        for jump in jumps:
            offset.write_text(str(jump))
            is_watched(agent, f"a jump to {jump} s", jump)
        attack.expect("clock that jumps", f"{len(jumps)} jumps", "checks, uptime right", True, "checks, uptime 1, or none before 2020")
        if code := agent.stop():
            raise Broken(f"jumps: the agent ended with {code}:\n{agent.last_words}")
