"""A real SMTP server in a thread: keeps what it is given, can refuse addresses, can be stopped and come back on the same port."""

import socket
from email import message_from_bytes, policy

from aiosmtpd.controller import Controller


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Keeper:
    def __init__(self):
        self.messages = []
        #: address → answer to RCPT
        self.refusals = {}
        #: subject part → answer to DATA
        self.data_answers = {}

    async def handle_RCPT(self, _server, _session, envelope, address, _options):
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, _session, envelope):
        message = message_from_bytes(envelope.content, policy=policy.default)
        for part, answer in self.data_answers.items():
            if part in message["Subject"]:
                return answer
        self.messages.append((envelope.rcpt_tos[0], message))
        return "250 OK"


class MailServer:
    def __init__(self):
        self.keeper = Keeper()
        self.port = free_port()
        self._controller = None

    @property
    def url(self):
        return f"smtp://127.0.0.1:{self.port}?from=hazard-flow@city.example"

    @property
    def got(self):
        return self.keeper.messages

    def addresses(self):
        return sorted(to for to, _ in self.got)

    def start(self):
        self._controller = Controller(self.keeper, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def stop(self):
        if self._controller is not None:
            self._controller.stop()
            self._controller = None
