"""Firefox without a window, by its own protocol, Marionette (firefox-source-docs.mozilla.org/testing/marionette)."""

import json
import socket
import subprocess
import time
from contextlib import contextmanager

PREFERENCES = {"marionette.port": 0, "network.proxy.type": 1, "network.proxy.http": "127.0.0.1",
               "network.proxy.http_port": 9, "network.proxy.ssl": "127.0.0.1", "network.proxy.ssl_port": 9,
               "datareporting.policy.dataSubmissionEnabled": False, "app.update.enabled": False}  # no network
PATIENCE = 60  # seconds for a start on a busy machine


class Firefox:
    """A session: commands go out as length:[0, id, name, parameters] and come back as length:[1, id, error, result]."""

    def __init__(self, port):
        self.line, self.number = socket.create_connection(("127.0.0.1", port), PATIENCE), 0
        self._read()  # its greeting
        self.ask("WebDriver:NewSession", {"pageLoadStrategy": "normal"})

    def _read(self):
        size = b""
        while not size.endswith(b":"):
            size += self.line.recv(1)
        left, parts = int(size[:-1]), []
        while left:
            parts.append(self.line.recv(left))
            left -= len(parts[-1])
        return json.loads(b"".join(parts))

    def ask(self, name, parameters):
        """The result of a command; raises what Firefox reports."""
        self.number += 1
        message = json.dumps([0, self.number, name, parameters]).encode()
        self.line.sendall(str(len(message)).encode() + b":" + message)
        _, _, error, result = self._read()
        if error:
            raise RuntimeError(f"{error['error']}: {error['message']}")
        return result

    def open(self, path):
        """A page of a folder."""
        self.ask("WebDriver:Navigate", {"url": path.as_uri()})

    def run(self, script, *arguments):
        """What a script in the page returns."""
        return self.ask("WebDriver:ExecuteScript", {"script": script, "args": list(arguments)})["value"]

    def type(self, name, text):
        """Keys into the field of this name, as a user's keyboard sends them."""
        found = self.ask("WebDriver:FindElement", {"using": "css selector", "value": f"[name={name}]"})["value"]
        element = {"id": next(iter(found.values()))}
        self.ask("WebDriver:ElementClear", element)
        self.ask("WebDriver:ElementSendKeys", element | {"text": text})


@contextmanager
def started(binary, profile):
    """A session of Firefox with a fresh profile in this folder; it ends with the block."""
    profile.mkdir()
    (profile / "user.js").write_text("".join(f"user_pref({json.dumps(key)}, {json.dumps(value)});\n"
                                             for key, value in PREFERENCES.items()))
    process = subprocess.Popen([binary, "--headless", "--no-remote", "--marionette", "--profile", profile],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        port, end = profile / "MarionetteActivePort", time.monotonic() + PATIENCE
        while not (port.exists() and port.read_text().strip()):
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError("Firefox does not start")
            time.sleep(0.1)
        session = Firefox(int(port.read_text()))
        yield session
        session.line.close()
    finally:
        process.terminate()
        process.wait(PATIENCE)
