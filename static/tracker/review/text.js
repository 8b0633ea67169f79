// The report as printed, with what was read marked in it by kind. A mark knows whose words it is; whoever is looked at
// has his words lit. A record's own sentences are the same text once more, for a screen without room for the whole.

import { h, put, reveal } from "../meeting/dom.js";

export const KINDS = {
    name: "项目名称",
    amount: "金额",
    batch: "批次、期次",
    status: "状态",
    date: "日期",
    company: "企业",
    total: "总数",
    doubt: "前后不一致",
};
const END = /[。！？；!?;\n]/;
const AROUND = 90; // characters of a sentence on each side of what was read
const LONG = 30000; // from here on, paragraphs out of sight are not drawn

export class Text {
    // `places` gives [start, end, kind, owner, field] of all that was read, in code points; `chosen(owner)` hears a click.
    constructor({ text, element, legend, chosen }) {
        Object.assign(this, { element, legend, chosen, copies: new Map(), owned: new Map() });
        this.text = text;
        this.at = inUnits(text);
        element.classList.toggle("long", text.length > LONG);
        element.addEventListener("click", (event) => this.clicked(event));
    }

    draw(places) {
        this.places = places.map(([start, end, kind, owner, field]) => ({ start: this.at(start), end: this.at(end), kind, owner, field })).filter((each) => each.start < each.end && each.end <= this.text.length);
        this.places.sort((one, other) => one.start - other.start);
        this.owned = Map.groupBy?.(this.places, (each) => each.owner) ?? grouped(this.places);
        this.marks = new Map(); // owner → elements
        this.owners = new WeakMap(); // element → places
        put(this.element, this.paragraphs(0, this.text.length, this.places));
        const present = new Set(this.places.map((each) => each.kind));
        put(this.legend, Object.entries(KINDS).filter(([kind]) => present.has(kind)).map(([kind, words]) => h("li", {}, h("span", { class: `said k-${kind}` }, words))));
    }

    paragraphs(from, until, places) {
        const made = [];
        let next = 0;
        let live = [];
        let line = [];
        const cuts = new Set([from, until]);
        for (const { start, end } of places) {
            cuts.add(start).add(end);
        }
        const close = () => {
            if (line.length) made.push(h("p", {}, line));
            line = [];
        };
        const sorted = [...cuts].filter((cut) => cut >= from && cut <= until).sort((one, other) => one - other);
        for (let each = 0; each + 1 < sorted.length; each += 1) {
            const [begin, end] = [sorted[each], sorted[each + 1]];
            while (next < places.length && places[next].start <= begin) live.push(places[next++]);
            live = live.filter((place) => place.end > begin);
            const lines = this.text.slice(begin, end).split(/\r?\n/);
            lines.forEach((words, at) => {
                if (at) close();
                if (words) line.push(live.length ? this.mark(words, live) : words);
            });
        }
        close();
        return made;
    }

    mark(words, live) {
        // Of several kinds the first gives colour and line; a doubt is drawn below it.
        const present = new Set(live.map((place) => place.kind));
        const kinds = Object.keys(KINDS).filter((kind) => present.has(kind));
        const shown = [kinds[0], present.has("doubt") ? "doubt" : null].filter(Boolean);
        const element = h("span", { class: ["said", ...shown.map((kind) => `k-${kind}`)].join(" "), title: kinds.map((kind) => KINDS[kind]).join("、") || null }, words);
        this.owners.set(element, [...live]);
        for (const place of live) {
            if (!this.marks.has(place.owner)) this.marks.set(place.owner, []);
            this.marks.get(place.owner).push(element);
        }
        return element;
    }

    // The stretches of the text that speak of an owner, as a block of its own.
    sentences(owner) {
        const wide = (this.owned.get(owner) ?? []).map(({ start, end }) => {
            let [from, until] = [start, end];
            while (from > 0 && start - from < AROUND && !END.test(this.text[from - 1])) from -= 1;
            while (until < this.text.length && until - end < AROUND && !END.test(this.text[until])) until += 1;
            return [from, END.test(this.text[until] ?? "\n") && this.text[until] !== "\n" ? until + 1 : until];
        });
        const stretches = [];
        for (const [from, until] of wide.sort((one, other) => one[0] - other[0])) {
            const last = stretches[stretches.length - 1];
            if (last && from <= last[1]) last[1] = Math.max(last[1], until);
            else stretches.push([from, Math.min(until, this.text.length)]);
        }
        const own = this.owned.get(owner) ?? [];
        return stretches.map(([from, until]) => this.paragraphs(from, until, own.filter((each) => each.end > from && each.start < until)));
    }

    // Forget what was drawn beside the text: the marks of a card that is closed.
    sweep() {
        for (const [owner, elements] of this.marks) this.marks.set(owner, elements.filter((element) => element.isConnected));
    }

    clicked(event) {
        const found = this.owners.get(event.target.closest(".said"));
        if (!found) return;
        // The narrowest stretch is what was meant; of several that share it, the one that is open stays open.
        const narrow = Math.min(...found.map((place) => place.end - place.start));
        const meant = found.filter((place) => place.end - place.start === narrow).map((place) => place.owner);
        this.chosen(meant);
    }

    light(owner, name) {
        for (const element of this.lit?.[name] ?? []) element.classList.remove(name);
        const elements = owner === null ? [] : (this.marks.get(owner) ?? []);
        for (const element of elements) element.classList.add(name);
        this.lit = { ...this.lit, [name]: elements };
    }

    // Brings an owner's words into sight; with a field, just these, framed.
    show(owner, field = null) {
        const of = (element) => this.owners.get(element)?.some((place) => place.owner === owner && (field ? place.field === field : place.kind === "name" || place.kind === "total" || place.kind === "doubt"));
        const elements = (this.marks.get(owner) ?? []).filter(of);
        for (const element of this.aimed ?? []) element.classList.remove("aim");
        this.aimed = field ? elements : [];
        for (const element of this.aimed) element.classList.add("aim");
        const first = elements.find((element) => element.checkVisibility?.() ?? element.offsetParent);
        if (first) reveal(first, "center");
    }
}

// Python counts characters, the browser counts halves of the rare ones.
function inUnits(text) {
    if (!/[\ud800-\udfff]/.test(text)) return (at) => at;
    const units = [0];
    for (const character of text) units.push(units[units.length - 1] + character.length);
    return (at) => units[Math.min(at, units.length - 1)];
}

function grouped(places) {
    const found = new Map();
    for (const place of places) found.set(place.owner, [...(found.get(place.owner) ?? []), place]);
    return found;
}
