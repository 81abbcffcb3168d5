/* A minute before the session ends it says so, and once it is over nothing typed is sent into the void.
   It counts by itself: asking the server would keep the session alive. */

const WARNING_MS = 60_000;
const TICK_MS = 1_000;

const session = document.getElementById("session");
const tabs = new BroadcastChannel("session");
const seconds = new Intl.NumberFormat(document.documentElement.lang, {
  style: "unit",
  unit: "second",
  unitDisplay: "long",
});

let endsAt = 0;
let isFinal = false;
let isSomebodyElse = false;
let phase = "";

function restIs(rest, final) {
  endsAt = Date.now() + rest * 1000;
  isFinal = final;
}

function phaseNow() {
  const rest = endsAt - Date.now();
  if (rest > WARNING_MS) return "";
  if (rest <= 0) return "over";
  return isFinal ? "ends-for-good" : "ends";
}

function dialogOf(wanted) {
  return session.querySelector(`dialog[data-session="${wanted}"]`);
}

/* A dialog that was closed by hand stays closed until the next one is due. */
function look() {
  const due = phaseNow();
  const rest = seconds.format(Math.max(0, Math.ceil((endsAt - Date.now()) / 1000)));
  for (const figure of session.querySelectorAll("[data-session-rest]")) figure.textContent = rest;
  if (due === phase) return;
  if (phase) dialogOf(phase).close();
  phase = due;
  if (due) dialogOf(due).showModal();
}

function insist() {
  look();
  if (!dialogOf("over").open) dialogOf("over").showModal();
}

function token() {
  return document.querySelector("[name=csrfmiddlewaretoken]").value;
}

async function prolong(button) {
  const said = button.closest("dialog").querySelector("[data-failed]");
  said.textContent = "";
  try {
    const answer = await fetch(session.dataset.prolong, {
      method: "POST",
      headers: { "X-CSRFToken": token() },
      redirect: "manual",
    });
    // Whoever is not signed in is sent to the start page.
    if (answer.type === "opaqueredirect") restIs(0, isFinal);
    else learn(await answer.json());
  } catch {
    said.textContent = said.dataset.failed;
  }
  look();
}

/* The session belongs to the browser, so every tab knows what one of them has done. */
function tellTheOtherTabs() {
  tabs.postMessage({ account: session.dataset.account, endsAt, isFinal, token: token() });
}

/* Whoever signs in gets a new token; forms that were open before are given it. */
function takeToken({ data }) {
  if (!data.token) return;
  for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = data.token;
}

function hearAnotherTab({ data }) {
  isSomebodyElse = Boolean(data.account) && data.account !== session.dataset.account;
  if (data.account === session.dataset.account) {
    ({ endsAt, isFinal } = data);
    takeToken({ data });
  } else endsAt = 0;
  look();
}

function learn(rest) {
  restIs(rest.seconds, rest.final);
  tellTheOtherTabs();
}

/* What htmx asks for is a sign of life, too. */
function learnFromAnswer({ detail }) {
  const rest = detail.xhr.getResponseHeader("X-Session-Rest");
  if (!rest) return;
  learn(JSON.parse(rest));
  look();
}

/* What is taken from whoever sends it is not lost; but nothing is sent in the name of somebody else. */
function stopWhatWouldBeLost(event) {
  if (phaseNow() !== "over") return;
  if (!isSomebodyElse && event.target.closest("form[data-needs-no-session]")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  insist();
}

/* htmx asked for a part of this page and got another page: the session is over. Nothing of that page is swapped in. */
function keepThisPage({ detail }) {
  const { pathname } = new URL(detail.xhr.responseURL);
  if (pathname === new URL(detail.pathInfo.requestPath, location.href).pathname) return;
  detail.shouldSwap = false;
  restIs(0, isFinal);
  look();
}

function begin() {
  restIs(Number(session.dataset.seconds), session.dataset.final === "yes");
  tabs.addEventListener("message", hearAnotherTab);
  session.addEventListener("click", ({ target }) => {
    if (target.closest("[data-session-prolongs]")) prolong(target);
    if (target.closest("[data-session-closes]")) target.closest("dialog").close();
  });
  document.addEventListener("submit", stopWhatWouldBeLost, { capture: true });
  document.addEventListener("htmx:beforeRequest", stopWhatWouldBeLost);
  document.addEventListener("htmx:beforeSwap", keepThisPage);
  document.addEventListener("htmx:afterRequest", learnFromAnswer);
  setInterval(look, TICK_MS);
  tellTheOtherTabs();
}

if (session) begin();
else {
  tabs.addEventListener("message", takeToken);
  // A page may do without all this although somebody is signed in.
  if (!document.getElementById("sign-out")) tabs.postMessage({ account: "" });
}
