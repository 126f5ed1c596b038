"""Many shells that run commands at random on the same projects."""
import concurrent.futures
import random
import time

import world as worlds

PROJECTS = ("north", "east", "south", "west")
FILE = """
services:
  a: {image: busybox, command: sleep 1000, stop_signal: SIGKILL, scale: 2, environment: [ROUND], volumes: ["data:/data"], networks: [default, shared]}
  b: {image: busybox, command: sleep 1000, stop_signal: SIGKILL, depends_on: [a], ports: ["80"], volumes: [/anonymous]}
  h: {image: busybox, command: sleep 1000, stop_signal: SIGKILL, healthcheck: {test: "true", interval: 1s}}
  w: {image: busybox, command: sleep 1000, stop_signal: SIGKILL, depends_on: {h: {condition: service_healthy}}}
  m: {build: {context: ., dockerfile_inline: "FROM busybox\\nRUN echo ${ROUND} >/round\\n"}, command: sleep 1000, stop_signal: SIGKILL}
networks: {default: , shared: {name: shared, external: true}}
volumes: {data: }
"""
CONTAINERS = 6
# A command that meets another's work may fail, but not like this.
NEVER = ("terminate called", "what():", "database is locked", "database disk image", "Assertion", "no end within")


def command(chance):
    number = lambda most: str(chance.randint(0, most))
    return chance.choice([
        ["up", "-d"], ["up", "-d"], ["up", "-d", "--build"], ["up", "-d", "--force-recreate", chance.choice("abhwm")],
        ["up", "-d", "--scale", "a=" + number(4)], ["scale", "a=" + number(4)], ["down", "-t", "0"], ["down", "-v", "-t", "0"],
        ["down", "-t", "0", "--rmi", "local"], ["create"], ["start"], ["stop", "-t", "0", chance.choice("abhwm")], ["restart", "-t", "0"],
        ["kill", chance.choice("abhwm")], ["rm", "-f", "-s", chance.choice("abhwm")], ["pause", "a"], ["unpause", "a"],
        ["run", "--rm", "-T", "b", "true"], ["run", "--rm", "-T", "--no-deps", "a", "sh", "-c", "exit 3"], ["exec", "-T", "a", "true"],
        ["build"], ["ps", "-a"], ["logs"], ["config", "-q"], ["images"], ["top"], ["port", "b", "80"], ["ls", "-a"],
        ["container", "prune", "-f"], ["system", "prune", "-f"], ["volume", "prune", "-f"], ["network", "prune", "-f"],
        ["image", "prune", "-f"], ["builder", "prune", "-f"], ["system", "df"], ["container", "ls", "-a"],
    ])


def ordinary(words):
    """Whether it is a command on a project."""
    return words[0] not in ("container", "system", "volume", "network", "image", "builder", "ls")


def on(project):
    return ["-p", project, "-f", "crowd.yaml"]


def shell(world, seed, commands):
    """Runs its commands; returns what no command may say."""
    chance, wrong = random.Random(seed), []
    for _ in range(commands):
        words = command(chance)
        project = chance.choice(PROJECTS)
        arguments = [*on(project), *words] if ordinary(words) else words
        status, output = world.attempt(*arguments, timeout=180)
        if status < 0 or status == 124 or status > 128 + 15 or any(sign in output for sign in NEVER):
            wrong.append(f"devc {' '.join(arguments)}: status {status}\n{output[-2000:]}")
    return wrong


def converge(world, project):
    world.devc(*on(project), "up", "-d", timeout=180)
    running = world.devc(*on(project), "ps", "-q").split()
    every = world.devc(*on(project), "ps", "-aq").split()
    if len(running) != CONTAINERS or len(every) != CONTAINERS:
        raise worlds.Failure(f"{project} has {len(running)} running of {len(every)} containers, not {CONTAINERS}:\n" + world.devc(*on(project), "ps", "-a"))
    world.devc(*on(project), "exec", "-T", "b", "ping", "-c", "1", "-W", "5", "a")


def run(world, options):
    (world.project / "crowd.yaml").write_text(FILE)
    world.devc("network", "create", "shared")
    for project in PROJECTS:  # what stays by design is made now
        world.devc(*on(project), "up", "-d", timeout=180)
        world.devc(*on(project), "down", "-v", "-t", "0", "--rmi", "local")
    world.devc("builder", "prune", "-a", "-f")  # whether a shell's last prune came before or after the last build is chance
    world.devc("container", "run", "-d", "--name", "anchor", "--network", "shared", "busybox", "sleep", "100000")  # keeps it from being pruned
    before = world.stable()
    with concurrent.futures.ThreadPoolExecutor(options.shells) as pool:
        begin = time.monotonic()
        found = pool.map(lambda number: shell(world, f"{options.seed}-{number}", options.commands), range(options.shells))
        wrong = [one for of_shell in found for one in of_shell]
        seconds = time.monotonic() - begin
    if wrong:
        raise worlds.Failure(f"{len(wrong)} commands:\n" + "\n".join(wrong[:10]))
    for project in PROJECTS:
        converge(world, project)
    world.devc("system", "check")
    for project in PROJECTS:
        world.devc(*on(project), "down", "-v", "-t", "0", "--rmi", "local", "--remove-orphans")
    world.devc("builder", "prune", "-a", "-f")
    world.devc("volume", "prune", "-f")  # what `rm` and `down` without -v leave for the user: anonymous volumes
    left = world.settled(before)
    if left:
        raise worlds.Failure("left behind:\n" + "\n".join(left))
    return f"{options.shells * options.commands} commands in {seconds:.0f} s by {options.shells} shells on {len(PROJECTS)} projects"
