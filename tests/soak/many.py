"""Hundreds of containers at once: all run and answer, and nothing is left of them."""
import time

import world as worlds

COMPOSE = """
services:
  web: {image: busybox, command: sleep 10000, stop_signal: SIGKILL}
  asks: {image: busybox, command: sleep 10000, stop_signal: SIGKILL, depends_on: [web]}
"""


def run(world, options):
    (world.project / "compose.yaml").write_text(COMPOSE)
    world.devc("up", "-d")
    world.devc("down", "-t", "0")
    before = world.stable()
    begin = time.monotonic()
    world.devc("up", "-d", "--scale", f"web={options.containers - 1}", timeout=600)
    took = time.monotonic() - begin
    running = world.devc("ps", "-q").split()
    if len(set(running)) != options.containers:
        raise worlds.Failure(f"{len(set(running))} of {options.containers} containers run")
    for number in (1, options.containers - 1):
        world.devc("exec", "-T", "asks", "ping", "-c", "1", "-W", "5", f"crash-web-{number}")
    world.devc("up", "-d", "--scale", f"web={options.containers - 1}", timeout=600)
    if set(world.devc("ps", "-q").split()) != set(running):
        raise worlds.Failure("an up without a change made other containers")
    world.devc("system", "check")
    world.devc("down", "-t", "0", timeout=600)
    if left := world.settled(before):
        raise worlds.Failure("left behind:\n" + "\n".join(left))
    return f"{options.containers} containers at once, {1000 * took / options.containers:.1f} ms each until they ran"
