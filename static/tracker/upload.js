/* 上传报道 and 上传台账 with a script: files are dragged or chosen, sent one by one, and their lines follow what becomes of them.
   Without this file the page sends all files as one form and has a link to refresh. */
"use strict";
(() => {
    const form = document.getElementById("tk-upload");
    if (!form) return;
    const HEADER = { "X-Requested-With": "upload.js" };
    const LOST = "没有网络，没有上传；联网后请再按一次“上传”";
    const SIGNED_OUT = "登录已过期，没有上传；请重新登录后再上传";
    const FAILED = "系统没有接受，没有上传；请稍后再按一次“上传”";
    const MOST_WAITING = 30000;
    const every = Number(form.dataset.every);
    const picker = form.querySelector("input[type=file]");
    const drop = document.getElementById("tk-drop");
    const chosen = document.getElementById("tk-chosen");
    const refused = document.getElementById("tk-refused");
    const list = document.getElementById("tk-uploads");
    const button = form.querySelector("button[type=submit]");
    let files = [];
    let busy = false;
    let wait = every;
    let timer = 0;
    document.body.classList.add("tk-scripted");

    function uuid() { // crypto.randomUUID is only there over https
        const bytes = crypto.getRandomValues(new Uint8Array(16));
        bytes[6] = (bytes[6] & 15) | 64;
        bytes[8] = (bytes[8] & 63) | 128;
        const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
        return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
    }

    function line(words, kind = "") {
        const item = document.createElement("li");
        item.className = kind;
        item.textContent = words;
        return item;
    }

    // ---- Choosing
    function choose(more) {
        for (const file of more) {
            if (!files.some((each) => each.name === file.name && each.size === file.size)) files.push(file);
        }
        picker.value = "";
        show();
    }

    function show(at = -1) {
        const words = (file, place) => `${file.name}${place < at ? "：已上传" : place === at ? "：正在上传…" : ""}`;
        chosen.replaceChildren(...files.map((file, place) => line(words(file, place))));
        button.textContent = files.length ? `上传 ${files.length} 个文件` : "上传";
    }

    picker.addEventListener("change", () => choose([...picker.files]));
    for (const name of ["dragenter", "dragover"]) {
        drop.addEventListener(name, (event) => {
            event.preventDefault();
            drop.classList.add("tk-over");
        });
    }
    for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => drop.classList.remove("tk-over"));
    drop.addEventListener("drop", (event) => {
        event.preventDefault();
        choose([...event.dataTransfer.files]);
    });

    // ---- Sending
    async function ask(url, options = {}) {
        let answer;
        try {
            answer = await fetch(url, { headers: HEADER, redirect: "manual", ...options });
        } catch {
            throw new Error(LOST);
        }
        if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) throw new Error(SIGNED_OUT);
        const json = (answer.headers.get("Content-Type") || "").startsWith("application/json");
        if (answer.status === 400 && json) {
            const told = Object.values((await answer.json()).errors).flat();
            throw new Error(told.map((each) => each.message).join("；"));
        }
        if (!answer.ok || !json) throw new Error(FAILED);
        return answer.json();
    }

    function bodyOf(file, bundle) {
        const body = new FormData(form);
        body.append("bundle", bundle);
        body.delete("files");
        if (file) {
            body.append("files", file);
            body.delete("text");
            body.delete("title");
        }
        return body;
    }

    async function send() {
        const text = form.querySelector("[name=text]");
        const parts = files.length && !text?.value.trim() ? [...files] : [null];
        const kept = [];
        const bundle = uuid();
        if (files.length && parts[0] === null) return refused.append(line("文件和粘贴的文字请分两次上传"));
        try {
            for (const [at, file] of parts.entries()) {
                show(file ? at : -1);
                kept.push(file);
                const told = await ask(form.action, { method: "POST", body: bodyOf(file, bundle) });
                put(told.lines, true);
                refused.append(...told.refused.map((words) => line(words)), ...told.said.map((words) => line(words, "tk-known")));
            }
            if (text) text.value = form.querySelector("[name=title]").value = "";
        } catch (error) {
            kept.pop();
            refused.append(line(error.message));
        }
        files = files.filter((file) => !kept.includes(file));
        show();
        refused.scrollIntoView({ block: "nearest" });
        look();
    }

    form.addEventListener("submit", async (event) => {
        event.preventDefault();
        if (busy) return;
        busy = button.disabled = true;
        refused.replaceChildren();
        await send();
        busy = button.disabled = false;
    });

    // ---- Following
    function put(lines, first) {
        for (const [key, html] of Object.entries(lines).sort((one, other) => one[0] - other[0])) {
            const there = document.getElementById(`upload-${key}`);
            const holder = document.createElement("template");
            holder.innerHTML = html.trim();
            const fresh = holder.content.firstElementChild;
            if (there && same(there, fresh)) continue;
            if (there) there.replaceWith(fresh);
            else if (first || !list.firstElementChild || Number(key) > Number(list.firstElementChild.dataset.key)) list.prepend(fresh);
        }
        document.getElementById("tk-none").hidden = list.children.length > 0;
    }

    // What was chosen in a line stays while nothing is told anew of it.
    const outcome = (each) => each.dataset.state + (each.querySelector(".tk-upload-said")?.textContent ?? "");
    const same = (there, fresh) => outcome(there) === outcome(fresh);
    const left = () => list.querySelectorAll('[data-state="waiting"], [data-state="reading"]').length;

    function look() {
        clearTimeout(timer);
        if (left()) timer = setTimeout(follow, wait);
        document.getElementById("tk-left").textContent = left() ? `还有 ${left()} 个没有读完` : "";
    }

    async function follow() {
        try {
            const told = await ask(form.dataset.state);
            put(told.lines, false);
            document.getElementById("tk-nobody").hidden = !told.nobody;
            wait = every;
        } catch {
            wait = Math.min(wait * 2, MOST_WAITING); // it is read all the same
        }
        look();
    }

    show();
    look();
})();
