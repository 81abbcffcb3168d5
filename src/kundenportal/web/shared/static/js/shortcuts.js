/* Single keys at the desk, for whoever has not switched them off. Which of them lead where stands in
   elements/shortcuts.html; here is only what they do. None of them is heard while something is typed or chosen. */

const SEQUENCE_MS = 1500;
const help = document.getElementById("shortcuts");
const places = new Map([...help.querySelectorAll("a[data-keys]")].map((link) => [link.dataset.keys, link]));
let begun = { key: "", at: -SEQUENCE_MS };

function search() {
  const field = document.querySelector("main input[type=search]");
  if (!field) return places.get("/").click();
  field.focus();
  field.select();
}

/* The next step of the row, or what leads to it: Enter does the rest. */
function goToRow(step) {
  const rows = [...document.querySelectorAll("main .list-table tbody tr")];
  const here = rows.indexOf(document.activeElement.closest("tr"));
  const row = here < 0 ? rows.at(step > 0 ? 0 : -1) : rows[here + step];
  (row?.querySelector("[data-next-step]") ?? row?.querySelector("a[href], button"))?.focus();
}

const deeds = {
  "?": () => help.showModal(),
  "/": search,
  j: () => goToRow(1),
  k: () => goToRow(-1),
  n: () => document.querySelector("main a[rel=next]")?.click(),
  p: () => document.querySelector("main a[rel=prev]")?.click(),
};

function isBusy({ target }) {
  return target.closest?.("input, select, textarea, [contenteditable]") || document.querySelector("dialog[open]");
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (isBusy(event)) return;
  const { key, timeStamp } = event;
  const isSecond = begun.key && timeStamp - begun.at < SEQUENCE_MS;
  const place = isSecond ? places.get(`${begun.key} ${key}`) : undefined;
  begun = { key: key === "g" && !isSecond ? key : "", at: timeStamp };
  const deed = place ? () => place.click() : isSecond ? undefined : deeds[key];
  if (!deed) return;
  event.preventDefault();
  deed();
});

help.addEventListener("click", ({ target }) => {
  if (target.closest("[data-shortcuts-close]")) help.close();
});
