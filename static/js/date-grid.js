// WAI-ARIA APG date grid: one tab stop, arrows move a day or a week, Home and End go to the week's edges,
// PageUp and PageDown turn the month. Without this file every day is a submit button of its own.
const SELECTED = '[aria-pressed="true"], [aria-selected="true"] .day';
let landing = null; // where focus goes in the month that is being fetched: "first" or "last"

class DateGrid extends HTMLElement {
  connectedCallback() {
    this.days = [...this.querySelectorAll(".day")];
    if (!this.days.length) return;
    this.addEventListener("keydown", this);
    this.addEventListener("click", this);
    const inMonth = this.days.filter((day) => !day.matches(".off"));
    const start = this.querySelector(SELECTED) ?? this.days.find((day) => day.matches(".open")) ?? inMonth[0] ?? this.days[0];
    const arrived = { first: inMonth[0], last: inMonth.at(-1) }[landing];
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
      return;
    }
    const at = this.days.indexOf(document.activeElement);
    if (at < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const forward = getComputedStyle(this).direction === "rtl" ? -1 : 1;
    const column = at % 7;
    const step = { ArrowRight: forward, ArrowLeft: -forward, ArrowDown: 7, ArrowUp: -7, Home: -column, End: 6 - column }[event.key];
    if (step !== undefined) {
      const to = this.days[at + step];
      if (to) this.rove(to);
      else this.turn(Math.sign(step));
    } else if (event.key === "PageDown" || event.key === "PageUp") {
      this.turn(event.key === "PageDown" ? 1 : -1);
    } else return;
    event.preventDefault();
  }

  turn(by) {
    const link = this.querySelector(by > 0 ? "[data-next]" : "[data-prev]");
    if (!link) return;
    landing = by > 0 ? "first" : "last";
    link.click();
  }
}
customElements.define("date-grid", DateGrid);
