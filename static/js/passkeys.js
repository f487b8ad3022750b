// Passkeys: asks the server what is to be signed, lets the browser ask its owner, and sends the answer as a form.
// Without this file, or without passkeys in the browser, what needs it stays hidden.
const read = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
const write = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=/g, "");

async function ask(form) {
  const answer = await fetch(form.dataset.ask, { method: "POST", body: new FormData(form) });
  if (!answer.ok) throw await answer.json().catch(() => ({}));
  const { publicKey } = await answer.json();
  publicKey.challenge = read(publicKey.challenge);
  if (publicKey.user) publicKey.user.id = read(publicKey.user.id);
  for (const one of publicKey.excludeCredentials ?? []) one.id = read(one.id);
  return publicKey;
}

function told(credential) {
  const response = {};
  for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"])
    if (credential.response[part]) response[part] = write(credential.response[part]);
  const { id, type } = credential;
  return JSON.stringify({ id, rawId: write(credential.rawId), type, response, clientExtensionResults: {} });
}

async function prove(event) {
  event.preventDefault();
  const form = event.target;
  const wrong = form.querySelector("[data-passkey-wrong]");
  wrong.dataset.none ??= wrong.lastElementChild.textContent;
  wrong.hidden = true;
  try {
    const publicKey = await ask(form);
    const making = "make" in form.elements;
    const credential = await navigator.credentials[making ? "create" : "get"]({ publicKey });
    form.elements.credential.value = told(credential);
    form.submit();
  } catch (error) {
    const words = { InvalidStateError: "again", SecurityError: "elsewhere" }[error.name];
    wrong.lastElementChild.textContent = wrong.dataset[words] ?? (error.refused || wrong.dataset.none);
    wrong.hidden = false;
  }
}

for (const form of document.querySelectorAll("form[data-ask]")) {
  if (!window.PublicKeyCredential) continue;
  form.hidden = false;
  form.addEventListener("submit", prove);
}
for (const note of document.querySelectorAll("[data-without-passkeys]")) note.hidden = Boolean(window.PublicKeyCredential);
