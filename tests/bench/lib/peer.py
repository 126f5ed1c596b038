"""What benchmarks that compare with docker share: devc with directories of its own, and a dockerd with its own."""
import os
import pathlib
import subprocess
import sys
import time

TOP = pathlib.Path(__file__).resolve().parents[3]


def busybox(home):
    tar = f"{home}/busybox.tar"
    if not os.path.exists(tar):
        subprocess.run([TOP / "examples/images/busybox", "-o", tar], check=True)
    return tar


def devc_environment(devc, home):
    """An environment in which devc has a state of its own below `home`, with busybox:latest."""
    env = dict(os.environ, DEVC_STATE_DIR=home + "/state", DEVC_RUN_DIR=home + "/run", COMPOSE_PROGRESS="quiet")
    subprocess.run([devc, "image", "import", "-c", 'CMD ["sh"]', busybox(home), "busybox:latest"], env=env, check=True, stdout=subprocess.DEVNULL)
    return env


def finish(devc, env):
    subprocess.run([devc, "system", "prune", "-a", "-f", "--volumes"], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


class Dockerd:
    """A dockerd, in a network namespace of its own unless `command` runs it elsewhere."""

    def __init__(self, home, command=("unshare", "--net", "sh", "-c", 'ip link set lo up; exec "$@"', "sh")):
        socket = f"unix://{home}/docker.sock"
        self.log = open(home + "/dockerd.log", "wb")
        self.process = subprocess.Popen([*command, "dockerd", "--data-root", f"{home}/data", "--exec-root", f"{home}/exec",
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
