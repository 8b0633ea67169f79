// Plan and actual of a year as a small curve: the plan a grey line, the figures told as a line with points.

import { svg } from "./dom.js";
import { brief } from "./money.js";

const WIDTH = 360;
const HEIGHT = 150;
const LEFT = 8;
const RIGHT = 8;
const TOP = 22;
const BOTTOM = 22;

export function curve(money, heldOn, now) {
    const month = Number(heldOn.slice(5, 7));
    const day = Number(heldOn.slice(8, 10));
    const targets = money.targets.length ? money.targets : money.plan ? Array.from({ length: 12 }, (_, at) => (money.plan * (at + 1)) / 12) : [];
    const told = money.done.map((amount, at) => [at + 1, amount]).filter(([, amount]) => amount !== null);
    if (now !== null && now !== undefined) {
        const own = [month - 1 + Math.min(day / 31, 1), now];
        told.splice(0, told.length, ...told.filter(([at]) => at < own[0]), own);
    }
    if (!targets.length && !told.length) return null;
    const top = Math.max(money.plan || 0, ...targets.map((each) => each || 0), ...told.map(([, amount]) => amount), 1);
    const x = (at) => LEFT + ((WIDTH - LEFT - RIGHT) * at) / 12;
    const y = (amount) => HEIGHT - BOTTOM - ((HEIGHT - TOP - BOTTOM) * amount) / top;
    const line = (points) => points.map(([at, amount]) => `${x(at).toFixed(1)},${y(amount).toFixed(1)}`).join(" ");
    const planned = targets.map((amount, at) => [at + 1, amount]).filter(([, amount]) => amount !== null && amount !== undefined);
    const last = told[told.length - 1];
    const due = money.due;
    const words = [
        money.plan ? `年度计划${brief(money.plan)}` : "没有已批准的年度计划",
        due !== null ? `到会议当天应完成${brief(due)}` : "",
        last ? `已完成${brief(last[1])}` : "没有完成数",
    ].filter(Boolean).join("，");
    const drawn = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "curve", role: "img", "aria-label": words });
    drawn.append(svg("line", { x1: x(0), y1: y(0), x2: x(12), y2: y(0), class: "axis" }));
    for (const at of [3, 6, 9, 12]) drawn.append(text(x(at), HEIGHT - 6, `${at}月`, at === 12 ? "end" : "middle", "tick"));
    const today = x(month - 1 + Math.min(day / 31, 1));
    drawn.append(svg("line", { x1: today, y1: TOP - 4, x2: today, y2: y(0), class: "today" }));
    if (planned.length) {
        drawn.append(svg("polyline", { points: line([[0, 0], ...planned]), class: "planned" }));
        drawn.append(text(x(12), Math.max(y(planned[planned.length - 1][1]) - 6, 14), `计划 ${brief(money.plan ?? planned[planned.length - 1][1])}`, "end", "planned-label"));
    }
    if (told.length) {
        const late = due !== null && last[1] < due;
        drawn.append(svg("polyline", { points: line([[0, 0], ...told]), class: late ? "done late" : "done" }));
        for (const [at, amount] of told) drawn.append(svg("circle", { cx: x(at), cy: y(amount), r: 3.5, class: late ? "point late" : "point" }));
        const right = x(last[0]) > WIDTH * 0.6;
        drawn.append(text(x(last[0]) + (right ? -8 : 8), y(last[1]) + (y(last[1]) > HEIGHT - BOTTOM - 14 ? -6 : 14), brief(last[1]), right ? "end" : "start", late ? "done-label late" : "done-label"));
    }
    return drawn;
}

function text(x, y, words, anchor, kind) {
    return svg("text", { x, y, "text-anchor": anchor, class: kind }, words);
}
