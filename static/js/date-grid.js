// WAI-ARIA APG date grid: one tab stop; arrows move a day or a week, Home and End to the week's edges, PageUp and
// PageDown to the same day of another month, or its last. A day of another month turns to it. Without this file
// every day is a submit button of its own.
const SELECTED = '[aria-pressed="true"], [aria-selected="true"] .day';
let landing = null; // the day that gets the focus in the month that is being fetched

function iso(year, month, day) {
  return new Date(Date.UTC(year, month - 1, day)).toISOString().slice(0, 10);
}

function after(date, days) {
  const [year, month, day] = date.split("-").map(Number);
  return iso(year, month, day + days);
}

function sameDayOf(date, months) {
  const [year, month, day] = date.split("-").map(Number);
  const last = new Date(Date.UTC(year, month + months, 0)).getUTCDate();
  return iso(year, month + months, Math.min(day, last));
}

class DateGrid extends HTMLElement {
  connectedCallback() {
    this.days = [...this.querySelectorAll(".day")];
    if (!this.days.length) return;
    this.addEventListener("keydown", this);
    this.addEventListener("click", this);
    const inMonth = this.days.filter((day) => day.dataset.date.startsWith(this.dataset.month));
    const start = this.querySelector(SELECTED) ?? inMonth.find((day) => day.matches(".open")) ?? inMonth[0];
    const arrived = inMonth.find((day) => day.dataset.date === landing);
    landing = null;
    this.rove(arrived ?? start, Boolean(arrived));
  }

  rove(day, focus = true) {
    for (const other of this.days) other.tabIndex = other === day ? 0 : -1;
    if (focus) day.focus();
  }

  handleEvent(event) {
    if (event.type === "click") {
      const day = event.target.closest(".day");
      if (day) this.rove(day, false);
      else if (event.isTrusted) landing = null; // who presses a month's link stays on it
      return;
    }
    const at = this.days.indexOf(document.activeElement);
    if (at < 0 || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const forward = getComputedStyle(this).direction === "rtl" ? -1 : 1;
    const column = at % 7;
    const step = { ArrowRight: forward, ArrowLeft: -forward, ArrowDown: 7, ArrowUp: -7, Home: -column, End: 6 - column }[event.key];
    const months = { PageDown: 1, PageUp: -1 }[event.key];
    const date = this.days[at].dataset.date;
    if (step !== undefined) this.go(after(date, step), this.days[at + step]);
    else if (months) this.go(sameDayOf(date, months));
    else return;
    event.preventDefault();
  }

  // Where no other month can be turned to, the arrows still walk the days of it that are shown.
  go(date, shown) {
    const link = this.querySelector(date.slice(0, 7) > this.dataset.month ? "[data-next]" : "[data-prev]");
    if (!date.startsWith(this.dataset.month) && link) {
      landing = date;
      link.click();
    } else if (shown) this.rove(shown);
  }
}
customElements.define("date-grid", DateGrid);
