"""A real SMTP server on a loopback socket: keeps what it takes, can misbehave, may ask for TLS and a name."""

import asyncio
import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from ipaddress import ip_address
from pathlib import Path
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "clinic", "a-password-for-tests"


@dataclass
class Letters:
    """The server's handler. `answers`: what to answer at MAIL, RCPT, DATA (before the content) or END (after it), by
    recipient or for everybody; `drops`: at which of these to cut the connection instead, and how often; `hangs`: a
    domain for whose recipients there is no answer.
    """

    taken: list[Envelope] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    drops: dict[str, int] = field(default_factory=dict)
    connections: int = 0
    delay: float = 0.0
    hangs: str = ""

    def parsed(self) -> list[EmailMessage]:
        return [cast(EmailMessage, message_from_bytes(_content(each), policy=SMTP_POLICY)) for each in self.taken]

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.connections += 1
        return responses

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self._answer(server, "MAIL", "250 OK")

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.hangs and address.endswith(f"@{self.hangs}"):
            await asyncio.sleep(60)
        answer = self._answer(server, "RCPT", "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = self._answer(server, "END", "250 OK")
        if answer.startswith("250"):
            self.taken.append(envelope)
        if self.delay:
            await asyncio.sleep(self.delay)
        self._cut(server, "TAKEN")
        return answer

    def _answer(self, server: SMTP, place: str, usual: str) -> str:
        self._cut(server, place)
        return self.answers.get(place, usual)

    def _cut(self, server: SMTP, place: str) -> None:
        if self.drops.get(place, 0) > 0:
            self.drops[place] -= 1
            cast(asyncio.Transport, server.transport).abort()


class _Controller(Controller):
    """Takes the port the system gives it."""

    def _trigger_server(self) -> None:
        self.port = cast(asyncio.Server, self.server).sockets[0].getsockname()[1]
        super()._trigger_server()


class MailServer:
    """`with MailServer() as server`: `server.letters` tells and is told."""

    def __init__(self, *, tls: ssl.SSLContext | None = None, at_once: bool = False, sign_in: bool = False) -> None:
        self.letters = Letters()
        options: dict[str, Any] = {"ident": "mail", "server_hostname": "mail.example", "ready_timeout": 10}
        if sign_in:
            options |= {"authenticator": _authenticate, "auth_required": True, "auth_require_tls": tls is not None}
        if tls is not None and at_once:
            options |= {"ssl_context": tls, "auth_require_tls": False}
        elif tls is not None:
            options |= {"tls_context": tls}
        self._controller = _Controller(self.letters, hostname="127.0.0.1", port=0, **options)

    def __enter__(self) -> "MailServer":
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    @property
    def port(self) -> int:
        return int(self._controller.port)


def certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's TLS context for 127.0.0.1 and the file of the authority that vouches for it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "server.pem", folder / "server.key"
    public.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return context, public


def _authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
    known = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=known, handled=False)


def _content(envelope: Envelope) -> bytes:
    content = envelope.content
    return content if isinstance(content, bytes) else str(content).encode()
