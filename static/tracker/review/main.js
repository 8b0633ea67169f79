// The page on which a report is checked: puts text and records together, listens to the keys, hears what others decide.

import { h, key, put } from "../meeting/dom.js";
import { Records } from "./records.js";
import { Sender } from "./sender.js";
import { Text } from "./text.js";

const OFTEN = 4000; // milliseconds between two looks at what others decided
const SELDOM = 15000; // while nobody looks at the page
const KEYS = [
    ["移动", [
        [["J", "K"], "下一条、上一条（也可用 ↓、↑）"],
        [["Esc"], "离开输入框；再按一次收起"],
    ]],
    ["处理", [
        [["回车"], "按建议采纳，并到下一条待处理的（也可用 A）；总数上是填写说明"],
        [["1", "…", "9"], "采纳为所列的第几个项目"],
        [["N"], "采纳为新项目"],
        [["E"], "更正读到的内容"],
        [["M"], "合并到已有项目，或本文的另一处"],
        [["R"], "不采纳（再按数字选原因）"],
        [["Y", "X"], "采用、不采用重新读取的结果"],
    ]],
    ["全篇", [
        [["Shift", "A"], "一次采纳全部有把握的"],
        [["U"], "撤销自己的上一步（也可用 Ctrl+Z）；自己没有，撤销别人的最后一步，先问一次"],
        [["?"], "显示这些按键"],
    ]],
];

const data = JSON.parse(document.getElementById("review-data").textContent);
const $ = (id) => document.getElementById(id);
let records = null;
let dialog = null;

const sender = new Sender({ urls: data.urls, user: data.user.id, report: data.report.id, state: () => data, heard, changed });
const text = new Text({ text: data.text, element: $("words"), legend: $("legend"), chosen });
text.draw(places());
records = new Records({ data, sender, text, element: $("records"), said: say, undo: (step) => takeBack(step, true) });
head();
bars();
// An address can name a record and one of its values: #m12.amount.
const [wanted, value] = location.hash.slice(1).split(".");
const asked = records.of(wanted);
const first = asked ?? records.items.find((item) => records.isOpen(item)) ?? records.items[0];
if (first) records.select(first, { move: Boolean(asked) });
if (asked && value) text.show(asked.id, value);

function places() {
    return [...data.rows, ...data.totals, ...data.differences].flatMap((row) => row.places.map(([start, end, kind, field]) => [start, end, kind, row.id, field]));
}

function chosen(owners) {
    const id = owners.includes(records.current?.id) ? records.current.id : owners[0];
    records.select(records.of(id), { focus: !isNarrow() });
}

function isNarrow() {
    return matchMedia("(max-width: 900px)").matches;
}

// ---- What the server tells
function heard(told, command = null, status = 200) {
    if (told.user && told.user.id !== data.user.id) {
        sender.link = "other";
        bars();
        return;
    }
    if (told.csrf) document.querySelector("[name=csrfmiddlewaretoken]").value = told.csrf;
    const before = new Map(data.rows.map((row) => [row.id, row.seen]));
    const touched = take(told);
    if (command) landed(told, command, status, before);
    else if (touched.size) for (const id of touched) if (before.has(id)) records.freshen(id);
    if (told.by?.length && !command) say(`${told.by.join("、")}刚才处理了 ${touched.size} 条`);
    if (!command && !touched.size) return;
    head();
    bars();
}

// Takes in what has changed; the ids of the records that somebody touched.
function take(told) {
    for (const name of ["at", "shape", "last", "certain", "counts"]) if (name in told) data[name] = told[name];
    const whole = Boolean(told.whole);
    const touched = new Set((told.rows ?? []).map((row) => row.id));
    if (whole) data.rows = told.rows;
    else for (const row of told.rows ?? []) data.rows[data.rows.findIndex((each) => each.id === row.id)] = row;
    const redrawn = new Set(touched);
    for (const [id, proposal] of Object.entries(told.proposals ?? {})) {
        const row = data.rows.find((each) => each.id === id);
        if (!row || JSON.stringify(row.proposal) === JSON.stringify(proposal)) continue;
        row.proposal = proposal;
        redrawn.add(id);
    }
    for (const name of ["totals", "differences", "events"]) if (told[name]) data[name] = told[name];
    if (whole) {
        text.draw(places());
        records.build();
        records.light(records.current?.id ?? null);
        return touched;
    }
    if (touched.size) {
        const fresh = JSON.stringify(places());
        if (fresh !== take.places) {
            take.places = fresh;
            text.draw(places());
            records.light(records.current?.id ?? null);
        }
    }
    for (const row of [...(told.totals ?? []), ...(told.differences ?? [])]) redrawn.add(row.id);
    records.refresh(redrawn);
    if (told.events) records.events(told.events);
    return touched;
}

function landed(told, command, status, before) {
    const item = records.of(command.item);
    if (status === 200) {
        if (command.typed) sender.keep(command.typed, null);
        undo.last = command.do;
        say(told.said);
        if (command.do === "undo" && told.about) records.select(records.of(told.about));
        if (command.do === "certain" && !records.form && !(records.current && records.isOpen(records.current))) records.onward();
    } else if (command.tries > 1 && told.code === "stale" && told.own) {
        // The answer to the first try was lost; what was wanted has been done.
        if (command.typed) sender.keep(command.typed, null);
    } else {
        if (command.typed) sender.keep(command.typed, { ...sender.draft(command.typed), errors: told.errors && Object.keys(told.errors).length ? told.errors : { "": told.said } });
        say(told.said, true);
        // Back to it, unless he is writing elsewhere by now: then its card says so.
        if (item && told.code !== "gone" && !document.activeElement.matches("input, textarea, select")) {
            records.select(item);
            records.form?.focus();
        }
    }
    if (item) records.draw(item);
}

function changed() {
    if (!records) return;
    const pending = new Set(sender.queue.map((each) => each.item));
    const again = new Set([...pending, ...(changed.before ?? [])]);
    changed.before = pending;
    records.refresh(again);
    head();
    bars();
}

async function listen() {
    if (!sender.busy && !sender.queue.length) await sender.look();
    setTimeout(listen, document.hidden ? SELDOM : OFTEN);
}

// ---- The head of the page
function head() {
    const { report, counts, certain, last } = data;
    put($("facts"), `${report.zone} · ${report.published}`);
    const button = (words, name, act, main = false, off = false) => h("button", { type: "button", class: main ? "main" : null, disabled: off, onclick: act }, words, name ? key(...name) : null);
    put(
        $("commands"),
        report.writes && certain ? button(`采纳有把握的 ${certain} 条`, ["Shift", "A"], all, true) : null,
        report.writes ? button("撤销", ["U"], undo, false, !last && !sender.queue.length) : null,
        button("按键", ["?"], keys),
    );
    put($("passed"), h("b", {}, String(counts.done)), ` / ${counts.all}`, h("small", {}, "已处理"));
}

function bars() {
    const count = sender.queue.length;
    const state = !count ? "saved" : sender.link === "up" ? "saving" : "unsaved";
    const words = { saved: data.report.writes ? "已全部保存" : "只读", saving: "保存中…", unsaved: `${count} 步未保存` }[state];
    if ($("saved").textContent !== words) Object.assign($("saved"), { textContent: words }).dataset.state = state;
    document.title = `${count ? "● " : ""}${data.report.title}`;
    const shown = [];
    const link = (words, url) => h("a", { class: "button main", href: url, target: "_blank", rel: "noopener" }, words);
    if (sender.link === "down") shown.push(bar("warn", `连不上服务器。${count ? `已处理的 ${count} 步存在这台电脑上，` : ""}连上后自动保存，可以继续。`));
    if (sender.link === "out") shown.push(bar("warn", "登录已过期。处理的内容都在，重新登录后自动保存。", link("重新登录（新窗口）", `${data.urls.login}?next=${encodeURIComponent(data.urls.home)}`)));
    if (sender.link === "other") shown.push(bar("warn", `现在登录的是另一个账号。这里的处理属于${data.user.name}，请换回这个账号登录后再保存。`, link("打开工作台", data.urls.home)));
    if (!data.report.writes) shown.push(bar("calm", "您可以查看这篇报道；审核由所属区域的项目办进行。"));
    if (sender.stored === false) shown.push(bar("warn", "浏览器存不下未保存的内容，请不要关闭这一页。"));
    const said = shown.map((each) => each.textContent).join("|");
    if (said === $("bars").dataset.said) return;
    $("bars").dataset.said = said;
    put($("bars"), shown);
}

function bar(kind, words, ...more) {
    return h("div", { class: `bar bar-${kind}` }, h("span", {}, words), more);
}

function say(words, bad = false) {
    if (!words) return;
    const toast = $("toast");
    toast.textContent = words;
    toast.className = bad ? "shown bad" : "shown";
    clearTimeout(say.timer);
    say.timer = setTimeout(() => (toast.className = ""), bad ? 8000 : 3500);
}

// ---- What lies over the page
function show(label, kind, ...children) {
    dialog?.close();
    const back = document.activeElement;
    const made = h("dialog", { class: `over over-${kind}`, "aria-label": label }, children);
    made.addEventListener("close", () => {
        made.remove();
        if (dialog === made) dialog = null;
        if (back?.isConnected && document.activeElement === document.body) back.focus({ preventScroll: true });
    });
    $("over").append(made);
    dialog = made;
    made.showModal();
    return made;
}

function keys() {
    show(
        "按键",
        "keys",
        h("h2", {}, "按键"),
        h("div", { class: "columns" }, KEYS.map(([title, lines]) => h("section", {}, h("h3", {}, title), h("dl", {}, lines.map(([names, words]) => [h("dt", {}, key(...names)), h("dd", {}, words)]))))),
        h("form", { method: "dialog" }, h("button", { class: "main" }, "关闭", key("Esc"))),
    );
}

function all() {
    if (!data.report.writes) return;
    const { certain } = data;
    if (!certain) {
        say("没有可以一次采纳的：余下的都要逐条看", true);
        return;
    }
    const open = data.rows.filter((row) => row.open);
    const sure = open.filter((row) => row.proposal.certain);
    const fresh = sure.filter((row) => row.proposal.kind === "new").length;
    const choose = open.filter((row) => row.proposal.kind === "choose").length;
    const rest = open.length - sure.length;
    const split = [choose ? `${choose} 条要选是哪个项目` : "", rest > choose ? `${rest - choose} 条要再看一眼` : ""].filter(Boolean).join("，");
    const go = h("button", { class: "main", type: "button", onclick: given }, `采纳 ${certain} 条`, key("回车"));
    show(
        "采纳全部有把握的",
        "end",
        h("h2", {}, "采纳全部有把握的"),
        h("ul", {}, h("li", {}, `${certain} 条写得清楚：${[certain > fresh ? `${certain - fresh} 条与台账的项目名称一致` : "", fresh ? `${fresh} 条台账中没有，也没有相近的` : ""].filter(Boolean).join("，")}`), h("li", {}, rest ? `其余 ${rest} 条留下：${split}` : "采纳后没有剩下的"), h("li", {}, "采纳后可以撤销")),
        h("form", { method: "dialog", class: "buttons" }, go, h("button", {}, "返回", key("Esc"))),
    );
    go.focus();
    function given() {
        dialog.close();
        sender.give({ do: "certain" });
    }
}

function undo() {
    if (!data.report.writes) return;
    const taken = sender.takeBack();
    if (!taken && ["answer", "settle"].includes(undo.last)) {
        // What was written down can be written anew; an undo would take back what was accepted before.
        undo.last = "";
        say("刚填写的说明可以直接修改；再按一次，撤销上一次的采纳或更正", true);
        return;
    }
    if (taken) {
        say("已撤回，没有发送");
        records.select(records.of(taken.item) ?? records.current);
    } else if (data.last && !data.last.own && !sender.queue.length) takeBack(data.last, false);
    else if (data.last || sender.queue.length) sender.give({ do: "undo" });
    else say("没有可以撤销的步骤", true);
}

// A step that is pointed at. What another did, and what was done at once with others, is asked about first.
function takeBack(step, alone) {
    const give = (only) => {
        dialog?.close();
        sender.give({ do: "undo", event: step.event, alone: only, item: step.id });
    };
    if (step.own && step.with === 1) {
        give(true);
        return;
    }
    const choice = (words, only) => h("button", { type: "button", class: only === alone || step.with === 1 ? "main" : null, onclick: () => give(only) }, words, only === alone || step.with === 1 ? key("回车") : null);
    const one = choice(step.with === 1 ? "撤销" : `只撤销“${step.name}”`, true);
    const every = step.with > 1 ? choice(`${step.with} 条一起撤销`, false) : null;
    show(
        "撤销",
        "end",
        h("h2", {}, step.own ? "撤销这一步？" : `这一步是${step.by}做的，要撤销吗？`),
        h("ul", {}, h("li", {}, `${step.at} ${step.by}：${step.what}“${step.name}”${step.with > 1 ? `等 ${step.with} 条` : ""}`), h("li", {}, "撤销后回到待审核；已经登记的一并撤回，经过里留有记录")),
        h("form", { method: "dialog", class: "buttons" }, alone ? [one, every] : [every, one], h("button", {}, "返回", key("Esc"))),
    );
    (alone || !every ? one : every).focus();
}

// ---- Keys
document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.defaultPrevented || dialog?.open) return;
    const typing = event.target.matches("input, textarea, select");
    const control = event.ctrlKey || event.metaKey;
    const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (typing || event.altKey) return;
    if (control) {
        if (name === "z" && !event.shiftKey) act(event, undo);
        return;
    }
    const onButton = event.target.matches("button:not(.record-head), a, summary");
    if (name === "ArrowDown" || name === "j") act(event, () => records.step(1));
    else if (name === "ArrowUp" || name === "k") act(event, () => records.step(-1));
    else if (name === "Home" && records.items.length) act(event, () => records.select(records.items[0]));
    else if (name === "End" && records.items.length) act(event, () => records.select(records.items[records.items.length - 1]));
    else if (name === "a" && event.shiftKey) act(event, all);
    else if (name === "a" || (name === "Enter" && !onButton)) act(event, () => !event.repeat && records.accept());
    else if (/^[1-9]$/.test(name)) act(event, () => records.choose(Number(name)));
    else if (name === "n") act(event, () => records.makeNew());
    else if (name === "e") act(event, () => records.open("correct"));
    else if (name === "m") act(event, () => records.open("merge"));
    else if (name === "r") act(event, () => records.open("refuse"));
    else if (name === "y" || name === "x") act(event, () => records.reread(name === "y" ? "take" : "dismiss"));
    else if (name === "u") act(event, undo);
    else if (name === "?" || name === "？") act(event, keys);
    else if (name === "Escape") act(event, () => records.fold());
});

function act(event, done) {
    event.preventDefault();
    done();
}

$("unfold").addEventListener("click", () => {
    const folded = document.body.classList.toggle("text-shown");
    $("unfold").textContent = folded ? "收起全文" : "显示全文";
    $("unfold").setAttribute("aria-expanded", String(folded));
});
setTimeout(listen, OFTEN);
