// What is typed and not yet kept by the server. It stands in the browser's own store from the first letter on, is sent
// one save at a time under a key of its own, and leaves only when the server has answered for it. A save of which no
// answer came is sent again under the same key: the server writes it once.

const IDLE = 1000; // milliseconds without a letter until a field is sent
const PATIENCE = 15000;
const LONGEST_WAIT = 15000;
const FORSAKEN = 20000; // a tab that has not been heard of for so long has been closed
const BEAT = 5000;
const TOO_MUCH = [400, 413, 414];
const AFTER_ALL = new Set(["undo", "close"]);

export class Outbox {
    // `server.value(row, field)` is what stands there; `heard(answer)` takes in what an answer tells of the meeting.
    constructor({ urls, user, meeting, server, heard, changed }) {
        Object.assign(this, { urls, user, server, heard, changed });
        this.prefix = `tk-meeting-${meeting}-${user}-`;
        this.drafts = {}; // row → field → {text, base, due, sent, error, doubt, sure, conflict}
        this.commands = []; // {key, do, told, …, refused}
        this.forms = {}; // what is typed into a form that is not given yet, by its name
        this.settled = {}; // field → what was typed last and how the server keeps it
        this.flight = null;
        this.link = "up"; // up, down (no connection), out (signed out), other (someone else is signed in)
        this.over = false;
        this.failures = 0;
        this.timer = 0;
        this.tab = sessionStorage.getItem("tk-meeting-tab") || uuid();
        sessionStorage.setItem("tk-meeting-tab", this.tab);
        this.recall();
        window.addEventListener("online", () => this.again());
        window.addEventListener("focus", () => this.link !== "up" && this.again());
        // What is on its way arrives, or is sent when the page is opened again; what waits is worth a question.
        window.addEventListener("beforeunload", (event) => this.isUnsaved() && (this.link !== "up" || this.blocked() || !this.stored) && event.preventDefault());
        window.addEventListener("pagehide", () => this.store());
        setInterval(() => this.store(), BEAT);
    }

    // ---- What is typed
    draft(row, field) {
        return this.drafts[row]?.[field];
    }

    // Whether the field says the same as the server, in other words: with a blank behind, or 6100.0 for 6100.
    saysTheSame(row, field, typed) {
        const last = this.settled[`${row}.${field}`];
        return last !== undefined && !this.draft(row, field) && last.typed === typed && last.kept === this.server.value(row, field);
    }

    text(row, field) {
        return this.draft(row, field)?.text ?? this.server.value(row, field);
    }

    type(row, field, text) {
        const stands = this.server.value(row, field);
        const fields = (this.drafts[row] ??= {});
        const draft = (fields[field] ??= { base: stands });
        draft.text = text;
        draft.due = Date.now() + IDLE;
        delete draft.error;
        delete draft.doubt;
        delete draft.sure;
        // While it is on its way it must come back, even if what stood there is typed again.
        if (text === stands && text === draft.base && !draft.conflict && !this.isFlying(row, field)) this.forget(row, field);
        this.store();
        this.soon(IDLE);
        this.changed(row);
    }

    // A field was left: it is sent at once.
    leave(row) {
        for (const draft of Object.values(this.drafts[row] ?? {})) draft.due = 0;
        this.soon(0);
    }

    sure(row, field) {
        const draft = this.draft(row, field);
        if (!draft) return;
        draft.sure = true;
        delete draft.doubt;
        delete draft.sent;
        draft.due = 0;
        this.store();
        this.soon(0);
        this.changed(row);
    }

    // Two wrote in one field, and the person has chosen what is to stand there.
    settle(row, field, text) {
        const draft = this.draft(row, field);
        if (!draft?.conflict) return;
        draft.base = draft.conflict.theirs;
        draft.text = text;
        draft.due = 0;
        delete draft.conflict;
        delete draft.sent;
        if (draft.text === draft.base) this.forget(row, field);
        this.store();
        this.soon(0);
        this.changed(row);
    }

    command(what) {
        const made = { key: uuid(), ...what };
        this.commands.push(made);
        this.store();
        this.soon(0);
        this.changed(what.update ?? null);
        return made.key;
    }

    takeBack(key) {
        const found = this.commands.find((each) => each.key === key);
        this.commands = this.commands.filter((each) => each.key !== key);
        this.store();
        this.changed(found?.update ?? null);
        return found;
    }

    // Given up by the person: the drafts of some rows, or all that is not kept.
    giveUp(rows = null) {
        if (rows) for (const row of rows) delete this.drafts[row];
        else Object.assign(this, { drafts: {}, commands: [], forms: {}, flight: null });
        this.store();
        this.changed(null);
    }

    // ---- How it stands
    of(row) {
        const drafts = Object.values(this.drafts[row] ?? {});
        const commands = this.commands.filter((each) => (each.update ?? "meeting") === row);
        if (!drafts.length && !commands.length) return "saved";
        if (drafts.some(isBlocked) || commands.some((each) => each.refused)) return "attention";
        return this.link === "up" && !this.over ? "saving" : "unsaved";
    }

    count() {
        return Object.values(this.drafts).reduce((sum, fields) => sum + Object.keys(fields).length, 0) + this.commands.length;
    }

    blocked() {
        return Object.values(this.drafts).flatMap(Object.values).filter(isBlocked).length + this.commands.filter((each) => each.refused).length;
    }

    isUnsaved() {
        return this.count() > 0;
    }

    isFlying(row, field) {
        return this.flight?.do === "fill" && this.flight.update === row && field in this.flight.told
            || this.flight?.do === "note" && row === "meeting" && field in this.flight.told;
    }

    // ---- Sending
    soon(wait) {
        clearTimeout(this.timer);
        this.timer = setTimeout(() => this.pump(), wait);
    }

    again() {
        if (this.link === "other") this.link = "out";
        this.failures = 0;
        this.soon(0);
        this.changed(null);
    }

    async pump() {
        if (this.busy || this.over) return;
        this.flight ??= this.next();
        if (!this.flight) {
            const due = Math.min(...Object.values(this.drafts).flatMap(Object.values).filter((each) => !isBlocked(each)).map((each) => each.due));
            if (Number.isFinite(due)) this.soon(Math.max(due - Date.now(), 50));
            return;
        }
        this.busy = true;
        this.store();
        this.changed(this.flight.update ?? null);
        let outcome;
        try {
            outcome = await this.post(this.flight);
        } catch {
            outcome = { link: "down" };
        }
        this.busy = false;
        if (outcome.link) this.wait(outcome);
        else this.land(outcome.status, outcome.told);
    }

    next() {
        const command = this.commands.find((each) => !each.refused);
        // What was typed before it comes first: it may be what is to be undone, or what the meeting ends with.
        if (command && !AFTER_ALL.has(command.do)) return command;
        const now = command ? Infinity : Date.now();
        for (const [row, fields] of Object.entries(this.drafts)) {
            const ready = Object.entries(fields).filter(([, draft]) => !isBlocked(draft) && draft.due <= now);
            if (!ready.length) continue;
            const sure = ready.some(([, draft]) => draft.sure);
            const chosen = sure ? ready.filter(([, draft]) => draft.sure) : ready;
            const of = (name) => Object.fromEntries(chosen.map(([field, draft]) => [field, draft[name]]));
            const about = row === "meeting" ? { do: "note" } : { do: "fill", update: Number(row) };
            return { key: uuid(), ...about, told: of("text"), base: of("base"), sure };
        }
        return command ?? null;
    }

    async post(flight) {
        const { refused, ...sent } = flight;
        return ask(`${this.urls.save}?after=${this.server.at()}`, {
            method: "POST",
            headers: { "Content-Type": "application/json", "X-CSRFToken": token() },
            body: JSON.stringify({ ...sent, user: this.user }),
        });
    }

    wait(outcome) {
        this.link = outcome.link;
        this.failures += 1;
        this.store();
        this.soon(Math.min(1000 * 2 ** this.failures, LONGEST_WAIT));
        this.changed(null);
    }

    land(status, told) {
        const flight = this.flight;
        if (told.code === "other_user") {
            this.flight = flight.do === "fill" || flight.do === "note" ? null : flight;
            this.wait({ link: "other" });
            return;
        }
        this.link = "up";
        this.failures = 0;
        this.flight = null;
        if (told.code === "over") this.over = true;
        const row = flight.do === "note" ? "meeting" : flight.update;
        if (flight.do === "fill" || flight.do === "note") this.settleFields(row, flight, status, told);
        else this.settleCommand(flight, status, told);
        this.store();
        this.heard(told, flight, status);
        this.changed(row ?? null);
        this.soon(0);
    }

    settleFields(row, flight, status, told) {
        for (const [field, sent] of Object.entries(flight.told)) {
            const draft = this.draft(row, field);
            if (!draft) continue;
            const same = draft.text === sent;
            if (status !== 200) {
                if (same) draft.error = told.errors?.[field] ?? told.said;
            } else if (told.conflicts[field]) {
                draft.conflict = told.conflicts[field];
            } else if (told.errors[field] || told.doubts[field]) {
                if (same) Object.assign(draft, { error: told.errors[field], doubt: told.doubts[field] });
            } else if (same) {
                this.settled[`${row}.${field}`] = { typed: sent, kept: told.values[field] };
                this.forget(row, field);
            } else {
                draft.base = told.values[field];
            }
        }
    }

    settleCommand(flight, status, told) {
        if (status === 200) {
            this.commands = this.commands.filter((each) => each.key !== flight.key);
            return;
        }
        const command = this.commands.find((each) => each.key === flight.key);
        if (command) command.refused = { said: told.said, errors: told.errors ?? {} };
    }

    forget(row, field) {
        if (!this.drafts[row]) return;
        delete this.drafts[row][field];
        if (!Object.keys(this.drafts[row]).length) delete this.drafts[row];
    }

    // ---- The browser's own store
    store() {
        const name = this.prefix + this.tab;
        try {
            const { drafts, commands, forms, flight } = this;
            if (!this.isUnsaved() && !flight && !Object.keys(forms).length) localStorage.removeItem(name);
            else localStorage.setItem(name, JSON.stringify({ drafts, commands, forms, flight, seen: Date.now() }));
            this.stored = true;
        } catch {
            this.stored = false;
        }
    }

    recall() {
        const own = this.prefix + this.tab;
        let names = [];
        try {
            names = Object.keys(localStorage).filter((name) => name.startsWith(this.prefix));
        } catch {
            return;
        }
        for (const name of names) {
            let kept;
            try {
                kept = JSON.parse(localStorage.getItem(name));
            } catch {
                continue;
            }
            if (name !== own && Date.now() - (kept.seen ?? 0) < FORSAKEN) continue;
            this.adopt(kept);
            if (name !== own) localStorage.removeItem(name);
        }
        this.store();
        if (this.isUnsaved()) this.soon(0);
    }

    adopt({ drafts = {}, commands = [], forms = {}, flight = null }) {
        for (const [row, fields] of Object.entries(drafts)) {
            for (const [field, draft] of Object.entries(fields)) {
                (this.drafts[row] ??= {})[field] ??= { ...draft, due: 0 };
            }
        }
        this.commands.push(...commands.filter((each) => !this.commands.some((own) => own.key === each.key)));
        this.forms = { ...forms, ...this.forms };
        this.flight ??= flight;
    }

    keepForm(name, told) {
        if (told) this.forms[name] = told;
        else delete this.forms[name];
        this.store();
    }
}

export function isBlocked(draft) {
    return Boolean(draft.conflict || draft.error || draft.doubt);
}

export function token() {
    return document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? document.querySelector("[name=csrfmiddlewaretoken]").value;
}

// Ask the server: the answer's status and what it tells; or how the connection stands, where it tells nothing.
export async function ask(url, options = {}) {
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), PATIENCE);
    try {
        const answer = await fetch(url, { ...options, redirect: "manual", signal: patience.signal });
        const json = (answer.headers.get("Content-Type") ?? "").startsWith("application/json");
        if (answer.type === "opaqueredirect" || [401, 404].includes(answer.status) && !json || answer.status === 403 && !json) return { link: "out" };
        // Refused before it was read, by whoever stands in front: sent again it would be refused again.
        if (!json && TOO_MUCH.includes(answer.status)) return { status: 422, told: { said: "内容过大，没有保存，请删减后再存", code: "invalid" } };
        if (!json || answer.status >= 500) return { link: "down" };
        return { status: answer.status, told: await answer.json() };
    } finally {
        clearTimeout(timer);
    }
}

// crypto.randomUUID is missing where a site has no certificate.
function uuid() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
