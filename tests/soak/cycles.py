"""Up and down, many times, beside a project that stays."""
import os
import pathlib
import subprocess
import time

import world as worlds

WARM = 5  # cycles until caches, pools and pages are what they stay

STAYING = """
networks: {default: {name: shared}}
services:
  keeper: {image: busybox, command: sh -c "while sleep 0.5; do echo alive; done", healthcheck: {test: "true", interval: 1s}, stop_signal: SIGKILL}
"""
COMING = """
services:
  web: {image: busybox, command: httpd -f -p 80, ports: ["80"], volumes: ["data:/data", /anonymous], networks: [default, back], stop_signal: SIGKILL}
  worker: {image: busybox, command: sleep 1000, stop_signal: SIGKILL, scale: 2, networks: [back], tmpfs: /scratch, secrets: [s]}
  again: {image: busybox, command: sh -c "sleep 0.1; exit 1", restart: always, stop_signal: SIGKILL}
networks: {default: {name: shared, external: true}, back: {internal: true}}
volumes: {data: }
secrets: {s: {file: ./s}}
"""


class Growth:
    """Numbers that may waver by what is allowed, and not grow with the cycles."""
    ALLOWED = {"database pages": 8, "database log pages": 1100, "event bytes": 12 << 20, "monitor kilobytes": 1024}

    def __init__(self, world):
        self.world = world
        self.things = world.stable()
        self.numbers = min((self.count() for _ in range(20)), key=lambda numbers: numbers["monitors"])

    def count(self):
        pages = lambda name: os.stat(self.world.state / name).st_size // 4096 if (self.world.state / name).exists() else 0
        monitors = [pid for pid in os.listdir("/proc") if pid.isdigit() and self.runs(pid, "devc-monitor")]
        fds = sum(len(self.listed(pathlib.Path("/proc", pid, "fd"))) for pid in monitors)
        watches = sum(self.text(info).count("inotify wd") for pid in monitors for info in self.listed(pathlib.Path("/proc", pid, "fdinfo")))
        memory = sum(int(line.split()[1]) for pid in monitors for line in self.text(pathlib.Path("/proc", pid, "status")).splitlines() if line.startswith("RssAnon"))
        rules = subprocess.run(["nft", "list", "ruleset"], stdout=subprocess.PIPE, text=True, check=True).stdout
        spaces = {self.target(f"/proc/{pid}/ns/net") for pid in os.listdir("/proc") if pid.isdigit()} - {""}
        return {"monitors": len(monitors), "descriptors of monitors": fds, "inotify watches": watches, "monitor kilobytes": memory,
                "firewall lines": len(rules.splitlines()), "network namespaces": len(spaces),
                "database pages": pages("devc.db"), "database log pages": pages("devc.db-wal"),
                "event bytes": sum(os.stat(file).st_size for file in self.world.run.glob("events*"))}

    @staticmethod
    def target(link):
        try:
            return os.readlink(link)
        except OSError:
            return ""

    @staticmethod
    def runs(pid, program):
        return Growth.text(pathlib.Path("/proc", pid, "comm")).strip() == program

    @staticmethod
    def text(path):
        try:
            return path.read_text(errors="replace")
        except OSError:
            return ""

    @staticmethod
    def listed(folder):
        try:
            return [entry for entry in folder.iterdir() if os.path.lexists(entry)]
        except OSError:
            return []

    def check(self, when):
        """Throws if something has grown; returns the numbers."""
        left = self.world.settled(self.things)
        if left:
            raise worlds.Failure(f"{when}, left behind:\n" + "\n".join(left))
        end = time.monotonic() + 10
        while True:  # a probe of the health check is a monitor more for a moment
            now = self.count()
            grown = [f"{name}: {self.numbers[name]} -> {value}" for name, value in now.items() if value > self.numbers[name] + self.ALLOWED.get(name, 0)]
            if not grown:
                return now
            if time.monotonic() > end:
                raise worlds.Failure(f"{when}, grown: " + ", ".join(grown))
            time.sleep(0.02)


def cycle(world, coming, number):
    world.environment["ROUND"] = str(number)
    world.devc(*coming, "up", "-d")
    if number % 4 == 0:
        world.devc(*coming, "exec", "-T", "web", "ping", "-c", "1", "-W", "5", "keeper")
        world.devc(*coming, "up", "-d", "--force-recreate", "web")
    if number % 4 == 1:
        world.devc(*coming, "run", "--rm", "-T", "worker", "true")
        world.devc(*coming, "restart", "-t", "0", "worker")
    if number % 4 == 2:
        world.devc(*coming, "up", "-d", "--scale", "worker=4")
    world.devc(*coming, "down", "-v", "-t", "0")


def run(world, options):
    (world.project / "staying.yaml").write_text(STAYING)
    (world.project / "coming.yaml").write_text(COMING)
    (world.project / "s").write_text("secret")
    coming = ["-p", "coming", "-f", "coming.yaml"]
    world.devc("-p", "staying", "-f", "staying.yaml", "up", "-d")
    for number in range(WARM):
        cycle(world, coming, number)
    growth = Growth(world)
    for number in range(options.cycles):
        cycle(world, coming, number)
        if number % 100 == 99:
            growth.check(f"after {number + 1} cycles")
    now = growth.check(f"after {options.cycles} cycles")
    world.devc("system", "check")
    world.devc("-p", "staying", "-f", "staying.yaml", "down", "-v", "-t", "0")
    return f"{options.cycles} cycles; " + ", ".join(f"{name} {growth.numbers[name]} -> {now[name]}" for name in now)
