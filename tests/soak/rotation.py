"""A day of a talkative service's log, as fast as it can be written: it takes the room that it may, and what is kept is whole."""
import pathlib
import time

import world as worlds
from cycles import Growth

LINES = 86_400 * 100  # 100 a second
FILE_BYTES, FILES = 1 << 20, 3
WARM = 100_000  # lines until there are all files


def run(world, options):
    world.devc("container", "run", "-d", "--name", "talks", "--network", "none", "--stop-signal", "KILL", "--log-opt", f"max-size={FILE_BYTES}",
               "--log-opt", f"max-file={FILES}", "busybox", "sleep", "10000")
    say = lambda first, last: world.devc("container", "exec", "talks", "sh", "-c", f"seq {first} {last} >/proc/1/fd/1", timeout=600)
    say(1, WARM)
    growth = Growth(world)
    begin = time.monotonic()
    say(WARM + 1, LINES)
    took = time.monotonic() - begin
    numbers = growth.check("after a day of lines")
    log = pathlib.Path(world.devc("container", "inspect", "-f", "{{.LogPath}}", "talks").strip())
    world.devc("container", "stop", "talks")  # what it has said is all written then
    size = sum(file.stat().st_size for file in log.parent.glob(log.name + "*"))
    kept = [int(line) for line in world.devc("container", "logs", "talks").split()]
    if kept != list(range(LINES - len(kept) + 1, LINES + 1)):
        raise worlds.Failure(f"of the last {len(kept)} lines some are missing or in another order")
    if not 0.9 * FILE_BYTES * (FILES - 1) <= size <= FILE_BYTES * FILES:  # what is written at once is not divided
        raise worlds.Failure(f"the log takes {size} bytes; it may take {FILES} files of {FILE_BYTES}")
    world.devc("container", "rm", "talks")
    world.devc("system", "check")
    return f"{LINES} lines in {took:.1f} s, the last {len(kept)} are kept in {size} bytes, monitor kilobytes {growth.numbers['monitor kilobytes']} -> {numbers['monitor kilobytes']}"
