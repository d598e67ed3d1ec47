/* Draws a text as a QR code (ISO/IEC 18004): bytes, error correction level L, versions 1 to 40. */
const ptgQr = (() => {
  "use strict";
  /* By version: codewords for error correction in each block, and the number of blocks (table 9). */
  const CORRECTION = [
    7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28, 28, 28, 30, 30, 26, 28, 30, 30, 30,
    30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
  ];
  const BLOCKS = [
    1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8, 8, 9, 9, 10, 12, 12, 12, 13, 14, 15, 16, 17, 18, 19, 19,
    20, 21, 22, 24, 25,
  ];
  const MASKS = [
    (x, y) => (x + y) % 2,
    (_x, y) => y % 2,
    (x) => x % 3,
    (x, y) => (x + y) % 3,
    (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2,
    (x, y) => ((x * y) % 2) + ((x * y) % 3),
    (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2,
    (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2,
  ];

  const side = (version) => version * 4 + 17;
  const centres = (version) => {
    if (version === 1) return [];
    const count = Math.floor(version / 7) + 2,
      step = version === 32 ? 26 : Math.ceil((version * 4 + 4) / (count * 2 - 2)) * 2;
    const found = [6];
    for (let at = count - 2; at >= 0; at--) found.push(side(version) - 7 - at * step);
    return found;
  };
  const codewords = (version) => {
    const marks = centres(version).length;
    const alignment = marks ? (25 * marks - 10) * marks - 55 : 0;
    return Math.floor(((16 * version + 128) * version + 64 - alignment - (version > 6 ? 36 : 0)) / 8);
  };
  const room = (version) => codewords(version) - CORRECTION[version - 1] * BLOCKS[version - 1];

  /* -- the field of 256 elements, and the remainders that correct errors -- */

  const product = (a, b) => {
    let made = 0;
    for (let bit = 7; bit >= 0; bit--) {
      made = (made << 1) ^ ((made >> 7) * 0x11d);
      if ((b >> bit) & 1) made ^= a;
    }
    return made;
  };
  const divisor = (degree) => {
    const made = new Array(degree - 1).fill(0).concat(1);
    let root = 1;
    for (let turn = 0; turn < degree; turn++) {
      for (let at = 0; at < degree; at++) made[at] = product(made[at], root) ^ (made[at + 1] || 0);
      root = product(root, 2);
    }
    return made;
  };
  const remainder = (data, by) => {
    const made = by.map(() => 0);
    for (const byte of data) {
      const factor = byte ^ made.shift();
      made.push(0);
      by.forEach((one, at) => {
        made[at] ^= product(one, factor);
      });
    }
    return made;
  };

  const packed = (bytes, version) => {
    const bits = [];
    const put = (value, length) => {
      for (let at = length - 1; at >= 0; at--) bits.push((value >> at) & 1);
    };
    put(4, 4);
    put(bytes.length, version < 10 ? 8 : 16);
    for (const byte of bytes) put(byte, 8);
    const most = room(version) * 8;
    put(0, Math.min(4, most - bits.length));
    put(0, (8 - (bits.length % 8)) % 8);
    for (let pad = 0xec; bits.length < most; pad ^= 0xec ^ 0x11) put(pad, 8);
    const made = [];
    for (let at = 0; at < bits.length; at += 8) made.push(Number.parseInt(bits.slice(at, at + 8).join(""), 2));
    return made;
  };

  const interleaved = (data, version) => {
    const count = BLOCKS[version - 1],
      by = divisor(CORRECTION[version - 1]);
    const short = Math.floor(data.length / count),
      long = data.length % count;
    const blocks = [];
    for (let at = 0, begin = 0; at < count; at++) {
      const end = begin + short + (at >= count - long ? 1 : 0);
      blocks.push(data.slice(begin, end));
      begin = end;
    }
    const made = [];
    for (let at = 0; at <= short; at++) for (const block of blocks) if (at < block.length) made.push(block[at]);
    const ends = blocks.map((block) => remainder(block, by));
    for (let at = 0; at < by.length; at++) for (const end of ends) made.push(end[at]);
    return made;
  };

  /* -- the square -- */

  const checked = (value, by, bits) => {
    let rest = value;
    for (let at = 0; at < bits; at++) rest = (rest << 1) ^ ((rest >> (bits - 1)) * by);
    return (value << bits) | rest;
  };

  const frame = (version) => {
    const size = side(version);
    const dark = Array.from({ length: size }, () => new Array(size).fill(false));
    const fixed = Array.from({ length: size }, () => new Array(size).fill(false));
    const put = (x, y, on) => {
      if (x < 0 || y < 0 || x >= size || y >= size) return;
      dark[y][x] = Boolean(on);
      fixed[y][x] = true;
    };
    for (let at = 0; at < size; at++) {
      put(6, at, at % 2 === 0);
      put(at, 6, at % 2 === 0);
    }
    const square = (x, y, radius, rings) => {
      for (let down = -radius; down <= radius; down++) {
        for (let right = -radius; right <= radius; right++) {
          put(x + right, y + down, rings.includes(Math.max(Math.abs(right), Math.abs(down))));
        }
      }
    };
    for (const [x, y] of [
      [3, 3],
      [size - 4, 3],
      [3, size - 4],
    ])
      square(x, y, 4, [0, 1, 3]);
    const marks = centres(version);
    for (const x of marks) {
      for (const y of marks) {
        const corner = [x, y].filter((one) => one === 6).length;
        if (!(corner === 2 || (corner === 1 && [x, y].includes(size - 7)))) square(x, y, 2, [0, 2]);
      }
    }
    const number = checked(version, 0x1f25, 12);
    for (let at = 0; version > 6 && at < 18; at++) {
      const on = (number >> at) & 1,
        long = size - 11 + (at % 3),
        wide = Math.floor(at / 3);
      put(long, wide, on);
      put(wide, long, on);
    }
    return { size, dark, fixed, put };
  };

  const format = ({ size, put }, mask) => {
    const bits = checked(8 | mask, 0x537, 10) ^ 0x5412;
    const bit = (at) => (bits >> at) & 1;
    for (let at = 0; at < 6; at++) put(8, at, bit(at));
    put(8, 7, bit(6));
    put(8, 8, bit(7));
    put(7, 8, bit(8));
    for (let at = 9; at < 15; at++) put(14 - at, 8, bit(at));
    for (let at = 0; at < 8; at++) put(size - 1 - at, 8, bit(at));
    for (let at = 8; at < 15; at++) put(8, size - 15 + at, bit(at));
    put(8, size - 8, true);
  };

  const fill = ({ size, dark, fixed }, data, mask) => {
    let at = 0;
    for (let right = size - 1; right > 0; right -= 2) {
      if (right === 6) right = 5;
      for (let step = 0; step < size; step++) {
        const y = (right + 1) & 2 ? step : size - 1 - step;
        for (const x of [right, right - 1]) {
          if (fixed[y][x]) continue;
          const on = at < data.length * 8 && (data[at >> 3] >> (7 - (at & 7))) & 1;
          dark[y][x] = Boolean(on) !== (MASKS[mask](x, y) === 0);
          at += 1;
        }
      }
    }
  };

  /* How hard a square is to read (section 7.8.3): long runs, blocks, and too much of one colour. */
  const penalty = (dark) => {
    const size = dark.length;
    let sum = 0,
      black = 0;
    const runs = (cell) => {
      for (let y = 0; y < size; y++) {
        for (let x = 0, run = 0; x < size; x++) {
          run = x && cell(x, y) === cell(x - 1, y) ? run + 1 : 1;
          if (run >= 5) sum += run === 5 ? 3 : 1;
        }
      }
    };
    runs((x, y) => dark[y][x]);
    runs((x, y) => dark[x][y]);
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        if (dark[y][x]) black += 1;
        if (x && y && [dark[y - 1][x], dark[y][x - 1], dark[y - 1][x - 1]].every((one) => one === dark[y][x])) sum += 3;
      }
    }
    return sum + Math.floor(Math.abs((black * 100) / size / size - 50) / 5) * 10;
  };

  const drawn = (data, version, mask) => {
    const square = frame(version);
    format(square, mask);
    fill(square, data, mask);
    return square.dark;
  };

  /* Returns the rows of the code, null where the text is too long for one. */
  const code = (text, mask) => {
    const bytes = [...new TextEncoder().encode(text)];
    const version = BLOCKS.findIndex((_, at) => bytes.length + (at < 9 ? 2 : 3) <= room(at + 1)) + 1;
    if (!version) return null;
    const data = interleaved(packed(bytes, version), version);
    if (mask !== undefined) return drawn(data, version, mask);
    const squares = MASKS.map((_, one) => drawn(data, version, one));
    const sums = squares.map(penalty);
    return squares[sums.indexOf(Math.min(...sums))];
  };

  const picture = (text, label) => {
    const rows = code(text);
    if (!rows) return null;
    const SVG = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(SVG, "svg"),
      ground = document.createElementNS(SVG, "rect"),
      path = document.createElementNS(SVG, "path");
    const whole = rows.length + 8;
    svg.setAttribute("viewBox", `0 0 ${whole} ${whole}`);
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", label);
    ground.setAttribute("width", whole);
    ground.setAttribute("height", whole);
    ground.setAttribute("fill", "#fff");
    const cells = rows.flatMap((row, y) => row.map((on, x) => (on ? `M${x + 4} ${y + 4}h1v1h-1z` : "")));
    path.setAttribute("d", cells.join(""));
    path.setAttribute("shape-rendering", "crispEdges");
    svg.append(ground, path);
    return svg;
  };

  return { code, picture };
})();
