"""What sanitizers found in programs of the preset asan: tests/checks/watched.cpp writes it, this reads it."""
import pathlib
import re
import struct
import subprocess

ROOM = 4 << 20
FRAME = re.compile(r"^(\s*#\d+) 0x[0-9a-f]+ +\((\S+)\+(0x[0-9a-f]+)\).*$", re.M)


class Watch:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.file = self.folder / "reports"
        for said in self.folder.glob("said.*"):
            said.unlink()
        with open(self.file, "wb") as file:
            file.truncate(ROOM)
        self.read = 0

    def found(self):
        """What was found since the last call: text, empty if nothing."""
        with open(self.file, "rb") as file:
            length = struct.unpack("<Q", file.read(8))[0]
            file.seek(8 + self.read)
            text = file.read(max(0, min(length, ROOM - 8) - self.read)).decode(errors="replace")
        self.read = length
        for said in self.folder.glob("said.*"):
            # A fault is in both: the file adds the leaks.
            if "LeakSanitizer" in (more := said.read_text(errors="replace")):
                text += f"\n{more}"
            said.unlink()
        text = re.sub(r"Shadow bytes around.*?(?=\n== process|\Z)", "", text, flags=re.S)
        return FRAME.sub(self.placed, text)

    @staticmethod
    def placed(frame):
        """A frame of a stack with its function and line."""
        number, module, offset = frame.groups()
        said = subprocess.run(["llvm-symbolizer-14", f"--obj={module}", "--no-inlines", "--demangle", offset], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True).stdout.split("\n")
        return f"{number} {said[0]} {said[1]}" if len(said) > 1 and said[0] != "??" else frame.group(0)
