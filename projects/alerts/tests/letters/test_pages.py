"""The screens of letters: who sees and does what, that nothing typed is lost, and that counts equal their lists."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from projects.alerts.admin import todo
from projects.alerts.letters import issuing, replying
from projects.alerts.models import Alert, Letter

from .conftest import SLIP, draft, sent

pytestmark = pytest.mark.django_db
LIST = "/admin/projects_alerts/letter/"
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def page(letter: Letter, act: str = "change") -> str:
    return f"{LIST}{letter.pk}/{act}/"


def test_a_letter_begins_on_the_alert_or_its_list_and_the_draft_opens(
    town: Any, head: Any, red: Alert, client: Client
) -> None:
    town.sign_in(client, "chen")
    begin = f"{LIST}draft/?alert={red.pk}"
    assert begin in client.get(f"/admin/projects_alerts/alert/{red.pk}/change/").content.decode()
    chosen = {"action": "write_letter", "_selected_action": [red.pk]}
    assert client.post("/admin/projects_alerts/alert/", chosen).headers["location"] == begin
    assert red.sentence in client.get(begin).content.decode()
    told = {"alerts": [red.pk], "kind": "reminder", "department": town.east_office.pk, "head": head.pk}
    made = client.post(begin, told)
    letter = Letter.objects.get()
    assert made.headers["location"] == page(letter)
    assert "关于甲项目预警事项的提醒函" in client.get(page(letter)).content.decode()
    assert "关于甲项目" in client.get(f"/admin/projects_alerts/alert/{red.pk}/change/").content.decode()


def test_where_no_letter_can_be_written_the_page_says_why(town: Any, red: Alert, client: Client) -> None:
    town.sign_in(client, "chen")
    answer = client.get(f"{LIST}draft/?alert={red.pk}", follow=True)
    assert "还没有发文设置" in answer.content.decode()
    assert "请先在预警清单里勾选" in client.get(f"{LIST}draft/", follow=True).content.decode()
    town.sign_in(client, "zhang")
    assert client.get(f"{LIST}draft/?alert={red.pk}").status_code == 403
    town.sign_in(client, "wang")
    assert {client.get(f"{LIST}draft/?alert={pk}").status_code for pk in (red.pk, 987654, "x")} == {404}


def test_a_draft_is_mended_at_its_fields_and_what_was_typed_stays(
    town: Any, head: Any, red: Alert, client: Client
) -> None:
    letter = draft(red, town)
    town.sign_in(client, "chen")
    shown = client.get(page(letter)).context["adminform"].form
    typed = {name: shown[name].value() or "" for name in shown.fields}
    typed["reply_by"] = "2023-07-13"
    wrong = client.post(page(letter), {**typed, "demands": "", "reply_by": "2023-07-01", "title": "改过的标题"})
    said = wrong.content.decode()
    assert wrong.status_code == 200
    assert "改过的标题" in said
    late = client.post(page(letter), {**typed, "reply_by": "2023-07-01"}).content.decode()
    assert "反馈时限应在今天之后一年以内" in late
    saved = client.post(page(letter), {**typed, "demands": "<script>一律</script>"})
    assert saved.headers["location"] == page(letter), saved.content.decode()
    shown = client.get(page(letter)).content.decode()
    assert "&lt;script&gt;一律" in shown
    assert "<script>一律" not in shown


def test_drafts_are_for_the_office_and_issued_letters_for_all_who_read_the_zone(
    town: Any, head: Any, red: Alert, client: Client
) -> None:
    letter = draft(red, town)
    seen = {}
    for who in ("chen", "gao", "zhang", "viewer", "li", "wang"):
        town.sign_in(client, who)
        seen[who] = client.get(page(letter)).status_code
    assert seen == {"chen": 200, "gao": 200, "zhang": 404, "viewer": 404, "li": 404, "wang": 404}
    issuing.issue(letter, by=town.gao)
    for who, status in (("zhang", 200), ("viewer", 200), ("wang", 404)):
        town.sign_in(client, who)
        assert client.get(page(letter)).status_code == status
        assert client.get(page(letter, "word")).status_code == status
    acts = {"viewer": 403, "gao": 403, "zhang": 200, "chen": 200, "li": 404}
    for who, status in acts.items():
        town.sign_in(client, who)
        assert client.get(page(letter, "reply")).status_code == status, who
    town.sign_in(client, "chen")
    assert client.get(page(letter, "withdraw")).status_code == 403


def test_the_unit_replies_with_a_file_the_office_sends_back_and_the_slip_is_there_to_be_mended(
    town: Any, head: Any, red: Alert, client: Client
) -> None:
    letter = sent(red, town)
    town.sign_in(client, "zhang")
    assert client.post(page(letter, "receive"), {"version": letter.version}).status_code == 302
    letter.refresh_from_db()
    told = {**SLIP, "expected_on": "2023-08-31", "version": letter.version}
    kept = client.post(page(letter, "reply"), {**told, "cause": "", "measures": "留着"}).content.decode()
    assert "必填" in kept
    assert "留着" in kept
    answer = client.post(page(letter, "reply"), {**told, "files": SimpleUploadedFile("批复.pdf", PDF)})
    assert answer.status_code == 302, answer.content.decode()
    file = f"{LIST}attachments/{letter.replies.get().files.get().pk}/"
    assert client.get(file)["Content-Disposition"].startswith("attachment")
    assert town.sign_in(client, "li").get(file).status_code == 404
    replying.send_back(letter, by=town.chen, reason="没有写明节点")
    town.sign_in(client, "zhang")
    again = client.get(page(letter, "reply")).content.decode()
    assert "上次反馈被退回：没有写明节点" in again
    assert SLIP["cause"] in again


def test_every_count_is_the_number_of_its_list_and_each_has_his_work(
    town: Any, head: Any, red: Alert, client: Client, settings: Any
) -> None:
    sent(red, town)
    draft(red, town, "reminder")
    issuing.submit(Letter.objects.get(kind="reminder"), by=town.chen)
    settings.TRACKER_TODAY = settings.TRACKER_TODAY.replace(day=17)
    for who in ("chen", "gao", "zhang"):
        town.sign_in(client, who)
        counts = client.get(LIST).context["letter_counts"]
        assert counts, who
        for label, number, url in counts:
            assert client.get(url).context["cl"].result_count == number, (who, label)
    home = town.sign_in(client, "gao").get("/admin/").context["home"]
    assert [(each.value, each.url) for each in home.urgent if each.label == "函件逾期未反馈"] == [
        (1, f"{LIST}?state=overdue")
    ]
    works = {who: {work.title: work.count for work in todo.of(getattr(town, who))} for who in ("gao", "zhang")}
    assert works["gao"]["待签发的函件"] == 1
    assert works["zhang"]["待签收的函件"] == 1
    Letter.objects.filter(kind="supervision").update(state="done", done_on=settings.TRACKER_TODAY)
    Letter.objects.filter(kind="reminder").update(state="dropped")
    offered = next(work for work in todo.of(town.chen) if work.title == "逾期未答复、可发函的预警")
    assert [item.url for item in offered.items] == [f"{LIST}draft/?alert={red.pk}"]


def test_the_addressee_replies_by_the_api_and_a_reader_does_not(
    town: Any, head: Any, red: Alert, client: Client
) -> None:
    letter = sent(red, town)
    where, told = f"/api/v1/letters/{letter.pk}/", {**SLIP, "expected_on": "2023-08-31"}

    def ask(who: str, verb: str, body: dict[str, Any]) -> Any:
        seen = town.sign_in(client, who).get(where).headers.get("ETag", '"1"')
        return client.post(f"{where}{verb}/", body, "application/json", headers={"If-Match": seen})

    assert [ask(who, "acknowledge", {}).status_code for who in ("viewer", "gao", "li", "zhang")] == [403, 403, 404, 200]
    assert ask("zhang", "reply", {**told, "plan": " "}).json()["errors"][0]["field"] == "plan"
    answer = ask("zhang", "reply", told).json()
    assert (answer["state"], answer["replies"][0]["by"], answer["received_by"]) == ("replied", "zhang", "zhang")
    assert client.get("/api/v1/letter-replies/", {"letter": letter.pk}).json()["count"] == 1
