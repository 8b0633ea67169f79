/* The page of a ledger with a script: all meanings in every dropdown, cells corrected where they stand, by keyboard or
   mouse, a button pressed once, and a worker followed.
   Without it every form works, and the page has a link to refresh. */
"use strict";
(() => {
    const page = document.querySelector(".tk-ledger");
    if (!page) return;
    document.body.classList.add("tk-scripted");

    // ---- All meanings, once a dropdown is touched: a sheet of forty columns would else hold thousands of them.
    const meanings = document.getElementById("tk-meanings");
    function fill(select) {
        if (!meanings || select.dataset.filled) return;
        select.dataset.filled = "1";
        const there = new Set([...select.options].map((option) => option.value));
        const rest = document.createElement("optgroup");
        rest.label = "其他含义";
        rest.append(...[...meanings.content.children].filter((option) => !there.has(option.value)).map((option) => option.cloneNode(true)));
        if (rest.children.length) select.append(rest);
    }
    for (const name of ["pointerdown", "focusin"]) {
        page.addEventListener(name, (event) => {
            if (event.target.matches?.(".tk-meaning")) fill(event.target);
        });
    }

    // ---- What was changed in the heads waits for its button
    page.addEventListener("change", (event) => {
        const form = event.target.form;
        if (form?.id === "tk-answer") form.querySelector("button").classList.remove("tk-button-plain");
    });

    // ---- Cells: arrows move, Enter corrects, Escape gives up, N goes to the next doubtful one
    const sheet = page.querySelector(".tk-sheet:not(.tk-raw)");
    const sending = document.getElementById("tk-cell");
    const KEPT = `ledger-cell:${location.pathname}`;
    const cellOf = (node) => node.closest?.("tr[data-number] > td[data-index]");
    const cellAt = (row, index) => row?.querySelector(`td[data-index="${index}"]`);

    function go(cell) {
        if (!cell) return;
        cell.focus({ preventScroll: true });
        cell.scrollIntoView({ block: "nearest", inline: "nearest" });
    }

    function beside(cell, key) {
        if (key === "ArrowLeft") return cell.previousElementSibling && cellOf(cell.previousElementSibling);
        if (key === "ArrowRight") return cell.nextElementSibling;
        const next = key === "ArrowUp" ? "previousElementSibling" : "nextElementSibling";
        let row = cell.parentElement[next];
        while (row && !row.dataset.number) row = row[next];
        return cellAt(row, cell.dataset.index);
    }

    const onlyChanged = new URLSearchParams(location.search).get("only") === "changed";
    const WANTED = `.tk-cell-doubt, .tk-cell-wrong${onlyChanged ? ", .tk-cell-changed" : ""}`;
    function nextDoubt(cell, back) {
        const all = [...sheet.querySelectorAll("tr[data-number] > td")];
        const doubts = all.filter((each) => each.matches(WANTED));
        const at = all.indexOf(cell);
        const rest = doubts.filter((each) => (back ? all.indexOf(each) < at : all.indexOf(each) > at));
        return (back ? rest.at(-1) : rest[0]) ?? (back ? doubts.at(-1) : doubts[0]);
    }

    function type(cell) {
        if (!sending || cell.querySelector("input")) return;
        const shown = cell.querySelector(".tk-value");
        const input = document.createElement("input");
        input.className = "tk-typing";
        input.maxLength = 2000;
        input.value = shown.textContent;
        input.setAttribute("aria-label", `第${cell.parentElement.dataset.number}行`);
        shown.hidden = true;
        cell.append(input);
        input.focus();
        input.select();
        const leave = () => {
            input.remove();
            shown.hidden = false;
        };
        input.addEventListener("keydown", (event) => {
            event.stopPropagation();
            if (event.isComposing) return; // Enter chooses a word, Escape drops it
            if (event.key === "Escape") {
                leave();
                go(cell);
            }
            if (event.key !== "Enter") return;
            event.preventDefault();
            if (input.value.trim() === shown.textContent.trim()) {
                leave();
                return go(cell);
            }
            const { number } = cell.parentElement.dataset;
            sending.elements.number.value = number;
            sending.elements.column.value = cell.dataset.index;
            sending.elements.value.value = input.value;
            sessionStorage.setItem(KEPT, JSON.stringify([number, cell.dataset.index]));
            sending.requestSubmit();
        });
    }

    // A sentence that would stand out of the frame opens to the left.
    function turn(event) {
        const bubble = event.target.closest?.("td, .tk-why")?.querySelector(":scope > .tk-bubble");
        if (!bubble) return;
        bubble.classList.remove("tk-leftward");
        const frame = bubble.closest(".tk-sheet-scroll").getBoundingClientRect();
        if (bubble.getBoundingClientRect().right > Math.min(frame.right, innerWidth)) bubble.classList.add("tk-leftward");
    }

    if (sheet) {
        for (const name of ["mouseover", "focusin"]) sheet.addEventListener(name, turn);
        for (const cell of sheet.querySelectorAll("tr[data-number] > td[data-index]:not([tabindex])")) cell.tabIndex = -1;
        sheet.addEventListener("keydown", (event) => {
            const cell = cellOf(event.target);
            if (!cell || event.ctrlKey || event.metaKey || event.altKey) return;
            const { key } = event;
            if (key.startsWith("Arrow")) go(beside(cell, key));
            else if (key === "Enter" || key === "F2") type(cell);
            else if (key === "n" || key === "N") go(nextDoubt(cell, event.shiftKey));
            else return;
            event.preventDefault();
        });
        sheet.closest(".tk-sheet-scroll").addEventListener("keydown", (event) => {
            if (event.target !== event.currentTarget) return; // the frame itself has the focus: into the table
            const first = event.key === "n" || event.key === "N" ? nextDoubt(null, false) : null;
            const into = first ?? (event.key === "Enter" ? sheet.querySelector("tr[data-number] > td[data-index]") : null);
            if (!into) return;
            event.preventDefault();
            go(into);
        });
        sheet.addEventListener("dblclick", (event) => {
            const cell = cellOf(event.target);
            if (cell && !event.target.matches("input")) type(cell);
        });
        const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
        sessionStorage.removeItem(KEPT);
        if (kept) requestAnimationFrame(() => go(cellAt(sheet.querySelector(`tr[data-number="${kept[0]}"]`), kept[1])));
    }

    // ---- A form is sent once
    page.addEventListener("submit", (event) => {
        const form = event.target;
        if (form.dataset.sent) return event.preventDefault();
        form.dataset.sent = "1";
    });
    window.addEventListener("pageshow", () => {
        for (const form of page.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
    });

    // ---- Following a worker
    const busy = document.getElementById("tk-busy");
    const EVERY = 1500;
    const LONGEST = 30000;
    let wait = EVERY;
    async function follow() {
        try {
            const answer = await fetch(busy.dataset.state, { headers: { "X-Requested-With": "ledger.js" }, redirect: "manual" });
            if (!answer.ok) throw new Error(String(answer.status));
            const told = await answer.json();
            if (!told.busy) return location.reload();
            const bar = document.getElementById("tk-progress"); // there is none where nobody can look
            if (bar) {
                bar.value = told.percent;
                document.getElementById("tk-done").textContent = told.rows;
            }
            document.getElementById("tk-said").textContent = told.outcome;
            wait = EVERY;
        } catch {
            wait = Math.min(wait * 2, LONGEST); // the worker goes on all the same
        }
        setTimeout(follow, wait);
    }
    if (busy) setTimeout(follow, wait);
})();
