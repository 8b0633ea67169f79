// The agenda: one line for everything that the meeting goes through, of which one at a time lies open.

import { curve } from "./curve.js";
import { clock, h, key, put, reveal, shortDay } from "./dom.js";
import { Field } from "./fields.js";
import { brief, share, yuan } from "./money.js";
import { Sheet } from "./sheets.js";

const FIELDS = ["words", "amount", "total", "percent", "next_step", "help_wanted"];
const COUNT = "一二三四五六七八九十";
const STATES = { saved: "", saving: "保存中", unsaved: "未保存", attention: "待处理" };

export class Agenda {
    constructor({ data, outbox, choices, element }) {
        Object.assign(this, { data, outbox, choices, element });
        this.items = [];
        this.current = null;
        this.open = null;
        this.sheets = new Map(); // item → the small form that is open in it
        this.fields = [];
        this.build();
    }

    // ---- Making the list
    build() {
        const { data } = this;
        const parts = [];
        const section = (title, items, note = "") => {
            if (!items.length) return;
            this.items.push(...items);
            parts.push({ title, note, items });
        };
        section("上次议定事项", data.earlier.length ? [this.item("earlier", "earlier")] : [], `${data.earlier.length} 件`);
        section("总体情况", data.overview.tiles.length ? [this.item("overview", "overview")] : []);
        // A tour goes from stop to stop; only a weekly meeting takes the gravest first.
        const groups = data.meeting.kind === "weekly" ? data.sections : [{ code: null, title: data.meeting.kind === "tour" ? "观摩项目" : "项目" }];
        for (const { code, title } of groups) {
            const rows = data.rows.filter((row) => code === null || row.section === code).map((row) => this.item("row", row.id));
            section(title, rows, `${rows.length} 个`);
        }
        section("议题", data.topics.map((topic) => this.item("topic", `topic-${topic.id}`, topic)), `${data.topics.length} 个`);
        section("本次议定事项", [this.item("decisions", "decisions")]);
        if (data.meeting.runs || Object.values(data.meeting.notes).some(Boolean)) section("会议记录", [this.item("notes", "meeting")]);
        this.parts = parts;
        put(
            this.element,
            parts.map(({ title, note, items }, at) =>
                h("section", { class: "part", "aria-label": title }, h("h2", {}, `${COUNT[at] ?? at + 1}、${title}`, note ? h("small", {}, note) : null), items.map((item) => item.element)),
            ),
        );
        for (const item of this.items) this.head(item);
    }

    item(kind, id, topic = null) {
        const head = h("button", { type: "button", class: "head", id: `head-${id}`, "aria-expanded": "false", "aria-controls": `body-${id}`, onclick: () => this.toggle(item) });
        const body = h("div", { class: "body", id: `body-${id}`, hidden: true });
        const element = h("article", { class: `item item-${kind}`, "data-id": id }, h("h3", {}, head), body);
        const item = { kind, id, topic, head, body, element };
        return item;
    }

    row(item) {
        return this.data.rows.find((row) => row.id === item.id);
    }

    of(id) {
        return this.items.find((item) => item.id === id);
    }

    numbered(place) {
        return this.items.find((item) => item.kind === "row" && this.row(item).place === place);
    }

    // ---- Heads
    head(item) {
        const makes = { row: () => this.rowHead(item), earlier: () => this.earlierHead(), overview: () => this.overviewHead(), topic: () => this.topicHead(item), decisions: () => this.decisionsHead(), notes: () => this.notesHead() };
        put(item.head, makes[item.kind]());
        const state = this.outbox.of(item.id);
        item.element.dataset.saved = state;
        item.element.classList.toggle("current", item === this.current);
    }

    rowHead(item) {
        const row = this.row(item);
        item.element.style.setProperty("--light", row.light.colour);
        const decided = this.data.decisions.filter((each) => each.project === row.project).length;
        const words = this.outbox.text(row.id, "words");
        const line = words || row.alerts[0]?.sentence || row.why[0] || row.promised?.next_step || "";
        const state = this.outbox.of(row.id);
        return [
            h("span", { class: "number" }, String(row.place)),
            h("span", { class: "light" }, h("i", { "aria-hidden": "true", style: { color: row.light.colour } }, row.light.shape), row.light.label),
            h(
                "span",
                { class: "name" },
                h("b", {}, row.name),
                row.still ? h("em", { class: "mark warn" }, "停缓建") : null,
                row.demo ? h("em", { class: "mark" }, "演示") : null,
                h("small", { class: words ? "told" : "" }, line),
            ),
            this.progress(row),
            h(
                "span",
                { class: "marks" },
                decided ? h("em", { class: "mark decided" }, `议定 ${decided}`) : null,
                this.outbox.text(row.id, "help_wanted") ? h("em", { class: "mark warn" }, "需协调") : null,
                state !== "saved" ? h("em", { class: `mark state-${state}` }, STATES[state]) : row.touched || row.filed ? h("em", { class: "mark filed" }, "已填") : h("em", { class: "mark quiet" }, "未填"),
            ),
        ];
    }

    progress(row) {
        const { plan, due, last } = row.money;
        const typed = yuan(this.outbox.text(row.id, "amount"));
        const done = typed ?? last?.amount ?? null;
        const reached = share(done, plan);
        if (reached === null) return h("span", { class: "progress none" }, done === null ? "未报完成投资" : brief(done));
        const behind = due !== null && done < due;
        return h(
            "span",
            { class: behind ? "progress behind" : "progress" },
            h("span", { class: "track", "aria-hidden": "true" }, h("i", { style: { width: `${Math.min(reached, 100)}%` } }), h("u", { style: { left: `${Math.min(share(due, plan) ?? 0, 100)}%` } })),
            h("small", {}, `${brief(done)}，计划 ${reached.toFixed(0)}%`),
        );
    }

    earlierHead() {
        const rows = this.data.earlier;
        const late = rows.filter((row) => row.late).length;
        const done = rows.filter((row) => row.done).length;
        return [
            h("span", { class: "name wide" }, h("b", {}, `共 ${rows.length} 件：已办结 ${done}，办理中 ${rows.length - done - late}`, late ? h("span", { class: "late" }, `，逾期 ${late}`) : ""), h("small", {}, rows.filter((row) => row.late).map((row) => row.matter).join("；"))),
        ];
    }

    overviewHead() {
        const { tiles, changes } = this.data.overview;
        const main = tiles.slice(0, 3).map((tile) => `${tile.label} ${tile.value}`).join(" · ");
        return [h("span", { class: "name wide" }, h("b", {}, main), h("small", {}, changes.join("；") || (this.data.overview.since ? `较上次会议（${shortDay(this.data.overview.since)}）没有变化` : "")))];
    }

    topicHead(item) {
        const decided = this.data.decisions.filter((each) => each.topic === item.topic.id).length;
        return [
            h("span", { class: "number" }, "议"),
            h("span", { class: "name wide" }, h("b", {}, item.topic.title), h("small", {}, [item.topic.who, item.topic.project].filter(Boolean).join(" · "))),
            h("span", { class: "marks" }, decided ? h("em", { class: "mark decided" }, `议定 ${decided}`) : null),
        ];
    }

    decisionsHead() {
        const rows = this.data.decisions;
        const waiting = this.outbox.commands.filter((each) => each.do === "decide").length;
        return [
            h("span", { class: "name wide" }, h("b", {}, rows.length ? `已记录 ${rows.length} 件` : "还没有记录"), h("small", {}, rows.slice(-3).map((row) => `${row.number}. ${row.matter}`).join("　"))),
            h("span", { class: "marks" }, waiting ? h("em", { class: "mark state-unsaved" }, `未保存 ${waiting}`) : null),
        ];
    }

    notesHead() {
        const notes = this.data.notes;
        const filled = Object.keys(notes).filter((name) => this.outbox.text("meeting", name));
        return [h("span", { class: "name wide" }, h("b", {}, filled.length ? filled.map((name) => notes[name]).join("、") : "出席、请假、领导讲话要点"), h("small", {}, this.outbox.text("meeting", "remarks")))];
    }

    // ---- Moving and opening
    select(item, { move = true } = {}) {
        if (!item) return;
        const before = this.current;
        this.current = item;
        if (before) before.element.classList.remove("current");
        item.element.classList.add("current");
        if (move) {
            item.head.focus({ preventScroll: true });
            reveal(item.element);
        }
    }

    step(by) {
        const at = this.items.indexOf(this.current);
        this.select(this.items[Math.max(0, Math.min(this.items.length - 1, at + by))]);
    }

    toggle(item) {
        if (this.open === item) this.shut();
        else this.unfold(item);
    }

    shut() {
        const item = this.open;
        if (!item) return;
        this.outbox.leave(item.id);
        this.open = null;
        this.fields = [];
        this.sheets.clear();
        item.body.hidden = true;
        put(item.body);
        item.head.setAttribute("aria-expanded", "false");
        item.element.classList.remove("open");
        this.head(item);
        this.select(item);
    }

    unfold(item, focus = true) {
        if (this.open && this.open !== item) this.shut();
        this.select(item, { move: false });
        if (this.open === item) return;
        this.open = item;
        item.element.classList.add("open");
        item.head.setAttribute("aria-expanded", "true");
        item.body.hidden = false;
        const makes = { row: () => this.rowBody(item), earlier: () => this.earlierBody(), overview: () => this.overviewBody(), topic: () => this.topicBody(item), decisions: () => this.decisionsBody(item), notes: () => this.notesBody() };
        put(item.body, makes[item.kind]());
        for (const field of this.fields) field.show();
        this.refresh(item);
        // Always at the same height: the room looks at one place.
        reveal(item.element, "start");
        const first = item.body.querySelector("textarea:not([readonly]), input:not([readonly])");
        if (focus && first) {
            first.focus({ preventScroll: true });
            first.setSelectionRange?.(first.value.length, first.value.length);
        } else item.head.focus({ preventScroll: true });
    }

    // Opens the next row, with the caret in the same field.
    onward(by) {
        const rows = this.items.filter((item) => item.kind === "row");
        const at = rows.indexOf(this.open ?? this.current);
        const next = rows[at + by] ?? (at < 0 ? rows[0] : null);
        if (!next) return;
        const name = document.activeElement?.name;
        this.unfold(next);
        const same = name && next.body.querySelector(`[name="${name}"]`);
        if (same && !same.readOnly) same.focus({ preventScroll: true });
    }

    // ---- Bodies
    rowBody(item) {
        const row = this.row(item);
        const readOnly = !row.writable;
        this.fields = FIELDS.map((name) => new Field({ outbox: this.outbox, row: row.id, name, label: this.data.labels[name], readOnly, money: () => this.row(item).money }));
        const of = Object.fromEntries(this.fields.map((field) => [field.name, field.element]));
        item.context = h("div", { class: "context" });
        item.picture = h("div", { class: "picture" });
        item.made = h("div", { class: "made" });
        item.sheet = h("div", { class: "sheet-place" });
        const buttons = readOnly
            ? [h("p", { class: "quiet-line" }, this.data.meeting.going ? "这个项目由其他人填报，您可以查看" : "会议已结束，内容不能再改")]
            : [
                  this.data.meeting.runs ? this.button("议定事项", "D", () => this.sheet(item, { do: "decide" })) : null,
                  this.button("问题", "P", () => this.sheet(item, { do: "problem" })),
                  this.button("节点完成", "M", () => this.sheet(item, { do: "step" })),
                  h("span", { class: "touched" }),
              ];
        return h(
            "div",
            { class: "row-body" },
            item.context,
            h("div", { class: "entries" }, of.words, h("div", { class: "figures" }, of.amount, of.total, of.percent), of.next_step, of.help_wanted, h("div", { class: "buttons" }, buttons), item.sheet, item.made),
            item.picture,
        );
    }

    button(words, letter, act) {
        return h("button", { type: "button", onclick: act }, words, key(letter));
    }

    // What stands in an open item beside its fields, drawn anew.
    refresh(item) {
        if (this.open !== item) return;
        if (item.kind === "row") {
            const row = this.row(item);
            put(item.context, this.context(row));
            const typed = yuan(this.outbox.text(row.id, "amount"));
            put(item.picture, this.picture(row, typed));
            put(item.made, this.made(item, (each) => each.project === row.project, (command) => command.update === row.id));
            const touched = item.body.querySelector(".touched");
            if (touched) touched.textContent = row.touched ? `${row.touched.by} ${clock(row.touched.at)} 保存` : row.filed ? `${row.filed.by} 已填报` : "";
        } else if (item.kind === "topic") {
            put(item.made, this.made(item, (each) => each.topic === item.topic.id, (command) => command.topic === item.topic.id));
        } else if (item.kind === "decisions") {
            put(item.made, this.made(item, () => true, (command) => ["decide", "revise", "drop"].includes(command.do)));
        }
    }

    context(row) {
        const parts = [];
        const part = (title, ...children) => parts.push(h("section", {}, h("h4", {}, title), children));
        if (row.promised?.next_step) part(`上次（${shortDay(row.promised.held_on)}）说本周要做`, h("p", { class: "promised" }, row.promised.next_step));
        if (row.decided.length) part("未办结的议定事项", h("ul", {}, row.decided.map((each) => h("li", { class: each.late ? "late" : "" }, each.matter, h("small", {}, [each.who, each.deadline, each.left, each.state].filter(Boolean).join(" · "))))));
        if (row.alerts.length) part("预警", h("ul", {}, row.alerts.map((each) => h("li", {}, h("i", { "aria-hidden": "true", style: { color: each.colour } }, `${each.shape} `), h("b", {}, each.label), " ", each.sentence))));
        if (row.why.length) part("列入原因", h("ul", {}, row.why.map((line) => h("li", {}, line))));
        if (row.problems.length) part("未解决的问题", h("ul", {}, row.problems.map((each) => h("li", { class: each.late ? "late" : "" }, each.title, h("small", {}, [each.category, each.who, each.deadline, each.left].filter(Boolean).join(" · "))))));
        const near = row.steps.open.filter((step) => step.deadline).slice(0, 3);
        if (near.length) part("接下来的节点", h("ul", {}, near.map((step) => h("li", { class: step.deadline < this.data.today ? "late" : "" }, `${step.name} ${step.deadline}`))));
        if (!parts.length) part("情况", h("p", { class: "quiet-line" }, "没有预警、问题和未办结的事项"));
        parts.push(h("p", { class: "quiet-line" }, [row.zone, row.phase, row.people.join("、")].filter(Boolean).join(" · "), " ", h("a", { href: row.url, target: "_blank", rel: "noopener" }, "项目页面")));
        return parts;
    }

    picture(row, typed) {
        const drawn = curve(row.money, this.data.meeting.held_on, typed);
        const photo = row.photo;
        return [
            drawn ? h("figure", {}, drawn) : h("p", { class: "quiet-line" }, "没有年度计划和完成数，画不出曲线"),
            photo ? h("figure", {}, h("a", { href: photo.full, target: "_blank", rel: "noopener" }, h("img", { src: photo.small, alt: `${row.name}的现场照片`, loading: "lazy" }))) : null,
        ];
    }

    // Decisions as they stand, and what was given and is not there yet.
    made(item, ours, sent) {
        const runs = this.data.meeting.runs && this.data.meeting.going;
        const kept = this.data.decisions.filter(ours).map((each) =>
            h(
                "div",
                { class: "card" },
                h("p", {}, h("b", {}, `议定事项 ${each.number}`), " ", each.matter),
                h("small", {}, [item.kind === "decisions" ? each.of : "", each.lead ? `牵头：${each.lead.name}` : "", each.helpers.length ? `配合：${each.helpers.map((unit) => unit.name).join("、")}` : "", each.person ? `责任人：${each.person.name}` : "", each.deadline ? `时限：${each.deadline}${each.left ? `（${each.left}）` : ""}` : "未定时限"].filter(Boolean).join(" · ")),
                runs
                    ? h(
                          "span",
                          { class: "buttons" },
                          h("button", { type: "button", class: "small", "aria-label": `修改第 ${each.number} 条`, onclick: () => this.revise(item, each) }, "修改"),
                          h("button", { type: "button", class: "small", "aria-label": `删除第 ${each.number} 条`, onclick: () => this.drop(item, each) }, "删除"),
                      )
                    : null,
            ),
        );
        const waiting = this.outbox.commands.filter(sent).map((command) => this.waiting(item, command));
        return [...waiting, ...kept];
    }

    waiting(item, command) {
        const told = command.told ?? {};
        const what = told.matter ?? told.title ?? (command.do === "step" ? "节点完成" : command.do === "drop" ? "删除议定事项" : "");
        const again = () => {
            const taken = this.outbox.takeBack(command.key);
            const { key: _, told: __, typed, refused, ...about } = taken;
            this.sheet(item, about, { told: typed, errors: refused?.errors });
        };
        return h(
            "div",
            { class: command.refused ? "card refused" : "card waiting", role: command.refused ? "alert" : null },
            h("p", {}, what),
            h("small", {}, command.refused ? `没有保存：${command.refused.said}` : this.outbox.link === "up" ? "保存中" : "未保存，连上后自动保存"),
            command.refused
                ? h(
                      "span",
                      { class: "buttons" },
                      command.typed ? h("button", { type: "button", class: "small", onclick: again }, "修改后再保存") : null,
                      h("button", { type: "button", class: "small", onclick: () => this.outbox.takeBack(command.key) }, "放弃"),
                  )
                : null,
        );
    }

    revise(item, decision) {
        const typed = { matter: decision.matter, lead: decision.lead ? [decision.lead] : [], helpers: decision.helpers, person: decision.person ? [decision.person] : [], deadline: decision.deadline ?? "" };
        this.sheet(item, { do: "revise", decision: decision.id, version: decision.version }, { told: typed });
    }

    drop(item, decision) {
        this.outbox.command({ do: "drop", decision: decision.id });
        item.head.focus({ preventScroll: true });
    }

    sheet(item, about, { told = null, errors = {} } = {}) {
        if (item.kind === "row" && !this.row(item).writable && about.do !== "revise") return;
        this.unfold(item, false);
        const row = item.kind === "row" ? this.row(item) : null;
        const full = { ...about, ...(row && about.do !== "revise" ? { update: row.id } : {}), ...(item.topic && about.do === "decide" ? { topic: item.topic.id } : {}) };
        const back = document.activeElement;
        const sheet = new Sheet({
            about: full,
            choices: this.choices,
            categories: this.data.categories,
            steps: row?.steps.open ?? [],
            outbox: this.outbox,
            told,
            errors,
            given: (command) => this.outbox.command(item.topic && command.do === "decide" ? { ...command, told: { ...command.told, topic: item.topic.id } } : command),
            closed: () => {
                put(item.sheet);
                this.sheets.delete(item);
                if (back?.isConnected && back !== document.body) back.focus({ preventScroll: true });
                else item.head.focus({ preventScroll: true });
            },
        });
        this.sheets.set(item, sheet);
        put(item.sheet, sheet.element);
        sheet.focus();
        reveal(sheet.element);
    }

    earlierBody() {
        const rows = this.data.earlier.map((row) =>
            h("tr", { class: row.late ? "late" : row.done ? "finished" : "" }, h("td", {}, h("a", { href: row.url, target: "_blank", rel: "noopener" }, row.matter), h("small", {}, [row.of, row.meeting].filter(Boolean).join(" · "))), h("td", {}, row.who || "未落实"), h("td", {}, row.deadline ?? "未定"), h("td", {}, row.left || row.state, row.left ? h("small", {}, row.state) : h("small", {}, row.result))),
        );
        return h("table", {}, h("thead", {}, h("tr", {}, ["议定事项", "责任单位 / 责任人", "时限", "办理情况"].map((name) => h("th", { scope: "col" }, name)))), h("tbody", {}, rows));
    }

    overviewBody() {
        const { tiles, changes, since } = this.data.overview;
        return [
            h("div", { class: "tiles" }, tiles.map((tile) => h("div", { class: tile.late ? "tile late" : "tile" }, h("span", {}, tile.label), h("b", {}, tile.value), h("small", {}, tile.below)))),
            changes.length ? h("section", {}, h("h4", {}, `较上次会议（${shortDay(since)}）`), h("ul", {}, changes.map((line) => h("li", {}, line)))) : null,
        ];
    }

    topicBody(item) {
        item.made = h("div", { class: "made" });
        item.sheet = h("div", { class: "sheet-place" });
        const { text, tried, files } = item.topic;
        return [
            h("div", { class: "reading" }, text ? h("section", {}, h("h4", {}, "情况和建议"), h("p", {}, text)) : null, tried ? h("section", {}, h("h4", {}, "前期协调情况"), h("p", {}, tried)) : null, files.length ? h("section", {}, h("h4", {}, "附件"), h("ul", {}, files.map((file) => h("li", {}, h("a", { href: file.url, target: "_blank", rel: "noopener" }, file.name))))) : null),
            this.data.meeting.runs && this.data.meeting.going ? h("div", { class: "buttons" }, this.button("议定事项", "D", () => this.sheet(item, { do: "decide" }))) : null,
            item.sheet,
            item.made,
        ];
    }

    decisionsBody(item) {
        item.made = h("div", { class: "made" });
        item.sheet = h("div", { class: "sheet-place" });
        const runs = this.data.meeting.runs && this.data.meeting.going;
        return [runs ? h("div", { class: "buttons" }, this.button("新增一条", "D", () => this.sheet(item, { do: "decide" }))) : null, item.sheet, item.made];
    }

    notesBody() {
        const readOnly = !this.data.meeting.runs || !this.data.meeting.going;
        this.fields = Object.entries(this.data.notes).map(([name, label]) => new Field({ outbox: this.outbox, row: "meeting", name, label, readOnly }));
        return h("div", { class: "notes" }, this.fields.map((field) => field.element));
    }

    // ---- What changed
    changed(id) {
        const items = id === null ? this.items : this.items.filter((item) => item.id === id);
        for (const item of items) {
            this.head(item);
            this.refresh(item);
        }
        for (const field of this.fields) if (id === null || field.row === id) field.show();
        if (id !== null) for (const kind of ["decisions"]) this.items.filter((item) => item.kind === kind).forEach((item) => this.head(item));
    }

    // What somebody else wrote lights up for a moment.
    heard({ row = null, rows = [], decisions = null }, byOthers) {
        if (row) {
            Object.assign(this.data.rows.find((each) => each.id === row.id) ?? {}, row);
            this.changed(row.id);
        }
        for (const fresh of rows) {
            const at = this.data.rows.findIndex((row) => row.id === fresh.id);
            if (at < 0) continue;
            this.data.rows[at] = fresh;
            this.changed(fresh.id);
            if (byOthers && fresh.touched) this.light(this.of(fresh.id).element);
        }
        if (decisions) {
            this.data.decisions = decisions;
            for (const item of this.items) {
                if (item.kind === "row" || item.kind === "topic" || item.kind === "decisions") this.head(item);
            }
            if (this.open) this.refresh(this.open);
        }
    }

    light(element) {
        element.classList.remove("fresh");
        void element.offsetWidth; // begins anew
        element.classList.add("fresh");
    }

    // The meeting ended or went on again: what is open is drawn anew.
    redraw() {
        const open = this.open;
        for (const item of this.items) this.head(item);
        if (!open) return;
        this.shut();
        this.unfold(open, false);
    }
}
