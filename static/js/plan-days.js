// The plan shows as many days as the offer has. Without this file it does so when the form is shown again, and the
// later days stand folded up below.
const days = document.getElementById("id_days");
const rows = [...document.querySelectorAll("[data-day]")];
const later = document.querySelector("[data-later-days]");

function follow() {
  const number = Number(days.value);
  if (!(number >= 1 && number <= rows.length)) return;
  for (const row of rows) row.hidden = Number(row.dataset.day) > number;
  if (!later) return;
  later.hidden = !later.querySelector("[data-day]:not([hidden])");
  later.open = !later.hidden;
}

if (days) {
  days.addEventListener("input", follow);
  follow();
}
