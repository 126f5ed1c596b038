"""A world of its own for one worker: network, mounts, processes; state and run folder of devc in memory.

What is left behind in it can be listed exactly, because nobody else is in it."""
import collections
import os
import pathlib
import re
import signal
import socket
import sqlite3
import subprocess
import time

CGROUPS = pathlib.Path("/sys/fs/cgroup")
#: Tables that are caches: what is in them is the user's to prune.
CACHES = {"build_cache", "build_contents", "layer_pins", "sqlite_sequence"}
#: Files that stay by design: the database, the event log, lock files, indexes, and of a project's last `up` its times, with the one
#: file beside it that the next `up` writes over.
LASTING = ("devc.db", "events", "store.lock", "crash.timing")
LASTING_FOLDERS = {"locks", "cache", "contexts", "seccomp"}


def enter(command):
    """Runs `command` in namespaces of its own; there, main() calls become_first() before anything else."""
    return subprocess.Popen(["unshare", "--mount", "--net", "--ipc", "--pid", "--fork", "--mount-proc", "--propagation", "private", *command],
                            stdout=subprocess.PIPE, text=True)


def become_first():
    """The first process collects what is orphaned (monitors); its child goes on with the work."""
    worker = os.fork()
    if worker == 0:
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        return
    while True:
        pid, status = os.wait()
        if pid == worker:
            os._exit(os.waitstatus_to_exitcode(status) & 255)


class Failure(Exception):
    """What was found is not what must be."""


class World:
    def __init__(self, folder, devc, image):
        self.folder = pathlib.Path(folder)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=700", "tmpfs", folder], check=True)
        self.project = self.folder / "project"
        self.project.mkdir()
        self.devc_program = devc
        self.state, self.run = self.folder / "state", self.folder / "run"
        self.ids = set()
        self.environment = {
            "PATH": f"{os.path.dirname(devc)}:{os.environ['PATH']}", "HOME": str(self.folder), "DEVC_STATE_DIR": str(self.state),
            "DEVC_RUN_DIR": str(self.run), "COMPOSE_PROGRESS": "quiet", "COMPOSE_PROJECT_NAME": "crash", "NO_COLOR": "1", "ROUND": "0",
            "SOURCE_DATE_EPOCH": "1700000000",
        }
        with open(image, "rb") as tar:
            self.devc("image", "import", "-c", 'CMD ["sh"]', "-c", "ENV PATH=/bin", "-", "busybox:latest", stdin=tar)

    def start(self, *command, **options):
        options.setdefault("stdin", subprocess.DEVNULL)
        options.setdefault("stdout", subprocess.PIPE)
        return subprocess.Popen([str(word) for word in command], cwd=self.project, env=self.environment,
                                stderr=subprocess.STDOUT, text=True, errors="replace", **options)

    def serve(self, *command):
        """A program that runs as long as the world."""
        self.start(*command, stdout=subprocess.DEVNULL)

    def attempt(self, *arguments, timeout=60, **options):
        """Status and output of a devc command; a command that does not end is ended, with status 124."""
        process = self.start(self.devc_program, *arguments, **options)
        try:
            output, _ = process.communicate(timeout=timeout)
            return process.returncode, output or ""
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGABRT)
            return 124, f"no end within {timeout} s: " + (process.communicate()[0] or "")

    def devc(self, *arguments, **options):
        """Output of a devc command that must succeed."""
        status, output = self.attempt(*arguments, **options)
        if status != 0:
            raise Failure(f"devc {' '.join(map(str, arguments))}: status {status}\n{output.rstrip()}")
        return output

    def inventory(self):
        """Everything that a command could leave behind, a thing each."""
        things = collections.Counter()
        with open("/proc/self/mountinfo") as file:
            # What others have mounted before this world was made goes when they end.
            things.update("mount " + line.split()[4] for line in file if not line.split()[4].startswith("/run/netns/"))
        things.update("link " + name for _, name in socket.if_nameindex())
        rules = subprocess.run(["nft", "list", "tables"], stdout=subprocess.PIPE, text=True, check=True).stdout
        things.update("firewall " + line for line in rules.splitlines())
        things.update(self._processes())
        self.remember()
        things.update("cgroup " + name for name in self._cgroups())
        things.update(self._files(self.state))
        things.update(self._files(self.run))
        things.update(self._rows())
        return things

    def _processes(self):
        for entry in os.listdir("/proc"):
            if not entry.isdigit() or int(entry) in (1, os.getpid()):
                continue
            try:
                command = pathlib.Path("/proc", entry, "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                parent = int(pathlib.Path("/proc", entry, "stat").read_text().rsplit(")", 1)[1].split()[1])
            except OSError:
                continue
            if command and parent != os.getpid():
                yield "process " + command

    def thaw(self):
        """A frozen process would keep this world from ending."""
        self.remember()
        for group in self._cgroups():
            if os.path.exists(group + "/freezer.state"):
                pathlib.Path(group, "freezer.state").write_text("THAWED")

    def remember(self):
        """Notes what containers and build steps there are or were: their control groups are this world's."""
        for folder in ("state/containers", "run/containers", "state/build/steps"):
            if (self.folder / folder).is_dir():
                self.ids.update(os.listdir(self.folder / folder))
        if (self.run / "events").exists():
            self.ids.update(re.findall(r"[0-9a-f]{64}", (self.run / "events").read_text()))

    def _cgroups(self):
        for hierarchy in [CGROUPS, *CGROUPS.glob("*/")]:
            if (hierarchy / "devc").is_dir():
                yield from (str(hierarchy / "devc" / group) for group in self.ids & set(os.listdir(hierarchy / "devc")))

    @staticmethod
    def _files(top):
        for folder, folders, files in os.walk(top):
            folders[:] = [name for name in folders if name not in LASTING_FOLDERS]
            for name in folders + files:
                if not name.startswith(LASTING):
                    yield "file " + os.path.relpath(os.path.join(folder, name), top.parent)

    def _rows(self):
        database = sqlite3.connect(f"file:{self.state}/devc.db?mode=ro", uri=True, timeout=10)
        try:
            for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                if table not in CACHES:
                    yield f"{database.execute(f'SELECT count(*) FROM {table}').fetchone()[0]} rows in {table}"
        finally:
            database.close()

    def stable(self):
        """The inventory, once it has stayed the same for a while."""
        before, since = self.inventory(), time.monotonic()
        while time.monotonic() - since < 0.3:
            time.sleep(0.05)
            after = self.inventory()
            if after != before:
                before, since = after, time.monotonic()
        return before

    def settled(self, before, seconds=10):
        """What differs from `before`, once it no longer changes: the kernel takes a moment to clear away what has ended."""
        end = time.monotonic() + seconds
        while True:
            after = self.inventory()
            difference = [f"- {thing}" for thing in before - after] + [f"+ {thing}" for thing in after - before]
            if not difference or time.monotonic() > end:
                return difference
            time.sleep(0.02)
