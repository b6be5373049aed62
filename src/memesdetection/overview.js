"use strict";
for (const table of document.querySelectorAll("table.pictures")) {
  const heads = [...table.tHead.rows[0].cells];
  const collator = new Intl.Collator(undefined, { numeric: true });
  heads.forEach((head, column) => {
    head.querySelector("button").addEventListener("click", () => {
      const numbers = "number" in head.dataset;
      // Numbers start with the largest, words with A.
      const before = head.getAttribute("aria-sort") || (numbers ? "ascending" : "descending");
      const sign = before === "ascending" ? -1 : 1;
      const value = (row) => {
        const cell = row.cells[column];
        return numbers ? Number(cell.dataset.value) : cell.textContent;
      };
      const rows = [...table.tBodies[0].rows].map((row) => [value(row), row]);
      rows.sort(([a], [b]) => sign * (numbers ? a - b : collator.compare(a, b)));
      table.tBodies[0].replaceChildren(...rows.map(([, row]) => row));
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", sign < 0 ? "descending" : "ascending");
    });
  });
}
