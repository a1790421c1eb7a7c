// Adds to the page what needs a script: zoom, and one stop of the Tab key for each picture, inside which
// the arrow keys move. It draws a part of the time as marks.rs and lanes.rs draw all of it.
(() => {
  "use strict";
  const SLICES = 32, FEW = 3, SHORT = 4, COLUMNS = 480, MOST_TICKS = 5, THIN = 500;
  const SVG = "http://www.w3.org/2000/svg";
  const HTML = "http://www.w3.org/1999/xhtml";

  const make = (space, name, attributes, ...children) => {
    const element = document.createElementNS(space, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  };
  const svg = (name, attributes, ...children) => make(SVG, name, attributes, ...children);
  const scale = (value, parts, whole) => Math.floor((value * parts) / Math.max(whole, 1));
  const percent = (thousandths) => `${thousandths / 1000}%`;
  const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);

  // Times: text.rs
  const unitOf = (us) => (us < 1e3 ? [1, "µs"] : us < 1e6 ? [1e3, "ms"] : [1e6, "s"]);
  const exact = (us, [size, unit] = unitOf(us)) => `${us / size} ${unit}`;

  // Ticks: ticks.rs
  const ticks = (from, to) => {
    let distance = 1;
    for (let decade = 1; Math.floor((to - from) / distance) > MOST_TICKS; decade *= 10)
      for (const factor of [2, 5, 10])
        if (Math.floor((to - from) / distance) > MOST_TICKS) distance = decade * factor;
    const all = [];
    for (let n = Math.ceil(from / distance); n * distance <= to; n++) all.push(n * distance);
    return all;
  };

  // Marks: marks.rs. A bar that reaches beyond the window is drawn as far as that goes.
  const inWindow = (bars, { from, to }) =>
    bars
      .filter((bar) => (bar.start < to && bar.end > from) || (bar.start === bar.end && bar.start >= from && bar.start <= to))
      .map((bar) => ({ bar, start: Math.max(bar.start, from) - from, end: Math.min(bar.end, to) - from, label: bar.label }));

  const marksOf = (row, window) => {
    const length = window.to - window.from;
    const shown = inWindow(row.bars, window);
    if (row.of > 1) return [partsOf(row, shown, window), cellsOf(shown, row.of, length)];
    const isShort = ({ start, end }) => (end - start) * SLICES * SHORT < length;
    const slices = Array.from({ length: SLICES }, () => []);
    const marks = [];
    const one = (piece) => ({ start: piece.start, end: piece.end, one: piece.bar });
    for (const piece of shown)
      if (isShort(piece)) slices[Math.min(scale(piece.start, SLICES, length), SLICES - 1)].push(piece);
      else marks.push(one(piece));
    const crowded = [];
    for (const slice of slices)
      if (slice.length <= FEW) marks.push(...slice.map(one));
      else {
        marks.push(manyOf(slice));
        crowded.push(...slice);
      }
    marks.sort((a, b) => a.start - b.start);
    return [marks, cellsOf(crowded, 1, length)];
  };

  const manyOf = (pieces) => {
    const counts = new Map();
    for (const { label } of pieces) counts.set(label, (counts.get(label) ?? 0) + 1);
    const start = Math.min(...pieces.map((piece) => piece.start));
    const end = Math.max(...pieces.map((piece) => piece.end));
    const inside = sum(pieces.map((piece) => piece.end - piece.start));
    return { start, end, counts, busy: Math.min(scale(inside, 100, Math.max(end - start, 1)), 100) };
  };

  const partsOf = (row, shown, { from, to }) => {
    const parts = [];
    for (let slice = 0; slice < SLICES; slice++) {
      const [start, end] = [scale(slice, to - from, SLICES), scale(slice + 1, to - from, SLICES)];
      const inside = shown.filter((piece) => piece.start < end && (piece.end > start || piece.start === start));
      if (inside.length === 0) continue;
      const covered = sum(inside.map((piece) => Math.min(piece.end, end) - Math.max(piece.start, start)));
      parts.push({ start, end, busy: Math.min(scale(covered, 100, (end - start) * row.of), 100) });
    }
    return parts;
  };

  const cellsOf = (pieces, of, length) => {
    const covered = Array.from({ length: COLUMNS }, () => new Map());
    const perUs = COLUMNS / Math.max(length, 1);
    for (const { start, end, label } of pieces) {
      const [from, to] = [start * perUs, Math.max(end, start + 1) * perUs];
      for (let column = scale(start, COLUMNS, length); column < COLUMNS && column < to; column++) {
        const more = Math.max(Math.min(to, column + 1) - Math.max(from, column), 0);
        covered[column].set(label, (covered[column].get(label) ?? 0) + more);
      }
    }
    const runs = [];
    covered.forEach((cell, column) => {
      const labels = [...cell].sort(([a], [b]) => a - b);
      const share = sum(labels.map(([, covers]) => covers)) / of;
      if (share <= 0) return;
      const [label] = labels.reduce((best, next) => (next[1] > best[1] ? next : best));
      const shade = share <= 0.3 ? 1 : share <= 0.6 ? 2 : share <= 0.9 ? 3 : 4;
      const last = runs.at(-1);
      if (last && last.column + last.columns === column && last.label === label && last.shade === shade) last.columns++;
      else runs.push({ column, columns: 1, label, shade });
    });
    return runs;
  };

  // Drawing: lanes.rs
  const wordsOf = (mark, row, labels, from) => {
    if (mark.one) {
      const { start, end, label } = mark.one;
      return `${row.name} · ${labels[label].name} · from ${exact(start)} · ${exact(end - start)} long`;
    }
    const when = `from ${exact(mark.start + from)} to ${exact(mark.end + from)} · ${mark.busy} % busy`;
    if (!mark.counts) return `${row.name} · ${when}`;
    const counts = [...mark.counts].map(([label, count]) => `${count} × ${labels[label].name}`);
    return `${row.name} · ${counts.join(", ")} · ${when}`;
  };

  const drawLane = (lane, row, labels, bar, window) => {
    const length = window.to - window.from;
    const [marks, cells] = marksOf(row, window);
    const drawn = [];
    if (cells.length > 0) {
      const paths = new Map();
      for (const { column, columns, label, shade } of cells) {
        const key = `c${labels[label].colour} s${shade}`;
        paths.set(key, `${paths.get(key) ?? ""}M${column} .5h${columns}`);
      }
      const all = [...paths].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, d]) => svg("path", { class: key, d }));
      drawn.push(svg("svg", { class: "cells", "aria-hidden": "true", viewBox: `0 0 ${COLUMNS} 1`, preserveAspectRatio: "none", width: "100%", height: bar }, ...all));
    }
    for (const mark of marks) {
      const x = scale(mark.start, 100_000, length);
      const width = scale(mark.end, 100_000, length) - x;
      const thin = width < THIN ? " thin" : "";
      const look = mark.one ? `c${labels[mark.one.label].colour}${thin}` : "many";
      const text = svg("text", {}, wordsOf(mark, row, labels, window.from));
      const rect = svg("rect", { class: look, x: percent(x), width: percent(Math.max(width, 50)) });
      drawn.push(svg("g", { class: "m", role: "option", tabindex: "-1" }, rect, text));
    }
    lane.replaceChildren(...drawn);
  };

  const enliven = (figure) => {
    const data = JSON.parse(figure.querySelector(".spans").textContent);
    const rows = data.groups.flat();
    for (const row of rows) {
      row.bars = [];
      for (let n = 0, start = 0; n < row.spans.length; n += 3) {
        start += row.spans[n];
        row.bars.push({ start, end: start + row.spans[n + 1], label: row.spans[n + 2] });
      }
    }
    const groups = figure.querySelector(".groups");
    const [back, hint, range] = [".back", ".hint", ".range"].map((part) => figure.querySelector(part));
    const lanes = [...groups.querySelectorAll(".lane")];
    const bar = figure.classList.contains("dense") ? "0.6875rem" : "0.875rem";
    let shown = { from: 0, to: data.length };

    const marksIn = (element) => [...element.querySelectorAll(".m")];
    // Of all marks of a picture, one is reached by the Tab key.
    const enter = (mark) => {
      groups.querySelector('.m[tabindex="0"]')?.setAttribute("tabindex", "-1");
      mark?.setAttribute("tabindex", "0");
    };
    const focus = (mark) => {
      enter(mark);
      mark?.focus();
    };

    const drawAxis = () => {
      const length = shown.to - shown.from;
      const place = (tick) => percent(scale(tick - shown.from, 100_000, length));
      const unit = unitOf(shown.to);
      const all = ticks(shown.from, shown.to);
      const labels = all.map((tick) => {
        const part = scale(tick - shown.from, 100, length);
        const look = part === 0 ? "first" : part > 90 ? "last" : "";
        return make(HTML, "span", { class: look, style: `left:${place(tick)}` }, tick === 0 ? "0" : exact(tick, unit));
      });
      groups.querySelector(".axis > div").replaceChildren(...labels);
      for (const drawing of groups.querySelectorAll(".track > svg")) {
        drawing.querySelectorAll(".tick").forEach((line) => line.remove());
        drawing.prepend(...all.map((tick) => svg("line", { class: "tick", x1: place(tick), x2: place(tick), y1: "0", y2: "100%" })));
      }
    };

    // No closer than ten microseconds: spans are counted in whole ones.
    const possible = (length) => Math.round(Math.min(Math.max(length, 10), data.length));

    const show = (from, to) => {
      const length = possible(to - from);
      const first = Math.round(Math.min(Math.max(from, 0), data.length - length));
      shown = { from: first, to: first + length };
      drawAxis();
      lanes.forEach((lane, n) => drawLane(lane, rows[n], data.labels, bar, shown));
      enter(marksIn(groups)[0]);
      const isAll = length === data.length;
      hint.hidden = !isAll;
      back.hidden = isAll;
      range.textContent = isAll ? "" : `From ${exact(shown.from)} to ${exact(shown.to)}`;
    };
    const showAll = () => show(0, data.length);
    const isAll = () => back.hidden;

    // Where a mark is, as a share of the picture, and when.
    const edges = (mark) => {
      const [x, width] = ["x", "width"].map((name) => parseFloat(mark.firstChild.getAttribute(name)) / 100);
      return [x, x + width];
    };
    const middleOf = (mark) => {
      const [left, right] = edges(mark);
      return shown.from + ((left + right) / 2) * (shown.to - shown.from);
    };
    const apart = ([left, right], [otherLeft, otherRight]) => Math.max(left - otherRight, otherLeft - right, 0);
    const nearest = (marks, place) =>
      marks.length === 0 ? undefined : marks.reduce((best, mark) => (apart(place, edges(mark)) < apart(place, edges(best)) ? mark : best));

    // Shows `factor` times as much time with a mark in its middle, which keeps the focus.
    const zoom = (factor, mark) => {
      const lane = mark.parentNode;
      const middle = middleOf(mark);
      const half = possible((shown.to - shown.from) * factor) / 2;
      show(middle - half, middle + half);
      const place = (middle - shown.from) / (shown.to - shown.from);
      focus(nearest(marksIn(lane), [place, place]) ?? marksIn(groups)[0]);
    };

    groups.addEventListener("keydown", (event) => {
      const mark = event.target.closest(".m");
      if (!mark || event.ctrlKey || event.metaKey || event.altKey) return;
      const lane = lanes.indexOf(mark.parentNode);
      const inLane = marksIn(mark.parentNode);
      const beside = (step) => inLane[inLane.indexOf(mark) + step];
      const above = (step) => {
        for (let n = lane + step; lanes[n]; n += step) {
          const other = nearest(marksIn(lanes[n]), edges(mark));
          if (other) return other;
        }
      };
      const all = data.length / (shown.to - shown.from);
      const actions = {
        ArrowLeft: () => focus(beside(-1) ?? mark),
        ArrowRight: () => focus(beside(1) ?? mark),
        ArrowUp: () => focus(above(-1) ?? mark),
        ArrowDown: () => focus(above(1) ?? mark),
        Home: () => focus(inLane[0]),
        End: () => focus(inLane.at(-1)),
        "+": () => zoom(0.5, mark),
        "=": () => zoom(0.5, mark),
        "-": () => zoom(2, mark),
        0: () => zoom(all, mark),
        Escape: () => zoom(all, mark),
      };
      if (!Object.hasOwn(actions, event.key)) return;
      event.preventDefault();
      actions[event.key]();
    });

    groups.addEventListener("focusin", (event) => {
      const mark = event.target.closest(".m");
      if (mark) enter(mark);
    });

    back.addEventListener("click", () => {
      showAll();
      focus(marksIn(groups)[0]);
    });

    for (const track of groups.querySelectorAll(".track")) {
      let drag = null;
      const share = (event) => {
        const { left, width } = track.getBoundingClientRect();
        return Math.min(Math.max((event.clientX - left) / width, 0), 1);
      };
      const dragged = (event) => [drag.from, share(event)].sort((a, b) => a - b);
      const stop = () => {
        drag?.selection?.remove();
        drag = null;
      };
      track.addEventListener("pointerdown", (event) => {
        if (event.button === 0) drag = { from: share(event), x: event.clientX };
      });
      track.addEventListener("pointermove", (event) => {
        if (!drag) return;
        if (!drag.selection && Math.abs(event.clientX - drag.x) > 4) {
          track.setPointerCapture(event.pointerId);
          drag.selection = make(HTML, "div", { class: "selection" });
          track.append(drag.selection);
        }
        if (!drag.selection) return;
        const [left, right] = dragged(event);
        drag.selection.style.left = percent(left * 100_000);
        drag.selection.style.width = percent((right - left) * 100_000);
      });
      track.addEventListener("pointerup", (event) => {
        if (drag?.selection) {
          const [left, right] = dragged(event);
          const { from, to } = shown;
          show(from + left * (to - from), from + right * (to - from));
        } else if (drag && !isAll() && !event.target.closest(".m")) {
          // A click between the marks leads back, too.
          showAll();
        }
        stop();
      });
      track.addEventListener("pointercancel", stop);
    }

    for (const mark of marksIn(groups)) mark.setAttribute("tabindex", "-1");
    enter(marksIn(groups)[0]);
    figure.querySelector(".scripted").hidden = false;
  };

  document.querySelectorAll(".picture").forEach(enliven);
})();
