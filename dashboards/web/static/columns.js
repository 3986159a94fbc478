// The binary answers of the server (dashboards/web/columns.py): header length, JSON header, little-endian float32.

export function decode(buffer) {
  const size = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, size)));
  const base = 4 + size;
  for (const column of header.columns) column.values = new Float32Array(buffer, base + column.offset, column.n);
  return header;
}

export const SIGN_IN = 401;

// The server did not answer, or refused.
export class Unanswered extends Error {}

const PATIENCE_MS = 10000;
// A whole night, over a slow way, or decoded for the first time.
const LONG_PATIENCE_MS = 60000;

// The whole answer: one that stops half way is none either.
export async function ask(url, patience = PATIENCE_MS) {
  let response;
  try {
    const coming = await fetch(url, { signal: AbortSignal.timeout(patience) });
    response = new Response(await coming.arrayBuffer(), coming);
  } catch (error) {
    throw new Unanswered(url, { cause: error });
  }
  // The session is over: the page itself leads to where one signs in again, and back.
  if (response.status === SIGN_IN) location.reload();
  if (!response.ok) throw new Unanswered(`${url}: ${response.status}`);
  return response;
}

export async function fetchColumns(url, patience = LONG_PATIENCE_MS) {
  return decode(await (await ask(url, patience)).arrayBuffer());
}

// uPlot draws a gap where a value is null.
export function nullable(values) {
  return Array.from(values, (v) => (Number.isNaN(v) ? null : v));
}
