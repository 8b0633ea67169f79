// What was read, as cards: a project named in the report, a total stated in it, a place where it disagrees with itself.
// One card at a time lies open; it shows every value, what is proposed and why, and takes the decision.

import { h, key, put, reveal } from "../meeting/dom.js";
import { Answer, Correct, Merge, Refuse } from "./forms.js";

const FORMS = { correct: Correct, merge: Merge, refuse: Refuse, answer: Answer };
const TONES = { waiting: "warn", unclear: "warn", accepted: "good", refused: "", joined: "" };
const DOING = { accept: "采纳", adopt: "采纳", new: "采纳", refuse: "不采纳", correct: "更正", join: "并入", answer: "说明", settle: "意见", take: "采用", dismiss: "不采用", undo: "撤销" };

export class Records {
    constructor({ data, sender, text, element, said, undo }) {
        Object.assign(this, { data, sender, text, element, said, undo });
        this.items = [];
        this.current = null;
        this.form = null;
        element.addEventListener("pointerover", (event) => this.hover(event.target.closest?.(".record")));
        element.addEventListener("pointerleave", () => this.hover(null));
        this.build();
    }

    // ---- The list
    build() {
        const { rows, totals, differences, events } = this.data;
        const open = this.current?.id;
        const old = new Map(this.items.map((item) => [item.id, item]));
        const make = (row) => old.get(row.id) ?? this.item(row.id);
        const section = (title, list, note, none) => {
            const items = list.map(make);
            return { items, element: h("section", { class: "part", "aria-label": title }, h("h2", {}, title, note ? h("small", {}, note) : null), items.length ? items.map((item) => item.element) : h("p", { class: "quiet-line" }, none)) };
        };
        const parts = [section("读到的项目", rows, rows.length ? `${rows.length} 个` : "", "这篇报道没有点到具体项目。")];
        if (totals.length) parts.push(section("总数核对", totals, `${totals.length} 处`, ""));
        if (differences.length) parts.push(section("前后不一致", differences, `${differences.length} 处，原文没有改动`, ""));
        this.items = parts.flatMap((part) => part.items);
        this.log = h("section", { class: "part log", "aria-label": "经过" });
        put(this.element, parts.map((part) => part.element), this.log);
        this.current = this.items.find((item) => item.id === open) ?? null;
        for (const item of this.items) this.draw(item);
        this.events(events);
    }

    item(id) {
        const head = h("button", { type: "button", class: "record-head", id: `head-${id}`, "aria-expanded": "false", "aria-controls": `body-${id}`, onclick: () => (this.current === item ? this.fold() : this.select(item)) });
        const brief = h("div", { class: "record-brief" });
        const body = h("div", { class: "record-body", id: `body-${id}`, hidden: true });
        const element = h("article", { class: "record", "data-id": id }, h("h3", {}, head), brief, body);
        const item = { id, head, brief, body, element };
        return item;
    }

    row(item) {
        const { rows, totals, differences } = this.data;
        return rows.find((row) => row.id === item.id) ?? totals.find((row) => row.id === item.id) ?? differences.find((row) => row.id === item.id);
    }

    of(id) {
        return this.items.find((item) => item.id === id);
    }

    isOpen(item) {
        const command = this.sender.pending(item.id);
        if (command) return false;
        return this.row(item).open;
    }

    hover(element) {
        const id = element?.dataset.id ?? null;
        if (id !== this.hovered) this.text.light((this.hovered = id), "lit");
    }

    // ---- Going about
    select(item, { focus = true, move = true } = {}) {
        if (!item) return;
        const before = this.current;
        this.current = item;
        if (before !== item) {
            this.form = null;
            if (before) this.draw(before);
        }
        this.draw(item);
        this.light(item.id);
        if (focus) item.head.focus({ preventScroll: true });
        if (move) reveal(item.element, item.element.offsetHeight > innerHeight * 0.6 ? "start" : "nearest");
        this.text.show(item.id);
    }

    fold() {
        const item = this.current;
        this.current = null;
        this.form = null;
        if (item) this.draw(item);
        this.light(null);
    }

    // A difference speaks of whole lists: framed piece by piece they could not be read.
    light(id) {
        this.text.light(id?.[0] === "d" ? null : id, "own");
        this.text.light(id?.[0] === "d" ? id : null, "doubted");
    }

    step(by) {
        const at = this.items.indexOf(this.current);
        this.select(this.items[Math.min(Math.max(at + by, 0), this.items.length - 1)] ?? this.items[0]);
    }

    // On to what still waits: below first, then from the top.
    onward() {
        const at = this.items.indexOf(this.current);
        const next = [...this.items.slice(at + 1), ...this.items.slice(0, Math.max(at, 0))].find((item) => this.isOpen(item));
        if (next) this.select(next);
        else {
            if (this.current) this.select(this.current);
            this.said("全部处理完了");
        }
    }

    // ---- Deciding
    can(...whats) {
        if (!this.data.report.writes || !this.current) return false;
        if (this.sender.pending(this.current.id)) return false;
        const row = this.row(this.current);
        return whats.every((what) => row.can?.includes(what));
    }

    give(command, { onward = true } = {}) {
        const item = this.current;
        const row = this.row(item);
        this.form = null;
        this.sender.give({ item: item.id, pk: row.pk, seen: row.seen, ...command });
        if (onward) this.onward();
        else this.select(item);
    }

    accept() {
        const item = this.current;
        if (!item) return this.onward();
        const row = this.row(item);
        if (row.can?.includes("answer") && this.data.report.writes) return this.open("answer");
        if (!this.can("decide")) {
            if (this.data.report.writes && !this.sender.pending(item.id)) this.onward();
            return;
        }
        const { kind, project } = row.proposal;
        if (kind === "choose") this.said(row.proposal.candidates.length ? "请按数字选择是哪个项目，或按 N 建为新项目" : "请按 M 查找是哪个项目，或按 N 建为新项目", true);
        else if (kind === "blocked") this.said(row.proposal.why, true);
        else this.give({ do: "accept", expected: { kind, project: project?.id ?? null } });
    }

    choose(number) {
        if (this.form?.digit?.(number)) return;
        if (!this.can("decide")) return;
        const candidate = this.row(this.current).proposal.candidates[number - 1];
        if (candidate) this.adopt(candidate);
        else this.said(`没有第 ${number} 个可选的项目`, true);
    }

    adopt(project) {
        this.give({ do: "adopt", project: project.id });
    }

    makeNew() {
        if (this.can("decide")) this.give({ do: "new" });
    }

    reread(what) {
        if (this.can("reread") && (what === "dismiss" || this.row(this.current).again.takes)) this.give({ do: what }, { onward: false });
    }

    open(name) {
        if (!this.current || (name !== "answer" && !this.can(name === "correct" ? "correct" : "decide"))) return;
        if (this.form?.name === name) return;
        this.form = this.makeForm(name, this.current);
        this.draw(this.current);
        this.form.focus();
        reveal(this.form.element);
    }

    makeForm(name, item) {
        const row = this.row(item);
        const draft = `${name}:${item.id}`;
        const form = new FORMS[name]({
            row,
            data: this.data,
            draft: this.sender.draft(draft),
            keep: (told) => this.sender.keep(draft, told),
            // What was typed stays until the server has taken it.
            given: (command, typed = null) => {
                if (typed) this.sender.keep(draft, { told: typed });
                this.give({ ...command, typed: typed ? draft : null }, { onward: name !== "correct" });
            },
            closed: () => {
                this.form = null;
                this.draw(item);
                item.head.focus({ preventScroll: true });
            },
        });
        form.name = name;
        return form;
    }

    // ---- Drawing
    draw(item) {
        const row = this.row(item);
        if (!row) return;
        const isOpen = item === this.current;
        const command = this.sender.pending(item.id);
        item.element.className = `record record-${row.id[0]}${isOpen ? " current" : ""}${row.open ? " waits" : ""}`;
        item.head.setAttribute("aria-expanded", String(isOpen));
        put(item.head, this.headline(row, command));
        put(item.brief, this.brief(row, isOpen));
        item.body.hidden = !isOpen;
        const past = isOpen && row.events?.length ? h("ul", { class: "events", "aria-label": "处理经过" }, row.events.map((each) => this.event(each))) : null;
        const typing = isOpen && this.form && item.body.contains(this.form.element);
        if (typing) {
            put(item.shown, this.body(row, item));
            put(item.past, past);
            return;
        }
        const refused = isOpen && !this.form && this.refused(item);
        if (refused && !command) this.form = this.makeForm(refused, item);
        item.shown = h("div", { class: "record-shown" }, isOpen ? this.body(row, item) : null);
        item.past = h("div", {}, past);
        put(item.body, isOpen ? [item.shown, this.form ? this.form.element : null, item.past] : null);
        this.text.sweep();
    }

    // The form whose words the server did not take.
    refused(item) {
        return ["correct", "refuse", "answer"].find((name) => this.sender.draft(`${name}:${item.id}`)?.errors);
    }

    headline(row, command) {
        const mark = command
            ? h("em", { class: "mark state-saving" }, `${DOING[command.do] ?? ""}${this.sender.link === "up" ? "，保存中" : "，未保存"}`)
            : this.refused(row)
              ? h("em", { class: "mark state-attention" }, "没有保存")
              : h("em", { class: `mark ${TONES[row.state] ?? (row.open ? "warn" : "good")}` }, row.state_label);
        return [h("span", { class: "record-name" }, row.name), mark];
    }

    brief(row, isOpen) {
        if (row.id[0] !== "m") return isOpen || row.name === row.sentence ? null : h("p", { class: "record-line" }, row.sentence);
        const facts = [row.listed, row.amount, row.status].filter(Boolean).join(" · ");
        return [facts && !isOpen ? h("p", { class: "record-line" }, facts) : null, this.verdict(row, isOpen)];
    }

    verdict(row, isOpen) {
        if (row.project) return h("p", { class: "verdict" }, "→ ", project(row.project));
        if (row.into) return h("p", { class: "verdict" }, `→ 本文的“${row.into.name}”`);
        if (row.state === "refused") return h("p", { class: "verdict" }, `原因：${row.reason}`);
        if (row.state === "accepted") return h("p", { class: "verdict" }, "→ 上级掌握的项目");
        const { kind, why, certain, project: meant } = row.proposal;
        const sign = { same: "＝", new: "＋", choose: "？", blocked: "！" }[kind];
        return h(
            "p",
            { class: `verdict verdict-${kind}` },
            h("i", { "aria-hidden": "true" }, sign),
            h("span", {}, kind === "same" && meant && isOpen ? [`${why}：`, project(meant)] : why),
            h("small", { class: certain ? "sure" : "unsure" }, row.sure),
        );
    }

    body(row, item) {
        const makes = { m: () => this.mention(row, item), t: () => this.total(row), d: () => this.difference(row) };
        return makes[row.id[0]]();
    }

    mention(row, item) {
        const value = (each) =>
            h(
                "div",
                {},
                h("dt", {}, each.label),
                h(
                    "dd",
                    {},
                    each.placed ? h("button", { type: "button", class: "value", title: "在原文中标出", onclick: () => this.text.show(row.id, each.field) }, each.words) : h("span", {}, each.words),
                    each.corrected ? h("small", { class: "corrected" }, each.corrected) : each.printed && each.printed !== each.words ? h("small", {}, `原文：${each.printed}`) : null,
                ),
            );
        return [
            this.said_(row),
            row.values.length ? h("dl", { class: "values" }, row.values.map(value)) : null,
            row.aliases.length ? h("p", { class: "quiet-line" }, `又称：${row.aliases.join("、")}`) : null,
            row.joined.length ? h("p", { class: "quiet-line" }, `本文另有：${row.joined.join("、")}，已并入`) : null,
            row.doubts.length ? h("ul", { class: "doubts", "aria-label": "存疑" }, row.doubts.map((words) => h("li", {}, words))) : null,
            row.notes.length ? h("ul", { class: "doubts", "aria-label": "提醒" }, row.notes.map((words) => h("li", {}, words))) : null,
            row.again ? this.again(row) : null,
            this.candidates(row),
            this.form ? null : this.buttons(row),
        ];
    }

    // On a phone the text is folded away: the record brings its own sentences.
    said_(row) {
        const blocks = this.text.sentences(row.id);
        return blocks.length ? h("blockquote", { class: "sentences" }, blocks) : null;
    }

    candidates(row) {
        // What is proposed stands above; the others are to choose from.
        const offered = row.proposal?.candidates ?? [];
        if (offered.every((each) => each.id === row.proposal.project?.id)) return null;
        const writes = this.can("decide");
        const one = (each, at) => {
            const words = [writes && at < 9 ? key(String(at + 1)) : null, h("span", {}, h("b", {}, each.code), " ", each.name), h("small", {}, each.why)];
            return h("li", {}, writes ? h("button", { type: "button", class: "candidate", onclick: () => this.adopt(each) }, words) : h("span", { class: "candidate" }, words));
        };
        return h("ol", { class: "candidates", "aria-label": "可能是" }, offered.map(one));
    }

    buttons(row) {
        if (!this.data.report.writes) return null;
        const button = (words, letter, act, main = false) => h("button", { type: "button", class: main ? "main" : null, onclick: act }, words, key(letter));
        const decide = this.can("decide");
        const sure = decide && ["same", "new"].includes(row.proposal.kind);
        const made = [
            sure ? button(row.proposal.kind === "new" ? "采纳为新项目" : "采纳", "回车", () => this.accept(), true) : null,
            decide && row.proposal.kind !== "new" ? button("新项目", "N", () => this.makeNew()) : null,
            this.can("correct") ? button("更正", "E", () => this.open("correct")) : null,
            decide ? button("合并到…", "M", () => this.open("merge")) : null,
            decide && row.state !== "refused" ? button("不采纳", "R", () => this.open("refuse")) : null,
        ].filter(Boolean);
        return made.length ? h("div", { class: "buttons decisions" }, made) : null;
    }

    again(row) {
        const writes = this.can("reread");
        return h(
            "div",
            { class: "again", role: "note" },
            h("p", {}, h("b", {}, "重新读取后有不同")),
            h("ul", {}, row.again.lines.map((words) => h("li", {}, words))),
            writes
                ? h("div", { class: "buttons" }, row.again.takes ? h("button", { type: "button", onclick: () => this.reread("take") }, "采用", key("Y")) : null, h("button", { type: "button", onclick: () => this.reread("dismiss") }, row.again.takes ? "不采用" : "保持原样", key("X")))
                : null,
        );
    }

    total(row) {
        return [
            this.said_(row),
            row.table.length
                ? h("table", { class: "counts" }, h("thead", {}, h("tr", {}, h("th", { scope: "col" }, ""), row.columns.map((name) => h("th", { scope: "col" }, name)))), h("tbody", {}, row.table.map((line) => h("tr", {}, h("th", { scope: "row" }, line.label), line.cells.map((words) => h("td", {}, words))))))
                : null,
            h("p", { class: row.open ? "doubt-line" : "quiet-line" }, row.sentence),
            this.answered(row),
        ];
    }

    difference(row) {
        return [this.said_(row), row.name === row.sentence ? null : h("p", { class: "doubt-line" }, row.sentence), this.answered(row)];
    }

    answered(row) {
        const writes = row.can?.includes("answer") && this.data.report.writes && !this.sender.pending(row.id) && !this.form;
        return [
            row.answer ? h("p", {}, `${row.answer}`, h("small", {}, row.signed)) : null,
            writes ? h("div", { class: "buttons decisions" }, h("button", { type: "button", class: row.open ? "main" : null, onclick: () => this.open("answer") }, row.answer ? "修改说明" : "填写说明", key("回车"))) : null,
        ];
    }

    events(events) {
        put(this.log, h("h2", {}, "经过"), events.length ? h("ul", { class: "events" }, events.map((each) => this.event(each, true))) : h("p", { class: "quiet-line" }, "还没有人处理。"));
    }

    event(each, named = false) {
        const back = each.can.includes("undo") && !this.sender.pending(each.id) ? h("button", { type: "button", class: "small", onclick: () => this.undo(each), "aria-label": `撤销：${each.what}“${each.name}”` }, "撤销") : null;
        return h("li", { class: each.undone ? "undone" : null }, h("small", {}, `${each.at} ${each.by}`), " ", named ? `“${each.name}”` : "", each.told.startsWith(each.what) ? each.told : [h("b", {}, each.what), each.told ? `：${each.told}` : ""], each.undone ? h("small", {}, "（已撤销）") : null, back ? [" ", back] : null);
    }

    // What somebody else wrote lights up for a moment.
    refresh(ids = null) {
        for (const item of this.items) if (ids === null || ids.has(item.id)) this.draw(item);
    }

    freshen(id) {
        const element = this.of(id)?.element;
        if (!element) return;
        element.classList.remove("fresh");
        void element.offsetWidth; // begins anew
        element.classList.add("fresh");
    }
}

function project({ code, name, url }) {
    return url ? h("a", { href: url, target: "_blank", rel: "noopener" }, h("b", {}, code), ` ${name}`) : h("span", {}, h("b", {}, code), ` ${name}`);
}
