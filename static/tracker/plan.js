// The grid of 编制年度计划, as one types. All arithmetic is the server's: the form is sent as it stands, and what comes
// back is laid over the page. Without this script the buttons of the form do the same.
"use strict";

(() => {
    const form = document.getElementById("plan-form");
    const method = form.elements["method"];
    const cells = () => [...form.querySelectorAll("[data-cell]")];
    const FILLING = ["year", "amount", "first_month", "method", "season"];
    let asked = 0;
    let waiting = 0;

    async function compute(what, { more = {}, cellsToo = false } = {}) {
        clearTimeout(waiting);
        const turn = ++asked;
        const data = new FormData(form);
        data.set("compute", what);
        Object.entries(more).forEach(([name, value]) => data.set(name, value));
        form.classList.add("tk-plan-busy");
        try {
            const answer = await fetch(form.action || location.href, { method: "POST", body: data, credentials: "same-origin" });
            if (!answer.ok) throw new Error(answer.status);
            const text = await answer.text();
            if (turn === asked) lay(new DOMParser().parseFromString(text, "text/html"), cellsToo);
        } catch {
            if (turn === asked) say("没有算出来：网络不通，或登录已过期。填好的内容还在，可以再点“按所选方法计算”。");
        } finally {
            if (turn === asked) form.classList.remove("tk-plan-busy");
        }
    }

    function lay(page, cellsToo) {
        if (!page.getElementById("plan-form")) throw new Error("signed out");
        for (const old of form.querySelectorAll("[data-live]")) {
            const fresh = page.querySelector(`[data-live="${old.dataset.live}"]`);
            // Shares that are being typed stay as they are.
            if (fresh && !(old.dataset.live === "shares" && old.contains(document.activeElement))) old.innerHTML = fresh.innerHTML;
        }
        if (!cellsToo) return;
        for (const cell of cells()) cell.value = page.querySelector(`[name="${cell.name}"]`).value;
        method.value = page.querySelector('[name="method"]').value;
    }

    function say(words) {
        const line = document.createElement("p");
        line.className = "tk-warn";
        line.textContent = words;
        form.querySelector('[data-live="notes"]').replaceChildren(line);
    }

    function fillOrShow() {
        const typed = method.value === "typed";
        compute(typed ? "show" : "fill", { cellsToo: !typed });
    }

    function fills(field) {
        return FILLING.includes(field.name) || field.name.startsWith("share_");
    }

    form.addEventListener("input", (event) => {
        if (!event.target.dataset.cell) return;
        method.value = "typed";
        clearTimeout(waiting);
        waiting = setTimeout(() => compute("show"), 400);
    });

    form.addEventListener("change", (event) => {
        if (!fills(event.target)) return;
        if (event.target.name === "season" && event.target.value) method.value = "season";
        if (event.target.name.startsWith("share_")) method.value = "steps";
        if (method.value === "season" && !form.elements["season"].value) return;
        fillOrShow();
    });

    form.addEventListener("paste", (event) => {
        const cell = event.target.dataset.cell;
        const text = event.clipboardData?.getData("text/plain") ?? "";
        if (!cell || !/[\t\n\r]/.test(text.trimEnd())) return;
        event.preventDefault();
        compute("show", { more: { pasted: text, pasted_at: cell }, cellsToo: true });
    });

    form.addEventListener("keydown", (event) => {
        const at = Number(event.target.dataset.cell);
        const step = { Enter: 1, ArrowDown: 1, ArrowUp: -1 }[event.key];
        if (!at || !step || event.isComposing) return;
        event.preventDefault();
        const next = cells()[at - 1 + step];
        if (next) {
            next.focus();
            next.select();
        }
    });
})();
