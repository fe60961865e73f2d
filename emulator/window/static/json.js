// Formats JSON for reading. Numbers and strings stay as they are written. JSON inside a string, as in the `data` of an
// application's own messages, is formatted between the quotes.

const PIECE = /"(?:[^"\\]|\\.)*(?:"|\\?$)|[{}[\],:]|[^\s{}[\],:"]+/gs;
const DEPTH = 5;
const OPENS = { "{": "}", "[": "]" };

/** Whether a text is an object or an array in JSON. */
export function isJson(text) {
  if (!/^\s*[{[]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Formatted on several lines; also works for a text that was cut. */
export const pretty = (text) => laidOut(text, { colon: ": ", line: (level) => `\n${"  ".repeat(level)}` }, 0, DEPTH);

/** Formatted on one line. */
export const compact = (text) => laidOut(text, { colon: ":", line: () => "" }, 0, DEPTH);

function laidOut(text, style, level, depth) {
  const pieces = text.match(PIECE) ?? [];
  let shown = "";
  for (let index = 0; index < pieces.length; index++) {
    const piece = pieces[index];
    const next = pieces[index + 1];
    if (OPENS[piece] && next === OPENS[piece]) {
      shown += piece + next;
      index++;
    } else if (OPENS[piece]) shown += piece + style.line(++level);
    else if (piece === "}" || piece === "]") shown += style.line(--level) + piece;
    else if (piece === ",") shown += piece + style.line(level);
    else if (piece === ":") shown += style.colon;
    else shown += next === ":" ? piece : value(piece, style, level, depth);
  }
  return shown;
}

function value(piece, style, level, depth) {
  if (depth === 0 || !piece.startsWith('"')) return piece;
  const inside = textOf(piece);
  return isJson(inside) ? `"${laidOut(inside, style, level, depth - 1)}"` : piece;
}

function textOf(piece) {
  try {
    return JSON.parse(piece);
  } catch {
    // The end of what was cut.
    return "";
  }
}
