// The page on which a meeting is held: puts its parts together, listens to the keys, hears what others write.

import { Agenda } from "./agenda.js";
import { Dialogs } from "./dialogs.js";
import { h, key, put } from "./dom.js";
import { ask, Outbox } from "./outbox.js";

const OFTEN = 2500; // milliseconds between two looks at what others wrote
const SELDOM = 10000; // while nobody looks at the page

const data = JSON.parse(document.getElementById("meeting-data").textContent);
const choices = { units: [], people: [] };
const $ = (id) => document.getElementById(id);
let at = data.at;
let agenda = null;
let dialogs = null;

const server = {
    at: () => at,
    value(row, field) {
        if (row === "meeting") return data.meeting.notes[field] ?? "";
        return data.rows.find((each) => each.id === Number(row))?.values[field] ?? "";
    },
};

const outbox = new Outbox({ urls: data.urls, user: data.user.id, meeting: data.meeting.id, server, heard, changed });
outbox.over = !data.meeting.going;
agenda = new Agenda({ data, outbox, choices, element: $("agenda") });
dialogs = new Dialogs({ data, agenda, outbox, place: $("over") });
// Kept from a page that was closed, and kept by the server since.
for (const [row, fields] of Object.entries(outbox.drafts)) {
    for (const [field, draft] of Object.entries(fields)) if (draft.text === server.value(row, field)) outbox.forget(row, field);
}
head();
bars();
first();

function first() {
    const unfinished = Object.keys(outbox.forms)[0]?.split(":");
    const item = unfinished?.[1] ? agenda.of(Number(unfinished[1])) : null;
    if (item && data.meeting.going && unfinished[0] !== "revise") agenda.sheet(item, { do: unfinished[0] });
    else agenda.select(agenda.items[0], { move: false });
}

// ---- What the server tells
function heard(told, flight = null, status = 200) {
    if (told.user && told.user.id !== data.user.id) {
        outbox.link = "other";
        bars();
        return;
    }
    at = Math.max(at, told.at ?? 0);
    if (told.csrf) document.querySelector("[name=csrfmiddlewaretoken]").value = told.csrf;
    const went = data.meeting.going;
    if (told.meeting) data.meeting = told.meeting;
    agenda.heard(told, flight === null);
    if (told.meeting) {
        agenda.changed("meeting");
        head();
        if (data.meeting.going !== went) turned();
    }
    if (flight && status === 200 && told.said) say(told.said);
    if (flight && status !== 200 && ["undo", "start", "close"].includes(flight.do)) {
        outbox.takeBack(flight.key);
        say(told.said, true);
    }
    if (flight?.do === "close" && status === 200 && data.meeting.minutes) dialogs.minutes(data.meeting.minutes);
    bars();
}

// The meeting ended, or was taken up again.
function turned() {
    if (data.meeting.going) {
        location.reload();
        return;
    }
    outbox.over = true;
    for (const row of data.rows) row.writable = false;
    agenda.redraw();
}

function changed(row) {
    agenda?.changed(row);
    bars();
}

async function listen() {
    let told = null;
    try {
        const outcome = await ask(`${data.urls.changes}?after=${at}&state=${data.meeting.state}`);
        if (outcome.link) {
            if (outbox.link !== outcome.link && outbox.link !== "other") {
                outbox.link = outcome.link;
                bars();
            }
        } else told = outcome.told;
    } catch {
        if (outbox.link === "up") {
            outbox.link = "down";
            bars();
        }
    }
    if (told) {
        const was = outbox.link;
        if (told.user.id === data.user.id) outbox.link = "up";
        heard(told);
        if (was !== "up" && outbox.link === "up") outbox.again();
    }
    setTimeout(listen, document.hidden ? SELDOM : OFTEN);
}

async function learn() {
    try {
        const outcome = await ask(data.urls.choices);
        if (outcome.told) Object.assign(choices, outcome.told);
        else setTimeout(learn, SELDOM);
    } catch {
        setTimeout(learn, SELDOM);
    }
}

// ---- The head of the page
function head() {
    const { meeting } = data;
    put($("facts"), [meeting.day, meeting.notes.place, meeting.notes.chair ? `主持：${meeting.notes.chair}` : ""].filter(Boolean).join(" · "), " ", h("em", { class: `mark state-of-${meeting.state}` }, meeting.state_label));
    const button = (words, name, act, main = false) => h("button", { type: "button", class: main ? "main" : null, onclick: act }, words, key(name));
    put(
        $("commands"),
        button("查找", "/", () => dialogs.search()),
        button("宣读议定", "L", () => dialogs.readOut()),
        meeting.going && (meeting.runs || data.rows.some((row) => row.writable)) ? button("撤销", "Ctrl Z", undo) : null,
        meeting.runs && meeting.state === "preparing" && !meeting.early ? button("开始会议", "S", start, true) : null,
        meeting.runs && meeting.state === "running" ? button("结束会议", "E", () => dialogs.end(), true) : null,
        meeting.minutes ? h("a", { class: "button main", href: meeting.minutes.url }, "会议纪要") : null,
        button("按键", "?", () => dialogs.keys()),
    );
}

function bars() {
    if (!agenda) return;
    const count = outbox.count();
    const blocked = outbox.blocked();
    const told = data.rows.filter((row) => row.touched || row.filed || outbox.of(row.id) !== "saved").length;
    put($("passed"), h("b", {}, String(told)), ` / ${data.rows.length}`, h("small", {}, "已填"));
    const state = !count ? "saved" : outbox.link !== "up" || outbox.over ? "unsaved" : blocked ? "attention" : "saving";
    const words = { saved: data.meeting.going ? "已全部保存" : "已定格", saving: "保存中…", unsaved: `${count} 处未保存`, attention: `${blocked} 处待处理` }[state];
    if ($("saved").dataset.state !== state || $("saved").textContent !== words) {
        $("saved").dataset.state = state;
        $("saved").textContent = words;
    }
    document.title = `${count ? "● " : ""}${data.meeting.title}`;
    const shown = [];
    if (outbox.link === "down") shown.push(bar("warn", `连不上服务器。${count ? `填写的 ${count} 处都存在这台电脑上，` : ""}连上后自动保存，可以继续填写。`));
    if (outbox.link === "out") shown.push(bar("warn", "登录已过期。填写的内容都在，重新登录后自动保存。", h("a", { class: "button main", href: `${data.urls.login}?next=${encodeURIComponent(data.urls.home)}`, target: "_blank", rel: "noopener" }, "重新登录（新窗口）")));
    if (outbox.link === "other") shown.push(bar("warn", `现在登录的是另一个账号。这里填写的内容属于${data.user.name}，请换回这个账号登录后再保存。`, h("a", { class: "button main", href: data.urls.home, target: "_blank", rel: "noopener" }, "打开工作台")));
    if (!data.meeting.going) shown.push(bar("calm", `会议${data.meeting.state_label}，内容不能再改。${count ? `以下 ${count} 处没有来得及保存，请复制后交项目办处理。` : ""}`, count ? [h("button", { type: "button", onclick: copy }, "复制未保存的内容"), h("button", { type: "button", onclick: () => outbox.giveUp() }, "不要了")] : null));
    else if (data.meeting.early) shown.push(bar("calm", `会议定于 ${data.meeting.held_on} 召开，现在可以提前填写。`));
    const open = (row) => row === "meeting" || data.rows.some((each) => each.id === Number(row) && each.writable);
    const astray = data.meeting.going ? Object.keys(outbox.drafts).filter((row) => !open(row)) : [];
    if (astray.length) shown.push(bar("warn", `有 ${astray.length} 个项目已不在本次会议的议程里，或不再由您填报，填写的内容没有保存。`, h("button", { type: "button", onclick: copy }, "复制未保存的内容"), h("button", { type: "button", onclick: () => outbox.giveUp(astray) }, "不要了")));
    if (outbox.stored === false) shown.push(bar("warn", "浏览器存不下未保存的内容，请不要关闭这一页。"));
    const said = shown.map((each) => each.textContent).join("|");
    if (said === $("bars").dataset.said) return;
    $("bars").dataset.said = said;
    put($("bars"), shown);
}

function bar(kind, words, ...more) {
    return h("div", { class: `bar bar-${kind}` }, h("span", {}, words), more);
}

function say(words, bad = false) {
    const toast = $("toast");
    toast.textContent = words;
    toast.className = bad ? "shown bad" : "shown";
    clearTimeout(say.timer);
    say.timer = setTimeout(() => (toast.className = ""), bad ? 8000 : 3500);
}

async function copy() {
    const lines = Object.entries(outbox.drafts).flatMap(([row, fields]) => Object.entries(fields).map(([field, draft]) => `${data.rows.find((each) => each.id === Number(row))?.name ?? "会议记录"} ${data.labels[field] ?? data.notes[field]}：${draft.text}`));
    lines.push(...outbox.commands.map((each) => `${each.told?.matter ?? each.told?.title ?? ""}`).filter(Boolean));
    const area = h("textarea", { readOnly: true, value: lines.join("\n"), "aria-label": "未保存的内容" });
    const dialog = dialogs.show("未保存的内容", "copy", h("h2", {}, "未保存的内容"), area, h("form", { method: "dialog" }, h("button", { class: "main" }, "关闭", key("Esc"))));
    area.select();
    try {
        await navigator.clipboard.writeText(area.value);
        dialog.querySelector("h2").textContent = "未保存的内容（已复制）";
    } catch {
        // The text is selected: Ctrl+C does it.
    }
}

// ---- Commands of the page
function undo() {
    outbox.command({ do: "undo" });
}

function start() {
    if (data.meeting.runs && data.meeting.state === "preparing" && !data.meeting.early) outbox.command({ do: "start" });
}

function sheet(what) {
    if (!data.meeting.going || (what === "decide" && !data.meeting.runs)) return;
    let item = agenda.open ?? agenda.current;
    const fits = item && (item.kind === "row" || (what === "decide" && item.kind === "topic"));
    if (!fits && what === "decide") item = agenda.of("decisions");
    else if (!fits) return;
    agenda.sheet(item, { do: what });
}

// ---- Keys
const SHEETS = { d: "decide", p: "problem", m: "step" };

document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.defaultPrevented || dialogs.isOpen) return;
    const typing = event.target.matches("input, textarea, select");
    const control = event.ctrlKey || event.metaKey;
    const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (control && name === "Enter") act(event, () => agenda.onward(event.shiftKey ? -1 : 1));
    else if (control && name === "s") act(event, () => agenda.open && outbox.leave(agenda.open.id));
    else if (control && name === "z" && !event.shiftKey && !typing) act(event, undo);
    else if (event.altKey && !control && SHEETS[letter(event)]) act(event, () => sheet(SHEETS[letter(event)]));
    else if (control || event.altKey) return;
    else if (typing) field(event);
    else list(event, name);
});

// On some keyboards Alt changes what a key writes.
function letter(event) {
    return event.code.startsWith("Key") ? event.code.slice(3).toLowerCase() : event.key.toLowerCase();
}

function act(event, done) {
    event.preventDefault();
    done();
}

function field(event) {
    if (event.key === "Escape") act(event, () => (agenda.open ? agenda.open.head.focus({ preventScroll: true }) : event.target.blur()));
    else if (event.key === "Enter" && event.target.matches(".figures input, .notes input")) act(event, () => after(event.target)?.focus());
}

function after(input) {
    const all = [...agenda.open.body.querySelectorAll("textarea, input")];
    return all[all.indexOf(input) + 1];
}

function list(event, name) {
    const onButton = event.target.matches("button:not(.head), a, summary");
    if (name === "ArrowDown" || name === "j") act(event, () => agenda.step(1));
    else if (name === "ArrowUp" || name === "k") act(event, () => agenda.step(-1));
    else if (name === "Home") act(event, () => agenda.select(agenda.items[0]));
    else if (name === "End") act(event, () => agenda.select(agenda.items[agenda.items.length - 1]));
    else if (name === "Enter") {
        if (dialogs.arrive()) event.preventDefault();
        else if (!onButton && agenda.current) act(event, () => agenda.toggle(agenda.current));
    } else if (/^[0-9]$/.test(name)) act(event, () => dialogs.digit(name));
    else if (name === "Escape") act(event, () => (dialogs.digits ? dialogs.forget() : agenda.shut()));
    else if (name === "/" || name === "、") act(event, () => dialogs.search());
    else if (name === "?" || name === "？") act(event, () => dialogs.keys());
    else if (name === "l") act(event, () => dialogs.readOut());
    else if (name === "s") act(event, start);
    else if (name === "e" && data.meeting.runs && data.meeting.state === "running") act(event, () => dialogs.end());
    else if (SHEETS[name]) act(event, () => sheet(SHEETS[name]));
}

learn();
setTimeout(listen, OFTEN);
