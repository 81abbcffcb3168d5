"""A real name server on a free port of this machine, which knows what a test has written down."""

from __future__ import annotations

import socketserver
import threading
from typing import TYPE_CHECKING, Self

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

if TYPE_CHECKING:
    from types import TracebackType


class NameServer(socketserver.ThreadingUDPServer):
    """Answers from `records`: by name and kind, what stands there in the words of a zone file."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Question)
        self.records: dict[tuple[str, str], list[str]] = {}
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])

    def text(self, name: str, *texts: str) -> None:
        """At this name there are these TXT records."""
        self.records[name, "TXT"] = [f'"{text}"' for text in texts]


class _Question(socketserver.BaseRequestHandler):
    server: NameServer

    def handle(self) -> None:
        wire, socket = self.request
        query = dns.message.from_wire(wire)
        (question,) = query.question
        name, kind = question.name.to_text(omit_final_dot=True), dns.rdatatype.to_text(question.rdtype)
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        known = self.server.records.get((name, kind))
        if known:
            answer.answer.append(dns.rrset.from_text_list(question.name, 60, "IN", kind, known))
        elif name not in {known_name for known_name, _ in self.server.records}:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        socket.sendto(answer.to_wire(), self.client_address)
