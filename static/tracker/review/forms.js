// The small forms inside a card. Enter gives, Escape leaves; what is typed stays in the browser until the server has it.

import { fit, h, key, put } from "../meeting/dom.js";
import { matches } from "../meeting/choosing.js";
import { ask } from "../meeting/outbox.js";

const MOST = 12;
const PAUSE = 200; // milliseconds without a letter until the server is asked
let made = 0;

class Form {
    constructor({ row, data, draft, keep, given, closed }) {
        Object.assign(this, { row, data, keep, given, closed });
        this.id = `f-${(made += 1)}`;
        this.make(draft?.told ?? null);
        for (const [name, sentence] of Object.entries(draft?.errors ?? {})) this.complain(name, sentence);
        this.element.addEventListener("keydown", (event) => this.key(event));
        this.element.addEventListener("submit", (event) => {
            event.preventDefault();
            this.give();
        });
    }

    frame(title, ...children) {
        return h("form", { class: "sheet", "aria-label": title, novalidate: true }, h("h4", {}, title), children);
    }

    buttons(words) {
        return h("div", { class: "buttons" }, h("button", { type: "submit", class: "main" }, words, key("回车")), h("button", { type: "button", onclick: () => this.cancel() }, "取消", key("Esc")));
    }

    field(name, label, input, hint = "") {
        const id = `${this.id}-${name}`;
        const said = h("p", { class: "error", id: `${id}-said`, role: "alert", hidden: true });
        input.id = id;
        input.setAttribute("aria-describedby", said.id);
        (this.fields ??= {})[name] = { input, said };
        input.addEventListener("input", () => {
            this.complain(name, "");
            this.typed();
        });
        return h("div", { class: input.matches("textarea") ? "field wide" : "field" }, h("label", { for: id }, label, hint ? h("small", {}, hint) : null), input, said);
    }

    complain(name, sentence) {
        const { input, said } = this.fields[name] ?? Object.values(this.fields)[0];
        said.textContent = sentence;
        said.hidden = !sentence;
        input.setAttribute("aria-invalid", String(Boolean(sentence)));
    }

    typed() {
        this.keep({ told: this.told });
    }

    key(event) {
        if (event.isComposing) return;
        if (event.key === "Escape") {
            event.preventDefault();
            event.stopPropagation();
            this.closed();
        } else if (event.key === "Enter" && !event.shiftKey && event.target.matches("input, textarea, select")) {
            event.preventDefault();
            event.stopPropagation();
            this.give();
        }
    }

    cancel() {
        this.keep(null);
        this.closed();
    }

    focus() {
        const inputs = Object.values(this.fields).map((each) => each.input);
        (inputs.find((input) => input.getAttribute("aria-invalid") === "true") ?? inputs[0]).focus();
    }
}

// ---- 更正: every value as text; only what was changed is sent.
export class Correct extends Form {
    make(told) {
        const shown = [];
        const more = [];
        for (const { name, label, hint, choices, rare } of this.data.fields) {
            const value = told?.[name] ?? this.row.fields[name] ?? "";
            const input = choices
                ? h("select", { name }, choices.map(([code, words]) => h("option", { value: code, selected: code === value }, words)))
                : h("input", { type: "text", name, value, autocomplete: "off", spellcheck: "false" });
            (rare && !value ? more : shown).push(this.field(name, label, input, hint));
        }
        const grid = h("div", { class: "sheet-fields" }, shown);
        const unfold = h("button", { type: "button", class: "small", onclick: () => (unfold.remove(), grid.append(...more), more[0].querySelector("input").focus()) }, "更多：外币、区域、各类时间");
        this.element = this.frame("更正", grid, more.length ? unfold : null, this.buttons("保存更正"));
    }

    get told() {
        return Object.fromEntries(Object.entries(this.fields).map(([name, { input }]) => [name, input.value]));
    }

    give() {
        const told = this.told;
        const changed = Object.fromEntries(Object.entries(told).filter(([name, value]) => value.trim() !== (this.row.fields[name] ?? "").trim()));
        if (!Object.keys(changed).length) this.cancel();
        else this.given({ do: "correct", told: changed }, told);
    }
}

// ---- 不采纳: a reason, mostly one of a few.
export class Refuse extends Form {
    make(told) {
        this.reasons = this.data.reasons;
        const input = h("input", { type: "text", name: "reason", value: told?.reason ?? "", autocomplete: "off", placeholder: "其他原因" });
        const picks = this.reasons.map((words, at) => h("button", { type: "button", class: "pick", onclick: () => this.pick(words) }, key(String(at + 1)), words));
        this.picks = picks;
        this.element = this.frame("不采纳的原因", h("div", { class: "picks" }, picks), this.field("reason", "原因", input), this.buttons("不采纳"));
    }

    get told() {
        return { reason: this.fields.reason.input.value };
    }

    focus() {
        if (this.fields.reason.input.value) this.fields.reason.input.focus();
        else this.picks[0].focus();
    }

    digit(number) {
        const words = this.reasons[number - 1];
        if (words) this.pick(words);
        return true;
    }

    pick(words) {
        this.given({ do: "refuse", reason: words });
    }

    give() {
        const { reason } = this.told;
        if (!reason.trim()) {
            this.complain("reason", "请选择或写明不采纳的原因");
            this.fields.reason.input.focus();
        } else this.given({ do: "refuse", reason }, this.told);
    }
}

// ---- 合并到: a candidate, another mention of this report, or any project that can be found.
export class Merge extends Form {
    make() {
        this.shown = [];
        this.at = 0;
        this.found = [];
        const id = `${this.id}-list`;
        const input = h("input", { type: "text", role: "combobox", "aria-expanded": "true", "aria-controls": id, "aria-autocomplete": "list", autocomplete: "off", spellcheck: "false", placeholder: "名称、编号或拼音首字母" });
        this.list = h("ul", { id, role: "listbox", class: "options", "aria-label": "可以合并到" });
        const field = this.field("into", "合并到", input);
        input.addEventListener("input", () => this.search());
        input.addEventListener("keydown", (event) => this.move(event));
        this.element = this.frame("合并到已有项目，或本文的另一处", field, this.list, h("div", { class: "buttons" }, h("button", { type: "submit", class: "main" }, "合并", key("回车")), h("button", { type: "button", onclick: () => this.cancel() }, "取消", key("Esc"))));
        this.draw();
    }

    typed() {
        // What is looked for is not worth keeping.
    }

    get text() {
        return this.fields?.into.input.value.trim() ?? "";
    }

    search() {
        clearTimeout(this.timer);
        this.at = 0;
        this.draw();
        if (this.text) this.timer = setTimeout(() => this.ask(this.text), PAUSE);
    }

    async ask(text) {
        try {
            const answer = await ask(`${this.data.urls.search}?text=${encodeURIComponent(text)}`);
            if (answer.told && text === this.text) this.found = answer.told.projects;
            this.offline = Boolean(answer.link);
        } catch {
            this.offline = true;
        }
        this.draw();
    }

    draw() {
        const text = this.text;
        const own = this.row.proposal?.candidates ?? [];
        const meant = this.row.proposal?.project ? [this.row.proposal.project] : [];
        const likely = [...meant, ...own.filter((each) => each.id !== meant[0]?.id)].filter((each) => matches({ name: each.name, short: each.code, initials: each.initials ?? "" }, text));
        const known = new Set(likely.map((each) => each.id));
        const projects = [...likely, ...(text ? this.found.filter((each) => !known.has(each.id)) : [])].map((each) => ({ ...each, kind: "project" }));
        const mentions = this.data.rows
            .filter((each) => each.id !== this.row.id && !each.into && each.state !== "refused" && matches({ name: each.name, initials: each.initials }, text))
            .map((each) => ({ id: each.pk, name: each.name, kind: "mention" }));
        this.shown = [...projects.slice(0, MOST), ...mentions.slice(0, MOST)];
        this.at = Math.min(this.at, Math.max(this.shown.length - 1, 0));
        const option = (each, at) =>
            h("li", { id: `${this.id}-${at}`, role: "option", "aria-selected": String(at === this.at), onmousedown: (event) => event.preventDefault(), onclick: () => this.take(each) }, each.kind === "project" ? h("b", {}, each.code) : h("em", { class: "mark" }, "本文另一处"), " ", each.name);
        const none = this.offline ? "连不上服务器，暂时只能选列出的" : text ? "没有找到这样的项目" : "请输入名称、编号或拼音首字母";
        put(this.list, this.shown.map(option), this.shown.length && !this.offline ? null : h("li", { class: "none", role: "option", "aria-selected": "false", "aria-disabled": "true" }, none));
        if (this.fields && this.shown.length) this.fields.into.input.setAttribute("aria-activedescendant", `${this.id}-${this.at}`);
        this.list.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
    }

    move(event) {
        if (event.isComposing || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
        event.preventDefault();
        event.stopPropagation();
        if (this.shown.length) this.at = (this.at + (event.key === "ArrowDown" ? 1 : -1) + this.shown.length) % this.shown.length;
        this.draw();
    }

    give() {
        const each = this.shown[this.at];
        if (each) this.take(each);
        else this.complain("into", "请从列表中选一个");
    }

    take(each) {
        this.given(each.kind === "project" ? { do: "adopt", project: each.id } : { do: "join", into: each.id });
    }
}

// ---- What was found out about a total, or about a place where the report disagrees with itself.
export class Answer extends Form {
    make(told) {
        const isTotal = this.row.id[0] === "t";
        const label = isTotal ? "核对说明" : "处理意见";
        const input = h("textarea", { name: "text", rows: 2, maxlength: "300", value: told?.text ?? this.row.answer ?? "", placeholder: "如：原文漏列1个，已向经发局核实" });
        input.addEventListener("input", () => fit(input));
        this.element = this.frame(label, this.field("text", label, input), this.buttons("保存"));
        this.what = isTotal ? "answer" : "settle";
    }

    get told() {
        return { text: this.fields.text.input.value };
    }

    give() {
        const { text } = this.told;
        if (!text.trim()) {
            this.complain("text", "请写明核对的结果");
            this.fields.text.input.focus();
        } else this.given({ do: this.what, text }, this.told);
    }
}
