// What changes without a new page is told: one role=status for words, and focus on the changed heading.
const live = document.querySelector("#live");
const trouble = document.querySelector("#trouble");

// The region is emptied first, so that the same words are read out again.
function say(words) {
  live.textContent = "";
  setTimeout(() => { live.textContent = words; }, 50);
}

function warn(words) {
  trouble.textContent = words;
  trouble.hidden = false;
  say(words);
}

const told = document.querySelector("#messages");
if (told) say(told.innerText);

// A view may answer with the header HX-Trigger: {"announce": "3 skills found"}.
document.addEventListener("announce", (event) => say(event.detail.value));

document.addEventListener("htmx:beforeRequest", (event) => {
  trouble.hidden = true;
  event.detail.requestConfig.from = document.activeElement;
  event.detail.target.setAttribute("aria-busy", "true");
});
document.addEventListener("htmx:afterRequest", (event) => event.detail.target.removeAttribute("aria-busy"));

// What is being replaced takes no press: it would act on what was chosen before.
document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-wait]") && event.target.closest('[aria-busy="true"]')) event.preventDefault();
});

// Where the focus is after a swap: "lost", still on the control that was pressed, or moved on meanwhile. htmx gives it
// back to a control of the same id.
function focusSince(from) {
  const at = document.activeElement;
  if (at === document.body) return "lost";
  return at === from || (from.id && at.id === from.id) ? "there" : "moved";
}

document.addEventListener("htmx:afterSettle", (event) => {
  const { triggeringEvent, from, elt: pressed } = event.detail.requestConfig ?? {};
  const cause = triggeringEvent?.type;
  const changed = event.detail.elt;
  const heading = changed.matches("[data-focus]") ? changed : changed.querySelector("[data-focus]");
  if (!heading) return;
  // Who typed or chose stays in the field; who pressed a button is taken to what it did, unless they have gone on.
  if (cause === "click" || cause === "submit") {
    const since = focusSince(from);
    const keeps = pressed.matches("[data-keep]");
    if (since === "moved" && !keeps) say(heading.innerText);
    if (since === "moved" || (since === "there" && keeps)) return;
    if (!heading.hasAttribute("tabindex")) heading.tabIndex = -1;
    heading.focus({ preventScroll: heading.dataset.focus === "still" });
    if (heading.matches(":focus-visible")) heading.scrollIntoView({ block: "nearest" });
  } else if (cause === "change" || cause === "input" || cause === "keyup") {
    say(heading.innerText);
  }
});

// A panel that loads by itself shows its own failure; everything else is told below the page.
function failed(event, words) {
  const note = event.detail.target.querySelector("[data-failed]");
  if (!note) {
    warn(words);
    return;
  }
  note.hidden = false;
  event.detail.target.querySelector("[data-loading]").hidden = true;
  say(note.innerText);
}

document.addEventListener("htmx:responseError", (event) => {
  const status = event.detail.xhr.status;
  failed(event, status === 403 ? live.dataset.refused : status === 404 ? live.dataset.gone : live.dataset.failed);
});
document.addEventListener("htmx:sendError", (event) => failed(event, live.dataset.offline));
document.addEventListener("htmx:timeout", (event) => failed(event, live.dataset.offline));

// The sheet of further entries on phones closes as a menu does.
const more = document.querySelector(".tabbar details");
if (more) {
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !more.open) return;
    more.open = false;
    more.querySelector("summary").focus();
  });
  document.addEventListener("click", (event) => {
    if (!more.contains(event.target)) more.open = false;
  });
}
