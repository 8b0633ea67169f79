// What lies over the page: finding a project, going to a number, the keys, reading the decisions out, ending the meeting.

import { found } from "./choosing.js";
import { h, key, put } from "./dom.js";

const KEYS = [
    ["移动", [
        [["↑", "↓"], "上一项、下一项（也可用 K、J）"],
        [["回车"], "展开或收起；展开后光标就在“本周进展”"],
        [["1", "2", "回车"], "按序号跳到第 12 个项目并展开"],
        [["/"], "按名称或拼音首字母查找项目"],
        [["Ctrl", "回车"], "保存本项，展开下一个项目（Ctrl+Shift+回车 上一个）"],
        [["Esc"], "离开输入框；再按一次收起"],
    ]],
    ["填写", [
        [["Tab"], "下一个输入框（Shift+Tab 上一个）"],
        [["D"], "记一条议定事项（在输入框里用 Alt+D）"],
        [["P"], "登记问题（在输入框里用 Alt+P）"],
        [["M"], "节点完成（在输入框里用 Alt+M）"],
        [["Ctrl", "Z"], "撤销自己的上一步（在输入框里先撤销正在打的字）"],
    ]],
    ["会议", [
        [["L"], "宣读本次议定事项"],
        [["S"], "开始会议"],
        [["E"], "结束会议，起草纪要"],
        [["?"], "显示这些按键"],
    ]],
];

export class Dialogs {
    constructor({ data, agenda, outbox, place }) {
        Object.assign(this, { data, agenda, outbox, place });
        this.dialog = null;
        this.digits = "";
    }

    get isOpen() {
        return Boolean(this.dialog?.open);
    }

    show(label, kind, ...children) {
        this.close();
        const back = document.activeElement;
        const dialog = h("dialog", { class: `over over-${kind}`, "aria-label": label }, children);
        dialog.addEventListener("close", () => {
            dialog.remove();
            if (this.dialog === dialog) this.dialog = null;
            if (back?.isConnected && document.activeElement === document.body) back.focus({ preventScroll: true });
        });
        this.place.append(dialog);
        this.dialog = dialog;
        dialog.showModal();
        return dialog;
    }

    close() {
        this.dialog?.close();
    }

    // ---- Finding
    search() {
        let shown = [];
        let at = 0;
        const rows = this.data.rows;
        const input = h("input", { type: "text", role: "combobox", "aria-expanded": "true", "aria-controls": "found", "aria-label": "项目名称或拼音首字母", placeholder: "项目名称或拼音首字母", autocomplete: "off", spellcheck: "false" });
        const list = h("ul", { id: "found", role: "listbox", class: "options", "aria-label": "找到的项目" });
        const go = (row) => {
            this.close();
            this.agenda.unfold(this.agenda.of(row.id));
        };
        const draw = () => {
            shown = found(rows, input.value, 12);
            at = Math.min(at, Math.max(shown.length - 1, 0));
            const options = shown.map((row, each) => h("li", { id: `found-${each}`, role: "option", "aria-selected": String(each === at), onclick: () => go(row) }, h("b", {}, String(row.place)), row.name));
            put(list, options.length ? options : h("li", { class: "none", role: "option", "aria-selected": "false", "aria-disabled": "true" }, "没有找到这样的项目"));
            if (shown.length) input.setAttribute("aria-activedescendant", `found-${at}`);
        };
        input.addEventListener("input", () => {
            at = 0;
            draw();
        });
        input.addEventListener("keydown", (event) => {
            if (event.isComposing) return;
            if (event.key === "ArrowDown" || event.key === "ArrowUp") {
                event.preventDefault();
                if (shown.length) at = (at + (event.key === "ArrowDown" ? 1 : -1) + shown.length) % shown.length;
                draw();
            } else if (event.key === "Enter") {
                event.preventDefault();
                if (shown[at]) go(shown[at]);
            }
        });
        this.show("查找项目", "search", input, list);
        draw();
        input.focus();
    }

    // ---- Going to a number
    digit(digit) {
        this.digits = `${this.digits}${digit}`.slice(-4);
        const item = this.agenda.numbered(Number(this.digits));
        this.jump ??= this.place.appendChild(h("p", { class: "jump", role: "status" }));
        put(this.jump, h("b", {}, this.digits), item ? this.agenda.row(item).name : "没有这个序号", h("small", {}, item ? ["按", key("回车"), "展开"] : ["按", key("Esc"), "取消"]));
        clearTimeout(this.fading);
        this.fading = setTimeout(() => this.forget(), 6000);
    }

    forget() {
        clearTimeout(this.fading);
        this.digits = "";
        this.jump?.remove();
        this.jump = null;
    }

    // Whether digits were typed; then the row is gone to.
    arrive() {
        if (!this.digits) return false;
        const item = this.agenda.numbered(Number(this.digits));
        this.forget();
        if (item) this.agenda.unfold(item);
        return true;
    }

    // ---- Keys
    keys() {
        this.show(
            "按键",
            "keys",
            h("h2", {}, "按键"),
            h("div", { class: "columns" }, KEYS.map(([title, lines]) => h("section", {}, h("h3", {}, title), h("dl", {}, lines.map(([names, words]) => [h("dt", {}, key(...names)), h("dd", {}, words)]))))),
            h("form", { method: "dialog" }, h("button", { class: "main" }, "关闭", key("Esc"))),
        );
    }

    // ---- Reading out
    readOut() {
        const rows = this.data.decisions;
        const line = (each) =>
            h("li", { value: each.number }, h("p", {}, each.matter), h("small", {}, [each.of, each.lead ? `牵头：${each.lead.name}` : "", each.helpers.length ? `配合：${each.helpers.map((unit) => unit.name).join("、")}` : "", each.person ? `责任人：${each.person.name}` : "", each.deadline ? `时限：${each.deadline}` : "未定时限"].filter(Boolean).join("　")));
        this.show("本次议定事项", "reading", h("h2", {}, `本次议定事项（${rows.length} 件）`), rows.length ? h("ol", { tabindex: "0" }, rows.map(line)) : h("p", {}, "还没有记录。按 D 记一条。"), h("form", { method: "dialog" }, h("button", { class: "main" }, "关闭", key("Esc"))));
    }

    // ---- Ending
    end() {
        const untold = this.data.rows.filter((row) => !row.touched && !row.filed);
        const unsaved = this.outbox.count();
        const lines = [
            `已填 ${this.data.rows.length - untold.length} 个项目，未填 ${untold.length} 个`,
            `议定事项 ${this.data.decisions.length} 件`,
            "结束后会议记录定格，系统起草纪要；签发之前不发任何通知，可以撤销结束",
        ];
        const go = h("button", { class: "main", type: "button", disabled: unsaved > 0, onclick: () => this.ended() }, "结束会议，起草纪要", key("回车"));
        this.show("结束会议", "end", h("h2", {}, "结束会议"), unsaved ? h("p", { class: "error", role: "alert" }, `还有 ${unsaved} 处没有保存，请先保存或处理`) : null, h("ul", {}, lines.map((words) => h("li", {}, words))), h("form", { method: "dialog", class: "buttons" }, go, h("button", {}, "继续开会", key("Esc"))));
        go.focus();
    }

    ended() {
        this.close();
        this.outbox.command({ do: "close" });
    }

    minutes(told) {
        const part = (title, text) => (text ? h("section", {}, h("h3", {}, title), text.split("\n").map((line) => h("p", {}, line))) : null);
        this.show(
            "纪要草稿",
            "minutes",
            h("h2", {}, told.title),
            h("p", { class: "quiet-line" }, "草稿，尚未签发。可到纪要页面修改、下载、提请签发。"),
            h("div", { class: "paper", tabindex: "0" }, part("会议概况", told.background), part("会议内容", told.body), part("会议强调", told.remarks), this.data.decisions.length ? h("section", {}, h("h3", {}, "议定事项"), h("ol", {}, this.data.decisions.map((each) => h("li", {}, each.matter)))) : null),
            h("form", { method: "dialog", class: "buttons" }, h("a", { class: "button main", href: told.url }, "修改和下载纪要"), h("button", {}, "留在本页", key("Esc"))),
        );
    }
}
