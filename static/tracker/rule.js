// The form of a rule: of all parameters, only those of the chosen measure. Without this script all are shown with help.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
    const chosen = document.querySelector("select[name=measure]");
    if (!chosen) {
        return;
    }
    const fields = [...document.querySelectorAll("[name^=parameter_]")].map((field) => {
        const [, measure] = field.name.match(/^parameter_(.+)_[a-z]+$/);
        return { measure, row: field.closest(".form-row, .field-row") || field.parentElement };
    });
    const helps = [...document.querySelectorAll("[data-measure]")];
    const show = () => {
        fields.forEach(({ measure, row }) => { row.hidden = measure !== chosen.value; });
        helps.forEach((help) => { help.hidden = help.dataset.measure !== chosen.value; });
    };
    chosen.addEventListener("change", show);
    show();
});
