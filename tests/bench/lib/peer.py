"""What benchmarks that compare with docker and podman share: devc, dockerd and podman, each with directories of its own."""
import os
import pathlib
import shutil
import subprocess
import sys
import time

TOP = pathlib.Path(__file__).resolve().parents[3]


def busybox(home):
    tar = f"{home}/busybox.tar"
    if not os.path.exists(tar):
        subprocess.run([TOP / "examples/images/busybox", "-o", tar], check=True)
    return tar


def runtime_folder(home):
    """What lasts until reboot is in memory where these programs run, and so it is here: a tmpfs below /run, for `home` alone."""
    folder = f"/run/{os.path.basename(home)}"
    if not os.path.exists(folder):
        os.makedirs(folder)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", folder], check=True)
    return folder


def devc_environment(devc, home):
    """An environment in which devc has a state of its own below `home`, with busybox:latest."""
    env = dict(os.environ, DEVC_STATE_DIR=home + "/state", DEVC_RUN_DIR=runtime_folder(home) + "/devc", COMPOSE_PROGRESS="quiet")
    subprocess.run([devc, "image", "import", "-c", 'CMD ["sh"]', busybox(home), "busybox:latest"], env=env, check=True, stdout=subprocess.DEVNULL)
    return env


def finish(devc, env):
    subprocess.run([devc, "system", "prune", "-a", "-f", "--volumes"], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    folder = pathlib.Path(env["DEVC_RUN_DIR"]).parent
    subprocess.run(["umount", "-l", folder], check=True)
    folder.rmdir()


def own_memory(program, home):
    """Of the processes called `program` that belong to what is below `home`: their PSS in kB, and how many they are."""
    total = count = 0
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if (process / "comm").read_text().strip().startswith(program[:15]) and os.path.basename(home) in (process / "cmdline").read_text():
                total += int((process / "smaps_rollup").read_text().split("\nPss:")[1].split()[0])
                count += 1
        except OSError:  # it ended meanwhile
            continue
    return total, count


class Unusable(Exception):
    """A peer that is not installed, or does not work on this machine."""


class Dockerd:
    """A dockerd, in a network namespace of its own unless `command` runs it elsewhere."""

    def __init__(self, home, command=("unshare", "--net", "sh", "-c", 'ip link set lo up; exec "$@"', "sh")):
        socket = f"unix://{home}/docker.sock"
        self.log = open(home + "/dockerd.log", "wb")
        self.process = subprocess.Popen([*command, "dockerd", "--data-root", f"{home}/data", "--exec-root", f"{runtime_folder(home)}/docker",
                                         "--pidfile", f"{home}/pid", "--host", socket], stdout=self.log, stderr=self.log)
        self.env = dict(os.environ, DOCKER_HOST=socket)
        for _ in range(300):
            if subprocess.run(["docker", "version"], env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0:
                break
            time.sleep(0.1)
        else:
            sys.exit(f"dockerd does not start: see {home}/dockerd.log")
        subprocess.run(["docker", "import", "-c", 'CMD ["sh"]', busybox(home), "busybox:latest"], env=self.env, check=True, stdout=subprocess.DEVNULL)

    def end(self):
        self.process.terminate()
        self.process.wait()


class Podman:
    """Podman with a network namespace, storage and networks of its own."""

    def __init__(self, home):
        for program in ("podman", "podman-compose"):
            if not shutil.which(program):
                raise Unusable(f"{program} is not installed")
        folder = pathlib.Path(home) / "podman"
        folder.mkdir()
        # Limits as they are: podman's own would be refused where this process may not raise its limits.
        (folder / "containers.conf").write_text(f"""
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
[network]
network_config_dir = "{folder}/networks"
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
tmp_dir = "{runtime_folder(home)}/libpod"
""")
        (folder / "storage.conf").write_text(f'[storage]\ndriver = "overlay"\ngraphroot = "{folder}/root"\nrunroot = "{runtime_folder(home)}/podman"\n')
        self.env = dict(os.environ, CONTAINERS_CONF=f"{folder}/containers.conf", CONTAINERS_STORAGE_CONF=f"{folder}/storage.conf")
        self.place = subprocess.Popen(["unshare", "--net", "sh", "-c", "ip link set lo up; echo; exec sleep 1000000"], stdout=subprocess.PIPE)
        self.place.stdout.readline()
        try:
            self.try_once(home)
        except Unusable:
            self.end()
            raise

    def command(self, *words):
        return ["nsenter", f"--net=/proc/{self.place.pid}/ns/net", *words]

    def try_once(self, home):
        for words in (["import", "-c", 'CMD ["sh"]', busybox(home), "busybox:latest"], ["run", "--rm", "busybox", "true"]):
            done = subprocess.run(self.command("podman", *words), env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            if done.returncode != 0:
                raise Unusable(f"podman {words[0]} fails: {done.stderr.strip()[-300:]}")

    def end(self):
        for words in (["rm", "-a", "-f", "-t", "0"], ["network", "prune", "-f"]):
            subprocess.run(self.command("podman", *words), env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        subprocess.run(["umount", "-q", f"{pathlib.Path(self.env['CONTAINERS_CONF']).parent}/root/overlay"], stderr=subprocess.DEVNULL)
        self.place.kill()
        self.place.wait()
