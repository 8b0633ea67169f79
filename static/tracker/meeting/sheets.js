// The small forms inside a row: a decision, a problem, a step that is done. Enter goes on to the next field and, in the
// last one, gives the command; what is typed stays in the browser until then.

import { fit, h, key } from "./dom.js";
import { Choosing } from "./choosing.js";

const TITLES = { decide: "议定事项", revise: "修改议定事项", problem: "登记问题", step: "节点完成" };
let made = 0;

export class Sheet {
    // `about` says what it is about: {do, update, topic, decision, version}; `given(command)` takes it, `closed()` hears.
    constructor({ about, choices, categories, steps, outbox, given, closed, told = null, errors = {} }) {
        Object.assign(this, { about, outbox, given, closed });
        this.name = [about.do, about.update ?? "", about.topic ?? "", about.decision ?? ""].join(":");
        this.fields = this.make(about.do, { choices, categories, steps });
        const ready = outbox.forms[this.name] ?? told;
        if (ready) this.restore(ready);
        const inputs = Object.values(this.fields);
        this.element = h(
            "form",
            { class: `sheet sheet-${about.do}`, "aria-label": TITLES[about.do], novalidate: true },
            h("h4", {}, TITLES[about.do]),
            h("div", { class: "sheet-fields" }, inputs.map((each) => each.element)),
            h(
                "div",
                { class: "buttons" },
                h("button", { type: "submit", class: "main" }, "保存", key("Ctrl", "回车")),
                h("button", { type: "button", onclick: () => this.cancel() }, "取消", key("Esc")),
            ),
        );
        this.element.addEventListener("submit", (event) => {
            event.preventDefault();
            this.give();
        });
        this.element.addEventListener("input", () => this.remember());
        this.element.addEventListener("keydown", (event) => this.key(event));
        this.complain(errors);
    }

    make(what, { choices, categories, steps }) {
        const units = () => choices.units;
        const people = () => choices.people;
        const changed = () => this.remember();
        const day = (label) => new Line({ label, placeholder: "7-20、下周五、月底、+10" });
        if (what === "problem") {
            return {
                title: new Line({ label: "问题" }),
                category: new Choosing({ label: "类别", offered: () => categories, eager: true, changed }),
                department: new Choosing({ label: "责任单位", offered: units, changed }),
                owner: new Choosing({ label: "责任人", offered: people, changed }),
                deadline: day("完成时限"),
            };
        }
        if (what === "step") {
            return {
                step: new Choosing({ label: "节点", offered: () => steps.map(dated), eager: true, changed }),
                when: new Line({ label: "完成日期", placeholder: "7-5、7月；不填为日期不详" }),
            };
        }
        return {
            matter: new Line({ label: "议定事项", long: true }),
            lead: new Choosing({ label: "牵头单位", offered: units, changed }),
            helpers: new Choosing({ label: "配合单位", offered: units, several: true, changed }),
            person: new Choosing({ label: "责任人", offered: people, changed }),
            deadline: day("完成时限"),
        };
    }

    focus() {
        Object.values(this.fields)[0].input.focus();
    }

    get told() {
        return Object.fromEntries(
            Object.entries(this.fields).map(([name, field]) => {
                if (field instanceof Choosing) return [name, field.several ? field.ids : (field.ids[0] ?? "")];
                return [name, field.input.value];
            }),
        );
    }

    // What is typed, with the names of what is chosen, so that it can be put back.
    get typed() {
        return Object.fromEntries(Object.entries(this.fields).map(([name, field]) => [name, field instanceof Choosing ? field.chosen : field.input.value]));
    }

    restore(typed) {
        for (const [name, value] of Object.entries(typed)) {
            const field = this.fields[name];
            if (!field) continue;
            if (field instanceof Choosing) field.choose(...value);
            else field.input.value = value;
        }
    }

    remember() {
        const typed = this.typed;
        const isBlank = Object.values(typed).every((value) => !value.length);
        this.outbox.keepForm(this.name, isBlank ? null : typed);
    }

    complain(errors) {
        for (const [name, sentence] of Object.entries(errors)) this.fields[name]?.complain(sentence);
    }

    give() {
        const [name, first] = Object.entries(this.fields)[0];
        for (const field of Object.values(this.fields)) if (field instanceof Choosing) field.leave();
        if (!this.told[name].trim()) {
            first.complain(name === "step" ? "请选择完成了哪个节点" : name === "title" ? "请写明是什么问题" : "请写明议定的事项");
            first.input.focus();
            return;
        }
        const command = { ...this.about, told: this.told, typed: this.typed };
        this.outbox.keepForm(this.name, null);
        this.given(command);
        this.closed();
    }

    cancel() {
        this.outbox.keepForm(this.name, null);
        this.closed();
    }

    key(event) {
        if (event.isComposing) return;
        if (event.key === "Escape") {
            event.preventDefault();
            event.stopPropagation();
            this.remember();
            this.closed();
        } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            event.stopPropagation();
            this.give();
        } else if (event.key === "Enter" && !event.shiftKey && event.target.matches("input, textarea, select")) {
            event.preventDefault();
            event.stopPropagation();
            const inputs = Object.values(this.fields).map((each) => each.input);
            const next = inputs[inputs.indexOf(event.target) + 1];
            if (next) next.focus();
            else this.give();
        }
    }
}

function dated(step) {
    return step.deadline ? { ...step, name: `${step.name}（期限 ${step.deadline}）` } : step;
}

class Line {
    constructor({ label, placeholder = "", long = false }) {
        const id = `s-${(made += 1)}`;
        const common = { id, autocomplete: "off", spellcheck: "false", placeholder };
        this.input = long ? h("textarea", { ...common, rows: 2 }) : h("input", { ...common, type: "text" });
        if (long) this.input.addEventListener("input", () => fit(this.input));
        this.said = h("p", { class: "error", role: "alert", hidden: true });
        this.element = h("div", { class: long ? "field wide" : "field" }, h("label", { for: id }, label), this.input, this.said);
        this.input.addEventListener("input", () => this.complain(""));
    }

    complain(sentence) {
        this.said.textContent = sentence;
        this.said.hidden = !sentence;
        this.input.setAttribute("aria-invalid", String(Boolean(sentence)));
    }
}
