"""A walk through a page by Tab alone."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

PRESSES = 20  # at a time: asking the page after each would take most of the walk
MOST = 400
# What is written down at each stop is written when the key comes up: by then the browser has moved
# the focus and scrolled to it.
_WALK = """() => {
  const main = document.querySelector("main");
  const named = (one) => `${one.tagName.toLowerCase()}${one.id && "#" + one.id} `
    + `"${(one.labels?.[0] ?? one).innerText?.trim().slice(0, 40) || one.getAttribute("name")}"`;
  // Of a group of radios Tab stops at one; the arrows lead to the others.
  const stop = (one) => one.type === "radio" ? `${one.form?.action} ${one.name}` : one;
  const reachable = [...main.querySelectorAll(
    "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]"
  )].filter((one) => one.tabIndex >= 0 && !one.matches(":disabled") && !one.closest("[inert]")
    && one.checkVisibility({visibilityProperty: true}));
  const isMarked = (one) => getComputedStyle(one).outlineStyle !== "none"
    && parseFloat(getComputedStyle(one).outlineWidth) > 0;
  const isBar = (one) => ["fixed", "sticky"].includes(getComputedStyle(one).position);
  // A radio or a box that is drawn by its label is as large as that.
  const drawn = (one) => [one, ...(one.labels ?? [])];
  function isFocusShown(one) {
    for (let near = one, step = 0; near && near !== main && step < 4; step++) {
      if (isMarked(near)) return true;
      near = near.parentElement;
    }
    return drawn(one).some(isMarked);
  }
  function hiding(one) {
    const boxes = drawn(one).flatMap((part) => [...part.getClientRects()])
      .filter((box) => box.width > 2 && box.height > 2);
    // Of a field of many lines the browser shows the one in which one writes.
    const heights = one.tagName === "TEXTAREA" ? [0.1] : [0.1, 0.5, 0.9];
    const points = boxes.flatMap((box) => [0.1, 0.5, 0.9].flatMap((x) => heights.map(
      (y) => [box.left + x * box.width, box.top + y * box.height])));
    const seen = points.filter(([x, y]) => x >= 0 && y >= 0 && x < innerWidth && y < innerHeight);
    if (!seen.length) return "is out of sight";
    for (const [x, y] of seen) {
      for (let top = document.elementFromPoint(x, y); top; top = top.parentElement)
        if (!top.contains(one) && !one.contains(top) && isBar(top))
          return `lies under ${top.tagName.toLowerCase()}.${top.className}`;
    }
    return "";
  }
  const visited = [], faults = [];
  let last = null;
  const walk = window.walk = {left: false, faults};
  walk.end = () => {
    document.removeEventListener("keyup", look, true);
    const all = new Set(reachable.filter((one) => one.isConnected).map(stop));
    for (const one of reachable)
      if (all.delete(stop(one)) && !visited.includes(stop(one)))
        faults.push(`Tab never reaches ${named(one)}`);
    return faults;
  };
  function look() {
    const one = document.activeElement;
    if (one === last) return;  // the parts of a date
    last = one;
    if (!main.contains(one) || one === main) {
      walk.left ||= visited.length > 0 || one === document.body
        || Boolean(main.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING);
      return;
    }
    if (walk.left) return;
    if (visited.includes(stop(one))) faults.push(`Tab comes back to ${named(one)}`);
    visited.push(stop(one));
    if (!isFocusShown(one)) faults.push(`the focus is not to be seen on ${named(one)}`);
    const why = hiding(one);
    if (why) faults.push(`${named(one)} ${why}`);
  }
  document.addEventListener("keyup", look, true);
  // From the top, wherever the page itself has put the focus.
  document.body.tabIndex = -1;
  document.body.focus({preventScroll: true});
  document.body.removeAttribute("tabindex");
  scrollTo(0, 0);
}"""


def faults_of_the_walk(page: Page) -> list[str]:
    """Tab from the top of the page until it has left the main part.

    It should stop once at everything that one can use there; the focus should be seen where it
    is, and no bar that stays should lie over it.
    """
    page.evaluate(_WALK)
    for _ in range(MOST // PRESSES):
        for _ in range(PRESSES):
            page.keyboard.press("Tab")
        if page.evaluate("walk.left"):
            break
    found: Any = page.evaluate("walk.end()")
    if not page.evaluate("walk.left"):
        return [*found, f"Tab does not leave the main part within {MOST} steps"]
    return list(found)
