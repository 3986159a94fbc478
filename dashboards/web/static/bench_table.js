// Tables of the bench: heads on top, and first in each row what it is about.

export function fillTable(table, heads, rows) {
  const head = document.createElement("thead");
  head.append(line("th", heads));
  const body = document.createElement("tbody");
  body.append(...rows.map((texts) => line("td", texts)));
  table.replaceChildren(head, body);
}

function line(cell, texts) {
  const row = document.createElement("tr");
  row.append(...texts.map((text, i) => Object.assign(document.createElement(i || cell === "th" ? cell : "th"), { textContent: text, scope: cell === "th" ? "col" : i ? undefined : "row" })));
  return row;
}
