"""上传报道: from a file that is sent to a report that waits for review, on the page, in the background, over REST."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from projects.intake import receiving
from projects.intake.models import Upload
from projects.jobs import kinds, working
from projects.jobs.models import Job
from projects.reports import tasks
from projects.reports.models import Mention, Report
from projects.reports.tests.helpers import rounds, stored

PAGE = "/admin/projects_reports/report/upload/"
API = "/api/v1/uploads/"
OF_EAST = "高新区推进项目建设\n" + "总投资12亿元的青禾轴承产业园项目已经动工。郑州高新技术产业开发区抓紧推进。"
NOWHERE = "总投资12亿元的青禾轴承产业园项目已经动工。"
OF_WEST = "郑州经济技术开发区推进项目建设\n总投资9亿元的白河储能电池项目已经动工。"


@pytest.fixture(autouse=True)
def _here(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    settings.TRACKER_TODAY = "2023-07-10"


@pytest.fixture
def chen(town: Any, client: Any) -> Any:
    rounds(town.province)
    return town.sign_in(client, "chen")


def file(text: str | bytes = OF_EAST, name: str = "简报.txt") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text if isinstance(text, bytes) else text.encode())


def post(client: Any, *files: SimpleUploadedFile, **told: str) -> Any:
    return client.post(PAGE, {"files": list(files), **told}, follow=True)


def work() -> list[str]:
    """Do what waits, as a worker would; what came of each job."""
    done = []
    while job := working.claim():
        done.append(kinds.find(job.kind).run(job, lambda: False))
        Job.objects.filter(pk=job.pk).update(state=Job.State.DONE)
    return done


# ---- the page --------------------------------------------------------------------------------------
def test_files_are_read_in_the_background_and_each_line_leads_on(chen, town):
    page = post(chen, file(), file(NOWHERE, "无区域.txt"), file(b"%PDF-1.4 broken", "坏的.pdf"), file("", "空.txt"))
    said = page.content.decode()
    assert "已收到 3 个文件" in said
    assert "“空.txt”里没有文字" in said
    assert said.count("排队中") == 3
    assert "刷新" in said
    work()
    said = chen.get(PAGE).content.decode()
    assert "读到项目1个" in said
    report = Report.objects.get()
    assert (report.zone, report.upload.name, report.upload.source) == (town.east, "简报.txt", report.source)
    assert f"/admin/projects_reports/report/{report.pk}/" in said
    assert "从报道里认不出所属区域，请选择区域后重新读取。" in said
    assert Upload.objects.get(name="坏的.pdf").state == "refused"

    lost = Upload.objects.get(name="无区域.txt")
    said = chen.post(f"{PAGE}{lost.pk}/again/", {"zone": "zzgx-park"}, follow=True).content.decode()
    assert "正在重新读取" in said
    work()
    assert Report.objects.get(file_name="无区域.txt").zone == town.east_park


def test_a_report_of_one_zone_that_is_sent_for_another_says_so(chen, town):
    post(chen, file(OF_WEST), file(OF_EAST, "本区.txt"), zone=town.east.code)
    work()
    other, own = (Upload.objects.get(name=name) for name in ("简报.txt", "本区.txt"))
    assert other.zone == town.east
    assert f"报道写的是“郑州经济技术开发区”，按“{town.east}”登记，请核对" in other.outcome
    assert "按“" not in own.outcome


def test_the_script_is_told_line_by_line_how_far_the_files_are(chen):
    by_script = {"HTTP_X_REQUESTED_WITH": "upload.js"}
    answer = chen.post(PAGE, {"files": [file()], "zone": "zzgx"}, **by_script).json()
    (line,) = answer["lines"].values()
    assert "排队中" in line
    assert chen.get(f"{PAGE}state/").json()["left"] == 1
    work()
    told = chen.get(f"{PAGE}state/").json()
    assert told["left"] == 0
    assert f"/admin/projects_reports/report/{Report.objects.get().pk}/" in next(iter(told["lines"].values()))
    again = chen.post(PAGE, {"files": [file(name="另一个名字.txt")]}, **by_script).json()
    assert again["said"][0].startswith("“简报.txt”以前上传过，没有重复登记：读到项目1个")
    refused = chen.post(PAGE, {}, **by_script)
    assert refused.status_code == 400
    assert "请选择文件" in str(refused.json())


def test_pasted_text_is_a_report_and_a_day_to_come_is_refused_with_the_text_kept(chen):
    typed = {"text": OF_EAST, "title": "七月简报", "published": "2024-01-01"}
    page = chen.post(PAGE, typed)
    said = page.content.decode()
    assert page.status_code == 400
    assert "发表日期不能晚于今天" in said
    assert "青禾轴承产业园项目" in said
    chen.post(PAGE, typed | {"published": "2023-07-08"})
    work()
    report = Report.objects.get()
    assert (report.file_name, str(report.published_last)) == ("七月简报.txt", "2023-07-08")


def test_a_report_is_stored_only_where_its_sender_may_write(chen, town):
    post(chen, file(OF_WEST, "a.txt"), file(OF_WEST + "\n", "b.txt"), zone="zzgx-park")
    assert "没有这个区域" in post(chen, file(), zone="zzjk").content.decode()
    post(chen, file(OF_WEST + "。", "c.txt"))
    work()
    # Said to be of the park it is kept there, however it speaks; said nothing, the neighbour's zone is not known here.
    assert {report.zone for report in Report.objects.all()} == {town.east_park}
    refused = Upload.objects.get(name="c.txt")
    assert refused.outcome == "从报道里认不出所属区域（读到的是“郑州经济技术开发区”），请选择区域后重新读取。"


@pytest.mark.parametrize(("who", "status"), [("zhang", 403), ("viewer", 403), ("gao", 403), ("root", 200)])
def test_who_may_not_write_in_a_zone_finds_no_page_and_no_button(town, client, who, status):
    town.sign_in(client, who)
    assert client.get(PAGE).status_code == client.get(f"{PAGE}state/").status_code == status
    buttons = client.get("/admin/projects_reports/report/").content.decode()
    assert ("上传报道" in buttons) == (status == 200)


def test_reading_that_is_cut_off_before_its_end_leaves_nothing_and_is_done_once(chen, town, monkeypatch):
    post(chen, file(), zone="zzgx")
    job = working.claim()
    done = receiving.done

    def dies(*args: Any, **kwargs: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(receiving, "done", dies)
    with pytest.raises(KeyboardInterrupt):
        tasks.read_upload(job, lambda: False)
    assert (Report.objects.count(), Mention.objects.count()) == (0, 0)
    monkeypatch.setattr(receiving, "done", done)
    first = tasks.read_upload(job, lambda: False)
    assert tasks.read_upload(job, lambda: False) == first == "读到项目1个，待审核"
    assert Report.objects.count() == 1


def test_a_text_that_was_read_before_is_told_so_and_leads_to_that_report(chen, town):
    report = stored(OF_EAST, town.east)
    post(chen, file("\ufeff" + OF_EAST), zone="zzgx")
    assert work() == ["读到项目1个，这篇报道以前读过，没有重复登记"]
    upload = Upload.objects.get()
    assert (upload.source.report, Report.objects.count()) == (report, 1)
    report.refresh_from_db()
    assert report.upload == upload


# ---- over REST -------------------------------------------------------------------------------------
def test_a_report_is_sent_over_rest_and_its_reading_followed(chen, town):
    sent = chen.post(API, {"file": file()})
    assert sent.status_code == 202
    row = sent.json()
    assert (row["state"], row["report"], row["zone"], row["sent_by"]) == ("waiting", None, "zzgx", "chen")
    work()
    row = chen.get(sent.headers["Location"]).json()
    assert (row["state"], row["report"], row["outcome"]) == ("read", Report.objects.get().pk, "读到项目1个，待审核")
    again = chen.post(API, {"file": file(name="b.txt")})
    assert (again.status_code, again.json()) == (200, row)
    town.sign_in(chen, "viewer")
    assert chen.get(API).json()["results"] == []
    assert chen.get(sent.headers["Location"]).status_code == 404
    assert chen.post(API, {"file": file()}).status_code == 403


def test_text_is_sent_as_json_and_what_is_wrong_is_named(chen):
    def send(**body: str) -> Any:
        return chen.post(API, body, "application/json")

    sent = send(text=NOWHERE, title="快讯", zone="zzgx", published="2023-07-01")
    assert (sent.status_code, sent.json()["name"]) == (202, "快讯.txt")
    for body, words in (
        ({"text": ""}, "不能为空"),
        ({"text": NOWHERE, "zone": "zzjk"}, "没有这个区域"),
        ({"text": NOWHERE, "published": "2024-01-01"}, "不能晚于今天"),
        ({"words": NOWHERE}, "没有这一项"),
    ):
        refused = send(**body)
        assert (refused.status_code, words in refused.content.decode()) == (400, True), refused.content.decode()
    empty = chen.post(API, {"file": file(), "zone": ""})
    assert (empty.status_code, empty.json()["detail"]) == (400, "没有内容的项请不要写")
    two = chen.post(API, {"file": [file(), file(name="b.txt")]})
    assert (two.status_code, "一次只能传一个文件" in two.json()["detail"]) == (400, True)
    plain = chen.post(API, b"abc", "text/plain")
    assert (plain.status_code, "multipart/form-data" in plain.json()["detail"]) == (415, True)
    assert Upload.objects.count() == 1


def test_what_became_of_every_file_is_told_over_rest_and_one_that_is_refused_holds_up_no_other(chen):
    blank, bad, good = (
        chen.post(API, {"file": file(data, name)}).headers["Location"]
        for data, name in ((" \n\u3000\n", "空白.txt"), (b"%PDF-1.4 broken", "坏的.pdf"), (OF_EAST, "好的.txt"))
    )
    work()
    told = {name: chen.get(url).json() for name, url in (("blank", blank), ("bad", bad), ("good", good))}
    assert [(row["state"], row["code"]) for row in told.values()] == [
        *(("refused", "empty"), ("refused", "damaged"), ("read", "")),
    ]
    assert told["blank"]["outcome"] == "“空白.txt”里没有文字，请确认内容后重新上传。"
    assert [row["report"] for row in told.values()] == [None, None, Report.objects.get().pk]
    refused = chen.get(API, {"state": "refused", "ordering": "id"}).json()["results"]
    assert [row["name"] for row in refused] == ["空白.txt", "坏的.pdf"]
    assert [row["name"] for row in chen.get(API, {"code": "empty"}).json()["results"]] == ["空白.txt"]


def test_blanks_that_are_sent_as_text_are_refused_at_once(chen):
    refused = chen.post(API, {"text": " \n\u3000", "zone": "zzgx"}, "application/json")
    assert (refused.status_code, [each["field"] for each in refused.json()["errors"]]) == (400, ["text"])
    assert not Upload.objects.exists()


def test_a_file_whose_reading_was_given_up_is_told_to_be_refused_also_over_rest(chen):
    url = chen.post(API, {"file": file()}).headers["Location"]
    Upload.objects.update(state="reading")
    Job.objects.update(state=Job.State.FAILED)
    row = chen.get(url).json()
    assert (row["state"], row["code"]) == ("refused", "not_finished")
    assert "试了几次都没有读完" in row["outcome"]
