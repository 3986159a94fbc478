// An element of the page Label, with its properties and what is in it.

export function element(name, facts, ...inside) {
  const node = Object.assign(document.createElement(name), facts);
  node.append(...inside);
  return node;
}
