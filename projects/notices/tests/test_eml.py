"""Mail into files."""

import email
import email.policy

import pytest
from django.core import mail
from django.core.mail import EmailMessage, EmailMultiAlternatives

from projects.notices.channels.eml import EmlFileBackend
from projects.notices.channels.mail import letter
from projects.notices.composing import compose
from projects.notices.delivering import Tally, deliver
from projects.notices.models import Delivery


def message(message_id="<1@example.com>", **values):
    given = {"subject": "主题", "body": "正文", "to": ["a@example.com"], **values}
    return EmailMessage(headers={"Message-ID": message_id}, **given)


def names(folder):
    return sorted(file.name for file in folder.iterdir())


def test_a_delivery_becomes_a_file_named_after_it(town, tell, folder):
    tell("zhang", sentence="东部传感器产业园项目落后。")
    compose()
    assert deliver() == Tally(sent=1)
    delivery = Delivery.objects.get()
    assert names(folder) == [f"{delivery.message_id.strip('<>')}.eml"]
    with next(folder.iterdir()).open("rb") as file:
        read = email.message_from_binary_file(file, policy=email.policy.default)
    assert all(read[header] for header in ("To", "From", "Subject", "Message-ID", "Date"))
    assert all("http://" in read.get_body((kind,)).get_content() for kind in ("plain", "html"))


def test_the_same_delivery_again_is_the_same_file(town, tell, folder):
    tell("zhang")
    compose()
    delivery = Delivery.objects.get()
    contents = []
    for _ in range(2):
        assert EmlFileBackend().send_messages([letter(delivery)]) == 1
        (file,) = folder.iterdir()
        contents.append(file.read_bytes())
    assert contents[0] == contents[1]


@pytest.mark.parametrize(
    "message_id", ["<../../etc/passwd>", "<.hidden@x>", "<一二三@x>", "<a/b@x>", "<" + "a" * 400 + "@x>"]
)
def test_no_message_id_leads_out_of_the_folder(folder, message_id):
    assert EmlFileBackend().send_messages([message(message_id)]) == 1
    (name,) = names(folder)
    assert name.endswith(".eml")
    assert not name.startswith(".")
    assert len(name) < 200


def test_ids_that_differ_only_in_unsafe_characters_have_different_files(folder):
    assert EmlFileBackend().send_messages([message("<a/b@x>"), message("<a:b@x>"), message("<a_b@x>")]) == 3
    assert len(names(folder)) == 3


def test_any_mail_of_the_product_can_be_filed(folder):
    wide = EmailMultiAlternatives(
        "主题　全角" * 40, "正文" * 2000, "甲 <甲@例子.中国>", ["乙 <b@example.com>"], cc=["c@x"]
    )
    wide.attach_alternative("<p>正文</p>", "text/html")
    assert wide.send() == 1
    assert len(names(folder)) == 1


def test_a_mail_to_nobody_is_not_written(folder):
    assert EmlFileBackend().send_messages([message(to=[])]) == 0
    assert EmlFileBackend().send_messages([]) == 0


def test_a_header_with_a_line_break_is_refused_and_leaves_no_file(folder):
    with pytest.raises(ValueError, match="newlines"):
        mail.get_connection().send_messages([message(subject="a\nBcc: x@example.com")])
    assert mail.get_connection(fail_silently=True).send_messages([message(subject="a\nb")]) == 0
    assert names(folder) == []


def test_a_folder_that_cannot_be_made_is_an_error_or_silence_as_asked(tmp_path):
    (tmp_path / "file").write_text("in the way")
    place = str(tmp_path / "file" / "mail")
    with pytest.raises(OSError, match="file"):
        EmlFileBackend(file_path=place).send_messages([message()])
    assert EmlFileBackend(file_path=place, fail_silently=True).send_messages([message()]) == 0


def test_a_folder_that_cannot_be_made_is_tried_again_later(town, tell, settings, tmp_path, folder):
    tell("zhang")
    compose()
    (tmp_path / "file").write_text("in the way")
    settings.EMAIL_FILE_PATH = str(tmp_path / "file" / "mail")
    assert deliver() == Tally(retried=1)
    assert Delivery.objects.get().last_error.startswith("邮件服务连接不上")
