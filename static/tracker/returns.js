/* 月报填报 and 月报审核 with a script: a card is checked while it is typed, and saved alone. What is checked is said by the server;
   without this file the page works as one form. */
"use strict";
(() => {
    const all = document.getElementById("tk-tick-all");
    if (all) {
        all.hidden = false;
        all.addEventListener("change", (event) => {
            for (const box of document.querySelectorAll("#tk-review input[name=review]")) box.checked = event.target.checked;
        });
    }
    const form = document.getElementById("tk-returns");
    if (!form) return;
    const HEADER = { "X-Requested-With": "returns.js" };
    const WAIT = 450;
    const timers = new WeakMap();
    const asked = new WeakMap();
    const cardOf = (element) => element.closest(".tk-return");
    const token = () => form.querySelector("[name=csrfmiddlewaretoken]").value;

    function bodyOf(card, files) {
        const body = new FormData();
        body.append("csrfmiddlewaretoken", token());
        for (const field of card.querySelectorAll("input, textarea")) {
            if (field.type === "file") {
                if (files) for (const file of field.files) body.append(field.name, file);
            } else if (field.type !== "checkbox" || field.checked) {
                body.append(field.name, field.value);
            }
        }
        return body;
    }

    // ---- Checking while somebody types
    function checkSoon(card) {
        clearTimeout(timers.get(card));
        timers.set(card, setTimeout(() => check(card), WAIT));
    }

    async function check(card) {
        const turn = (asked.get(card) || 0) + 1;
        asked.set(card, turn);
        let told;
        try {
            const answer = await fetch(form.dataset.check, { method: "POST", headers: HEADER, body: bodyOf(card, false) });
            if (!answer.ok) return;
            told = await answer.json();
        } catch {
            return; // it is checked again when it is saved
        }
        if (asked.get(card) === turn && card.isConnected) show(card, told);
    }

    function show(card, told) {
        const list = card.querySelector(".tk-findings");
        const unread = Object.values(told.errors).flat().map((sentence) => ({ kind: "blocks", sentence, fields: [] }));
        list.replaceChildren(...[...unread, ...told.findings].map((each) => {
            const line = document.createElement("li");
            line.className = `tk-finding-${each.kind}`;
            line.textContent = each.sentence;
            return line;
        }));
        const wrong = new Set(Object.keys(told.errors));
        for (const each of told.findings) if (each.kind !== "says") each.fields.forEach((name) => wrong.add(name));
        for (const field of card.querySelectorAll("[data-field]")) {
            field.classList.toggle("tk-wrong", wrong.has(field.dataset.field));
            const button = field.querySelector(".tk-fill");
            if (button) propose(button, told.proposed[field.dataset.field]);
        }
    }

    function propose(button, value) {
        button.hidden = value === undefined;
        button.dataset.fill = value ?? "";
        button.textContent = value === undefined ? "" : `填入 ${value}`;
    }

    // ---- Saving one card
    async function send(card, name, value) {
        if (card.dataset.busy) return;
        card.dataset.busy = "1";
        const body = bodyOf(card, true);
        body.append(name, value);
        try {
            const answer = await fetch(window.location.href, { method: "POST", headers: HEADER, body });
            if (!answer.ok || !answer.headers.get("Content-Type").startsWith("application/json")) throw new Error();
            const told = (await answer.json()).cards[card.dataset.key];
            if (told === undefined) throw new Error();
            put(card, told);
        } catch {
            say(card, "没有保存：网络或登录有问题。填写的内容还在，请稍后再按一次；若要求重新登录，请先复制已填内容。");
        } finally {
            delete card.dataset.busy;
        }
    }

    function put(card, html) {
        const at = document.activeElement && card.contains(document.activeElement) ? document.activeElement.name : "";
        const holder = document.createElement("template");
        holder.innerHTML = html.trim();
        const fresh = holder.content.firstElementChild;
        card.replaceWith(fresh);
        const again = at && fresh.querySelector(`[name="${CSS.escape(at)}"]`);
        if (again) again.focus();
        typed.delete(card);
        if (fresh.querySelector(".tk-errors, .tk-warn[role=alert]")) typed.add(fresh);
    }

    function say(card, sentence) {
        const old = card.querySelector(".tk-unsent");
        const line = old || document.createElement("p");
        line.className = "tk-warn tk-unsent";
        line.setAttribute("role", "alert");
        line.textContent = sentence;
        if (!old) card.querySelector(".tk-title").after(line);
    }

    // ---- Keys
    const cells = () => [...form.querySelectorAll(".tk-return input:not([type=hidden]):not([type=file]), .tk-return textarea")];

    function move(from, step) {
        const all = cells();
        const next = all[all.indexOf(from) + step];
        if (!next) return;
        const fold = next.closest("details");
        if (fold) fold.open = true;
        next.focus();
        if (next.select) next.select();
    }

    function moveToCard(from, step) {
        const name = from.name.replace(/^p\d+-/, "");
        const same = [...form.querySelectorAll(`.tk-return input[name$="-${CSS.escape(name)}"]`)];
        const next = same[same.indexOf(from) + step];
        if (next) {
            next.focus();
            next.select();
        }
    }

    const typed = new Set(); // cards with something that is not saved
    form.addEventListener("input", (event) => {
        const card = cardOf(event.target);
        if (!card) return;
        typed.add(card);
        if (event.target.type !== "file") checkSoon(card);
    });
    form.addEventListener("keydown", (event) => {
        const card = cardOf(event.target);
        if (!card) return;
        if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") {
            event.preventDefault();
            if (card.dataset.open === "1") send(card, "save", card.dataset.key);
            return;
        }
        const line = event.target.matches("input:not([type=checkbox]):not([type=date]):not([type=file])");
        if (event.isComposing || !line) return;
        if (event.key === "Enter") {
            event.preventDefault();
            move(event.target, event.shiftKey ? -1 : 1);
        } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
            event.preventDefault();
            moveToCard(event.target, event.key === "ArrowDown" ? 1 : -1);
        }
    });
    form.addEventListener("click", (event) => {
        const fill = event.target.closest(".tk-fill");
        if (fill) {
            const input = fill.closest(".tk-field").querySelector("input");
            if (input.value.trim() === "") {
                input.value = fill.dataset.fill;
                input.dispatchEvent(new Event("input", { bubbles: true }));
            }
            return;
        }
        const button = event.target.closest("button[type=submit]");
        const card = button && cardOf(button);
        if (card) {
            event.preventDefault();
            send(card, button.name, button.value);
        }
    });
    form.addEventListener("submit", () => typed.clear());
    window.addEventListener("beforeunload", (event) => {
        for (const card of typed) {
            if (card.isConnected) {
                event.preventDefault();
                return;
            }
        }
    });
})();
