"""A mail server that takes everything and forgets it: light, for it shares the portal's processors.

python -m bench.sink PORT LETTERS prints letters a second once so many different people have had one.
"""

from __future__ import annotations

import asyncio
import sys
import time

END = b"\r\n.\r\n"
ANSWERS = {
    b"EHLO": b"250-sink.example.org\r\n250-PIPELINING\r\n250 8BITMIME\r\n",
    b"HELO": b"250 sink.example.org\r\n",
    b"DATA": b"354 go on\r\n",
    b"QUIT": b"221 bye\r\n",
}


class Counter:
    """Counts until all have had their letter."""

    def __init__(self, letters: int) -> None:
        self.letters = letters
        self.people: set[bytes] = set()
        self.begun = 0.0
        self.rate: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    def take(self, recipient: bytes) -> None:
        """One more."""
        self.begun = self.begun or time.perf_counter()
        self.people.add(recipient)
        if len(self.people) == self.letters and not self.rate.done():
            self.rate.set_result((self.letters - 1) / (time.perf_counter() - self.begun))


class Conversation(asyncio.Protocol):
    """SMTP, as far as a well-behaved client needs it."""

    def __init__(self, counter: Counter) -> None:
        self.counter = counter
        self.received = bytearray()
        self.in_data = False
        self.recipient = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(b"220 sink.example.org\r\n")

    def data_received(self, data: bytes) -> None:
        self.received += data
        while (end := self.received.find(END if self.in_data else b"\r\n")) >= 0:
            if self.in_data:
                del self.received[: end + len(END)]
                self.in_data = False
                self.transport.write(b"250 taken\r\n")
                self.counter.take(self.recipient)
            else:
                line = bytes(self.received[:end])
                del self.received[: end + 2]
                self._answer(line)

    def _answer(self, line: bytes) -> None:
        verb = line[:4].upper()
        if verb == b"RCPT":
            self.recipient = line
        self.in_data = verb == b"DATA"
        self.transport.write(ANSWERS.get(verb, b"250 ok\r\n"))
        if verb == b"QUIT":
            self.transport.close()


async def serve(port: int, letters: int) -> float:
    """Letters a second, from the first to the last."""
    counter = Counter(letters)
    server = await asyncio.get_running_loop().create_server(lambda: Conversation(counter), "127.0.0.1", port)
    rate = await counter.rate
    # Whoever is in the middle of something is not cut off: it would only come again.
    await asyncio.sleep(1)
    server.close()
    return rate


if __name__ == "__main__":
    print(asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2]))), flush=True)
