// Making elements. Text is always put in as text: what people type is never read as markup.

export function h(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
        if (value === null || value === undefined || value === false) continue;
        if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
        else if (name === "style") Object.assign(element.style, value);
        else if (name === "value" || name === "checked" || name === "disabled" || name === "readOnly" || name === "textContent") element[name] = value;
        else element.setAttribute(name, value === true ? "" : value);
    }
    element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
    return element;
}

export function svg(tag, attributes = {}, ...children) {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
}

export function put(element, ...children) {
    element.replaceChildren(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
}

export const key = (...names) => names.map((name) => h("kbd", {}, name));

// A textarea as high as what is in it: nobody scrolls inside a field on a projector.
export function fit(area) {
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight + 2}px`;
}

// At once: what glides cannot be read, least of all on a wall.
export function reveal(element, block = "nearest") {
    element.scrollIntoView({ block, behavior: "instant" });
}

export function clock(iso) {
    return iso ? new Date(iso).toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", timeZone: "Asia/Shanghai" }) : "";
}

export function shortDay(iso) {
    if (!iso) return "";
    const [, month, day] = iso.split("-");
    return `${Number(month)}月${Number(day)}日`;
}
