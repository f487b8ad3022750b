// Theme: as the device, light, dark. The cookie lets the server print data-theme on the next page, so nothing flashes.
const root = document.documentElement;
const after = { auto: "light", light: "dark", dark: "auto" };

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-theme-toggle]");
  if (!button) return;
  const theme = after[root.dataset.theme ?? "auto"];
  if (theme === "auto") delete root.dataset.theme;
  else root.dataset.theme = theme;
  const secure = location.protocol === "https:" ? ";secure" : "";
  document.cookie = `theme=${theme};path=/;max-age=31536000;samesite=lax${secure}`;
  document.querySelector("#live").textContent = button.dataset[theme];
});
