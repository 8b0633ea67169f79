// Amounts for showing while one types. What is kept, the server reads.

const PLAIN = /^\d+(\.\d+)?$/;

// What a cell says, in yuan; null where only the server can tell.
export function yuan(text) {
    const plain = text.replace(/[,，\s]/g, "").replace(/万元?$/, "");
    const large = plain.match(/^(\d+(?:\.\d+)?)亿元?$/);
    if (large) return Math.round(Number(large[1]) * 1e8);
    return PLAIN.test(plain) ? Math.round(Number(plain) * 1e4) : null;
}

function cut(number, places) {
    return String(Number(number.toFixed(places)));
}

export function brief(amount, places = 2) {
    if (amount === null || amount === undefined) return "—";
    const size = Math.abs(amount);
    if (size >= 1e8) return `${cut(amount / 1e8, 2)}亿元`;
    return size >= 1e4 || amount === 0 ? `${cut(amount / 1e4, places)}万元` : `${amount}元`;
}

export function share(part, whole) {
    return part === null || part === undefined || !whole ? null : (100 * part) / whole;
}
