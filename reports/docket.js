/* Sorting and filtering of tables.  The page is whole without it; nothing is fetched, stored or evaluated. */
(() => {
  "use strict";
  const text = (cell) => cell.dataset.value ?? cell.textContent.trim();
  const compare = (a, b) => {
    const [x, y] = [a, b].map((value) => (value === "" || value === "-" ? NaN : Number(value)));
    if (!Number.isNaN(x) && !Number.isNaN(y)) return x - y;
    if (Number.isNaN(x) !== Number.isNaN(y)) return Number.isNaN(x) ? -1 : 1;
    return a.localeCompare(b, document.documentElement.lang, { numeric: true });
  };

  const sortable = (table) => {
    const body = table.tBodies[0];
    const rows = [...body.rows];
    const heads = [...table.tHead.rows[table.tHead.rows.length - 1].cells];
    heads.forEach((head, column) => {
      if (head.tagName !== "TH") return; // above pictures
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        // The first click shows the most of a number, or the first of the words; the third one the order of the page.
        const number = head.classList.contains("number");
        const orders = number ? ["descending", "ascending", ""] : ["ascending", "descending", ""];
        const order = orders[(orders.indexOf(head.getAttribute("aria-sort") ?? "") + 1) % orders.length];
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        if (order) head.setAttribute("aria-sort", order);
        const sign = order === "descending" ? -1 : 1;
        const sorted = order
          ? [...rows].sort((a, b) => sign * compare(text(a.cells[column]), text(b.cells[column])))
          : rows;
        body.append(...sorted);
      });
    });
  };

  const filterable = (table) => {
    const rows = [...table.tBodies[0].rows];
    const label = document.createElement("label");
    const field = document.createElement("input");
    const count = document.createElement("output");
    label.className = "filter";
    field.type = "search";
    label.append(table.dataset.filter, " ", field);
    const show = () => {
      const words = field.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const row of rows) {
        const content = row.textContent.toLocaleLowerCase();
        row.hidden = !words.every((word) => content.includes(word));
        shown += row.hidden ? 0 : 1;
      }
      count.textContent = `${shown} / ${rows.length}`;
    };
    field.addEventListener("input", show);
    label.append(" ", count);
    (table.closest(".wide") ?? table).before(label);
    show();
  };

  for (const table of document.querySelectorAll("table[data-sort]")) sortable(table);
  for (const table of document.querySelectorAll("table[data-filter]")) filterable(table);

  // A link to a court opens the courts above it.
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let at = target?.closest("details"); at; at = at.parentElement.closest("details")) at.open = true;
    target?.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  if (location.hash) reveal();
})();
