// A field of a row: what stands in it, how far it is saved, and what is to be said of it.

import { clock, fit, h, put, shortDay } from "./dom.js";
import { brief, share, yuan } from "./money.js";

const LONG = new Set(["words", "next_step", "help_wanted", "present", "absent", "sitting_in", "remarks"]);
const HINTS = { amount: "万元", total: "万元", percent: "%" };

export class Field {
    // `row` is what the outbox knows it by; `money` gives the figures that a typed amount is compared with.
    constructor({ outbox, row, name, label, readOnly, money = null }) {
        Object.assign(this, { outbox, row, name, label, money });
        const id = `f-${row}-${name}`;
        const common = { id, name, readOnly, "aria-describedby": `${id}-said`, autocomplete: "off", spellcheck: "false" };
        this.input = LONG.has(name)
            ? h("textarea", { ...common, rows: 1 })
            : h("input", { ...common, type: "text", inputmode: HINTS[name] ? "decimal" : null });
        this.input.addEventListener("input", () => this.typed());
        this.input.addEventListener("blur", () => {
            outbox.leave(row);
            this.show();
        });
        this.state = h("span", { class: "field-state" });
        this.said = h("div", { class: "said", id: `${id}-said` });
        this.element = h(
            "div",
            { class: `field field-${name}` },
            h("label", { for: id }, label, HINTS[name] ? h("small", {}, HINTS[name]) : null),
            this.state,
            this.input,
            this.said,
        );
        this.show();
    }

    typed() {
        if (LONG.has(this.name)) fit(this.input);
        this.outbox.type(this.row, this.name, this.input.value);
    }

    // Shows what stands there now. A caret that is in the field stays where it is.
    show() {
        const text = this.outbox.text(this.row, this.name);
        const here = document.activeElement === this.input;
        if (this.input.value !== text && !(here && this.outbox.saysTheSame(this.row, this.name, this.input.value))) {
            const at = here ? this.input.selectionStart : null;
            this.input.value = text;
            if (at !== null) this.input.setSelectionRange(at, at);
        }
        if (LONG.has(this.name) && this.input.isConnected) fit(this.input);
        const draft = this.outbox.draft(this.row, this.name);
        const wrong = Boolean(draft?.error || draft?.conflict || draft?.doubt);
        this.element.classList.toggle("wrong", wrong);
        this.element.classList.toggle("typing", Boolean(draft) && !wrong);
        this.input.setAttribute("aria-invalid", String(Boolean(draft?.error)));
        const lines = [this.arithmetic(), draft?.error && h("p", { class: "error", role: "alert" }, this.named(draft.error)), this.doubtful(draft), this.conflict(draft)];
        const shown = lines.filter(Boolean);
        const told = shown.map((line) => line.textContent).join("|");
        // Put anew only when it says something else: a reader of screens would repeat it.
        if (told !== this.told) put(this.said, ...shown);
        this.told = told;
    }

    // Three figures share the lines below them.
    named(sentence) {
        return HINTS[this.name] && !sentence.startsWith(this.label) ? `${this.label}：${sentence}` : sentence;
    }

    doubtful(draft) {
        if (!draft?.doubt) return null;
        return h(
            "p",
            { class: "doubt", role: "alert" },
            this.named(draft.doubt),
            h("button", { type: "button", class: "small", onclick: () => this.outbox.sure(this.row, this.name) }, "确认无误，保存"),
        );
    }

    conflict(draft) {
        if (!draft?.conflict) return null;
        const { theirs, by, at } = draft.conflict;
        const settle = (chosen) => () => {
            this.outbox.settle(this.row, this.name, chosen(this.outbox.draft(this.row, this.name).text));
            this.input.focus();
        };
        return h(
            "div",
            { class: "conflict", role: "alert" },
            h("p", {}, h("b", {}, by), ` ${clock(at)} 也改了${this.label}，您写的还没有保存。现在是：`),
            h("blockquote", {}, theirs || "（空）"),
            this.input.readOnly ? null : h(
                "div",
                { class: "buttons" },
                h("button", { type: "button", class: "small", onclick: settle((mine) => mine) }, "用我的"),
                h("button", { type: "button", class: "small", onclick: settle(() => theirs) }, "用对方的"),
                LONG.has(this.name) ? h("button", { type: "button", class: "small", onclick: settle((mine) => `${theirs}\n${mine}`) }, "两段都留") : null,
            ),
        );
    }

    // What follows from the figure as it is being typed.
    arithmetic() {
        if (!this.money || this.input.value.trim() === "") return null;
        const { last, plan, due, total, percent } = this.money();
        if (this.name === "percent") return percent === null ? null : h("p", { class: "sum" }, `${this.label}：上次 ${percent}%`);
        const amount = yuan(this.input.value);
        if (amount === null) return null;
        if (this.name === "total") return total === null ? null : h("p", { class: "sum" }, `${this.label}：${compared(amount, total, "上次")}`);
        const parts = [];
        if (last) parts.push(compared(amount, last.amount, `${shortDay(last.up_to)}${last.channel}`));
        const done = share(amount, plan);
        if (done !== null) parts.push(`占年度计划 ${done.toFixed(1)}%`);
        if (due !== null) parts.push(`比应完成${amount < due ? "少" : "多"} ${brief(Math.abs(amount - due), 0)}`);
        if (!parts.length) return null;
        return h("p", { class: due !== null && amount < due ? "sum late" : "sum" }, parts.map((part) => h("span", {}, part)));
    }
}

function compared(now, before, when) {
    if (now === before) return `与${when}持平`;
    return `比${when} ${brief(before)} ${now > before ? "增加" : "减少"} ${brief(Math.abs(now - before))}`;
}

