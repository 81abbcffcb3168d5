/* Small comforts. Every page does its work without this file. */

const root = document.documentElement;
root.dataset.scripted = "";

/* Show and hide a password. */
function reveal(button) {
  const field = document.getElementById(button.getAttribute("aria-controls"));
  setShown(field, button, field.type === "password");
}

function setShown(field, button, shown) {
  field.type = shown ? "text" : "password";
  button.textContent = shown ? button.dataset.hide : button.dataset.show;
}

/* Password managers offer to save what is a password field when it is sent. Chromium's looks before the event that
   says so. Firefox's never forgets a field that once was one, and offers it also when people leave without saving. */
document.addEventListener("click", ({ target }) => {
  const form = target.closest("[type=submit]:not([formnovalidate])")?.form;
  for (const button of form?.querySelectorAll("[data-reveals]") ?? []) {
    setShown(document.getElementById(button.getAttribute("aria-controls")), button, false);
  }
});

async function copy(button) {
  const field = document.getElementById(button.getAttribute("aria-controls"));
  const said = button.parentElement.querySelector("[role=status]");
  said.textContent = "";
  try {
    await navigator.clipboard.writeText(field.value);
  } catch {
    const selected = field.type;
    field.type = "text";
    field.select();
    const copied = document.execCommand("copy");
    field.type = selected;
    if (!copied) return;
  }
  said.textContent = button.dataset.done;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-reveals], [data-copies]");
  if (!button) return;
  if ("reveals" in button.dataset) reveal(button);
  else copy(button);
});

/* Caps lock is the commonest wrong password. */
function noteCapsLock(event) {
  const note = event.target.closest?.(".field")?.querySelector("[data-caps-lock]");
  if (!note || !event.getModifierState) return;
  note.textContent = event.getModifierState("CapsLock") ? note.dataset.capsLock : "";
}
document.addEventListener("keydown", noteCapsLock);
document.addEventListener("keyup", noteCapsLock);

/* A weak password is confirmed, not whichever comes after it. */
document.addEventListener("input", ({ target }) => {
  if (target.name !== "new_password") return;
  const tick = target.form.elements.confirm_weak;
  if (tick) tick.checked = false;
});

/* A form is sent once; coming back, or waiting in vain, makes it usable again. */
const PATIENCE_MS = 15000;

function release(form) {
  delete form.dataset.sending;
  for (const button of form.querySelectorAll("button")) button.removeAttribute("aria-disabled");
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented) return;
  if ("sending" in form.dataset) {
    event.preventDefault();
    return;
  }
  form.dataset.sending = "";
  for (const asking of form.querySelectorAll("[hx-post]")) asking.dispatchEvent(new Event("htmx:abort"));
  for (const button of form.querySelectorAll("button")) button.setAttribute("aria-disabled", "true");
  setTimeout(release, PATIENCE_MS, form);
});

addEventListener("pageshow", () => document.querySelectorAll("form[data-sending]").forEach(release));

document.querySelector("[data-takes-focus]")?.focus();

/* Where there is room the menu of staff is not folded up; most browsers do that by css/components/menu.css alone. */
const fold = document.querySelector(".menu__fold");
if (fold && !CSS.supports("selector(::details-content)")) {
  const room = matchMedia("(min-width: 56rem)");
  const unfold = () => {
    fold.open = room.matches;
    fold.toggleAttribute("data-unfolded", room.matches);
  };
  room.addEventListener("change", unfold);
  unfold();
}

/* What is being sent is not judged any more. */
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt.closest("form[data-sending]")) event.preventDefault();
});

/* A button whose part did not arrive sends the whole form instead. */
for (const failure of ["htmx:sendError", "htmx:responseError"]) {
  document.addEventListener(failure, ({ detail: { elt } }) => {
    if (elt.matches("button[type=submit]")) elt.form.requestSubmit(elt);
  });
}
