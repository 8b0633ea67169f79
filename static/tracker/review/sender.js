// What was decided and is not yet kept by the server. It stands in the browser's own store and is sent one at a time;
// what got no answer is sent again. Each command says what the person saw when he gave it: on anything else the server
// refuses, so nothing is done twice and nothing over another's head.

import { ask, token } from "../meeting/outbox.js";

const LONGEST_WAIT = 15000;
const FORSAKEN = 20000; // a tab that has not been heard of for so long has been closed
const BEAT = 5000;

export class Sender {
    // `state()` is what the page knows: {at, shape, last}; `heard(told, command, status)` takes in every answer.
    constructor({ urls, user, report, state, heard, changed }) {
        Object.assign(this, { urls, user, state, heard, changed });
        this.prefix = `tk-review-${report}-${user}-`;
        this.tab = sessionStorage.getItem("tk-review-tab") || `${Date.now()}-${Math.random()}`;
        sessionStorage.setItem("tk-review-tab", this.tab);
        this.queue = [];
        this.drafts = {}; // form → {told, errors}
        this.link = "up"; // up, down (no connection), out (signed out), other (someone else is signed in)
        this.failures = 0;
        this.timer = 0;
        this.recall();
        window.addEventListener("online", () => this.again());
        window.addEventListener("focus", () => this.link !== "up" && this.again());
        setInterval(() => this.store(), BEAT);
        window.addEventListener("beforeunload", (event) => this.queue.length && (this.link !== "up" || !this.stored) && event.preventDefault());
    }

    give(command) {
        this.queue.push({ ...command, tries: 0 });
        this.store();
        this.soon(0);
        this.changed();
    }

    // What is not on its way yet can simply be taken back.
    takeBack() {
        const last = this.queue[this.queue.length - 1];
        if (!last || last.tries || (this.busy && this.queue.length === 1)) return null;
        this.queue.pop();
        this.store();
        this.changed();
        return last;
    }

    pending(item) {
        return this.queue.find((each) => each.item === item) ?? null;
    }

    draft(name) {
        return this.drafts[name] ?? null;
    }

    keep(name, draft) {
        if (draft) this.drafts[name] = draft;
        else delete this.drafts[name];
        this.store();
    }

    soon(wait) {
        clearTimeout(this.timer);
        this.timer = setTimeout(() => this.pump(), wait);
    }

    again() {
        if (this.link === "other") this.link = "out";
        this.failures = 0;
        this.soon(0);
    }

    async pump() {
        const command = this.queue[0];
        if (this.busy || !command) return;
        this.busy = true;
        const { at, shape, last } = this.state();
        // Which step is taken back is known only when all before it has been answered.
        if (command.do === "undo" && !command.tries) command.event ??= last?.own ? last.event : null;
        command.tries += 1;
        this.store();
        this.changed();
        let outcome;
        try {
            const { tries, item, typed, ...sent } = command;
            outcome = await ask(`${this.urls.save}?after=${at}&shape=${encodeURIComponent(shape)}`, {
                method: "POST",
                headers: { "Content-Type": "application/json", "X-CSRFToken": token() },
                body: JSON.stringify({ ...sent, user: this.user }),
            });
        } catch {
            outcome = { link: "down" };
        }
        this.busy = false;
        if (outcome.link || outcome.told.code === "other_user") {
            this.link = outcome.link ?? "other";
            this.failures += 1;
            this.soon(Math.min(1000 * 2 ** this.failures, LONGEST_WAIT));
        } else {
            this.link = "up";
            this.failures = 0;
            this.queue.shift();
            this.heard(outcome.told, command, outcome.status);
            this.soon(0);
        }
        this.store();
        this.changed();
    }

    async look() {
        const { at, shape } = this.state();
        let outcome;
        try {
            outcome = await ask(`${this.urls.changes}?after=${at}&shape=${encodeURIComponent(shape)}`);
        } catch {
            outcome = { link: "down" };
        }
        const was = this.link;
        if (outcome.link) {
            if (was !== "other") this.link = outcome.link;
        } else if (outcome.told.user.id !== this.user) this.link = "other";
        else {
            this.link = "up";
            if (!this.busy) this.heard(outcome.told, null, outcome.status);
            if (was !== "up") this.again();
        }
        if (was !== this.link) this.changed();
    }

    // ---- The browser's own store
    store() {
        const name = this.prefix + this.tab;
        try {
            const { queue, drafts } = this;
            if (!queue.length && !Object.keys(drafts).length) localStorage.removeItem(name);
            else localStorage.setItem(name, JSON.stringify({ queue, drafts, seen: Date.now() }));
            this.stored = true;
        } catch {
            this.stored = false;
        }
    }

    // What this tab kept, and what one left behind that was closed.
    recall() {
        try {
            for (const name of Object.keys(localStorage).filter((each) => each.startsWith(this.prefix))) {
                const { queue = [], drafts = {}, seen = 0 } = JSON.parse(localStorage.getItem(name));
                const own = name === this.prefix + this.tab;
                if (!own && Date.now() - seen < FORSAKEN) continue;
                this.queue.push(...queue);
                this.drafts = { ...drafts, ...this.drafts };
                if (!own) localStorage.removeItem(name);
            }
        } catch {
            // Nothing is kept, or nothing can be.
        }
        if (this.queue.length) this.soon(0);
    }
}
