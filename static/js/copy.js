// A secret is copied by a button. Without this file, or where the browser keeps the clipboard shut, the field is marked.
const live = document.querySelector("#live");

async function copy(button) {
  const source = document.getElementById(button.dataset.copy);
  let words = button.dataset.copied;
  try {
    await navigator.clipboard.writeText(source.value);
  } catch {
    source.select();
    words = button.dataset.marked;
  }
  button.querySelector("span").textContent = words;
  live.textContent = "";
  setTimeout(() => { live.textContent = words; }, 50);
}

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", () => copy(button));
}
