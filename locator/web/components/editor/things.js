// Things: all that can be tapped or dragged, where it is shown: where the visitor has it, else where Python has it.

// moved: key -> newest event that Python has not answered; drag: what is being dragged, if anything.
function thingsOf({ handles, marks, others, measure, parts, words }, moved, drag) {
  const nameOfEnd = (number) => worded(words.end, { measure: measure.label, number });
  const nameOfCorner = (part, number) => worded(words.corner, { part, number });
  const all = [
    ...handles.map((handle) => ({ ...handle, kind: "handle" })),
    ...marks.map((mark) => ({ ...mark, kind: "mark", name: mark.id })),
    ...others.map((other) => ({ ...other, kind: "person" })),
    ...(measure?.ends ?? []).map(([x_px, y_px], i) => (
      { kind: "measure", name: String(i), label: nameOfEnd(i + 1), x_px, y_px }
    )),
    ...parts.flatMap((corners, part) => corners.map(([x_px, y_px], i) => (
      { kind: "part", name: `${part}/${i}`, label: nameOfCorner(part + 1, i + 1), x_px, y_px }
    ))),
  ];
  return all.map((thing) => {
    const key = `${thing.kind}/${thing.name}`;
    const event = moved.get(key);
    if (drag?.key === key) [thing.x_px, thing.y_px] = drag.place;
    else if (event) ({ x_px: thing.x_px, y_px: thing.y_px } = event);
    return { ...thing, key };
  });
}

// What a screen reader says of a thing; a mark's text comes whole.
function spoken(thing, words) {
  const parts = thing.spoken ? [thing.spoken] : [thing.label, thing.hint, words.set_by[thing.set_by]];
  return parts.filter(Boolean).map((part) => part.replace(/[.。]$/, "")).join(". ");
}
