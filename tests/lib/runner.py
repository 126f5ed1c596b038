"""Runs the groups of tests against build/release/bin/devc and adds up what they say.

With --watched it is build/asan/bin/devc, and a group in which a sanitizer finds something has failed.

A group is a command that ends with the line `N passed, N failed`, a doctest program, or a folder of shell scripts
that each pass with status 0. All share one state directory of their own, removed at the end.
"""
import contextlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time

import watched

TOP = pathlib.Path(__file__).resolve().parents[2]
WATCHED = "--watched" in sys.argv[1:]
BIN = TOP / "build" / ("asan" if WATCHED else "release") / "bin"
TESTS = TOP / "tests"
SCRIPT_SECONDS = 600
# A monitor that is not static is no init of another runtime's container.
NOT_WATCHED = ("other-runtimes-run-containers",)
BUSYBOX_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Tally:
    def __init__(self):
        self.passed = self.failed = 0
        self.lock = threading.Lock()
        self.watch = watched.Watch(BIN.parent) if WATCHED else None

    def add(self, name, passed, failed, seconds):
        with self.lock:
            if self.watch and (found := self.watch.found()):
                print(found[-20000:], flush=True)
                passed, failed = max(0, passed - 1), max(1, failed)
            self.passed += passed
            self.failed += failed
            print(f"  {name}: {passed} passed, {failed} failed, {seconds:.1f} s", flush=True)


def run_counted(tally, name, command, pattern, env, figures=False):
    started = time.time()
    done = subprocess.run(command, cwd=TOP, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace")
    found = re.findall(pattern, done.stdout)
    passed, failed = (int(n) for n in found[-1]) if found else (0, 0)
    if done.returncode != 0 and failed == 0:
        failed = 1  # it crashed, or could not say what failed
    if failed or figures:
        print(done.stdout[-8000:], flush=True)
    tally.add(name, passed, failed, time.time() - started)


def unit(tally, env):
    for program in sorted(BIN.glob("test_*")):
        run_counted(tally, program.name, [str(program), "--no-colors"],
                    r"test cases:\s*\d+ \|\s*(\d+) passed \|\s*(\d+) failed", env)


def suite(tally, name, command, env, figures=False):
    """`figures`: what it says is of interest even if all passed."""
    run_counted(tally, name, [str(c) for c in command], r"(?m)^(\d+) passed, (\d+) failed", env, figures)


def scripts(tally, folder, env):
    for script in sorted(folder.glob("*.sh")):
        if script.name == "lib.sh" or script.stem in not_yet(folder) or WATCHED and script.stem in NOT_WATCHED:
            continue
        started = time.time()
        with tempfile.TemporaryDirectory(prefix="devc-test-") as work:
            process = subprocess.Popen(["bash", "-euo", "pipefail", str(script)], cwd=work, env=env,
                                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                       text=True, errors="replace", start_new_session=True)
            try:
                output, _ = process.communicate(timeout=SCRIPT_SECONDS)
                good = process.returncode == 0
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, 9)
                output, _ = process.communicate()
                output += f"\nno end within {SCRIPT_SECONDS} s"
                good = False
        if not good:
            print(output[-6000:], flush=True)
        tally.add(script.stem, int(good), int(not good), time.time() - started)


def not_yet(folder):
    """Names of cases that a later version will pass: run by nobody, listed in one place."""
    listed = folder / "not-yet"
    return set(listed.read_text().split()) if listed.exists() else set()


@contextlib.contextmanager
def chosen(cases, listed):
    """A folder with copies of the cases that `listed` does not leave for later."""
    with tempfile.TemporaryDirectory() as folder:
        for case in cases:
            if case.name.removesuffix(".sh") in not_yet(listed):
                continue
            if case.is_dir():
                shutil.copytree(case, pathlib.Path(folder) / case.name, symlinks=True)
            else:
                shutil.copy(case, folder)
        yield pathlib.Path(folder)


def scenarios_at_once(tally, env, home, folder):
    """In as many parts as processors, and one: they mostly wait. Each part has a state directory of its own."""
    scripts, parts = sorted(folder.glob("*.sh")), (os.cpu_count() or 1) + 1
    running = []
    for part in range(parts):
        (folder / str(part)).mkdir()
        for script in scripts[part::parts]:
            script.rename(folder / str(part) / script.name)
        own = dict(env, DEVC_STATE_DIR=f"{home}/state{part}", DEVC_RUN_DIR=f"{home}/run{part}")
        import_base(own, TOP / "examples/images/busybox", ["-o", f"{home}/busybox.tar"], f"{home}/busybox.tar", BUSYBOX_PATH)
        running.append((own, threading.Thread(target=suite, args=(tally, f"scenarios {part + 1}/{parts}",
                                                                  [TESTS / "e2e/scenarios/run", "-v", "-d", folder / str(part)], own))))
    for _, thread in running:
        thread.start()
    for own, thread in running:
        thread.join()
        clear(own)


def clear(env):
    """Takes away what tests have left in a state directory."""
    left = subprocess.run([env["DEVC"], "container", "ls", "-aq"], env=env, stdout=subprocess.PIPE, text=True).stdout.split()
    if left:
        print(f"containers that a test has left: {len(left)}")
        subprocess.run([env["DEVC"], "container", "rm", "-f", *left], env=env, stdout=subprocess.DEVNULL)
    subprocess.run([env["DEVC"], "system", "prune", "-a", "-f", "--volumes"], env=env,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def import_base(env, recipe, arguments, tar, path):
    """busybox:latest of what the recipe leaves in `tar`, which is returned."""
    subprocess.run([recipe, *arguments], check=True, env=env)
    with open(tar, "rb") as file:
        subprocess.run([env["DEVC"], "image", "import", "-c", 'CMD ["sh"]', "-c", "ENV PATH=" + path, "-", "busybox:latest"],
                       check=True, env=env, stdin=file, stdout=subprocess.DEVNULL)
    return tar


class Groups:
    """A method a group, in the order in which they run."""

    def __init__(self, tally, env, home, for_ci, everything):
        self.tally, self.env, self.home, self.for_ci, self.everything = tally, env, home, for_ci, everything
        # `config` needs no state, and shows what it gets.
        self.bare = {key: value for key, value in env.items() if not key.startswith("DEVC_")}

    def suite(self, name, *command, env=None, figures=False):
        suite(self.tally, name, command, env or self.env, figures)

    def scripts(self, folder):
        self.use_busybox()
        scripts(self.tally, TESTS / folder, self.env)

    def use_busybox(self):
        self.use_base("busybox", TOP / "examples/images/busybox", ["-o"], BUSYBOX_PATH)

    def use_base(self, name, recipe, options, path):
        """The image busybox:latest, from what the recipe leaves in a file, and that file for who makes images of their own."""
        tar = f"{self.home}/{name}.tar"
        if self.env.get("BUSYBOX_TAR") != tar:
            self.env["BUSYBOX_TAR"] = import_base(self.env, recipe, [*options, tar], tar, path)

    def unit(self):
        unit(self.tally, self.env)

    def compose(self):
        devc = self.env["DEVC"]
        for cases in sorted((TESTS / "conformance").glob("compose-*")):
            self.suite(cases.name, TESTS / "conformance/compose-cases/run", devc, cases, env=self.bare)
        self.suite("compose-round-trip", TESTS / "conformance/round-trip", devc, env=self.bare)
        if not WATCHED:  # it measures memory and time
            self.suite("compose-limits", TESTS / "security/compose-limits", devc, env=self.bare)

    def checks(self):
        self.suite("checks", TESTS / "checks/run", *(["--all"] if self.everything else []), figures=True)

    def fuzz(self):
        self.suite("fuzz", TESTS / "fuzz/run", *(["--seed", "1"] if self.for_ci else []))

    def dockerfile(self):
        self.use_base("base", TESTS / "conformance/dockerfile-base", [], "/bin:/usr/bin:/usr/local/bin")
        run = TESTS / "conformance/dockerfile-cases/run"
        for cases in (TESTS / "conformance/dockerfile-cases", TESTS / "conformance/dockerfile-own"):
            with chosen([case for case in cases.iterdir() if case.is_dir()], cases) as folder:
                self.suite(cases.name, run, TESTS / "conformance/build-adapter", folder)

    def hostile(self):
        for name in ("check", "behaviours") if not WATCHED else ("behaviours",):  # the other measures memory
            self.suite("hostile-" + name, TESTS / "conformance/hostile" / name, self.env["DEVC"])

    def scenarios(self):
        self.use_busybox()
        with chosen((TESTS / "e2e/scenarios").glob("*.sh"), TESTS / "e2e/scenarios") as folder:
            scenarios_at_once(self.tally, self.env, self.home, folder)

    def runtime(self):
        self.use_busybox()
        self.suite("oci-runtime", TESTS / "conformance/oci-runtime/run", BIN / "devc-runtime")

    def security(self):
        self.scripts("security")

    def crash(self):
        self.use_busybox()
        size = ["--points", "5000"] if self.everything else ["--points", "300" if self.for_ci else "20", "--seed", "1"]
        self.suite("crash", TESTS / "crash/run", *size)

    def soak(self):
        self.use_busybox()
        size = ["--commands", "20", "--seed", "1"] if self.for_ci else []
        self.suite("soak", TESTS / "soak/run", *size, figures=True)

    def faults(self):
        self.use_busybox()
        self.suite("faults", TESTS / "crash/run", "--faults", "--points", "2000")

    def vm(self):
        self.suite("vm", TESTS / "vm/run", figures=True)

    def ui(self):
        self.scripts("ui")

    def engine(self):
        self.scripts("e2e/engine")

    def examples(self):
        self.scripts("e2e/examples")

    def long(self):
        self.scripts("e2e/long")


PLAIN = ("unit", "compose", "dockerfile", "hostile", "scenarios", "runtime", "security", "crash", "ui", "engine", "examples")
CI = (*PLAIN, "checks", "fuzz", "soak", "long")
ALL = (*CI, "faults", "vm")


def main():
    everything, for_ci = "--all" in sys.argv[1:], "--ci" in sys.argv[1:]
    words = [word for word in sys.argv[1:] if not word.startswith("--")]
    home = tempfile.mkdtemp(prefix="devc-state-")
    env = dict(os.environ, DEVC=str(BIN / "devc"), DEVC_STATE_DIR=home + "/state", DEVC_RUN_DIR=home + "/run",
               PATH=f"{BIN}:{os.environ['PATH']}", TOP=str(TOP), **({"WATCHED": "1"} if WATCHED else {}))
    tally = Tally()
    groups = Groups(tally, env, home, for_ci, everything)
    chosen_groups = [name for name in ALL if any(word in name for word in words)] if words else ALL if everything else CI if for_ci else PLAIN
    try:
        for name in ALL:
            if name in chosen_groups:
                getattr(groups, name)()
    finally:
        clear(env)
        shutil.rmtree(home, ignore_errors=True)
    if tally.watch and (found := tally.watch.found()):
        print(found, flush=True)
        tally.failed += 1
    print(f"{tally.passed} passed, {tally.failed} failed")
    sys.exit(bool(tally.failed))


main()
