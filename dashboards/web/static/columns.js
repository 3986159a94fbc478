// The binary answers of the server (dashboards/web/columns.py): header length, JSON header, little-endian float32.

export function decode(buffer) {
  const size = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, size)));
  const base = 4 + size;
  for (const column of header.columns) column.values = new Float32Array(buffer, base + column.offset, column.n);
  return header;
}

export async function fetchColumns(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return decode(await response.arrayBuffer());
}

// uPlot draws a gap where a value is null.
export function nullable(values) {
  return Array.from(values, (v) => (Number.isNaN(v) ? null : v));
}
