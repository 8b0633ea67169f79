/* 我的周报 with a script: a card is checked while it is typed, sent alone, and kept on this device until it has arrived.
   What is checked is said by the server; without this file the page works as one form. */
"use strict";
(() => {
    const form = document.getElementById("tk-week");
    if (!form) return;
    const HEADER = { "X-Requested-With": "week.js" };
    const WAIT = 450;
    const AGAIN = 15000;
    const FORGOTTEN = 30 * 24 * 3600 * 1000;
    const STORE = `week:${form.dataset.user}:`;
    const LOST = "没有网络，内容已存在本机，联网后自动报送";
    const SIGNED_OUT = "登录已过期，内容已存在本机，重新登录后自动报送";
    const timers = new WeakMap();
    const asked = new WeakMap();
    const cardOf = (element) => element.closest(".tk-return");
    const cards = () => [...form.querySelectorAll(".tk-return")];
    const hidden = (card, name) => card.querySelector(`[name="${card.dataset.prefix}${name}"]`);
    const cells = (card) => [...card.querySelectorAll("[data-field] .tk-input")];
    const PHOTO = "input[type=file]";
    const filesOf = (card) => [...(card.querySelector(PHOTO)?.files ?? [])];
    const nameOf = (card, cell) => cell.name.slice(card.dataset.prefix.length);
    document.body.classList.add("tk-scripted");

    function uuid() { // crypto.randomUUID is only there over https
        const bytes = crypto.getRandomValues(new Uint8Array(16));
        bytes[6] = (bytes[6] & 15) | 64;
        bytes[8] = (bytes[8] & 63) | 128;
        const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
        return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
    }

    // ---- What is kept on this device
    function stored(pk) {
        try {
            return JSON.parse(localStorage.getItem(STORE + pk));
        } catch {
            return null;
        }
    }

    function keep(card, waits) {
        const told = {};
        for (const cell of cells(card)) told[nameOf(card, cell)] = cell.value;
        const sure = hidden(card, "sure").checked;
        const entry = { key: hidden(card, "key").value, base: hidden(card, "base").value, week: hidden(card, "week").value, told, sure, waits, at: Date.now() };
        try {
            localStorage.setItem(STORE + card.dataset.key, JSON.stringify(entry));
        } catch { /* a full or closed store: the page itself still has the text */ }
    }

    function forget(pk) {
        try {
            localStorage.removeItem(STORE + pk);
        } catch { /* as above */ }
    }

    function restore(card) {
        const entry = stored(card.dataset.key);
        if (!entry) return;
        const stale = Date.now() - entry.at > FORGOTTEN;
        const same = cells(card).every((cell) => (entry.told[nameOf(card, cell)] ?? "") === cell.value);
        if (stale || (same && !entry.waits)) return forget(card.dataset.key);
        for (const cell of cells(card)) cell.value = entry.told[nameOf(card, cell)] ?? "";
        for (const name of ["key", "base", "week"]) hidden(card, name).value = entry[name];
        hidden(card, "sure").checked = entry.sure;
        card.open = true;
        if (entry.told.help_wanted || entry.told.problem) card.querySelector(".tk-more").open = true;
        card.dataset.kept = entry.waits ? "waits" : "1";
        card.dataset.tried = "1";
        say(card, entry.waits ? "上次没有送出，正在报送…" : "已恢复上次填了没有报送的内容");
        checkSoon(card);
    }

    // ---- Sending
    function bodyOf(card, files) {
        const body = new FormData();
        const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
        body.append("csrfmiddlewaretoken", token ? token[1] : form.querySelector("[name=csrfmiddlewaretoken]").value);
        for (const field of card.querySelectorAll("input, textarea, select")) {
            if (field.type === "file") {
                if (files) for (const file of field.files) body.append(field.name, file);
            } else if (field.type !== "checkbox" || field.checked) {
                body.append(field.name, field.value);
            }
        }
        return body;
    }

    async function post(url, body) {
        const answer = await fetch(url, { method: "POST", headers: HEADER, body, redirect: "manual" });
        if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) throw new Error("signed out");
        if (!answer.ok) throw new Error("refused");
        return answer.json();
    }

    async function send(card, name, value) {
        if (card.dataset.busy) return;
        card.dataset.busy = "1";
        keep(card, name === "tell");
        card.dataset.tried = "1";
        say(card, "正在报送…");
        const body = bodyOf(card, true);
        body.append(name, value);
        const sent = cells(card).map((cell) => cell.value);
        const photos = filesOf(card);
        try {
            const told = (await post(window.location.href, body)).cards[card.dataset.key];
            if (told === undefined) throw new Error("refused");
            put(card, told, cells(card).filter((cell, at) => cell.value !== sent[at]), photos);
            trouble("");
        } catch (error) {
            if (error.message === "refused") {
                say(card, "没有报送：系统没有接受，内容已存在本机，请稍后再按一次");
                keep(card, false);
            } else {
                card.dataset.kept = "waits";
                say(card, "未报送，已存在本机");
                trouble(error.message === "signed out" ? SIGNED_OUT : LOST, error.message === "signed out");
            }
        } finally {
            delete card.dataset.busy;
        }
    }

    async function sendWaiting() {
        for (const card of cards()) {
            if (card.isConnected && card.dataset.kept === "waits") await send(card, "tell", card.dataset.key);
        }
    }

    // `later` are the cells in which something was typed while the card was on its way, `sent` the photos that went.
    function put(card, html, later, sent) {
        const at = document.activeElement && card.contains(document.activeElement) ? document.activeElement.name : "";
        const spot = at ? document.activeElement.selectionStart : null;
        const holder = document.createElement("template");
        holder.innerHTML = html.trim();
        const fresh = holder.content.firstElementChild;
        card.replaceWith(fresh);
        const done = !fresh.querySelector("[role=alert], [aria-invalid]");
        for (const cell of later) hidden(fresh, nameOf(card, cell)).value = cell.value;
        const photos = filesOf(card);
        const more = photos.length > 0 && photos.some((file) => !sent.includes(file));
        if (more) {
            fresh.querySelector(PHOTO).replaceWith(card.querySelector(PHOTO));
            fresh.querySelector(PHOTO).dispatchEvent(new Event("change", { bubbles: true }));
        }
        const open = later.length > 0 || more;
        const next = done && !open && fresh.dataset.told === "1" && cards().find((each) => each.dataset.told === "0");
        if (next) next.open = true;
        else fresh.open = !done || open;
        if (next) next.scrollIntoView({ block: "nearest" });
        const again = !next && at && fresh.querySelector(`[name="${CSS.escape(at)}"]`);
        if (again) again.focus();
        if (again && typeof spot === "number") again.setSelectionRange(spot, spot);
        forget(fresh.dataset.key);
        // What was refused stays on the page, and so on this device, until it is mended.
        if (!done || open) keep(fresh, false);
        if (open) {
            fresh.dataset.kept = "1";
            say(fresh, "报送后又填的内容还没有报送");
            checkSoon(fresh);
        }
        const count = document.getElementById("tk-count");
        if (count) count.textContent = `${cards().filter((each) => each.dataset.told === "1").length}/${cards().length}`;
    }

    function say(card, sentence) {
        card.querySelector(".tk-state").textContent = sentence;
    }

    function trouble(sentence, signedOut = false) {
        const bar = document.getElementById("tk-offline");
        bar.hidden = !sentence;
        bar.querySelector("span").textContent = sentence;
        bar.querySelector("a").hidden = !signedOut;
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
            told = await post(form.dataset.check, bodyOf(card, false));
        } catch {
            return; // it is checked again when it is sent
        }
        if (asked.get(card) === turn && card.isConnected) show(card, told);
    }

    function show(card, told) {
        for (const field of card.querySelectorAll("[data-field]")) {
            const name = field.dataset.field;
            const sentence = (told.errors[name] || [told.doubts[name] || ""])[0];
            const place = card.querySelector(`[data-said-for="${name}"]`) || field.querySelector(".tk-said");
            if (place) place.textContent = sentence;
            const cell = field.querySelector(".tk-input");
            if (sentence) cell.setAttribute("aria-invalid", "true");
            else cell.removeAttribute("aria-invalid");
        }
        const sure = card.querySelector(".tk-sure");
        sure.hidden = Object.keys(told.doubts).length === 0;
        if (sure.hidden) sure.querySelector("input").checked = false;
        const gain = card.querySelector("[data-gain]");
        gain.dataset.before ??= gain.textContent;
        gain.textContent = [gain.dataset.before, told.says].filter(Boolean).join("；");
    }

    // ---- What a person does
    form.addEventListener("input", (event) => {
        const card = cardOf(event.target);
        if (!card || event.target.type === "file") return;
        // A save that may have arrived is known by its number: what is typed after it is another one.
        if (card.dataset.tried) hidden(card, "key").value = uuid();
        delete card.dataset.tried;
        if (card.dataset.kept !== "waits") card.dataset.kept = "1";
        keep(card, card.dataset.kept === "waits");
        say(card, card.dataset.kept === "waits" ? "未报送，已存在本机" : "");
        checkSoon(card);
    });
    form.addEventListener("change", (event) => {
        if (event.target.type !== "file") return;
        const count = event.target.files.length;
        event.target.closest("label").querySelector("span").textContent = count ? `已选 ${count} 张，报送时上传` : "拍照或选照片";
    });
    form.addEventListener("click", (event) => {
        const button = event.target.closest("button[type=submit]");
        const card = button && cardOf(button);
        if (!card) return;
        event.preventDefault();
        send(card, button.name, button.value);
    });
    form.addEventListener("submit", (event) => { // the Enter key in a line: on to the next cell
        event.preventDefault();
        const card = document.activeElement && cardOf(document.activeElement);
        const all = card ? cells(card) : [];
        const next = all[all.indexOf(document.activeElement) + 1];
        if (next && next.offsetParent) next.focus();
        else if (document.activeElement) document.activeElement.blur();
    });
    window.addEventListener("online", sendWaiting);
    document.addEventListener("visibilitychange", () => {
        if (document.visibilityState === "visible") sendWaiting();
    });
    setInterval(sendWaiting, AGAIN);
    cards().forEach(restore);
    sendWaiting();
})();
