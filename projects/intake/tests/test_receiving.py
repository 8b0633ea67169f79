"""Files that are sent in: kept out of reach, asked to be read, each on its own and once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db.models.functions import Now

from projects.intake import limits, receiving
from projects.intake.models import Upload
from projects.intake.receiving import Pasted, Refused
from projects.jobs import kinds, working
from projects.jobs.models import Job

State = Upload.State


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def send(town, *files, zone=None, **told):
    """Files as (name, content), sent by the coordinator of the east."""
    sent = [ContentFile(content, name=name) for name, content in files]
    return receiving.receive(
        sent, zone=zone or town.east, purpose=Upload.Purpose.REPORT, told=told, by=told.pop("by", town.chen)
    )


def kept(settings) -> list[Path]:
    return [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def claimed(upload) -> Job:
    return working.claim(upload.job_id)


def reads(upload, data):
    receiving.done(upload, "读到项目1个", format="txt")
    return "读到项目1个"


def refuses(upload, data):
    raise Refused("scan", "“a.txt”是扫描件。")


def test_what_cannot_be_kept_is_told_and_the_others_go_on(town, settings):
    big = ContentFile(b"x", name="big.pdf")
    big.size = limits.FILE + 1
    small = [ContentFile(b"%d" % number, name=f"{number}.txt") for number in range(receiving.MOST)]
    received = receiving.receive(
        [small[0], ContentFile(b"", name="empty.txt"), big, *small[1:]], zone=town.east, purpose="report", by=town.chen
    )
    assert [refused.code for _, refused in received.refused] == ["empty", "too_large", "too_many", "too_many"]
    assert all(name in refused.sentence for name, refused in received.refused)
    assert len(received.new) == len(kept(settings)) == receiving.MOST - 2
    assert len({upload.bundle for upload in received.new}) == 1


def test_a_file_is_kept_under_a_name_that_nobody_guesses_and_its_reading_is_asked_for(town, settings):
    (upload,) = send(town, ("../../etc/简报\n“一”.docx", b"abc"), zone=town.east, published="2023-01-30").new
    (path,) = kept(settings)
    assert (upload.name, path.read_bytes()) == ("简报“一”.docx", b"abc")
    assert path.parent == Path(settings.MEDIA_ROOT) / "intake"
    assert "docx" not in path.name
    assert (upload.told, upload.state) == ({"published": "2023-01-30"}, State.WAITING)
    assert (upload.job.kind, upload.job.parameters, upload.job.asked_by) == (
        "read_report",
        {"upload": upload.pk},
        town.chen,
    )


def test_the_same_file_in_a_zone_or_below_it_is_the_first_one(town, settings):
    (first,) = send(town, ("a.txt", b"abc"), zone=town.east_park).new
    again = send(town, ("b.txt", b"abc"), ("c.txt", b"abc"))
    assert (again.new, again.known) == ([], [first, first])
    assert len(kept(settings)) == 1
    elsewhere = send(town, ("a.txt", b"abc"), zone=town.west)
    assert len(elsewhere.new) == 1


def test_pasted_text_is_a_file_by_its_title_or_its_first_words(town, settings):
    for pasted in (Pasted("第一行\n第二行", "高新区简报"), Pasted("\n  开工仪式举行\n内容")):
        receiving.receive(pasted, zone=town.east, purpose="report", by=town.chen)
    assert sorted(Upload.objects.values_list("name", flat=True)) == ["开工仪式举行.txt", "高新区简报.txt"]


def test_a_file_that_was_refused_is_read_again_when_it_is_sent_or_asked_for_again(town, settings):
    (upload,) = send(town, ("a.txt", b"abc")).new
    assert receiving.read(claimed(upload), refuses) == "“a.txt”是扫描件。"
    for path in kept(settings):
        path.unlink()
    with pytest.raises(ValidationError, match="重新上传"):
        receiving.read_again(upload, zone=town.east, by=town.chen)
    assert send(town, ("a.txt", b"abc"), zone=town.east).known == [upload]
    upload.refresh_from_db()
    assert (upload.state, upload.outcome, len(kept(settings))) == (State.WAITING, "", 1)
    receiving.read(claimed(upload), refuses)
    receiving.read_again(upload, zone=town.east_park, by=town.chen)
    upload.refresh_from_db()
    assert (upload.state, upload.told["zone"]) == (State.WAITING, town.east_park.code)
    with pytest.raises(ValidationError, match="正在读取"):
        receiving.read_again(upload, by=town.chen)
    assert receiving.read(claimed(upload), reads) == "读到项目1个"
    with pytest.raises(ValidationError, match="已经读取"):
        receiving.read_again(upload, by=town.chen)


def test_reading_begun_again_after_a_cut_off_ends_once(town):
    (upload,) = send(town, ("a.txt", b"abc")).new
    job = claimed(upload)

    def cut_off(upload, data):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        receiving.read(job, cut_off)
    upload.refresh_from_db()
    assert upload.state == State.READING
    assert receiving.read(job, reads) == receiving.read(job, refuses) == "读到项目1个"

    with pytest.raises(receiving.AlreadyRead):  # what a slower worker wrote is rolled back
        receiving.done(upload, "读到项目2个")


def test_a_file_whose_workers_were_killed_is_told_and_not_waited_for(town):
    (upload,) = send(town, ("a.txt", b"abc")).new
    claimed(upload)
    ended = {"state": Job.State.FAILED, "finished_at": Now(), "leased_until": None, "outcome": "中断"}
    Job.objects.filter(pk=upload.job_id).update(**ended)
    receiving.settle_lost(Upload.objects.all())
    upload.refresh_from_db()
    assert upload.state == State.REFUSED
    assert f"任务编号 {upload.job_id}" in upload.outcome


def test_only_the_office_of_the_zone_sees_what_was_sent_and_has_it_as_a_download(town, client):
    (upload,) = send(town, ("简报.html", b"<script>alert(1)</script>")).new
    address = f"/admin/projects_intake/upload/{upload.pk}/file/"
    for who in ("zhang", "gao", "viewer", "wang", "chief", "system"):
        assert town.sign_in(client, who).get(address).status_code == 404, who
        assert client.get("/admin/projects_intake/upload/").status_code in (200, 403)
        assert "简报" not in client.get("/admin/projects_intake/upload/").content.decode()
    town.sign_in(client, "chen")
    assert "简报.html" in client.get("/admin/projects_intake/upload/?state=waiting&purpose=report").content.decode()
    assert client.get(f"/admin/projects_intake/upload/{upload.pk}/change/").status_code == 200
    answer = client.get(address)
    assert b"".join(answer.streaming_content) == b"<script>alert(1)</script>"
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert answer["Content-Security-Policy"] == "sandbox"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "private, no-store" in answer["Cache-Control"]


# ---- Clearing --------------------------------------------------------------------------------------
def test_what_could_not_be_read_is_removed_after_ninety_days_with_its_file_and_nothing_else_is(
    town, settings, django_capture_on_commit_callbacks
):
    names = ("old.txt", "young.txt", "read.txt")
    old, young, done = (send(town, (name, name.encode())).new[0] for name in names)
    for upload, reader in ((old, refuses), (young, refuses), (done, reads)):
        receiving.read(claimed(upload), reader)
    Upload.objects.exclude(pk=young.pk).update(read_at=Now() - timedelta(days=90, minutes=1))
    Upload.objects.filter(pk=young.pk).update(read_at=Now() - timedelta(days=89))
    kind = kinds.find("clear_uploads")
    with django_capture_on_commit_callbacks(execute=True):
        assert kind.run(Job(), lambda: False) == "清理超过 90 天未能读取的文件 1 个"
    assert sorted(Upload.objects.values_list("name", flat=True)) == ["read.txt", "young.txt"]
    assert len(kept(settings)) == 2
    assert kind.run(Job(), lambda: False) == "没有要清理的文件"
    assert any(entry.kind == kind.name for entry in settings.JOBS_TIMETABLE)
