document.addEventListener("click", ({ target }) => {
  const head = target.closest("table.sortable thead th");
  if (head === null) return;
  const table = head.closest("table");
  const heads = [...head.parentElement.cells];
  const column = heads.indexOf(head);
  const down = head.getAttribute("aria-sort") !== "descending";
  heads.forEach((other) => other.removeAttribute("aria-sort"));
  head.setAttribute("aria-sort", down ? "descending" : "ascending");
  const value = (row) => { const { sort } = row.cells[column].dataset; return sort === undefined ? row.cells[column].textContent : Number(sort); };
  const order = (a, b) => typeof a === "string" ? b.localeCompare(a) : b - a;
  const rows = [...table.tBodies[0].rows].sort((a, b) => order(value(a), value(b)) * (down ? 1 : -1));
  table.tBodies[0].append(...rows);
});
