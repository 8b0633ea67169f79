// A field that finds units and people by initials of their reading or by characters; one, or several.

import { h, put, reveal } from "./dom.js";

const MOST = 12;
let made = 0;

export function matches(each, text) {
    const typed = text.trim().toLowerCase();
    if (!typed) return 1;
    const names = [each.name, each.short ?? ""].map((name) => name.toLowerCase());
    const initials = each.initials.split(" ");
    if ([...names, ...initials].some((name) => name.startsWith(typed))) return 3;
    if (names.some((name) => name.includes(typed))) return 2;
    return initials.some((name) => name.includes(typed)) ? 1 : 0;
}

export function found(all, text, most = MOST) {
    const ranked = all.map((each, at) => [matches(each, text), at, each]).filter(([rank]) => rank);
    return ranked.sort((one, other) => other[0] - one[0] || one[1] - other[1]).slice(0, most).map(([, , each]) => each);
}

export class Choosing {
    constructor({ label, offered, several = false, eager = false, changed = () => {} }) {
        Object.assign(this, { offered, several, changed, chosen: [], at: -1, shown: [] });
        const id = `c-${(made += 1)}`;
        this.input = h("input", {
            id,
            type: "text",
            role: "combobox",
            autocomplete: "off",
            spellcheck: "false",
            "aria-autocomplete": "list",
            "aria-expanded": "false",
            "aria-controls": `${id}-list`,
            placeholder: several ? "可选多个" : "",
        });
        this.list = h("ul", { id: `${id}-list`, role: "listbox", class: "options", hidden: true, "aria-label": label });
        this.chips = h("span", { class: "chips" });
        this.box = h("div", { class: "choosing" }, this.chips, this.input, this.list);
        this.element = h("div", { class: "field" }, h("label", { for: id }, label), this.box, (this.said = h("p", { class: "error", role: "alert", hidden: true })));
        this.input.addEventListener("input", () => this.open());
        this.input.addEventListener("focus", () => (this.input.value || (eager && !this.chosen.length)) && this.open());
        this.input.addEventListener("blur", () => this.leave());
        this.input.addEventListener("keydown", (event) => this.key(event));
    }

    get ids() {
        return this.chosen.map((each) => each.id);
    }

    choose(...rows) {
        this.chosen = rows.filter(Boolean);
        this.draw();
    }

    open() {
        const own = new Set(this.ids);
        this.shown = found(this.offered().filter((each) => !own.has(each.id)), this.input.value);
        this.at = this.input.value.trim() && this.shown.length ? 0 : -1;
        this.list.hidden = false;
        this.input.setAttribute("aria-expanded", "true");
        this.drawList();
        reveal(this.list);
    }

    close() {
        this.list.hidden = true;
        this.at = -1;
        this.input.setAttribute("aria-expanded", "false");
        this.input.removeAttribute("aria-activedescendant");
    }

    drawList() {
        const options = this.shown.map((each, at) =>
            h(
                "li",
                {
                    id: `${this.input.id}-${at}`,
                    role: "option",
                    "aria-selected": String(at === this.at),
                    onmousedown: (event) => {
                        event.preventDefault();
                        this.take(each);
                    },
                },
                each.name,
            ),
        );
        put(this.list, options.length ? options : h("li", { class: "none", role: "option", "aria-selected": "false", "aria-disabled": "true" }, "没有找到"));
        if (this.at >= 0) this.input.setAttribute("aria-activedescendant", `${this.input.id}-${this.at}`);
    }

    take(each) {
        this.chosen = this.several ? [...this.chosen, each] : [each];
        this.input.value = "";
        this.close();
        this.draw();
        this.changed();
    }

    draw() {
        const chips = this.chosen.map((each) =>
            h(
                "button",
                {
                    type: "button",
                    class: "chip",
                    tabindex: "-1",
                    "aria-label": `去掉 ${each.name}`,
                    onclick: () => {
                        this.choose(...this.chosen.filter((other) => other !== each));
                        this.changed();
                        this.input.focus();
                    },
                },
                h("span", {}, each.short ?? each.name),
                h("span", { "aria-hidden": "true" }, "×"),
            ),
        );
        put(this.chips, chips);
        this.said.hidden = true;
    }

    // What was typed and not chosen is not lost silently: the best find is taken, or it is said that there is none.
    leave() {
        if (this.input.value.trim() && !this.list.hidden && this.shown.length) this.take(this.shown[Math.max(this.at, 0)]);
        else if (this.input.value.trim()) this.complain(`没有找到“${this.input.value.trim()}”，请从列表中选一个`);
        this.close();
    }

    complain(sentence) {
        this.said.textContent = sentence;
        this.said.hidden = !sentence;
    }

    key(event) {
        if (event.isComposing) return;
        if (event.key === "ArrowDown" || event.key === "ArrowUp") {
            event.preventDefault();
            event.stopPropagation();
            if (this.list.hidden) this.open();
            else if (this.shown.length) this.at = (this.at + (event.key === "ArrowDown" ? 1 : -1) + this.shown.length) % this.shown.length;
            if (this.at < 0 && this.shown.length) this.at = 0;
            this.drawList();
        } else if (event.key === "Enter" && !this.list.hidden && this.at >= 0) {
            event.preventDefault();
            this.take(this.shown[this.at]);
            // One is enough: on to the next field. Of several more may follow.
            if (this.several) event.stopPropagation();
        } else if (event.key === "Escape" && !this.list.hidden) {
            event.preventDefault();
            event.stopPropagation();
            this.close();
        } else if (event.key === "Backspace" && !this.input.value && this.chosen.length) {
            this.choose(...this.chosen.slice(0, -1));
            this.changed();
        }
    }
}
