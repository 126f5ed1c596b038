"""What is killed: a command, the state it starts from, the command that comes after, and what must be true then."""
import hashlib
import io
import json
import os
import subprocess
import tarfile
import time

from world import Failure

COMPOSE = """
services:
  a:
    image: busybox
    command: sleep 1000
    stop_signal: SIGKILL
    scale: 2
    environment: [ROUND]
    volumes: ["data:/data", /anonymous]
    secrets: [s]
  b:
    image: busybox
    command: sleep 1000
    stop_signal: SIGKILL
    depends_on: [a]
    ports: ["80", "127.0.0.1::81/udp"]
    environment: [ROUND]
    networks: {default: , back: {aliases: [other]}}
volumes: {data: }
networks: {back: {internal: true}}
secrets: {s: {file: ./s}}
"""


def must(condition, text):
    if not condition:
        raise Failure(text)


class Scenario:
    """`command` is killed, `recovery` follows and must succeed. `programs` are those to kill, more often named more often."""
    command, recovery = (), ()
    programs = ("devc",)

    def prepare(self, world):
        """Makes what the command works on."""

    def verify(self, world):
        """After the recovery. Throws Failure."""

    def clean(self, world):
        """Back to where prepare() began."""


class Project(Scenario):
    """A compose project of three containers, two networks, a volume and a secret."""
    programs = ("devc", "devc", "devc-monitor")
    up_first = True
    round, scale = "0", 2
    files = "secretkept kept "

    def prepare(self, world):
        (world.project / "compose.yaml").write_text(COMPOSE)
        (world.project / "s").write_text("secret")
        world.environment["ROUND"] = "0"
        if self.up_first:
            world.devc("up", "-d")
            world.devc("exec", "-T", "a", "sh", "-c", "echo kept >/data/named; echo kept >/anonymous/file")
        world.environment["ROUND"] = self.round

    def verify(self, world):
        expected = [f"crash-a-{n + 1} running" for n in range(self.scale)] + ["crash-b-1 running"]
        seen = world.devc("container", "ls", "-a", "--format", "{{.Names}} {{.State}}").splitlines()
        must(sorted(seen) == expected, f"containers are {sorted(seen)}, not {expected}")
        for service in "ab":
            seen = world.devc("exec", "-T", service, "sh", "-c", "echo $ROUND").strip()
            must(seen == self.round, f"{service} runs with ROUND={seen}, not {self.round}")
        seen = world.devc("exec", "-T", "a", "sh", "-c", "cat /run/secrets/s && cat /data/named /anonymous/file 2>/dev/null | tr '\\n' ' '")
        must(seen == self.files, f"files in a are {seen!r}")
        world.devc("exec", "-T", "b", "ping", "-c", "1", "-W", "2", "a")
        world.devc("exec", "-T", "a", "ping", "-c", "1", "-W", "2", "b")

    def clean(self, world):
        world.devc("down", "-v", "-t", "0", "--remove-orphans")
        world.devc("volume", "prune", "-f")  # anonymous ones outlive a removal that does not ask for them, as with Docker Compose


class Up(Project):
    command = recovery = ("up", "-d")
    up_first = False
    files = "secret"

    def verify(self, world):
        super().verify(world)
        must(world.devc("up", "-d", "--dry-run", "--progress", "plain").count("Creat") == 0, "a second up would make something")


class PreStart(Up):
    files = Project.files

    def prepare(self, world):
        super().prepare(world)
        hook = 'pre_start: [{command: "sh -c \'echo kept | tee /data/named >/anonymous/file\'"}, {command: "true", per_replica: true}]'
        (world.project / "compose.yaml").write_text(COMPOSE.replace("  a:\n", f"  a:\n    {hook}\n"))


class Recreate(Project):
    command = recovery = ("up", "-d")
    round = "1"


class ScaleUp(Project):
    command = recovery = ("scale", "a=4")
    scale = 4


class ScaleDown(Project):
    command = recovery = ("scale", "a=1")
    scale = 1


class Restart(Project):
    command, recovery = ("restart", "-t", "0"), ("up", "-d")


class StopThenUp(Project):
    command, recovery = ("stop", "-t", "0"), ("up", "-d")


class Down(Project):
    command = recovery = ("down", "-v", "-t", "0")

    def verify(self, world):
        for noun in ("container", "volume", "network"):
            seen = world.devc(noun, "ls", *(("-a",) if noun == "container" else ()), "--format", "{{json .}}")
            must("crash" not in seen, f"left after down: {seen}")


class DownThenUp(Project):
    command, recovery = ("down", "-t", "0"), ("up", "-d")

    def verify(self, world):
        # Named volumes outlive `down` without -v; anonymous ones belong to the containers.
        must(world.devc("exec", "-T", "a", "cat", "/data/named") == "kept\n", "the named volume lost its file")


class RemoveThenUp(Project):
    command, recovery = ("rm", "-f", "-s"), ("up", "-d")

    def verify(self, world):
        must(world.devc("exec", "-T", "a", "cat", "/data/named") == "kept\n", "the named volume lost its file")


class OneOff(Project):
    command, recovery = ("run", "--rm", "-T", "a", "true"), ("up", "-d", "--remove-orphans")

    def verify(self, world):
        seen = world.devc("ps", "--format", "{{.Name}} {{.State}}").splitlines()
        must(sorted(line for line in seen if "run" not in line.split()[0]) == ["crash-a-1 running", "crash-a-2 running", "crash-b-1 running"],
             f"containers are {seen}")


class ContainerRun(Scenario):
    command = ("container", "run", "-d", "--name", "one", "-p", "82", "-v", "/anonymous", "-v", "named:/named", "busybox", "sleep", "1000")
    programs = ("devc", "devc-monitor")

    def recover(self, world):
        world.attempt("container", "rm", "-f", "-v", "one")
        world.devc(*self.command)

    def verify(self, world):
        world.devc("container", "exec", "one", "true")

    def clean(self, world):
        world.devc("container", "rm", "-f", "-v", "one")
        world.devc("volume", "rm", "named")
        world.devc("volume", "prune", "-f")


class ContainerRemove(ContainerRun):
    command = recovery = ("container", "rm", "-f", "-v", "one")

    def prepare(self, world):
        world.devc(*ContainerRun.command)

    def recover(self, world):
        world.attempt(*self.command)
        world.devc("container", "prune", "-f")

    def verify(self, world):
        seen = world.devc("container", "ls", "-aq")
        must(seen == "", f"containers are left: {seen}")

    def clean(self, world):
        world.devc("volume", "rm", "named")


class VolumeRemove(Scenario):
    command = ("volume", "rm", "old", "older")

    def prepare(self, world):
        for name in ("old", "older"):
            world.devc("container", "run", "--rm", "-v", f"{name}:/v", "busybox", "touch", "/v/file")

    def recover(self, world):
        world.devc("volume", "rm", "-f", "old", "older")

    def verify(self, world):
        seen = world.devc("container", "run", "--rm", "-v", "old:/v", "busybox", "ls", "/v")
        must(seen == "", f"a new volume has files of the old one: {seen}")

    def clean(self, world):
        world.devc("volume", "rm", "-f", "old", "older")


class NetworkRemove(Scenario):
    command = ("network", "rm", "net1", "net2")

    def prepare(self, world):
        for name in ("net1", "net2"):
            world.devc("network", "create", name)

    def recover(self, world):
        world.attempt("network", "rm", "net1", "net2")

    def verify(self, world):
        seen = world.devc("network", "ls", "--format", "{{.Name}}").split()
        must(sorted(seen) == ["bridge", "host", "none"], f"networks are {seen}")


class Connect(Scenario):
    command = ("network", "connect", "net1", "one")
    programs = ("devc", "devc-monitor")

    def prepare(self, world):
        world.devc("network", "create", "net1")
        world.devc("container", "run", "-d", "--name", "one", "busybox", "sleep", "1000")

    def recover(self, world):
        world.attempt("network", "disconnect", "net1", "one")
        world.devc(*self.command)

    def verify(self, world):
        links = world.devc("container", "exec", "one", "ip", "-o", "link").splitlines()
        must(len([line for line in links if "eth" in line]) == 2, f"interfaces are {links}")

    def clean(self, world):
        world.devc("container", "rm", "-f", "one")
        world.devc("network", "rm", "net1")


class Prune(Project):
    command = recovery = ("system", "prune", "-f", "--volumes")
    programs = ("devc",)

    def prepare(self, world):
        super().prepare(world)
        world.devc("container", "run", "--name", "ended", "-v", "/anonymous", "busybox", "true")
        world.devc("network", "create", "unused")
        world.devc("stop", "-t", "0", "b")

    def verify(self, world):
        seen = sorted(world.devc("container", "ls", "-a", "--format", "{{.Names}}").split())
        must(seen == ["crash-a-1", "crash-a-2"], f"containers are {seen}")
        must("unused" not in world.devc("network", "ls", "--format", "{{.Name}}"), "the unused network is still there")
        must(world.devc("exec", "-T", "a", "cat", "/anonymous/file") == "kept\n", "a volume in use lost its file")


class Build(Scenario):
    command = recovery = ("image", "build", "-q", "-t", "built", "ctx")
    programs = ("devc", "devc", "devc-transfer", "devc-monitor")
    dockerfile = ("FROM busybox AS base\nCOPY d /d\nRUN mkdir /made && echo one >/made/one && date +%s%N >/made/time\n"
                  "FROM busybox\nRUN --mount=type=cache,target=/c touch /c/x; echo two >/two\n"
                  "COPY --from=base /made/one /one\nCOPY --from=base /d /d\nCMD cat /one /two /d/file\n")

    def prepare(self, world):
        (world.project / "ctx/d").mkdir(parents=True, exist_ok=True)
        (world.project / "ctx/d/file").write_text("three\n")
        (world.project / "ctx/Dockerfile").write_text(self.dockerfile)

    def verify(self, world):
        seen = world.devc("container", "run", "--rm", "built")
        must(seen == "one\ntwo\nthree\n", f"the image prints {seen!r}")
        again = world.devc(*self.command)
        must(again == world.devc(*self.command), "a third build makes another image")

    def clean(self, world):
        world.devc("image", "rm", "-f", "built")
        world.devc("builder", "prune", "-a", "-f")
        world.devc("image", "prune", "-f")


class Images(Scenario):
    """An image of two layers in a registry and in an archive."""
    programs = ("devc", "devc-transfer", "devc-transfer")

    def prepare(self, world):
        if not (world.folder / "archive").exists():
            self.make(world)

    @staticmethod
    def make(world):
        layers, blobs = [], {}
        kind = "application/vnd.oci.image."

        def put(data, name):
            digest = hashlib.sha256(data).hexdigest()
            blobs["blobs/sha256/" + digest] = data
            return {"mediaType": kind + name, "digest": "sha256:" + digest, "size": len(data)}

        for number in range(2):
            tar = io.BytesIO()
            with tarfile.open(fileobj=tar, mode="w") as out:
                for name in range(20):
                    entry = tarfile.TarInfo(f"layer{number}/file{name}")
                    data = os.urandom(5000)
                    entry.size = len(data)
                    out.addfile(entry, io.BytesIO(data))
            layers.append(tar.getvalue())
        rootfs = {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(layer).hexdigest() for layer in layers]}
        config = {"architecture": "amd64", "os": "linux", "config": {}, "rootfs": rootfs}
        manifest = {"schemaVersion": 2, "mediaType": kind + "manifest.v1+json", "config": put(json.dumps(config).encode(), "config.v1+json"),
                    "layers": [put(layer, "layer.v1.tar") for layer in layers]}
        index = {"schemaVersion": 2, "manifests": [{**put(json.dumps(manifest).encode(), "manifest.v1+json"), "annotations": {
            "org.opencontainers.image.ref.name": "latest", "io.containerd.image.name": "localhost:5000/app:latest"}}]}
        blobs["oci-layout"], blobs["index.json"] = b'{"imageLayoutVersion":"1.0.0"}', json.dumps(index).encode()
        with tarfile.open(world.folder / "archive", "w") as out:
            for name, data in blobs.items():
                entry = tarfile.TarInfo(name)
                entry.size = len(data)
                out.addfile(entry, io.BytesIO(data))

    def verify(self, world):
        must("localhost:5000/app:latest" in world.devc("image", "ls", "--format", "{{.Repository}}:{{.Tag}}"), "the image is not there")
        config = json.loads(world.devc("image", "inspect", "localhost:5000/app"))[0]
        must(len(config["RootFS"]["Layers"]) == 2, "the image has not two layers")

    def clean(self, world):
        world.devc("image", "rm", "-f", "localhost:5000/app")
        world.devc("image", "prune", "-f")


class Load(Images):
    command = recovery = ("image", "load", "-i", "../archive")


class Pull(Images):
    command = recovery = ("image", "pull", "-q", "localhost:5000/app")

    def prepare(self, world):
        super().prepare(world)
        if (world.folder / "registry.yml").exists():
            return
        (world.folder / "registry.yml").write_text(
            f"version: 0.1\nlog: {{level: error, accesslog: {{disabled: true}}}}\nstorage: {{filesystem: {{rootdirectory: {world.folder}/store}}}}\n"
            "http: {addr: '127.0.0.1:5000'}\n")
        world.serve("docker-registry", "serve", world.folder / "registry.yml")
        world.devc("image", "load", "-q", "-i", "../archive")
        end = time.monotonic() + 20
        while world.attempt("image", "push", "-q", "localhost:5000/app")[0] != 0:
            must(time.monotonic() < end, "the registry takes no image")
            time.sleep(0.1)
        world.devc("image", "rm", "-f", "localhost:5000/app")


class ImageRemove(Images):
    command = ("image", "rm", "-f", "localhost:5000/app")
    programs = ("devc",)

    def prepare(self, world):
        super().prepare(world)
        world.devc("image", "load", "-q", "-i", "../archive")

    def recover(self, world):
        world.attempt(*self.command)
        world.devc("image", "prune", "-f")

    def verify(self, world):
        must("app" not in world.devc("image", "ls", "--format", "{{.Repository}}"), "the image is still there")

    def clean(self, world):
        pass


class Commit(Scenario):
    command = recovery = ("container", "commit", "one", "committed")
    programs = ("devc", "devc-transfer")

    def prepare(self, world):
        world.devc("container", "run", "-d", "--name", "one", "busybox", "sleep", "1000")
        world.devc("container", "exec", "one", "sh", "-c", "echo made >/made")

    def verify(self, world):
        must(world.devc("container", "run", "--rm", "committed", "cat", "/made") == "made\n", "the image lacks the container's file")
        world.devc("container", "exec", "one", "true")

    def clean(self, world):
        world.devc("container", "rm", "-f", "one")
        world.devc("image", "rm", "-f", "committed")
        world.devc("image", "prune", "-f")


ALL = [Up, PreStart, Recreate, ScaleUp, ScaleDown, Restart, StopThenUp, Down, DownThenUp, RemoveThenUp, OneOff, ContainerRun, ContainerRemove,
       VolumeRemove, NetworkRemove, Connect, Prune, Build, Load, Pull, ImageRemove, Commit]
