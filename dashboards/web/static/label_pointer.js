// Mouse, pen and finger: drag across a signal to mark, drag a mark to move it, drag its handles to resize it.

const DRAG_PX = 5;
const LEGS = ["left", "right"];

export function listenToPointer(board, desk) {
  let held = null;
  const timeAt = (e) => {
    const box = held.field.getBoundingClientRect();
    return desk.from + ((e.clientX - box.left) / box.width) * desk.length;
  };
  const show = (label) => {
    desk.preview = label;
    board.place();
  };

  board.host.addEventListener("pointerdown", (e) => {
    const field = e.target.closest(".field-of-leg");
    if (!field || e.button !== 0 || held) return;
    const handle = e.target.closest(".handle");
    const label = desk.marks.of(e.target.closest(".mark-box")?.dataset.key);
    held = { id: e.pointerId, x: e.clientX, field, leg: field.parentElement.dataset.leg, label, edge: handle?.dataset.edge, moved: false };
    // A finger on a mark that is not chosen chooses it first: what scrolls by is easily moved.
    held.still = label && !handle && e.pointerType === "touch" && label.key !== desk.key;
    held.t = timeAt(e);
  });

  board.host.addEventListener("pointermove", (e) => {
    if (held?.id !== e.pointerId) return;
    if (!held.moved && Math.abs(e.clientX - held.x) < DRAG_PX) return;
    if (!held.moved) board.host.setPointerCapture(e.pointerId);
    held.moved = true;
    if (!held.still) show(wanted(timeAt(e)));
  });

  board.host.addEventListener("pointerup", (e) => {
    if (held?.id !== e.pointerId) return;
    const { moved, label, still, edge } = held;
    const t = timeAt(e);
    const now = moved && !still ? wanted(t) : null;
    held = null;
    desk.preview = null;
    if (!now) return void (label && !edge ? desk.choose(label) : clicked(t));
    if (label) {
      desk.choose(label, { quietly: true });
      desk.change(now);
    } else desk.add(now);
  });

  board.host.addEventListener("pointercancel", () => {
    held = null;
    show(null);
  });

  function clicked(t) {
    desk.key = null;
    desk.put(t);
  }

  // The mark as it would be if the pointer were let go at t.
  function wanted(t) {
    const { label, edge, t: since, leg } = held;
    if (!label) {
      const [onset_s, end_s] = [since, t].sort((a, b) => a - b);
      return desk.fitting({ kind: desk.kind, leg: LEGS.includes(leg) && desk.leg !== "both" ? leg : desk.leg, onset_s, end_s });
    }
    if (edge) {
      const [onset_s, end_s] = [edge === "onset_s" ? t : label.onset_s, edge === "end_s" ? t : label.end_s].sort((a, b) => a - b);
      return desk.fitting({ ...label, onset_s, end_s });
    }
    const length = label.end_s - label.onset_s;
    const onset_s = Math.min(Math.max(label.onset_s + t - since, 0), desk.duration - length);
    return desk.fitting({ ...label, onset_s, end_s: onset_s + length });
  }
}
