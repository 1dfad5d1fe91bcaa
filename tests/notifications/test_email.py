"""The mail server's address, and what a password is never sent over."""

import smtplib

import pytest

from hazard_flow.notifications.channels import ChannelDown, Notice, Recipient
from hazard_flow.notifications.channels.email import Email, SmtpServer, is_address, parse
from hazard_flow.notifications.wording import Wording
from hazard_flow.storage.base import new_id
from tests.notifications.conftest import NOW


def notice(email="wang@gas.example"):
    person = Recipient(person_id=new_id(), name="王调度", locale="zh", active=True, email=email)
    return Notice(id=new_id(), recipient=person, wording=Wording(subject="s", body="b"), created_at=NOW)


def test_an_address_is_read_with_its_options():
    assert parse(
        "smtp://u%40x:p%3A@mail.example:587?from=hf@city.example&tls=always&ca=/ca.pem"
    ) == SmtpServer(
        host="mail.example",
        port=587,
        sender="hf@city.example",
        user="u@x",
        password="p:",
        tls="always",
        ca="/ca.pem",
    )
    assert parse("smtps://mail.example?from=hf@city.example").port == 465
    assert parse("smtp://mail.example?from=hf@city.example").port == 25


@pytest.mark.parametrize(
    "url",
    [
        "smtp://mail.example", "smtp://?from=a@b.example", "smtp://mail.example?from=a", "smtp://mail.example:x?from=a@b.example",
        "smtp://mail.example?from=a@b.example&tls=maybe", "smtp://mail.example?from=a@b.example&tsl=always", "http://mail.example",
    ],
)  # fmt: skip
def test_a_wrong_address_names_the_allowed_form(url):
    with pytest.raises(ValueError, match="smtp://"):
        parse(url)


def test_what_counts_as_an_address():
    assert is_address("li.xun-jian+1@gas.example")
    assert not any(
        map(
            is_address,
            ["", "a", "a@", "@b", "a@b c", "a@b\r\n", "a@b,c@d", "x" * 65 + "@b", "a@" + "b" * 260],
        )
    )


def test_a_password_is_not_sent_in_clear_beyond_this_machine(monkeypatch, mail):
    plain = smtplib.SMTP

    def elsewhere(_host, _port, **named):
        return plain("127.0.0.1", mail.port, **named)

    monkeypatch.setattr(smtplib, "SMTP", elsewhere)
    channel = Email(parse("smtp://user:secret@mail.example?from=hf@city.example"))
    with pytest.raises(ChannelDown, match="not encrypted"):
        list(channel.send([notice()]))
    assert mail.got == []


def test_encryption_that_is_demanded_and_not_offered_sends_nothing(mail):
    channel = Email(parse(f"{mail.url}&tls=always"))
    with pytest.raises(ChannelDown):
        list(channel.send([notice()]))
    assert mail.got == []


def test_a_server_that_is_not_there_is_down_for_everybody():
    channel = Email(parse("smtp://127.0.0.1:1?from=hf@city.example"))
    with pytest.raises(ChannelDown):
        list(channel.send([notice(), notice()]))
    assert list(channel.send([])) == []
