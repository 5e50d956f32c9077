/**
 * A pattern: drawn with a pointer, pressed point by point, or with the keyboard. What is drawn is on a canvas, and said aloud;
 * no attribute of the page holds it.
 */
import { LEAST_CELLS, weaknesses } from "../index.ts";
import { button, el, fresh, Said } from "./dom.ts";
import { type Scene, type Step, foot } from "./step.ts";
import { ofWeakness } from "./texts.ts";

const ARROWS: Record<string, [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Asks for it; `repeated`: it has been chosen a moment ago. */
export function patternStep(scene: Scene, repeated: boolean, done: (cells: number[]) => void): Step {
  const { say } = scene;
  const size = scene.keypad.pattern ?? 0;
  const cells: number[] = [];
  const said = new Said();
  const end = foot(scene, () => finish());
  const canvas = el("canvas", { "aria-hidden": "true" });
  const how = fresh("how");
  const place = (cell: number) => ({ row: Math.floor(cell / size) + 1, column: (cell % size) + 1 });
  const points = Array.from({ length: size * size }, (_, cell) =>
    el("button", {
      type: "button",
      class: "vp1-point",
      "aria-label": say("pattern.point", place(cell)),
      tabindex: cell === 0 ? 0 : -1,
      on: { click: () => add(cell) },
    }),
  );
  const grid = el(
    "div",
    {
      class: `vp1-grid vp1-grid-${size}`,
      role: "group",
      "aria-label": say("pattern.grid", { n: size }),
      "aria-describedby": how,
      on: { keydown: (event) => key(event as KeyboardEvent), pointerdown: (event) => drag(event as PointerEvent) },
    },
    canvas,
    ...points,
  );

  function add(cell: number): void {
    end.wrong.say("");
    if (cells.includes(cell)) {
      // A pointer that goes over a point twice means it once.
      if (cells.at(-1) !== cell) said.say(say("pattern.there"));
      return;
    }
    cells.push(cell);
    said.say(say("pattern.added", { n: cells.length, ...place(cell) }));
    draw();
  }

  function undo(): void {
    cells.pop();
    said.say(say("pattern.left", { n: cells.length }));
    draw();
  }

  function wipe(): void {
    cells.fill(0);
    cells.length = 0;
    said.say("");
    draw();
  }

  function key(event: KeyboardEvent): void {
    const at = points.indexOf(document.activeElement as HTMLButtonElement);
    const arrow = ARROWS[event.key];
    if (event.key === "Backspace") undo();
    else if (arrow && at >= 0) walk(at, arrow);
    else return;
    event.preventDefault();
  }

  function walk(from: number, [x, y]: [number, number]): void {
    const column = Math.min(size - 1, Math.max(0, (from % size) + x));
    const row = Math.min(size - 1, Math.max(0, Math.floor(from / size) + y));
    stand(row * size + column);
    points[row * size + column]?.focus();
  }

  /** One point at a time is in the order of the tabulator. */
  function stand(cell: number): void {
    points.forEach((point, at) => point.setAttribute("tabindex", at === cell ? "0" : "-1"));
  }

  /** Every point under the pointer, until it is lifted. */
  function drag(begun: PointerEvent): void {
    if (begun.button !== 0) return;
    const over = (event: PointerEvent) => {
      const point = document.elementFromPoint(event.clientX, event.clientY);
      const cell = points.indexOf(point as HTMLButtonElement);
      if (cell >= 0) add(cell);
    };
    const stop = () => {
      removeEventListener("pointermove", over);
      removeEventListener("pointerup", stop);
      removeEventListener("pointercancel", stop);
    };
    (begun.target as Element).releasePointerCapture?.(begun.pointerId);
    addEventListener("pointermove", over);
    addEventListener("pointerup", stop);
    addEventListener("pointercancel", stop);
    over(begun);
  }

  function draw(): void {
    const side = grid.clientWidth;
    const pen = canvas.getContext("2d");
    if (!pen || side === 0) return;
    const scale = devicePixelRatio || 1;
    [canvas.width, canvas.height] = [side * scale, side * scale];
    pen.scale(scale, scale);
    const style = getComputedStyle(grid);
    const middle = (cell: number): [number, number] => {
      const { row, column } = place(cell);
      return [((column - 0.5) * side) / size, ((row - 0.5) * side) / size];
    };
    pen.strokeStyle = pen.fillStyle = style.getPropertyValue("--accent").trim() || style.color;
    [pen.lineWidth, pen.lineJoin, pen.lineCap] = [6, "round", "round"];
    pen.beginPath();
    for (const cell of cells) pen.lineTo(...middle(cell));
    pen.stroke();
    for (const [order, cell] of cells.entries()) {
      pen.beginPath();
      pen.arc(...middle(cell), order === 0 ? 14 : 11, 0, 2 * Math.PI);
      pen.fill();
    }
  }

  function finish(): void {
    const [weak] = scene.enrolling ? weaknesses({ pin: "", grid: size, cells }) : [];
    if (cells.length < LEAST_CELLS) end.wrong.say(say("pattern.none"));
    else if (weak) end.wrong.say(say(ofWeakness(weak)));
    else return done(cells.slice());
    points.find((point) => point.tabIndex === 0)?.focus();
  }

  const body = el(
    "div",
    {},
    el("p", { class: "help", id: how }, say("pattern.how")),
    grid,
    el(
      "div",
      { class: "vp1-pair" },
      button(say("pattern.undo"), undo, { class: "quiet" }),
      button(say("pattern.clear"), wipe, { class: "quiet" }),
    ),
    said.element,
    end.element,
  );
  new ResizeObserver(draw).observe(grid);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  return { title: say(repeated ? "pattern.again" : "pattern.title"), body, focus: () => points[0]?.focus(), wipe };
}
